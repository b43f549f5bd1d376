//! The walk on Linux: `getdents64` and `statx` relative to open folders, at the speed of the system calls.

use super::portable::{join, last};
use super::queue;
use super::tally::{Folder, Stat, Survey, Tally};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, Statx, StatxFlags, openat, statx};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of folder entries that one system call may return. Large enough for several entries of the longest legal name.
const BUFFER: usize = 32 * 1024;
/// Folders kept open at once. Past it, folders are opened by a longer path from one that is open.
const OPEN: usize = 200;
/// Longest path from an open folder; the system's own limit is 4,096.
const LONGEST: usize = 2048;
/// What is asked for each file.
const FIELDS: StatxFlags =
    StatxFlags::SIZE.union(StatxFlags::BLOCKS).union(StatxFlags::INO).union(StatxFlags::NLINK).union(StatxFlags::TYPE);
const NOT_FOLLOWED: AtFlags = AtFlags::SYMLINK_NOFOLLOW.union(AtFlags::NO_AUTOMOUNT);

/// Walks the tree. `None` when the kernel does not know `statx`.
pub(super) fn walk<'s>(tree: &Path, survey: &'s Survey<'s>, threads: usize) -> io::Result<Option<Vec<Tally<'s>>>> {
    // Links on the way to the tree are followed, and the tree may be one itself; nothing below it is.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = openat(CWD, tree, flags, Mode::empty())?;
    match stat_of(fd.as_fd(), c"", AtFlags::EMPTY_PATH) {
        Ok(_) => {}
        Err(Errno::NOSYS) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let open = AtomicUsize::new(0);
    let held = Arc::new(Held::new(fd, None, &open));
    let first = Job { from: held, path: c".".to_owned(), folder: survey.root() };
    let begin =
        || Worker { tally: Tally::new(survey), buffer: Vec::with_capacity(BUFFER), below: Vec::new(), open: &open };
    Ok(Some(queue::run(threads, first, begin, |job, stack, worker| worker.visit(&job, stack), |worker| worker.tally)))
}

/// A folder to visit: `path` from an open folder.
struct Job<'o> {
    from: Arc<Held<'o>>,
    path: CString,
    folder: Folder,
}

/// A folder that is kept open until all below it are open themselves.
struct Held<'o> {
    fd: OwnedFd,
    trail: Option<Arc<Trail>>,
    open: &'o AtomicUsize,
}

/// How one came to a folder; only read for messages and kept paths.
struct Trail {
    above: Option<Arc<Self>>,
    path: CString,
}

struct Worker<'s, 'o> {
    tally: Tally<'s>,
    buffer: Vec<u8>,
    below: Vec<(CString, Folder)>,
    open: &'o AtomicUsize,
}

impl<'o> Worker<'_, 'o> {
    fn visit(&mut self, job: &Job<'o>, stack: &mut Vec<Job<'o>>) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = match openat(&job.from.fd, &*job.path, flags, Mode::empty()) {
            Ok(fd) => fd,
            // Taken away since its name was read.
            Err(Errno::NOENT) => return,
            Err(error) => {
                // It can't be looked into, but it is there.
                if let Ok(stat) = stat_of(job.from.fd.as_fd(), &job.path, NOT_FOLLOWED) {
                    self.tally.folder(seen(&stat));
                }
                self.tally.unreadable(&job.full_path(), why(error));
                return;
            }
        };
        match stat_of(fd.as_fd(), c"", AtFlags::EMPTY_PATH) {
            Ok(stat) => self.tally.folder(seen(&stat)),
            Err(error) => self.tally.unreadable(&job.full_path(), why(error)),
        }

        let mut visit = self.tally.visit(job.folder, job.name());
        let mut entries = RawDir::new(fd.as_fd(), self.buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    visit.unreadable(&job.full_path(), why(error));
                    break;
                }
            };
            let name = entry.file_name();
            let bytes = name.to_bytes();
            match entry.file_type() {
                FileType::Directory if bytes == b"." || bytes == b".." => {}
                FileType::Directory => self.below.push((name.to_owned(), visit.folder(bytes))),
                kind => match stat_of(fd.as_fd(), name, NOT_FOLLOWED) {
                    // Some file systems do not tell the kind with the name.
                    Ok(stat) if kind == FileType::Unknown && is_folder(&stat) => {
                        if bytes != b"." && bytes != b".." {
                            self.below.push((name.to_owned(), visit.folder(bytes)));
                        }
                    }
                    Ok(stat) => visit.file(bytes, seen(&stat)),
                    Err(Errno::NOENT) => {}
                    Err(error) => visit.unreadable(&join(&job.full_path(), bytes), why(error)),
                },
            }
        }
        drop(visit);
        if !self.below.is_empty() {
            self.push(job, fd, stack);
        }
    }

    /// Puts the folders below on the stack, reached through `fd` or, when many are open, through the one that `job` came from.
    fn push(&mut self, job: &Job<'o>, fd: OwnedFd, stack: &mut Vec<Job<'o>>) {
        let here = job.path.to_bytes();
        if self.open.load(Ordering::Relaxed) < OPEN || here.len() > LONGEST {
            let trail = Trail { above: job.from.trail.clone(), path: job.path.clone() };
            let held = Arc::new(Held::new(fd, Some(Arc::new(trail)), self.open));
            stack.extend(self.below.drain(..).map(|(path, folder)| Job { from: Arc::clone(&held), path, folder }));
        } else {
            // Names come from the system, so there is no NUL in them.
            let through = |name: CString| CString::new(join(here, name.as_bytes())).unwrap_or(name);
            stack.extend(self.below.drain(..).map(|(name, folder)| Job {
                from: Arc::clone(&job.from),
                path: through(name),
                folder,
            }));
        }
    }
}

impl Job<'_> {
    /// The folder's name; the tree itself has none.
    fn name(&self) -> &[u8] {
        if self.from.trail.is_none() && self.path.to_bytes() == b"." { b"" } else { last(self.path.to_bytes()) }
    }

    /// Path relative to the tree.
    fn full_path(&self) -> Vec<u8> {
        let mut parts = vec![self.path.to_bytes()];
        let mut trail = self.from.trail.as_ref();
        while let Some(at) = trail {
            parts.push(at.path.to_bytes());
            trail = at.above.as_ref();
        }
        parts.iter().rev().fold(Vec::new(), |path, part| join(&path, part))
    }
}

impl<'o> Held<'o> {
    fn new(fd: OwnedFd, trail: Option<Arc<Trail>>, open: &'o AtomicUsize) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self { fd, trail, open }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Trail {
    /// Step by step, for a chain of folders can be longer than the stack is deep.
    fn drop(&mut self) {
        let mut above = self.above.take();
        while let Some(mut trail) = above.and_then(Arc::into_inner) {
            above = trail.above.take();
        }
    }
}

fn stat_of(folder: BorrowedFd<'_>, name: &CStr, flags: AtFlags) -> rustix::io::Result<Statx> {
    statx(folder, name, flags, FIELDS)
}

fn seen(stat: &Statx) -> Stat {
    Stat {
        // The kernel's own width: 12 bits and 20 bits.
        device: stat.stx_dev_major << 20 | stat.stx_dev_minor,
        inode: stat.stx_ino,
        links: stat.stx_nlink,
        bytes: stat.stx_size,
        on_disk: stat.stx_blocks * 512,
    }
}

/// The system's words: `permission denied`.
fn why(error: Errno) -> String {
    let text = io::Error::from(error).to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

fn is_folder(stat: &Statx) -> bool {
    FileType::from_raw_mode(stat.stx_mode.into()) == FileType::Directory
}
