//! Imports through functions: which functions, and what their constant arguments name.

use super::guard::{Need, is_name_byte};
use std::borrow::Cow;

/// The functions that the fast reader knows.
pub(super) const SKIMMED: [&str; 2] = ["import_module", "__import__"];

/// A function that imports what its first argument names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Importer {
    pub(super) function: &'static str,
    /// The strongest need that such a call can express.
    pub(super) most: Need,
    /// A call with a computed name imports something that is not known.
    pub(super) computes: bool,
}

/// The importer by its name, wherever it comes from: `importlib.import_module`, `django.utils.module_loading.import_string`,
/// `werkzeug.utils.import_string`, `pkgutil.resolve_name`, `pytest.importorskip`, `importlib.util.find_spec` …
pub(super) fn importer(function: &str) -> Option<Importer> {
    const IMPORTERS: [Importer; 7] = [
        Importer { function: "import_module", most: Need::Hard, computes: true },
        Importer { function: "__import__", most: Need::Hard, computes: true },
        Importer { function: "import_string", most: Need::Hard, computes: true },
        Importer { function: "resolve_name", most: Need::Hard, computes: true },
        Importer { function: "importorskip", most: Need::Optional, computes: true },
        // A probe imports nothing: a computed name hides nothing.
        Importer { function: "find_spec", most: Need::Optional, computes: false },
        Importer { function: "find_loader", most: Need::Optional, computes: false },
    ];
    IMPORTERS.into_iter().find(|importer| importer.function == function)
}

/// Functions that open files of a package, and the class that does.
const OPENERS: &str = "files path contents is_resource open_text open_binary read_text read_binary get_data resource_filename \
                       resource_stream resource_string resource_listdir resource_exists PackageLoader";

/// False for most functions, by their names alone.
pub(super) fn may_open_package(function: &str) -> bool {
    OPENERS.split_whitespace().any(|opener| opener == function)
}

/// True for functions that open files of the package which their first argument names: it has to be there, without being imported.
pub(super) fn opens_package(callee: &str) -> bool {
    const MODULES: [&str; 6] =
        ["importlib.resources", "importlib_resources", "pkg_resources", "pkgutil", "jinja2", "jinja2.loaders"];
    let known = |(module, function): (&str, &str)| MODULES.contains(&module) && may_open_package(function);
    callee.rsplit_once('.').is_some_and(known)
}

/// The module that a call of `function` with these constant arguments imports: relative names are joined to a constant
/// package, and keep their dots without one. `None` when it can not be a module's name.
pub(super) fn module<'a>(function: &str, name: &'a [u8], package: Option<&'a [u8]>) -> Option<Cow<'a, [u8]>> {
    if name.is_empty() || !name.iter().all(|&byte| is_name_byte(byte) || byte == b'.') || name.ends_with(b".") {
        return None;
    }
    let dots = name.iter().take_while(|&&byte| byte == b'.').count();
    let Some(package) = package.filter(|_| dots > 0 && function == "import_module") else {
        return Some(Cow::Borrowed(name));
    };
    let mut parts: Vec<&[u8]> = package.split(|&byte| byte == b'.').collect();
    parts.truncate((parts.len() + 1).checked_sub(dots).filter(|&left| left > 0)?);
    parts.push(&name[dots..]);
    Some(Cow::Owned(parts.join(&b'.')))
}

/// The same for text; `a.b:c` (which `import_string` and `resolve_name` take) becomes `a.b.c`.
pub(super) fn module_text(function: &str, name: &str, package: Option<&str>) -> Option<String> {
    let name = name.replacen(':', ".", usize::from(matches!(function, "import_string" | "resolve_name")));
    let module = module(function, name.as_bytes(), package.map(str::as_bytes))?;
    String::from_utf8(module.into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::{module_text, opens_package};

    #[test]
    fn functions_that_open_files_of_a_package() {
        for (callee, expect) in [
            ("importlib.resources.files", true),
            ("pkg_resources.resource_filename", true),
            ("jinja2.PackageLoader", true),
            ("files", false),
            ("shop.files", false),
            ("importlib.resources.as_file", false),
        ] {
            assert_eq!(opens_package(callee), expect, "{callee}");
        }
    }

    #[test]
    fn names_of_modules() {
        for (function, name, package, expect) in [
            ("import_module", "a.b", None, Some("a.b")),
            ("import_module", ".b", Some("a"), Some("a.b")),
            ("import_module", "..b.c", Some("a.x"), Some("a.b.c")),
            ("import_module", "...b", Some("a.x"), None),
            ("import_module", ".b", None, Some(".b")),
            ("import_module", "b", Some("a"), Some("b")),
            ("__import__", ".b", Some("a"), Some(".b")),
            ("import_string", "a.b:C", None, Some("a.b.C")),
            ("import_module", "a.b:C", None, None),
            ("import_module", "", None, None),
            ("import_module", "a.", None, None),
            ("import_module", "a b", None, None),
        ] {
            assert_eq!(module_text(function, name, package).as_deref(), expect, "{function} {name}");
        }
    }
}
