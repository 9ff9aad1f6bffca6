//! What a column is by what it holds and what it is called, where the command line says nothing: time, money, owner, or no feature.

use super::take::Used;
use crate::data::{Looks, Survey, Surveyed, called_like_a_label};
use crate::words::counted;

/// What names somebody whose rows belong together, most telling first.
const OWNERS: [&str; 8] = ["card", "ccnum", "customer", "account", "client", "user", "nameorig", "payer"];
/// How a name ends that says which one it is.
const WHICH: [&str; 8] = ["id", "num", "number", "no", "nr", "key", "hash", "code"];
/// Columns of texts with fewer rows per different value are names and no categories.
const ROWS_PER_LEVEL: usize = 10;
/// Fewer rows may differ in any column of whole numbers.
const FEWEST: usize = 30;

/// A name in small letters without marks.
pub(super) fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// Whether a date is called like one of a person, a card or an account, which is known whenever it is.
fn is_about_somebody(column: &Surveyed) -> bool {
    let words = ["birth", "dob", "expir", "open", "until", "joined", "since", "issue"];
    words.iter().any(|word| bare(&column.name).contains(word))
}

/// The time: dates and times first, then numbers that are called a time.
pub(super) fn time(survey: &Survey, free: &dyn Fn(&Surveyed) -> bool) -> Option<Used> {
    let (column, looks) = like_a_time(survey, &|column| (free(column) && column.blanks == 0).then_some(column.looks))?;
    let why = if looks == Looks::Times { "dates or times in every row" } else { "numbers, and called like a time" };
    Some(Used { column: column.name.clone(), why: why.into() })
}

/// The column that would be the time if all of its rows were like most of them, and which are not.
pub(super) fn almost_time(survey: &Survey, free: &dyn Fn(&Surveyed) -> bool) -> Option<Used> {
    let almost = |column: &Surveyed| column.almost.as_ref().filter(|_| free(column)).map(|almost| almost.looks);
    let (column, looks) = like_a_time(survey, &almost)?;
    let wanted = if looks == Looks::Times { "an ISO date or time" } else { "a number" };
    let lacks = column.almost.as_ref().map_or("", |almost| &almost.lacks);
    Some(Used { column: column.name.clone(), why: format!("not every row holds {wanted} ({lacks})") })
}

/// The first column that may be the time by what it looks like and is called. `looks` says the first; none where it may not be.
fn like_a_time<'s>(survey: &'s Survey, looks: &dyn Fn(&Surveyed) -> Option<Looks>) -> Option<(&'s Surveyed, Looks)> {
    let of = |wanted: Looks| {
        let columns = survey.columns.iter().filter(|column| column.few.is_none());
        columns.filter(move |column| looks(column) == Some(wanted))
    };
    let ends = |column: &Surveyed, words: &[&str]| words.iter().any(|word| bare(&column.name).ends_with(word));
    let dates: Vec<&Surveyed> = of(Looks::Times).filter(|column| !is_about_somebody(column)).collect();
    let called = dates.iter().find(|column| ends(column, &["time", "timestamp", "date", "datetime", "ts"]));
    if let Some(column) = called.or(dates.first()) {
        return Some((column, Looks::Times));
    }
    let is_time = |column: &&Surveyed| {
        let exact = ["time", "timestamp", "date", "datetime", "step", "unixtime", "ts"];
        exact.contains(&bare(&column.name).as_str()) || ends(column, &["timestamp", "unixtime", "timeseconds"])
    };
    of(Looks::Numbers).find(is_time).map(|column| (column, Looks::Numbers))
}

/// The money: numbers that are called an amount.
pub(super) fn amount(survey: &Survey, free: &dyn Fn(&Surveyed) -> bool) -> Option<Used> {
    let is = |column: &&Surveyed| {
        let name = bare(&column.name);
        free(column)
            && column.looks == Looks::Numbers
            && column.few.is_none()
            && column.fault.is_none()
            && (name.contains("amount") || name == "amt" || name.ends_with("amt"))
    };
    let found = survey.columns.iter().find(is)?;
    Some(Used { column: found.name.clone(), why: "numbers, and called like an amount".into() })
}

/// Whose row it is: names of somebody that stand in several rows each.
pub(super) fn group(survey: &Survey, free: &dyn Fn(&Surveyed) -> bool) -> Option<Used> {
    let is = |owner: &&str, column: &&Surveyed| {
        let name = bare(&column.name);
        let called = name == **owner
            || name == format!("{owner}s")
            || (name.contains(*owner) && WHICH.iter().any(|end| name.ends_with(end)));
        let names = column.looks == Looks::Texts || column.whole;
        called
            && names
            && free(column)
            && column.blanks == 0
            && column.few.is_none()
            && 10 * column.distinct < 9 * survey.rows
    };
    let found = OWNERS.iter().find_map(|owner| survey.columns.iter().find(|column| is(owner, column)))?;
    let why = format!("called like an owner of rows, {}", counted(found.distinct as u64, "different value"));
    Some(Used { column: found.name.clone(), why })
}

/// What makes numbers of a column's texts, where something does. It stands in the study, too, where no command is typed.
fn or_read_by(column: &Surveyed) -> String {
    column
        .read_by
        .as_ref()
        .map_or_else(String::new, |options| format!("; `init` and `try` take numbers from it with `{options}`"))
}

/// Why a column is no feature beside the time of the rows; none where it is one.
pub(super) fn no_feature(rows: usize, column: &Surveyed, time: Option<&Surveyed>) -> Option<String> {
    let marked = |end: &str| {
        let lower = column.name.to_lowercase();
        lower == end
            || lower.ends_with(&format!("_{end}"))
            || lower.ends_with(&format!(" {end}"))
            || lower.ends_with(&format!("-{end}"))
    };
    let is_id = marked("id") || column.name.ends_with("ID") || (column.name.ends_with("Id") && column.name.len() > 2);
    let present = rows - column.blanks;
    if column.nameless {
        Some("has no name".into())
    } else if column.index {
        Some("is the index of a pandas table".into())
    } else if called_like_a_label(&column.name) {
        Some("called like a label, so it may give the label away".into())
    } else if let Some(fault) = &column.fault {
        // Asked first: of values that cannot be read nobody knows whether they differ.
        Some(format!("{fault}{}", or_read_by(column)))
    } else if present == 0 {
        Some("has no values".into())
    } else if column.distinct == 1 {
        Some("one value in all rows".into())
    } else if is_id && (column.whole || column.looks == Looks::Texts) && column.few.is_none() {
        Some("called like an id: it names things and measures nothing".into())
    } else if let Some(time) =
        time.filter(|time| column.never_before.contains(&time.name) && !is_about_somebody(column))
    {
        Some(format!("in no row before `{}`: it may not be known yet when a row is scored", time.name))
    } else if time.is_some_and(|time| time.rises) && column.rises && column.few.is_none() {
        Some("rises from row to row as the time does".into())
    } else if column.looks == Looks::Numbers && column.whole && column.distinct == present && present >= FEWEST {
        Some("another whole number in every row: it tells rows apart".into())
    } else if column.looks == Looks::Texts && present < ROWS_PER_LEVEL * column.distinct {
        Some(format!(
            "{} in {}: names, and no categories{}",
            counted(column.distinct as u64, "text"),
            counted(present as u64, "row"),
            or_read_by(column)
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::first::tests::column;

    /// The rules as experiments/README.md has them, at their edges.
    #[test]
    fn names_amounts_and_owners_are_told_at_the_documented_edges() {
        let of =
            |name: &str, looks, distinct| Surveyed { looks, distinct, whole: looks == Looks::Numbers, ..column(name) };
        let free = |_: &Surveyed| true;
        let table = |column: Surveyed| Survey { name: "t".into(), rows: 200, columns: vec![column] };
        for (name, is_one) in [("AMT", true), ("tx_amt", true), ("Amount EUR", true), ("amt_usd", false)] {
            assert_eq!(amount(&table(of(name, Looks::Numbers, 0)), &free).is_some(), is_one, "{name}");
        }
        for (name, distinct, is_one) in [
            ("account", 179, true),
            ("account", 180, false),
            ("customer_number", 50, true),
            ("customer_age", 50, false),
        ] {
            assert_eq!(group(&table(of(name, Looks::Texts, distinct)), &free).is_some(), is_one, "{name} {distinct}");
        }
        // Ten rows per text are a category, and fewer are names.
        assert_eq!(no_feature(200, &of("city", Looks::Texts, 20), None), None);
        let said = no_feature(200, &of("city", Looks::Texts, 21), None);
        assert_eq!(said.as_deref(), Some("21 texts in 200 rows: names, and no categories"));
        for (name, is_id) in [("id", true), ("shop_id", true), ("shopID", true), ("paid", false)] {
            assert_eq!(no_feature(200, &of(name, Looks::Numbers, 150), None).is_some(), is_id, "{name}");
        }
    }
}
