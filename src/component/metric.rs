//! What a metric is: a function of a cell's test rows and of what the model said of them.

use serde::{Deserialize, Serialize};

use super::Argument;
use super::Scored;
use crate::data::{Role, Sides};

/// Counts at the model's own labels; the positive class is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// True positives.
    pub tp: u64,
    /// False positives.
    pub fp: u64,
    /// False negatives.
    #[serde(rename = "fn")]
    pub fn_: u64,
    /// True negatives.
    pub tn: u64,
}

impl Confusion {
    /// Rows whose true class is 1.
    pub fn positives(&self) -> u64 {
        self.tp + self.fn_
    }

    /// Rows whose true class is 0.
    pub fn negatives(&self) -> u64 {
        self.fp + self.tn
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.positives() + self.negatives()
    }

    /// Rows that the model's labels call positive.
    pub fn alarms(&self) -> u64 {
        self.tp + self.fp
    }

    /// True positive rate (recall, sensitivity).
    ///
    /// # Errors
    /// There are no positives.
    pub fn tpr(&self) -> Result<f64, &'static str> {
        share(self.tp, self.positives(), NO_POSITIVES)
    }

    /// True negative rate (specificity).
    ///
    /// # Errors
    /// There are no negatives.
    pub fn tnr(&self) -> Result<f64, &'static str> {
        share(self.tn, self.negatives(), NO_NEGATIVES)
    }
}

pub(crate) const NO_POSITIVES: &str = "the test rows hold no positives";
pub(crate) const NO_NEGATIVES: &str = "the test rows hold no negatives";
pub(crate) const NO_ROWS: &str = "there are no test rows";

pub(crate) fn share(part: u64, whole: u64, otherwise: &'static str) -> Result<f64, &'static str> {
    if whole == 0 { Err(otherwise) } else { Ok(part as f64 / whole as f64) }
}

/// The value of a metric, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Score {
    /// Its value.
    Value(f64),
    /// The reason why it is not defined here, never a made-up zero.
    Undefined {
        /// One sentence.
        undefined: String,
    },
}

impl Score {
    /// The value, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Score::Value(value) => Some(*value),
            Score::Undefined { .. } => None,
        }
    }
}

impl<R: Into<String>> From<Result<f64, R>> for Score {
    fn from(result: Result<f64, R>) -> Self {
        match result {
            Ok(value) => Score::Value(value),
            Err(reason) => Score::Undefined { undefined: reason.into() },
        }
    }
}

/// Whether larger or smaller values are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Better {
    /// Larger is better.
    Higher,
    /// Smaller is better.
    Lower,
}

/// What a metric reads beside the rows' true classes and the model's own labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Scores, of either kind.
    Scores,
    /// Scores that are probabilities.
    Probabilities,
    /// What each row is worth: the column with the role `amount`.
    Amount,
    /// Whose each row is: the column with the role `group`.
    Group,
    /// When each row was: the column with the role `time`.
    Time,
}

impl Need {
    /// The role of the column that is read; none where it is no column.
    pub fn role(self) -> Option<Role> {
        match self {
            Need::Scores | Need::Probabilities => None,
            Need::Amount => Some(Role::Amount),
            Need::Group => Some(Role::Group),
            Need::Time => Some(Role::Time),
        }
    }

    /// Whether what it reads is there.
    pub(crate) fn is_met(self, sides: Option<&Sides>) -> bool {
        match self {
            Need::Scores | Need::Probabilities => true,
            Need::Amount => sides.is_some_and(|sides| sides.amount.is_some()),
            Need::Group => sides.is_some_and(|sides| sides.group.is_some()),
            Need::Time => sides.is_some_and(|sides| sides.time.is_some()),
        }
    }
}

/// One metric that a study can name.
pub struct Metric {
    /// Kebab-case name, identical in TOML, records and reports.
    pub id: &'static str,
    /// One line for listings.
    pub about: &'static str,
    /// Which end of its range is the good one.
    pub better: Better,
    /// The smallest and the largest value that it can have.
    pub range: (f64, f64),
    /// Another version has other values on the same predictions.
    pub version: u32,
    /// What it reads beside classes and labels.
    pub needs: &'static [Need],
    /// Whether it counts by the day, so that a test part must hold whole days.
    pub whole_days: bool,
    /// Whether its value hangs on how many or which rows a test part has: rows of several parts put together have another value than
    /// the parts have on average.
    pub of_one_part: bool,
    /// What the number in brackets after its name means; none where it takes none.
    pub argument: Option<Argument>,
    /// Whether a study that names no metrics has it.
    pub by_default: bool,
    pub(super) compute: Compute,
    /// The entry that this is with a number of its own.
    pub(super) of: Option<&'static Metric>,
}

/// How a metric is computed.
#[derive(Clone, Copy)]
pub(super) enum Compute {
    /// From what was scored.
    Plain(fn(&Scored<'_>) -> Score),
    /// And from the number in brackets.
    With(fn(&Scored<'_>, f64) -> Score, f64),
}

impl Metric {
    /// An entry of version 1 with values from 0 to 1. It reads [`Scored::confusion`] and nothing else, so that its value can be
    /// checked by the counts alone; a metric that reads scores or columns says so by [`Metric::needs`].
    pub const fn new(id: &'static str, better: Better, about: &'static str, compute: fn(&Scored<'_>) -> Score) -> Self {
        Metric::of(id, better, about, Compute::Plain(compute))
    }

    /// The same with a number in brackets after its name. Without default, no study has it that does not name it.
    pub const fn with_argument(
        id: &'static str,
        better: Better,
        about: &'static str,
        argument: Argument,
        compute: fn(&Scored<'_>, f64) -> Score,
    ) -> Self {
        let given = match argument.default {
            Some(given) => given,
            None => f64::NAN,
        };
        let by_default = argument.default.is_some();
        let plain = Metric::of(id, better, about, Compute::With(compute, given));
        Metric { argument: Some(argument), by_default, ..plain }
    }

    const fn of(id: &'static str, better: Better, about: &'static str, compute: Compute) -> Self {
        let (range, version, needs) = ((0.0, 1.0), 1, &[]);
        Metric {
            id,
            about,
            better,
            range,
            version,
            needs,
            whole_days: false,
            of_one_part: false,
            argument: None,
            by_default: true,
            compute,
            of: None,
        }
    }

    /// The entry of a metric that counts by the day. A day may be cut between two parts, so it is of one part, too.
    #[must_use]
    pub const fn whole_days(self) -> Self {
        Metric { whole_days: true, of_one_part: true, ..self }
    }

    /// The entry of a metric that counts rows or adds up what they cost, so that parts of other sizes have other values.
    #[must_use]
    pub const fn of_one_part(self) -> Self {
        Metric { of_one_part: true, ..self }
    }

    /// The entry of a metric that only studies have which name it.
    #[must_use]
    pub const fn on_request(self) -> Self {
        Metric { by_default: false, ..self }
    }

    /// The entry with another range.
    #[must_use]
    pub const fn range(self, low: f64, high: f64) -> Self {
        Metric { range: (low, high), ..self }
    }

    /// The entry with another version, when its values on the same predictions have changed.
    #[must_use]
    pub const fn version(self, version: u32) -> Self {
        Metric { version, ..self }
    }

    /// The entry of a metric that reads more.
    #[must_use]
    pub const fn needs(self, needs: &'static [Need]) -> Self {
        Metric { needs, ..self }
    }

    /// Whether it reads no column with a role, so that any data have it.
    pub fn is_of_any_data(&self) -> bool {
        self.needs.iter().all(|need| need.role().is_none())
    }

    /// Its value on a cell's test rows, or why there is none. What is no finite number is no value: JSON has none for it, so that no record
    /// could hold it.
    pub fn score(&self, scored: &Scored<'_>) -> Score {
        match self.computed(scored) {
            Score::Value(value) if !value.is_finite() => Err("the value is not a finite number").into(),
            score => score,
        }
    }

    fn computed(&self, scored: &Scored<'_>) -> Score {
        match self.needs.iter().find(|need| !need.is_met(scored.sides())).and_then(|need| need.role()) {
            Some(role) => Err(format!("the data have no column with the role `{role}`")).into(),
            None => match self.compute {
                Compute::Plain(compute) => compute(scored),
                Compute::With(compute, number) => compute(scored, number),
            },
        }
    }

    /// Its value, given the counts at the model's own labels alone; none where it reads more than these.
    pub(crate) fn of_counts(&self, confusion: Confusion) -> Option<Score> {
        self.needs.is_empty().then(|| self.score(&Scored::labelled(confusion)))
    }
}
