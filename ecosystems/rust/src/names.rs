//! Names: of packages, of the crates that they become, of the folders that files speak of.

/// The folder that a manifest or lock speaks of: its own.
pub(crate) fn home(path: &str) -> String {
    path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

/// Cargo compares names as they are written.
pub(crate) fn canonical(name: &str) -> String {
    name.to_owned()
}

/// The name by which code knows a package, unless its manifest says another one
/// ([the `name` field](https://doc.rust-lang.org/cargo/reference/cargo-targets.html#the-name-field)).
pub(crate) fn code_name(package: &str) -> String {
    package.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_speak_of_their_folder() {
        for (path, expect) in [("Cargo.toml", ""), ("crates/a/Cargo.toml", "crates/a"), ("", "")] {
            assert_eq!(home(path), expect, "{path}");
        }
    }

    #[test]
    fn code_knows_no_hyphens() {
        assert_eq!(code_name("big-tree"), "big_tree");
    }
}
