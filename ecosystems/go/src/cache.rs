//! Where modules lie: the module cache, folders that replace modules, a vendor folder.
//!
//! Layout of the cache: <https://go.dev/ref/mod#module-cache>. Paths are escaped there: capitals become `!` and a small letter.

use depslim_model::{Environment, Facts, Host, Owns, Provide};
use std::path::{Path, PathBuf};

/// The module cache, by convention: `GOMODCACHE`, else `pkg/mod` below the first `GOPATH`, else below `go` in the home folder.
pub(crate) fn find(variable: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let first = |list: String| list.split(if cfg!(windows) { ';' } else { ':' }).next().map(PathBuf::from);
    let cache = set("GOMODCACHE").map(PathBuf::from).or_else(|| {
        let path = set("GOPATH").and_then(first).or_else(|| Some(Path::new(&set("HOME")?).join("go")))?;
        Some(path.join("pkg/mod"))
    })?;
    cache.is_absolute().then_some(cache)
}

/// The vendor folder of a project, if `go mod vendor` filled it: what lies in it is other people's.
pub(crate) fn vendored(host: &Host<'_>) -> Vec<Environment> {
    let tree = host.project.join("vendor");
    let metadata = tree.join("modules.txt");
    if !metadata.is_file() {
        return Vec::new();
    }
    vec![Environment {
        label: "vendor".into(),
        tree: tree.clone(),
        sites: vec![tree],
        metadata: vec![metadata],
        ..Environment::default()
    }]
}

/// What lies beside a vendor folder's list: all of it belongs to the modules that are listed.
pub(crate) fn beside_list(_: &Path) -> Facts {
    let owns = Owns::Trees(vec![".".into(), "../vendor/".into()]);
    Facts { provides: vec![Provide { package: "vendor".into(), owns, ..Provide::default() }], ..Facts::default() }
}

/// A path or a version as the cache writes it; `None` for one that could leave the cache.
pub(crate) fn escaped(path: &str) -> Option<String> {
    if path.is_empty()
        || path.starts_with('/')
        || path.split('/').any(|part| part == ".." || part == "." || part.is_empty())
    {
        return None;
    }
    let mut text = String::with_capacity(path.len() + 8);
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            text.push('!');
            text.push(c.to_ascii_lowercase());
        } else if c == '\0' || c == '\\' || c == '!' {
            return None;
        } else {
            text.push(c);
        }
    }
    Some(text)
}

/// The other way round.
pub(crate) fn unescaped(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut up = false;
    for c in path.chars() {
        if c == '!' {
            up = true;
        } else {
            text.push(if up { c.to_ascii_uppercase() } else { c });
            up = false;
        }
    }
    text
}

/// The folder of an extracted module.
pub(crate) fn folder(cache: &Path, module: &str, version: &str) -> Option<PathBuf> {
    Some(cache.join(format!("{}@{}", escaped(module)?, escaped(version)?)))
}

/// The file that keeps a module's `go.mod`, which is there for every version that was ever asked about.
pub(crate) fn go_mod(cache: &Path, module: &str, version: &str) -> Option<PathBuf> {
    Some(cache.join(format!("cache/download/{}/@v/{}.mod", escaped(module)?, escaped(version)?)))
}

/// The file that keeps the hash of a module's contents, once they were downloaded.
pub(crate) fn hash(cache: &Path, module: &str, version: &str) -> Option<PathBuf> {
    Some(cache.join(format!("cache/download/{}/@v/{}.ziphash", escaped(module)?, escaped(version)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conventions() {
        let with = |pairs: &'static [(&str, &str)]| {
            find(&move |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
        };
        assert_eq!(with(&[("GOMODCACHE", "/cache"), ("HOME", "/home/x")]), Some("/cache".into()));
        assert_eq!(with(&[("GOPATH", "/a:/b"), ("GOMODCACHE", "")]), Some("/a/pkg/mod".into()));
        assert_eq!(with(&[("HOME", "/home/x")]), Some("/home/x/go/pkg/mod".into()));
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[("GOMODCACHE", "off")]), None);
    }

    #[test]
    fn capitals_are_escaped() {
        assert_eq!(escaped("hay.example/Bale").as_deref(), Some("hay.example/!bale"));
        assert_eq!(unescaped("hay.example/!bale"), "hay.example/Bale");
        for outside in ["", "/etc", "a/../b", "a//b", "a!b", "."] {
            assert_eq!(escaped(outside), None, "{outside}");
        }
        let module = folder(Path::new("/c"), "Hay.example", "v1.0.0");
        assert_eq!(module, Some("/c/!hay.example@v1.0.0".into()));
    }
}
