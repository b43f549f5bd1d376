//! Environment markers, decided by depslim and by the reference implementation (`packaging` of the Python Packaging Authority): the
//! same text, the same environment, the same answer.
use depslim_model::Target;
use depslim_python::ECOSYSTEM;
use depslim_tests::{run, uv};
use serde_json::json;

/// Whole versions of the runtime that answers are asked for.
const RUNTIMES: &[&str] = &["3.9.18", "3.10.13", "3.11.7", "3.12.1", "3.13.0", "3.14.2"];
const MACHINES: &[&str] = &["x86_64", "aarch64"];
/// The extra that is turned on, if any.
const EXTRAS: &[&str] = &["", "jam", "s3"];
const CASES: usize = 600;

/// Reads cases from standard input, and answers with a list of booleans.
const REFERENCE: &str = r#"
import json, sys
from packaging.markers import Marker

def answer(case):
    full = case["runtime"]
    return Marker(case["marker"]).evaluate({
        "implementation_name": "cpython", "implementation_version": full, "os_name": "posix",
        "platform_machine": case["machine"], "platform_python_implementation": "CPython", "platform_release": "",
        "platform_system": "Linux", "platform_version": "", "python_full_version": full,
        "python_version": ".".join(full.split(".")[:2]), "sys_platform": "linux", "extra": case["extra"],
    })

json.dump([answer(case) for case in json.load(open(sys.argv[1]))], sys.stdout)
"#;

#[test]
#[ignore = "installs real packages: cargo xtask test"]
fn markers_mean_what_the_reference_says() {
    let mut dice = Dice(0x5eed);
    let cases: Vec<(String, &str, &str, &str)> = (0..CASES)
        .map(|_| (marker(&mut dice, 3), dice.pick(RUNTIMES), dice.pick(MACHINES), dice.pick(EXTRAS)))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let (script, input) = (folder.path().join("reference.py"), folder.path().join("cases.json"));
    let as_json = |(marker, runtime, machine, extra): &(String, &str, &str, &str)| json!({ "marker": marker, "runtime": runtime, "machine": machine, "extra": extra });
    fs_err::write(&script, REFERENCE).unwrap();
    fs_err::write(&input, serde_json::to_vec(&cases.iter().map(as_json).collect::<Vec<_>>()).unwrap()).unwrap();
    let answers = run(uv()
        .current_dir(folder.path())
        .args(["run", "--quiet", "--no-project", "--with", "packaging==25.0", "python"])
        .args([&script, &input]));
    let answers: Vec<bool> = serde_json::from_str(&answers).unwrap();
    assert_eq!(answers.len(), CASES);
    assert!(answers.contains(&true) && answers.contains(&false));
    let wrong: Vec<String> = cases
        .iter()
        .zip(answers)
        .filter_map(|((marker, runtime, machine, extra), expect)| {
            let target =
                Target { arch: (*machine).to_owned(), runtime: Some((*runtime).to_owned()), ..Target::default() };
            let features = if extra.is_empty() { vec![] } else { vec![*extra] };
            let ours = (ECOSYSTEM.holds)(marker, &target, &features);
            (ours != expect).then(|| format!("{marker} on {runtime} {machine} [{extra}]: {ours}, expected {expect}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {CASES}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A marker of at most this many levels of parentheses.
fn marker(dice: &mut Dice, depth: u32) -> String {
    let parts = 1 + dice.below(3);
    let part = |dice: &mut Dice| match dice.below(3) {
        0 if depth > 0 => format!("({})", marker(dice, depth - 1)),
        _ => comparison(dice),
    };
    let mut text = part(dice);
    for _ in 1..parts {
        let joint = dice.pick(&[" and ", " or "]);
        text = text + joint + &part(dice);
    }
    text
}

fn comparison(dice: &mut Dice) -> String {
    let versions = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15", "4"];
    let whole = ["3.9.18", "3.10.0", "3.11.7", "3.12", "3.13.0", "3.14.0rc1", "3.14"];
    let (variable, operator, value) = match dice.below(8) {
        0 | 1 => ("python_version", dice.pick(&["<", "<=", ">", ">=", "==", "!="]), dice.pick(&versions)),
        2 => ("python_full_version", dice.pick(&["<", "<=", ">", ">=", "==", "!="]), dice.pick(&whole)),
        3 => ("python_version", "~=", dice.pick(&["3.9", "3.11", "3.12"])),
        4 => ("sys_platform", dice.pick(&["==", "!="]), dice.pick(&["linux", "win32", "darwin"])),
        5 => ("platform_machine", dice.pick(&["==", "!="]), dice.pick(&["x86_64", "aarch64", "AMD64"])),
        6 => (
            dice.pick(&["platform_system", "os_name", "platform_python_implementation", "implementation_name"]),
            dice.pick(&["==", "!="]),
            dice.pick(&["Linux", "Windows", "posix", "nt", "CPython", "cpython", "PyPy"]),
        ),
        _ => ("extra", dice.pick(&["==", "!="]), dice.pick(&["jam", "s3", "Jam"])),
    };
    let quote = dice.pick(&["'", "\""]);
    // Either side may hold the variable; an order turns with its sides.
    let turned = matches!(operator, "==" | "!=" | "<" | ">") && variable != "extra" && dice.below(5) == 0;
    if turned {
        format!("{quote}{value}{quote} {operator} {variable}")
    } else {
        format!("{variable} {operator} {quote}{value}{quote}")
    }
}

/// The same rolls each time ([xorshift](https://www.jstatsoft.org/article/view/v008i14)).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}
