//! Configurations from files to meaning.

use super::*;
use depslim::policy::FailOn;
use depslim_model::{Code, Severity};
use fs_err as fs;

/// Writes files into a new folder with a repository and loads the configuration of `root` in it.
fn load_in(files: &[(&str, &str)], root: &str, sources: &Sources) -> (tempfile::TempDir, Result<Config, Vec<Mistake>>) {
    let tree = tempfile::tempdir().unwrap();
    fs::create_dir_all(tree.path().join(".git")).unwrap();
    fs::create_dir_all(tree.path().join(root)).unwrap();
    for (file, text) in files {
        let file = tree.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let root = if root == "." { tree.path().to_owned() } else { tree.path().join(root) };
    let config = load(&root, tree.path(), sources, "2026-11-21".parse().unwrap());
    (tree, config)
}

fn config(text: &str, root: &str) -> Config {
    load_in(&[("depslim.toml", text)], root, &Sources::default()).1.unwrap()
}

/// `file:line: message` of what is wrong, files relative to the tree.
fn mistakes(files: &[(&str, &str)], sources: &Sources) -> Vec<String> {
    let (tree, config) = load_in(files, ".", sources);
    let prefix = format!("{}/", tree.path().display());
    config.unwrap_err().into_iter().map(|m| format!("{}: {}", m.place, m.message).replace(&prefix, "")).collect()
}

#[test]
fn without_a_configuration_everything_has_its_default() {
    let (_tree, config) = load_in(&[], ".", &Sources::default());
    let config = config.unwrap();
    assert_eq!(config.file, None);
    assert_eq!((config.options.heavy, config.policy.fail_on), (25_000_000, FailOn::Error));
    assert_eq!(config.options.target.to_string(), "linux-x86_64-glibc");
}

#[test]
fn values_reach_analysis_and_policy() {
    let config = config(
        r#"
            exclude = ["examples/**"]
            ecosystems = ["python"]
            fail-on = "warn"
            heavy = "5 MB"
            baseline = "known.json"
            target = "linux-aarch64-musl"
            rules = { heavy-dependency = "off", SLIM004 = "error" }
            budget = { prod-total = "150 MB" }
            export.out-dir = "deploy/slim"
            [python]
            environment = ".venv"
            module-map = { opencv-python = ["cv2"] }
        "#,
        ".",
    );
    assert_eq!((config.options.ecosystems.as_slice(), config.options.heavy), (&["python".to_owned()][..], 5_000_000));
    assert_eq!(
        (config.options.exclude.as_slice(), config.options.target.libc.as_str()),
        (&["examples/**".to_owned()][..], "musl")
    );
    let python = config.options.settings_in("python", "api");
    assert_eq!((python.one("environment"), python.one("module-map.opencv-python")), (Some(".venv"), Some("cv2")));
    assert_eq!(
        config.policy.rules.into_iter().collect::<Vec<_>>(),
        [(Code::Heavy, Severity::Off), (Code::Undeclared, Severity::Error)]
    );
    let limit = config.policy.budget.prod_total.unwrap();
    assert_eq!(
        (limit.bytes, limit.place.map(|at| (at.file, at.line))),
        (150_000_000, Some(("depslim.toml".to_owned(), 9)))
    );
    assert!(config.baseline.unwrap().ends_with("known.json"));
    assert!(config.out_dir.unwrap().ends_with("deploy/slim"));
}

#[test]
fn folders_override_what_is_above_them() {
    let text = r#"
        heavy = "20 MB"
        [[project]]
        path = "services/api"
        fail-on = "never"
        heavy = "2 MB"
        exclude = ["samples/**", "tmp"]
        target = "linux-x86_64-musl"
        budget.prod-total = "200 MB"
        python.environment = "env"
        rules.SLIM003 = "error"
    "#;
    let config_at_top = config(text, ".");
    assert_eq!(config_at_top.options.heavy, 2_000_000);
    assert_eq!(config_at_top.options.exclude, ["/services/api/samples/**", "/services/api/**/tmp"]);
    let folders = &config_at_top.policy.folders;
    assert_eq!(
        folders.iter().map(|f| (f.path.as_str(), f.heavy)).collect::<Vec<_>>(),
        [(".", Some(20_000_000)), ("services/api", Some(2_000_000))]
    );
    assert_eq!(config_at_top.options.target_in("services/api").libc, "musl");

    // The same configuration, for that folder alone and for another one.
    let inside = config(text, "services/api");
    assert_eq!(inside.options.exclude, ["samples/**", "tmp"]);
    assert_eq!(inside.options.settings_in("python", ".").one("environment"), Some("env"));
    let outside = config(text, "web");
    assert!(outside.policy.folders.is_empty() && outside.options.folders.is_empty());
}

#[test]
fn ignores_keep_packages_until_their_day() {
    let config = config(
        r#"
            [[ignore]]
            package = "pypi:gunicorn"
            rules = ["SLIM001"]
            reason = "started by the platform"
            [[ignore]]
            package = "pypi:old"
            until = 2026-11-20
            [[ignore]]
            package = "pypi:plot"
            rules = ["SLIM003"]
        "#,
        ".",
    );
    let kept: Vec<_> = config.options.keep.iter().map(|keep| (keep.package.as_str(), keep.reason.as_str())).collect();
    assert_eq!(kept, [("pypi:gunicorn", "started by the platform")]);
    let places: Vec<_> = config.policy.ignores.iter().map(|ignore| ignore.place.as_ref().unwrap().line).collect();
    assert_eq!(places, [2, 6, 9]);
}

#[test]
fn ignores_are_seen_from_the_analysed_folder() {
    let text = r#"
        [[ignore]]
        package = "a"
        [[ignore]]
        package = "b"
        path = "services/api"
        [[ignore]]
        package = "c"
        path = "web"
        [[project]]
        path = "services"
        [[project.ignore]]
        package = "d"
        path = "api"
    "#;
    let show = |root: &str| {
        let ignores = config(text, root).policy.ignores;
        let one = |ignore: &depslim::policy::Ignore| {
            format!("{} {} {}", ignore.label(), ignore.path.as_deref().unwrap_or("-"), ignore.only_here)
        };
        ignores.iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(show("."), ["a - true", "b services/api true", "c web true", "d services/api true"]);
    assert_eq!(show("services"), ["a - false", "b api true", "d api true"]);
    assert_eq!(show("services/api"), ["a - false", "b - true", "d - true"]);
    assert_eq!(config(text, "services").policy.ignores[0].place.as_ref().unwrap().file, "../depslim.toml");
}

#[test]
fn a_configuration_lies_over_what_it_extends() {
    let files = [
        ("depslim.toml", "extends = 'org/base.toml'\nheavy = 1\n"),
        ("org/base.toml", "extends = '../deep.toml'\nheavy = 2\nfail-on = 'warn'\nbaseline = 'known.json'\n"),
        ("deep.toml", "[rules]\nSLIM003 = 'off'\n"),
    ];
    let (tree, config) = load_in(&files, ".", &Sources::default());
    let config = config.unwrap();
    assert_eq!((config.options.heavy, config.policy.fail_on), (1, FailOn::Warn));
    assert_eq!(config.policy.rules.get(&Code::Heavy), Some(&Severity::Off));
    // As if it were written in the file that extends it.
    assert_eq!(config.baseline, Some(tree.path().join("known.json")));
}

#[test]
fn what_is_wrong_with_extends_is_told_where_it_stands() {
    let none = Sources::default();
    assert_eq!(
        mistakes(&[("depslim.toml", "heavy = 1\nextends = 'gone.toml'\n")], &none),
        ["depslim.toml:2: gone.toml: no such file"]
    );
    assert_eq!(
        mistakes(&[("depslim.toml", "extends = 'a.toml'"), ("a.toml", "\nextends = 'depslim.toml'")], &none),
        ["a.toml:2: `extends` goes round in circles: depslim.toml"]
    );
    assert_eq!(
        mistakes(&[("depslim.toml", "extends = 'a.toml'"), ("a.toml", "\n\nheavvy = 1")], &none),
        ["a.toml:3: unknown key `heavvy`; did you mean `heavy`?"]
    );
    assert_eq!(
        mistakes(&[("depslim.toml", "extends = 'sub/pyproject.toml'"), ("sub/pyproject.toml", "[project]")], &none),
        ["depslim.toml:1: sub/pyproject.toml has no table `tool.depslim`"]
    );
}

#[test]
fn the_command_line_lies_over_the_file() {
    let files =
        [("depslim.toml", "heavy = 1\nfail-on = 'warn'\n"), ("other.toml", "heavy = 7\n[[ignore]]\npath = 'api'\n")];
    let keys = Sources { keys: vec!["heavy=2".to_owned(), "heavy=3 MB".to_owned()], ..Sources::default() };
    let config = load_in(&files, ".", &keys).1.unwrap();
    assert_eq!((config.options.heavy, config.policy.fail_on), (3_000_000, FailOn::Warn));
    let isolated = load_in(&files, ".", &Sources { isolated: true, ..keys }).1.unwrap();
    assert_eq!((isolated.options.heavy, isolated.policy.fail_on), (3_000_000, FailOn::Error));
    // Paths of a named file are about the analysed folder.
    let named = Sources { file: Some("other.toml".into()), ..Sources::default() };
    let config = load_in(&files, "web", &named).1.unwrap();
    assert_eq!((config.options.heavy, config.policy.fail_on), (7, FailOn::Error));
    assert_eq!(config.policy.ignores[0].path.as_deref(), Some("api"));
}

#[test]
fn what_is_wrong_on_the_command_line_is_told_as_such() {
    let with = |key: &str| mistakes(&[], &Sources { keys: vec![key.to_owned()], ..Sources::default() });
    assert_eq!(with("fail-on=sometimes"), ["--config: `fail-on`: `sometimes` is none of error, warn, never"]);
    assert_eq!(with("haevy=1"), ["--config: unknown key `haevy`; did you mean `heavy`?"]);
    let gone = Sources { file: Some("gone.toml".into()), ..Sources::default() };
    assert_eq!(mistakes(&[], &gone), ["--config: gone.toml: no such file"]);
}
