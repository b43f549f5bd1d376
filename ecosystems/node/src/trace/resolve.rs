//! From a module's name to the file that the runtime would load, and the links on the way.
//!
//! Source: the resolution algorithms in the documentation of Node.

use super::package::Package;
use crate::modules::standard;
use depslim_model::Target;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// Endings that may be left out.
const ENDINGS: &[&str] = &[".js", ".json", ".node"];

/// Endings of the project's own code beyond that, for where it is not compiled yet.
const SOURCES: &[&str] = &[".ts", ".tsx", ".mts", ".cts", ".mjs", ".cjs", ".jsx"];

/// More folders in one another than any package has.
const DEEPEST: usize = 64;

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lies {
    File,
    Folder,
    Nothing,
}

/// Resolves modules below a root, and remembers what it saw.
pub(super) struct Resolver<'a> {
    root: &'a Path,
    target: &'a Target,
    seen: FxHashMap<PathBuf, Lies>,
    packages: FxHashMap<PathBuf, Option<Rc<Package>>>,
    /// Where a package lies that a folder's code calls by a name.
    places: FxHashMap<(PathBuf, String), Option<PathBuf>>,
    /// Links that were followed.
    pub(super) links: BTreeSet<PathBuf>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(root: &'a Path, target: &'a Target) -> Self {
        Self {
            root,
            target,
            seen: FxHashMap::default(),
            packages: FxHashMap::default(),
            places: FxHashMap::default(),
            links: BTreeSet::new(),
        }
    }

    /// The files that a module is in a file of the program.
    pub(super) fn module(&mut self, from: &Path, name: &str, import: bool) -> Vec<PathBuf> {
        let folder = from.parent().unwrap_or(self.root).to_owned();
        let name = name.split(['?', '!']).next().unwrap_or(name);
        if name.is_empty() || name.contains('\0') {
            return Vec::new();
        }
        if name == "." || name == ".." || name.starts_with("./") || name.starts_with("../") {
            let path = normal(&folder.join(name));
            return path.and_then(|path| self.file_or_folder(&path)).into_iter().collect();
        }
        if name.starts_with('#') {
            let Some(package) = self.package_around(&folder) else { return Vec::new() };
            let targets = package.imported(name, import);
            return targets.iter().flat_map(|target| self.target(&package, target, import)).collect();
        }
        if name.starts_with('/') || standard(name, self.target) {
            return Vec::new();
        }
        let Some((package, path)) = split(name) else { return Vec::new() };
        if let Some(own) = self.package_around(&folder).filter(|own| own.name == package && own.names_itself()) {
            let found = self.within(&own, path, import);
            if !found.is_empty() {
                return found;
            }
        }
        let Some(place) = self.place(&folder, package) else { return Vec::new() };
        match self.package(&place) {
            Some(package) => self.within(&package, path, import),
            None => self.file_or_folder(&place.join(path)).into_iter().collect(),
        }
    }

    /// The folder of the package that code in a folder calls by a name.
    pub(super) fn place(&mut self, folder: &Path, name: &str) -> Option<PathBuf> {
        let key = (folder.to_owned(), name.to_owned());
        if let Some(known) = self.places.get(&key) {
            return known.clone();
        }
        let root = self.root;
        let around: Vec<&Path> = folder.ancestors().take_while(|folder| folder.starts_with(root)).collect();
        let mut found = None;
        for folder in around {
            if folder.file_name().is_some_and(|name| name == "node_modules") {
                continue;
            }
            let site = folder.join("node_modules");
            if self.lies(&site) != Lies::Folder {
                continue;
            }
            let path = site.join(name);
            if self.lies(&path) == Lies::Folder {
                found = self.followed(&path);
                break;
            }
        }
        self.places.insert(key, found.clone());
        found
    }

    /// A folder without links on the way to it; those are noted. `None` for one that lies elsewhere.
    fn followed(&mut self, path: &Path) -> Option<PathBuf> {
        let real = fs_err::canonicalize(path).ok()?;
        if real == path {
            return Some(real);
        }
        if !real.starts_with(self.root) {
            return None;
        }
        // A link may lead to another one.
        let mut at = path.to_owned();
        for _ in 0..8 {
            let Ok(target) = fs_err::read_link(&at) else { break };
            self.links.insert(at.clone());
            match at.parent().and_then(|folder| normal(&folder.join(target))) {
                Some(next) => at = next,
                None => break,
            }
        }
        Some(real)
    }

    /// The file of a path of a package.
    fn within(&mut self, package: &Rc<Package>, path: &str, import: bool) -> Vec<PathBuf> {
        let exported = if path == "." { path.to_owned() } else { format!("./{path}") };
        if let Some(targets) = package.exported(&exported, import) {
            let found: Vec<PathBuf> = targets.iter().flat_map(|target| self.target(package, target, import)).collect();
            if !found.is_empty() {
                return found;
            }
        }
        if path == "." { self.start(package) } else { self.file_or_folder(&package.folder.join(path)) }
            .into_iter()
            .collect()
    }

    /// The file that a package starts with where nothing but `main` tells it.
    fn start(&mut self, package: &Package) -> Option<PathBuf> {
        let main = package.main.as_deref().and_then(|main| normal(&package.folder.join(main)));
        main.and_then(|main| self.file(&main).or_else(|| self.index(&main))).or_else(|| self.index(&package.folder))
    }

    fn target(&mut self, package: &Rc<Package>, target: &str, import: bool) -> Vec<PathBuf> {
        match target.strip_prefix("./") {
            Some(inside) => {
                normal(&package.folder.join(inside)).and_then(|p| self.file_or_folder(&p)).into_iter().collect()
            }
            None if target.starts_with(['.', '#', '/']) => Vec::new(),
            None => self.module(&package.folder.join("package.json"), target, import),
        }
    }

    /// The file that a path without an ending is.
    pub(super) fn file_or_folder(&mut self, path: &Path) -> Option<PathBuf> {
        if let Some(file) = self.file(path) {
            return Some(file);
        }
        if self.lies(path) != Lies::Folder {
            return None;
        }
        match self.package(path) {
            Some(package) => self.start(&package),
            None => self.index(path),
        }
    }

    fn file(&mut self, path: &Path) -> Option<PathBuf> {
        if self.lies(path) == Lies::File {
            return Some(path.to_owned());
        }
        let text = path.to_str()?;
        let own = !is_installed(path);
        let sources = if own { SOURCES } else { &[] };
        // TypeScript names the file that it compiles to.
        let stem = [".js", ".mjs", ".cjs"].iter().find_map(|ending| text.strip_suffix(ending)).filter(|_| own);
        let named = ENDINGS.iter().chain(sources).map(|ending| format!("{text}{ending}"));
        let compiled = stem.into_iter().flat_map(|stem| SOURCES.iter().map(move |ending| format!("{stem}{ending}")));
        named.chain(compiled).map(PathBuf::from).find(|path| self.lies(path) == Lies::File)
    }

    fn index(&mut self, folder: &Path) -> Option<PathBuf> {
        (self.lies(folder) == Lies::Folder).then(|| self.file(&folder.join("index"))).flatten()
    }

    /// What a `package.json` in exactly this folder says.
    pub(super) fn package(&mut self, folder: &Path) -> Option<Rc<Package>> {
        if let Some(known) = self.packages.get(folder) {
            return known.clone();
        }
        let text = fs_err::read(folder.join("package.json")).ok();
        let package = text.map(|text| Rc::new(Package::read(folder, &String::from_utf8_lossy(&text))));
        self.packages.insert(folder.to_owned(), package.clone());
        package
    }

    /// The innermost `package.json` around a folder.
    pub(super) fn package_around(&mut self, folder: &Path) -> Option<Rc<Package>> {
        let root = self.root;
        folder.ancestors().take_while(|folder| folder.starts_with(root)).take(DEEPEST).find_map(|f| self.package(f))
    }

    /// The folder of the package that a file belongs to: what is installed as one, or the project's folder around it.
    pub(super) fn home(&mut self, file: &Path) -> PathBuf {
        installed_home(file).unwrap_or_else(|| {
            let folder = file.parent().unwrap_or(self.root);
            self.package_around(folder).map_or_else(|| self.root.to_owned(), |package| package.folder.clone())
        })
    }

    pub(super) fn lies(&mut self, path: &Path) -> Lies {
        if let Some(known) = self.seen.get(path) {
            return *known;
        }
        let lies = match fs_err::metadata(path) {
            Ok(about) if about.is_file() => Lies::File,
            Ok(about) if about.is_dir() => Lies::Folder,
            _ => Lies::Nothing,
        };
        self.seen.insert(path.to_owned(), lies);
        lies
    }
}

/// The path without `.` and `..`, told by its text alone.
pub(super) fn normal(path: &Path) -> Option<PathBuf> {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !whole.pop() {
                    return None;
                }
            }
            part => whole.push(part),
        }
    }
    Some(whole)
}

/// Whether a path lies below a folder `node_modules`.
pub(super) fn is_installed(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "node_modules")
}

/// The folder right below the innermost `node_modules` around a path, its scope included.
fn installed_home(path: &Path) -> Option<PathBuf> {
    let text = path.to_str()?;
    let (site, inside) = text.rsplit_once("/node_modules/")?;
    let parts = if inside.starts_with('@') { 2 } else { 1 };
    let end = inside.match_indices('/').nth(parts - 1).map_or(inside.len(), |(at, _)| at);
    Some(PathBuf::from(format!("{site}/node_modules/{}", &inside[..end])))
}

/// A package's name, and the path in it: `.` for its start.
fn split(name: &str) -> Option<(&str, &str)> {
    let parts = if name.starts_with('@') { 2 } else { 1 };
    let (package, path) = match name.match_indices('/').nth(parts - 1) {
        Some((at, _)) => (&name[..at], &name[at + 1..]),
        None => (name, ""),
    };
    let whole = !package.is_empty() && !package.starts_with('.') && (parts == 1 || package.contains('/'));
    whole.then_some((package, if path.is_empty() { "." } else { path }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split() {
        for (name, expect) in [
            ("plum", Some(("plum", "."))),
            ("plum/pit.js", Some(("plum", "pit.js"))),
            ("@fruit/pear", Some(("@fruit/pear", "."))),
            ("@fruit/pear/a/b", Some(("@fruit/pear", "a/b"))),
            ("@fruit", None),
            ("", None),
        ] {
            assert_eq!(split(name), expect, "{name}");
        }
    }

    #[test]
    fn the_innermost_node_modules_counts() {
        for (path, expect) in [
            ("/a/node_modules/plum/lib/x.js", Some("/a/node_modules/plum")),
            ("/a/node_modules/@f/p/x.js", Some("/a/node_modules/@f/p")),
            ("/a/node_modules/plum/node_modules/pit", Some("/a/node_modules/plum/node_modules/pit")),
            ("/a/lib/x.js", None),
        ] {
            assert_eq!(installed_home(Path::new(path)), expect.map(PathBuf::from), "{path}");
        }
    }
}
