//! Several packages of one name: each sees its own.

use depslim_engine::link::{Graph, Known, Place, closure, link};
use depslim_engine::project::ProjectFiles;
use depslim_engine::read::Sourced;
use depslim_model::{Ecosystem, Facts, Manifest, Provide, Require, Role, Target};
use std::path::{Path, PathBuf};
use std::sync::Arc;

static NESTED: Ecosystem = Ecosystem { several_versions: true, ..depslim_toy::ECOSYSTEM };

fn package(name: &str, version: &str, key: Option<&str>) -> Provide {
    Provide { package: name.into(), version: version.into(), key: key.map(str::to_owned), ..Provide::default() }
}

fn needs(owner: &str, name: &str) -> Require {
    Require { from: Some(owner.into()), name: name.into(), ..Require::default() }
}

fn installed(site: &str, name: &str, version: &str, requires: &[&str]) -> (PathBuf, PathBuf, Facts) {
    let requires = requires.iter().map(|needed| needs(name, needed)).collect();
    let facts = Facts { provides: vec![package(name, version, None)], requires, ..Facts::default() };
    (site.into(), Path::new(site).join(name).join("about"), facts)
}

fn project(declares: &[&str], lock: Option<Facts>) -> ProjectFiles {
    let requires =
        declares.iter().map(|name| Require { name: (*name).into(), line: 1, ..Require::default() }).collect();
    let about = |role| Some(Manifest { role, ..Manifest::default() });
    let list = Facts { requires, manifest: about(Role::Manifest), ..Facts::default() };
    let lock = lock.map(|facts| ("toy.lock", Facts { manifest: about(Role::Lock), ..facts }));
    let manifests = [("toy.list", list)].into_iter().chain(lock).map(|(path, facts)| Sourced {
        path: path.into(),
        reader: "toy",
        facts,
    });
    ProjectFiles { folder: String::new(), manifests: manifests.map(Arc::new).collect() }
}

/// Name and version of all that production installs.
fn closed(graph: &Graph) -> Vec<String> {
    let target = Target::default();
    let closure = closure(graph, &NESTED, &target, graph.declared.iter().map(|d| (d.package, [].as_slice())));
    let named = |package| format!("{} {}", graph.node(package).canonical, graph.node(package).provide.version);
    closure.packages().map(named).collect()
}

#[test]
fn an_installed_package_sees_the_copy_that_is_closest() {
    let environment = [
        installed("/farm/box", "barn", "1", &["paint"]),
        installed("/farm/box", "paint", "1", &["oil"]),
        installed("/farm/box", "oil", "1", &[]),
        installed("/farm/box/barn/box", "paint", "2", &["oil"]),
        installed("/farm/box/house/box", "paint", "3", &[]),
    ];
    let sites: Vec<PathBuf> = ["/farm/box", "/farm/box/barn/box", "/farm/box/house/box"].map(PathBuf::from).into();
    let place =
        Place { installed: &environment, sites: &sites, links: &[], folder: Some(Path::new("/farm")), past: false };
    let graph = link(&NESTED, &project(&["barn"], None), place, &Target::default(), &|_| None);
    assert_eq!(closed(&graph), ["barn 1", "oil 1", "paint 2"]);
    let paint = graph.find("paint").unwrap();
    assert_eq!(graph.node(paint).provide.version, "1", "the project sees the outermost one");
    let several: Vec<_> = graph.several().into_iter().map(|(name, copies)| (name, copies.len())).collect();
    assert_eq!(several, [("paint", 3)]);
}

#[test]
fn a_link_leads_to_a_package_that_lies_elsewhere() {
    let environment = [
        installed("/farm/box/.store/barn@1/box", "barn", "1", &["paint"]),
        installed("/farm/box/.store/paint@1/box", "paint", "1", &[]),
        installed("/farm/box/.store/paint@2/box", "paint", "2", &[]),
    ];
    let folder = |id: &str, name: &str| PathBuf::from(format!("/farm/box/.store/{id}/box/{name}"));
    let mut sites: Vec<PathBuf> = environment.iter().map(|(site, ..)| site.clone()).collect();
    sites.push("/farm/box".into());
    let links = [
        (PathBuf::from("/farm/box/barn"), folder("barn@1", "barn")),
        (PathBuf::from("/farm/box/.store/barn@1/box/paint"), folder("paint@2", "paint")),
    ];
    let place =
        Place { installed: &environment, sites: &sites, links: &links, folder: Some(Path::new("/farm")), past: false };
    let graph = link(&NESTED, &project(&["barn"], None), place, &Target::default(), &|_| None);
    assert_eq!(closed(&graph), ["barn 1", "paint 2"]);
}

#[test]
fn a_lock_tells_copies_apart_by_its_keys() {
    let mut edge = needs("barn", "paint");
    (edge.from_key, edge.key) = (Some("barn@1".into()), Some("paint@2".into()));
    let own = Require { name: "barn".into(), key: Some("barn@1".into()), ..Require::default() };
    let lock = Facts {
        provides: vec![
            package("paint", "1", Some("paint@1")),
            package("barn", "1", Some("barn@1")),
            package("paint", "2", Some("paint@2")),
        ],
        requires: vec![own, edge],
        ..Facts::default()
    };
    let target = Target::default();
    let graph = link(&NESTED, &project(&["barn"], Some(lock.clone())), Place::default(), &target, &|_| None);
    assert_eq!(closed(&graph), ["barn 1", "paint 2"]);

    // What is installed is believed; the lock fills in the rest.
    let environment = [installed("/farm/box", "barn", "1", &["paint"])];
    let sites = [PathBuf::from("/farm/box")];
    let place =
        Place { installed: &environment, sites: &sites, links: &[], folder: Some(Path::new("/farm")), past: false };
    let graph = link(&NESTED, &project(&["barn"], Some(lock)), place, &target, &|_| None);
    let barn = graph.node(graph.find("barn").unwrap());
    assert_eq!((barn.known, barn.locked.as_ref().unwrap().version.as_str()), (Known::Installed, "1"));
}
