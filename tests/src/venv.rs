//! A Python environment written by hand: small, offline, and as an installer would leave it.

use crate::git::put;
use std::path::Path;

/// Where packages lie in it.
pub const SITE: &str = ".venv/lib/python3.12/site-packages";

/// Installs a package with one module of that many bytes into the environment of a folder.
///
/// # Panics
/// When it can't be written.
pub fn install(folder: &Path, name: &str, version: &str, bytes: usize) {
    install_with(folder, name, version, bytes, &[]);
}

/// The same for a package that requires others.
///
/// # Panics
/// When it can't be written.
pub fn install_with(folder: &Path, name: &str, version: &str, bytes: usize, requires: &[String]) {
    if !folder.join(".venv/pyvenv.cfg").exists() {
        put(folder, ".venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.1\n");
    }
    let module = name.replace('-', "_");
    let info = format!("{module}-{version}.dist-info");
    let requires: Vec<String> = requires.iter().map(|name| format!("Requires-Dist: {name}\n")).collect();
    let about = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{}", requires.concat());
    put(folder, &format!("{SITE}/{module}/__init__.py"), &"#".repeat(bytes));
    put(folder, &format!("{SITE}/{info}/METADATA"), &about);
    put(
        folder,
        &format!("{SITE}/{info}/RECORD"),
        &format!("{module}/__init__.py,,\n{info}/METADATA,,\n{info}/RECORD,,\n"),
    );
}
