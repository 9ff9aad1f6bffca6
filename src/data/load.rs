//! What a study asks for, read.

use super::{Dataset, ReadOptions, catalogue, read, simulate};
use crate::error::Result;
use crate::study::{DataSource, DataSpec};

/// Reads the data of a study.
///
/// # Errors
/// As [`catalogue::read`], [`read`] and [`simulate`].
pub fn load(spec: &DataSpec) -> Result<Dataset> {
    let options = ReadOptions {
        label: spec.label.clone(),
        positive: spec.positive.clone(),
        drop: spec.drop.clone(),
        ..ReadOptions::default()
    };
    match &spec.source {
        DataSource::File(path) => read(path, &options),
        DataSource::Catalogue { name, folder } => catalogue::read(name, folder.as_deref(), &options),
        DataSource::Simulated(simulation) => simulate(simulation),
    }
}

/// Rows and feature columns of the data of a study, which are known without the data where these have a name or are simulated.
///
/// # Errors
/// As [`load`].
pub fn size(spec: &DataSpec) -> Result<(usize, usize)> {
    match &spec.source {
        DataSource::Catalogue { name, .. } => {
            let known = catalogue::find(name)?;
            Ok((known.rows, known.columns.saturating_sub(spec.drop.len())))
        }
        DataSource::Simulated(simulation) => Ok((simulation.rows, simulation.columns)),
        DataSource::File(_) => load(spec).map(|data| data.x.dim()),
    }
}
