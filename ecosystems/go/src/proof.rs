//! How it is shown that a trimmed `go.mod` still builds: programs and tests are built on a copy, and the words of the compiler.

use depslim_model::proof::{Copied, Lack, Missing, Proof, Script, Trial, Variable, unwatched};

/// What is said of proofs.
pub(crate) const PROOF: Proof = Proof {
    copy: Copied::Declared,
    programs: &[],
    placed: &[],
    variables,
    trial,
    missing,
    place,
    places_follow: false,
    pin: |name, version| if version.is_empty() { name.to_owned() } else { format!("{name} {version}") },
    prepare: None,
    made: &[],
    watch: unwatched,
    loaded: |_| None,
    about: &[],
    trims: &[],
};

fn variables(trial: &Trial<'_>) -> Vec<Variable> {
    let cache = trial.scratch.join("cache").to_string_lossy().into_owned();
    let set = |name: &str, value: &str| Variable::Set(name.to_owned(), value.to_owned());
    vec![set("GOCACHE", &cache), set("GOTOOLCHAIN", "local"), set("GOPROXY", "off"), set("GOFLAGS", "-mod=mod")]
}

/// Builds programs and tests; none of them is run.
#[expect(clippy::unnecessary_wraps, reason = "other languages have projects without anything to run")]
fn trial(_trial: &Trial<'_>) -> Result<Script, String> {
    let words = ["go", "test", "-vet=off", "-run=^$", "-exec=true", "./..."];
    Ok(Script {
        words: words.map(str::to_owned).to_vec(),
        about: "builds programs and tests (go test -exec=true ./...)".to_owned(),
        ..Script::default()
    })
}

/// Words before the path of a package that no module supplies.
const LACKS: &[&str] = &[
    "no required module provides package ",
    "cannot find module providing package ",
    "missing go.sum entry for module providing package ",
];

fn missing(line: &str) -> Vec<Missing> {
    let found = LACKS.iter().filter_map(|words| line.split_once(words));
    let names = found.map(|(_, rest)| rest.split([' ', ';', ':', '(']).next().unwrap_or_default());
    // The module is a beginning of the package's path.
    names
        .flat_map(|name| {
            let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
            ends.map(|end| Missing::new(Lack::Package, &name[..end])).collect::<Vec<_>>()
        })
        .collect()
}

/// `main.go:5:2: no required module provides package …`.
fn place(line: &str) -> Option<(String, u32)> {
    let mut parts = line.trim().splitn(3, ':');
    let (file, line) = (parts.next()?, parts.next()?);
    file.ends_with(".go").then_some(())?;
    Some((file.to_owned(), line.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_what_is_missing() {
        let line = "main.go:5:2: no required module provides package example.invalid/log/v2/sink; to add it:";
        let names: Vec<String> = missing(line).into_iter().map(|missing| missing.name).collect();
        let all = ["example.invalid", "example.invalid/log", "example.invalid/log/v2", "example.invalid/log/v2/sink"];
        assert_eq!(names, all);
        assert_eq!(place(line), Some(("main.go".to_owned(), 5)));
        assert_eq!((missing("ok"), place("ok")), (vec![], None));
    }
}
