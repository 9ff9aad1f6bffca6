//! Tables that a leak makes of a study's: the same rows with other features. All that a leaky protocol does with columns
//! happens here; what it does with rows, in [`super::parts`].

use crate::data::Dataset;
use crate::error::Result;
use crate::features::{self, FeatureSpec};
use crate::split::{Leak, Leaks};

/// The features of a table under leaks of columns: [`Leaks::of_columns`].
#[derive(Debug, Clone)]
pub struct Derived {
    /// The number of the table among the study's data sets.
    pub data: usize,
    /// The leaks of columns.
    pub leaks: Leaks,
    /// The table.
    pub table: Dataset,
}

/// The leaks of columns, alone and together, that `variants` ask for and that change anything in a table with these features.
pub fn asked(variants: &[Leaks], features: &FeatureSpec) -> Vec<Leaks> {
    let mut asked: Vec<Leaks> = Vec::new();
    for leaks in variants {
        let of_columns = leaks.of_columns();
        if spec(features, of_columns) != *features && !asked.contains(&of_columns) {
            asked.push(of_columns);
        }
    }
    asked
}

/// What is asked for under leaks of columns.
fn spec(features: &FeatureSpec, leaks: Leaks) -> FeatureSpec {
    let mut of = features.clone();
    if leaks.has(Leak::NoLabelDelay) {
        of = of.labels_at_once();
    }
    if leaks.has(Leak::FeaturesFromTheFuture) {
        of = of.looking_ahead();
    }
    of
}

/// What was read with the features that the leaks make of it.
///
/// # Errors
/// As [`features::add`].
pub fn under(leaks: Leaks, read: Dataset, of: &FeatureSpec) -> Result<Dataset> {
    features::add(read, &spec(of, leaks))
}
