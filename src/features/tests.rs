use std::path::PathBuf;

use ndarray::{Array2, s};
use proptest::prelude::*;

use super::*;
use crate::data::{self, Column, Dataset, ReadOptions};
use crate::simulate::handbook;

/// Key, another key, number, second, whether it is a fraud.
type Row = (u8, Option<u8>, Option<i8>, i64, bool);

#[derive(Debug, Clone)]
struct Rows(Vec<Row>);

fn dataset(rows: &Rows) -> Dataset {
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let values = rows.0.iter().flat_map(|(key, other, amount, ..)| {
        // Numbers that no binary fraction is.
        [f64::from(*key), number(other.map(f64::from)), number(amount.map(|cents| f64::from(cents) / 10.0))]
    });
    let x = Array2::from_shape_vec((rows.0.len(), 3), values.collect()).unwrap();
    let y = rows.0.iter().map(|row| u8::from(row.4)).collect();
    let mut data = Dataset::of_numbers("t", &["key", "other", "amount"], x, y).unwrap();
    data.sides.time = Some(rows.0.iter().map(|row| row.3 * 1_000_000).collect());
    data
}

fn spec(delay: Option<&str>) -> FeatureSpec {
    let labels = |function: &Function| delay.is_some() || !function.needs_labels();
    let windows = |by: &[&str]| {
        Made::Windows(Windows {
            by: by.iter().map(|name| (*name).to_owned()).collect(),
            windows: ["3s", "1m"].iter().filter_map(|text| Span::parse(text)).collect(),
            of: Some("amount".into()),
            distinct: Some("other".into()),
            make: Function::ALL.into_iter().filter(labels).collect(),
            delay: delay.and_then(Span::parse),
            known: None,
            leak: None,
            as_handbook: false,
        })
    };
    // Last, as the look at all rows leaves them out.
    let inputs = Made::Inputs(Inputs { by: "key".into(), of: "amount".into(), volumes: vec![2.0], unusual: vec![1.5] });
    FeatureSpec { made: vec![windows(&["key"]), windows(&["key", "other"]), inputs], only: Some(Vec::new()) }
}

fn made(rows: &Rows, spec: &FeatureSpec) -> Array2<f64> {
    add(dataset(rows), spec).unwrap().x
}

/// By the definitions: for each row a look at all rows.
fn naive(rows: &Rows, spec: &FeatureSpec, row: usize) -> Vec<f64> {
    let mut found = Vec::new();
    let (_, _, own, now, _) = rows.0[row];
    for of in &spec.made {
        let Made::Windows(of) = of else { continue };
        let same = |at: usize| {
            let (a, b) = (&rows.0[at], &rows.0[row]);
            a.0 == b.0 && (of.by.len() == 1 || a.1 == b.1)
        };
        let no_key = of.by.len() == 2 && rows.0[row].1.is_none();
        let delay = of.delay.map_or(0, |delay| delay.micros() / 1_000_000);
        let seen = |at: usize, window: i64| {
            let then = rows.0[at].3;
            let is_there = if of.delay.is_some() { then <= now - delay } else { (then, at) <= (now, row) };
            same(at) && is_there && then > now - delay - window
        };
        for (window, function) in of.features() {
            if no_key {
                found.push(f64::NAN);
                continue;
            }
            let length = window.map_or(i64::MAX / 2, |window| window.micros() / 1_000_000);
            let inside: Vec<usize> = (0..rows.0.len()).filter(|&at| seen(at, length)).collect();
            let numbers: Vec<f64> =
                inside.iter().filter_map(|&at| rows.0[at].2).map(|cents| f64::from(cents) / 10.0).collect();
            let n = numbers.len() as f64;
            let sum: f64 = numbers.iter().sum();
            let mean = if numbers.is_empty() { f64::NAN } else { sum / n };
            let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
            found.push(match function {
                Function::Count => inside.len() as f64,
                Function::Sum => sum,
                Function::Mean => mean,
                Function::Std if numbers.len() == 1 => 0.0,
                Function::Std if numbers.is_empty() => f64::NAN,
                Function::Std => (squares / (n - 1.0)).sqrt(),
                Function::Min => numbers.iter().copied().fold(f64::NAN, f64::min),
                Function::Max => numbers.iter().copied().fold(f64::NAN, f64::max),
                // A mean of about nothing is tested apart.
                Function::Ratio => own.map_or(f64::NAN, |own| f64::from(own) / 10.0 / mean),
                Function::Distinct => {
                    let values: std::collections::HashSet<u8> = inside.iter().filter_map(|&at| rows.0[at].1).collect();
                    values.len() as f64
                }
                Function::FraudShare if inside.is_empty() => 0.0,
                Function::FraudShare => inside.iter().filter(|&&at| rows.0[at].4).count() as f64 / inside.len() as f64,
                Function::SinceLast => {
                    let others = inside.iter().filter(|&&at| of.delay.is_some() || at != row);
                    others.map(|&at| rows.0[at].3).max().map_or(f64::NAN, |last| (now - last) as f64)
                }
            });
        }
    }
    found
}

fn any_rows() -> impl Strategy<Value = Rows> {
    // Few keys and seconds, so that rows share both; amounts above 0, so that no mean is about nothing.
    let row = (
        0..3_u8,
        prop::option::weighted(0.8, 0..3_u8),
        prop::option::weighted(0.8, 1..50_i8),
        -40..90_i64,
        any::<bool>(),
    );
    prop::collection::vec(row, 1..40).prop_map(Rows)
}

fn delays() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![None, Some("1s"), Some("20s")])
}

proptest! {
    #[test]
    fn every_function_is_what_a_look_at_all_rows_finds(rows in any_rows(), delay in delays()) {
        let spec = spec(delay);
        let ours = made(&rows, &spec);
        for row in 0..rows.0.len() {
            for (place, (a, b)) in ours.row(row).iter().zip(naive(&rows, &spec, row)).enumerate() {
                let near = (a - b).abs() <= 1e-12 * b.abs().max(1.0) || a.is_nan() && b.is_nan();
                prop_assert!(near, "row {row}, feature {place}: {a} {b}");
            }
        }
    }

    #[test]
    fn later_rows_and_labels_that_are_not_known_change_no_feature_of_a_row(
        rows in any_rows(), changed in any_rows(), delay in delays(), cut in 0..40_usize,
    ) {
        // Rows are sorted by time and place; those from `cut` on become others that are not earlier, some are left out.
        let mut before = rows.clone();
        before.0.sort_by_key(|row| row.3);
        let cut = cut.min(before.0.len());
        let mut after = Rows(before.0[..cut].to_vec());
        let last = after.0.last().map_or(i64::MIN, |row| row.3);
        after.0.extend(changed.0.iter().filter(|row| row.3 >= last));
        let spec = spec(delay);
        let (a, b) = (made(&before, &spec), if after.0.is_empty() { return Ok(()) } else { made(&after, &spec) });
        let bits = |x: &Array2<f64>| x.slice(s![..cut, ..]).iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&a), bits(&b));
        // Labels that become known after the last of the first rows.
        let wait = delay.and_then(Span::parse).map_or(0, |delay| delay.micros() / 1_000_000);
        let mut unknown = before.clone();
        for row in unknown.0.iter_mut().filter(|row| row.3.saturating_add(wait) > last) {
            row.4 = !row.4;
        }
        prop_assert_eq!(bits(&a), bits(&made(&unknown, &spec)));
    }

    #[test]
    fn labels_count_from_the_moment_on_at_which_they_are_known(
        rows in any_rows(), late in prop::collection::vec(prop::option::weighted(0.9, -5..60_i64), 40),
    ) {
        let known = |row: usize| late[row].map(|late| rows.0[row].3 + late);
        let with = |rows: &Rows, known: &dyn Fn(usize) -> Option<i64>| {
            let data = dataset(rows);
            let mut x = Array2::zeros((rows.0.len(), 2));
            x.column_mut(0).assign(&data.x.column(0));
            let moments = (0..rows.0.len()).map(|row| known(row).map_or(f64::NAN, |second| second as f64));
            x.column_mut(1).assign(&ndarray::Array1::from_iter(moments));
            let table = Dataset::of_numbers("t", &["key", "known"], x, data.y.clone()).unwrap();
            let windows = Windows {
                by: vec!["key".into()],
                windows: ["3s", "1m"].iter().filter_map(|text| Span::parse(text)).collect(),
                of: None,
                distinct: None,
                make: vec![Function::Count, Function::FraudShare],
                delay: None,
                known: Some("known".into()),
                leak: None,
                as_handbook: false,
            };
            let spec = FeatureSpec { made: vec![Made::Windows(windows)], only: Some(Vec::new()) };
            add(Dataset { sides: data.sides, ..table }, &spec)
        };
        // A label that is known before its own row is refused; the others are known with their rows, or later.
        let early = |row: usize| late[row].is_some_and(|late| late < 0);
        let ours = with(&rows, &known);
        if let Some(first) = (0..rows.0.len()).find(|&row| early(row)) {
            let said = ours.unwrap_err().to_string();
            let wanted = format!("labels would be known before their own rows (row {}: ", first + 1);
            prop_assert!(said.contains(&wanted), "{}", said);
        }
        let known = |row: usize| late[row].map(|late| rows.0[row].3 + late.max(0));
        let with = |rows: &Rows| with(rows, &known).unwrap().x;
        let ours = with(&rows);
        for (row, &(key, _, _, now, _)) in rows.0.iter().enumerate() {
            for (place, window) in [3, 60].into_iter().enumerate() {
                let is_in = |&at: &usize| {
                    let (other, _, _, then, _) = rows.0[at];
                    let is_before = (then, at) < (now, row) && then > now - window;
                    other == key && is_before && known(at).is_some_and(|known| known <= now)
                };
                let inside: Vec<usize> = (0..rows.0.len()).filter(is_in).collect();
                let frauds = inside.iter().filter(|&&at| rows.0[at].4).count() as f64;
                let share = if inside.is_empty() { 0.0 } else { frauds / inside.len() as f64 };
                let found = (ours[[row, place * 2]], ours[[row, place * 2 + 1]]);
                prop_assert_eq!(found, (inside.len() as f64, share), "row {}", row);
            }
        }
        // What is not known by then changes nothing.
        let last = rows.0.iter().map(|row| row.3).min().unwrap_or(0);
        let mut unknown = rows.clone();
        for (at, row) in unknown.0.iter_mut().enumerate() {
            row.4 ^= known(at).is_none_or(|known| known > last);
        }
        for (row, _) in rows.0.iter().enumerate().filter(|(_, row)| row.3 <= last) {
            prop_assert_eq!(ours.row(row).to_vec(), with(&unknown).row(row).to_vec());
        }
    }

    #[test]
    fn the_order_of_the_table_counts_only_within_a_moment(rows in any_rows(), delay in delays()) {
        let mut order: Vec<usize> = (0..rows.0.len()).collect();
        order.sort_by_key(|&row| rows.0[row].3);
        let sorted = Rows(order.iter().map(|&row| rows.0[row]).collect());
        let (mixed, sorted) = (made(&rows, &spec(delay)), made(&sorted, &spec(delay)));
        for (place, &row) in order.iter().enumerate() {
            let bits = |x: &Array2<f64>, row: usize| x.row(row).iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&sorted, place), bits(&mixed, row));
        }
    }
}

#[test]
fn leaks_see_labels_at_once_and_rows_ahead_and_nothing_else_changes() {
    // One key, a row per 10 s; frauds in rows 1 and 3.
    let x = Array2::from_shape_fn((5, 2), |(row, column)| if column == 0 { 5.0 } else { row as f64 });
    let mut data = Dataset::of_numbers("t", &["key", "amount"], x, vec![0, 1, 0, 1, 0]).unwrap();
    data.sides.time = Some((0..5).map(|row| row * 10_000_000).collect());
    let windows = |make: &[Function], delay: Option<&str>| {
        Made::Windows(Windows {
            by: vec!["key".into()],
            windows: vec![Span::parse("20s").unwrap()],
            of: Some("amount".into()),
            distinct: None,
            make: make.into(),
            delay: delay.and_then(Span::parse),
            known: None,
            leak: None,
            as_handbook: false,
        })
    };
    let spec = FeatureSpec {
        made: vec![
            windows(&[Function::Count, Function::FraudShare], Some("20s")),
            windows(&[Function::Count, Function::Max, Function::SinceLast], None),
            windows(&[Function::Count], Some("10s")),
        ],
        only: Some(Vec::new()),
    };
    let columns = |spec: &FeatureSpec| {
        let x = add(data.clone(), spec).unwrap().x;
        (0..x.ncols()).map(|column| x.column(column).to_vec()).collect::<Vec<_>>()
    };
    let (honest, at_once, ahead) = (columns(&spec), columns(&spec.labels_at_once()), columns(&spec.looking_ahead()));
    // (t - 40 s, t - 20 s]; known at once: (t - 20 s, t) without the row itself.
    assert_eq!((&honest[0], &honest[1]), (&vec![0.0, 0.0, 1.0, 2.0, 2.0], &vec![0.0, 0.0, 0.0, 0.5, 0.5]));
    assert_eq!((&at_once[0], &at_once[1]), (&vec![0.0, 1.0, 1.0, 1.0, 1.0], &vec![0.0, 0.0, 1.0, 0.0, 1.0]));
    assert_eq!(
        at_once[2..].iter().map(|c| c.iter().map(|v| v.to_bits()).collect()).collect::<Vec<Vec<u64>>>(),
        honest[2..].iter().map(|c| c.iter().map(|v| v.to_bits()).collect()).collect::<Vec<Vec<u64>>>()
    );
    // (t - 20 s, t]; ahead: (t - 20 s, t + 20 s].
    assert_eq!((&honest[2], &honest[3]), (&vec![1.0, 2.0, 2.0, 2.0, 2.0], &vec![0.0, 1.0, 2.0, 3.0, 4.0]));
    assert_eq!((&ahead[2], &ahead[3]), (&vec![3.0, 4.0, 4.0, 3.0, 2.0], &vec![2.0, 3.0, 4.0, 4.0, 4.0]));
    assert_eq!((&ahead[0], &ahead[1], &ahead[5]), (&honest[0], &honest[1], &honest[5]));
    // What has no window does not look ahead.
    assert_eq!(ahead[4][1..], honest[4][1..]);
    assert!(ahead[4][0].is_nan());
}

#[test]
fn large_numbers_that_left_the_window_leave_no_trace() {
    let rows = [(0.0, 0.1), (10.0, 1e9), (20.0, 0.2), (21.0, 0.3)];
    let x = Array2::from_shape_fn((4, 2), |(row, column)| if column == 0 { 5.0 } else { rows[row].1 });
    let mut data = Dataset::of_numbers("t", &["key", "amount"], x, vec![0, 1, 0, 0]).unwrap();
    data.sides.time = Some(rows.iter().map(|row| (row.0 * 1e6) as i64).collect());
    let windows = Windows {
        by: vec!["key".into()],
        windows: vec![Span::parse("10s").unwrap()],
        of: Some("amount".into()),
        distinct: None,
        make: vec![Function::Sum, Function::Std, Function::Ratio],
        delay: None,
        known: None,
        leak: None,
        as_handbook: false,
    };
    let data = add(data, &FeatureSpec { made: vec![Made::Windows(windows)], only: None }).unwrap();
    let names: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["key", "amount", "key_sum_amount_10s", "key_std_amount_10s", "key_ratio_amount_10s"]);
    let last = data.x.row(3);
    assert!((last[2] - 0.5).abs() < 1e-15 && (last[3] - 0.005_f64.sqrt()).abs() < 1e-12, "{last}");
    assert!((last[4] - 0.3 / 0.25).abs() < 1e-15);
}

#[test]
fn calendar_flags_are_local_to_the_offset() {
    let mut data = Dataset::of_numbers("t", &["a"], ndarray::array![[1.0], [2.0]], vec![0, 1]).unwrap();
    // 2018-03-31 23:30 UTC, a Saturday, and 2018-04-02 06:59:59 UTC, a Monday.
    data.sides.time = Some(vec![1_522_539_000_000_000, 1_522_652_399_000_000]);
    let with = |offset: i64| {
        let calendar = Calendar { make: Flag::ALL.to_vec(), offset: offset * 3_600_000_000, as_handbook: false };
        let spec = FeatureSpec { made: vec![Made::Calendar(calendar)], only: Some(Vec::new()) };
        add(data.clone(), &spec).unwrap().x
    };
    assert_eq!(
        with(0),
        ndarray::array![[1.0, 0.0, 23.0, 1_410.0, 5.0, 31.0, 3.0], [0.0, 1.0, 6.0, 419.0, 0.0, 2.0, 4.0]]
    );
    assert_eq!(with(1), ndarray::array![[1.0, 1.0, 0.0, 30.0, 6.0, 1.0, 4.0], [0.0, 0.0, 7.0, 479.0, 0.0, 2.0, 4.0]]);
}

#[test]
fn what_cannot_be_made_is_told() {
    let rows = Rows(vec![(1, None, Some(3), 0, false), (1, None, Some(4), 1, true)]);
    let with = |change: fn(&mut Windows, &mut Dataset)| {
        let (mut data, mut spec) = (dataset(&rows), spec(None));
        if let Made::Windows(windows) = &mut spec.made[0] {
            change(windows, &mut data);
        }
        add(data, &spec).unwrap_err().to_string()
    };
    assert!(with(|_, data| data.sides.time = None).contains("write time = \"COLUMN\""));
    assert!(with(|windows, _| windows.by = vec!["kye".into()]).contains("did you mean `key`"));
    assert!(
        with(|_, data| data.columns[2].kind = data::Kind::Category(["a".to_owned()].into()))
            .contains("holds no numbers")
    );
    assert!(
        with(|windows, data| {
            data.others.push(Column { feature: false, role: Some(data::Role::Label), ..Column::number("label") });
            windows.by = vec!["label".into()];
        })
        .contains("`label` is the label")
    );
    assert!(
        with(|windows, data| {
            data.others.push(Column { feature: false, role: Some(data::Role::Ignored), ..Column::number("left") });
            windows.by = vec!["left".into()];
        })
        .contains("the values of `left` were not read, because it is no feature: take it out of `ignore`")
    );
    assert!(with(|windows, _| windows.windows.extend(windows.windows.clone())).contains("two features are called"));
}

#[test]
fn ignored_columns_are_read_for_windows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let rows = "2020-01-01,x1,5,1.5,0\n2020-01-02,x2,5,2.5,1\n2020-01-03,x1,6,3.5,0\n";
    std::fs::write(&path, format!("when,card,shop,amount,fraud\n{rows}")).unwrap();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let options = ReadOptions {
        time: Some("when".into()),
        ignore: names(&["when", "card", "shop"]),
        keep: names(&["card", "shop"]),
        ..ReadOptions::default()
    };
    let windows = |by: &str| {
        Made::Windows(Windows {
            by: vec![by.into()],
            windows: vec![Span::parse("30d").unwrap()],
            of: Some("amount".into()),
            distinct: None,
            make: vec![Function::Count, Function::Sum],
            delay: None,
            known: None,
            leak: None,
            as_handbook: false,
        })
    };
    let spec = FeatureSpec { made: vec![windows("card"), windows("shop")], only: None };
    let data = add(data::read(&path, &options).unwrap(), &spec).unwrap();
    assert_eq!(
        data.x,
        ndarray::array![[1.5, 1.0, 1.5, 1.0, 1.5], [2.5, 1.0, 2.5, 2.0, 4.0], [3.5, 2.0, 5.0, 1.0, 3.5]]
    );
}

#[test]
fn ignored_columns_with_a_role_are_read_for_windows_whose_meaning_they_fit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let rows = "2020-01-01,c,a,2,1,0\n2020-01-02,c,b,3,2,1\n2020-01-03,c,a,4,3,0\n";
    std::fs::write(&path, format!("when,card,part,worth,v,fraud\n{rows}")).unwrap();
    let name = |name: &str| Some(name.to_owned());
    let options = ReadOptions {
        time: name("when"),
        weight: name("worth"),
        fold: name("part"),
        group: name("card"),
        ignore: ["when", "worth", "part", "card"].map(str::to_owned).to_vec(),
        ..ReadOptions::default()
    };
    let with = |of: &str, distinct: &str, make: &[Function], known: Option<&str>| {
        let windows = Made::Windows(Windows {
            by: vec!["card".into()],
            windows: vec![Span::parse("30d").unwrap()],
            of: name(of),
            distinct: name(distinct),
            make: make.to_vec(),
            delay: None,
            known: known.map(str::to_owned),
            leak: None,
            as_handbook: false,
        });
        let spec = FeatureSpec { made: vec![windows], only: Some(Vec::new()) };
        let options = ReadOptions { keep: spec.reads(), ..options.clone() };
        add(data::read(&path, &options).unwrap(), &spec).map(|data| data.x).map_err(|e| e.to_string())
    };
    let day = 86_400.0;
    let first = 18_262.0 * day;
    let made = with("when", "part", &[Function::Min, Function::Max, Function::Distinct], None).unwrap();
    assert_eq!(made, ndarray::array![[first, first, 1.0], [first, first + day, 2.0], [first, first + 2.0 * day, 2.0]]);
    assert_eq!(with("worth", "when", &[Function::Distinct, Function::Sum], None).unwrap().row(2).to_vec(), [3.0, 9.0]);
    let known = with("worth", "part", &[Function::Count, Function::FraudShare], Some("when")).unwrap_err();
    assert!(known.contains("`when` is the column of `time`"), "{known}");
    for coded in ["part", "card"] {
        let said = with(coded, "part", &[Function::Sum], None).unwrap_err();
        assert!(said.contains(&format!("`{coded}` holds no numbers")), "{said}");
    }
}

#[test]
fn the_handbooks_features_are_the_published_ones() {
    let folder = std::env::var_os(data::catalogue::DATA_VARIABLE).map(PathBuf::from).unwrap_or_default();
    let files = ["handbook-transactions.parquet", "handbook-features-0725-0814.parquet"].map(|name| folder.join(name));
    if !files.iter().all(|file| file.exists()) {
        return eprintln!("skipped: no handbook-*.parquet in {}", data::catalogue::DATA_VARIABLE);
    }
    let spec = FeatureSpec::handbook();
    // In the file's order, so that rows of one second stand as published.
    let options = ReadOptions {
        keep: spec.reads(),
        numeric: vec!["TRANSACTION_ID".into()],
        ..handbook::Handbook::default().options()
    };
    let options = ReadOptions { ignore: vec!["TX_FRAUD_SCENARIO".into()], ..options };
    let read = data::read(&files[0], &options).unwrap();
    let ids: Vec<f64> = read.column("TRANSACTION_ID").unwrap();
    let ours = add(read, &spec).unwrap();
    let theirs =
        data::read(&files[1], &ReadOptions { label: Some("TX_FRAUD".into()), ..ReadOptions::default() }).unwrap();
    assert_eq!((ours.columns.len(), theirs.y.len()), (15, 201_295));
    let places: std::collections::HashMap<u64, usize> =
        ids.iter().enumerate().map(|(row, id)| (*id as u64, row)).collect();
    let rows: Vec<usize> = theirs.column("TRANSACTION_ID").unwrap().iter().map(|id| places[&(*id as u64)]).collect();
    for (place, column) in ours.columns.iter().enumerate() {
        let published = theirs.column(&column.name).unwrap();
        let differ = rows.iter().zip(&published).filter(|(row, value)| (ours.x[[**row, place]] - **value).abs() > 1e-9);
        assert_eq!(differ.count(), 0, "{}", column.name);
    }
}
