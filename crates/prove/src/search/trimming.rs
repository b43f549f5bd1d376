//! After the proof: what a watched run never loads goes out of the packages that stay, and the run has to pass without it.

use super::{Search, Tried};
use crate::error::Error;
use crate::lacks::asked;
use crate::trim::{DEBUG, Stripped, size, strip};
use crate::watch::{Loaded, Watch};
use depslim_model::report::{Idle, Stays, Trimmed, TrimmedKind, TrimmedPackage, Watched};
use globset::GlobSet;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

impl Search<'_> {
    /// Runs once more under watch. `None` when nobody may look on or it fails then.
    pub(super) fn watch(&mut self) -> Result<Option<Loaded>, Error> {
        let watching = self.slim.trial(self.case.proof.watch);
        let Some(watch) = Watch::new(&self.slim, watching)? else {
            self.notes.push("nobody could watch what it loads: strace is not there, or may not look on".to_owned());
            return Ok(None);
        };
        (self.tell)("watching what it loads");
        let out = self.out.clone();
        let tried = self.run_watched(&out, Some(&watch))?;
        let tried = self.judged(tried);
        if !tried.passed {
            let end = tried.ran.end(self.limits.timeout);
            self.notes.push(format!("it {end} when it was watched: what it loads is not known"));
            return Ok(None);
        }
        Ok(Some(watch.loaded(&self.slim, self.case.proof.loaded, self.case.ecosystem.derived_from)))
    }

    /// Packages that stay and of which nothing was loaded.
    pub(super) fn idle(&self, loaded: &Loaded) -> Watched {
        let about: GlobSet = crate::tree::globs(self.case.proof.about);
        let mut files = 0;
        let mut active: BTreeSet<usize> = BTreeSet::new();
        for file in &loaded.files {
            if self.slim.below_tree(file).is_none_or(|below| about.is_match(below)) {
                continue;
            }
            let owners = self.claims.owners(file);
            files += u32::from(!owners.is_empty());
            active.extend(owners.iter().map(|at| self.case.units[*at].cut.as_ref().map_or(*at, |cut| cut.of)));
        }
        let stays = |at: &usize| !self.out.contains(at) && self.case.units[*at].cut.is_none();
        let mut idle: Vec<Idle> = (0..self.case.units.len())
            .filter(|at| stays(at) && !active.contains(at) && self.case.units[*at].bytes > 0)
            .map(|at| Idle { package: self.case.units[at].id.clone(), bytes: self.case.units[at].bytes })
            .collect();
        idle.sort_by(|a, b| (std::cmp::Reverse(a.bytes), &a.package).cmp(&(std::cmp::Reverse(b.bytes), &b.package)));
        Watched {
            how: loaded.how.to_owned(),
            files,
            packages: active.len() as u32,
            idle_bytes: idle.iter().map(|one| one.bytes).sum(),
            idle,
        }
    }

    /// Takes out what nothing loads, and puts back what the run turns out to need.
    pub(super) fn trim(&mut self, loaded: &Loaded, last: &mut Tried) -> Result<Trimmed, Error> {
        let before = self.runs;
        let mut stays: BTreeMap<usize, String> = BTreeMap::new();
        let mut cut: BTreeSet<usize> = BTreeSet::new();
        let stripped = self.strip()?;
        for (at, unit) in self.case.units.iter().enumerate() {
            let Some(part) = unit.cut.as_ref().filter(|part| !self.out.contains(&part.of)) else { continue };
            if part.kind == DEBUG {
                if stripped.contains_key(&at) {
                    cut.insert(at);
                }
            } else if let Some(file) = unit.files.iter().find(|file| loaded.files.contains(*file)) {
                let file = self.slim.below_tree(file).unwrap_or_default();
                stays.insert(at, format!("the run loads {}", file.display()));
            } else if let Some(place) = &part.named {
                stays.insert(at, format!("named at {place}"));
            } else {
                cut.insert(at);
            }
        }
        loop {
            let out = self.out.union(&cut).copied().collect();
            (self.tell)(&format!("running with {} kinds of files taken out", cut.len()));
            let tried = self.run_with(&out)?;
            let tried = self.judged(tried);
            if tried.passed {
                *last = tried;
                break;
            }
            let mut needed = asked(self.case, &self.claims, &tried.ran.lines, &|unit| cut.contains(&unit));
            if self.script.results.is_none() {
                needed.truncate(1);
            }
            let mut needed: Vec<(usize, String)> = needed.into_iter().map(|one| (one.unit, one.text)).collect();
            if needed.is_empty() {
                let list: Vec<usize> = cut.iter().copied().collect();
                let all = cut.clone();
                let found = self.halve(list, &mut |search, back| {
                    let less = all.iter().filter(|unit| !back.contains(unit));
                    let out = search.out.iter().chain(less).copied().collect();
                    let tried = search.run_with(&out)?;
                    Ok(search.judged(tried).passed)
                })?;
                let why = || "it fails without, and no line of the output says so".to_owned();
                // Where nothing helps, the run is not to be relied on: then nothing goes.
                needed =
                    found.unwrap_or_else(|| cut.iter().copied().collect()).into_iter().map(|u| (u, why())).collect();
            }
            for (unit, why) in needed {
                cut.remove(&unit);
                stays.insert(unit, why);
            }
        }
        Ok(self.trimmed(&cut, &stays, &stripped, self.runs - before))
    }

    /// Makes shared objects without debug sections, by the unit that they are of.
    fn strip(&mut self) -> Result<BTreeMap<usize, Vec<Stripped>>, Error> {
        let mut all = BTreeMap::new();
        let folder = self.slim.mark().join("stripped");
        for (at, unit) in self.case.units.iter().enumerate() {
            let Some(part) = unit.cut.as_ref().filter(|part| part.kind == DEBUG) else { continue };
            if (self.stop)() {
                return Err(Error::Stopped);
            }
            match strip(&part.objects, &folder) {
                Ok(done) if done.is_empty() => {}
                Ok(done) => _ = all.insert(at, done),
                Err(why) => {
                    self.notes.push(why);
                    break;
                }
            }
        }
        let files: Vec<(PathBuf, usize, PathBuf)> = all
            .iter()
            .flat_map(|(at, done): (&usize, &Vec<Stripped>)| {
                done.iter().map(|s| (s.object.clone(), *at, s.lean.clone()))
            })
            .collect();
        self.slim.lean(&files);
        Ok(all)
    }

    fn trimmed(
        &self,
        cut: &BTreeSet<usize>,
        stays: &BTreeMap<usize, String>,
        stripped: &BTreeMap<usize, Vec<Stripped>>,
        runs: u32,
    ) -> Trimmed {
        let units = &self.case.units;
        let mut kinds: BTreeMap<&str, TrimmedKind> = BTreeMap::new();
        let mut packages: BTreeMap<usize, TrimmedPackage> = BTreeMap::new();
        for (at, unit) in units.iter().enumerate() {
            let Some(part) = unit.cut.as_ref().filter(|part| !self.out.contains(&part.of)) else { continue };
            let objects = stripped.get(&at).map(Vec::as_slice).unwrap_or_default();
            let looked: u64 = if part.kind == DEBUG { part.objects.iter().map(|o| size(o)).sum() } else { unit.bytes };
            let goes = match (cut.contains(&at), part.kind == DEBUG) {
                (false, _) => 0,
                (true, true) => objects.iter().map(|object| object.saved).sum(),
                (true, false) => unit.bytes,
            };
            let kind = kinds.entry(part.kind).or_default();
            part.kind.clone_into(&mut kind.kind);
            kind.files += part.paths.len() as u32;
            kind.before_bytes += looked;
            kind.after_bytes += looked - goes;
            if goes == 0 {
                continue;
            }
            let package = packages.entry(part.of).or_default();
            package.package.clone_from(&unit.id);
            package.bytes += goes;
            let text = |path: &PathBuf| path.to_string_lossy().replace('\\', "/");
            if part.kind == DEBUG {
                package.strip.extend(objects.iter().filter_map(|o| Some(text(&self.slim.below_tree(&o.object)?))));
            } else if let Some(folder) = part.folder.as_ref().filter(|folder| self.is_whole(folder, part.of)) {
                package.remove.push(format!("{}/", text(folder)));
            } else {
                package.remove.extend(part.paths.iter().map(text));
            }
        }
        let stays = stays.iter().filter_map(|(at, why)| {
            let kind = units[*at].cut.as_ref()?.kind.to_owned();
            Some(Stays { package: units[*at].id.clone(), kind, bytes: units[*at].bytes, why: why.clone() })
        });
        let before: u64 = (0..units.len())
            .filter(|at| !self.out.contains(at) && units[*at].cut.is_none())
            .map(|at| units[at].bytes)
            .sum();
        let mut kinds: Vec<TrimmedKind> = kinds.into_values().collect();
        kinds.sort_by(|a, b| {
            (b.before_bytes - b.after_bytes).cmp(&(a.before_bytes - a.after_bytes)).then(a.kind.cmp(&b.kind))
        });
        let mut stays: Vec<Stays> = stays.collect();
        stays.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.package.cmp(&b.package)));
        let mut packages: Vec<TrimmedPackage> = packages.into_values().collect();
        packages.sort_by(|a, b| a.package.cmp(&b.package));
        let goes: u64 = packages.iter().map(|package| package.bytes).sum();
        Trimmed { before_bytes: before, after_bytes: before.saturating_sub(goes), kinds, packages, stays, runs }
    }

    /// Whether a folder holds nothing that stays: licences and metadata do.
    fn is_whole(&self, folder: &PathBuf, of: usize) -> bool {
        let cut = |owner: &usize| self.case.units[*owner].cut.as_ref().is_some_and(|cut| cut.of == of);
        self.case.trees.iter().map(|tree| tree.join(folder)).filter(|folder| folder.is_dir()).all(|folder| {
            let files = walkdir::WalkDir::new(folder).into_iter().flatten();
            files.filter(|entry| !entry.file_type().is_dir()).all(|entry| {
                let owners = self.claims.owners(entry.path());
                // What nobody claims was written there by what goes.
                owners.is_empty() || owners.iter().all(cut)
            })
        })
    }
}
