//! What is found in columns before anybody has said what they are for.

use std::path::Path;

use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};

use super::parquet_files::{column, one_group};
use super::*;

/// Forty rows of which nothing is missing: numbers, a label, and a column whose field is `of` a row.
fn rows(of: &dyn Fn(usize) -> String) -> Vec<[String; 3]> {
    (0..40).map(|i| [format!("{}.5", i * 7 % 40), u8::from(i % 9 == 4).to_string(), of(i)]).collect()
}

fn surveyed(text: &str) -> Survey {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, text).unwrap();
    survey(&path, &ReadOptions::default()).unwrap()
}

/// The column `own`, where it stands last and where it stands in the middle.
fn in_two_places(of: &dyn Fn(usize) -> String) -> [Surveyed; 2] {
    let table = |order: [usize; 3]| {
        let header = ["amount", "fraud", "own"].map(str::to_owned);
        let lines = std::iter::once(header).chain(rows(of));
        let line = |fields: [String; 3]| format!("{}\n", order.map(|place| fields[place].clone()).join(","));
        surveyed(&lines.map(line).collect::<String>()).column("own").unwrap().clone()
    };
    [table([0, 1, 2]), table([0, 2, 1])]
}

#[test]
fn the_last_column_is_looked_at_like_any_other() {
    let odd = |odd: &'static str| move |i: usize| if i == 7 { odd.to_owned() } else { format!("{i}.25") };
    let [last, middle] = in_two_places(&|i| format!("{}", 100 + i / 2));
    assert!(last.rises && last.whole && last.distinct == 20);
    assert_eq!(last, middle);
    let [last, middle] = in_two_places(&|i| format!("2024-01-01 {:02}:{:02}:00", i / 2, i % 2));
    assert!(last.rises && last.looks == Looks::Times && last.few.is_none());
    assert_eq!(last, middle);
    let [last, middle] = in_two_places(&odd("-"));
    assert_eq!(last.fault.as_deref(), Some("texts stand among numbers in `own` (line 9: `-`)"));
    assert_eq!(last, middle);
    let [last, middle] = in_two_places(&odd("inf"));
    assert_eq!(last.fault.as_deref(), Some("values that are not finite stand in `own` (line 9: `inf`)"));
    assert_eq!(last, middle);
    let [last, middle] = in_two_places(&|i| format!("2024-01-01 00:00:00.0000000{:02}", i + 10));
    assert!(last.fault.as_ref().unwrap().starts_with("times finer than a microsecond stand in `own` (line 2: "));
    assert_eq!(last, middle);
    let [last, middle] = in_two_places(&|i| format!("{:02}.12.2024 10:00", 1 + i % 28));
    assert!(
        last.fault.as_ref().unwrap().starts_with(
            "dates and times that are not ISO stand in `own` (line 2: `01.12.2024 10:00` and 39 more rows)"
        )
    );
    assert_eq!(last, middle);
}

#[test]
fn a_column_of_which_a_few_rows_are_no_dates_says_which() {
    let almost = |of: &dyn Fn(usize) -> String| {
        let almost = in_two_places(of)[1].almost.clone();
        almost.map(|almost| (almost.looks, almost.lacks))
    };
    let day = |i: usize| format!("2024-{:02}-{:02}", 1 + i / 28, 1 + i % 28);
    let but = |rows: usize, other: &str| {
        let other = other.to_owned();
        move |i: usize| if i % 20 < rows { other.clone() } else { day(i) }
    };
    assert_eq!(almost(&day), None);
    // There is no such day. Rows 0 and 20 are lines 2 and 22.
    let (looks, lacks) = (Looks::Times, "line 2: `2024-02-30` and 1 more row".to_owned());
    assert_eq!(almost(&but(1, "2024-02-30")), Some((looks, lacks)));
    assert_eq!(almost(&but(3, "")), Some((Looks::Times, "6 rows have no value".to_owned())));
    let people = |i: usize| format!("{:02}.{:02}.2024", 1 + i % 28, 1 + i / 28);
    assert_eq!(almost(&people), Some((Looks::Times, "line 2: `01.01.2024` and 39 more rows".to_owned())));
    assert_eq!(almost(&|i| if i == 3 { "x".into() } else { i.to_string() }).unwrap().0, Looks::Numbers);
    // Eleven of twenty rows are something else.
    assert_eq!(almost(&but(11, "none yet")), None);
    assert_eq!(almost(&but(11, "")), None);
}

/// A table whose index has these names; `when` and the label are part of it where they are named.
fn with_index(path: &Path, index: &str) {
    let schema = "message m { required double a; required int32 y; required binary when (STRING);
                  required int64 __index_level_1__; }";
    let days: Vec<ByteArray> = (0..20).map(|i| ByteArray::from(format!("2024-01-{:02}", i + 1).as_str())).collect();
    one_group(path, schema, Some(&format!("{{\"index_columns\": {index}}}")), &|group| {
        column::<DoubleType>(group, &(0..20).map(|i| f64::from(i * 7 % 20) / 2.0).collect::<Vec<_>>(), None);
        column::<Int32Type>(group, &(0..20).map(|i| i32::from(i % 5 == 0)).collect::<Vec<_>>(), None);
        column::<ByteArrayType>(group, &days, None);
        column::<Int64Type>(group, &(0..20).collect::<Vec<_>>(), None);
    });
}

#[test]
fn the_index_of_pandas_is_looked_at_where_it_has_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    for (index, named) in [
        ("[\"when\", \"__index_level_1__\"]", ["when"]),
        ("[\"y\", \"__index_level_1__\"]", ["y"]),
        // Nothing else is left to stand beside the label.
        ("[\"a\", \"when\", \"__index_level_1__\"]", ["a"]),
    ] {
        with_index(&path, index);
        let found = survey(&path, &ReadOptions::default()).unwrap();
        assert!(named.iter().all(|name| found.column(name).unwrap().index), "{index}");
        let of = |name: &str| found.column(name).unwrap();
        assert_eq!((of("when").looks, of("when").rises, of("when").nameless), (Looks::Times, true, false));
        assert_eq!((of("y").few.as_ref().unwrap().len(), of("a").looks), (2, Looks::Numbers));
        assert!(of("__index_level_1__").nameless && !of("__index_level_1__").index);
        let values = label_values(&path, &found, "y", &ReadOptions::default()).unwrap();
        assert_eq!(values, [("1".to_owned(), 4), ("0".to_owned(), 16)], "{index}");
    }
}

#[test]
fn numbers_too_long_for_floats_are_told_as_such_and_not_as_texts() {
    let ids: String = (0..20).map(|i| format!("{},{i}.5,{}\n", 9_007_199_254_740_993_i64 + 2 * i, i % 2)).collect();
    assert_eq!(
        said_with(&format!("iban,a,y\n{ids}"), &ReadOptions { label: Some("y".into()), ..ReadOptions::default() }),
        "t.csv: whole numbers beyond 2^53, which 64-bit floats cannot hold, are in `iban` (line 2: \
         `9007199254740993` and 19 more rows): add the column to `ignore`, to `categorical` if these are levels, or to `numeric` to round them"
    );
    // In a Parquet file short ones may be stored as texts.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let digits: Vec<ByteArray> = (0..20).map(|i| ByteArray::from(i.to_string().as_str())).collect();
    one_group(
        &path,
        "message m { required binary d (STRING); required double a; required int32 y; }",
        None,
        &|group| {
            column::<ByteArrayType>(group, &digits, None);
            column::<DoubleType>(group, &[0.5; 20], None);
            column::<Int32Type>(group, &(0..20).map(|i| i % 2).collect::<Vec<_>>(), None);
        },
    );
    let fault = survey(&path, &ReadOptions::default()).unwrap().columns[0].fault.clone();
    assert_eq!(fault.as_deref(), Some("numbers stored as texts are in `d` (row 1: `0` and 19 more rows)"));
}
