//! `.pth` files of the `site` module: folders that modules are looked up in besides, editable installs among them.
//!
//! Lines that begin with `import` are code, which is never run. Of those, the loaders that setuptools writes for editable installs
//! hold a plain table of folders, which is read.

use depslim_model::{Facts, Source};
use std::path::{Path, PathBuf};

/// The reader's view of a file: the folders as written.
pub(super) fn read(source: &Source<'_>) -> Facts {
    Facts { module_roots: folders(source.bytes), ..Facts::default() }
}

/// The folders that a file in `site` adds, as absolute paths, those of an editable install's loader among them.
pub(super) fn facts(site: &Path, bytes: &[u8]) -> Facts {
    let mut roots: Vec<PathBuf> = folders(bytes).into_iter().map(|folder| site.join(folder)).collect();
    for loader in loaders(bytes) {
        if let Ok(source) = super::whole(&site.join(format!("{loader}.py"))) {
            roots.extend(mapped(&super::text(&source)));
        }
    }
    roots.dedup();
    let module_roots = roots.into_iter().filter_map(|root| plain(&root).to_str().map(str::to_owned)).collect();
    Facts { module_roots, ..Facts::default() }
}

/// The lines that name folders.
pub(crate) fn folders(bytes: &[u8]) -> Vec<String> {
    let text = super::text(bytes);
    let is_folder =
        |text: &&str| !text.starts_with('#') && !text.starts_with("import ") && !text.starts_with("import\t");
    super::lines(&text)
        .map(|(_, text)| text)
        .filter(is_folder)
        .filter(|text| !text.contains('\0'))
        .map(str::to_owned)
        .collect()
}

/// The path without `.` and `..` parts, as the text says them.
pub(crate) fn plain(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// Modules that setuptools' `import __editable___plum_1_0_finder; __editable___plum_1_0_finder.install()` loads.
fn loaders(bytes: &[u8]) -> Vec<String> {
    let text = super::text(bytes);
    let imports = super::lines(&text).filter_map(|(_, text)| text.strip_prefix("import "));
    let names = imports.filter_map(|text| text.split(';').next()).map(str::trim);
    let is_loader = |name: &&str| {
        name.starts_with("__editable__") && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    names.filter(is_loader).map(str::to_owned).collect()
}

/// The module roots behind a loader's `MAPPING: dict[str, str] = {'plum.jam': '/srv/plum/src/plum/jam'}`: the folder that each
/// name starts in.
fn mapped(source: &str) -> Vec<PathBuf> {
    let Some(table) = source.lines().find_map(|line| line.strip_prefix("MAPPING")) else { return Vec::new() };
    let Some((_, table)) = table.split_once('{') else { return Vec::new() };
    let strings = strings(table.split_once('}').map_or(table, |(table, _)| table));
    let mut roots = Vec::new();
    for pair in strings.chunks_exact(2) {
        let (name, path) = (&pair[0], Path::new(&pair[1]));
        if let Some(root) = path.ancestors().nth(name.split('.').count())
            && path.is_absolute()
        {
            roots.push(root.to_owned());
        }
    }
    roots.sort();
    roots.dedup();
    roots
}

/// The string literals of a line, as Python's `repr` writes them.
fn strings(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut chars = text.chars();
    while let Some(quote) = chars.find(|c| matches!(c, '\'' | '"')) {
        let mut string = String::new();
        while let Some(c) = chars.next().filter(|c| *c != quote) {
            if c == '\\' {
                string.extend(chars.next());
            } else {
                string.push(c);
            }
        }
        out.push(string);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_code() {
        let text = "# comment\n/srv/plum/src\r\nimport os; os.system('no')\n../extra\n\nimport\tx\nimports/of/ours\n";
        assert_eq!(folders(text.as_bytes()), ["/srv/plum/src", "../extra", "imports/of/ours"]);
        assert_eq!(facts(Path::new("/env/lib/site"), b"../extra/.\n").module_roots, ["/env/lib/extra"]);
    }

    #[test]
    fn tables_of_loaders() {
        let source = "import sys\nMAPPING: dict[str, str] = {'plum': '/srv/a/src/plum', 'jam.of.plum': \"/srv/it's/jam/of/plum\"}\n";
        assert_eq!(mapped(source), [PathBuf::from("/srv/a/src"), PathBuf::from("/srv/it's")]);
        for odd in
            ["", "MAPPING", "MAPPING = {", "MAPPING = {'a'", "MAPPING = {'a': '/'}", "MAPPING = {'a.b.c': 'rel'}"]
        {
            assert_eq!(mapped(odd), Vec::<PathBuf>::new(), "{odd}");
        }
    }

    #[test]
    fn a_loader_beside_the_file_is_read() {
        let site = tempfile::TempDir::new().unwrap();
        let loader = "__editable___plum_1_0_finder";
        fs_err::write(site.path().join(format!("{loader}.py")), "MAPPING = {'plum': '/srv/plum/src/plum'}\n").unwrap();
        let text = format!("import {loader}; {loader}.install()\nimport ../../etc/passwd; x\n");
        assert_eq!(facts(site.path(), text.as_bytes()).module_roots, ["/srv/plum/src"]);
    }
}
