//! Problems that were planted, and their absence.

use std::path::Path;

use ndarray::Array2;

use super::*;
use crate::component::Registry;
use crate::data::{Dataset, dedup};

pub(super) const ROWS: usize = 300;

/// Two columns of noise and a `Time` that rises; every tenth row is positive.
pub(super) fn clean() -> Dataset {
    let noise = |row: usize, factor: usize| (row * factor % 1_009) as f64 / 7.0;
    let x = Array2::from_shape_fn((ROWS, 3), |(row, column)| match column {
        0 => row as f64,
        1 => noise(row + 1, 7_919),
        _ => noise(row + 1, 104_729),
    });
    let y = (0..ROWS).map(|row| u8::from(row % 10 == 4)).collect();
    Dataset::of_numbers("planted", &["Time", "a", "b"], x, y).unwrap()
}

pub(super) fn find(data: &Dataset, protocol: &str, dedups: &str) -> Vec<Finding> {
    inspect(&study_of(protocol, dedups), data, &dedup(data).keep, None).unwrap()
}

pub(super) fn study_of(protocol: &str, dedups: &str) -> Study {
    let text = format!(
        "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\n{protocol}\n[grid]\ndedup = {dedups}\nclassifiers = ['prior']\n"
    );
    Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap()
}

pub(super) const FOLDS: &str = "kind = 'stratified-k-fold'\nfolds = 3";

pub(super) fn one(findings: &[Finding], check: &str) -> Finding {
    let mut of = findings.iter().filter(|finding| finding.check == check);
    let first = of.next().unwrap().clone();
    assert!(of.next().is_none(), "{check} was looked at twice");
    first
}

#[test]
fn clean_data_in_order_are_clean() {
    let findings = find(&clean(), "kind = 'time-ordered'\ncolumn = 'Time'", "false");
    let verdicts: Vec<_> = findings.iter().map(|f| (f.check, f.verdict)).collect();
    let expected = [
        "split-sizes",
        "identical-rows",
        "near-duplicates",
        "separating-features",
        "deciding-columns",
        "id-columns",
        "time-order",
    ];
    assert_eq!(verdicts[..7], expected.map(|check| (check, Judgement::Clean)));
    // `Time` is only called so.
    assert_eq!(verdicts[7..], [("positives-by-period", Judgement::Look)]);
    assert!(findings[6].said.contains("0.0% of the test rows"), "{}", findings[4].said);
}

#[test]
fn identical_rows_are_counted_and_gone_without_duplicates() {
    let mut data = clean();
    // Forty negatives and three positives are one row each; which folds they fall into is the split's business.
    let (negatives, positives): (Vec<usize>, Vec<usize>) = (0..ROWS).partition(|row| data.y[*row] == 0);
    for (rows, many) in [(&negatives, 40), (&positives, 3)] {
        let copy = data.x.row(rows[0]).to_owned();
        rows[..many].iter().for_each(|row| data.x.row_mut(*row).assign(&copy));
    }
    let found = one(&find(&data, FOLDS, "false"), "identical-rows");
    assert_eq!(found.verdict, Judgement::Leak);
    let splits = crate::split::stratified(&data.y, 3, 42).unwrap();
    // The naive way: every test row against every training row.
    let counts = splits.iter().map(|split| {
        let hit = |test: &&usize| split.train.iter().any(|train| data.x.row(*train) == data.x.row(**test));
        let hits: Vec<&usize> = split.test.iter().filter(hit).collect();
        (hits.len(), hits.iter().filter(|row| data.y[***row] == 1).count())
    });
    let (all, positive): (Vec<usize>, Vec<usize>) = counts.unzip();
    let expected = format!(
        "{} of 100 test rows ({} of 10 positives)",
        super::finding::range(&all),
        super::finding::range(&positive)
    );
    assert!(found.said.contains(&expected), "{} does not say {expected}", found.said);
    assert_eq!(one(&find(&data, FOLDS, "true"), "identical-rows").verdict, Judgement::Clean);
}

#[test]
fn near_duplicates_of_positives_are_found() {
    let mut data = clean();
    assert_eq!(one(&find(&data, FOLDS, "false"), "near-duplicates").verdict, Judgement::Clean);
    for row in (4..ROWS - 10).step_by(20) {
        let copy = data.x.row(row).to_owned() + 1e-7;
        data.x.row_mut(row + 10).assign(&copy);
    }
    let found = one(&find(&data, FOLDS, "false"), "near-duplicates");
    assert_eq!(found.verdict, Judgement::Look, "{}", found.said);
    assert!(found.said.contains("of 10 test positives and 0 of 90 test negatives"), "{}", found.said);
}

#[test]
fn a_column_without_a_value_in_training_has_no_part_in_distances() {
    // `b` began with the first of the last 60 rows, which test.
    let mut late = clean();
    late.x.column_mut(2).iter_mut().take(ROWS - 60).for_each(|value| *value = f64::NAN);
    let x = late.x.slice(ndarray::s![.., ..2]).to_owned();
    let without = Dataset::of_numbers("planted", &["Time", "a"], x, late.y.clone()).unwrap();
    let near = |data: &Dataset| {
        one(&find(data, "kind = 'time-ordered'\ncolumn = 'Time'\ntest = 0.2", "false"), "near-duplicates")
    };
    let (found, expected) = (near(&late), near(&without));
    assert_eq!((found.verdict, &found.said), (expected.verdict, &expected.said));
}

#[test]
fn a_label_in_disguise_is_named() {
    let mut data = clean();
    for row in 0..ROWS {
        data.x[(row, 2)] = if data.y[row] == 1 { -5.0 } else { row as f64 };
    }
    let found = one(&find(&data, FOLDS, "false"), "separating-features");
    assert_eq!(found.verdict, Judgement::Leak);
    assert!(found.said.contains("`b` has a threshold with precision and recall 1"), "{}", found.said);
    // One negative that ranks among the positives: no threshold is perfect any more, the area nearly is.
    data.x[(0, 2)] = -5.0;
    let found = one(&find(&data, FOLDS, "false"), "separating-features");
    // 30 positives, 270 negatives, 30 ties of a half each.
    let area = 1.0 - 15.0 / (30.0 * 270.0);
    assert!(area < 0.999 && found.verdict == Judgement::Clean, "{}", found.said);
    assert!(found.said.contains(&format!("`b` with ROC-AUC {area:.4}")), "{}", found.said);
}

#[test]
fn a_few_values_that_part_the_classes_are_no_label_in_disguise() {
    // `b` has a value in the first rows of either class alone, and the positives' values are larger.
    let sparse = |most: [usize; 2]| {
        let mut data = clean();
        let mut seen = [0; 2];
        for row in 0..ROWS {
            let label = usize::from(data.y[row]);
            seen[label] += 1;
            let value = (1_000 * label + row) as f64;
            data.x[(row, 2)] = if seen[label] <= most[label] { value } else { f64::NAN };
        }
        one(&find(&data, FOLDS, "false"), "separating-features")
    };
    for few in [[4, 1], [9, 30], [270, 9]] {
        let found = sparse(few);
        assert_eq!(found.verdict, Judgement::Clean, "{few:?}: {}", found.said);
    }
    let found = sparse([40, 10]);
    assert_eq!(found.verdict, Judgement::Leak);
    let said =
        "`b` has a threshold with precision and recall 1 among the 50 of 300 rows with a value (10 of 30 positives)";
    assert!(found.said.ends_with(said), "{}", found.said);
}

#[test]
fn a_shuffled_split_learns_from_the_future() {
    let found = one(&find(&clean(), FOLDS, "false"), "time-order");
    assert_eq!(found.verdict, Judgement::Look);
    assert!(found.said.contains("`Time`"), "{}", found.said);
    let mut data = clean();
    data.columns[0].name = "x".into();
    let found = one(&find(&data, FOLDS, "false"), "time-order");
    assert!(found.verdict == Judgement::Look && found.said.contains("--time COLUMN"), "not looked at is not clean");
}

#[test]
fn groups_on_both_sides_are_counted_and_sizes_are_told() {
    let mut data = clean();
    data.sides.group = Some((0..ROWS as u32).map(|row| row % 60 / 2).collect());
    let apart = find(&data, "kind = 'group-k-fold'\nfolds = 3", "false");
    assert_eq!(one(&apart, "groups-across-split").verdict, Judgement::Clean);
    let sizes = one(&apart, "split-sizes").said;
    assert_eq!(
        sizes,
        "with duplicates, 3 splits: 200 training rows with 20 positives, 100 test rows with 10 positives"
    );
    // One positive in the first nine tenths of the rows, and one in the last.
    let mut few = clean();
    few.y.fill(0);
    [10, 290].into_iter().for_each(|row| few.y[row] = 1);
    let cut = "kind = 'time-ordered'\ncolumn = 'Time'\ntest = 0.1";
    assert_eq!(
        one(&find(&few, cut, "false"), "split-sizes").said,
        "with duplicates, 1 split: 270 training rows with 1 positive, 30 test rows with 1 positive"
    );
    let mixed = one(&find(&data, FOLDS, "false"), "groups-across-split");
    assert_eq!(mixed.verdict, Judgement::Look);
    assert!(mixed.said.contains("100 of 100 test rows (10 of 10 positives) have a `group`"), "{}", mixed.said);
    // The last fold in time has no positive to test.
    data.y[200..].fill(0);
    let refused = one(&find(&data, "kind = 'time-series'\ncolumn = 'Time'\nfolds = 2", "false"), "split-sizes");
    assert_eq!(refused.verdict, Judgement::Look);
    assert!(
        refused.said.contains("; 1 of 2 splits cannot be made: fold 1: the test part would hold 0 positives"),
        "{}",
        refused.said
    );
}

#[test]
fn an_end_of_a_column_that_decides_is_told_and_so_are_two() {
    let mut data = clean();
    let found = one(&find(&data, FOLDS, "false"), "deciding-columns");
    assert_eq!(found.verdict, Judgement::Clean, "{}", found.said);
    // Twelve of thirty positives, and no negative, from 90,000 on; the thirteenth has a negative's company.
    for row in 0..ROWS {
        let rank = row / 10;
        data.x[(row, 2)] = match data.y[row] {
            1 if rank < 12 => 90_000.0 + rank as f64,
            1 if rank == 12 => 80_000.0,
            _ => (row % 97) as f64,
        };
    }
    data.x[(0, 2)] = 80_000.0;
    let found = one(&find(&data, FOLDS, "false"), "deciding-columns");
    assert_eq!(found.verdict, Judgement::Look);
    assert!(
        found.said.contains("every row with `b` of 90000 or more is positive (12 of 30 positives)"),
        "{}",
        found.said
    );
    // Neither column alone: high values of `a` are twenty positives and forty negatives, of whom `b` tells the positives.
    let mut data = clean();
    let (mut positives, mut negatives) = (0, 0);
    for row in 0..ROWS {
        let (count, most) = if data.y[row] == 1 { (&mut positives, 20) } else { (&mut negatives, 40) };
        *count += 1;
        let is_high = *count <= most;
        data.x[(row, 1)] = match (is_high, data.y[row]) {
            (true, _) => 1_000.0,
            (_, 1) => 0.0,
            _ => (row % 89) as f64,
        };
        data.x[(row, 2)] = match (is_high, data.y[row]) {
            (true, 1) => 50.0 + f64::from(*count as u8),
            (true, _) => 10.0,
            _ => (row % 97) as f64 * 2.0,
        };
    }
    let found = one(&find(&data, FOLDS, "false"), "deciding-columns");
    assert_eq!(found.verdict, Judgement::Look, "{}", found.said);
    assert!(found.said.contains("`a` of 1000 or more and `b` of 51 or more is positive (20 of 30"), "{}", found.said);
}

#[test]
fn columns_that_tell_rows_apart_are_named() {
    let mut data = clean();
    for row in 0..ROWS {
        data.x[(row, 1)] = ((row * 7_919) % 100_003) as f64;
    }
    let found = one(&find(&data, FOLDS, "false"), "id-columns");
    assert_eq!(found.verdict, Judgement::Look);
    assert!(found.said.contains("`a` has another whole number in each of 300 rows"), "{}", found.said);
    assert!(!found.said.contains("`Time`"), "{}", found.said);
    // One value twice is no id.
    data.x[(7, 1)] = data.x[(8, 1)];
    assert_eq!(one(&find(&data, FOLDS, "false"), "id-columns").verdict, Judgement::Clean);
    let levels: Vec<String> = (0..100).map(|level| format!("{level:03}")).collect();
    data.columns[1].kind = crate::data::Kind::Category(levels.into());
    for row in 0..ROWS {
        data.x[(row, 1)] = (row % 100) as f64;
    }
    let found = one(&find(&data, FOLDS, "false"), "id-columns");
    assert!(found.said.contains("`a` has 100 levels in 300 rows"), "{}", found.said);
}

#[test]
fn levels_that_only_test_rows_have_are_counted() {
    let mut data = clean();
    assert!(find(&data, FOLDS, "false").iter().all(|finding| finding.check != "unseen-levels"), "there is no category");
    data.columns[2].kind = crate::data::Kind::Category(["x", "y", "z"].map(str::to_owned).to_vec().into());
    for row in 0..ROWS {
        data.x[(row, 2)] = (row % 2) as f64;
    }
    assert_eq!(one(&find(&data, FOLDS, "false"), "unseen-levels").verdict, Judgement::Clean);
    // A level of its last row in time, a positive, which tests alone.
    data.x[(294, 2)] = 2.0;
    // A missing value is no level.
    data.x[(295, 2)] = f64::NAN;
    let found = one(&find(&data, "kind = 'time-ordered'\ncolumn = 'Time'\ntest = 0.1", "false"), "unseen-levels");
    assert_eq!(found.verdict, Judgement::Look);
    assert!(found.said.contains("`b` 1 of 30 (positives 1)"), "{}", found.said);
}

#[test]
fn periods_without_positives_or_with_many_are_told() {
    let mut data = clean();
    // Without the role `time`, and where all rows are of one hour, there is nothing to look at, which is not clean.
    let unlooked = |data: &Dataset, dedups: &str| {
        let found = one(&find(data, FOLDS, dedups), "positives-by-period");
        assert_eq!((found.verdict, found.is_made), (Judgement::Look, false));
        found.said
    };
    assert!(
        unlooked(&data, "[false, true]")
            .starts_with("no column has the role `time`, so the share of positives over time")
    );
    data.sides.time = Some((0..ROWS as i64).collect());
    let said = "with duplicates, all rows are of one hour, so the share of positives over time was not looked at";
    assert_eq!(unlooked(&data, "false"), said);
    // Thirty rows a day for ten days, three positives each.
    let day = 86_400_000_000_i64;
    data.sides.time = Some((0..ROWS as i64).map(|row| row / 30 * day + row % 30).collect());
    let found = one(&find(&data, FOLDS, "false"), "positives-by-period");
    assert_eq!((found.verdict, found.is_made), (Judgement::Clean, true));
    assert!(found.said.contains("is 10.000% to 10.000% over the 10 days with rows"), "{}", found.said);
    assert!(found.said.contains("none is without any"), "{}", found.said);
    // Three of ten days without any, which chance does now and then with three expected each.
    let many = data.clone();
    data.y[..90].fill(0);
    let found = one(&find(&data, FOLDS, "false"), "positives-by-period");
    assert_eq!(found.verdict, Judgement::Clean, "{}", found.said);
    assert!(found.said.contains("3 of them without any"), "{}", found.said);
    // Every other row positive, so that a day without any is no chance.
    let mut data = many;
    (0..ROWS).for_each(|row| data.y[row] = u8::from(row % 2 == 0 && row >= 30));
    let found = one(&find(&data, FOLDS, "false"), "positives-by-period");
    assert_eq!(found.verdict, Judgement::Look);
    assert!(found.said.contains("in 1 period chance would have left 7 or more"), "{}", found.said);
}

#[test]
fn moments_further_apart_than_64_bits_hold_have_periods() {
    for far in [4_700_000_000_000_000_000, 9_200_000_000_000_000_000, i64::MAX] {
        let mut data = clean();
        // The first row is long ago, the last one far off, and those between are of one period.
        data.sides.time = Some(
            (0..ROWS as i64)
                .map(|row| match row {
                    0 => -far,
                    row if row == ROWS as i64 - 1 => far,
                    row => 1_000_000_000 + row,
                })
                .collect(),
        );
        let found = one(&find(&data, FOLDS, "false"), "positives-by-period");
        // Rows 0 and 299 are no positives; 30 of the other 298 are.
        let said =
            "is 0.000% to 10.067% over the 3 365-day periods with rows (10.000% in all), and 2 of them without any";
        assert!(found.said.contains(said), "{far}: {}", found.said);
        assert_eq!(found.verdict, Judgement::Clean);
    }
}

/// Three levels, of which the one in the middle by name is that of the positives.
fn with_status(row_is: impl Fn(usize, bool) -> f64) -> Dataset {
    let mut data = clean();
    data.columns[2].kind = crate::data::Kind::Category(["closed", "fraud", "open"].map(str::to_owned).into());
    for row in 0..ROWS {
        data.x[(row, 2)] = row_is(row, data.y[row] == 1);
    }
    data
}

#[test]
fn a_level_and_a_missing_value_that_give_the_label_away_are_named() {
    let data = with_status(|row, positive| if positive { 1.0 } else { (row % 2 * 2) as f64 });
    let found = one(&find(&data, FOLDS, "false"), "separating-features");
    assert_eq!(found.verdict, Judgement::Leak);
    assert!(found.said.contains("the levels of `b` tell the classes apart in every row"), "{}", found.said);
    let found = one(&find(&data, FOLDS, "false"), "deciding-columns");
    assert!(found.said.contains("every row where `b` is `fraud` is positive (30 of 30 positives)"), "{}", found.said);
    // Missing in numbers, and in categories.
    for category in [false, true] {
        let mut data = if category { with_status(|row, _| (row % 3) as f64) } else { clean() };
        (0..ROWS).filter(|row| data.y[*row] == 1).for_each(|row| data.x[(row, 2)] = f64::NAN);
        let found = one(&find(&data, FOLDS, "false"), "separating-features");
        assert_eq!(found.verdict, Judgement::Leak);
        let said = if category {
            "the levels of `b` tell"
        } else {
            "that `b` is missing tells the classes apart in every row"
        };
        assert!(found.said.contains(said), "{}", found.said);
        let found = one(&find(&data, FOLDS, "false"), "deciding-columns");
        assert!(found.said.contains("every row where `b` is missing is positive (30 of 30"), "{}", found.said);
    }
}

#[test]
fn levels_that_say_little_or_stand_in_one_row_are_no_leak() {
    // Nine positives and no negative have the level: too few, and then twelve of thirty.
    let some = |count: usize| with_status(move |row, positive| if positive && row / 10 < count { 1.0 } else { 2.0 });
    let found = one(&find(&some(9), FOLDS, "false"), "deciding-columns");
    assert_eq!(found.verdict, Judgement::Clean);
    assert!(found.said.ends_with("; nor do levels, or rows where a value is missing"), "{}", found.said);
    let found = one(&find(&some(12), FOLDS, "false"), "deciding-columns");
    assert!(found.said.contains("every row where `b` is `fraud` is positive (12 of 30 positives)"), "{}", found.said);
    // Sensitivity 0.4 without a false alarm.
    let found = one(&find(&some(12), FOLDS, "false"), "separating-features");
    assert_eq!(found.verdict, Judgement::Clean);
    assert!(found.said.contains("`b` with ROC-AUC 0.7000"), "{}", found.said);
    // Pairs of a positive and a negative: what the other row says is wrong in every row, and tells nothing of new ones.
    let mut pairs = clean();
    let levels: Vec<String> = (0..ROWS / 2).map(|pair| format!("{pair:03}")).collect();
    pairs.columns[2].kind = crate::data::Kind::Category(levels.into());
    for row in 0..ROWS {
        // The two of a pair fall into different halves.
        pairs.y[row] = (row % 2) as u8;
        pairs.x[(row, 2)] = ((row + row % 2 * 2) / 2 % (ROWS / 2)) as f64;
    }
    let found = one(&find(&pairs, FOLDS, "false"), "separating-features");
    assert_eq!(found.verdict, Judgement::Clean, "{}", found.said);
    // A level a row says nothing of other rows.
    let mut data = clean();
    let levels: Vec<String> = (0..ROWS).map(|level| format!("{level:03}")).collect();
    data.columns[2].kind = crate::data::Kind::Category(levels.into());
    (0..ROWS).for_each(|row| data.x[(row, 2)] = row as f64);
    let found = one(&find(&data, FOLDS, "false"), "separating-features");
    assert_eq!(found.verdict, Judgement::Clean, "{}", found.said);
    assert_eq!(one(&find(&data, FOLDS, "false"), "deciding-columns").verdict, Judgement::Clean);
}
