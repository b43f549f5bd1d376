//! The Java runtime's modules: which package is whose, and what each module requires. A table, made from the runtime itself.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// One module of the runtime.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: &'static str,
    /// What it requires.
    pub(crate) requires: Vec<&'static str>,
}

struct Table {
    modules: Vec<Module>,
    packages: FxHashMap<&'static str, usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { modules: Vec::new(), packages: FxHashMap::default() };
    let text: &'static str = include_str!("../data/jdk.txt");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, rest)) = line.split_once(" =") else { continue };
        let (requires, packages) = rest.split_once(':').unwrap_or((rest, ""));
        let requires = requires.split_whitespace().map(|word| word.trim_start_matches('!')).collect();
        let number = table.modules.len();
        table.packages.extend(packages.split_whitespace().map(|package| (package, number)));
        table.modules.push(Module { name, requires });
    }
    table
});

/// The module of that name.
pub(crate) fn module(name: &str) -> Option<&'static Module> {
    TABLE.modules.iter().find(|module| module.name == name)
}

/// The module that supplies a package, or a class by its full name.
pub(crate) fn module_of(name: &str) -> Option<&'static str> {
    // Most names are of nobody here: the first letters tell.
    if !["java", "jdk.", "sun.", "com.sun.", "org.w3c.", "org.xml.", "org.ietf.", "netscape."]
        .iter()
        .any(|start| name.starts_with(start))
    {
        return None;
    }
    let is_class = |part: &&str| part.starts_with(|c: char| c.is_ascii_uppercase());
    let length = name.split('.').take_while(|part| !is_class(part)).map(|part| part.len() + 1).sum::<usize>();
    let package = name.get(..length.saturating_sub(1))?;
    TABLE.packages.get(package).map(|number| TABLE.modules[*number].name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_lead_to_modules() {
        for (name, expect) in [
            ("java.lang.String", Some("java.base")),
            ("java.sql.Connection", Some("java.sql")),
            ("javax.naming.spi.NamingManager", Some("java.naming")),
            ("sun.misc.Unsafe", Some("jdk.unsupported")),
            ("com.sun.net.httpserver.HttpServer", Some("jdk.httpserver")),
            ("javax.inject.Inject", None),
            ("org.w3c.barn", None),
        ] {
            assert_eq!(module_of(name), expect, "{name}");
        }
    }

    #[test]
    fn every_required_module_is_there() {
        for module in &TABLE.modules {
            for required in &module.requires {
                assert!(self::module(required).is_some(), "{} requires {required}", module.name);
            }
        }
    }
}
