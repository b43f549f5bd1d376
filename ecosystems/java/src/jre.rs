//! The Java runtime that production needs: modules, from the constant pools of all classes that ship, with what is loaded by name; and
//! the lowest version, from the format of the newest class file.
//!
//! Fat jars are read with the jars in them, multi-release jars with the classes for every version, and what a class names that is not
//! there does not matter: only the runtime's own packages are looked for.

use crate::archive::{Archive, Budget};
use crate::{class, jdk};
use std::collections::BTreeMap;

/// Jars in jars deeper than this are no application's.
const DEEPEST: usize = 3;

/// What a runtime has to have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Modules that something names, and the first that does.
    pub(crate) modules: BTreeMap<&'static str, String>,
    /// Major version of the newest class file that every runtime has to read.
    pub(crate) major: u16,
    /// Classes that could not be read.
    pub(crate) broken: u32,
}

impl Needs {
    /// Adds what a class or package of the runtime is supplied by.
    pub(crate) fn named(&mut self, name: &str, by: &str) {
        if let Some(module) = jdk::module_of(name) {
            self.modules.entry(module).or_insert_with(|| format!("{name} in {by}"));
        }
    }

    /// Adds all that the classes of an archive need. `label` is how evidence speaks of it.
    ///
    /// # Errors
    /// When it is no archive, or cut short.
    pub(crate) fn take(&mut self, bytes: &[u8], label: &str) -> Result<(), &'static str> {
        self.archive(bytes, label, 0, &mut Budget::default())
    }

    fn archive(&mut self, bytes: &[u8], label: &str, depth: usize, budget: &mut Budget) -> Result<(), &'static str> {
        let mut archive = Archive::of(bytes)?;
        let mut wanted = Vec::new();
        for entry in archive.entries() {
            let inner = entry.name.ends_with(b".jar") && depth < DEEPEST;
            if inner || entry.name.ends_with(b".class") {
                let optional =
                    entry.name.starts_with(b"META-INF/versions/") || entry.name.ends_with(b"module-info.class");
                wanted.push((String::from_utf8_lossy(entry.name).into_owned(), entry.at, inner, optional));
            }
        }
        for (name, at, inner, optional) in wanted {
            let read = archive.read(at, budget);
            match read {
                Some(bytes) if inner => {
                    let label = name.rsplit('/').next().unwrap_or(&name).to_owned();
                    if self.archive(&bytes, &label, depth + 1, budget).is_err() {
                        self.broken += 1;
                    }
                }
                Some(bytes) => self.class(&bytes, label, optional),
                None => self.broken += 1,
            }
        }
        Ok(())
    }

    fn class(&mut self, bytes: &[u8], label: &str, optional: bool) {
        let Some(class) = class::read(bytes) else {
            self.broken += 1;
            return;
        };
        if !optional {
            self.major = self.major.max(class.major);
        }
        for name in class.classes.iter().chain(&class.mentioned).filter(|name| may_be_the_runtimes(name)) {
            if let Ok(name) = std::str::from_utf8(name) {
                self.named(&name.replace('/', "."), label);
            }
        }
        for name in class.strings.iter().filter(|name| may_be_the_runtimes(name)) {
            if let Ok(name) = std::str::from_utf8(name) {
                self.named(name, label);
            }
        }
        for name in &class.modules {
            if let Some(module) = std::str::from_utf8(name).ok().and_then(jdk::module) {
                self.modules.entry(module.name).or_insert_with(|| format!("required by the module of {label}"));
            }
        }
        for (module, text, why) in loaded() {
            if !self.modules.contains_key(module) && memchr::memmem::find(bytes, text.as_bytes()).is_some() {
                self.modules.insert(module, format!("{text} in {label}: {why}"));
            }
        }
    }

    /// The lowest version of Java that reads all classes.
    pub(crate) fn java(&self) -> Option<u16> {
        self.major.checked_sub(44).filter(|version| *version > 0)
    }

    /// The modules without those that others of them require anyway.
    pub(crate) fn roots(&self) -> Vec<&'static str> {
        let brought = |module: &str| self.modules.keys().any(|other| *other != module && requires(other, module, 0));
        let mut roots: Vec<&'static str> = self.modules.keys().copied().filter(|module| !brought(module)).collect();
        if roots.is_empty() {
            roots.push("java.base");
        }
        roots.sort_unstable();
        roots
    }
}

/// Whether a module requires another one, directly or through others. All require `java.base`.
fn requires(module: &str, wanted: &str, depth: usize) -> bool {
    if wanted == "java.base" {
        return true;
    }
    let Some(module) = jdk::module(module).filter(|_| depth < 20) else { return false };
    module.requires.iter().any(|required| *required == wanted || requires(required, wanted, depth + 1))
}

/// What is loaded by name: module, the text that says so, why.
fn loaded() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let text: &'static str = include_str!("../data/loaded.txt");
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut parts = line.split('\t');
        Some((parts.next()?, parts.next()?, parts.next()?))
    })
}

/// A quick look at how a name begins.
fn may_be_the_runtimes(name: &[u8]) -> bool {
    let starts: [&[u8]; 6] = [b"java", b"jdk", b"sun", b"com", b"org", b"netscape"];
    !name.starts_with(b"java/lang/") && starts.iter().any(|start| name.starts_with(start))
        || [b"java/lang/management/".as_slice(), b"java/lang/instrument/"].iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod jdeps;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::tests::zip;
    use crate::class::tests::class;

    fn needs(files: &[(&str, &[u8])]) -> Needs {
        let mut needs = Needs::default();
        needs.take(&zip(files), "barn.jar").unwrap();
        needs
    }

    #[test]
    fn modules_follow_from_names() {
        for (constants, expect) in [
            (&["c:java/util/List"][..], vec!["java.base"]),
            (&["c:java/sql/Driver"], vec!["java.sql"]),
            // What another module brings goes without saying.
            (&["c:java/sql/Driver", "c:java/util/logging/Logger"], vec!["java.sql"]),
            (&["u:Ljavax/naming/Context;"], vec!["java.naming"]),
            (&["s:javax.management.MBeanServer"], vec!["java.management"]),
            (&["m:java.net.http"], vec!["java.net.http"]),
            (&["c:javax/net/ssl/SSLContext"], vec!["jdk.crypto.ec"]),
            (&["c:barn/Hay", "c:javax/inject/Inject"], vec!["java.base"]),
            (&["c:java/lang/management/ManagementFactory"], vec!["java.management"]),
        ] {
            assert_eq!(needs(&[("barn/A.class", &class(61, constants))]).roots(), expect, "{constants:?}");
        }
    }

    #[test]
    fn jars_in_jars_and_classes_for_newer_versions_count() {
        let inner = zip(&[("a/A.class", &class(55, &["c:java/sql/Driver"]))]);
        let fat = needs(&[("BOOT-INF/lib/hay.jar", &inner), ("BOOT-INF/classes/B.class", &class(52, &[]))]);
        assert_eq!((fat.roots(), fat.java()), (vec!["java.sql"], Some(11)));
        assert_eq!(fat.modules["java.sql"], "java.sql.Driver in hay.jar");
        let several = needs(&[
            ("a/A.class", &class(52, &[])),
            ("META-INF/versions/21/a/A.class", &class(65, &["c:java/net/http/HttpClient"])),
        ]);
        assert_eq!(several.java(), Some(8));
        assert!(several.roots().contains(&"java.net.http"));
    }

    #[test]
    fn what_is_broken_is_counted() {
        let broken = needs(&[
            ("a/A.class", b"\xCA\xFE"),
            ("lib/x.jar", b"no jar"),
            ("b/B.class", &class(61, &["c:java/sql/Driver"])),
        ]);
        assert_eq!((broken.broken, broken.roots()), (2, vec!["java.sql"]));
        assert!(Needs::default().take(b"PK", "x").is_err());
    }

    #[test]
    fn the_table_of_what_is_loaded_by_name_is_whole() {
        assert!(loaded().count() > 10);
        for (module, text, why) in loaded() {
            assert!(jdk::module(module).is_some() && text.len() > 3 && why.len() > 10, "{module}");
        }
    }
}
