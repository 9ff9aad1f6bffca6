//! `select-k-best`: the columns that each by itself say most of the label.

use serde::{Deserialize, Serialize};

use super::chosen::Chosen;
use super::mutual_information::mutual_info_classif;
use super::numbers;
use super::score::{chi2, f_classif};
use crate::component::{Entry, FittedTransformer, Idle, Perhaps, Shape, Train, Transformer, build, later};
use crate::data::ColumnShape;
use crate::error::{Error, Result};

const ID: &str = "select-k-best";

/// How many columns stay.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is a number of columns, or `all`")]
enum K {
    Count(usize),
    Named(All),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum All {
    All,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScoreFunc {
    FClassif,
    Chi2,
    MutualInfoClassif,
}

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// `f_classif`, `chi2` or `mutual_info_classif`.
    score_func: ScoreFunc,
    /// A count, or `"all"`. A study's own count of more columns than there are is refused. Where it names none, or a fit has fewer
    /// columns than the study's plan, all stay, as in scikit-learn.
    k: K,
    /// Of `mutual_info_classif`: how many nearest rows of the same label tell how dense these are.
    n_neighbors: usize,
    /// Of `mutual_info_classif`, which adds noise to the values.
    random_state: u32,
}

/// Came after the first records: out of the key while at their defaults.
const LATER: &[&str] = &["n_neighbors", "random_state"];

impl Default for Params {
    fn default() -> Self {
        Params { score_func: ScoreFunc::FClassif, k: K::Count(10), n_neighbors: 3, random_state: 0 }
    }
}

struct KBest {
    params: Params,
    /// Whether the study names `k`: the default is no wish for so many columns.
    names_k: bool,
}

fn checked(params: Params, names_k: bool) -> Result<Box<dyn Transformer>> {
    match params.k {
        K::Count(0) => Err(Error::Study("`k` must be at least 1, or \"all\", not 0".into())),
        _ if params.n_neighbors == 0 => Err(Error::Study("`n_neighbors` must be at least 1, not 0".into())),
        _ => Ok(Box::new(KBest { params, names_k })),
    }
}

impl KBest {
    fn count(&self, columns: usize) -> usize {
        match self.params.k {
            K::Count(count) => count.min(columns),
            K::Named(All::All) => columns,
        }
    }
}

impl Transformer for KBest {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        numbers(given)?;
        let most = given.columns.len();
        if let K::Count(count) = self.params.k
            && self.names_k
            && count > most
            && !given.perhaps.contains(&Perhaps::Anything)
        {
            return Err(format!(
                "`k` is {count}, and no more than {most} columns are left: lower it, or write k = \"all\""
            ));
        }
        let count = self.count(most);
        if count == given.columns.len() {
            return Ok(given.clone());
        }
        // Which columns these are is known after a fit only.
        let column = || ColumnShape { name: String::new(), levels: None, blanks: false, empty: false };
        let named = given.columns.iter().filter(|column| !column.name.is_empty());
        let perhaps = named.map(|column| Perhaps::Is(column.name.clone())).chain(given.perhaps.clone());
        let columns = std::iter::repeat_with(column).take(count).collect();
        Ok(Shape { rows: given.rows, columns, perhaps: perhaps.collect() })
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let positives = train.y.iter().filter(|&&label| label == 1).count();
        let counts = [train.y.len() - positives, positives];
        if counts.contains(&0) || train.y.len() < 3 {
            return Err(Error::Component(format!("`{ID}` needs at least three training rows of both classes")));
        }
        let Params { n_neighbors, random_state, .. } = self.params;
        let scores = match self.params.score_func {
            ScoreFunc::FClassif => f_classif(train, counts),
            ScoreFunc::Chi2 => chi2(ID, train, counts)?,
            ScoreFunc::MutualInfoClassif => mutual_info_classif(train, n_neighbors, random_state),
        };
        Ok(Box::new(Chosen::new(ID, train, &best(&scores, self.count(scores.len())))))
    }
}

/// Marks the `count` largest scores; of equal ones the last, as scikit-learn's stable sort does. What is no number is least.
fn best(scores: &[f64], count: usize) -> Vec<bool> {
    let rank = |at: &usize| if scores[*at].is_nan() { f64::MIN } else { scores[*at] };
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
    let mut kept = vec![false; scores.len()];
    order[scores.len() - count..].iter().for_each(|&at| kept[at] = true);
    kept
}

/// `SelectKBest`: <https://scikit-learn.org/1.9/modules/generated/sklearn.feature_selection.SelectKBest.html>, with `f_classif`,
/// `chi2` or `mutual_info_classif` (by functools.partial with its `n_neighbors` and `random_state`). A constant column is never preferred to another; scikit-learn's `f_classif` divides rounding errors there.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "the columns that each by itself tell the classes apart best", |table| {
        let names_k = table.contains_key("k");
        let built = build::<Params, _>(ID, table, |params| checked(params, names_k));
        built.map(|built| later::<Params, _>(built, LATER))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.feature_selection.SelectKBest.html")
    .idle(&[Idle::new(
        &["n_neighbors", "random_state"],
        "`score_func = \"mutual_info_classif\"`",
        "score_func",
        |function| function == "mutual_info_classif",
    )]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Built, Features, Registry};
    use crate::data::Column;

    fn built(params: &str) -> Built<dyn Transformer> {
        ENTRY.build(&params.parse().unwrap(), &Registry::built_in()).unwrap()
    }

    #[test]
    fn more_columns_than_there_are_are_refused() {
        let column = |name: &str| ColumnShape { name: name.into(), levels: None, blanks: false, empty: false };
        let given = Shape::new(9, ["a", "b", "c"].map(column).into());
        let shape = |k: &str| {
            let built = built(&format!("k = {k}"));
            built.component.shape(&given).map(|shape| shape.columns.len())
        };
        assert_eq!(
            shape("4").unwrap_err(),
            "`k` is 4, and no more than 3 columns are left: lower it, or write k = \"all\""
        );
        assert_eq!([shape("3"), shape("2"), shape("'all'")], [Ok(3), Ok(2), Ok(3)]);
        // The same number as the default is a wish where the study has it.
        assert!(shape("10").unwrap_err().starts_with("`k` is 10, and no more than 3 columns are left"));
    }

    #[test]
    fn the_default_takes_all_columns_where_there_are_fewer() {
        let names = |count: usize| -> Vec<String> { (0..count).map(|at| format!("c{at}")).collect() };
        let x = ndarray::Array2::from_shape_fn((6, 12), |(row, at)| ((row * 5 + at * 7) % 11) as f64);
        for params in ["", "score_func = 'chi2'"] {
            let selection = built(params);
            assert_eq!(selection.params["k"], 10, "the parameter is scikit-learn's, whatever the table has");
            for (given, kept) in [(3, 3), (10, 10), (12, 10)] {
                let columns: Vec<Column> = names(given).into_iter().map(Column::number).collect();
                let shape = columns.iter().map(|column| ColumnShape {
                    name: column.name.clone(),
                    levels: None,
                    blanks: false,
                    empty: false,
                });
                let shape = selection.component.shape(&Shape::new(6, shape.collect())).unwrap();
                assert_eq!(shape.columns.len(), kept, "{given}");
                let x = x.slice(ndarray::s![.., ..given]);
                let train = Train::new(Features { x, columns: &columns }, &[0, 1, 0, 1, 0, 1]);
                assert_eq!(selection.component.fit(&train).unwrap().columns().len(), kept, "{given}");
            }
        }
    }

    #[test]
    fn of_equal_scores_the_last_stay_and_no_number_is_least() {
        assert_eq!(best(&[2.0, f64::NAN, 2.0, 2.0, 1.0], 2), [false, false, true, true, false]);
        assert_eq!(best(&[f64::NAN, -1.0], 1), [false, true]);
        assert_eq!(best(&[f64::NAN, 3.0], 2), [true, true]);
    }
}
