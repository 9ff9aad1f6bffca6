//! Who does what next: prefix by prefix, a prefix's matrices computed once and dropped with its last cell.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use super::pace::{Kind, Pace};
use super::prefix::{Failure, Kept, Prepared};
use crate::study::Cell;

/// Cells with the same dataset variant, split, resampler and scaler; indices into the list of outstanding cells.
struct Group {
    key: ResampleKey,
    cells: Vec<usize>,
}

/// What a resampler's choice depends on: dedup, split, resampler.
pub type ResampleKey = (bool, usize, usize);

/// A resampler's choice, made once by whoever needs it first.
pub type SharedKept = Arc<OnceLock<Result<Kept, Failure>>>;

/// What a worker is to do.
pub enum Task {
    /// Prepare this group's matrices and hand them to [`Schedule::open`].
    Prepare { group: usize, first: usize, kept: SharedKept },
    /// Run this cell on its prefix.
    Run { cell: usize, prepared: Arc<Prepared> },
}

struct Open {
    cells: VecDeque<usize>,
    prepared: Arc<Prepared>,
}

struct State {
    waiting: VecDeque<usize>,
    preparing: usize,
    open: Vec<Open>,
    kept: HashMap<ResampleKey, (SharedKept, usize)>,
    in_flight: usize,
    stopped: bool,
}

/// The shared to-do list.
pub struct Schedule {
    groups: Vec<Group>,
    state: Mutex<State>,
    changed: Condvar,
}

impl Schedule {
    /// Groups `cells`, which are in plan order.
    pub fn new(cells: &[&Cell]) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        let mut last = None;
        for (index, cell) in cells.iter().enumerate() {
            let key = (cell.id.dedup, cell.split, cell.resampler);
            if last != Some((key, cell.scaler)) {
                groups.push(Group { key, cells: Vec::new() });
                last = Some((key, cell.scaler));
            }
            if let Some(group) = groups.last_mut() {
                group.cells.push(index);
            }
        }
        let mut kept: HashMap<ResampleKey, (SharedKept, usize)> = HashMap::new();
        for group in &groups {
            kept.entry(group.key).or_default().1 += 1;
        }
        let waiting = (0..groups.len()).collect();
        let state = State { waiting, preparing: 0, open: Vec::new(), kept, in_flight: 0, stopped: false };
        Schedule { groups, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next task; waits while others prepare what this worker could run. `None` when nothing is left to begin.
    pub fn next(&self) -> Option<Task> {
        let mut state = self.state();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(open) = state.open.iter_mut().find(|o| !o.cells.is_empty())
                && let Some(cell) = open.cells.pop_front()
            {
                let prepared = Arc::clone(&open.prepared);
                // The matrices live on in the workers that use them, and go with the last of these.
                state.open.retain(|o| !o.cells.is_empty());
                state.in_flight += 1;
                return Some(Task::Run { cell, prepared });
            }
            // One prefix is prepared at a time: at most this one and those whose last cells still run are alive.
            if state.preparing == 0
                && let Some(group) = state.waiting.pop_front()
            {
                state.preparing += 1;
                let key = self.groups[group].key;
                let kept = state.kept.get(&key).map(|(kept, _)| Arc::clone(kept)).unwrap_or_default();
                return Some(Task::Prepare { group, first: self.groups[group].cells[0], kept });
            }
            if state.preparing == 0 && state.waiting.is_empty() {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes a prepared prefix and opens its cells, those that are expected to take longest first.
    /// `kind` says which cells are alike.
    pub fn open(&self, group: usize, prepared: Prepared, pace: &Pace, kind: impl Fn(usize) -> Kind) {
        let mut cells = self.groups[group].cells.clone();
        let expect = |cell: usize| pace.expect(kind(cell));
        cells.sort_by(|&a, &b| expect(b).total_cmp(&expect(a)));
        let mut state = self.state();
        state.open.push(Open { cells: cells.into(), prepared: Arc::new(prepared) });
        self.prepared(&mut state, group);
    }

    /// Gives up a prefix that could not be prepared; its cells are returned, to be recorded as failed.
    pub fn abandon(&self, group: usize) -> Vec<usize> {
        self.prepared(&mut self.state(), group);
        self.groups[group].cells.clone()
    }

    fn prepared(&self, state: &mut State, group: usize) {
        state.preparing -= 1;
        let key = self.groups[group].key;
        if let Some((_, users)) = state.kept.get_mut(&key) {
            *users -= 1;
            if *users == 0 {
                state.kept.remove(&key);
            }
        }
        self.changed.notify_all();
    }

    /// A cell that was handed out is done.
    pub fn done(&self) {
        self.state().in_flight -= 1;
    }

    /// Hands out nothing more; returns how many cells are in flight.
    pub fn stop(&self) -> usize {
        let mut state = self.state();
        state.stopped = true;
        self.changed.notify_all();
        state.in_flight
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; were it so, the list would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
