//! What a study asks for, read.

use crate::data::{Dataset, ReadOptions, catalogue, read, read_files, read_parts};
use crate::error::Result;
use crate::simulate::{handbook, simulate};
use crate::study::{DataSource, DataSpec};

/// Reads the data of a study.
///
/// # Errors
/// As [`catalogue::read`], [`read`], [`simulate`] and [`handbook::table`].
pub fn load(spec: &DataSpec) -> Result<Dataset> {
    match &spec.source {
        DataSource::Files(paths) => match &paths[..] {
            [path] => read(path, &spec.options),
            paths => read_files(paths, &spec.options),
        },
        DataSource::Parts(parts) => {
            // The first part's file gives the table its name; the study may give another.
            let options = ReadOptions { name: Some(spec.name.clone()), ..spec.options.clone() };
            read_parts(parts, &options)
        }
        DataSource::Catalogue { name, folder } => catalogue::read(name, folder.as_deref(), &spec.options),
        DataSource::Simulated(simulation) => simulate(simulation),
        DataSource::Transactions(of) => handbook::table(of, &spec.options),
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
            Ok((known.rows, known.columns.saturating_sub(spec.options.ignore.len())))
        }
        DataSource::Simulated(simulation) => Ok((simulation.rows, simulation.columns)),
        DataSource::Files(_) | DataSource::Parts(_) | DataSource::Transactions(_) => {
            load(spec).map(|data| data.x.dim())
        }
    }
}
