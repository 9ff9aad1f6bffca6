//! The leaderboard against numbers worked out by hand.

use fraudbench::analyze::effect::{removed_rows, resampler_effects};
use fraudbench::analyze::leaderboard::{Common, Coverage, Leaderboard, Over, Row, leaderboard, leaderboard_over};
use fraudbench::cell::CellId;
use fraudbench::metric::{Better, Score};
use fraudbench::split::{Leak, Leaks};
use fraudbench::store::{Record, Stage};

use crate::sample::{cell, failed, record, results};

fn cells(classifier: &str, folds: u32) -> Vec<CellId> {
    (0..folds).map(|fold| cell(true, "none", "standard", classifier, fold)).collect()
}

/// Pipelines of three folds: `a`, `b` and `d` complete, `c` better than all but with a failed and a missing fold.
fn example() -> (Vec<CellId>, Vec<Record>) {
    let planned: Vec<CellId> = ["a", "b", "c", "d"].iter().flat_map(|name| cells(name, 3)).collect();
    let of = |name: &str, f1: [f64; 3]| -> Vec<Record> {
        cells(name, 3).iter().zip(f1).map(|(c, v)| record(c, &[("f1", v), ("recall", v / 2.0)])).collect()
    };
    let mut records = of("a", [0.5, 0.7, 0.9]);
    records.extend(of("b", [0.8, 0.8, 0.95]));
    records.push(record(&cells("c", 3)[0], &[("f1", 0.99), ("recall", 0.9)]));
    records.push(failed(&cells("c", 3)[1], Stage::Fit, "did not converge"));
    records.extend(of("d", [0.1, 0.2, 0.6]));
    (planned, records)
}

fn row<'a>(board: &'a Leaderboard, classifier: &str) -> &'a Row {
    board.rows.iter().find(|row| row.pipeline.classifier == classifier).unwrap()
}

fn order(board: &Leaderboard) -> Vec<(&str, Option<usize>)> {
    board.rows.iter().map(|row| (row.pipeline.classifier.as_str(), row.rank)).collect()
}

#[test]
fn means_and_sds_are_those_worked_out_by_hand() {
    let (planned, records) = example();
    let board = leaderboard(&results(planned, records, &["f1", "recall"], "f1"));
    let close =
        |value: Option<f64>, wanted: f64| assert!((value.unwrap() - wanted).abs() < 1e-12, "{value:?} {wanted}");
    let f1 = |name: &str| board.summary(row(&board, name), "f1").unwrap();
    close(f1("a").mean, 0.7);
    close(f1("a").sd, 0.2);
    // (0.8 + 0.8 + 0.95) / 3 = 0.85; deviations -0.05, -0.05, 0.1; sum of squares 0.015, halved, rooted.
    close(f1("b").mean, 0.85);
    close(f1("b").sd, 0.0075_f64.sqrt());
    close(f1("d").mean, 0.3);
    close(f1("d").sd, 0.07_f64.sqrt());
    close(board.summary(row(&board, "a"), "recall").unwrap().mean, 0.35);
    close(f1("c").mean, 0.99);
    assert_eq!(f1("c").sd, None);
    assert_eq!((row(&board, "a").fit_s, row(&board, "a").predict_s), (Some(1.0), Some(0.25)));
}

#[test]
fn only_whole_pipelines_are_ranked() {
    let (planned, records) = example();
    let board = leaderboard(&results(planned, records, &["f1"], "f1"));
    assert_eq!(order(&board), [("b", Some(1)), ("a", Some(2)), ("d", Some(3)), ("c", None)]);
    let coverage = row(&board, "c").coverage;
    assert_eq!(coverage, Coverage { planned: 3, scored: 1, failed: 1, missing: 1 });
    assert_eq!(board.coverage(), Coverage { planned: 12, scored: 10, failed: 1, missing: 1 });
}

#[test]
fn a_primary_metric_without_a_value_on_a_fold_takes_the_rank_away() {
    let (planned, mut records) = example();
    records[4].metrics.insert("f1".into(), Score::Undefined { undefined: "no positives".into() });
    records[5].metrics.insert("f1".into(), Score::Value(f64::NAN));
    let board = leaderboard(&results(planned, records, &["f1", "recall"], "f1"));
    assert_eq!(order(&board), [("a", Some(1)), ("d", Some(2)), ("b", None), ("c", None)]);
    let b = board.summary(row(&board, "b"), "f1").unwrap();
    assert_eq!((b.values.as_slice(), b.undefined, b.mean), (&[0.8][..], 2, Some(0.8)));
    assert_eq!(board.summary(row(&board, "b"), "recall").unwrap().undefined, 0);
}

#[test]
fn smaller_is_better_where_the_metric_says_so() {
    let (planned, records) = example();
    let results = results(planned, records, &["f1"], "f1");
    let better = |metric| results.better(metric);
    for metric in ["log-loss", "brier", "false-negative-rate", "false-positive-rate"] {
        assert_eq!(better(metric), Better::Lower, "{metric}");
    }
    assert_eq!((better("pr-auc"), better("accuracy")), (Better::Higher, Better::Higher));
    let board = leaderboard(&crate::sample::smaller_is_better(results));
    assert_eq!(order(&board), [("d", Some(1)), ("a", Some(2)), ("b", Some(3)), ("c", None)]);
    assert_eq!(board.best(|_| true).unwrap().pipeline.classifier, "d");
}

#[test]
fn intervals_are_those_of_the_corrected_resampled_t() {
    let (planned, mut records) = example();
    // The training rows before resampling count: 226,980 without this resampler.
    records[0].train_rows -= 1_000;
    records[0].removed_rows = 1_000;
    let board = leaderboard(&results(planned, records, &["f1"], "f1"));
    let ratio = 56_746.0 / 226_980.0;
    assert!((row(&board, "a").ratio - ratio).abs() < 1e-15);
    // scipy.stats.t.ppf(0.975, 2); the SD of `a` is 0.2.
    let reach = 4.302652729749464 * 0.2 * (1.0 / 3.0 + ratio).sqrt();
    // On the scale of log-odds, so that it stays between 0 and 1: the plain one would end above 1.
    let (low, high) = row(&board, "a").interval.unwrap();
    let ends = [-reach, reach].map(|reach| 1.0 / (1.0 + (-((0.7_f64 / 0.3).ln() + reach / (0.7 * 0.3))).exp()));
    assert!((low - ends[0]).abs() < 1e-9 && (high - ends[1]).abs() < 1e-9 && high < 1.0, "{low} {high}");
    assert_eq!(row(&board, "c").interval, None);
}

#[test]
fn the_intersection_ranks_over_the_folds_that_all_have() {
    let (mut planned, mut records) = example();
    // `b` lacks the metric on fold 1, and `e` has no score at all, which takes no fold away.
    records[4].metrics.insert("f1".into(), Score::Undefined { undefined: "no positives".into() });
    planned.extend(cells("e", 3));
    records.push(record(&cells("c", 3)[2], &[("f1", 0.01), ("recall", 0.2)]));
    let results = results(planned, records, &["f1", "recall"], "f1");
    let board = leaderboard_over(&results, Over::Common);
    assert_eq!(board.common, Some(Common { kept: 2, planned: 3 }));
    // Means over folds 0 and 2: b (0.8 + 0.95) / 2, a (0.5 + 0.9) / 2, c (0.99 + 0.01) / 2, d (0.1 + 0.6) / 2.
    assert_eq!(order(&board), [("b", Some(1)), ("a", Some(2)), ("c", Some(3)), ("d", Some(4)), ("e", None)]);
    let c = row(&board, "c");
    assert_eq!((c.splits.as_slice(), c.wanted, c.is_whole()), (&[(0, 0), (0, 2)][..], 2, true));
    assert_eq!(c.coverage, Coverage { planned: 3, scored: 2, failed: 1, missing: 0 });
    assert_eq!(board.summary(row(&board, "a"), "recall").unwrap().values, [0.25, 0.45]);
    assert_eq!(board.summary(row(&board, "b"), "f1").unwrap().values, [0.8, 0.95]);
    let planned = leaderboard(&results);
    assert_eq!((planned.common, order(&planned)[0], order(&planned)[1]), (None, ("a", Some(1)), ("d", Some(2))));
}

#[test]
fn folds_that_no_two_share_rank_nothing() {
    let planned: Vec<CellId> = ["a", "b"].iter().flat_map(|name| cells(name, 2)).collect();
    let records = vec![record(&planned[0], &[("f1", 0.5)]), record(&planned[3], &[("f1", 0.6)])];
    let board = leaderboard_over(&results(planned, records, &["f1"], "f1"), Over::Common);
    assert_eq!(board.common, Some(Common { kept: 0, planned: 2 }));
    assert_eq!(order(&board), [("a", None), ("b", None)]);
}

#[test]
fn equal_means_share_a_rank() {
    let planned: Vec<CellId> = ["p", "q", "r", "s"].iter().flat_map(|name| cells(name, 2)).collect();
    let values = [0.5, 0.25, 0.75, 0.5, 0.5, 0.25, 0.125, 0.5];
    let records = planned.iter().zip(values).map(|(c, v)| record(c, &[("f1", v)])).collect();
    let board = leaderboard(&results(planned, records, &["f1"], "f1"));
    assert_eq!(order(&board), [("q", Some(1)), ("p", Some(2)), ("r", Some(2)), ("s", Some(4))]);
}

#[test]
fn records_that_are_not_planned_do_not_count() {
    let (planned, mut records) = example();
    records.push(record(&cell(false, "none", "standard", "a", 0), &[("f1", 1.0)]));
    records.push(record(&cell(true, "none", "standard", "a", 7), &[("f1", 1.0)]));
    let board = leaderboard(&results(planned, records, &["f1"], "f1"));
    assert_eq!(board.rows.len(), 4);
    assert_eq!(row(&board, "a").coverage.planned, 3);
}

#[test]
fn a_primary_metric_beside_the_listed_ones_is_shown_too() {
    let (planned, records) = example();
    let board = leaderboard(&results(planned, records, &["recall"], "f1"));
    assert_eq!(board.metrics, ["recall", "f1"]);
    assert_eq!(board.best(|_| true).unwrap().pipeline.classifier, "b");
}

#[test]
fn no_plan_and_no_records_give_an_empty_leaderboard() {
    let board = leaderboard(&results(Vec::new(), Vec::new(), &["f1"], "f1"));
    assert!(board.rows.is_empty());
    let planned = cells("a", 2);
    let board = leaderboard(&results(planned, Vec::new(), &["f1"], "f1"));
    assert_eq!(order(&board), [("a", None)]);
    assert_eq!(board.primary_mean(&board.rows[0]), None);
}

#[test]
fn the_effect_of_a_resampler_is_paired_by_everything_else() {
    let both = |name: &str| -> Vec<CellId> {
        ["tomek-links", "none"].iter().flat_map(|r| (0..3).map(|f| cell(true, r, "standard", name, f))).collect()
    };
    let mut planned = both("a");
    planned.extend(both("b"));
    // a: with - without is 0.1, -0.05, and no pair in fold 2, which failed without. b: equal in fold 0, alone in fold 1.
    let mut records: Vec<Record> = Vec::new();
    for (at, value, removed) in
        [(0, 0.6, 10), (1, 0.45, 20), (2, 0.9, 60), (3, 0.5, 0), (4, 0.5, 0), (6, 0.3, 10), (9, 0.3, 0), (7, 0.8, 20)]
    {
        records.push(Record { removed_rows: removed, ..record(&planned[at], &[("f1", value)]) });
    }
    records.push(failed(&planned[5], Stage::Fit, "stopped"));
    let results = results(planned, records, &["f1"], "f1");
    let effects = resampler_effects(&results, Better::Higher);
    assert_eq!(effects.len(), 2);
    let (a, b) = (&effects[0], &effects[1]);
    assert_eq!((a.family.as_str(), a.resampler.as_str(), a.pairs, a.better, a.equal), ("a", "tomek-links", 2, 1, 0));
    assert_eq!((a.planned, b.planned, effects.iter().map(|e| e.pairs).sum::<usize>()), (3, 3, 3));
    assert!((a.mean - 0.025).abs() < 1e-12);
    assert!((a.sd.unwrap() - (2.0 * 0.075_f64.powi(2)).sqrt()).abs() < 1e-12);
    assert_eq!((b.family.as_str(), b.pairs, b.mean, b.sd, b.better, b.equal), ("b", 1, 0.0, None, 0, 1));
    assert_eq!(resampler_effects(&results, Better::Lower)[0].better, 1);
    let removed = removed_rows(&results);
    let tomek = removed.iter().find(|r| r.resampler == "tomek-links").unwrap();
    // Each fold once, although two classifiers used folds 0 and 1.
    assert_eq!((tomek.folds, tomek.mean, tomek.least, tomek.most), (3, 30.0, 10, 60));
}

#[test]
fn the_baselines_scores_stand_in_and_are_counted() {
    let (mut planned, mut records) = example();
    planned.extend(cells("prior", 3));
    records.extend(cells("prior", 3).iter().zip([0.1, 0.2, 0.3]).map(|(c, v)| record(c, &[("f1", v)])));
    let results = results(planned, records, &["f1", "recall"], "f1");
    let board = leaderboard_over(&results, Over::Imputed);
    let ranks = [("b", Some(1)), ("a", Some(2)), ("c", Some(3)), ("d", Some(4)), ("prior", Some(5))];
    assert_eq!(order(&board), ranks);
    let c = row(&board, "c");
    // Its own fold, then the baseline's second and third.
    assert_eq!(board.summary(c, "f1").unwrap().values, [0.99, 0.2, 0.3]);
    assert_eq!((c.imputed, c.coverage.scored, c.coverage.planned), (2, 1, 3));
    assert_eq!(board.rows.iter().map(|row| row.imputed).sum::<usize>(), 2, "nobody else needed one");
    // A filter left `e` two folds and `f` the last: the baseline's stand in for those that were never planned.
    let (mut planned, mut records) =
        (results.planned.iter().map(|p| p.cell.clone()).collect::<Vec<_>>(), results.records);
    planned.extend(cells("e", 2));
    records.extend(cells("e", 2).iter().zip([0.6, 0.4]).map(|(c, v)| record(c, &[("f1", v)])));
    planned.push(cells("f", 3)[2].clone());
    records.push(record(&cells("f", 3)[2], &[("f1", 0.9)]));
    // No baseline has the scaler of `g`, so that nothing stands in.
    planned.push(cell(true, "none", "robust", "g", 1));
    records.push(record(&cell(true, "none", "robust", "g", 1), &[("f1", 0.9)]));
    let board = leaderboard_over(&crate::sample::results(planned, records, &["f1"], "f1"), Over::Imputed);
    let values = |name: &str| board.summary(row(&board, name), "f1").unwrap().values.clone();
    assert_eq!((values("e"), values("f")), (vec![0.6, 0.4, 0.3], vec![0.1, 0.2, 0.9]));
    let (e, f, g) = (row(&board, "e"), row(&board, "f"), row(&board, "g"));
    assert_eq!((e.imputed, e.coverage.planned, f.imputed, f.coverage.planned), (1, 2, 2, 1));
    assert_eq!(f.splits, [(0, 0), (0, 1), (0, 2)], "paired with the others'");
    // Means: b 0.85, a 0.7, c 0.4967, e 0.4333, f 0.4, d 0.3, prior 0.2.
    assert_eq!((e.rank, f.rank, g.rank, g.imputed), (Some(4), Some(5), None, 0));
    // Without a baseline nothing stands in.
    let (planned, records) = example();
    let alone = leaderboard_over(&crate::sample::results(planned, records, &["f1"], "f1"), Over::Imputed);
    assert_eq!((row(&alone, "c").rank, row(&alone, "c").imputed), (None, 0));
}

#[test]
fn rows_that_a_resampler_added_are_no_training_rows_of_the_correction() {
    let (planned, mut records) = example();
    // 226,980 before it, of which it left out 980; 4,000 are there twice and 200,000 are made up.
    for record in &mut records {
        record.train_rows = 226_000 + 4_000 + 200_000;
        (record.removed_rows, record.repeated_rows, record.made_rows) = (980, 4_000, 200_000);
    }
    assert_eq!(records[0].rows_before_resampling(), 226_980);
    let board = leaderboard(&results(planned, records, &["f1"], "f1"));
    assert!((row(&board, "a").ratio - 56_746.0 / 226_980.0).abs() < 1e-15, "{}", row(&board, "a").ratio);
}

#[test]
fn each_variant_has_its_own_rows_whatever_the_order_of_the_records() {
    let named = |leaks: &[Leak], name: &str| -> Vec<CellId> {
        let protocol = Leaks::of(leaks).protocol("stratified-k-fold");
        cells(name, 3).into_iter().map(|cell| CellId { protocol: protocol.clone(), ..cell }).collect()
    };
    // Where training rows are judged, as many are tested.
    let (scaled, judged) = (named(&[Leak::ScalerOnAllRows], "a"), named(&[Leak::JudgedOnTrainingRows], "a"));
    let planned = [scaled.clone(), judged.clone()].concat();
    let mut records: Vec<Record> = planned.iter().map(|cell| record(cell, &[("f1", 0.5)])).collect();
    for record in &mut records[3..] {
        record.test_rows = record.train_rows;
    }
    for turned in [false, true] {
        if turned {
            records.reverse();
        }
        let board = leaderboard(&results(planned.clone(), records.clone(), &["f1"], "f1"));
        let ratio = |cell: &CellId| board.rows.iter().find(|row| row.pipeline.protocol == cell.protocol).unwrap().ratio;
        assert_eq!((ratio(&scaled[0]), ratio(&judged[0])), (56_746.0 / 226_980.0, 1.0), "turned {turned}");
    }
}

#[test]
fn a_mean_of_0_on_every_fold_has_no_interval() {
    let planned = cells("a", 3);
    for value in [0.0, 1.0] {
        let records = planned.iter().map(|cell| record(cell, &[("f1", value)])).collect();
        let board = leaderboard(&results(planned.clone(), records, &["f1"], "f1"));
        assert_eq!((row(&board, "a").interval, board.primary_mean(row(&board, "a"))), (None, Some(value)));
    }
}
