//! What a jar supplies: its packages and classes, services and other registrations, read from its directory and a few small entries.

use crate::archive::{Archive, Budget, Located};
use crate::jdk;
use crate::names::looks_like_class;
use depslim_model::Plugin;
use rustc_hash::FxHashSet;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::SystemTime;

/// Entries that are read for registrations, at most so many of a jar.
const MOST_REGISTRATIONS: usize = 600;

/// What a jar supplies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Jar {
    /// Packages with classes, those of the runtime left out: nobody gets those from a jar.
    pub(crate) packages: BTreeSet<String>,
    /// Classes that lie in no other one, by full name.
    pub(crate) classes: Vec<String>,
    /// Registrations: services, auto-configurations, tag libraries, XML namespaces, web assets.
    pub(crate) plugins: Vec<Plugin>,
}

type Stamp = (PathBuf, u64, Option<SystemTime>);

type Known = HashMap<Stamp, Result<Arc<Jar>, &'static str>>;

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// What the jar at a path supplies. Every module of a build asks for the same jars: each is looked into once.
///
/// # Errors
/// Why it can't be read.
pub(crate) fn at(path: &Path) -> Result<Arc<Jar>, &'static str> {
    let about = fs_err::metadata(path).map_err(|_| "the file can't be read")?;
    let stamp = (path.to_owned(), about.len(), about.modified().ok());
    if let Some(known) = KNOWN.lock().ok().and_then(|known| known.get(&stamp).cloned()) {
        return known;
    }
    let jar = Archive::open(path).map(|archive| Arc::new(read(archive)));
    if let Ok(mut known) = KNOWN.lock() {
        known.insert(stamp, jar.clone());
    }
    jar
}

fn read(mut archive: Archive<'_>) -> Jar {
    let mut jar = Jar::default();
    let mut packages: FxHashSet<&str> = FxHashSet::default();
    let mut registrations: Vec<(Registry, String, Located)> = Vec::new();
    let mut assets: BTreeSet<String> = BTreeSet::new();
    let entries = archive.entries();
    for entry in &entries {
        let Some(name) = entry.text() else { continue };
        if let Some(class) = name.strip_suffix(".class") {
            let class = class
                .strip_prefix("BOOT-INF/classes/")
                .or_else(|| class.strip_prefix("WEB-INF/classes/"))
                .unwrap_or(class);
            let class = match class.strip_prefix("META-INF/versions/") {
                Some(versioned) => versioned.split_once('/').map_or(versioned, |(_, rest)| rest),
                None => class,
            };
            if let Some((package, simple)) = class.rsplit_once('/') {
                packages.insert(package);
                if !simple.contains('$') && simple != "package-info" {
                    jar.classes.push(class.replace('/', "."));
                }
            } else if !class.contains('$') && class != "module-info" {
                jar.classes.push(class.to_owned());
            }
        } else if let Some(rest) = name.strip_prefix("META-INF/resources/webjars/") {
            if let Some((asset, _)) = rest.split_once('/').filter(|(asset, _)| !asset.is_empty()) {
                assets.insert(asset.to_owned());
            }
        } else if let Some((registry, group)) = registry(name)
            && registrations.len() < MOST_REGISTRATIONS
        {
            registrations.push((registry, group, entry.at));
        }
    }
    jar.packages = packages
        .into_iter()
        .map(|package| package.replace('/', "."))
        .filter(|package| !package.starts_with("META-INF") && jdk::module_of(package).is_none())
        .collect();
    jar.classes.retain(|class| !class.starts_with("META-INF") && jdk::module_of(class).is_none());
    jar.classes.sort_unstable();
    jar.classes.dedup();
    let here: FxHashSet<&str> = jar.classes.iter().map(String::as_str).collect();
    let mut plugins = Vec::new();
    let mut budget = Budget(64 * 1024 * 1024);
    drop(entries);
    for (registry, group, at) in registrations {
        let Some(bytes) = archive.read(at, &mut budget) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        registered(registry, &group, &text, &mut plugins);
    }
    // Whoever registers a class of somebody else only mentions it.
    plugins.retain(|plugin: &Plugin| {
        plugin.target.is_empty() || here.contains(plugin.target.split('$').next().unwrap_or_default())
    });
    plugins.extend(assets.into_iter().map(|asset| Plugin {
        group: "webjars".into(),
        name: format!("webjars/{asset}"),
        target: String::new(),
    }));
    plugins.sort_by(|a, b| (&a.group, &a.name).cmp(&(&b.group, &b.name)));
    plugins.dedup();
    jar.plugins = plugins;
    jar
}

/// A kind of file that registers something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Registry {
    /// One class a line.
    Lines,
    /// Interfaces and their classes.
    Factories,
    /// XML namespaces.
    Handlers,
    /// A tag library.
    Tags,
}

fn registry(name: &str) -> Option<(Registry, String)> {
    if let Some(service) = name.strip_prefix("META-INF/services/") {
        let plain = !service.is_empty() && !service.contains('/');
        return plain.then(|| (Registry::Lines, service.to_owned()));
    }
    if let Some(imports) = name.strip_prefix("META-INF/spring/").and_then(|n| n.strip_suffix(".imports")) {
        return Some((Registry::Lines, imports.to_owned()));
    }
    match name {
        "META-INF/spring.factories" | "META-INF/spring/aot.factories" => Some((Registry::Factories, String::new())),
        "META-INF/spring.handlers" => Some((Registry::Handlers, "spring.handlers".into())),
        _ if name.starts_with("META-INF/") && name.ends_with(".tld") => Some((Registry::Tags, "taglib".into())),
        _ => None,
    }
}

fn registered(registry: Registry, group: &str, text: &str, plugins: &mut Vec<Plugin>) {
    match registry {
        Registry::Lines => {
            for line in text.lines() {
                let class = line.split('#').next().unwrap_or_default().trim();
                if !class.is_empty() {
                    plugins.push(Plugin { group: group.to_owned(), name: class.to_owned(), target: class.to_owned() });
                }
            }
        }
        Registry::Factories => {
            for (key, value) in crate::config::properties::pairs(text) {
                for class in value.split(',').map(str::trim).filter(|class| looks_like_class(class)) {
                    plugins.push(Plugin { group: key.clone(), name: class.to_owned(), target: class.to_owned() });
                }
            }
        }
        Registry::Handlers => {
            for (namespace, class) in crate::config::properties::pairs(text) {
                plugins.push(Plugin { group: group.to_owned(), name: namespace, target: class.trim().to_owned() });
            }
        }
        Registry::Tags => {
            if let Some((_, rest)) = text.split_once("<uri>")
                && let Some((uri, _)) = rest.split_once("</uri>")
            {
                plugins.push(Plugin { group: group.to_owned(), name: uri.trim().to_owned(), target: String::new() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::tests::zip;

    fn jar(files: &[(&str, &[u8])]) -> Jar {
        let bytes = zip(files);
        read(Archive::of(&bytes).unwrap())
    }

    #[test]
    fn packages_and_classes_are_told_by_the_directory() {
        let jar = jar(&[
            ("barn/Hay.class", b""),
            ("barn/Hay$Bale.class", b""),
            ("META-INF/versions/11/barn/loft/Straw.class", b""),
            ("javax/xml/stream/XMLStreamReader.class", b""),
            ("barn/package-info.class", b""),
            ("barn/readme.txt", b""),
        ]);
        assert_eq!(jar.packages.iter().map(String::as_str).collect::<Vec<_>>(), ["barn", "barn.loft"]);
        assert_eq!(jar.classes, ["barn.Hay", "barn.loft.Straw"]);
    }

    #[test]
    fn registrations_name_their_group() {
        let jar = jar(&[
            ("barn/Driver.class", b""),
            ("barn/Auto.class", b""),
            ("META-INF/services/java.sql.Driver", b"# ours\nbarn.Driver\nother.Driver # not here\n"),
            ("META-INF/spring/org.auto.Imports.imports", b"barn.Auto\n"),
            ("META-INF/spring.factories", b"org.Key=\\\n  barn.Auto,barn.Gone\n"),
            ("META-INF/spring.handlers", b"http\\://farm.invalid/schema=barn.Auto\n"),
            ("META-INF/barn.tld", b"<taglib><uri>http://farm.invalid/tags</uri></taglib>"),
            ("META-INF/resources/webjars/plough/1.0/plough.js", b""),
        ]);
        let said: Vec<(&str, &str)> = jar.plugins.iter().map(|p| (p.group.as_str(), p.name.as_str())).collect();
        assert_eq!(
            said,
            [
                ("java.sql.Driver", "barn.Driver"),
                ("org.Key", "barn.Auto"),
                ("org.auto.Imports", "barn.Auto"),
                ("spring.handlers", "http://farm.invalid/schema"),
                ("taglib", "http://farm.invalid/tags"),
                ("webjars", "webjars/plough"),
            ]
        );
    }
}
