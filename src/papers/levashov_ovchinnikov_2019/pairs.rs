//! What is counted in the tables themselves: the errors of 10,000 random rectangles, on the rows that they are chosen on and on
//! others. So many pairs fit no record: they have a file per table.

use serde::{Deserialize, Serialize};

use super::tables::{TABLES, Table};
use crate::classify::rectangles::{Bounds, Choice, Counted, Fewest, Plane, of_all, of_random};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::papers::Probe;
use crate::simulate::Payments;

/// The version of the file's format.
const FORMAT: u32 = 1;
/// As many rectangles as the paper's.
pub const RECTANGLES: usize = 10_000;
/// The seed of their draws.
const SEED: u32 = 1;
/// Rows of each class that figure 1 shows at most.
const SHOWN: [usize; 2] = [3_000, 400];
/// Values of frauds per column that are edges where all rectangles are tried.
const EDGES: usize = 128;
/// Of longer fronts so many rectangles are kept, at even distances.
const KEPT: usize = 400;

/// A probe per table.
pub const PROBES: [Probe; 3] = [
    Probe {
        file: "rectangles-payments.json",
        about: "counting 10,000 rectangles on simulated payments",
        part: "payments",
        measure: |data, _| Pairs::measure(&TABLES[0], data)?.bytes(),
        check: |text, file| Pairs::parse(text, file, &TABLES[0]).map(drop),
    },
    Probe {
        file: "rectangles-creditcard.json",
        about: "counting 10,000 rectangles on the credit-card data",
        part: "creditcard",
        measure: |data, _| Pairs::measure(&TABLES[1], data)?.bytes(),
        check: |text, file| Pairs::parse(text, file, &TABLES[1]).map(drop),
    },
    Probe {
        file: "rectangles-handbook.json",
        about: "counting 10,000 rectangles on the Handbook's transactions",
        part: "handbook",
        measure: |data, _| Pairs::measure(&TABLES[2], data)?.bytes(),
        check: |text, file| Pairs::parse(text, file, &TABLES[2]).map(drop),
    },
];

/// Errors of rectangles on one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// Format version.
    pub format: u32,
    /// The program's version.
    pub fraudbench: String,
    /// The data's SHA-256.
    pub sha256: String,
    /// Legitimate and fraudulent rows.
    pub totals: [usize; 2],
    /// Some legitimate and some fraudulent rows for a picture: minute, and amount.
    pub shown: [Vec<[f64; 2]>; 2],
    /// From the lowest to the highest amount above 0.
    pub amounts: [f64; 2],
    /// Frauds outside and legitimate rows inside of each rectangle, on all rows.
    pub errors: Vec<[u32; 2]>,
    /// Those that no other of them beats, with their bounds.
    pub front: Vec<Drawn>,
    /// Errors of those among all rectangles between values of frauds that no other beats.
    pub all: Vec<[u32; 2]>,
    /// The same, chosen on every other row, and their errors on the rows between.
    pub apart: Apart,
    /// The front of as many rectangles where frauds do not differ from other rows; for payments only.
    pub without_difference: Option<Nothing>,
}

/// A rectangle and its errors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    /// Frauds outside and legitimate rows inside.
    pub errors: [u32; 2],
    /// The lowest and the highest minute, the lowest and the highest amount inside.
    pub bounds: [f64; 4],
}

/// Of all rectangles between values of frauds those that no other beats on some rows, judged on others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Apart {
    /// Legitimate and fraudulent rows to choose on.
    pub chosen_on: [usize; 2],
    /// Those to judge on.
    pub judged_on: [usize; 2],
    /// Errors where they were chosen, then where they are judged.
    pub errors: Vec<[[u32; 2]; 2]>,
}

/// What rectangles seem to find where there is nothing to find.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nothing {
    /// Legitimate and fraudulent rows.
    pub totals: [usize; 2],
    /// Errors of those of 10,000 rectangles that no other beats, on the rows that they are chosen on.
    pub errors: Vec<[u32; 2]>,
    /// The same of all rectangles between values of frauds.
    pub all: Vec<[u32; 2]>,
    /// The same, chosen on half of the rows and judged on the other half.
    pub apart: Apart,
}

/// Errors as shares: of the first kind, of the second kind.
pub fn shares(errors: [u32; 2], totals: [usize; 2]) -> [f64; 2] {
    [f64::from(errors[0]) / totals[1] as f64, f64::from(errors[1]) / totals[0] as f64]
}

/// The smallest sum of both errors, as a pair of shares.
pub fn best(errors: impl Iterator<Item = [f64; 2]>) -> Option<[f64; 2]> {
    errors.min_by(|a, b| (a[0] + a[1]).total_cmp(&(b[0] + b[1])))
}

impl Pairs {
    /// Reads a file that [`Pairs::bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Store`] when it is none, of another format, or of other data than the table's.
    pub fn parse(text: &str, file: &str, table: &Table) -> Result<Self> {
        let pairs: Pairs = serde_json::from_str(text)
            .map_err(|e| Error::Store(format!("{file} holds no errors of rectangles: {e}")))?;
        if pairs.format != FORMAT {
            return Err(Error::Store(format!(
                "{file} has format {}, and this fraudbench reads {FORMAT}: run the reproduction again",
                pairs.format
            )));
        }
        let wanted = table.part.data.sha256()?;
        match pairs.sha256 == wanted {
            true => Ok(pairs),
            false => Err(Error::Store(format!(
                "{file} is about data with sha256 {}, not about `{}` with {wanted}",
                pairs.sha256, table.name
            ))),
        }
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|e| Error::Component(format!("cannot encode errors of rectangles: {e}")))
    }

    fn measure(table: &Table, data: &Dataset) -> Result<Self> {
        let rows = rows(data, table.columns)?;
        let plane = Plane::new(rows.iter().copied());
        let mut random = Mt19937::new(SEED);
        let mut fewest = Fewest::new(&plane);
        let mut errors = Vec::with_capacity(RECTANGLES);
        for edges in (0..RECTANGLES).map_while(|_| plane.draw(&mut random)) {
            let [found, alarms] = plane.count(edges);
            fewest.offer(Counted { found, alarms, edges });
            errors.push([plane.totals[1] as u32 - found, alarms]);
        }
        let drawn = |counted: &Counted| Drawn {
            errors: [plane.totals[1] as u32 - counted.found, counted.alarms],
            bounds: plane.bounds(counted.edges).0,
        };
        let without_difference = match table.part.data {
            crate::papers::DataSet::Payments => Some(Nothing::measure(table)?),
            _ => None,
        };
        Ok(Pairs {
            format: FORMAT,
            fraudbench: crate::VERSION.to_owned(),
            sha256: data.sha256.clone(),
            totals: plane.totals,
            shown: [0, 1].map(|class| shown(&rows, class)),
            amounts: amounts(&rows),
            errors,
            front: fewest.front().iter().map(drawn).collect(),
            all: kept(of_all(&plane, EDGES).front().iter().map(|counted| drawn(counted).errors).collect()),
            apart: Apart::measure(&rows),
            without_difference,
        })
    }

    /// The errors of all rectangles as shares.
    pub fn drawn(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        self.errors.iter().map(|&errors| shares(errors, self.totals))
    }

    /// The front's rectangle whose errors are nearest to a pair.
    pub fn nearest(&self, [first, second]: [f64; 2]) -> Option<&Drawn> {
        let away = |drawn: &&Drawn| {
            let [a, b] = shares(drawn.errors, self.totals);
            (a - first).powi(2) + (b - second).powi(2)
        };
        self.front.iter().min_by(|a, b| away(a).total_cmp(&away(b)))
    }
}

impl Nothing {
    fn measure(table: &Table) -> Result<Self> {
        let rows = rows(&Payments::default().without_difference().table()?, table.columns)?;
        let plane = Plane::new(rows.iter().copied());
        let errors = |front: Vec<Counted>| {
            let missed = |counted: &Counted| plane.totals[1] as u32 - counted.found;
            front.iter().map(|counted| [missed(counted), counted.alarms]).collect()
        };
        let (drawn, all) = (of_random(&plane, RECTANGLES, SEED).front(), kept(of_all(&plane, EDGES).front()));
        Ok(Nothing { totals: plane.totals, errors: errors(drawn), all: errors(all), apart: Apart::measure(&rows) })
    }
}

impl Apart {
    fn measure(rows: &[([f64; 2], u8)]) -> Self {
        // Every other row of a class, so that both halves have as many frauds.
        let mut seen = [0_usize; 2];
        let halves: Vec<usize> = rows
            .iter()
            .map(|(_, label)| {
                let nth = &mut seen[usize::from(*label)];
                *nth += 1;
                (*nth - 1) % 2
            })
            .collect();
        let half = |which: usize| {
            Plane::new(rows.iter().zip(&halves).filter(|(_, half)| **half == which).map(|(row, _)| *row))
        };
        let [train, test] = [half(0), half(1)];
        let errors = kept(of_all(&train, EDGES).front()).into_iter().map(|counted| {
            let bounds: Bounds = train.bounds(counted.edges);
            let [found, alarms] = test.count_within(&bounds);
            [[train.totals[1] as u32 - counted.found, counted.alarms], [test.totals[1] as u32 - found, alarms]]
        });
        Apart { errors: errors.collect(), chosen_on: train.totals, judged_on: test.totals }
    }

    /// Errors as shares of the rectangle that `choice` takes where they are chosen: there, and where they are judged.
    pub fn chosen(&self, choice: Choice) -> Option<[[f64; 2]; 2]> {
        let counted = |nth: usize, errors: &[[u32; 2]; 2]| Counted {
            found: self.chosen_on[1] as u32 - errors[0][0],
            alarms: errors[0][1],
            edges: [nth as u32; 4],
        };
        let front: Vec<Counted> = self.errors.iter().enumerate().map(|(nth, errors)| counted(nth, errors)).collect();
        let (chosen, _) = choice.of(&front, self.chosen_on)?;
        let [there, here] = self.errors[chosen.edges[0] as usize];
        Some([shares(there, self.chosen_on), shares(here, self.judged_on)])
    }
}

/// Minute, amount and label of every row.
fn rows(data: &Dataset, columns: [&str; 2]) -> Result<Vec<([f64; 2], u8)>> {
    let column = |name: &str| {
        let place = data.columns.iter().position(|column| column.name == name);
        place.ok_or_else(|| Error::Data(format!("{}: there is no column `{name}`", data.name)))
    };
    let [minute, amount] = [column(columns[0])?, column(columns[1])?];
    Ok(data.y.iter().enumerate().map(|(row, &label)| ([data.x[(row, minute)], data.x[(row, amount)]], label)).collect())
}

/// Some of a long front, its ends among them.
fn kept<T: Copy>(front: Vec<T>) -> Vec<T> {
    match front.len() <= KEPT {
        true => front,
        false => (0..KEPT).map(|nth| front[nth * (front.len() - 1) / (KEPT - 1)]).collect(),
    }
}

/// Rows of a class at even distances.
fn shown(rows: &[([f64; 2], u8)], class: usize) -> Vec<[f64; 2]> {
    let own: Vec<[f64; 2]> = rows.iter().filter(|(_, label)| usize::from(*label) == class).map(|(at, _)| *at).collect();
    let n = own.len().min(SHOWN[class]);
    (0..n).map(|nth| own[nth * own.len() / n]).collect()
}

fn amounts(rows: &[([f64; 2], u8)]) -> [f64; 2] {
    let above = rows.iter().map(|(at, _)| at[1]).filter(|amount| *amount > 0.0);
    above.fold([f64::INFINITY, 0.0], |[low, high], amount| [low.min(amount), high.max(amount)])
}

#[cfg(test)]
pub(super) mod sample {
    use super::*;

    /// Of a small table of the same kind.
    pub fn pairs(payments: Payments) -> Pairs {
        Pairs::measure(&TABLES[0], &payments.table().unwrap()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Pairs {
        sample::pairs(Payments { legitimate: 6_000, frauds: 200, later: 200.0, larger: 3.0, seed: 2 })
    }

    #[test]
    fn errors_are_those_of_looking_at_every_row() {
        let payments = Payments { legitimate: 6_000, frauds: 200, later: 200.0, larger: 3.0, seed: 2 };
        let (pairs, data) = (small(), payments.table().unwrap());
        assert_eq!((pairs.errors.len(), pairs.totals), (RECTANGLES, [6_000, 200]));
        let rows = rows(&data, TABLES[0].columns).unwrap();
        for drawn in &pairs.front {
            let inside = |class: u8| {
                let bounds = Bounds(drawn.bounds);
                rows.iter().filter(|(at, label)| *label == class && bounds.hold(at[0], at[1])).count() as u32
            };
            assert_eq!(drawn.errors, [200 - inside(1), inside(0)]);
            assert!(pairs.errors.contains(&drawn.errors));
        }
    }

    #[test]
    fn a_file_comes_back_and_other_data_are_refused() {
        let pairs = small();
        let text = String::from_utf8(pairs.bytes().unwrap()).unwrap();
        let said = Pairs::parse(&text, "x.json", &TABLES[0]).unwrap_err().to_string();
        assert!(said.contains("x.json is about data with sha256"), "{said}");
        let own = Pairs { sha256: Payments::default().sha256(), ..pairs };
        let text = String::from_utf8(own.bytes().unwrap()).unwrap();
        assert_eq!(Pairs::parse(&text, "x.json", &TABLES[0]).unwrap(), own);
        assert!(Pairs::parse(&text.replacen("\"format\":1", "\"format\":2", 1), "x.json", &TABLES[0]).is_err());
    }

    #[test]
    fn what_is_chosen_on_its_own_rows_looks_better_than_it_is() {
        let nothing = Payments { legitimate: 4_000, frauds: 60, ..Payments::default() }.without_difference();
        let [there, here] = sample::pairs(nothing).apart.chosen(Choice::Youden).unwrap().map(|[a, b]| 1.0 - a - b);
        assert!(there > 0.1 && here < there - 0.05, "{there} {here}");
    }
}
