//! What production installs, and what leaves the manifests.

use crate::teller::{story, tell};
use depslim_model::ecosystem::{Action, Kept};
use depslim_model::{Settings, Source};
use depslim_toy::ECOSYSTEM;

const FARM: &str = "
    == toy.list
    paint >=2 [gold]
    tar
    checker
    optional fast:
    rocket
    == toy.lock
    package paint 2.1
    artifact paint-2.1-any.box 900 sha256:aa
    package tar 4
    artifact tar-4-any.box 10 sha256:bb
    == farm/main.toy
    use paint
    use rocket
    use wax
    == tests/a.toy
    use checker
    ++ paint 2.1
    needs oil
    extra gold
    needs leaf if extra gold
    try use leaf
    ++ oil 1
    ++ leaf 3
    ++ tar 5
    ++ checker 1
    ++ rocket 1
    ++ wax 1
    ";

fn kept<'a>(seen: &'a crate::teller::Seen, name: &str) -> &'a Kept {
    seen.project().plan.keep.iter().find(|k| k.package == name).unwrap()
}

#[test]
fn the_plan_keeps_what_production_needs_and_says_why() {
    let seen = tell(FARM);
    assert_eq!(seen.kept(), ["leaf", "oil", "paint", "rocket", "wax"]);
    let paint = kept(&seen, "paint");
    assert_eq!((paint.version.as_deref(), paint.constraint.as_deref()), (Some("2.1"), Some(">=2")));
    assert_eq!((paint.features.as_slice(), paint.direct), (["gold".to_owned()].as_slice(), true));
    assert_eq!(paint.artifacts[0].hash.as_deref(), Some("sha256:aa"));
    assert_eq!(paint.why, "imported at farm/main.toy:1");
    let oil = kept(&seen, "oil");
    assert_eq!(
        (oil.direct, oil.why.as_str(), oil.needed_by.as_slice()),
        (false, "required by paint", ["paint".to_owned()].as_slice())
    );
    assert!(!kept(&seen, "wax").direct);
    assert_eq!(kept(&seen, "paint").bytes, seen.seat().package("paint").installed_bytes);
}

#[test]
fn the_hashes_of_another_version_are_not_the_plans() {
    let seen = tell(&FARM.replace("use wax", "use tar"));
    let tar = kept(&seen, "tar");
    assert_eq!((tar.version.as_deref(), tar.artifacts.len()), (Some("5"), 0));
}

#[test]
fn the_plan_changes_what_the_findings_say() {
    let seen = tell(FARM);
    assert_eq!(seen.findings(), "SLIM001 tar, SLIM002 checker, SLIM004 wax, SLIM091");
    let changes: Vec<_> =
        seen.project().plan.changes["toy.list"].iter().map(|c| (c.package.as_str(), c.line, &c.action)).collect();
    assert_eq!(changes, [("tar", 2, &Action::Remove), ("checker", 3, &Action::MoveToDev)]);
}

#[test]
fn what_is_written_installs_what_is_kept() {
    let seen = tell(FARM);
    for emitter in ECOSYSTEM.emitters {
        for written in (emitter.emit)(&seen.project().plan, &[]).unwrap() {
            let source =
                Source { path: &written.path, bytes: written.content.as_bytes(), settings: &Settings::default() };
            let names: Vec<String> = (emitter.reread)(&source).requires.into_iter().map(|r| r.name).collect();
            assert_eq!(names, seen.kept(), "{}", emitter.name);
        }
    }
}

#[test]
fn the_projects_own_packages_are_in_no_plan() {
    let seen = tell(
        "
        == toy.list
        @project farm
        barn
        paint
        == toy.lock
        package barn 0
        own
        needs oil
        package paint 1
        package oil 1
        == farm/main.toy
        use barn
        use paint
        ++ barn 0
        own
        needs oil
        ++ paint 1
        ++ oil 1
        ",
    );
    assert_eq!(seen.kept(), ["oil", "paint"]);
    assert_eq!(seen.verdicts(), "oil transitive, paint used");
    assert_eq!(seen.findings(), "");
}

#[test]
fn what_a_member_of_the_repository_requires_stays() {
    // It is in the repository for its own sake: nothing says that nobody uses it.
    let seen = tell(
        "
        == toy.list
        barn
        oil
        == farm/main.toy
        ++ barn 0
        own
        needs oil
        ++ oil 1
        ",
    );
    assert_eq!(seen.findings(), "");
    assert_eq!(seen.kept(), ["oil"]);
}

#[test]
fn the_project_itself_needs_nothing_just_because_it_is_installed() {
    let seen = tell(
        "
        == toy.list
        @project farm
        farm [fast]
        paint
        == farm/main.toy
        use farm.fence
        == farm/fence.toy
        ++ farm 0
        own
        needs paint
        extra fast
        needs rocket if extra fast
        ++ paint 1
        ++ rocket 1
        ",
    );
    assert_eq!(seen.findings(), "SLIM001 paint");
    assert_eq!(seen.kept(), Vec::<&str>::new());
}

#[test]
fn the_condition_of_a_line_stays_with_it() {
    let seen = tell(
        "
        == toy.list
        paint if glibc
        oil if not musl
        == farm/main.toy
        use paint
        use oil
        ++ paint 1
        needs oil
        ++ oil 1
        ",
    );
    assert_eq!(kept(&seen, "paint").condition.as_deref(), Some("glibc"));
    assert_eq!(kept(&seen, "oil").condition, None);
}

#[test]
fn a_plan_for_another_platform_keeps_other_packages() {
    let text = "
        == toy.list
        paint
        == farm/main.toy
        use paint
        ++ paint 1
        needs tar if musl
        needs oil if not musl
        ++ oil 1
        ++ tar 1
        ";
    assert_eq!(tell(text).kept(), ["oil", "paint"]);
    assert_eq!(story(text).on("linux-aarch64-musl").run().kept(), ["paint", "tar"]);
}
