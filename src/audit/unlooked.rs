//! What was looked at wrongly, and what was not looked at and is not called clean.

use super::inspect::Variant;
use super::planted::{FOLDS, ROWS, clean, find, one, study_of};
use super::*;
use crate::data::{Column, Dataset, Kind, Role, dedup};

/// The sentence of a check that found nothing certain and nothing clean.
fn look(data: &Dataset, check: &str) -> String {
    let found = one(&find(data, FOLDS, "false"), check);
    assert_eq!(found.verdict, Judgement::Look, "{}", found.said);
    found.said
}

/// The same of a check that could not be made.
fn unlooked(data: &Dataset, check: &str) -> String {
    assert!(!one(&find(data, FOLDS, "false"), check).is_made, "{check}");
    look(data, check)
}

/// What an inspection says of time, or why it is refused, where `--time` names a column.
fn asked(data: &Dataset, protocol: &str, time: Option<&str>) -> Result<String> {
    let found = inspect(&study_of(protocol, "false"), data, &dedup(data).keep, time)?;
    Ok(one(&found, "time-order").said)
}

#[test]
fn the_codes_of_a_category_are_no_times() {
    let mut data = clean();
    data.columns[0].name = "date".into();
    data.columns[0].kind = Kind::Category(["10.02.2024", "20.01.2024"].map(str::to_owned).to_vec().into());
    (0..ROWS).for_each(|row| data.x[(row, 0)] = (row % 2) as f64);
    assert_eq!(
        unlooked(&data, "time-order"),
        "`date` is no time: it holds texts such as `10.02.2024` (write 2024-02-10), so the order was not looked at"
    );
    let said = asked(&data, FOLDS, Some("date")).unwrap_err().to_string();
    assert!(said.contains("--time date: `date` of planted is no time: it holds texts such as `10.02.2024`"), "{said}");
    // A name that is none is not answered with the category.
    let said = asked(&data, FOLDS, Some("dat")).unwrap_err().to_string();
    assert!(said.contains("Allowed: a, b"), "{said}");
    // Nor can a protocol be in an order that is none.
    let said = asked(&data, "kind = 'time-ordered'\ncolumn = 'date'", None).unwrap_err().to_string();
    assert!(said.contains("`column` names `date`, which holds texts such as `10.02.2024`"), "{said}");
}

#[test]
fn the_column_with_the_role_time_orders_the_rows_and_can_be_named() {
    let mut data = clean();
    data.sides.time = Some((0..ROWS as i64).collect());
    data.others.push(Column { feature: false, role: Some(Role::Time), ..Column::number("when") });
    // The feature `Time` is only called so.
    for time in [None, Some("when")] {
        let said = asked(&data, FOLDS, time).unwrap();
        assert!(said.contains("older by `when` than the newest"), "{said}");
    }
    assert!(asked(&data, FOLDS, Some("Time")).unwrap().contains("older by `Time`"));
    let said = asked(&data, FOLDS, Some("wen")).unwrap_err().to_string();
    assert!(said.contains("did you mean `when`"), "{said}");
}

#[test]
fn a_column_of_times_orders_the_rows_whatever_it_is_called() {
    let mut data = clean();
    data.columns[0] = Column { kind: Kind::Time, ..Column::number("TX_DATETIME") };
    assert!(look(&data, "time-order").contains("older by `TX_DATETIME` than the newest"));
    data.columns[1].kind = Kind::Time;
    assert!(look(&data, "time-order").starts_with("`TX_DATETIME`, `a` hold times and none has the role `time`"));
}

#[test]
fn a_time_that_no_row_has_is_not_clean() {
    let data = clean();
    let splits = crate::split::stratified(&data.y, 3, 42).unwrap();
    let variant = Variant { data: &data, dedup: false, rows: (0..ROWS).collect(), splits };
    // One row alone has it, which trains or tests.
    let mut time = vec![f64::NAN; ROWS];
    time[0] = 1.0;
    let found = order::check(&variant, "Time", &time);
    assert_eq!(found.verdict, Judgement::Look);
    assert!(found.said.contains("no split has `Time` in training rows and in test rows"), "{}", found.said);
}

#[test]
fn copies_with_another_level_are_near() {
    let mut data = clean();
    data.columns[2].kind = Kind::Category(["x", "y"].map(str::to_owned).to_vec().into());
    (0..ROWS).for_each(|row| data.x[(row, 2)] = (row / 10 % 2) as f64);
    assert_eq!(one(&find(&data, FOLDS, "false"), "near-duplicates").verdict, Judgement::Clean);
    // Pairs of positives that are equal in both numbers and differ in the level.
    for row in (4..ROWS - 10).step_by(20) {
        (0..2).for_each(|column| data.x[(row + 10, column)] = data.x[(row, column)]);
    }
    let split = &crate::split::stratified(&data.y, 3, 42).unwrap()[0];
    let is_copy = |test: &&usize| {
        let test = **test;
        split.train.iter().any(|&train| (0..2).all(|column| data.x[(train, column)] == data.x[(test, column)]))
    };
    let copies = split.test.iter().filter(is_copy).count();
    assert!(copies > 0);
    let said = look(&data, "near-duplicates");
    assert!(said.contains(&format!("{copies} of 10 test positives and 0 of 90 test negatives")), "{said}");
    assert!(said.contains(&format!("; {copies} of these at distance 0, as they differ in categories")), "{said}");
    assert_eq!(one(&find(&data, FOLDS, "false"), "identical-rows").verdict, Judgement::Clean);
}

#[test]
fn without_a_distance_nothing_is_called_far() {
    let mut data = clean();
    // Nine of ten rows are zeros, so that two of three pairs and more have no distance.
    for row in 0..ROWS {
        (0..3).for_each(|column| data.x[(row, column)] = if row % 10 == 0 { row as f64 } else { 0.0 });
    }
    assert_eq!(
        unlooked(&data, "near-duplicates"),
        "with duplicates, half of the pairs of a test and a training row are equal in every number, so no distance can be told"
    );
}

#[test]
fn ids_are_claimed_of_columns_that_were_looked_at() {
    let mut data = clean();
    let said = one(&find(&data, FOLDS, "false"), "id-columns").said;
    let rest = "has another whole number in every row, and no category fewer than 10 rows per level; times are left aside: `Time`";
    assert_eq!(said, format!("with duplicates, no feature of 2 {rest}"));
    // Fifty rows with another whole number each.
    (0..ROWS).for_each(|row| data.x[(row, 2)] = if row < 50 { row as f64 } else { f64::NAN });
    let said = one(&find(&data, FOLDS, "false"), "id-columns").said;
    let few = "; fewer than 100 rows have `b`, which was not looked at";
    assert_eq!(said, format!("with duplicates, no feature of 1 {rest}{few}"));
    // Too few rows in all: the numbers from 1 to 90 are not called clean.
    let x = ndarray::Array2::from_shape_fn((90, 1), |(row, _)| row as f64 + 1.0);
    let small = Dataset::of_numbers("small", &["no"], x, (0..90).map(|row| u8::from(row % 6 == 4)).collect()).unwrap();
    assert_eq!(
        unlooked(&small, "id-columns"),
        "with duplicates, 90 rows of 100 that are needed, so columns that tell rows apart were not looked for"
    );
}

#[test]
fn a_deciding_time_is_a_date_and_few_positives_decide_nothing() {
    let mut data = clean();
    data.columns[0].kind = Kind::Time;
    for row in 0..ROWS {
        // 1,724,227,200 seconds after 1970 it was eight o'clock on 21 August 2024.
        data.x[(row, 0)] = 1_724_227_200.0 + 60.0 * (row as f64 - 270.0);
        data.y[row] = u8::from(row >= 270);
    }
    let said = look(&data, "deciding-columns");
    let rule = "every row with `Time` of 2024-08-21 08:00:00 or later is positive (30 of 30 positives)";
    assert!(said.contains(rule), "{said}");
    data.y[..294].fill(0);
    assert_eq!(
        unlooked(&data, "deciding-columns"),
        "with duplicates, 6 positives of 10 that are needed, so rules that decide were not looked for"
    );
}

#[test]
fn rows_of_one_day_on_both_sides_of_a_cut_in_time_are_counted() {
    let mut data = clean();
    // Six days of fifty rows; the last ninety rows test, so day 4 has ten training rows and forty test rows.
    (0..ROWS).for_each(|row| data.x[(row, 0)] = (row / 50) as f64);
    let cut = "kind = 'time-ordered'\ncolumn = 'Time'\ntest = 0.3";
    let found = one(&find(&data, cut, "false"), "time-order");
    assert_eq!(found.verdict, Judgement::Look);
    assert_eq!(
        found.said,
        "with duplicates, 0.0% of the test rows of 1 split are older by `Time` than the newest training row, 0.0% older than half \
         of the training rows, and 40 test rows have a training row of the same `Time`: rows of one moment are in the file's \
         order; give the times more digits, or split by whole days (`prequential`)"
    );
    // A cut between two days is clean.
    (0..ROWS).for_each(|row| data.x[(row, 0)] = (row / 30) as f64);
    let found = one(&find(&data, cut, "false"), "time-order");
    assert_eq!((found.verdict, found.said.contains("same `Time`")), (Judgement::Clean, false));
}
