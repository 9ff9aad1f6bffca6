//! Hands take tasks from the schedule until none is left, the run is stopped, or something that it cannot go on without
//! fails. Whatever fails or panics, and whenever: every thread comes to its end, and the run ends with one sentence.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use super::cell;
use super::events::{Displays, Event, Remaining};
use super::groups::{ResampleKey, groups, resample_key};
use super::hands::{Choice, Hands, Live, begin};
use super::job::Job;
use super::larger::TooMuch;
use super::ledger::{Ledger, kind};
use super::limits::Limits;
use super::needs::{PartSizes, is_alone};
use super::pace::Alike;
use super::prefix::Failure;
use super::reuse::Course;
use super::schedule::{Budget, Next, Schedule};
use super::tables::share;
use super::worker::can_start_workers;
use crate::cell::Cell;
use crate::error::{Error, Result};
use crate::os::memory::private_bytes;
use crate::os::panic_words;
use crate::store::{Log, Record};

/// How often memory and the wish to stop are looked at.
const POLL: Duration = Duration::from_millis(50);

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Summary {
    /// Cells scored by this run.
    pub scored: usize,
    /// Of these, cells whose result is another cell's, because their input is.
    pub copied: usize,
    /// Cells of this run without scores, whatever the reason.
    pub failed: usize,
    /// Cells that were to be run and were not begun, because the run was stopped.
    pub left: usize,
    /// Wall seconds.
    pub wall: f64,
    /// Thread-seconds in fit and predict, summed over the cells that were fitted.
    pub busy: f64,
    /// The most memory at a time: this process, its workers, the live prefixes.
    pub peak_bytes: u64,
}

impl Summary {
    /// This run, and one after it.
    #[must_use]
    pub fn and(self, later: Summary) -> Summary {
        Summary {
            scored: self.scored + later.scored,
            copied: self.copied + later.copied,
            failed: self.failed + later.failed,
            left: self.left + later.left,
            wall: self.wall + later.wall,
            busy: self.busy + later.busy,
            peak_bytes: self.peak_bytes.max(later.peak_bytes),
        }
    }
}

/// What a run goes by.
pub struct Order<'o> {
    /// Cells of the plan, for the displays.
    pub planned: usize,
    /// Cells without a valid record, of all tables, for the displays.
    pub outstanding: usize,
    /// So many of these were the cells of runs over earlier tables, where one is in memory at a time.
    pub before: usize,
    /// The outstanding cells of this run, in plan order.
    pub cells: &'o [&'o Cell],
    /// Records that are there already: their times tell what the rest will take, their inputs are not fitted again.
    pub records: &'o [Record],
    /// Whether a cell with another's input is fitted all the same.
    pub refit: bool,
    /// What may be used.
    pub limits: Limits,
    /// The results directory that predictions are kept in, if they are.
    pub predictions: Option<PathBuf>,
}

/// A resampler's choice, once it is made, and how many groups still need it.
#[derive(Default)]
struct Shared {
    choice: Option<Result<Arc<Choice>, Failure>>,
    users: usize,
}

/// What the threads share, and change in moments: nobody holds it while writing, waiting or working.
struct State {
    schedule: Schedule,
    ledger: Ledger,
    /// The matrices of each group that is prepared and not done.
    live: HashMap<usize, Arc<Live>>,
    choices: HashMap<ResampleKey, Shared>,
    too_much: TooMuch,
    /// What ended the run.
    error: Option<Error>,
}

struct Run<'r, 'd> {
    job: &'r Job<'r>,
    order: &'r Order<'r>,
    state: Mutex<State>,
    changed: Condvar,
    log: Mutex<&'r mut Log>,
    displays: Mutex<&'r mut Displays<'d>>,
    /// Whether an error has ended the run: cells in flight are not waited for, as their records could not be kept.
    ended: AtomicBool,
}

/// Runs the outstanding cells, appending a record for each to `log` and telling `displays`. Set `stop` to end the run after
/// the cells in flight.
///
/// # Errors
/// [`Error::Io`] and [`Error::Store`] when a record cannot be written, or the log is not what this run has written;
/// [`Error::Io`] and [`Error::Usage`] when a thread or a worker cannot be started. All earlier records are on disk then.
pub fn run<'r>(
    job: &'r Job<'r>,
    order: &'r Order<'r>,
    log: &'r mut Log,
    displays: &'r mut Displays<'_>,
    stop: &AtomicBool,
) -> Result<Summary> {
    let started = Instant::now();
    let limits = Limits { in_process: order.limits.in_process || !can_start_workers(), ..order.limits };
    let (data, tables) = share(job)?;
    let begin = begin(job, (data.path(), tables));
    let gauges: Vec<AtomicU64> = (0..limits.workers()).map(|_| AtomicU64::new(0)).collect();
    let run = Run::new(job, order, log, displays);
    // With one table after the other the run begins once.
    if order.before == 0 {
        run.tell(&Event::Started {
            planned: order.planned,
            outstanding: order.outstanding,
            workers: limits.workers(),
            in_process: limits.in_process,
        });
    }
    let finished = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (run, finished, gauges) = (&run, &finished, &gauges);
        let watch = run.spawn(scope, "watch", move || run.watch(stop, finished, gauges));
        let hands = gauges.iter().map(|gauge| {
            let hands = Hands::new(job, &begin, limits, (gauge, &run.ended), order.predictions.as_deref());
            run.spawn(scope, "hands", move || run.work(hands))
        });
        // Those that were started before one that could not be find the run ended.
        let hands: Vec<_> = hands.take_while(Option::is_some).flatten().collect();
        // Panics are caught inside.
        hands.into_iter().for_each(|thread| drop(thread.join()));
        finished.store(true, Ordering::SeqCst);
        watch.iter().for_each(|watch| watch.thread().unpark());
    });
    run.end(started)
}

impl<'r, 'd> Run<'r, 'd> {
    fn new(job: &'r Job<'r>, order: &'r Order<'r>, log: &'r mut Log, displays: &'r mut Displays<'d>) -> Self {
        let limits = order.limits;
        let bytes = |cell: &Cell| {
            let (rows, columns) = job.table(cell).data.x().dim();
            rows.saturating_mul(cell.columns.unwrap_or(columns)).saturating_mul(size_of::<f64>()) as u64
        };
        let mut groups = groups(order.cells, bytes);
        let sizes = PartSizes::of_all(job);
        for group in &mut groups {
            group.is_alone = is_alone(job, &sizes, order.cells[group.cells[0]], limits);
        }
        let mut choices: HashMap<ResampleKey, Shared> = HashMap::new();
        for group in &groups {
            choices.entry(resample_key(job.study, order.cells[group.cells[0]])).or_default().users += 1;
        }
        let budget =
            Budget { threads: limits.threads, cell_threads: limits.cell_threads, prefix_bytes: limits.memory / 2 };
        let state = State {
            schedule: Schedule::new(groups, budget),
            ledger: Ledger::new(job, order),
            live: HashMap::new(),
            choices,
            too_much: TooMuch::of(job.study, order.records, order.cells, limits.skip_larger),
            error: None,
        };
        Run {
            job,
            order,
            state: Mutex::new(state),
            changed: Condvar::new(),
            log: Mutex::new(log),
            displays: Mutex::new(displays),
            ended: AtomicBool::new(false),
        }
    }

    /// How the run ended, once all its threads have.
    fn end(self, started: Instant) -> Result<Summary> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = state.error {
            return Err(error);
        }
        self.log.into_inner().unwrap_or_else(PoisonError::into_inner).check()?;
        Ok(Summary { wall: started.elapsed().as_secs_f64(), ..state.ledger.summary })
    }

    // A thread that panics while it holds one of these leaves it whole enough to end the run by.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: &Event<'_>) {
        self.displays.lock().unwrap_or_else(PoisonError::into_inner).tell(event);
    }

    fn cell(&self, index: usize) -> &Cell {
        self.order.cells[index]
    }

    fn kind(&self, index: usize) -> Alike {
        kind(self.job.study, self.order.cells[index])
    }

    /// Ends the run: `error` is what it ends with, unless there is one already.
    fn fail(&self, error: Error) {
        let mut state = self.state();
        state.error.get_or_insert(error);
        state.schedule.stop();
        self.ended.store(true, Ordering::SeqCst);
        self.changed.notify_all();
    }

    /// Starts a thread of the run; one that cannot be started ends it.
    fn spawn<'s>(
        &'s self,
        scope: &'s Scope<'s, '_>,
        name: &str,
        work: impl FnOnce() + Send + 's,
    ) -> Option<ScopedJoinHandle<'s, ()>> {
        let thread = std::thread::Builder::new().name(name.into());
        let started = thread.spawn_scoped(scope, move || self.guarded(work));
        started.map_err(|e| self.fail(Error::io("start", Path::new("a thread"), e))).ok()
    }

    /// A panic of ours, not of a component or a display, is a bug; it ends the run like any other error.
    fn guarded(&self, work: impl FnOnce()) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
            let said = panic_words(payload.as_ref());
            self.fail(Error::Component(format!("a thread of the run panicked, which is a bug of fraudbench: {said}")));
        }
    }

    /// Waits for the wish to stop, as the others are busy and cannot look, and keeps count of the memory.
    fn watch(&self, stop: &AtomicBool, finished: &AtomicBool, gauges: &[AtomicU64]) {
        let mut stopping = false;
        while !finished.load(Ordering::SeqCst) {
            if !stopping && stop.load(Ordering::SeqCst) {
                stopping = true;
                let in_flight = {
                    let mut state = self.state();
                    state.schedule.stop();
                    self.changed.notify_all();
                    state.schedule.in_flight()
                };
                self.tell(&Event::Stopping { in_flight });
            }
            let workers: u64 = gauges.iter().map(|gauge| gauge.load(Ordering::Relaxed)).sum();
            let bytes = private_bytes(std::process::id()) + workers;
            let mut state = self.state();
            let bytes = bytes + state.schedule.live_bytes();
            state.ledger.summary.peak_bytes = state.ledger.summary.peak_bytes.max(bytes);
            drop(state);
            std::thread::park_timeout(POLL);
        }
    }

    /// One pair of hands' life. An error of theirs ends the run.
    fn work(&self, mut hands: Hands<'_>) {
        loop {
            let done = match self.next() {
                Next::Prepare { group, threads } => self.prepare(&mut hands, group, threads),
                Next::Run { cell, group, threads } => self.run(&mut hands, cell, group, threads),
                Next::Wait | Next::Over => return,
            };
            if let Err(error) = done {
                self.fail(error);
            }
        }
    }

    /// The next task; waits while others prepare what these hands could do.
    fn next(&self) -> Next {
        let mut state = self.state();
        loop {
            match state.schedule.next() {
                Next::Wait => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                task => return task,
            }
        }
    }

    fn run(&self, hands: &mut Hands<'_>, index: usize, group: usize, threads: usize) -> Result<()> {
        let live = self.state().live.get(&group).map(Arc::clone);
        // The schedule lets the matrices go with the last cell of their group.
        let name = || self.cell(index).id.named(self.job.study.data.len() > 1);
        let live = live.ok_or_else(|| Error::Component(format!("the matrices of {} are gone", name())))?;
        self.state().ledger.begin(index);
        self.tell(&Event::Begun { cell: &self.cell(index).id });
        let record = hands.execute(self.cell(index), &live, threads)?;
        drop(live);
        self.finish(index, &record)?;
        let mut state = self.state();
        if state.schedule.finished(index) {
            state.live.remove(&group);
        }
        self.changed.notify_all();
        Ok(())
    }

    fn prepare(&self, hands: &mut Hands<'_>, group: usize, threads: usize) -> Result<()> {
        if let Some(skipped) = self.skipped(group) {
            return skipped.iter().try_for_each(|(index, record)| self.finish(*index, record));
        }
        let first = self.cell(self.state().schedule.cells(group)[0]);
        let prepared = match self.choice(hands, first, threads)? {
            Ok(choice) => hands.prepare(first, &choice, threads)?,
            Err(failure) => Err(failure),
        };
        match prepared {
            Ok(live) => {
                if let (Some(directory), Some(rows)) = (&self.order.predictions, &live.rows) {
                    match &live.facts.sided_rows {
                        Some(name) => rows.write_as(directory, name)?,
                        None => rows.write(directory)?,
                    }
                }
                self.open(group, Arc::new(live))
            }
            Err(failure) => self.abandon(group, &failure),
        }
    }

    /// The records of a group of which no cell is begun; none where it has to be prepared.
    fn skipped(&self, group: usize) -> Option<Vec<(usize, Record)>> {
        let mut state = self.state();
        let cells = state.schedule.cells(group).to_vec();
        let record = |&index: &usize| {
            let reason = state.too_much.reason(&self.cell(index).id)?;
            Some((index, cell::skipped(self.job, self.cell(index), reason)))
        };
        let skipped: Vec<(usize, Record)> = cells.iter().map(record).collect::<Option<_>>()?;
        self.let_go(&mut state, self.cell(cells[0]));
        state.schedule.abandoned();
        self.changed.notify_all();
        Some(skipped)
    }

    /// One group less needs the resampler's choice of a cell's prefix.
    fn let_go(&self, state: &mut State, cell: &Cell) {
        let key = resample_key(self.job.study, cell);
        if let Some(shared) = state.choices.get_mut(&key) {
            shared.users -= 1;
            if shared.users == 0 {
                state.choices.remove(&key);
            }
        }
    }

    /// The resampler's choice for a cell's prefix: made by whoever needs it first. One group is prepared at a time, so that
    /// nobody else is making it.
    fn choice(&self, hands: &mut Hands<'_>, cell: &Cell, threads: usize) -> Result<Result<Arc<Choice>, Failure>> {
        let key = resample_key(self.job.study, cell);
        let made = self.state().choices.get(&key).and_then(|shared| shared.choice.clone());
        let choice = match made {
            Some(choice) => choice,
            None => hands.resample(cell, threads)?,
        };
        let mut state = self.state();
        if let Some(shared) = state.choices.get_mut(&key) {
            shared.choice = Some(choice.clone());
        }
        self.let_go(&mut state, cell);
        Ok(choice)
    }

    /// Hands a prepared prefix's cells out, those that are expected to take longest first; those whose input an earlier
    /// cell has are copied, at once or when that one is done.
    fn open(&self, group: usize, live: Arc<Live>) -> Result<()> {
        let (mut ready, mut parked, mut done) = (Vec::new(), Vec::new(), Vec::new());
        {
            let mut state = self.state();
            for index in state.schedule.cells(group).to_vec() {
                let cell = self.cell(index);
                if let Some(reason) = state.too_much.reason(&cell.id) {
                    done.push((index, cell::skipped(self.job, cell, reason)));
                    continue;
                }
                match self.enter(&mut state, index, &live) {
                    Course::Run => ready.push(index),
                    Course::Wait => parked.push(index),
                    Course::Copy(record) => done.push((index, cell::copied(self.job, cell, &live.facts, &record))),
                }
            }
            state.ledger.longest_first(&mut ready, |index| self.kind(index));
            let bytes = live.facts.layout.bytes() as u64;
            if !state.schedule.prepared(group, bytes, ready, parked) {
                state.live.insert(group, Arc::clone(&live));
            }
            self.changed.notify_all();
        }
        done.iter().try_for_each(|(index, record)| self.finish(*index, record))
    }

    /// Records the cells of a prefix that could not be prepared.
    fn abandon(&self, group: usize, failure: &Failure) -> Result<()> {
        let cells = {
            let mut state = self.state();
            state.schedule.abandoned();
            self.changed.notify_all();
            state.schedule.cells(group).to_vec()
        };
        let failed =
            |&index: &usize| self.finish(index, &cell::failed(self.job, self.cell(index), None, failure.clone()));
        cells.iter().try_for_each(failed)
    }

    fn enter(&self, state: &mut State, index: usize, live: &Live) -> Course {
        state.ledger.enter(index, || super::reuse::input(self.job, self.cell(index), &live.facts))
    }

    /// Records a cell, then those that waited for its result.
    fn finish(&self, index: usize, record: &Record) -> Result<()> {
        if self.ended.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.log.lock().unwrap_or_else(PoisonError::into_inner).append(record)?;
        let waiting = {
            let mut state = self.state();
            state.too_much.note(record);
            state.ledger.record(index, self.kind(index), record)
        };
        // What later tables take is not among it.
        let is_last_table = self.order.before + self.order.cells.len() == self.order.outstanding;
        let remaining = || if is_last_table { self.state().ledger.remaining() } else { None };
        self.tell(&Event::Finished { record, remaining: Remaining::of(&remaining) });
        waiting.into_iter().try_for_each(|waiter| self.settle(waiter))
    }

    /// What becomes of a cell that waited for another's result: that result, or it is run after all.
    fn settle(&self, waiter: usize) -> Result<()> {
        let (live, verdict) = {
            let mut state = self.state();
            // Its group lives as long as it is parked.
            let Some(live) = state.schedule.parked_in(waiter).and_then(|group| state.live.get(&group).map(Arc::clone))
            else {
                return Ok(());
            };
            let verdict = self.enter(&mut state, waiter, &live);
            if matches!(verdict, Course::Run) {
                state.schedule.unparked(waiter);
                self.changed.notify_all();
            }
            (live, verdict)
        };
        let Course::Copy(record) = verdict else { return Ok(()) };
        self.finish(waiter, &cell::copied(self.job, self.cell(waiter), &live.facts, &record))?;
        drop(live);
        let mut state = self.state();
        if let Some(group) = state.schedule.settled(waiter) {
            state.live.remove(&group);
        }
        self.changed.notify_all();
        Ok(())
    }
}
