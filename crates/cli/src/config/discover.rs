//! Finds the configuration file of a folder: the nearest one, going up to the root of the repository.

use super::check::Mistake;
use super::tree::{Node, Place, read_json, read_toml};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A configuration, and the file that it stands in.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) file: PathBuf,
    pub(crate) tree: Node,
}

/// Where a configuration can stand in a file.
struct Home {
    file: &'static str,
    tables: &'static [&'static [&'static str]],
}

/// A file that holds nothing but the configuration.
const WHOLE: &[&[&str]] = &[&[]];

/// In the order in which they are looked for; the first that is there wins.
const HOMES: &[Home] = &[
    Home { file: "depslim.toml", tables: WHOLE },
    Home { file: ".depslim.toml", tables: WHOLE },
    Home { file: "pyproject.toml", tables: &[&["tool", "depslim"]] },
    Home { file: "package.json", tables: &[&["depslim"]] },
    Home { file: "Cargo.toml", tables: &[&["workspace", "metadata", "depslim"], &["package", "metadata", "depslim"]] },
];

/// The folders that are searched for `root`'s configuration: itself and those above it, up to the one that holds the repository.
/// Without a repository, up to `here` (the current folder) when that is above, else the folder alone.
fn folders<'r>(root: &'r Path, here: &Path) -> impl Iterator<Item = &'r Path> {
    let last = root.ancestors().find(|folder| folder.join(".git").exists());
    let last = last.unwrap_or_else(|| root.ancestors().find(|folder| *folder == here).unwrap_or(root)).to_owned();
    let inside = move |folder: &&Path| folder.starts_with(&last);
    root.ancestors().take_while(inside)
}

/// The configuration of a folder. Both paths are absolute.
///
/// # Errors
/// When a configuration file can't be read.
pub(crate) fn discover(root: &Path, here: &Path) -> Result<Option<Found>, Mistake> {
    for folder in folders(root, here) {
        for home in HOMES {
            let file = folder.join(home.file);
            let text = match fs_err::read_to_string(&file) {
                Ok(text) => text,
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
                // Whether there is a configuration in a manifest that can't be read is for the analysis to say.
                Err(_) if !home.is_ours() => continue,
                Err(error) => return Err(Mistake { place: Place::new(&file, 1), message: error.to_string() }),
            };
            for table in home.tables {
                if let Some(tree) = read(&file, &text, table)? {
                    return Ok(Some(Found { file, tree }));
                }
            }
        }
    }
    Ok(None)
}

/// Reads a file that was named on the command line or by `extends`.
///
/// # Errors
/// When it can't be read, or holds no configuration.
pub(crate) fn open(file: &Path, named_at: &Place) -> Result<Found, Mistake> {
    let wrong = |message: String| Mistake { place: named_at.clone(), message };
    let text = fs_err::read_to_string(file).map_err(|error| wrong(format!("{}: {}", file.display(), cause(&error))))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let tables = HOMES.iter().find(|home| home.file == name).map_or(WHOLE, |home| home.tables);
    for table in tables {
        if let Some(tree) = read(file, &text, table)? {
            return Ok(Found { file: file.to_owned(), tree });
        }
    }
    let table = tables.iter().map(|path| path.join(".")).collect::<Vec<_>>().join(" or ");
    Err(wrong(format!("{} has no table `{table}`", file.display())))
}

fn read(file: &Path, text: &str, table: &[&str]) -> Result<Option<Node>, Mistake> {
    // A manifest that does not speak of depslim needs no parser.
    if table.last().is_some_and(|name| !text.contains(name)) {
        return Ok(None);
    }
    let json = file.extension().is_some_and(|extension| extension == "json");
    let tree = if json { read_json(file, text, table) } else { read_toml(file, text, table) };
    match tree {
        Ok(tree) => Ok(tree),
        // The word may stand anywhere in a manifest; that the manifest is broken is for the analysis to say.
        Err(_) if !table.is_empty() && !opens(text, table, json) => Ok(None),
        Err((place, message)) => Err(Mistake { place, message }),
    }
}

/// Whether a broken manifest seems to hold the table.
fn opens(text: &str, table: &[&str], json: bool) -> bool {
    if !json {
        return text.contains(&table.join("."));
    }
    let dense: String = text.split_whitespace().collect();
    table.last().is_some_and(|name| dense.contains(&format!("\"{name}\":{{")))
}

impl Home {
    fn is_ours(&self) -> bool {
        self.tables == WHOLE
    }
}

/// The cause of an error without the path that it names.
fn cause(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file".to_owned(),
        _ => std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fs_err as fs;

    /// The file, relative to the tree, that configures `folder`, with its `heavy`.
    fn find(files: &[(&str, &str)], folder: &str, here: &str) -> Option<(String, i64)> {
        let tree = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let file = tree.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        fs::create_dir_all(tree.path().join(folder)).unwrap();
        let found = discover(&tree.path().join(folder), &tree.path().join(here)).unwrap()?;
        let file = found.file.strip_prefix(tree.path()).unwrap().to_string_lossy().into_owned();
        let super::super::tree::Value::Integer(heavy) = found.tree.get("heavy").unwrap().value else {
            panic!("no heavy")
        };
        Some((file, heavy))
    }

    #[test]
    fn the_first_file_of_a_folder_wins() {
        let all = [
            ("depslim.toml", "heavy = 1"),
            (".depslim.toml", "heavy = 2"),
            ("pyproject.toml", "[tool.depslim]\nheavy = 3"),
            ("package.json", "{\"depslim\": {\"heavy\": 4}}"),
            ("Cargo.toml", "[workspace.metadata.depslim]\nheavy = 5\n[package.metadata.depslim]\nheavy = 6"),
        ];
        for (at, (file, _)) in all.iter().enumerate() {
            let heavy = i64::try_from(at).unwrap() + 1;
            assert_eq!(find(&all[at..], ".", "."), Some(((*file).to_owned(), heavy)));
        }
        let package = ("Cargo.toml", "[package.metadata.depslim]\nheavy = 6");
        assert_eq!(find(&[package], ".", "."), Some(("Cargo.toml".to_owned(), 6)));
    }

    #[test]
    fn the_nearest_folder_up_to_the_repository_counts() {
        let files = [
            (".git/HEAD", ""),
            ("depslim.toml", "heavy = 1"),
            ("services/api/depslim.toml", "heavy = 2"),
            ("services/web/x", ""),
        ];
        assert_eq!(find(&files, "services/api", "other"), Some(("services/api/depslim.toml".to_owned(), 2)));
        assert_eq!(find(&files, "services/web", "other"), Some(("depslim.toml".to_owned(), 1)));
        let outside = [("depslim.toml", "heavy = 1"), ("repo/.git/HEAD", ""), ("repo/api/x", "")];
        assert_eq!(find(&outside, "repo/api", "."), None);
    }

    #[test]
    fn without_a_repository_the_current_folder_is_the_last() {
        let files = [("depslim.toml", "heavy = 1"), ("work/services/api/x", "")];
        assert_eq!(find(&files, "work/services/api", "work"), None);
        assert_eq!(find(&files, "work/services/api", "."), Some(("depslim.toml".to_owned(), 1)));
        assert_eq!(find(&files, "work/services/api", "elsewhere"), None);
    }

    #[test]
    fn manifests_without_a_configuration_are_passed_by() {
        let files = [
            ("pyproject.toml", "[project]\ndependencies = [\"depslim\"]"),
            ("package.json", "{\"devDependencies\": {\"depslim\": \"1\"}"),
            ("Cargo.toml", "[package"),
        ];
        assert_eq!(find(&files, ".", "."), None);
    }

    #[test]
    fn a_broken_configuration_is_an_error_with_its_line() {
        let tree = tempfile::tempdir().unwrap();
        fs::write(tree.path().join("pyproject.toml"), "[tool.depslim]\nheavy = \n").unwrap();
        let error = discover(tree.path(), tree.path()).unwrap_err();
        assert_eq!(error.place.line, 2);
    }
}
