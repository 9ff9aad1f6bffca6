//! What one text of a table is: missing, a number, a boolean, a moment, or a text.

use std::borrow::Cow;

use super::Words;
use super::levels::Level;
use super::moment;
use crate::words::harmless_line;

/// From here on not every whole number is an `f64`: 2 to the power of 53.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// What is missing where a study does not say otherwise: what pandas 3 takes for missing, `?`, and other cases of the words among
/// these. The table of keys in experiments/README.md lists all of them.
const MISSING: [&[u8]; 10] =
    [b"", b"?", b"#N/A", b"#N/A N/A", b"#NA", b"-1.#IND", b"-1.#QNAN", b"1.#IND", b"1.#QNAN", b"<NA>"];
const MISSING_IN_ANY_CASE: [&[u8]; 6] = [b"na", b"nan", b"-nan", b"n/a", b"null", b"none"];

/// What separates thousands as an ASCII mark does: the blanks that do not break (U+00A0, U+202F) or are thin (U+2009), as French
/// and ISO 31 have them, and the apostrophe of Swiss spreadsheets.
pub(crate) const THOUSANDS_ALIKE: [(u8, &[char]); 2] =
    [(b' ', &['\u{a0}', '\u{202f}', '\u{2009}']), (b'\'', &['\u{2019}'])];

/// What texts can be; a set of them is the bits of each.
pub(super) mod class {
    pub const NUMBER: u8 = 1;
    pub const TRUE_FALSE: u8 = 2;
    pub const YES_NO: u8 = 4;
    pub const TIME: u8 = 8;
    pub const OTHER: u8 = 16;
}

/// How texts of a file are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spelling {
    /// Whether numbers have a decimal comma.
    pub comma: bool,
    /// What stands between groups of three digits.
    pub thousands: Option<u8>,
    /// The texts that are missing values, if the study says so.
    pub missing: Option<Vec<Vec<u8>>>,
}

impl Spelling {
    /// Whether numbers are as Rust, Python and C write them.
    pub fn is_plain(&self) -> bool {
        !self.comma && self.thousands.is_none()
    }

    pub fn is_missing(&self, text: &[u8]) -> bool {
        match &self.missing {
            Some(listed) => listed.iter().any(|missing| missing == text),
            None => {
                text.len() <= 8
                    && (MISSING.contains(&text)
                        || MISSING_IN_ANY_CASE.iter().any(|missing| text.eq_ignore_ascii_case(missing)))
            }
        }
    }

    /// A text in which marks between thousands that are no ASCII are the ASCII ones that they stand for.
    fn in_ascii<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let alike = THOUSANDS_ALIKE.iter().find(|(mark, _)| Some(*mark) == self.thousands && !text.is_ascii());
        match alike.map(|alike| (alike, std::str::from_utf8(text))) {
            Some(((mark, alike), Ok(text))) => {
                Cow::Owned(text.replace(*alike, char::from(*mark).encode_utf8(&mut [0; 4])).into_bytes())
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// A number, infinite ones too. `NaN` is none: what is missing is what the spelling says.
    pub fn number(&self, text: &[u8]) -> Option<f64> {
        if self.is_plain() {
            return plain_number(text);
        }
        let text = &self.in_ascii(text)[..];
        let point = if self.comma { b',' } else { b'.' };
        let mut plain = Vec::with_capacity(text.len());
        let whole_end =
            text.iter().position(|byte| *byte == point || matches!(byte, b'e' | b'E')).unwrap_or(text.len());
        let (whole, rest) = text.split_at(whole_end);
        match self.thousands.filter(|mark| whole.contains(mark)) {
            None => plain.extend_from_slice(whole),
            Some(mark) => {
                let unsigned = whole.strip_prefix(b"-").or(whole.strip_prefix(b"+")).unwrap_or(whole);
                let mut groups = unsigned.split(|byte| *byte == mark);
                // `1.5` with a point for thousands is no 15, and `0.123` is a share and no 123.
                let first = groups.next()?;
                let is_zero = first.iter().all(|digit| *digit == b'0');
                if is_zero || first.len() > 3 || groups.any(|group| group.len() != 3) {
                    return None;
                }
                // Nobody writes groups and an exponent: the mark of `3,109E+01` stands before decimals.
                if rest.iter().any(|byte| matches!(byte, b'e' | b'E')) {
                    return None;
                }
                plain.extend(whole.iter().filter(|byte| **byte != mark));
            }
        }
        // Beside a decimal comma a point is none: `1.234` may be meant for 1234.
        if self.comma && (rest.contains(&b'.') || plain.contains(&b'.')) {
            return None;
        }
        plain.extend(rest.iter().map(|byte| if *byte == point { b'.' } else { *byte }));
        plain_number(&plain)
    }

    /// Whether `text`, which reads as the number `value`, is a whole number that an `f64` cannot hold.
    pub fn is_inexact(&self, text: &[u8], value: f64) -> bool {
        let text = &self.in_ascii(text)[..];
        match self.thousands.filter(|mark| value.abs() >= EXACT && text.contains(mark)) {
            None => is_inexact(text, value),
            Some(mark) => is_inexact(&text.iter().copied().filter(|byte| *byte != mark).collect::<Vec<u8>>(), value),
        }
    }

    /// Whether a text is a number as this spelling has it, or as Rust, Python and C do.
    pub fn is_any_number(&self, text: &[u8]) -> bool {
        self.number(text).is_some() || plain_number(text).is_some()
    }

    /// The class of a text that is not missing.
    pub fn class(&self, text: &[u8]) -> u8 {
        if self.number(text).is_some() {
            class::NUMBER
        } else if let Some((_, class)) = boolean(text) {
            class
        } else if moment::parse(text).is_some() {
            class::TIME
        } else {
            class::OTHER
        }
    }
}

/// A number as Rust, Python and C write it.
fn plain_number(text: &[u8]) -> Option<f64> {
    fast_float2::parse(text).ok().filter(|number: &f64| !number.is_nan())
}

/// `true` or `yes` and its opposite, in any case, with the pair that it belongs to.
pub(super) fn boolean(text: &[u8]) -> Option<(bool, u8)> {
    let is = |word: &[u8]| text.eq_ignore_ascii_case(word);
    if is(b"true") || is(b"false") {
        Some((is(b"true"), class::TRUE_FALSE))
    } else if is(b"yes") || is(b"no") {
        Some((is(b"yes"), class::YES_NO))
    } else {
        None
    }
}

impl Words {
    /// Those of a class of texts, if it is one of words.
    pub(super) fn of(class: u8) -> Option<Self> {
        match class {
            class::TRUE_FALSE => Some(Words::TrueFalse),
            class::YES_NO => Some(Words::YesNo),
            _ => None,
        }
    }

    /// The word for a number, 0 or 1.
    pub(super) fn word(self, number: f64) -> &'static str {
        match (self, number == 1.0) {
            (Words::TrueFalse, true) => "true",
            (Words::TrueFalse, false) => "false",
            (Words::YesNo, true) => "yes",
            (Words::YesNo, false) => "no",
        }
    }

    /// The class of their texts.
    pub(super) fn class(self) -> u8 {
        match self {
            Words::TrueFalse => class::TRUE_FALSE,
            Words::YesNo => class::YES_NO,
        }
    }
}

/// Whether `text`, which reads as the number `value`, is a whole number that an `f64` cannot hold.
pub(super) fn is_inexact(text: &[u8], value: f64) -> bool {
    if value.abs() < EXACT || !value.is_finite() {
        return false;
    }
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let whole = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i128>().ok());
    // Beyond an i128 no number that anyone writes down in full is exact.
    whole.is_none_or(|whole| value.abs() >= 1e38 || whole != value as i128)
}

/// A text that is equal for equal values: `1`, `1.0` and `+1e0` are `1`; `TRUE` is `true`. Whole numbers keep all digits.
pub(super) fn canonical(text: &str) -> String {
    let text = text.trim();
    if let Some(whole) = whole(text) {
        return whole;
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => (number + 0.0).to_string(),
        _ if boolean(text.as_bytes()).is_some() => text.to_lowercase(),
        _ => text.to_owned(),
    }
}

/// Whether a text is digits of which the first is a zero that no number needs: `007`, which is a name or a code.
pub(super) fn has_leading_zero(text: &[u8]) -> bool {
    matches!(text, [b'0', b'0'..=b'9', ..]) && text.iter().all(u8::is_ascii_digit)
}

/// The digits of a text that is a whole number, with or without decimals of zeros: `+07.0` is `7`. None for other texts.
pub(super) fn whole(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits || decimals.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    Some(match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    })
}

/// Which words for yes and no most rows of a column have, if most have some.
pub(super) fn mostly_booleans(texts: &[Level<'_>], spelling: &Spelling) -> Option<u8> {
    let rows_of = |class: u8| -> usize {
        texts.iter().filter(|level| spelling.class(&level.text) == class).map(|level| level.count).sum()
    };
    let all: usize = texts.iter().map(|level| level.count).sum();
    [class::TRUE_FALSE, class::YES_NO].into_iter().find(|class| 2 * rows_of(*class) > all)
}

/// A text for a message: its first forty characters, on one line.
pub(crate) fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let text = harmless_line(&text);
    if text.chars().count() > 40 { text.chars().take(40).chain("...".chars()).collect() } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_thousands_are_read_where_they_are_asked_for() {
        let german = Spelling { comma: true, thousands: Some(b'.'), missing: None };
        let english = Spelling { comma: false, thousands: Some(b','), missing: None };
        let plain = Spelling::default();
        for (text, expected) in [
            ("1.234,5", [Some(1234.5), None, None]),
            ("-1.234.567", [Some(-1234567.0), None, None]),
            ("1,234.5", [None, Some(1234.5), None]),
            ("1.5", [None, Some(1.5), Some(1.5)]),
            ("1,5", [Some(1.5), None, None]),
            ("12,5e3", [Some(12500.0), None, None]),
            ("3,109E+01", [Some(31.09), None, None]),
            ("3.109E+01", [None, Some(31.09), Some(31.09)]),
            ("1.234,5e1", [None; 3]),
            // A share, and no number of thousands.
            ("0.123", [None, Some(0.123), Some(0.123)]),
            ("-00.123", [None, Some(-0.123), Some(-0.123)]),
            ("0,123", [Some(0.123), None, None]),
            ("0.123,5", [None; 3]),
            ("100.123", [Some(100123.0), Some(100.123), Some(100.123)]),
            ("1,234,567", [None, Some(1234567.0), None]),
            ("1234,5", [Some(1234.5), None, None]),
            (",234", [Some(0.234), None, None]),
            ("12", [Some(12.0); 3]),
            ("1 234", [None; 3]),
        ] {
            let found = [&german, &english, &plain].map(|spelling| spelling.number(text.as_bytes()));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn beside_a_decimal_comma_a_point_is_no_decimal_point() {
        let comma = Spelling { comma: true, thousands: None, missing: None };
        let blanks = Spelling { thousands: Some(b' '), ..comma.clone() };
        for (text, expected) in [
            ("1.234", [None, None]),
            ("0.5", [None, None]),
            ("1.5e3", [None, None]),
            ("1 2.3", [None, None]),
            ("1.234,5", [None, None]),
            ("1,5", [Some(1.5), Some(1.5)]),
            ("1 234,5", [None, Some(1234.5)]),
            ("-12", [Some(-12.0), Some(-12.0)]),
            ("1e3", [Some(1000.0), Some(1000.0)]),
        ] {
            let found = [&comma, &blanks].map(|spelling| spelling.number(text.as_bytes()));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn blanks_that_do_not_break_and_curly_apostrophes_stand_between_thousands() {
        let french = Spelling { comma: true, thousands: Some(b' '), missing: None };
        let swiss = Spelling { comma: false, thousands: Some(b'\''), missing: None };
        for (text, expected) in [
            ("1 264,79", [Some(1264.79), None]),
            ("-1\u{a0}264,79", [Some(-1264.79), None]),
            ("12\u{202f}345\u{202f}678", [Some(12_345_678.0), None]),
            ("1\u{2009}264", [Some(1264.0), None]),
            ("1\u{a0}26,79", [None, None]),
            ("1'264.79", [None, Some(1264.79)]),
            ("1\u{2019}264.79", [None, Some(1264.79)]),
            ("1\u{3000}264", [None, None]),
        ] {
            let found = [&french, &swiss].map(|spelling| spelling.number(text.as_bytes()));
            assert_eq!(found, expected, "{text}");
        }
        let long = "9\u{a0}007\u{a0}199\u{a0}254\u{a0}740\u{a0}993".as_bytes();
        assert!(french.is_inexact(long, french.number(long).unwrap()));
    }

    #[test]
    fn a_text_in_a_message_is_one_line() {
        assert_eq!(shown(b"call 1\r\nback\x1b[2J\0"), "call 1\u{fffd}\u{fffd}back\u{fffd}[2J\u{fffd}");
        assert_eq!(shown("é".repeat(41).as_bytes()), format!("{}...", "é".repeat(40)));
    }

    #[test]
    fn missing_texts_can_be_named() {
        let plain = Spelling::default();
        for text in ["", "NA", "na", "NaN", "null", "None", "<NA>", "#N/A", "N/A", "?", "1.#QNAN", "-nan"] {
            assert!(
                plain.is_missing(text.as_bytes()) || plain.number(text.as_bytes()).is_some_and(f64::is_nan),
                "{text}"
            );
        }
        assert!(!plain.is_missing(b"Nah") && !plain.is_missing(b"-"));
        let named = Spelling { missing: Some(vec![b"-".to_vec()]), ..Spelling::default() };
        assert!(named.is_missing(b"-") && !named.is_missing(b"NA") && !named.is_missing(b""));
    }

    #[test]
    fn the_documents_list_what_is_missing() {
        let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/README.md"));
        let row = document.lines().find(|line| line.starts_with("| `missing = ")).unwrap();
        let listed = row.split("empty fields; ").nth(1).unwrap().split(". ").next().unwrap();
        let quoted = |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
        let (in_any_case, as_they_are) = listed.split_once(" in any case; ").unwrap();
        let known = |texts: &[&[u8]]| -> Vec<String> {
            texts.iter().map(|text| String::from_utf8(text.to_vec()).unwrap()).collect()
        };
        let sorted = |mut texts: Vec<String>| {
            texts.sort();
            texts
        };
        let small = quoted(in_any_case).iter().map(|text| text.to_lowercase()).collect();
        assert_eq!(sorted(small), sorted(known(&MISSING_IN_ANY_CASE)));
        // The empty field has no text to list.
        assert_eq!(sorted(quoted(as_they_are)), sorted(known(&MISSING[1..])));
        // So does the code that reads rows for an ONNX file.
        let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/winner.md"));
        let printed = |name: &str| -> Vec<String> {
            let line = document.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap();
            let list = line.strip_prefix(" = [").unwrap().split(']').next().unwrap();
            list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
        };
        assert_eq!(sorted(printed("words")), sorted(known(&MISSING_IN_ANY_CASE)));
        assert_eq!(sorted(printed("usual")), sorted(known(&MISSING)));
    }

    #[test]
    fn all_that_pandas_takes_for_missing_is_missing() {
        // pandas 3.1.1: pandas._libs.parsers.STR_NA_VALUES.
        let pandas = [
            "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
            "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
        ];
        let plain = Spelling::default();
        let levels: Vec<&str> = pandas.into_iter().filter(|text| !plain.is_missing(text.as_bytes())).collect();
        assert!(levels.is_empty(), "{levels:?}");
        let ours = ["?", "none", "NONE", "na", "Na", "Null", "N/a"];
        assert!(ours.iter().all(|text| plain.is_missing(text.as_bytes())));
        assert!(!["<na>", "#n/a", "nothing", "-", "no"].iter().any(|text| plain.is_missing(text.as_bytes())));
    }

    #[test]
    fn not_a_number_is_no_number() {
        let english = Spelling { thousands: Some(b','), ..Spelling::default() };
        for spelling in [Spelling::default(), english] {
            for text in ["NaN", "nan", "-NaN", "+nan"] {
                assert_eq!((spelling.number(text.as_bytes()), spelling.class(text.as_bytes())), (None, class::OTHER));
                assert!(!spelling.is_any_number(text.as_bytes()), "{text}");
            }
            assert_eq!(spelling.number(b"-inf"), Some(f64::NEG_INFINITY));
        }
    }

    #[test]
    fn classes_and_canonical_texts() {
        let plain = Spelling::default();
        for (text, class) in [
            ("-1e5", class::NUMBER),
            ("inf", class::NUMBER),
            ("TRUE", class::TRUE_FALSE),
            ("No", class::YES_NO),
            ("2018-04-01", class::TIME),
            ("0x10", class::OTHER),
            ("1 EUR", class::OTHER),
        ] {
            assert_eq!(plain.class(text.as_bytes()), class, "{text}");
        }
        let same = ["1", "1.0", "+1", "1e0", " 1 ", "01"].map(canonical);
        assert!(same.iter().all(|text| text == "1"), "{same:?}");
        assert_eq!(["-0", "-0.0", "TRUE", "abc", "Abc"].map(canonical), ["0", "0", "true", "abc", "Abc"]);
        assert_ne!(canonical("9007199254740992"), canonical("9007199254740993"));
        // Two doubles at most for four numbers; the longer ones are beyond an i128, too.
        let long = format!("1{}", "0".repeat(40));
        let longer = format!("{}1", &long[..40]);
        let padded = format!("+0{long}");
        let same = ["-9007199254740993.00", padded.as_str(), longer.as_str()].map(canonical);
        assert_eq!(same, ["-9007199254740993", long.as_str(), longer.as_str()]);
    }

    #[test]
    fn whole_numbers_beyond_two_to_the_53_are_held_or_not() {
        for (text, expected) in [
            ("9007199254740992", false),
            ("9007199254740993", true),
            ("-9007199254740993", true),
            ("9007199254740994", false),
            ("9007199254740993.0", false),
            ("4111111111111111", false),
            ("4026531840000000000000000000000000000001", true),
        ] {
            assert_eq!(is_inexact(text.as_bytes(), text.parse().unwrap()), expected, "{text}");
        }
        let german = Spelling { comma: true, thousands: Some(b'.'), missing: None };
        for (text, expected) in [
            ("9.007.199.254.740.992", false),
            ("-9.007.199.254.740.993", true),
            ("9.007.199.254.740.993,0", false),
            ("1.234", false),
        ] {
            let value = german.number(text.as_bytes()).unwrap();
            assert_eq!(german.is_inexact(text.as_bytes(), value), expected, "{text}");
        }
    }
}
