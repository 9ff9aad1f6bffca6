//! The best pipeline, what is not distinguishable from it, and how the report says so.

use fraudbench::analyze::Results;
use fraudbench::analyze::best::{ALPHA, ROPE, best, pairwise};
use fraudbench::analyze::leaderboard::{Leaderboard, Over, leaderboard, leaderboard_over};
use fraudbench::analyze::statistics::best_of_many::BestOfMany;
use fraudbench::analyze::statistics::corrected_t::CorrectedT;
use fraudbench::cell::CellId;
use fraudbench::metric::Score;
use fraudbench::report::render::latex;
use fraudbench::store::{Record, Stage};

use crate::sample::{SMALL, Shape, cell, failed, hold_outs, made_up, record, results};

/// Test rows over training rows of every made-up record.
const RATIO: f64 = 56_746.0 / 226_980.0;
const BEST: [f64; 5] = [0.80, 0.84, 0.79, 0.88, 0.82];

/// `best`; `near` and `same` beside it; `far` below it on every fold; `lacking` better than all, but without a fold.
fn example() -> Results {
    let far = BEST.map(|v| v - 0.3 - 0.01 * v);
    let same = [0, 1, 2, 3, 4].map(|fold| BEST[fold] + if fold % 2 == 0 { -1e-9 } else { 1e-9 });
    let near = [0.81, 0.82, 0.80, 0.86, 0.80];
    pipelines(&[("far", far), ("near", near), ("best", BEST), ("same", same), ("lacking", [0.99; 5])])
}

fn pipelines(values: &[(&str, [f64; 5])]) -> Results {
    let (mut planned, mut records): (Vec<CellId>, Vec<Record>) = (Vec::new(), Vec::new());
    for (name, values) in values {
        for (fold, value) in values.iter().enumerate() {
            let cell = cell(true, "none", "standard", name, fold as u32);
            planned.push(cell.clone());
            records.push(match (*name, fold) {
                ("lacking", 3) => failed(&cell, Stage::Fit, "stopped"),
                _ => record(&cell, &[("f1", *value)]),
            });
        }
    }
    results(planned, records, &["f1"], "f1")
}

fn names<'a>(rows: impl IntoIterator<Item = &'a fraudbench::analyze::leaderboard::Row>) -> Vec<&'a str> {
    rows.into_iter().map(|row| row.pipeline.classifier.as_str()).collect()
}

fn section(results: &Results, board: &Leaderboard) -> String {
    let text = crate::report(results, board);
    let all = text.split("## Best, and what is not distinguishable from it").nth(1);
    all.unwrap_or_else(|| panic!("no section: {text}")).split("\n## ").next().unwrap().to_owned()
}

#[test]
fn the_best_is_named_with_its_equals() {
    let results = example();
    let board = leaderboard(&results);
    let found = best(&board, ROPE);
    assert_eq!(found.len(), 1);
    let found = &found[0];
    assert_eq!(found.best.pipeline.classifier, "best");
    assert_eq!(names(found.compared.iter().map(|c| c.row)), ["same", "near", "far"]);
    assert_eq!(names(found.equals(ALPHA).iter().map(|c| c.row)), ["same", "near"]);
    assert_eq!((found.others, found.left_out), (3, 1));
}

#[test]
fn p_values_allow_for_having_chosen_the_best() {
    let results = example();
    let board = leaderboard(&results);
    let found = best(&board, ROPE).remove(0);
    let near: Vec<f64> = [-0.01, 0.02, -0.01, 0.02, 0.02].to_vec();
    let alone = CorrectedT::new(&near, RATIO).unwrap();
    let of = |name: &str| found.compared.iter().find(|c| c.row.pipeline.classifier == name).unwrap();
    assert!((of("near").p - alone.p_value()).abs() < 1e-9);
    assert!((of("near").difference.mean - 0.008).abs() < 1e-12);
    let chance = BestOfMany::new(4, 5);
    assert_eq!(of("near").p_adjusted, chance.p_value(of("near").difference.statistic()));
    assert!(found.compared.iter().all(|c| c.p_adjusted > c.p), "{found:?}");
    let far = of("far").probabilities.unwrap();
    assert!(far.above > 0.999 && of("same").probabilities.unwrap().within > 0.999, "{found:?}");
    let (all, none) = (of("near").probabilities.unwrap(), alone.probabilities(ROPE).unwrap());
    assert!((all.above - none.above).abs() < 1e-9 && (all.within - none.within).abs() < 1e-9);
}

#[test]
fn differences_that_are_equal_on_all_folds_tell_nothing() {
    let results = pipelines(&[("best", BEST), ("lower", BEST.map(|v| v - 0.02))]);
    let board = leaderboard(&results);
    let found = best(&board, ROPE).remove(0);
    assert_eq!((found.compared[0].p_adjusted, found.compared[0].probabilities), (1.0, None));
    let text = section(&results, &board);
    assert!(text.contains("| +0.0200 | – | 1.000 | – | – | – |"), "{text}");
    assert_eq!(found.callable.unwrap().typical, None);
    let said = "With 5 folds and 1 comparison nothing can be told: the difference is the same on every fold, which tells no variance.";
    assert!(text.contains(said), "{text}");
}

#[test]
fn the_smallest_difference_that_is_called_is_of_those_that_vary() {
    // Behind the best by the same on every fold, twice, and by 0.1 and 0.3 in turn: only that difference has a standard deviation.
    let varying = [0, 1, 2, 3, 4].map(|fold| BEST[fold] - if fold % 2 == 0 { 0.1 } else { 0.3 });
    let results =
        pipelines(&[("best", BEST), ("a", BEST.map(|v| v - 0.5)), ("b", BEST.map(|v| v - 0.6)), ("c", varying)]);
    let callable = best(&leaderboard(&results), ROPE).remove(0).callable.unwrap();
    // Three of 0.1 and two of 0.3: mean 0.18, squares (3 * 0.08^2 + 2 * 0.12^2) / 4 = 0.012.
    assert!((callable.typical.unwrap() - callable.deviations * 0.012_f64.sqrt()).abs() < 1e-12, "{callable:?}");
}

#[test]
fn what_choosing_adds_and_what_could_have_been_told_is_said() {
    // On each fold another one is best, and on the others not: chosen there, it is read at its worst.
    let values = [[0.9, 0.5, 0.5, 0.5, 0.6], [0.5, 0.9, 0.5, 0.5, 0.6], [0.5, 0.5, 0.9, 0.5, 0.6]];
    let names = ["a", "b", "c"];
    let results = pipelines(&[(names[0], values[0]), (names[1], values[1]), (names[2], values[2])]);
    let board = leaderboard(&results);
    let found = best(&board, ROPE).remove(0);
    // Folds 0 to 2: the mean of the two others that are best without it, 0.5 both. Folds 3 and 4: all are equal there.
    let choice = found.choice.unwrap();
    assert!((choice.mean.unwrap() - (0.5 * 4.0 + 0.6) / 5.0).abs() < 1e-12, "{choice:?}");
    assert!((choice.flattery.unwrap() - (0.6 - 0.52)).abs() < 1e-12, "{choice:?}");
    let callable = found.callable.unwrap();
    let critical = BestOfMany::new(3, 5).critical(ALPHA);
    assert!((callable.deviations - critical * (0.2 + RATIO).sqrt()).abs() < 1e-12);
    let text = section(&results, &board);
    assert!(
        text.contains("it has 0.5200 instead of 0.6000: choosing flatters it by +0.0800. Its worth: 95% CI "),
        "{text}"
    );
    let alone = found.best.interval.unwrap();
    assert!(choice.interval.unwrap().0 < alone.0 && choice.interval.unwrap().1 == alone.1, "{choice:?}");
    assert!(text.contains("With 5 folds and 2 comparisons a difference is called from"), "{text}");
}

#[test]
fn of_splits_that_share_test_rows_an_estimate_is_said_and_no_limit_for_one() {
    let of = |by: f64| {
        let values = [[0.9, 0.5, 0.5, 0.5, 0.6], [0.5, 0.9, 0.5, 0.5, 0.6], [0.5, 0.5, 0.9, 0.5, 0.6]];
        let [a, b, c] = values.map(|values| values.map(|value| value - by));
        let results = hold_outs(pipelines(&[("a", a), ("b", b), ("c", c)]));
        let board = leaderboard(&results);
        let choice = best(&board, ROPE).remove(0).choice.unwrap();
        (choice, section(&results, &board), fraudbench::report::render::json::leaderboard(&board).unwrap())
    };
    // Read is 0.52 of 0.6, as over folds. The factor is 1 + 5 * 0.250004 = 2.25002: 0.6 - 2.25002 * 0.08 = 0.419998.
    let (choice, text, _) = of(0.0);
    assert!((choice.read - 0.52).abs() < 1e-12 && (choice.mean.unwrap() - 0.419_998).abs() < 1e-5, "{choice:?}");
    let said = "For each split the best was chosen on the other splits and read on this one: 0.5200 on average, instead of 0.6000. The \
                splits share test rows, so this difference shows only a part of what choosing adds: an estimate of all \
                of it is +0.1800, extrapolated (2.3 times the difference), which leaves about 0.4200. Its worth: 95% CI ";
    assert!(text.contains(said) && !text.contains("on which it was not chosen"), "{text}");
    // 0.45 lower, 0.15 - 0.18 is left, which no f1 can be.
    let (choice, text, file) = of(0.45);
    assert_eq!((choice.mean, choice.flattery), (None, None));
    let said = "read on this one: 0.0700 on average, instead of 0.1500. The splits share test rows, so this difference shows only a part of \
                what choosing adds. How much it adds cannot be told here: extrapolated (2.3 times the difference), what is left \
                would be outside the range of f1. Its worth: 95% CI ";
    assert!(text.contains(said) && !text.contains("has 0.0000"), "{text}");
    let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
    let found = &file["best"][0];
    assert!(found["corrected_mean"].is_null() && found["flattery"].is_null(), "{found}");
    let number = |key: &str| found[key].as_f64().unwrap();
    assert!((number("read_mean") - 0.07).abs() < 1e-12 && (number("extrapolated_by") - 2.25).abs() < 1e-4, "{found}");
}

#[test]
fn what_is_not_adjusted_for_choosing_is_said() {
    let results = example();
    let said = "These probabilities and the intervals of differences are not adjusted";
    assert!(section(&results, &leaderboard(&results)).contains(said));
}

#[test]
fn pipelines_with_a_shorter_plan_are_said_to_be_unranked_for_it() {
    let mut results = pipelines(&[("prior", [0.1; 5]), ("whole", BEST), ("short", BEST), ("shorter", BEST)]);
    let is_left = |cell: &CellId| match &*cell.classifier {
        "short" => cell.fold < 4,
        "shorter" => cell.fold < 2,
        _ => true,
    };
    results.planned.retain(|planned| is_left(&planned.cell));
    results.records.retain(|record| is_left(&record.cell));
    let text = crate::report(&results, &leaderboard(&results));
    let said = "16 of 16 cells scored, 0 failed, 0 missing. 2 of 4 pipelines ranked: only those with a defined f1 on every split that \
                any pipeline of the same ranking is planned on. 2 pipelines are not ranked: a filter or a merge left \
                them fewer splits than others.";
    // All that they were left is scored.
    assert!(text.contains(said) && !text.contains("lack scores"), "{text}");
    // `short` alone, and beside a pipeline that lacks a score of its whole plan.
    let mut one = results.clone();
    one.planned.retain(|planned| planned.cell.classifier != "shorter");
    one.records.retain(|record| record.cell.classifier != "shorter");
    let text = crate::report(&one, &leaderboard(&one));
    assert!(
        text.contains(" 1 pipeline is not ranked: a filter or a merge left it fewer splits than others."),
        "{text}"
    );
    one.records.retain(|record| (&*record.cell.classifier, record.cell.fold) != ("whole", 3));
    let text = crate::report(&one, &leaderboard(&one));
    let said = "2 pipelines are not ranked, because they lack scores. A filter or a merge left 1 of them fewer splits than others.";
    assert!(text.contains(said), "{text}");
    // With duplicates two splits are all that any pipeline has, one of which has no score: the plan of the other ranking is no reason.
    let mut two = results.clone();
    let is_in = |cell: &CellId| cell.classifier != "short" && (cell.classifier != "prior" || cell.fold < 2);
    two.planned.retain(|planned| is_in(&planned.cell));
    let has_score = |cell: &CellId| is_in(cell) && (cell.classifier != "shorter" || cell.fold < 1);
    two.records.retain(|record| has_score(&record.cell));
    let rank_apart = |cell: &mut CellId| cell.dedup = cell.classifier == "whole";
    two.planned.iter_mut().for_each(|planned| rank_apart(&mut planned.cell));
    two.records.iter_mut().for_each(|record| rank_apart(&mut record.cell));
    let text = crate::report(&two, &leaderboard(&two));
    let said = "8 of 9 cells scored, 0 failed, 1 missing. 2 of 3 pipelines ranked: only those with a defined f1 on every planned split.";
    assert!(text.contains(said) && !text.contains("filter or a merge"), "{text}");
    // The baseline stands in on one fold and on three, none of which was planned.
    let text = crate::report(&results, &leaderboard_over(&results, Over::Imputed));
    let said = "4 of 4 pipelines ranked: only those with a defined f1 on every split that any pipeline of the same ranking is planned \
                on. In 4 cells without scores, planned or left out by a filter or a merge, those of the baseline `prior` stand in";
    assert!(text.contains(said) && !text.contains("not ranked, because"), "{text}");
    // Where all have the same plan nothing was left out.
    let whole = crate::report(&example(), &leaderboard(&example()));
    assert!(whole.contains("a defined f1 on every planned split.") && !whole.contains("filter or a merge"), "{whole}");
}

#[test]
fn folds_that_can_tell_nothing_say_so() {
    let values: Vec<(String, [f64; 5])> = (0..240).map(|i| (format!("p{i}"), [0.1 * f64::from(i % 7); 5])).collect();
    let values: Vec<(&str, [f64; 5])> = values.iter().map(|(name, v)| (name.as_str(), *v)).collect();
    let mut results = pipelines(&values);
    results.planned.retain(|p| p.cell.fold < 3);
    results.records.retain(|r| r.cell.fold < 3);
    let text = section(&results, &leaderboard(&results));
    assert!(text.contains("With 3 folds and 239 comparisons nothing can be told"), "{text}");
}

#[test]
fn pairs_are_corrected_over_all_pairs() {
    let results = example();
    let board = leaderboard(&results);
    let rows: Vec<_> = board.rows.iter().collect();
    let tested = pairwise(&board, &rows);
    let named: Vec<_> = tested.iter().map(|t| (&t.a.pipeline.classifier[..], &t.b.pipeline.classifier[..])).collect();
    let wanted =
        [("best", "same"), ("best", "near"), ("best", "far"), ("same", "near"), ("same", "far"), ("near", "far")];
    assert_eq!(named, wanted, "`lacking` has no rank");
    let least = tested.iter().map(|t| t.p).fold(1.0, f64::min);
    assert!(tested.iter().any(|t| t.p == least && (t.p_holm - 6.0 * least).abs() < 1e-15), "{tested:?}");
    let text = crate::report(&results, &board);
    assert!(text.contains("Holm-corrected over 6 pairs"), "{text}");
    let line = text.lines().find(|line| line.starts_with("| far | **")).unwrap();
    assert_eq!((line.matches("**").count(), line.matches('|').count()), (6, 5), "{line}");
}

#[test]
fn the_table_of_pairs_says_why_the_adjusted_p_of_the_best_can_be_larger() {
    let said = |results: &Results| crate::report(results, &leaderboard(results));
    let text = said(&example());
    let why = "These p-values allow for the pairs of this table alone. The adjusted p of the comparison with the best allows for having \
               chosen the best of 4, so it can be larger: ";
    assert!(text.contains(why), "{text}");
    // Of two pipelines there is one p-value.
    let text = said(&pipelines(&[("a", BEST), ("b", [0.7, 0.6, 0.8, 0.7, 0.7])]));
    assert!(text.contains("Holm-corrected over 1 pair") && !text.contains("allow for the pairs"), "{text}");
}

#[test]
fn smaller_is_better_turns_the_signs() {
    let results = example();
    let board = leaderboard(&crate::sample::smaller_is_better(results));
    let found = best(&board, ROPE).remove(0);
    assert_eq!(found.best.pipeline.classifier, "far");
    assert!(found.compared.iter().all(|c| c.difference.mean > 0.0 && c.probabilities.unwrap().above > 0.99));
    assert!(found.equals(ALPHA).is_empty());
}

#[test]
fn a_pipeline_that_lacks_a_fold_is_compared_on_the_intersection_only() {
    let results = example();
    let board = leaderboard_over(&results, Over::Common);
    let found = best(&board, ROPE).remove(0);
    assert_eq!((found.best.pipeline.classifier.as_str(), found.left_out), ("lacking", 0));
    assert!(found.compared.iter().all(|c| c.difference.n == 4));
    let text = crate::report(&results, &board);
    assert!(text.contains("4 of 5 splits that all pipelines with any score have"), "{text}");
    assert!(text.contains("over 4 folds"), "{text}");
    // What is missing stays to be seen.
    assert!(section(&results, &board).contains("| 4/5 |"), "{text}");
}

#[test]
fn variants_with_other_rows_are_not_paired() {
    let shape = Shape { dedups: &[false, true], ..SMALL };
    let results = made_up(shape, 6);
    let board = leaderboard(&results);
    let found = best(&board, ROPE);
    assert_eq!(found.len(), 2);
    for variant in &found {
        assert!(variant.compared.iter().all(|c| c.row.pipeline.dedup == variant.best.pipeline.dedup));
        assert_eq!(variant.compared.len(), 2);
    }
    let section = section(&results, &board);
    assert!(section.contains("### Dedup on") && section.contains("### Dedup off"), "{section}");
}

#[test]
fn one_fold_allows_no_test_and_no_pipeline_no_section() {
    let results = made_up(Shape { folds: 1, ..SMALL }, 6);
    let board = leaderboard(&results);
    let found = best(&board, ROPE).remove(0);
    assert_eq!((found.compared.len(), found.others), (0, 2));
    assert!(section(&results, &board).contains("cannot be tested: that takes at least two folds"));
    let nothing = made_up(Shape { missing: 1_000, ..SMALL }, 6);
    let text = crate::report(&nothing, &leaderboard(&nothing));
    assert!(text.contains("none is ranked") && !text.contains("## Best, and"), "{text}");
}

#[test]
fn at_most_twenty_rows_and_a_count_of_the_rest() {
    // 30 pipelines that differ from fold to fold and not in their mean.
    let values: Vec<(String, [f64; 5])> = (0..30)
        .map(|i| (format!("p{i}"), std::array::from_fn(|fold| 0.5 + 0.01 * ((i * 7 + fold * 3) % 5) as f64)))
        .collect();
    let values: Vec<(&str, [f64; 5])> = values.iter().map(|(name, v)| (name.as_str(), *v)).collect();
    let results = pipelines(&values);
    let text = section(&results, &leaderboard(&results));
    let lines = text.lines().filter(|line| line.starts_with("| ")).count();
    assert_eq!(lines, 2 + 20, "{text}");
    assert!(text.contains("29 of 29 others are not distinguishable"), "{text}");
    assert!(text.contains("And 10 pipelines more"), "{text}");
}

#[test]
fn what_is_said_of_few_folds_and_few_pipelines_is_so() {
    let only = |values: &[(&str, [f64; 5])], folds: u32| {
        let mut results = pipelines(values);
        results.planned.retain(|planned| planned.cell.fold < folds);
        results.records.retain(|record| record.cell.fold < folds);
        crate::report(&results, &leaderboard(&results))
    };
    let [a, b, c] = [("a", BEST), ("b", [0.7, 0.6, 0.8, 0.7, 0.7]), ("c", [0.5, 0.7, 0.6, 0.5, 0.6])];
    let text = only(&[a, b], 1);
    assert!(text.contains("Whether the other one is worse cannot be told from one fold."), "{text}");
    assert!(only(&[a, b, c], 1).contains("Whether the other 2 are worse cannot be told from one fold."));
    // Of two pipelines there are none to leave out.
    let text = only(&[a, b], 2);
    assert!(text.contains("With 2 folds and 1 comparison nothing can be told"), "{text}");
    assert!(text.contains(" on. Take more folds.") && !text.contains("fewer pipelines"), "{text}");
    let text = only(&[a, b, c], 2);
    assert!(text.contains("Take more folds or fewer pipelines."), "{text}");
}

#[test]
fn splits_of_repeats_of_one_are_splits() {
    let results = hold_outs(pipelines(&[("a", BEST), ("b", [0.7, 0.6, 0.8, 0.7, 0.7])]));
    let text = crate::report(&results, &leaderboard(&results));
    assert!(text.contains(" over 5 splits, ") && text.contains("With 5 splits and 1 comparison"), "{text}");
}

#[test]
fn a_pipeline_that_is_alone_in_its_family_was_not_chosen() {
    // One pipeline per family, which is named after it; then another of the family `a`.
    let mut results = pipelines(&[("a", BEST), ("b", [0.7, 0.6, 0.8, 0.7, 0.7])]);
    let text = |results: &Results| crate::report(results, &leaderboard(results));
    let alone = text(&results);
    assert!(alone.contains("Holm-corrected over 1 pair; at most 0.05 in bold.\n"), "{alone}");
    assert!(!alone.contains("chosen as its family's best"), "{alone}");
    let join = |results: &mut Results, name: &str, family: &str, values: [f64; 5]| {
        let mut more = pipelines(&[(name, values)]);
        more.planned.iter_mut().for_each(|planned| planned.family = family.into());
        more.records.iter_mut().for_each(|record| record.family = family.into());
        results.planned.extend(more.planned);
        results.records.extend(more.records);
    };
    join(&mut results, "second", "a", BEST.map(|value| value - 0.1));
    let some = text(&results);
    let said = "Of families with several pipelines each was chosen as its family's best on these same folds.";
    assert!(some.contains(said), "{some}");
    join(&mut results, "third", "b", [0.5; 5]);
    let all = text(&results);
    assert!(all.contains("in bold. Each was chosen as its family's best on these same folds."), "{all}");
}

#[test]
fn means_that_are_equal_but_for_the_order_of_a_sum_share_a_rank() {
    // The mean of each is 0.3; by sums it is 0.3, 0.30000000000000004 and 0.29999999999999993.
    let [a, b, c] = [[0.1, 0.2, 0.3, 0.4, 0.5], [0.1, 0.2, 0.4, 0.5, 0.3], [0.1, 0.5, 0.3, 0.4, 0.2]];
    let results = pipelines(&[("c", c), ("d", [0.1; 5]), ("a", a), ("b", b)]);
    let board = leaderboard(&results);
    let means: Vec<f64> = board.rows.iter().filter_map(|row| board.primary_mean(row)).collect();
    assert!(means[0] < means[1] && means[1] < means[2], "{means:?}");
    // In plan order, as none of them is ahead.
    assert_eq!(names(&board.rows), ["c", "a", "b", "d"]);
    assert_eq!(board.rows.iter().map(|row| row.rank).collect::<Vec<_>>(), [1, 1, 1, 4].map(Some));
    let text = crate::report(&results, &board);
    assert!(text.contains(", as much as a (") && !text.contains("ahead of the second"), "{text}");
    let tex = latex::leaderboard(&results, &board, &best(&board, ROPE));
    assert_eq!(tex.matches("\\textbf{0.3000 ").count(), 3, "{tex}");
    // Smaller is better: the others come after the one that is.
    let lower = leaderboard(&crate::sample::smaller_is_better(results));
    assert_eq!(names(&lower.rows), ["d", "c", "a", "b"]);
    assert_eq!(lower.rows.iter().map(|row| row.rank).collect::<Vec<_>>(), [1, 2, 2, 2].map(Some));
}

#[test]
fn a_difference_that_the_metric_has_no_room_for_is_not_said_to_be_callable() {
    // Differences -0.5, 0.5, -0.5, 0.5, 0.1: mean 0.02, squares 1.008 / 4 = 0.252. Student's t of 4 degrees is 2.776445.
    let results = pipelines(&[("best", [0.5; 5]), ("other", [1.0, 0.0, 1.0, 0.0, 0.4])]);
    let board = leaderboard(&results);
    let found = best(&board, ROPE).remove(0);
    let callable = found.callable.unwrap();
    let typical = 2.776_445_105 * (0.2 + RATIO).sqrt() * 0.252_f64.sqrt();
    assert!((callable.typical.unwrap() - typical).abs() < 1e-6 && (callable.room - 0.5).abs() < 1e-12, "{callable:?}");
    assert!(callable.is_beyond_room() && callable.is_hopeless() && !callable.is_rare());
    let said = "that is 0.9350 of f1, more than the 0.5000 that a pipeline can lie behind the best: at that median nothing can be told. \
                Take more folds.";
    let text = section(&results, &board);
    assert!(text.contains(said), "{text}");
    // Smaller is better: 1 - 0.48 is left above the best.
    let results = crate::sample::smaller_is_better(results);
    let callable = best(&leaderboard(&results), ROPE).remove(0).callable.unwrap();
    assert!((callable.room - 0.52).abs() < 1e-12, "{callable:?}");
}

#[test]
fn pipelines_that_only_lack_a_defined_primary_metric_are_not_said_to_lack_folds() {
    let mut results = pipelines(&[("best", BEST), ("undefined", [0.5; 5]), ("lacking", [0.99; 5])]);
    let undefined = results.records.iter_mut().find(|r| r.family == "undefined").unwrap();
    undefined.metrics.insert("f1".into(), Score::Undefined { undefined: "no positives".into() });
    let text = crate::report(&results, &leaderboard(&results));
    let part = text.split("## Not ranked").nth(1).unwrap().split("\n## ").next().unwrap();
    let (fewer, whole) =
        part.split_once("f1 is undefined on some fold of these pipelines").unwrap_or_else(|| panic!("{part}"));
    assert!(
        fewer.contains("These means are over fewer folds than the ranked ones") && fewer.contains("| lacking |"),
        "{part}"
    );
    assert!(
        !fewer.contains("| undefined |") && whole.contains("| undefined |") && !whole.contains("| lacking |"),
        "{part}"
    );
    results.planned.retain(|planned| planned.family != "lacking");
    results.records.retain(|record| record.family != "lacking");
    let text = crate::report(&results, &leaderboard(&results));
    assert!(!text.contains("These means are over fewer folds"), "{text}");
}
