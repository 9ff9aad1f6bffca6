//! Probabilities that are learnt from scores of rows that the scoring model has not seen.
//!
//! scikit-learn's `CalibratedClassifierCV(ensemble=False)`:
//! <https://scikit-learn.org/1.9/modules/generated/sklearn.calibration.CalibratedClassifierCV.html>. The map is fitted on
//! out-of-fold scores of inner folds, the model on all training rows.

use ndarray::ArrayView2;
use serde_json::json;

use super::Detailed;
use super::inner::Inner;
use super::score::Goal;
use crate::component::{
    Classifier, Context, InnerCut, Isotonic, Model, Prediction, SavedMap, SavedModel, ScoreKind, Shape, Sigmoid, Train,
    VennAbers,
};
use crate::data::Role;
use crate::error::{Error, Result};
use crate::metric;
use crate::split::with_key;

/// How scores become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calibration {
    /// A rising step function, interpolated.
    Isotonic,
    /// Platt's logistic function.
    Sigmoid,
    /// Both ends of a Venn-Abers predictor, merged.
    VennAbers,
}

impl Calibration {
    /// All of them.
    pub const ALL: [Calibration; 3] = [Calibration::Isotonic, Calibration::Sigmoid, Calibration::VennAbers];

    /// Its name in a study and in records.
    pub fn name(self) -> &'static str {
        match self {
            Calibration::Isotonic => "isotonic",
            Calibration::Sigmoid => "sigmoid",
            Calibration::VennAbers => "venn-abers",
        }
    }
}

fn fit(method: Calibration, score: &[f64], y: &[u8]) -> SavedMap {
    match method {
        Calibration::Isotonic => SavedMap::Isotonic(Isotonic::fit(score, y)),
        Calibration::Sigmoid => SavedMap::Sigmoid(Sigmoid::fit(score, y)),
        Calibration::VennAbers => SavedMap::VennAbers(VennAbers::fit(score, y)),
    }
}

/// A classifier whose scores are made probabilities; its labels are `probability > 0.5`.
pub struct Calibrated {
    /// What scores.
    pub classifier: Box<dyn Classifier>,
    /// How scores become probabilities.
    pub method: Calibration,
    /// Inner folds, and the seed of their shuffle.
    pub folds: (u32, u32),
}

/// Where a study has the number of its inner folds.
const KEY: &str = "`folds` beside `calibrate`";

impl Classifier for Calibrated {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.classifier.accepts(given)
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.classifier.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        // Out-of-fold scores need no goal; any will do.
        let inner = Inner::new(train, None, self.folds, Goal::of(&metric::PR_AUC), *context);
        self.fit_on(train, context, inner.map_err(|e| with_key(e, KEY))?)
    }

    /// The library's maps weigh the rows that they learn from; these do not.
    fn weights(&self) -> Result<(), String> {
        Err("with `calibrate` it takes no weights of rows".into())
    }

    fn uses_raw_rows(&self) -> bool {
        true
    }

    fn inner_cuts(&self) -> Vec<InnerCut> {
        let (folds, seed) = (self.folds.0, Some(self.folds.1));
        let own = InnerCut { folds, seed, key: KEY, judges: true };
        [vec![own], self.classifier.inner_cuts()].concat()
    }

    fn cannot_stop_early(&self, y: &[u8], _has_validation: bool) -> Option<String> {
        // Inner folds have none.
        self.classifier.cannot_stop_early(y, false)
    }

    fn judged_by(&self) -> Vec<Role> {
        self.classifier.judged_by()
    }

    fn cannot_be_saved(&self) -> bool {
        self.classifier.cannot_be_saved()
    }
}

impl Calibrated {
    /// Learns the map on the inner folds of all rows, then fits.
    pub(super) fn fit_on(&self, train: &Train<'_>, context: &Context, inner: Inner<'_>) -> Result<Box<dyn Model>> {
        let said = inner.out_of_fold(self.classifier.as_ref())?;
        let y = inner.labels();
        drop(inner);
        if let Some(strange) = said.score.iter().find(|score| !score.is_finite()) {
            return Err(Error::Component(format!("calibrate: an out-of-fold score is {strange}")));
        }
        let map = fit(self.method, &said.score, &y);
        let model = self.classifier.fit(train, context)?;
        let details = json!({ "calibrate": { "method": self.method.name(), "rows": y.len() } });
        Ok(Detailed::boxed(Box::new(Mapped { model, map }), details))
    }
}

struct Mapped {
    model: Box<dyn Model>,
    map: SavedMap,
}

impl Model for Mapped {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let said = self.model.predict(x)?;
        let score: Vec<f64> = said.score.into_iter().map(|score| self.map.at(score)).collect();
        // Of two equal probabilities scikit-learn takes the first class.
        let label = score.iter().map(|&p| u8::from(p > 0.5)).collect();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }

    fn saved(&self) -> Option<SavedModel> {
        Some(SavedModel::Mapped { model: Box::new(self.model.saved()?), map: self.map.clone() })
    }

    fn details(&self) -> Option<serde_json::Value> {
        self.model.details()
    }

    fn stages(&self) -> Vec<String> {
        self.model.stages()
    }

    /// By the scores before they became probabilities.
    fn passed(&self, x: ArrayView2<'_, f64>, _: &Prediction) -> Result<Vec<usize>> {
        self.model.passed(x, &self.model.predict(x)?)
    }

    fn close(&self) -> Result<()> {
        self.model.close()
    }
}
