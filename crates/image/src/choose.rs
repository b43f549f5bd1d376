//! Which base image a project's final stage should have, what the system has to supply there, and why. Pure: facts in, choice out.

mod reasons;

use crate::catalogue::{Base, Need, Release, bases, day, instead_of, package_of, package_of_program};
use crate::elf::Version;
use crate::reference::{Tag, release_order};
use crate::scan::{Needs, VERSION_SETS};
use depslim_model::Bytes;
use depslim_model::report::Image;
use reasons::{confidence, listed, reasons};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a project.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The language, by the name of its images.
    pub language: &'a str,
    /// The image that the final stage is built on.
    pub current: &'a str,
    /// Version of the language's runtime that the project uses, two parts (`3.12`).
    pub version: Option<&'a str>,
    /// The day, `2026-11-21`: what has ended by then is never recommended.
    pub today: &'a str,
    /// Families that may be recommended, in order of preference; empty for any with the C library that the image has now.
    pub flavors: &'a [String],
    /// The registry and folder that images come from, when the configuration says (`mirror.example.invalid/library`).
    pub registry: Option<&'a str>,
    /// What the installed files need; `None` when nothing is installed.
    pub needs: Option<&'a Needs>,
    /// The packages that production keeps.
    pub packages: &'a [Package],
    /// Programs that the image starts, each with its place (`Dockerfile:12`).
    pub programs: &'a [(String, String)],
}

/// A package that production keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Canonical name.
    pub name: String,
    /// Its files are there, and were looked into.
    pub installed: bool,
    /// Bytes, by the best measure there is.
    pub bytes: Bytes,
    /// What the lock could install where the GNU C library is.
    pub glibc: Fit,
    /// What the lock could install where musl is.
    pub musl: Fit,
}

/// What a lock could install for one C library.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fit {
    /// The lock does not say.
    #[default]
    Unknown,
    /// A built file that fits everywhere.
    Portable,
    /// A file that was built for this C library, with its bytes as downloaded.
    Built(Option<Bytes>),
    /// Only source code: it has to be built.
    Source,
}

impl Fit {
    /// What a file's name says of it: a built file carries the platform in its name, `any` for all of them
    /// ([binary distribution format](https://packaging.python.org/en/latest/specifications/binary-distribution-format/)).
    pub fn of(file: &str, bytes: Option<Bytes>) -> Self {
        match file.strip_suffix(".whl") {
            Some(stem) if stem.ends_with("-any") => Self::Portable,
            Some(_) => Self::Built(bytes),
            None if file.is_empty() => Self::Unknown,
            // A packed folder, which holds what it holds for every platform.
            None if file.ends_with(".tgz") => Self::Portable,
            None => Self::Source,
        }
    }
}

/// What was chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    /// For the report.
    pub image: Image,
    /// Bytes that the change of base frees at least; 0 when none is advised.
    pub saves: Bytes,
    /// Whether the bytes of both bases were measured.
    pub measured: bool,
    /// Releases that get no fixes any more: `Python 3.9 ended on 2025-10-31`.
    pub ended: Vec<String>,
    /// Packages that have to be built from source, where a compiler is.
    pub from_source: Vec<String>,
    /// Packages of which there is only source, and nobody knows whether it has to be compiled.
    pub maybe_from_source: Vec<String>,
    /// The family of the base that is recommended, or kept: `slim`, `alpine`; empty when there is none.
    pub family: &'static str,
    /// The version of the language's runtime in it; empty when there is none.
    pub version: &'static str,
    /// What the system has to supply there, each with its reason.
    pub system: Vec<(String, String)>,
    /// What the system of a builder stage has to supply, each with its reason.
    pub build: Vec<(String, String)>,
    /// Whether compiled files were there, and all of them were read.
    pub scanned: bool,
}

/// A change of base has to be worth a build: less than this is not advised.
const WORTH: Bytes = 10_000_000;

/// Chooses.
pub fn choose(situation: &Situation<'_>) -> Choice {
    let now = situation.current;
    let mut choice = Choice { image: Image { current: Some(now.to_owned()), ..Image::default() }, ..Choice::default() };
    let Some(tag) = Tag::parse(now, situation.language) else {
        choice.ended = distribution(now).filter(|r| r.has_ended(situation.today)).iter().map(ended).collect();
        choice.image.reasons.push("depslim's catalogue of images does not have this one".to_owned());
        return choice;
    };
    let Some(version) = tag.version.as_deref().or(situation.version) else {
        choice
            .image
            .reasons
            .push("neither the tag nor the project says which version of the runtime it uses".to_owned());
        return choice;
    };
    let language = Release::find(situation.language, version);
    let stands_on = tag.stands_on(situation.language, version);
    let over = |release: &Release| release.has_ended(situation.today);
    choice.ended = language.iter().chain(&stands_on).filter(|r| over(r)).map(ended).collect();

    let wanted = if language.as_ref().is_some_and(over) { successor(situation, version) } else { Some(version) };
    let moved = wanted != Some(version);
    let Some(wanted) = wanted.filter(|v| bases(situation.language).any(|b| b.version == *v)) else {
        choice.image.reasons.push(format!("the catalogue of {} has no image of version {version}", day()));
        return choice;
    };
    let fits = fits(situation, &tag, wanted);
    let Some(best) = pick(situation, &tag, &fits) else {
        choice.image.reasons = fits.iter().filter_map(|f| f.rejected.clone()).collect();
        return choice;
    };
    let current = tag.base(situation.language, version).or_else(|| {
        // A release that is not catalogued any more weighs about what its family does.
        let any = Tag { release: None, ..tag.clone() };
        any.base(situation.language, version)
    });
    let same = !moved
        && best.base.family == tag.family
        && stands_on.is_some_and(|r| (r.name, r.version) == (best.base.os, best.base.os_version));
    if let Some(current) = current.filter(|_| !same && !moved) {
        let saves = current.bytes.0.saturating_sub(best.base.bytes.1);
        if saves >= WORTH {
            choice.saves = saves;
            choice.measured = current.is_measured() && best.base.is_measured();
        }
    }
    let advised = !same && (choice.saves > 0 || !choice.ended.is_empty() || !situation.flavors.is_empty());
    choice.image.recommended = Some(if advised { tag.to(&best.base, situation.registry) } else { now.to_owned() });
    choice.from_source = from_source(situation);
    choice.maybe_from_source = maybe_from_source(situation);
    choice.scanned = situation.needs.is_some_and(|n| n.damaged.is_empty() && n.foreign == 0);
    choice.family = best.base.family;
    choice.version = best.base.version;
    choice.system = best.system.iter().map(|(name, why)| (name.clone(), why.clone())).collect();
    choice.build = build_packages(situation, &choice, best.base.libc == "musl");
    choice.image.system_packages = best.system.keys().cloned().collect();
    choice.image.reasons =
        reasons(situation, best, &fits, &choice, current.filter(|_| advised), moved.then_some(version));
    choice.image.confidence = confidence(situation, &tag, moved, advised);
    choice
}

/// A candidate: what it lacks and packages supply, or why it does not fit.
struct Candidate {
    base: Base,
    /// Base and packages, without what the package manager of the system adds.
    total: Bytes,
    /// System packages, each with its reason.
    system: BTreeMap<String, String>,
    rejected: Option<String>,
    /// More about the rejection.
    because: Option<String>,
}

fn fits(situation: &Situation<'_>, tag: &Tag, version: &str) -> Vec<Candidate> {
    let kept = |base: &Base| {
        tag.release.is_none_or(|r| r.name != base.os || r.version == base.os_version || r.has_ended(situation.today))
    };
    bases(situation.language)
        .filter(|base| base.version == version && kept(base))
        .map(|base| {
            let mut candidate = Candidate {
                base,
                total: base.about() + weight(situation, &base),
                system: BTreeMap::new(),
                rejected: None,
                because: None,
            };
            judge(situation, &mut candidate);
            candidate
        })
        .collect()
}

fn judge(situation: &Situation<'_>, candidate: &mut Candidate) {
    let base = candidate.base;
    if let Some(release) = Release::find(base.os, base.os_version).filter(|r| r.has_ended(situation.today)) {
        candidate.rejected = Some(format!("not {}: it gets no security fixes since {}", base.suite(), release.end));
        return;
    }
    if base.family == "distroless" {
        let shell = situation.programs.iter().find(|(program, _)| ["sh", "bash", "ash"].contains(&program.as_str()));
        candidate.rejected = Some(match shell {
            Some((_, place)) => format!("not distroless: it has no shell, and {place} runs one"),
            None => "not distroless: its runtime lies elsewhere, so what is installed and started would have to be made for it"
                .to_owned(),
        });
        return;
    }
    if base.libc == "musl" {
        musl(situation, candidate);
    } else {
        glibc(situation, candidate);
    }
    if candidate.rejected.is_none() {
        known_needs(situation, candidate);
    }
}

/// What stands against musl: files that exist for the GNU C library only.
fn musl(situation: &Situation<'_>, candidate: &mut Candidate) {
    let linked = |p: &Package| situation.needs.is_some_and(|n| n.glibc.contains_key(&p.name));
    let (mut only, mut unknown) = (Vec::new(), Vec::new());
    for package in situation.packages {
        match (package.glibc, package.musl) {
            (Fit::Built(_), Fit::Source | Fit::Unknown) => only.push(package.name.as_str()),
            (_, Fit::Portable) if linked(package) => only.push(&package.name),
            (_, Fit::Unknown) if linked(package) || !package.installed => unknown.push(package.name.as_str()),
            _ => {}
        }
    }
    let wheels =
        situation.packages.iter().any(|p| matches!((p.glibc, p.musl), (Fit::Built(_), _) | (_, Fit::Built(_))));
    if !only.is_empty() && !wheels && !situation.packages.iter().any(|p| p.glibc == Fit::Unknown) {
        let packages = if only.len() == 1 { "1 package is".to_owned() } else { format!("{} packages are", only.len()) };
        candidate.rejected = Some(format!("not alpine: {packages} built for glibc"));
        candidate.because = Some(format!("keeps glibc: built for it: {}", listed(&only)));
    } else if !only.is_empty() {
        let (wheels, have) =
            if only.len() == 1 { ("wheel is", "package has") } else { ("wheels are", "packages have") };
        candidate.rejected = Some(format!("not alpine: {} {wheels} glibc-only", only.len()));
        candidate.because = Some(format!("keeps glibc: {} {have} no musllinux wheel: {}", only.len(), listed(&only)));
    } else if !unknown.is_empty() {
        let packages =
            if unknown.len() == 1 { "1 package has".to_owned() } else { format!("{} packages have", unknown.len()) };
        candidate.rejected = Some(format!("not alpine: no lock says whether {packages} wheels for musl"));
        candidate.because = Some(format!("not known to have musllinux wheels: {}", listed(&unknown)));
    }
    if let Some(needs) = situation.needs {
        for (soname, place) in &needs.libraries {
            // Wheels for musl bring the compiler's own libraries along.
            let own = soname.starts_with("libc.")
                || soname.starts_with("libstdc++")
                || soname.starts_with("libgcc_s")
                || is_part_of_glibc(soname);
            if !own && !candidate.base.has(soname) && !in_alpine(soname) {
                candidate.system.insert(format!("so:{soname}"), format!("{} links {soname}", place.file));
            }
        }
    }
}

/// Shared libraries that the interpreter of Alpine's images links, so that they are there.
fn in_alpine(soname: &str) -> bool {
    [
        "libz.so.1",
        "libssl.so.3",
        "libcrypto.so.3",
        "libffi.so.8",
        "libsqlite3.so.0",
        "libbz2.so.1",
        "liblzma.so.5",
        "libpython3.so",
    ]
    .contains(&soname)
}

fn is_part_of_glibc(soname: &str) -> bool {
    let parts = [
        "libm.so.6",
        "libdl.so.2",
        "libpthread.so.0",
        "librt.so.1",
        "libutil.so.1",
        "libresolv.so.2",
        "libanl.so.1",
        "libmvec.so.1",
        "libnsl.so.1",
    ];
    parts.contains(&soname) || soname.starts_with("ld-linux") || soname.starts_with("ld64")
}

/// What stands against a base with the GNU C library: its age, and libraries that no package of its release holds.
fn glibc(situation: &Situation<'_>, candidate: &mut Candidate) {
    let base = candidate.base;
    let name = format!("{} on {}", base.family, base.suite());
    let Some(needs) = situation.needs else { return };
    for ((set, has), need) in VERSION_SETS.iter().zip(base.versions()).zip(&needs.versions) {
        if let (Some(has), Some((version, place))) = (has, need)
            && *version > has
        {
            candidate.rejected = Some(format!("not {name}: {} needs {set}_{version}, it has {has}", place.file));
            return;
        }
    }
    for (soname, place) in &needs.libraries {
        // What a full image holds beside this is not catalogued, and more than enough.
        if is_part_of_glibc(soname) || base.has(soname) || base.family == "full" {
            continue;
        }
        let Some(package) = package_of(soname, base.suite()) else {
            let suite = base.suite();
            candidate.rejected =
                Some(format!("not {name}: {} links {soname}, which no package of {suite} holds", place.file));
            return;
        };
        candidate.system.entry(package.to_owned()).or_insert_with(|| format!("{} links {soname}", place.file));
    }
}

/// What packages are known to load by name, run or read; and to link, where no file of theirs is there to tell.
fn known_needs(situation: &Situation<'_>, candidate: &mut Candidate) {
    let base = candidate.base;
    let kept: BTreeSet<&str> = situation.packages.iter().map(|p| p.name.as_str()).collect();
    for package in situation.packages {
        let Some(need) = Need::of(situation.language, &package.name) else { continue };
        if instead_of(&package.name).any(|other| kept.contains(other)) {
            continue;
        }
        let (links, verb) = match need.load {
            "exec" => (false, "runs"),
            "data" => (false, "reads"),
            "dlopen" => (false, "loads"),
            // What files link is told by the files, if they are there.
            _ if package.installed => continue,
            _ => (true, "links"),
        };
        let libraries: Vec<&str> = match (links, package.glibc, need.wheel) {
            // A wheel takes along what it can; the table says what is left.
            (true, Fit::Built(_) | Fit::Portable | Fit::Unknown, Some(wheel)) => {
                wheel.split(' ').filter(|l| !l.is_empty()).collect()
            }
            (true, Fit::Built(_) | Fit::Portable, None) => continue,
            _ => need.libraries.split(' ').filter(|l| !l.is_empty()).collect(),
        };
        let lacking: Vec<&str> = libraries.iter().filter(|l| !base.has(l)).take(3).copied().collect();
        let what = if lacking.is_empty() { String::new() } else { format!(" {}", lacking.join(", ")) };
        if base.libc == "musl" {
            for soname in libraries.iter().filter(|l| !in_alpine(l)) {
                candidate.system.entry(format!("so:{soname}")).or_insert_with(|| format!("{} {verb} it", package.name));
            }
            continue;
        }
        let packages: Vec<&str> = if links && need.wheel.is_some() && package.glibc != Fit::Source {
            libraries
                .iter()
                .filter(|l| !base.has(l) && !is_part_of_glibc(l))
                .filter_map(|l| package_of(l, base.suite()))
                .collect()
        } else {
            let there: Vec<&str> =
                libraries.iter().filter(|l| base.has(l)).filter_map(|l| package_of(l, base.suite())).collect();
            need.packages(base.suite()).filter(|p| !there.contains(p)).collect()
        };
        let known = |suite: &str| need.packages(suite).next().is_some();
        if !links && !known(base.suite()) && ["bookworm", "trixie"].into_iter().any(known) {
            candidate.rejected = Some(format!(
                "not {} on {}: {} {verb} what no package of {} holds",
                base.family,
                base.suite(),
                package.name,
                base.suite()
            ));
            return;
        }
        if base.family != "full" || !links {
            for name in packages {
                candidate.system.entry(name.to_owned()).or_insert_with(|| {
                    format!("{} {verb}{what}{}", package.name, if what.is_empty() { " it" } else { "" })
                });
            }
        }
    }
    if base.family == "slim" {
        for (program, place) in situation.programs {
            if let Some(package) = package_of_program(program) {
                candidate.system.entry(package.to_owned()).or_insert_with(|| format!("{place} runs {program}"));
            }
        }
    }
}

/// Bytes of the packages for a base's C library: as they are, or as the lock's downloads for both compare.
fn weight(situation: &Situation<'_>, base: &Base) -> Bytes {
    let made_for_musl = situation.needs.is_some_and(|n| n.glibc.is_empty() && !n.musl.is_empty());
    let as_it_is = (base.libc == "musl") == made_for_musl;
    let of = |p: &Package| match (p.glibc, p.musl) {
        (Fit::Built(Some(glibc)), Fit::Built(Some(musl))) if !as_it_is && glibc > 0 && musl > 0 => {
            let (from, to) = if base.libc == "musl" { (glibc, musl) } else { (musl, glibc) };
            u64::try_from(u128::from(p.bytes) * u128::from(to) / u128::from(from)).unwrap_or(p.bytes)
        }
        _ => p.bytes,
    };
    situation.packages.iter().map(of).fold(0, u64::saturating_add)
}

/// The candidate: of the families that are asked for the first that fits, else the least in total with the C library of today.
fn pick<'c>(situation: &Situation<'_>, tag: &Tag, candidates: &'c [Candidate]) -> Option<&'c Candidate> {
    if let Some(first) = situation.flavors.iter().find_map(|family| of_family(candidates, family)) {
        return Some(first);
    }
    let libc = if tag.family == "alpine" { "musl" } else { "glibc" };
    let families: BTreeSet<&str> = candidates.iter().map(|c| c.base.family).collect();
    let best = |same: bool| {
        let fit = families.iter().filter_map(|family| of_family(candidates, family));
        fit.filter(|c| !same || c.base.libc == libc).min_by_key(|c| c.total)
    };
    best(true).or_else(|| best(false))
}

/// The candidate of a family: the newest release that fits, unless another one is smaller for sure. A range is no measurement, and
/// being a little below somebody's is no reason to stand on an older release.
fn of_family<'c>(candidates: &'c [Candidate], family: &str) -> Option<&'c Candidate> {
    let fit = || candidates.iter().filter(|c| c.rejected.is_none() && c.base.family == family);
    let newest = fit().max_by_key(|c| release_order(&c.base))?;
    let bounds = |c: &Candidate| {
        let beside = c.total.saturating_sub(c.base.about());
        (c.base.bytes.0.saturating_add(beside), c.base.bytes.1.saturating_add(beside))
    };
    let smaller = fit().filter(|c| bounds(c).1 < bounds(newest).0).min_by_key(|c| c.total);
    Some(smaller.unwrap_or(newest))
}

/// The version after one that has ended: the lowest that has not.
fn successor(situation: &Situation<'_>, version: &str) -> Option<&'static str> {
    let order = |version: &str| Version::parse(version);
    bases(situation.language)
        .map(|base| base.version)
        .filter(|v| order(v) > order(version))
        .filter(|v| Release::find(situation.language, v).is_some_and(|r| !r.has_ended(situation.today)))
        .min_by_key(|v| order(v))
}

/// The release of an image that is a distribution itself (`debian:buster-slim`).
fn distribution(reference: &str) -> Option<Release> {
    let (name, tag) = reference.split('@').next()?.rsplit_once(':')?;
    let name = name.rsplit('/').next()?;
    let tag = tag.split('-').next()?;
    Release::of_codename(tag).filter(|r| r.name == name).or_else(|| Release::find(name, tag))
}

fn ended(release: &Release) -> String {
    format!("{} ended on {}", release.shown(), release.end)
}

fn from_source(situation: &Situation<'_>) -> Vec<String> {
    let compiled = |p: &Package| {
        let linked = situation.needs.is_some_and(|n| n.glibc.contains_key(&p.name) || n.musl.contains_key(&p.name));
        linked || (!p.installed && Need::of(situation.language, &p.name).is_some_and(|n| n.load == "link"))
    };
    // Without a lock, the catalogue knows those for which nobody publishes anything else.
    let only_source = |p: &Package| match p.glibc {
        Fit::Source => compiled(p),
        Fit::Unknown => {
            Need::of(situation.language, &p.name).is_some_and(|n| n.load == "link" && n.wheel.is_none())
                && !instead_of(&p.name).any(|other| situation.packages.iter().any(|q| q.name == other))
        }
        _ => false,
    };
    situation.packages.iter().filter(|p| only_source(p)).map(|p| p.name.clone()).collect()
}

/// Only source is published, nothing is installed that would show what becomes of it, and the catalogue does not say.
fn maybe_from_source(situation: &Situation<'_>) -> Vec<String> {
    let unknown =
        |p: &&Package| p.glibc == Fit::Source && !p.installed && Need::of(situation.language, &p.name).is_none();
    situation.packages.iter().filter(unknown).map(|p| p.name.clone()).collect()
}

/// System packages that a builder stage needs.
fn build_packages(situation: &Situation<'_>, choice: &Choice, musl: bool) -> Vec<(String, String)> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let usual: &[&str] = if musl { &["gcc", "musl-dev"] } else { &["gcc", "libc6-dev"] };
    for name in &choice.from_source {
        let need = Need::of(situation.language, name);
        let known: Vec<&str> = need.map(|n| n.build(musl).collect()).unwrap_or_default();
        for package in if known.is_empty() { usual } else { &known } {
            found.entry((*package).to_owned()).or_insert_with(|| format!("{name} is compiled"));
        }
    }
    for name in &choice.maybe_from_source {
        for package in usual {
            found
                .entry((*package).to_owned())
                .or_insert_with(|| format!("{name} comes as source, which may have to be compiled"));
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests;
