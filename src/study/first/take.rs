//! What a table's columns are taken for, by what they hold and what they are called. Every rule says so in a few words.

use super::guess::{amount, bare, group, no_feature, time};
use crate::data::{Looks, ReadOptions, Survey, Surveyed, called_like_a_label};
use crate::error::{Error, Result, unknown};
use crate::words::{agree, count, counted};

/// What a label is called, most telling first, in small letters without marks.
const LABELS: [&str; 9] = ["class", "label", "fraud", "isfraud", "target", "fraudlabel", "fraudbool", "y", "outcome"];
/// Values of a column that is named in an error.
const CANDIDATES: usize = 8;

/// What the command line says about the columns. `none` for a role means that no column has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The label's column.
    pub label: Option<String>,
    /// Its positive value.
    pub positive: Option<String>,
    /// Whose row it is.
    pub group: Option<String>,
    /// When it became known.
    pub time: Option<String>,
    /// The money at stake.
    pub amount: Option<String>,
    /// Columns that are no features.
    pub ignore: Vec<String>,
    /// How the file is written: separator, decimal mark, thousands, missing values; the rest is not looked at.
    pub spelling: ReadOptions,
}

/// The label's column, and why it is this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Its name.
    pub column: String,
    /// Why, in a few words.
    pub why: String,
}

/// A column with a use, and why it has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Its name.
    pub column: String,
    /// Why, in a few words.
    pub why: String,
}

/// What the columns of a table are taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Rows of the table.
    pub rows: usize,
    /// The label.
    pub label: Labels,
    /// Its positive value.
    pub positive: String,
    /// Rows that have it.
    pub positives: usize,
    /// Why it is this one.
    pub why_positive: String,
    /// Whose row it is.
    pub group: Option<Used>,
    /// When it became known.
    pub time: Option<Used>,
    /// The money at stake.
    pub amount: Option<Used>,
    /// Whether the command line says that there is none.
    pub no_amount: bool,
    /// What is no feature.
    pub ignored: Vec<Used>,
    /// Columns that are features.
    pub features: usize,
    /// Those of them with missing values.
    pub with_blanks: usize,
    /// The levels of those that are categories.
    pub levels: Vec<usize>,
}

/// The label's column: the one that is given, else one with two values by its name, else the last column, else the one whose
/// rarer value is rarest.
///
/// # Errors
/// [`Error::Usage`] where a given name is no column; [`Error::Data`] where no column has two values.
pub fn label(file: &str, survey: &Survey, given: &Given) -> Result<Labels> {
    if let Some(name) = &given.label {
        known(survey, "--label", name)?;
        return Ok(Labels { column: name.clone(), why: "given".into() });
    }
    let is_free = |column: &&Surveyed| !column.nameless && !is_given(given, &column.name);
    let two: Vec<&Surveyed> =
        survey.columns.iter().filter(is_free).filter(|c| c.few.as_ref().is_some_and(|few| few.len() == 2)).collect();
    let place = |column: &Surveyed| LABELS.iter().position(|known| *known == bare(&column.name));
    let by_name = two.iter().filter(|column| place(column).is_some()).min_by_key(|column| place(column));
    let by_name = by_name.or_else(|| two.iter().find(|column| called_like_a_label(&column.name)));
    let beside = match two.len() {
        0 | 1 => String::new(),
        n => format!("; {n} columns have two values"),
    };
    let named = |column: &Surveyed, why: &str| Labels { column: column.name.clone(), why: format!("{why}{beside}") };
    if let Some(column) = by_name {
        return Ok(named(column, "two values, and called like a label"));
    }
    match (&two[..], survey.columns.last()) {
        ([], _) => Err(no_label(file, survey, given)),
        ([one], _) => Ok(named(one, "the only column with two values")),
        (_, Some(last)) if two.contains(&last) => Ok(named(last, "two values, and the last column")),
        _ => {
            let rarer =
                |column: &&&Surveyed| column.few.iter().flatten().map(|(_, rows)| *rows).min().unwrap_or(usize::MAX);
            // There are several.
            let rarest = two.iter().min_by_key(rarer).unwrap_or(&two[0]);
            Ok(named(rarest, "two values, of which one is rarer than in any other such column"))
        }
    }
}

/// That no column can be the label, with those that come nearest.
fn no_label(file: &str, survey: &Survey, given: &Given) -> Error {
    let mut near: Vec<&Surveyed> =
        survey.columns.iter().filter(|c| !c.nameless && !is_given(given, &c.name) && c.few.is_some()).collect();
    near.sort_by_key(|column| (!called_like_a_label(&column.name), column.few.as_ref().map_or(0, Vec::len)));
    let said = |column: &&Surveyed| {
        let values = column.few.as_ref().map_or(0, Vec::len);
        format!("`{}` ({})", column.name, counted(values as u64, "value"))
    };
    let listed: Vec<String> = near.iter().take(CANDIDATES).map(said).collect();
    let near = match listed.is_empty() {
        true => "no column has only a few values".to_owned(),
        false => format!("these have the fewest: {}", listed.join(", ")),
    };
    Error::Data(format!(
        "{file}: no column has exactly two values, so none can be the label; {near}; name the label with `--label COLUMN`"
    ))
}

/// Whether the command line gives the column another use.
fn is_given(given: &Given, name: &str) -> bool {
    let roles = [&given.group, &given.time, &given.amount];
    roles.into_iter().flatten().chain(&given.ignore).any(|column| column == name)
}

/// That `name` is a column.
fn known(survey: &Survey, option: &str, name: &str) -> Result<()> {
    match survey.column(name) {
        Some(_) => Ok(()),
        None => Err(Error::Usage(unknown(&format!("column for {option}"), name, &survey.names()))),
    }
}

/// What all columns are taken for; `values` are the label's with their rows.
///
/// # Errors
/// [`Error::Usage`] where a given name is no column; [`Error::Data`] where the label has other than two values, or nothing is
/// left to learn from.
pub fn take(file: &str, survey: &Survey, label: Labels, values: &[(String, usize)], given: &Given) -> Result<Taken> {
    for name in &given.ignore {
        known(survey, "--ignore", name)?;
    }
    let (positive, positives, why_positive) = positive(file, &label.column, values, given)?;
    let free =
        |column: &Surveyed| column.name != label.column && !column.nameless && !given.ignore.contains(&column.name);
    let role = |option: &str, name: &Option<String>, guess: &dyn Fn() -> Option<Used>| match name {
        Some(name) if name == "none" && survey.column(name).is_none() => Ok(None),
        Some(name) => known(survey, option, name).map(|()| Some(Used { column: name.clone(), why: "given".into() })),
        None => Ok(guess()),
    };
    let time = role("--time", &given.time, &|| time(survey, &free))?;
    let amount = role("--amount", &given.amount, &|| amount(survey, &free))?;
    let taken = |column: &Surveyed, used: &Option<Used>| used.as_ref().is_some_and(|used| used.column == column.name);
    let free_of_those = |column: &Surveyed| free(column) && !taken(column, &time) && !taken(column, &amount);
    let group = role("--group", &given.group, &|| group(survey, &free_of_those))?;
    let when = time.as_ref().and_then(|used| survey.column(&used.column));
    let mut ignored = Vec::new();
    let (mut features, mut with_blanks, mut levels) = (0, 0, Vec::new());
    for column in survey.columns.iter().filter(|column| column.name != label.column) {
        let ignore = |why: String| Used { column: column.name.clone(), why };
        if given.ignore.contains(&column.name) {
            ignored.push(ignore("given".into()));
        } else if taken(column, &time) {
            ignored.push(ignore("the time: later rows have values that no training row has".into()));
        } else if taken(column, &group) {
            // A group is no feature by itself.
        } else if let Some(why) = no_feature(survey.rows, column, when).filter(|_| !taken(column, &amount)) {
            ignored.push(ignore(why));
        } else {
            features += 1;
            with_blanks += usize::from(column.blanks > 0);
            levels.extend((column.looks == Looks::Texts).then_some(column.distinct));
        }
    }
    if features == 0 {
        let why: Vec<String> = ignored.iter().map(|used| format!("`{}`: {}", used.column, used.why)).collect();
        return Err(Error::Data(format!("{file}: no column is left to learn from ({})", why.join("; "))));
    }
    Ok(Taken {
        rows: survey.rows,
        label,
        positive,
        positives,
        why_positive,
        group,
        time,
        no_amount: amount.is_none() && given.amount.is_some(),
        amount,
        ignored,
        features,
        with_blanks,
        levels,
    })
}

/// The positive value, its rows, and why it is this one.
fn positive(file: &str, label: &str, values: &[(String, usize)], given: &Given) -> Result<(String, usize, String)> {
    let [first, second] = values else {
        let listed: Vec<String> = values
            .iter()
            .take(CANDIDATES)
            .map(|(value, rows)| format!("`{value}` in {}", counted(*rows as u64, "row")))
            .collect();
        let more = if values.len() > CANDIDATES { " and more" } else { "" };
        return Err(Error::Data(format!(
            "{file}: a label has two values, and `{label}` has {}: {}{more}; name another column with `--label COLUMN`",
            count(values.len() as u64),
            listed.join(", ")
        )));
    };
    let share = |rows: usize| 100.0 * rows as f64 / (first.1 + second.1) as f64;
    let found = |(value, rows): &(String, usize), why: &str| {
        (value.clone(), *rows, format!("{why}: {} ({:.4}%)", counted(*rows as u64, "row"), share(*rows)))
    };
    if let Some(wanted) = &given.positive {
        return match values.iter().find(|(value, _)| value == wanted || value.eq_ignore_ascii_case(wanted)) {
            Some(value) => Ok(found(value, "given")),
            None => Err(Error::Usage(unknown(
                &format!("value of `{label}` for --positive"),
                wanted,
                &[&first.0, &second.0],
            ))),
        };
    }
    Ok(match first.1.cmp(&second.1) {
        std::cmp::Ordering::Less => found(first, "the rarer value"),
        std::cmp::Ordering::Greater => found(second, "the rarer value"),
        // By value, so that the rows' order decides nothing.
        std::cmp::Ordering::Equal => {
            found(if first.0 > second.0 { first } else { second }, "both are equally frequent")
        }
    })
}

impl Taken {
    /// What each column is taken for and why, a line each: what it is, its name, why.
    pub fn lines(&self) -> Vec<[String; 3]> {
        let line = |what: &str, column: &str, why: &str| [what.to_owned(), column.to_owned(), why.to_owned()];
        let role = |what: &str, used: &Option<Used>| match used {
            Some(used) => line(what, &used.column, &used.why),
            None => line(what, "-", &format!("no column looks like one (`--{what} COLUMN`)")),
        };
        let mut lines = vec![
            line("label", &self.label.column, &self.label.why),
            line("positive", &self.positive, &self.why_positive),
            role("group", &self.group),
            role("time", &self.time),
            role("amount", &self.amount),
        ];
        lines.extend(self.ignored.iter().map(|used| line("ignored", &used.column, &used.why)));
        let blanks = match self.with_blanks {
            0 => String::new(),
            n => format!(", {n} of them with missing values"),
        };
        let categories = match self.levels.len() {
            0 => String::new(),
            n => format!(", {n} of them {}", agree(n, "a category", "categories")),
        };
        lines.push(line("features", &count(self.features as u64), &format!("the other columns{categories}{blanks}")));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column of numbers that are not whole and differ.
    fn column(name: &str) -> Surveyed {
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
            fault: None,
            read_by: None,
        }
    }

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
        let few = Surveyed { few: Some(vec![("0".into(), 1_000)]), distinct: 1, ..column("fraud") };
        let three = Surveyed { few: Some((0..3).map(|i| (i.to_string(), 1)).collect()), distinct: 3, ..column("kind") };
        let said = label("t.csv", &table(vec![three, few]), &Given::default()).unwrap_err().to_string();
        assert_eq!(
            said,
            "t.csv: no column has exactly two values, so none can be the label; these have the fewest: `fraud` (1 value), `kind` (3 \
             values); name the label with `--label COLUMN`"
        );
        let said = positive("t.csv", "kind", &[("a".into(), 3)], &Given::default()).unwrap_err().to_string();
        assert!(said.contains("`kind` has 1: `a` in 3 rows; name another column with `--label COLUMN`"), "{said}");
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
            |values: &[(String, usize)], given: &Given| positive("t.csv", "y", values, given).map(|(value, ..)| value);
        let most = vec![("1".to_owned(), 900), ("0".to_owned(), 100)];
        assert_eq!(of(&most, &Given::default()).unwrap(), "0");
        assert_eq!(of(&[("no".into(), 5), ("yes".into(), 5)], &Given::default()).unwrap(), "yes");
        let given = Given { positive: Some("1".into()), ..Given::default() };
        assert_eq!(of(&most, &given).unwrap(), "1");
        assert!(
            of(&most, &Given { positive: Some("2".into()), ..given }).unwrap_err().to_string().contains("--positive")
        );
    }
}
