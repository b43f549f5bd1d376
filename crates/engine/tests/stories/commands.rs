//! What container, process, build and CI files run: who is used by it, and for whom.

use crate::teller::tell;
use depslim_model::report::Status;

/// `web-server` supplies the program `serve`, which `FILE` runs.
fn serve(file: &str, text: &str) -> crate::teller::Seen {
    tell(&format!(
        "
        == toy.list
        web-server
        == farm/main.toy
        == {file}
        {text}
        ++ web-server 1
        program serve
        "
    ))
}

#[test]
fn a_program_is_used_wherever_production_runs_it() {
    for (file, text, place) in [
        ("Dockerfile", "FROM toy:2\n        CMD [\"serve\", \"farm.main\"]", "dockerfile Dockerfile:2 serve farm.main"),
        ("Procfile", "web: serve farm.main", "script Procfile:1 serve farm.main"),
        (
            "compose.yaml",
            "services:\n          web:\n            command: serve farm.main",
            "dockerfile compose.yaml:3 serve farm.main",
        ),
        ("start.sh", "exec serve farm.main", "script start.sh:1 serve farm.main"),
        ("Makefile", "run:\n        \tserve farm.main", "script Makefile:2 serve farm.main"),
    ] {
        let seen = serve(file, text);
        assert_eq!(seen.verdicts(), "web-server used", "{file}");
        assert_eq!(seen.why("web-server"), [place], "{file}");
    }
}

#[test]
fn a_program_is_used_through_its_path_and_its_wrappers() {
    for line in ["/usr/bin/serve x", "exec serve x", "env MODE=1 serve x", "toyget exec serve x", "sh -c 'serve x'"] {
        assert_eq!(serve("Procfile", &format!("web: {line}")).verdicts(), "web-server used", "{line}");
    }
}

#[test]
fn an_earlier_stage_of_an_image_uses_its_programs_too() {
    let seen = serve(
        "Dockerfile",
        "FROM toy:2 AS build\n        RUN serve --compile\n        FROM scratch\n        COPY --from=build /x /x",
    );
    assert_eq!(seen.seat().status("web-server"), Status::Used);
}

#[test]
fn what_the_final_stage_runs_while_it_is_built_is_used() {
    let seen = serve("Dockerfile", "FROM toy:2\n        RUN toyget install && serve --warm-up\n        CMD other");
    assert_eq!(seen.why("web-server"), ["dockerfile Dockerfile:2 serve --warm-up"]);
}

#[test]
fn a_tool_that_ci_runs_is_for_development() {
    let seen = tell(
        "
        == toy.list
        checker
        == farm/main.toy
        == .github/workflows/ci.yml
        jobs:
          test:
            steps:
              - run: check --all
        == Makefile
        test:
        \tcheck --all
        ++ checker 1
        program check
        ",
    );
    assert_eq!(seen.verdicts(), "checker development");
    assert_eq!(seen.findings(), "SLIM002 checker");
}

#[test]
fn a_module_that_a_makefile_runs_is_treated_like_a_program() {
    for command in ["serve farm.main", "toyrun web_server farm.main"] {
        assert_eq!(serve("Makefile", &format!("run:\n        \t{command}")).findings(), "", "{command}");
    }
}

#[test]
fn a_program_may_be_known_by_the_table_alone() {
    let seen = tell(
        "
        == toy.list
        web-server
        == Procfile
        web: serve farm.main
        ",
    );
    assert_eq!(seen.verdicts(), "web-server used");
}

#[test]
fn a_program_that_several_packages_supply_uses_all_of_them() {
    let seen = tell(
        "
        == toy.list
        one
        two
        == Procfile
        web: play
        ++ one 1
        program play
        ++ two 1
        program play
        ",
    );
    assert_eq!(seen.verdicts(), "one used, two used");
}

#[test]
fn a_module_that_a_command_loads_is_used() {
    let seen = tell(
        "
        == toy.list
        honey
        wax
        == Dockerfile
        FROM toy:2
        CMD toyrun honey.main
        ++ honey 1
        == toybox/honey/main.toy
        use wax
        ++ wax 1
        ",
    );
    assert_eq!(seen.verdicts(), "honey used, wax used");
    assert_eq!(seen.why("honey"), ["dockerfile Dockerfile:2 honey.main"]);
}

#[test]
fn a_module_that_stands_among_the_arguments_is_used() {
    for line in ["serve -k green.fast farm.main", "serve --kind=green.fast farm.main", "serve green.fast:start"] {
        let seen = tell(&format!(
            "
            == toy.list
            web-server
            green
            == farm/main.toy
            == Procfile
            web: {line}
            ++ web-server 1
            program serve
            ++ green 1
            == toybox/green/fast.toy
            "
        ));
        assert_eq!(seen.verdicts(), "green used, web-server used", "{line}");
    }
}

#[test]
fn a_tool_that_production_starts_is_production() {
    let seen = tell(
        "
        == toy.list
        checker
        == Dockerfile
        FROM toy:2
        CMD check --serve
        ++ checker 1
        program check
        ",
    );
    assert_eq!(seen.verdicts(), "checker used");
}

#[test]
fn the_runtime_of_the_image_decides() {
    let seen = tell(
        "
        == toy.list
        @runtime >=2
        honey
        == farm/main.toy
        use honey
        == Dockerfile
        FROM toy:3.1-slim
        ++ honey 1
        == toybox/runtime
        2.7
        ",
    );
    assert_eq!(seen.project().report.runtime.as_deref(), Some("3.1 (Dockerfile:1)"));
    assert_eq!(seen.project().target.runtime.as_deref(), Some("3.1"));
}

#[test]
fn what_was_searched_in_vain_is_said() {
    let seen = tell(
        "
        == toy.list
        honey
        == farm/main.toy
        == farm.toyrc
        == Dockerfile
        FROM toy:2
        == .github/workflows/ci.yml
        jobs: {}
        ++ honey 1
        ",
    );
    let evidence = &seen.seat().package("honey").usage.evidence;
    assert_eq!(evidence[0].files, Some(1));
    assert_eq!(evidence[0].places, ["toy source", "settings", "configuration files", "CI", "Dockerfile"]);
}

#[test]
fn what_is_declared_for_development_stays_there_when_a_makefile_runs_it() {
    let seen = tell(
        "
        == toy.list
        paint
        dev:
        web-server
        == farm/main.toy
        use paint
        == Makefile
        log:
        \tserve --changes
        ++ paint 1
        ++ web-server 1
        program serve
        ",
    );
    assert_eq!(seen.verdicts(), "paint used, web-server development");
    assert_eq!(seen.kept(), ["paint"]);
}

#[test]
fn what_builds_the_image_and_is_not_declared_comes_with_the_base() {
    let text = "
        == toy.list
        LINE
        == farm/main.toy
        use paint
        == Dockerfile
        FROM toy:2
        RUN toyget upgrade && fetch --all
        CMD [\"paint\"]
        ++ paint 1
        ++ fetch 1
        program fetch
        ";
    assert_eq!(tell(&text.replace("LINE", "paint")).kept(), ["paint"]);
    assert_eq!(tell(&text.replace("LINE", "paint\n        fetch")).kept(), ["fetch", "paint"]);
}

#[test]
fn a_procfile_may_start_a_script_of_its_name() {
    let seen = tell(
        "
        == toy.list
        web-server
        == farm/main.toy
        == Procfile
        web: bash Procfile.sh
        == Procfile.sh
        serve farm.main
        ++ web-server 1
        program serve
        ",
    );
    assert_eq!(seen.verdicts(), "web-server used");
}
