//! Dates and times that people and programs write in other ways than ISO 8601: told as such, and never read, as nobody knows
//! whether `01/02/2024` is in January.

use super::moment;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// What stands between the parts of a date, and between a date and its clock.
const MARKS: [char; 7] = ['.', '/', '-', ' ', ',', ':', '_'];

/// Whether a text is a date, with or without a clock behind it, that is not ISO 8601: `31.12.2024`, `12/31/24 11:59 PM`,
/// `31-Dec-2024`, `Tue, 31 Dec 2024 23:59:59 +0000`, `20241231T235959Z`.
pub(super) fn is_not_iso(text: &[u8]) -> bool {
    if moment::parse(text).is_some() {
        return false;
    }
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let text = text.trim().to_lowercase();
    is_without_marks(&text) || parted(without_weekday(without_clock(&text))).unwrap_or(false)
}

/// What stands behind a clock that a text begins with: `12:15 am 01/01/2024`.
fn without_clock(text: &str) -> &str {
    let Some((_, rest)) = text.split_once(':').filter(|(hour, _)| number(hour, 2).is_some()) else { return text };
    let clock = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.')).unwrap_or(rest.len());
    let behind = rest[clock..].trim_start();
    let behind = behind.strip_prefix("am").or(behind.strip_prefix("pm")).unwrap_or(behind);
    if behind.is_empty() { text } else { behind.trim_start_matches(MARKS) }
}

/// `20241231T235959Z`.
fn is_without_marks(text: &str) -> bool {
    let Some((date, clock)) = text.split_once('t') else { return false };
    let digits = clock.bytes().take_while(u8::is_ascii_digit).count();
    let are_digits = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    are_digits && (4..=6).contains(&digits) && is_date([&date[..4], &date[4..6], &date[6..]])
}

fn without_weekday(text: &str) -> &str {
    match run(text) {
        Some((day, rest)) if is_word(day, &WEEKDAYS) => rest.trim_start_matches(MARKS),
        _ => text,
    }
}

/// Whether a text of three parts is a date with nothing but a clock behind it; none where there are fewer.
fn parted(text: &str) -> Option<bool> {
    let (first, rest) = run(text)?;
    let (second, rest) = run(rest.trim_start_matches(MARKS))?;
    let (third, rest) = run(rest.trim_start_matches(MARKS))?;
    // Two digits are a year beside a month's name, and behind slashes; behind points and hyphens where all parts have two, or a clock
    // follows, which the same mark does not go before. Else this may be a version, a clock, or an address.
    let mark = text[first.len()..].chars().next().filter(|mark| matches!(mark, '.' | '-'));
    let is_marked = mark.is_some_and(|mark| !rest.starts_with(mark));
    let are_pairs = [first, second, third].iter().all(|part| part.len() == 2);
    let may_be_short = is_word(first, &MONTHS)
        || is_word(second, &MONTHS)
        || text.matches('/').count() == 2
        || is_marked && (are_pairs || rest.contains(':'));
    let has_short_year = may_be_short && third.len() == 2 && number(third, 2).is_some();
    let is_one = is_date([first, second, third]) || has_short_year && is_day([first, second]);
    Some(is_one && is_clock(rest))
}

/// The digits or the letters that a text begins with, and the rest.
fn run(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next().filter(|c| c.is_alphanumeric())?;
    let goes_on = |c: char| c.is_alphanumeric() && c.is_ascii_digit() == first.is_ascii_digit();
    Some(text.split_at(text.find(|c: char| !goes_on(c)).unwrap_or(text.len())))
}

/// Whether a text is one of these words, or its first three letters.
fn is_word(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| *word == text || word[..3] == *text)
}

fn number(text: &str, length: usize) -> Option<u32> {
    let is_number = (1..=length).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Whether three parts are a year, a month and a day, with the year first or last.
fn is_date([first, second, third]: [&str; 3]) -> bool {
    let is_year = |text: &str| text.len() == 4 && number(text, 4).is_some_and(|year| (1900..=2100).contains(&year));
    is_year(first) && is_day([second, third]) || is_year(third) && is_day([first, second])
}

/// Whether two parts are a day and a month, whichever is first.
fn is_day(parts: [&str; 2]) -> bool {
    let to = |part: &str, most: u32| number(part, 2).is_some_and(|number| (1..=most).contains(&number));
    let is_month = |part: &str| is_word(part, &MONTHS) || to(part, 12);
    let [first, second] = parts;
    is_month(first) && to(second, 31) || to(first, 31) && is_month(second)
}

/// Whether this is a clock, or nothing.
fn is_clock(text: &str) -> bool {
    let clock = text.strip_prefix('t').unwrap_or(text).trim_start_matches(MARKS);
    let hour = clock.bytes().take_while(u8::is_ascii_digit).count();
    text.is_empty() || (1..=2).contains(&hour) && clock[hour..].starts_with([':', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_people_and_programs_are_known() {
        for text in [
            "31.12.2024",
            "31.12.2024 23:59:59",
            "1/31/2024 0:21",
            "01/01/2024 12:21:27 AM",
            "12/31/24",
            "31.12.24",
            "31-12-24",
            "01.01.24 10:00",
            "1.2.24 9:05:01",
            "12:15 AM 01/01/2024",
            "10:00:59.5 31.12.2024",
            "23:59, 31 Dec 2024",
            "2024/01/01 00:21",
            "2024-01-01 00:21:27,000",
            "01-Jan-2024",
            "01-JAN-24 12.21.27.000000 AM",
            "01JAN2024:00:21:27",
            "January 5, 2024",
            "Mon, 01 Jan 2024 00:21:27 +0000",
            "20240101T002127Z",
        ] {
            assert!(is_not_iso(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "2024-01-01",
            "2024-01-01 00:21:27+02:00",
            "20240101",
            "1.2.24",
            "31.13.24",
            "20-40-60",
            "10.11.2.3",
            "12:15",
            "10:11:12",
            "12:15 am",
            "12:15 5 EUR",
            "01:02:03:04:05:06",
            "10.1.20.3",
            "10.1.20.3:80",
            "10.11.20.30:80",
            "32.12.2024",
            "13/31/2024",
            "31.12.2024 EUR",
            "01-Jam-2024",
            "C00179",
            "12-34-5678",
            "may",
            "Müller",
            "5 March",
        ] {
            assert!(!is_not_iso(text.as_bytes()), "{text}");
        }
    }
}
