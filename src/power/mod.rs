//! Studies whose truth is known, run through the program itself: how often their reports raise a false alarm, how often their
//! intervals hold the truth, and how large a difference must be to be told.
//!
//! ```text
//! a study over `normal` data -> the same study on many draws -> [the conductor] -> Trial, one a draw and data set -> Rates
//! ```
//!
//! A pipeline sees one column of its data, and all columns are worth the same, but for the first where it has a lead. So it is known
//! which pipelines do not differ, and what each is worth is the mean over all draws.

mod rates;
mod report;
mod studies;
mod trial;

use std::path::Path;
use std::sync::atomic::Ordering;

pub use rates::{Rate, Rates};
pub use report::write;
pub use studies::Studies;
pub use trial::Trial;

use crate::component::Registry;
use crate::error::{Error, Result};
use crate::harness::{self, Done, How};
use crate::run::Displays;
use crate::store::Outcome;
use crate::study::Study;
use crate::words::counted;

/// Draws of which the results are on disk at the same time.
const AT_ONCE: usize = 25;

/// The trials of one study file.
#[derive(Debug)]
pub struct Tried {
    /// The study's title.
    pub title: String,
    /// The metric that ranks.
    pub primary: String,
    /// The protocol in words.
    pub protocol: String,
    /// The classifier.
    pub classifier: String,
    /// What was found, by data set in the study's order.
    pub rates: Vec<Rates>,
}

/// Runs `draws` draws of a study, in a scratch folder inside `scratch`; `told` is called after each batch with the
/// number of draws that are done. None where it was stopped.
///
/// # Errors
/// What a run of the study can end with.
pub fn try_out(
    studies: &Studies,
    draws: usize,
    scratch: &Path,
    (how, registry): (&How, &Registry),
    told: &mut dyn FnMut(usize),
) -> Result<Option<Tried>> {
    let mut trials: Vec<Vec<Trial>> = vec![Vec::new(); studies.designs().len()];
    let mut first = 0;
    while first < draws {
        let batch = AT_ONCE.min(draws - first);
        let folder = tempfile::Builder::new()
            .prefix("power-")
            .tempdir_in(scratch)
            .map_err(|e| Error::io("create a folder in", scratch, e))?;
        let study: Study = studies.batch(first, batch, registry)?;
        let planned = harness::begin(study, "", &folder.path().join("run"))?;
        let mut silent = Displays::default();
        let done = planned.open(&mut silent)?.work(how, &mut silent)?.read()?;
        if how.stop.load(Ordering::SeqCst) {
            return Ok(None);
        }
        refuse_failures(&done)?;
        for (nth, part) in done.results.data_sets().iter().enumerate() {
            trials[nth % studies.designs().len()].push(Trial::of(part, &done.directory)?);
        }
        first += batch;
        told(first);
    }
    let rates = studies
        .designs()
        .iter()
        .zip(&trials)
        .map(|(design, trials)| Rates::of(design, trials, studies.better))
        .collect();
    Ok(Some(Tried {
        title: studies.title.clone(),
        primary: studies.primary.clone(),
        protocol: studies.protocol.clone(),
        classifier: studies.classifier.clone(),
        rates,
    }))
}

/// A pipeline that lacks a fold is not ranked, so that nothing could be said of its truth.
fn refuse_failures(done: &Done) -> Result<()> {
    let failed = done.results.records.iter().find(|record| record.outcome != Outcome::Scored);
    let Some(record) = failed else { return Ok(()) };
    Err(Error::Component(format!(
        "{} of {} failed, so nothing can be said of the design; the first is {}: {}",
        counted(done.failed() as u64, "cell"),
        done.results.records.len(),
        record.cell.named(done.results.has_several_data_sets()),
        record.reason.as_deref().unwrap_or("no reason was given")
    )))
}
