//! Simulated data of any size: rare positives among columns like the credit-card data's, the same to the bit everywhere.

use ndarray::Array2;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{MOST_ROWS, all_told, no_two_classes};
use crate::data::{Column, Dataset, Digests, Role, Sides, check_memory, hex};
use crate::error::{Error, Result};
use crate::seed::{Purpose, derive};

/// Bumped whenever the same parameters give other values; part of the data's hash.
const VERSION: u32 = 1;
/// A header of so many names is megabytes long already.
const MOST_COLUMNS: usize = 1_000_000;
/// Where frauds in the credit-card data lie in V1 to V17, in standard deviations of the other rows, roughly. Columns beyond
/// it say nothing.
const PROFILE: [f64; 17] =
    [-2.4, 2.2, -4.6, 3.2, -2.3, -1.0, -4.5, 0.5, -2.3, -5.2, 3.7, -6.3, 0.0, -7.3, 0.0, -4.7, -7.8];
/// How much of the profile a positive shows: evenly between these.
const STRENGTHS: (f64, f64) = (0.35, 1.0);
/// How widely positives are spread, in standard deviations of the column.
const POSITIVE_SPREAD: f64 = 2.0;
/// Standard deviations of the first and the last V column; between them they fall evenly.
const DEVIATIONS: (f64, f64) = (1.96, 0.33);
/// The share of negatives that are spread more widely than others, and how much.
const WIDE: (f64, f64) = (0.04, 2.2);
/// The share of positives that look like negatives.
const HIDDEN: f64 = 0.10;
/// The share of rows that repeat the row before, where that has the same label.
const REPEATED: f64 = 0.004;
/// Time goes from 0 to two days, in whole seconds.
const LAST_SECOND: f64 = 172_792.0;
/// The Amount of `u`, uniform: `AMOUNT (1/sqrt(u) - 1)`, Lomax of shape 2, whose variance is infinite; median 22.
const AMOUNT: f64 = 53.0;

/// How many rows are positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Positives {
    /// A share of the rows, between 0 and 1, rounded to whole rows.
    Share(f64),
    /// A number of rows.
    Count(usize),
}

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Simulation {
    /// Rows.
    pub rows: usize,
    /// Positive rows.
    pub positives: Positives,
    /// Feature columns: Time, V1 and so on, Amount; 3 or more.
    pub columns: usize,
    /// Another seed, another draw of the same distribution.
    pub seed: u64,
}

impl Default for Simulation {
    fn default() -> Self {
        Simulation { rows: 100_000, positives: Positives::Share(0.001_727), columns: 30, seed: 1 }
    }
}

impl Simulation {
    /// The number of positive rows.
    ///
    /// # Errors
    /// [`Error::Data`] naming every parameter that is out of range: too few or too many columns, too many rows, or not both classes in
    /// the rows.
    pub fn check(&self) -> Result<usize> {
        let mut faults = Vec::new();
        if self.rows > MOST_ROWS {
            faults.push(format!("`rows` must be at most {MOST_ROWS}, not {}", self.rows));
        }
        if self.columns > MOST_COLUMNS {
            faults.push(format!("`columns` must be at most {MOST_COLUMNS}, not {}", self.columns));
        }
        if self.columns < 3 {
            faults.push(format!(
                "{} columns are too few: Time, one V column or more, and Amount make at least 3",
                self.columns
            ));
        }
        let positives = match self.positives {
            Positives::Count(count) => Some(count),
            Positives::Share(share) if share > 0.0 && share < 1.0 => Some((share * self.rows as f64).round() as usize),
            Positives::Share(share) => {
                faults.push(format!(
                    "`positives` is a share between 0 and 1 (neither) or a whole number of rows, not {share:?}"
                ));
                None
            }
        };
        if let Some(positives) = positives.filter(|positives| *positives == 0 || *positives >= self.rows) {
            faults.push(no_two_classes(positives, self.rows));
        }
        // Where nothing is wrong they are known.
        all_told(&faults).map(|()| positives.unwrap_or_default())
    }

    /// The share of positives.
    pub fn share(&self) -> f64 {
        match self.positives {
            Positives::Share(share) => share,
            Positives::Count(count) => count as f64 / self.rows as f64,
        }
    }

    /// SHA-256 over the simulator's version and the parameters, which decide every value; lower-case hex.
    fn sha256(&self, positives: usize) -> String {
        let parameters = format!(
            "fraudbench simulator {VERSION}: rows {}, positives {positives}, columns {}, seed {}",
            self.rows, self.columns, self.seed
        );
        hex(&Sha256::digest(parameters.as_bytes()))
    }
}

/// Simulates a data set: rows x columns in C order, made in place.
///
/// Every value is a function of seed, row and column alone, and only of arithmetic that IEEE 754 rounds in one way, so
/// neither threads nor machines change a bit. V columns: independent normal mixtures, conditional on the class, of
/// falling variance. The data's hash is over the parameters and the simulator's version, not over the values.
/// METHODOLOGY.md has the distribution.
///
/// # Errors
/// As [`Simulation::check`]; [`Error::Data`] where the table is larger than the memory that is free.
pub fn simulate(simulation: &Simulation) -> Result<Dataset> {
    let positives = simulation.check()?;
    let Simulation { rows, columns, seed, .. } = *simulation;
    check_memory("simulate", rows, columns)?;
    let draws = Draws { key: derive(seed, Purpose::Simulate, ""), slots: columns as u64 + 3 };
    let y = labels(rows, positives, &draws);
    // Pages of zeros come from the system untouched, so each row is written once, by the thread that makes it.
    let mut values = vec![0.0; rows * columns];
    values.par_chunks_exact_mut(columns).enumerate().for_each(|(row, values)| {
        let original = original(row, &y, &draws);
        fill(values, original, original as f64 / rows as f64, y[row] == 1, &draws);
    });
    let x = Array2::from_shape_vec((rows, columns), values).map_err(|e| Error::Data(format!("simulate: {e}")))?;
    let role = |name: &str, role| Column { role: Some(role), ..Column::number(name) };
    let v = (1..columns - 1).map(|i| Column::number(format!("V{i}")));
    let sha256 = simulation.sha256(positives);
    let sides = Sides {
        time: Some(x.column(0).iter().map(|seconds| *seconds as i64 * 1_000_000).collect()),
        amount: Some(x.column(columns - 1).to_vec()),
        ..Sides::default()
    };
    Ok(Dataset {
        name: "simulated".into(),
        digests: Digests::made_from(&sha256),
        sha256,
        columns: [role("Time", Role::Time)].into_iter().chain(v).chain([role("Amount", Role::Amount)]).collect(),
        others: Vec::new(),
        x,
        y,
        labels: ("0".into(), "1".into()),
        sides,
        notes: Vec::new(),
        kept: Vec::new(),
        whence: None,
    })
}

/// Uniform draws by place, not in sequence: the n-th output of SplitMix64 for any n.
/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
pub(super) struct Draws {
    pub(super) key: u64,
    /// How many draws a row has.
    pub(super) slots: u64,
}

impl Draws {
    /// In (0, 1), both ends excluded.
    pub(super) fn uniform(&self, row: usize, slot: usize) -> f64 {
        let place = (row as u64).wrapping_mul(self.slots).wrapping_add(slot as u64 + 1);
        let mut z = self.key.wrapping_add(place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((z >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    fn normal(&self, row: usize, slot: usize) -> f64 {
        normal_quantile(self.uniform(row, slot))
    }
}

/// A positive in each of as many stretches of rows as there are positives, at a random place in its stretch: their number
/// is exact, and they are spread over all of Time.
pub(super) fn labels(rows: usize, positives: usize, draws: &Draws) -> Vec<u8> {
    let mut y = vec![0; rows];
    let start = |stretch: usize| (stretch as u128 * rows as u128 / positives as u128) as usize;
    for stretch in 0..positives {
        let (from, to) = (start(stretch), start(stretch + 1));
        let offset = (draws.uniform(from, 0) * (to - from) as f64) as usize;
        y[from + offset.min(to - from - 1)] = 1;
    }
    y
}

/// The row whose values a row has: its own, or those of the first of a chain of repetitions.
fn original(mut row: usize, y: &[u8], draws: &Draws) -> usize {
    while row > 0 && y[row] == y[row - 1] && draws.uniform(row, 1) < REPEATED {
        row -= 1;
    }
    row
}

/// Writes a row. Slots 0 and 1 of a row are for its label and its repetition, 2 and 3 for its kind, the others for columns.
fn fill(values: &mut [f64], row: usize, time: f64, positive: bool, draws: &Draws) {
    let last = values.len() - 1;
    let (kind, strength) = (draws.uniform(row, 2), draws.uniform(row, 3));
    // Shift in units of the profile, spread in units of the column's deviation, and the Amount's scale.
    let (shift, spread, amount) = match positive && kind >= HIDDEN {
        true => {
            let shown = STRENGTHS.0 + (STRENGTHS.1 - STRENGTHS.0) * strength;
            // Frauds are small amounts that try a card, or large ones.
            (shown, POSITIVE_SPREAD, if strength < 0.6 { 0.3 * AMOUNT } else { 3.0 * AMOUNT })
        }
        false if kind < WIDE.0 => (0.0, WIDE.1, AMOUNT),
        false => (0.0, 0.9, AMOUNT),
    };
    values[0] = (time * LAST_SECOND).floor();
    let steps = (last - 1).max(2) - 1;
    for (i, value) in values[1..last].iter_mut().enumerate() {
        let deviation = DEVIATIONS.0 + (DEVIATIONS.1 - DEVIATIONS.0) * i as f64 / steps as f64;
        let centre = shift * PROFILE.get(i).copied().unwrap_or(0.0);
        *value = deviation * (centre + spread * draws.normal(row, 3 + i + 1));
    }
    let u = draws.uniform(row, last + 3);
    values[last] = (amount * (1.0 / u.sqrt() - 1.0) * 100.0).round() / 100.0;
}

/// The standard normal quantile of `p` in (0, 1) to 1.2e-9 relative: Acklam's rational approximation, "An algorithm for
/// computing the inverse normal cumulative distribution function" (2003). The system's logarithm may differ between
/// machines by a bit, this one cannot.
pub(super) fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.38357751867269e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 6] = [
        -5.447609879822406e1,
        1.615858368580409e2,
        -1.556989798598866e2,
        6.680131188771972e1,
        -1.328068155288572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 5] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1.0];
    const TAIL: f64 = 0.02425;
    let polynomial = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * logarithm(p)).sqrt();
        polynomial(&C, q) / polynomial(&D, q)
    };
    if p < TAIL {
        tail(p)
    } else if p > 1.0 - TAIL {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        let r = q * q;
        polynomial(&A, r) * q / polynomial(&B, r)
    }
}

/// The natural logarithm of a positive normal number, by basic arithmetic alone: 2 artanh((m - 1) / (m + 1)) for the
/// mantissa m between 0.7 and 1.42.
fn logarithm(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i32 - 1023;
    let mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    let (m, e) =
        if mantissa > std::f64::consts::SQRT_2 { (mantissa / 2.0, exponent + 1) } else { (mantissa, exponent) };
    let s = (m - 1.0) / (m + 1.0);
    let square = s * s;
    let series = (0..10).rev().fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
    f64::from(e) * std::f64::consts::LN_2 + 2.0 * s * series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::dedup;

    fn made(rows: usize, positives: Positives, columns: usize, seed: u64) -> Dataset {
        simulate(&Simulation { rows, positives, columns, seed }).unwrap()
    }

    fn digest(data: &Dataset) -> String {
        let mut hash = Sha256::new();
        data.x.iter().for_each(|value| hash.update(value.to_bits().to_le_bytes()));
        hash.update(&data.y);
        hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn values_do_not_change_without_a_new_version() {
        // Whoever changes the generator bumps VERSION and writes the new digest here.
        let data = made(5_000, Positives::Count(50), 30, 1);
        assert_eq!((VERSION, digest(&data).as_str()), (1, "4588780f30a824de"));
    }

    #[test]
    fn threads_change_nothing_and_the_seed_everything() {
        let on = |threads: usize, seed: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| made(3_001, Positives::Share(0.01), 7, seed))
        };
        let (one, five, other) = (on(1, 3), on(5, 3), on(1, 4));
        assert_eq!((digest(&one), &one.sha256), (digest(&five), &five.sha256));
        assert_ne!(one.sha256, other.sha256);
        let same = one.x.iter().zip(&other.x).filter(|(a, b)| a == b).count();
        // Time is the same but for repeated rows; of the other columns only Amounts in cents coincide now and then.
        assert!(same > 2_900 && same < 3_200, "{same}");
    }

    #[test]
    fn the_number_of_positives_is_exact() {
        for (rows, positives, expected) in [
            (10_000, Positives::Share(0.001_727), 17),
            (1_000, Positives::Share(0.5), 500),
            (1_000, Positives::Share(0.73), 730),
            (17, Positives::Count(16), 16),
            (2, Positives::Count(1), 1),
        ] {
            assert_eq!(made(rows, positives, 5, 9).positives(), expected, "{rows} {positives:?}");
        }
    }

    #[test]
    fn columns_look_as_described() {
        let data = made(50_000, Positives::Share(0.02), 30, 1);
        assert_eq!(
            (&data.columns[0].name[..], &data.columns[28].name[..], &data.columns[29].name[..]),
            ("Time", "V28", "Amount")
        );
        let time = data.column("Time").unwrap();
        assert!(time.windows(2).all(|pair| pair[0] <= pair[1]) && time[0] == 0.0 && time[49_999] > 172_000.0);
        let negatives = |name: &str| -> Vec<f64> {
            let values = data.column(name).unwrap();
            values.into_iter().zip(&data.y).filter(|(_, label)| **label == 0).map(|(value, _)| value).collect()
        };
        let deviation = |values: &[f64]| {
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
        };
        // A mixture of 4% with deviation 2.2 and 96% with 0.9 has the deviation sqrt(0.04 x 4.84 + 0.96 x 0.81) = 0.9856.
        for (name, expected) in [("V1", 1.96), ("V28", 0.33)] {
            assert!((deviation(&negatives(name)) / (0.9856 * expected) - 1.0).abs() < 0.02, "{name}");
        }
        let mut amounts = negatives("Amount");
        amounts.sort_by(f64::total_cmp);
        assert!((amounts[amounts.len() / 2] - AMOUNT * (2_f64.sqrt() - 1.0)).abs() < 0.7);
        assert!(amounts[amounts.len() - 1] > 2_000.0 && amounts[0] >= 0.0);
        let found = dedup(&data);
        let repeated = found.removed as f64 / 50_000.0;
        assert!((0.002..0.006).contains(&repeated) && found.conflicting == 0, "{repeated}");
    }

    #[test]
    fn quantiles_are_those_of_the_normal_distribution() {
        use statrs::distribution::{ContinuousCDF, Normal};
        let normal = Normal::standard();
        for i in 1..4_000 {
            let p = f64::from(i) / 4_000.0;
            for p in [p, p * 1e-3, p * 1e-9] {
                let (ours, theirs) = (normal_quantile(p), normal.inverse_cdf(p));
                assert!((ours - theirs).abs() <= 1e-8 * theirs.abs().max(1e-2), "{p}: {ours} {theirs}");
                assert!((logarithm(p) - p.ln()).abs() <= 1e-14 * p.ln().abs().max(1.0), "ln {p}");
            }
        }
    }

    #[test]
    fn parameters_out_of_range_are_refused_by_name() {
        let base = Simulation::default();
        for (simulation, named) in [
            (Simulation { columns: 2, ..base }, "2 columns are too few"),
            (Simulation { positives: Positives::Share(1.0), ..base }, "not 1.0"),
            (Simulation { positives: Positives::Share(f64::NAN), ..base }, "not NaN"),
            (Simulation { rows: 100, ..base }, "0 positives among 100 rows"),
            (Simulation { positives: Positives::Count(100_000), ..base }, "100,000 positives among 100,000 rows"),
        ] {
            let said = simulate(&simulation).unwrap_err().to_string();
            assert!(said.contains(named), "{said}");
        }
        // All of them at once.
        let said = Simulation { rows: 100, columns: 2, positives: Positives::Count(200), seed: 1 }.check().unwrap_err();
        assert_eq!(
            said.to_string(),
            "simulate: 2 columns are too few: Time, one V column or more, and Amount make at least 3; 200 positives among 100 rows are \
             no two classes: choose other `rows` or `positives`"
        );
    }
}
