//! Sources of a locked package. What it requires is said by the lock, where features and platforms are settled already.

use depslim_formats::text::decode;
use depslim_formats::toml;
use depslim_model::{Facts, Owns, Provide, Source};

/// Reads the manifest of a package's sources.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let doc = match toml::parse(&decoded.text) {
        Ok(doc) => doc,
        Err(problem) => return Facts::broken(problem),
    };
    let mut manifest = Facts::default();
    crate::manifest::read_doc(&doc, &mut manifest);
    let provides = manifest.provides.into_iter().take(1).map(|own| Provide {
        first_party: false,
        plugins: Vec::new(),
        owns: Owns::Trees(vec![".".into()]),
        ..own
    });
    Facts { provides: provides.collect(), ..Facts::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn facts(text: &str) -> Facts {
        read(&Source { path: "hay-1.0.0/Cargo.toml", bytes: text.as_bytes(), settings: &Settings::default() })
    }

    #[test]
    fn a_package_owns_its_folder() {
        let facts = facts(
            "[package]\nname = \"hay\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n[lib]\nname = \"dry\"\n[dependencies]\noats = \"1\"\n",
        );
        let own = &facts.provides[0];
        assert_eq!(
            (own.package.as_str(), own.version.as_str(), own.modules.as_slice()),
            ("hay", "1.0.0", &["dry".to_owned()][..])
        );
        assert_eq!((own.owns.clone(), own.first_party), (Owns::Trees(vec![".".into()]), false));
        assert!(facts.requires.is_empty());
    }

    #[test]
    fn what_is_no_manifest_says_nothing() {
        assert!(facts("[").provides.is_empty() && facts("").provides.is_empty());
    }
}
