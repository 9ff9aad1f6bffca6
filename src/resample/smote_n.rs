//! `smote-n`: SMOTE for tables of categories.

use ndarray::{Array2, ArrayView2, Axis};

use super::interpolate::{Adding, Params};
use super::mixed_neighbors::nearest;
use crate::component::{Also, Context, Entry, Features, N_JOBS, Resampled, Resampler, Shape, Train, build};
use crate::error::Result;
use crate::numeric::mt19937::Mt19937;

const ID: &str = "smote-n";

struct SmoteN(Params);

/// For each column and level the share of each class among the rows that have it.
fn shares(features: &Features<'_>, y: &[u8]) -> Vec<Vec<[f64; 2]>> {
    let of = |column: usize| {
        let mut shares = vec![[0.0; 2]; features.levels(column).unwrap_or(0)];
        for (&code, &label) in features.x.column(column).iter().zip(y) {
            shares[code as usize][usize::from(label)] += 1.0;
        }
        for [negative, positive] in shares.iter_mut().filter(|shares| shares[0] + shares[1] > 0.0) {
            let all = *negative + *positive;
            (*negative, *positive) = (*negative / all, *positive / all);
        }
        shares
    };
    (0..features.x.ncols()).map(of).collect()
}

/// For each of `rows` its `k` nearest others among them, by the value difference metric.
fn neighbors(x: ArrayView2<'_, f64>, shares: &[Vec<[f64; 2]>], rows: &[usize], k: usize) -> Vec<usize> {
    let width = shares.len();
    let of_rows: Vec<[f64; 2]> = rows
        .iter()
        .flat_map(|&row| shares.iter().enumerate().map(move |(column, shares)| shares[x[(row, column)] as usize]))
        .collect();
    nearest(rows.len(), k, |a, b, _| {
        let of = |row: usize| &of_rows[row * width..(row + 1) * width];
        let term = |(a, b): (&[f64; 2], &[f64; 2])| {
            let difference = (a[0] - b[0]).abs() + (a[1] - b[1]).abs();
            difference * difference
        };
        of(a).iter().zip(of(b)).map(term).sum()
    })
}

/// The most frequent value; of several the smallest.
fn mode(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let runs = values.chunk_by(|a, b| a == b);
    // Of equal maxima `max_by_key` takes the last one.
    runs.rev().max_by_key(|run| run.len()).map_or(0.0, |run| run[0])
}

impl Resampler for SmoteN {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        match given.columns.iter().find(|column| column.levels.is_none()) {
            Some(column) => Err(format!(
                "it takes categories only, and `{}` is none: use the resampler `smote-nc`, or `smote` for numbers",
                column.name
            )),
            None => given.complete().map(|()| given.clone()),
        }
    }

    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let adding = Adding::new(ID, self.0.sampling_strategy, y)?;
        if adding.wanted == 0 {
            return Ok(adding.resampled);
        }
        let k = self.0.k_neighbors;
        let rows = adding.minority(ID, ("k_neighbors", k), y)?;
        let near = neighbors(x, &shares(&train.features, y), &rows, k);
        // What is made of a row does not depend on the draw.
        let vote = |(nth, column): (usize, usize)| {
            let voters = std::iter::once(&nth).chain(&near[nth * k..(nth + 1) * k]);
            mode(voters.map(|&nth| x[(rows[nth], column)]).collect())
        };
        let votes = Array2::from_shape_fn((rows.len(), x.ncols()), vote);
        let mut random = Mt19937::new(self.0.random_state.unwrap_or(context.seed as u32));
        let drawn: Vec<usize> = (0..adding.wanted).map(|_| random.randint(0, rows.len() as i64) as usize).collect();
        let origins = drawn.iter().map(|&nth| rows[nth]).collect();
        Ok(adding.with(votes.select(Axis(0), &drawn), origins))
    }
}

/// Chawla and others 2002, section 6.2, as imbalanced-learn's `SMOTEN`: a made row has in each column what most of a minority
/// row and its nearest ones have, by the value difference metric. With the same `random_state` the same rows where no two
/// minority rows are equally far from a third; imbalanced-learn leaves open which comes first then, here it is the earlier one.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "SMOTE for categories: the most frequent levels of a minority row and its nearest ones", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(SmoteN(params.checked()?)) as Box<dyn Resampler>))
    })
    .also(&[
        N_JOBS,
        Also::only("categorical_encoder", "null", "levels are counted as they are, without an encoder: leave it out"),
    ])
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.SMOTEN.html");
