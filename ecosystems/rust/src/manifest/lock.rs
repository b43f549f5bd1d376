//! `Cargo.lock`: packages, versions, checksums, edges. Versions 1 to 4 of the format; the oldest keeps checksums in a table of its own.

use super::dependencies::without_credentials;
use depslim_formats::text::decode;
use depslim_formats::toml::{self, Node};
use depslim_model::facts::Artifact;
use depslim_model::{Facts, Manifest, Problem, Provide, Require, Role, Source};
use std::collections::HashMap;

/// Reads a lock.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let doc = match toml::parse(&decoded.text) {
        Ok(doc) => doc,
        Err(problem) => return Facts::broken(problem),
    };
    let mut facts = Facts {
        manifest: Some(Manifest { role: Role::Lock, manager: Some("cargo".into()), ..Manifest::default() }),
        ..Facts::default()
    };
    let packages: Vec<Node<'_>> = doc.at(&["package"]).iter().flat_map(Node::items).collect();
    // Version 1 writes the root package under a name of its own.
    for package in packages.into_iter().chain(doc.at(&["root"])) {
        take(package, &mut facts);
    }
    lead(&mut facts);
    facts
}

/// Finds the package that each edge means: an edge says no more than tells it from others.
fn lead(facts: &mut Facts) {
    let mut keys: HashMap<&str, Vec<&str>> = HashMap::new();
    for provide in &facts.provides {
        keys.entry(provide.package.as_str()).or_default().extend(provide.key.as_deref());
    }
    for require in &mut facts.requires {
        let said = require.key.take().unwrap_or_default();
        let named = keys.get(require.name.as_str()).map_or(&[][..], Vec::as_slice);
        let meant = |key: &&&str| {
            said == require.name
                || **key == said
                || key.strip_prefix(said.as_str()).is_some_and(|rest| rest.starts_with(' '))
        };
        require.key = named.iter().find(meant).map(|key| (*key).to_owned());
    }
}

/// What tells packages of a lock apart, as its edges write it.
fn key(name: &str, version: &str, source: Option<&str>) -> String {
    match source {
        Some(source) => format!("{name} {version} ({source})"),
        None => format!("{name} {version}"),
    }
}

fn take(package: Node<'_>, facts: &mut Facts) {
    let text = |key: &str| package.get(key).and_then(|n| n.text());
    let line = package.get("name").map_or_else(|| package.line(), |n| n.line()).max(1);
    let (Some(name), Some(version)) = (text("name"), text("version")) else {
        facts.problems.push(Problem::fatal(line, "a package without a name or version: the lock can't be used"));
        return;
    };
    let origin = text("source");
    let artifact = text("checksum").map(|sum| Artifact {
        file: format!("{name}-{version}.crate"),
        hash: Some(format!("sha256:{sum}")),
        bytes: None,
    });
    let own = key(name, version, origin);
    for edge in package.get("dependencies").iter().flat_map(Node::strings) {
        let mut words = edge.text.split(' ');
        let required = words.next().unwrap_or_default();
        if required.is_empty() {
            continue;
        }
        facts.requires.push(Require {
            from: Some(name.to_owned()),
            name: required.to_owned(),
            version: words.next().map(str::to_owned),
            from_key: Some(own.clone()),
            // The whole edge, until all packages are known.
            key: Some(edge.text.to_owned()),
            line: edge.line,
            ..Require::default()
        });
    }
    facts.provides.push(Provide {
        package: name.to_owned(),
        version: version.to_owned(),
        key: Some(own),
        artifacts: artifact.into_iter().collect(),
        first_party: origin.is_none(),
        origin: origin.filter(|o| o.starts_with("git+")).map(without_credentials),
        line,
        ..Provide::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Settings;

    fn read_text(text: &str) -> Facts {
        read(&Source { path: "Cargo.lock", bytes: text.as_bytes(), settings: &Settings::default() })
    }

    #[test]
    fn packages_and_edges_are_read_with_their_lines() {
        let facts = read_text(
            "version = 4\n\n[[package]]\nname = \"barn\"\nversion = \"0.1.0\"\ndependencies = [\n \"hay 1.0.0\",\n \"oats\",\n]\n\n[[package]]\nname = \"hay\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.invalid/index\"\nchecksum = \"abc\"\n",
        );
        let edges: Vec<(&str, &str, Option<&str>, u32)> = facts
            .requires
            .iter()
            .map(|r| (r.from.as_deref().unwrap(), r.name.as_str(), r.version.as_deref(), r.line))
            .collect();
        assert_eq!(edges, [("barn", "hay", Some("1.0.0"), 7), ("barn", "oats", None, 8)]);
        assert!(facts.provides[0].first_party && !facts.provides[1].first_party);
        assert_eq!(facts.provides[1].artifacts[0].hash.as_deref(), Some("sha256:abc"));
    }

    #[test]
    fn edges_lead_to_the_version_that_they_name() {
        let facts = read_text(
            "[[package]]\nname = \"barn\"\nversion = \"0.1.0\"\ndependencies = [\n \"hay 2.0.0\",\n \"oats\",\n]\n[[package]]\nname = \"hay\"\nversion = \"1.0.0\"\nsource = \"s\"\n[[package]]\nname = \"hay\"\nversion = \"2.0.0\"\nsource = \"s\"\n[[package]]\nname = \"oats\"\nversion = \"1.0.0\"\n",
        );
        let keys: Vec<Option<&str>> = facts.requires.iter().map(|r| r.key.as_deref()).collect();
        assert_eq!(keys, [Some("hay 2.0.0 (s)"), Some("oats 1.0.0")]);
    }

    #[test]
    fn half_a_lock_is_none() {
        assert!(read_text("[[package]]\nname = \"barn\"\n").problems[0].fatal);
        assert!(read_text("[[package]\n").problems[0].fatal);
        assert!(read_text("package = 3\n").problems.is_empty());
    }

    #[test]
    fn credentials_of_git_sources_are_left_out() {
        let facts = read_text(
            "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"git+https://me:secret@example.invalid/a.git#1\"\n",
        );
        assert_eq!(facts.provides[0].origin.as_deref(), Some("git+https://example.invalid/a.git#1"));
    }
}
