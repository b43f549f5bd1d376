//! `*.dist-info`: what the files of one folder say together.

use super::record::{self, Row};
use super::{direct_url, egg, entry_points, headers, modules, of_file, optional};
use depslim_model::{Facts, Owns, Problem, Provide};
use memchr::memmem::find;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

/// An `__init__.py` with more bytes than this does more than to declare a namespace.
const LONGEST_DECLARATION: u64 = 700;

/// A distribution with more top-level packages than this that could be namespaces is not looked into.
const MOST_NAMESPACES: usize = 64;

/// Reads the distribution that `metadata` describes, in `folder`.
pub(super) fn read(metadata: &Path, folder: &Path, folder_name: &str) -> Facts {
    let headers = headers::load(metadata);
    let mut facts = match headers {
        Ok(headers) => headers.facts(folder_name, "METADATA"),
        Err(why) if folder.join("RECORD").exists() || metadata.exists() => {
            let problems = vec![Problem::at(0, why)];
            Facts { problems, ..headers::Headers::named(folder_name) }
        }
        Err(_) => {
            return super::broken("is missing, and so is RECORD: what is left of a distribution is ignored".to_owned());
        }
    };
    let mut problems = Vec::new();
    if let Some(provide) = facts.provides.first_mut() {
        files(provide, folder, &mut problems);
        if let Some(bytes) = optional(folder, "entry_points.txt", &mut problems) {
            let found = entry_points::parse(&bytes);
            provide.programs.extend(found.programs);
            provide.plugins = found.plugins;
            problems.extend(of_file("entry_points.txt", found.problems));
        }
        provide.programs.sort_unstable();
        provide.programs.dedup();
        if let Some(bytes) = optional(folder, "direct_url.json", &mut problems) {
            match direct_url::parse(&bytes) {
                Ok(origin) => (provide.origin, provide.first_party) = (origin.url, origin.first_party),
                Err(problem) => problems.extend(of_file("direct_url.json", vec![problem])),
            }
        }
    }
    facts.problems.extend(problems);
    facts
}

/// The files, programs and modules: by `RECORD`, else by what can be seen.
fn files(provide: &mut Provide, folder: &Path, problems: &mut Vec<Problem>) {
    let site = folder.parent().unwrap_or(Path::new(""));
    let Some(bytes) = optional(folder, "RECORD", problems) else {
        // Distributions of operating systems come without.
        return egg::seen(provide, folder, site, problems);
    };
    let text = super::text(&bytes);
    let (rows, broken) = record::parse(&text, matches!(text, Cow::Owned(_)));
    problems.extend(of_file("RECORD", broken));
    let paths = rows.iter().map(|row| &*row.path);
    provide.modules = modules::of(paths, &namespaces(&rows, folder, site, problems));
    provide.programs = record::programs(&rows);
    let mut files = Vec::with_capacity(rows.len() + 1);
    files.extend(rows.iter().map(|row| record::from_metadata(&row.path)));
    // Installers add files to the metadata that they do not list.
    files.push("./".to_owned());
    provide.owns = Owns::Files(files);
}

/// Packages that only declare a namespace, the ways that are older than PEP 420: listed, or by a short `__init__.py` that extends
/// the package's path. Each of the distributions that share one has that file, so it says nothing of who supplies the package.
fn namespaces(rows: &[Row<'_>], folder: &Path, site: &Path, problems: &mut Vec<Problem>) -> Vec<String> {
    let listed = rows.iter().any(|row| row.path.ends_with(".dist-info/namespace_packages.txt"));
    if listed && let Some(bytes) = optional(folder, "namespace_packages.txt", problems) {
        return super::lines(&super::text(&bytes)).map(|(_, name)| name.to_owned()).collect();
    }
    // A namespace's folder has nothing to import in it but packages.
    let mut candidates = BTreeSet::new();
    for row in rows.iter().filter(|row| row.path.ends_with("/__init__.py")) {
        let (top, _) = row.parts();
        if !top.contains('/') && row.bytes.is_some_and(|bytes| (1..=LONGEST_DECLARATION).contains(&bytes)) {
            candidates.insert(top);
        }
    }
    if candidates.is_empty() || candidates.len() > MOST_NAMESPACES {
        return Vec::new();
    }
    for (top, file) in rows.iter().map(Row::parts) {
        if file != "__init__.py" && modules::stem(file).is_some() {
            candidates.remove(top);
        }
    }
    let declares = |name: &&str| {
        super::whole(&site.join(name).join("__init__.py"))
            .is_ok_and(|bytes| find(&bytes, b"extend_path").is_some() || find(&bytes, b"declare_namespace").is_some())
    };
    candidates.into_iter().filter(declares).map(str::to_owned).collect()
}
