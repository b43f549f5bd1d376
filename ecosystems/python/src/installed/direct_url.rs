//! `direct_url.json` ([PEP 610](https://peps.python.org/pep-0610/)): where a distribution came from when not from an index.

use crate::manifest::without_credentials;
use depslim_model::{Facts, Problem, Provide, Source};
use serde_json::Value;

/// Where it came from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// As pip would be told: `git+https://example.invalid/plum.git@5f2c`, `file:///srv/plum`.
    pub(super) url: Option<String>,
    /// A folder on this machine: the project's own code, or a neighbour's.
    pub(super) first_party: bool,
}

/// The reader's view of a file: the package that the folder's name says, with its origin.
pub(super) fn read(source: &Source<'_>) -> Facts {
    let (package, version) = super::name_and_version(super::folder_name(source));
    match parse(source.bytes) {
        Ok(origin) => {
            let mut provide =
                Provide { package: package.to_owned(), version: version.to_owned(), ..Provide::default() };
            (provide.origin, provide.first_party) = (origin.url, origin.first_party);
            Facts { provides: vec![provide], ..Facts::default() }
        }
        Err(problem) => Facts { problems: vec![problem], ..Facts::default() },
    }
}

/// Reads the file.
pub(super) fn parse(bytes: &[u8]) -> Result<Origin, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| Problem::at(error.line() as u32, "not JSON: where it came from stays unknown"))?;
    let Some(url) = value.get("url").and_then(Value::as_str) else {
        return Err(Problem::at(0, "has no `url`: where it came from stays unknown"));
    };
    let text = |table: &str, key: &str| value.get(table)?.get(key)?.as_str();
    let mut out = match text("vcs_info", "vcs") {
        Some(vcs) => format!("{vcs}+{}", without_credentials(url)),
        None => without_credentials(url),
    };
    if let Some(commit) = text("vcs_info", "commit_id") {
        out = format!("{out}@{commit}");
    }
    if let Some(folder) = value.get("subdirectory").and_then(Value::as_str) {
        out = format!("{out}#subdirectory={folder}");
    }
    Ok(Origin { url: Some(out), first_party: value.get("dir_info").is_some() && url.starts_with("file:") })
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn check(text: &str, expect: &str, first_party: bool) {
        let origin = parse(text.as_bytes()).unwrap();
        assert_eq!((origin.url.as_deref(), origin.first_party), (Some(expect), first_party), "{text}");
    }

    #[test]
    fn origins() {
        check(r#"{"url": "file:///srv/plum", "dir_info": {"editable": true}}"#, "file:///srv/plum", true);
        check(r#"{"url": "file:///srv/plum", "dir_info": {}}"#, "file:///srv/plum", true);
        check(
            r#"{"url": "file:///w/plum-1.0-py3-none-any.whl", "archive_info": {}}"#,
            "file:///w/plum-1.0-py3-none-any.whl",
            false,
        );
        check(
            r#"{"url": "https://me:secret@example.invalid/plum.git", "subdirectory": "py", "vcs_info": {"vcs": "git", "commit_id": "5f2c"}}"#,
            "git+https://example.invalid/plum.git@5f2c#subdirectory=py",
            false,
        );
    }

    #[test]
    fn what_is_no_origin_is_told() {
        assert_eq!(parse(b"{\n\"url\": oops}").unwrap_err().line, 2);
        for text in ["", "[]", "{}", r#"{"url": 3}"#, "\u{feff}null"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
