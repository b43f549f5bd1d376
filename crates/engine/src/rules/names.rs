//! Names: which modules a package supplies when it is not installed, which package supplies a module or a program.

use super::pattern::words;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// The `[names]` table. It is put together when the first name is asked about.
#[derive(Debug)]
pub struct Names {
    pub(super) text: Text,
    tables: OnceLock<Tables>,
    separator: &'static str,
    canonical: fn(&str) -> String,
}

/// Modules of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    /// Module names, the likeliest first.
    pub names: Vec<String>,
    /// False when they are a guess from the package's name.
    pub sure: bool,
}

/// The table as it stands in the file. One line, one fact: first word the package (or program), then what it stands for. A
/// namespace is a module that many packages share (`vendor.cloud` for `vendor-cloud-*`), or `prefix module` where the packages'
/// common prefix differs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Text {
    pub(super) modules: String,
    pub(super) same: String,
    pub(super) programs: String,
    pub(super) namespaces: String,
    pub(super) prefixes: String,
    pub(super) suffixes: String,
    pub(super) word: Option<String>,
}

#[derive(Debug, Default)]
struct Tables {
    modules: HashMap<String, Vec<String>>,
    same: HashSet<String>,
    packages: HashMap<String, Vec<String>>,
    programs: HashMap<String, Vec<String>>,
    namespaces: Vec<(String, String)>,
}

impl Default for Names {
    fn default() -> Self {
        Self::new(Text::default(), ".", str::to_owned)
    }
}

impl Names {
    pub(super) fn new(text: Text, separator: &'static str, canonical: fn(&str) -> String) -> Self {
        Self { text, tables: OnceLock::new(), separator, canonical }
    }

    /// `Err` holds the first line that can't be used.
    pub(super) fn check(&self) -> Result<(), &str> {
        let is_canonical = |name: &str| (self.canonical)(name) == name;
        if let Some(name) = words(&self.text.same).find(|name| !is_canonical(name)) {
            return Err(name);
        }
        let mut seen = HashSet::new();
        for (line, package, modules) in facts(&self.text.modules) {
            if modules.is_empty() || !is_canonical(package) || !seen.insert(package) {
                return Err(line);
            }
        }
        seen.clear();
        for (line, program, packages) in facts(&self.text.programs) {
            if packages.is_empty() || !packages.iter().all(|name| is_canonical(name)) || !seen.insert(program) {
                return Err(line);
            }
        }
        Ok(())
    }

    /// The modules that a package supplies, for when nothing says so that is installed: from the table, else guessed from the
    /// package's canonical name.
    pub fn modules_of(&self, package: &str) -> Modules {
        let tables = self.tables();
        if let Some(names) = tables.modules.get(package) {
            return Modules { names: names.clone(), sure: true };
        }
        if tables.same.contains(package) {
            return Modules { names: vec![self.joined(package)], sure: true };
        }
        let mut names = Vec::new();
        let mut add = |name: String| {
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        };
        for (prefix, module) in &tables.namespaces {
            if let Some(rest) = package.strip_prefix(prefix.as_str()) {
                add(format!("{module}{}", self.joined(rest)));
                add(format!("{module}{}", rest.replace('-', self.separator)));
            }
        }
        add(self.joined(package));
        for prefix in words(&self.text.prefixes) {
            if let Some(rest) = package.strip_prefix(prefix) {
                add(self.joined(rest));
            }
        }
        for suffix in words(&self.text.suffixes) {
            if let Some(rest) = package.strip_suffix(suffix) {
                add(self.joined(rest));
            }
        }
        Modules { names, sure: false }
    }

    /// Packages that may supply a module, the likeliest first: from the table by longest prefix, then by name.
    pub fn packages_of(&self, module: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut add = |name: String| {
            if !name.is_empty() && !found.contains(&name) {
                found.push(name);
            }
        };
        let mut prefix = module;
        loop {
            for package in self.tables().packages.get(prefix).into_iter().flatten() {
                add(package.clone());
            }
            match prefix.rfind(self.separator) {
                Some(cut) => prefix = &prefix[..cut],
                None => break,
            }
        }
        let mut parts: Vec<&str> = module.split(self.separator).take(4).collect();
        while !parts.is_empty() {
            let whole = (self.canonical)(&parts.join("-"));
            let first = parts.len() == 1;
            add(whole.clone());
            for prefix in words(&self.text.prefixes).filter(|_| first) {
                add(format!("{prefix}{whole}"));
            }
            for suffix in words(&self.text.suffixes).filter(|_| first) {
                add(format!("{whole}{suffix}"));
            }
            parts.pop();
        }
        found
    }

    /// Whether the table tells which packages supply a module; what has the same name as its package is not in it.
    pub fn knows(&self, module: &str) -> bool {
        let ends = module.match_indices(self.separator).map(|(at, _)| at).chain([module.len()]);
        let tables = self.tables();
        ends.into_iter().any(|end| {
            let name = &module[..end];
            tables.packages.contains_key(name) || tables.same.contains(&(self.canonical)(name))
        })
    }

    /// The package that supplies a module, among those that `known` says exist.
    pub fn package_of(&self, module: &str, known: impl Fn(&str) -> bool) -> Option<String> {
        self.packages_of(module).into_iter().find(|name| known(name))
    }

    /// Packages that supply a program, where the name differs; else the program's own name in canonical form.
    pub fn packages_of_program(&self, program: &str) -> Vec<String> {
        self.tables().programs.get(program).cloned().unwrap_or_else(|| vec![(self.canonical)(program)])
    }

    /// Programs that a package supplies under another name than its own.
    pub fn programs_of(&self, package: &str) -> impl Iterator<Item = &str> {
        let programs = self.tables().programs.iter();
        programs.filter(move |(_, packages)| packages.iter().any(|p| p == package)).map(|(program, _)| program.as_str())
    }

    /// Adds what the user says about a package; goes before everything else.
    pub fn add(&mut self, package: &str, modules: &[String]) {
        let package = (self.canonical)(package);
        self.tables();
        let Some(tables) = self.tables.get_mut() else { return };
        for module in modules {
            tables.packages.entry(module.clone()).or_default().insert(0, package.clone());
        }
        tables.modules.insert(package, modules.to_vec());
    }

    fn joined(&self, package: &str) -> String {
        package.replace('-', self.text.word.as_deref().unwrap_or("-"))
    }

    fn tables(&self) -> &Tables {
        self.tables.get_or_init(|| {
            let mut tables = Tables {
                same: words(&self.text.same).map(str::to_owned).collect(),
                namespaces: facts(&self.text.namespaces).map(|(_, first, rest)| self.namespace(first, &rest)).collect(),
                ..Tables::default()
            };
            for (_, package, modules) in facts(&self.text.modules) {
                for module in &modules {
                    tables.packages.entry((*module).to_owned()).or_default().push(package.to_owned());
                }
                tables.modules.insert(package.to_owned(), modules.into_iter().map(str::to_owned).collect());
            }
            for (_, program, packages) in facts(&self.text.programs) {
                tables.programs.insert(program.to_owned(), packages.into_iter().map(str::to_owned).collect());
            }
            tables
        })
    }

    /// What packages of a namespace begin with, and what their modules do.
    fn namespace(&self, first: &str, rest: &[&str]) -> (String, String) {
        match rest.first() {
            Some(module) => (format!("{first}-"), format!("{module}{}", self.separator)),
            None => ((self.canonical)(&first.replace(self.separator, "-")) + "-", format!("{first}{}", self.separator)),
        }
    }
}

/// Lines of words; `#` starts a comment.
fn facts(text: &str) -> impl Iterator<Item = (&str, &str, Vec<&str>)> {
    text.lines().filter_map(|line| {
        let mut words = words(line);
        let first = words.next()?;
        Some((line.trim(), first, words.collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::{Names, Text};

    fn names() -> Names {
        Names::new(
            Text {
                modules: "paint-kit paint brushes # two modules\ncloud-store vendor.cloud.store".into(),
                same: "simple-thing".into(),
                programs: "paint-admin paint-kit".into(),
                namespaces: "vendor.cloud\nold-vendor-tools vendor.tools".into(),
                prefixes: "lang-".into(),
                suffixes: "-lang".into(),
                word: Some("_".into()),
            },
            ".",
            str::to_lowercase,
        )
    }

    #[test]
    fn modules_come_from_the_table_else_from_the_name() {
        for (package, expect, sure) in [
            ("paint-kit", &["paint", "brushes"][..], true),
            ("simple-thing", &["simple_thing"], true),
            ("other-thing", &["other_thing"], false),
            ("lang-x", &["lang_x", "x"], false),
            ("x-lang", &["x_lang", "x"], false),
            ("old-vendor-tools-saw", &["vendor.tools.saw", "old_vendor_tools_saw"], false),
            (
                "vendor-cloud-big-query",
                &["vendor.cloud.big_query", "vendor.cloud.big.query", "vendor_cloud_big_query"],
                false,
            ),
        ] {
            let modules = names().modules_of(package);
            assert_eq!(
                (modules.names.iter().map(String::as_str).collect::<Vec<_>>(), modules.sure),
                (expect.to_vec(), sure)
            );
        }
    }

    #[test]
    fn a_module_leads_to_the_package_that_exists() {
        for (module, known, expect) in [
            ("brushes.fine", "paint-kit", Some("paint-kit")),
            ("vendor.cloud.store.blob", "cloud-store", Some("cloud-store")),
            ("vendor.cloud.queue.Client", "vendor-cloud-queue", Some("vendor-cloud-queue")),
            ("yard", "lang-yard", Some("lang-yard")),
            ("yard.deep", "yard-lang", Some("yard-lang")),
            ("yard", "barn", None),
        ] {
            assert_eq!(names().package_of(module, |name| name == known).as_deref(), expect, "{module}");
        }
    }

    #[test]
    fn programs_have_their_own_name_unless_the_table_says_more() {
        assert_eq!(names().packages_of_program("paint-admin"), ["paint-kit"]);
        assert_eq!(names().packages_of_program("Serve"), ["serve"]);
    }

    #[test]
    fn the_user_knows_better() {
        let mut names = names();
        names.add("Paint-Kit", &["canvas".to_owned()]);
        assert_eq!(names.modules_of("paint-kit").names, ["canvas"]);
        assert_eq!(names.packages_of("canvas.oil")[0], "paint-kit");
    }
}
