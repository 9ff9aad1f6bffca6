//! Two pipelines, two runs, several data sets.

use fraudbench::analyze::Results;
use fraudbench::analyze::datasets::{Across, Table, Tables};
use fraudbench::analyze::leaderboard::Pipeline;
use fraudbench::analyze::pair::pair;
use fraudbench::analyze::regression::regression;
use fraudbench::cell::CellId;
use fraudbench::data::TableFacts;
use fraudbench::metric::Score;
use fraudbench::report::chart::critical_difference;
use fraudbench::report::write_files;
use fraudbench::store::Stage;

use crate::charts::{check_png, check_svg, kept};
use crate::sample::{SMALL, Shape, cell, failed, made_up, record, results};

fn pipeline(dedup: bool, classifier: &str) -> Pipeline {
    Pipeline::of(&cell(dedup, "none", "standard", classifier, 0))
}

#[test]
fn pairs_take_the_folds_that_both_have() {
    let planned: Vec<_> =
        ["a", "b"].iter().flat_map(|name| (0..4).map(|fold| cell(true, "none", "standard", name, fold))).collect();
    let mut records: Vec<_> = [0, 1, 3, 4, 5, 6].map(|i: usize| record(&planned[i], &[("f1", 0.1 * i as f64)])).into();
    records.push(failed(&planned[7], Stage::Fit, "stopped"));
    records[4].metrics.insert("f1".into(), Score::Undefined { undefined: "no positives".into() });
    let results = results(planned, records, &["f1"], "f1");
    let found = pair(&results, &pipeline(true, "a"), &pipeline(true, "b"), "f1").unwrap();
    assert_eq!((found.splits.as_slice(), found.planned), (&[(0, 0)][..], 4));
    assert_eq!((found.a.as_slice(), found.b.as_slice(), found.corrected()), (&[0.0][..], &[0.4][..], None));
    let said = |b: &Pipeline, metric: &str| pair(&results, &pipeline(true, "a"), b, metric).unwrap_err().to_string();
    assert!(said(&pipeline(false, "b"), "f1").contains("differ in dedup"));
    assert!(said(&pipeline(true, "b"), "mcc").contains("no fold on which both pipelines have a value of mcc"));
}

#[test]
fn the_planned_folds_of_a_pair_are_those_of_both() {
    let of = |name: &'static str, folds: std::ops::Range<u32>| {
        folds.map(move |fold| cell(true, "none", "standard", name, fold))
    };
    // The first lacks fold 0 and the second has no more than folds 0 and 1, by their plan.
    let planned: Vec<_> = of("a", 1..4).chain(of("b", 0..2)).collect();
    let records = planned.iter().map(|cell| record(cell, &[("f1", 0.5)])).collect();
    let results = results(planned, records, &["f1"], "f1");
    for (first, second) in [("a", "b"), ("b", "a")] {
        let found = pair(&results, &pipeline(true, first), &pipeline(true, second), "f1").unwrap();
        assert_eq!((found.splits.as_slice(), found.planned), (&[(0, 1)][..], 4), "{first} {second}");
    }
}

#[test]
fn pairs_are_of_one_data_set() {
    let mut planned: Vec<_> =
        ["a", "b"].iter().flat_map(|name| (0..2).map(|fold| cell(true, "none", "standard", name, fold))).collect();
    let elsewhere = planned.clone().into_iter().map(|cell| CellId { data_set: "other".into(), ..cell });
    planned.extend(elsewhere);
    let records = (0_u8..).zip(&planned).map(|(i, cell)| record(cell, &[("f1", 0.125 * f64::from(i))])).collect();
    let mut results = results(planned, records, &["f1"], "f1");
    results.manifest.data.push(TableFacts { name: "other".into(), ..results.manifest.data[0].clone() });
    let of = |results: &Results| pair(results, &pipeline(true, "a"), &pipeline(true, "b"), "f1");
    assert!(of(&results).unwrap_err().to_string().contains("folds of several data sets"));
    let values = |name: &str| of(&results.on(name)).map(|pair| (pair.a, pair.b)).unwrap();
    assert_eq!(values("creditcard"), (vec![0.0, 0.125], vec![0.25, 0.375]));
    assert_eq!(values("other"), (vec![0.5, 0.625], vec![0.75, 0.875]));
}

#[test]
fn every_data_set_of_two_runs_must_be_the_same() {
    let mut first = made_up(SMALL, 2);
    first.manifest.data.push(TableFacts { name: "other".into(), ..first.manifest.data[0].clone() });
    let mut second = first.clone();
    // In another order, and the second one changed.
    second.manifest.data.reverse();
    assert!(regression(&first, &second, None, 0.0).unwrap().is_clean());
    second.manifest.data[0].sha256 = "0123456789abcdef".into();
    second.manifest.data[0].digests.features = "others".into();
    let said = regression(&first, &second, None, 0.0).unwrap_err().to_string();
    assert!(said.contains("different data (other "), "{said}");
}

#[test]
fn a_run_equals_itself() {
    let run = made_up(Shape { missing: 100, failed: 100, ..SMALL }, 2);
    let found = regression(&run, &run, None, 0.0).unwrap();
    assert!(found.is_clean() && found.compared > 5 && found.both == 15, "{found:?}");
    assert_eq!((found.only_first, found.only_second, found.redefined), (0, 0, 0));
}

#[test]
fn what_changed_between_runs_is_found_the_largest_first() {
    let first = made_up(SMALL, 2);
    let mut second = first.clone();
    let add = |run: &mut Results, at: usize, metric: &str, by: f64| {
        let Some(Score::Value(value)) = run.records[at].metrics.get_mut(metric) else { panic!("no {metric}") };
        *value += by;
    };
    add(&mut second, 6, "recall", 1e-6);
    add(&mut second, 7, "pr-auc", -0.25);
    second.records[8].metrics.insert("f1".into(), Score::Undefined { undefined: "no positives".into() });
    second.records[9].key = "another".into();
    second.records.remove(14);
    second.planned.remove(0);
    let found = regression(&first, &second, None, 0.0).unwrap();
    assert_eq!((found.both, found.only_first, found.only_second, found.compared), (14, 1, 0, 13));
    assert_eq!((found.redefined, found.is_clean()), (1, false));
    let changes: Vec<(&str, &str)> =
        found.changes.iter().map(|c| (c.metric.as_str(), c.cell.classifier.as_str())).collect();
    let name = |i: usize| first.records[i].cell.classifier.as_str();
    assert_eq!(changes, [("f1", name(8)), ("pr-auc", name(7)), ("recall", name(6))]);
    assert_eq!(found.changes[0].difference(), None);
    assert!((found.changes[1].difference().unwrap() + 0.25).abs() < 1e-12);
    assert_eq!(found.outcomes, [(first.planned[14].cell.clone(), "scored", "missing")]);
    let tolerant = regression(&first, &second, Some("recall"), 1e-5).unwrap();
    assert_eq!((tolerant.changes.len(), tolerant.metrics.as_slice()), (0, &["recall".to_owned()][..]));
}

#[test]
fn runs_that_cannot_be_compared_are_refused() {
    let first = made_up(SMALL, 2);
    let mut other = first.clone();
    other.manifest.data[0].sha256 = "0123456789abcdef".into();
    // Another file with the same values is the same data.
    assert!(regression(&first, &other, None, 0.0).unwrap().is_clean());
    other.manifest.data[0].digests.features = "others".into();
    let said = |second: &Results, metric| regression(&first, second, metric, 0.0).unwrap_err().to_string();
    assert!(said(&other, None).contains("different data"));
    assert!(said(&first, Some("kappa")).contains("do not both have the metric kappa"));
    let elsewhere = results(vec![cell(false, "x", "y", "z", 0)], Vec::new(), &["recall"], "recall");
    assert!(said(&elsewhere, None).contains("no cell in common"));
}

#[test]
fn other_features_of_the_same_file_are_other_data() {
    let mut first = made_up(SMALL, 2);
    let more = TableFacts { name: "other".into(), sha256: "0123456789abcdef".into(), ..first.manifest.data[0].clone() };
    first.manifest.data.push(more);
    let mut second = first.clone();
    second.manifest.data[0].digests.features = "others".into();
    let said = |second: &Results| regression(&first, second, None, 0.0).unwrap_err().to_string();
    let why = "so their scores cannot be compared cell by cell: run one of them again, on the data of the other, with the same `[data]` \
               in its study and the same version of fraudbench";
    let features = "creditcard 76274b691b16… in both, with a difference in the features";
    assert_eq!(said(&second), format!("the runs saw different data ({features}), {why}"));
    // All that differ are told at once.
    second.manifest.data[1].digests.labels = "others".into();
    second.manifest.data[1].sha256 = "fedcba9876543210".into();
    let labels = "other 0123456789ab… and other fedcba987654…, with a difference in the labels";
    assert_eq!(said(&second), format!("the runs saw different data ({features}; {labels}), {why}"));
}

/// A run on its own data set: three folds of each classifier around a mean.
fn run(data: &str, means: &[(&str, f64)]) -> Results {
    let cells: Vec<_> = means
        .iter()
        .flat_map(|(name, mean)| {
            (0..3).map(move |fold| (cell(true, "none", "standard", name, fold), mean + 0.01 * (f64::from(fold) - 1.0)))
        })
        .collect();
    let records = cells.iter().map(|(cell, value)| record(cell, &[("f1", *value)])).collect();
    let mut run = results(cells.into_iter().map(|(cell, _)| cell).collect(), records, &["f1"], "f1");
    run.manifest.data[0].name = data.into();
    run.manifest.data[0].sha256 = format!("sha of {data}");
    run
}

fn three() -> Vec<Results> {
    vec![
        run("one", &[("a", 0.5), ("b", 0.7), ("c", 0.6), ("d", 0.1)]),
        run("two", &[("a", 0.4), ("b", 0.8), ("c", 0.5)]),
        run("three", &[("c", 0.5), ("a", 0.5), ("b", 0.6)]),
    ]
}

/// The one table of runs of one dataset variant.
fn table(runs: &[Results]) -> Table {
    let mut found = Tables::of(runs, None).unwrap();
    assert_eq!((found.tables.len(), found.without.len()), (1, 0));
    assert_eq!(found.tables[0].variant, None);
    found.tables.remove(0)
}

#[test]
fn data_sets_are_put_side_by_side() {
    let table = table(&three());
    assert_eq!((table.names(), table.left_out), (vec!["a".into(), "b".into(), "c".into()], 1));
    assert_eq!(table.datasets, ["one", "two", "three"]);
    assert!((table.means[1][1] - 0.8).abs() < 1e-12, "{:?}", table.means);
    let across = table.clone().across(0.05).unwrap();
    // Ranks: a 3, 3, 2.5; b 1, 1, 1; c 2, 2, 2.5.
    let ranks = [8.5 / 3.0, 1.0, 6.5 / 3.0];
    assert!(across.mean_ranks.iter().zip(ranks).all(|(a, b)| (a - b).abs() < 1e-12), "{:?}", across.mean_ranks);
    assert_eq!(across.pairs.len(), 3);
    // Three data sets of three pipelines tell nothing apart: the critical difference is 3.3145 / sqrt(2) * sqrt(12 / 18).
    assert!((across.critical_difference - 1.9136).abs() < 1e-3, "{}", across.critical_difference);
    assert_eq!(across.cliques, [vec![1, 2, 0]]);
    let lower = Table { better: fraudbench::metric::Better::Lower, ..table }.across(0.05).unwrap();
    assert!((lower.mean_ranks[1] - 3.0).abs() < 1e-12);
}

/// A run with duplicates and without, in which each has means of its own.
fn both(data: &str, on: &[(&str, f64)], off: &[(&str, f64)]) -> Results {
    let (mut first, mut second) = (run(data, on), run(data, off));
    second.planned.iter_mut().for_each(|planned| planned.cell.dedup = false);
    second.records.iter_mut().for_each(|record| record.cell.dedup = false);
    first.planned.extend(second.planned);
    first.records.extend(second.records);
    first
}

#[test]
fn pipelines_with_and_without_duplicates_are_ranked_apart() {
    // With duplicates every mean is larger, which says nothing of the pipelines.
    let runs = [
        both("one", &[("a", 0.5), ("b", 0.6), ("c", 0.4)], &[("a", 0.8), ("b", 0.7)]),
        both("two", &[("a", 0.4), ("b", 0.6)], &[("a", 0.9), ("b", 0.8)]),
        both("three", &[("a", 0.3), ("b", 0.5)], &[("a", 0.7), ("b", 0.6)]),
    ];
    let found = Tables::of(&runs, None).unwrap();
    let names = |table: &Table| (table.variant.clone().unwrap(), table.names(), table.left_out);
    let ab = || vec!["a".to_owned(), "b".to_owned()];
    let [on, off] = ["dedup on", "dedup off"].map(str::to_owned);
    assert_eq!(found.tables.iter().map(names).collect::<Vec<_>>(), [(on, ab(), 1), (off.clone(), ab(), 0)]);
    let across = found.across(0.05).unwrap();
    assert_eq!((across[0].mean_ranks.as_slice(), across[1].mean_ranks.as_slice()), (&[2.0, 1.0][..], &[1.0, 2.0][..]));
    // One pair each, so that Holm has nothing to correct: of 8 signs two are as far out.
    for of_variant in &across {
        let [pair] = of_variant.pairs[..] else { panic!("{of_variant:?}") };
        assert_eq!((pair.p, pair.p_holm), (0.25, 0.25));
    }
    let ids: Vec<String> = critical_difference::draw_all(&across).into_iter().map(|chart| chart.id).collect();
    assert_eq!(ids, ["critical-difference-1", "critical-difference-2"]);
    // A variant with one pipeline has no ranks, and the other one has its own all the same.
    let alone = ["one", "two"].map(|data| both(data, &[("a", 0.5), ("b", 0.6)], &[("a", 0.8)]));
    let found = Tables::of(&alone, None).unwrap();
    assert_eq!((found.tables.len(), found.without), (1, vec![(off, 1)]));
}

#[test]
fn means_over_data_sets_that_differ_by_rounding_are_ties() {
    // By sums, 0.3 has three values; `a` is as good as `b` on both data sets and `c` is worse.
    let values = [("a", [0.1, 0.2, 0.4, 0.5, 0.3]), ("b", [0.1, 0.5, 0.3, 0.4, 0.2]), ("c", [0.1; 5])];
    let of = |data: &str, values: [(&str, [f64; 5]); 3]| {
        let cells = values.map(|(name, _)| [0, 1, 2, 3, 4].map(|fold| cell(true, "none", "standard", name, fold)));
        let records = cells.iter().zip(values).flat_map(|(cells, (_, values))| {
            cells.iter().zip(values).map(|(cell, value)| record(cell, &[("f1", value)])).collect::<Vec<_>>()
        });
        let records = records.collect();
        let mut run = results(cells.concat(), records, &["f1"], "f1");
        (run.manifest.data[0].name, run.manifest.data[0].sha256) = (data.into(), format!("sha of {data}"));
        run
    };
    let [a, b, c] = values;
    let table = table(&[of("one", values), of("two", [(a.0, b.1), (b.0, a.1), c])]);
    assert!(table.means[0][0] > table.means[0][1] && table.means[1][0] < table.means[1][1], "{:?}", table.means);
    let across = table.across(0.05).unwrap();
    assert_eq!(across.mean_ranks, [1.5, 1.5, 3.0]);
    // `a` against `b`: no difference is left. Against `c`: the same two differences, so of 4 signs two are as far out.
    assert_eq!(across.pairs.iter().map(|pair| pair.p).collect::<Vec<_>>(), [1.0, 0.5, 0.5]);
}

#[test]
fn folds_of_one_data_set_are_no_data_sets() {
    let runs = three();
    let said = |runs: &[Results]| Tables::of(runs, None).unwrap_err().to_string();
    assert!(said(&runs[..1]).contains("the folds of one data set share training rows"));
    assert!(said(&[runs[0].clone(), runs[1].clone(), runs[0].clone()]).contains("saw the same data (one)"));
    let mut short = table(&runs);
    short.means.truncate(1);
    assert!(short.across(0.05).unwrap_err().to_string().contains("needs several data sets"));
    let alone = [run("one", &[("a", 0.5)]), run("two", &[("a", 0.4), ("b", 0.8)])];
    assert!(said(&alone).contains("fewer than two pipelines"));
}

#[test]
fn a_metric_that_a_run_does_not_have_is_said_to_be_lacking() {
    let mut runs = three();
    let said = |runs: &[Results], metric: &str| Tables::of(runs, Some(metric)).unwrap_err().to_string();
    let of_none = said(&runs, "mcc");
    assert!(
        of_none.contains("mcc is not computed on any of the data sets; write `--metric` with one that all have: f1"),
        "{of_none}"
    );
    runs[1].metrics.push("recall".into());
    let of_some = said(&runs, "recall");
    let wanted = "recall is not computed on 2 of 3 data sets: one, three; write `--metric` with one that all have: f1";
    assert!(of_some.contains(wanted), "{of_some}");
}

fn draw(across: &Across, folder: &str) -> Vec<String> {
    let chart = critical_difference::draw(across);
    let dir = kept(folder);
    std::fs::create_dir_all(&dir).unwrap();
    let files = [("cd.svg", chart.scene.svg()), ("cd.png", chart.scene.png().unwrap())];
    let written = write_files(&dir, &files.map(|(name, bytes)| (name.into(), bytes))).unwrap();
    check_png(&written[1]);
    check_svg(&written[0])
}

/// Ten pipelines of four levels that repeat on `n` data sets, with ranks that are swapped here and there.
fn levels(n: usize) -> Across {
    let value = |i: usize, d: usize| 0.9 - 0.02 * i as f64 - 0.1 * (i / 3) as f64 + 0.03 * ((i * 5 + d * 3) % 7) as f64;
    let names: Vec<String> = (0..10).map(|i| format!("classifier-number-{i}-of-a-long-name")).collect();
    let runs: Vec<Results> = (0..n)
        .map(|d| {
            let means: Vec<(&str, f64)> =
                names.iter().enumerate().map(|(i, name)| (name.as_str(), value(i, d))).collect();
            run(&format!("data-set-{d}"), &means)
        })
        .collect();
    table(&runs).across(0.05).unwrap()
}

#[test]
fn the_critical_difference_diagram_shows_every_pipeline_with_its_rank() {
    let across = levels(14);
    assert!(across.cliques.len() > 1 && across.friedman.p_value() < 0.001, "{across:?}");
    let texts = draw(&across, "critical-difference");
    for (name, rank) in across.table.names().iter().zip(&across.mean_ranks) {
        assert!(texts.contains(name) && texts.contains(&format!("{rank:.2}")), "{name} {rank}: {texts:?}");
    }
    assert!(texts.contains(&format!("CD {:.2}", across.critical_difference)), "{texts:?}");
    let few = draw(&table(&three()).across(0.05).unwrap(), "critical-difference-few");
    assert!(few.iter().any(|text| text.starts_with("1 pipeline without a score")), "{few:?}");
    let two = draw(&levels(2), "critical-difference-two");
    assert!(two.iter().any(|text| text.ends_with("longer than the axis")), "{two:?}");
}
