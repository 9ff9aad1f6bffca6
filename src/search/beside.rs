//! Jobs side by side, so that they share well.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Does so many jobs in order on as many threads as the current rayon pool has, and gives what they gave. While there are jobs
/// for all threads each job has one: that is less work than several threads in a job, and two jobs never take the same thread.
/// The last jobs, where they are fewer, divide the threads.
///
/// Every job has a pool of its own: a thread that waits inside a job takes up no other one, so that a job may hold a lock.
pub(super) fn beside<R: Send>(jobs: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let threads = rayon::current_num_threads();
    if threads == 1 || jobs == 1 {
        return (0..jobs).map(work).collect();
    }
    let left = jobs % threads;
    let mut done = round(0..jobs - left, &vec![1; threads], &work);
    if left > 0 {
        let shares: Vec<usize> = (0..left).map(|nth| threads / left + usize::from(nth < threads % left)).collect();
        done.extend(round(jobs - left..jobs, &shares, &work));
    }
    done
}

/// Does the jobs of these numbers in pools of these sizes; one after the other where the system has no more threads.
fn round<R: Send>(jobs: Range<usize>, sizes: &[usize], work: &(impl Fn(usize) -> R + Sync)) -> Vec<R> {
    if jobs.is_empty() {
        return Vec::new();
    }
    let pools: Result<Vec<ThreadPool>, _> =
        sizes.iter().map(|&size| ThreadPoolBuilder::new().num_threads(size).build()).collect();
    let Ok(pools) = pools else { return jobs.map(work).collect() };
    let next = AtomicUsize::new(jobs.start);
    let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|job| *job < jobs.end);
    let one_after_the_other = || {
        let mut done = Vec::new();
        while let Some(job) = take() {
            done.push((job, work(job)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let install = |pool: &'_ ThreadPool| pool.install(one_after_the_other);
        let running: Vec<_> = pools.iter().map(|pool| scope.spawn(move || install(pool))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    done.sort_unstable_by_key(|(job, _)| *job);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::{Barrier, Mutex};

    use super::*;

    fn within<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
        ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
    }

    #[test]
    fn jobs_have_one_thread_each_and_the_last_ones_divide_them() {
        for (threads, jobs, expected) in [
            (1, 3, vec![1, 1, 1]),
            (2, 5, vec![1, 1, 1, 1, 2]),
            (3, 5, vec![1, 1, 1, 2, 1]),
            (4, 1, vec![4]),
            (4, 3, vec![2, 1, 1]),
            (2, 0, vec![]),
        ] {
            let last = jobs - jobs % threads;
            // The last jobs run at once.
            let all = Barrier::new(jobs - last);
            let size = |job: usize| {
                if job >= last {
                    all.wait();
                }
                (job, rayon::current_num_threads())
            };
            let sizes = within(threads, || beside(jobs, size));
            let in_order: Vec<usize> = sizes.iter().map(|(job, _)| *job).collect();
            assert_eq!(in_order, (0..jobs).collect::<Vec<_>>());
            let mut sizes: Vec<usize> = sizes.into_iter().map(|(_, size)| size).collect();
            // Which of the last jobs has the thread that is left over is chance.
            let mut expected = expected;
            sizes[last..].sort_unstable();
            expected[last..].sort_unstable();
            assert_eq!(sizes, expected, "{threads} threads, {jobs} jobs");
        }
    }

    #[test]
    fn a_job_may_hold_a_lock_over_parallel_work() {
        use rayon::prelude::*;

        let lock = Mutex::new(HashSet::new());
        let sums = within(2, || {
            beside(40, |job| {
                let mut seen = lock.lock().unwrap();
                seen.insert(job);
                (0..10_000_u64).into_par_iter().sum::<u64>()
            })
        });
        assert_eq!((sums, lock.into_inner().unwrap().len()), (vec![49_995_000; 40], 40));
    }

    #[test]
    #[should_panic(expected = "job 3")]
    fn what_a_job_says_when_it_panics_is_heard() {
        let _ = within(2, || beside(6, |job| assert_ne!(job, 3, "job 3")));
    }
}
