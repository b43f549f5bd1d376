//! `pixi.toml`: packages of conda by their names on `PyPI`, packages of `PyPI` itself, and those of features
//! ([the manifest's reference](https://pixi.sh/latest/reference/pixi_manifest/)).

use super::classify;
use super::conda_names;
use super::toml_table::{self, Tables};
use crate::names::canonical;
use depslim_formats::toml::Node;
use depslim_model::{Facts, Group, Manifest, Require, Role, Source};

/// Reads the file.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    toml_table::read(source, |tables| {
        let root = tables.doc.root();
        let name = ["workspace", "project"].iter().find_map(|table| root.at(&[table, "name"])?.text());
        let mut manifest = Manifest {
            role: Role::Manifest,
            name: name.map(str::to_owned),
            manager: Some("pixi".into()),
            // An environment has the features that it names, and no others.
            default_groups: Some(Vec::new()),
            ..Manifest::default()
        };
        take(tables, root, Group::Prod, None, &mut manifest);
        for (name, feature) in root.get("feature").iter().flat_map(Node::entries) {
            take(tables, feature, classify::group(name, source.settings), Some(name), &mut manifest);
        }
        tables.facts.manifest = Some(manifest);
    })
}

/// The packages of the whole file or of one feature, for this platform.
fn take(tables: &mut Tables<'_>, holder: Node<'_>, group: Group, name: Option<&str>, manifest: &mut Manifest) {
    take_tables(tables, holder, group, name, manifest);
    for (platform, target) in holder.get("target").iter().flat_map(Node::entries) {
        // Other platforms' packages are not this image's.
        if platform.starts_with("linux") || platform == "unix" {
            take_tables(tables, target, group, name, manifest);
        }
    }
}

fn take_tables(tables: &mut Tables<'_>, holder: Node<'_>, group: Group, whom: Option<&str>, manifest: &mut Manifest) {
    for (key, table) in holder.entries().filter(|(key, _)| matches!(*key, "dependencies" | "pypi-dependencies")) {
        tables.take(table, |value, mut entry| {
            // `3.12.*` without an operator means that.
            if let Some(version) = entry.version.as_mut().filter(|v| v.starts_with(|c: char| c.is_ascii_digit())) {
                version.insert_str(0, "==");
            }
            let conda = key == "dependencies";
            if conda && canonical(&entry.name) == "python" {
                manifest.runtime = manifest.runtime.take().or(entry.version);
                return None;
            }
            let itself = matches!(value.get("path").and_then(|n| n.text()), Some("." | "./"));
            let name = if conda { conda_names::pypi(&entry.name)? } else { entry.name.clone() };
            (!itself).then(|| Require { name, group, group_name: whom.map(str::to_owned), ..entry })
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check_facts, show, source};
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = r#"[workspace]
name = "orchard"
channels = ["conda-forge"]

[dependencies]
python = "3.12.*"
plum = ">=1"  # why

[pypi-dependencies]
pear = { version = ">=2", extras = ["jam"] }
fig = { git = "https://u:secret@h.example.invalid/fig.git" }
orchard = { path = ".", editable = true }
odd = 1

[target.linux-64.pypi-dependencies]
sloe = "*"

[target.win-64.pypi-dependencies]
winter = "*"

[feature.test.dependencies]
pytest = "*"

[feature.maps.pypi-dependencies]
quince = "*"
"#;

    fn check(text: &str) -> String {
        show(text.as_bytes(), &read(&source("pixi.toml", text.as_bytes())))
    }

    #[test]
    fn tables_features_and_targets() {
        insta::assert_snapshot!(check(SAMPLE), @r#"
        manifest name=orchard manager=pixi runtime===3.12.* default-groups=
        7: plum >=1 # why -plum = \">=1\"  # why\n
        10: pear[jam] >=2 -pear = { version = \">=2\", extras = [\"jam\"] }\n
        11: fig @ git+https://h.example.invalid/fig.git -fig = { git = \"https://u:secret@h.example.invalid/fig.git\" }\n
        16: sloe -sloe = \"*\"\n
        22: pytest (dev:test) -pytest = \"*\"\n
        25: quince (optional:maps) -quince = \"*\"\n
        13: problem: odd: neither a version constraint nor a table
        "#);
    }

    #[test]
    fn what_can_go_wrong() {
        insta::assert_snapshot!(check("[dependencies]\nplum = \n"), @r#"2: fatal: not valid TOML: string values must be quoted, expected literal string"#);
        insta::assert_snapshot!(check("dependencies = 1\nfeature = ['x']\n"), @r#"manifest manager=pixi default-groups="#);
    }

    proptest! {
        #[test]
        fn no_cut_panics(cut in 0..SAMPLE.len()) {
            check_facts(&SAMPLE.as_bytes()[..cut], &read(&source("pixi.toml", &SAMPLE.as_bytes()[..cut])));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            check_facts(&bytes, &read(&source("pixi.toml", &bytes)));
        }
    }
}
