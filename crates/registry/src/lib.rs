//! The list of ecosystems.

use depslim_model::Ecosystem;

/// Every ecosystem that depslim knows.
pub const ECOSYSTEMS: &[&Ecosystem] = &[
    &depslim_go::ECOSYSTEM,
    &depslim_java::ECOSYSTEM,
    &depslim_node::ECOSYSTEM,
    &depslim_python::ECOSYSTEM,
    &depslim_rust::ECOSYSTEM,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The template: a language that nobody speaks.
    const TEMPLATE: &str = "toy";

    #[test]
    fn every_ecosystem_is_registered() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ecosystems");
        let folders: BTreeSet<String> = fs_err::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != TEMPLATE)
            .collect();
        let registered: BTreeSet<String> = ECOSYSTEMS.iter().map(|ecosystem| ecosystem.name.to_owned()).collect();
        assert_eq!(registered, folders);
    }

    #[test]
    fn names_and_package_url_types_are_unique() {
        for name in [|ecosystem: &Ecosystem| ecosystem.name, |ecosystem: &Ecosystem| ecosystem.purl] {
            let names: BTreeSet<&str> = ECOSYSTEMS.iter().map(|ecosystem| name(ecosystem)).collect();
            assert_eq!(names.len(), ECOSYSTEMS.len(), "{names:?}");
        }
    }
}
