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
    let made = table(&of, &Handbook::default().options()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["t.parquet", "t.csv"] {
        let path = folder.path().join(name);
        let (count, frauds) = write(&of, &path).unwrap();
        let read = data::read(&path, &Handbook::default().options()).unwrap();
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
    let data = table(&small(), &Handbook::default().options()).unwrap();
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
        (Handbook { customers: 2, ..base.clone() }, "simulate: `customers` is a number from 3 to 2147483646, not 2"),
        (Handbook { terminals: 1, ..base.clone() }, "simulate: `terminals` is a number from 2 to 2147483646, not 1"),
        (Handbook { days: 1, ..base.clone() }, "simulate: `days` is a number from 2 to 24000, not 1"),
        (Handbook { radius: 0.0, ..base.clone() }, "simulate: `radius` is a number above 0, not 0"),
        (Handbook { radius: f64::NAN, ..base.clone() }, "simulate: `radius` is a number above 0, not NaN"),
        (
            Handbook { customers: 0, days: 24_001, radius: -1.0, ..base.clone() },
            "simulate: `customers` is a number from 3 to 2147483646, not 0; `days` is a number from 2 to 24000, not 24001; `radius` is \
             a number above 0, not -1",
        ),
    ] {
        let said = table(&of, &Handbook::default().options()).unwrap_err().to_string();
        assert_eq!(said, named);
    }
}

#[test]
fn no_row_at_all_is_refused_with_the_cause() {
    // No terminal is that near; one within the map's diagonal always is.
    let of = Handbook { radius: 1e-9, ..small() };
    let wanted =
        "handbook: there is no row, as no customer has a terminal within `radius` 1e-9: raise `radius` or `terminals`";
    assert_eq!(table(&of, &of.options()).unwrap_err().to_string(), wanted);
    assert_eq!(of.check_anybody_pays().unwrap_err().to_string(), wanted);
    let folder = tempfile::tempdir().unwrap();
    for name in ["t.parquet", "t.csv"] {
        assert_eq!(write(&of, &folder.path().join(name)).unwrap_err().to_string(), wanted);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(Handbook { radius: 142.0, ..small() }.check_anybody_pays().is_ok());
    // Thieves pay anywhere.
    let scenarios = Scenarios { mules: 1.0, ..Scenarios::default() };
    let stolen = Handbook { scenarios, ..of };
    assert!(stolen.check_anybody_pays().is_ok() && !rows(&stolen).is_empty());
}

#[test]
fn the_number_of_rows_is_known_of_the_published_customers_alone() {
    let base = Handbook::default();
    let scenarios = Scenarios { terminals: 4.0, ..Scenarios::default() };
    assert!(base.has_known_rows() && Handbook { start: 3, scenarios, ..base.clone() }.has_known_rows());
    let testing = Scenarios { testing: 1.0, ..scenarios };
    for of in [small(), Handbook { seed: 1, ..base.clone() }, Handbook { scenarios: testing, ..base }] {
        assert!(!of.has_known_rows());
    }
}

/// What a row is but for its label.
fn identity(row: &Row) -> (u32, u32, u32, u64, u32) {
    (row.second, row.customer, row.terminal, row.amount.to_bits(), row.place())
}

#[test]
fn options_at_their_defaults_change_neither_the_hash_nor_the_columns() {
    let published =
        "fraudbench handbook 2: customers 5000, terminals 10000, days 183, radius 5.0, start 2018-04-01, seed 0";
    assert_eq!(Handbook::default().sha256(), hex(&Sha256::digest(published)));
    let base = Handbook::default();
    let of = |scenarios, drift, labels| Handbook { scenarios, drift, labels, ..base.clone() }.sha256();
    let (scenarios, drift, labels) = (Scenarios::default(), Drift::default(), Labels::default());
    let all = [
        of(scenarios, drift, labels),
        of(Scenarios { mules: 1.0, ..scenarios }, drift, labels),
        of(scenarios, Drift { rates: 2.0, ..drift }, labels),
        of(scenarios, drift, Labels { delay: 1.0, ..labels }),
        of(scenarios, drift, Labels { unreported: 0.1, ..labels }),
        of(scenarios, drift, Labels { unreported: 0.1, until: Some(9), ..labels }),
    ];
    let distinct: std::collections::HashSet<&String> = all.iter().collect();
    assert_eq!((distinct.len(), &all[0]), (all.len(), &base.sha256()));
}

#[test]
fn a_drift_changes_rows_from_its_day_on_and_no_row_before() {
    let before = rows(&small());
    let changed = |drift: Drift| rows(&Handbook { drift, ..small() });
    let early = |rows: &[Row]| rows.iter().filter(|row| row.day() < 20).copied().collect::<Vec<Row>>();
    let base = Drift { day: 20, ..Drift::default() };
    for drift in [
        Drift { amounts: 2.0, ..base },
        Drift { rates: 3.0, ..base },
        Drift { stolen: 0.5, ..base },
        Drift { rates: 0.0, over: 10, ..base },
    ] {
        let after = changed(drift);
        assert_eq!(early(&before), early(&after), "{drift:?}");
        assert_ne!(before, after, "{drift:?}");
    }
    // Amounts: at once, and over ten days, the last of which has the whole factor.
    let share = |rows: &[Row], day: u32| {
        let of = |rows: &[Row]| -> f64 {
            rows.iter().filter(|r| r.day() == day && r.scenario() < 3).map(|r| r.amount).sum()
        };
        of(rows) / of(&before)
    };
    let (once, slowly) = (changed(Drift { amounts: 1.5, ..base }), changed(Drift { amounts: 1.5, over: 10, ..base }));
    for (rows, day, factor) in [
        (&once, 19, 1.0),
        (&once, 20, 1.5),
        (&slowly, 20, 1.05),
        (&slowly, 24, 1.25),
        (&slowly, 29, 1.5),
        (&slowly, 35, 1.5),
    ] {
        assert!((share(rows, day) - factor).abs() < 0.002, "day {day}: {}", share(rows, day));
    }
    // Stolen amounts are five times the customer's, times the factor.
    let third = |rows: &[Row]| -> f64 {
        rows.iter().filter(|row| row.scenario() == 3 && row.day() >= 20).map(|row| row.amount).sum()
    };
    let once_chosen = changed(Drift { stolen: 0.5, ..base });
    assert!(third(&once_chosen) < 0.55 * third(&before), "{} of {}", third(&once_chosen), third(&before));
}

#[test]
fn rates_say_how_many_places_fraud_begins_at() {
    let none = Scenarios { large: f64::INFINITY, terminals: 0.0, customers: 0.0, ..Scenarios::default() };
    assert!(rows(&Handbook { scenarios: none, ..small() }).iter().all(|row| row.scenario() == 0));
    // Fractions add up over days, drift multiplies them.
    let of = Handbook { drift: Drift { day: 30, rates: 3.0, ..Drift::default() }, ..small() };
    let daily = options::daily(&of, 0.3, 60);
    assert_eq!((daily.len(), daily[..30].iter().sum::<usize>(), daily[30..].iter().sum::<usize>()), (39, 9, 8));
    assert_eq!(options::daily(&small(), 3.0, 60), [3; 39]);
}

#[test]
fn thieves_add_rows_of_their_own_and_leave_all_others_alone() {
    let scenarios = Scenarios { testing: 1.0, mules: 0.5, ..Scenarios::default() };
    let of = Handbook { scenarios, ..small() };
    let (before, after) = (rows(&small()), rows(&of));
    let own: Vec<Row> = after.iter().filter(|row| row.scenario() < 4).copied().collect();
    let mut sorted = before.clone();
    sorted.sort_unstable_by_key(Row::order);
    let mut sorted_own = own.clone();
    sorted_own.sort_unstable_by_key(Row::order);
    assert_eq!(sorted, sorted_own);
    // A tested card: small payments within minutes, and then a large one on the same day.
    let people = people::People::new(&of);
    let mut tested: Vec<Row> = after.iter().filter(|row| row.scenario() == 4).copied().collect();
    tested.sort_by_key(|row| (row.place(), row.second));
    let bursts: Vec<&[Row]> = tested.chunk_by(|a, b| a.customer == b.customer && a.day() == b.day()).collect();
    assert_eq!(bursts.len(), 39);
    for burst in bursts {
        let (large, tests) = burst.split_last().unwrap();
        assert!((3..=8).contains(&tests.len()), "{burst:?}");
        assert!(tests.iter().all(|row| (0.5..=3.0).contains(&row.amount)), "{burst:?}");
        assert!(tests.windows(2).all(|two| (19..=121).contains(&(two[1].second - two[0].second))), "{burst:?}");
        let times = large.amount / people.customers[large.customer as usize].mean;
        assert!((3.99..=8.01).contains(&times) && large.second > tests[tests.len() - 1].second + 600, "{burst:?}");
    }
    // A mule terminal: four payments a day for seven days, or until the end.
    let mules: Vec<&Row> = after.iter().filter(|row| row.scenario() == 5).collect();
    let expected = (0..39).zip(options::daily(&of, 0.5, 400)).map(|(day, n)| n * 4 * 7.min(40 - day)).sum::<usize>();
    assert_eq!(mules.len(), expected);
    assert!(mules.iter().all(|row| (80.0..=180.0).contains(&row.amount)));
    // Blocks and files hold the same.
    let source = Rows::new(&of);
    let by_day: Vec<Row> = (0..of.days).flat_map(|day| source.of_days(&(day..day + 1))).collect();
    let mut whole = after;
    whole.sort_unstable_by_key(Row::order);
    assert_eq!(whole, by_day);
}

#[test]
fn noise_changes_a_share_of_the_labels_and_nothing_else() {
    let labels = Labels { unreported: 0.1, misreported: 0.01, ..Labels::default() };
    let all = rows(&Handbook { labels, customers: 600, ..small() });
    let clean = rows(&Handbook { customers: 600, ..small() });
    assert_eq!(all.iter().map(identity).collect::<Vec<_>>(), clean.iter().map(identity).collect::<Vec<_>>());
    let shares = |labels: &Labels| {
        let reports = reports::Reports::new(labels);
        let wrong = |is_fraud: bool| {
            let of: Vec<&Row> = all.iter().filter(|row| (row.scenario() > 0) == is_fraud).collect();
            of.iter().filter(|row| reports.is_fraud(row) != is_fraud).count() as f64 / of.len() as f64
        };
        (wrong(true), wrong(false))
    };
    let (unreported, misreported) = shares(&labels);
    assert!((unreported - 0.1).abs() < 0.03 && (misreported - 0.01).abs() < 0.002, "{unreported} {misreported}");
    assert_eq!(shares(&Labels::default()), (0.0, 0.0));
    let half = shares(&Labels { until: Some(20), ..labels });
    assert!((half.1 - 0.005).abs() < 0.001, "{half:?}");
    let late = all.iter().filter(|row| row.day() >= 20);
    let reports = reports::Reports::new(&Labels { until: Some(20), ..labels });
    assert!(late.into_iter().all(|row| reports.is_fraud(row) == (row.scenario() > 0)));
    // Another seed of the labels, other labels.
    let (one, other) = (reports::Reports::new(&labels), reports::Reports::new(&Labels { seed: 1, ..labels }));
    assert!(all.iter().any(|row| one.is_fraud(row) != other.is_fraud(row)));
}

#[test]
fn labels_are_known_later_by_so_many_days_on_average() {
    let labels = Labels { delay: 3.0, ..Labels::default() };
    let all = rows(&Handbook { customers: 600, ..small() });
    let reports = reports::Reports::new(&labels);
    let days: Vec<f64> =
        all.iter().map(|row| (reports.known(row) - i64::from(row.second)) as f64 / f64::from(SECONDS)).collect();
    let mean = days.iter().sum::<f64>() / days.len() as f64;
    // Of an exponential the median is ln 2 times the mean.
    let below = days.iter().filter(|days| **days < 3.0 * std::f64::consts::LN_2).count() as f64 / days.len() as f64;
    assert!((mean - 3.0).abs() < 0.05 && (below - 0.5).abs() < 0.01, "{mean} {below}");
    assert!(days.iter().all(|days| *days >= 0.0));
}

#[test]
fn files_hold_the_columns_of_the_options_too() {
    let labels = Labels { unreported: 0.3, misreported: 0.01, delay: 2.0, ..Labels::default() };
    let scenarios = Scenarios { testing: 2.0, mules: 1.0, ..Scenarios::default() };
    let of = Handbook { labels, scenarios, ..small() };
    // Read as numbers, to look at them.
    let mut all = of.options();
    all.ignore.retain(|name| name != "TX_FRAUD_TRUE" && name != "TX_FRAUD_SCENARIO" && name != "TX_LABEL_TIME");
    let made = table(&of, &all).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["t.parquet", "t.csv"] {
        let path = folder.path().join(name);
        let (count, frauds) = write(&of, &path).unwrap();
        let read = data::read(&path, &all).unwrap();
        assert_eq!((count, frauds), (made.y.len() as u64, made.positives() as u64));
        assert_eq!((&read.x, &read.y, &read.columns), (&made.x, &made.y, &made.columns), "{name}");
    }
    let [truth, scenario, time, known] =
        ["TX_FRAUD_TRUE", "TX_FRAUD_SCENARIO", "TX_DATETIME", "TX_LABEL_TIME"].map(|name| made.column(name).unwrap());
    assert!(truth.iter().zip(&scenario).all(|(truth, scenario)| (*scenario > 0.0) == (*truth == 1.0)));
    assert!(truth.iter().zip(&made.y).any(|(truth, label)| *truth != f64::from(*label)));
    assert!(known.iter().zip(&time).all(|(known, time)| known >= time));
    assert_eq!(scenario.iter().fold(0.0_f64, |most, value| most.max(*value)), 5.0);
}
