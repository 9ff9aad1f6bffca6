//! Running what is outstanding.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::fits::{self, Tables};
use super::live::{Finished, keep_page};
use super::open::{Opened, prepared, sizes};
use super::plan::{Place, Planned};
use crate::analyze::{Results, other_facts};
use crate::cell::{Cell, CellId, outstanding};
use crate::component::Registry;
use crate::data::TableFacts;
use crate::error::{Error, Result};
use crate::os::panic_words;
use crate::report::write_files;
use crate::run::rescore::rescore;
use crate::run::{self, Displays, Event, Foreseen, Job, Limits, Order, Summary};
use crate::store::{
    Directory, FORMAT, KeptFiles, LOG_FILE, Log, MANIFEST_FILE, Manifest, Outcome, Ran, Record, read_records,
};
use crate::study::{LimitSpec, Study};
use crate::words::counted;

/// How a study is run; the default is as `fraudbench run` does without options.
#[derive(Debug, Clone)]
pub struct How {
    /// What may be used; without it, what the study says, and what this machine has.
    pub limits: Option<Limits>,
    /// Whether cells that failed are run again.
    pub retry_failed: bool,
    /// Whether a cell is fitted even if its input is bit for bit another cell's.
    pub refit: bool,
    /// Whether scores and labels of the test rows are kept.
    pub predictions: bool,
    /// Whether the page is there while the run goes on, made again from time to time.
    pub live_page: bool,
    /// Set it, from whatever thread, to end the run after the cells in flight.
    pub stop: Arc<AtomicBool>,
}

impl Default for How {
    fn default() -> Self {
        How {
            limits: None,
            retry_failed: false,
            refit: false,
            predictions: true,
            live_page: false,
            stop: Arc::default(),
        }
    }
}

/// A study that was run to its end, or until it was stopped.
pub struct Worked {
    pub(super) directory: Directory,
    pub(super) manifest: Manifest,
    pub(super) registry: Registry,
    pub(super) summary: Summary,
}

impl Worked {
    /// The results directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}

impl Opened {
    /// Makes the splits, opens the results directory and runs what is outstanding.
    ///
    /// # Errors
    /// Those of [`super::run`].
    pub fn work(self, how: &How, displays: &mut Displays<'_>) -> Result<Worked> {
        let Opened { planned: Planned { study, plan, place, .. }, tables, derived, facts, sizes: known, beside } = self;
        let limits = how.limits.unwrap_or_else(|| Limits::of(&LimitSpec::default(), &study.limits, None, 1));
        let job = Job::new(&study, tables.iter().map(|(data, dedup)| (data, dedup.keep.clone())))?;
        let job = job.with_derived(&derived)?;
        let (sizes, of_derived) = sizes(&job, &known);
        // Of a run that was begun, what is left is known below.
        if matches!(place, Place::New { .. }) {
            let cells: Vec<&Cell> = plan.cells.iter().collect();
            if study.limits.one_table != Some(true) {
                let foreseen = Foreseen::of(&job, &cells);
                foreseen.refuse(&study.file)?;
                foreseen.notes().iter().for_each(|said| displays.tell(&Event::Warning { said }));
            }
            fits::check(&study, Tables { facts: &facts, sizes: &sizes, derived: &of_derived }, &cells, limits)?;
        }
        let read_again = place.read_again(&study);
        let (directory, manifest) = place.enter(&study, (limits, how.predictions), facts)?;
        read_again.iter().for_each(|said| displays.tell(&Event::Warning { said }));
        write_files(directory.path(), &beside)?;
        let mut log = directory.log()?;
        let recorded = read_records(&directory.path().join(LOG_FILE))?;
        let kept = Results::as_kept(manifest.clone(), recorded, &study.registry)?;
        let mut records = usable(directory.path(), kept, how.predictions, displays)?;
        let scored = rescore(directory.path(), (&study, &manifest.data), &mut records, &mut log)?;
        scored.said().iter().for_each(|said| displays.tell(&Event::Warning { said }));
        let keys: Vec<String> =
            plan.cells.iter().map(|cell| cell.key(&study, &manifest.data[cell.data].digests)).collect();
        if let Some(said) = made_otherwise(&plan.cells, &keys, &records) {
            displays.tell(&Event::Warning { said: &said });
        }
        let known = records.iter().map(|record| (record.whose(), record.outcome == Outcome::Scored));
        let named: Vec<(&CellId, &str)> =
            plan.cells.iter().map(|cell| &cell.id).zip(keys.iter().map(|k| &**k)).collect();
        let todo = outstanding(&named, known, how.retry_failed);
        let cells: Vec<&Cell> = todo.iter().map(|&i| &plan.cells[i]).collect();
        let tables = Tables { facts: &manifest.data, sizes: &sizes, derived: &of_derived };
        fits::check(&study, tables, &cells, limits)?;
        let predictions: Option<PathBuf> = how.predictions.then(|| directory.path().to_owned());
        let order = Order {
            planned: keys.len(),
            outstanding: cells.len(),
            before: 0,
            cells: &cells,
            records: &records,
            refit: how.refit,
            limits,
            predictions,
        };
        let mut go = |displays: &mut Displays<'_>| {
            let summary = match study.limits.one_table {
                Some(true) => one_at_a_time(&study, &order, &mut log, displays, &how.stop),
                _ => run::run(&job, &order, &mut log, displays, &how.stop),
            };
            displays.tell(&Event::Ended);
            summary
        };
        // Several data sets have a page each, which only a whole report makes.
        let summary = match how.live_page && study.data.len() == 1 {
            true => beside_page(directory.path(), &study.registry, displays, go)?,
            false => go(displays)?,
        };
        Ok(Worked { directory, manifest, registry: study.registry, summary })
    }
}

/// The records of a directory that need not be made again, where `predictions` are wanted those that have theirs. What is wrong with
/// the directory is told.
///
/// # Errors
/// Those of [`without_predictions`].
fn usable(directory: &Path, kept: Results, predictions: bool, displays: &mut Displays<'_>) -> Result<Vec<Record>> {
    if let Some(warning) = kept.warning(directory) {
        displays.tell(&Event::Warning { said: &warning });
    }
    let mut records = kept.records;
    let lost = if predictions { without_predictions(directory, &mut records)? } else { 0 };
    if lost > 0 {
        let cells = counted(lost as u64, "cell");
        displays.tell(&Event::Warning {
            said: &format!(
                "{cells} run again, as the predictions that were kept are gone or cut, or not what the run wrote"
            ),
        });
    }
    Ok(records)
}

/// That cells are run again whose records are of other components or packages than are here now; none where there are no such.
fn made_otherwise(cells: &[Cell], keys: &[String], records: &[Record]) -> Option<String> {
    let planned: HashMap<&CellId, &String> = cells.iter().map(|cell| &cell.id).zip(keys).collect();
    let is_other = |record: &&Record| planned.get(&record.cell).is_some_and(|key| **key != record.key);
    let others = records.iter().filter(is_other).count();
    (others > 0).then(|| {
        format!(
            "{} run again: another version of a component or other Python packages (FRAUDBENCH_PYTHON) made what is there",
            counted(others as u64, "cell")
        )
    })
}

/// Does `work` while the page is kept up to date. A page that cannot be made is told, and is no failure of the run.
fn beside_page<T>(
    directory: &Path,
    registry: &Registry,
    displays: &mut Displays<'_>,
    work: impl FnOnce(&mut Displays<'_>) -> Result<T>,
) -> Result<T> {
    let finished = Finished::default();
    std::thread::scope(|scope| {
        let keep = || keep_page(directory, registry, &finished);
        let page = std::thread::Builder::new().name("page".into()).spawn_scoped(scope, keep);
        // Whatever becomes of it: the page's thread is waited for.
        let done = catch_unwind(AssertUnwindSafe(|| work(displays)));
        finished.say();
        let kept = page.map_err(|e| Error::io("start", Path::new("a thread"), e)).and_then(|page| match page.join() {
            Ok(kept) => kept,
            Err(payload) => Err(Error::Component(panic_words(payload.as_ref()).to_owned())),
        });
        if let Err(e) = kept {
            displays.tell(&Event::Warning {
                said: &format!("the page was not kept up to date while the run went on: {e}"),
            });
        }
        done.unwrap_or_else(|payload| resume_unwind(payload))
    })
}

/// Takes out the records whose kept predictions are not there any more as the run wrote them; how many they are.
///
/// # Errors
/// Those of [`KeptFiles::has`].
fn without_predictions(directory: &Path, records: &mut Vec<Record>) -> Result<usize> {
    let before = records.len();
    let (mut files, mut kept) = (KeptFiles::of(directory), Vec::with_capacity(before));
    files.look_at(records);
    for record in records.drain(..) {
        if !record.kept || files.has(&record)? {
            kept.push(record);
        }
    }
    *records = kept;
    Ok(before - records.len())
}

/// Runs the cells of one data set after the other, with one data set in memory at a time. What smaller tables took tells what larger
/// ones will.
fn one_at_a_time(
    study: &Study,
    all: &Order<'_>,
    log: &mut Log,
    displays: &mut Displays<'_>,
    stop: &AtomicBool,
) -> Result<Summary> {
    let mut summary = Summary::default();
    let mut before = 0;
    let mut records = all.records.to_vec();
    for number in 0..study.data.len() {
        let cells: Vec<&Cell> = all.cells.iter().copied().filter(|cell| cell.data == number).collect();
        if cells.is_empty() {
            continue;
        }
        if stop.load(Ordering::SeqCst) {
            summary.left += cells.len();
            continue;
        }
        let (data, dedup, derived) = prepared(study, number)?;
        let job = Job::of_one(study, number, (&data, dedup.keep))?.with_derived(&derived)?;
        let order = Order { before, cells: &cells, records: &records, predictions: all.predictions.clone(), ..*all };
        before += cells.len();
        let end = log.end();
        summary = summary.and(run::run(&job, &order, log, displays, stop)?);
        let new: Vec<Record> = log.since(end)?;
        // A cell that was run again is known by its new record.
        let again: HashSet<&CellId> = new.iter().map(|record| &record.cell).collect();
        records.retain(|record| !again.contains(&record.cell));
        records.extend(new);
    }
    Ok(summary)
}

impl Place {
    /// That facts of data are written again, of which the manifest has not as many as it should; none where it has.
    fn read_again(&self, study: &Study) -> Option<String> {
        let Place::Begun(directory, manifest) = self else { return None };
        other_facts(manifest, study).map(|said| {
            format!(
                "{}: {said}: the facts are read from the data again, and cells that were run on other data are run again",
                directory.path().display()
            )
        })
    }

    /// Opens the results directory for records of these data; a new one gets its manifest.
    ///
    /// # Errors
    /// [`Error::Data`] where it holds results on other data; those of [`Directory::create`].
    fn enter(
        self,
        study: &Study,
        (limits, predictions): (Limits, bool),
        facts: Vec<TableFacts>,
    ) -> Result<(Directory, Manifest)> {
        match self {
            Place::Begun(directory, manifest) => {
                refuse_other_data(&directory, &manifest, study, &facts)?;
                let mut manifest = *manifest;
                // Its metrics may be others than those that it was begun with.
                manifest.study = study.text.clone();
                // Nor need it know all columns with a role that the study has now.
                manifest.data = facts;
                manifest.predictions = predictions;
                manifest.runs.push(Ran::here());
                manifest.write(&directory.path().join(MANIFEST_FILE))?;
                Ok((directory, manifest))
            }
            Place::New { path, filter, within } => {
                let path = within.map_or(Ok(path.clone()), |reserve| reserve(&path))?;
                let directory = Directory::create(&path).inspect_err(|_| {
                    if within.is_some() {
                        let _ = std::fs::remove_dir(&path);
                    }
                })?;
                let mut manifest = Manifest { predictions, ..new_manifest(study, filter, limits, facts) };
                manifest.study_folder = way(directory.path(), &study.folder).unwrap_or_default();
                match manifest.write(&directory.path().join(MANIFEST_FILE)) {
                    Ok(()) => Ok((directory, manifest)),
                    Err(e) => {
                        // One that was made for this run alone would be left behind for ever.
                        if within.is_some() {
                            directory.give_up();
                        }
                        Err(e)
                    }
                }
            }
        }
    }
}

/// Results on different data do not mix. A side column that the first run did not have changes no cell that has a record.
fn refuse_other_data(directory: &Directory, manifest: &Manifest, study: &Study, facts: &[TableFacts]) -> Result<()> {
    // Where some have no facts, the place of a table says nothing.
    let is_whole = other_facts(manifest, study).is_none();
    let begun = |place: usize, name: &str| match is_whole {
        true => manifest.data.get(place),
        false => manifest.data.iter().find(|begun| begun.name == name),
    };
    for ((place, now), spec) in facts.iter().enumerate().zip(&study.data) {
        let Some(begun) = begun(place, &now.name) else { continue };
        if let Some(part) = begun.digests.other_than(&now.digests) {
            return Err(Error::Data(format!(
                "{} was run on other data: {part} of {} are not what they were, and results on different data do not mix; run \
                 the study into a new directory{}",
                directory.path().display(),
                now.name,
                spec.source.as_read(),
            )));
        }
    }
    Ok(())
}

fn new_manifest(study: &Study, filter: String, limits: Limits, data: Vec<TableFacts>) -> Manifest {
    let Ran { fraudbench, command, started_unix, machine } = Ran::here();
    Manifest {
        format: FORMAT,
        fraudbench,
        command,
        started_unix,
        study_file: study.file.clone(),
        filter,
        threads: limits.threads as u32,
        cell_threads: limits.cell_threads as u32,
        data,
        machine,
        study: study.text.clone(),
        study_folder: String::new(),
        predictions: true,
        runs: Vec::new(),
        contradictions: Vec::new(),
    }
}

/// The relative path from one folder to another; none where there is none.
pub(crate) fn way(from: &Path, to: &Path) -> Option<String> {
    let to = if to.as_os_str().is_empty() { Path::new(".") } else { to };
    let (from, to) = (from.canonicalize().ok()?, to.canonicalize().ok()?);
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| PathBuf::from(".."));
    let way: PathBuf = up.chain(to.components().skip(common).map(|part| PathBuf::from(&part))).collect();
    let way = if way.as_os_str().is_empty() { PathBuf::from(".") } else { way };
    way.to_str().map(str::to_owned)
}
