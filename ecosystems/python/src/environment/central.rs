//! Environments that poetry and pipenv keep outside the project, found by the hash of its path that is part of their names.

use super::layout::version;
use crate::installed;
use depslim_model::Host;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The environments that are kept for the project in `folder`, the one to use first.
pub(super) fn find(host: &Host<'_>, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if folder.join("pyproject.toml").is_file() {
        found.extend(poetry(host, folder));
    }
    found.extend(named_by_file(host, folder));
    if folder.join("Pipfile").is_file() {
        found.extend(pipenv(host, folder));
    }
    found
}

/// Poetry: `<cache>/virtualenvs/<name>-<hash>-py3.11`, the hash of the project's real path; `envs.toml` beside says which version
/// is in use ([configuration](https://python-poetry.org/docs/configuration/#virtualenvspath)).
fn poetry(host: &Host<'_>, folder: &Path) -> Vec<PathBuf> {
    let Some(hash) = fs_err::canonicalize(folder).ok().and_then(|path| Some(short_hash(path.to_str()?))) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for store in poetry_stores(host) {
        let active = text(&store.join("envs.toml")).unwrap_or_default();
        for (name, path) in folders_of(&store) {
            let Some((base, minor)) = name.rsplit_once("-py") else { continue };
            if base.ends_with(&format!("-{hash}")) {
                found.push((active_minor(&active, base).as_deref() == Some(minor), version(minor), path));
            }
        }
    }
    found.sort();
    found.into_iter().rev().map(|(_, _, path)| path).collect()
}

fn poetry_stores(host: &Host<'_>) -> Vec<PathBuf> {
    let variable = |name| (host.variable)(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(store) = variable("POETRY_VIRTUALENVS_PATH") {
        return vec![store];
    }
    let home = variable("HOME");
    let under_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let caches = [
        variable("POETRY_CACHE_DIR"),
        variable("XDG_CACHE_HOME").map(|cache| cache.join("pypoetry")),
        under_home(".cache/pypoetry"),
        under_home("Library/Caches/pypoetry"),
        variable("LOCALAPPDATA").map(|data| data.join("pypoetry/Cache")),
    ];
    caches.into_iter().flatten().map(|cache| cache.join("virtualenvs")).collect()
}

/// `[plum-2Cc8gXwV]` `minor = "3.11"`
fn active_minor(text: &str, base: &str) -> Option<String> {
    let table = text.parse::<toml_edit::DocumentMut>().ok()?;
    table.get(base)?.get("minor")?.as_str().map(str::to_owned)
}

/// A file `.venv` in the project: the path of the environment, or its name in pipenv's store.
fn named_by_file(host: &Host<'_>, folder: &Path) -> Vec<PathBuf> {
    let Some(text) = text(&folder.join(".venv")) else { return Vec::new() };
    let text = text.trim();
    if text.is_empty() || text.contains(['\n', '\0']) {
        return Vec::new();
    }
    if text.contains(['/', '\\']) {
        return vec![folder.join(text)];
    }
    pipenv_stores(host).into_iter().map(|store| store.join(text)).collect()
}

/// Pipenv: `<store>/<name>-<hash>`, the hash of the Pipfile's path
/// ([virtual environments](https://pipenv.pypa.io/en/latest/virtualenv.html)).
fn pipenv(host: &Host<'_>, folder: &Path) -> Vec<PathBuf> {
    let Some(hash) =
        fs_err::canonicalize(folder).ok().and_then(|path| Some(short_hash(path.join("Pipfile").to_str()?)))
    else {
        return Vec::new();
    };
    // `PIPENV_PYTHON` puts a suffix behind the hash.
    let (end, middle) = (format!("-{hash}"), format!("-{hash}-"));
    let stores = pipenv_stores(host).into_iter();
    let folders = stores.flat_map(|store| folders_of(&store));
    folders.filter(|(name, _)| name.ends_with(&end) || name.contains(&middle)).map(|(_, path)| path).collect()
}

fn pipenv_stores(host: &Host<'_>) -> Vec<PathBuf> {
    let variable = |name| (host.variable)(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(store) = variable("WORKON_HOME") {
        return vec![store];
    }
    let data = variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")));
    data.into_iter().map(|data| data.join("virtualenvs")).collect()
}

fn text(path: &Path) -> Option<String> {
    installed::whole(path).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

/// The folders in a folder, by name.
fn folders_of(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs_err::read_dir(folder) else { return Vec::new() };
    let named = entries.flatten().filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())));
    let mut all: Vec<(String, PathBuf)> = named.collect();
    all.sort();
    all
}

/// The first eight letters of the URL-safe base64 form of the SHA-256 sum: what both tools put into names.
pub(super) fn short_hash(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let sum = Sha256::digest(text.as_bytes());
    let bits = sum.iter().take(6).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    (0..8).rev().map(|at| char::from(LETTERS[(bits >> (6 * at) & 63) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_the_ones_of_the_tools() {
        // base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()[:8]
        for (text, expect) in [("/srv/plum", "c0WwhJb0"), ("/srv/plum/Pipfile", "iVH11VN3"), ("", "47DEQpj8")] {
            assert_eq!(short_hash(text), expect, "{text}");
        }
    }

    #[test]
    fn the_active_version_of_poetry() {
        let text = "[plum-2Cc8gXwV]\nminor = \"3.11\"\npatch = \"3.11.7\"\n";
        assert_eq!(active_minor(text, "plum-2Cc8gXwV").as_deref(), Some("3.11"));
        assert_eq!(active_minor(text, "other-2Cc8gXwV"), None);
        assert_eq!(active_minor("broken = [", "plum"), None);
    }
}
