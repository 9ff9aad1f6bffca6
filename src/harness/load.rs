//! What a study asks for, read.

use crate::data::{Dataset, Deduplicated, ReadOptions, catalogue, dedup, read, read_files, read_parts};
use crate::error::Result;
use crate::features;
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

/// Reads the data of a study and makes the features that it asks for. Which rows dedup keeps is decided on what was read;
/// windows then see all rows.
///
/// # Errors
/// As [`load`] and [`features::add`].
pub fn open(spec: &DataSpec) -> Result<(Dataset, Deduplicated)> {
    let read = load(spec)?;
    let kept = dedup(&read);
    Ok((features::add(read, &spec.features)?, kept))
}

/// Rows and feature columns of the data of a study, which are known without the data where these have a name or are simulated.
///
/// # Errors
/// As [`load`].
pub fn size(spec: &DataSpec) -> Result<(usize, usize)> {
    let (rows, columns) = match &spec.source {
        DataSource::Catalogue { name, .. } => {
            let known = catalogue::find(name)?;
            (known.rows, known.columns.saturating_sub(spec.options.ignore.len()))
        }
        DataSource::Simulated(simulation) => (simulation.rows, simulation.columns),
        DataSource::Files(_) | DataSource::Parts(_) | DataSource::Transactions(_) => load(spec)?.x.dim(),
    };
    Ok((rows, spec.features.width(columns)))
}
