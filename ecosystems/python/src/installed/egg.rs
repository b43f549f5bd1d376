//! Eggs, and what can be seen of a distribution that has no list of its files.

use super::{broken, entry_points, headers, modules, name_and_version, of_file, optional, requires};
use depslim_model::{Facts, Owns, Problem, Provide, Source};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// Reads an egg's folder (`plum.egg-info`, or `EGG-INFO` in `plum-1.0-py3.11.egg`), described by `PKG-INFO` in it.
pub(super) fn read_folder(metadata: &Path, folder: &Path, folder_name: &str) -> Facts {
    let egg = folder_name == "EGG-INFO";
    let above = folder.parent().unwrap_or(Path::new(""));
    let named =
        if egg { above.file_name().map(|name| name.to_string_lossy()).unwrap_or_default() } else { folder_name.into() };
    let mut facts = match headers::load(metadata) {
        Ok(headers) => headers.facts(&named, "PKG-INFO"),
        Err(why) => {
            let mut facts = headers::Headers::named(&named);
            facts.problems.push(Problem::at(0, why));
            facts
        }
    };
    let mut problems = Vec::new();
    let Some(mut provide) = facts.provides.pop() else { return facts };
    // Headers have the requirements too since setuptools 68; older ones have them here alone.
    if facts.requires.is_empty()
        && let Some(bytes) = optional(folder, "requires.txt", &mut problems)
    {
        let found = requires::parse(&provide.package, &bytes);
        facts.requires = found.requires;
        problems.extend(of_file("requires.txt", found.problems));
    }
    if let Some(bytes) = optional(folder, "entry_points.txt", &mut problems) {
        let found = entry_points::parse(&bytes);
        provide.programs = found.programs;
        provide.plugins = found.plugins;
        problems.extend(of_file("entry_points.txt", found.problems));
    }
    if egg {
        provide.modules = names(folder, "top_level.txt", &mut problems);
        provide.owns = Owns::Trees(vec!["..".to_owned()]);
    } else if let Some(bytes) = optional(folder, "installed-files.txt", &mut problems) {
        let text = super::text(&bytes);
        let files: Vec<&str> = super::lines(&text).map(|(_, path)| path).filter(|path| !path.contains('\0')).collect();
        let of_site = files.iter().filter_map(|path| path.strip_prefix("../"));
        provide.modules = modules::of(of_site, &names(folder, "namespace_packages.txt", &mut problems));
        provide.owns = Owns::Files(files.into_iter().map(str::to_owned).chain(["./".to_owned()]).collect());
    } else {
        seen(&mut provide, folder, above, &mut problems);
    }
    provide.programs.sort_unstable();
    provide.programs.dedup();
    facts.provides.push(provide);
    facts.problems.extend(problems);
    facts
}

/// Reads `plum-1.0.egg-info`, a file in `site`: headers and no more.
pub(super) fn read_file(metadata: &Path, site: &Path, name: &str) -> Facts {
    let mut facts = match headers::load(metadata) {
        Ok(headers) => headers.facts(name, name),
        Err(why) => return broken(why),
    };
    if let Some(provide) = facts.provides.first_mut() {
        let (modules, files) = on_disk(site, &[guess(&provide.package)], "");
        provide.modules = modules;
        provide.owns = Owns::Trees(std::iter::once(name.to_owned()).chain(files).collect());
    }
    facts
}

/// The reader's view of an `.egg-link`.
pub(super) fn read_link(source: &Source<'_>) -> Facts {
    link(source.file_name(), source.bytes)
}

/// Reads `plum.egg-link`, which `setup.py develop` leaves: a distribution whose code stays where it is written.
pub(super) fn link(name: &str, bytes: &[u8]) -> Facts {
    let text = super::text(bytes);
    let Some((_, folder)) = super::lines(&text).next() else {
        return broken("names no folder: ignored".to_owned());
    };
    let (package, _) = name_and_version(name);
    let provide = Provide {
        package: package.to_owned(),
        first_party: true,
        origin: Some(folder.to_owned()),
        owns: Owns::Files(vec![name.to_owned()]),
        ..Provide::default()
    };
    Facts { provides: vec![provide], ..Facts::default() }
}

/// Fills in modules and folders of a distribution without a list of files, from `top_level.txt`, else from its own name.
pub(super) fn seen(provide: &mut Provide, folder: &Path, site: &Path, problems: &mut Vec<Problem>) {
    let shared = names(folder, "namespace_packages.txt", problems);
    let mut tops = names(folder, "top_level.txt", problems);
    let shared: HashSet<String> = shared.into_iter().collect();
    tops.retain(|name| !shared.contains(name));
    if tops.is_empty() {
        tops.push(guess(&provide.package));
        // `zope.interface` is where its name says, below the shared `zope`.
        if provide.package.contains('.') {
            tops.push(provide.package.clone());
        }
    }
    let (modules, files) = on_disk(site, &tops, "../");
    provide.modules = modules;
    provide.owns = Owns::Trees(std::iter::once(".".to_owned()).chain(files).collect());
}

/// Which of these modules are in `site`, and the folders and files that they are, `prefix` before each.
fn on_disk(site: &Path, names: &[String], prefix: &str) -> (Vec<String>, Vec<String>) {
    let (mut modules, mut files) = (Vec::new(), Vec::new());
    let mut extensions = None;
    for name in names {
        let path = name.replace('.', "/");
        let single = format!("{path}.py");
        let found = if site.join(&path).is_dir() {
            vec![path]
        } else if site.join(&single).is_file() {
            vec![single]
        } else {
            extensions.get_or_insert_with(|| extension_modules(site)).get(name).cloned().unwrap_or_default()
        };
        if !found.is_empty() {
            modules.push(name.clone());
            files.extend(found.into_iter().map(|file| format!("{prefix}{file}")));
        }
    }
    (modules, files)
}

/// Extension modules in a folder by name: their file names carry the interpreter's tag.
fn extension_modules(site: &Path) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let Ok(entries) = fs_err::read_dir(site) else { return found };
    for file in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
        if let Some(module) = modules::stem(&file) {
            found.entry(module.to_owned()).or_default().push(file);
        }
    }
    for files in found.values_mut() {
        files.sort_unstable();
    }
    found
}

/// A file of one name a line. Only names count that can be imported and lie below the folder.
fn names(folder: &Path, file: &str, problems: &mut Vec<Problem>) -> Vec<String> {
    let Some(bytes) = optional(folder, file, problems) else { return Vec::new() };
    let plain = |name: &&str| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    super::lines(&super::text(&bytes)).map(|(_, name)| name).filter(plain).map(str::to_owned).collect()
}

/// The module that a distribution of this name has as a rule. It counts only when it is there.
fn guess(package: &str) -> String {
    crate::names::canonical(package).replace('-', "_")
}
