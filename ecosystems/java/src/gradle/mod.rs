//! Gradle builds, read without running them: scripts in Groovy and Kotlin, version catalogs, properties, lockfiles; and the class path
//! that follows, as far as the artifacts lie on this machine. What a script computes is not known, so all of it is less sure.

mod catalog;
mod script;
mod words;

use crate::names::coordinate;
use crate::pom::effective::Loader;
use crate::pom::raw::Dependency;
use crate::repository::Repository;
use crate::resolve::{Rule, Wanted, name_of, resolve};
use catalog::Catalog;
use depslim_formats::text::decode;
use depslim_model::{
    Alias, Environment, Facts, Group, Host, How, Layer, Manifest, Reader, Require, Role, Source, Strength, Use,
};
use script::{Declaration, Script};
use std::collections::{BTreeMap, HashMap};

/// The readers.
pub(crate) const READERS: [Reader; 3] = [
    Reader {
        name: "build.gradle",
        layer: Layer::Manifest,
        globs: &["build.gradle", "build.gradle.kts"],
        read: read_script,
    },
    Reader { name: "version catalog", layer: Layer::Manifest, globs: &["*.versions.toml"], read: read_catalog },
    Reader { name: "gradle.properties", layer: Layer::Manifest, globs: &["gradle.properties"], read: read_properties },
];

/// What stands in front of a notation that holds for other projects of the build, until the tree is settled.
const FOR_OTHERS: &str = "for other projects";

fn read_script(source: &Source<'_>) -> Facts {
    // What is there builds the build.
    if source.folder().split('/').any(|folder| folder == "buildSrc") {
        return Facts::default();
    }
    let decoded = decode(source.bytes);
    let script = script::read(&decoded.text);
    let offset = decoded.file_offset();
    let mut facts = Facts { problems: decoded.problems.clone(), ..Facts::default() };
    for line in script.lines.iter().filter(|line| !line.platform) {
        let Some((group, given)) = group_of(&line.configuration) else { continue };
        let (name, version) = split(&line.notation);
        facts.requires.push(Require {
            name,
            version,
            group,
            given,
            group_name: Some(line.configuration.clone()),
            condition: line.for_others.then(|| FOR_OTHERS.to_owned()),
            line: line.line,
            span: offset.map(|offset| line.span.start + offset..line.span.end + offset),
            ..Require::default()
        });
    }
    facts.manifest = Some(Manifest {
        role: Role::Manifest,
        manager: Some("gradle".into()),
        runtime: script.java.as_ref().map(|version| format!(">={version}")),
        ..Manifest::default()
    });
    facts.uses = script.plugins.iter().map(|(id, _)| plugin(id)).collect();
    facts.aliases = script.properties.iter().map(|(name, value)| alias(name, vec![value.clone()])).collect();
    facts
}

/// A plug-in of the build, as a setting: rules say what the code that it makes needs.
fn plugin(id: &str) -> Use {
    let (name, value) = ("build.plugin".to_owned(), id.to_owned());
    Use { how: How::Setting, name, value, strength: Strength::Lazy, line: 0 }
}

fn read_catalog(source: &Source<'_>) -> Facts {
    let name = source.file_name().strip_suffix(".versions.toml").unwrap_or("libs");
    match catalog::read(&decode(source.bytes).text) {
        Ok(catalog) => Facts { aliases: catalog_aliases(name, &catalog), ..Facts::default() },
        Err(problem) => Facts { problems: vec![problem], ..Facts::default() },
    }
}

fn catalog_aliases(name: &str, catalog: &Catalog) -> Vec<Alias> {
    let notation = |(name, version): &(String, Option<String>)| match version {
        Some(version) => format!("{name}:{version}"),
        None => name.clone(),
    };
    catalog.iter().map(|(key, parts)| alias(&format!("{name}.{key}"), parts.iter().map(notation).collect())).collect()
}

fn read_properties(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let pairs = crate::config::properties::pairs(&decoded.text);
    Facts { aliases: pairs.map(|(key, value)| alias(&key, vec![value])).collect(), ..Facts::default() }
}

fn alias(name: &str, targets: Vec<String>) -> Alias {
    Alias { name: name.to_owned(), targets, public: false, line: 0 }
}

/// Who a configuration is for, and whether what it has is there already when the program runs. `None` for one that is on no class path.
fn group_of(configuration: &str) -> Option<(Group, bool)> {
    let lower = configuration.to_ascii_lowercase();
    let (ending, group) = match configuration {
        "api" | "implementation" | "compile" | "runtime" | "runtimeOnly" => return Some((Group::Prod, false)),
        "compileOnly" | "compileOnlyApi" | "providedCompile" | "providedRuntime" | "provided" => {
            return Some((Group::Prod, true));
        }
        "developmentOnly" | "testAndDevelopmentOnly" => return Some((Group::Dev, false)),
        _ if lower.contains("annotationprocessor") || lower.starts_with("kapt") || lower.starts_with("ksp") => {
            return Some((Group::Build, false));
        }
        _ => (
            ["Implementation", "Api", "RuntimeOnly", "CompileOnly", "Compile", "Runtime"]
                .iter()
                .find(|ending| configuration.ends_with(**ending))?,
            if ["test", "jmh", "bench", "fixture", "debug"].iter().any(|word| lower.contains(word)) {
                Group::Dev
            } else {
                Group::Prod
            },
        ),
    };
    Some((group, *ending == "CompileOnly" && group == Group::Prod))
}

/// `group:artifact`, and the version of a notation.
fn split(notation: &str) -> (String, Option<String>) {
    let parts: Vec<&str> = notation.split('@').next().unwrap_or(notation).split(':').collect();
    match parts[..] {
        [group, artifact] => (coordinate(group, artifact, ""), None),
        [group, artifact, version] => (coordinate(group, artifact, ""), Some(version.to_owned())),
        [group, artifact, version, classifier, ..] => {
            (coordinate(group, artifact, classifier), Some(version.to_owned()))
        }
        _ => (notation.to_owned(), None),
    }
}

/// Replaces `$name`, `${name}` and `${property("name")}` by what is known.
fn filled(text: &str, properties: &BTreeMap<String, String>, depth: usize) -> String {
    if !text.contains('$') || depth == 0 {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        out.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        let (whole, key) = if let Some(inner) = after.strip_prefix('{') {
            let end = inner.find('}').unwrap_or(inner.len());
            (end + 2, &inner[..end])
        } else {
            let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
            (end, &after[..end])
        };
        let bare =
            key.rsplit(['.', '(', '[']).next().unwrap_or(key).trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        match properties.get(key).or_else(|| properties.get(bare)) {
            Some(value) => out.push_str(&filled(value, properties, depth - 1)),
            None => out.push_str(rest.get(start..=start + whole.min(after.len())).unwrap_or_default()),
        }
        rest = after.get(whole..).unwrap_or_default();
        if out.len() > 4096 {
            break;
        }
    }
    out.push_str(rest);
    out
}

/// Settles all Gradle files among the manifests of a tree: names of catalogs, properties, what a build says for other projects.
pub(crate) fn settle(files: &mut [(String, Facts)]) {
    let is_script = |path: &str| path.rsplit('/').next().is_some_and(|name| name.starts_with("build.gradle"));
    let known: Vec<(String, Vec<Alias>)> = files
        .iter()
        .filter(|(path, facts)| !path.ends_with("pom.xml") && !facts.aliases.is_empty())
        .map(|(path, facts)| (crate::names::home(path), facts.aliases.clone()))
        .collect();
    let shared: Vec<(String, Vec<Require>)> = files
        .iter()
        .filter(|(path, _)| is_script(path))
        .map(|(path, facts)| {
            let all = facts.requires.iter().filter(|r| r.condition.as_deref() == Some(FOR_OTHERS));
            (crate::names::home(path), all.cloned().collect::<Vec<_>>())
        })
        .filter(|(_, lines)| !lines.is_empty())
        .collect();
    for (path, facts) in files.iter_mut().filter(|(path, _)| !path.ends_with("pom.xml")) {
        facts.aliases.clear();
        if !is_script(path) {
            continue;
        }
        let home = crate::names::home(path);
        let around = |folder: &str| {
            folder.is_empty() || home == folder || home.strip_prefix(folder).is_some_and(|r| r.starts_with('/'))
        };
        let mut names: HashMap<&str, &Vec<String>> = HashMap::new();
        let mut properties: BTreeMap<String, String> = BTreeMap::new();
        for alias in known.iter().filter(|(folder, _)| around(folder)).flat_map(|(_, aliases)| aliases) {
            names.entry(&alias.name).or_insert(&alias.targets);
            if let [value] = alias.targets.as_slice() {
                properties.entry(alias.name.clone()).or_insert_with(|| value.clone());
            }
        }
        let inherited = shared.iter().filter(|(folder, _)| *folder != home && around(folder));
        let inherited = inherited.flat_map(|(_, lines)| lines).map(|line| Require { inherited: true, ..line.clone() });
        let mut requires = Vec::new();
        for require in std::mem::take(&mut facts.requires).into_iter().chain(inherited) {
            let written = if require.name.contains(':') { None } else { names.get(require.name.as_str()) };
            let notations = match written {
                Some(targets) => targets.iter().map(|target| split(target)).collect(),
                None => vec![(require.name.clone(), require.version.clone())],
            };
            for (name, version) in notations {
                let (name, version) = (filled(&name, &properties, 8), version.map(|v| filled(&v, &properties, 8)));
                if name.contains(':') && !requires.iter().any(|r: &Require| r.inherited && r.name == name) {
                    requires.push(Require { name, version, condition: None, ..require.clone() });
                }
            }
        }
        facts.requires = requires;
    }
}

/// The class path of a Gradle project, from what lies on this machine; `None` when nothing of it does.
pub(crate) fn class_path(host: &Host<'_>, repositories: Vec<Repository>) -> Option<Environment> {
    let folders: Vec<_> = host.project.ancestors().take_while(|folder| folder.starts_with(host.root)).collect();
    let script_in = |folder: &std::path::Path| -> Option<Script> {
        let bytes =
            ["build.gradle", "build.gradle.kts"].iter().find_map(|name| fs_err::read(folder.join(name)).ok())?;
        Some(script::read(&decode(&bytes).text))
    };
    let own = script_in(host.project)?;
    let around: Vec<Script> = folders.iter().skip(1).filter_map(|folder| script_in(folder)).collect();
    let mut properties: BTreeMap<String, String> = BTreeMap::new();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in folders.iter().rev() {
        for (key, value) in
            read_file(&folder.join("gradle.properties")).iter().flat_map(|t| crate::config::properties::pairs(t))
        {
            properties.insert(key, value);
        }
        let catalogs =
            fs_err::read_dir(folder.join("gradle")).into_iter().flatten().flatten().map(|entry| entry.path());
        for path in catalogs {
            let name = path
                .file_name()
                .and_then(|n| n.to_str())
                .and_then(|n| n.strip_suffix(".versions.toml"))
                .map(str::to_owned);
            let read = name.zip(read_file(&path)).and_then(|(name, text)| Some((name, catalog::read(&text).ok()?)));
            if let Some((name, catalog)) = read {
                names.extend(catalog_aliases(&name, &catalog).into_iter().map(|alias| (alias.name, alias.targets)));
            }
        }
    }
    for script in around.iter().rev().chain([&own]) {
        properties.extend(script.properties.clone());
    }
    let locked = read_file(&host.project.join("gradle.lockfile")).map(|text| lock(&text)).unwrap_or_default();
    let loader = Loader::new(repositories, host.root, None);
    let shared = around.iter().flat_map(|script| &script.lines).filter(|line| line.for_others);
    let mut managed = HashMap::new();
    let mut dependencies = Vec::new();
    let plugins = own.plugins.iter().chain(around.iter().flat_map(|script| &script.plugins));
    let bills = plugins
        .filter_map(|(id, version)| Some(format!("{}:{}", bill_of(id)?, filled(version.as_ref()?, &properties, 8))));
    let mut bills: Vec<String> = bills.collect();
    for line in own.lines.iter().chain(shared) {
        for (name, version) in notations(line, &names) {
            let notation = version.map_or_else(|| name.clone(), |version| format!("{name}:{version}"));
            let notation = filled(&notation, &properties, 8);
            if line.platform {
                bills.push(notation);
            } else if group_of(&line.configuration).is_some() {
                dependencies.extend(asked(&notation, &locked));
            }
        }
    }
    for bill in bills {
        if let [group, artifact, version] = bill.split(':').collect::<Vec<_>>()[..]
            && let Some((model, _)) = loader.find(group, artifact, version)
        {
            for (key, rule) in &model.managed {
                managed.entry(key.clone()).or_insert_with(|| Dependency { scope: None, ..rule.clone() });
            }
        }
    }
    let dependencies = dependencies.into_iter().map(|d| crate::pom::effective::with_management(d, &managed)).collect();
    let artifacts = resolve(&loader, &Wanted { dependencies, managed: &managed, rule: Rule::Newest });
    artifacts
        .iter()
        .any(|a| a.jar.is_some())
        .then(|| crate::environment::environment(&loader, host, &artifacts, Vec::new()))
}

fn read_file(path: &std::path::Path) -> Option<String> {
    fs_err::read(path).ok().map(|bytes| decode(&bytes).text.into_owned())
}

fn notations(line: &Declaration, names: &BTreeMap<String, Vec<String>>) -> Vec<(String, Option<String>)> {
    match names.get(&line.notation) {
        Some(targets) => targets.iter().map(|target| split(target)).collect(),
        None => vec![split(&line.notation)],
    }
}

fn asked(notation: &str, locked: &HashMap<String, String>) -> Option<Dependency> {
    let parts: Vec<&str> = notation.split('@').next()?.split(':').collect();
    let dependency = Dependency {
        group: (*parts.first()?).to_owned(),
        artifact: (*parts.get(1)?).to_owned(),
        version: parts.get(2).filter(|version| !version.is_empty()).map(|version| (*version).to_owned()),
        classifier: parts.get(3).map_or_else(String::new, |classifier| (*classifier).to_owned()),
        ..Dependency::default()
    };
    let version = locked.get(&name_of(&dependency)).cloned().or(dependency.version);
    Some(Dependency { version, ..dependency })
}

/// Versions of a `gradle.lockfile`: `group:artifact:version=configurations`.
fn lock(text: &str) -> HashMap<String, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let entries = lines.filter_map(|line| line.split('=').next()?.rsplit_once(':'));
    entries.map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
}

fn bill_of(plugin: &str) -> Option<&'static str> {
    let table: &'static str = include_str!("../../data/gradle-bills.txt");
    table.lines().filter_map(|line| line.split_once(' ')).find(|(id, _)| *id == plugin).map(|(_, bill)| bill)
}

#[cfg(test)]
mod tests;
