//! The parameters: scikit-learn's names and defaults, and what they refuse.

use serde::{Deserialize, Serialize};

use super::python_set::PythonSet;
use crate::classify::class_weight::ClassWeight;
use crate::classify::directions::Directions;
use crate::component::Features;
use crate::error::{COLUMN, Error, Result};
use crate::words::counted;

/// The parameter of monotone constraints.
pub(super) const MONOTONIC_CST: &str = "monotonic_cst";

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `auto`, true or false")]
pub(super) enum EarlyStopping {
    /// Above 10,000 rows.
    Named(Auto),
    Always(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Auto {
    Auto,
}

/// How many of the training rows are kept out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is a share of the rows between 0 and 1, a number of rows, or `none`")]
pub(super) enum KeptOut {
    Rows(usize),
    Share(f64),
}

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Params {
    pub(super) learning_rate: f64,
    /// The most trees.
    pub(super) max_iter: usize,
    /// None: as many as there are cuts.
    pub(super) max_leaf_nodes: Option<usize>,
    pub(super) max_depth: Option<usize>,
    pub(super) min_samples_leaf: usize,
    pub(super) l2_regularization: f64,
    pub(super) max_bins: usize,
    pub(super) early_stopping: EarlyStopping,
    /// The training rows whose loss decides when to stop; none: the rows that trees are grown on decide.
    pub(super) validation_fraction: Option<KeptOut>,
    pub(super) n_iter_no_change: usize,
    pub(super) tol: f64,
    /// Without one, the cell's own seed decides.
    pub(super) random_state: Option<u32>,
    pub(super) class_weight: Option<ClassWeight>,
    /// For each column whether the score may only rise with it (1), only fall (-1), or both (0); or for columns by name.
    pub(super) monotonic_cst: Option<Directions>,
    /// Groups of columns, by number, that may meet in one branch: those that are in no group are one. Or `"pairwise"`, or
    /// `"no_interactions"`.
    pub(super) interaction_cst: Option<Interactions>,
    /// The share of the columns that a node looks at.
    pub(super) max_features: f64,
    /// What early stopping watches; none: the estimator's own score, which is accuracy.
    pub(super) scoring: Option<Scoring>,
}

/// scikit-learn's names of what early stopping may watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scoring {
    /// The log loss, the only one that rows' weights reach.
    Loss,
    Accuracy,
    BalancedAccuracy,
    F1,
    RocAuc,
    AveragePrecision,
    NegLogLoss,
    NegBrierScore,
}

impl Scoring {
    /// The metric's name here, and whether more of it is better.
    pub(super) fn metric(self) -> Option<(&'static str, bool)> {
        match self {
            Scoring::Loss => None,
            Scoring::Accuracy => Some(("accuracy", true)),
            Scoring::BalancedAccuracy => Some(("balanced-accuracy", true)),
            Scoring::F1 => Some(("f1", true)),
            Scoring::RocAuc => Some(("roc-auc", true)),
            Scoring::AveragePrecision => Some(("pr-auc", true)),
            Scoring::NegLogLoss => Some(("log-loss", false)),
            Scoring::NegBrierScore => Some(("brier", false)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `pairwise`, `no_interactions`, or lists of columns by their places")]
pub(super) enum Interactions {
    Named(NamedInteractions),
    Groups(Vec<Vec<usize>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NamedInteractions {
    Pairwise,
    NoInteractions,
}

/// Came after the first records: out of the key while at their defaults.
pub(super) const LATER: &[&str] = &["class_weight", "monotonic_cst", "interaction_cst", "max_features", "scoring"];

impl Params {
    /// # Errors
    /// A value out of its range.
    pub(super) fn check(&self) -> Result<()> {
        let least = |name: &str, value: usize, least: usize| match value >= least {
            true => Ok(()),
            false => Err(Error::Component(format!("`{name}` must be at least {least}, not {value}"))),
        };
        least("max_iter", self.max_iter, 1)?;
        least("min_samples_leaf", self.min_samples_leaf, 1)?;
        least("n_iter_no_change", self.n_iter_no_change, 1)?;
        least("max_leaf_nodes", self.max_leaf_nodes.unwrap_or(2), 2)?;
        least("max_depth", self.max_depth.unwrap_or(1), 1)?;
        if !(2..=255).contains(&self.max_bins) {
            return Err(Error::Component(format!("`max_bins` must lie in 2..=255, not {}", self.max_bins)));
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return Err(Error::Component(format!("`learning_rate` must be positive, not {}", self.learning_rate)));
        }
        for (name, value) in [("l2_regularization", self.l2_regularization), ("tol", self.tol)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(Error::Component(format!("`{name}` must be 0 or more, not {value}")));
            }
        }
        let refused = match self.validation_fraction {
            Some(KeptOut::Share(share)) if !(share > 0.0 && share < 1.0) => Some(format!("{share:?}")),
            Some(KeptOut::Rows(0)) => Some("0".to_owned()),
            _ => None,
        };
        if let Some(value) = refused {
            return Err(Error::Component(format!(
                "`validation_fraction` must lie between 0 and 1, or be a whole number of rows, not {value}"
            )));
        }
        ClassWeight::refuse_subsample(self.class_weight)?;
        if !(self.max_features > 0.0 && self.max_features <= 1.0) {
            return Err(Error::Component(format!("`max_features` must lie in (0, 1], not {}", self.max_features)));
        }
        if self.class_weight.is_some() && !self.weights_reach() {
            return Err(Error::Component(
                "`class_weight` reaches no `scoring` but \"loss\": write that, or `early_stopping = false`".into(),
            ));
        }
        self.monotonic_cst.as_ref().map_or(Ok(()), |all| all.check(MONOTONIC_CST))
    }

    /// What early stopping watches.
    pub(super) fn watched(&self) -> Scoring {
        self.scoring.unwrap_or(Scoring::Accuracy)
    }

    /// Whether what early stopping watches, if it does, knows weights of rows.
    pub(super) fn weights_reach(&self) -> bool {
        self.watched() == Scoring::Loss || self.early_stopping == EarlyStopping::Always(false)
    }

    /// The groups of columns that may meet, where not all may: a column by its place in `order`, which holds all columns.
    ///
    /// # Errors
    /// A column that is not there.
    pub(super) fn groups(&self, order: &[usize]) -> Result<Option<Vec<PythonSet>>> {
        let columns = order.len();
        let groups = match &self.interaction_cst {
            None => return Ok(None),
            Some(Interactions::Named(NamedInteractions::NoInteractions)) => {
                return Ok(Some((0..columns).map(|one| PythonSet::of([one])).collect()));
            }
            Some(Interactions::Named(NamedInteractions::Pairwise)) => {
                let pairs = (0..columns).flat_map(|one| (one + 1..columns).map(move |other| [one, other]));
                // The only column of a table has no partner.
                let alone = (columns == 1).then(|| PythonSet::of([0]));
                return Ok(Some(pairs.map(PythonSet::of).chain(alone).collect()));
            }
            Some(Interactions::Groups(groups)) => groups,
        };
        if let Some(column) = groups.iter().flatten().find(|column| **column >= columns) {
            return Err(Error::Component(format!(
                "`interaction_cst` names column {column} of {}, counted from 0: write numbers below {columns}",
                counted(columns as u64, "column")
            )));
        }
        let mut place = vec![0; columns];
        order.iter().zip(0..).for_each(|(&column, at)| place[column] = at);
        let mut groups: Vec<PythonSet> =
            groups.iter().map(|group| PythonSet::of(group.iter().map(|&column| place[column]))).collect();
        let rest = PythonSet::union(&groups).rest(columns);
        if !rest.is_empty() {
            groups.push(rest);
        }
        Ok(Some(groups))
    }

    /// # Errors
    /// Constraints of a category.
    pub(super) fn check_monotonic(&self, features: &Features<'_>) -> Result<()> {
        let constraints = self.monotonic_cst.iter().flat_map(Directions::each).enumerate();
        let mut of_columns = constraints.filter(|(_, constraint)| **constraint != 0).map(|(column, _)| column);
        match of_columns.find(|&column| features.levels(column).is_some()) {
            Some(at) => {
                Err(Error::Column { at, said: format!("`monotonic_cst` cannot order the categories of {COLUMN}") })
            }
            None => Ok(()),
        }
    }
}

impl Default for Params {
    fn default() -> Self {
        Params {
            learning_rate: 0.1,
            max_iter: 100,
            max_leaf_nodes: Some(31),
            max_depth: None,
            min_samples_leaf: 20,
            l2_regularization: 0.0,
            max_bins: 255,
            early_stopping: EarlyStopping::Named(Auto::Auto),
            validation_fraction: Some(KeptOut::Share(0.1)),
            n_iter_no_change: 10,
            tol: 1e-7,
            random_state: None,
            class_weight: None,
            monotonic_cst: None,
            interaction_cst: None,
            max_features: 1.0,
            scoring: Some(Scoring::Loss),
        }
    }
}
