//! What fits on the same rows share: columns in bins, a library's own matrix, rows after the first steps of a pipeline.
//!
//! Candidates of a search are fitted on the same inner folds, and much of a fit hangs on the rows alone. What does is made once
//! for all that ask and handed out to each. Results are those of making it anew.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::error::Result;
use crate::os::memory::limit_bytes;

/// Bytes that everything kept may take, in all stores of a process together, and the share of the process's memory where that is
/// limited.
const MOST: usize = 1 << 30;
const MOST_OF_LIMIT: u64 = 4;

/// Bytes that a store may keep for a byte of its rows, and those that are no matter: rows after two different first steps, each
/// with the bins of every family, are about so many; what else was made is seldom asked for again.
const TIMES_ROWS: usize = 4;
const LEAST: usize = 1 << 26;

/// Bytes that are kept in all stores of the process.
static KEPT: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// Something made of rows that several fits can use.
pub trait Common: Any + Send + Sync {
    /// What it is, for counting.
    const NAME: &'static str;

    /// About how many bytes it takes.
    fn bytes(&self) -> usize;
}

/// A place in the store, locked while its value is being made: who else wants it waits.
type Slot = Arc<Mutex<Option<Arc<dyn Any + Send + Sync>>>>;

/// The rows, the kind of the value, and the parameters that it hangs on.
type Key = (String, TypeId, String);

struct Entry {
    slot: Slot,
    /// 0 until it is made.
    bytes: usize,
    /// When it was last asked for.
    used: u64,
}

#[derive(Default)]
struct State {
    entries: HashMap<Key, Entry>,
    bytes: usize,
    clock: u64,
    /// How often [`Shared::fresh`] was asked.
    named: usize,
    makes: HashMap<&'static str, usize>,
}

struct Store {
    /// Bytes that it may keep.
    most: usize,
    /// Bytes that it and others keep, and may keep together.
    kept: Arc<AtomicUsize>,
    most_in_all: usize,
    state: Mutex<State>,
}

impl Drop for Store {
    fn drop(&mut self) {
        let bytes = self.state().bytes;
        self.kept.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Store {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing of ours panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, key: &Key) -> Slot {
        let mut state = self.state();
        state.clock += 1;
        let used = state.clock;
        let entry = state.entries.entry(key.clone()).or_insert_with(|| Entry { slot: Slot::default(), bytes: 0, used });
        entry.used = used;
        Arc::clone(&entry.slot)
    }

    /// Counts a value that was made, and drops those that were not asked for the longest while all are too large.
    fn keep(&self, key: &Key, name: &'static str, bytes: usize) {
        let mut state = self.state();
        *state.makes.entry(name).or_default() += 1;
        if bytes > self.most {
            state.entries.remove(key);
            return;
        }
        // It may have been forgotten while it was being made.
        let Some(entry) = state.entries.get_mut(key) else { return };
        entry.bytes = bytes.max(1);
        state.bytes += bytes.max(1);
        self.kept.fetch_add(bytes.max(1), Ordering::Relaxed);
        while state.bytes > self.most || self.kept.load(Ordering::Relaxed) > self.most_in_all {
            let made = state.entries.iter().filter(|(_, entry)| entry.bytes > 0);
            let Some(oldest) = made.min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone()) else { return };
            let freed = state.entries.remove(&oldest).map_or(0, |entry| entry.bytes);
            self.free(&mut state, freed);
        }
    }

    fn free(&self, state: &mut State, bytes: usize) {
        state.bytes -= bytes;
        self.kept.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// What is shared by fits on the same rows. A value that is dropped for want of room lives on with those that have it.
#[derive(Clone)]
pub struct Shared {
    store: Arc<Store>,
    /// The rows' name in the store.
    rows: String,
}

impl Shared {
    /// An empty store that keeps at most so many bytes.
    pub fn within(most: usize) -> Self {
        Shared::of(most, (Arc::default(), most))
    }

    /// An empty store for rows that take so many bytes.
    pub fn for_rows(bytes: usize) -> Self {
        let limit = limit_bytes().and_then(|bytes| usize::try_from(bytes / MOST_OF_LIMIT).ok());
        let most = bytes.saturating_mul(TIMES_ROWS).max(LEAST);
        Shared::of(most, (Arc::clone(&KEPT), limit.map_or(MOST, |limit| limit.min(MOST))))
    }

    fn of(most: usize, (kept, most_in_all): (Arc<AtomicUsize>, usize)) -> Self {
        let store = Store { most: most.min(most_in_all), kept, most_in_all, state: Mutex::default() };
        Shared { store: Arc::new(store), rows: String::new() }
    }

    /// Other rows, in the same store: those that `name` makes of these.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        Shared { store: Arc::clone(&self.store), rows: format!("{}/{name}", self.rows) }
    }

    /// Rows that nobody else has, in the same store.
    #[must_use]
    pub fn fresh(&self) -> Self {
        let mut state = self.store.state();
        state.named += 1;
        let name = format!("({})", state.named);
        drop(state);
        self.part(&name)
    }

    /// The value that `make` makes of the rows with the parameters `how`: made once, whoever asks. A failure is not kept.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn get<T: Common>(&self, how: String, make: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let key = (self.rows.clone(), TypeId::of::<T>(), how);
        let slot = self.store.slot(&key);
        let mut held = match slot.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(broken)) => broken.into_inner(),
            // A thread that makes the value and waits for the others of its pool may have taken up the job that asks here: it
            // would wait for itself.
            Err(TryLockError::WouldBlock) if rayon::current_num_threads() > 1 => return make().map(Arc::new),
            Err(TryLockError::WouldBlock) => slot.lock().unwrap_or_else(PoisonError::into_inner),
        };
        if let Some(Ok(value)) = held.clone().map(|value| value.downcast::<T>()) {
            return Ok(value);
        }
        let value = Arc::new(make()?);
        *held = Some(Arc::clone(&value) as Arc<dyn Any + Send + Sync>);
        self.store.keep(&key, T::NAME, value.bytes());
        Ok(value)
    }

    /// As [`Shared::get`] where there is a store; else it is made for the one who asks.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn or_own<T: Common>(
        shared: Option<&Self>,
        how: impl FnOnce() -> String,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<Arc<T>> {
        match shared {
            Some(shared) => shared.get(how(), make),
            None => make().map(Arc::new),
        }
    }

    /// Drops what was made of these rows and of their parts.
    pub fn forget(&self) {
        let mut state = self.store.state();
        let (below, mut freed) = (format!("{}/", self.rows), 0);
        state.entries.retain(|(rows, ..), entry| {
            let stays = *rows != self.rows && !rows.starts_with(&below);
            freed += if stays { 0 } else { entry.bytes };
            stays
        });
        self.store.free(&mut state, freed);
    }

    /// How many values called `name` were made so far, for whichever rows.
    pub fn makes(&self, name: &str) -> usize {
        self.store.state().makes.get(name).copied().unwrap_or(0)
    }

    /// How many bytes the store keeps.
    pub fn bytes(&self) -> usize {
        self.store.state().bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    struct Text(&'static str, usize);

    impl Common for Text {
        const NAME: &'static str = "text";
        fn bytes(&self) -> usize {
            self.1
        }
    }

    struct Number(u8);

    impl Common for Number {
        const NAME: &'static str = "number";
        fn bytes(&self) -> usize {
            0
        }
    }

    fn ask(shared: &Shared, how: &str, bytes: usize) -> &'static str {
        shared.get(how.to_owned(), || Ok(Text("new", bytes))).unwrap().0
    }

    #[test]
    fn a_value_is_made_once_for_each_rows_kind_and_parameters() {
        let shared = Shared::within(100);
        let first = shared.get("a".into(), || Ok(Text("first", 3))).unwrap();
        let again = shared.get("a".into(), || Ok(Text("second", 3))).unwrap();
        assert_eq!((first.0, again.0), ("first", "first"));
        assert_eq!(shared.get("a".into(), || Ok(Number(7))).unwrap().0, 7);
        assert_eq!(shared.get("b".into(), || Ok(Text("other", 3))).unwrap().0, "other");
        assert_eq!(shared.part("x").get("a".into(), || Ok(Text("rows", 3))).unwrap().0, "rows");
        assert_eq!((shared.makes("text"), shared.makes("number")), (3, 1));
    }

    #[test]
    fn who_asks_while_it_is_made_waits_for_it() {
        let shared = Shared::within(100);
        let alone = || rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let asked: Vec<&str> = std::thread::scope(|scope| {
            let ask = || alone().install(|| ask(&shared, "a", 1));
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!((asked.len(), shared.makes("text")), (8, 1));
    }

    #[test]
    fn a_thread_does_not_wait_for_itself() {
        use rayon::prelude::*;

        let shared = Shared::within(100);
        let slow = || {
            (0..64).into_par_iter().for_each(|_| std::thread::yield_now());
            Ok(Text("made", 1))
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let asked = |_| shared.get("a".into(), slow).unwrap().0;
        assert_eq!(pool.install(|| (0..200).into_par_iter().map(asked).collect::<Vec<_>>()), ["made"; 200]);
    }

    #[test]
    fn stores_of_one_budget_are_counted_together() {
        let kept: Arc<AtomicUsize> = Arc::default();
        let [one, other] = [9, 100].map(|most| Shared::of(most, (Arc::clone(&kept), 10)));
        ask(&one, "a", 4);
        ask(&other, "a", 4);
        ask(&other, "b", 4);
        assert_eq!((one.bytes(), other.bytes()), (4, 4));
        drop(one);
        ask(&other, "a", 4);
        assert_eq!((other.bytes(), kept.load(Ordering::Relaxed)), (8, 8));
        let one = Shared::of(3, (Arc::default(), 10));
        for how in ["a", "b"] {
            ask(&one, how, 2);
        }
        assert_eq!(one.bytes(), 2, "its own bound is less than that of all");
    }

    #[test]
    fn what_was_not_asked_for_the_longest_makes_room() {
        let shared = Shared::within(10);
        for how in ["a", "b", "a", "c"] {
            ask(&shared, how, 4);
        }
        // 12 bytes are too many, and "a" was asked for after "b".
        assert_eq!(shared.bytes(), 8);
        assert_eq!(shared.get("a".into(), || Ok(Text("again", 4))).unwrap().0, "new");
        assert_eq!(shared.get("b".into(), || Ok(Text("again", 4))).unwrap().0, "again");
        assert_eq!(shared.bytes(), 8);
        // What is larger than all that may be kept is handed out and drives nothing else out.
        assert_eq!(shared.get("large".into(), || Ok(Text("large", 11))).unwrap().0, "large");
        assert_eq!(shared.bytes(), 8);
    }

    #[test]
    fn failures_are_not_kept_and_rows_are_forgotten_with_their_parts() {
        let shared = Shared::within(100).part("fold 1");
        let failed = shared.get("a".into(), || Err::<Text, _>(Error::Component("no".into())));
        assert_eq!(failed.err().unwrap().to_string(), "no");
        ask(&shared, "a", 5);
        ask(&shared.part("scaled"), "a", 6);
        let other = Shared { rows: "/fold 12".into(), ..shared.clone() };
        ask(&other, "a", 7);
        assert_eq!((shared.bytes(), shared.makes("text")), (18, 3));
        shared.forget();
        assert_eq!(shared.bytes(), 7);
        assert_eq!(other.get("a".into(), || Ok(Text("again", 7))).unwrap().0, "new");
    }
}
