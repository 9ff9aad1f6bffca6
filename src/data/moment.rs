//! Dates and times as ISO 8601 and RFC 3339 write them.

use std::time::{SystemTime, UNIX_EPOCH};

use super::sides::micros_of;

/// A day in microseconds.
pub(crate) const DAY: i64 = 86_400_000_000;

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Microseconds since 1970-01-01T00:00:00 UTC.
    pub micros: i64,
    /// Whether digits beyond the microsecond were cut off.
    pub finer: bool,
}

/// Reads `2018-04-01`, `2018-04-01 00:00:31`, `2018-04-01T00:00:31.5+02:00` and the like. What names no zone is UTC. None
/// for everything else.
pub(super) fn parse(text: &[u8]) -> Option<Moment> {
    if text.len() < 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let (year, month, day) = (digits(&text[..4])?, digits(&text[5..7])?, digits(&text[8..10])?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let midnight = days(year, month, day) * DAY;
    let Some((separator, clock)) = text[10..].split_first() else {
        return Some(Moment { micros: midnight, finer: false });
    };
    if !matches!(separator, b'T' | b't' | b' ') || clock.len() < 5 || clock[2] != b':' {
        return None;
    }
    let (hour, minute) = (digits(&clock[..2])?, digits(&clock[3..5])?);
    let (second, fraction, rest) = seconds(&clock[5..])?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let offset = zone(rest)?;
    let micros = midnight + ((hour * 60 + minute - offset) * 60 + second) * 1_000_000 + fraction.0;
    Some(Moment { micros, finer: fraction.1 })
}

/// `:31.25` and what follows: seconds, (microseconds, whether finer digits were cut off), the rest.
fn seconds(text: &[u8]) -> Option<(i64, (i64, bool), &[u8])> {
    let Some(text) = text.strip_prefix(b":") else { return Some((0, (0, false), text)) };
    let second = digits(text.get(..2)?)?;
    let Some(text) = text[2..].strip_prefix(b".") else { return Some((second, (0, false), &text[2..])) };
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, rest) = text.split_at(length);
    if fraction.is_empty() {
        return None;
    }
    let kept = &fraction[..length.min(6)];
    let micros = digits(kept)? * 10_i64.pow(6 - kept.len() as u32);
    let finer = fraction[kept.len()..].iter().any(|digit| *digit != b'0');
    Some((second, (micros, finer), rest))
}

/// Minutes east of Greenwich.
fn zone(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii_start();
    let (sign, text) = match text.split_first() {
        None => return Some(0),
        Some((b'+', rest)) => (1, rest),
        Some((b'-', rest)) => (-1, rest),
        Some(_) => return matches!(text, b"Z" | b"z" | b"UTC" | b"GMT").then_some(0),
    };
    let (hours, minutes) = match text.len() {
        2 => (digits(text)?, 0),
        4 => (digits(&text[..2])?, digits(&text[2..])?),
        5 if text[2] == b':' => (digits(&text[..2])?, digits(&text[3..])?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `days_from_civil`.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The number of a day such as `2018-07-25`, counted from 1970-01-01.
pub(crate) fn day_of(date: &str) -> Option<i64> {
    let found = parse(date.as_bytes()).filter(|found| found.micros % DAY == 0)?;
    Some(found.micros / DAY)
}

/// The day by UTC: `2026-11-27`; 1970-01-01 where the clock stands before it.
pub(crate) fn today() -> String {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_micros() as i64);
    day_text(passed.div_euclid(DAY))
}

/// A day's date from its number, counted from 1970-01-01.
pub(crate) fn day_text(day: i64) -> String {
    text(day.saturating_mul(DAY))
}

/// Year, month and day of the month of a day's number. `civil_from_days`, from the same source.
pub(crate) fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, of_month)
}

/// Minutes east of Greenwich of `+02:00`, `-0330` or `Z`.
pub(crate) fn offset_of(text: &str) -> Option<i64> {
    zone(text.as_bytes()).filter(|_| !text.is_empty())
}

/// As people read it, in UTC: `2018-04-01`, `2018-04-01 00:00:31` or `2018-04-01 00:00:31.250000`.
pub(super) fn text(micros: i64) -> String {
    let (day, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (year, month, of_month) = civil(day);
    let date = format!("{year:04}-{month:02}-{of_month:02}");
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (rest, fraction) {
        (0, _) => date,
        (_, 0) => format!("{date} {clock}"),
        _ => format!("{date} {clock}.{fraction:06}"),
    }
}

/// The same with all digits of a moment that has `nanos` beyond the microsecond: `2018-04-01 00:00:31.250000001`.
pub(super) fn text_in_full(micros: i64, nanos: i64) -> String {
    let second = text(micros.div_euclid(1_000_000).saturating_mul(1_000_000));
    let midnight = if second.contains(' ') { "" } else { " 00:00:00" };
    format!("{second}{midnight}.{:06}{nanos:03}", micros.rem_euclid(1_000_000))
}

/// A moment as [`text`] has it, of a value of a matrix, which has seconds since 1970-01-01T00:00:00 UTC.
pub(crate) fn time_text(seconds: f64) -> String {
    text((seconds * 1e6).round() as i64)
}

/// What numbers that are taken for seconds look like instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistaken {
    /// `20240131`.
    Dates,
    /// `202401312359`.
    Minutes,
    /// `20240131235959`.
    Seconds,
    /// Of today and the centuries around.
    Milliseconds,
    /// The same.
    Microseconds,
    /// The same.
    Nanoseconds,
    /// Days since 1899-12-30, as spreadsheets count them, of the years 1968 to 2064.
    Days,
}

/// The day 1970-01-01 in the count of spreadsheets.
const OF_1970: f64 = 25_569.0;

impl Mistaken {
    /// What all of these numbers look like; none where one of them does not, or all are missing. A missing one is NaN.
    pub(crate) fn of(numbers: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let numbers = numbers.filter(|number| !number.is_nan());
        numbers.clone().next()?;
        // A number of milliseconds may be of twelve or fourteen digits, too.
        let all = [
            Mistaken::Dates,
            Mistaken::Minutes,
            Mistaken::Seconds,
            Mistaken::Milliseconds,
            Mistaken::Microseconds,
            Mistaken::Nanoseconds,
            Mistaken::Days,
        ];
        all.into_iter().find(|form| numbers.clone().all(|number| form.seconds(number).is_some()))
    }

    /// The seconds since 1970 that are meant; none for a number of another form.
    fn seconds(self, number: f64) -> Option<f64> {
        let midnight = |number: f64| date(number).map(|day| (day * DAY / 1_000_000) as f64);
        match self {
            Mistaken::Dates => midnight(number),
            Mistaken::Minutes => {
                let (hour, minute) = ((number / 100.0).floor() % 100.0, number % 100.0);
                let midnight = midnight((number / 10_000.0).floor())?;
                (hour < 24.0 && minute < 60.0 && number.fract() == 0.0)
                    .then_some(midnight + 3600.0 * hour + 60.0 * minute)
            }
            Mistaken::Seconds => {
                let (minutes, second) = ((number / 100.0).floor(), number % 100.0);
                let minute = Mistaken::Minutes.seconds(minutes)?;
                (second < 60.0 && number.fract() == 0.0).then_some(minute + second)
            }
            // As seconds they are of the year 5138 and later.
            Mistaken::Milliseconds => (1e11..1e14).contains(&number).then_some(number / 1e3),
            Mistaken::Microseconds => (1e14..1e17).contains(&number).then_some(number / 1e6),
            Mistaken::Nanoseconds => (1e17..1e20).contains(&number).then_some(number / 1e9),
            // Their decimals are cut off far below a second, which they are meant to the nearest of.
            Mistaken::Days => (25_000.0..=60_000.0).contains(&number).then(|| ((number - OF_1970) * 86_400.0).round()),
        }
    }

    /// What these numbers look like and what to write instead of the first of them; none where they look like nothing else than they
    /// are taken for.
    pub(crate) fn advice(mut numbers: impl Iterator<Item = f64> + Clone) -> Option<String> {
        let form = Self::of(numbers.clone())?;
        let first = numbers.find(|number| !number.is_nan())?;
        let (like, write) = form.words(first);
        Some(format!("look like {like}: if they are, write {write} in the file"))
    }

    /// What such numbers are called, and what to write instead of one.
    fn words(self, number: f64) -> (&'static str, String) {
        let seconds = self.seconds(number).unwrap_or(number);
        let iso = format!("ISO dates and times ({})", time_text(seconds));
        match self {
            Mistaken::Dates => ("dates (YYYYMMDD)", format!("ISO dates ({})", time_text(seconds))),
            Mistaken::Minutes => ("dates and times (YYYYMMDDhhmm)", iso),
            Mistaken::Seconds => ("dates and times (YYYYMMDDhhmmss)", iso),
            Mistaken::Milliseconds => ("milliseconds", format!("seconds ({seconds}) or {iso}")),
            Mistaken::Microseconds => ("microseconds", format!("seconds ({seconds}) or {iso}")),
            Mistaken::Nanoseconds => ("nanoseconds", format!("seconds ({seconds}) or {iso}")),
            Mistaken::Days => ("days since 1900, as spreadsheets count them", iso),
        }
    }
}

/// Says of a column of numbers which are taken for seconds that they look like something else, if they do. `place` names a row.
pub(crate) fn mistaken_for_seconds(
    column: &str,
    numbers: impl Iterator<Item = f64> + Clone,
    place: impl Fn(usize) -> String,
) -> Option<String> {
    let advice = Mistaken::advice(numbers.clone())?;
    let (row, number) = numbers.enumerate().find(|(_, number)| !number.is_nan())?;
    // The calendar ends before what does not fit.
    let taken = micros_of(number).map_or_else(String::new, |_| format!(" for {}", time_text(number)));
    Some(format!("the numbers in `{column}` are taken for seconds ({}: `{number}`{taken}), and {advice}", place(row)))
}

/// The number of the day, counted from 1970-01-01, of a whole number such as 20240131 of the years 1900 to 2100.
fn date(number: f64) -> Option<i64> {
    let whole = (number.fract() == 0.0 && (19_000_101.0..=21_001_231.0).contains(&number)).then_some(number as i64)?;
    let (year, month, day) = (whole / 10_000, whole / 100 % 100, whole % 100);
    ((1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day)).then(|| days(year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_in_full_has_nine_decimals() {
        assert_eq!(text_in_full(0, 1), "1970-01-01 00:00:00.000000001");
        assert_eq!(text_in_full(939_250_000, 125), "1970-01-01 00:15:39.250000125");
        assert_eq!(text_in_full(-1, 999), "1969-12-31 23:59:59.999999999");
    }

    #[test]
    fn numbers_that_are_no_seconds_are_told_by_their_form() {
        // Expected: Python's datetime, and calendar.timegm.
        for (numbers, form) in [
            (vec![20_240_229.0, 19_000_101.0, 21_001_231.0], Some(Mistaken::Dates)),
            (vec![f64::NAN, 20_240_229.0], Some(Mistaken::Dates)),
            // No such day, a fraction, another century, and seconds among dates.
            (vec![20_240_229.0, 20_230_229.0], None),
            (vec![20_240_229.0, 20_240_228.5], None),
            (vec![20_240_229.0, 21_010_101.0], None),
            (vec![20_240_229.0, 0.0], None),
            (vec![202_402_292_359.0, 197_001_010_000.0], Some(Mistaken::Minutes)),
            (vec![202_402_292_360.0, 197_001_010_000.0], Some(Mistaken::Milliseconds)),
            (vec![202_402_292_400.0], Some(Mistaken::Milliseconds)),
            (vec![20_240_229_235_959.0, 19_700_101_000_000.0, f64::NAN], Some(Mistaken::Seconds)),
            // The second 60 there is not, nor the hour 24.
            (vec![20_240_229_235_960.0, 19_700_101_000_000.0], Some(Mistaken::Milliseconds)),
            (vec![20_240_229_240_000.0], Some(Mistaken::Milliseconds)),
            (vec![1_704_068_487_000_000.0, 1e14], Some(Mistaken::Microseconds)),
            (vec![1_704_068_487_000_000_000.0, 1e17], Some(Mistaken::Nanoseconds)),
            (vec![1e20], None),
            (vec![1_704_068_487_000.0, 1e11, 99_999_999_999_999.0], Some(Mistaken::Milliseconds)),
            (vec![1_704_068_487_000.0, 1e14], None),
            (vec![1_704_068_487.0], None),
            (vec![0.0, 172_792.0], None),
            (vec![25_000.0, f64::NAN, 45_381.04, 60_000.0], Some(Mistaken::Days)),
            (vec![24_999.0, 45_381.04], None),
            (vec![45_381.04, 60_000.5], None),
            (vec![f64::NAN], None),
            (vec![], None),
        ] {
            assert_eq!(Mistaken::of(numbers.iter().copied()), form, "{numbers:?}");
        }
        let said = |numbers: &[f64]| {
            mistaken_for_seconds("when", numbers.iter().copied(), |row| format!("line {}", row + 2)).unwrap()
        };
        assert_eq!(
            said(&[20_240_101.0]),
            "the numbers in `when` are taken for seconds (line 2: `20240101` for 1970-08-23 06:15:01), and look like dates \
             (YYYYMMDD): if they are, write ISO dates (2024-01-01) in the file"
        );
        assert_eq!(
            said(&[f64::NAN, 202_401_010_021.0]),
            "the numbers in `when` are taken for seconds (line 3: `202401010021` for 8383-11-01 06:47:01), and look like dates and \
             times (YYYYMMDDhhmm): if they are, write ISO dates and times (2024-01-01 00:21:00) in the file"
        );
        assert_eq!(
            said(&[1_704_068_487_500.0]),
            "the numbers in `when` are taken for seconds (line 2: `1704068487500` for 55969-10-12 21:38:20), and look like \
             milliseconds: if they are, write seconds (1704068487.5) or ISO dates and times (2024-01-01 00:21:27.500000) in the file"
        );
        // Python: datetime(1899, 12, 30) + timedelta(days=45381.04), and of 45381.0416666667 to the nearest second.
        let days = |taken: &str, meant: &str| {
            format!(
                "the numbers in `when` are taken for seconds (line 2: {taken}), and look like days since 1900, as spreadsheets count \
                 them: if they are, write ISO dates and times ({meant}) in the file"
            )
        };
        assert_eq!(
            said(&[45_381.04, 45_382.0]),
            days("`45381.04` for 1970-01-01 12:36:21.040000", "2024-03-30 00:57:36")
        );
        assert_eq!(
            said(&[45_381.0416666667]),
            days("`45381.0416666667` for 1970-01-01 12:36:21.041667", "2024-03-30 01:00:00")
        );
        assert_eq!(said(&[25_569.0]), days("`25569` for 1970-01-01 07:06:09", "1970-01-01"));
        // What no moment can be is called none.
        assert_eq!(
            said(&[20_240_110_213_614.0]),
            "the numbers in `when` are taken for seconds (line 2: `20240110213614`), and look like dates and times (YYYYMMDDhhmmss): if \
             they are, write ISO dates and times (2024-01-10 21:36:14) in the file"
        );
        assert_eq!(
            said(&[1_704_922_574_000_000.0]),
            "the numbers in `when` are taken for seconds (line 2: `1704922574000000`), and look like microseconds: if they are, write \
             seconds (1704922574) or ISO dates and times (2024-01-10 21:36:14) in the file"
        );
    }

    #[test]
    fn iso_texts_are_moments() {
        // Expected: Python's datetime.fromisoformat(...).timestamp().
        for (given, micros) in [
            ("1970-01-01", 0),
            ("2018-04-01", 1_522_540_800_000_000),
            ("2018-04-01 00:00:31", 1_522_540_831_000_000),
            ("2018-04-01T00:00:31.5+02:00", 1_522_533_631_500_000),
            ("2018-04-01T00:00:31.000001Z", 1_522_540_831_000_001),
            ("2018-04-01 00:00 -0330", 1_522_553_400_000_000),
            ("2000-02-29T23:59:59+00", 951_868_799_000_000),
            ("1969-12-31 23:59:59.25", -750_000),
            ("0001-01-01", -62_135_596_800_000_000),
            ("9999-12-31", 253_402_214_400_000_000),
        ] {
            assert_eq!(parse(given.as_bytes()), Some(Moment { micros, finer: false }), "{given}");
        }
        assert_eq!(parse(b"1970-01-01 00:00:00.0000019"), Some(Moment { micros: 1, finer: true }));
        assert_eq!(parse(b"1970-01-01 00:00:00.000001000"), Some(Moment { micros: 1, finer: false }));
    }

    #[test]
    fn other_texts_are_none() {
        for given in [
            "",
            "2018",
            "20180401",
            "2018-04",
            "2018-4-1",
            "2018-13-01",
            "2018-02-29",
            "1900-02-29",
            "2018-04-31",
            "2018-04-01 24:00:00",
            "2018-04-01 1:00",
            "2018-04-01x",
            "2018-04-01 10:00:00 EST",
            "01.04.2018",
            "04/01/2018",
            "2018-04-01T",
            "2018-04-01T10:00:0",
            "2018-04-01 10:00:00.",
            "2018-04-01 10:00:00+1",
            "-018-04-01",
        ] {
            assert_eq!(parse(given.as_bytes()), None, "{given}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(micros in -62_135_596_800_000_000_i64..253_402_300_799_000_000) {
            proptest::prop_assert_eq!(parse(text(micros).as_bytes()), Some(Moment { micros, finer: false }));
        }
    }
}
