//! One component of each kind from outside the crate, in a study that runs in workers, is resumed and reported.

use std::path::Path;

use fraudbench::analyze::Results;
use fraudbench::component::Registry;
use fraudbench::harness::{self, How};
use fraudbench::run::{Displays, Limits};
use fraudbench::store::Directory;
use fraudbench::study::LimitSpec;

use crate::Listener;

#[path = "../../examples/own_components.rs"]
#[allow(dead_code, reason = "its `main` is another program's")]
pub mod example;

/// The score of the default `nearest-mean`, computed from the table alone.
fn expected() -> f64 {
    let text = example::table();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let mut x: Vec<[f64; 3]> =
        rows.iter().map(|row| [row[0].parse().unwrap(), row[1].parse().unwrap_or(0.0), row[2].len() as f64]).collect();
    let y: Vec<bool> = rows.iter().map(|row| row[3] == "1").collect();
    // The last 30% test.
    let train = 420;
    let negatives: Vec<usize> = (0..train).filter(|&row| !y[row]).step_by(2).collect();
    let positives: Vec<usize> = (0..train).filter(|&row| y[row]).collect();
    let mean =
        |x: &[[f64; 3]], rows: &[usize], c: usize| rows.iter().map(|&row| x[row][c]).sum::<f64>() / rows.len() as f64;
    let kept = [negatives.clone(), positives.clone()].concat();
    let means = [0, 1, 2].map(|c| mean(&x, &kept, c));
    x.iter_mut().for_each(|row| (0..3).for_each(|c| row[c] /= means[c]));
    let means = |rows: &[usize]| [0, 1, 2].map(|c| mean(&x, rows, c));
    let (zero, one) = (means(&negatives), means(&positives));
    let distance = |row: usize, to: &[f64; 3]| (0..3).map(|c| (x[row][c] - to[c]).powi(2)).sum::<f64>();
    let mut test: Vec<(f64, bool)> =
        (train..600).map(|row| (distance(row, &zero) - distance(row, &one), y[row])).collect();
    test.sort_by(|a, b| b.0.total_cmp(&a.0));
    test[..10].iter().filter(|(_, fraud)| *fraud).count() as f64 / 10.0
}

pub fn components_of_ones_own(folder: &Path) {
    let registry = example::registry().unwrap();
    let directory = folder.join("results");
    let done = example::run(folder, &directory).unwrap();
    assert_eq!((done.summary.scored, done.failed(), done.results.planned.len()), (4, 0, 4), "{:?}", done.results);
    let wanted = expected();
    assert!(wanted > 0.1 && wanted < 1.0, "{wanted} tells nothing");
    assert_eq!(done.results.left_out, [], "records that the report does not trust");
    let plain: Vec<_> = done.results.records.iter().filter(|r| r.cell.classifier == "nearest-mean").collect();
    assert_eq!(plain.len(), 2);
    for record in plain {
        assert_eq!(record.metrics["precision-at-10"].value(), Some(wanted), "{}", record.cell);
        assert_eq!((record.imputer_facts.id.as_str(), record.encoder_facts.id.as_str()), ("zero", "text-length"));
    }
    let searched = done.results.records.iter().find(|r| r.cell.classifier == "searched").unwrap();
    let candidates = searched.details.as_ref().unwrap()["search"]["candidates"].as_array().unwrap();
    assert!(candidates.iter().all(|candidate| candidate["mean"].is_number()), "{candidates:?}");
    // A record is lost; two workers go on with it.
    let log = directory.join("records.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    let kept: Vec<&str> = text.lines().skip(1).collect();
    std::fs::write(&log, format!("{}\n", kept.join("\n"))).unwrap();
    let limits = Limits::of(&LimitSpec::default(), &LimitSpec::default(), Some(2), 1);
    let how = How { limits: Some(limits), ..How::default() };
    let mut listener = Listener::default();
    let planned = harness::resume(&directory, None, &registry).unwrap();
    let again = harness::run(planned, &how, &mut Displays::new(vec![&mut listener])).unwrap();
    assert_eq!((listener.in_process, listener.finished, again.failed()), (Some(false), 1, 0));
    let report = std::fs::read_to_string(directory.join("report.md")).unwrap();
    for name in ["nearest-mean", "relative", "every-other", "precision-at-10"] {
        assert!(report.contains(name), "{name}\n{report}");
    }
    // Who does not have them is told so.
    let (manifest, records) = Directory::read(&directory).unwrap();
    let said = Results::of(manifest, records, &Registry::built_in()).unwrap_err().to_string();
    assert!(said.contains("unknown metric `precision-at-10`"), "{said}");
}
