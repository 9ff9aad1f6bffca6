//! A first study from the columns of a table to the file.

use std::path::Path;

use super::*;
use crate::component::Registry;
use crate::data::{Looks, ReadOptions, Survey, Surveyed, label_values, survey};
use crate::study::{DataSource, Study};

/// A column of numbers that are not whole and differ.
pub(super) fn column(name: &str) -> Surveyed {
    Surveyed {
        name: name.to_owned(),
        looks: Looks::Numbers,
        blanks: 0,
        few: None,
        distinct: 0,
        whole: false,
        rises: false,
        never_before: Vec::new(),
        nameless: false,
        index: false,
        almost: None,
        fault: None,
        read_by: None,
    }
}

/// Sixty rows, of which every sixth is a fraud.
fn table(when: &dyn Fn(usize) -> String) -> String {
    let row = |i: usize| format!("{},{}.5,c{},{}\n", when(i), i * 7 % 60, i % 20, u8::from(i % 6 == 4));
    format!("when,amount,customer,fraud\n{}", (0..60).map(row).collect::<String>())
}

/// What is taken of a table, once `change` has changed what was found.
fn taken(text: &str, given: &Given, change: impl FnOnce(&mut Survey)) -> Taken {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, text).unwrap();
    let options = ReadOptions::default();
    let mut found = survey(&path, &options).unwrap();
    change(&mut found);
    let label = label("t.csv", &found, given).unwrap();
    let values = label_values(&path, &found, &label.column, &options).unwrap();
    take("t.csv", &found, label, &values, given).unwrap()
}

fn study(taken: &Taken, path: &str) -> (String, Study) {
    let (spelling, protocol) = (ReadOptions::default(), protocols(taken)[0].clone());
    let text = text(&Draft { name: "t", path, taken, spelling: &spelling, protocol: &protocol, sample: None });
    let study = Study::parse(&text, "t.toml", Path::new(""), &Registry::built_in());
    let study = study.unwrap_or_else(|e| panic!("{e}: {text}"));
    (text, study)
}

fn day(i: usize) -> String {
    format!("2024-{:02}-{:02}", 1 + i / 28, 1 + i % 28)
}

#[test]
fn what_stands_in_the_table_ends_no_comment_of_the_study() {
    let mut taken = taken(&table(&day), &Given::default(), |_| ());
    let why = "texts such as `a\n\"kind\",#\u{1b}\u{b}\u{7f}\0\r` are in it";
    let name = "c\nd\u{1b}\u{7f}";
    for used in [&mut taken.group, &mut taken.time, &mut taken.amount].into_iter().flatten() {
        why.clone_into(&mut used.why);
    }
    why.clone_into(&mut taken.label.why);
    why.clone_into(&mut taken.why_positive);
    taken.ignored[0].why = why.into();
    taken.ignored[0].column = name.into();
    let (text, study) = study(&taken, "esc\u{1b}na\nme.csv");
    assert_eq!(study.data[0].options.ignore, [name]);
    assert_eq!(study.data[0].source, DataSource::Files(vec!["esc\u{1b}na\nme.csv".into()]));
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    assert!(text.contains("# texts such as `a\u{fffd}\"kind\",#"), "{text}");
}

#[test]
fn an_index_may_be_anything_but_a_feature() {
    let with = |index: &[&str], given: &Given| {
        taken(&table(&day), given, |found| {
            found.columns.iter_mut().for_each(|column| column.index = index.contains(&column.name.as_str()));
        })
    };
    let given = Given::default();
    for index in [&[][..], &["when"], &["customer"], &["amount"], &["fraud"]] {
        let taken = with(index, &given);
        let name = |used: &Option<_>| used.as_ref().map(|used: &super::take::Used| used.column.clone());
        let roles = [&taken.time, &taken.group, &taken.amount].map(name);
        assert_eq!(roles, ["when", "customer", "amount"].map(|role| Some(role.to_owned())), "{index:?}");
        assert_eq!((taken.label.column.as_str(), taken.features), ("fraud", 1), "{index:?}");
    }
    assert_eq!(with(&["customer"], &given).group.unwrap().why, "called like an owner of rows, 20 different values");
    // Sixty rows of twenty customers would be a category of three rows each, which is none; the amount is the one feature.
    let none = Given { group: Some("none".into()), time: Some("none".into()), ..given };
    let taken = with(&["when", "customer"], &none);
    let ignored: Vec<(&str, &str)> =
        taken.ignored.iter().map(|used| (used.column.as_str(), used.why.as_str())).collect();
    let why = "is the index of a pandas table";
    assert_eq!((ignored, taken.features), (vec![("when", why), ("customer", why)], 1));
}

#[test]
fn an_index_is_not_the_last_column_of_the_table() {
    let row = |i: usize| format!("{}.5,{},{}\n", i * 7 % 60, u8::from(i % 6 == 4), u8::from(i % 5 == 4));
    let text = format!("amount,p,q\n{}", (0..60).map(row).collect::<String>());
    let of = |index: bool| taken(&text, &Given::default(), |found| found.columns[2].index = index).label.column;
    assert_eq!([of(false), of(true)], ["q", "p"]);
}

#[test]
fn a_time_that_a_few_rows_spoil_is_told_and_no_split_goes_by_time() {
    let line = |taken: &Taken| taken.lines().into_iter().find(|[what, ..]| what == "time").unwrap()[2].clone();
    let spoilt = table(&|i| if i == 5 { "2024-02-30".into() } else { day(i) });
    let found = taken(&spoilt, &Given::default(), |_| ());
    let why = "not every row holds an ISO date or time (line 7: `2024-02-30`)";
    assert_eq!(line(&found), format!("`when` would be one, but {why}"));
    assert_eq!(
        found.note().unwrap(),
        format!(
            "`when` would be the time, but {why}, so that no split goes by time: mend the file, or give `--time none`"
        )
    );
    let (text, study) = study(&found, "t.csv");
    let key = format!("\n# time = \"when\"{:16}# when the row became known, but {why}\n", "");
    assert!(text.contains(&key), "{text}");
    assert_eq!(study.data[0].options.time, None);
    let none = Given { time: Some("none".into()), ..Given::default() };
    let found = taken(&spoilt, &none, |_| ());
    assert_eq!((found.note(), line(&found).as_str()), (None, "no column looks like one (`--time COLUMN`)"));
    // Numbers that are called a time, and dates of a person.
    let numbers = table(&|i| if i % 20 == 5 { String::new() } else { (900 + i).to_string() });
    let found = taken(&numbers.replacen("when", "step", 1), &Given::default(), |_| ());
    assert_eq!(line(&found), "`step` would be one, but not every row holds a number (3 rows have no value)");
    let found = taken(&spoilt.replacen("when", "birthday", 1), &Given::default(), |_| ());
    assert_eq!(found.note(), None);
    // Another column is the time.
    let both = spoilt.lines().enumerate().map(|(i, row)| match i {
        0 => format!("booked,{row}\n"),
        i => format!("{},{row}\n", day(i - 1)),
    });
    let found = taken(&both.collect::<String>(), &Given::default(), |_| ());
    assert_eq!((found.time.as_ref().unwrap().column.as_str(), found.note()), ("booked", None));
}

#[test]
fn all_unknown_names_are_told_at_once_with_the_file() {
    let given = Given {
        group: Some("nothere".into()),
        time: Some("nada".into()),
        amount: Some("none".into()),
        ignore: vec!["zzz".into(), "when".into(), "nix".into()],
        ..Given::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, table(&day)).unwrap();
    let found = survey(&path, &ReadOptions::default()).unwrap();
    let said = label("t.csv", &found, &given).unwrap_err().to_string();
    let allowed = "Allowed: when, amount, customer, fraud";
    let told = [("group", "nothere"), ("time", "nada"), ("ignore", "zzz"), ("ignore", "nix")]
        .map(|(option, name)| format!("unknown column for --{option} `{name}`. {allowed}"));
    assert_eq!(said, format!("t.csv: {}", told.join("; ")));
}
