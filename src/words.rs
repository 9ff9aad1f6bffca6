//! Words of others in sentences of ours, and counts in words, for every message and every report: the one place that knows plurals.

use std::borrow::Cow;

/// Words of others (names of columns, what a program said) as they may stand in ours: what would move a terminal's cursor, turn the
/// direction of the text or break a file's form stands as `\u{fffd}`. Line breaks and tabs stay.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let harms = |c: char| {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        (c.is_control() && !matches!(c, '\n' | '\t')) || turns
    };
    match text.contains(harms) {
        true => Cow::Owned(text.replace(harms, "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

/// A count with thousands separated: `284,807`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun: `1 fold`, `10 folds`, `2 families`, `3 searches`.
pub(crate) fn counted(value: u64, noun: &str) -> String {
    let ending = match noun {
        _ if value == 1 => return format!("1 {noun}"),
        _ if noun.ends_with("ch") || noun.ends_with(['s', 'x']) => format!("{noun}es"),
        _ if noun.ends_with('y') && !noun.ends_with("ay") => format!("{}ies", &noun[..noun.len() - 1]),
        _ => format!("{noun}s"),
    };
    format!("{} {ending}", count(value))
}

/// The word that goes with a count: `one` for exactly one, else `many`.
pub(crate) fn agree<'a>(n: usize, one: &'a str, many: &'a str) -> &'a str {
    if n == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_others_moves_a_cursor() {
        assert_eq!(harmless("a\u{1b}[31m\u{7}b\r\u{202e}c\n\td é"), "a\u{fffd}[31m\u{fffd}b\u{fffd}\u{fffd}c\n\td é");
        assert!(matches!(harmless("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn counts_have_their_thousands_separated() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(284_807), "284,807");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn counts_agree_with_their_nouns() {
        let said =
            [(1, "fold"), (10, "fold"), (0, "family"), (2, "day"), (3, "search"), (1_000, "class"), (1, "family")];
        assert_eq!(
            said.map(|(n, noun)| counted(n, noun)),
            ["1 fold", "10 folds", "0 families", "2 days", "3 searches", "1,000 classes", "1 family"]
        );
        assert_eq!([0, 1, 2].map(|n| agree(n, "lacks", "lack")), ["lack", "lacks", "lack"]);
    }
}
