//! `contamination` of the families that see no label: the share of rows that are labelled 1.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// scikit-learn's parameter of this name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `auto` or a share of the rows above 0, up to 0.5")]
pub(super) enum Contamination {
    /// Those whose score is above the family's own bound.
    Named(Auto),
    /// This share of the training rows, in (0, 0.5].
    Share(f64),
}

/// The word `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Auto {
    Auto,
}

impl Contamination {
    /// What it is where nothing is given.
    pub(super) const AUTO: Self = Contamination::Named(Auto::Auto);

    /// The share of training rows; none for the family's own bound.
    ///
    /// # Errors
    /// A share outside (0, 0.5].
    pub(super) fn share(self) -> Result<Option<f64>> {
        match self {
            Contamination::Named(Auto::Auto) => Ok(None),
            Contamination::Share(share) if share > 0.0 && share <= 0.5 => Ok(Some(share)),
            Contamination::Share(share) => {
                Err(Error::Study(format!("`contamination` must be \"auto\" or lie in (0, 0.5], not {share}")))
            }
        }
    }
}
