//! What is on: packages and their features, from some roots on.

use super::{Asked, Requires};
use rustc_hash::{FxHashMap, FxHashSet};

/// Which lines count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    /// Lines for some platforms too.
    pub(super) conditional: bool,
    /// Lines for build scripts too.
    pub(super) build: bool,
    /// Lines for the tests of the roots too.
    pub(super) dev: bool,
    /// A line that counts in any case.
    pub(super) kept: Option<(usize, usize)>,
}

impl Scope {
    /// All that a lock holds packages for.
    pub(super) fn wide() -> Self {
        Self { conditional: true, build: true, dev: true, kept: None }
    }

    /// What is there in every build that has lines of a table.
    pub(super) fn narrow(table: &str) -> Self {
        let (build, dev) = (table == "build-dependencies", table == "dev-dependencies");
        Self { conditional: false, build, dev, kept: None }
    }
}

/// What is left out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Without<'w> {
    /// Lines: package and number.
    pub(crate) lines: &'w [(usize, usize)],
    /// Lines, by package and key, with the features that they turn on instead.
    pub(crate) features: &'w [(usize, &'w str, &'w [String])],
}

/// What is on.
pub(super) struct On<'r> {
    packages: FxHashMap<usize, FxHashSet<&'r str>>,
}

impl<'r> On<'r> {
    pub(super) fn has(&self, package: usize) -> bool {
        self.packages.contains_key(&package)
    }

    /// Features of a package that the other one has not.
    pub(super) fn more_than(&self, other: &On<'r>, package: usize) -> Vec<&'r str> {
        let Some(mine) = self.packages.get(&package) else { return Vec::new() };
        let theirs = other.packages.get(&package);
        mine.iter().filter(|feature| !theirs.is_some_and(|all| all.contains(*feature))).copied().collect()
    }
}

/// Follows lines and features from the roots.
pub(super) fn activate<'r>(
    all: &'r [Requires],
    roots: &[usize],
    asked: Asked,
    scope: &Scope,
    without: &Without<'r>,
) -> On<'r> {
    let mut walk = Walk {
        all,
        roots,
        scope,
        without,
        on: On { packages: FxHashMap::default() },
        weak: FxHashMap::default(),
        work: Vec::new(),
    };
    for root in roots {
        walk.work.push((*root, None));
        let features = &all[*root].features;
        match asked {
            Asked::Nothing => {}
            Asked::Default => walk.work.push((*root, Some("default"))),
            Asked::All => {
                walk.work.extend(features.keys().map(|feature| (*root, Some(feature.as_str()))));
                let optional = all[*root].lines.iter().filter(|line| line.optional);
                walk.work.extend(optional.map(|line| (*root, Some(line.dep.as_str()))));
            }
        }
    }
    while let Some((package, feature)) = walk.work.pop() {
        match feature {
            None => walk.begin(package),
            Some(feature) => walk.turn_on(package, feature),
        }
    }
    walk.on
}

struct Walk<'r, 'w> {
    all: &'r [Requires],
    roots: &'w [usize],
    scope: &'w Scope,
    without: &'w Without<'r>,
    on: On<'r>,
    /// By package and key of a line that is not on: features that it would get.
    weak: FxHashMap<(usize, &'r str), Vec<&'r str>>,
    /// Packages, and features of packages, still to be looked at.
    work: Vec<(usize, Option<&'r str>)>,
}

impl<'r> Walk<'r, '_> {
    fn begin(&mut self, package: usize) {
        if self.on.packages.contains_key(&package) {
            return;
        }
        self.on.packages.insert(package, FxHashSet::default());
        let requires = &self.all[package];
        for number in 0..requires.lines.len() {
            if !requires.lines[number].optional {
                self.follow(package, number);
            }
        }
    }

    fn turn_on(&mut self, package: usize, feature: &'r str) {
        self.begin(package);
        let requires = &self.all[package];
        let is_line = feature.starts_with("dep:");
        // `default` is asked for whether there is one or not.
        if requires.known && !is_line && !requires.has(feature) {
            return;
        }
        if !self.on.packages.entry(package).or_default().insert(feature) {
            return;
        }
        if let Some(values) = requires.features.get(feature) {
            for value in values {
                self.value(package, value);
            }
            return;
        }
        let key = feature.strip_prefix("dep:").unwrap_or(feature);
        for (number, line) in requires.lines.iter().enumerate() {
            if line.optional && line.key == key {
                if is_line {
                    self.follow(package, number);
                } else {
                    self.work.push((package, Some(&line.dep)));
                }
            }
        }
    }

    /// One value of a feature.
    fn value(&mut self, package: usize, value: &'r str) {
        let Some((name, feature)) = value.split_once('/') else {
            self.work.push((package, Some(value)));
            return;
        };
        let key = name.trim_end_matches('?');
        let requires = &self.all[package];
        let removed = |number: usize| self.without.lines.contains(&(package, number));
        for (number, line) in requires.lines.iter().enumerate().filter(|(_, line)| line.key == key) {
            if removed(number) {
                continue;
            }
            if line.optional && name == key {
                self.work.push((package, Some(&line.dep)));
            }
            let on = !line.optional
                || self.on.packages.get(&package).is_some_and(|on| on.contains(line.dep.as_str()))
                || name == key;
            match line.target {
                Some(target) if on => {
                    if self.counts(package, line) {
                        self.work.push((target, Some(feature)));
                    }
                }
                _ => self.weak.entry((package, line.key.as_str())).or_default().push(feature),
            }
        }
    }

    /// A line that is on.
    fn follow(&mut self, package: usize, number: usize) {
        let all = self.all;
        let line = &all[package].lines[number];
        let kept = self.scope.kept == Some((package, number));
        if self.without.lines.contains(&(package, number)) || !(kept || self.counts(package, line)) {
            return;
        }
        let Some(target) = line.target else { return };
        self.work.push((target, None));
        let instead = self.without.features.iter().find(|(at, key, _)| *at == package && *key == line.key);
        let features = instead.map_or(line.features.as_slice(), |(_, _, features)| features);
        self.work.extend(features.iter().map(|feature| (target, Some(feature.as_str()))));
        let waiting = self.weak.remove(&(package, line.key.as_str())).unwrap_or_default();
        self.work.extend(waiting.into_iter().map(|feature| (target, Some(feature))));
    }

    fn counts(&self, package: usize, line: &super::Line) -> bool {
        (self.scope.conditional || !line.conditional)
            && match line.table.as_str() {
                "" => true,
                "build-dependencies" => self.scope.build,
                "dev-dependencies" => self.scope.dev && self.roots.contains(&package),
                _ => false,
            }
    }
}
