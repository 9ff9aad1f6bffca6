//! The label column: two values, one of them fixed as positive.

use crate::error::{Error, Result};

/// A label column with more distinct texts is given up on.
const MOST: usize = 16;

/// The distinct texts of a label column (or of a part of it), in order of appearance; a text's place is its code.
#[derive(Default)]
pub(super) struct Seen {
    texts: Vec<Vec<u8>>,
}

impl Seen {
    /// The code of `text`.
    ///
    /// # Errors
    /// Too many distinct texts to be a label.
    pub fn code(&mut self, text: &[u8]) -> std::result::Result<u8, String> {
        if let Some(code) = self.texts.iter().position(|seen| seen == text) {
            return Ok(code as u8);
        }
        if self.texts.len() == MOST {
            return Err(format!("here the label takes its {}th value, and a label has two", MOST + 1));
        }
        self.texts.push(text.to_vec());
        Ok((self.texts.len() - 1) as u8)
    }

    /// For each code of `part`, its code among all; numbers that are written differently (`1`, `1.0`) are one value.
    pub fn merge(&mut self, part: &Seen) -> std::result::Result<Vec<u8>, String> {
        part.texts.iter().map(|text| self.code(canonical(&String::from_utf8_lossy(text)).as_bytes())).collect()
    }
}

fn canonical(text: &str) -> String {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => (number + 0.0).to_string(),
        _ => text.trim().to_string(),
    }
}

/// Turns codes of `seen` into 0 and 1 in place and gives the labels' names, (negative, positive).
///
/// # Errors
/// [`Error::Data`]: other than two values (named with their counts), a `positive` that is not among them, or none given
/// where the values do not say themselves which is positive.
pub(super) fn decide(
    file: &str,
    column: &str,
    seen: &Seen,
    positive: Option<&str>,
    y: &mut [u8],
) -> Result<(String, String)> {
    let values: Vec<String> = seen.texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    let mut counts = vec![0usize; values.len()];
    y.iter().for_each(|&code| counts[usize::from(code)] += 1);
    let [first, second] = &values[..] else {
        let listed: Vec<String> = values.iter().zip(&counts).map(|(v, n)| format!("`{v}` in {n} rows")).collect();
        let found = if values.len() == 1 { "1 value".into() } else { format!("{} values", values.len()) };
        return Err(Error::Data(format!(
            "{file}: the label column `{column}` has {found} where two are needed: {}",
            listed.join(", ")
        )));
    };
    let chosen = match positive {
        Some(given) => values.iter().position(|value| *value == canonical(given)).ok_or_else(|| {
            Error::Data(format!(
                "{file}: `{given}` is not a value of the label column `{column}`, which holds `{first}` and `{second}`"
            ))
        })?,
        None => evident(first, second).ok_or_else(|| {
            Error::Data(format!(
                "{file}: the label column `{column}` holds `{first}` and `{second}`: say which is positive"
            ))
        })?,
    };
    y.iter_mut().for_each(|code| *code = u8::from(usize::from(*code) == chosen));
    Ok((values[1 - chosen].clone(), values[chosen].clone()))
}

/// Which of two values is positive where nobody needs to say it: 1 beside 0 or -1, true beside false.
fn evident(first: &str, second: &str) -> Option<usize> {
    let is = |negative: &str, positive: &str| match positive.to_ascii_lowercase().as_str() {
        "1" => negative == "0" || negative == "-1",
        "true" => negative.eq_ignore_ascii_case("false"),
        _ => false,
    };
    if is(second, first) {
        Some(0)
    } else if is(first, second) {
        Some(1)
    } else {
        None
    }
}
