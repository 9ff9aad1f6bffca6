//! Words of others in sentences of ours and in commands to type, and counts in words, for every message and every report: the one
//! place that knows plurals, and the one that knows what a shell reads.

use std::borrow::Cow;
use std::path::Path;

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

/// The same where a line break would end a message, a comment or a row of a table: it stands as `\u{fffd}`, too.
pub(crate) fn harmless_line(text: &str) -> Cow<'_, str> {
    match text.contains('\n') {
        true => Cow::Owned(harmless(text).replace('\n', "\u{fffd}")),
        false => harmless(text),
    }
}

/// What a program of others said, as a part of a sentence: on one line.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a program of others said, cut to so many characters: it may be of any length.
pub(crate) fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// A word of a shell that stands for exactly `text`.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+%@".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// A path as a word of a command that is to be typed.
pub(crate) fn quoted_path(path: &Path) -> String {
    let text = path.display().to_string();
    // Else it would be taken for an option.
    let word = if text.starts_with('-') { format!("./{text}") } else { text };
    quoted(&word)
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

/// A number in few characters, whatever its size: `6000`, `0.5`, `1e300`.
pub(crate) fn short(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || (1e-6..1e15).contains(&size) => value.to_string(),
        _ => format!("{value:e}"),
    }
}

/// What follows the first of many: `and 1,000 more`.
pub(crate) fn and_more(n: usize) -> String {
    format!("and {} more", count(n as u64))
}

/// Words as parts of a sentence: `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        words => words.concat(),
    }
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
        assert_eq!(harmless_line("a\r\nb\tc\u{1b}\n"), "a\u{fffd}\u{fffd}b\tc\u{fffd}\u{fffd}");
        assert!(matches!(harmless_line("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_others_said_in_lines_is_one_line() {
        assert_eq!(one_line("  <html>\r\n\t<p>no</p>\n\n"), "<html> <p>no</p>");
    }

    #[test]
    fn what_others_said_is_cut_between_characters() {
        assert_eq!(beginning("café au lait", 4), "café...");
        assert_eq!([beginning("café", 4), beginning("", 4)], ["café", ""]);
    }

    /// What a shell takes a word for.
    fn as_read(word: &str) -> String {
        let script = format!("printf %s {word}");
        let out = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    }

    #[test]
    fn a_word_of_a_shell_stays_one_word() {
        for text in ["/a/b-1.2", "a b", "it's", "$HOME", "", "a;b", "é", "~/runs", "a\nb", "*", "{a,b}", "#1"] {
            assert_eq!(as_read(&quoted(text)), text);
        }
        assert_eq!(quoted("runs/night-1.2"), "runs/night-1.2");
    }

    #[test]
    fn a_path_to_type_is_one_word_and_no_option() {
        assert_eq!(quoted_path(Path::new("my runs/o ne")), "'my runs/o ne'");
        assert_eq!(quoted_path(Path::new("-x")), "./-x");
        assert_eq!(as_read(&quoted_path(Path::new("-n b"))), "./-n b");
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
    fn numbers_are_short_whatever_their_size() {
        let said = [6000.0, -0.5, 0.0, 1e300, -2e-9, f64::NAN, f64::INFINITY].map(short);
        assert_eq!(said, ["6000", "-0.5", "0", "1e300", "-2e-9", "NaN", "inf"]);
    }

    #[test]
    fn counts_agree_with_their_nouns() {
        let said =
            [(1, "fold"), (10, "fold"), (0, "family"), (2, "day"), (3, "search"), (1_000, "class"), (1, "family")];
        assert_eq!(
            said.map(|(n, noun)| counted(n, noun)),
            ["1 fold", "10 folds", "0 families", "2 days", "3 searches", "1,000 classes", "1 family"]
        );
        assert_eq!([counted(1, "more pair"), counted(1_200, "more pair")], ["1 more pair", "1,200 more pairs"]);
        assert_eq!([1, 12_000].map(and_more), ["and 1 more", "and 12,000 more"]);
        assert_eq!([0, 1, 2].map(|n| agree(n, "lacks", "lack")), ["lack", "lacks", "lack"]);
    }
}
