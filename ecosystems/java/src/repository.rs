//! Local repositories: where Maven and Gradle keep what they fetched. Nothing is ever fetched here.

use depslim_model::Host;
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// A folder with artifacts by coordinates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Repository {
    /// `org/farm/barn/1.0/barn-1.0.jar`.
    Maven(PathBuf),
    /// `org.farm/barn/1.0/<hash>/barn-1.0.jar`.
    Gradle(PathBuf),
}

/// The repositories of this machine's user, the closest to the project first; those that exist.
pub(crate) fn repositories(host: &Host<'_>) -> Vec<Repository> {
    let mut all: Vec<Repository> = Vec::new();
    for configured in host.settings.list("repository") {
        all.push(Repository::Maven(host.root.join(configured)));
    }
    let home = (host.variable)("HOME").or_else(|| (host.variable)("USERPROFILE")).map(PathBuf::from);
    let home = home.filter(|home| home.is_absolute());
    let variables = ["MAVEN_ARGS", "MAVEN_OPTS"].into_iter().filter_map(|name| (host.variable)(name));
    let config = host.project.ancestors().take_while(|folder| folder.starts_with(host.root));
    let config = config.filter_map(|folder| fs_err::read_to_string(folder.join(".mvn/maven.config")).ok());
    let said = variables.chain(config).find_map(|text| repo_local(&text));
    match (said, &home) {
        (Some(path), _) => all.push(Repository::Maven(host.root.join(path))),
        (None, Some(home)) => {
            let settings = fs_err::read_to_string(home.join(".m2/settings.xml")).ok();
            let moved = settings.as_deref().and_then(|text| between(text, "<localRepository>", "</localRepository>"));
            let moved = moved.map(|path| path.replace("${user.home}", &home.to_string_lossy()));
            all.push(Repository::Maven(moved.map_or_else(|| home.join(".m2/repository"), PathBuf::from)));
        }
        (None, None) => {}
    }
    let gradle = (host.variable)("GRADLE_USER_HOME").map(PathBuf::from).or(home.map(|home| home.join(".gradle")));
    all.extend(gradle.map(|folder| Repository::Gradle(folder.join("caches/modules-2/files-2.1"))));
    all.retain(|repository| repository.root().is_dir());
    all
}

fn repo_local(text: &str) -> Option<String> {
    let word = text.split_whitespace().find_map(|word| word.strip_prefix("-Dmaven.repo.local="))?;
    Some(word.trim_matches('"').to_owned())
}

/// The text between two marks, comments left out.
fn between(text: &str, open: &str, close: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("<!--") {
        plain.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let (_, after) = plain.split_once(open)?;
    let (value, _) = after.split_once(close)?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

impl Repository {
    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        match self {
            Self::Maven(root) | Self::Gradle(root) => root,
        }
    }

    /// The file of an artifact, if it is there. `file` is what follows the version: `.pom`, `-tests.jar`.
    pub(crate) fn file(&self, group: &str, artifact: &str, version: &str, ending: &str) -> Option<PathBuf> {
        if ![group, artifact, version].iter().all(|part| is_plain(part)) {
            return None;
        }
        let name = format!("{artifact}-{version}{ending}");
        match self {
            Self::Maven(root) => {
                let folder = root.join(group.replace('.', "/")).join(artifact).join(version);
                Some(folder.join(name)).filter(|path| path.is_file())
            }
            Self::Gradle(root) => {
                let hashes = fs_err::read_dir(root.join(group).join(artifact).join(version)).ok()?;
                let mut found: Vec<PathBuf> =
                    hashes.flatten().map(|hash| hash.path().join(&name)).filter(|path| path.is_file()).collect();
                found.sort();
                found.into_iter().next()
            }
        }
    }

    /// The versions of an artifact that are here.
    fn versions(&self, group: &str, artifact: &str) -> Vec<String> {
        if !is_plain(group) || !is_plain(artifact) {
            return Vec::new();
        }
        let folder = match self {
            Self::Maven(root) => root.join(group.replace('.', "/")).join(artifact),
            Self::Gradle(root) => root.join(group).join(artifact),
        };
        let entries = fs_err::read_dir(folder).into_iter().flatten().flatten();
        entries.filter(|e| e.path().is_dir()).filter_map(|e| e.file_name().into_string().ok()).collect()
    }
}

/// The version that a constraint means: itself, or for a range the newest that is here and in it.
pub(crate) fn choose(repositories: &[Repository], group: &str, artifact: &str, constraint: &str) -> String {
    let constraint = constraint.trim();
    if !constraint.starts_with(['[', '(']) {
        return constraint.to_owned();
    }
    let here = repositories.iter().flat_map(|repository| repository.versions(group, artifact));
    let best = here.filter(|version| in_range(version, constraint)).max_by(|a, b| compare(a, b));
    best.unwrap_or_else(|| {
        constraint.trim_matches(['[', ']', '(', ')']).split(',').next().unwrap_or_default().to_owned()
    })
}

/// Whether a version lies in a Maven version range (`[1.0,2.0)`, `(,1.5],[2,)`).
fn in_range(version: &str, ranges: &str) -> bool {
    let mut rest = ranges;
    while let Some(start) = rest.find(['[', '(']) {
        let Some(end) = rest[start..].find([']', ')']) else { return false };
        let (open, inner, close) =
            (&rest[start..=start], &rest[start + 1..start + end], &rest[start + end..=start + end]);
        let (low, high) = inner.split_once(',').unwrap_or((inner, inner));
        let (low, high) = (low.trim(), high.trim());
        let above = low.is_empty()
            || match compare(version, low) {
                Ordering::Greater => true,
                Ordering::Equal => open == "[",
                Ordering::Less => false,
            };
        let below = high.is_empty()
            || match compare(version, high) {
                Ordering::Less => true,
                Ordering::Equal => close == "]",
                Ordering::Greater => false,
            };
        if above && below {
            return true;
        }
        rest = &rest[start + end + 1..];
    }
    false
}

/// The order of versions: numbers as numbers, words before the release they lead to (`1.0-rc1` < `1.0`).
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut last = None;
        for c in text.chars() {
            let kind = if c.is_ascii_digit() {
                0
            } else if c.is_alphabetic() {
                1
            } else {
                2
            };
            if kind == 2 {
                last = None;
                continue;
            }
            if last != Some(kind) {
                parts.push(String::new());
            }
            if let Some(part) = parts.last_mut() {
                part.extend(c.to_lowercase());
            }
            last = Some(kind);
        }
        parts
    };
    let rank = |part: Option<&String>| -> (i32, u128, String) {
        match part.map(String::as_str) {
            None | Some("final" | "ga" | "release" | "jre") => (3, 0, String::new()),
            Some("sp") => (4, 0, String::new()),
            Some("snapshot") => (2, 0, String::new()),
            Some("rc" | "cr") => (1, 3, String::new()),
            Some("m" | "milestone") => (1, 2, String::new()),
            Some("beta" | "b") => (1, 1, String::new()),
            Some("alpha" | "a") => (1, 0, String::new()),
            Some(text) => match text.parse::<u128>() {
                Ok(0) => (3, 0, String::new()),
                Ok(number) => (6, number, String::new()),
                Err(_) => (5, 0, text.to_owned()),
            },
        }
    };
    let (a, b) = (parts(a), parts(b));
    (0..a.len().max(b.len()))
        .map(|at| rank(a.get(at)).cmp(&rank(b.get(at))))
        .find(|o| o.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Whether a part of a coordinate may be a part of a path: never one that leads elsewhere.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && !part.contains(['/', '\\', '\0', '$']) && part != "." && !part.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_an_order() {
        for (a, b) in [
            ("1.9", "1.10"),
            ("1.0-rc1", "1.0"),
            ("1.0-alpha-2", "1.0-beta-1"),
            ("1.0-SNAPSHOT", "1.0"),
            ("1.0", "1.0.1"),
            ("1.0", "1.0-sp1"),
            ("2.0.M1", "2.0.RC1"),
        ] {
            assert_eq!(compare(a, b), Ordering::Less, "{a} {b}");
        }
        assert_eq!(compare("1.0", "1"), Ordering::Equal);
        assert_eq!(compare("3.0.0.Final", "3.0.0"), Ordering::Equal);
    }

    #[test]
    fn ranges_hold_versions() {
        for (version, range, expect) in [
            ("1.5", "[1.0,2.0)", true),
            ("2.0", "[1.0,2.0)", false),
            ("1.0", "(1.0,)", false),
            ("3", "(,1],[2,)", true),
            ("1.0", "[1.0]", true),
            ("1", "[", false),
        ] {
            assert_eq!(in_range(version, range), expect, "{version} {range}");
        }
    }

    #[test]
    fn coordinates_never_lead_out_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(folder.path().join("repo/farm/barn/1")).unwrap();
        fs_err::write(folder.path().join("repo/farm/barn/1/barn-1.pom"), "").unwrap();
        fs_err::write(folder.path().join("x-1.pom"), "").unwrap();
        let repository = Repository::Maven(folder.path().join("repo"));
        assert!(repository.file("farm", "barn", "1", ".pom").is_some());
        for (group, artifact, version) in
            [("..", "x", "1"), ("farm", "../../../x", "1"), ("farm", "barn", "../1"), ("", "x", "1")]
        {
            assert_eq!(repository.file(group, artifact, version, ".pom"), None, "{group} {artifact} {version}");
        }
    }

    #[test]
    fn a_moved_repository_is_found_in_the_settings() {
        let text = "<settings><!-- <localRepository>/old</localRepository> --><localRepository> /new </localRepository></settings>";
        assert_eq!(between(text, "<localRepository>", "</localRepository>").as_deref(), Some("/new"));
        assert_eq!(repo_local("-B -Dmaven.repo.local=repo -q").as_deref(), Some("repo"));
    }
}
