//! Matching: which packages are used by what stands in a project though nothing imports them.

use super::pattern::{Shape, first, head, last, matches, matches_words, tail, words};
use super::scopes::globs;
use super::world::{Known, World};
use depslim_model::{How, Strength, Use};
use std::hash::Hasher;

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
    /// Index of what fired the rule.
    pub at: usize,
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

    pub(super) fn has_value(self) -> bool {
        matches!(self, Self::Call | Self::String | Self::Setting | Self::Url | Self::Command)
    }

    /// True when a literal pattern is compared with the segments of a path.
    pub(super) fn is_path(self) -> bool {
        matches!(self, Self::Import | Self::Name | Self::Call | Self::String)
    }
}

/// One `[[use]]` rule. Lists are kept as they stand in the file, words of one text: few rules of a file ever matter to a project.
#[derive(Debug, Default)]
pub(super) struct UseRule {
    pub(super) id: String,
    pub(super) channels: Vec<Channel>,
    pub(super) patterns: String,
    pub(super) values: Vec<String>,
    pub(super) needs: String,
    pub(super) any_of: String,
    pub(super) first_of: String,
    pub(super) plugins: String,
    pub(super) with: String,
    pub(super) strength: Option<Strength>,
    pub(super) reason: String,
}

impl super::Rules {
    /// Packages that are used by these uses though nothing imports them. Only packages of the world are named; the same package
    /// may come out for many uses and by many rules, but a rule fires at most once for a use.
    pub fn implied<'a>(&'a self, uses: &[Use], world: &'a World) -> Vec<Implied<'a>> {
        let matcher = Matcher::new(&self.uses, &self.scheme_keywords, self.separator, world);
        let mut out = Vec::new();
        let mut fired = Vec::new();
        for (at, item) in uses.iter().enumerate() {
            matcher.collect(item, &mut fired);
            self.imply(&mut fired, world, at, &mut out);
        }
        out
    }

    /// Packages that are used because these files are in the project; `at` is the index of the file. Paths are relative to the
    /// project, with `/`.
    pub fn implied_by_files<'a>(&'a self, files: &[&str], world: &'a World) -> Vec<Implied<'a>> {
        let mut patterns = Vec::new();
        let mut owners = Vec::new();
        for (rule, pattern) in live(&self.uses, Channel::File, world) {
            patterns.push(pattern);
            owners.push(rule);
        }
        let Ok(set) = globs(patterns) else { return Vec::new() };
        let mut out = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let mut fired: Vec<u32> = set.matches(file).into_iter().map(|pattern| owners[pattern]).collect();
            self.imply(&mut fired, world, at, &mut out);
        }
        out
    }

    /// Packages that are used because these packages are kept, though no metadata says so; `at` is the index of the package.
    /// Names are canonical.
    pub fn implied_by_packages<'a>(&'a self, kept: &[&str], world: &'a World) -> Vec<Implied<'a>> {
        let rules: Vec<(u32, &str)> = live(&self.uses, Channel::Package, world).collect();
        let mut out = Vec::new();
        for (at, package) in kept.iter().enumerate() {
            let mut fired =
                rules.iter().filter(|(_, pattern)| matches(pattern, package)).map(|(rule, _)| *rule).collect();
            self.imply(&mut fired, world, at, &mut out);
        }
        out
    }

    /// Words of which a text holds at least one when a rule says that it uses one of these packages. `None` when a rule about them
    /// has no word to go by: any text may be such a use.
    pub fn words_about(&self, packages: &[&str], world: &World) -> Option<Vec<String>> {
        let about = |rule: &UseRule| {
            packages.iter().any(|package| {
                let named = words(&rule.needs).chain(words(&rule.any_of)).any(|pattern| matches(pattern, package));
                let groups = world.packages.get(*package).map_or(&[][..], |known| &known.groups);
                named || groups.iter().any(|group| words(&rule.plugins).any(|pattern| matches(pattern, group)))
            })
        };
        let written = |rule: &UseRule| rule.channels.iter().any(|c| !matches!(c, Channel::File | Channel::Package));
        let mut found = Vec::new();
        for rule in self.uses.iter().filter(|rule| written(rule) && about(rule)) {
            for pattern in words(&rule.patterns) {
                let own = longest_word(pattern).map(|word| vec![word]);
                let of_values = || rule.values.iter().map(|value| longest_word(value)).collect::<Option<Vec<_>>>();
                let telling = own.or_else(of_values).filter(|telling| !telling.is_empty())?;
                found.extend(telling.into_iter().map(str::to_owned));
            }
        }
        Some(found)
    }

    fn imply<'a>(&'a self, fired: &mut Vec<u32>, world: &'a World, at: usize, out: &mut Vec<Implied<'a>>) {
        if fired.is_empty() {
            return;
        }
        fired.sort_unstable();
        fired.dedup();
        for rule in fired.drain(..) {
            self.uses[rule as usize].imply(world, at, out);
        }
    }
}

/// The longest run of letters and digits in a pattern: what every text that it matches holds.
fn longest_word(pattern: &str) -> Option<&str> {
    let runs = pattern.split(|c: char| !c.is_alphanumeric() && c != '_');
    runs.max_by_key(|run| run.len()).filter(|run| run.len() > 1)
}

/// Rules that can say something about this world: what they need is in it, and so is their company. With their patterns for one
/// channel.
fn live<'a>(rules: &'a [UseRule], channel: Channel, world: &World) -> impl Iterator<Item = (u32, &'a str)> {
    rules
        .iter()
        .enumerate()
        .filter(move |(_, rule)| rule.channels.contains(&channel) && rule.is_live(world))
        .flat_map(|(at, rule)| words(&rule.patterns).map(move |pattern| (at as u32, pattern)))
}

impl UseRule {
    fn is_live(&self, world: &World) -> bool {
        let known = |list: &str| words(list).any(|pattern| world.has(pattern));
        (known(&self.needs) || known(&self.any_of) || known(&self.first_of) || !self.plugins.is_empty())
            && (self.with.is_empty() || known(&self.with))
    }

    fn imply<'a>(&'a self, world: &'a World, at: usize, out: &mut Vec<Implied<'a>>) {
        let strength = self.strength.unwrap_or(Strength::Lazy);
        let mut add =
            |package: &'a str| out.push(Implied { package, strength, rule: &self.id, reason: &self.reason, at });
        for (name, _) in words(&self.needs).flat_map(|pattern| world.named(pattern)) {
            add(name);
        }
        let mut there: Vec<(&str, &Known)> = words(&self.any_of).flat_map(|pattern| world.named(pattern)).collect();
        if there.iter().any(|(_, known)| known.declared) {
            there.retain(|(_, known)| known.declared);
        }
        for (name, _) in there {
            add(name);
        }
        let ranked = || words(&self.first_of).flat_map(|pattern| world.named(pattern));
        if let Some((name, _)) = ranked().find(|(_, known)| known.declared).or_else(|| ranked().next()) {
            add(name);
        }
        if self.plugins.is_empty() {
            return;
        }
        for (name, known) in &world.packages {
            if known.groups.iter().any(|group| words(&self.plugins).any(|pattern| matches(pattern, group))) {
                add(name);
            }
        }
    }
}

/// The patterns of the rules that matter to one project, found by key.
///
/// Imports, names, calls and strings are many (a large project has 100,000 of them). Their patterns are found by the first two segments
/// of the path, or by the last one for `.method`, and a small table of first bytes and lengths turns most away before anything is
/// hashed.
struct Matcher<'a> {
    rules: &'a [UseRule],
    scheme_keywords: Vec<&'a str>,
    separator: &'static str,
    heads: Keys<'a>,
    tails: Keys<'a>,
    settings: Keys<'a>,
    /// Settings whose pattern begins with a star.
    loose_settings: Vec<Slot<'a>>,
    urls: Vec<Slot<'a>>,
    commands: Vec<Slot<'a>>,
}

/// One pattern of a rule, for one channel.
#[derive(Debug, Clone, Copy)]
struct Slot<'a> {
    rule: u32,
    channel: Channel,
    shape: Shape<'a>,
}

impl<'a> Matcher<'a> {
    fn new(rules: &'a [UseRule], scheme_keywords: &'a str, separator: &'static str, world: &World) -> Self {
        let mut all = Self {
            rules,
            scheme_keywords: words(scheme_keywords).collect(),
            separator,
            heads: Keys::default(),
            tails: Keys::default(),
            settings: Keys::default(),
            loose_settings: Vec::new(),
            urls: Vec::new(),
            commands: Vec::new(),
        };
        for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.is_live(world)) {
            for channel in rule.channels.iter().copied() {
                for pattern in words(&rule.patterns) {
                    all.insert(at as u32, channel, pattern);
                }
            }
        }
        for keys in [&mut all.heads, &mut all.tails, &mut all.settings] {
            keys.slots.sort_by_key(|(hash, _)| *hash);
        }
        all
    }

    fn insert(&mut self, rule: u32, channel: Channel, pattern: &'a str) {
        let slot = Slot { rule, channel, shape: Shape::whole(pattern) };
        match channel {
            _ if channel.is_path() => {
                let slot = Slot { shape: Shape::path(pattern, self.separator), ..slot };
                if let Some(tail) = tail(pattern, self.separator) {
                    let last = last(tail, self.separator).unwrap_or(tail);
                    self.tails.insert(last, last, slot);
                } else if let Some(head) = head(pattern, self.separator) {
                    self.heads.insert(head, &pattern[..second(pattern, head, self.separator)], slot);
                }
            }
            Channel::Setting => match head(pattern, self.separator) {
                Some(head) => self.settings.insert(head, head, slot),
                None => self.loose_settings.push(slot),
            },
            Channel::Url => self.urls.push(slot),
            Channel::Command => self.commands.push(slot),
            _ => {}
        }
    }

    fn collect(&self, item: &Use, fired: &mut Vec<u32>) {
        use Channel::{Call, Import, Name, String};
        let (name, value) = (item.name.as_str(), item.value.as_str());
        match item.how {
            How::Import if !value.is_empty() => {
                // Most imports are about nothing that a rule knows: only those that are pay for the joined name.
                if self.heads.may_have(first(name, self.separator)) {
                    let joined = format!("{name}{}{value}", self.separator);
                    self.paths(&[Import, Name], &joined, false, Value::None, fired);
                }
            }
            How::Import | How::Dynamic | How::Load => self.paths(&[Import, Name], name, false, Value::None, fired),
            How::Name => self.paths(&[Name], name, true, Value::None, fired),
            How::Call => {
                self.paths(&[Name, Call], name, true, Value::Argument(value), fired);
                let string = argument(value);
                self.paths(&[Import, Name, String], string, false, Value::Whole(name), fired);
                if let Some(keyword) = value.strip_suffix(string).and_then(|keyword| keyword.strip_suffix('='))
                    && self.names_a_scheme(keyword)
                {
                    few(self.rules, &self.urls, string, Value::Whole(name), fired);
                }
            }
            How::Text => self.paths(&[Import, Name, String], name, false, Value::Whole(value), fired),
            How::Setting => {
                self.paths(&[Import, Name, String], value, false, Value::Whole(name), fired);
                few(self.rules, self.settings.find(first(name, self.separator)), name, Value::Whole(value), fired);
                few(self.rules, &self.loose_settings, name, Value::Whole(value), fired);
                if self.names_a_scheme(last(name, self.separator).unwrap_or(name)) {
                    few(self.rules, &self.urls, value, Value::Whole(name), fired);
                }
            }
            How::Url => few(self.rules, &self.urls, name, Value::Whole(value), fired),
            How::Command => few(self.rules, &self.commands, name, Value::Words(value), fired),
            How::Computed => {}
        }
    }

    fn paths(&self, channels: &[Channel], path: &str, tail: bool, value: Value<'_>, fired: &mut Vec<u32>) {
        let mut consider = |slot: &Slot<'_>| {
            if channels.contains(&slot.channel)
                && slot.shape.matches(path, self.separator)
                && (!slot.channel.has_value() || value.is_one_of(&self.rules[slot.rule as usize].values))
            {
                fired.push(slot.rule);
            }
        };
        let head = first(path, self.separator);
        if self.heads.may_have(head) {
            self.heads.get(head).for_each(&mut consider);
            let two = &path[..second(path, head, self.separator)];
            if two.len() > head.len() {
                self.heads.get(two).for_each(&mut consider);
            }
        }
        if tail && let Some(last) = last(path, self.separator) {
            self.tails.find(last).for_each(&mut consider);
        }
    }

    fn names_a_scheme(&self, keyword: &str) -> bool {
        self.scheme_keywords.contains(&keyword)
    }
}

fn few<'a, 's: 'a>(
    rules: &[UseRule],
    slots: impl IntoIterator<Item = &'a Slot<'s>>,
    name: &str,
    value: Value<'_>,
    fired: &mut Vec<u32>,
) {
    for slot in slots {
        if slot.shape.matches(name, "") && value.is_one_of(&rules[slot.rule as usize].values) {
            fired.push(slot.rule);
        }
    }
}

/// A use's value, and how it is compared with a rule's `value`.
#[derive(Clone, Copy)]
enum Value<'a> {
    /// There is none.
    None,
    /// As a whole.
    Whole(&'a str),
    /// With or without `keyword=`.
    Argument(&'a str),
    /// Word by word.
    Words(&'a str),
}

impl Value<'_> {
    fn is_one_of(self, wanted: &[String]) -> bool {
        wanted.is_empty()
            || wanted.iter().any(|pattern| match self {
                Self::None => false,
                Self::Whole(text) => matches(pattern, text),
                Self::Argument(text) => matches(pattern, text) || matches(pattern, argument(text)),
                Self::Words(text) => matches_words(pattern, text),
            })
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

/// Slots by the hash of their key, with a table in front that says for most strings that they are no key. Two keys with one hash do
/// no harm: every slot is compared in full.
struct Keys<'a> {
    slots: Vec<(u64, Slot<'a>)>,
    /// Bit `length` (at most 63) of the word of the first byte.
    lengths: Box<[u64; 256]>,
}

impl Default for Keys<'_> {
    fn default() -> Self {
        Self { slots: Vec::new(), lengths: Box::new([0; 256]) }
    }
}

impl<'a> Keys<'a> {
    /// Adds a slot under a key that begins with `head`.
    fn insert(&mut self, head: &str, key: &str, slot: Slot<'a>) {
        if let Some(byte) = head.bytes().next() {
            self.lengths[usize::from(byte)] |= 1 << head.len().min(63);
            self.slots.push((hash(key), slot));
        }
    }

    fn may_have(&self, head: &str) -> bool {
        head.bytes().next().is_some_and(|byte| self.lengths[usize::from(byte)] & (1 << head.len().min(63)) != 0)
    }

    fn get(&self, key: &str) -> impl Iterator<Item = &Slot<'a>> {
        let wanted = hash(key);
        let start = self.slots.partition_point(|(hash, _)| *hash < wanted);
        self.slots[start..].iter().take_while(move |(hash, _)| *hash == wanted).map(|(_, slot)| slot)
    }

    /// What is there for a key that is its own head.
    fn find(&self, key: &str) -> impl Iterator<Item = &Slot<'a>> {
        self.may_have(key).then(|| self.get(key)).into_iter().flatten()
    }
}

/// Where the second segment of a path ends, when it is literal; else where the first one does.
fn second(path: &str, head: &str, separator: &str) -> usize {
    match path.get(head.len() + separator.len()..) {
        Some(rest) => {
            let next = first(rest, separator);
            let literal = !next.is_empty() && !next.contains('*');
            if literal { head.len() + separator.len() + next.len() } else { head.len() }
        }
        None => head.len(),
    }
}

fn hash(key: &str) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(key.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests;
