//! What a table's columns are taken for, by what they hold and what they are called. Every rule says so in a few words.

use super::guess::{almost_time, amount, bare, group, no_feature, time};
use crate::data::{Looks, ReadOptions, Survey, Surveyed, called_like_a_label, fewer_values};
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
    /// Where no column is the time, and nobody said so: the one that would be, but for some of its rows.
    pub almost_time: Option<Used>,
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
/// rarer value is rarest. One that is called like a label and has other than two values is taken before those that are called
/// otherwise: [`take`] then says what is wrong with it, as nobody knows whether another one is meant.
///
/// # Errors
/// [`Error::Usage`] where a given name is no column; [`Error::Data`] where no column has two values.
pub fn label(file: &str, survey: &Survey, given: &Given) -> Result<Labels> {
    known(file, survey, given)?;
    if let Some(name) = &given.label {
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
    // Parquet files of pandas have their index at the end.
    let last = survey.columns.iter().rfind(|column| !column.index);
    let last = last.filter(|last| two.contains(last));
    let unfit = survey.columns.iter().filter(is_free).filter(|column| is_unfit_label(column));
    let unfit = unfit.filter(|column| last.is_none() || !is_measured(column));
    let mut unfit = unfit.filter(|column| !two.is_empty() && by_name.is_none_or(|fit| is_meant_rather(column, fit)));
    if let Some(column) = unfit.next() {
        return Ok(Labels { column: column.name.clone(), why: "called like a label".into() });
    }
    if let Some(column) = by_name {
        return Ok(named(column, "two values, and called like a label"));
    }
    match (&two[..], last) {
        ([], _) => Err(no_label(file, survey, given)),
        ([one], _) => Ok(named(one, "the only column with two values")),
        (_, Some(last)) => Ok(named(last, "two values, and the last column")),
        _ => {
            let rarer =
                |column: &&&Surveyed| column.few.iter().flatten().map(|(_, rows)| *rows).min().unwrap_or(usize::MAX);
            // There are several.
            let rarest = two.iter().min_by_key(rarer).unwrap_or(&two[0]);
            Ok(named(rarest, "two values, of which one is rarer than in any other such column"))
        }
    }
}

/// Whether a column is called like a label and has other than two values. With `fraud` in it, it is one only by a label's whole name:
/// `fraud_id`, `fraud_type` and `fraud_notes` are none. A name of one letter is a coordinate's as well.
fn is_unfit_label(column: &Surveyed) -> bool {
    let name = bare(&column.name);
    let is_named = LABELS.contains(&name.as_str()) || called_like_a_label(&column.name) && !name.contains("fraud");
    is_named && name.chars().nth(1).is_some() && column.few.as_ref().is_none_or(|few| few.len() != 2)
}

/// Whether a column that is called like a label may be a number that is measured or aimed at.
fn is_measured(column: &Surveyed) -> bool {
    let name = bare(&column.name);
    ["target", "outcome"].contains(&name.as_str()) && column.few.is_none() && column.looks == Looks::Numbers
}

/// Whether a column that is no label by its values is one by its name rather than `fit`, which has two values: one that says fraud
/// and nothing else, of a few values, beside a column that does not say it.
fn is_meant_rather(column: &Surveyed, fit: &Surveyed) -> bool {
    let name = bare(&column.name);
    let says_fraud = name.contains("fraud") && LABELS.contains(&name.as_str());
    says_fraud && column.few.as_ref().is_some_and(|few| few.len() > 2) && !bare(&fit.name).contains("fraud")
}

/// That no column can be the label, with those that come nearest.
fn no_label(file: &str, survey: &Survey, given: &Given) -> Error {
    let mut near: Vec<&Surveyed> =
        survey.columns.iter().filter(|c| !c.nameless && !is_given(given, &c.name) && c.few.is_some()).collect();
    near.sort_by_key(|column| (!called_like_a_label(&column.name), column.few.as_ref().map_or(0, Vec::len)));
    let said = |column: &&Surveyed| {
        let values = column.few.as_ref().map_or(0, Vec::len);
        let blanks = match column.blanks {
            0 => String::new(),
            n => format!(", {} without one", counted(n as u64, "row")),
        };
        format!("`{}` ({}{blanks})", column.name, counted(values as u64, "value"))
    };
    let listed: Vec<String> = near.iter().take(CANDIDATES).map(said).collect();
    let is_two = |column: &&Surveyed| column.few.as_ref().is_some_and(|few| few.len() == 2) && !column.nameless;
    let otherwise: Vec<String> = survey
        .columns
        .iter()
        .filter(is_two)
        .filter_map(|column| {
            Some(format!("`{}` has two values and is given as {}", column.name, given_as(given, &column.name)?))
        })
        .collect();
    if !otherwise.is_empty() {
        return Error::Data(format!(
            "{file}: no other column has exactly two values, so none can be the label: {}; take one of these options out",
            otherwise.join(", ")
        ));
    }
    let near = match listed.is_empty() {
        true => "no column has only a few values".to_owned(),
        false => format!("these have the fewest: {}", listed.join(", ")),
    };
    Error::Data(format!(
        "{file}: no column has exactly two values, so none can be the label; {near}; give the label one of two values in every row of \
         the file (leave out the rows that have others, and write what those without one mean, such as 0), and name it with `--label COLUMN`"
    ))
}

/// The option by which the command line gives the column another use; none where it does not.
fn given_as(given: &Given, name: &str) -> Option<&'static str> {
    let roles = [("`--group`", &given.group), ("`--time`", &given.time), ("`--amount`", &given.amount)];
    let roles = roles.into_iter().filter_map(|(option, column)| Some((option, column.as_ref()?)));
    let all = roles.chain(given.ignore.iter().map(|column| ("`--ignore`", column)));
    all.into_iter().find(|(_, column)| *column == name).map(|(option, _)| option)
}

/// Whether the command line gives the column another use.
fn is_given(given: &Given, name: &str) -> bool {
    given_as(given, name).is_some()
}

/// That everything which is given is a column.
fn known(file: &str, survey: &Survey, given: &Given) -> Result<()> {
    // A role may be said to be nobody's.
    let roles = [("--group", &given.group), ("--time", &given.time), ("--amount", &given.amount)];
    let roles =
        roles.into_iter().filter(|(_, name)| name.as_deref() != Some("none")).chain([("--label", &given.label)]);
    let roles = roles.filter_map(|(option, name)| Some((option, name.as_ref()?)));
    let given = roles.chain(given.ignore.iter().map(|name| ("--ignore", name)));
    let missing = given.filter(|(_, name)| survey.column(name).is_none());
    let said: Vec<String> =
        missing.map(|(option, name)| unknown(&format!("column for {option}"), name, &survey.names())).collect();
    if said.is_empty() { Ok(()) } else { Err(Error::Usage(format!("{file}: {}", said.join("; ")))) }
}

/// What all columns are taken for; `values` are the label's with their rows.
///
/// # Errors
/// [`Error::Usage`] where a given name is no column; [`Error::Data`] where the label has other than two values, or nothing is
/// left to learn from.
pub fn take(file: &str, survey: &Survey, label: Labels, values: &[(String, usize)], given: &Given) -> Result<Taken> {
    known(file, survey, given)?;
    let blanks = survey.column(&label.column).map_or(0, |column| column.blanks);
    let (positive, positives, why_positive) = positive(file, (&label.column, blanks), values, given)?;
    let free =
        |column: &Surveyed| column.name != label.column && !column.nameless && !given.ignore.contains(&column.name);
    let role = |name: &Option<String>, guess: &dyn Fn() -> Option<Used>| match name {
        Some(name) if name == "none" && survey.column(name).is_none() => None,
        Some(name) => Some(Used { column: name.clone(), why: "given".into() }),
        None => guess(),
    };
    let time = role(&given.time, &|| time(survey, &free));
    let almost_time = if time.is_none() && given.time.is_none() { almost_time(survey, &free) } else { None };
    let amount = role(&given.amount, &|| amount(survey, &free));
    let taken = |column: &Surveyed, used: &Option<Used>| used.as_ref().is_some_and(|used| used.column == column.name);
    let free_of_those = |column: &Surveyed| free(column) && !taken(column, &time) && !taken(column, &amount);
    let group = role(&given.group, &|| group(survey, &free_of_those));
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
        almost_time,
        no_amount: amount.is_none() && given.amount.is_some(),
        amount,
        ignored,
        features,
        with_blanks,
        levels,
    })
}

/// That a label has other than two values, and what can be done about it.
fn not_two(file: &str, (label, blanks): (&str, usize), values: &[(String, usize)]) -> Error {
    let said = |(value, rows): &(String, usize)| format!("`{value}` in {}", counted(*rows as u64, "row"));
    let listed: Vec<String> = values.iter().take(CANDIDATES).map(said).collect();
    let more = if values.len() > CANDIDATES { " and more" } else { "" };
    let found = match values.len() {
        0 => "none".to_owned(),
        n => format!("{}: {}{more}", count(n as u64), listed.join(", ")),
    };
    let remedy = match values {
        [(value, _)] if blanks > 0 => format!(
            ", and {} {} no value; write the other value there, such as {}, or",
            counted(blanks as u64, "row"),
            agree(blanks, "has", "have"),
            if value == "0" { "1" } else { "0" }
        ),
        [] | [_] => ";".to_owned(),
        _ => {
            let texts: Vec<&str> = values.iter().take(CANDIDATES).map(|(value, _)| value.as_str()).collect();
            format!("; {}, or", fewer_values(&texts, values.len() <= CANDIDATES))
        }
    };
    Error::Data(format!(
        "{file}: a label has two values, and `{label}` has {found}{remedy} name another column with `--label COLUMN`"
    ))
}

/// The positive value, its rows, and why it is this one.
fn positive(
    file: &str,
    (label, blanks): (&str, usize),
    values: &[(String, usize)],
    given: &Given,
) -> Result<(String, usize, String)> {
    let [first, second] = values else { return Err(not_two(file, (label, blanks), values)) };
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
    /// That the splits do not go by time, where they would but for some rows; a sentence.
    pub fn note(&self) -> Option<String> {
        let Used { column, why } = self.almost_time.as_ref()?;
        Some(format!(
            "`{column}` would be the time, but {why}, so that no split goes by time: mend the file, or give `--time none`"
        ))
    }

    /// What each column is taken for and why, a line each: what it is, its name, why.
    pub fn lines(&self) -> Vec<[String; 3]> {
        let line = |what: &str, column: &str, why: &str| [what.to_owned(), column.to_owned(), why.to_owned()];
        let role = |what: &str, used: &Option<Used>| match (used, self.almost_time.as_ref().filter(|_| what == "time"))
        {
            (Some(used), _) => line(what, &used.column, &used.why),
            (None, Some(Used { column, why })) => line(what, "-", &format!("`{column}` would be one, but {why}")),
            (None, None) => line(what, "-", &format!("no column looks like one (`--{what} COLUMN`)")),
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
mod tests;
