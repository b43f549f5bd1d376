//! Verdicts on data written by hand: no file, no reader, no environment.

use super::{Case, Verdicts, Weights, decide, roles};
use crate::link::{Place, link};
use crate::observe::{Observed, Seen, Witness};
use crate::project::ProjectFiles;
use crate::read::Sourced;
use crate::rules::Rules;
use depslim_model::report::Status;
use depslim_model::{Confidence, EvidenceKind, Facts, Group, Manifest, Provide, Require, Strength, Target};
use depslim_toy::ECOSYSTEM;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A project as facts.
#[derive(Default)]
struct World {
    requires: Vec<Require>,
    installed: Vec<(PathBuf, PathBuf, Facts)>,
    seen: Vec<(&'static str, Seen)>,
    unresolved: Vec<(String, String, u32)>,
}

impl World {
    fn declare(mut self, name: &str, group: Group) -> Self {
        let line = self.requires.len() as u32 + 1;
        self.requires.push(Require { name: name.into(), group, line, ..Require::default() });
        self
    }

    /// An installed package and what it requires.
    fn install(mut self, name: &str, needs: &[&str]) -> Self {
        let provide =
            Provide { package: name.into(), version: "1".into(), modules: vec![name.into()], ..Provide::default() };
        let needs =
            needs.iter().map(|need| Require { from: Some(name.into()), name: (*need).into(), ..Require::default() });
        let facts = Facts { provides: vec![provide], requires: needs.collect(), ..Facts::default() };
        self.installed.push((PathBuf::from("toybox"), PathBuf::from(format!("toybox/{name}.meta")), facts));
        self
    }

    fn see(mut self, name: &'static str, how: fn(&mut Seen, Witness)) -> Self {
        let witness = Witness {
            kind: EvidenceKind::Import,
            file: "farm/main.toy".into(),
            line: self.seen.len() as u32 + 1,
            text: format!("use {name}"),
            strength: Strength::Hard,
            rule: None,
            installed: false,
        };
        let mut seen = Seen::default();
        how(&mut seen, witness);
        self.seen.push((name, seen));
        self
    }

    fn judge<R>(self, ask: impl Fn(&Case<'_>, &Verdicts) -> R) -> R {
        let facts = Facts { manifest: Some(Manifest::default()), requires: self.requires, ..Facts::default() };
        let project = ProjectFiles {
            folder: String::new(),
            manifests: vec![Sourced { path: "toy.list".into(), reader: "by hand", facts }.into()],
        };
        let target = Target::default();
        let graph =
            link(&ECOSYSTEM, &project, Place { installed: &self.installed, ..Place::default() }, &target, &|_| None);
        let mut observed = Observed {
            seen: vec![Seen::default(); graph.nodes.len()],
            files_read: 1,
            unresolved: self.unresolved,
            ..Observed::default()
        };
        for (name, seen) in self.seen {
            observed.seen[graph.find(name).unwrap() as usize] = seen;
        }
        let (weights, rules, keep) = (Weights::default(), Rules::of(&ECOSYSTEM), BTreeMap::new());
        let case = Case {
            ecosystem: &ECOSYSTEM,
            target: &target,
            project: &project,
            graph: &graph,
            observed: &observed,
            weights: &weights,
            rules: &rules,
            heavy: 0,
            keep: &keep,
            environment: None,
            tooling: false,
            asked: &BTreeSet::new(),
        };
        ask(&case, &decide(&case))
    }

    /// The verdict on one package.
    fn on(self, name: &str) -> (Status, Confidence) {
        self.judge(|case, verdicts| {
            let verdict = &verdicts.by_package[case.graph.find(name).unwrap() as usize];
            (verdict.status, verdict.confidence)
        })
    }
}

fn production(seen: &mut Seen, witness: Witness) {
    seen.prod.push(witness);
}

fn development(seen: &mut Seen, witness: Witness) {
    seen.dev.push(witness);
}

fn hidden(seen: &mut Seen, witness: Witness) {
    seen.hidden.push(witness);
}

fn guarded(seen: &mut Seen, witness: Witness) {
    seen.optional.push(witness);
}

fn types(seen: &mut Seen, witness: Witness) {
    seen.types.push(witness);
}

#[test]
fn what_was_seen_decides() {
    let world = || World::default().declare("honey", Group::Prod).install("honey", &[]);
    assert_eq!(world().on("honey"), (Status::Unused, Confidence::High));
    assert_eq!(world().see("honey", production).on("honey"), (Status::Used, Confidence::High));
    assert_eq!(world().see("honey", hidden).on("honey"), (Status::Used, Confidence::High));
    assert_eq!(world().see("honey", development).on("honey"), (Status::Development, Confidence::High));
    assert_eq!(world().see("honey", types).on("honey"), (Status::Optional, Confidence::High));
    // Somebody would load it if it were there: no use, but a doubt.
    assert_eq!(world().see("honey", guarded).on("honey"), (Status::Unused, Confidence::Medium));
}

#[test]
fn what_a_used_package_requires_stays() {
    let world = World::default()
        .declare("kite", Group::Prod)
        .declare("string", Group::Prod)
        .install("kite", &["string"])
        .install("string", &["fibre"])
        .install("fibre", &[])
        .see("kite", production);
    let (status, kept) = world.judge(|case, verdicts| {
        let kept: Vec<&str> = verdicts.kept.packages().map(|p| case.graph.node(p).canonical.as_str()).collect();
        let string = case.graph.find("string").unwrap() as usize;
        (verdicts.by_package[string].status, kept.join(" "))
    });
    assert_eq!(status, Status::Transitive);
    assert_eq!(kept.split(' ').collect::<std::collections::BTreeSet<_>>(), ["fibre", "kite", "string"].into());
}

#[test]
fn without_an_environment_names_are_guesses() {
    let world = || World::default().declare("pebble", Group::Prod).declare("ink", Group::Prod);
    // A table tells what `ink` supplies; who loads `pebble`, and under which name, nobody knows.
    assert_eq!(world().on("ink"), (Status::Unused, Confidence::Medium));
    assert_eq!(world().on("pebble"), (Status::Unused, Confidence::Low));
    let installed = world().install("pebble", &[]);
    assert_eq!(installed.on("pebble"), (Status::Unused, Confidence::High));
}

#[test]
fn what_is_doubtful_stays() {
    let kept = |name: &str| {
        let world = World::default().declare(name, Group::Prod);
        world.judge(|case, verdicts| verdicts.kept.has(case.graph.find(name).unwrap()))
    };
    assert!(!kept("ink"));
    assert!(kept("pebble"));
}

#[test]
fn packages_that_do_the_same_job_are_told_with_their_places() {
    let world = || {
        World::default()
            .declare("pigeon-post", Group::Prod)
            .declare("pigeon-mail", Group::Prod)
            .install("pigeon-post", &[])
            .install("pigeon-mail", &[])
            .see("pigeon-post", production)
    };
    let notes = |world: World| {
        world.judge(|case, verdicts| roles(case, verdicts).into_iter().map(|n| (n.message, n.line)).collect::<Vec<_>>())
    };
    assert_eq!(notes(world()), []);
    assert_eq!(notes(world().see("pigeon-mail", hidden)), []);
    assert_eq!(
        notes(world().see("pigeon-mail", production)),
        [(
            "pigeon-post (farm/main.toy:1) and pigeon-mail (farm/main.toy:2) do the same job: both talk to the same queue"
                .to_owned(),
            Some(2)
        )]
    );
}
