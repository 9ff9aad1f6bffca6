//! The classifier that a recipe builds: resampler, scaler, feature selection and family as one.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2};
use serde_json::Value;

use super::select::{Selector, take};
use crate::component::{
    Classifier, Common, Context, FittedScaler, Model, Prediction, Resampled, Resampler, Scaler, Shared, Train,
};
use crate::error::{Error, Result};
use crate::seed::{Purpose, derive};

/// A classifier of steps: resample, scale, select columns, classify. All of them learn from the rows of `fit` alone.
pub(super) struct Steps {
    pub(super) resampler: Option<Box<dyn Resampler>>,
    pub(super) scaler: Option<Box<dyn Scaler>>,
    pub(super) selector: Option<Selector>,
    pub(super) classifier: Box<dyn Classifier>,
    /// What tells resampler, scaler and classifier from others: their ids and parameters.
    pub(super) names: [String; 3],
}

/// What a resampler made of the rows; a shared one, as neighbours take long to find.
struct Chosen(Resampled);

impl Common for Chosen {
    const NAME: &'static str = "rows of a resampler";

    fn bytes(&self) -> usize {
        (self.0.rows.len() + self.0.made.len() + 2 * self.0.made_y.len()) * size_of::<usize>()
    }
}

/// A fitted scaler and the number of its columns; some keep a thousand quantiles of each.
struct Scaled(Box<dyn FittedScaler>, usize);

impl Common for Scaled {
    const NAME: &'static str = "scaler of a pipeline";

    fn bytes(&self) -> usize {
        1000 * self.1 * size_of::<f64>()
    }
}

/// What the first steps made of the training rows, and what they learnt from them.
struct First {
    /// None where the rows are those that were given.
    x: Option<Array2<f64>>,
    labels: Vec<u8>,
    weight: Option<Vec<f64>>,
    scaler: Option<Arc<Scaled>>,
    /// None where all stay.
    columns: Option<Vec<usize>>,
}

impl Common for First {
    const NAME: &'static str = "rows after the first steps of a pipeline";

    fn bytes(&self) -> usize {
        let values = self.x.as_ref().map_or(0, Array2::len) + self.weight.as_ref().map_or(0, Vec::len);
        values * size_of::<f64>() + self.labels.len()
    }
}

/// Rows to predict after the first steps.
struct Shown(Array2<f64>);

impl Common for Shown {
    const NAME: &'static str = "rows to predict after the first steps of a pipeline";

    fn bytes(&self) -> usize {
        self.0.len() * size_of::<f64>()
    }
}

struct Fitted {
    scaler: Option<Arc<Scaled>>,
    columns: Option<Vec<usize>>,
    model: Box<dyn Model>,
    /// As [`Steps::rows`].
    rows: String,
}

/// What the steps so far have made of `x`.
fn current<'a>(own: &'a Option<Array2<f64>>, x: &'a ArrayView2<'_, f64>) -> ArrayView2<'a, f64> {
    match own {
        Some(own) => own.view(),
        None => x.view(),
    }
}

/// What a pipeline's resampler draws from.
fn pipeline_seed(context: &Context) -> u64 {
    derive(context.seed, Purpose::Resample, "pipeline")
}

impl Steps {
    /// What tells the first steps from others on the same rows, up to the selection with `selector`.
    fn key(&self, seed: u64, selector: Option<Selector>) -> String {
        let [resampler, scaler, _] = &self.names;
        let seed = self.resampler.as_ref().map(|_| seed);
        format!("{resampler} {seed:?} {scaler} {selector:?}")
    }

    /// What tells the rows after the first steps from others: selectors that leave the same columns make the same rows.
    fn rows(&self, seed: u64, first: &First) -> String {
        format!("{} {:?}", self.key(seed, None), first.columns)
    }

    fn shared_first(&self, train: &Train<'_>, seed: u64) -> Result<Arc<First>> {
        Shared::or_own(train.shared, || self.key(seed, self.selector), || self.first(train, seed))
    }

    /// What it learns from these rows: pipelines that say the same become the same model.
    ///
    /// # Errors
    /// Those of the first steps.
    pub(super) fn learns(&self, train: &Train<'_>, context: &Context) -> Result<String> {
        let seed = pipeline_seed(context);
        let first = self.shared_first(train, seed)?;
        Ok(format!("{} {}", self.rows(seed, &first), self.names[2]))
    }

    /// The first steps, one after the other.
    fn first(&self, train: &Train<'_>, seed: u64) -> Result<First> {
        let (x, y) = (train.x(), train.y);
        let mut own: Option<Array2<f64>> = None;
        let (mut labels, mut weight) = (y.to_vec(), train.weight.map(<[f64]>::to_vec));
        if let Some(resampler) = &self.resampler {
            let choose = || {
                let resampled = resampler.resample(train, &Context { seed })?;
                resampled.check(y.len(), x.ncols())?;
                Ok(Chosen(resampled))
            };
            let chosen = Shared::or_own(train.shared, || format!("{} {seed}", self.names[0]), choose)?;
            labels = chosen.0.labels(y);
            weight = train.weight.map(|weight| chosen.0.weights(weight));
            own = Some(chosen.0.matrix(x));
        }
        let mut fitted_scaler = None;
        if let Some(scaler) = &self.scaler {
            let owned = own.unwrap_or_else(|| x.to_owned());
            let fit = || Ok(Scaled(scaler.fit(owned.view())?, owned.ncols()));
            let fitted = Shared::or_own(train.shared, || self.key(seed, None), fit)?;
            own = Some(fitted.0.transform(owned)?);
            fitted_scaler = Some(fitted);
        }
        let mut columns = None;
        if let Some(selector) = &self.selector {
            let from = current(&own, &x);
            let kept = selector.columns(from, &labels)?;
            if kept.len() < from.ncols() {
                own = Some(take(from, &kept));
                columns = Some(kept);
            }
        }
        Ok(First { x: own, labels, weight, scaler: fitted_scaler, columns })
    }
}

impl Classifier for Steps {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let seed = pipeline_seed(context);
        let first = self.shared_first(train, seed)?;
        let rows = self.rows(seed, &first);
        let shared = train.shared.map(|shared| shared.part(&rows));
        let (x, weight) = (train.x(), first.weight.as_deref());
        let learnt = Train { weight, ..Train::numbers(current(&first.x, &x), &first.labels) };
        let fitted = self.classifier.fit(&learnt.sharing(shared.as_ref()), context);
        let model = fitted.map_err(|e| e.of_columns(first.columns.as_deref()))?;
        Ok(Box::new(Fitted { scaler: first.scaler.clone(), columns: first.columns.clone(), model, rows }))
    }

    fn weights(&self) -> Result<(), String> {
        self.classifier.weights()
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Fitted {
    /// What the first steps make of `x`; none where they leave it as it is.
    fn shown(&self, x: ArrayView2<'_, f64>) -> Result<Option<Array2<f64>>> {
        let mut own: Option<Array2<f64>> = None;
        if let Some(scaler) = &self.scaler {
            own = Some(scaler.0.transform(x.as_standard_layout().into_owned())?);
        }
        if let Some(kept) = &self.columns {
            let from = current(&own, &x);
            if let Some(last) = kept.last().filter(|&&last| last >= from.ncols()) {
                let given = from.ncols();
                return Err(Error::Component(format!(
                    "the pipeline uses column {last}, but {given} columns are given"
                )));
            }
            own = Some(take(from, kept));
        }
        Ok(own)
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let said = self.model.predict(current(&self.shown(x)?, &x));
        said.map_err(|e| e.of_columns(self.columns.as_deref()))
    }

    fn predict_sharing(&self, x: ArrayView2<'_, f64>, shared: &Shared) -> Result<Prediction> {
        if self.scaler.is_none() && self.columns.is_none() {
            return self.model.predict_sharing(x, shared);
        }
        let shown = || Ok(Shown(self.shown(x)?.unwrap_or_else(|| x.to_owned())));
        let rows = shared.get(self.rows.clone(), shown)?;
        let said = self.model.predict_sharing(rows.0.view(), &shared.part(&self.rows));
        said.map_err(|e| e.of_columns(self.columns.as_deref()))
    }

    fn details(&self) -> Option<Value> {
        self.model.details()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Entry, Registry};
    use crate::numeric::mt19937::Mt19937;

    fn component<T: ?Sized>(entry: &Entry<T>, params: &str) -> Box<T> {
        entry.build(&params.parse().unwrap(), &Registry::empty()).ok().unwrap().component
    }

    #[test]
    fn a_pipeline_is_its_steps_one_after_the_other() {
        let y: Vec<u8> = (0..90).map(|row| u8::from(row % 9 == 4)).collect();
        let mut random = Mt19937::new(8);
        let x = Array2::from_shape_fn((90, 4), |(row, column)| {
            random.next_f64() * 10.0_f64.powi(column as i32) + f64::from(y[row]) * if column == 2 { 60.0 } else { 0.1 }
        });
        let registry = Registry::built_in();
        let undersampling = registry.resampler("random-undersampling").unwrap();
        let sampler = || component(undersampling, "sampling_strategy = 0.5");
        let scaler = || component(registry.scaler("standard").unwrap(), "");
        let family = || component(registry.classifier("logistic-regression", None).unwrap(), "C = 0.1");
        let selector = Selector::BestShare(0.5);
        let pipeline = Steps {
            resampler: Some(sampler()),
            scaler: Some(scaler()),
            selector: Some(selector),
            classifier: family(),
            names: ["undersampling", "standard", "logistic-regression"].map(str::to_owned),
        };
        let context = Context { seed: 5 };
        let weight: Vec<f64> = (0..90).map(|row| f64::from(row % 5)).collect();
        let train = Train::numbers(x.view(), &y);
        let ours = pipeline.fit(&train, &context).unwrap().predict(x.view()).unwrap();
        let weighted = pipeline.fit(&train.weighted(&weight), &context).unwrap().predict(x.view()).unwrap();

        let seed = derive(5, Purpose::Resample, "pipeline");
        let chosen = sampler().resample(&Train::numbers(x.view(), &y), &Context { seed }).unwrap();
        assert_eq!(chosen.count(), 30);
        let (rows, labels) = (chosen.matrix(x.view()), chosen.labels(&y));
        let fitted = scaler().fit(rows.view()).unwrap();
        let train = fitted.transform(rows).unwrap();
        let kept = selector.columns(train.view(), &labels).unwrap();
        let learnt = take(train.view(), &kept);
        let learnt = Train::numbers(learnt.view(), &labels);
        let shown = take(fitted.transform(x.clone()).unwrap().view(), &kept);
        let said = |train: &Train<'_>| family().fit(train, &context).unwrap().predict(shown.view()).unwrap();
        assert_eq!(ours, said(&learnt));
        // Chosen rows keep their weights.
        let chosen: Vec<f64> = chosen.rows.iter().map(|&row| weight[row]).collect();
        assert_eq!(weighted, said(&learnt.weighted(&chosen)));
        assert_ne!(weighted, ours);
        assert_eq!(kept.len(), 2);
    }
    #[test]
    fn selectors_that_leave_the_same_columns_make_the_same_pipeline() {
        let y: Vec<u8> = (0..60).map(|row| u8::from(row % 6 == 1)).collect();
        // Variances of about 1/12, 0 and 8.
        let x = Array2::from_shape_fn((60, 3), |(row, column)| match column {
            0 => (row * 7 % 10) as f64 / 10.0,
            1 => 4.0,
            _ => (row * 3 % 11) as f64,
        });
        let registry = Registry::built_in();
        let steps = |selector, classifier: &str| Steps {
            resampler: None,
            scaler: None,
            selector,
            classifier: component(registry.classifier("decision-tree", None).unwrap(), classifier),
            names: ["", "", classifier].map(str::to_owned),
        };
        let (train, context) = (Train::numbers(x.view(), &y), Context { seed: 5 });
        let learns = |threshold, classifier| {
            steps(Some(Selector::Variance(threshold)), classifier).learns(&train, &context).unwrap()
        };
        assert_eq!(learns(0.0, ""), learns(0.01, ""));
        assert_ne!(learns(0.0, ""), learns(0.5, ""), "another column less");
        assert_ne!(learns(0.0, ""), learns(0.0, "max_depth = 2"));
        let whole = steps(None, "").learns(&train, &context).unwrap();
        assert_ne!(learns(0.0, ""), whole);
        let (first, last) = x.view().split_at(ndarray::Axis(1), 1);
        let varying = ndarray::concatenate![ndarray::Axis(1), first, last.slice(ndarray::s![.., 1..])];
        let train = Train::numbers(varying.view(), &y);
        let learns = |selector| steps(selector, "").learns(&train, &context).unwrap();
        assert_eq!(learns(Some(Selector::Variance(0.0))), learns(None), "where all stay it is as if none was asked");
        let said = |selector| {
            let model = steps(selector, "max_depth = 3").fit(&train, &context).unwrap();
            model.predict(varying.view()).unwrap()
        };
        assert_eq!(said(Some(Selector::Variance(0.01))), said(None));
    }
}
