//! Module names and the files that they stand for ([the import system](https://docs.python.org/3/reference/import.html)).

/// Files that importing a module executes, relative to a folder of `sys.path`: one list per part of the name, the package form
/// first, as the interpreter looks. Compiled extension modules carry tags that differ by build; they are leaves that hold no
/// source, so they are left out.
pub(crate) fn locate(module: &str) -> Vec<Vec<String>> {
    let mut path = String::new();
    module
        .split('.')
        .filter(|part| !part.is_empty())
        .map(|part| {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(part);
            vec![format!("{path}/__init__.py"), format!("{path}.py")]
        })
        .collect()
}

/// A relative module name (`.x`, `..pkg.y`) made absolute for the file that holds it; `None` when it is absolute already.
pub(crate) fn absolute(file: &str, module: &str) -> Option<String> {
    let dots = module.bytes().take_while(|b| *b == b'.').count();
    if dots == 0 {
        return None;
    }
    let mut package: Vec<&str> = file.split('/').collect();
    package.pop();
    for _ in 1..dots {
        package.pop();
    }
    let rest = &module[dots..];
    if !rest.is_empty() {
        package.extend(rest.split('.'));
    }
    Some(package.join("."))
}

/// The source of a byte-code file ([PEP 3147](https://peps.python.org/pep-3147/)): `__pycache__/x.cpython-311.opt-1.pyc` comes from
/// `x.py`, a lone `x.pyc` too.
pub(crate) fn derived_from(file: &str) -> Option<String> {
    let (folder, name) = file.rsplit_once('/').map_or(("", file), |(f, n)| (f, n));
    let stem = name.strip_suffix(".pyc")?;
    let stem = if folder == "__pycache__" || folder.ends_with("/__pycache__") {
        stem.split('.').next().unwrap_or(stem)
    } else {
        stem
    };
    let folder = folder.strip_suffix("__pycache__").unwrap_or(folder).trim_end_matches('/');
    Some(if folder.is_empty() { format!("{stem}.py") } else { format!("{folder}/{stem}.py") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_name_is_executed() {
        assert_eq!(locate("a.b"), [vec!["a/__init__.py", "a.py"], vec!["a/b/__init__.py", "a/b.py"]]);
        assert!(locate("").is_empty());
    }

    #[test]
    fn relative_names_are_seen_from_their_file() {
        for (file, module, expect) in [
            ("a/b/c.py", ".x", Some("a.b.x")),
            ("a/b/c.py", "..x.y", Some("a.x.y")),
            ("a/b/__init__.py", ".", Some("a.b")),
            ("c.py", "..x", Some("x")),
            ("a/b/c.py", "x", None),
        ] {
            assert_eq!(absolute(file, module).as_deref(), expect, "{file} {module}");
        }
    }

    #[test]
    fn byte_code_belongs_to_its_source() {
        for (file, expect) in [
            ("__pycache__/x.cpython-311.pyc", Some("x.py")),
            ("pkg/__pycache__/x.cpython-311.opt-2.pyc", Some("pkg/x.py")),
            ("pkg/x.pyc", Some("pkg/x.py")),
            ("x.py", None),
        ] {
            assert_eq!(derived_from(file).as_deref(), expect, "{file}");
        }
    }
}
