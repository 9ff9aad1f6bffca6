//! `polynomial`: products of the columns up to a degree.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::matrix::{check_fit, widen_chunks};
use crate::component::{
    Also, Entry, FittedScaler, Perhaps, Products, SavedScaler, Scaler, Shape, Takes, build, same_columns,
};
use crate::data::ColumnShape;
use crate::error::{Error, Result};

const ID: &str = "polynomial";
/// A thousand rows of more columns take 8 GB.
const MOST_COLUMNS: usize = 1_000_000;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Params {
    #[serde(deserialize_with = "degree")]
    degree: usize,
    interaction_only: bool,
    include_bias: bool,
}

/// The degree: said in whole, so that a list, scikit-learn's range of degrees, is told what there is.
struct Degree;

impl de::Visitor<'_> for Degree {
    type Value = usize;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("1, 2 or 3")
    }

    fn visit_u64<E: de::Error>(self, degree: u64) -> Result<usize, E> {
        usize::try_from(degree).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(degree), &self))
    }
}

fn degree<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    deserializer.deserialize_any(Degree)
}

impl Default for Params {
    fn default() -> Self {
        Params { degree: 2, interaction_only: false, include_bias: true }
    }
}

struct Polynomial(Params);

/// Columns `from`, times the input column `factor`, are the columns from `to` on.
struct Step {
    from: Range<usize>,
    factor: usize,
    to: usize,
}

pub(super) struct Fitted {
    columns: usize,
    out_columns: usize,
    params: Params,
    steps: Vec<Step>,
}

fn make(params: Params) -> Result<Box<dyn Scaler>> {
    match (1..=3).contains(&params.degree) {
        true => Ok(Box::new(Polynomial(params))),
        false => Err(Error::Study(format!("`degree` must be 1, 2 or 3, not {}", params.degree))),
    }
}

/// The steps to all products, in scikit-learn's order: by degree, then by the combination of columns. The products of
/// degree d that start with column j are column j times those of degree d - 1 that start with j (or, for interactions
/// only, with j + 1) or later.
fn plan(columns: usize, params: Params) -> Fitted {
    let first = usize::from(params.include_bias);
    // Where the products of the last degree that start with column j begin; one more element for their end.
    let mut starts: Vec<usize> = (first..=first + columns).collect();
    let mut next = first + columns;
    let mut steps = Vec::new();
    for _ in 2..=params.degree {
        let end = starts[columns];
        let mut new_starts = Vec::with_capacity(columns + 1);
        for factor in 0..columns {
            new_starts.push(next);
            let from = starts[factor + usize::from(params.interaction_only)]..end;
            let to = next;
            next += from.len();
            steps.push(Step { from, factor, to });
        }
        new_starts.push(next);
        starts = new_starts;
    }
    Fitted { columns, out_columns: next, params, steps }
}

/// How many columns this scaler makes of so many, without making them. Saturates.
fn width(columns: usize, params: Params) -> usize {
    // Combinations of `degree` columns: without repetition for interactions only, else with.
    let products = |degree: usize| {
        let last = if params.interaction_only { columns } else { (columns + degree).saturating_sub(1) };
        (0..degree).fold(1_u128, |product, i| product * (last as u128).saturating_sub(i as u128) / (i as u128 + 1))
    };
    let all = (1..=params.degree).map(products).fold(u128::from(params.include_bias), u128::saturating_add);
    usize::try_from(all).unwrap_or(usize::MAX)
}

impl Fitted {
    /// What the products are called, as in scikit-learn: `1`, `a`, `a^2`, `a b`; none of a column without a name.
    fn names(&self, given: &[&str]) -> Vec<String> {
        let bias = self.params.include_bias.then(Vec::new);
        let mut factors: Vec<Vec<usize>> =
            bias.into_iter().chain((0..self.columns).map(|column| vec![column])).collect();
        for step in &self.steps {
            for from in step.from.clone() {
                // The columns of a product rise, as its step has the first of them.
                factors.push(std::iter::once(step.factor).chain(factors[from].iter().copied()).collect());
            }
        }
        let name = |factors: &Vec<usize>| {
            if factors.iter().any(|&column| given[column].is_empty()) {
                return String::new();
            }
            let power = |same: &[usize]| match same {
                [one] => given[*one].to_owned(),
                same => format!("{}^{}", given[same[0]], same.len()),
            };
            match &factors.chunk_by(|a, b| a == b).map(power).collect::<Vec<_>>()[..] {
                [] => "1".to_owned(),
                powers => powers.join(" "),
            }
        };
        factors.iter().map(name).collect()
    }

    /// Writes a row's products.
    fn expand(&self, row: &[f64], out: &mut [f64]) {
        let first = usize::from(self.params.include_bias);
        out[..first].fill(1.0);
        out[first..first + self.columns].copy_from_slice(row);
        for step in &self.steps {
            // What is read always lies before what is written.
            let (done, rest) = out.split_at_mut(step.to);
            for (product, v) in rest.iter_mut().zip(&done[step.from.clone()]) {
                *product = v * row[step.factor];
            }
        }
    }
}

/// The columns and their products of degree 2, without the constant: for learners that make them row by row.
pub(crate) struct Quadratic(Fitted);

impl Quadratic {
    /// For rows of so many columns.
    pub(crate) fn new(columns: usize) -> Self {
        Quadratic(plan(columns, Params { include_bias: false, ..Params::default() }))
    }

    /// How many columns [`Self::write`] makes.
    pub(crate) fn width(&self) -> usize {
        self.0.out_columns
    }

    /// Writes a row's columns and products, in scikit-learn's order, to `out` (of [`Self::width`]).
    pub(crate) fn write(&self, row: &[f64], out: &mut [f64]) {
        self.0.expand(row, out);
    }
}

impl Scaler for Polynomial {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        given.complete()?;
        let width = width(given.columns.len(), self.0);
        if width > MOST_COLUMNS {
            let columns = given.columns.len();
            return Err(format!("it makes {width} columns of {columns}, and more than {MOST_COLUMNS} fit no memory"));
        }
        let names: Vec<&str> = given.columns.iter().map(|column| column.name.as_str()).collect();
        let column = |name| ColumnShape { name, levels: None, blanks: false, empty: false };
        let columns = plan(names.len(), self.0).names(&names).into_iter().map(column).collect();
        let mut perhaps = given.perhaps.clone();
        // Products of what only a fit names are named by it, too.
        if !perhaps.is_empty() && !perhaps.contains(&Perhaps::Anything) {
            let Params { degree, interaction_only, .. } = self.0;
            perhaps.push(Perhaps::Products(Products::new(&names, &given.perhaps, degree, interaction_only)));
        }
        Ok(Shape { rows: given.rows, columns, perhaps })
    }

    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        check_fit(ID, x)?;
        Ok(Box::new(plan(x.ncols(), self.0)))
    }

    fn learns(&self) -> bool {
        false
    }
}

/// The products of so many columns up to a degree, as a fit on them would make them.
pub(super) fn of_degree(columns: usize, degree: usize, interaction_only: bool, include_bias: bool) -> Fitted {
    plan(columns, Params { degree, interaction_only, include_bias })
}

impl FittedScaler for Fitted {
    fn saved(&self) -> Option<SavedScaler> {
        let Params { degree, interaction_only, include_bias } = self.params;
        Some(SavedScaler::Products { columns: self.columns, degree, interaction_only, include_bias })
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        same_columns(ID, self.columns, x.ncols())?;
        widen_chunks(ID, x, self.out_columns, |from, to| {
            for (row, out) in from.chunks_exact(self.columns).zip(to.chunks_exact_mut(self.out_columns)) {
                self.expand(row, out);
            }
        })
    }
}

/// `PolynomialFeatures`: <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.PolynomialFeatures.html>.
pub const ENTRY: Entry<dyn Scaler> =
    Entry::new(ID, "all products of the columns up to degree 2 (or 1, 3)", |table| build::<Params, _>(ID, table, make))
        .source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.PolynomialFeatures.html")
        .also(&[Also::harmless("order", "the values are the same however they lie in memory")
            .takes(&[Takes::Texts(&["C", "F"])])]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_is_known_before_the_products_are_made() {
        for columns in [1, 2, 3, 7, 30] {
            for degree in 1..=3 {
                for (interaction_only, include_bias) in [(false, false), (false, true), (true, false), (true, true)] {
                    let params = Params { degree, interaction_only, include_bias };
                    let told = width(columns, params);
                    assert_eq!(told, plan(columns, params).out_columns, "{columns} {params:?}");
                }
            }
        }
        assert_eq!(width(30, Params { degree: 3, interaction_only: false, include_bias: true }), 5_456);
    }

    fn row(params: Params, values: &[f64]) -> Vec<f64> {
        let x = Array2::from_shape_vec((1, values.len()), values.to_vec()).unwrap();
        plan(values.len(), params).transform(x).unwrap().into_iter().collect()
    }

    #[test]
    fn products_are_called_by_their_columns() {
        let names = |params: Params, given: &[&str]| plan(given.len(), params).names(given);
        let all = Params { degree: 3, ..Params::default() };
        let expected = ["1", "a", "b", "a^2", "a b", "b^2", "a^3", "a^2 b", "a b^2", "b^3"];
        assert_eq!(names(all, &["a", "b"]), expected);
        let interactions = Params { degree: 3, interaction_only: true, include_bias: false };
        assert_eq!(names(interactions, &["a", "b", "c"]), ["a", "b", "c", "a b", "a c", "b c", "a b c"]);
        assert_eq!(names(Params::default(), &["a", ""]), ["1", "a", "", "a^2", "", ""]);
    }

    #[test]
    fn products_come_by_degree_then_by_combination() {
        let all = Params { degree: 3, ..Params::default() };
        assert_eq!(row(all, &[2.0, 3.0]), [1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 8.0, 12.0, 18.0, 27.0]);
        let interactions = Params { degree: 3, interaction_only: true, include_bias: false };
        assert_eq!(row(interactions, &[2.0, 3.0, 5.0]), [2.0, 3.0, 5.0, 6.0, 10.0, 15.0, 30.0]);
        // More degrees than columns: no product of three different columns out of two.
        assert_eq!(row(interactions, &[2.0, 3.0]), [2.0, 3.0, 6.0]);
    }
}
