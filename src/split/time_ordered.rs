//! `time-ordered`: the model learns from the past and is tested on the future.

use serde::{Deserialize, Serialize};

use super::{Split, share_of};
use crate::error::{Error, Result};

/// Rows in the order of a column, file order among equals: the last share tests, the share before it validates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeOrdered {
    /// The column that orders the rows, ascending; without it, the one with the role `time`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The test part's share of all rows, rounded up to whole rows; between 0 and 1.
    #[serde(default = "quarter")]
    pub test: f64,
    /// The validation part's share of the rows that do not test; between 0 and 1. Without it there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<f64>,
}

fn quarter() -> f64 {
    0.25
}

impl TimeOrdered {
    pub(super) fn split(&self, y: &[u8], order_by: Option<&[f64]>) -> Result<Split> {
        let column = self.column.as_deref().unwrap_or("time");
        let values = order_by.filter(|values| values.len() == y.len()).ok_or_else(|| {
            Error::Data(format!("a time-ordered split needs a value of column `{column}` for each of {} rows", y.len()))
        })?;
        let missing = values.iter().filter(|value| value.is_nan()).count();
        if missing > 0 {
            return Err(Error::Data(format!(
                "column `{column}` orders the rows, but {missing} of its values are missing"
            )));
        }
        let mut train: Vec<usize> = (0..y.len()).collect();
        // Plain comparison, not total_cmp: -0.0 and 0.0 are the same time.
        train.sort_by(|&a, &b| values[a].partial_cmp(&values[b]).unwrap_or(std::cmp::Ordering::Equal));
        let mut test = train.split_off(y.len() - share_of(y.len(), self.test, "test")?);
        let mut validation = match self.validation {
            Some(share) => train.split_off(train.len() - share_of(train.len(), share, "validation")?),
            None => Vec::new(),
        };
        [&mut train, &mut validation, &mut test].into_iter().for_each(|part| part.sort_unstable());
        Ok(Split { repeat: 0, fold: 0, train, validation, test })
    }
}
