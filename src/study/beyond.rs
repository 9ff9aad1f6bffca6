//! Whole numbers beyond 64 bits, which TOML's reader calls invalid: each key says its own range instead.

use std::ops::Range;

use toml::Table;

/// A study's text with numbers that can be read.
pub(super) struct Readable {
    pub table: Table,
    /// The numbers as they stand in the text, with their lines, counted from 1.
    beyond: Vec<(String, usize)>,
}

/// Reads a study's text.
///
/// # Errors
/// TOML's own, where something else is wrong.
pub(super) fn parse(text: &str) -> Result<Readable, toml::de::Error> {
    let (mut readable, mut beyond) = (text.to_owned(), Vec::new());
    loop {
        let e = match readable.parse() {
            Ok(table) => return Ok(Readable { table, beyond }),
            Err(e) => e,
        };
        let Some((place, nearest)) = beyond_64_bits(&readable, &e) else { return Err(e) };
        beyond.push((readable[place.clone()].to_owned(), readable[..place.start].matches('\n').count() + 1));
        readable.replace_range(place, &nearest.to_string());
    }
}

/// Where the number stands that an error is about, and the nearest one that has room in 64 bits.
fn beyond_64_bits(text: &str, e: &toml::de::Error) -> Option<(Range<usize>, i64)> {
    let place = e.span()?;
    let number = text.get(place.clone())?;
    let digits: String = number.trim_start_matches(['+', '-']).chars().filter(|c| *c != '_').collect();
    let is_whole = match digits.get(..2) {
        Some("0x") => digits[2..].chars().all(|c| c.is_ascii_hexdigit()),
        Some("0o" | "0b") => digits[2..].chars().all(|c| c.is_ascii_digit()),
        _ => !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()),
    };
    // A number that is short is refused for something else, such as a 0 before it.
    let is_long = digits.len() > 2 && (digits.starts_with("0x") || digits.starts_with("0b") || digits.len() >= 19);
    (is_whole && is_long).then(|| (place, if number.starts_with('-') { i64::MIN } else { i64::MAX }))
}

impl Readable {
    /// What is to be said where the study was read with `refused`, if anything: with the number as it stands in the text where its
    /// key has refused the nearest one, and where no key has, the range of all.
    pub fn said(&self, refused: Option<String>) -> Option<String> {
        let Some((number, line)) = self.beyond.first() else { return refused };
        let nearest = [i64::MIN, i64::MAX].map(|nearest| nearest.to_string());
        match refused.filter(|said| self.beyond.len() == 1 && nearest.iter().any(|nearest| said.contains(nearest))) {
            Some(said) => Some(nearest.iter().fold(said, |said, nearest| said.replace(nearest, number))),
            None => Some(format!(
                "line {line}: {number} is beyond 64 bits: a whole number must be from {} to {}",
                i64::MIN,
                i64::MAX
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::component::Registry;
    use crate::study::Study;

    fn said(top: &str, params: &str) -> String {
        let text = format!(
            "name = 'x'\n{top}\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'stratified-k-fold'\n{params}\n[grid]\nclassifiers = ['prior']\n"
        );
        Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).err().unwrap().to_string()
    }

    #[test]
    fn the_key_of_a_number_beyond_64_bits_says_its_range() {
        for number in
            ["99999999999999999999", "999999999999999999999999999999999999999999999", "0xffffffffffffffffffff"]
        {
            assert_eq!(
                said(&format!("seed = {number}"), ""),
                format!("x.toml: seed: {number} must be a whole number from 0 to 4294967295")
            );
        }
        let said = said("", "folds = -99_999_999_999_999_999_999");
        assert_eq!(
            said,
            "x.toml: protocol: `stratified-k-fold`: `folds` must be at least 2, not -99_999_999_999_999_999_999"
        );
    }

    #[test]
    fn where_no_key_refuses_it_the_range_of_all_is_said_and_other_faults_stay_those_of_toml() {
        let beyond = said("title = 99999999999999999999\nseed = 99999999999999999999", "");
        let wanted = "x.toml: line 2: 99999999999999999999 is beyond 64 bits: a whole number must be from -9223372036854775808 to";
        assert!(beyond.starts_with(wanted), "{beyond}");
        for other in ["seed = 007", "seed = 0x", "seed = ", "seed = 1\nseed = 2"] {
            assert!(said(other, "").contains("TOML parse error"), "{other}");
        }
    }
}
