//! Models that were told as data. Each says of a row, to the bit, what the model said that it was told by.

use ndarray::ArrayView2;

use super::two_class::same_columns;
use super::{ensemble, gaussian_nb, k_neighbors, lightgbm, mlp, qda, svc, xgboost};
use crate::component::{
    Library, Model, Prediction, SavedLinear, SavedMap, SavedModel, SavedTree, SavedTrees, ScoreKind, TreeSum,
};
use crate::error::{COLUMN, Error, Result};
use crate::external;
use crate::numeric::dense::{centred_dot, dot};
use crate::numeric::gram::map_rows;

/// What a model is called in messages, whose family is not told with it.
pub(super) const ID: &str = "the model";

/// The model that said this of itself.
///
/// # Errors
/// [`Error::Store`] where it cannot be one.
pub(crate) fn restored(saved: SavedModel) -> Result<Box<dyn Model>> {
    Ok(match saved {
        SavedModel::Constant { score, label } => Box::new(Constant { score, label }),
        SavedModel::Linear(plane) => Box::new(Plane(plane)),
        SavedModel::Trees(trees) if !are_sound(&trees) => return Err(broken()),
        SavedModel::Trees(trees) => Box::new(Trees(trees)),
        SavedModel::Gaussians { means, variances, log_priors, constants } => {
            Box::new(gaussian_nb::Fitted { means, variances, log_priors, constants })
        }
        SavedModel::Quadric { columns, varying, classes } => {
            qda::restored(columns, varying, classes).ok_or_else(broken)?
        }
        SavedModel::Vectors(vectors) => svc::restored(vectors).ok_or_else(broken)?,
        SavedModel::Neighbors(neighbors) => k_neighbors::restored(&neighbors)?,
        SavedModel::Network(network) => mlp::restored(network)?,
        SavedModel::Library(library) => match library.library {
            Library::Xgboost => xgboost::restored(library),
            Library::Lightgbm => lightgbm::restored(library)?,
            Library::Catboost => external::catboost::restored(&library)?,
        },
        SavedModel::Members { columns, says, members } => ensemble::restored::members(columns, says, members)?,
        SavedModel::Stacked { members, last, passthrough } => ensemble::restored::stacked(members, *last, passthrough)?,
        SavedModel::Mapped { model, map } => Box::new(Mapped { model: restored(*model)?, map }),
        SavedModel::Thresholded { model, threshold } => Box::new(Thresholded { model: restored(*model)?, threshold }),
        SavedModel::PriorCorrected { model, ratio } => Box::new(Corrected { model: restored(*model)?, ratio }),
    })
}

fn are_sound(trees: &SavedTrees) -> bool {
    let has_shares = |tree: &SavedTree| !matches!(trees.says, TreeSum::Mean) || tree.other.len() == tree.value.len();
    trees.trees.iter().all(|tree| tree.is_sound(trees.columns) && has_shares(tree))
}

fn broken() -> Error {
    Error::Store("the classifier's numbers do not fit each other".into())
}

struct Constant {
    score: f64,
    label: u8,
}

impl Model for Constant {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let rows = x.nrows();
        Ok(Prediction { score: vec![self.score; rows], label: vec![self.label; rows], kind: ScoreKind::Probability })
    }
}

struct Plane(SavedLinear);

impl Model for Plane {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let SavedLinear { centre, coefficients, intercept, link } = &self.0;
        same_columns(ID, coefficients.len(), x.ncols())?;
        let decisions = map_rows(x, |row| match centre {
            Some(centre) => intercept + centred_dot(Some(row), centre, coefficients),
            None => dot(row, coefficients) + intercept,
        });
        Ok(Prediction {
            label: decisions.iter().map(|&decision| u8::from(decision > 0.0)).collect(),
            score: decisions.into_iter().map(|decision| link.score(decision)).collect(),
            kind: if *link == crate::component::Link::Identity { ScoreKind::Decision } else { ScoreKind::Probability },
        })
    }
}

struct Trees(SavedTrees);

impl Trees {
    /// The mean shares of both labels in the leaves of a row.
    fn mean(&self, row: &[f64]) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for tree in &self.0.trees {
            let leaf = tree.leaf(row);
            sums = [sums[0] + tree.other[leaf], sums[1] + tree.value[leaf]];
        }
        sums.map(|sum| sum / self.0.trees.len() as f64)
    }

    /// Score and label of a row.
    fn of(&self, row: &[f64]) -> (f64, u8) {
        let logistic = |decision: f64| (1.0 / (1.0 + (-decision).exp()), u8::from(decision > 0.0));
        let values = || self.0.trees.iter().map(|tree| tree.value[tree.leaf(row)]);
        match self.0.says {
            TreeSum::Mean => {
                let [zero, one] = self.mean(row);
                (one, u8::from(one > zero))
            }
            TreeSum::Vote(total) => logistic(2.0 * (values().sum::<f64>() / total)),
            TreeSum::LogOdds(baseline) => logistic(values().fold(baseline, |sum, value| sum + value)),
        }
    }
}

impl Trees {
    /// Something of every row, with its values in the bits that the trees work with.
    fn of_rows<T: Send>(&self, x: ArrayView2<'_, f64>, of: impl Fn(&[f64]) -> T + Sync) -> Result<Vec<T>> {
        same_columns(ID, self.0.columns, x.ncols())?;
        if !self.0.narrow {
            return Ok(map_rows(x, of));
        }
        if let Some(((_, at), value)) = x.indexed_iter().find(|(_, value)| !(**value as f32).is_finite()) {
            let said = format!("{COLUMN} holds {value:e}, which is not finite in 32 bits, with which the trees work");
            return Err(Error::Column { at, said });
        }
        let narrowed = x.mapv(|value| f64::from(value as f32));
        Ok(map_rows(narrowed.view(), of))
    }
}

impl Model for Trees {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let (score, label) = self.of_rows(x, |row| self.of(row))?.into_iter().unzip();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }

    fn shares(&self, x: ArrayView2<'_, f64>) -> Result<Vec<[f64; 2]>> {
        match self.0.says {
            TreeSum::Mean => self.of_rows(x, |row| self.mean(row)),
            // As what has no mean of shares does.
            TreeSum::Vote(_) | TreeSum::LogOdds(_) => self.of_rows(x, |row| {
                let (score, _) = self.of(row);
                [1.0 - score, score]
            }),
        }
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
        let label = score.iter().map(|&p| u8::from(p > 0.5)).collect();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }
}

struct Thresholded {
    model: Box<dyn Model>,
    threshold: f64,
}

impl Model for Thresholded {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let mut said = self.model.predict(x)?;
        said.label = said.score.iter().map(|&score| u8::from(score >= self.threshold)).collect();
        Ok(said)
    }
}

struct Corrected {
    model: Box<dyn Model>,
    ratio: f64,
}

impl Model for Corrected {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let said = self.model.predict(x)?;
        let corrected = |p: f64| p * self.ratio / (p * self.ratio + (1.0 - p));
        let score: Vec<f64> = said.score.into_iter().map(corrected).collect();
        let label = score.iter().map(|&p| u8::from(p > 0.5)).collect();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }
}
