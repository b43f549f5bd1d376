//! What has to hold for every project: random ones, and a reference that is too simple to be wrong.

use crate::teller::{Seen, story, tell};
use depslim_model::Code;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Packages of a random world are called `p0`, `p1` …
const PACKAGES: usize = 7;

#[derive(Debug, Clone)]
struct World {
    /// By package: what its metadata requires, always or for the extra `x`.
    needs: Vec<Vec<(usize, bool)>>,
    /// By package: what its module loads, and how (an index into [`WAYS`]).
    loads: Vec<Vec<(usize, usize)>>,
    /// By package: bytes besides its module.
    bytes: Vec<u16>,
    /// Lines for production: the package, and whether its extra is asked for.
    lines: Vec<(usize, bool)>,
    /// Lines for development.
    dev: Vec<usize>,
    /// By source file of the project: what it uses, and how.
    files: Vec<Vec<(usize, usize)>>,
    /// What tests use.
    tests: Vec<usize>,
}

/// How a module is used: in the project's own code all of these are uses, in an installed package only the first [`HARD`].
const WAYS: [&str; 4] = ["use ", "load ", "  use ", "try use "];
const HARD: usize = 2;

fn worlds() -> impl Strategy<Value = World> {
    let package = 0..PACKAGES;
    let some = |most| prop::collection::vec((0..PACKAGES, 0..WAYS.len()), 0..most);
    let each = |one: BoxedStrategy<Vec<(usize, usize)>>| prop::collection::vec(one, PACKAGES);
    (
        prop::collection::vec(prop::collection::vec((package.clone(), any::<bool>()), 0..3), PACKAGES),
        each(some(3).boxed()),
        prop::collection::vec(any::<u16>(), PACKAGES),
        prop::collection::vec((package.clone(), any::<bool>()), 1..6),
        prop::collection::vec(package.clone(), 0..3),
        prop::collection::vec(some(4), 3),
        prop::collection::vec(package, 0..3),
    )
        .prop_map(|(needs, loads, bytes, mut lines, dev, files, tests)| {
            // One line a package: that two of them are judged together is told elsewhere.
            let mut seen = BTreeSet::new();
            lines.retain(|(package, _)| seen.insert(*package));
            World { needs, loads, bytes, lines, dev, files, tests }
        })
}

impl World {
    /// The story, with source files of these names.
    fn text(&self, names: [&str; 3]) -> String {
        let mut text = String::from("== toy.list\n");
        for (package, extra) in &self.lines {
            let _ = writeln!(text, "p{package}{}", if *extra { " [x]" } else { "" });
        }
        let _ = writeln!(text, "dev:");
        for package in &self.dev {
            let _ = writeln!(text, "p{package}");
        }
        for (name, uses) in names.iter().zip(&self.files) {
            let _ = writeln!(text, "== {name}");
            for (package, way) in uses {
                let _ = writeln!(text, "{}p{package}", WAYS[*way]);
            }
        }
        let _ = writeln!(text, "== tests/t.toy");
        for package in &self.tests {
            let _ = writeln!(text, "use p{package}");
        }
        for package in 0..PACKAGES {
            let _ = writeln!(text, "++ p{package} 1\nextra x\nbytes {}", self.bytes[package]);
            for (needed, extra) in &self.needs[package] {
                let _ = writeln!(text, "needs p{needed}{}", if *extra { " if extra x" } else { "" });
            }
            for (other, way) in &self.loads[package] {
                let _ = writeln!(text, "{}p{other}", WAYS[*way]);
            }
        }
        text
    }

    /// Packages whose modules production executes: what the project's code uses, and what these load at once.
    fn executed(&self) -> BTreeSet<usize> {
        let mut executed: BTreeSet<usize> = self.files.iter().flatten().map(|(package, _)| *package).collect();
        loop {
            let hard = |package: &usize| self.loads[*package].iter().filter(|(_, way)| *way < HARD).map(|(p, _)| *p);
            let more: BTreeSet<usize> = executed.iter().flat_map(hard).filter(|p| !executed.contains(p)).collect();
            if more.is_empty() {
                return executed;
            }
            executed.extend(more);
        }
    }

    /// Packages with all that they require; what has a line with the extra that it asks for.
    fn closed(&self, packages: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut closed = packages.clone();
        loop {
            let needs = |package: &usize| {
                let extra = self.lines.contains(&(*package, true));
                self.needs[*package].iter().filter(move |(_, only)| extra || !only).map(|(needed, _)| *needed)
            };
            let more: BTreeSet<usize> = closed.iter().flat_map(needs).filter(|p| !closed.contains(p)).collect();
            if more.is_empty() {
                return closed;
            }
            closed.extend(more);
        }
    }
}

fn names(packages: &BTreeSet<usize>) -> Vec<String> {
    packages.iter().map(|package| format!("p{package}")).collect()
}

/// Packages whose lines are said to be without need, sure or not.
fn flagged(seen: &Seen) -> BTreeSet<usize> {
    let findings = seen.project().findings.iter().filter(|f| matches!(f.code, Code::Unused | Code::DevInProd));
    findings.map(|f| f.package["pkg:toy/p".len()..].split('@').next().unwrap().parse().unwrap()).collect()
}

const FILES: [&str; 3] = ["farm/a.toy", "farm/b.toy", "main.toy"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_runs_is_never_flagged_and_all_of_it_is_kept(world in worlds()) {
        let seen = tell(&world.text(FILES));
        let needed = world.closed(&world.executed());
        let flagged = flagged(&seen);
        prop_assert!(flagged.is_disjoint(&needed), "flagged {flagged:?}, needed {needed:?}");
        let kept: BTreeSet<String> = seen.kept().into_iter().map(str::to_owned).collect();
        for name in names(&needed) {
            prop_assert!(kept.contains(&name), "{name} is not in {kept:?}");
        }
    }

    #[test]
    fn what_brings_nothing_that_runs_is_flagged(world in worlds()) {
        let seen = tell(&world.text(FILES));
        let executed = world.executed();
        let flagged = flagged(&seen);
        let brought_by = |(package, _): &(usize, bool)| world.closed(&BTreeSet::from([*package]));
        let mut reasons = world.closed(&executed);
        reasons.extend(world.lines.iter().map(brought_by).filter(|brought| !brought.is_disjoint(&executed)).flatten());
        for (package, _) in &world.lines {
            prop_assert!(reasons.contains(package) || flagged.contains(package), "p{package} is not flagged");
        }
    }

    #[test]
    fn the_plan_holds_what_it_requires_and_nothing_without_a_reason(world in worlds()) {
        let seen = tell(&world.text(FILES));
        let kept: BTreeSet<&str> = seen.kept().into_iter().collect();
        for kept_one in &seen.project().plan.keep {
            let package: usize = kept_one.package[1..].parse().unwrap();
            for (needed, only) in &world.needs[package] {
                let asked = !only || kept_one.features.contains(&"x".to_owned());
                prop_assert!(!asked || kept.contains(format!("p{needed}").as_str()), "{} lacks p{needed}", kept_one.package);
            }
            prop_assert!(!kept_one.why.is_empty(), "{} stays without a reason", kept_one.package);
            let needed_by: Vec<&str> = kept_one.needed_by.iter().map(String::as_str).collect();
            prop_assert!(needed_by.iter().all(|name| kept.contains(name)), "{} for {needed_by:?}", kept_one.package);
        }
    }

    #[test]
    fn without_what_was_flagged_nothing_changes_for_production(world in worlds()) {
        let before = tell(&world.text(FILES));
        let gone = flagged(&before);
        let kept: Vec<String> = before.kept().into_iter().map(str::to_owned).collect();
        let mut rest = world.clone();
        rest.lines.retain(|(package, _)| !gone.contains(package));
        rest.dev.extend(&gone);
        // What runs and is brought by no line gets one.
        let brought = rest.closed(&rest.lines.iter().map(|(package, _)| *package).collect());
        rest.lines.extend(world.executed().difference(&brought).map(|package| (*package, false)));
        let story = story(&rest.text(FILES));
        // Only what the plan installs is there.
        for package in (0..PACKAGES).filter(|package| !kept.contains(&format!("p{package}"))) {
            fs_err::remove_file(story.root().join(format!("toybox/meta/p{package}.meta"))).unwrap();
            fs_err::remove_dir_all(story.root().join(format!("toybox/p{package}"))).unwrap();
        }
        let after = story.run();
        prop_assert_eq!(&after.project().observed.unresolved, &Vec::new());
        let kept_now: Vec<String> = after.kept().into_iter().map(str::to_owned).collect();
        if brought.is_superset(&world.executed()) {
            prop_assert_eq!(kept_now, kept);
            prop_assert_eq!(flagged(&after), BTreeSet::new());
        } else {
            // Lines that held only what has one of its own now may go next.
            prop_assert!(names(&world.closed(&world.executed())).iter().all(|name| kept_now.contains(name)));
            prop_assert!(kept_now.iter().all(|name| kept.contains(name)));
        }
    }

    #[test]
    fn bytes_add_up(world in worlds()) {
        let seen = tell(&world.text(FILES));
        let report = &seen.project().report;
        let sum = |wanted: &dyn Fn(&depslim_model::Package) -> bool| -> u64 {
            report.packages.iter().filter(|p| wanted(p)).filter_map(|p| p.installed_bytes).sum()
        };
        let kept = seen.kept();
        prop_assert_eq!(report.prod_bytes, sum(&|p| p.ships));
        prop_assert_eq!(report.removable_bytes, sum(&|p| p.ships && !kept.contains(&p.name.as_str())));
        // What somebody else needs too stays when its line goes: then only its extra does.
        for package in report.packages.iter().filter(|p| p.ships && p.required_by.is_empty()) {
            prop_assert!(package.exclusive_bytes >= package.installed_bytes.unwrap(), "{}", package.name);
        }
        let tree = report.tree.as_ref().unwrap();
        prop_assert_eq!(tree.total_bytes, tree.packages_bytes + tree.unowned_bytes + tree.folders_bytes);
    }

    #[test]
    fn runs_are_equal_whatever_the_threads(world in worlds()) {
        let text = world.text(FILES);
        let story = story(&text).threads(1);
        let first = story.run().data();
        prop_assert_eq!(&first, &story.run().data());
        prop_assert_eq!(&first, &story.threads(4).run().data());
    }

    #[test]
    fn names_of_source_files_change_nothing(world in worlds(), names in Just(["zoo/m.toy", "a/n.toy"]).prop_shuffle()) {
        // A file at the top stays there: one that nothing starts may be a developer's own.
        let (one, two) = (tell(&world.text(FILES)), tell(&world.text([names[0], names[1], "barn.toy"])));
        prop_assert_eq!(one.verdicts(), two.verdicts());
        prop_assert_eq!(one.findings(), two.findings());
        prop_assert_eq!(one.kept(), two.kept());
        let bytes = |seen: &Seen| seen.project().findings.iter().map(|f| (f.fingerprint.clone(), f.bytes)).collect::<BTreeSet<_>>();
        prop_assert_eq!(bytes(&one), bytes(&two));
    }
}
