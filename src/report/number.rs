//! How numbers are written: the same everywhere in reports and charts. CSV files have full precision instead.

use crate::words::count;

/// A score: four digits after the point; `–` where there is none.
pub fn score(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| positive_zero(format!("{v:.4}")))
}

/// A difference of scores: four digits and always a sign, except for zero.
pub fn change(value: f64) -> String {
    let text = format!("{value:+.4}");
    if text.trim_start_matches(['+', '-']).chars().all(|c| matches!(c, '0' | '.')) { "0.0000".to_owned() } else { text }
}

/// Mean and SD in the same digits; the mean alone without an SD.
pub fn mean_sd(mean: Option<f64>, sd: Option<f64>) -> String {
    match (mean, sd) {
        (Some(_), Some(sd)) => format!("{} ± {sd:.4}", score(mean)),
        _ => score(mean),
    }
}

/// A probability to three digits; never a 0 or 1 that it is not.
pub fn probability(p: f64) -> String {
    probability_to(p, 3)
}

/// The same to so many digits.
pub fn probability_to(p: f64, digits: usize) -> String {
    let unit = 1.0 / 10_f64.powi(digits as i32);
    match p {
        p if p > 0.0 && p < 0.5 * unit => format!("<{unit:.digits$}"),
        p if (1.0 - 0.5 * unit..1.0).contains(&p) => format!(">{:.digits$}", 1.0 - unit),
        p => format!("{p:.digits$}"),
    }
}

/// Wall seconds: to the millisecond below 100 s, to the tenth above.
pub fn seconds(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(v) if v > 0.0 && v < 0.0005 => "<0.001".to_owned(),
        Some(v) if v < 100.0 => format!("{v:.3}"),
        Some(v) => format!("{v:.1}"),
    }
}

/// Money, in whole units with thousands separated: `-1,235`. From 1e15 on as `-1.235e15`: more digits than a table has room for.
pub fn money(value: f64) -> String {
    let whole = value.round();
    if whole.abs() >= 1e15 {
        return format!("{value:.3e}");
    }
    let sign = if whole < 0.0 { "-" } else { "" };
    format!("{sign}{}", count(whole.abs() as u64))
}

/// Seconds since 1970 as `2026-11-21 23:36 UTC`, in the proleptic Gregorian calendar.
pub fn utc(unix: u64) -> String {
    let (days, rest) = (unix / 86_400, unix % 86_400);
    // Years are taken to begin in March, so that the leap day is the last of a year; 719,468 days lie before 1970 then.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", rest / 3_600, rest % 3_600 / 60)
}

fn positive_zero(text: String) -> String {
    if text == "-0.0000" { text[1..].to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_same_digits() {
        assert_eq!(score(Some(0.81237)), "0.8124");
        assert_eq!(score(Some(-0.00001)), "0.0000");
        assert_eq!(score(None), "–");
        assert_eq!(change(0.00123), "+0.0012");
        assert_eq!(change(-0.00001), "0.0000");
        assert_eq!(change(-0.5), "-0.5000");
        assert_eq!(mean_sd(Some(0.5), Some(0.25)), "0.5000 ± 0.2500");
        assert_eq!(mean_sd(Some(0.5), None), "0.5000");
        assert_eq!(seconds(Some(0.0001)), "<0.001");
        assert_eq!(seconds(Some(0.0)), "0.000");
        assert_eq!(seconds(Some(12.34567)), "12.346");
        assert_eq!(seconds(Some(123.456)), "123.5");
    }

    #[test]
    fn no_probability_is_a_0_or_1_that_it_is_not() {
        let three = [0.0, 0.0004, 0.0006, 0.25, 0.9994, 0.9996, 1.0].map(probability);
        assert_eq!(three, ["0.000", "<0.001", "0.001", "0.250", "0.999", ">0.999", "1.000"]);
        let six = [3.2e-8, 0.000_013, 0.999_999_9].map(|p| probability_to(p, 6));
        assert_eq!(six, ["<0.000001", "0.000013", ">0.999999"]);
    }

    #[test]
    fn money_is_in_whole_units() {
        assert_eq!([-1_234.5, -0.4, 0.0, 59_999.7].map(money), ["-1,235", "0", "0", "60,000"]);
        let large = [999_999_999_999_999.0, -1.2346e15, 2e19, 3.5e200].map(money);
        assert_eq!(large, ["999,999,999,999,999", "-1.235e15", "2.000e19", "3.500e200"]);
    }

    #[test]
    fn times_are_calendar_times() {
        assert_eq!(utc(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc(951_782_399), "2000-02-28 23:59 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(utc(1_735_689_599), "2024-12-31 23:59 UTC");
        assert_eq!(utc(1_795_304_160), "2026-11-21 23:36 UTC");
    }
}
