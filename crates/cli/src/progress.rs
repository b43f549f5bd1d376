//! The moving line on standard error: only for a person who waits, so only after a moment.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a run may take before anything moves.
const PATIENCE: Duration = Duration::from_millis(300);

/// A line that shows the current stage until it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Dropped first: tells the waiting thread to go.
    done: Option<Sender<()>>,
    waiting: Option<JoinHandle<()>>,
}

impl Progress {
    /// A line that appears after a moment.
    pub(crate) fn start() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        let (done, wait) = channel();
        let shown = bar.clone();
        let waiting = std::thread::spawn(move || {
            if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(100));
            }
        });
        Self { bar, done: Some(done), waiting: Some(waiting) }
    }

    /// What an analysis tells its stages to.
    pub(crate) fn listener(&self) -> depslim::Progress {
        let bar = self.bar.clone();
        Arc::new(move |stage: &str| bar.set_message(stage.to_owned()))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done = None;
        if let Some(waiting) = self.waiting.take() {
            // A thread that panicked has nothing more to show.
            let _ = waiting.join();
        }
        self.bar.finish_and_clear();
    }
}
