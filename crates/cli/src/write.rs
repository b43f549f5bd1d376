//! Writing: results to standard output, files as a whole or not at all.

use crate::stop::{Outcome, Stop};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a result to standard output.
///
/// # Errors
/// When the reader went away, or the disk behind it is full.
pub(crate) fn print(text: &str) -> Outcome<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes lines to standard error, where names from outside move no cursor. That nobody reads them is no failure.
pub(crate) fn say(message: impl std::fmt::Display) {
    let mut err = io::stderr().lock();
    for line in message.to_string().lines() {
        let _ = writeln!(err, "{}", depslim_report::escape::terminal(line));
    }
}

/// Writes a file so that whoever looks sees the old content or the new one, never a part. A file that was there keeps its
/// permissions; what is no plain file (a pipe, a device) is written to as it is.
///
/// # Errors
/// With the path, when it is a folder or can't be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let named = |error: &io::Error| Stop::error(format_args!("{}: {}", path.display(), cause(error)));
    // Through a link, to what it points to.
    let target = fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = match fs_err::metadata(&target) {
        Ok(metadata) if metadata.is_dir() => return Err(Stop::error(format_args!("{}: is a folder", path.display()))),
        Ok(metadata) if !metadata.is_file() => return fs_err::write(&target, bytes).map_err(|error| named(&error)),
        Ok(metadata) => Some(metadata),
        Err(_) => None,
    };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let replace = || -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".depslim-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // As any new file: the user's mask takes from it.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        if let Some(before) = &before {
            file.as_file().set_permissions(before.permissions())?;
        }
        file.persist(&target).map_err(|error| error.error)?;
        Ok(())
    };
    replace().map_err(|error| named(&error))
}

/// An error in the system's words, without the names of helper files.
pub(crate) fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        kind if error.get_ref().is_some() => kind.to_string(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fs_err as fs;

    fn message(outcome: Outcome<()>) -> String {
        match outcome {
            Err(Stop::Message(_, lines)) => lines.join("\n"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.json");
        write(&file, b"one").unwrap();
        write(&file, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real.txt"), folder.path().join("link.txt"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        write(&folder.path().join("fresh.txt"), b"x").unwrap();
        assert_eq!(fs::metadata(folder.path().join("fresh.txt")).unwrap().permissions().mode() & 0o600, 0o600);
        write(Path::new("/dev/null"), b"x").unwrap();
    }

    #[test]
    fn what_can_not_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display();
        assert_eq!(message(write(folder.path(), b"x")), format!("{path}: is a folder"));
        let missing = folder.path().join("no/such/report.json");
        assert_eq!(message(write(&missing, b"x")), format!("{path}/no/such/report.json: no such file or folder"));
    }
}
