//! Which classes of others the classes of a jar name: the whole jar is one file to the walk through what is installed.

use crate::archive::{Archive, Budget};
use crate::{class, jdk};
use depslim_model::{Facts, How, Problem, Source, Strength, Use};
use rustc_hash::FxHashSet;

/// A class file: what it names is imported by whoever has it.
pub(crate) fn read_class(source: &Source<'_>) -> Facts {
    let Some(class) = class::read(source.bytes) else {
        return Facts::broken(Problem::at(0, "no class file, or cut short"));
    };
    let mut names = Names { whole: true, ..Names::default() };
    names.take(&class);
    let own = own_name(source.path);
    names.facts(|name| own.is_some_and(|own| outer(name) == outer(own.as_bytes())))
}

/// Reads all classes of a jar, those for newer runtimes and those of a packed application included.
pub(crate) fn read(source: &Source<'_>) -> Facts {
    let mut archive = match Archive::of(source.bytes) {
        Ok(archive) => archive,
        Err(message) => return Facts::broken(Problem::fatal(0, message)),
    };
    let mut own: FxHashSet<Vec<u8>> = FxHashSet::default();
    let mut wanted = Vec::new();
    for entry in archive.entries() {
        if let Some(class) = entry.name.strip_suffix(b".class") {
            own.insert(outer(path_of_class(class)).to_vec());
            wanted.push(entry.at);
        }
    }
    let mut names = Names::default();
    let mut budget = Budget::default();
    let mut broken = 0;
    for at in wanted {
        match archive.read(at, &mut budget).as_deref().map(class::read) {
            Some(Some(class)) => names.take(&class),
            _ => broken += 1,
        }
    }
    let mut facts = names.facts(|name| own.contains(outer(name)));
    if broken > 0 {
        facts.problems.push(Problem::at(0, format!("{broken} classes can't be read")));
    }
    facts
}

/// The name of a class as it is looked up, from its place in a jar.
pub(crate) fn path_of_class(path: &[u8]) -> &[u8] {
    let path =
        path.strip_prefix(b"BOOT-INF/classes/").or_else(|| path.strip_prefix(b"WEB-INF/classes/")).unwrap_or(path);
    match path.strip_prefix(b"META-INF/versions/") {
        Some(versioned) => memchr::memchr(b'/', versioned).map_or(versioned, |at| &versioned[at + 1..]),
        None => path,
    }
}

/// The class around a nested one.
fn outer(name: &[u8]) -> &[u8] {
    match memchr::memchr(b'$', name) {
        Some(at) if at > 0 && name[at - 1] != b'/' => &name[..at],
        _ => name,
    }
}

/// The class that a file below a folder of classes holds.
fn own_name(path: &str) -> Option<&str> {
    let path = path.strip_suffix(".class")?;
    let marks = [
        "/classes/java/main/",
        "/classes/java/test/",
        "/classes/kotlin/main/",
        "/classes/kotlin/test/",
        "/test-classes/",
        "/classes/",
    ];
    marks.iter().find_map(|mark| path.split_once(mark)).map(|(_, name)| name)
}

/// Names gathered from several classes.
#[derive(Default)]
struct Names {
    /// The class is the project's own: what it only mentions is used, and what the runtime supplies is asked for.
    whole: bool,
    linked: FxHashSet<Vec<u8>>,
    mentioned: FxHashSet<Vec<u8>>,
    strings: FxHashSet<Vec<u8>>,
}

impl Names {
    fn take(&mut self, class: &class::Class<'_>) {
        for name in &class.classes {
            let name = outer(name);
            let plain = name.starts_with(b"java/") && !self.whole;
            if !plain && !self.linked.contains(name) {
                self.linked.insert(name.to_vec());
            }
        }
        for name in &class.mentioned {
            let name = outer(name);
            if !name.starts_with(b"java/") && !self.mentioned.contains(name) {
                self.mentioned.insert(name.to_vec());
            }
        }
        for name in &class.strings {
            if !self.strings.contains(*name) {
                self.strings.insert(name.to_vec());
            }
        }
    }

    fn facts(self, is_own: impl Fn(&[u8]) -> bool) -> Facts {
        let mut uses = Vec::new();
        let mut add = |name: &[u8], how: How, strength: Strength| {
            let path: Vec<u8> = name.iter().map(|b| if *b == b'.' { b'/' } else { *b }).collect();
            if is_own(&path) {
                return;
            }
            let Ok(name) = String::from_utf8(path) else { return };
            let name = name.replace('/', ".");
            let module = jdk::module_of(&name);
            if name.contains('.') && (module.is_none() || (self.whole && module != Some("java.base"))) {
                uses.push(Use { how, name, value: String::new(), strength, line: 0 });
            }
        };
        for name in &self.linked {
            add(name, How::Import, Strength::Hard);
        }
        for name in self.mentioned.difference(&self.linked) {
            add(name, How::Import, if self.whole { Strength::Hard } else { Strength::Optional });
        }
        for name in &self.strings {
            add(name, How::Dynamic, Strength::Lazy);
        }
        uses.sort_by(|a, b| (&a.name, a.how).cmp(&(&b.name, b.how)));
        uses.dedup();
        Facts { uses, ..Facts::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::tests::zip;
    use crate::class::tests::class;
    use depslim_model::Settings;

    fn used(files: &[(&str, &[u8])]) -> Vec<String> {
        let bytes = zip(files);
        let facts = read(&Source { path: "barn.jar", bytes: &bytes, settings: &Settings::default() });
        facts.uses.into_iter().map(|used| used.name).collect()
    }

    #[test]
    fn a_jar_names_what_it_does_not_hold() {
        let hay = class(
            61,
            &["c:barn/Hay", "c:barn/Hay$Bale", "c:feed/Oats", "c:java/util/List", "s:feed.Corn", "u:Lloft/Mouse;"],
        );
        assert_eq!(
            used(&[("barn/Hay.class", &hay), ("loft/Mouse.class", &class(52, &[]))]),
            ["feed.Corn", "feed.Oats"]
        );
    }

    #[test]
    fn broken_classes_are_counted_and_the_others_read() {
        let bytes = zip(&[("a/Broken.class", b"\xCA\xFE"), ("barn/Hay.class", &class(61, &["c:feed/Oats"]))]);
        let facts = read(&Source { path: "barn.jar", bytes: &bytes, settings: &Settings::default() });
        assert_eq!(facts.uses.len(), 1);
        assert_eq!(facts.problems[0].message, "1 classes can't be read");
        assert!(read(&Source { path: "x.jar", bytes: &bytes[..40], settings: &Settings::default() }).problems[0].fatal);
    }
}
