//! The classifier that a recipe builds: resampler, scaler, feature selection and family as one.

use crate::component::{Classifier, Context, FittedScaler, Model, Prediction, Resampler, Scaler, Train};
use ndarray::{Array2, ArrayView2};
use serde_json::Value;

use super::select::{Selector, take};
use crate::error::{Error, Result};
use crate::seed::{Purpose, derive};

/// A classifier of steps: resample, scale, select columns, classify. All of them learn from the rows of `fit` alone.
pub(super) struct Steps {
    pub(super) resampler: Option<Box<dyn Resampler>>,
    pub(super) scaler: Option<Box<dyn Scaler>>,
    pub(super) selector: Option<Selector>,
    pub(super) classifier: Box<dyn Classifier>,
}

struct Fitted {
    scaler: Option<Box<dyn FittedScaler>>,
    columns: Option<Vec<usize>>,
    model: Box<dyn Model>,
}

/// What the steps so far have made of `x`.
fn current<'a>(own: &'a Option<Array2<f64>>, x: &'a ArrayView2<'_, f64>) -> ArrayView2<'a, f64> {
    match own {
        Some(own) => own.view(),
        None => x.view(),
    }
}

impl Classifier for Steps {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let mut own: Option<Array2<f64>> = None;
        let (mut labels, mut weight) = (y.to_vec(), train.weight.map(<[f64]>::to_vec));
        if let Some(resampler) = &self.resampler {
            let seed = derive(context.seed, Purpose::Resample, "pipeline");
            let resampled = resampler.resample(train, &Context { seed })?;
            resampled.check(y.len(), x.ncols())?;
            labels = resampled.labels(y);
            weight = train.weight.map(|weight| resampled.weights(weight));
            own = Some(resampled.matrix(x));
        }
        let mut fitted_scaler = None;
        if let Some(scaler) = &self.scaler {
            let owned = own.unwrap_or_else(|| x.to_owned());
            let fitted = scaler.fit(owned.view())?;
            own = Some(fitted.transform(owned)?);
            fitted_scaler = Some(fitted);
        }
        let mut columns = None;
        if let Some(selector) = &self.selector {
            let from = current(&own, &x);
            let kept = selector.columns(from, &labels)?;
            own = Some(take(from, &kept));
            columns = Some(kept);
        }
        let train = Train { weight: weight.as_deref(), ..Train::numbers(current(&own, &x), &labels) };
        let model = self.classifier.fit(&train, context)?;
        Ok(Box::new(Fitted { scaler: fitted_scaler, columns, model }))
    }

    fn weights(&self) -> Result<(), String> {
        self.classifier.weights()
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let mut own: Option<Array2<f64>> = None;
        if let Some(scaler) = &self.scaler {
            own = Some(scaler.transform(x.as_standard_layout().into_owned())?);
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
        self.model.predict(current(&own, &x))
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
}
