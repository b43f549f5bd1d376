//! What is on the class path and where it lies: resolution over a local repository, modules of the same build from their sources.

use crate::jar;
use crate::pom::effective::Loader;
use crate::repository::repositories;
use crate::resolve::{Artifact, Rule, Wanted, resolve};
use depslim_model::ecosystem::Found;
use depslim_model::{Environment, Export, Facts, Host, Owns, Problem, Provide, Require};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// The class path of the project, as its build would have it from what lies on this machine.
pub(crate) fn environments(host: &Host<'_>) -> Vec<Environment> {
    let repositories = repositories(host);
    let pom = host.project.join("pom.xml");
    let maven = pom.is_file().then(|| maven(host, &pom, repositories.clone())).flatten();
    let found = maven.or_else(|| crate::gradle::class_path(host, repositories));
    found.into_iter().collect()
}

fn maven(host: &Host<'_>, pom: &Path, repositories: Vec<crate::repository::Repository>) -> Option<Environment> {
    let loader = Loader::new(repositories, host.root, Some(pom));
    let model = loader.effective(pom)?;
    let dependencies = model.dependencies.clone();
    let wanted = Wanted { dependencies, managed: &model.managed, rule: Rule::Nearest };
    let artifacts = resolve(&loader, &wanted);
    let missing = model.missing.iter().map(|(what, line)| {
        Problem::at(
            *line,
            format!("{what} is neither in the tree nor in the local repository: build once, then run again"),
        )
    });
    Some(environment(&loader, host, &artifacts, missing.collect()))
}

/// An environment of these artifacts.
pub(crate) fn environment(
    loader: &Loader,
    host: &Host<'_>,
    artifacts: &[Artifact],
    problems: Vec<Problem>,
) -> Environment {
    let tree = loader.repositories.first().map_or_else(|| host.project.to_owned(), |r| r.root().to_owned());
    let jars: Vec<Option<std::sync::Arc<jar::Jar>>> =
        artifacts.iter().map(|a| a.jar.as_deref().and_then(|path| jar::at(path).ok())).collect();
    // Classes are listed one by one only where several jars share a package.
    let mut sharing: HashMap<&str, u32> = HashMap::new();
    for package in jars.iter().flatten().flat_map(|jar| &jar.packages) {
        *sharing.entry(package).or_default() += 1;
    }
    let names: BTreeSet<&str> = artifacts.iter().map(|a| a.name.as_str()).collect();
    let mut found = Vec::new();
    for (artifact, jar) in artifacts.iter().zip(&jars) {
        // A model without its jar tells nothing of what the jar holds.
        let path = artifact.jar.as_ref().or(artifact.pom.as_ref().filter(|_| artifact.own || artifact.gathers));
        let Some(path) = path else { continue };
        let mut provide = Provide {
            package: artifact.name.clone(),
            version: artifact.version.clone(),
            license: artifact.license.clone(),
            first_party: artifact.own,
            ..Provide::default()
        };
        if let Some(jar) = jar {
            let shared = |class: &&String| {
                let package = class.rsplit_once('.').map_or("", |(package, _)| package);
                sharing.get(package).is_none_or(|count| *count > 1)
            };
            provide.modules = jar.packages.iter().chain(jar.classes.iter().filter(shared)).cloned().collect();
            provide.plugins.clone_from(&jar.plugins);
            if let Some(file) = path.file_name().and_then(|name| name.to_str()) {
                provide.owns = Owns::Files(vec![file.to_owned()]);
                provide.exports = vec![Export { module: "*".into(), files: vec![vec![file.to_owned()]] }];
            }
        } else if artifact.own {
            provide.modules = path.parent().map(own_packages).unwrap_or_default();
            // There is nothing to walk into: its own project is judged by itself.
            provide.exports = vec![Export { module: "*".into(), files: vec![vec!["pom.xml".into()]] }];
        }
        let requires = artifact.requires.iter().filter(|(name, left)| !left && names.contains(name.as_str()));
        let requires = requires.map(|(name, _)| Require {
            from: Some(artifact.name.clone()),
            name: name.clone(),
            // Without the project's own line there would be another version of it.
            peer: artifacts.iter().any(|a| a.name == *name && a.instead.is_some()),
            ..Require::default()
        });
        let unread = artifact.jar.as_deref().and_then(|path| jar::at(path).err());
        let unread = unread.map(|why| Problem::at(0, why));
        let facts = Facts {
            requires: requires.collect(),
            provides: vec![provide],
            problems: unread.into_iter().collect(),
            ..Facts::default()
        };
        found.push(Found { site: tree.clone(), metadata: path.clone(), facts });
    }
    if !problems.is_empty() {
        let metadata = host.project.join("pom.xml");
        found.push(Found { site: tree.clone(), metadata, facts: Facts { problems, ..Facts::default() } });
    }
    let label = match loader.repositories.first() {
        Some(crate::repository::Repository::Gradle(_)) => "Gradle's cache",
        _ => "the local repository",
    };
    Environment {
        label: label.into(),
        sites: vec![tree.clone()],
        tree,
        shared: true,
        ships: true,
        found: Some(found),
        ..Environment::default()
    }
}

/// Folders of a module that may hold sources, deeper than which nothing is looked at.
const DEEPEST: usize = 24;

/// Packages and classes that the sources of a module of the same build declare, by where they lie.
fn own_packages(folder: &Path) -> Vec<String> {
    let mut found = BTreeSet::new();
    for sources in ["src", "target/generated-sources", "build/generated"] {
        walk(&folder.join(sources), 0, &mut found);
    }
    found.into_iter().collect()
}

fn walk(folder: &Path, depth: usize, found: &mut BTreeSet<String>) {
    if depth > DEEPEST || found.len() > 200_000 {
        return;
    }
    let entries = fs_err::read_dir(folder).into_iter().flatten().flatten();
    let mut package: Option<String> = None;
    for entry in entries {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_dir() {
            walk(&path, depth + 1, found);
            continue;
        }
        let Some((name, ending)) = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.rsplit_once('.')) else {
            continue;
        };
        if !matches!(ending, "java" | "kt" | "scala" | "groovy") {
            continue;
        }
        if package.is_none() {
            package = Some(fs_err::read(&path).map(|bytes| crate::source::package_of(&bytes)).unwrap_or_default());
        }
        if let Some(package) = package.as_deref().filter(|package| !package.is_empty()) {
            found.insert(package.to_owned());
            found.insert(format!("{package}.{name}"));
        }
    }
}
