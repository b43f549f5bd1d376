//! Checks a configuration against the keys: unknown keys, wrong kinds of values, words that mean nothing.

use super::keys::{ECOSYSTEMS, KEYS, Key, Kind, SEVERITIES, project_keys, rule_words};
use super::tree::{Node, Place, Value};
use crate::suggest::hint;
use depslim::policy::{Date, PackagePattern};
use depslim_model::{Code, Target, size};

/// Something wrong in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mistake {
    /// Where.
    pub(crate) place: Place,
    /// What, and what to do.
    pub(crate) message: String,
}

/// All that is wrong with a configuration, in the order of its lines.
pub(crate) fn check(tree: &Node) -> Vec<Mistake> {
    let mut mistakes = Mistakes::default();
    mistakes.table(tree, &KEYS.iter().collect::<Vec<_>>(), "");
    for ignore in tree.get("ignore").into_iter().flat_map(Node::items) {
        mistakes.ignore(ignore);
    }
    for project in tree.get("project").into_iter().flat_map(Node::items) {
        if project.get("path").is_none() {
            mistakes.add(&project.place, "`project` needs a `path`");
        }
        for ignore in project.get("ignore").into_iter().flat_map(Node::items) {
            mistakes.ignore(ignore);
        }
    }
    mistakes.0.sort();
    mistakes.0.dedup();
    mistakes.0
}

#[derive(Default)]
struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn add(&mut self, place: &Place, message: impl Into<String>) {
        self.0.push(Mistake { place: place.clone(), message: message.into() });
    }

    fn table(&mut self, node: &Node, keys: &[&'static Key], path: &str) {
        let Value::Table(entries) = &node.value else {
            return self.kind(node, path, "a table");
        };
        for (name, value) in entries {
            let full = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if let Some(key) = keys.iter().find(|key| key.name == name) {
                self.value(value, key.kind, &full);
            } else {
                let hint = hint(name, keys.iter().map(|key| key.name));
                self.add(&value.place, format!("unknown key `{full}`{hint}"));
            }
        }
    }

    fn value(&mut self, node: &Node, kind: Kind, path: &str) {
        match kind {
            Kind::Table(keys) => self.table(node, &keys.iter().collect::<Vec<_>>(), path),
            Kind::Tables(keys) => self.tables(node, path, &keys.iter().collect::<Vec<_>>()),
            Kind::Projects => self.tables(node, path, &project_keys().collect::<Vec<_>>()),
            Kind::Text => self.text(node, path, |_| Ok(())),
            Kind::Texts => self.texts(node, path, |_| Ok(())),
            Kind::Choice(words) => self.text(node, path, |text| word(text, words)),
            Kind::Choices(words) => self.texts(node, path, |text| word(text, words)),
            Kind::ChoiceOrFlag(words) => match node.value {
                Value::Flag(_) => {}
                _ => self.text(node, path, |text| word(text, words)),
            },
            Kind::Target => self.text(node, path, |text| match Target::parse(text) {
                Some(_) => Ok(()),
                None => {
                    Err(format!("unknown platform `{text}`; write it as `linux-x86_64-glibc` or `linux-aarch64-musl`"))
                }
            }),
            Kind::Package => self.text(node, path, package),
            Kind::Rules => self.texts(node, path, rule),
            Kind::Size => match &node.value {
                Value::Text(text) if size::parse(text).is_some() => {}
                Value::Integer(bytes) if *bytes >= 0 => {}
                Value::Text(text) => {
                    self.add(&node.place, format!("`{path}`: `{text}` is no size; write it as `25 MB`"));
                }
                _ => self.kind(node, path, "a size as `25 MB`"),
            },
            Kind::Count => match node.value {
                Value::Integer(count) if count >= 0 => {}
                _ => self.kind(node, path, "a number, zero or more"),
            },
            Kind::Date => match &node.value {
                Value::Text(text) | Value::Other(text) => {
                    if let Err(error) = text.parse::<Date>() {
                        self.add(&node.place, format!("`{path}`: {error}"));
                    }
                }
                _ => self.kind(node, path, "a date as 2027-06-30"),
            },
            Kind::Severities => self.by_name(node, path, |mistakes, name, value| {
                if let Err(message) = rule(name) {
                    mistakes.add(&value.place, format!("`{path}`: {message}"));
                }
                mistakes.text(value, &format!("{path}.{name}"), |text| word(text, SEVERITIES));
            }),
            Kind::TextsByName => self.by_name(node, path, |mistakes, name, value| {
                mistakes.texts(value, &format!("{path}.{name}"), |_| Ok(()));
            }),
        }
    }

    fn text(&mut self, node: &Node, path: &str, accept: impl Fn(&str) -> Result<(), String>) {
        match node.text().map(accept) {
            Some(Ok(())) => {}
            Some(Err(message)) => self.add(&node.place, format!("`{path}`: {message}")),
            None => self.kind(node, path, "a string"),
        }
    }

    fn texts(&mut self, node: &Node, path: &str, accept: impl Fn(&str) -> Result<(), String>) {
        match &node.value {
            Value::Text(_) => self.text(node, path, accept),
            Value::List(items) => {
                for item in items {
                    self.text(item, path, &accept);
                }
            }
            _ => self.kind(node, path, "a list of strings"),
        }
    }

    fn tables(&mut self, node: &Node, path: &str, keys: &[&'static Key]) {
        match &node.value {
            Value::List(items) => items.iter().for_each(|item| self.table(item, keys, path)),
            _ => self.add(&node.place, format!("`{path}` is {}; write it as `[[{path}]]`", node.value.kind())),
        }
    }

    fn by_name(&mut self, node: &Node, path: &str, each: impl Fn(&mut Self, &str, &Node)) {
        match &node.value {
            Value::Table(entries) => entries.iter().for_each(|(name, value)| each(self, name, value)),
            _ => self.kind(node, path, "a table"),
        }
    }

    fn ignore(&mut self, ignore: &Node) {
        if !["package", "rules", "path"].iter().any(|key| ignore.get(key).is_some()) {
            self.add(&ignore.place, "`ignore` would hide everything; give it a `package`, `rules` or a `path`");
        }
    }

    fn kind(&mut self, node: &Node, path: &str, wanted: &str) {
        let path = if path.is_empty() { "the configuration" } else { &format!("`{path}`") };
        self.add(&node.place, format!("{path} is {}, not {wanted}", node.value.kind()));
    }
}

fn word(text: &str, words: &[&'static str]) -> Result<(), String> {
    if words.contains(&text) {
        return Ok(());
    }
    let hint = hint(text, words.iter().copied());
    Err(format!("`{text}` is none of {}{hint}", words.join(", ")))
}

fn rule(text: &str) -> Result<(), String> {
    match Code::find(text) {
        Some(_) => Ok(()),
        None => Err(format!("no rule `{text}`{}", hint(text, rule_words()))),
    }
}

fn package(text: &str) -> Result<(), String> {
    let pattern = PackagePattern::parse(text)?;
    let Some(ecosystem) = pattern.ecosystem() else { return Ok(()) };
    let words = || ECOSYSTEMS.iter().flat_map(|(name, purl)| [*name, *purl]);
    if words().any(|word| word == ecosystem) {
        return Ok(());
    }
    Err(format!("no ecosystem `{ecosystem}`{}", hint(ecosystem, words())))
}

#[cfg(test)]
mod tests {
    use super::super::tree::read_toml;
    use super::*;
    use std::path::Path;

    /// `line: message` of every mistake.
    fn found(text: &str) -> Vec<String> {
        let tree = read_toml(Path::new("depslim.toml"), text, &[]).unwrap().unwrap();
        check(&tree).into_iter().map(|mistake| format!("{}: {}", mistake.place.line, mistake.message)).collect()
    }

    #[test]
    fn every_documented_key_is_accepted() {
        let text = r#"
            extends = "../depslim.base.toml"
            exclude = ["examples/**"]
            ecosystems = ["python", "node"]
            fail-on = "error"
            heavy = "25 MB"
            baseline = "depslim-baseline.json"
            target = "linux-x86_64-glibc"
            [rules]
            SLIM003 = "off"
            growth = "warn"
            [budget]
            prod-total = "150 MB"
            prod-growth = 5000000
            [[ignore]]
            package = "pypi:gunicorn"
            rules = ["SLIM001"]
            path = "services/api"
            reason = "started by the platform"
            until = 2027-06-30
            [[project]]
            path = "services/api"
            budget.prod-total = "200 MB"
            python.environment = "env"
            [[project.ignore]]
            package = "gunicorn"
            [python]
            environment = ".venv"
            dev-groups = ["dev", "test", "lint"]
            requirements = ["requirements.txt"]
            requirements-dev = ["requirements-dev.txt"]
            module-map = { "opencv-python" = ["cv2"] }
            [node]
            install-dir = "node_modules"
            bundled = "auto"
            [java]
            artifact = "target/*.jar"
            add-modules = ["jdk.crypto.ec"]
            [go]
            packages = ["./cmd/..."]
            binary = "bin/app"
            tags = []
            [rust]
            binary = "target/release/app"
            features = []
            [image]
            dockerfile = "Dockerfile"
            flavors = ["slim", "alpine", "distroless", "scratch"]
            registry = "docker.io/library"
            [export]
            out-dir = "slim"
            [comment]
            mode = "on-change"
            min-delta = "1 MB"
            suggestions = 3
        "#;
        assert_eq!(found(text), [""; 0]);
    }

    #[test]
    fn unknown_keys_are_named_with_what_was_meant() {
        assert_eq!(found("exlude = []\n"), ["1: unknown key `exlude`; did you mean `exclude`?"]);
        assert_eq!(
            found("[python]\n\nenvironments = 'x'\n"),
            ["3: unknown key `python.environments`; did you mean `environment`?"]
        );
        assert_eq!(
            found("[[ignore]]\npackage = 'a'\nuntill = 2027-01-01\n"),
            ["3: unknown key `ignore.untill`; did you mean `until`?"]
        );
        assert_eq!(found("[[project]]\npath = 'a'\nextends = 'b'\n"), ["3: unknown key `project.extends`"]);
        assert_eq!(found("colour = true\n"), ["1: unknown key `colour`"]);
    }

    #[test]
    fn wrong_kinds_say_what_belongs_there() {
        for (text, expect) in [
            ("exclude = 3", "1: `exclude` is a number, not a list of strings"),
            ("exclude = ['a', 3]", "1: `exclude` is a number, not a string"),
            ("python = 'x'", "1: `python` is a string, not a table"),
            ("ignore = 'x'", "1: `ignore` is a string; write it as `[[ignore]]`"),
            ("[ignore]\npackage = 'x'", "1: `ignore` is a table; write it as `[[ignore]]`"),
            ("heavy = 'much'", "1: `heavy`: `much` is no size; write it as `25 MB`"),
            ("heavy = -1", "1: `heavy` is a number, not a size as `25 MB`"),
            ("heavy = true", "1: `heavy` is true or false, not a size as `25 MB`"),
            ("comment.suggestions = 'x'", "1: `comment.suggestions` is a string, not a number, zero or more"),
            ("fail-on = 'errors'", "1: `fail-on`: `errors` is none of error, warn, never; did you mean `error`?"),
            (
                "ecosystems = ['pyton']",
                "1: `ecosystems`: `pyton` is none of python, node, java, go, rust; did you mean `python`?",
            ),
            (
                "target = 'windows'",
                "1: `target`: unknown platform `windows`; write it as `linux-x86_64-glibc` or `linux-aarch64-musl`",
            ),
            ("rules.SLIM01 = 'off'", "1: `rules`: no rule `SLIM01`; did you mean `SLIM001`?"),
            ("rules.SLIM001 = 'info'", "1: `rules.SLIM001`: `info` is none of error, warn, off"),
            ("[[ignore]]\nreason = 'x'", "1: `ignore` would hide everything; give it a `package`, `rules` or a `path`"),
            ("[[ignore]]\npackage = 'pipy:x'", "2: `ignore.package`: no ecosystem `pipy`; did you mean `pypi`?"),
            ("[[ignore]]\npath = 'x'\nuntil = 'soon'", "3: `ignore.until`: `soon` is no date; write it as 2027-06-30"),
            ("[[project]]\nheavy = 1", "1: `project` needs a `path`"),
            ("python.module-map.x = 1", "1: `python.module-map.x` is a number, not a list of strings"),
        ] {
            assert_eq!(found(text), [expect], "{text}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        assert_eq!(found("a = 1\nheavy = 'x'\n[b]\n").len(), 3);
    }
}
