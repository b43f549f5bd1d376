//! Reading `rules.toml`: text to checked data, the first mistake named with its line.

use super::file::{File, RawUse};
use super::implied::{Channel, UseRule};
use super::names::Names;
use super::pattern::words;
use super::plugins::{Accelerator, PluginRule, Plugins};
use super::scopes::{Paths, Scopes, Tools, globs};
use super::swaps::{Aggregator, Lighter, Role};
use super::{Rules, quick};
use depslim_model::Strength;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::collections::HashSet;
use std::fmt;

/// What is wrong in a rules file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRules {
    /// Line, from 1; 0 when no line can be told.
    pub line: u32,
    /// A lower-case fragment.
    pub message: String,
}

impl fmt::Display for BadRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for BadRules {}

/// The example of one `[[use]]` rule, and what has to be known for it to fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The rule.
    pub rule: String,
    /// What the rule is about (`name`, `command` …): tells which reader reads the example.
    pub on: Vec<String>,
    /// Text that must fire.
    pub example: String,
    /// Text that must not.
    pub counter: Option<String>,
    /// Packages that the rule says are used; may be patterns.
    pub packages: Vec<String>,
    /// Packages one of which must be there; may be patterns.
    pub with: Vec<String>,
    /// Plug-in groups that the rule turns on; may be patterns.
    pub plugins: Vec<String>,
}

/// Reads without checking more than the form.
pub(super) fn quickly(text: &str, separator: &'static str, canonical: fn(&str) -> String) -> Result<Rules, BadRules> {
    let file = quick::read::<File<IgnoredAny>>(text).map_or_else(|| from_toml(text), Ok)?;
    Ok(rules(file, separator, canonical))
}

pub(super) fn parse(text: &str, separator: &'static str, canonical: fn(&str) -> String) -> Result<Rules, BadRules> {
    let check = Check { text, canonical };
    let file: File<IgnoredAny> = from_toml(text)?;
    check.file(&file)?;
    let rules = rules(file, separator, canonical);
    rules.names.check().map_err(|line| check.bad(line, "this line of [names] can't be used"))?;
    Ok(rules)
}

pub(super) fn examples(text: &str) -> Result<Vec<Example>, BadRules> {
    let file: File<String> = from_toml(text)?;
    let check = Check { text, canonical: str::to_owned };
    let list = |text: &str| words(text).map(str::to_owned).collect::<Vec<_>>();
    file.uses
        .into_iter()
        .map(|raw| {
            let example = raw.example.ok_or_else(|| check.bad(&raw.id, "a rule needs an example"))?;
            Ok(Example {
                on: list(&raw.on),
                // Of a list in order only the first one is taken.
                packages: {
                    let first = words(&raw.first_of).next().unwrap_or_default();
                    list(&format!("{}\n{}\n{first}", raw.needs, raw.any_of))
                },
                with: list(&raw.with),
                plugins: list(&raw.plugins),
                rule: raw.id,
                example,
                counter: raw.counter,
            })
        })
        .collect()
}

fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, BadRules> {
    toml::from_str(text).map_err(|error| BadRules {
        line: error.span().map_or(0, |span| line_at(text, span.start)),
        message: error.message().to_owned(),
    })
}

fn line_at(text: &str, offset: usize) -> u32 {
    1 + text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() as u32
}

fn rules(file: File<IgnoredAny>, separator: &'static str, canonical: fn(&str) -> String) -> Rules {
    let list = |text: &str| words(text).map(str::to_owned).collect::<Vec<_>>();
    let names = file.names.unwrap_or_default();
    let scopes = file.scopes.unwrap_or_default();
    Rules {
        uses: file.uses.into_iter().map(use_rule).collect(),
        scheme_keywords: file.urls.unwrap_or_default().keywords,
        separator,
        names: Names::new(names, separator, canonical),
        plugins: Plugins {
            rules: file
                .plugins
                .into_iter()
                .map(|raw| PluginRule {
                    groups: raw.groups,
                    hosts: list(&raw.hosts),
                    auto: raw.auto,
                    runtime: raw.runtime,
                    packages: raw.packages,
                    reason: raw.reason,
                })
                .collect(),
        },
        accelerators: file
            .accelerators
            .into_iter()
            .map(|raw| Accelerator { packages: list(&raw.packages), hosts: list(&raw.hosts), reason: raw.reason })
            .collect(),
        scopes: Scopes {
            dev: Tools::new(scopes.dev),
            dev_except: Tools::new(scopes.dev_except),
            build: Tools::new(scopes.build),
            bundle: Tools::new(scopes.bundle),
            dev_paths: Paths::new(scopes.dev_paths),
            dev_paths_except: Paths::new(scopes.dev_paths_except),
            build_paths: Paths::new(scopes.build_paths),
            dev_imports: Tools::new(scopes.dev_imports),
            dev_in_full: scopes.dev_in_full,
            started: Tools::new(scopes.started),
            dev_servers: scopes.dev_servers,
        },
        lighter: file.lighter.into_iter().map(Lighter::from).collect(),
        roles: file
            .roles
            .into_iter()
            .map(|raw| Role { id: raw.id, packages: list(&raw.packages), note: raw.note })
            .collect(),
        aggregators: file
            .aggregators
            .into_iter()
            .map(|raw| Aggregator { package: raw.package, brings: list(&raw.brings) })
            .collect(),
    }
}

fn use_rule<E>(raw: RawUse<E>) -> UseRule {
    UseRule {
        channels: words(&raw.on).filter_map(Channel::named).collect(),
        strength: raw.strength.as_deref().map_or(Some(Strength::Lazy), strength),
        id: raw.id,
        patterns: raw.patterns,
        values: raw.value,
        needs: raw.needs,
        any_of: raw.any_of,
        first_of: raw.first_of,
        plugins: raw.plugins,
        with: raw.with,
        reason: raw.reason,
    }
}

fn strength(text: &str) -> Option<Strength> {
    match text {
        "hard" => Some(Strength::Hard),
        "lazy" => Some(Strength::Lazy),
        "optional" => Some(Strength::Optional),
        "types" => Some(Strength::Types),
        _ => None,
    }
}

struct Check<'a> {
    text: &'a str,
    canonical: fn(&str) -> String,
}

impl Check<'_> {
    /// The error at the first place where the file says `word`, in quotes if possible.
    fn bad(&self, word: &str, what: &str) -> BadRules {
        let at = self.text.find(&format!("\"{word}\"")).or_else(|| self.text.find(word)).unwrap_or(0);
        BadRules { line: line_at(self.text, at), message: format!("`{word}`: {what}") }
    }

    fn file<E>(&self, file: &File<E>) -> Result<(), BadRules> {
        let mut ids = HashSet::new();
        for raw in &file.uses {
            if !ids.insert(&raw.id) {
                return Err(self.bad(&raw.id, "this id is there twice"));
            }
            self.use_rule(raw)?;
        }
        for raw in &file.plugins {
            self.names(&[&raw.hosts, &raw.packages])?;
            let hosted = raw.auto || raw.runtime || words(&raw.hosts).next().is_some();
            if words(&raw.groups).next().is_none() || !hosted {
                return Err(self.bad(&raw.reason, "a plug-in rule needs groups and hosts"));
            }
        }
        for raw in &file.accelerators {
            self.names(&[&raw.packages, &raw.hosts])?;
            if words(&raw.packages).next().is_none() || words(&raw.hosts).next().is_none() {
                return Err(self.bad(&raw.reason, "an accelerator rule needs packages and hosts"));
            }
        }
        for raw in &file.lighter {
            self.names(&[&raw.heavy, raw.lighter.as_deref().unwrap_or_default()])?;
        }
        for raw in &file.roles {
            self.names(&[&raw.packages])?;
        }
        for raw in &file.aggregators {
            self.names(&[&raw.package, &raw.brings])?;
        }
        if let Some(raw) = &file.scopes {
            self.names(&[&raw.dev, &raw.dev_except, &raw.build])?;
            for list in [&raw.dev_paths, &raw.dev_paths_except, &raw.build_paths] {
                self.paths(list)?;
            }
        }
        Ok(())
    }

    fn use_rule<E>(&self, raw: &RawUse<E>) -> Result<(), BadRules> {
        let bad = |what: &str| Err(self.bad(&raw.id, what));
        if raw.id.is_empty() || !raw.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return bad("an id is kebab-case");
        }
        if raw.reason.trim().is_empty() {
            return bad("a rule needs a reason");
        }
        if words(&raw.patterns).next().is_none() {
            return bad("a rule needs something to match");
        }
        if [&raw.needs, &raw.any_of, &raw.first_of, &raw.plugins].iter().all(|list| words(list).next().is_none()) {
            return bad("a rule needs `needs`, `any-of` or `plugins`");
        }
        self.names(&[&raw.needs, &raw.any_of, &raw.first_of, &raw.with])?;
        let mut channels = Vec::new();
        for on in words(&raw.on) {
            match Channel::named(on) {
                Some(channel) => channels.push(channel),
                None => return bad(&format!("unknown kind of use `{on}`")),
            }
        }
        if channels.is_empty() {
            return bad("a rule needs a kind of use");
        }
        // Of several kinds, those without a value are matched by name alone.
        if !raw.value.is_empty() && !channels.iter().any(|channel| channel.has_value()) {
            return bad(&format!("`{}` has no value", raw.on));
        }
        // Paths are found by how they begin; of several kinds, such a pattern is about the others.
        let lost = words(&raw.patterns).find(|pattern| pattern.starts_with('*'));
        if let Some(pattern) = lost.filter(|_| channels.iter().all(|channel| channel.is_path())) {
            return bad(&format!("`{pattern}` begins with a star"));
        }
        if channels.contains(&Channel::File) {
            self.paths(&raw.patterns)?;
        }
        match &raw.strength {
            Some(text) if strength(text).is_none() => bad(&format!("unknown strength `{text}`")),
            _ => Ok(()),
        }
    }

    /// Names are compared in canonical form, so they have to stand in it.
    fn names(&self, lists: &[&str]) -> Result<(), BadRules> {
        for name in lists.iter().flat_map(|list| words(list)) {
            let plain = name.replace('*', "x");
            if (self.canonical)(&plain) != plain {
                return Err(self.bad(name, "not the canonical form of a package name"));
            }
        }
        Ok(())
    }

    fn paths(&self, list: &str) -> Result<(), BadRules> {
        globs(words(list)).map(drop).map_err(|glob| self.bad(&glob, "no path pattern"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rules;

    fn error(text: &str) -> String {
        Rules::parse(text, ".", str::to_lowercase).map_or_else(|bad| bad.to_string(), |_| "good".to_owned())
    }

    const USE: &str =
        "\n[[use]]\nid = \"mail\"\non = \"name\"\nmatch = \"shop.Mail\"\nneeds = \"checker\"\nreason = \"r\"\n";

    #[test]
    fn a_mistake_is_named_with_its_line() {
        assert_eq!(error(USE), "good");
        for (from, to, expect) in [
            ("on = \"name\"", "on = \"nome\"", "line 3: `mail`: unknown kind of use `nome`"),
            ("on = \"name\"", "on = \"\"", "line 3: `mail`: a rule needs a kind of use"),
            ("\"mail\"", "\"Mail\"", "line 3: `Mail`: an id is kebab-case"),
            ("\"shop.Mail\"", "\"# nothing\"", "line 3: `mail`: a rule needs something to match"),
            ("\"shop.Mail\"", "\"*.Mail\"", "line 3: `mail`: `*.Mail` begins with a star"),
            ("\"checker\"", "\"Checker\"", "line 6: `Checker`: not the canonical form of a package name"),
            ("needs = \"checker\"", "", "line 3: `mail`: a rule needs `needs`, `any-of` or `plugins`"),
            ("reason = \"r\"", "reason = \" \"", "line 3: `mail`: a rule needs a reason"),
            ("reason = \"r\"", "reason = \"r\"\nvalue = [\"x\"]", "line 3: `mail`: `name` has no value"),
            ("reason = \"r\"", "reason = \"r\"\nstrength = \"weak\"", "line 3: `mail`: unknown strength `weak`"),
        ] {
            assert!(USE.contains(from), "{from}");
            assert_eq!(error(&USE.replace(from, to)), expect, "{to}");
        }
        assert_eq!(error(&format!("{USE}{USE}")), "line 3: `mail`: this id is there twice");
        assert!(error(&USE.replace("reason", "raison")).starts_with("line 7: unknown field `raison`"));
        assert!(error("[[use]\n").starts_with("line 1: "));
        assert_eq!(
            error("[names]\nmodules = \"\"\"\npaint\n\"\"\"\n"),
            "line 3: `paint`: this line of [names] can't be used"
        );
        assert_eq!(error("[scopes]\ndev-paths = \"a/{b\"\n"), "line 2: `a/{b`: no path pattern");
    }

    #[test]
    fn examples_are_read_only_when_asked_for() {
        let text = format!("{USE}example = \"from shop import Mail\"\ncounter = \"import shop\"\nwith = \"shop\"\n");
        let examples = Rules::examples(&text).unwrap();
        assert_eq!(examples.len(), 1);
        assert_eq!(examples[0].example, "from shop import Mail");
        assert_eq!((examples[0].packages.join(" "), examples[0].with.join(" ")), ("checker".into(), "shop".into()));
        assert_eq!(Rules::examples(USE).unwrap_err().to_string(), "line 3: `mail`: a rule needs an example");
    }
}
