//! The examples of the library, run from a program that is no `fraudbench`: this test has a `main` of its own.

mod own;

#[path = "../../examples/library.rs"]
#[allow(dead_code, reason = "its `main` is another program's")]
mod example;

use fraudbench::component::Registry;
use fraudbench::harness::{self, How};
use fraudbench::run::{Displays, Event, Sink};
use fraudbench::store::{Directory, Outcome};

/// Hears whether cells run in this process, and how many end.
#[derive(Default)]
pub struct Listener {
    in_process: Option<bool>,
    finished: usize,
}

impl Sink for Listener {
    fn on(&mut self, event: &Event<'_>) -> std::io::Result<()> {
        match event {
            Event::Started { in_process, .. } => self.in_process = Some(*in_process),
            Event::Finished { .. } => self.finished += 1,
            Event::Opened { .. }
            | Event::Planned { .. }
            | Event::Warning { .. }
            | Event::Begun { .. }
            | Event::Stopping { .. }
            | Event::Ended => {}
        }
        Ok(())
    }
}

fn main() {
    // A worker process begins here too; it must not run the study again.
    if std::env::args().nth(1).is_none_or(|first| first != "fraudbench-worker") {
        without_workers(tempfile::TempDir::new().unwrap().path());
    }
    // In a worker process, this does not return.
    fraudbench::worker(&own::example::registry().unwrap());
    with_workers(tempfile::TempDir::new().unwrap().path());
    own::components_of_ones_own(tempfile::TempDir::new().unwrap().path());
    println!("library: ok");
}

/// `worker` was not called yet: this program cannot start itself as a worker, and does not try.
fn without_workers(directory: &std::path::Path) {
    let done = example::run(directory).unwrap();
    assert_eq!((done.summary.scored, done.summary.failed, done.failed()), (12, 0, 0));
    assert!(done.results.records.iter().all(|record| record.peak_memory_mib.is_none()), "measured by workers alone");
}

fn with_workers(directory: &std::path::Path) {
    let done = example::run(directory).unwrap();
    assert_eq!((done.summary.scored, done.failed(), done.results.planned.len()), (12, 0, 12));
    assert!(done.results.records.iter().all(|record| record.outcome == Outcome::Scored));
    assert!(done.results.records.iter().all(|record| record.peak_memory_mib.is_some()), "measured by the worker");
    for file in ["report.html", "report.md", "leaderboard.csv", "manifest.toml"] {
        assert!(directory.join(file).metadata().unwrap().len() > 100, "{file}");
    }
    // Two of the records are lost, and run again.
    let log = directory.join("records.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    let kept: Vec<&str> = text.lines().take(10).collect();
    std::fs::write(&log, format!("{}\n", kept.join("\n"))).unwrap();
    let mut listener = Listener::default();
    let planned = harness::resume(directory, None, &Registry::built_in()).unwrap();
    let again = harness::run(planned, &How::default(), &mut Displays::new(vec![&mut listener])).unwrap();
    assert_eq!((listener.in_process, listener.finished), (Some(false), 2));
    assert_eq!((again.summary.scored, again.results.records.len()), (2, 12));
    let scores = |done: &harness::Done| -> Vec<_> { done.results.records.iter().map(|r| r.metrics.clone()).collect() };
    assert_eq!(scores(&again), scores(&done));
    // Who takes the steps has the directory until the last one is done with.
    let planned = harness::resume(directory, None, &Registry::built_in()).unwrap();
    let mut displays = Displays::default();
    let opened = planned.check_place().unwrap().open(&mut displays).unwrap();
    let held = opened.work(&How::default(), &mut displays).unwrap().close().unwrap();
    assert!(Directory::is_in_use(directory));
    let done = held.let_go();
    assert!(!Directory::is_in_use(directory) && done.directory == directory);
}
