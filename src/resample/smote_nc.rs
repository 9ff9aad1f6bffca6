//! `smote-nc`: SMOTE for tables of numbers and categories.

use ndarray::{Array2, ArrayView2, Axis};

use super::integer_columns::Params;
use super::interpolate::{Adding, Joins, Step};
use super::mixed_neighbors::nearest;
use crate::component::{
    Also, Context, Entry, Features, InPython, N_JOBS, Resampled, Resampler, Shape, Train, build, later,
};
use crate::error::Result;
use crate::neighbors::{Euclidean, measurable};
use crate::numeric::mt19937::Mt19937;

const ID: &str = "smote-nc";

struct SmoteNc(Params);

/// The minority rows' values, row after row, numbers and categories apart.
struct Minority {
    rows: usize,
    numbers: Vec<f64>,
    codes: Vec<u32>,
    /// The columns of both.
    number_columns: Vec<usize>,
    code_columns: Vec<usize>,
}

impl Minority {
    fn new(features: &Features<'_>, rows: &[usize]) -> Self {
        let (code_columns, number_columns): (Vec<usize>, Vec<usize>) =
            (0..features.x.ncols()).partition(|&column| features.levels(column).is_some());
        let values = |columns: &[usize]| -> Vec<f64> {
            rows.iter()
                .flat_map(|&row| columns.iter().map(move |&column| (row, column)))
                .map(|at| features.x[at])
                .collect()
        };
        let codes = values(&code_columns).into_iter().map(|code| code as u32).collect();
        Minority { rows: rows.len(), numbers: values(&number_columns), codes, number_columns, code_columns }
    }

    /// What two different levels add to a squared distance: the squared median of the numbers' standard deviations.
    fn difference(&self) -> f64 {
        let (width, count) = (self.number_columns.len(), self.rows as f64);
        let deviation = |column: usize| {
            let values = || self.numbers.iter().skip(column).step_by(width);
            let mean = values().sum::<f64>() / count;
            (values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count).sqrt()
        };
        let mut deviations: Vec<f64> = (0..width).map(deviation).collect();
        deviations.sort_by(f64::total_cmp);
        let median = (deviations[(width - 1) / 2] + deviations[width / 2]) / 2.0;
        // A level is median / sqrt(2) in a column of its own, so that two levels differ in two columns.
        let half = median / 2.0_f64.sqrt();
        2.0 * half * half
    }

    fn neighbors(&self, k: usize) -> Vec<usize> {
        let difference = self.difference();
        let (numbers, codes) = (self.number_columns.len(), self.code_columns.len());
        nearest(self.rows, k, |a, b, worst| {
            let of = |row: usize| &self.numbers[row * numbers..(row + 1) * numbers];
            let mut sum = of(a).iter().zip(of(b)).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
            if sum <= worst {
                let of = |row: usize| &self.codes[row * codes..(row + 1) * codes];
                sum += difference * of(a).iter().zip(of(b)).filter(|(a, b)| a != b).count() as f64;
            }
            sum
        })
    }

    /// For each row the levels of a category that most of its neighbours have, ascending.
    fn most_frequent(&self, near: &[usize], k: usize, category: usize) -> Vec<Vec<u32>> {
        let width = self.code_columns.len();
        let of = |near: &[usize]| {
            let mut levels: Vec<u32> = near.iter().map(|&row| self.codes[row * width + category]).collect();
            levels.sort_unstable();
            let runs: Vec<&[u32]> = levels.chunk_by(|a, b| a == b).collect();
            let most = runs.iter().map(|run| run.len()).max();
            runs.into_iter().filter(|run| Some(run.len()) == most).map(|run| run[0]).collect()
        };
        near.chunks(k).map(of).collect()
    }
}

/// For each step one of the levels of its row. Where there are several, imbalanced-learn's draw: all candidates of all steps are
/// shuffled, and the first one of a step counts.
fn drawn(steps: &[Step], levels: &[Vec<u32>], random: &mut Mt19937) -> Vec<u32> {
    let candidates: Vec<(u32, u32)> = steps
        .iter()
        .zip(0..)
        .flat_map(|(step, nth)| levels[step.from].iter().map(move |&level| (nth, level)))
        .collect();
    let mut chosen: Vec<Option<u32>> = vec![None; steps.len()];
    for place in random.permutation(candidates.len()) {
        let (nth, level) = candidates[place];
        chosen[nth as usize].get_or_insert(level);
    }
    // Each row has neighbours, so each step has candidates.
    chosen.into_iter().flatten().collect()
}

fn made(
    x: ArrayView2<'_, f64>,
    minority: &Minority,
    joins: &Joins,
    steps: &[Step],
    near: &[usize],
    seed: u32,
) -> Array2<f64> {
    let mut made = Array2::zeros((steps.len(), x.ncols()));
    for (mut out, step) in made.rows_mut().into_iter().zip(steps) {
        let (from, to) = (x.row(joins.from[step.from]), x.row(joins.near[step.near]));
        for &column in &minority.number_columns {
            out[column] = from[column] + step.share * (to[column] - from[column]);
        }
    }
    // imbalanced-learn starts the stream anew for the categories.
    let mut random = Mt19937::new(seed);
    for (category, &column) in minority.code_columns.iter().enumerate() {
        let levels = drawn(steps, &minority.most_frequent(near, joins.k, category), &mut random);
        made.column_mut(column).iter_mut().zip(levels).for_each(|(out, level)| *out = f64::from(level));
    }
    made
}

impl Resampler for SmoteNc {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let categories = given.columns.iter().filter(|column| column.levels.is_some()).count();
        match (categories, given.columns.len() - categories) {
            (0, _) => {
                Err("it takes numbers and categories, and there are numbers only: use the resampler `smote`".into())
            }
            (_, 0) => {
                Err("it takes numbers and categories, and there are categories only: use the resampler `smote-n`"
                    .into())
            }
            _ => {
                given.complete()?;
                self.0.integer_columns.in_shape(ID, given).map(|()| given.clone())
            }
        }
    }

    fn on_scaled(&self) -> Result<(), String> {
        self.0.integer_columns.on_scaled()
    }

    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let params = &self.0.common;
        let adding = Adding::new(ID, params.sampling_strategy, y)?;
        if adding.wanted == 0 {
            return Ok(adding.resampled);
        }
        let k = params.k_neighbors;
        let rows = adding.minority(ID, ("k_neighbors", k), y)?;
        measurable::<Euclidean>(ID, x.select(Axis(0), &rows).view())?;
        let minority = Minority::new(&train.features, &rows);
        let near = minority.neighbors(k);
        let joins = Joins { near: near.iter().map(|&nth| rows[nth]).collect(), from: rows, k };
        let seed = params.random_state.unwrap_or(context.seed as u32);
        let steps = joins.steps(adding.wanted, 1.0, seed);
        let made = made(x, &minority, &joins, &steps, &near, seed);
        let made = self.0.integer_columns.cut(ID, &train.features, made)?;
        Ok(adding.with(made, joins.origins(&steps)))
    }
}

/// Chawla and others 2002, section 6.1, as imbalanced-learn's `SMOTENC`; with the same `random_state` the same rows, with the
/// exceptions that `smote` names, and but for DataFrames whose columns of numbers are all integers, where imbalanced-learn cuts
/// what a level counts in a distance to a whole number too. Levels stay numbers here, where imbalanced-learn makes a column of
/// each: memory does not grow with them.
pub const ENTRY: Entry<dyn Resampler> = Entry::new(
    ID,
    "SMOTE for numbers and categories: a category is the most frequent one of the neighbours",
    |table| {
        let built =
            build::<Params, _>(ID, table, |params| Ok(Box::new(SmoteNc(params.checked()?)) as Box<dyn Resampler>))?;
        Ok(later::<Params, _>(built, &["integer_columns"]))
    },
)
.also(&[
    N_JOBS,
    Also::only(
        "categorical_features",
        "\"auto\"",
        "the categories are the data set's: name columns of numbers that are categories too under `categorical` in [data]",
    ),
    Also::only("categorical_encoder", "null", "levels are counted as they are, without an encoder: leave it out"),
])
.source("https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.SMOTENC.html")
.in_python(InPython::new().given("categorical_features = \"auto\"").lacks(&["integer_columns"]));

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::tests::resample;
    use super::*;
    use crate::data::{Column, Kind};

    #[test]
    fn integer_columns_are_those_of_a_data_frame_of_imbalanced_learn() {
        // imbalanced-learn 0.14.2: SMOTENC(["c"], random_state=4, k_neighbors=2) on a DataFrame with `a` of type int64.
        let x = array![
            [-11.0, -3.0, 0.0],
            [-4.0, 0.75, 1.0],
            [-6.0, 4.5, 1.0],
            [6.0, -1.5, 0.0],
            [9.0, 2.25, 1.0],
            [3.0, 6.0, 1.0],
            [11.0, 0.0, 0.0],
            [10.0, 3.75, 1.0],
            [0.0, -2.25, 1.0],
            [4.0, 1.5, 0.0],
            [-1.0, 5.25, 1.0],
            [8.0, -0.75, 1.0],
            [8.0, 3.0, 0.0],
            [-1.0, -3.0, 1.0]
        ];
        let y = [0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
        let levels = Kind::Category(["0".to_owned(), "1".to_owned()].into());
        let columns = [Column::number("a"), Column::number("b"), Column { kind: levels, ..Column::number("c") }];
        let train = Train::new(Features { x: x.view(), columns: &columns }, &y);
        let made = |toml: &str| resample(&ENTRY, toml, &train).map(|resampled| resampled.made);
        let expected = array![
            [5.0, 0.8583359857673205, 0.0],
            [3.0, 4.639779710687719, 1.0],
            [4.0, 5.513798634944153, 1.0],
            [3.0, 1.3932350464930883, 1.0]
        ];
        let of = |more: &str| made(&format!("random_state = 4\nk_neighbors = 2\n{more}"));
        assert_eq!(of("integer_columns = ['a']").unwrap(), expected);
        assert_ne!(of("").unwrap(), expected);
        let said = of("integer_columns = ['c']").unwrap_err().to_string();
        assert!(said.contains("smote-nc's `integer_columns` `c`. Allowed: a, b"), "{said}");
    }
}
