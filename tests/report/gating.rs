//! The gate on made-up nights whose truth is known: how often it is wrong, and how soon it is right.

use fraudbench::analyze::gate::{Call, Comparison, Gate, Measure, Rows, Rules, Run, Unlike, Why, alike, gate};
use fraudbench::cell::{CellId, Filter};
use fraudbench::component::Registry;
use fraudbench::data::TableFacts;
use fraudbench::metric::Score;
use fraudbench::report::gate::line;
use fraudbench::store::Outcome;

use crate::sample::{Random, cell, normal, record, results};

/// How nights come about.
#[derive(Clone, Copy)]
struct Nights {
    pipelines: usize,
    folds: u32,
    /// Whether every night has the same rows and splits, and only seeds differ.
    same_rows: bool,
    /// The part of a night's noise that all pipelines share: its rows are harder for all.
    shared: f64,
}

/// The standard deviation of a night's score.
const SD: f64 = 0.01;
/// What the gate is asked for: a tenth of that noise, so that it is the noise that decides.
const THRESHOLD: f64 = 0.001;
/// The nights that the new one is judged against: four weeks.
const BASE: usize = 28;
/// A drop of two standard errors of the difference between two nights, beyond the threshold.
const DROP: f64 = 2.0 * std::f64::consts::SQRT_2 * SD + THRESHOLD;

const NAMES: [&str; 5] = ["xgboost", "svc", "random-forest", "decision-tree", "k-neighbors"];

impl Nights {
    /// A night on which the first pipeline is worse by `drop`.
    fn night(&self, number: usize, drop: f64, random: &mut Random) -> Run {
        let k = f64::from(self.folds);
        // What the corrected resampled t takes for the variance of a mean is then the truth, as far as one night knows.
        let of_fold = SD / (1.0 / k + 1.0 / (k - 1.0)).sqrt();
        let for_all = normal(random);
        let (mut planned, mut records) = (Vec::new(), Vec::new());
        for (place, name) in NAMES.iter().take(self.pipelines).enumerate() {
            let own = self.shared.sqrt() * for_all + (1.0 - self.shared).sqrt() * normal(random);
            let noise: Vec<f64> = (0..self.folds).map(|_| of_fold * normal(random)).collect();
            let middle = noise.iter().sum::<f64>() / k;
            for (fold, noise) in (0..self.folds).zip(&noise) {
                let cell = cell(true, "none", "standard", name, fold);
                // On the same rows a fold is as hard as it always was, and seeds are what differs.
                let hard = if self.same_rows { 0.03 * f64::from(fold) } else { SD * own - middle };
                let score = 0.7 + 0.02 * place as f64 + hard + noise - if place == 0 { drop } else { 0.0 };
                let mut record = record(&cell, &[("pr-auc", score)]);
                let (train, test) = (1_000 * (k as u64 - 1), 1_000);
                (record.train_rows, record.test_rows) = (train, test);
                record.rows =
                    Some(if self.same_rows { format!("{fold:032x}") } else { format!("{number:030x}{fold:02x}") });
                record.seconds.fit = 2.0 * (0.1 * for_all + 0.1 * normal(random)).exp();
                record.peak_memory_mib = Some(200 + (10.0 * random.unit()) as u64);
                planned.push(cell);
                records.push(record);
            }
        }
        let mut results = results(planned, records, &["pr-auc"], "pr-auc");
        results.manifest.started_unix += 86_400 * number as u64;
        Run { name: format!("night {number}"), results }
    }

    fn judged(&self, base: &[Run], new: &Run) -> Gate {
        let rules = Rules { threshold: THRESHOLD, ..Rules::default() };
        gate(base, new, &rules, &Registry::built_in(), &|_, _| Ok(None)).unwrap()
    }

    /// On how many of so many clean nights there is an alarm.
    fn false_alarms(&self, nights: usize, base: usize, seed: u64) -> usize {
        let mut random = Random::new(seed);
        let all: Vec<Run> = (0..base + nights).map(|number| self.night(number, 0.0, &mut random)).collect();
        (base..all.len()).filter(|&at| !self.judged(&all[at - base..at], &all[at]).is_passed()).count()
    }

    /// Of so many drops, how many are found on the first night, and how many on the first or the second.
    fn found(&self, trials: usize, base: usize, drop: f64, seed: u64) -> (usize, usize) {
        let mut random = Random::new(seed);
        let (mut first, mut either) = (0, 0);
        for _ in 0..trials {
            let night = |number| self.night(number, if number < base { 0.0 } else { drop }, &mut random);
            let all: Vec<Run> = (0..base + 2).map(night).collect();
            let is_found = |at: usize| {
                let found = self.judged(&all[at - base..at], &all[at]);
                found.regressions().iter().any(|c| c.pipeline.classifier == NAMES[0])
            };
            let one = is_found(base);
            first += usize::from(one);
            either += usize::from(one || is_found(base + 1));
        }
        (first, either)
    }
}

const OTHER_ROWS: Nights = Nights { pipelines: 3, folds: 5, same_rows: false, shared: 0.5 };

#[test]
fn fewer_than_one_clean_night_in_twenty_has_an_alarm() {
    for (seed, pipelines, shared) in [(1, 1, 0.0), (2, 3, 0.0), (3, 3, 0.5), (4, 5, 0.9)] {
        let nights = Nights { pipelines, shared, ..OTHER_ROWS };
        let (of_28, of_1) = (nights.false_alarms(200, BASE, seed), nights.false_alarms(200, 1, seed + 10));
        println!("{pipelines} pipelines, {shared} shared: {of_28} of 200 against 28 nights, {of_1} against one");
        assert!(of_28 < 10 && of_1 < 10, "{of_28} {of_1}");
    }
    let same = Nights { same_rows: true, ..OTHER_ROWS };
    let (of_28, of_1) = (same.false_alarms(200, BASE, 5), same.false_alarms(200, 1, 6));
    println!("same rows: {of_28} of 200 against 28 nights, {of_1} against one");
    assert!(of_28 < 10 && of_1 < 10, "{of_28} {of_1}");
}

/// METHODOLOGY.md has these figures.
#[test]
fn drops_of_two_standard_errors_are_found_within_two_nights() {
    let new = |pipelines| Nights { pipelines, ..OTHER_ROWS };
    let same = |pipelines| Nights { pipelines, folds: 10, same_rows: true, ..OTHER_ROWS };
    for (nights, least) in [(new(1), 180), (new(3), 170), (new(5), 160), (same(1), 180), (same(3), 160)] {
        let (first, within_two) = nights.found(200, BASE, DROP, 7);
        let Nights { pipelines, folds, same_rows, .. } = nights;
        println!("{pipelines} pipelines, {folds} folds, same rows {same_rows}: {first} at once, {within_two} of 200");
        assert!(within_two >= least, "{within_two}");
    }
    // One run against one: said so in METHODOLOGY.md.
    let alone = [1, 3].map(|pipelines| new(pipelines).found(200, 1, DROP, 8).0);
    println!("one night against one: {alone:?} of 200");
    assert!(alone[0] > 60 && alone[1] > 20, "{alone:?}");
}

#[test]
fn an_improvement_is_no_alarm_however_large() {
    let mut random = Random::new(9);
    let all: Vec<Run> = (0..6).map(|n| OTHER_ROWS.night(n, if n == 5 { -0.3 } else { 0.0 }, &mut random)).collect();
    let found = OTHER_ROWS.judged(&all[..5], &all[5]);
    assert!(found.is_passed() && found.comparisons[0].p > 0.9, "{:?}", found.comparisons[0]);
}

#[test]
fn a_night_that_was_bad_is_no_alarm_once_it_is_mended_and_one_that_stays_bad_is_told_again() {
    for same_rows in [false, true] {
        let nights = Nights { same_rows, ..OTHER_ROWS };
        let mut random = Random::new(11);
        let bad = |n: usize| n == BASE || n > BASE + 5;
        let drop = |n: usize| if bad(n) { 12.0 * SD } else { 0.0 };
        let all: Vec<Run> = (0..BASE + 12).map(|n| nights.night(n, drop(n), &mut random)).collect();
        for n in BASE..all.len() {
            let found = nights.judged(&all[n - BASE..n], &all[n]);
            assert_eq!(found.is_passed(), !bad(n), "night {n}, same rows {same_rows}: {:?}", found.comparisons[0]);
        }
    }
}

#[test]
fn one_busy_night_is_no_alarm_and_two_slow_ones_are() {
    let mut random = Random::new(12);
    let mut all: Vec<Run> = (0..BASE + 3).map(|n| OTHER_ROWS.night(n, 0.0, &mut random)).collect();
    for n in [BASE, BASE + 2] {
        all[n].results.records.iter_mut().for_each(|record| record.seconds.fit *= 4.0);
    }
    let judged = |all: &[Run], n: usize| OTHER_ROWS.judged(&all[n - BASE..n], &all[n]);
    for n in [BASE, BASE + 1, BASE + 2] {
        assert!(judged(&all, n).is_passed(), "{n}");
    }
    all[BASE + 1].results.records.iter_mut().for_each(|record| record.seconds.fit *= 4.0);
    let found = judged(&all, BASE + 1);
    assert_eq!(found.regressions().len(), 3, "{:?}", found.comparisons);
    assert!(found.regressions().iter().all(|c| c.measure == Measure::Seconds));
}

/// How each night after twenty of 30 MiB is called by its memory where all fits of it take so much.
fn memory_calls(nights: &Nights, folds: u32, mib: &[u64]) -> Vec<Vec<Call>> {
    let mut random = Random::new(21);
    let night = |n: usize| {
        let mut night = only(nights.night(n, 0.0, &mut random), |fold| fold < folds);
        let mib = n.checked_sub(20).map_or(30, |after| mib[after]);
        night.results.records.iter_mut().for_each(|record| record.peak_memory_mib = Some(mib));
        night
    };
    let all: Vec<Run> = (0..20 + mib.len()).map(night).collect();
    // A single fold's metric cannot be judged, and a gate that looks at nothing is refused.
    let rules = Rules { floors: vec![("pr-auc".into(), 0.0)], ..Rules::default() };
    let calls = |at: usize| {
        let found = gate(&all[..at], &all[at], &rules, &Registry::built_in(), &|_, _| Ok(None)).unwrap();
        let of_memory = found.comparisons.into_iter().filter(|c| c.measure == Measure::Memory);
        of_memory.map(|c| c.call).collect()
    };
    (20..all.len()).map(calls).collect()
}

#[test]
fn a_regression_of_memory_that_is_the_same_on_all_folds_is_an_alarm_from_the_second_night_on() {
    let below = || Call::NotJudged("both below the floor of 64 MiB".into());
    for same_rows in [true, false] {
        let nights = Nights { folds: 3, same_rows, ..OTHER_ROWS };
        // One fold is a hold-out: nights alone tell how its memory varies.
        for folds in [3, 1] {
            let found = memory_calls(&nights, folds, &[600; 8]);
            assert_eq!(found[0], vec![Call::OneNight; 3], "same rows {same_rows}, {folds} folds");
            assert!(found[1..].iter().all(|calls| *calls == vec![Call::Worse; 3]), "{same_rows} {folds}: {found:?}");
            // A night that has one night's memory back is well, and one fat night tells nothing.
            let found = memory_calls(&nights, folds, &[600, 30, 600, 30]);
            let one = vec![Call::OneNight; 3];
            assert_eq!(found, [one.clone(), vec![below(); 3], one, vec![below(); 3]], "{same_rows} {folds}");
            // 90 MiB are 1.41 times the floor, which is within the threshold.
            let found = memory_calls(&nights, folds, &[90; 3]);
            assert!(found.iter().all(|calls| *calls == vec![Call::NotWorse; 3]), "{same_rows} {folds}: {found:?}");
        }
    }
}

/// A night on which only these folds were run.
fn only(mut night: Run, is_run: impl Fn(u32) -> bool) -> Run {
    night.results.planned.retain(|planned| is_run(planned.cell.fold));
    night.results.records.retain(|record| is_run(record.cell.fold));
    night
}

/// That what is printed of a metric of which more is better is of the runs by which it was judged.
fn assert_adds_up(c: &Comparison) {
    let change = c.base.unwrap() - c.new.unwrap();
    assert!((change - c.worse.unwrap()).abs() < 1e-12, "{c:?}");
}

/// Five nights, the last one far worse.
fn five(nights: &Nights) -> Vec<Run> {
    let mut random = Random::new(14);
    (0..5).map(|n| nights.night(n, if n == 4 { 30.0 * SD } else { 0.0 }, &mut random)).collect()
}

#[test]
fn a_night_that_lacks_folds_hides_no_regression() {
    for same_rows in [true, false] {
        let nights = Nights { pipelines: 1, same_rows, ..OTHER_ROWS };
        let all = five(&nights);
        for place in 0..4 {
            let mut base = all[..4].to_vec();
            base[place] = only(base[place].clone(), |fold| fold == 0);
            let found = nights.judged(&base, &all[4]);
            assert!(!found.is_passed(), "night {place}, same rows {same_rows}: {:?}", found.comparisons[0]);
            let c = &found.comparisons[0];
            assert_eq!((c.runs, &c.left_out[..], c.alone), (3, &[(Why::FewerSplits, 1)][..], 0));
            assert_adds_up(c);
            // As if that night had not been.
            base.remove(place);
            let without = nights.judged(&base, &all[4]);
            assert_eq!((c.p, c.worse), (without.comparisons[0].p, without.comparisons[0].worse));
        }
    }
}

#[test]
fn nights_that_each_lack_another_fold_are_used_fold_by_fold() {
    let nights = Nights { pipelines: 1, same_rows: true, ..OTHER_ROWS };
    let all = five(&nights);
    let base: Vec<Run> = (0..4).map(|n| only(all[n].clone(), |fold| fold != n as u32)).collect();
    let found = nights.judged(&base, &all[4]);
    let c = &found.comparisons[0];
    assert!(!found.is_passed() && c.left_out.is_empty() && (c.runs, c.alone) == (4, 0), "{c:?}");
    assert_eq!(c.rows, Some(Rows::Same { splits: (0..5).map(|fold| (0, fold)).collect() }));
    assert_adds_up(c);
    // A fold that no night of the base has is not compared, and that is counted.
    let base: Vec<Run> = all[..4].iter().map(|night| only(night.clone(), |fold| fold > 1)).collect();
    let found = nights.judged(&base, &all[4]);
    assert_eq!((found.comparisons[0].runs, found.comparisons[0].alone), (4, 2));
    assert_adds_up(&found.comparisons[0]);
}

#[test]
fn nights_on_other_rows_are_no_part_of_what_is_printed_beside_nights_on_the_same() {
    let [other, same] = [false, true].map(|same_rows| Nights { pipelines: 1, same_rows, ..OTHER_ROWS });
    let (old, all) = (five(&other), five(&same));
    // Night 0 of the other rows is called as those of the same are.
    let base = [&old[1..3], &all[2..4]].concat();
    let found = same.judged(&base, &all[4]);
    let c = &found.comparisons[0];
    assert!(!found.is_passed(), "{c:?}");
    assert_eq!((c.runs, &c.left_out[..]), (2, &[(Why::OtherRows, 2)][..]));
    assert_adds_up(c);
}

#[test]
fn nights_with_other_amounts_are_compared_fold_by_fold_by_a_metric_that_reads_none() {
    let nights = Nights { pipelines: 1, same_rows: true, ..OTHER_ROWS };
    let with = |night: &Run, amount: &str, metric: &str| {
        let mut night = night.clone();
        night.results.manifest.data[0].digests.amount = Some(amount.into());
        for record in &mut night.results.records {
            let score = record.metrics["pr-auc"].clone();
            record.metrics.insert(metric.into(), score);
        }
        night.results.metrics = vec!["pr-auc".into(), metric.into()];
        night
    };
    let all = five(&nights);
    let base: Vec<Run> = all[..4].iter().map(|night| with(night, "before", "recall")).collect();
    let found = nights.judged(&base, &with(&all[4], "corrected", "recall"));
    let c = &found.comparisons[0];
    assert!(matches!(c.rows, Some(Rows::Same { .. })) && c.left_out.is_empty(), "{c:?}");
    let said = ": amounts are not those of the runs before, so metrics that read them are compared by their means, not fold by fold";
    assert!(found.notes.iter().any(|note| note.ends_with(said)), "{:?}", found.notes);
    // A metric of money is another one on each side.
    let rules = Rules { metrics: vec!["amount-recall".into()], seconds: None, memory: None, ..Rules::default() };
    let base: Vec<Run> = all[..4].iter().map(|night| with(night, "before", "amount-recall")).collect();
    let own = with(&all[4], "corrected", "amount-recall");
    let found = gate(&base, &own, &rules, &Registry::built_in(), &|_, _| Ok(None)).unwrap();
    assert_eq!(found.comparisons.iter().map(|c| &c.rows).collect::<Vec<_>>(), [&Some(Rows::Other)]);
}

#[test]
fn nights_with_other_features_are_as_nights_on_other_rows() {
    let all = five(&Nights { pipelines: 1, same_rows: true, ..OTHER_ROWS });
    let other = |night: &Run| {
        let mut night = night.clone();
        night.results.manifest.data[0].digests.features = "others".into();
        night
    };
    let nights = Nights { pipelines: 1, same_rows: true, ..OTHER_ROWS };
    // Beside nights with the new one's features they are no part of the base.
    let base = [other(&all[0]), other(&all[1]), all[2].clone(), all[3].clone()];
    let found = nights.judged(&base, &all[4]);
    let c = &found.comparisons[0];
    assert_eq!((c.runs, &c.left_out[..]), (2, &[(Why::OtherRows, 2)][..]));
    assert!(matches!(c.rows, Some(Rows::Same { .. })) && found.notes.is_empty(), "{found:?}");
    assert_adds_up(c);
    // Alone they are compared by their means, and what differs is said.
    let base: Vec<Run> = all[..4].iter().map(other).collect();
    let found = nights.judged(&base, &all[4]);
    let c = &found.comparisons[0];
    assert_eq!((&c.rows, c.runs, c.left_out.len()), (&Some(Rows::Other), 4, 0));
    let said =
        "the features are not those of the runs before, so the runs are compared by their means, not fold by fold";
    assert!(found.notes.len() == 1 && found.notes[0].ends_with(said), "{:?}", found.notes);
    assert_adds_up(c);
}

#[test]
fn nights_of_another_kind_in_the_folder_are_no_part_of_the_base() {
    let all = five(&Nights { pipelines: 1, ..OTHER_ROWS });
    let mut base = all[..4].to_vec();
    base[0].results.protocol = "hold-out".into();
    base[1].results.metrics = vec!["recall".into()];
    base[2].results.planned.iter_mut().for_each(|planned| planned.cell.classifier = "qda".into());
    let (left, unlike) = alike(base, &all[4], &Rules::default());
    assert_eq!(left.iter().map(|run| run.name.as_str()).collect::<Vec<_>>(), ["night 3"]);
    let wanted = [("night 0", Unlike::Protocol), ("night 1", Unlike::Metric), ("night 2", Unlike::Pipelines)];
    assert_eq!(unlike, wanted.map(|(name, why)| (name.to_owned(), why)));
}

#[test]
fn a_value_to_reach_is_asked_of_the_new_run_alone() {
    let mut all = five(&Nights { pipelines: 1, ..OTHER_ROWS });
    let judged = |all: &[Run], wanted: f64| {
        let rules = Rules { floors: vec![("recall".into(), wanted)], ..Rules::default() };
        gate(&all[..4], &all[4], &rules, &Registry::built_in(), &|_, _| Ok(None))
    };
    let said = judged(&all, 0.5).unwrap_err().to_string();
    assert!(said.starts_with("night 4: unknown metric of this run `recall`"), "{said}");
    // It has been scored by it since tonight.
    all[4].results.metrics.push("recall".into());
    assert!(!judged(&all, 0.5).unwrap().floors[0].is_reached);
    let said = judged(&all, 50.0).unwrap_err().to_string();
    assert_eq!(said, "`--fail-under recall=50`: recall is from 0 to 1");
}

/// A run in which each classifier has these areas on the folds of a data set.
fn night_of(areas: &[(&str, &str, [f64; 5])]) -> Run {
    let (mut planned, mut records) = (Vec::new(), Vec::new());
    for (data_set, classifier, areas) in areas {
        for (fold, area) in (0..).zip(areas) {
            let cell = CellId { data_set: (*data_set).into(), ..cell(true, "none", "standard", classifier, fold) };
            records.push(record(&cell, &[("pr-auc", *area)]));
            planned.push(cell);
        }
    }
    let mut results = results(planned, records, &["pr-auc"], "pr-auc");
    let first = results.manifest.data[0].clone();
    let others = areas.iter().map(|(name, ..)| *name).filter(|name| *name != first.name);
    for name in others.collect::<std::collections::BTreeSet<_>>() {
        results.manifest.data.push(TableFacts { name: name.into(), sha256: name.into(), ..first.clone() });
    }
    Run { name: "tonight".into(), results }
}

fn first_night(run: &Run, wanted: f64, filter: &str) -> fraudbench::error::Result<Gate> {
    let floors = vec![("pr-auc".into(), wanted)];
    let rules = Rules { floors, filter: Filter::parse(filter).unwrap(), ..Rules::default() };
    gate(&[], run, &rules, &Registry::built_in(), &|_, _| Ok(None))
}

/// The mean is 0.3, and by a sum in this order 0.29999999999999993.
const UNDER: [f64; 5] = [0.1, 0.5, 0.3, 0.4, 0.2];

#[test]
fn a_value_that_is_reached_up_to_rounding_is_reached() {
    let run = night_of(&[("creditcard", "svc", UNDER), ("creditcard", "xgboost", [0.1, 0.2, 0.4, 0.5, 0.3])]);
    let found = first_night(&run, 0.3, "").unwrap();
    assert!(found.floors[0].is_reached && found.is_passed(), "{found:?}");
    // Of equally good ones the first of the plan is named, whatever the last digit.
    let (best, mean) = found.floors[0].best.clone().unwrap();
    assert_eq!((best.classifier.as_str(), mean < 0.3), ("svc", true));
    assert!(!first_night(&run, 0.300_001, "").unwrap().is_passed());
}

#[test]
fn no_value_is_asked_of_data_sets_that_the_filter_leaves_out() {
    let run = night_of(&[("creditcard", "svc", [0.7; 5]), ("other", "svc", UNDER)]);
    let only = first_night(&run, 0.5, "data-set=creditcard").unwrap();
    assert_eq!((only.floors.len(), only.is_passed()), (1, true));
    assert!(line(&only).contains("1 wanted value reached"), "{}", line(&only));
    let both = first_night(&run, 0.5, "").unwrap();
    assert_eq!(line(&both), "GATE failed: other: pr-auc 0.5 not reached: the best is 0.3000 (svc)");
    let said = first_night(&run, 0.5, "data-set=nowhere").unwrap_err().to_string();
    assert_eq!(said, "no pipeline of tonight passes `data-set=nowhere`");
}

#[test]
fn a_value_without_a_best_has_its_data_set_and_the_reason() {
    let mut run = night_of(&[("creditcard", "svc", UNDER), ("other", "svc", UNDER)]);
    let [first, .., last] = &mut run.results.records[..] else { panic!("no records") };
    first.metrics.insert("pr-auc".into(), Score::Undefined { undefined: "no positives".into() });
    last.outcome = Outcome::Failed;
    let found = first_night(&run, 0.2, "").unwrap();
    let said = "GATE failed: creditcard: pr-auc 0.2 not reached: no pipeline has a defined pr-auc on all its folds, other: pr-auc 0.2 not \
                reached: no pipeline has all its folds";
    assert_eq!(line(&found), said);
}
