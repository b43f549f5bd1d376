//! Resolution: from declared dependencies to the artifacts of the class path. Maven's rule is that the nearest declaration wins, and
//! of equally near ones the first; Gradle's, that the newest version wins.

use crate::names::coordinate;
use crate::pom::effective::{Effective, Key, Loader, key};
use crate::pom::raw::Dependency;
use crate::repository::{choose, compare};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// No class path is longer.
const MOST: usize = 20_000;

/// Which of several versions wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    Nearest,
    Newest,
}

/// One artifact of the class path.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    /// Its name as a package.
    pub(crate) name: String,
    pub(crate) version: String,
    /// Its model, if it is here.
    pub(crate) pom: Option<PathBuf>,
    /// Its file, if it is here.
    pub(crate) jar: Option<PathBuf>,
    /// A module of the project's own build: nothing of it lies in a repository.
    pub(crate) own: bool,
    /// It is a model alone: there is no jar to it.
    pub(crate) gathers: bool,
    pub(crate) license: Option<String>,
    /// What it requires, and whether it leaves that to who uses it.
    pub(crate) requires: Vec<(String, bool)>,
    /// The version that others ask for when the project does not, where that is another one.
    pub(crate) instead: Option<String>,
}

/// What the project asks for.
pub(crate) struct Wanted<'a> {
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) managed: &'a HashMap<Key, Dependency>,
    pub(crate) rule: Rule,
}

struct Node {
    dependency: Dependency,
    exclusions: Rc<Vec<(String, String)>>,
    depth: usize,
}

/// A dependency, its version, and its model with the file of that.
type Chosen = (Dependency, String, Option<(Arc<Effective>, PathBuf)>);

/// A pass over the graph: what each name came down to.
#[derive(Default)]
struct Pass {
    order: Vec<String>,
    chosen: HashMap<String, Chosen>,
    edges: HashMap<String, Vec<(String, bool)>>,
}

/// The class path of a project, all scopes together, in the order in which it was found.
pub(crate) fn resolve(loader: &Loader, wanted: &Wanted<'_>) -> Vec<Artifact> {
    let whole = settled(loader, wanted, None);
    let asked_by_others: Vec<&String> = whole.edges.values().flatten().map(|(name, _)| name).collect();
    let mut artifacts = Vec::with_capacity(whole.order.len());
    for name in &whole.order {
        let Some((dependency, version, model)) = whole.chosen.get(name) else { continue };
        let direct = wanted.dependencies.iter().any(|d| name_of(d) == *name);
        let instead = (direct && asked_by_others.contains(&name))
            .then(|| settled(loader, wanted, Some(name)))
            .and_then(|without| without.chosen.get(name).map(|(_, other, _)| other.clone()))
            .filter(|other| other != version);
        let own = model
            .as_ref()
            .is_some_and(|(model, _)| loader.reactor.contains_key(&format!("{}:{}", model.group, model.artifact)));
        let jar = if own { None } else { jar_of(loader, dependency, version) };
        artifacts.push(Artifact {
            name: name.clone(),
            version: version.clone(),
            pom: model.as_ref().map(|(_, path)| path.clone()),
            jar,
            own,
            gathers: dependency.kind.as_deref() == Some("pom")
                || model.as_ref().is_some_and(|(m, _)| m.packaging == "pom"),
            license: model.as_ref().and_then(|(model, _)| model.license.clone()),
            requires: whole.edges.get(name).cloned().unwrap_or_default(),
            instead,
        });
    }
    artifacts
}

/// One pass where the nearest wins; as many as it takes where the newest does.
fn settled(loader: &Loader, wanted: &Wanted<'_>, without: Option<&String>) -> Pass {
    let mut newest: HashMap<String, String> = HashMap::new();
    for _ in 0..10 {
        let before = newest.clone();
        let pass = pass(loader, wanted, without, &mut newest);
        if wanted.rule == Rule::Nearest || newest == before {
            return pass;
        }
    }
    pass(loader, wanted, without, &mut newest)
}

fn pass(loader: &Loader, wanted: &Wanted<'_>, without: Option<&String>, newest: &mut HashMap<String, String>) -> Pass {
    let mut pass = Pass::default();
    let none = Rc::new(Vec::new());
    let own_scope = |d: &&Dependency| matches!(d.scope.as_deref(), Some("test" | "provided" | "system"));
    let kept_out: HashSet<String> = match wanted.rule {
        Rule::Nearest => wanted.dependencies.iter().filter(own_scope).map(name_of).collect(),
        Rule::Newest => HashSet::new(),
    };
    let mut queue: VecDeque<Node> = wanted
        .dependencies
        .iter()
        .filter(|dependency| Some(&name_of(dependency)) != without)
        .map(|dependency| Node { dependency: dependency.clone(), exclusions: none.clone(), depth: 0 })
        .collect();
    while let Some(node) = queue.pop_front() {
        let name = name_of(&node.dependency);
        if pass.order.len() >= MOST {
            break;
        }
        let Dependency { group, artifact, version, .. } = &node.dependency;
        let mut version = version.clone().unwrap_or_default();
        if wanted.rule == Rule::Newest {
            let best = newest.entry(name.clone()).or_insert_with(|| version.clone());
            if compare(&version, best) == Ordering::Greater {
                best.clone_from(&version);
            }
            version.clone_from(best);
        }
        if pass.chosen.contains_key(&name) {
            continue;
        }
        let version = choose(&loader.repositories, group, artifact, &version);
        let model = loader.find(group, artifact, &version);
        let version = model.as_ref().map_or(version, |(model, _)| model.version.clone());
        let mut edges: Vec<(String, bool)> = Vec::new();
        if let Some((model, _)) = &model {
            let exclusions = if node.dependency.exclusions.is_empty() {
                node.exclusions.clone()
            } else {
                Rc::new(node.exclusions.iter().chain(&node.dependency.exclusions).cloned().collect())
            };
            for next in &model.dependencies {
                let mut next = next.clone();
                if let Some(rule) = wanted.managed.get(&key(&next)) {
                    if rule.version.is_some() {
                        next.version.clone_from(&rule.version);
                    }
                    if rule.scope.is_some() {
                        next.scope.clone_from(&rule.scope);
                    }
                    next.exclusions.extend(rule.exclusions.iter().cloned());
                }
                if excluded(&exclusions, &next) {
                    continue;
                }
                let left = next.optional.as_deref() == Some("true");
                match next.scope.as_deref() {
                    // The project's own line decides: what it has for tests alone does not come along with anything.
                    _ if kept_out.contains(&name_of(&next)) => {}
                    Some("test" | "import") => {}
                    Some("provided" | "system") => edges.push((name_of(&next), true)),
                    _ if left => edges.push((name_of(&next), true)),
                    _ => {
                        edges.push((name_of(&next), false));
                        queue.push_back(Node {
                            dependency: next,
                            exclusions: exclusions.clone(),
                            depth: node.depth + 1,
                        });
                    }
                }
            }
        }
        edges.dedup();
        pass.edges.insert(name.clone(), edges);
        pass.order.push(name.clone());
        pass.chosen.insert(name, (node.dependency, version, model));
    }
    pass
}

fn excluded(exclusions: &[(String, String)], dependency: &Dependency) -> bool {
    let fits = |pattern: &str, text: &str| pattern == "*" || pattern == text;
    exclusions.iter().any(|(group, artifact)| fits(group, &dependency.group) && fits(artifact, &dependency.artifact))
}

/// A dependency's name as a package. A test jar is another artifact than the jar beside it.
pub(crate) fn name_of(dependency: &Dependency) -> String {
    let classifier = match (dependency.kind.as_deref(), dependency.classifier.as_str()) {
        (Some("test-jar"), "") => "tests",
        (_, classifier) => classifier,
    };
    coordinate(&dependency.group, &dependency.artifact, classifier)
}

fn jar_of(loader: &Loader, dependency: &Dependency, version: &str) -> Option<PathBuf> {
    let (classifier, ending) = match (dependency.kind.as_deref().unwrap_or("jar"), dependency.classifier.as_str()) {
        ("test-jar", "") => ("tests", "jar"),
        ("pom", _) => return None,
        (kind @ ("war" | "ear" | "zip" | "aar" | "nar" | "so"), classifier) => (classifier, kind),
        // Bundles, plug-ins and the like are jars.
        (_, classifier) => (classifier, "jar"),
    };
    let classifier = if classifier.is_empty() { String::new() } else { format!("-{classifier}") };
    let ending = format!("{classifier}.{ending}");
    loader.repositories.iter().find_map(|r| r.file(&dependency.group, &dependency.artifact, version, &ending))
}
