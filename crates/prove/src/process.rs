//! One run: its time, the beginning and the end of its output, and the end of everything that it started.

use crate::place::MARK;
use std::collections::VecDeque;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a run came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ran {
    /// Its exit code; `None` when a signal or the time limit ended it.
    pub(crate) code: Option<i32>,
    /// The time limit ended it.
    pub(crate) timed_out: bool,
    /// What it printed, each line with its number: the first and the last, when there are more than are kept.
    pub(crate) lines: Vec<(u32, String)>,
}

impl Ran {
    /// How it ended, for people.
    pub(crate) fn end(&self, limit: Duration) -> String {
        match self.code {
            _ if self.timed_out => format!("did not end within {} s (--timeout)", limit.as_secs()),
            Some(code) => format!("ended with exit code {code}"),
            None => "was ended by a signal".to_owned(),
        }
    }

    /// The last lines that say something.
    pub(crate) fn tail(&self, most: usize) -> Vec<String> {
        let said: Vec<&String> = self.lines.iter().map(|(_, line)| line).filter(|l| !l.trim().is_empty()).collect();
        said[said.len().saturating_sub(most)..].iter().map(|line| (*line).clone()).collect()
    }
}

/// Runs a command until it ends, its time is up, or somebody asks to stop; nothing that it started outlives it.
pub(crate) fn run(
    mut command: Command,
    mark: &Path,
    limit: Duration,
    stop: &dyn Fn() -> bool,
) -> io::Result<Option<Ran>> {
    let (mut reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        command.process_group(0);
    }
    let mut child = command.spawn()?;
    // The command holds the other end of the pipe.
    drop(command);
    let kept = Arc::new(Mutex::new(Kept::default()));
    let (done, all_read) = mpsc::channel();
    let keeping = Arc::clone(&kept);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read) = reader.read(&mut buffer)
            && read > 0
        {
            keeping.lock().unwrap_or_else(PoisonError::into_inner).take(&buffer[..read]);
        }
        let _ = done.send(());
    });
    let start = Instant::now();
    let (mut timed_out, mut stopped, mut pause) = (false, false, Duration::from_millis(1));
    let code = loop {
        if let Some(status) = child.try_wait()? {
            break status.code();
        }
        timed_out = start.elapsed() >= limit;
        stopped = stop();
        if timed_out || stopped {
            end(&mut child);
            child.wait()?;
            break None;
        }
        // Wakes early when the output ends, which is mostly when the command does.
        if matches!(all_read.recv_timeout(pause), Ok(()) | Err(RecvTimeoutError::Disconnected)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    // What it left running would hold the pipe, the copy and the machine.
    end(&mut child);
    end_marked(mark);
    // What it has printed is there to be read; on a busy machine that takes a while.
    let taken = || kept.lock().unwrap_or_else(PoisonError::into_inner).taken;
    let mut before = taken();
    while all_read.recv_timeout(Duration::from_millis(500)) == Err(RecvTimeoutError::Timeout) && taken() > before {
        before = taken();
    }
    let lines = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner)).lines();
    Ok((!stopped).then_some(Ran { code, timed_out, lines }))
}

/// Kills a command and all of its group.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
}

/// Kills what carries the mark of a run: what left its group, and what a killed depslim left behind.
pub(crate) fn end_marked(mark: &Path) {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let wanted = [MARK.as_bytes(), b"=", mark.as_os_str().as_bytes()].concat();
        let own = std::process::id().to_string();
        // A process may start another one while it is looked at.
        for _ in 0..3 {
            let mut found = false;
            for entry in fs_err::read_dir("/proc").into_iter().flatten().flatten() {
                let name = entry.file_name();
                let Some(id) = name.to_str().filter(|name| *name != own).and_then(|name| name.parse().ok()) else {
                    continue;
                };
                let variables = fs_err::read(entry.path().join("environ")).unwrap_or_default();
                if variables.split(|byte| *byte == 0).any(|variable| variable == wanted)
                    && let Some(process) = rustix::process::Pid::from_raw(id)
                {
                    found |= rustix::process::kill_process(process, rustix::process::Signal::KILL).is_ok();
                }
            }
            if !found {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (mark, MARK);
}

/// Bytes that are kept of the beginning of an output, and of its end.
const HEAD: usize = 256 * 1024;
const TAIL: usize = 1024 * 1024;

/// The beginning and the end of an output.
#[derive(Debug, Default)]
struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    /// Line ends that fell out between the two.
    lost: u32,
    /// Bytes read, kept or not.
    taken: u64,
}

impl Kept {
    fn take(&mut self, bytes: &[u8]) {
        self.taken += bytes.len() as u64;
        let (first, rest) = bytes.split_at(bytes.len().min(HEAD - self.head.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(TAIL);
        self.lost += self.tail.drain(..over).filter(|byte| *byte == b'\n').count() as u32;
    }

    fn lines(self) -> Vec<(u32, String)> {
        let tail: Vec<u8> = self.tail.into();
        let mut lines = Vec::new();
        let number = |from: u32, text: &[u8], into: &mut Vec<(u32, String)>| {
            let mut at = from;
            for line in text.split(|byte| *byte == b'\n') {
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                into.push((at, String::from_utf8_lossy(line).into_owned()));
                at += 1;
            }
            at - 1
        };
        if self.lost == 0 {
            number(1, &[self.head, tail].concat(), &mut lines);
        } else {
            let last = number(1, &self.head, &mut lines);
            number(last + self.lost, &tail, &mut lines);
        }
        if lines.last().is_some_and(|(_, line)| line.is_empty()) {
            lines.pop();
        }
        lines
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: u64, mark: &Path) -> Ran {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).env(MARK, mark);
        run(command, mark, Duration::from_millis(limit), &|| false).unwrap().unwrap()
    }

    fn alive(word: &str) -> bool {
        let own = std::process::id().to_string();
        fs_err::read_dir("/proc").unwrap().flatten().any(|entry| {
            let line = fs_err::read(entry.path().join("cmdline")).unwrap_or_default();
            entry.file_name() != own.as_str() && String::from_utf8_lossy(&line).contains(word)
        })
    }

    #[test]
    fn output_of_both_streams_is_kept_in_order_with_line_numbers() {
        let ran = shell("echo one; echo two >&2; printf 'thr\\377ee'; exit 3", 10_000, Path::new("/none"));
        assert_eq!(ran.code, Some(3));
        assert_eq!(ran.lines, [(1, "one".to_owned()), (2, "two".to_owned()), (3, "thr\u{fffd}ee".to_owned())]);
    }

    #[test]
    fn a_command_that_never_ends_is_ended_with_what_it_forked() {
        let folder = tempfile::tempdir().unwrap();
        let start = Instant::now();
        let ran = shell("(sleep 98761 &) ; (setsid sleep 98761 &) ; echo on; sleep 98761", 300, folder.path());
        assert!(ran.timed_out && ran.code.is_none());
        assert_eq!(ran.lines, [(1, "on".to_owned())]);
        assert!(start.elapsed() < Duration::from_secs(20));
        assert!(!alive("98761"));
    }

    #[test]
    fn what_a_command_leaves_running_neither_holds_the_run_nor_outlives_it() {
        let folder = tempfile::tempdir().unwrap();
        let start = Instant::now();
        let ran = shell("setsid sleep 98762 & echo done", 60_000, folder.path());
        assert_eq!((ran.code, ran.timed_out), (Some(0), false));
        assert!(start.elapsed() < Duration::from_secs(20));
        assert!(!alive("98762"));
    }

    #[test]
    fn endless_output_is_cut_in_the_middle_and_lines_keep_their_numbers() {
        let ran = shell("seq 1 1000000; echo last", 60_000, Path::new("/none"));
        assert_eq!(ran.lines.first(), Some(&(1, "1".to_owned())));
        assert_eq!(ran.lines.last(), Some(&(1_000_001, "last".to_owned())));
        assert!(ran.lines.len() < 400_000);
        // Whatever number a whole line has, it says the same itself.
        for (number, line) in ran.lines.iter().rev().skip(1).take(1000) {
            assert_eq!(number.to_string(), *line);
        }
    }

    #[test]
    fn somebody_who_asks_to_stop_is_heard() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "sleep 98763"]);
        let ran = run(command, Path::new("/none"), Duration::from_secs(61), &|| true).unwrap();
        assert!(ran.is_none() && !alive("98763"));
    }
}
