//! What the `package.json` of an installed package says.

use crate::manifest::package_json;
use depslim_formats::json::{self, Dialect, Node};
use depslim_formats::text::decode;
use depslim_model::{Facts, Group, Layer, Owns, Problem, Provide, Reader, Require, Source};

/// Readers of installed metadata.
pub(crate) const READERS: &[Reader] =
    &[Reader { name: "installed package.json", layer: Layer::Installed, globs: &["package.json"], read }];

/// Reads the metadata of one installed package. The folder's name is the package's: that is what code and manifests call it, also
/// where it is an alias of another.
fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let doc = match json::parse(&decoded.text, Dialect::Strict) {
        Ok(doc) => doc,
        Err(problem) => return Facts::broken(Problem { fatal: false, ..problem }),
    };
    let root = doc.root();
    let text = |key: &str| root.get(key).and_then(|node| node.text());
    let Some(name) = name_of_folder(source.folder()).or_else(|| text("name").map(str::to_owned)) else {
        return Facts::broken(Problem::at(0, "no name"));
    };
    let provide = Provide {
        package: name.clone(),
        version: text("version").unwrap_or_default().to_owned(),
        modules: vec![name.clone()],
        programs: package_json::programs(root, &name),
        owns: Owns::Trees(vec![String::new()]),
        license: text("license").map(str::to_owned),
        ..Provide::default()
    };
    Facts { requires: requires(root, &name), provides: vec![provide], ..Facts::default() }
}

fn requires(root: Node<'_>, owner: &str) -> Vec<Require> {
    let mut found = Vec::new();
    for (table, group) in [("dependencies", Group::Prod), ("peerDependencies", Group::Prod)] {
        for (name, node) in root.get(table).into_iter().flat_map(|table| table.entries()) {
            let Some(version) = node.text() else { continue };
            found.push(Require {
                from: Some(owner.to_owned()),
                name: name.to_owned(),
                group,
                version: Some(version.to_owned()),
                line: node.line(),
                ..Require::default()
            });
        }
    }
    found
}

/// `@scope/name` or `name`, from the last folders of a path.
fn name_of_folder(folder: &str) -> Option<String> {
    let mut parts = folder.rsplit('/');
    let (last, before) = (parts.next().filter(|last| !last.is_empty())?, parts.next());
    Some(
        before
            .filter(|scope| scope.starts_with('@'))
            .map_or_else(|| last.to_owned(), |scope| format!("{scope}/{last}")),
    )
}
