//! The nine inputs of a network for card transactions: Subeh and Yarovenko, "Data Mining of Operations with Card Accounts of Bank
//! Clients" (2017), table 2. The paper gives them a line of words each; METHODOLOGY.md has what is made of the words.

use super::exact::Moving;
use super::window::Key;
use crate::data::DAY;

/// How many inputs there are.
pub(super) const COUNT: usize = 9;
pub(super) const NAMES: [&str; COUNT] = ["X1", "X2", "X3", "X4", "X5", "X6", "X7", "X8", "X9"];

const SECOND: f64 = 1e6;
/// What is usual for a card is told by so long.
const USUAL: i64 = 30 * DAY;

/// The nine inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// The column of cards.
    pub by: String,
    /// The column of amounts.
    pub of: String,
    /// Rising bounds of amounts, which divide purchases by volume (X8).
    pub volumes: Vec<f64>,
    /// Rising bounds of the amount by the card's usual one, which divide purchases by how unusual they are (X9).
    pub unusual: Vec<f64>,
}

impl Inputs {
    /// Bounds that the paper does not print; ours.
    pub(crate) const VOLUMES: [f64; 3] = [50.0, 100.0, 220.0];
    /// As above.
    pub(crate) const UNUSUAL: [f64; 2] = [2.0, 5.0];
}

/// How many of the rising bounds a value reaches; missing where it is.
fn band(value: f64, bounds: &[f64]) -> f64 {
    if value.is_nan() { f64::NAN } else { bounds.iter().take_while(|&&bound| value >= bound).count() as f64 }
}

/// Nothing by nothing is no ratio, and neither is something by nothing.
fn ratio(value: f64, by: f64) -> f64 {
    let ratio = value / by;
    if ratio.is_finite() { ratio } else { f64::NAN }
}

/// A sum over the rows of a stretch of time that ends with the row.
struct Stretch {
    length: i64,
    first: usize,
    rows: usize,
    sum: Moving,
}

impl Stretch {
    fn of(length: i64) -> Self {
        Stretch { length, first: 0, rows: 0, sum: Moving::default() }
    }

    /// Drops the rows before `row` that are too old by then.
    fn drop_old(&mut self, key: &Key<'_>, row: usize) {
        let from = key.time[row].saturating_sub(self.length);
        while self.first < row && key.time[self.first] <= from {
            let number = key.numbers[self.first];
            self.first += 1;
            if !number.is_nan() {
                let left = key.numbers[self.first..row].iter().copied();
                self.sum.leave(number, left.filter(|number| !number.is_nan()));
                self.rows -= 1;
            }
        }
    }

    /// Takes the row in.
    fn enter(&mut self, key: &Key<'_>, row: usize) {
        let number = key.numbers[row];
        if !number.is_nan() {
            self.sum.enter(number);
            self.rows += 1;
        }
    }

    fn sum(&self) -> f64 {
        self.sum.sum().value()
    }
}

impl Key<'_> {
    /// Writes the inputs of its rows, a row after another.
    pub fn inputs(&self, of: &Inputs, out: &mut [f64]) {
        let (mut day, mut usual) = (Stretch::of(DAY), Stretch::of(USUAL));
        for (row, values) in out.chunks_exact_mut(COUNT).enumerate() {
            let (now, amount) = (self.time[row], self.numbers[row]);
            day.drop_old(self, row);
            usual.drop_old(self, row);
            // What is usual does not know of the row itself, and of no row that is too old for it.
            let before = usual.sum() / usual.rows as f64;
            day.enter(self, row);
            usual.enter(self, row);
            let uses = row + 1 - day.first;
            let volume = day.sum();
            // A day with a single use has the day itself between uses.
            let (between, mean_between) = match uses {
                1 => (DAY as f64 / SECOND, DAY as f64 / SECOND),
                uses => {
                    let between = (now - self.time[day.first]) as f64 / SECOND;
                    (between, between / (uses - 1) as f64)
                }
            };
            let since = row.checked_sub(1).map_or(f64::NAN, |last| (now - self.time[last]) as f64 / SECOND);
            values.copy_from_slice(&[
                uses as f64,
                ratio(amount.ln_1p(), since.ln_1p()),
                ratio(volume.ln_1p(), mean_between.ln_1p()),
                ratio(volume, between),
                volume,
                amount,
                since,
                band(amount, &of.volumes),
                band(ratio(amount, before), &of.unusual),
            ]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(rows: &[(i64, f64)]) -> Vec<[f64; COUNT]> {
        let time: Vec<i64> = rows.iter().map(|(second, _)| second * 1_000_000).collect();
        let numbers: Vec<f64> = rows.iter().map(|(_, amount)| *amount).collect();
        let labels = vec![0; rows.len()];
        let key = Key { time: &time, numbers: &numbers, distinct: &[], labels: &labels, known: &[] };
        let of = Inputs {
            by: "card".into(),
            of: "amount".into(),
            volumes: Inputs::VOLUMES.to_vec(),
            unusual: Inputs::UNUSUAL.to_vec(),
        };
        let mut out = vec![0.0; rows.len() * COUNT];
        key.inputs(&of, &mut out);
        out.chunks_exact(COUNT).map(|row| row.try_into().unwrap()).collect()
    }

    #[test]
    fn the_words_of_table_2_by_hand() {
        // The third use comes a day and a second after the first, which is out of its day then.
        let found = inputs(&[(0, 20.0), (9, 50.0), (86_401, 160.0)]);
        let day = 86_400.0_f64;
        let first = [1.0, f64::NAN, 21.0_f64.ln() / 86_401.0_f64.ln(), 20.0 / day, 20.0, 20.0, f64::NAN, 0.0, f64::NAN];
        let second =
            [2.0, 51.0_f64.ln() / 10.0_f64.ln(), 71.0_f64.ln() / 10.0_f64.ln(), 70.0 / 9.0, 70.0, 50.0, 9.0, 1.0, 1.0];
        let since = 86_392.0_f64;
        let third = [
            2.0,
            161.0_f64.ln() / (since + 1.0).ln(),
            211.0_f64.ln() / (since + 1.0).ln(),
            210.0 / since,
            210.0,
            160.0,
            since,
            2.0,
            // 160 by the mean of 20 and 50.
            1.0,
        ];
        for (found, expected) in found.iter().zip([first, second, third]) {
            for (place, (a, b)) in found.iter().zip(expected).enumerate() {
                let same = (a - b).abs() <= 1e-12 * b.abs() || (a.is_nan() && b.is_nan());
                assert!(same, "{}: {a} {b}", NAMES[place]);
            }
        }
    }

    #[test]
    fn what_is_usual_is_of_the_30_days_before_the_row() {
        const OF_DAY: i64 = 86_400;
        // On day 31 the use of day 0 is too old, on day 40 that of day 31 counts, and on day 90 none does.
        let found = inputs(&[(0, 10.0), (31 * OF_DAY, 100.0), (40 * OF_DAY, 110.0), (90 * OF_DAY, 5.0)]);
        assert!(found[0][8].is_nan() && found[1][8].is_nan() && found[3][8].is_nan(), "{found:?}");
        // 110 by 100.
        assert_eq!(found[2][8], 0.0);
        // A use of exactly 30 days ago is too old, one of a second later is not: 100 by 10.
        let edge = inputs(&[(0, 10.0), (30 * OF_DAY, 100.0)]);
        assert!(edge[1][8].is_nan());
        assert_eq!(inputs(&[(1, 10.0), (30 * OF_DAY, 100.0)])[1][8], 2.0);
    }

    #[test]
    fn an_amount_that_dwarfed_the_others_leaves_no_trace_in_the_day() {
        let found = inputs(&[(0, 1e200), (10, 0.5), (86_400, 0.25), (86_401, 0.125)]);
        assert_eq!((found[2][4], found[3][4]), (0.75, 0.875));
        let found = inputs(&[(0, 1.7e308), (10, 1.7e308), (86_411, 3.0)]);
        assert!(found[1][4].is_nan());
        assert_eq!(found[2][4], 3.0);
    }

    #[test]
    fn what_has_no_value_is_missing_and_bounds_belong_to_the_band_above() {
        let found = inputs(&[(5, 10.0), (5, 50.0), (6, f64::NAN), (7, 219.99)]);
        // At one second the logarithm of the time between is 0, and so is the time itself.
        assert!(found[1][1].is_nan() && found[1][2].is_nan() && found[1][3].is_nan());
        assert_eq!((found[1][6], found[1][7], found[1][8]), (0.0, 1.0, 2.0));
        // A blank amount counts as a use, not as a sum.
        assert_eq!((found[2][0], found[2][4]), (3.0, 60.0));
        assert!([1, 5, 7, 8].iter().all(|&place| found[2][place].is_nan()));
        // Of 10 and 50 the usual is 30.
        assert_eq!((found[3][4], found[3][7], found[3][8]), (279.99, 2.0, 2.0));
    }
}
