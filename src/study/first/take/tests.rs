use super::*;
use crate::study::first::tests::column;

fn two(name: &str, positives: usize) -> Surveyed {
    let few = vec![("0".to_owned(), 1_000 - positives), ("1".to_owned(), positives)];
    Surveyed { few: Some(few), distinct: 2, whole: true, ..column(name) }
}

fn table(columns: Vec<Surveyed>) -> Survey {
    Survey { name: "t".into(), rows: 1_000, columns }
}

fn values(positives: usize) -> Vec<(String, usize)> {
    vec![("0".to_owned(), 1_000 - positives), ("1".to_owned(), positives)]
}

#[test]
fn the_label_is_found_by_name_then_place_then_rarity() {
    let of = |columns: Vec<Surveyed>| label("t.csv", &table(columns), &Given::default()).unwrap();
    assert_eq!(of(vec![two("flag", 3), two("is_fraud", 30), column("a")]).column, "is_fraud");
    assert_eq!(of(vec![two("TX_FRAUD", 3), two("Class", 30), column("a")]).column, "Class");
    assert_eq!(of(vec![two("x", 3), column("a"), two("TX_FRAUD", 30)]).column, "TX_FRAUD");
    assert_eq!(of(vec![two("x", 3), two("z", 30)]).column, "z");
    assert_eq!(of(vec![two("x", 300), two("w", 3), column("a")]).column, "w");
    let one = of(vec![column("a"), two("x", 300), column("b")]);
    assert_eq!((one.column.as_str(), one.why.as_str()), ("x", "the only column with two values"));
    let given = Given { label: Some("x".into()), ..Given::default() };
    assert_eq!(label("t.csv", &table(vec![two("x", 3), two("fraud", 4)]), &given).unwrap().column, "x");
}

#[test]
fn no_label_names_what_comes_nearest() {
    let few = Surveyed { few: Some(vec![("0".into(), 1_000)]), distinct: 1, blanks: 1_200, ..column("fraud") };
    let three = Surveyed { few: Some((0..3).map(|i| (i.to_string(), 1)).collect()), distinct: 3, ..column("kind") };
    let said = label("t.csv", &table(vec![three, few]), &Given::default()).unwrap_err().to_string();
    assert_eq!(
        said,
        "t.csv: no column has exactly two values, so none can be the label; these have the fewest: `fraud` (1 value, 1,200 rows \
         without one), `kind` (3 values); give the label one of two values in every row of the file (leave out the rows that have \
         others, and write what those without one mean, such as 0), and name it with `--label COLUMN`"
    );
    let said = |blanks: usize, values: &[(&str, usize)]| {
        let values: Vec<(String, usize)> = values.iter().map(|(value, rows)| ((*value).to_owned(), *rows)).collect();
        positive("t.csv", ("kind", blanks), &values, &Given::default()).unwrap_err().to_string()
    };
    let one = said(0, &[("a", 3)]);
    assert!(one.contains("`kind` has 1: `a` in 3 rows; name another column with `--label COLUMN`"), "{one}");
    // What could be done about this very column is told first.
    let blank = said(1_422, &[("1", 78)]);
    let wanted = "`kind` has 1: `1` in 78 rows, and 1,422 rows have no value; write the other value there, such as 0, or name another \
                  column with `--label COLUMN`";
    assert!(blank.contains(wanted), "{blank}");
    let zero = said(1, &[("0", 78)]);
    assert_eq!(
        zero,
        "t.csv: a label has two values, and `kind` has 1: `0` in 78 rows, and 1 row has no value; write the other value there, such as \
         1, or name another column with `--label COLUMN`"
    );
    let none = "t.csv: a label has two values, and `kind` has none; name another column with `--label COLUMN`";
    assert_eq!([said(0, &[]), said(5, &[])], [none; 2]);
    let three = said(0, &[("0", 5), ("1", 2), ("x", 1)]);
    let wanted = "`x` in 1 row; write one value for each class, or leave the rows of all but two out of the file, or name another column with \
         `--label COLUMN`";
    assert!(three.contains(wanted), "{three}");
}

#[test]
fn a_column_called_like_a_label_is_not_passed_over_for_one_that_is_not() {
    let of = |columns: Vec<Surveyed>, given: &Given| label("t.csv", &table(columns), given).unwrap().column;
    let none = &Given::default();
    let few = |name: &str, values: usize| {
        let few = (0..values).map(|i| (format!("v{i}"), 300)).collect();
        Surveyed { looks: Looks::Texts, few: Some(few), distinct: values, ..column(name) }
    };
    let many = |name: &str| Surveyed { distinct: 900, whole: true, ..column(name) };
    // Three values, one value, and more than are counted.
    for unfit in [few("is_fraud", 3), few("fraud", 1), few("default", 12), few("Class", 1), many("class")] {
        let name = unfit.name.clone();
        assert_eq!(of(vec![unfit.clone(), two("card_present", 3), two("web", 4)], none), name);
        // Who names another one, or says that this one is none, knows better.
        let given = Given { label: Some("web".into()), ..Given::default() };
        assert_eq!(of(vec![unfit.clone(), two("web", 4)], &given), "web", "{name}");
        let given = Given { ignore: vec![name.clone()], ..Given::default() };
        assert_eq!(of(vec![unfit, two("web", 4)], &given), "web", "{name}");
    }
    // A label that is clear stays it, and so does a column beside ids and scores.
    for other in [few("TX_FRAUD_SCENARIO", 3), few("fraud", 1), few("class", 5), many("fraud_id"), many("y")] {
        assert_eq!(of(vec![other, two("is_fraud", 4), two("web", 3)], none), "is_fraud");
    }
    assert_eq!(of(vec![few("fraud", 1), few("fraud_type", 4), two("target", 4)], none), "target");
    assert_eq!(of(vec![few("is_fraud", 3), two("class", 4)], none), "is_fraud");
    assert_eq!(of(vec![many("fraud_score"), two("web", 3)], none), "web");
    // Neither what says more than fraud, nor a coordinate or an aim, is meant before the last column.
    let empty = Surveyed { looks: Looks::Texts, few: Some(Vec::new()), ..column("fraud_notes") };
    let others = [few("fraud_type", 4), empty, few("y", 1), few("y", 3), many("y"), many("target"), many("outcome")];
    for other in others {
        let name = other.name.clone();
        assert_eq!(of(vec![other, two("web", 3), two("chargeback", 4)], none), "chargeback", "{name}");
    }
    // Where the last one has other values nobody knows.
    assert_eq!(of(vec![many("target"), two("web", 3), column("a")], none), "target");
    assert_eq!(of(vec![many("y"), two("web", 3), column("a")], none), "web");
    // What is wrong with it is told as where it is named.
    let values = [("genuine", 900), ("fraud", 60), ("pending", 40)].map(|(value, rows)| (value.to_owned(), rows));
    let survey = table(vec![few("is_fraud", 3), two("web", 3)]);
    let found = label("t.csv", &survey, none).unwrap();
    assert_eq!(
        take("t.csv", &survey, found, &values, none).unwrap_err().to_string(),
        "t.csv: a label has two values, and `is_fraud` has 3: `genuine` in 900 rows, `fraud` in 60 rows, `pending` in 40 rows; write one \
         value for each class, or leave the rows of all but two out of the file, or name another column with `--label COLUMN`"
    );
}

#[test]
fn a_label_that_is_given_away_is_told_with_the_option() {
    let survey = table(vec![column("a"), two("fraud", 8), two("fast", 300)]);
    let given = Given { group: Some("fraud".into()), ignore: vec!["a".into(), "fast".into()], ..Given::default() };
    let said = label("t.csv", &survey, &given).unwrap_err().to_string();
    assert_eq!(
        said,
        "t.csv: no other column has exactly two values, so none can be the label: `fraud` has two values and is given as `--group`, \
         `fast` has two values and is given as `--ignore`; take one of these options out"
    );
}

#[test]
fn roles_and_what_is_ignored() {
    let id = |name: &str, distinct: usize| Surveyed { whole: true, distinct, ..column(name) };
    let columns = vec![
        Surveyed { rises: true, ..id("TRANSACTION_ID", 1_000) },
        Surveyed { looks: Looks::Times, rises: true, ..column("TX_DATETIME") },
        id("CUSTOMER_ID", 50),
        id("TERMINAL_ID", 80),
        column("TX_AMOUNT"),
        Surveyed { rises: true, ..id("TX_TIME_SECONDS", 990) },
        two("TX_FRAUD", 8),
        Surveyed {
            few: Some(vec![("0".into(), 992), ("1".into(), 4), ("2".into(), 4)]),
            distinct: 3,
            ..column("TX_FRAUD_SCENARIO")
        },
        Surveyed { few: Some(vec![("5".into(), 1_000)]), distinct: 1, ..column("same") },
        Surveyed { looks: Looks::Texts, distinct: 40, blanks: 3, ..column("city") },
        Surveyed { looks: Looks::Texts, distinct: 400, ..column("street") },
        column("score of risk"),
    ];
    let survey = table(columns);
    let found = label("t.csv", &survey, &Given::default()).unwrap();
    let taken = take("t.csv", &survey, found.clone(), &values(8), &Given::default()).unwrap();
    let name = |used: &Option<Used>| used.as_ref().map(|used| used.column.clone());
    assert_eq!((found.column.as_str(), taken.positive.as_str(), taken.positives), ("TX_FRAUD", "1", 8));
    assert_eq!(name(&taken.group).as_deref(), Some("CUSTOMER_ID"));
    assert_eq!(name(&taken.time).as_deref(), Some("TX_DATETIME"));
    assert_eq!(name(&taken.amount).as_deref(), Some("TX_AMOUNT"));
    let ignored: Vec<&str> = taken.ignored.iter().map(|used| used.column.as_str()).collect();
    let wanted =
        ["TRANSACTION_ID", "TX_DATETIME", "TERMINAL_ID", "TX_TIME_SECONDS", "TX_FRAUD_SCENARIO", "same", "street"];
    assert_eq!(ignored, wanted);
    assert_eq!((taken.features, taken.with_blanks, &taken.levels[..]), (3, 1, &[40][..]));
    let given = Given {
        group: Some("none".into()),
        time: Some("none".into()),
        ignore: vec!["city".into()],
        ..Given::default()
    };
    let taken = take("t.csv", &survey, found.clone(), &values(8), &given).unwrap();
    assert_eq!((taken.group, taken.time, taken.levels.len()), (None, None, 0));
    let wrong = Given { amount: Some("TX_AMUNT".into()), ..Given::default() };
    let said = take("t.csv", &survey, found, &values(8), &wrong).unwrap_err().to_string();
    assert!(said.contains("unknown column for --amount `TX_AMUNT`; did you mean `TX_AMOUNT`?"), "{said}");
}

#[test]
fn a_moment_after_the_rows_own_is_no_feature() {
    let after =
        |name: &str, of: &str| Surveyed { looks: Looks::Times, never_before: vec![of.to_owned()], ..column(name) };
    let columns = vec![
        Surveyed { looks: Looks::Times, ..column("booked at") },
        after("settled", "booked at"),
        after("card expires", "booked at"),
        after("birthday", "card expires"),
        after("last seen", "birthday"),
        two("fraud", 8),
    ];
    let survey = table(columns);
    let found = label("t.csv", &survey, &Given::default()).unwrap();
    let taken = take("t.csv", &survey, found.clone(), &values(8), &Given::default()).unwrap();
    let ignored: Vec<(&str, &str)> =
        taken.ignored.iter().map(|used| (used.column.as_str(), used.why.as_str())).collect();
    // When a card expires is known from the beginning.
    assert_eq!(
        ignored,
        [
            ("booked at", "the time: later rows have values that no training row has"),
            ("settled", "in no row before `booked at`: it may not be known yet when a row is scored"),
        ]
    );
    assert_eq!(taken.features, 3);
    // Without a time nothing is after it.
    let timeless = Given { time: Some("none".into()), ..Given::default() };
    assert_eq!(take("t.csv", &survey, found, &values(8), &timeless).unwrap().features, 5);
}

#[test]
fn why_a_column_cannot_be_read_goes_before_what_was_found_in_it() {
    let fault = "values of a type that is not read are in `clock` (a time of the day)".to_owned();
    let unread = Surveyed { fault: Some(fault.clone()), ..column("clock") };
    let constant = Surveyed { few: Some(vec![("0".into(), 1_000)]), distinct: 1, ..unread.clone() };
    let blank = Surveyed { blanks: 1_000, ..unread };
    let survey = table(vec![constant, Surveyed { name: "card".into(), ..blank }, column("a"), two("fraud", 8)]);
    let found = label("t.csv", &survey, &Given::default()).unwrap();
    let taken = take("t.csv", &survey, found, &values(8), &Given::default()).unwrap();
    let ignored: Vec<(&str, &str)> =
        taken.ignored.iter().map(|used| (used.column.as_str(), used.why.as_str())).collect();
    assert_eq!(ignored, [("clock", fault.as_str()), ("card", fault.as_str())]);
}

#[test]
fn the_rarer_value_is_positive_unless_another_is_given() {
    let of =
        |values: &[(String, usize)], given: &Given| positive("t.csv", ("y", 0), values, given).map(|(value, ..)| value);
    let most = vec![("1".to_owned(), 900), ("0".to_owned(), 100)];
    assert_eq!(of(&most, &Given::default()).unwrap(), "0");
    assert_eq!(of(&[("no".into(), 5), ("yes".into(), 5)], &Given::default()).unwrap(), "yes");
    let given = Given { positive: Some("1".into()), ..Given::default() };
    assert_eq!(of(&most, &given).unwrap(), "1");
    assert!(of(&most, &Given { positive: Some("2".into()), ..given }).unwrap_err().to_string().contains("--positive"));
}
