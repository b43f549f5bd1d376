//! Paths of a tree as text: relative to its root, with `/`.

/// `folder/relative` with `.` and `..` resolved; `None` when it is absolute or leaves the root.
pub fn join(folder: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_join_inside_the_root_only() {
        for (folder, relative, expect) in [
            ("a/b", "../c/./d.txt", Some("a/c/d.txt")),
            ("", "./a//b", Some("a/b")),
            ("a", "..", Some("")),
            ("a", "../../x", None),
            ("a", "/etc/passwd", None),
        ] {
            assert_eq!(join(folder, relative).as_deref(), expect, "{folder} {relative}");
        }
    }
}
