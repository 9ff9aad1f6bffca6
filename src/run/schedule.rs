//! Who does what next, as a pure state machine: no lock, no thread, no clock. Events come in, tasks go out.
//!
//! Cells that share a prefix form a group. One group is prepared at a time, in the plan's order and within the budget of
//! memory; its matrices live until its last cell is done. The runner wraps it in a lock, the test in an oracle.

use std::collections::{BTreeMap, VecDeque};

/// Cells that share a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The cells, in the plan's order.
    pub cells: Vec<usize>,
    /// What the prefix's matrices are expected to take.
    pub bytes: u64,
    /// Whether to prepare them takes more than one worker's memory: it is done while no cell runs, with that of all workers.
    pub is_alone: bool,
}

/// What may be used at once.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Threads in all.
    pub threads: usize,
    /// Threads per cell while enough cells are left.
    pub cell_threads: usize,
    /// Bytes of live prefixes; one may always live.
    pub prefix_bytes: u64,
}

/// What a worker is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Prepare this group's matrices with so many threads, then say [`Schedule::prepared`] or [`Schedule::abandoned`].
    Prepare { group: usize, threads: usize },
    /// Run this cell of this group with so many threads, then say [`Schedule::finished`].
    Run { cell: usize, group: usize, threads: usize },
    /// Ask again after the next event.
    Wait,
    /// Nothing is left to begin.
    Over,
}

/// A task that was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Running {
    group: usize,
    threads: usize,
}

/// A group whose matrices are in memory.
#[derive(Debug, Clone, Copy)]
struct Live {
    bytes: u64,
    /// Its cells that are not done: to be handed out, in flight, or parked.
    left: usize,
}

/// The to-do list.
#[derive(Debug)]
pub struct Schedule {
    groups: Vec<Group>,
    budget: Budget,
    waiting: VecDeque<usize>,
    preparing: Option<Running>,
    ready: VecDeque<(usize, usize)>,
    running: BTreeMap<usize, Running>,
    parked: BTreeMap<usize, usize>,
    live: BTreeMap<usize, Live>,
    stopped: bool,
}

impl Schedule {
    /// All groups wait, in this order.
    pub fn new(groups: Vec<Group>, budget: Budget) -> Self {
        Schedule {
            waiting: (0..groups.len()).collect(),
            groups,
            budget,
            preparing: None,
            ready: VecDeque::new(),
            running: BTreeMap::new(),
            parked: BTreeMap::new(),
            live: BTreeMap::new(),
            stopped: false,
        }
    }

    /// The next task. It is [`Next::Wait`] only while a task is in flight, so that nobody waits for nothing.
    pub fn next(&mut self) -> Next {
        if self.stopped {
            return Next::Over;
        }
        if let Some((cell, group)) = self.ready.pop_front() {
            return self.run(cell, group);
        }
        if self.preparing.is_none() && self.fits() {
            return self.prepare();
        }
        if self.preparing.is_some() || !self.running.is_empty() {
            return match self.waiting.is_empty() && self.preparing.is_none() && self.parked.is_empty() {
                true => Next::Over,
                false => Next::Wait,
            };
        }
        // Nothing runs whose result a parked cell could wait for.
        match self.parked.pop_first() {
            Some((cell, group)) => self.run(cell, group),
            None => Next::Over,
        }
    }

    fn run(&mut self, cell: usize, group: usize) -> Next {
        let cell_threads = self.budget.cell_threads;
        let threads = match self.waiting.is_empty() && self.preparing.is_none() {
            // The last cells of a run share what is free.
            true => (self.free() / (self.ready.len() + 1)).max(cell_threads),
            false => cell_threads,
        };
        self.running.insert(cell, Running { group, threads });
        Next::Run { cell, group, threads }
    }

    /// Whether the next group's matrices fit beside those that live, and nobody has the memory that is needed to prepare them.
    fn fits(&self) -> bool {
        let Some(&group) = self.waiting.front() else { return false };
        if self.groups[group].is_alone && !self.running.is_empty() {
            return false;
        }
        self.live.is_empty() || self.live_bytes().saturating_add(self.groups[group].bytes) <= self.budget.prefix_bytes
    }

    fn prepare(&mut self) -> Next {
        let Some(group) = self.waiting.pop_front() else { return Next::Over };
        // Nobody else can work meanwhile, unless cells are in flight.
        let threads = if self.running.is_empty() { self.budget.threads } else { self.budget.cell_threads };
        self.preparing = Some(Running { group, threads });
        Next::Prepare { group, threads }
    }

    fn free(&self) -> usize {
        let used: usize = self.running.values().chain(&self.preparing).map(|task| task.threads).sum();
        self.budget.threads.saturating_sub(used)
    }

    /// A group's matrices are there and take so many bytes. `ready` are handed out in this order, `parked` wait for others'
    /// results; what is in neither is done. True when no cell of the group is left, so that its matrices can go.
    #[must_use]
    pub fn prepared(&mut self, group: usize, bytes: u64, ready: Vec<usize>, parked: Vec<usize>) -> bool {
        self.preparing = None;
        let left = ready.len() + parked.len();
        if left > 0 {
            self.live.insert(group, Live { bytes, left });
        }
        self.ready.extend(ready.into_iter().map(|cell| (cell, group)));
        self.parked.extend(parked.into_iter().map(|cell| (cell, group)));
        left == 0
    }

    /// A group could not be prepared: its cells are done.
    pub fn abandoned(&mut self) {
        self.preparing = None;
    }

    /// A cell that was handed out is done. True when it was the last of its group.
    #[must_use]
    pub fn finished(&mut self, cell: usize) -> bool {
        self.running.remove(&cell).is_some_and(|task| self.done(task.group))
    }

    /// The group of a parked cell.
    pub fn parked_in(&self, cell: usize) -> Option<usize> {
        self.parked.get(&cell).copied()
    }

    /// A parked cell has got another's result; its group, when it was the last of it.
    #[must_use]
    pub fn settled(&mut self, cell: usize) -> Option<usize> {
        let group = self.parked.remove(&cell)?;
        self.done(group).then_some(group)
    }

    /// A parked cell has to be run after all.
    pub fn unparked(&mut self, cell: usize) {
        if let Some(group) = self.parked.remove(&cell) {
            self.ready.push_back((cell, group));
        }
    }

    fn done(&mut self, group: usize) -> bool {
        let Some(live) = self.live.get_mut(&group) else { return false };
        live.left -= 1;
        let last = live.left == 0;
        if last {
            self.live.remove(&group);
        }
        last
    }

    /// Nothing more is handed out.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// The cells of a group, in the plan's order.
    pub fn cells(&self, group: usize) -> &[usize] {
        &self.groups[group].cells
    }

    /// How many cells are in flight.
    pub fn in_flight(&self) -> usize {
        self.running.len()
    }

    /// Bytes of the live prefixes.
    pub fn live_bytes(&self) -> u64 {
        self.live.values().map(|live| live.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// What becomes of a cell once its group is prepared.
    #[derive(Debug, Clone, Copy)]
    enum Fate {
        Run,
        /// Its result is there already.
        Copied,
        /// It waits for the first cell of the run; whether it then gets that one's result.
        Parked(bool),
    }

    #[derive(Debug, Clone)]
    struct World {
        /// Of each group: bytes, the share of these that it really takes, whether it can be prepared, its cells' fates.
        groups: Vec<(u64, u64, bool, Vec<Fate>)>,
        budget: Budget,
        workers: usize,
        /// Who goes on next, of the workers.
        turns: Vec<usize>,
        /// After how many turns the run is stopped, by whomever.
        stop: Option<usize>,
    }

    fn worlds() -> impl Strategy<Value = World> {
        let fate = prop_oneof![
            4 => Just(Fate::Run), 1 => Just(Fate::Copied), 1 => any::<bool>().prop_map(Fate::Parked)
        ];
        let group = (1..50_u64, 1..=10_u64, prop::bool::weighted(0.9), prop::collection::vec(fate, 1..6));
        let budget = (1..5_usize, 1..3_usize, 0..100_u64).prop_map(|(workers, cell_threads, prefix_bytes)| {
            (Budget { threads: workers * cell_threads, cell_threads, prefix_bytes }, workers)
        });
        let turns = prop::collection::vec(0..5_usize, 0..400);
        (prop::collection::vec(group, 0..8), budget, turns, prop::option::of(0..60_usize))
            .prop_map(|(groups, (budget, workers), turns, stop)| World { groups, budget, workers, turns, stop })
    }

    /// The naive oracle: it keeps every list by itself and by brute force, and says what must hold after every turn.
    struct Oracle<'w> {
        world: &'w World,
        /// The cells of each group.
        cells: Vec<Vec<usize>>,
        fates: BTreeMap<usize, Fate>,
        tasks: Vec<Option<Next>>,
        over: Vec<bool>,
        prepared: Vec<usize>,
        handed_out: Vec<usize>,
        done: BTreeSet<usize>,
        /// Groups that are prepared and have cells that are not done.
        live: BTreeSet<usize>,
        /// Parked cells: they wait for a cell that runs.
        parked: BTreeSet<usize>,
        stopped: bool,
    }

    /// Every third size of a group is one that is prepared alone.
    fn is_alone(bytes: u64) -> bool {
        bytes.is_multiple_of(3)
    }

    impl<'w> Oracle<'w> {
        fn new(world: &'w World) -> (Self, Schedule) {
            let (mut cells, mut fates) = (Vec::new(), BTreeMap::new());
            for (_, _, _, of_group) in &world.groups {
                let first = fates.len();
                cells.push((first..first + of_group.len()).collect::<Vec<_>>());
                fates.extend(of_group.iter().enumerate().map(|(i, fate)| (first + i, *fate)));
            }
            let groups = cells.iter().zip(&world.groups);
            let groups = groups.map(|(cells, group)| Group {
                cells: cells.clone(),
                bytes: group.0,
                is_alone: is_alone(group.0),
            });
            let groups = groups.collect();
            let oracle = Oracle {
                world,
                cells,
                fates,
                tasks: vec![None; world.workers],
                over: vec![false; world.workers],
                prepared: Vec::new(),
                handed_out: Vec::new(),
                done: BTreeSet::new(),
                live: BTreeSet::new(),
                parked: BTreeSet::new(),
                stopped: false,
            };
            (oracle, Schedule::new(groups, world.budget))
        }

        fn bytes(&self, group: usize) -> u64 {
            let (bytes, tenths, _, _) = self.world.groups[group];
            bytes * tenths / 10
        }

        fn group(&self, cell: usize) -> usize {
            self.cells.iter().position(|cells| cells.contains(&cell)).unwrap()
        }

        /// A worker's turn: it finishes what it has, or asks. Returns whether anything happened.
        fn turn(&mut self, worker: usize, schedule: &mut Schedule) -> bool {
            match self.tasks[worker].take() {
                Some(task) => {
                    self.finish(task, schedule);
                    true
                }
                None if self.over[worker] => false,
                None => self.ask(worker, schedule),
            }
        }

        fn ask(&mut self, worker: usize, schedule: &mut Schedule) -> bool {
            let next = schedule.next();
            assert!(!self.stopped || next == Next::Over, "nothing is handed out after the stop");
            match next {
                Next::Wait => {
                    assert!(self.tasks.iter().any(Option::is_some), "somebody waits and nobody works");
                    return false;
                }
                Next::Over => {
                    self.over[worker] = true;
                    return true;
                }
                Next::Prepare { group, threads } => {
                    assert_eq!(group, self.prepared.len(), "groups come in the plan's order");
                    assert!(!self.tasks.iter().flatten().any(|t| matches!(t, Next::Prepare { .. })), "one at a time");
                    let beside: u64 = self.live.iter().map(|&live| self.bytes(live)).sum();
                    let fits = beside + self.world.groups[group].0 <= self.world.budget.prefix_bytes;
                    assert!(self.live.is_empty() || fits, "the budget is kept");
                    assert!(threads == self.world.budget.cell_threads || threads == self.world.budget.threads);
                    if is_alone(self.world.groups[group].0) {
                        assert!(self.tasks.iter().all(Option::is_none), "nobody else has memory meanwhile");
                        assert_eq!(threads, self.world.budget.threads);
                    }
                    self.prepared.push(group);
                }
                Next::Run { cell, group, threads } => {
                    assert_eq!(group, self.group(cell));
                    assert!(self.live.contains(&group), "its matrices are there");
                    assert!(!self.handed_out.contains(&cell) && !self.done.contains(&cell), "once");
                    assert!(threads >= self.world.budget.cell_threads);
                    assert!(
                        threads == self.world.budget.cell_threads || self.prepared.len() == self.cells.len(),
                        "threads are shared among the last cells only"
                    );
                    self.handed_out.push(cell);
                }
            }
            self.tasks[worker] = Some(next);
            true
        }

        fn finish(&mut self, task: Next, schedule: &mut Schedule) {
            match task {
                Next::Prepare { group, .. } if !self.world.groups[group].2 => {
                    schedule.abandoned();
                    self.done.extend(self.cells[group].clone());
                }
                Next::Prepare { group, .. } => {
                    let (mut ready, mut parked) = (Vec::new(), Vec::new());
                    // A cell can wait only for one that was handed out and is not done.
                    let can_wait = self.tasks.iter().flatten().any(|t| matches!(t, Next::Run { .. }));
                    for &cell in &self.cells[group] {
                        match self.fates[&cell] {
                            Fate::Copied => drop(self.done.insert(cell)),
                            Fate::Parked(_) if can_wait => parked.push(cell),
                            _ => ready.push(cell),
                        }
                    }
                    self.parked.extend(&parked);
                    let gone = ready.is_empty() && parked.is_empty();
                    if !gone {
                        self.live.insert(group);
                    }
                    assert_eq!(schedule.prepared(group, self.bytes(group), ready, parked), gone);
                }
                Next::Run { cell, group, .. } => {
                    // All that wait are told before the cell is done.
                    for parked in std::mem::take(&mut self.parked) {
                        match self.fates[&parked] {
                            Fate::Parked(true) => {
                                self.done.insert(parked);
                                let group = self.closes(self.group(parked));
                                assert_eq!(schedule.settled(parked), group);
                            }
                            _ => schedule.unparked(parked),
                        }
                    }
                    self.done.insert(cell);
                    assert_eq!(schedule.finished(cell), self.closes(group).is_some());
                }
                Next::Wait | Next::Over => unreachable!("these are no tasks"),
            }
            let bytes: u64 = self.live.iter().map(|&group| self.bytes(group)).sum();
            assert_eq!(schedule.live_bytes(), bytes);
            assert!(bytes <= self.world.budget.prefix_bytes || self.live.len() <= 1, "the budget is kept");
        }

        /// The group, if all its cells are done; it does not live any more then.
        fn closes(&mut self, group: usize) -> Option<usize> {
            let all = self.cells[group].iter().all(|cell| self.done.contains(cell));
            if all {
                self.live.remove(&group);
            }
            all.then_some(group)
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn every_cell_once_within_the_budget_and_never_a_hang(world in worlds()) {
            let (mut oracle, mut schedule) = Oracle::new(&world);
            for (number, &turn) in world.turns.iter().enumerate() {
                if world.stop == Some(number) {
                    schedule.stop();
                    oracle.stopped = true;
                }
                oracle.turn(turn % world.workers, &mut schedule);
            }
            // Now everyone in turn until nobody can do anything.
            while (0..world.workers).filter(|&worker| oracle.turn(worker, &mut schedule)).count() > 0 {}
            prop_assert!(oracle.over.iter().all(|over| *over), "every worker comes to an end");
            prop_assert_eq!(schedule.in_flight(), 0);
            if !oracle.stopped {
                let all: Vec<usize> = oracle.fates.keys().copied().collect();
                prop_assert_eq!(oracle.done.iter().copied().collect::<Vec<_>>(), all, "every cell is done");
                prop_assert_eq!(schedule.live_bytes(), 0);
            }
        }
    }

    #[test]
    fn a_parked_cell_that_nobody_works_for_is_run() {
        let groups = vec![Group { cells: vec![0], bytes: 1, is_alone: false }];
        let budget = Budget { threads: 1, cell_threads: 1, prefix_bytes: 10 };
        let mut schedule = Schedule::new(groups, budget);
        assert_eq!(schedule.next(), Next::Prepare { group: 0, threads: 1 });
        assert!(!schedule.prepared(0, 1, vec![], vec![0]));
        assert_eq!(schedule.next(), Next::Run { cell: 0, group: 0, threads: 1 });
        assert!(schedule.finished(0));
        assert_eq!(schedule.next(), Next::Over);
    }

    #[test]
    fn a_group_that_needs_the_memory_of_all_waits_until_nobody_has_any() {
        let group = |cell: usize, is_alone: bool| Group { cells: vec![cell], bytes: 1, is_alone };
        let budget = Budget { threads: 2, cell_threads: 1, prefix_bytes: 10 };
        let mut schedule = Schedule::new(vec![group(0, false), group(1, true)], budget);
        assert_eq!(schedule.next(), Next::Prepare { group: 0, threads: 2 });
        assert!(!schedule.prepared(0, 1, vec![0], vec![]));
        assert_eq!(schedule.next(), Next::Run { cell: 0, group: 0, threads: 1 });
        assert_eq!(schedule.next(), Next::Wait, "the cell has its share");
        assert!(schedule.finished(0));
        assert_eq!(schedule.next(), Next::Prepare { group: 1, threads: 2 });
        assert_eq!(schedule.next(), Next::Wait);
    }
}
