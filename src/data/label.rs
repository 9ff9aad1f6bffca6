//! The label column: two values, one of them fixed as positive.

use super::assemble::Whole;
use super::assign::Use;
use super::blanks;
use super::levels::Level;
use super::table::{Raw, Table, Values, column};
use super::texts::canonical;
use super::{Called, Role, spellings};
use crate::words::counted;

/// Values that a message lists at most.
const LISTED: usize = 8;
/// What a label is called, in small letters without marks; with `fraud` in it, it is one anyhow.
const LIKE_A_LABEL: [&str; 6] = ["class", "label", "target", "y", "outcome", "default"];

/// Whether a table may have rows without a label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unlabelled {
    /// Every row has one.
    #[default]
    Never,
    /// Rows may have none. Columns that are ignored may lack, too, as they may tell it.
    Rows,
    /// The same, and the label's column may lack.
    Column,
}

/// Stands in the place of the label of a row that has none.
pub(crate) const LABEL_LACKS: u8 = 2;

/// Whether a column is called as labels are.
pub(crate) fn called_like_a_label(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    LIKE_A_LABEL.contains(&plain.as_str()) || plain.contains("fraud")
}

/// What the two labels are called, the negative one first.
type Pair = (String, String);

/// What the labels are called, and those of the rows, where no row has one.
pub(super) fn without(table: &Table<'_>, widths: [usize; 2]) -> (Pair, Vec<u8>) {
    let rows = table.x.len().checked_div(widths[0]).or_else(|| table.beside.len().checked_div(widths[1])).unwrap_or(0);
    (Default::default(), vec![LABEL_LACKS; rows])
}

/// What the labels are called, and those of the rows; the error is a sentence without the file's name.
pub(super) fn labels(table: &Table<'_>, whole: &Whole, widths: [usize; 2]) -> Result<(Pair, Vec<u8>), String> {
    let place = table.assigned.label;
    let Use { name, role, .. } = &table.assigned.uses[place];
    if *role != Some(Role::Label) {
        return Ok(without(table, widths));
    }
    let said = match whole.label_is_named {
        true => format!("column `{name}`"),
        false => {
            let others =
                table.assigned.uses.iter().filter(|column| column.role.is_none() && called_like_a_label(&column.name));
            let instead = others.map(|column| column.name.as_str()).next();
            let instead = instead.map_or_else(String::new, |other| format!(", such as `{other}`"));
            format!("column `{name}` (the last one; name another with {}{instead})", whole.called.name("label"))
        }
    };
    let (raw, slot, levels) = match &table.columns[place] {
        Some(raw @ Raw { slot, values: Values::Texts(levels), .. }) => (raw, slot, levels),
        Some(Raw { values: Values::Unfit(_, what), .. }) => return Err(unread(&said, what)),
        Some(_) if whole.unlabelled != Unlabelled::Never => return Ok(without(table, widths)),
        _ => return Err("the label has no values".into()),
    };
    let missing: Vec<usize> = column(&table.beside, widths[1], *slot)
        .enumerate()
        .filter(|(_, value)| value.is_nan())
        .map(|(row, _)| row)
        .collect();
    if let (Some(first), Unlabelled::Never) = (missing.first(), whole.unlabelled) {
        let others = match missing.len() {
            1 => String::new(),
            2 => " and another row".into(),
            many => format!(" and {} other rows", many - 1),
        };
        let or_levels = blanks::or_levels(raw, missing.len(), whole.called);
        // Then they are the negative ones: without them no second class would be left.
        let is_positive = |level: &Level<'_>| {
            ["1", "true", "yes"].contains(&canonical(&String::from_utf8_lossy(&level.text)).as_str())
        };
        let remedy = match !levels.is_empty() && levels.iter().all(is_positive) {
            true => "write the other value there, such as 0, as all other rows are positive",
            false => "leave such rows out of the file",
        };
        return Err(format!(
            "the label {said} is missing in {}{others}: {remedy}{}",
            (table.row_place)(*first),
            or_levels.map_or_else(String::new, |write| format!(", or, {write}"))
        ));
    }
    let positive = whole.positive.as_deref();
    let fewer = match whole.unlabelled {
        Unlabelled::Never => None,
        _ => fewer_than_two((&said, whole.called), levels, positive)?,
    };
    let (labels, positive) = match fewer {
        Some(fewer) => fewer,
        None => decide((&said, whole.label_is_named, whole.called), levels, positive, table.place)?,
    };
    let label = |code: f64| if code.is_nan() { LABEL_LACKS } else { u8::from(positive[code as usize]) };
    let y = column(&table.beside, widths[1], *slot).map(label).collect();
    Ok((labels, y))
}

/// The labels' names, (negative, positive), and for each level of the column whether it is positive. Values that are
/// written differently (`1`, `1.0`; `True`, `TRUE`) are one value.
///
/// `column` is how the label column is called in a sentence, which names the key for another one unless the label `is_named`; `called` is
/// how keys are called; `place` names a place in the file.
///
/// # Errors
/// A sentence without the file's name: other than two values (named with their counts), a `positive` that is not among them, or none given
/// where the values do not say themselves which is positive.
fn decide(
    (column, is_named, called): (&str, bool, Called),
    levels: &[Level<'_>],
    positive: Option<&str>,
    place: &dyn Fn(usize) -> String,
) -> Result<(Pair, Vec<bool>), String> {
    let wrong = |what: String| Err(format!("the label {column} {what}"));
    let texts: Vec<String> = levels.iter().map(|level| canonical(&String::from_utf8_lossy(&level.text))).collect();
    let mut values: Vec<(&str, usize, usize)> = Vec::new();
    for (text, level) in texts.iter().zip(levels) {
        match values.iter_mut().find(|(value, ..)| value == text) {
            Some((_, count, _)) => *count += level.count,
            None => values.push((text, level.count, level.first)),
        }
        if values.len() > LISTED {
            break;
        }
    }
    let [(first, of_first, _), (second, of_second, _)] = values[..] else {
        return wrong(not_two(&values, is_named.then_some(called), place));
    };
    let chosen = match positive.map(canonical) {
        Some(given) if given == first => first,
        Some(given) if given == second => second,
        Some(given) => {
            return wrong(format!("holds `{first}` and `{second}`, and {} is `{given}`", called.name("positive")));
        }
        None => match evident(first, second) {
            Some(chosen) => chosen,
            None => {
                // As a rule what is looked for is rare.
                let rare = if of_first < of_second { first } else { second };
                let call = called.positive(rare);
                return wrong(format!("holds `{first}` and `{second}`: say which is positive, such as {call}"));
            }
        },
    };
    let negative = if chosen == first { second } else { first };
    let is_positive = texts.iter().map(|text| text == chosen).collect();
    Ok(((negative.to_owned(), chosen.to_owned()), is_positive))
}

/// The same of a column with one value or none, whose other rows have no label yet; none where it has more values.
fn fewer_than_two(
    (column, called): (&str, Called),
    levels: &[Level<'_>],
    positive: Option<&str>,
) -> Result<Option<(Pair, Vec<bool>)>, String> {
    let mut texts = levels.iter().map(|level| canonical(&String::from_utf8_lossy(&level.text)));
    let Some(first) = texts.next() else { return Ok(Some(Default::default())) };
    if texts.any(|text| text != first) {
        return Ok(None);
    }
    let is_positive = match (positive.map(canonical), first.as_str()) {
        (Some(given), first) => given == first,
        (None, "1" | "true") => true,
        (None, "0" | "-1" | "false") => false,
        (None, _) => {
            let key = called.name("positive");
            return Err(format!("the label {column} holds `{first}` alone: say which value is positive with {key}"));
        }
    };
    let labels = if is_positive { (String::new(), first) } else { (first, String::new()) };
    Ok(Some((labels, vec![is_positive; levels.len()])))
}

/// That these are not two values, each with its rows and its first place; `another` is how the key is called by which another column
/// may be named.
fn not_two(values: &[(&str, usize, usize)], another: Option<Called>, place: &dyn Fn(usize) -> String) -> String {
    let named = |(value, count, at): &(&str, usize, usize)| match count {
        1 => format!("`{value}` in {}", place(*at)),
        count => format!("`{value}` in {count} rows"),
    };
    let found = match values.len() {
        0 => "no value".to_owned(),
        many if many > LISTED => format!("more than {LISTED} values"),
        few => counted(few as u64, "value"),
    };
    let mut said = format!("has {found} where two are needed");
    if !values.is_empty() {
        let listed: Vec<String> = values.iter().take(LISTED).map(named).collect();
        said += &format!(": {}", listed.join(", "));
    }
    let texts: Vec<&str> = values.iter().map(|(value, ..)| *value).collect();
    let fewer = (values.len() > 2).then(|| spellings::fewer_values(&texts, values.len() <= LISTED));
    let another = another.map(|called| format!("name another column with {}", called.name("label")));
    let remedies: Vec<String> = fewer.into_iter().chain(another).collect();
    if !remedies.is_empty() {
        said += &format!("; {}", remedies.join(", or "));
    }
    said
}

/// Why a label is none whose type the reader of its format does not know; `what` is what it holds.
pub(super) fn unread(column: &str, what: &str) -> String {
    format!(
        "the label {column} is of a type that is not read ({what}): write it as numbers or texts, or name another column"
    )
}

/// Which of two values is positive where nobody needs to say it: 1 beside 0 or -1, true beside false.
fn evident<'a>(first: &'a str, second: &'a str) -> Option<&'a str> {
    let is = |negative: &str, positive: &str| match positive {
        "1" => negative == "0" || negative == "-1",
        "true" => negative == "false",
        _ => false,
    };
    if is(second, first) {
        Some(first)
    } else if is(first, second) {
        Some(second)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_without_a_value_is_a_whole_sentence() {
        let said = |is_named: bool| {
            decide(("column `y`", is_named, Called::InStudy), &[], None, &|_| String::new()).unwrap_err()
        };
        assert_eq!(said(false), "the label column `y` has no value where two are needed");
        assert!(said(true).ends_with(" has no value where two are needed; name another column with `label`"));
    }
}
