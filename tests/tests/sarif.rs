//! SARIF logs of every language against the schema of the standard: well-formed where names and paths are odd, too.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage up has to fail")]

use depslim_tests::git::{commit, init, put};
use depslim_tests::small::ALL;
use depslim_tests::venv::install;
use depslim_tests::{depslim, project, run, stderr, tools};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate that carries the schema of SARIF 2.1.0 as OASIS publishes it.
const CARRIER: (&str, &str) = ("serde-sarif", "0.8.0");

/// Validates each file and prints what is wrong with it, a line each.
const VALIDATE: &str = "\
import json, sys
from jsonschema import Draft7Validator
schema = json.load(open(sys.argv[1]))
Draft7Validator.check_schema(schema)
validator = Draft7Validator(schema)
for path in sys.argv[2:]:
    for error in validator.iter_errors(json.load(open(path, encoding='utf-8'))):
        print(path, error.json_path, error.message[:200])
";

/// Gets the schema by cargo, as any dependency is got.
fn schema(folder: &Path) -> PathBuf {
    let (name, version) = CARRIER;
    let manifest = format!(
        "[package]\nname = \"schema\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{name} = \"={version}\"\n\n[workspace]\n"
    );
    put(folder, "Cargo.toml", &manifest);
    put(folder, "src/lib.rs", "");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let said = run(Command::new(cargo).current_dir(folder).args(["metadata", "--format-version", "1", "--quiet"]));
    let about: Value = serde_json::from_str(&said).unwrap();
    let packages = about["packages"].as_array().unwrap();
    let carrier = packages.iter().find(|package| package["name"] == name).unwrap();
    let file = Path::new(carrier["manifest_path"].as_str().unwrap()).parent().unwrap().join("src/schema.json");
    let text = fs_err::read_to_string(&file).unwrap();
    assert!(text.contains("sarif-schema-2.1.0") && text.len() > 100_000, "{} is another schema", file.display());
    file
}

/// What is wrong with logs.
fn wrong(schema: &Path, logs: &[PathBuf]) -> Vec<String> {
    let said = run(Command::new(tools().join("python")).args(["-c", VALIDATE]).arg(schema).args(logs));
    said.lines().map(str::to_owned).collect()
}

/// A log about a folder, below the folder of logs.
fn log(folder: &Path, into: &Path, name: &str, flags: &[&str]) -> (PathBuf, Value) {
    let file = into.join(format!("{name}.sarif"));
    let words = [&["-v", "--exit-zero", "-o", file.to_str().unwrap()], flags].concat();
    let said = depslim(folder, &words);
    assert!(file.exists(), "{name}: {}", stderr(&said));
    let value = serde_json::from_str(&fs_err::read_to_string(&file).unwrap()).unwrap();
    (file, value)
}

fn results(log: &Value) -> &[Value] {
    log["runs"][0]["results"].as_array().unwrap()
}

#[test]
#[ignore = "installs real packages"]
fn logs_satisfy_the_schema_of_the_standard() {
    let (stage, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let schema = schema(stage.path());
    let mut files = Vec::new();
    for small in ALL {
        let (made, of) = (small.make(), small.ecosystem);
        let (file, value) = log(made.path(), logs.path(), of, &[]);
        let ids: Vec<&Value> = results(&value).iter().map(|result| &result["ruleId"]).collect();
        assert!(ids.contains(&&json!("SLIM001")) && ids.contains(&&json!("SLIM002")), "{of}: {ids:?}");
        assert!(results(&value).iter().any(|result| result["fixes"].is_array()), "{of} has no fix to write down");
        files.push(file);
        // Against a base, where every result has a state.
        init(made.path());
        commit(made.path(), "first");
        let (file, value) = log(made.path(), logs.path(), &format!("{of}-base"), &["--base", "HEAD"]);
        assert!(results(&value).iter().all(|result| result["baselineState"] == "unchanged"), "{of}");
        files.push(file);
    }

    // Strings that are hard to write down, in paths, in names and in code.
    let odd = "a b%20c/x#y?z&\u{e9}\u{202e}\"q\"<s>";
    let folder = project(&[
        (
            &format!("{odd}/package.json"),
            "{\"dependencies\":{\"<img src=x>\":\"1\",\"a\\u0000b\":\"1\",\"@Sc/\u{1f600}\":\"1\",\"a%40b\":\"1\"}}",
        ),
        (&format!("{odd}/index.js"), "console.log('\u{0}\u{feff}')\n"),
        (&format!("{odd}/py/requirements.txt"), "idle==1.0 # \u{1b}[31m\r\nnot a (requirement\r\n"),
        (&format!("{odd}/py/m\u{0308} a.py"), "import os\n"),
        ("broken/pyproject.toml", "[project\n"),
        ("broken/package.json", "{"),
        ("broken/pom.xml", "<project>"),
    ]);
    install(&folder.path().join(odd).join("py"), "idle", "1.0", 1000);
    let (file, value) = log(folder.path(), logs.path(), "odd", &[]);
    let about = results(&value).iter().map(Value::to_string).collect::<String>();
    assert!(about.contains("%23y%3Fz") && about.contains("idle"), "{about}");
    assert_eq!(value["runs"][0]["invocations"][0]["executionSuccessful"], false);
    files.push(file);

    assert_eq!(wrong(&schema, &files), Vec::<String>::new());

    // The schema sees what is wrong: a version, a level and a missing message.
    for (place, bad) in [
        ("/version", json!("2.0.0")),
        ("/runs/0/results/0/level", json!("fatal")),
        ("/runs/0/results/0/message", json!({})),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(0)),
    ] {
        let mut spoiled = value.clone();
        *spoiled.pointer_mut(place).unwrap() = bad;
        let file = logs.path().join("spoiled.sarif");
        fs_err::write(&file, spoiled.to_string()).unwrap();
        assert_ne!(wrong(&schema, &[file]), Vec::<String>::new(), "{place}");
    }
}
