//! The label column: two values, one of them fixed as positive.

use super::Called;
use super::levels::Level;
use super::texts::canonical;
use crate::words::counted;

/// Values that a message lists at most.
const LISTED: usize = 8;

/// The labels' names, (negative, positive), and for each level of the column whether it is positive. Values that are
/// written differently (`1`, `1.0`; `True`, `TRUE`) are one value.
///
/// `column` is how the label column is called in a sentence, which names the key for another one unless the label `is_named`; `called` is
/// how keys are called; `place` names a place in the file.
///
/// # Errors
/// A sentence without the file's name: other than two values (named with their counts), a `positive` that is not among them, or none given
/// where the values do not say themselves which is positive.
pub(super) fn decide(
    (column, is_named, called): (&str, bool, Called),
    levels: &[Level<'_>],
    positive: Option<&str>,
    place: &dyn Fn(usize) -> String,
) -> Result<((String, String), Vec<bool>), String> {
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
    let fewer = (values.len() > 2).then(|| "leave the rows of all but two out of the file".to_owned());
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
