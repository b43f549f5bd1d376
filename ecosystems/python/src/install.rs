//! How a locked set is installed into a folder of depslim's own: by uv, else by pip, wheels only, so that nothing is built and no
//! code of a package or of the project runs.

use depslim_model::ecosystem::InstallPlan;

/// Command lines, in order of preference.
pub(crate) fn installers(plan: &InstallPlan<'_>) -> Vec<Vec<Vec<String>>> {
    let into = plan.into.to_string_lossy().into_owned();
    let python = plan.into.join("bin").join("python").to_string_lossy().into_owned();
    let mut what: Vec<String> = ["--only-binary", ":all:"].map(str::to_owned).to_vec();
    if plan.pins.is_empty() {
        let lists: Vec<&String> = plan.manifests.iter().filter(|m| m.ends_with(".txt") || m.ends_with(".in")).collect();
        if lists.is_empty() {
            return Vec::new();
        }
        what.extend(lists.into_iter().flat_map(|list| ["-r".to_owned(), list.clone()]));
    } else {
        what.push("--no-deps".into());
        what.extend(plan.pins.iter().cloned());
    }
    let line = |words: &[&str]| -> Vec<String> { words.iter().map(|w| (*w).to_owned()).collect() };
    let mut venv = line(&["uv", "venv", "--quiet", "--no-project"]);
    if let Some(runtime) = &plan.target.runtime {
        venv.extend(["--python".to_owned(), runtime.clone()]);
    }
    venv.push(into.clone());
    let mut uv = line(&["uv", "pip", "install", "--quiet", "--python", &python]);
    uv.extend(what.iter().cloned());
    let mut pip = line(&[&python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.extend(what);
    vec![vec![venv, uv], vec![line(&["python3", "-m", "venv", &into]), pip]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use depslim_model::Target;
    use std::path::Path;

    fn check(pins: &[&str], manifests: &[&str], expect: &[&str]) {
        let own = |list: &[&str]| -> Vec<String> { list.iter().map(|s| (*s).to_owned()).collect() };
        let (pins, manifests) = (own(pins), own(manifests));
        let target = Target { runtime: Some("3.11".into()), ..Target::default() };
        let plan = InstallPlan { pins: &pins, manifests: &manifests, into: Path::new("/c"), target: &target };
        let lines: Vec<String> = installers(&plan).first().into_iter().flatten().map(|l| l.join(" ")).collect();
        assert_eq!(lines, expect);
    }

    #[test]
    fn a_lock_is_installed_as_it_is_and_lists_otherwise_wheels_only() {
        check(
            &["wren==1.0"],
            &["pyproject.toml"],
            &[
                "uv venv --quiet --no-project --python 3.11 /c",
                "uv pip install --quiet --python /c/bin/python --only-binary :all: --no-deps wren==1.0",
            ],
        );
        check(
            &[],
            &["requirements.txt"],
            &[
                "uv venv --quiet --no-project --python 3.11 /c",
                "uv pip install --quiet --python /c/bin/python --only-binary :all: -r requirements.txt",
            ],
        );
        check(&[], &["pyproject.toml"], &[]);
    }
}
