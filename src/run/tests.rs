//! The runner with displays and logs that fail.

use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::{Displays, Event, Job, Limits, Order, Sink, Summary, run};
use crate::cell::{Cell, Filter, Plan};
use crate::component::Registry;
use crate::error::Result;
use crate::store::{Log, Record, read_records};
use crate::study::Study;

const STUDY: &str = "name = 'x'\n[data]\nsimulate = { rows = 120, positives = 30, columns = 5 }\n[protocol]\n\
                     kind = 'stratified-k-fold'\nfolds = 3\n[grid]\nscalers = ['none', 'standard', 'function']\n\
                     classifiers = ['prior', 'gaussian-nb']\n";
const CELLS: usize = 18;

fn limits() -> Limits {
    Limits {
        threads: 4,
        cell_threads: 1,
        cell_time: None,
        cell_memory: None,
        memory: 1 << 30,
        retries: 0,
        fresh_workers: false,
        skip_larger: false,
        in_process: true,
    }
}

/// Runs the whole study with these displays into a log in `folder`.
fn run_with(folder: &Path, displays: &mut Displays<'_>) -> Result<Summary> {
    let study = Study::parse(STUDY, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
    let data = crate::harness::load(&study.data[0]).unwrap();
    let keep = (0..data.y.len()).collect();
    let job = Job::new(&study, [(&data, keep)]).unwrap();
    let plan = Plan::of(&study, &[], &Filter::default()).unwrap();
    let cells: Vec<&Cell> = plan.cells.iter().collect();
    let order = Order {
        planned: CELLS,
        outstanding: CELLS,
        before: 0,
        cells: &cells,
        records: &[],
        refit: false,
        limits: limits(),
        predictions: None,
    };
    let mut log = Log::open(&folder.join("log"))?;
    run(&job, &order, &mut log, displays, &AtomicBool::new(false))
}

/// Does something at each event.
struct Display<F>(F);

impl<F: FnMut(&Event<'_>) -> io::Result<()> + Send> Sink for Display<F> {
    fn on(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.0(event)
    }
}

#[test]
fn displays_that_panic_or_fail_are_given_up_and_the_others_see_everything() {
    let folder = tempfile::TempDir::new().unwrap();
    let (mut finished, mut calls) = (0, 0);
    let mut panics = Display(|event: &Event<'_>| match event {
        Event::Finished { .. } => panic!("no more room"),
        _ => Ok(()),
    });
    let mut fails = Display(|_: &Event<'_>| {
        calls += 1;
        Err(io::Error::other("the terminal is gone"))
    });
    let mut counts = Display(|event: &Event<'_>| {
        finished += usize::from(matches!(event, Event::Finished { .. }));
        Ok(())
    });
    let mut displays = Displays::new(vec![&mut panics, &mut fails, &mut counts]);
    let summary = run_with(folder.path(), &mut displays).unwrap();
    assert_eq!((summary.scored, summary.failed, summary.left), (CELLS, 0, 0));
    assert_eq!(displays.given_up(), ["the terminal is gone", "it panicked: no more room"]);
    assert_eq!((finished, calls), (CELLS, 1));
    assert_eq!(read_records::<Record>(&folder.path().join("log")).unwrap().len(), CELLS);
}

#[test]
fn the_log_is_no_display_when_it_is_gone_the_run_ends_with_the_reason() {
    let folder = tempfile::TempDir::new().unwrap();
    let log = folder.path().join("log");
    let mut seen = 0;
    let mut deletes = Display(|event: &Event<'_>| {
        if matches!(event, Event::Finished { .. }) {
            seen += 1;
            if seen == 3 {
                std::fs::remove_file(&log)?;
            }
        }
        Ok(())
    });
    let error = run_with(folder.path(), &mut Displays::new(vec![&mut deletes])).unwrap_err();
    assert!(error.to_string().contains("was deleted or moved"), "{error}");
    assert_eq!(error.exit_code(), 3);
    assert!(seen < CELLS, "the rest is not run for nothing");
}
