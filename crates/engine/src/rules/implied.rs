//! Matching: which packages are used by what stands in a project though nothing imports them.

use super::pattern::Pattern;
use super::scopes::globs;
use depslim_model::{How, Strength, Use};
use globset::GlobSet;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// A package that a rule says is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Implied<'a> {
    /// Canonical name; always one that the [`World`] knows.
    pub package: &'a str,
    /// How badly it is needed.
    pub strength: Strength,
    /// The rule.
    pub rule: &'a str,
    /// The rule's reason.
    pub reason: &'a str,
    /// Index of the use that fired the rule.
    pub at: usize,
}

/// The packages of a project, by canonical name. What is neither declared nor installed nor used is not in it.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The packages.
    pub packages: BTreeMap<String, Known>,
}

/// What is known about one package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The project declares it.
    pub declared: bool,
    /// It is installed, or locked.
    pub installed: bool,
    /// Groups that it registers plug-ins in.
    pub groups: Vec<String>,
}

impl World {
    /// A world of declared packages.
    pub fn declared<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let known = || Known { declared: true, ..Known::default() };
        Self { packages: names.into_iter().map(|name| (name.to_owned(), known())).collect() }
    }

    /// Known packages that a pattern names.
    fn named<'a>(&'a self, pattern: &Pattern) -> impl Iterator<Item = (&'a str, &'a Known)> {
        let exact = pattern.is_literal().then(|| self.packages.get_key_value(pattern.text())).flatten();
        let rest = (!pattern.is_literal()).then(|| self.packages.iter().filter(|(name, _)| pattern.matches(name)));
        exact.into_iter().chain(rest.into_iter().flatten()).map(|(name, known)| (name.as_str(), known))
    }
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Import,
    Name,
    Call,
    String,
    Setting,
    Url,
    Command,
    File,
    Package,
}

impl Channel {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Import, "import"),
        (Self::Name, "name"),
        (Self::Call, "call"),
        (Self::String, "string"),
        (Self::Setting, "setting"),
        (Self::Url, "url"),
        (Self::Command, "command"),
        (Self::File, "file"),
        (Self::Package, "package"),
    ];

    pub(super) fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(channel, _)| *channel)
    }

    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(channel, _)| *channel == self).map_or("", |(_, name)| name)
    }

    pub(super) fn has_value(self) -> bool {
        matches!(self, Self::Call | Self::String | Self::Setting | Self::Url | Self::Command)
    }
}

/// One `[[use]]` rule.
#[derive(Debug)]
pub(super) struct UseRule {
    pub(super) id: String,
    pub(super) channels: Vec<Channel>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) values: Vec<Pattern>,
    pub(super) needs: Vec<Pattern>,
    pub(super) any_of: Vec<Pattern>,
    pub(super) plugins: Vec<Pattern>,
    pub(super) with: Vec<Pattern>,
    pub(super) strength: Strength,
    pub(super) reason: String,
}

/// All `[[use]]` rules, indexed by what they look at.
///
/// Imports, names, calls and strings are many (a large project has 100,000 of them), so their patterns are found by the first
/// segment of the path, or by the last one for `.method`; a small table of first bytes and lengths turns most of them away
/// before anything is hashed. The other kinds are few and are compared with every pattern.
#[derive(Debug, Default)]
pub(super) struct UseRules {
    rules: Vec<UseRule>,
    separator: &'static str,
    scheme_keywords: Vec<String>,
    heads: Keys,
    tails: Keys,
    loose: Vec<Slot>,
    settings: Vec<Slot>,
    urls: Vec<Slot>,
    commands: Vec<Slot>,
    packages: Vec<Slot>,
    files: GlobSet,
    file_rules: Vec<u32>,
}

/// Pattern `pattern` of rule `rule`, for one channel.
#[derive(Debug, Clone, Copy)]
struct Slot {
    rule: u32,
    pattern: u32,
    channel: Channel,
}

impl UseRules {
    /// `Err` holds the path pattern that can't be used.
    pub(super) fn new(
        rules: Vec<UseRule>,
        scheme_keywords: Vec<String>,
        separator: &'static str,
    ) -> Result<Self, String> {
        let mut all = Self { separator, scheme_keywords, ..Self::default() };
        let mut files = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            for (index, pattern) in rule.patterns.iter().enumerate() {
                for channel in rule.channels.iter().copied() {
                    let slot = Slot { rule: at as u32, pattern: index as u32, channel };
                    match channel {
                        Channel::Import | Channel::Name | Channel::Call | Channel::String => {
                            if let Some(tail) = pattern.tail(separator) {
                                let last = tail.rsplit(separator).next().unwrap_or(tail);
                                all.tails.insert(last, slot);
                            } else if let Some(head) = pattern.head(separator) {
                                all.heads.insert(head, slot);
                            } else {
                                all.loose.push(slot);
                            }
                        }
                        Channel::Setting => all.settings.push(slot),
                        Channel::Url => all.urls.push(slot),
                        Channel::Command => all.commands.push(slot),
                        Channel::Package => all.packages.push(slot),
                        Channel::File => {
                            files.push(pattern.text().to_owned());
                            all.file_rules.push(at as u32);
                        }
                    }
                }
            }
        }
        all.files = globs(&files)?;
        all.rules = rules;
        Ok(all)
    }

    /// Packages that the uses imply. A rule fires at most once for a use.
    fn by_uses<'a>(&'a self, uses: &[Use], world: &'a World) -> Vec<Implied<'a>> {
        let live = self.live(world);
        let mut out = Vec::new();
        let mut fired = Vec::new();
        for (at, item) in uses.iter().enumerate() {
            self.collect(item, &live, &mut fired);
            fired.sort_unstable();
            fired.dedup();
            for rule in fired.drain(..) {
                self.rules[rule as usize].imply(world, at, &mut out);
            }
        }
        out
    }

    /// Rules whose `with` holds.
    fn live(&self, world: &World) -> Vec<bool> {
        let there = |pattern: &Pattern| world.named(pattern).next().is_some();
        self.rules.iter().map(|rule| rule.with.is_empty() || rule.with.iter().any(there)).collect()
    }

    fn collect(&self, item: &Use, live: &[bool], fired: &mut Vec<u32>) {
        use Channel::{Call, Import, Name, String};
        let mut all = |channels: &[Channel], path: &str, tail: bool, value: &str, open: Values| {
            self.paths(channels, path, tail, value, open, live, fired);
        };
        match item.how {
            How::Import if item.value.is_empty() => all(&[Import, Name], &item.name, false, "", Values::None),
            How::Import => {
                // Most imports are about nothing that a rule knows: only those that are pay for the joined name.
                if self.heads.may_have(first(&item.name, self.separator)) || !self.loose.is_empty() {
                    let joined = format!("{}{}{}", item.name, self.separator, item.value);
                    all(&[Import, Name], &joined, false, "", Values::None);
                }
            }
            How::Dynamic | How::Load => all(&[Import, Name], &item.name, false, "", Values::None),
            How::Name => all(&[Name], &item.name, true, "", Values::None),
            How::Call => {
                all(&[Name, Call], &item.name, true, &item.value, Values::Argument);
                let string = argument(&item.value);
                all(&[Import, Name, String], string, false, &item.name, Values::Whole);
                let keyword = &item.value[..item.value.len() - string.len()];
                if keyword.strip_suffix('=').is_some_and(|keyword| self.names_a_scheme(keyword)) {
                    self.few(&self.urls, string, &item.name, Values::Whole, live, fired);
                }
            }
            How::Text => all(&[Import, Name, String], &item.name, false, &item.value, Values::Whole),
            How::Setting => {
                all(&[Import, Name, String], &item.value, false, &item.name, Values::Whole);
                self.few(&self.settings, &item.name, &item.value, Values::Whole, live, fired);
                if self.names_a_scheme(item.name.rsplit('.').next().unwrap_or(&item.name)) {
                    self.few(&self.urls, &item.value, &item.name, Values::Whole, live, fired);
                }
            }
            How::Url => self.few(&self.urls, &item.name, &item.value, Values::Whole, live, fired),
            How::Command => self.few(&self.commands, &item.name, &item.value, Values::Words, live, fired),
            How::Computed => {}
        }
    }

    fn names_a_scheme(&self, keyword: &str) -> bool {
        self.scheme_keywords.iter().any(|known| known == keyword)
    }

    #[expect(clippy::too_many_arguments, reason = "one private matching step; a struct would only rename them")]
    fn paths(
        &self,
        channels: &[Channel],
        path: &str,
        tail: bool,
        value: &str,
        values: Values,
        live: &[bool],
        fired: &mut Vec<u32>,
    ) {
        let mut consider = |slot: &Slot| {
            let rule = &self.rules[slot.rule as usize];
            if live[slot.rule as usize]
                && channels.contains(&slot.channel)
                && rule.patterns[slot.pattern as usize].matches_path(path, self.separator)
                && (!slot.channel.has_value() || values.hold(&rule.values, value))
            {
                fired.push(slot.rule);
            }
        };
        self.heads.get(first(path, self.separator)).iter().for_each(&mut consider);
        if tail && let Some((_, last)) = path.rsplit_once(self.separator) {
            self.tails.get(last).iter().for_each(&mut consider);
        }
        self.loose.iter().for_each(&mut consider);
    }

    fn few(&self, slots: &[Slot], name: &str, value: &str, values: Values, live: &[bool], fired: &mut Vec<u32>) {
        for slot in slots {
            let rule = &self.rules[slot.rule as usize];
            if live[slot.rule as usize]
                && rule.patterns[slot.pattern as usize].matches(name)
                && values.hold(&rule.values, value)
            {
                fired.push(slot.rule);
            }
        }
    }
}

impl super::Rules {
    /// Packages that are used by these uses though nothing imports them. Only packages of the world are named; the same package
    /// may come out for many uses and by many rules.
    pub fn implied<'a>(&'a self, uses: &[Use], world: &'a World) -> Vec<Implied<'a>> {
        self.uses.by_uses(uses, world)
    }

    /// Packages that are used because these files are in the project; `at` is the index of the file. Paths are relative to the
    /// project, with `/`.
    pub fn implied_by_files<'a>(&'a self, files: &[&str], world: &'a World) -> Vec<Implied<'a>> {
        let live = self.uses.live(world);
        let mut out = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let mut fired: Vec<u32> =
                self.uses.files.matches(file).into_iter().map(|pattern| self.uses.file_rules[pattern]).collect();
            fired.sort_unstable();
            fired.dedup();
            for rule in fired.into_iter().filter(|rule| live[*rule as usize]) {
                self.uses.rules[rule as usize].imply(world, at, &mut out);
            }
        }
        out
    }

    /// Packages that are used because these packages are kept, though no metadata says so; `at` is the index of the package.
    /// Names are canonical.
    pub fn implied_by_packages<'a>(&'a self, kept: &[&str], world: &'a World) -> Vec<Implied<'a>> {
        let live = self.uses.live(world);
        let mut out = Vec::new();
        let mut fired = Vec::new();
        for (at, package) in kept.iter().enumerate() {
            self.uses.few(&self.uses.packages, package, "", Values::None, &live, &mut fired);
            fired.sort_unstable();
            fired.dedup();
            for rule in fired.drain(..) {
                self.uses.rules[rule as usize].imply(world, at, &mut out);
            }
        }
        out
    }
}

impl UseRule {
    fn imply<'a>(&'a self, world: &'a World, at: usize, out: &mut Vec<Implied<'a>>) {
        let mut add = |package: &'a str| {
            out.push(Implied { package, strength: self.strength, rule: &self.id, reason: &self.reason, at });
        };
        self.needs.iter().flat_map(|pattern| world.named(pattern)).for_each(|(name, _)| add(name));
        let mut there: Vec<(&str, &Known)> = self.any_of.iter().flat_map(|pattern| world.named(pattern)).collect();
        if there.iter().any(|(_, known)| known.declared) {
            there.retain(|(_, known)| known.declared);
        }
        for (name, _) in there {
            add(name);
        }
        for (name, known) in world.packages.iter().filter(|_| !self.plugins.is_empty()) {
            if known.groups.iter().any(|group| self.plugins.iter().any(|pattern| pattern.matches(group))) {
                add(name);
            }
        }
    }
}

/// How a use's value is compared with a rule's `value`.
#[derive(Clone, Copy)]
enum Values {
    /// There is none.
    None,
    /// As a whole.
    Whole,
    /// With or without `keyword=`.
    Argument,
    /// Word by word.
    Words,
}

impl Values {
    fn hold(self, wanted: &[Pattern], value: &str) -> bool {
        wanted.is_empty()
            || match self {
                Self::None => false,
                Self::Whole => wanted.iter().any(|pattern| pattern.matches(value)),
                Self::Argument => {
                    wanted.iter().any(|pattern| pattern.matches(value) || pattern.matches(argument(value)))
                }
                Self::Words => wanted.iter().any(|pattern| pattern.matches_words(value)),
            }
    }
}

/// The argument without `keyword=`.
fn argument(value: &str) -> &str {
    match value.split_once('=') {
        Some((keyword, rest))
            if !keyword.is_empty() && keyword.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') =>
        {
            rest
        }
        _ => value,
    }
}

fn first<'a>(path: &'a str, separator: &str) -> &'a str {
    path.split(separator).next().unwrap_or(path)
}

/// Slots by key, with a table in front that says for most strings that they are no key.
#[derive(Debug)]
struct Keys {
    slots: HashMap<Cow<'static, str>, Vec<Slot>, BuildHasherDefault<Fnv>>,
    /// Bit `length` (at most 63) of the word of the first byte.
    lengths: Box<[u64; 256]>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { slots: HashMap::default(), lengths: Box::new([0; 256]) }
    }
}

impl Keys {
    fn insert(&mut self, key: &str, slot: Slot) {
        if let Some(byte) = key.bytes().next() {
            self.lengths[usize::from(byte)] |= 1 << key.len().min(63);
            self.slots.entry(Cow::Owned(key.to_owned())).or_default().push(slot);
        }
    }

    fn may_have(&self, key: &str) -> bool {
        key.bytes().next().is_some_and(|byte| self.lengths[usize::from(byte)] & (1 << key.len().min(63)) != 0)
    }

    fn get(&self, key: &str) -> &[Slot] {
        if !self.may_have(key) {
            return &[];
        }
        self.slots.get(key).map_or(&[], Vec::as_slice)
    }
}

/// FNV-1a: the keys are short, and come from a file of ours.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rules;
    use super::{Known, World};
    use depslim_model::{How, Strength, Use};

    fn rule(on: &str, rest: &str) -> String {
        format!("[[use]]\nid = \"rule\"\non = {on}\nreason = \"because\"\n{rest}\n")
    }

    fn used(how: How, name: &str, value: &str) -> Use {
        Use { how, name: name.into(), value: value.into(), strength: Strength::Hard, line: 1 }
    }

    fn packages(rules: &str, item: Use, world: &World) -> Vec<String> {
        let rules = Rules::parse(rules, ".", str::to_owned).unwrap();
        let implied = rules.implied(&[used(How::Name, "nothing.at.all", ""), item], world);
        assert!(implied.iter().all(|hit| hit.at == 1 && hit.rule == "rule" && hit.reason == "because"));
        implied.into_iter().map(|hit| hit.package.to_owned()).collect()
    }

    fn fires(on: &str, rest: &str, how: How, name: &str, value: &str) -> bool {
        let rules = rule(on, &format!("needs = [\"checker\"]\n{rest}"));
        !packages(&rules, used(how, name, value), &World::declared(["checker"])).is_empty()
    }

    #[test]
    fn names_fire_wherever_they_stand() {
        let forms = r#"match = ["shop.forms.Mail", ".to_sheet"]"#;
        for (how, name, value, expect) in [
            (How::Import, "shop.forms", "Mail", true),
            (How::Import, "shop", "forms", false),
            (How::Import, "shop.forms", "Mailbox", false),
            (How::Import, ".forms", "Mail", false),
            (How::Name, "shop.forms.Mail", "", true),
            (How::Name, "shop.forms.Mail.field", "", true),
            (How::Call, "shop.forms.Mail", "max=3", true),
            (How::Call, ".to_sheet", "a.csv", true),
            (How::Name, "table.Frame.to_sheet", "", true),
            (How::Text, "shop.forms.Mail", "FIELDS", true),
            (How::Setting, "FIELD", "shop.forms.Mail", true),
            (How::Call, "load_by_name", "shop.forms.Mail", true),
            (How::Computed, "shop.forms.Mail", "", false),
            (How::Command, "shop.forms.Mail", "", false),
        ] {
            assert_eq!(fires("\"name\"", forms, how, name, value), expect, "{how:?} {name} {value}");
        }
    }

    #[test]
    fn an_import_rule_wants_the_module_itself() {
        let rest = r#"match = ["shop.sessions"]"#;
        for (how, name, value, expect) in [
            (How::Import, "shop.sessions", "Session", true),
            (How::Import, "shop", "sessions", true),
            (How::Import, "shop.sessions", "", true),
            (How::Dynamic, "shop.sessions", "import_module", true),
            (How::Load, "shop.sessions", "serve", true),
            (How::Text, "shop.sessions.Session", "MIDDLEWARE", true),
            (How::Name, "shop.sessions.Session", "", false),
        ] {
            assert_eq!(fires("\"import\"", rest, how, name, value), expect, "{how:?} {name} {value}");
        }
    }

    #[test]
    fn values_narrow_a_rule_down() {
        let call = "match = [\"soup.Soup\"]\nvalue = [\"lxml*\"]";
        let string = "match = [\"db.backends.fast\"]\nvalue = [\"DATABASES.*\"]";
        let setting = "match = [\"*_BROKER\"]\nvalue = [\"redis*\"]";
        let url = "match = [\"amqp\", \"amqp+*\"]";
        let command = "match = [\"serve\"]\nvalue = [\"-k green\"]";
        for (on, rest, how, name, value, expect) in [
            ("call", call, How::Call, "soup.Soup", "lxml-xml", true),
            ("call", call, How::Call, "soup.Soup", "features=lxml", true),
            ("call", call, How::Call, "soup.Soup", "html", false),
            ("call", call, How::Name, "soup.Soup", "", false),
            ("string", string, How::Setting, "DATABASES.default.ENGINE", "db.backends.fast", true),
            ("string", string, How::Text, "db.backends.fast", "DATABASES.x", true),
            ("string", string, How::Text, "db.backends.fast", "OTHER", false),
            ("string", string, How::Import, "db.backends.fast", "", false),
            ("setting", setting, How::Setting, "APP_BROKER", "redis://x", true),
            ("setting", setting, How::Setting, "APP_BROKER", "memory://", false),
            ("url", url, How::Url, "amqp+tls", "BROKER", true),
            ("url", url, How::Url, "amqps", "BROKER", false),
            ("command", command, How::Command, "serve", "-w 4 -k green app", true),
            ("command", command, How::Command, "serve", "-w 4 app", false),
        ] {
            assert_eq!(fires(&format!("\"{on}\""), rest, how, name, value), expect, "{on} {how:?} {name} {value}");
        }
    }

    #[test]
    fn a_scheme_can_stand_alone_under_a_known_keyword() {
        let rest = "match = [\"pg+fast\"]\n[urls]\nkeywords = [\"drivername\"]";
        for (how, name, value, expect) in [
            (How::Call, "orm.url", "drivername=pg+fast", true),
            (How::Call, "orm.url", "pg+fast", false),
            (How::Call, "orm.url", "name=pg+fast", false),
            (How::Setting, "db.drivername", "pg+fast", true),
            (How::Setting, "db.name", "pg+fast", false),
        ] {
            assert_eq!(fires("\"url\"", rest, how, name, value), expect, "{how:?} {name} {value}");
        }
    }

    #[test]
    fn alternatives_prefer_what_is_declared() {
        let rules = rule("\"url\"", "match = [\"pg\"]\nany-of = [\"driver-old\", \"driver-*\"]\n");
        let url = || used(How::Url, "pg", "");
        let known = |declared| Known { declared, installed: true, groups: vec![] };
        let mut world = World::default();
        world.packages.insert("driver-new".into(), known(false));
        assert_eq!(packages(&rules, url(), &world), ["driver-new"]);
        world.packages.insert("driver-fast".into(), known(true));
        assert_eq!(packages(&rules, url(), &world), ["driver-fast"]);
        assert_eq!(packages(&rules, url(), &World::declared(["other"])), Vec::<String>::new());
    }

    #[test]
    fn with_asks_for_company() {
        let rules = rule("\"url\"", "match = [\"pg\"]\nneeds = [\"driver\"]\nwith = [\"orm\", \"tables-*\"]");
        let url = || used(How::Url, "pg", "");
        assert!(packages(&rules, url(), &World::declared(["driver"])).is_empty());
        assert_eq!(packages(&rules, url(), &World::declared(["driver", "orm"])), ["driver"]);
        assert_eq!(packages(&rules, url(), &World::declared(["driver", "tables-x"])), ["driver"]);
    }

    #[test]
    fn a_rule_can_turn_on_all_plug_ins_of_a_group() {
        let rules = rule("\"command\"", "match = [\"trace\"]\nplugins = [\"trace_*\"]");
        let mut world = World::declared(["tracer-web", "web"]);
        world.packages.get_mut("tracer-web").unwrap().groups.push("trace_parts".into());
        assert_eq!(packages(&rules, used(How::Command, "trace", "run"), &world), ["tracer-web"]);
    }

    #[test]
    fn files_and_packages_imply_too() {
        let text = rule("[\"file\", \"package\"]", "match = [\"migrations.ini\"]\nneeds = [\"migrator\"]");
        let rules = Rules::parse(&text, ".", str::to_owned).unwrap();
        let world = World::declared(["migrator"]);
        let hits = rules.implied_by_files(&["a/b.x", "db/migrations.ini"], &world);
        assert_eq!(hits.iter().map(|hit| (hit.package, hit.at)).collect::<Vec<_>>(), [("migrator", 1)]);
        let hits = rules.implied_by_packages(&["x", "migrations.ini"], &world);
        assert_eq!(hits.iter().map(|hit| (hit.package, hit.at)).collect::<Vec<_>>(), [("migrator", 1)]);
    }
}
