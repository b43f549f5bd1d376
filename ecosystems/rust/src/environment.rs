//! Where the sources of packages are: vendored beside the project, or in cargo's own folder. Nothing is asked of cargo.

use crate::manifest::lock;
use depslim_formats::toml::{self, Node};
use depslim_model::{Environment, Host, Settings, Source};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

/// Folders with the locked packages' sources, the project's own first.
pub(crate) fn environments(host: &Host<'_>) -> Vec<Environment> {
    let Some(folder) = locked(host) else { return Vec::new() };
    let places = sources(host, &folder);
    let lock = folder.join("Cargo.lock");
    let stamp = fs_err::metadata(&lock).and_then(|about| Ok((about.modified()?, about.len()))).ok();
    // All members of a workspace ask for the same.
    let mut last = LAST.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) =
        last.as_ref().filter(|known| known.lock == lock && known.stamp == stamp && known.places == places)
    {
        return known.environments.clone();
    }
    let Ok(bytes) = fs_err::read(&lock) else { return Vec::new() };
    let facts = lock::read(&Source { path: "Cargo.lock", bytes: &bytes, settings: &Settings::default() });
    let packages = facts.provides.into_iter().filter(|p| !p.first_party).map(|p| (p.package, p.version));
    let packages: Vec<(String, String)> = packages.collect();
    let label = |place: &Path| if place.ends_with("vendor") { "vendor" } else { "cargo's registry" };
    let found = places.iter().filter_map(|place| environment(label(place).into(), place.clone(), &packages));
    let environments: Vec<Environment> = found.collect();
    *last = Some(Known { lock, stamp, places, environments: environments.clone() });
    environments
}

/// What the last lock led to, and what that depends on. Sources that are downloaded while a run goes on count in the next one.
struct Known {
    lock: PathBuf,
    stamp: Option<(SystemTime, u64)>,
    places: Vec<PathBuf>,
    environments: Vec<Environment>,
}

static LAST: Mutex<Option<Known>> = Mutex::new(None);

/// Folders that may hold sources of what a lock in `folder` names, the project's own first.
pub(crate) fn sources(host: &Host<'_>, folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let vendor = folder.join("vendor");
    if vendor.is_dir() {
        all.push(vendor);
    }
    let home = (host.variable)("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| (host.variable)("HOME").map(|home| Path::new(&home).join(".cargo")));
    let Some(home) = home.filter(|home| home.is_absolute()) else { return all };
    let indices = fs_err::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let mut indices: Vec<PathBuf> = indices.map(|entry| entry.path()).collect();
    indices.sort();
    all.extend(indices);
    all
}

/// Programs that cargo built of the project for release, and after the lock changed last.
pub(crate) fn programs(host: &Host<'_>) -> Vec<PathBuf> {
    let Some(folder) = locked(host) else { return Vec::new() };
    let Ok(text) = fs_err::read_to_string(host.project.join("Cargo.toml")) else { return Vec::new() };
    let Ok(doc) = toml::parse(&text) else { return Vec::new() };
    let bins = doc.at(&["bin"]);
    let named = bins.iter().flat_map(Node::items).filter_map(|bin| bin.get("name")?.text().map(str::to_owned));
    let own = doc.at(&["package", "name"]).and_then(|n| n.text()).map(str::to_owned);
    let names: Vec<String> = own.into_iter().chain(named).collect();
    let given = (host.variable)("CARGO_TARGET_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    let mut places: Vec<PathBuf> = Vec::new();
    for target in [folder.join("target"), host.project.join("target")].into_iter().chain(given) {
        let entries = fs_err::read_dir(&target).into_iter().flatten().flatten();
        let mut triples: Vec<PathBuf> = entries.map(|entry| entry.path().join("release")).collect();
        triples.sort();
        places.push(target.join("release"));
        places.extend(triples);
    }
    let changed = |path: &Path| fs_err::metadata(path).and_then(|about| about.modified()).ok();
    let locked = changed(&folder.join("Cargo.lock"));
    let mut found: Vec<PathBuf> = Vec::new();
    for path in places.iter().flat_map(|place| names.iter().map(move |name| place.join(name))) {
        if path.is_file() && changed(&path) >= locked && !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

/// The folder of the project's lock: its own or one above, never above the root.
fn locked(host: &Host<'_>) -> Option<PathBuf> {
    let mut folder = host.project;
    loop {
        if folder.join("Cargo.lock").is_file() {
            return Some(folder.to_owned());
        }
        if folder == host.root {
            return None;
        }
        folder = folder.parent()?;
    }
}

fn environment(label: String, tree: PathBuf, lock: &[(String, String)]) -> Option<Environment> {
    let here = |(name, version): &(String, String)| {
        // `cargo vendor` leaves the version out unless there are several.
        [format!("{name}-{version}"), name.clone()]
            .into_iter()
            .map(|folder| tree.join(folder).join("Cargo.toml"))
            .find(|manifest| manifest.is_file())
    };
    let metadata: Vec<PathBuf> = lock.iter().filter_map(here).collect();
    let sites = vec![tree.clone()];
    (!metadata.is_empty()).then(|| Environment { label, tree, sites, metadata, shared: true, ..Environment::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_younger_than_their_lock() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs_err::create_dir_all(root.join("target/release")).unwrap();
        fs_err::create_dir_all(root.join("target/x86_64-unknown-linux-musl/release")).unwrap();
        fs_err::write(root.join("Cargo.toml"), "[package]\nname = \"barn\"\n[[bin]]\nname = \"milk\"\n").unwrap();
        let settings = Settings::default();
        let host = Host { project: root, root, variable: &|_| None, settings: &settings };
        let (barn, milk) =
            (root.join("target/release/barn"), root.join("target/x86_64-unknown-linux-musl/release/milk"));
        fs_err::write(&milk, "").unwrap();
        assert_eq!(programs(&host), [] as [PathBuf; 0], "without a lock nobody knows what it was built from");
        fs_err::write(root.join("Cargo.lock"), "version = 4\n").unwrap();
        let old = std::time::SystemTime::now() - std::time::Duration::from_mins(1);
        fs_err::OpenOptions::new().write(true).open(&milk).unwrap().set_modified(old).unwrap();
        fs_err::write(&barn, "").unwrap();
        assert_eq!(programs(&host), [barn]);
    }

    #[test]
    fn only_locked_packages_are_looked_at() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("farm");
        let home = outer.path().join("home");
        for folder in ["registry/src/index/hay-1.0.0", "registry/src/index/hay-2.0.0", "registry/src/index/straw-1.0.0"]
        {
            let folder = home.join(folder);
            fs_err::create_dir_all(&folder).unwrap();
            fs_err::write(folder.join("Cargo.toml"), "").unwrap();
        }
        fs_err::create_dir_all(root.join("crates/barn")).unwrap();
        fs_err::write(
            root.join("Cargo.lock"),
            "[[package]]\nname = \"hay\"\nversion = \"2.0.0\"\nsource = \"registry+https://example.invalid\"\n",
        )
        .unwrap();
        let project = root.join("crates/barn");
        let home_text = home.to_string_lossy().into_owned();
        let variable = |name: &str| (name == "CARGO_HOME").then(|| home_text.clone());
        let settings = Settings::default();
        let host = Host { project: &project, root: &root, variable: &variable, settings: &settings };
        let found = environments(&host);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].metadata, [home.join("registry/src/index/hay-2.0.0/Cargo.toml")]);
        assert!(found[0].shared);
        let above = Host { root: &project, ..host };
        assert_eq!(environments(&above), []);
    }
}
