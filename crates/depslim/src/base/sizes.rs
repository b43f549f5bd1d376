//! Sizes of an earlier state's packages. What is installed in the same version was measured. The rest is estimated: from the
//! installed version where there is one, in proportion to the download sizes of both versions; else from its own download size, in
//! proportion to what downloads of this project become once they are installed.

use super::same;
use depslim_engine::link::Node;
use depslim_engine::{Analysis, Project};
use depslim_model::report::Measure;
use depslim_model::{Bytes, Package, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// Takes out packages that are installed now and that the base asked for in no way: they came later.
pub(super) fn forget(base: &mut Analysis, head: &Analysis) {
    for project in &mut base.projects {
        let Some(now) = same(head, &project.report.id) else { continue };
        let stray: BTreeSet<&str> =
            now.report.packages.iter().filter(|row| is_stray(row)).map(|row| row.id.as_str()).collect();
        let locked: BTreeSet<String> =
            project.graph.nodes.iter().filter(|n| n.locked.is_some()).map(|n| n.purl(project.ecosystem)).collect();
        let was_there = |row: &Package| !is_stray(row) || locked.contains(&row.id) || stray.contains(row.id.as_str());
        project.report.packages.retain(was_there);
    }
}

/// Nobody asks for it: it only lies in the environment.
fn is_stray(row: &Package) -> bool {
    !row.ships && !row.direct && row.scope == Scope::Unused
}

/// Replaces the sizes of packages that were not measured in the version that the base has.
pub(super) fn estimate(base: &mut Analysis, head: &Analysis) {
    for project in &mut base.projects {
        let Some(now) = same(head, &project.report.id) else { continue };
        if project.report.measure != Measure::Installed || now.report.measure != Measure::Installed {
            continue;
        }
        let measured: BTreeSet<&str> = now
            .report
            .packages
            .iter()
            .filter(|package| package.installed_bytes.is_some())
            .map(|package| package.id.as_str())
            .collect();
        let known = Known::of(now);
        let downloads = downloads(project);
        let mut rows = std::mem::take(&mut project.report.packages);
        for row in rows.iter_mut().filter(|row| !measured.contains(row.id.as_str())) {
            let before = bytes(row);
            let estimate = known.estimate(unversioned(&row.id), downloads.get(row.id.as_str()).copied());
            (row.installed_bytes, row.estimated_bytes) = (None, estimate);
            let change = |total: &mut Bytes| *total = (*total + bytes(row)).saturating_sub(before);
            if row.ships {
                change(&mut project.report.prod_bytes);
            } else if row.scope == Scope::Dev {
                change(&mut project.report.dev_bytes);
            }
        }
        project.report.packages = rows;
    }
}

/// What is known of the packages that are installed now.
struct Known {
    /// Installed bytes and download bytes, by package URL without version.
    now: BTreeMap<String, (Bytes, Option<Bytes>)>,
    /// Installed and downloaded bytes of all packages of which both are known.
    all: (Bytes, Bytes),
}

impl Known {
    fn of(project: &Project) -> Self {
        let downloads = downloads(project);
        let (mut now, mut all) = (BTreeMap::new(), (0, 0));
        for row in &project.report.packages {
            let Some(installed) = row.installed_bytes else { continue };
            let download = downloads.get(row.id.as_str()).copied();
            now.insert(unversioned(&row.id).to_owned(), (installed, download));
            if let Some(download) = download {
                all = (all.0 + installed, all.1 + download);
            }
        }
        Self { now, all }
    }

    fn estimate(&self, package: &str, download: Option<Bytes>) -> Option<Bytes> {
        match (self.now.get(package), download) {
            (Some((installed, Some(of))), Some(download)) if *of > 0 => Some(scaled(*installed, download, *of)),
            (Some((installed, _)), _) => Some(*installed),
            (None, Some(download)) if self.all.1 > 0 => Some(scaled(download, self.all.0, self.all.1)),
            (None, download) => download,
        }
    }
}

/// `bytes * part / whole`, where the product may need more room than the result.
fn scaled(bytes: Bytes, part: Bytes, whole: Bytes) -> Bytes {
    let product = u128::from(bytes) * u128::from(part) / u128::from(whole.max(1));
    Bytes::try_from(product).unwrap_or(Bytes::MAX)
}

/// Download sizes that the lock tells, by package URL.
fn downloads(project: &Project) -> BTreeMap<String, Bytes> {
    let of = |node: &Node| {
        let locked = node.locked.as_ref().filter(|locked| locked.version == node.provide.version)?;
        let at = (project.ecosystem.choose)(&locked.artifacts, &project.target)?;
        Some((node.purl(project.ecosystem), locked.artifacts[at].bytes?))
    };
    project.graph.nodes.iter().filter_map(of).collect()
}

fn bytes(row: &Package) -> Bytes {
    row.installed_bytes.or(row.estimated_bytes).unwrap_or(0)
}

/// A package URL without its version: names spell `@` as `%40`.
fn unversioned(id: &str) -> &str {
    id.rsplit_once('@').map_or(id, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_follow_what_is_known() {
        let known = Known {
            now: [
                ("pkg:x/both".to_owned(), (300, Some(100))),
                ("pkg:x/size".to_owned(), (70, None)),
                ("pkg:x/zero".to_owned(), (5, Some(0))),
            ]
            .into(),
            all: (400, 100),
        };
        for (package, download, expect) in [
            ("pkg:x/both", Some(110), Some(330)),
            ("pkg:x/both", None, Some(300)),
            ("pkg:x/size", Some(20), Some(70)),
            ("pkg:x/zero", Some(20), Some(5)),
            ("pkg:x/gone", Some(20), Some(80)),
            ("pkg:x/gone", None, None),
        ] {
            assert_eq!(known.estimate(package, download), expect, "{package} {download:?}");
        }
        assert_eq!(Known { now: BTreeMap::new(), all: (0, 0) }.estimate("pkg:x/gone", Some(9)), Some(9));
        assert_eq!(scaled(u64::MAX, u64::MAX, 1), u64::MAX);
    }
}
