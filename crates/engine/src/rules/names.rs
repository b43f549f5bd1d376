//! Names: which modules a package supplies when it is not installed, which package supplies a module or a program.

use std::collections::{HashMap, HashSet};

/// The `[names]` table.
#[derive(Debug)]
pub struct Names {
    modules: HashMap<String, Vec<String>>,
    same: HashSet<String>,
    packages: HashMap<String, Vec<String>>,
    programs: HashMap<String, Vec<String>>,
    namespaces: Vec<(String, String)>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
    word: String,
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
#[derive(Default)]
pub(super) struct Text<'a> {
    pub(super) modules: &'a str,
    pub(super) same: &'a str,
    pub(super) programs: &'a str,
    pub(super) namespaces: &'a [String],
    pub(super) prefixes: &'a [String],
    pub(super) suffixes: &'a [String],
    pub(super) word: &'a str,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            modules: HashMap::new(),
            same: HashSet::new(),
            packages: HashMap::new(),
            programs: HashMap::new(),
            namespaces: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            word: "-".to_owned(),
            separator: ".",
            canonical: str::to_owned,
        }
    }
}

impl Names {
    /// `Err` holds the line that can't be used.
    pub(super) fn new(text: &Text<'_>, separator: &'static str, canonical: fn(&str) -> String) -> Result<Self, String> {
        let mut names = Self {
            same: text.same.split_whitespace().map(str::to_owned).collect(),
            namespaces: text
                .namespaces
                .iter()
                .map(|text| match text.split_once(' ') {
                    Some((package, module)) => (format!("{package}-"), format!("{module}{separator}")),
                    None => (canonical(&text.replace(separator, "-")) + "-", format!("{text}{separator}")),
                })
                .collect(),
            prefixes: text.prefixes.to_vec(),
            suffixes: text.suffixes.to_vec(),
            word: text.word.to_owned(),
            separator,
            canonical,
            ..Self::default()
        };
        if let Some(name) = names.same.iter().find(|name| canonical(name) != **name) {
            return Err(name.clone());
        }
        for (line, package, modules) in facts(text.modules) {
            if modules.is_empty() || canonical(package) != package || names.modules.contains_key(package) {
                return Err(line.to_owned());
            }
            for module in &modules {
                names.packages.entry((*module).to_owned()).or_default().push(package.to_owned());
            }
            names.modules.insert(package.to_owned(), modules.into_iter().map(str::to_owned).collect());
        }
        for (line, program, packages) in facts(text.programs) {
            if packages.is_empty() || packages.iter().any(|name| canonical(name) != **name) {
                return Err(line.to_owned());
            }
            let packages = packages.into_iter().map(str::to_owned).collect();
            if names.programs.insert(program.to_owned(), packages).is_some() {
                return Err(line.to_owned());
            }
        }
        Ok(names)
    }

    /// The modules that a package supplies, for when nothing says so that is installed: from the table, else guessed from the
    /// package's canonical name.
    pub fn modules_of(&self, package: &str) -> Modules {
        if let Some(names) = self.modules.get(package) {
            return Modules { names: names.clone(), sure: true };
        }
        if self.same.contains(package) {
            return Modules { names: vec![self.joined(package)], sure: true };
        }
        let mut names = Vec::new();
        let mut add = |name: String| {
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        };
        for (prefix, module) in &self.namespaces {
            if let Some(rest) = package.strip_prefix(prefix.as_str()) {
                add(format!("{module}{}", self.joined(rest)));
                add(format!("{module}{}", rest.replace('-', self.separator)));
            }
        }
        add(self.joined(package));
        for prefix in &self.prefixes {
            if let Some(rest) = package.strip_prefix(prefix.as_str()) {
                add(self.joined(rest));
            }
        }
        for suffix in &self.suffixes {
            if let Some(rest) = package.strip_suffix(suffix.as_str()) {
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
            for package in self.packages.get(prefix).into_iter().flatten() {
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
            if parts.len() == 1 {
                for prefix in &self.prefixes {
                    add(whole.clone());
                    add(format!("{prefix}{whole}"));
                }
                for suffix in &self.suffixes {
                    add(format!("{whole}{suffix}"));
                }
            }
            add(whole);
            parts.pop();
        }
        found
    }

    /// The package that supplies a module, among those that `known` says exist.
    pub fn package_of(&self, module: &str, known: impl Fn(&str) -> bool) -> Option<String> {
        self.packages_of(module).into_iter().find(|name| known(name))
    }

    /// Packages that supply a program, where the name differs; else the program's own name in canonical form.
    pub fn packages_of_program(&self, program: &str) -> Vec<String> {
        self.programs.get(program).cloned().unwrap_or_else(|| vec![(self.canonical)(program)])
    }

    /// Adds what the user says about a package; goes before everything else.
    pub fn add(&mut self, package: &str, modules: &[String]) {
        let package = (self.canonical)(package);
        for module in modules {
            self.packages.entry(module.clone()).or_default().insert(0, package.clone());
        }
        self.modules.insert(package, modules.to_vec());
    }

    fn joined(&self, package: &str) -> String {
        package.replace('-', &self.word)
    }
}

/// Lines of words; `#` starts a comment.
fn facts(text: &str) -> impl Iterator<Item = (&str, &str, Vec<&str>)> {
    text.lines().filter_map(|line| {
        let mut words = line.split('#').next().unwrap_or(line).split_whitespace();
        let first = words.next()?;
        Some((line.trim(), first, words.collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::{Names, Text};

    fn names() -> Names {
        Names::new(
            &Text {
                modules: "paint-kit paint brushes # two modules\ncloud-store vendor.cloud.store",
                same: "simple-thing",
                programs: "paint-admin paint-kit",
                namespaces: &["vendor.cloud".to_owned(), "old-vendor-tools vendor.tools".to_owned()],
                prefixes: &["lang-".to_owned()],
                suffixes: &["-lang".to_owned()],
                word: "_",
            },
            ".",
            str::to_lowercase,
        )
        .unwrap()
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
