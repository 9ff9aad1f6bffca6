//! Payments in two fields, minute of the day and amount, of which the fraudulent ones differ slightly: what Levashov and
//! Ovchinnikov (2019) have of a bank's payments, which are not public.

use ndarray::Array2;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::rare::{Draws, labels, normal_quantile};
use super::{MOST_ROWS, all_told};
use crate::data::{Column, Dataset, Digests, Role, Sides, check_memory, hex};
use crate::error::Result;
use crate::seed::{Purpose, derive};
use crate::words::short;

/// Bumped whenever the same parameters give other values; part of the data's hash.
const VERSION: u32 = 1;
/// The share of payments in business hours, and their minutes: mean and standard deviation. The others are of any minute.
const BUSINESS: f64 = 0.85;
const HOURS: (f64, f64) = (780.0, 170.0);
const MINUTES: f64 = 1_440.0;
/// The amount of `u`, uniform: `SCALE (1/sqrt(u) - 1)`, Lomax of shape 2, whose variance is infinite; median 10,355.
const SCALE: f64 = 25_000.0;

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Payments {
    /// Legitimate payments.
    pub legitimate: usize,
    /// Fraudulent ones.
    pub frauds: usize,
    /// By how many minutes frauds of business hours are later on average.
    pub later: f64,
    /// By which factor frauds' amounts are larger.
    pub larger: f64,
    /// Another seed, another draw of the same distribution.
    pub seed: u64,
}

impl Default for Payments {
    /// The paper's numbers of payments.
    fn default() -> Self {
        Payments { legitimate: 1_000_000, frauds: 230, later: 60.0, larger: 1.25, seed: 1 }
    }
}

impl Payments {
    /// The same distribution for both classes.
    pub const fn without_difference(self) -> Self {
        Payments { later: 0.0, larger: 1.0, ..self }
    }

    /// All payments.
    pub fn rows(&self) -> usize {
        self.legitimate.saturating_add(self.frauds)
    }

    /// # Errors
    /// [`crate::error::Error::Data`] naming every parameter that is out of range.
    pub fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        if self.legitimate == 0 || self.frauds == 0 || self.rows() > MOST_ROWS {
            faults.push(format!(
                "{} legitimate payments and {} frauds: there must be some of both, and fewer than 4 billion",
                self.legitimate, self.frauds
            ));
        }
        if !(-MINUTES..=MINUTES).contains(&self.later) {
            faults.push(format!("`later` is a number of minutes from -1440 to 1440, not {}", short(self.later)));
        }
        if !(self.larger > 0.0 && self.larger <= 1e6) {
            faults.push(format!("`larger` is a factor above 0, up to 1000000, not {}", short(self.larger)));
        }
        all_told(&faults)
    }

    /// SHA-256 over the simulator's version and the parameters, which decide every value; lower-case hex.
    pub fn sha256(&self) -> String {
        let parameters = format!(
            "fraudbench payments {VERSION}: legitimate {}, frauds {}, later {:?}, larger {:?}, seed {}",
            self.legitimate, self.frauds, self.later, self.larger, self.seed
        );
        hex(&Sha256::digest(parameters.as_bytes()))
    }

    /// Minute and amount of a row.
    fn values(&self, row: usize, positive: bool, draws: &Draws) -> [f64; 2] {
        let (later, larger) = if positive { (self.later, self.larger) } else { (0.0, 1.0) };
        let minute = match draws.uniform(row, 2) < BUSINESS {
            true => HOURS.0 + later + HOURS.1 * normal_quantile(draws.uniform(row, 3)),
            false => MINUTES * draws.uniform(row, 3),
        };
        let amount = larger * SCALE * (1.0 / draws.uniform(row, 4).sqrt() - 1.0);
        [minute.floor().rem_euclid(MINUTES), (amount * 100.0).round() / 100.0]
    }

    /// The table: `minute` (0 to 1,439) and `amount`. Every value is a function of seed, row and column alone, by arithmetic that
    /// IEEE 754 rounds in one way. Frauds are spread evenly over the rows. METHODOLOGY.md has the distribution.
    ///
    /// # Errors
    /// As [`Payments::check`]; [`crate::error::Error::Data`] where the table is larger than the memory that is free.
    pub fn table(&self) -> Result<Dataset> {
        self.check()?;
        let rows = self.rows();
        check_memory("simulate", rows, 2)?;
        let draws = Draws { key: derive(self.seed, Purpose::Simulate, "payments"), slots: 5 };
        let y = labels(rows, self.frauds, &draws);
        let mut x = Array2::zeros((rows, 2));
        let values = x.as_slice_mut().unwrap_or_default();
        values.par_chunks_exact_mut(2).zip(&y).enumerate().for_each(|(row, (values, &label))| {
            values.copy_from_slice(&self.values(row, label == 1, &draws));
        });
        let sha256 = self.sha256();
        Ok(Dataset {
            name: "payments".into(),
            digests: Digests::made_from(&sha256),
            sha256,
            columns: vec![Column::number("minute"), Column { role: Some(Role::Amount), ..Column::number("amount") }],
            others: Vec::new(),
            sides: Sides { amount: Some(x.column(1).to_vec()), ..Sides::default() },
            x,
            y,
            labels: ("0".into(), "1".into()),
            notes: Vec::new(),
            kept: Vec::new(),
            whence: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_do_not_change_without_a_new_version_and_threads_change_nothing() {
        let small = Payments { legitimate: 5_000, frauds: 50, ..Payments::default() };
        let digest = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let data = pool.install(|| small.table().unwrap());
            let mut hash = Sha256::new();
            data.x.iter().for_each(|value| hash.update(value.to_bits().to_le_bytes()));
            hash.update(&data.y);
            hex(&hash.finalize())[..16].to_owned()
        };
        // Whoever changes the generator bumps VERSION and writes the new digest here.
        assert_eq!((VERSION, digest(1).as_str()), (1, "95fc40b8f3725032"));
        assert_eq!(digest(1), digest(4));
    }

    #[test]
    fn frauds_differ_as_much_as_they_are_told_to() {
        let of = |payments: Payments| {
            let data = payments.table().unwrap();
            assert_eq!((data.positives(), data.y.len()), (payments.frauds, payments.rows()));
            assert!(data.x.column(0).iter().all(|minute| (0.0..1_440.0).contains(minute) && minute.fract() == 0.0));
            // Medians by class and column.
            [0, 1].map(|class: u8| {
                [0, 1].map(|column: usize| {
                    let rows = data.x.column(column);
                    let mut own: Vec<f64> =
                        rows.iter().zip(&data.y).filter(|(_, y)| **y == class).map(|(v, _)| *v).collect();
                    own.sort_by(f64::total_cmp);
                    own[own.len() / 2]
                })
            })
        };
        let many = Payments { legitimate: 40_000, frauds: 20_000, ..Payments::default() };
        let [legitimate, frauds] = of(many);
        assert!((legitimate[1] / 10_355.0 - 1.0).abs() < 0.03 && (frauds[1] / legitimate[1] - 1.25).abs() < 0.05);
        assert!((frauds[0] - legitimate[0] - 60.0).abs() < 12.0, "{frauds:?} {legitimate:?}");
        let [legitimate, frauds] = of(many.without_difference());
        assert!((frauds[0] - legitimate[0]).abs() < 8.0 && (frauds[1] / legitimate[1] - 1.0).abs() < 0.04);
    }

    #[test]
    fn parameters_out_of_range_are_refused_by_name() {
        let base = Payments::default();
        for (payments, named) in [
            (Payments { frauds: 0, ..base }, "0 frauds"),
            (Payments { later: f64::NAN, ..base }, "`later`"),
            (Payments { larger: 0.0, ..base }, "`larger`"),
        ] {
            let said = payments.table().unwrap_err().to_string();
            assert!(said.contains(named), "{said}");
        }
        // All of them at once, in few characters.
        let said = Payments { frauds: 0, later: 1e300, larger: -1.0, ..base }.check().unwrap_err().to_string();
        assert_eq!(
            said,
            "simulate: 1000000 legitimate payments and 0 frauds: there must be some of both, and fewer than 4 billion; `later` is a \
             number of minutes from -1440 to 1440, not 1e300; `larger` is a factor above 0, up to 1000000, not -1"
        );
    }
}
