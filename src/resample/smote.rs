//! `smote`: made-up minority rows between a minority row and one of its nearest minority rows.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::component::{Context, Entry, Resampled, Resampler, Train, build};
use crate::error::{Error, Result};
use crate::neighbors::{Euclidean, Nearest, Pair};
use crate::numeric::mt19937::Mt19937;

const ID: &str = "smote";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// `auto` (as many rows as the majority has), or minority rows per majority row afterwards, in (0, 1].
    sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    random_state: Option<u32>,
    /// How many nearest minority rows a row is joined with.
    k_neighbors: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Strategy {
    Ratio(f64),
    Named(Name),
}

/// Of two classes all of these mean the smaller one, brought up to the larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Name {
    Auto,
    Minority,
    #[serde(alias = "not majority")]
    NotMajority,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::Named(Name::Auto), random_state: None, k_neighbors: 5 }
    }
}

struct Smote(Params);

impl Smote {
    fn new(params: Params) -> Result<Self> {
        if params.k_neighbors == 0 {
            return Err(Error::Study("`k_neighbors` must be at least 1".into()));
        }
        match params.sampling_strategy {
            Strategy::Ratio(ratio) if !(ratio > 0.0 && ratio <= 1.0) => Err(Error::Study(format!(
                "`sampling_strategy` must be `auto` or above 0 and at most 1, but is {ratio}"
            ))),
            _ => Ok(Smote(params)),
        }
    }

    /// How many rows are to be made.
    fn wanted(&self, few: usize, many: usize) -> Result<usize> {
        let Strategy::Ratio(ratio) = self.0.sampling_strategy else { return Ok(many - few) };
        let target = (many as f64 * ratio) as usize;
        target.checked_sub(few).ok_or_else(|| {
            Error::Component(format!(
                "{ID} to {ratio} would leave {target} minority rows, and there are {few} already: a larger \
                 `sampling_strategy` adds rows"
            ))
        })
    }
}

impl Resampler for Smote {
    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let positives = y.iter().filter(|&&label| label == 1).count();
        let (minority, few, many) = match positives * 2 <= y.len() {
            true => (1, positives, y.len() - positives),
            false => (0, y.len() - positives, positives),
        };
        let mut resampled = Resampled::chosen((0..y.len()).collect());
        let wanted = self.wanted(few, many)?;
        if wanted == 0 {
            return Ok(resampled);
        }
        let k = self.0.k_neighbors;
        if few <= k {
            return Err(Error::Component(format!(
                "{ID} joins a minority row with {k} others, and there are {few} minority rows: a smaller `k_neighbors` fits"
            )));
        }
        let places: Vec<usize> = (0..y.len()).filter(|&row| y[row] == minority).collect();
        let rows = x.select(Axis(0), &places);
        let near = neighbors(&rows, k)?;
        let mut random = Mt19937::new(self.0.random_state.unwrap_or(context.seed as u32));
        let draws: Vec<usize> = (0..wanted).map(|_| random.randint(0, (few * k) as i64) as usize).collect();
        let mut made = Array2::zeros((wanted, x.ncols()));
        for (mut out, &draw) in made.rows_mut().into_iter().zip(&draws) {
            let (from, to) = (rows.row(draw / k), rows.row(near[draw]));
            let step = random.next_f64();
            out.iter_mut().zip(from).zip(to).for_each(|((out, from), to)| *out = from + step * (to - from));
        }
        resampled.made_from = draws.iter().map(|draw| places[draw / k]).collect();
        resampled.made_y = vec![minority; wanted];
        resampled.made = made;
        Ok(resampled)
    }
}

/// For each row its `k` nearest others, one row's after the other's.
fn neighbors(rows: &Array2<f64>, k: usize) -> Result<Vec<usize>> {
    // One class: no vote is to be decided, so that all neighbours are told.
    let pair = Pair::new(rows.view(), &vec![0; rows.nrows()])?;
    let mut near = Vec::with_capacity(rows.nrows() * k);
    for (own, nearest) in pair.k_nearest::<Euclidean>(rows.view(), k + 1)?.into_iter().enumerate() {
        let Nearest::Rows(found) = nearest else {
            return Err(Error::Component(format!("{ID} was not told the neighbours of a row")));
        };
        // Among equal rows the row itself need not come first, nor be among the nearest at all.
        near.extend(found.iter().map(|n| n.row as usize).filter(|&row| row != own).take(k));
    }
    Ok(near)
}

/// Chawla, Bowyer, Hall, Kegelmeyer, "SMOTE: Synthetic Minority Over-sampling Technique", JAIR 16, 2002, as imbalanced-learn's
/// `SMOTE`: <https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.SMOTE.html>. With the same
/// `random_state` the same rows, but for minority rows that stand there twice, where imbalanced-learn can take a row for its
/// own neighbour, and for neighbours that are equally far, which it leaves open and here are ordered by row.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "made-up minority rows between a minority row and its nearest ones", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(Smote::new(params)?) as Box<dyn Resampler>))
    })
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.SMOTE.html");

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn resample(toml: &str, x: &Array2<f64>, y: &[u8]) -> Result<Resampled> {
        (ENTRY.build)(&toml.parse().unwrap())?.component.resample(&Train::numbers(x.view(), y), &Context { seed: 3 })
    }

    #[test]
    fn made_rows_lie_between_a_minority_row_and_its_nearest_ones() {
        // Three minority rows on a line; with one neighbour the outer ones are joined with the middle one alone.
        let x = array![[0.0, 0.0], [1.0, 2.0], [3.0, 6.0], [9.0, 9.0], [9.0, 8.0], [8.0, 9.0], [7.0, 7.0], [6.0, 9.0]];
        let y = [1, 1, 1, 0, 0, 0, 0, 0];
        let made = resample("k_neighbors = 1", &x, &y).unwrap();
        assert_eq!((made.rows.len(), made.made_y.as_slice()), (8, &[1, 1][..]));
        for (row, &from) in made.made.rows().into_iter().zip(&made.made_from) {
            assert_eq!(row[1], 2.0 * row[0], "on the line");
            let (low, high) = if from == 2 { (1.0, 3.0) } else { (0.0, 1.0) };
            assert!((low..=high).contains(&row[0]), "{row} from {from}");
        }
    }

    #[test]
    fn a_row_is_never_its_own_neighbour_among_equal_ones() {
        let mut x = Array2::zeros((40, 1));
        // Twelve equal minority rows and one apart: of the equal ones each has five equal others.
        x[(12, 0)] = 5.0;
        let y: Vec<u8> = (0..40).map(|row| u8::from(row < 13)).collect();
        let made = resample("", &x, &y).unwrap();
        let near = neighbors(&x.slice(ndarray::s![..13, ..]).to_owned(), 5).unwrap();
        assert!((0..13).all(|row| !near[row * 5..row * 5 + 5].contains(&row)));
        assert!(made.made.iter().zip(&made.made_from).all(|(value, &from)| from == 12 || *value == 0.0));
    }

    #[test]
    fn what_cannot_be_made_is_said() {
        let x = Array2::from_shape_fn((12, 1), |(row, _)| row as f64);
        let y: Vec<u8> = (0..12).map(|row| u8::from(row < 4)).collect();
        let said = |toml: &str| resample(toml, &x, &y).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said("").contains("with 5 others, and there are 4 minority rows"), "{}", said(""));
        assert!(said("k_neighbors = 2\nsampling_strategy = 0.25").contains("there are 4 already"));
        assert!(said("sampling_strategy = 1.5").contains("above 0 and at most 1"));
        let half = resample("k_neighbors = 2\nsampling_strategy = 0.75", &x, &y).unwrap();
        assert_eq!(half.made_y.len(), 2);
    }
}
