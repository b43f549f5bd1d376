//! A work queue for walks: a stack for each thread, half of it given away when another thread has nothing to do.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Does `first` and all the jobs that come of it on `threads` threads, and returns what each of them made.
///
/// `work` gets a job, the stack to push further jobs on, and the thread's own state; `finish` runs on the thread at its end.
/// Depth first on each thread, so few jobs wait at any time.
pub(super) fn run<J, S, R>(
    threads: usize,
    first: J,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(J, &mut Vec<J>, &mut S) + Sync,
    finish: impl Fn(S) -> R + Sync,
) -> Vec<R>
where
    J: Send,
    R: Send,
{
    let threads = NonZero::new(threads).map_or(1, NonZero::get);
    let queue = Queue {
        shared: Mutex::new(Shared { jobs: vec![first], workers: threads, waiting: 0, done: false }),
        changed: Condvar::new(),
        idle: AtomicUsize::new(0),
    };
    let worker = || {
        let _guard = Guard(&queue);
        let mut state = begin();
        let mut stack = Vec::new();
        while let Some(job) = stack.pop().or_else(|| queue.take(&mut stack)) {
            work(job, &mut stack, &mut state);
            if stack.len() > 1 && queue.idle.load(Ordering::Relaxed) > 0 {
                queue.give(&mut stack);
            }
        }
        finish(state)
    };
    thread::scope(|scope| {
        let mut others = Vec::new();
        for _ in 1..threads {
            match thread::Builder::new().name("measure".into()).spawn_scoped(scope, worker) {
                Ok(handle) => others.push(handle),
                // The system has no thread to give: the others do its part.
                Err(_) => queue.lock().workers -= 1,
            }
        }
        let mut results = vec![worker()];
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}

struct Queue<J> {
    shared: Mutex<Shared<J>>,
    changed: Condvar,
    /// Threads that wait; read without the lock, as a hint.
    idle: AtomicUsize,
}

struct Shared<J> {
    jobs: Vec<J>,
    workers: usize,
    waiting: usize,
    done: bool,
}

impl<J> Queue<J> {
    fn lock(&self) -> MutexGuard<'_, Shared<J>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a job; `None` when all threads wait, for then no job can come any more.
    fn take(&self, stack: &mut Vec<J>) -> Option<J> {
        let mut shared = self.lock();
        shared.waiting += 1;
        self.idle.store(shared.waiting, Ordering::Relaxed);
        loop {
            if !shared.done && shared.jobs.is_empty() && shared.waiting == shared.workers {
                shared.done = true;
                self.changed.notify_all();
            }
            if shared.done {
                return None;
            }
            if !shared.jobs.is_empty() {
                let half = shared.jobs.len() / 2;
                stack.extend(shared.jobs.drain(half..));
                shared.waiting -= 1;
                self.idle.store(shared.waiting, Ordering::Relaxed);
                return stack.pop();
            }
            shared = self.changed.wait(shared).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Gives the older half away: it is nearer to the root, so there is more below it.
    fn give(&self, stack: &mut Vec<J>) {
        let half = stack.len() / 2;
        self.lock().jobs.extend(stack.drain(..half));
        self.changed.notify_all();
    }
}

/// Lets the other threads end when one panics, instead of waiting for it.
struct Guard<'q, J>(&'q Queue<J>);

impl<J> Drop for Guard<'_, J> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().done = true;
            self.0.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn every_job_is_done_once() {
        for threads in [0, 1, 2, 7] {
            // A tree of jobs: each job n pushes 2n+1 and 2n+2 below 10,000.
            let sums = run(
                threads,
                0_u64,
                || 0_u64,
                |n, stack, sum| {
                    *sum += n;
                    stack.extend([2 * n + 1, 2 * n + 2].into_iter().filter(|n| *n < 10_000));
                },
                |sum| sum,
            );
            assert_eq!(sums.len(), threads.max(1));
            assert_eq!(sums.iter().sum::<u64>(), (0..10_000).sum::<u64>());
        }
    }

    #[test]
    #[should_panic(expected = "job 40")]
    fn a_panic_ends_all_threads() {
        run(
            3,
            0_u64,
            || (),
            |n, stack, ()| {
                assert!(n != 40, "job {n}");
                stack.extend([n + 1, n + 1].into_iter().filter(|n| *n < 45));
            },
            |()| (),
        );
    }
}
