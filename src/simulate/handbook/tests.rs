use std::collections::HashMap;
use std::path::PathBuf;

use super::rows::{Row, Rows};
use super::*;
use crate::data::{self, ReadOptions};

fn small() -> Handbook {
    Handbook { customers: 60, terminals: 400, days: 40, radius: 12.0, ..Handbook::default() }
}

fn rows(of: &Handbook) -> Vec<Row> {
    let source = Rows::new(of);
    source.blocks().iter().flat_map(|days| source.of_days(days)).collect()
}

/// Every field of every row.
fn digest(rows: &[Row]) -> String {
    let mut hash = Sha256::new();
    for row in rows {
        hash.update(row.second.to_le_bytes());
        hash.update(row.customer.to_le_bytes());
        hash.update(row.terminal.to_le_bytes());
        hash.update(row.amount.to_bits().to_le_bytes());
        hash.update([row.scenario()]);
    }
    hex(&hash.finalize())[..16].to_owned()
}

#[test]
fn the_published_rows_have_this_digest() {
    // Those that `the_rows_are_the_published_ones` compared with the file. Whoever changes the rows for good bumps VERSION.
    let rows = rows(&Handbook::default());
    let of = |scenario| rows.iter().filter(|row| row.scenario() == scenario).count();
    assert_eq!((rows.len(), [of(1), of(2), of(3)]), (1_754_155, [973, 9_077, 4_631]));
    assert_eq!((VERSION, digest(&rows).as_str()), (2, "c7d6bcff7bbcd96a"));
}

#[test]
fn the_rows_are_the_published_ones() {
    let folder = std::env::var_os(data::catalogue::DATA_VARIABLE).map(PathBuf::from).unwrap_or_default();
    let file = folder.join("handbook-transactions.parquet");
    if !file.exists() {
        return eprintln!("skipped: no handbook-transactions.parquet in {}", data::catalogue::DATA_VARIABLE);
    }
    let numbers =
        ["TRANSACTION_ID", "CUSTOMER_ID", "TERMINAL_ID", "TX_TIME_SECONDS", "TX_TIME_DAYS", "TX_FRAUD_SCENARIO"];
    let wanted = ReadOptions {
        label: Some("TX_FRAUD".into()),
        time: Some("TX_DATETIME".into()),
        amount: Some("TX_AMOUNT".into()),
        numeric: numbers.map(str::to_owned).to_vec(),
        ..ReadOptions::default()
    };
    let (ours, theirs) = (table(&Handbook::default(), &wanted).unwrap(), data::read(&file, &wanted).unwrap());
    assert_eq!((ours.x.dim(), &ours.columns), (theirs.x.dim(), &theirs.columns));
    let time = |data: &data::Dataset| data.sides.time.clone().unwrap();
    // The file's rows stand in the order of their days' files; TRANSACTION_ID, the first column, is the number of a row in time.
    let mut by_id: Vec<usize> = (0..theirs.y.len()).collect();
    by_id.sort_unstable_by_key(|&row| theirs.x[[row, 0]] as u64);
    let theirs = theirs.select(&by_id);
    let fields = |data: &data::Dataset| {
        let values = data.x.rows().into_iter().zip(&data.y).zip(time(data));
        let rows = values.map(|((row, label), time)| {
            let values = row.iter().map(|value| value.to_bits());
            [time as u64].into_iter().chain(values).chain([u64::from(*label)]).collect()
        });
        rows.collect::<Vec<Vec<u64>>>()
    };
    let (ours, theirs) = (fields(&ours), fields(&theirs));
    let differ: Vec<usize> = (0..ours.len()).filter(|&row| ours[row] != theirs[row]).collect();
    assert!(
        differ.is_empty(),
        "{} rows differ, the first is {:?}",
        differ.len(),
        differ.first().map(|&r| (&ours[r], &theirs[r]))
    );
}

#[test]
fn threads_and_blocks_change_nothing_and_the_seed_everything() {
    let of = small();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| rows(&of))
    };
    let one = on(1);
    assert_eq!(one, on(3));
    let source = Rows::new(&of);
    let by_day: Vec<Row> = (0..of.days).flat_map(|day| source.of_days(&(day..day + 1))).collect();
    let mut one = one;
    one.sort_unstable_by_key(Row::order);
    assert_eq!(one, by_day);
    let other = rows(&Handbook { seed: 1, ..of.clone() });
    assert!(one.len() > 1_000 && other.len() > 1_000);
    let amounts: std::collections::HashSet<u64> = one.iter().map(|row| row.amount.to_bits()).collect();
    let common = other.iter().filter(|row| amounts.contains(&row.amount.to_bits())).count();
    assert!(common * 2 < other.len(), "{common} of {} amounts", other.len());
}

#[test]
fn frauds_are_those_of_the_three_scenarios() {
    // A naive count: from terminals and customers day by day, over all rows.
    let of = small();
    let rows = rows(&of);
    let mut scenario: HashMap<(u32, u32), u8> = HashMap::new();
    for day in 0..of.days - 1 {
        let terminals = crate::numeric::mt19937::Mt19937::new(day).choice(of.terminals, 2);
        for row in rows.iter().filter(|row| (day..day + 28).contains(&row.day())) {
            if terminals.contains(&(row.terminal as usize)) {
                scenario.insert((row.customer, row.place()), 2);
            }
        }
    }
    let large = rows.iter().filter(|row| row.scenario() < 3 && row.amount > 220.0).count();
    let ones = rows.iter().filter(|row| row.scenario() == 1).count();
    let known = |row: &&Row| scenario.contains_key(&(row.customer, row.place()));
    assert_eq!(ones, rows.iter().filter(|r| r.scenario() < 3 && r.amount > 220.0).filter(|r| !known(r)).count());
    assert!(large >= ones);
    for row in rows.iter().filter(|row| row.scenario() < 3) {
        assert_eq!(row.scenario() == 2, known(&row), "{row:?}");
    }
    for day in 0..of.days - 1 {
        let customers = crate::numeric::mt19937::Mt19937::new(day).choice(of.customers, 3);
        let of_these =
            |row: &&Row| customers.contains(&(row.customer as usize)) && (day..day + 14).contains(&row.day());
        let (all, frauds) =
            (rows.iter().filter(of_these).count(), rows.iter().filter(of_these).filter(|r| r.scenario() == 3).count());
        assert!(frauds >= all / 3, "day {day}: {frauds} of {all}");
    }
}

#[test]
fn files_hold_what_the_table_holds() {
    let of = small();
    let made = table(&of, &options()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["t.parquet", "t.csv"] {
        let path = folder.path().join(name);
        let (count, frauds) = write(&of, &path).unwrap();
        let read = data::read(&path, &options()).unwrap();
        assert_eq!((count, frauds), (made.y.len() as u64, made.positives() as u64));
        assert_eq!(
            (&read.x, &read.y, &read.sides, &read.columns),
            (&made.x, &made.y, &made.sides, &made.columns),
            "{name}"
        );
        assert_eq!((&read.digests, &read.others), (&made.digests, &made.others), "{name}");
    }
    let said = write(&of, &folder.path().join("t.xls")).unwrap_err().to_string();
    assert!(said.contains("must end in .parquet or .csv"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn roles_are_ready_and_leaking_columns_are_no_features() {
    let data = table(&small(), &options()).unwrap();
    let names: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["TX_DATETIME", "TERMINAL_ID", "TX_AMOUNT", "TX_TIME_SECONDS", "TX_TIME_DAYS"]);
    assert_eq!((data.label(), data.sha256.len()), ("TX_FRAUD", 64));
    let customers: std::collections::HashSet<u32> = data.sides.group.unwrap().into_iter().collect();
    assert!(customers.len() > 30 && data.sides.time.unwrap().is_sorted() && data.sides.amount.is_some());
}

#[test]
fn parameters_out_of_range_are_refused_by_name() {
    let base = Handbook::default();
    for (of, named) in [
        (Handbook { customers: 2, ..base.clone() }, "2 customers"),
        (Handbook { terminals: 1, ..base.clone() }, "1 terminals"),
        (Handbook { days: 1, ..base.clone() }, "1 days"),
        (Handbook { radius: 0.0, ..base.clone() }, "not 0"),
        (Handbook { radius: f64::NAN, ..base.clone() }, "not NaN"),
    ] {
        let said = table(&of, &options()).unwrap_err().to_string();
        assert!(said.contains(named), "{said}");
    }
}
