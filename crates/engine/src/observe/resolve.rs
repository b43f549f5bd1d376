//! From a module's name to the files and packages that it stands for: the project's own code, an installed package, the runtime.

use super::alias;
use super::answers::Answers;
use super::disk::Disk;
use crate::discover::Inventory;
use crate::link::{Declared, Graph, Known};
use crate::project::{ancestors, join};
use depslim_model::{Alias, Ecosystem, Export, Group, Owns, Target};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a module's name stands for. Several may hold: when the project's own code and a package both answer to a name, both count,
/// because a wrong "unused" is worse than a missed one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Files of the project that importing it executes, relative to the root.
    pub own: Vec<String>,
    /// Packages that supply it.
    pub packages: Vec<u32>,
    /// Installed files that importing it executes, with their package.
    pub files: Vec<(u32, PathBuf)>,
    /// The whole name (with the member, if one was asked for) is a module file, not only its beginning.
    pub whole: bool,
    /// The runtime supplies it.
    pub standard: bool,
}

/// Resolves modules for one project. Answers are remembered.
#[derive(Debug)]
pub struct Resolver<'a> {
    ecosystem: &'a Ecosystem,
    target: &'a Target,
    inventory: &'a Inventory,
    graph: &'a Graph,
    folder: &'a str,
    /// Folders that modules of the project's own are looked up in, in order.
    roots: Vec<String>,
    /// Module name → packages that supply it.
    modules: FxHashMap<String, Vec<u32>>,
    /// Every beginning of a supplied module's name: `google` and `google.cloud` of `google.cloud.storage`.
    beginnings: FxHashSet<String>,
    /// What is known of installed modules.
    installed: Installed,
    /// Answers for the project's code: relative names by base, name and member.
    relative: Answers,
    /// Names that mean the same in every file, by name and member.
    everywhere: Answers,
    /// Names that are seen from a folder, by folder, name and member.
    here: Answers,
    /// Names that stand for other modules, the closest first: with the folder of the file that says so.
    aliases: Vec<(String, Alias)>,
    /// Files of the project that the walk left out, but its code imports.
    left_out: FxHashSet<String>,
}

/// What is known of the modules that are installed. It may outlive a resolver: another one for the same installed world
/// ([`Resolver::world`]) gives the same answers.
#[derive(Debug, Default)]
pub(crate) struct Installed {
    /// Answers by name and member, and by who asks where several packages may be meant.
    answers: Answers,
    /// What lies in installed folders.
    disk: Disk,
}

impl<'a> Resolver<'a> {
    /// A resolver for the project in `folder`. `roots` are folders, relative to the root, that modules are looked up in; `modules`
    /// says what packages that are not installed would supply.
    pub fn new(
        ecosystem: &'a Ecosystem,
        target: &'a Target,
        inventory: &'a Inventory,
        graph: &'a Graph,
        folder: &'a str,
        roots: Vec<String>,
        modules: impl Iterator<Item = (String, u32)>,
    ) -> Self {
        let mut table: FxHashMap<String, Vec<u32>> = FxHashMap::default();
        let mut beginnings = FxHashSet::default();
        for (module, package) in modules {
            for (at, _) in module.match_indices(ecosystem.separator) {
                beginnings.insert(module[..at].to_owned());
            }
            let owners = table.entry(module).or_default();
            if !owners.contains(&package) {
                owners.push(package);
            }
        }
        Self {
            ecosystem,
            target,
            inventory,
            graph,
            folder,
            roots,
            modules: table,
            beginnings,
            installed: Installed::default(),
            relative: Answers::default(),
            everywhere: Answers::default(),
            here: Answers::default(),
            aliases: Vec::new(),
            left_out: FxHashSet::default(),
        }
    }

    /// Everything that the answers for installed modules depend on, as a hash: what is installed where, which modules packages supply,
    /// what a name of several packages means, and which packages production declares that go by a name of the runtime's.
    pub(crate) fn world(&self) -> u64 {
        let mut hasher = FxHasher::default();
        (self.ecosystem.name, self.target).hash(&mut hasher);
        for node in &self.graph.nodes {
            let installed = node.known == Known::Installed;
            (&node.canonical, installed, &node.site, &node.folder, &node.up).hash(&mut hasher);
        }
        for (name, copies) in self.graph.several() {
            (name, copies, self.graph.find(name)).hash(&mut hasher);
        }
        let mut modules: Vec<(&String, &Vec<u32>)> = self.modules.iter().collect();
        modules.sort_unstable();
        modules.hash(&mut hasher);
        let production = |d: &&Declared| matches!(d.require.group, Group::Prod | Group::Optional);
        let declared: FxHashSet<u32> =
            self.graph.declared.iter().filter(production).map(|declared| declared.package).collect();
        for (module, owners) in modules {
            if owners.iter().any(|owner| declared.contains(owner)) && (self.ecosystem.standard)(module, self.target) {
                module.hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// Takes over what is known of the same installed world.
    pub(crate) fn know(&mut self, installed: Installed) {
        self.installed = installed;
    }

    /// Gives away what was found out about installed modules.
    pub(crate) fn known(&mut self) -> Installed {
        std::mem::take(&mut self.installed)
    }

    /// Sets the folders that modules of the project's own are looked up in.
    pub fn set_roots(&mut self, roots: Vec<String>) {
        self.roots = roots;
        self.forget();
    }

    /// Sets the names that stand for other modules, each with the folder of the file that says so.
    pub fn set_aliases(&mut self, mut aliases: Vec<(String, Alias)>) {
        let rank = |(folder, alias): &(String, Alias)| {
            (std::cmp::Reverse(folder.len()), std::cmp::Reverse(alias.name.find('*').unwrap_or(usize::MAX)))
        };
        aliases.sort_by_key(rank);
        self.aliases = aliases;
        self.forget();
    }

    /// Whether a dotted text names the project's own code: a module as a whole, or something in one where no package has the module.
    pub fn is_own(&mut self, file: &str, name: &str) -> bool {
        let folder = file.rsplit_once('/').map_or("", |(f, _)| f);
        let found =
            self.roots.iter().map(String::as_str).chain([folder]).find_map(|root| self.below(root, name, "", true));
        found.is_some_and(|own| own.whole || !self.package(name, "").whole)
    }

    /// What `module` (and its `member`, which may be a module itself) means in a file of the project.
    pub fn own(&mut self, file: &str, module: &str, member: &str) -> Arc<Found> {
        if let Some((base, absolute)) = self.absolute(file, module) {
            let names = [base, absolute.as_str(), member];
            // A relative import, seen from the file's own folder: nothing but the project can answer.
            return self.relative.get(names).unwrap_or_else(|| {
                let found = self.below(base, &absolute, member, false).unwrap_or_default();
                self.relative.put(names, found)
            });
        }
        if let Some(found) = self.everywhere.get(["", module, member]) {
            return found;
        }
        let folder = file.rsplit_once('/').map_or("", |(f, _)| f);
        if let Some(found) = self.here.get([folder, module, member]) {
            return found;
        }
        if let Some((mut found, public)) = self.aliased(file, module, member) {
            if public {
                // The member of the repository that is meant may be declared like any package.
                found.packages.clone_from(&self.package(module, "").packages);
            }
            return self.here.put([folder, module, member], found);
        }
        match self.known_everywhere(module, member) {
            // What is an alias in one folder may be a package in another.
            Some(found) if self.aliases.is_empty() => self.everywhere.put(["", module, member], found),
            Some(found) => self.here.put([folder, module, member], found),
            None => {
                let found = self.seen_from_folder(folder, module, member);
                self.here.put([folder, module, member], found)
            }
        }
    }

    /// What a name means wherever it is written: a module of the project below one of its roots, else what a package or the runtime
    /// supplies.
    fn known_everywhere(&mut self, module: &str, member: &str) -> Option<Found> {
        for at in 0..self.roots.len() {
            if let Some(mut found) = self.below(&self.roots[at], module, member, true) {
                let other = self.package(module, member);
                if !other.packages.is_empty() && (!found.whole || self.declared(&other.packages)) {
                    found.packages.clone_from(&other.packages);
                    found.files.clone_from(&other.files);
                }
                return Some(found);
            }
        }
        let found = self.package(module, member);
        let known = !found.packages.is_empty() || found.standard || self.ecosystem.bare_is_package;
        known.then(|| Found::clone(&found))
    }

    /// A script's own folder is a module root when it is run; a folder without package files is a namespace.
    fn seen_from_folder(&self, folder: &str, module: &str, member: &str) -> Found {
        let around =
            std::iter::once(folder).chain(ancestors(folder)).take_while(|base| base.len() >= self.folder.len());
        let regular = around.map(|base| (base, true));
        let roots = self.roots.iter().map(|root| (root.as_str(), false));
        let above = ancestors(self.folder).map(|base| (base, false));
        regular
            .chain(roots)
            .chain(above)
            .find_map(|(base, regular)| self.below(base, module, member, regular))
            .unwrap_or_default()
    }

    fn forget(&mut self) {
        self.relative.clear();
        self.everywhere.clear();
        self.here.clear();
    }

    /// Files on the disk that an import of a file of the project means though the walk left them out: generated code is often ignored
    /// by version control. From now on they are found like all others.
    pub fn left_out(&mut self, file: &str, module: &str, member: &str) -> Vec<String> {
        let folder = file.rsplit_once('/').map_or("", |(f, _)| f);
        let (bases, module): (Vec<&str>, String) = match self.absolute(file, module) {
            Some((base, absolute)) => (vec![base], absolute),
            None => (self.roots.iter().map(String::as_str).chain([folder]).collect(), module.to_owned()),
        };
        let full = format!("{module}{}{member}", self.ecosystem.separator);
        let mut steps = (self.ecosystem.locate)(&module);
        if !member.is_empty() {
            steps.extend((self.ecosystem.locate)(&full).pop());
        }
        let on_disk = |base: &str| -> Vec<String> {
            let candidates = steps.iter().flatten().map(|path| within(base, path));
            candidates.filter(|path| !self.has(path) && self.inventory.absolute(path).is_file()).collect()
        };
        let found = bases.into_iter().map(on_disk).find(|files| !files.is_empty()).unwrap_or_default();
        if !found.is_empty() {
            self.left_out.extend(found.iter().cloned());
            self.forget();
        }
        found
    }

    /// The project's own files in the folder that a module stands for.
    pub fn all_below(&self, file: &str, module: &str) -> Vec<String> {
        let (bases, module): (Vec<&str>, String) = match self.absolute(file, module) {
            Some((base, absolute)) => (vec![base], absolute),
            None => (self.roots.iter().map(String::as_str).collect(), module.to_owned()),
        };
        let folder = module.replace(self.ecosystem.separator, "/");
        let folders = bases.into_iter().map(|base| within(base, &folder));
        let Some(folder) = folders.into_iter().find(|folder| self.inventory.folders.contains(folder)) else {
            return Vec::new();
        };
        let directly = |file: &&String| file.rsplit_once('/').is_some_and(|(around, _)| around == folder);
        self.inventory.files.iter().filter(directly).cloned().collect()
    }

    /// Whether the project has a file.
    fn has(&self, path: &str) -> bool {
        self.inventory.set.contains(path) || self.left_out.contains(path)
    }

    /// What `module` means in a file of an installed package, given relative to the folder that modules are looked up in.
    pub fn from_installed(&mut self, package: u32, file: &str, module: &str, member: &str) -> Arc<Found> {
        let several = self.ecosystem.several_versions;
        match (self.ecosystem.absolute)(file, module) {
            // Seen from inside, a package's files are called as they are.
            Some(absolute) if several => Arc::new(self.inside(package, &absolute)),
            Some(absolute) => self.package(&absolute, member),
            None => self.asked_by(several.then_some(package), module, member),
        }
    }

    /// The packages and installed files behind a name, the project's own code left aside.
    pub fn package(&mut self, module: &str, member: &str) -> Arc<Found> {
        self.asked_by(None, module, member)
    }

    /// The same, for a package that asks instead of the project.
    fn asked_by(&mut self, package: Option<u32>, module: &str, member: &str) -> Arc<Found> {
        let asking = package.map(|package| package.to_string()).unwrap_or_default();
        let names = [module, member, asking.as_str()];
        if let Some(found) = self.installed.answers.get(names) {
            return found;
        }
        let found = self.look_up(package, module, member);
        self.installed.answers.put(names, found)
    }

    /// Whether anything lies at a path below `site`.
    pub(super) fn exists(&mut self, site: &Path, relative: &str) -> bool {
        self.installed.disk.exists(site, relative)
    }

    /// The file of a package that a name relative to its site stands for.
    fn inside(&mut self, package: u32, module: &str) -> Found {
        let Some(site) = self.graph.node(package).site.as_deref() else { return Found::default() };
        let steps = (self.ecosystem.locate)(module);
        let files: Vec<_> =
            steps.into_iter().filter_map(|step| self.on_disk(site, step)).map(|(_, file)| (package, file)).collect();
        Found { packages: vec![package], whole: !files.is_empty(), files, ..Found::default() }
    }

    /// The project's own files behind a name that stands for another one.
    fn aliased(&self, file: &str, module: &str, member: &str) -> Option<(Found, bool)> {
        for (folder, alias) in &self.aliases {
            if !alias.public && !super::sources::inside(file, folder) {
                continue;
            }
            let Some(rest) = alias::matched(&alias.name, module) else { continue };
            for target in alias.targets.iter().map(|target| target.replacen('*', rest, 1)) {
                let Some(path) = join(folder, &target) else { continue };
                let found = self.below("", &path, member, true).filter(|found| !found.own.is_empty());
                if let Some(found) = found {
                    return Some((found, alias.public));
                }
            }
            // What a name stands for may not be made yet: it is no package's all the same.
            if !alias.public && alias.name == module {
                return Some((Found { whole: true, ..Found::default() }, false));
            }
        }
        None
    }

    /// The packages that supply a name or its longest known beginning; no file is looked at.
    pub fn owners(&self, name: &str) -> Vec<u32> {
        self.meant(None, self.all_owners(name, false))
    }

    /// The owners of a name or of its longest known beginning; `whole` for a name that stands for a folder of classes as a whole.
    fn all_owners(&self, name: &str, whole: bool) -> &[u32] {
        let mut name = name;
        // Where code sees everything, what is installed says which folders of classes it has: a name leads to that of its class, with
        // one member and the classes taken off, and no further up.
        let (mut first, mut above) = (!whole, false);
        loop {
            if let Some(owners) = self.modules.get(name).filter(|owners| !above || !self.are_installed(owners)) {
                return owners;
            }
            let Some(cut) = name.rfind(self.ecosystem.separator) else { return &[] };
            let is_class = name[cut + self.ecosystem.separator.len()..].starts_with(|c: char| c.is_ascii_uppercase());
            above |= self.ecosystem.sees_all && !is_class && !first;
            first = false;
            name = &name[..cut];
        }
    }

    fn are_installed(&self, packages: &[u32]) -> bool {
        packages.iter().all(|package| self.graph.node(*package).known == Known::Installed)
    }

    fn declared(&self, packages: &[u32]) -> bool {
        self.graph.declared.iter().any(|d| packages.contains(&d.package))
    }

    fn declared_for_production(&self, packages: &[u32]) -> bool {
        let production = |d: &&Declared| matches!(d.require.group, Group::Prod | Group::Optional);
        !packages.is_empty() && self.graph.declared.iter().filter(production).any(|d| packages.contains(&d.package))
    }

    /// The folder that a relative name is seen from, and the name without its dots. `None` for one that is absolute already.
    fn absolute<'f>(&self, file: &'f str, module: &str) -> Option<(&'f str, String)> {
        // Most names are absolute.
        let whole = (self.ecosystem.absolute)(file, module)?;
        // The path may hold parts that are no module names (`v1.2/`): only what is below them takes part.
        let separator = self.ecosystem.separator;
        let base_end = file.rfind('/').filter(|_| separator != "/").map_or(0, |end| {
            file[..end].rmatch_indices('/').find(|(at, _)| file[..*at].contains('.')).map_or(0, |(at, _)| at + 1)
        });
        if base_end == 0 {
            return Some(("", whole));
        }
        let absolute = (self.ecosystem.absolute)(&file[base_end..], module)?;
        Some((file[..base_end].trim_end_matches('/'), absolute))
    }

    /// The project's own files behind a name below one folder. With `regular`, a folder without package files does not count.
    fn below(&self, base: &str, module: &str, member: &str, regular: bool) -> Option<Found> {
        let mut found = Found::default();
        let steps = (self.ecosystem.locate)(module);
        let mut reached = 0;
        for (number, step) in steps.iter().enumerate() {
            match step.iter().map(|c| within(base, c)).find(|c| self.has(c)) {
                Some(file) => {
                    found.own.push(file);
                    reached = number + 1;
                }
                None if number == 0 && regular => return None,
                None => {}
            }
        }
        found.whole = reached == steps.len();
        if !member.is_empty() {
            let full = format!("{module}{}{member}", self.ecosystem.separator);
            if let Some(file) = (self.ecosystem.locate)(&full)
                .last()
                .and_then(|step| step.iter().map(|c| within(base, c)).find(|c| self.has(c)))
            {
                found.own.push(file);
                found.whole = true;
            }
        }
        if found.own.is_empty() {
            // A namespace: the folder is there, and nothing is executed for it.
            let folder = within(base, &module.replace(self.ecosystem.separator, "/"));
            return (!module.is_empty() && self.inventory.folders.contains(&folder)).then_some(found);
        }
        Some(found)
    }

    fn look_up(&mut self, asking: Option<u32>, module: &str, member: &str) -> Found {
        let separator = self.ecosystem.separator;
        let full =
            if member.is_empty() || member == "*" { module.to_owned() } else { format!("{module}{separator}{member}") };
        let mut owners = self.meant(asking, self.all_owners(&full, member == "*"));
        // The runtime's own modules come first. Where a runtime looks for packages first, one of that name which production declares
        // is meant: for another runtime, or for a bundler.
        if (self.ecosystem.standard)(module, self.target)
            && (self.ecosystem.bare_is_package || !self.declared_for_production(&owners))
        {
            return Found { standard: true, ..Found::default() };
        }
        if owners.is_empty() {
            return Found::default();
        }
        let mut found = Found::default();
        if owners.len() > 1 {
            owners = self.told_apart(&owners, &full, module);
        }
        for owner in &owners {
            let Some(site) = self.graph.node(*owner).site.clone() else { continue };
            if let Some(files) = self.exported(*owner, module) {
                found.files.extend(files.into_iter().map(|file| (*owner, file)));
                found.whole = true;
                continue;
            }
            let steps = (self.ecosystem.locate)(module);
            let count = steps.len();
            for (number, step) in steps.into_iter().enumerate() {
                if let Some((relative, file)) = self.on_disk(&site, step) {
                    let part = beginning(module, separator, number + 1);
                    found.files.push((self.owner_of(part, &relative, *owner), file));
                    found.whole |= number + 1 == count && member.is_empty();
                }
            }
            if full != module
                && let Some((_, file)) = (self.ecosystem.locate)(&full).pop().and_then(|step| self.on_disk(&site, step))
            {
                found.files.push((*owner, file));
                found.whole = true;
            }
        }
        found.files.dedup();
        // Whoever owns a file that gets executed on the way is needed as well.
        for (owner, _) in &found.files {
            if !owners.contains(owner) {
                owners.push(*owner);
            }
        }
        found.packages = owners;
        found
    }

    /// Of several packages of one name, the one that is meant by who asks: a package, or the project.
    fn meant(&self, asking: Option<u32>, owners: &[u32]) -> Vec<u32> {
        if owners.len() < 2 || !self.ecosystem.several_versions {
            return owners.to_vec();
        }
        let mut meant: Vec<u32> = owners
            .iter()
            .filter_map(|owner| {
                let name = &self.graph.node(*owner).canonical;
                asking.map_or_else(|| self.graph.find(name), |asking| self.graph.seen_by(asking, name))
            })
            .collect();
        meant.sort_unstable();
        meant.dedup();
        meant
    }

    /// The files that a package's metadata names for a module, those that exist.
    fn exported(&mut self, package: u32, module: &str) -> Option<Vec<PathBuf>> {
        let node = self.graph.node(package);
        let folder = node.folder.as_deref()?;
        let mut best: Option<(usize, &str, &Export)> = None;
        for export in &node.provide.exports {
            let Some(rest) = alias::matched(&export.module, module) else { continue };
            let length = export.module.find('*').unwrap_or(usize::MAX);
            if best.is_none_or(|(longest, ..)| length > longest) {
                best = Some((length, rest, export));
            }
        }
        let (_, rest, export) = best?;
        let files: Vec<PathBuf> = export
            .files
            .iter()
            .filter_map(|step| self.on_disk(folder, step.iter().map(|file| file.replace('*', rest)).collect()))
            .map(|(_, file)| file)
            .collect();
        (!files.is_empty()).then_some(files)
    }

    /// The first of some candidate files that exists below `site`.
    fn on_disk(&mut self, site: &Path, candidates: Vec<String>) -> Option<(String, PathBuf)> {
        candidates.into_iter().find(|c| self.installed.disk.is_file(site, c)).map(|c| {
            let path = site.join(&c);
            (c, path)
        })
    }

    /// Which of several packages that supply the same module own the file that this name stands for.
    fn told_apart(&self, owners: &[u32], full: &str, module: &str) -> Vec<u32> {
        let mut candidates: Vec<String> = (self.ecosystem.locate)(full).into_iter().next_back().unwrap_or_default();
        candidates.extend((self.ecosystem.locate)(module).into_iter().next_back().unwrap_or_default());
        for candidate in candidates {
            let sure = self.closest(owners, &candidate);
            if !sure.is_empty() {
                return sure;
            }
        }
        owners.to_vec()
    }

    /// The owner of a file that a shared beginning of several packages' modules stands for: only lists of files tell.
    fn owner_of(&self, beginning: &str, file: &str, guess: u32) -> u32 {
        if !self.beginnings.contains(beginning) {
            return guess;
        }
        let first = beginning.split(self.ecosystem.separator).next().unwrap_or(beginning);
        let mut candidates: Vec<u32> = self
            .modules
            .iter()
            .filter(|(name, _)| name.split(self.ecosystem.separator).next() == Some(first))
            .flat_map(|(_, owners)| owners)
            .copied()
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let sure = self.closest(&candidates, file);
        if sure.contains(&guess) { guess } else { sure.first().copied().unwrap_or(guess) }
    }

    /// The packages among these that claim a file most closely: by its own name, else by the innermost folder around it.
    fn closest(&self, packages: &[u32], file: &str) -> Vec<u32> {
        let claims: Vec<(u32, usize)> = packages.iter().filter_map(|p| Some((*p, self.claim(*p, file)?))).collect();
        let best = claims.iter().map(|(_, length)| *length).max();
        claims.into_iter().filter(|(_, length)| Some(*length) == best).map(|(package, _)| package).collect()
    }

    /// How closely a package claims a file of its site: the length of what it claims.
    fn claim(&self, package: u32, file: &str) -> Option<usize> {
        let node = self.graph.node(package);
        let (paths, deep) = match &node.provide.owns {
            Owns::Nothing => return None,
            Owns::Files(paths) => (paths, false),
            Owns::Trees(paths) => (paths, true),
        };
        let file = format!("{}{file}", node.up);
        let holds = |path: &&String| {
            let rest = file.strip_prefix(path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || path.ends_with('/') || (deep && rest.starts_with('/')))
        };
        paths.iter().filter(holds).map(String::len).max()
    }
}

/// A path below a folder; the root is the empty string.
fn within(base: &str, path: &str) -> String {
    if base.is_empty() { path.to_owned() } else { format!("{base}/{path}") }
}

/// The first `parts` parts of a module's name.
fn beginning<'m>(module: &'m str, separator: &str, parts: usize) -> &'m str {
    module.match_indices(separator).nth(parts - 1).map_or(module, |(at, _)| &module[..at])
}
