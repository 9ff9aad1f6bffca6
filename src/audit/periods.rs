//! The share of positives over time: periods without any, and periods that are unlike the others.

use super::finding::{Finding, Judgement};
use super::inspect::Variant;
use crate::words::{count, counted};

/// Of 128 bits: two moments may lie further apart than 64 bits hold.
const DAY: i128 = crate::data::DAY as i128;
const HOUR: i128 = DAY / 24;
/// Periods with a name, the shortest first.
const PERIODS: [(&str, i128); 5] =
    [("hour", HOUR), ("day", DAY), ("week", 7 * DAY), ("30-day period", 30 * DAY), ("365-day period", 365 * DAY)];
/// So many periods are enough to see what changes.
const MOST: i128 = 60;
/// A period that is expected to have so many positives is without any once in a thousand times.
const EXPECTED: f64 = 7.0;
/// A period's share counts as another one where it is so many times the whole's, or the whole's so many times it.
const TIMES: f64 = 2.0;
/// Fewer expected positives are no evidence of that.
const ENOUGH: f64 = 20.0;

const CHECK: &str = "positives-by-period";

/// The finding where no column says when rows were.
pub fn not_looked() -> Finding {
    let why = "no column has the role `time`, so the share of positives over time was not looked at (`time` in [data] names one)";
    Finding::not_made(CHECK, why.to_owned())
}

/// Counts rows and positives per period of `time`, which has a moment a row of the data.
pub fn check(variant: &Variant<'_>, time: &[i64]) -> Finding {
    let moments = || variant.rows.iter().map(|&row| i128::from(time[row]));
    // A table that was split has rows.
    let (first, last) = (moments().min().unwrap_or(0), moments().max().unwrap_or(0));
    let long = |(_, length): &&(&str, i128)| (last - first) / length < MOST;
    let (name, length) = PERIODS.iter().find(long).unwrap_or(&PERIODS[PERIODS.len() - 1]);
    // Periods begin where the clock says so, but weeks and longer ones with the first day.
    let begin = if *length > DAY { first.div_euclid(DAY) * DAY } else { first.div_euclid(*length) * length };
    let periods = ((last - begin) / length + 1) as usize;
    let mut counts = vec![(0u64, 0u64); periods];
    for &row in &variant.rows {
        let of = &mut counts[((i128::from(time[row]) - begin) / length) as usize];
        of.0 += 1;
        of.1 += u64::from(variant.data.y[row]);
    }
    if periods == 1 {
        let whole = format!("{}, all rows are of one {name}", variant.name());
        return Finding::not_made(CHECK, format!("{whole}, so the share of positives over time was not looked at"));
    }
    finding(variant, name, &counts)
}

fn finding(variant: &Variant<'_>, name: &str, counts: &[(u64, u64)]) -> Finding {
    let (rows, positives) = counts.iter().fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    let share = positives as f64 / rows as f64;
    let expected = |of: &(u64, u64)| share * of.0 as f64;
    let with_rows: Vec<&(u64, u64)> = counts.iter().filter(|of| of.0 > 0).collect();
    let shares = with_rows.iter().map(|of| of.1 as f64 / of.0 as f64);
    let (least, most) = shares.fold((f64::INFINITY, 0.0_f64), |(low, high), share| (low.min(share), high.max(share)));
    let without = with_rows.iter().filter(|of| of.1 == 0).count() as u64;
    let odd = with_rows.iter().filter(|of| of.1 == 0 && expected(of) >= EXPECTED).count() as u64;
    let other = with_rows.iter().filter(|of| {
        let times = of.1 as f64 / expected(of);
        expected(of) >= ENOUGH && !(1.0 / TIMES..=TIMES).contains(&times)
    });
    let other = other.count() as u64;
    let of_all = counted(with_rows.len() as u64, name);
    let mut said = format!(
        "{}, the share of positives is {:.3}% to {:.3}% over the {of_all} with rows ({:.3}% in all)",
        variant.name(),
        100.0 * least,
        100.0 * most,
        100.0 * share
    );
    match without {
        0 => said.push_str(", and none is without any"),
        n => said.push_str(&format!(", and {} of them without any", count(n))),
    }
    let advice = match (odd, other) {
        (0, 0) => return Finding::new(CHECK, Judgement::Clean, said),
        (0, n) => format!(
            "; {} differ from the whole by a factor of {TIMES} or more: test on the latest periods, and report scores by period",
            counted(n, "period")
        ),
        (n, _) => format!(
            "; in {} chance would have left {EXPECTED} or more: ask whether their labels are complete, and leave them out if not",
            counted(n, "period")
        ),
    };
    said.push_str(&advice);
    Finding::new(CHECK, Judgement::Look, said)
}
