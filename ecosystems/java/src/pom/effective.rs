//! The effective model of a `pom.xml`: what its parents and imported bills of materials add, properties replaced. Parents and bills
//! come from the project's own tree or a local repository, never from elsewhere; loops and absent ones are problems.

use super::property::interpolate;
use super::raw::{self, Dependency, Raw};
use crate::repository::{Repository, choose};
use depslim_formats::text::decode;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::SystemTime;

/// More parents or bills in a row than this are a mistake.
const DEEPEST: usize = 40;

/// Group, artifact, type and classifier: what `dependencyManagement` is looked up by.
pub(crate) type Key = (String, String, String, String);

/// A `pom.xml` with all that it inherits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effective {
    pub(crate) group: String,
    pub(crate) artifact: String,
    pub(crate) version: String,
    pub(crate) packaging: String,
    /// Its own, then what parents add; properties replaced, versions and scopes as managed.
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) managed: HashMap<Key, Dependency>,
    pub(crate) license: Option<String>,
    /// Parents and bills that are not there, or that lead back to themselves: what, and the line in this file (0 above it).
    pub(crate) missing: Vec<(String, u32)>,
}

/// Loads models, each once.
pub(crate) struct Loader {
    pub(crate) repositories: Vec<Repository>,
    /// Models of the project's own tree: `group:artifact` → file.
    pub(crate) reactor: HashMap<String, PathBuf>,
    /// The analysed root.
    root: PathBuf,
    known: RefCell<HashMap<PathBuf, Option<Arc<Effective>>>>,
}

type Stamp = (PathBuf, u64, Option<SystemTime>);

/// Models of files that were read before: a repository's are asked for by every module of a build.
static RAW: LazyLock<Mutex<HashMap<Stamp, Option<Arc<Raw>>>>> = LazyLock::new(Mutex::default);

/// Reads a file's model; `None` when there is none.
pub(crate) fn raw_of(path: &Path) -> Option<Arc<Raw>> {
    let about = fs_err::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let stamp = (path.to_owned(), about.len(), about.modified().ok());
    if let Some(known) = RAW.lock().ok().and_then(|known| known.get(&stamp).cloned()) {
        return known;
    }
    let bytes = fs_err::read(path).ok()?;
    let raw = raw::read(&decode(&bytes).text).ok().map(Arc::new);
    if let Ok(mut known) = RAW.lock() {
        known.insert(stamp, raw.clone());
    }
    raw
}

impl Loader {
    /// A loader for the project whose model is `pom`; files above `root` are not looked at.
    pub(crate) fn new(repositories: Vec<Repository>, root: &Path, pom: Option<&Path>) -> Self {
        let reactor = pom.map(|pom| reactor(root, pom)).unwrap_or_default();
        Self { repositories, reactor, root: root.to_owned(), known: RefCell::default() }
    }

    /// The effective model of a file.
    pub(crate) fn effective(&self, path: &Path) -> Option<Arc<Effective>> {
        self.load(path, &mut Vec::new())
    }

    /// The effective model of coordinates, from the project's tree or a repository, and its file.
    pub(crate) fn find(&self, group: &str, artifact: &str, version: &str) -> Option<(Arc<Effective>, PathBuf)> {
        self.locate(group, artifact, version, &mut Vec::new())
    }

    fn locate(
        &self,
        group: &str,
        artifact: &str,
        version: &str,
        chain: &mut Vec<PathBuf>,
    ) -> Option<(Arc<Effective>, PathBuf)> {
        if let Some(path) = self.reactor.get(&format!("{group}:{artifact}")) {
            return Some((self.load(path, chain)?, path.clone()));
        }
        let version = choose(&self.repositories, group, artifact, version);
        let path = self.repositories.iter().find_map(|r| r.file(group, artifact, &version, ".pom"))?;
        Some((self.load(&path, chain)?, path))
    }

    fn load(&self, path: &Path, chain: &mut Vec<PathBuf>) -> Option<Arc<Effective>> {
        if let Some(known) = self.known.borrow().get(path) {
            return known.clone();
        }
        if chain.len() > DEEPEST || chain.iter().any(|seen| seen == path) {
            return None;
        }
        let raw = raw_of(path)?;
        chain.push(path.to_owned());
        let effective = self.build(path, &raw, chain);
        chain.pop();
        // What was cut off by a loop of somebody else's is not remembered as the truth.
        if chain.is_empty() || effective.missing.is_empty() {
            self.known.borrow_mut().insert(path.to_owned(), Some(effective.clone()));
        }
        Some(effective)
    }

    fn build(&self, path: &Path, raw: &Raw, chain: &mut Vec<PathBuf>) -> Arc<Effective> {
        let mut missing = Vec::new();
        let lineage = self.lineage(path, raw, chain, &mut missing);
        let mut properties: BTreeMap<String, String> = BTreeMap::new();
        for model in lineage.iter().rev() {
            properties.extend(model.properties.clone());
            for profile in model.profiles.iter().filter(|profile| profile.by_default) {
                properties.extend(profile.properties.clone());
            }
        }
        let parent = raw.parent.clone().unwrap_or_default();
        let group = raw.group.clone().unwrap_or_else(|| parent.group.clone());
        let version = raw.version.clone().unwrap_or_else(|| parent.version.clone());
        let look_up = |key: &str| -> Option<String> {
            let project = key.strip_prefix("project.").or_else(|| key.strip_prefix("pom.")).unwrap_or(key);
            match (project, project == key) {
                ("groupId", _) => Some(group.clone()),
                ("artifactId", _) => Some(raw.artifact.clone()),
                ("version", _) => Some(version.clone()),
                ("parent.groupId", false) => Some(parent.group.clone()),
                ("parent.artifactId", false) => Some(parent.artifact.clone()),
                ("parent.version", false) => Some(parent.version.clone()),
                _ => properties.get(key).cloned(),
            }
        };
        let plain = |text: &str| interpolate(text, &look_up);
        let filled = |dependency: &Dependency| fill(dependency, &plain);

        let mut managed: HashMap<Key, Dependency> = HashMap::new();
        let mut bills = Vec::new();
        let in_tree = path.starts_with(&self.root);
        for model in &lineage {
            let profiles = model.profiles.iter().filter(|p| p.by_default || in_tree);
            for dependency in model.managed.iter().chain(profiles.flat_map(|p| &p.managed)) {
                let dependency = filled(dependency);
                if dependency.scope.as_deref() == Some("import") {
                    bills.push(dependency);
                } else {
                    managed.entry(key(&dependency)).or_insert(dependency);
                }
            }
        }
        for bill in bills {
            let version = bill.version.clone().unwrap_or_default();
            match self.locate(&bill.group, &bill.artifact, &version, chain) {
                Some((model, _)) => {
                    for (key, dependency) in &model.managed {
                        managed.entry(key.clone()).or_insert_with(|| dependency.clone());
                    }
                }
                None => missing.push((format!("{}:{}:{version}", bill.group, bill.artifact), bill.line)),
            }
        }

        let mut dependencies: Vec<Dependency> = Vec::new();
        for model in &lineage {
            // A build may be started with any of its own profiles; of others' only those count that are on by default.
            let profiles = model.profiles.iter().filter(|p| p.by_default || in_tree);
            for dependency in model.dependencies.iter().chain(profiles.flat_map(|p| &p.dependencies)) {
                let dependency = with_management(filled(dependency), &managed);
                if !dependencies.iter().any(|other| key(other) == key(&dependency)) {
                    dependencies.push(dependency);
                }
            }
        }
        Arc::new(Effective {
            group: plain(&group),
            artifact: plain(&raw.artifact),
            version: plain(&version),
            packaging: raw.packaging.as_deref().map_or_else(|| "jar".to_owned(), plain),
            dependencies,
            managed,
            license: lineage.iter().find_map(|model| model.licenses.first().cloned()),
            missing,
        })
    }

    /// The model and its parents, nearest first.
    fn lineage(&self, path: &Path, raw: &Raw, chain: &[PathBuf], missing: &mut Vec<(String, u32)>) -> Vec<Arc<Raw>> {
        let mut lineage = vec![Arc::new(raw.clone())];
        let (mut path, mut at) = (path.to_owned(), raw.clone());
        let mut seen: Vec<PathBuf> = chain.to_vec();
        while let Some(parent) = &at.parent {
            let line = if lineage.len() == 1 { parent.line } else { 0 };
            let name = format!("{}:{}:{}", parent.group, parent.artifact, parent.version);
            let Some((file, model)) = self.parent(&path, parent) else {
                missing.push((name, line));
                break;
            };
            if seen.contains(&file) || lineage.len() > DEEPEST {
                missing.push((name, line));
                break;
            }
            seen.push(file.clone());
            lineage.push(model.clone());
            (path, at) = (file, (*model).clone());
        }
        lineage
    }

    fn parent(&self, path: &Path, parent: &raw::Parent) -> Option<(PathBuf, Arc<Raw>)> {
        let beside = parent_file(&self.root, path, parent);
        let found = beside.and_then(|file| Some((raw_of(&file)?, file))).filter(|(model, _)| is_parent(model, parent));
        if let Some((model, file)) = found {
            return Some((file, model));
        }
        if let Some(file) = self.reactor.get(&format!("{}:{}", parent.group, parent.artifact)) {
            return Some((file.clone(), raw_of(file)?));
        }
        let version = choose(&self.repositories, &parent.group, &parent.artifact, &parent.version);
        let file = self.repositories.iter().find_map(|r| r.file(&parent.group, &parent.artifact, &version, ".pom"))?;
        Some((file.clone(), raw_of(&file)?))
    }
}

/// What is managed fills in what a dependency leaves out.
pub(crate) fn with_management(mut dependency: Dependency, managed: &HashMap<Key, Dependency>) -> Dependency {
    let Some(rule) = managed.get(&key(&dependency)) else { return dependency };
    if dependency.version.is_none() {
        dependency.version.clone_from(&rule.version);
    }
    if dependency.scope.is_none() {
        dependency.scope.clone_from(&rule.scope);
    }
    if dependency.optional.is_none() {
        dependency.optional.clone_from(&rule.optional);
    }
    dependency.exclusions.extend(rule.exclusions.iter().cloned());
    dependency
}

/// What management is looked up by.
pub(crate) fn key(dependency: &Dependency) -> Key {
    let kind = dependency.kind.clone().unwrap_or_else(|| "jar".into());
    (dependency.group.clone(), dependency.artifact.clone(), kind, dependency.classifier.clone())
}

fn fill(dependency: &Dependency, plain: &dyn Fn(&str) -> String) -> Dependency {
    Dependency {
        group: plain(&dependency.group),
        artifact: plain(&dependency.artifact),
        version: dependency.version.as_deref().map(plain),
        kind: dependency.kind.as_deref().map(plain),
        classifier: plain(&dependency.classifier),
        scope: dependency.scope.as_deref().map(plain),
        optional: dependency.optional.as_deref().map(plain),
        exclusions: dependency.exclusions.iter().map(|(g, a)| (plain(g), plain(a))).collect(),
        ..dependency.clone()
    }
}

/// The file that a parent is looked for in, when it lies below the root.
fn parent_file(root: &Path, path: &Path, parent: &raw::Parent) -> Option<PathBuf> {
    let relative = parent.relative.as_deref().unwrap_or("../pom.xml");
    if relative.is_empty() || !path.starts_with(root) {
        return None;
    }
    let mut file = within(root, &path.parent()?.join(relative))?;
    if file.is_dir() {
        file.push("pom.xml");
    }
    file.is_file().then_some(file)
}

fn is_parent(model: &Raw, parent: &raw::Parent) -> bool {
    let group = model.group.as_ref().or(model.parent.as_ref().map(|p| &p.group));
    model.artifact == parent.artifact && group.is_none_or(|group| *group == parent.group || group.contains("${"))
}

/// A path with `..` taken away, as long as it stays below the root.
pub(crate) fn within(root: &Path, path: &Path) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                clean.pop();
            }
            std::path::Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean.starts_with(root).then_some(clean)
}

/// The models of the build that a file is part of: its parents and aggregators below the root, and all their modules.
fn reactor(root: &Path, pom: &Path) -> HashMap<String, PathBuf> {
    let mut top = vec![pom.to_owned()];
    let mut at = pom.to_owned();
    while let Some(file) = raw_of(&at).and_then(|raw| parent_file(root, &at, raw.parent.as_ref()?)) {
        if top.contains(&file) {
            break;
        }
        top.push(file.clone());
        at = file;
    }
    // An aggregator need not be a parent.
    for folder in pom.ancestors().skip(2).take_while(|folder| folder.starts_with(root)) {
        let file = folder.join("pom.xml");
        if !top.contains(&file) && file.is_file() {
            top.push(file);
        }
    }
    let mut found = HashMap::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    while let Some(file) = top.pop() {
        if seen.contains(&file) {
            continue;
        }
        seen.push(file.clone());
        let Some(raw) = raw_of(&file) else { continue };
        let group = raw.group.clone().or_else(|| raw.parent.as_ref().map(|p| p.group.clone())).unwrap_or_default();
        found.entry(format!("{group}:{}", raw.artifact)).or_insert_with(|| file.clone());
        let Some(folder) = file.parent() else { continue };
        for module in raw.modules.iter().chain(raw.profiles.iter().flat_map(|p| &p.modules)) {
            let Some(mut path) = within(root, &folder.join(module)) else { continue };
            if path.is_dir() {
                path.push("pom.xml");
            }
            if path.is_file() {
                top.push(path);
            }
        }
    }
    found
}
