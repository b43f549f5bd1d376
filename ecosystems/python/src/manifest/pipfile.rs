//! `Pipfile`: `[packages]`, `[dev-packages]` and the categories that people name themselves.

use super::classify;
use super::toml_table;
use depslim_formats::toml::Node;
use depslim_model::{Facts, Group, Manifest, Require, Role, Settings, Source};

/// Tables that declare nothing.
const OTHER_TABLES: &[&str] = &["source", "requires", "scripts", "pipenv", "build-system"];

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    toml_table::read(source, |tables| {
        let root = tables.doc.root();
        tables.facts.manifest = Some(Manifest {
            role: Role::Manifest,
            manager: Some("pipenv".into()),
            runtime: runtime(root),
            // Pipenv installs development packages only when asked to.
            default_groups: Some(Vec::new()),
            ..Manifest::default()
        });
        for (category, table) in root.entries().filter(|(name, _)| !OTHER_TABLES.contains(name)) {
            let (group, name) = category_group(category, source.settings);
            tables.take(table, |_, require| Some(Require { group, group_name: name.clone(), ..require }));
        }
    })
}

/// Whom a category is for: `packages` is production, `dev-packages` development, others by their names.
pub(super) fn category_group(category: &str, settings: &Settings) -> (Group, Option<String>) {
    match category {
        "packages" | "default" => (Group::Prod, None),
        "dev-packages" | "develop" => (Group::Dev, Some("dev".into())),
        other => (classify::group(other, settings), Some(other.to_owned())),
    }
}

fn runtime(root: Node<'_>) -> Option<String> {
    let version = |key: &str| root.at(&["requires", key]).and_then(|n| n.scalar()).map(str::to_owned);
    version("python_full_version")
        .map(|v| format!("=={v}"))
        .or_else(|| version("python_version").map(|v| format!("=={v}.*")))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_facts, show, source};
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = r#"[[source]]
url = "https://u:secret@r.example.invalid/simple"
verify_ssl = true
name = "own"

[packages]
plum = "*"  # why
pear = {version = ">=1", extras = ["jam"], markers = "os_name == 'posix' or os_name == 'nt'", sys_platform = "!= 'win32'"}
fig = {git = "https://u:secret@h.example.invalid/fig.git", ref = "v1", editable = true}
shed = {path = "./shed", editable = true}
odd = 1

[packages.sloe]
version = "==3"

[dev-packages]
pytest = "==8.0"

[docs]
sphinx = "*"

[reports]
kiwi = "*"

[requires]
python_version = "3.11"

[scripts]
serve = "python -m orchard"
"#;

    fn check(text: &str) -> String {
        show(text.as_bytes(), &read(&source("Pipfile", text.as_bytes())))
    }

    #[test]
    fn categories_and_entries() {
        insta::assert_snapshot!(check(SAMPLE), @r#"
        manifest manager=pipenv runtime===3.11.* default-groups=
        7: plum # why -plum = \"*\"  # why\n
        8: pear[jam] >=1 ; (os_name == 'posix' or os_name == 'nt') and sys_platform != 'win32' -pear = {version = \">=1\", extras = [\"jam\"], markers = \"os_name == \'posix\' or os_name == \'nt\'\", sys_platform = \"!= \'win32\'\"}\n
        9: fig @ git+https://h.example.invalid/fig.git@v1 -fig = {git = \"https://u:secret@h.example.invalid/fig.git\", ref = \"v1\", editable = true}\n
        10: shed @ ./shed -shed = {path = \"./shed\", editable = true}\n
        13: sloe ==3 -[packages.sloe]\nversion = \"==3\"\n\n
        17: pytest ==8.0 (dev:dev) -pytest = \"==8.0\"\n
        20: sphinx (dev:docs) -sphinx = \"*\"\n
        23: kiwi (optional:reports) -kiwi = \"*\"\n
        11: problem: odd: neither a version constraint nor a table
        "#);
    }

    #[test]
    fn what_can_go_wrong() {
        insta::assert_snapshot!(check("[packages]\nplum = \n"), @"2: fatal: not valid TOML: string values must be quoted, expected literal string");
        insta::assert_snapshot!(check("packages = 1\ndocs = ['x']\n[requires]\npython_full_version = '3.11.4'\n"), @"manifest manager=pipenv runtime===3.11.4 default-groups=");
    }

    proptest! {
        #[test]
        fn no_cut_panics(cut in 0..SAMPLE.len()) {
            check_facts(&SAMPLE.as_bytes()[..cut], &read(&source("Pipfile", &SAMPLE.as_bytes()[..cut])));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            check_facts(&bytes, &read(&source("Pipfile", &bytes)));
        }
    }
}
