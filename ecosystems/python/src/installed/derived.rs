//! Compiled files: which source a `.pyc` was made from ([PEP 3147](https://peps.python.org/pep-3147/)).

/// The source of `__pycache__/x.cpython-311.pyc`, `__pycache__/x.cpython-311.opt-1.pyc` or `x.pyc`, relative to the folder that the
/// path is relative to. Looks at the last two parts of the path only.
pub(crate) fn derived_from(path: &str) -> Option<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.strip_suffix(".pyc").or_else(|| file.strip_suffix(".pyo"))?;
    let (before, folder) = match folder.rsplit_once('/') {
        Some((before, last)) => (Some(before), last),
        None => (None, folder),
    };
    let mut out = String::with_capacity(path.len());
    let mut part = |part: &str| {
        if !part.is_empty() {
            out.push_str(part);
            out.push('/');
        }
    };
    if let Some(before) = before {
        part(before);
    }
    let stem = if folder == "__pycache__" {
        // The interpreter's tag, the level of optimisation behind it; pytest puts its own version behind the tag.
        let stem = stem.split_once("-pytest-").map_or(stem, |(stem, _)| stem);
        let (stem, last) = stem.rsplit_once('.')?;
        if last.starts_with("opt-") { stem.rsplit_once('.')?.0 } else { stem }
    } else {
        part(folder);
        stem
    };
    if stem.is_empty() {
        return None;
    }
    out.push_str(stem);
    out.push_str(".py");
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::derived_from;

    #[test]
    fn sources_of_compiled_files() {
        for (path, expect) in [
            ("__pycache__/six.cpython-311.pyc", Some("six.py")),
            ("plum/__pycache__/core.cpython-313.opt-2.pyc", Some("plum/core.py")),
            ("plum/__pycache__/a.b.pypy310.pyc", Some("plum/a.b.py")),
            ("plum/__pycache__/core.cpython-311-pytest-8.3.2.pyc", Some("plum/core.py")),
            ("plum/core.pyc", Some("plum/core.py")),
            ("core.pyo", Some("core.py")),
            ("a/b/c/core.pyc", Some("a/b/c/core.py")),
            ("plum/core.py", None),
            ("__pycache__/core.pyc", None),
            ("__pycache__/.cpython-311.pyc", None),
            (".pyc", None),
            ("", None),
        ] {
            assert_eq!(derived_from(path).as_deref(), expect, "{path}");
        }
    }
}
