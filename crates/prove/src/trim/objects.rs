//! Debug sections of shared objects ([ELF](https://gabi.xinuos.com/)): `strip` takes them out, and what is loaded stays as it was.

use super::size;
use crate::watch::program;
use fs_err as fs;
use object::elf::FileHeader64;
use object::read::elf::{FileHeader as _, SectionHeader as _};
use object::{Endianness, pod};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A shared object without its debug sections.
#[derive(Debug, Clone)]
pub(crate) struct Stripped {
    /// The original.
    pub(crate) object: PathBuf,
    /// The other one.
    pub(crate) lean: PathBuf,
    /// Bytes less.
    pub(crate) saved: u64,
}

/// Sections that nothing loads.
const NEEDLESS: &[&[u8]] =
    &[b".symtab", b".debug_info", b".debug_line", b".debug_str", b".gnu_debugdata", b".zdebug_info"];

/// Bytes less than which nobody wins: a page.
const LEAST: u64 = 4096;

/// Whether a file is a shared object with sections that nothing loads.
pub(super) fn has_debug(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_shared = name.contains(".so.") || [".so", ".node"].iter().any(|end| name.ends_with(end));
    if !is_shared {
        return false;
    }
    let Ok(bytes) = fs::read(path) else { return false };
    let Ok(header) = FileHeader64::<Endianness>::parse(&*bytes) else { return false };
    let Ok(endian) = header.endian() else { return false };
    let Ok(sections) = header.sections(endian, &*bytes) else { return false };
    sections.iter().any(|section| {
        let name = sections.section_name(endian, section).unwrap_or_default();
        NEEDLESS.contains(&name) && section.sh_size(endian) >= LEAST
    })
}

/// Takes the debug sections out of shared objects, each into a file of the folder. What would be loaded otherwise than before stays.
///
/// # Errors
/// Why nothing can be done: `strip` is not there.
pub(crate) fn strip(objects: &[PathBuf], folder: &Path) -> Result<Vec<Stripped>, String> {
    let Some(strip) = program("strip") else {
        return Err("debug sections stay: strip (binutils) is not installed".to_owned());
    };
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let start = fs::read_dir(folder).map_or(0, Iterator::count);
    let mut all = Vec::new();
    for (number, object) in (start..).zip(objects) {
        let lean = folder.join(number.to_string());
        let ran = Command::new(&strip)
            .args(["--strip-unneeded", "-o"])
            .arg(&lean)
            .arg(object)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let saved = size(object).saturating_sub(size(&lean));
        let (Ok(before), Ok(after)) = (fs::read(object), fs::read(&lean)) else { continue };
        if ran.is_ok_and(|status| status.success()) && saved >= LEAST && headers(&before) == headers(&after) {
            all.push(Stripped { object: object.clone(), lean, saved });
        }
    }
    Ok(all)
}

/// The program headers of a file, byte by byte: what is loaded where. A file without any is compared as a whole.
fn headers(bytes: &[u8]) -> Vec<u8> {
    let Ok(header) = FileHeader64::<Endianness>::parse(bytes) else { return bytes.to_vec() };
    let Ok(endian) = header.endian() else { return bytes.to_vec() };
    let table = header.program_headers(endian, bytes);
    table.map_or_else(|_| bytes.to_vec(), |table| pod::bytes_of_slice(table).to_vec())
}
