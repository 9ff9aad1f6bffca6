//! What a study asks for, read.

use super::{Dataset, ReadOptions, catalogue, read};
use crate::error::Result;
use crate::study::{DataSource, DataSpec};

/// Reads the data of a study.
///
/// # Errors
/// As [`catalogue::read`] and [`read`].
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
    }
}

/// Rows and feature columns of the data of a study, which for a data set with a name are known without its file.
///
/// # Errors
/// As [`load`].
pub fn size(spec: &DataSpec) -> Result<(usize, usize)> {
    if let DataSource::Catalogue { name, .. } = &spec.source {
        let known = catalogue::find(name)?;
        return Ok((known.rows, known.columns.saturating_sub(spec.drop.len())));
    }
    load(spec).map(|data| data.x.dim())
}
