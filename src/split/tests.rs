use proptest::prelude::*;

use super::*;
use crate::component::Registry;
use crate::data::{Folds, Role};
use crate::error::Result;

fn read(text: &str) -> Result<Protocol> {
    Protocol::read(&text.parse().unwrap(), &Registry::built_in())
}

fn k_fold(folds: u32, repeats: u32, seed: u32, shuffle: bool) -> Result<Protocol> {
    read(&format!(
        "kind = 'stratified-k-fold'\nfolds = {folds}\nrepeats = {repeats}\nseed = {seed}\nshuffle = {shuffle}"
    ))
}

fn validated(validation: Option<f64>) -> String {
    validation.map_or_else(String::new, |share| format!("\nvalidation = {share:?}"))
}

fn hold_out(test: f64, validation: Option<f64>, seed: u32, stratify: bool) -> Result<Protocol> {
    read(&format!("kind = 'hold-out'\ntest = {test:?}\nseed = {seed}\nstratify = {stratify}{}", validated(validation)))
}

fn time_ordered(test: f64, validation: Option<f64>) -> Result<Protocol> {
    read(&format!("kind = 'time-ordered'\ncolumn = 'Time'\ntest = {test:?}{}", validated(validation)))
}

fn roles(y: &[u8], order_by: Option<&[f64]>) -> Roles {
    Roles { order: order_by.map(<[f64]>::to_vec), ..Roles::labels(y) }
}

/// The splits, all of which can be made.
fn made(protocol: Result<Protocol>, y: &[u8], order_by: Option<&[f64]>) -> Result<Vec<Split>, String> {
    let splits = protocol.and_then(|protocol| protocol.splits(&roles(y, order_by))).map_err(|e| e.to_string())?;
    splits.into_iter().collect()
}

fn said(protocol: Result<Protocol>, y: &[u8], order_by: Option<&[f64]>) -> String {
    made(protocol, y, order_by).unwrap_err()
}

/// Training, validation and test rows are ascending, disjoint and together all rows.
fn divides(split: &Split, n: usize) {
    let mut all: Vec<usize> = Vec::new();
    for part in [&split.train, &split.validation, &split.test] {
        assert!(part.windows(2).all(|pair| pair[0] < pair[1]));
        all.extend(part);
    }
    all.sort_unstable();
    assert_eq!(all, (0..n).collect::<Vec<_>>());
}

fn positives(rows: &[usize], y: &[u8]) -> f64 {
    rows.iter().filter(|&&row| y[row] == 1).count() as f64
}

fn labels() -> impl Strategy<Value = Vec<u8>> {
    (8usize..120, 8usize..60).prop_flat_map(|(negatives, positives)| {
        let y = [vec![0u8; negatives], vec![1u8; positives]].concat();
        Just(y).prop_shuffle()
    })
}

proptest! {
    #[test]
    fn folds_divide_the_rows_and_keep_the_share(
        y in labels(), folds in 2u32..9, repeats in 1u32..4, seed: u32, shuffle: bool
    ) {
        let repeats = if shuffle { repeats } else { 1 };
        let protocol = k_fold(folds, repeats, seed, shuffle);
        let splits = made(k_fold(folds, repeats, seed, shuffle), &y, None).unwrap();
        let numbers: Vec<_> = splits.iter().map(|s| (s.repeat, s.fold)).collect();
        prop_assert_eq!(numbers, protocol.unwrap().numbers());
        let share = positives(&(0..y.len()).collect::<Vec<_>>(), &y) / f64::from(folds);
        for split in &splits {
            divides(split, y.len());
            prop_assert!((positives(&split.test, &y) - share).abs() < 1.0);
            prop_assert!((split.test.len() as f64 - y.len() as f64 / f64::from(folds)).abs() < 1.0);
        }
        for repeat in splits.chunks(folds as usize) {
            let mut tested: Vec<usize> = repeat.iter().flat_map(|s| s.test.iter().copied()).collect();
            tested.sort_unstable();
            prop_assert_eq!(tested, (0..y.len()).collect::<Vec<_>>());
        }
        if shuffle {
            prop_assert_eq!(&splits[..folds as usize], &made(k_fold(folds, 1, seed, true), &y, None).unwrap()[..]);
        }
    }

    #[test]
    fn hold_out_divides_the_rows_and_keeps_the_share(
        y in labels(), test in 0.2f64..0.7, validation in proptest::option::of(0.3f64..0.6), seed: u32
    ) {
        let n = y.len() as f64;
        // Small data may leave a part without a class; that has its own test.
        let splits = made(hold_out(test, validation, seed, true), &y, None);
        prop_assume!(splits.is_ok());
        let split = &splits.unwrap()[0];
        divides(split, y.len());
        prop_assert_eq!(split.test.len() as f64, (test * n).ceil());
        let share = positives(&(0..y.len()).collect::<Vec<_>>(), &y) / n;
        prop_assert!((positives(&split.test, &y) - share * split.test.len() as f64).abs() <= 1.0);
        prop_assert_eq!(split.validation.is_empty(), validation.is_none());
    }

    #[test]
    fn no_row_trains_on_its_future(y in labels(), test in 0.2f64..0.7, order in prop::collection::vec(0u8..50, 180)) {
        let times: Vec<f64> = order[..y.len()].iter().map(|&t| f64::from(t)).collect();
        let splits = made(time_ordered(test, Some(0.3)), &y, Some(&times));
        prop_assume!(splits.is_ok());
        let split = &splits.unwrap()[0];
        divides(split, y.len());
        let latest = |rows: &[usize]| rows.iter().map(|&r| (times[r], r)).max_by(|a, b| a.partial_cmp(b).unwrap());
        let earliest = |rows: &[usize]| rows.iter().map(|&r| (times[r], r)).min_by(|a, b| a.partial_cmp(b).unwrap());
        prop_assert!(latest(&split.train) < earliest(&split.validation));
        prop_assert!(latest(&split.validation) < earliest(&split.test));
    }
}

#[test]
fn equal_times_stay_in_file_order() {
    let y = [0, 1, 0, 1, 0, 1];
    let splits = made(time_ordered(0.5, None), &y, Some(&[5.0, 1.0, 5.0, 5.0, 1.0, 5.0])).unwrap();
    assert_eq!((&splits[0].train[..], &splits[0].test[..]), (&[0, 1, 4][..], &[2, 3, 5][..]));
}

#[test]
fn too_few_of_a_class_is_said_with_counts_and_a_remedy() {
    let y = [[0; 20].as_slice(), &[1; 3]].concat();
    assert_eq!(
        said(k_fold(5, 1, 0, true), &y, None),
        "5 folds need 5 rows of each class, but there are 3 positives and 20 negatives: use at most 3 folds"
    );
    assert_eq!(
        said(k_fold(2, 1, 0, true), &[1, 0, 1, 1], None),
        "2 folds need 2 rows of each class, but there are 3 positives and 1 negative: more data are needed"
    );
    assert_eq!(
        said(k_fold(2, 1, 0, true), &[0; 4], None),
        "4 rows of one class only cannot be split: 0 positives and 4 negatives"
    );
    assert_eq!(
        said(hold_out(0.3, None, 0, true), &[], None),
        "0 rows of one class only cannot be split: 0 positives and 0 negatives"
    );
    assert_eq!(
        said(hold_out(0.1, None, 0, true), &y, None),
        "the test part would hold 0 positives and 3 negatives, and every part needs both classes (the data have 3 \
         positives and 20 negatives): use other shares or more data"
    );
    assert_eq!(
        said(hold_out(0.5, None, 0, true), &[0, 0, 0, 1], None),
        "a stratified test part of 2 rows cannot be taken from 1 positive and 3 negatives: each class needs 2 rows or \
         more, and so does each part"
    );
    assert_eq!(
        said(time_ordered(0.5, None), &[0, 0, 1, 1], Some(&[0.0, 1.0, 2.0, 3.0])),
        "the training part would hold 0 positives and 2 negatives, and every part needs both classes (the data have 2 \
         positives and 2 negatives): use other shares or more data"
    );
}

#[test]
fn where_known_groups_are_left_out_the_remedy_says_so() {
    // The only late positive is of a group that trains.
    let rows = Roles {
        order: Some((0..8).map(f64::from).collect()),
        group: Some(vec![1, 2, 3, 4, 5, 6, 7, 1]),
        ..Roles::labels(&[0, 1, 0, 0, 0, 0, 0, 1])
    };
    let said = |groups: &str| {
        let protocol =
            read(&format!("kind = 'time-ordered'\ncolumn = 'Time'\ntest = 0.25\ngroups = '{groups}'")).unwrap();
        protocol.splits(&rows).unwrap().remove(0)
    };
    assert!(said("any").is_ok());
    let apart = said("apart").unwrap_err();
    assert!(apart.contains("the test part would hold 0 positives and 1 negative"), "{apart}");
    assert!(
        apart.ends_with(
            "rows whose group trains are left out of it: use other shares or more data, or `groups = \"any\"`"
        ),
        "{apart}"
    );
}

#[test]
fn parameters_out_of_range_are_named() {
    let y = [0, 1, 0, 1];
    assert_eq!(said(k_fold(1, 1, 0, true), &y, None), "`stratified-k-fold`: `folds` is 2 or more, not 1");
    assert_eq!(said(k_fold(2, 0, 0, true), &y, None), "`stratified-k-fold`: `repeats` is 1 or more, not 0");
    assert_eq!(
        said(k_fold(2, 3, 0, false), &y, None),
        "`stratified-k-fold`: 3 repeats without `shuffle` would all be the same"
    );
    for share in [0.0, 1.0, -0.5] {
        let sentence = format!("`hold-out`: `test` is a share between 0 and 1 (neither), not {share}");
        assert_eq!(said(hold_out(share, None, 0, true), &y, None), sentence);
    }
    assert_eq!(
        said(time_ordered(0.5, Some(2.0)), &y, None),
        "`time-ordered`: `validation` is a share between 0 and 1 (neither), not 2"
    );
    assert_eq!(
        said(hold_out(0.9, None, 0, false), &y, None),
        "a test part of 0.9 takes all 4 rows and leaves none to train on"
    );
}

#[test]
fn the_ordering_column_must_be_whole() {
    let y = [0, 1, 0, 1];
    let sentence = "an order in time needs a value of column `Time` for each of 4 rows";
    assert_eq!(said(time_ordered(0.5, None), &y, None), sentence);
    assert_eq!(said(time_ordered(0.5, None), &y, Some(&[1.0])), sentence);
    assert_eq!(
        said(time_ordered(0.5, None), &y, Some(&[1.0, f64::NAN, 0.0, 2.0])),
        "column `Time` orders the rows, but 1 of its values are missing"
    );
}

#[test]
fn a_protocol_reads_from_toml_and_keeps_its_name() {
    let facts = |protocol: &Protocol| serde_json::to_string(protocol).unwrap();
    let protocol = read("kind = 'stratified-k-fold'\nfolds = 10\nrepeats = 3\nseed = 4294967295").unwrap();
    assert_eq!(protocol, k_fold(10, 3, u32::MAX, true).unwrap());
    assert_eq!((protocol.name(), protocol.numbers().len()), ("stratified-k-fold", 30));
    assert_eq!(protocol.to_string(), "stratified-k-fold, folds 10, repeats 3, seed 4294967295, shuffle true");
    let protocol = read("kind = 'hold-out'\ntest = 0.3\nvalidation = 0.2\nseed = 100").unwrap();
    assert_eq!(protocol, hold_out(0.3, Some(0.2), 100, true).unwrap());
    assert_eq!(facts(&protocol), r#"{"kind":"hold-out","test":0.3,"validation":0.2,"seed":100,"stratify":true}"#);
    let protocol = read("kind = 'time-ordered'\ncolumn = 'Time'").unwrap();
    assert_eq!((protocol.name(), protocol.needs(), protocol.column()), ("time-ordered", vec![], Some("Time")));
    assert_eq!(facts(&protocol), r#"{"kind":"time-ordered","column":"Time","test":0.25}"#);
    let protocol = read("kind = 'time-ordered'").unwrap();
    assert_eq!((protocol.needs(), protocol.column()), (vec![Role::Time], None), "the column with the role is meant");
    for (wrong, told) in [
        ("kind = 'stratified-kfold'", "unknown protocol.kind `stratified-kfold`; did you mean `stratified-k-fold`?"),
        ("kind = 'hold-out'\ntset = 0.3", "unknown parameter of `hold-out` `tset`; did you mean `test`?"),
        ("kind = 'stratified-k-fold'\nseed = 4294967296", "`stratified-k-fold`: `seed` must be at most 4294967295"),
        ("folds = 3", "`protocol.kind` is missing"),
    ] {
        let found = read(wrong).unwrap_err().to_string();
        assert!(found.contains(told), "{found}");
    }
}

#[test]
fn a_repeated_hold_out_has_the_splits_of_the_next_seeds() {
    let y: Vec<u8> = (0..60).map(|row| u8::from(row % 4 == 1)).collect();
    let text = |seed: u32, repeats: u32| {
        format!("kind = 'hold-out'\ntest = 0.3\nvalidation = 0.25\nseed = {seed}\nrepeats = {repeats}")
    };
    let repeated = read(&text(u32::MAX - 1, 3));
    assert_eq!(repeated.as_ref().unwrap().numbers(), [(0, 0), (1, 0), (2, 0)]);
    // Seeds go on from 0 after the last one.
    for (repeat, (split, seed)) in made(repeated, &y, None).unwrap().iter().zip([u32::MAX - 1, u32::MAX, 0]).enumerate()
    {
        let single = made(read(&text(seed, 1)), &y, None).unwrap();
        assert_eq!(*split, Split { repeat: repeat as u32, ..single[0].clone() });
    }
    assert_eq!(said(read(&text(1, 0)), &y, None), "`hold-out`: `repeats` is 1 or more, not 0");
}

#[test]
fn another_seed_is_another_split_where_a_seed_decides() {
    let y: Vec<u8> = (0..60).map(|row| u8::from(row % 4 == 1)).collect();
    for protocol in [hold_out(0.3, None, 7, true), k_fold(3, 2, 7, true)].map(Result::unwrap) {
        let other = protocol.reseeded(5).unwrap();
        assert_ne!(made(Ok(protocol), &y, None).unwrap(), made(Ok(other), &y, None).unwrap());
    }
    let hold_out = |seed| hold_out(0.3, None, seed, true).unwrap();
    assert_eq!(hold_out(7).reseeded(5), Some(hold_out(12)));
    assert_eq!(k_fold(3, 1, 7, false).unwrap().reseeded(5), None);
    assert_eq!(time_ordered(0.3, None).unwrap().reseeded(5), None);
}

/// Rows for every kind of split: a label, a group and a day each, the days in order.
fn rows_of(y: &[u8], group: &[u32], days: &[i64]) -> Roles {
    let time: Vec<i64> = days.iter().map(|day| day * 86_400_000_000).collect();
    let order = days.iter().map(|&day| day as f64).collect();
    let folds = Folds { codes: group.to_vec(), names: ["a", "b", "c"].map(String::from).into() };
    Roles { group: Some(group.to_vec()), time: Some(time), order: Some(order), fold: Some(folds), ..Roles::labels(y) }
}

/// Why none of the splits can be made, or the first one that cannot.
fn refused(protocol: &str, rows: &Roles) -> String {
    let splits = match read(protocol).unwrap().splits(rows) {
        Err(none) => return none.to_string(),
        Ok(splits) => splits,
    };
    splits.into_iter().find_map(Result::err).unwrap_or_else(|| panic!("{protocol}: all can be made"))
}

#[test]
fn what_leaves_training_rows_without_a_class_is_named_with_what_helps() {
    // Twelve days, one row each; every second one is positive.
    let y: Vec<u8> = (0..12).map(|row| row % 2).collect();
    let days: Vec<i64> = (0..12).collect();
    let rows = rows_of(&y, &[0; 12], &days);
    let remedy = |params: &str, fold: usize| {
        let splits = read(&format!("kind = 'time-series'\n{params}")).unwrap().splits(&rows).unwrap();
        let said = splits[fold].as_ref().unwrap_err();
        assert!(said.starts_with(&format!("fold {fold}: the training part would hold ")), "{said}");
        said.split_once("6 negatives): ").unwrap().1.to_owned()
    };
    let delay =
        |days: &str| format!("the `delay` of {days} leaves out the rows before the test part: use a shorter `delay`");
    // The first of three test parts begins on day 3, the last one on day 9.
    assert_eq!(
        remedy("folds = 3\ndelay = 2.5", 0),
        format!("{}, fewer folds, or fewer rows per `test` part", delay("2.5 days"))
    );
    // Two folds begin on days 4 and 8; there cannot be fewer.
    assert_eq!(remedy("folds = 2\ndelay = 4", 0), format!("{}, or fewer rows per `test` part", delay("4 days")));
    // Not even the last day is so long after a row of each class, days 0 and 1.
    assert_eq!(remedy("folds = 3\ndelay = 1000", 2), delay("1000 days"));
    assert_eq!(remedy("folds = 3\ndelay = 11", 0), delay("11 days"));
    assert_eq!(
        remedy("folds = 3\ndelay = 10", 0),
        format!("{}, fewer folds, or fewer rows per `test` part", delay("10 days"))
    );
    // One row is before the first part with a delay and without; a part of one row cannot have fewer.
    assert_eq!(remedy("folds = 11\ndelay = 1", 0), "use fewer folds");
    assert_eq!(remedy("folds = 11", 0), "use fewer folds");
    let later = "fewer folds, or fewer rows per `test` part";
    assert_eq!(remedy("folds = 3\ngap = 2", 0), format!("use a smaller `gap`, {later}"));
    assert_eq!(remedy("folds = 3\ntrain = 1\ngroups = 'apart'", 0), format!("use more `train` rows, {later}"));
    // A study says the number of inner folds alone.
    let of = read("kind = 'time-series'\ndelay = 2.5").unwrap();
    let said = |folds: u32| of.inner(&rows, folds, None).unwrap_err().to_string();
    assert!(said(3).ends_with(&format!(": {}, or fewer folds", delay("2.5 days"))), "{}", said(3));
    let of = read("kind = 'time-series'\ndelay = 4").unwrap();
    let two = of.inner(&rows, 2, None).unwrap_err().to_string();
    assert!(two.ends_with(&format!(": {}", delay("4 days"))), "{two}");
    assert!(two.starts_with("fold 0: the training part would hold 0 positives and 1 negative, "), "{two}");
}

#[test]
fn groups_that_are_left_out_of_test_rows_are_not_blamed_for_training_rows() {
    // The first two rows train, and both are negative.
    let rows = rows_of(&[0, 0, 0, 1, 0, 1, 0, 1], &[0, 1, 2, 3, 4, 5, 6, 7], &[0, 1, 2, 3, 4, 5, 6, 7]);
    for (kind, remedy) in [
        ("kind = 'time-ordered'\ntest = 0.75", "use other shares or more data"),
        (
            "kind = 'prequential'\nfolds = 1\ntrain = 2\ndelay = 0\ntest = 6",
            "use fewer folds, or more `train` or `test` days",
        ),
    ] {
        let of = read(&format!("{kind}\ngroups = 'apart'")).unwrap();
        let said = of.splits(&rows).unwrap().remove(0).unwrap_err();
        assert!(said.starts_with("the training part would hold 0 positives and 2 negatives"), "{said}");
        assert!(said.ends_with(&format!("5 negatives): {remedy}")), "{said}");
    }
}

#[test]
fn every_kind_says_why_a_split_cannot_be_made() {
    let kinds: Vec<&str> = CATALOGUE.iter().map(|entry| entry.id).collect();
    // Two positives, both of the first group and of the first days.
    let rows = rows_of(&[1, 1, 0, 0, 0, 0, 0, 0], &[0, 0, 0, 0, 1, 1, 1, 2], &[0, 1, 2, 3, 4, 5, 6, 9]);
    let (first, whole) = ("the data have 2 positives and 6 negatives", "and every part needs both classes");
    let cases = [
        (
            "kind = 'stratified-k-fold'\nfolds = 3",
            "3 folds need 3 rows of each class, but there are 2 positives and 6 negatives: use at most 2 folds".to_owned(),
        ),
        (
            "kind = 'hold-out'\ntest = 0.2\nstratify = false\nseed = 1",
            format!("the test part would hold 0 positives and 2 negatives, {whole} ({first}): use other shares or more data"),
        ),
        (
            "kind = 'stratified-shuffle'\ntest = 0.1",
            "a stratified test part of 1 row cannot be taken from 2 positives and 6 negatives: each class needs 2 rows or more, \
             and so does each part"
                .to_owned(),
        ),
        (
            "kind = 'stratified-shuffle'\ntest = 0.5\ntrain = 0.1",
            "a training part of 0.1 takes none of 8 rows: use a larger `train`".to_owned(),
        ),
        (
            "kind = 'group-k-fold'\nfolds = 4",
            "4 folds need 4 groups, but there are 3: use at most 3 folds".to_owned(),
        ),
        (
            "kind = 'group-k-fold'\nfolds = 2",
            format!(
                "fold 0: the training part would hold 0 positives and 4 negatives, {whole} ({first}): use fewer folds, or \
                 `stratified-group-k-fold`"
            ),
        ),
        (
            "kind = 'stratified-group-k-fold'\nfolds = 4",
            "4 folds need 4 groups, but there are 3: use at most 3 folds".to_owned(),
        ),
        (
            "kind = 'stratified-group-k-fold'\nfolds = 3",
            "3 folds need 3 rows of each class, but there are 2 positives and 6 negatives: use at most 2 folds".to_owned(),
        ),
        (
            "kind = 'stratified-group-k-fold'\nfolds = 2",
            format!(
                "fold 0: the test part would hold 0 positives and 3 negatives, {whole} ({first}): use fewer folds: a class \
                 may stand in too few groups"
            ),
        ),
        (
            "kind = 'group-shuffle'\ntest = 0.3\nrepeats = 1",
            format!(
                "the test part would hold 0 positives and 1 negative, {whole} ({first}): use another `test` share, or \
                 `stratified-group-k-fold`"
            ),
        ),
        (
            "kind = 'group-shuffle'\ntest = 0.9",
            "a test part of 0.9 takes all 3 groups and leaves none to train on".to_owned(),
        ),
        (
            "kind = 'time-ordered'\ncolumn = 'day'\ntest = 0.25",
            format!("the test part would hold 0 positives and 2 negatives, {whole} ({first}): use other shares or more data"),
        ),
        (
            "kind = 'time-series'\nfolds = 8",
            "8 folds of 0 test rows and a gap of 0 rows leave nothing to train on: there are 8 rows; write fewer `folds`, or a \
             smaller `test` or `gap`"
                .to_owned(),
        ),
        (
            "kind = 'time-series'\nfolds = 3\ntest = 2\ngap = 2",
            "3 folds of 2 test rows and a gap of 2 rows leave nothing to train on: there are 8 rows; write fewer `folds`, or a \
             smaller `test` or `gap`"
                .to_owned(),
        ),
        (
            "kind = 'time-series'\nfolds = 2",
            format!(
                "fold 0: the test part would hold 0 positives and 2 negatives, {whole} ({first}): use fewer folds, or more rows \
                 per `test` part"
            ),
        ),
        (
            "kind = 'prequential'\nfolds = 2\ntrain = 5\ndelay = 3\ntest = 2",
            "2 folds of 5 training days, a delay of 3 and 2 test days need 12 days, but the rows are of 10 days, 1970-01-01 to \
             1970-01-10: use fewer folds or shorter parts"
                .to_owned(),
        ),
        (
            // Days without any row.
            "kind = 'prequential'\nfolds = 1\ntrain = 7\ndelay = 0\ntest = 2\nstart = '1970-01-01'",
            format!(
                "the test part would hold 0 positives and 0 negatives, {whole} ({first}): use another `start`, fewer folds, or \
                 more `train` or `test` days"
            ),
        ),
        (
            "kind = 'given'",
            "the role `fold` has 3 values (a, b, c), which are not the parts train, validation and test: write so, or folds = 3 \
             in [protocol] where each value tests once"
                .to_owned(),
        ),
        (
            "kind = 'given'\nfolds = 2",
            "the role `fold` has 3 values that test (a, b, c), not 2: write folds = 3 in [protocol]".to_owned(),
        ),
        (
            "kind = 'given'\nfolds = 3",
            format!(
                "fold 0: the training part would hold 0 positives and 4 negatives, {whole} ({first}): give each part rows of both \
                 classes"
            ),
        ),
    ];
    let all = cases.iter().map(|(protocol, sentence)| (protocol, refused(protocol, &rows), sentence));
    let wrong: Vec<_> = all.filter(|(_, said, sentence)| said != *sentence).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let tried = |kind: &&str| cases.iter().any(|(protocol, _)| protocol.starts_with(&format!("kind = '{kind}'")));
    let untried: Vec<&&str> = kinds.iter().filter(|kind| !tried(kind)).collect();
    assert!(untried.is_empty(), "no sentence of {untried:?} is tested");
}

#[test]
fn rows_of_one_group_cannot_be_set_apart() {
    let rows = rows_of(&[1, 0, 1, 0], &[2; 4], &[0, 1, 2, 3]);
    let many = "2 folds need 2 groups, but there is 1: rows of one group cannot be set apart: name another `group`, or a protocol without \
                groups";
    assert_eq!(refused("kind = 'group-k-fold'\nfolds = 2", &rows), many);
    assert_eq!(refused("kind = 'stratified-group-k-fold'\nfolds = 2", &rows), many);
    assert_eq!(refused("kind = 'group-shuffle'", &rows), super::groups::ONE_GROUP);
}
