//! Which package a name means where one name may stand for several: what lies in a folder sees the sites that lie in it or in a
//! folder around it, the innermost first.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The sites of an environment and the packages that are found in them.
#[derive(Debug, Clone, Default)]
pub(super) struct Sight {
    /// By the folder that holds the site; then by site.
    sites: HashMap<PathBuf, BTreeMap<PathBuf, HashMap<String, u32>>>,
}

impl Sight {
    /// Puts a package into a site. The first one of a name stays.
    pub(super) fn put(&mut self, site: &Path, canonical: String, package: u32) {
        let around = site.parent().unwrap_or(site);
        let sites = match self.sites.get_mut(around) {
            Some(sites) => sites,
            None => self.sites.entry(around.to_owned()).or_default(),
        };
        let names = match sites.get_mut(site) {
            Some(names) => names,
            None => sites.entry(site.to_owned()).or_default(),
        };
        names.entry(canonical).or_insert(package);
    }

    /// The package that a name means in a folder.
    pub(super) fn seen_from(&self, folder: &Path, canonical: &str) -> Option<u32> {
        let sites = folder.ancestors().filter_map(|around| self.sites.get(around));
        sites.flat_map(BTreeMap::values).find_map(|names| names.get(canonical).copied())
    }

    /// Gives every package its new number.
    pub(super) fn renumber(&mut self, numbers: &[u32]) {
        let names = self.sites.values_mut().flat_map(BTreeMap::values_mut);
        for package in names.flat_map(HashMap::values_mut) {
            *package = numbers[*package as usize];
        }
    }
}

/// The site that a path lies in, and its name there.
pub(super) fn split<'p>(path: &'p Path, separator: &str, sites: &HashSet<&Path>) -> Option<(&'p Path, String)> {
    let site = path.ancestors().skip(1).find(|around| sites.contains(around))?;
    let parts = path.strip_prefix(site).ok()?.components();
    let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    Some((site, parts.join(separator)))
}
