//! `pca`: the directions of largest variance.

use serde::{Deserialize, Serialize};

use super::columns::means;
use super::numbers;
use super::projection::{Projection, directions, names};
use crate::component::{
    Also, COPY, EXACT, Entry, FittedTransformer, NOTHING_DRAWN, POWER_ITERATION_NORMALIZER, Shape, Takes, Train,
    Transformer, build,
};
use crate::data::ColumnShape;
use crate::error::{Error, Result};
use crate::words::beginning;

const ID: &str = "pca";
const SOLVERS: [&str; 5] = ["auto", "full", "covariance_eigh", "arpack", "randomized"];

/// How many directions stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is a number of directions, or a share of the variance between 0 and 1")]
enum Components {
    Count(usize),
    /// As many as it takes for their share of the variance to be above this one.
    Share(f64),
    Named(String),
}

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// Without it, as many as there are columns (or rows, if these are fewer).
    n_components: Option<Components>,
    /// Whether each direction is divided by its standard deviation.
    whiten: bool,
    /// Taken for its name only: the directions are exact with every one.
    svd_solver: String,
}

impl Default for Params {
    fn default() -> Self {
        Params { n_components: None, whiten: false, svd_solver: "auto".into() }
    }
}

struct Pca(Params);

fn checked(params: Params) -> Result<Box<dyn Transformer>> {
    let misfit = match &params.n_components {
        Some(Components::Count(0)) => Some("0".to_owned()),
        Some(Components::Share(share)) if !(*share > 0.0 && *share < 1.0) => Some(format!("{share:?}")),
        Some(Components::Named(name)) => Some(format!("\"{}\"", beginning(name, 60))),
        _ => None,
    };
    if let Some(found) = misfit {
        return Err(Error::Study(format!(
            "`n_components` must be a whole number of 1 or more, or a share of the variance between 0 and 1, not {found}"
        )));
    }
    if !SOLVERS.contains(&params.svd_solver.as_str()) {
        return Err(Error::Study(crate::error::unknown("`svd_solver`", &params.svd_solver, &SOLVERS)));
    }
    Ok(Box::new(Pca(params)))
}

impl Pca {
    /// At most so many of `most`, which are those that there are.
    fn count(&self, most: usize) -> Result<usize, String> {
        match self.0.n_components {
            Some(Components::Count(count)) if count > most => {
                Err(format!("`n_components` is {count}, and no more than {most} directions are left: lower it"))
            }
            Some(Components::Count(count)) => Ok(count),
            _ => Ok(most),
        }
    }
}

impl Transformer for Pca {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        numbers(given)?;
        let count = self.count(given.columns.len().min(given.rows))?;
        let columns = names(ID, count).map(|name| ColumnShape { name, levels: None, blanks: false, empty: false });
        Ok(Shape::new(given.rows, columns.collect()))
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let x = train.x();
        if x.nrows() < 2 {
            return Err(Error::Component(format!("`{ID}` needs at least two training rows to measure a variance")));
        }
        let most = x.nrows().min(x.ncols());
        let mut count = self.count(most).map_err(|said| Error::Component(format!("`{ID}`: {said}")))?;
        let centre = means(x);
        let all = directions(ID, x, &centre, count)?;
        if let Some(Components::Share(share)) = self.0.n_components {
            count = enough(&all, share).min(most);
        }
        let rows = x.nrows() as f64;
        let kept = all.into_iter().take(count).map(|(squares, mut direction)| {
            if self.0.whiten {
                let deviation = (squares / (rows - 1.0)).sqrt().max(f64::EPSILON);
                direction.iter_mut().for_each(|v| *v /= deviation);
            }
            direction
        });
        Ok(Box::new(Projection::new(ID, ID, centre, &kept.collect::<Vec<_>>())))
    }
}

/// How many of the directions have more than this share of the variance.
fn enough(all: &[(f64, Vec<f64>)], share: f64) -> usize {
    let total: f64 = all.iter().map(|(squares, _)| squares).sum();
    let mut so_far = 0.0;
    let short = all.iter().take_while(|(squares, _)| {
        so_far += squares / total;
        so_far <= share
    });
    short.count() + 1
}

/// `PCA`: <https://scikit-learn.org/1.9/modules/generated/sklearn.decomposition.PCA.html>, with the exact directions whatever
/// the solver is called; scikit-learn's `auto` takes an approximate one for more than 500 columns. `n_components = "mle"` is left
/// out.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "principal components: the directions of largest variance", |table| {
        build::<Params, _>(ID, table, checked)
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.decomposition.PCA.html")
    .also(&[
        COPY,
        NOTHING_DRAWN,
        Also::harmless("tol", EXACT).takes(Takes::POSITIVES),
        Also::harmless("iterated_power", EXACT).takes(&[Takes::Texts(&["auto"]), Takes::Whole(0, i64::MAX)]),
        Also::harmless("n_oversamples", EXACT).takes(Takes::COUNTS),
        POWER_ITERATION_NORMALIZER,
    ]);

#[cfg(test)]
mod tests {
    #[test]
    fn a_number_of_directions_that_does_not_fit_is_told() {
        for (given, found) in [("1.0", "1.0"), ("0", "0"), ("'mle'", "\"mle\"")] {
            let table = format!("n_components = {given}").parse().unwrap();
            assert_eq!(
                super::ENTRY.build(&table, &crate::component::Registry::empty()).err().unwrap().to_string(),
                format!(
                    "`pca`: `n_components` must be a whole number of 1 or more, or a share of the variance between 0 and 1, not {found}"
                )
            );
        }
    }
}
