//! Wheels: which file of a locked package an image would install, by its tags
//! ([platform compatibility tags](https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/)).

use depslim_model::{Artifact, Target};

/// The artifact that the target installs: the most specific wheel that fits, else the source distribution.
pub(crate) fn choose(artifacts: &[Artifact], target: &Target) -> Option<usize> {
    let ranked = artifacts.iter().enumerate().filter_map(|(at, artifact)| Some((rank(&artifact.file, target)?, at)));
    ranked.min().map(|(_, at)| at)
}

/// Lower is better; `None` when the file does not fit the target.
fn rank(file: &str, target: &Target) -> Option<u32> {
    let Some(stem) = file.strip_suffix(".whl") else {
        let source = [".tar.gz", ".zip", ".tar.bz2", ".tar.xz"].iter().any(|end| file.ends_with(end));
        return source.then_some(1000);
    };
    let mut tags = stem.rsplit('-');
    let (platform, abi, python) = (tags.next()?, tags.next()?, tags.next()?);
    let platform = platform.split('.').filter_map(|p| platform_rank(p, target)).min()?;
    let python = python.split('.').filter_map(|p| python_rank(p, abi, target)).min()?;
    Some(python * 10 + platform)
}

fn platform_rank(platform: &str, target: &Target) -> Option<u32> {
    if platform == "any" {
        return Some(5);
    }
    let family = if target.libc == "musl" { "musllinux" } else { "manylinux" };
    let fits = platform.ends_with(&target.arch)
        && (platform.starts_with(family) || platform == format!("linux_{}", target.arch));
    fits.then_some(1)
}

fn python_rank(python: &str, abi: &str, target: &Target) -> Option<u32> {
    let minor = target.runtime.as_deref().and_then(|r| r.split('.').nth(1)).and_then(|m| m.parse::<u32>().ok());
    if let Some(version) = python.strip_prefix("cp3") {
        let own: u32 = version.parse().ok()?;
        return match (abi, minor) {
            // A stable-ABI wheel serves its own version and every later one.
            ("abi3", Some(minor)) => (own <= minor).then_some(2),
            ("abi3", None) => Some(2),
            (abi, Some(minor)) => (own == minor && (abi == "none" || abi == format!("cp3{own}"))).then_some(1),
            (abi, None) => (!abi.ends_with('t')).then_some(3),
        };
    }
    match python {
        "py3" | "py2.py3" => Some(4),
        _ => python
            .strip_prefix("py3")
            .and_then(|v| v.parse::<u32>().ok())
            .filter(|own| minor.is_none_or(|m| *own <= m))
            .map(|_| 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[&str], libc: &str, runtime: &str, expect: Option<&str>) {
        let artifacts: Vec<Artifact> =
            files.iter().map(|f| Artifact { file: (*f).to_owned(), ..Artifact::default() }).collect();
        let target = Target { libc: libc.into(), runtime: Some(runtime.into()), ..Target::default() };
        assert_eq!(choose(&artifacts, &target).map(|at| files[at]), expect);
    }

    #[test]
    fn the_wheel_that_fits_the_image_is_chosen() {
        let files = [
            "bird-1.0.tar.gz",
            "bird-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "bird-1.0-cp311-cp311-musllinux_1_2_x86_64.whl",
            "bird-1.0-cp39-abi3-manylinux_2_28_x86_64.whl",
            "bird-1.0-cp311-cp311-win_amd64.whl",
            "bird-1.0-cp311-cp311-manylinux_2_17_aarch64.whl",
        ];
        check(&files, "glibc", "3.11", Some(files[1]));
        check(&files, "musl", "3.11", Some(files[2]));
        check(&files, "glibc", "3.13", Some(files[3]));
        check(&files, "musl", "3.13", Some(files[0]));
        check(&["fish-2-py3-none-any.whl"], "musl", "3.9", Some("fish-2-py3-none-any.whl"));
        check(&["x-1-cp313-cp313t-manylinux_2_28_x86_64.whl"], "glibc", "3.13", None);
        check(&["nonsense", "a.whl", ""], "glibc", "3.9", None);
    }
}
