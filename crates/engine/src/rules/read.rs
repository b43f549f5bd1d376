//! Reading `rules.toml`: text to checked data, the first mistake named with its line.

use super::Rules;
use super::implied::{Channel, UseRule, UseRules};
use super::names::Names;
use super::pattern::Pattern;
use super::plugins::{Accelerator, PluginRule, Plugins};
use super::scopes::Scopes;
use super::swaps::{Aggregator, Lighter, Role, SwapKind};
use depslim_model::Strength;
use serde::Deserialize;
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
    /// Packages that the rule says are used.
    pub packages: Vec<String>,
    /// Packages one of which must be there.
    pub with: Vec<String>,
    /// Plug-in groups that the rule turns on.
    pub plugins: Vec<String>,
}

pub(super) fn parse(text: &str, separator: &'static str, canonical: fn(&str) -> String) -> Result<Rules, BadRules> {
    let file: File<IgnoredAny> = from_toml(text)?;
    let check = Check { text, canonical };
    let mut ids = HashSet::new();
    let mut uses = Vec::with_capacity(file.uses.len());
    for raw in file.uses {
        if !ids.insert(raw.id.clone()) {
            return Err(check.bad(&raw.id, "this id is there twice"));
        }
        uses.push(check.use_rule(raw)?);
    }
    let names = file.names.unwrap_or_default();
    let scopes = file.scopes.unwrap_or_default();
    for raw in &file.plugins {
        check.all_canonical(raw.hosts.iter().chain(&raw.packages))?;
        if raw.groups.is_empty() || raw.hosts.is_empty() {
            return Err(check.bad(raw.hosts.first().map_or("", |h| h), "a plug-in rule needs groups and hosts"));
        }
    }
    for raw in &file.accelerators {
        check.all_canonical(raw.packages.iter().chain(&raw.hosts))?;
        if raw.packages.is_empty() || raw.hosts.is_empty() {
            return Err(check.bad(&raw.reason, "an accelerator rule needs packages and hosts"));
        }
    }
    check.all_canonical(scopes.dev.iter().chain(&scopes.dev_except).chain(&scopes.build))?;
    check.all_canonical(file.lighter.iter().flat_map(|swap| std::iter::once(&swap.heavy).chain(&swap.lighter)))?;
    check.all_canonical(file.roles.iter().flat_map(|role| &role.packages))?;
    check.all_canonical(file.aggregators.iter().flat_map(|a| std::iter::once(&a.package).chain(&a.brings)))?;
    let known = Names::new(
        &super::names::Text {
            modules: &names.modules,
            same: &names.same,
            programs: &names.programs,
            namespaces: &names.namespaces,
            prefixes: &names.prefixes,
            suffixes: &names.suffixes,
            word: names.word.as_deref().unwrap_or("-"),
        },
        separator,
        canonical,
    )
    .map_err(|fragment| check.bad(&fragment, "this line of [names] can't be used"))?;
    Ok(Rules {
        uses: UseRules::new(uses, file.urls.unwrap_or_default().keywords, separator)
            .map_err(|glob| check.bad(&glob, "no path pattern"))?,
        names: known,
        plugins: Plugins::new(file.plugins.into_iter().map(PluginRule::from).collect()),
        accelerators: file
            .accelerators
            .into_iter()
            .map(|raw| Accelerator { packages: raw.packages, hosts: raw.hosts, reason: raw.reason })
            .collect(),
        scopes: Scopes::new(&super::scopes::Text {
            dev: &scopes.dev,
            dev_except: &scopes.dev_except,
            build: &scopes.build,
            dev_paths: &scopes.dev_paths,
            dev_paths_except: &scopes.dev_paths_except,
            build_paths: &scopes.build_paths,
        })
        .map_err(|glob| check.bad(&glob, "no path pattern"))?,
        lighter: file.lighter.into_iter().map(Lighter::from).collect(),
        roles: file.roles.into_iter().map(|raw| Role { id: raw.id, packages: raw.packages, note: raw.note }).collect(),
        aggregators: file
            .aggregators
            .into_iter()
            .map(|raw| Aggregator { package: raw.package, brings: raw.brings })
            .collect(),
    })
}

pub(super) fn examples(text: &str) -> Result<Vec<Example>, BadRules> {
    let file: File<String> = from_toml(text)?;
    let check = Check { text, canonical: |name| name.to_owned() };
    file.uses
        .into_iter()
        .map(|raw| {
            let example = raw.example.ok_or_else(|| check.bad(&raw.id, "a rule needs an example"))?;
            Ok(Example {
                rule: raw.id,
                on: raw.on.into_vec(),
                example,
                counter: raw.counter,
                packages: raw.needs.into_iter().chain(raw.any_of).collect(),
                with: raw.with,
                plugins: raw.plugins,
            })
        })
        .collect()
}

fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, BadRules> {
    toml_edit::de::from_str(text).map_err(|error| BadRules {
        line: error.span().map_or(0, |span| line_at(text, span.start)),
        message: error.message().to_owned(),
    })
}

fn line_at(text: &str, offset: usize) -> u32 {
    1 + text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() as u32
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

    fn use_rule<E>(&self, raw: RawUse<E>) -> Result<UseRule, BadRules> {
        let kebab = |id: &str| id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if raw.id.is_empty() || !kebab(&raw.id) {
            return Err(self.bad(&raw.id, "an id is kebab-case"));
        }
        if raw.reason.trim().is_empty() {
            return Err(self.bad(&raw.id, "a rule needs a reason"));
        }
        if raw.patterns.iter().any(String::is_empty) || raw.patterns.is_empty() {
            return Err(self.bad(&raw.id, "a rule needs something to match"));
        }
        if raw.needs.is_empty() && raw.any_of.is_empty() && raw.plugins.is_empty() {
            return Err(self.bad(&raw.id, "a rule needs `needs`, `any-of` or `plugins`"));
        }
        self.all_canonical(raw.needs.iter().chain(&raw.any_of).chain(&raw.with))?;
        let channels = raw
            .on
            .into_vec()
            .iter()
            .map(|on| Channel::named(on).ok_or_else(|| self.bad(&raw.id, &format!("unknown kind of use `{on}`"))))
            .collect::<Result<Vec<_>, _>>()?;
        // Of several kinds, those without a value are matched by name alone.
        if !raw.value.is_empty()
            && !channels.iter().any(|channel| channel.has_value())
            && let Some(channel) = channels.first()
        {
            return Err(self.bad(&raw.id, &format!("`{}` has no value", channel.name())));
        }
        let strength = match raw.strength.as_deref() {
            None | Some("lazy") => Strength::Lazy,
            Some("hard") => Strength::Hard,
            Some("optional") => Strength::Optional,
            Some("types") => Strength::Types,
            Some(other) => return Err(self.bad(&raw.id, &format!("unknown strength `{other}`"))),
        };
        let patterns = |list: Vec<String>| list.iter().map(|text| Pattern::new(text)).collect::<Vec<_>>();
        Ok(UseRule {
            id: raw.id,
            channels,
            patterns: patterns(raw.patterns),
            values: patterns(raw.value),
            needs: patterns(raw.needs),
            any_of: patterns(raw.any_of),
            plugins: patterns(raw.plugins),
            with: patterns(raw.with),
            strength,
            reason: raw.reason,
        })
    }

    /// Names are compared in canonical form, so they have to stand in it.
    fn all_canonical<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> Result<(), BadRules> {
        for name in names {
            let plain = name.replace('*', "x");
            if name.is_empty() || (self.canonical)(&plain) != plain {
                return Err(self.bad(name, "not the canonical form of a package name"));
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "E: Deserialize<'de>"))]
struct File<E> {
    #[serde(rename = "use", default = "Vec::new")]
    uses: Vec<RawUse<E>>,
    urls: Option<RawUrls>,
    names: Option<RawNames>,
    #[serde(rename = "plugin", default)]
    plugins: Vec<RawPlugin>,
    #[serde(rename = "accelerator", default)]
    accelerators: Vec<RawAccelerator>,
    scopes: Option<RawScopes>,
    #[serde(default)]
    lighter: Vec<RawLighter>,
    #[serde(rename = "role", default)]
    roles: Vec<RawRole>,
    #[serde(rename = "aggregator", default)]
    aggregators: Vec<RawAggregator>,
}

/// `E` is what examples are read into: nothing, unless somebody wants them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound(deserialize = "E: Deserialize<'de>"))]
struct RawUse<E> {
    id: String,
    on: OneOrMany,
    #[serde(rename = "match")]
    patterns: Vec<String>,
    #[serde(default)]
    value: Vec<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    any_of: Vec<String>,
    #[serde(default)]
    plugins: Vec<String>,
    #[serde(default)]
    with: Vec<String>,
    strength: Option<String>,
    reason: String,
    #[serde(default = "Option::default")]
    example: Option<E>,
    #[serde(default = "Option::default")]
    counter: Option<E>,
}

/// `"x"` or `["x", "y"]`.
struct OneOrMany(Vec<String>);

impl OneOrMany {
    fn into_vec(self) -> Vec<String> {
        self.0
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![text.to_owned()]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMany, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(OneOrMany(list))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawUrls {
    keywords: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawNames {
    #[serde(default)]
    modules: String,
    #[serde(default)]
    same: String,
    #[serde(default)]
    programs: String,
    #[serde(default)]
    namespaces: Vec<String>,
    #[serde(default)]
    prefixes: Vec<String>,
    #[serde(default)]
    suffixes: Vec<String>,
    word: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlugin {
    groups: Vec<String>,
    hosts: Vec<String>,
    auto: bool,
    #[serde(default)]
    packages: Vec<String>,
    reason: String,
}

impl From<RawPlugin> for PluginRule {
    fn from(raw: RawPlugin) -> Self {
        let patterns = |list: Vec<String>| list.iter().map(|text| Pattern::new(text)).collect();
        Self {
            groups: patterns(raw.groups),
            hosts: raw.hosts,
            auto: raw.auto,
            packages: patterns(raw.packages),
            reason: raw.reason,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAccelerator {
    packages: Vec<String>,
    hosts: Vec<String>,
    reason: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct RawScopes {
    dev: Vec<String>,
    dev_except: Vec<String>,
    build: Vec<String>,
    dev_paths: Vec<String>,
    dev_paths_except: Vec<String>,
    build_paths: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawLighter {
    heavy: String,
    extra: Option<String>,
    lighter: Option<String>,
    own_mb: Vec<f64>,
    closure_mb: Option<Vec<f64>>,
    kind: SwapKind,
    #[serde(default)]
    note: String,
    #[serde(default)]
    covers: Vec<String>,
}

impl From<RawLighter> for Lighter {
    fn from(raw: RawLighter) -> Self {
        let bytes = |list: Option<&Vec<f64>>, at: usize| {
            let megabytes = list?.get(at).copied().filter(|mb| mb.is_finite() && *mb >= 0.0)?;
            #[expect(clippy::cast_sign_loss, reason = "negative values are filtered in the line above")]
            Some((megabytes * 1e6).round() as u64)
        };
        Self {
            heavy_own: bytes(Some(&raw.own_mb), 0),
            lighter_own: bytes(Some(&raw.own_mb), 1),
            heavy_closure: bytes(raw.closure_mb.as_ref(), 0),
            lighter_closure: bytes(raw.closure_mb.as_ref(), 1),
            heavy: raw.heavy,
            extra: raw.extra,
            lighter: raw.lighter,
            kind: raw.kind,
            note: raw.note,
            covers: raw.covers.iter().map(|text| Pattern::new(text)).collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRole {
    id: String,
    packages: Vec<String>,
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAggregator {
    package: String,
    brings: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::super::Rules;

    fn error(text: &str) -> String {
        Rules::parse(text, ".", str::to_lowercase).map_or_else(|bad| bad.to_string(), |_| "good".to_owned())
    }

    const USE: &str =
        "\n[[use]]\nid = \"mail\"\non = \"name\"\nmatch = [\"shop.Mail\"]\nneeds = [\"checker\"]\nreason = \"r\"\n";

    #[test]
    fn a_mistake_is_named_with_its_line() {
        assert_eq!(error(USE), "good");
        for (from, to, expect) in [
            ("on = \"name\"", "on = \"nome\"", "line 3: `mail`: unknown kind of use `nome`"),
            ("\"mail\"", "\"Mail\"", "line 3: `Mail`: an id is kebab-case"),
            ("[\"shop.Mail\"]", "[]", "line 3: `mail`: a rule needs something to match"),
            ("[\"checker\"]", "[\"Checker\"]", "line 6: `Checker`: not the canonical form of a package name"),
            ("needs = [\"checker\"]", "", "line 3: `mail`: a rule needs `needs`, `any-of` or `plugins`"),
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
        assert_eq!(error("[scopes]\ndev-paths = [\"a/{b\"]\n"), "line 2: `a/{b`: no path pattern");
    }

    #[test]
    fn examples_are_read_only_when_asked_for() {
        let text = format!("{USE}example = \"from shop import Mail\"\ncounter = \"import shop\"\nwith = [\"shop\"]\n");
        let examples = Rules::examples(&text).unwrap();
        assert_eq!(examples.len(), 1);
        assert_eq!(examples[0].example, "from shop import Mail");
        assert_eq!(
            (examples[0].packages.as_slice(), examples[0].with.as_slice()),
            (["checker".to_owned()].as_slice(), ["shop".to_owned()].as_slice())
        );
        assert_eq!(Rules::examples(USE).unwrap_err().to_string(), "line 3: `mail`: a rule needs an example");
    }
}
