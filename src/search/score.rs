//! What a search strives for: any metric of [`crate::metric`].

use crate::component::{Better, Metric, Prediction, Registry, Score, Scored};
use crate::data::{Role, Sides};
use crate::error::{Error, Result};

/// A metric as the goal of a search.
#[derive(Clone, Copy)]
pub struct Goal(&'static Metric);

impl Goal {
    /// A metric as a goal.
    pub fn of(metric: &'static Metric) -> Self {
        Goal(metric)
    }

    /// The goal named by a metric's id.
    ///
    /// # Errors
    /// [`Error::Study`] for an unknown metric, with the nearest one.
    pub fn find(id: &str, registry: &Registry) -> Result<Self> {
        registry.metric(id).map(Goal).map_err(|e| Error::Study(format!("goal: {e}")))
    }

    /// The same where a family's parameter names it, so that what else is wrong with its parameters is told beside it.
    ///
    /// # Errors
    /// As [`Goal::find`].
    pub fn of_parameter(id: &str, registry: &Registry) -> Result<Self> {
        registry.metric(id).map(Goal).map_err(|e| Error::Study(format!("`goal`: {e}")))
    }

    /// The metric's id.
    pub fn id(&self) -> &'static str {
        self.0.id
    }

    /// The roles of the columns that it reads.
    pub fn roles(&self) -> Vec<Role> {
        self.0.needs.iter().filter_map(|need| need.role()).collect()
    }

    /// `value` turned so that more is better.
    pub fn utility(&self, value: f64) -> f64 {
        match self.0.better {
            Better::Higher => value,
            Better::Lower => -value,
        }
    }

    /// The metric's own value for labels `y` (0 or 1), an element a row as in `prediction` and `sides`.
    ///
    /// # Errors
    /// Why there is none: what [`Scored::new`] refuses, or the reason for which the metric is undefined here.
    pub fn value(&self, y: &[u8], prediction: &Prediction, sides: &Sides) -> Result<f64, String> {
        let scored = Scored::new(y, prediction).and_then(|scored| scored.with(sides)).map_err(|e| e.to_string())?;
        match self.0.score(&scored) {
            Score::Value(value) if value.is_finite() => Ok(value),
            Score::Value(value) => Err(format!("{} is {value}", self.0.id)),
            Score::Undefined { undefined } => Err(format!("{} is undefined: {undefined}", self.0.id)),
        }
    }
}
