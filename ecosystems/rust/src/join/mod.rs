//! All source files of a tree, together with its manifests: which file belongs to which package and to whom in it, and which of the
//! names that it holds are packages.
//!
//! What is left of a file's uses says what stands there (`name`) and which declared package that is (`value`). Uses that no source
//! file shows (features, pins, macros) stand at the manifest's lines.

mod expand;
mod generated;
mod idle;
mod implicit;
mod rules;
mod tree;

use crate::manifest::workspace::key;
use crate::manifest::{PROC_MACRO, WORKSPACE};
use crate::names::code_name;
use crate::resolve::Locked;
use depslim_model::ecosystem::Joined;
use depslim_model::{Facts, Group, Host, How, Require, Role, Strength, Use};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::OnceCell;
use tree::Reached;

/// A package of the tree.
struct Package<'m> {
    folder: &'m str,
    manifest: &'m str,
    facts: &'m Facts,
    name: &'m str,
    /// The name that code knows its library by.
    library: &'m str,
    lines: Vec<Line<'m>>,
    /// By name in code: its lines.
    names: FxHashMap<String, Vec<usize>>,
}

/// A declaration.
struct Line<'m> {
    require: &'m Require,
    /// The name that code knows it by.
    code: String,
}

/// A file of a package, as one of its targets has it.
struct Seen<'f> {
    path: &'f str,
    facts: &'f Facts,
    group: Group,
}

/// What is known of the whole tree.
struct World<'m> {
    packages: Vec<Package<'m>>,
    by_name: FxHashMap<&'m str, usize>,
    /// Who requires a package, by its name, as the locks say.
    required_by: FxHashMap<&'m str, FxHashSet<&'m str>>,
    locked: bool,
    /// By lock: the packages of the tree that it speaks of.
    members: Vec<FxHashSet<&'m str>>,
    /// Packages whose library names itself in its code.
    name_themselves: FxHashSet<&'m str>,
    /// By package: the first parts of all paths in its code.
    heads: FxHashMap<&'m str, FxHashSet<&'m str>>,
    /// Packages without code that require others: they are there for the features that they turn on.
    gather: FxHashSet<&'m str>,
    manifests: &'m [(String, Facts)],
    host: &'m Host<'m>,
    /// Locks with what features do; made when they are asked for first.
    locks: OnceCell<Vec<Locked<'m>>>,
}

/// Joins manifests and source files.
pub(crate) fn join(host: &Host<'_>, manifests: &[(String, Facts)], code: Vec<(String, Facts)>) -> Joined {
    let code: FxHashMap<String, Facts> = code.into_iter().collect();
    let mut world = World::of(host, manifests);
    let owners = tree::owners(&world, &code);
    let reached: Vec<Vec<Seen<'_>>> = world
        .packages
        .iter()
        .zip(&owners)
        .map(|(package, own)| {
            let reached = tree::reach(package, own, &code);
            let mut files: Vec<Seen<'_>> = reached.into_iter().flat_map(|(path, to)| seen(path, to, &code)).collect();
            // A package that is there for its tests has no other code: what they use is what it is for.
            if files.iter().any(|f| f.group == Group::Dev)
                && files.iter().all(|f| f.group == Group::Dev || is_empty(host, f))
            {
                for file in &mut files {
                    file.group = Group::Prod;
                }
            }
            files
        })
        .collect();
    let naming = world.packages.iter().zip(&reached).filter(|(package, files)| names_itself(package, files));
    world.name_themselves = naming.map(|(package, _)| package.name).collect();
    world.heads = world.packages.iter().zip(&reached).map(|(package, files)| (package.name, heads(files))).collect();
    let empty = |files: &&Vec<Seen<'_>>| files.iter().all(|f| f.facts.uses.is_empty() && f.facts.dev_uses.is_empty());
    let gather =
        world.packages.iter().zip(&reached).filter(|(package, files)| !package.lines.is_empty() && empty(files));
    world.gather = gather.map(|(package, _)| package.name).collect();
    let macros = expand::macros(&world, &reached);
    let files = world.packages.iter().zip(&reached);
    let mut joined: Joined =
        files.map(|(package, files)| (package.folder.to_owned(), files_of(&world, package, files, &macros))).collect();
    for (manifest, idle) in idle::find(host, &world, &reached) {
        let folder = crate::names::home(&manifest);
        let facts = Facts { group: Some(Group::Prod), idle: vec![idle], ..Facts::default() };
        joined.entry(folder).or_default().push((manifest, facts));
    }
    joined
}

/// Whether a library's code holds its own name, as only code for others does. Its programs and tests name it like any other.
fn names_itself(package: &Package<'_>, files: &[Seen<'_>]) -> bool {
    let library = ["src/lib.rs", "src/main.rs"]
        .map(|file| format!("{}/{file}", package.folder).trim_start_matches('/').to_owned());
    let is_program = |path: &str| path == library[1] || path.contains("/bin/") || path.starts_with("bin/");
    files.iter().filter(|file| file.group == Group::Prod && !is_program(file.path)).any(|file| {
        file.facts.uses.iter().any(|used| {
            matches!(used.how, How::Import | How::Name) && used.name.split("::").next() == Some(package.library)
        })
    })
}

/// Whether a file of production holds nothing but comments and attributes.
fn is_empty(host: &Host<'_>, file: &Seen<'_>) -> bool {
    let named = file.facts.uses.iter().any(|used| used.how != How::Text);
    file.group == Group::Prod
        && !named
        && fs_err::read(host.root.join(file.path)).is_ok_and(|bytes| crate::source::holds_no_code(&bytes))
}

/// First parts of the paths in production code.
fn heads<'f>(files: &[Seen<'f>]) -> FxHashSet<&'f str> {
    let paths = |used: &&'f Use| matches!(used.how, How::Import | How::Name);
    let code = files.iter().filter(|file| file.group == Group::Prod);
    code.flat_map(|file| file.facts.uses.iter().filter(paths)).filter_map(|used| used.name.split("::").next()).collect()
}

fn seen<'f>(path: &'f str, to: Reached, code: &'f FxHashMap<String, Facts>) -> Vec<Seen<'f>> {
    let Some(facts) = code.get(path) else { return Vec::new() };
    let of = |group| Seen { path, facts, group };
    let mut all = Vec::new();
    if to.code {
        all.push(of(Group::Prod));
    }
    if to.build {
        all.push(of(Group::Build));
    }
    if to.tests && !to.code {
        all.push(of(Group::Dev));
    }
    all
}

/// A package's files with what they use.
fn files_of<'m>(
    world: &World<'m>,
    package: &Package<'m>,
    files: &[Seen<'_>],
    macros: &expand::Macros<'_>,
) -> Vec<(String, Facts)> {
    let mut out = Vec::with_capacity(files.len() + 1);
    let mut taken = Taken {
        package,
        lines: vec![false; package.lines.len()],
        only_tests: vec![false; package.lines.len()],
        unresolved: Vec::new(),
        for_build: Vec::new(),
    };
    for file in files {
        let mut facts = Facts { group: Some(file.group), problems: file.facts.problems.clone(), ..Facts::default() };
        for (used, dev) in
            file.facts.uses.iter().map(|u| (u, false)).chain(file.facts.dev_uses.iter().map(|u| (u, true)))
        {
            let group = if dev { Group::Dev } else { file.group };
            match used.how {
                How::Import | How::Name => taken.take(used, group, file, &mut facts),
                How::Text if used.value == "attribute" => taken.take(used, group, file, &mut facts),
                How::Call => {
                    for expanded in macros.names(package, used) {
                        taken.take(&expanded, group, file, &mut facts);
                    }
                }
                _ => {}
            }
        }
        out.push((file.path.to_owned(), facts));
    }
    taken.related(files, &mut out);
    let mut manifest = Facts { group: Some(Group::Prod), ..Facts::default() };
    generated::take(&mut taken, files, &mut out);
    expand::take_procedural(world, &mut taken, macros, &mut manifest);
    implicit::take_families(&mut taken, &mut manifest);
    implicit::take(world, &mut taken, files, &mut manifest);
    if !manifest.uses.is_empty() || !manifest.dev_uses.is_empty() {
        out.push((package.manifest.to_owned(), manifest));
    }
    if !taken.for_build.is_empty() {
        let facts = Facts { group: Some(Group::Build), uses: taken.for_build, ..Facts::default() };
        out.push((package.manifest.to_owned(), facts));
    }
    out
}

/// What was taken of a package so far.
struct Taken<'p, 'm> {
    package: &'p Package<'m>,
    /// By line: whether anything was seen to use it.
    lines: Vec<bool>,
    /// By line: whether all that was seen to use it is for tests.
    only_tests: Vec<bool>,
    /// Imports that no line supplies: the name, and the use with its file as value.
    unresolved: Vec<(String, Use)>,
    /// Uses at the manifest's lines for the build.
    for_build: Vec<Use>,
}

impl Taken<'_, '_> {
    /// A name in code: a use of every line that supplies it.
    fn take(&mut self, used: &Use, group: Group, file: &Seen<'_>, facts: &mut Facts) {
        let head = used.name.split("::").next().unwrap_or_default();
        let package = self.package;
        let Some(lines) = package.names.get(head) else {
            let own = head == package.library || file.group == Group::Build;
            if !own && used.how != How::Text {
                self.unresolved.push((head.to_owned(), Use { value: file.path.to_owned(), ..used.clone() }));
            }
            return;
        };
        self.note(lines, used, group, facts);
    }

    fn note(&mut self, lines: &[usize], used: &Use, group: Group, facts: &mut Facts) {
        let package = self.package;
        let for_build = |line: &&usize| package.lines[**line].require.group == Group::Build;
        let fits: Vec<usize> = match group {
            Group::Build => lines.iter().filter(for_build).copied().collect(),
            _ => lines.iter().filter(|line| !for_build(line)).copied().collect(),
        };
        // What only tests can see is used by tests, whatever the file looks like.
        let only_dev = !fits.is_empty() && fits.iter().all(|line| package.lines[*line].require.group == Group::Dev);
        let dev = group == Group::Dev || only_dev;
        let mut names: Vec<&str> = Vec::new();
        for line in fits {
            self.only_tests[line] = dev && (!self.lines[line] || self.only_tests[line]);
            self.lines[line] = true;
            let name = package.lines[line].require.name.as_str();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for name in names {
            let how = if used.how == How::Text { How::Text } else { How::Import };
            let told = used.how == How::Text && used.value != "attribute";
            let text = if told { used.value.clone() } else { used.name.clone() };
            let new = Use { how, name: text, value: name.to_owned(), strength: used.strength, line: used.line };
            if dev && facts.group == Some(Group::Prod) { facts.dev_uses.push(new) } else { facts.uses.push(new) }
        }
    }

    /// Lines that nothing was seen to use.
    fn idle(&self) -> impl Iterator<Item = usize> {
        (0..self.lines.len()).filter(|line| !self.lines[*line])
    }

    /// Lines for production that nothing but tests was seen to use.
    fn tested(&self) -> impl Iterator<Item = usize> {
        let ships = |line: &usize| matches!(self.package.lines[*line].require.group, Group::Prod | Group::Optional);
        (0..self.lines.len()).filter(|line| self.only_tests[*line]).filter(ships)
    }

    /// A use that stands at the line itself, or wherever `used` says.
    fn note_line(&mut self, line: usize, name: String, at: u32, facts: &mut Facts) {
        self.note_line_for(line, name, at, false, facts);
    }

    /// The same, perhaps for tests only.
    fn note_line_for(&mut self, line: usize, name: String, at: u32, tests: bool, facts: &mut Facts) {
        let require = self.package.lines[line].require;
        let value = require.name.clone();
        let used = Use { how: How::Setting, name, value, strength: Strength::Lazy, line: at.max(1) };
        self.lines[line] = true;
        self.only_tests[line] = tests || require.group == Group::Dev;
        match require.group {
            _ if self.only_tests[line] => facts.dev_uses.push(used),
            Group::Build => self.for_build.push(used),
            _ => facts.uses.push(used),
        }
    }

    /// Imports that nothing supplies, held against lines that nothing uses: many libraries have a shorter name than their package.
    /// What is left stays an import of something unknown.
    fn related(&mut self, files: &[Seen<'_>], out: &mut [(String, Facts)]) {
        let places: FxHashMap<&str, usize> = files.iter().enumerate().map(|(at, f)| (f.path, at)).collect();
        let idle: Vec<usize> = self.idle().filter(|line| !self.package.known(*line)).collect();
        if idle.is_empty() {
            return;
        }
        for (head, used) in std::mem::take(&mut self.unresolved) {
            let Some(&at) = places.get(used.value.as_str()) else { continue };
            let lines: Vec<usize> =
                idle.iter().copied().filter(|line| similar(&self.package.lines[*line].code, &head)).collect();
            let group = files[at].group;
            let plain = Use { value: String::new(), ..used };
            if !lines.is_empty() {
                self.note(&lines, &plain, group, &mut out[at].1);
            } else if plain.how == How::Import && group == Group::Prod {
                out[at].1.uses.push(plain);
            }
        }
    }
}

impl<'m> World<'m> {
    fn of(host: &'m Host<'m>, manifests: &'m [(String, Facts)]) -> Self {
        let is_lock = |facts: &Facts| facts.manifest.as_ref().is_some_and(|m| m.role == Role::Lock);
        let mut world = Self {
            packages: Vec::new(),
            by_name: FxHashMap::default(),
            required_by: FxHashMap::default(),
            locked: false,
            members: Vec::new(),
            name_themselves: FxHashSet::default(),
            heads: FxHashMap::default(),
            gather: FxHashSet::default(),
            manifests,
            host,
            locks: OnceCell::new(),
        };
        let library: FxHashMap<&str, &str> = manifests
            .iter()
            .flat_map(|(_, facts)| &facts.provides)
            .filter_map(|p| Some((p.package.as_str(), p.modules.first()?.as_str())))
            .collect();
        for (path, facts) in manifests {
            if is_lock(facts) {
                world.locked |= !facts.provides.is_empty();
                let own = facts.provides.iter().filter(|p| p.first_party);
                world.members.push(own.map(|p| p.package.as_str()).collect());
                for require in &facts.requires {
                    let from = require.from.as_deref().unwrap_or_default();
                    world.required_by.entry(require.name.as_str()).or_default().insert(from);
                }
            } else if let Some(own) = facts.provides.first() {
                world.by_name.insert(&own.package, world.packages.len());
                world.packages.push(Package::of(path, facts, &library));
            }
        }
        world
    }

    fn package(&self, name: &str) -> Option<&Package<'m>> {
        self.by_name.get(name).map(|at| &self.packages[*at])
    }

    /// The lock that speaks of a package of the tree, and the package's place in it.
    fn locked(&self, name: &str) -> Option<(&Locked<'m>, usize)> {
        let locks = self.locks.get_or_init(|| {
            let own: FxHashMap<&'m str, &'m Facts> = self
                .manifests
                .iter()
                .filter_map(|(_, facts)| Some((facts.provides.first()?.package.as_str(), facts)))
                .filter(|(_, facts)| facts.manifest.as_ref().is_some_and(|about| about.role == Role::Manifest))
                .collect();
            let locks = self.manifests.iter().map(|(path, facts)| (crate::names::home(path), facts));
            locks.filter_map(|(folder, lock)| Locked::of(self.host, &folder, lock, &own)).collect()
        });
        locks.iter().find_map(|lock| Some((lock, lock.member(name)?)))
    }

    /// Features that packages lose which stay when a line goes; `None` when too little is known.
    fn lost(&self, package: &str, line: &Require) -> Option<Vec<String>> {
        let (locked, member) = self.locked(package)?;
        locked.lost(member, key(line), line.group_name.as_deref().unwrap_or_default())
    }

    /// Packages of the tree that share a lock with this one, or that it requires.
    fn around(&self, package: &Package<'m>) -> Vec<&Package<'m>> {
        let locks = self.members.iter().filter(|names| names.contains(package.name));
        let mut names: FxHashSet<&str> = locks.flatten().copied().collect();
        names.extend(expand::nearby(self, package));
        names.into_iter().filter(|name| *name != package.name).filter_map(|name| self.package(name)).collect()
    }

    /// Whether anybody but `package` brings a package; without a lock nobody knows.
    fn others_bring(&self, package: &str, required: &str) -> bool {
        !self.locked || self.required_by.get(required).is_some_and(|by| by.iter().any(|other| *other != package))
    }
}

impl<'m> Package<'m> {
    fn of(path: &'m str, facts: &'m Facts, library: &FxHashMap<&str, &str>) -> Self {
        let own = &facts.provides[0];
        let declared = |r: &&Require| r.from.is_none() && r.group_name.as_deref() != Some(WORKSPACE);
        let lines: Vec<Line<'m>> = facts
            .requires
            .iter()
            .filter(declared)
            .map(|require| {
                let local = library.get(require.name.as_str()).filter(|_| require.alias.is_none());
                let code = local.map_or_else(|| code_name(key(require)), |name| (*name).to_owned());
                Line { require, code }
            })
            .collect();
        let mut names: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (at, line) in lines.iter().enumerate() {
            names.entry(line.code.clone()).or_default().push(at);
            let known = line.require.alias.is_none().then(|| crate::libraries::of(&line.require.name)).flatten();
            if let Some(name) = known {
                names.entry(name.to_owned()).or_default().push(at);
            }
        }
        let folder = path.strip_suffix("Cargo.toml").unwrap_or(path).trim_end_matches('/');
        let library = own.modules.first().map_or("", String::as_str);
        Self { folder, manifest: path, facts, name: &own.package, library, lines, names }
    }

    /// Whether the name that code knows a line by is certain.
    fn known(&self, line: usize) -> bool {
        let require = self.lines[line].require;
        require.alias.is_some() || crate::libraries::of(&require.name).is_some()
    }

    fn holds_macros(&self) -> bool {
        self.facts.provides.iter().flat_map(|p| &p.plugins).any(|plugin| plugin.group == PROC_MACRO)
    }
}

/// Whether one name is the other with words more or less (`ini` of `rust_ini`), or the same without `_` (`md5` of `md_5`).
fn similar(code: &str, head: &str) -> bool {
    let plain = |name: &str| name.replace('_', "").to_ascii_lowercase();
    let holds = |long: &str, short: &str| {
        let (long, short): (Vec<&str>, Vec<&str>) = (long.split('_').collect(), short.split('_').collect());
        long.windows(short.len()).any(|words| words == short.as_slice())
    };
    head.len() >= 3 && (plain(code) == plain(head) || holds(code, head) || holds(head, code))
}

#[cfg(test)]
mod tests;
