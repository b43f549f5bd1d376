//! Paths of the configuration as seen from the analysed folder: the file may stand above it.

use globset::Glob;
use std::path::{Component, Path, PathBuf};

/// The folder that paths of the configuration start from, and the analysed one. Both are absolute.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    pub(crate) folder: PathBuf,
    pub(crate) root: PathBuf,
}

impl Base {
    /// A folder of the configuration, relative to the root: `.` when it holds the root, `None` when it lies elsewhere.
    pub(crate) fn folder(&self, path: &str) -> Option<String> {
        let path = clean(&self.folder.join(path));
        match path.strip_prefix(&self.root) {
            Ok(below) if below.as_os_str().is_empty() => Some(".".to_owned()),
            Ok(below) => Some(slashed(below)),
            Err(_) => self.root.starts_with(&path).then(|| ".".to_owned()),
        }
    }

    /// Whether a folder of the configuration lies in the root, as a whole.
    pub(crate) fn holds(&self, path: &str) -> bool {
        clean(&self.folder.join(path)).starts_with(&self.root)
    }

    /// A glob of an ignore file in the configuration's folder, as the same glob in the root; `None` when it means nothing there.
    pub(crate) fn glob(&self, glob: &str) -> Option<String> {
        let Ok(below) = self.root.strip_prefix(&self.folder) else { return Some(glob.to_owned()) };
        // Without a slash, but at its end, it matches at any depth.
        let anchored = glob.trim_end_matches('/').contains('/');
        if below.as_os_str().is_empty() || !anchored {
            return Some(glob.to_owned());
        }
        let mut rest = glob.trim_start_matches('/').split('/');
        for component in below.components() {
            let name = component.as_os_str().to_string_lossy();
            let rest_before = rest.clone();
            match rest.next()? {
                "**" => {
                    let rest: Vec<_> = rest_before.collect();
                    // Whoever asks for a folder by name wants to see it.
                    return (rest != ["**"]).then(|| rest.join("/"));
                }
                part => Glob::new(part).ok().filter(|glob| glob.compile_matcher().is_match(&*name)).map(|_| ())?,
            }
        }
        let rest = rest.collect::<Vec<_>>().join("/");
        (!matches!(rest.as_str(), "" | "*" | "**")).then(|| format!("/{rest}"))
    }

    /// A path of the configuration, absolute.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        clean(&self.folder.join(path))
    }
}

/// The way from a folder to a path, with `/`; both are absolute.
pub(crate) fn relative(from: &Path, to: &Path) -> String {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(shared)).collect();
    if way.as_os_str().is_empty() { ".".to_owned() } else { slashed(&way) }
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("/")
}

/// Without `.` and, where the folder before it is named, without `..`.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(folder: &str, root: &str) -> Base {
        Base { folder: folder.into(), root: root.into() }
    }

    #[test]
    fn folders_are_seen_from_the_root() {
        for (root, path, expect, holds) in [
            ("/r", "services/api", Some("services/api"), true),
            ("/r", ".", Some("."), true),
            ("/r/services", "services/api", Some("api"), true),
            ("/r/services/api", "services/api/", Some("."), true),
            ("/r/services/api/sub", "./services/api", Some("."), false),
            ("/r/web", "services/api", None, false),
            ("/r/web", "services/../web", Some("."), true),
        ] {
            let base = base("/r", root);
            assert_eq!((base.folder(path).as_deref(), base.holds(path)), (expect, holds), "{root} {path}");
        }
    }

    #[test]
    fn globs_are_seen_from_the_root() {
        for (root, glob, expect) in [
            ("/r", "examples/**", Some("examples/**")),
            ("/r/api", "examples/**", None),
            ("/r/api", "api/examples/**", Some("/examples/**")),
            ("/r/api", "/api/examples", Some("/examples")),
            ("/r/api", "*/examples", Some("/examples")),
            ("/r/api", "**/examples", Some("**/examples")),
            ("/r/api", "fixtures", Some("fixtures")),
            ("/r/api", "fixtures/", Some("fixtures/")),
            ("/r/api", "api/**", None),
            ("/r/api", "api", Some("api")),
            ("/r/api", "./api/", None),
            ("/r/api/v1", "api/**/x", Some("**/x")),
            ("/r/api/v1", "api", Some("api")),
        ] {
            assert_eq!(base("/r", root).glob(glob).as_deref(), expect, "{root} {glob}");
        }
    }

    #[test]
    fn the_way_to_a_file_goes_up_and_down() {
        for (from, to, expect) in [
            ("/r/api", "/r/depslim.toml", "../depslim.toml"),
            ("/r", "/r/api/x", "api/x"),
            ("/r/a/b", "/r/c", "../../c"),
            ("/r", "/r", "."),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), expect);
        }
    }
}
