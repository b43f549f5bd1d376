//! `pom.xml`: what it declares, as facts; what a whole tree of them says together; and the effective model that resolution needs.

pub(crate) mod effective;
mod property;
pub(crate) mod raw;
mod workspace;

pub(crate) use workspace::settle;

use crate::names::coordinate;
use crate::resolve::name_of;
use depslim_formats::text::decode;
use depslim_model::{Alias, Facts, Group, How, Include, Layer, Manifest, Reader, Require, Role, Source, Strength, Use};
use raw::{Dependency, Plugin, Raw};

/// The reader.
pub(crate) const READER: Reader = Reader { name: "pom.xml", layer: Layer::Manifest, globs: &["pom.xml"], read };

/// What a declaration of `dependencyManagement` says it is required by, until the tree is settled.
const MANAGED: &str = "dependencyManagement";

fn read(source: &Source<'_>) -> Facts {
    let decoded = decode(source.bytes);
    let raw = match raw::read(&decoded.text) {
        Ok(raw) => raw,
        Err(problem) => return Facts::broken(problem),
    };
    let group = raw.group.clone().or_else(|| raw.parent.as_ref().map(|p| p.group.clone())).unwrap_or_default();
    let mut facts = Facts { problems: decoded.problems.clone(), ..Facts::default() };
    let profiles = raw.profiles.iter().flat_map(|p| p.dependencies.iter().map(|d| (d, Some(p.id.as_str()))));
    for (dependency, profile) in raw.dependencies.iter().map(|d| (d, None)).chain(profiles) {
        if !dependency.group.is_empty() && !dependency.artifact.is_empty() {
            facts.requires.push(require(dependency, profile, decoded.file_offset()));
        }
    }
    for dependency in raw.managed.iter().chain(raw.profiles.iter().flat_map(|p| &p.managed)) {
        let from = Some(MANAGED.to_owned());
        facts.requires.push(Require { from, ..require(dependency, None, None) });
    }
    let aggregates = raw.packaging.as_deref() == Some("pom") && !facts.requires.iter().any(|r| r.from.is_none());
    facts.manifest = Some(Manifest {
        role: Role::Manifest,
        // A file that only gathers others is no project of its own.
        name: (!aggregates && !raw.artifact.is_empty()).then(|| coordinate(&group, &raw.artifact, "")),
        manager: Some("mvn".into()),
        runtime: runtime(&raw),
        includes: raw
            .parent
            .iter()
            .map(|p| Include {
                path: p.relative.clone().unwrap_or_else(|| "../pom.xml".into()),
                role: Role::Constraints,
                line: p.line,
            })
            .collect(),
        members: raw.modules.clone(),
        default_groups: None,
    });
    facts.aliases = properties(&raw, &group);
    facts.module_roots = raw.sources.iter().filter(|s| !s.tests).map(|s| s.path.clone()).collect();
    let plugins = raw.plugins.iter().chain(raw.profiles.iter().flat_map(|p| &p.plugins));
    facts.uses = plugins.flat_map(plugin_uses).collect();
    facts
}

fn require(dependency: &Dependency, profile: Option<&str>, offset: Option<usize>) -> Require {
    let scope = dependency.scope.as_deref();
    Require {
        name: name_of(dependency),
        group: if scope == Some("test") { Group::Dev } else { Group::Prod },
        group_name: scope.map(str::to_owned).or_else(|| profile.filter(|id| !id.is_empty()).map(str::to_owned)),
        version: dependency.version.clone(),
        line: dependency.line,
        span: offset.map(|offset| dependency.span.start + offset..dependency.span.end + offset),
        comment: dependency.comment.clone(),
        given: matches!(scope, Some("provided" | "system")),
        ..Require::default()
    }
}

/// The lowest version of Java that the build says it compiles for.
fn runtime(raw: &Raw) -> Option<String> {
    let keys =
        ["maven.compiler.release", "java.version", "maven.compiler.target", "maven.compiler.source", "javaVersion"];
    let version = keys.iter().find_map(|key| raw.properties.get(*key)).cloned().or_else(|| {
        let compiler = raw.plugins.iter().find(|p| p.artifact == "maven-compiler-plugin")?;
        let text = |name: &str| compiler.texts.iter().find(|(key, ..)| key == name).map(|(_, text, _)| text.clone());
        text("release").or_else(|| text("target")).or_else(|| text("source"))
    })?;
    let version = version.strip_prefix("1.").unwrap_or(&version).to_owned();
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| format!(">={version}"))
}

/// Properties, as names that stand for texts: only until the tree is settled.
fn properties(raw: &Raw, group: &str) -> Vec<Alias> {
    let version = raw.version.clone().or_else(|| raw.parent.as_ref().map(|p| p.version.clone())).unwrap_or_default();
    let own = [("project.groupId", group), ("project.version", &version), ("project.artifactId", &raw.artifact)];
    let profiles = raw.profiles.iter().filter(|p| p.by_default).flat_map(|p| &p.properties);
    let written = raw.properties.iter().chain(profiles).map(|(k, v)| (k.as_str(), v.as_str()));
    let all = own.into_iter().filter(|(_, value)| !value.is_empty()).chain(written);
    all.map(|(name, value)| Alias { name: name.to_owned(), targets: vec![value.to_owned()], public: false, line: 0 })
        .collect()
}

/// What a plug-in of the build is told: its own name, and texts that may name classes, drivers and the like.
fn plugin_uses(plugin: &Plugin) -> Vec<Use> {
    if plugin.managed || plugin.artifact.is_empty() {
        return Vec::new();
    }
    let name = coordinate(&plugin.group, &plugin.artifact, "");
    let one = |how: How, name: &str, value: &str, line: u32| Use {
        how,
        name: name.to_owned(),
        value: value.to_owned(),
        strength: Strength::Lazy,
        line,
    };
    let mut uses = vec![one(How::Setting, "build.plugin", &name, plugin.line)];
    for (key, text, line) in &plugin.texts {
        uses.push(one(How::Setting, &format!("{}.{key}", plugin.artifact), text, *line));
        if crate::names::looks_like_class(text) {
            uses.push(one(How::Text, text, key, *line));
        }
    }
    uses
}

#[cfg(test)]
mod tests;
