//! Work on several threads while the library is held.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `work` makes of each job, in their order, on as many threads as the current rayon pool has.
///
/// The threads are none of that pool's: one of these that waits takes up whatever else the pool has to do. That may be another member
/// of an ensemble, which waits for the library that this thread holds, and so for itself.
pub(super) fn aside<T: Sync, R: Send>(jobs: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = rayon::current_num_threads().min(jobs.len());
    if threads < 2 {
        return jobs.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let one_after_the_other = || {
        let mut done = Vec::new();
        loop {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(nth) else { return done };
            done.push((nth, work(job)));
        }
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        // Where the system has no more threads, those that there are do all.
        let start = |_| thread::Builder::new().spawn_scoped(scope, one_after_the_other).ok();
        let others: Vec<_> = (1..threads).filter_map(start).collect();
        let mut done = one_after_the_other();
        done.extend(others.into_iter().flat_map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic))));
        done
    });
    done.sort_unstable_by_key(|(nth, _)| *nth);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    fn within<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
    }

    #[test]
    fn jobs_keep_their_order_on_any_number_of_threads() {
        for threads in [1, 2, 7] {
            for count in [0, 1, 5, 100] {
                let jobs: Vec<usize> = (0..count).collect();
                let squares: Vec<usize> = (0..count).map(|job| job * job).collect();
                assert_eq!(within(threads, || aside(&jobs, |job| job * job)), squares);
            }
        }
    }

    #[test]
    fn the_threads_beside_the_first_are_none_of_the_pool() {
        // Each job waits until all three run.
        let all = Barrier::new(3);
        let in_pool = |_: &u8| {
            all.wait();
            rayon::current_thread_index().is_some()
        };
        let in_pool = within(3, || aside(&[0; 3], in_pool));
        assert_eq!(in_pool.iter().filter(|is_in_pool| **is_in_pool).count(), 1, "{in_pool:?}");
    }
}
