//! Who does what next: prefix by prefix, a prefix's matrices computed once and dropped with its last cell.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use super::prefix::{Failure, Kept, Prepared};
use crate::shared_file::SharedFile;
use crate::split::Leaks;
use crate::study::Cell;

/// Cells with the same dataset variant, leaks, split, resampler and scaler; indices into the list of outstanding cells.
struct Group {
    key: ResampleKey,
    cells: Vec<usize>,
    bytes: u64,
}

/// What a resampler's choice depends on: dedup, leaks, split, resampler.
type ResampleKey = (bool, Leaks, usize, usize);

/// A resampler's choice and the file that holds it.
pub struct Choice {
    pub file: SharedFile,
    pub kept: Kept,
}

/// A resampler's choice, made once by whoever needs it first.
pub type SharedChoice = Arc<Mutex<Option<Result<Arc<Choice>, Failure>>>>;

/// A prefix whose matrices are in memory.
pub struct Live {
    pub file: SharedFile,
    pub facts: Prepared,
}

/// What a worker is to do, and with how many threads.
pub enum Task {
    /// Prepare this group's matrices and hand them to [`Schedule::open`].
    Prepare { group: usize, first: usize, choice: SharedChoice, threads: usize },
    /// Run this cell on its prefix.
    Run { cell: usize, live: Arc<Live>, threads: usize },
}

/// What may be used at once.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Threads in all.
    pub threads: usize,
    /// Threads a cell, as long as there are cells enough.
    pub cell_threads: usize,
    /// Bytes of live prefixes; one may always live.
    pub prefix_bytes: u64,
}

struct Open {
    cells: VecDeque<usize>,
    live: Arc<Live>,
}

struct State {
    waiting: VecDeque<usize>,
    preparing: bool,
    open: Vec<Open>,
    live: Vec<Weak<Live>>,
    choices: HashMap<ResampleKey, (SharedChoice, usize)>,
    in_flight: usize,
    threads_used: usize,
    parked: usize,
    stopped: bool,
}

/// The shared to-do list.
pub struct Schedule {
    groups: Vec<Group>,
    budget: Budget,
    state: Mutex<State>,
    changed: Condvar,
}

impl Schedule {
    /// Groups `cells`, which are in plan order; `bytes` estimates the matrices of a cell's prefix.
    pub fn new(cells: &[&Cell], budget: Budget, bytes: impl Fn(&Cell) -> u64) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        let mut last = None;
        for (index, cell) in cells.iter().enumerate() {
            let key = (cell.id.dedup, cell.leaks, cell.split, cell.resampler);
            if last != Some((key, cell.scaler)) {
                groups.push(Group { key, cells: Vec::new(), bytes: bytes(cell) });
                last = Some((key, cell.scaler));
            }
            if let Some(group) = groups.last_mut() {
                group.cells.push(index);
            }
        }
        let mut choices: HashMap<ResampleKey, (SharedChoice, usize)> = HashMap::new();
        for group in &groups {
            choices.entry(group.key).or_default().1 += 1;
        }
        let state = State {
            waiting: (0..groups.len()).collect(),
            preparing: false,
            open: Vec::new(),
            live: Vec::new(),
            choices,
            in_flight: 0,
            threads_used: 0,
            parked: 0,
            stopped: false,
        };
        Schedule { groups, budget, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next task; waits while others prepare what this worker could run. `None` when nothing is left to begin.
    pub fn next(&self) -> Option<Task> {
        let mut state = self.state();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(task) = self.cell(&mut state).or_else(|| self.prefix(&mut state)) {
                return Some(task);
            }
            if !state.preparing && state.waiting.is_empty() && state.parked == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn cell(&self, state: &mut State) -> Option<Task> {
        let open = state.open.iter_mut().find(|o| !o.cells.is_empty())?;
        let cell = open.cells.pop_front()?;
        let live = Arc::clone(&open.live);
        let others: usize = state.open.iter().map(|o| o.cells.len()).sum();
        // The matrices live on in the workers that use them, and go with the last of these.
        state.open.retain(|o| !o.cells.is_empty());
        state.in_flight += 1;
        let threads = if state.waiting.is_empty() && !state.preparing {
            // The last cells of a run share what is free.
            let free = self.budget.threads.saturating_sub(state.threads_used);
            (free / (others + 1)).max(self.budget.cell_threads)
        } else {
            self.budget.cell_threads
        };
        state.threads_used += threads;
        Some(Task::Run { cell, live, threads })
    }

    fn prefix(&self, state: &mut State) -> Option<Task> {
        // One prefix is prepared at a time, in plan order, and only if it fits beside those that live.
        if state.preparing {
            return None;
        }
        let group = *state.waiting.front()?;
        let live = alive(state);
        if live > 0 && live + self.groups[group].bytes > self.budget.prefix_bytes {
            return None;
        }
        state.waiting.pop_front();
        state.preparing = true;
        // Nobody else can work meanwhile, unless cells are in flight.
        let threads = if state.in_flight == 0 { self.budget.threads } else { self.budget.cell_threads };
        state.threads_used += threads;
        let choice = state.choices.get(&self.groups[group].key).map(|(choice, _)| Arc::clone(choice));
        Some(Task::Prepare { group, first: self.groups[group].cells[0], choice: choice.unwrap_or_default(), threads })
    }

    /// The cells of a group, in plan order.
    pub fn cells(&self, group: usize) -> &[usize] {
        &self.groups[group].cells
    }

    /// Opens a prepared prefix: hands out `cells`, in this order; `parked` cells wait for others' results.
    pub fn open(&self, group: usize, live: &Arc<Live>, cells: Vec<usize>, parked: usize) {
        let mut state = self.state();
        state.live.push(Arc::downgrade(live));
        state.parked += parked;
        if !cells.is_empty() {
            state.open.push(Open { cells: cells.into(), live: Arc::clone(live) });
        }
        self.prepared(state, group);
    }

    /// Takes back a cell that was parked: to be run after all, or done (no `live`).
    pub fn unpark(&self, cell: usize, live: Option<Arc<Live>>) {
        let mut state = self.state();
        state.parked -= 1;
        if let Some(live) = live {
            state.open.push(Open { cells: [cell].into(), live });
        }
        self.changed.notify_all();
    }

    /// Gives up a prefix that could not be prepared.
    pub fn abandon(&self, group: usize) {
        self.prepared(self.state(), group);
    }

    fn prepared(&self, mut state: MutexGuard<'_, State>, group: usize) {
        state.preparing = false;
        let key = self.groups[group].key;
        if let Some((_, users)) = state.choices.get_mut(&key) {
            *users -= 1;
            if *users == 0 {
                state.choices.remove(&key);
            }
        }
        self.changed.notify_all();
    }

    /// A task that was handed out with so many threads no longer uses them.
    pub fn release(&self, threads: usize, was_cell: bool) {
        let mut state = self.state();
        state.threads_used -= threads;
        state.in_flight -= usize::from(was_cell);
        self.changed.notify_all();
    }

    /// Bytes of the live prefixes.
    pub fn live_bytes(&self) -> u64 {
        alive(&mut self.state())
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

fn alive(state: &mut State) -> u64 {
    state.live.retain(|live| live.strong_count() > 0);
    state.live.iter().filter_map(Weak::upgrade).map(|live| live.facts.layout.bytes() as u64).sum()
}
