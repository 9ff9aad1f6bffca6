//! `instance-hardness-threshold`: drops the majority rows that a classifier takes for the other class.

use ndarray::Axis;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::component::{
    Built, Classifier, Context, Entry, InPython, N_JOBS, Registry, Resampled, Resampler, ScoreKind, Shape, Train,
    build, part,
};
use crate::error::{Error, Result};
use crate::numeric::percentile::percentile;
use crate::sampling::{Classes, Strategy, rows_of};
use crate::seed::{Purpose, derive};
use crate::split::stratified;

const ID: &str = "instance-hardness-threshold";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// The family that tells hard rows, by `family` or `id`, with its parameters.
    estimator: Value,
    /// `auto` (as many majority rows as there are minority rows), or minority rows per majority row afterwards, in (0, 1].
    #[serde(deserialize_with = "Strategy::read_leaving")]
    sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    random_state: Option<u32>,
    /// Inner folds: a row is judged by a classifier that has not seen it.
    cv: u32,
}

impl Default for Params {
    fn default() -> Self {
        let estimator = json!({ "id": "random-forest" });
        Params { estimator, sampling_strategy: Strategy::default(), random_state: None, cv: 5 }
    }
}

struct Hardness {
    classifier: Box<dyn Classifier>,
    strategy: Strategy,
    random_state: Option<u32>,
    folds: u32,
}

impl Hardness {
    /// What classifiers that have not seen a row say of its own label: an element a row.
    fn own_probabilities(&self, train: &Train<'_>, seed: u64) -> Result<Vec<f64>> {
        let (x, y) = (train.x(), train.y);
        let splits =
            stratified(y, self.folds, seed as u32).map_err(|e| Error::Component(format!("{ID}, `cv`: {e}")))?;
        let mut own = vec![0.0; y.len()];
        for (fold, split) in splits.iter().enumerate() {
            let labels: Vec<u8> = split.train.iter().map(|&row| y[row]).collect();
            let rows = x.select(Axis(0), &split.train);
            // imbalanced-learn's own forest has the resampler's `random_state` in every fold.
            let own_seed = || derive(seed, Purpose::Resample, &format!("fold {fold}"));
            let context = Context { seed: self.random_state.map_or_else(own_seed, u64::from) };
            let model = self.classifier.fit(&train.with(rows.view(), &labels), &context)?;
            let said = model.predict(x.select(Axis(0), &split.test).view())?;
            if said.kind != ScoreKind::Probability {
                return Err(Error::Component(format!(
                    "{ID}: `estimator` gives no probabilities: choose another family"
                )));
            }
            for (&row, score) in split.test.iter().zip(said.score) {
                own[row] = if y[row] == 1 { score } else { 1.0 - score };
            }
        }
        Ok(own)
    }
}

impl Resampler for Hardness {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        self.classifier.accepts(given).map(|()| given.clone())
    }

    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let y = train.y;
        let classes = Classes::both(ID, y)?;
        let left = self.strategy.left(ID, &classes)?;
        let own = self.own_probabilities(train, self.random_state.map_or(context.seed, u64::from))?;
        let mut kept = vec![true; y.len()];
        for label in [0, 1_u8] {
            let Some(wanted) = left[usize::from(label)] else { continue };
            let rows = rows_of(y, label);
            let mut of_class: Vec<f64> = rows.iter().map(|&row| own[row]).collect();
            let threshold = percentile(&mut of_class, 1.0 - wanted as f64 / rows.len() as f64);
            rows.into_iter().for_each(|row| kept[row] = own[row] >= threshold);
        }
        Ok(Resampled::chosen((0..y.len()).filter(|&row| kept[row]).collect()))
    }
}

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Resampler>> {
    let mut estimator = Value::Null;
    let mut built = build::<Params, dyn Resampler>(ID, table, |params| {
        params.sampling_strategy.leaving()?;
        if params.cv < 2 {
            return Err(Error::Study(format!("`cv` must be at least 2, but is {}", params.cv)));
        }
        let (classifier, resolved) =
            part("`estimator`", "family", (registry.classifiers(), registry), params.estimator)?;
        estimator = resolved;
        let (strategy, random_state) = (params.sampling_strategy, params.random_state);
        Ok(Box::new(Hardness { classifier, strategy, random_state, folds: params.cv }))
    })?;
    // The record holds the family's defaults too.
    built.params["estimator"] = estimator;
    Ok(Built::new(built.params, built.component))
}

/// Smith, Martinez, Giraud-Carrier, "An instance level analysis of data complexity", 2014, as imbalanced-learn's
/// `InstanceHardnessThreshold`. The same `random_state` gives the same inner folds, the same forest by default, and the same
/// rows. A family that is named draws from this `random_state` too, where imbalanced-learn draws it another one.
pub const ENTRY: Entry<dyn Resampler> = Entry::of_others(
    ID,
    "drops majority rows that a classifier takes for the other class",
    make,
)
.unset(&[("estimator", "none")])
.also(&[N_JOBS])
.source("https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.InstanceHardnessThreshold.html")
.in_python(InPython::new().other_order());
