//! `rectangles`: a row is suspicious inside one rectangle over two columns (Levashov and Ovchinnikov 2019).
//!
//! | file | what it does |
//! |---|---|
//! | `count` | exact counts of points in rectangles |
//! | `plane` | rows in two columns; rectangles whose edges are their values; random ones |
//! | `front` | rectangles that no other beats in both errors; the choice among them |

mod count;
mod front;
mod plane;
#[cfg(test)]
mod tests;

use ndarray::ArrayView2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::two_class;
use crate::component::which_columns::{Found, Which, in_shape, in_train};
use crate::component::{Classifier, Context, Cost, Entry, Idle, Model, Prediction, ScoreKind, Shape, Train, build};
use crate::error::{Error, Result};

pub(crate) use front::{Choice, Counted, Fewest, of_all, of_random};
pub(crate) use plane::{Bounds, Plane};

const ID: &str = "rectangles";
/// More rectangles than this are hours of work.
const MOST: usize = 1_000_000_000;

/// Which rectangles are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Candidates {
    /// `n_rectangles` random ones: their bounds in each column are the values of two random training rows.
    #[default]
    Random,
    /// All whose bounds are values of positives.
    All,
}

/// What makes one of them the best.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Choose {
    /// The smallest sum of both errors.
    #[default]
    Youden,
    /// The smallest error of the second kind where that of the first kind is at most `max_first_kind`.
    SecondKind,
    /// The smallest cost.
    Cost,
}

/// Parameters; these are ours.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// Two columns, by their names or by their places counted from 0.
    columns: Vec<Which>,
    candidates: Candidates,
    /// How many random rectangles.
    n_rectangles: usize,
    /// So many values of positives per column are edges for `candidates = "all"`; where there are more, so many at even
    /// distances in their order.
    max_edges: usize,
    choose: Choose,
    /// The share of positives that may lie outside, for `choose = "second-kind"`.
    max_first_kind: f64,
    /// The costs for `choose = "cost"`.
    false_negative: f64,
    false_positive: f64,
    /// Whether the score of a row is the share of the front's rectangles (those that no other beats in both errors) that it
    /// lies in. Without it the score is 1 inside the chosen rectangle and 0 outside.
    graded: bool,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            columns: vec![Which::Place(0), Which::Place(1)],
            candidates: Candidates::Random,
            n_rectangles: 10_000,
            max_edges: 256,
            choose: Choose::Youden,
            max_first_kind: 0.1,
            false_negative: 10.0,
            false_positive: 1.0,
            graded: false,
            random_state: None,
        }
    }
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    let refused = |said: String| Err(Error::Study(said));
    if params.columns.len() != 2 || params.columns[0] == params.columns[1] {
        return refused("`columns` must be two different columns, such as [\"Time\", \"Amount\"]".into());
    }
    if params.n_rectangles == 0 || params.n_rectangles > MOST {
        return refused(format!("`n_rectangles` must be from 1 to {MOST}, not {}", params.n_rectangles));
    }
    if !(2..=4_096).contains(&params.max_edges) {
        return refused(format!("`max_edges` must be from 2 to 4096, not {}", params.max_edges));
    }
    if !(0.0..=1.0).contains(&params.max_first_kind) {
        return refused(format!("`max_first_kind` is a share from 0 to 1, not {}", params.max_first_kind));
    }
    for (name, cost) in [("false_negative", params.false_negative), ("false_positive", params.false_positive)] {
        if !(cost >= 0.0 && cost.is_finite()) {
            return refused(format!("`{name}` must be 0 or more, not {cost}"));
        }
    }
    Ok(Box::new(Rectangles(params)))
}

struct Rectangles(Params);

impl Rectangles {
    fn choice(&self) -> Choice {
        let Params { false_negative, false_positive, max_first_kind, .. } = self.0;
        match self.0.choose {
            Choose::Youden => Choice::Youden,
            Choose::SecondKind => Choice::SecondKind(max_first_kind),
            Choose::Cost => Choice::Cost { false_negative, false_positive },
        }
    }
}

impl Classifier for Rectangles {
    /// Missing values are taken, as such a row lies in no rectangle, and so are other columns whatever they hold.
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        let column = |found| match found {
            Found::At(place) => Some(given.columns[place].clone()),
            // A step before makes it, and no step makes categories.
            Found::Later(_) => None,
        };
        let columns = in_shape(&self.0.columns, given)?.into_iter().filter_map(column).collect();
        Shape::new(given.rows, columns).numbers_only()
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        two_class::counts(ID, train.x().nrows(), train.y)?;
        let places = in_train(ID, &self.0.columns, train)?;
        let (x, columns) = (train.x(), [places[0], places[1]]);
        let values = |row: usize| columns.map(|column| x[(row, column)]);
        let plane = Plane::new(train.y.iter().enumerate().map(|(row, &label)| (values(row), label)));
        let seed = self.0.random_state.unwrap_or(context.seed as u32);
        let fewest = match self.0.candidates {
            Candidates::Random => of_random(&plane, self.0.n_rectangles, seed),
            Candidates::All => of_all(&plane, self.0.max_edges),
        };
        let front = fewest.front();
        let Some((chosen, kept)) = self.choice().of(&front, plane.totals) else {
            return Err(Error::Component(format!("{ID}: every row lacks a value in one of the two columns")));
        };
        let details = self.details(&plane, (&chosen, kept), front.len());
        let front =
            if self.0.graded { front.iter().map(|counted| plane.bounds(counted.edges)).collect() } else { vec![] };
        let bounds = plane.bounds(chosen.edges);
        Ok(Box::new(Fitted { columns, width: x.ncols(), bounds, front, details }))
    }

    fn random_states(&self) -> usize {
        usize::from(self.0.candidates == Candidates::Random)
    }

    fn decides_only(&self) -> bool {
        true
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Rectangles {
    /// What the record holds: the rectangle with its errors on the training rows.
    fn details(&self, plane: &Plane, (chosen, kept): (&Counted, bool), front: usize) -> Value {
        let Bounds([left, right, bottom, top]) = plane.bounds(chosen.edges);
        let [negatives, positives] = plane.totals.map(|total| total as f64);
        let mut said = json!({
            "columns": self.0.columns,
            "low": [left, bottom],
            "high": [right, top],
            "first_kind": 1.0 - f64::from(chosen.found) / positives,
            "second_kind": f64::from(chosen.alarms) / negatives,
            "front": front,
        });
        if self.0.choose == Choose::SecondKind {
            said["bound_kept"] = kept.into();
        }
        json!({ "rectangle": said })
    }
}

struct Fitted {
    columns: [usize; 2],
    width: usize,
    bounds: Bounds,
    /// Empty where scores are not graded.
    front: Vec<Bounds>,
    details: Value,
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.width, x.ncols())?;
        let [first, second] = self.columns.map(|column| x.column(column));
        let label: Vec<u8> = first.iter().zip(&second).map(|(&x, &y)| u8::from(self.bounds.hold(x, y))).collect();
        let score = match self.front.is_empty() {
            true => label.iter().map(|&label| f64::from(label)).collect(),
            false => (0..x.nrows())
                .into_par_iter()
                .map(|row| {
                    let inside = self.front.iter().filter(|bounds| bounds.hold(first[row], second[row])).count();
                    inside as f64 / self.front.len() as f64
                })
                .collect(),
        };
        Ok(Prediction { score, label, kind: ScoreKind::Decision })
    }

    fn details(&self) -> Option<Value> {
        Some(self.details.clone())
    }
}

/// Levashov, Ovchinnikov: The effectiveness of classifiers for identifying fraud in financial transactions. Voprosy
/// kiberbezopasnosti 2019, 5(33), doi 10.21681/2311-3456-2019-5-63-69. The paper does not say how it drew its rectangles, nor
/// whether bounds are inside: here they are. Exact counts are ours.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "inside one rectangle over two columns", |table| build::<Params, _>(ID, table, checked))
        .source("https://doi.org/10.21681/2311-3456-2019-5-63-69")
        .cost(Cost::seconds(1.0).per("n_rectangles", 1e6))
        .idle(&[
            Idle::new(&["n_rectangles"], "`candidates = \"random\"`", "candidates", |which| which == "random"),
            Idle::new(&["max_edges"], "`candidates = \"all\"`", "candidates", |which| which == "all"),
            Idle::new(&["max_first_kind"], "`choose = \"second-kind\"`", "choose", |rule| rule == "second-kind"),
            Idle::new(&["false_negative", "false_positive"], "`choose = \"cost\"`", "choose", |rule| rule == "cost"),
        ])
        .look(32);
