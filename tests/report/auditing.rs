//! The ladder: numbers worked out by hand, and a chart that can be read.

use fraudbench::analyze::Results;
use fraudbench::analyze::ladder::{ladders, metrics};
use fraudbench::cell::CellId;
use fraudbench::report::write_all;
use fraudbench::split::{Leak, Leaks};
use fraudbench::store::{Outcome, Record};

use crate::charts::{check_charts, check_svg};
use crate::sample::{cell, record, results};

const HONEST: [f64; 3] = [0.70, 0.75, 0.80];
const RISE: [f64; 3] = [0.10, 0.20, 0.15];

fn at(leaks: Leaks, classifier: &str, repeat: u32) -> CellId {
    CellId { protocol: leaks.protocol("hold-out"), repeat, ..cell(true, "none", "standard", classifier, 0) }
}

/// Three repeats; another split's training part adds `RISE` to recall, all other leaks nothing.
fn audit(classifiers: &[&str]) -> Results {
    audit_by(classifiers, "recall")
}

fn audit_by(classifiers: &[&str], primary: &str) -> Results {
    let mut planned = Vec::new();
    let mut records: Vec<Record> = Vec::new();
    for (leaks, classifier) in
        Leaks::ladder(&Leak::COMMON).into_iter().flat_map(|l| classifiers.iter().map(move |c| (l, c)))
    {
        for repeat in 0..3 {
            let id = at(leaks, classifier, repeat);
            let rise = if leaks.to_string().contains("another") { RISE[repeat as usize] } else { 0.0 };
            let recall = HONEST[repeat as usize] + rise;
            records.push(record(&id, &[("recall", recall), ("pr-auc", recall - 0.01), ("accuracy", 0.999)]));
            planned.push(id);
        }
    }
    results(planned, records, &["accuracy", "pr-auc", "recall"], primary)
}

#[test]
fn effects_are_paired_and_their_intervals_allow_for_shared_rows() {
    let results = audit(&["random-forest"]);
    assert_eq!(metrics(&results), ["recall", "pr-auc", "accuracy"]);
    let all = ladders(&results);
    assert_eq!((all.len(), all[0].steps.len()), (1, 6));
    let recall = &all[0].steps[4].figures[0];
    let change = recall.change.as_ref().unwrap();
    assert!((change.mean - 0.15).abs() < 1e-12 && (change.pairs, change.moved) == (3, 3));
    // SD 0.05; Student's t at 0.975 with 2 degrees of freedom is 4.302653; the ratio is the sample's 56,746 / 226,980.
    let reach = 4.302_652_729_911_275 * 0.05 * (1.0 / 3.0 + 56_746.0 / 226_980.0_f64).sqrt();
    let (low, high) = change.interval.unwrap();
    assert!((low - (0.15 - reach)).abs() < 1e-9 && (high - (0.15 + reach)).abs() < 1e-9, "{low} {high} {reach}");
    for step in &all[0].steps[1..4] {
        let change = step.figures[0].change.as_ref().unwrap();
        assert_eq!((change.mean, change.moved, change.p), (0.0, 0, Some(1.0)));
    }
    assert!(all[0].steps[0].figures[0].change.is_none());
}

#[test]
fn only_splits_that_both_have_are_paired() {
    let mut results = audit(&["random-forest"]);
    results.records.retain(|r| r.cell.protocol != "hold-out" || r.cell.repeat != 1);
    let all = ladders(&results);
    let change = all[0].steps[4].figures[0].change.as_ref().unwrap();
    assert!((change.mean - 0.125).abs() < 1e-12 && change.pairs == 2, "{change:?}");
    assert_eq!((all[0].steps[0].scored, all[0].steps[0].planned), (2, 3));
}

#[test]
fn the_honest_part_alone_is_ranked() {
    let results = audit(&["random-forest", "svc"]);
    let ranked = results.ranked();
    assert_eq!((ranked.planned.len(), ranked.records.len()), (6, 6));
    assert!(!ranked.is_leaky() && results.is_leaky());
}

#[test]
fn the_charts_texts_stay_on_the_canvas_and_apart() {
    for classifiers in [&["random-forest"][..], &["a", "b", "c", "d", "e", "f", "g"]] {
        let folder = tempfile::TempDir::new().unwrap();
        let written = write_all(&audit(classifiers), folder.path()).unwrap();
        check_charts(&written);
        let texts = check_svg(&folder.path().join("charts/ladder.svg"));
        let has = |said: &str| texts.iter().any(|text| text == said);
        assert!(has("honest hold-out") && has("trained-on-another-split"), "{texts:?}");
        assert_eq!(has("+0.1500"), classifiers.len() == 1);
    }
}

#[test]
fn a_report_of_an_audit_names_every_protocol_and_ranks_one() {
    let folder = tempfile::TempDir::new().unwrap();
    write_all(&audit(&["random-forest"]), folder.path()).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let text = read("audit.md");
    assert!(text.contains("recall is 0.7500 when nothing leaks"), "{text}");
    assert!(text.contains("`trained-on-another-split`: +0.1500"), "{text}");
    assert!(text.contains("| 1 | 0.7500 | 0.7500 | 0.7500 | 0.7500 | 0.9500 | 0.9500 |"), "{text}");
    assert!(read("report.md").contains("audit.md"));
    assert_eq!(read("leaderboard.csv").lines().count(), 2);
}

#[test]
fn the_primary_metric_comes_first_and_has_intervals() {
    let results = audit_by(&["random-forest"], "accuracy");
    assert_eq!(metrics(&results), ["accuracy", "recall", "pr-auc"]);
    let folder = tempfile::TempDir::new().unwrap();
    write_all(&results, folder.path()).unwrap();
    let text = std::fs::read_to_string(folder.path().join("audit.md")).unwrap();
    assert!(text.contains("accuracy is 0.9990 when nothing leaks. No leak alone changes it on any split."), "{text}");
    let header = "| protocol | scored/planned | accuracy | change of accuracy | recall | change of recall | pr-auc |";
    assert!(text.contains(header), "{text}");
    // One of those that are always shown is first where it ranks.
    assert_eq!(metrics(&audit_by(&["svc"], "pr-auc")), ["pr-auc", "recall", "accuracy"]);
}

#[test]
fn a_change_that_is_the_same_on_all_splits_is_no_noise_and_no_single_split() {
    let said = |repeats: u32| {
        let (mut planned, mut records) = (Vec::new(), Vec::new());
        for (leaks, recall) in [(Leaks::NONE, 0.0), (Leaks::of(&[Leak::JudgedOnTrainingRows]), 1.0)] {
            for repeat in 0..repeats {
                let id = at(leaks, "decision-tree", repeat);
                records.push(record(&id, &[("recall", recall)]));
                planned.push(id);
            }
        }
        let folder = tempfile::TempDir::new().unwrap();
        write_all(&results(planned, records, &["recall"], "recall"), folder.path()).unwrap();
        std::fs::read_to_string(folder.path().join("audit.md")).unwrap()
    };
    let text = said(4);
    let same = "+1.0000 (the same on all 4 splits, which tells no variance)";
    assert!(text.contains(&format!("most is `judged-on-training-rows`: {same}.")), "{text}");
    assert!(text.contains(&format!("| {same} |")), "in the table of protocols: {text}");
    // Nothing is known of an interval of 0 either.
    assert!(text.contains("0.0000 (–)") && !text.contains("within what splits vary"), "{text}");
    let text = said(1);
    assert!(text.contains("most is `judged-on-training-rows`: +1.0000 (one split, so no interval)."), "{text}");
}

#[test]
fn the_reason_of_a_failed_cell_has_its_code() {
    let mut results = audit(&["random-forest"]);
    let failed = results.records.last_mut().unwrap();
    failed.outcome = Outcome::TimedOut;
    failed.metrics.clear();
    failed.reason = Some("not done after 10 s (`cell_seconds` of the limits)".into());
    let folder = tempfile::TempDir::new().unwrap();
    write_all(&results, folder.path()).unwrap();
    let text = std::fs::read_to_string(folder.path().join("audit.md")).unwrap();
    assert!(text.contains(" | timed-out | not done after 10 s (`cell_seconds` of the limits) |"), "{text}");
}

#[test]
fn a_ladder_counts_the_rows_before_resampling() {
    let mut results = audit(&["random-forest"]);
    for record in &mut results.records {
        record.train_rows += 226_000;
        record.made_rows = 226_000;
    }
    assert!((ladders(&results)[0].ratio - 56_746.0 / 226_980.0).abs() < 1e-15);
}

#[test]
fn rows_that_are_added_before_the_split_are_told_with_what_they_make_of_the_test_part() {
    let leak = Leaks::of(&[Leak::ResampleBeforeSplit]);
    let audit = |resampler: &str, added: fn(&mut Record)| {
        let (mut planned, mut records) = (Vec::new(), Vec::new());
        for (leaks, rise) in [(Leaks::NONE, 0.0), (leak, 0.2)] {
            for repeat in 0..2_u32 {
                let id = CellId { resampler: resampler.into(), ..at(leaks, "svc", repeat) };
                let mut made = record(&id, &[("pr-auc", 0.5 + rise * f64::from(repeat + 1))]);
                // 51 of 1,053 test rows are positive: 4.84%.
                (made.test_rows, made.test_positives) = (1_053, 51);
                if !leaks.is_empty() {
                    added(&mut made);
                }
                planned.push(id);
                records.push(made);
            }
        }
        let folder = tempfile::TempDir::new().unwrap();
        write_all(&results(planned, records, &["pr-auc"], "pr-auc"), folder.path()).unwrap();
        std::fs::read_to_string(folder.path().join("audit.md")).unwrap()
    };
    // 1,046 of 2,048: 51.07%.
    let text = audit("smote", |record| {
        (record.made_rows, record.test_rows, record.test_positives) = (2_176, 2_048, 1_046);
    });
    let row = "| `resample-before-split` | the resampler is given all rows before the split: it adds made-up rows, which are then tested on \
               as well; positives among the test rows: 51.07% and not 4.84% with `smote` |";
    assert!(text.contains(row), "{text}");
    let verdict = "Of the test rows 51.07% and not 4.84% are positive there: precision, pr-auc and what hangs on them change by that \
                   alone.";
    assert!(text.contains(verdict), "{text}");
    let text = audit("many", |record| {
        (record.repeated_rows, record.removed_rows) = (5, 7);
        (record.test_rows, record.test_positives) = (2_048, 1_046);
    });
    let row =
        "it adds repeated rows, which are then tested on as well, and drops some rows, test rows among them; positives";
    assert!(text.contains(row), "{text}");
    // 51 of 1,052: 4.85%.
    let text = audit("tomek-links", |record| (record.removed_rows, record.test_rows) = (3, 1_052));
    let row = "chooses among all rows before the split, so that it looks at test rows and drops some of them; positives among the test \
               rows: 4.85% and not 4.84%";
    assert!(text.contains(row), "{text}");
    let text = audit("tomek-links", |record| record.removed_rows = 3);
    assert!(text.contains("drops some of them |") && !text.contains("Of the test rows"), "{text}");
}
