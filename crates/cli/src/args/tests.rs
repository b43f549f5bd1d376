//! What command lines mean.

use super::*;

fn read(line: &str) -> Result<Cli, clap::Error> {
    let words = std::iter::once("depslim").chain(line.split_whitespace());
    parse(Program::Depslim, words.map(OsString::from).collect())
}

/// The command's name and its paths.
fn command(line: &str) -> (&'static str, Vec<String>) {
    let cli = read(line).unwrap();
    let show = |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect();
    match &cli.command {
        None => ("", show(&cli.check.paths)),
        Some(Command::Check(check)) => ("check", show(&check.paths)),
        Some(Command::Why(why)) => ("why", show(std::slice::from_ref(&why.path))),
        Some(Command::Export(export)) => ("export", show(std::slice::from_ref(&export.path))),
        Some(Command::Prove(prove)) => ("prove", show(std::slice::from_ref(&prove.path))),
        Some(Command::Debug(debug)) => ("debug", show(std::slice::from_ref(&debug.path))),
        Some(Command::Comment(comment)) => ("comment", show(std::slice::from_ref(&comment.path))),
        Some(Command::Generate(_)) => ("generate", Vec::new()),
    }
}

fn wrong(line: &str) -> String {
    read(line).unwrap_err().to_string()
}

#[test]
fn the_definition_is_sound() {
    for program in [Program::Depslim, Program::CargoSlimDeps] {
        definition(program).debug_assert();
    }
}

#[test]
fn check_is_what_happens_without_a_command() {
    for (line, expect) in [
        ("", ("", vec!["."])),
        ("web services/api", ("", vec!["web", "services/api"])),
        ("--base x.json", ("", vec!["."])),
        ("--base x.json web", ("", vec!["web"])),
        ("check web", ("check", vec!["web"])),
        ("check", ("check", vec!["."])),
        ("./why", ("", vec!["./why"])),
        ("web why", ("", vec!["web", "why"])),
        ("-- check", ("", vec!["check"])),
        ("-v export web", ("export", vec!["web"])),
        ("export -v", ("export", vec!["."])),
        ("debug graph web", ("debug", vec!["web"])),
    ] {
        let (name, paths) = command(line);
        assert_eq!((name, paths), (expect.0, expect.1.into_iter().map(str::to_owned).collect()), "{line}");
    }
}

#[test]
fn a_flag_of_check_before_another_command_is_refused() {
    assert!(wrong("--base x.json export").contains("put it behind: depslim export --base"));
    assert!(wrong("--top 3 why pandas").contains("depslim why --top"));
    assert!(wrong("--fix check").contains("depslim check --fix"));
    for line in ["-q why pandas", "--config a=1 export", "--jobs 2 check"] {
        assert!(read(line).is_ok(), "{line}");
    }
}

#[test]
fn rules_are_named_by_code_or_name() {
    let rules = read("--select SLIM001,dev-in-prod --select heavy-dependency --ignore slim004").unwrap().check.rules;
    assert_eq!(rules.select, Some(vec![Code::Unused, Code::DevInProd, Code::Heavy]));
    assert_eq!(rules.ignore, [Code::Undeclared]);
    assert!(wrong("--select SLIM0001").contains("no such rule; did you mean `SLIM001`?"));
    assert!(wrong("--ignore unused-dependncy").contains("did you mean `unused-dependency`?"));
}

#[test]
fn words_that_mean_nothing_are_refused_with_a_hint() {
    for (line, expect) in [
        ("--fail-on eror", "'error'"),
        ("--output-format jsn", "'json'"),
        ("--output-format html", "[possible values: text"),
        ("--ecosystem pyhton", "'python'"),
        ("--scope production", "prod, dev, all"),
        ("--colour never", "'--color'"),
        ("--jobs 0", "0"),
        ("-o report.txt", ".json .jsonl .sarif .md .html"),
        ("--exit-zero --fail-on warn", "leave one of them out"),
        ("--isolated --config other.toml", "leave one of them out"),
        ("-q -v", "cannot be used with"),
        ("check --unsafe-fixes", "add one of them"),
        ("debug grpah", "'graph'"),
        ("generate schema reports", "'report'"),
    ] {
        let message = wrong(line);
        assert!(message.contains(expect), "{line}: {message}");
    }
}

#[test]
fn cargo_calls_with_the_name_of_the_subcommand() {
    for line in ["cargo-slim-deps slim-deps engine", "cargo-slim-deps engine"] {
        let mut cli = parse(Program::CargoSlimDeps, line.split(' ').map(OsString::from).collect()).unwrap();
        assert_eq!(cli.check.paths, [PathBuf::from("engine")]);
        assert!(cli.analyses().all(|analysis| analysis.ecosystem == ["rust"]));
    }
    let help = definition(Program::CargoSlimDeps).render_help().to_string();
    assert!(help.contains("Usage: cargo slim-deps") && help.starts_with("Find what the packages"), "{help}");
}

#[test]
fn flags_of_cargo_do_what_they_say() {
    let features = |line: &str| {
        let mut cli = parse(Program::CargoSlimDeps, line.split('|').map(OsString::from).collect()).unwrap();
        cli.analyses().next().unwrap().features.clone().map(|list| list.join(" "))
    };
    assert_eq!(features("cargo-slim-deps|slim-deps|."), None);
    assert_eq!(features("cargo-slim-deps|--all-features|."), None);
    assert_eq!(features("cargo-slim-deps|-F|a,b c|."), Some("default a b c".into()));
    assert_eq!(features("cargo-slim-deps|--no-default-features|--features|a|."), Some("a".into()));
    assert_eq!(features("cargo-slim-deps|--no-default-features|."), Some(String::new()));
    for (line, expect) in [
        ("cargo-slim-deps --offline --install", "--offline forbids it"),
        ("cargo-slim-deps --all-features --features a", "cannot be used with"),
        ("cargo-slim-deps -p a --workspace", "cannot be used with"),
        ("cargo-slim-deps why a --message-format json", "is for check"),
        ("cargo-slim-deps --message-format xml", "possible values"),
    ] {
        let told = parse(Program::CargoSlimDeps, line.split(' ').map(OsString::from).collect());
        assert!(told.unwrap_err().to_string().contains(expect), "{line}");
    }
}
