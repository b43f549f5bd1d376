//! Where the project's packages are downloaded from, as options that pip and uv read in a list.

use crate::manifest::{group_of_list, without_credentials};
use depslim_formats::requirements;
use depslim_formats::text::decode;
use depslim_formats::toml::{self, Node};
use depslim_model::{Group, Source};

/// Options of lists that say where packages come from, or in which form.
const KEPT: &[&str] = &[
    "--index-url",
    "--extra-index-url",
    "--no-index",
    "--find-links",
    "--no-binary",
    "--only-binary",
    "--prefer-binary",
    "--pre",
    "--trusted-host",
];

/// The options of the project's manifests, each once, and whether a credential was left out.
pub(super) fn of(sources: &[Source<'_>]) -> (Vec<String>, bool) {
    let mut found: Vec<(String, String)> = Vec::new();
    for source in sources {
        let decoded = decode(source.bytes);
        match source.file_name() {
            "pyproject.toml" | "Pipfile" => {
                if let Ok(doc) = toml::parse(&decoded.text) {
                    indexes(doc.root(), &mut found);
                }
            }
            name if [".txt", ".in", ".pip"].iter().any(|end| name.ends_with(end))
                && group_of_list(source) != Group::Dev =>
            {
                let lexed = requirements::read(&decoded.text);
                let options = lexed.lines.into_iter().filter(|l| l.requirement.is_none()).flat_map(|l| l.options);
                found.extend(
                    options.filter(|o| KEPT.contains(&o.name.as_str())).map(|o| (o.name, o.value.unwrap_or_default())),
                );
            }
            _ => {}
        }
    }
    let mut secret = false;
    let mut lines: Vec<String> = Vec::new();
    let mut main = false;
    for (name, value) in found {
        let clean = without_credentials(&value);
        secret |= clean != value;
        // There is one main index; others that some file calls so are asked too.
        let name = if name == "--index-url"
            && std::mem::replace(&mut main, true)
            && !lines.contains(&format!("{name} {clean}"))
        {
            "--extra-index-url".to_owned()
        } else {
            name
        };
        let line = format!("{name} {clean}").trim_end().to_owned();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    (lines, secret)
}

/// Indexes in the tables of uv, Poetry, PDM and Pipenv.
fn indexes(root: Node<'_>, found: &mut Vec<(String, String)>) {
    let tables: [&[&str]; 4] =
        [&["tool", "uv", "index"], &["tool", "poetry", "source"], &["tool", "pdm", "source"], &["source"]];
    for path in tables {
        for (at, index) in root.at(path).iter().flat_map(Node::items).enumerate() {
            let Some(url) = index.get("url").and_then(|n| n.text()) else { continue };
            let flag = |key: &str| index.get(key).and_then(|n| n.boolean()) == Some(true);
            let priority = index.get("priority").and_then(|n| n.text());
            // Pipenv's first source is the main one.
            let main =
                flag("default") || matches!(priority, Some("primary" | "default")) || (path.len() == 1 && at == 0);
            found.push((if main { "--index-url" } else { "--extra-index-url" }.to_owned(), url.to_owned()));
        }
    }
}
