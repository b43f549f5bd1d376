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
    let mut package = file;
    for _ in 0..dots {
        package = package.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
    let rest = &module[dots..];
    let mut name = String::with_capacity(package.len() + 1 + rest.len());
    name.extend(package.chars().map(|c| if c == '/' { '.' } else { c }));
    if !package.is_empty() && !rest.is_empty() {
        name.push('.');
    }
    name.push_str(rest);
    Some(name)
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
}
