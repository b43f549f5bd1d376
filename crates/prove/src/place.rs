//! The folder that a proof works in: one for each run of depslim, owned by a lock that ends with its process. What an earlier run
//! left behind, because it was killed, goes with the next one.

use crate::process;
use fs_err::{self as fs, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of this run's own, removed when this goes.
#[derive(Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    base: PathBuf,
    lock: Option<File>,
}

/// The variable that everything that a run starts carries: its folder.
pub(crate) const MARK: &str = "DEPSLIM_PROVE";

impl Place {
    /// Makes a folder below `base`, and removes those whose owners are gone.
    pub(crate) fn new(base: &Path) -> io::Result<Self> {
        fs::create_dir_all(base)?;
        let base = fs::canonicalize(base)?;
        // Nobody cleans while somebody makes.
        let gate = File::options().create(true).truncate(false).write(true).open(base.join(GATE))?;
        gate.lock()?;
        clean(&base)?;
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&base)?.keep();
        let lock = File::create(lock_of(&made))?;
        lock.lock()?;
        Ok(Self { folder: made, base, lock: Some(lock) })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What marks the processes of this run.
    pub(crate) fn mark(&self, command: &mut Command) {
        command.env(MARK, &self.folder);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        process::end_marked(&self.folder);
        // What can't be removed now is stale for the next run.
        let _ = remove(&self.folder);
        drop(self.lock.take());
        if !self.folder.exists() {
            let _ = fs::remove_file(lock_of(&self.folder));
        }
        // The last one takes the folder with it; what others need of it stays.
        if fs::read_dir(&self.base).is_ok_and(|mut entries| entries.all(|e| e.is_ok_and(|e| e.file_name() == GATE))) {
            let _ = fs::remove_file(self.base.join(GATE));
            let _ = fs::remove_dir(&self.base);
        }
    }
}

const GATE: &str = "gate.lock";
const PREFIX: &str = "run-";

fn lock_of(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}

/// Removes folders whose owners are gone, with what these left running.
fn clean(base: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)?.flatten() {
        let folder = entry.path();
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let owned = File::open(lock_of(&folder)).is_ok_and(|lock| lock.try_lock().is_err());
        if !owned {
            process::end_marked(&folder);
            let _ = remove(&folder);
            let _ = fs::remove_file(lock_of(&folder));
        }
    }
    Ok(())
}

/// Removes a folder, also where a run has taken away the right to do so.
fn remove(folder: &Path) -> io::Result<()> {
    if fs::remove_dir_all(folder).is_ok() {
        return Ok(());
    }
    #[cfg(unix)]
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_dir()) {
        use std::os::unix::fs::PermissionsExt as _;
        let _ = fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(0o700));
    }
    fs::remove_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(base: &Path) -> usize {
        fs::read_dir(base).map_or(0, Iterator::count)
    }

    #[test]
    fn a_place_goes_with_its_owner() {
        let base = tempfile::tempdir().unwrap();
        let base = base.path().join("prove");
        let place = Place::new(&base).unwrap();
        fs::write(place.folder().join("x"), "x").unwrap();
        drop(place);
        assert_eq!(entries(&base), 0);
    }

    #[test]
    fn the_next_run_removes_what_a_killed_one_left_and_nothing_else() {
        let base = tempfile::tempdir().unwrap();
        let living = Place::new(base.path()).unwrap();
        fs::create_dir_all(base.path().join("run-dead/deep")).unwrap();
        fs::write(base.path().join("run-dead.lock"), "").unwrap();
        fs::create_dir_all(base.path().join("run-older")).unwrap();
        fs::create_dir_all(base.path().join("somebody-elses")).unwrap();
        let second = Place::new(base.path()).unwrap();
        assert!(living.folder().exists() && second.folder().exists() && base.path().join("somebody-elses").exists());
        assert!(!base.path().join("run-dead").exists() && !base.path().join("run-dead.lock").exists());
        assert!(!base.path().join("run-older").exists());
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_that_a_run_locked_itself_out_of_is_removed() {
        use std::os::unix::fs::PermissionsExt as _;
        let base = tempfile::tempdir().unwrap();
        let place = Place::new(base.path()).unwrap();
        let shut = place.folder().join("shut");
        fs::create_dir_all(shut.join("in")).unwrap();
        fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o000)).unwrap();
        let folder = place.folder().to_owned();
        drop(place);
        assert!(!folder.exists());
    }
}
