//! Whose files a folder holds: a report is not written over one that is called alike, and not among the files of a run.

use std::path::Path;

use crate::component::Registry;
use crate::error::{Error, Result};
use crate::papers::report::reproduced_in;
use crate::papers::{PAPERS, Paper};
use crate::report::IN_WORDS;
use crate::store::{MANIFEST_FILE, Manifest, has_results, study_name};

/// Refuses the results directory of a run.
///
/// # Errors
/// [`Error::Usage`] that names the run's study.
pub fn refuse_run(out: &Path) -> Result<()> {
    if !has_results(out) {
        return Ok(());
    }
    let study = Manifest::read(&out.join(MANIFEST_FILE)).map(|manifest| study_name(&manifest)).unwrap_or_default();
    let of = if study.is_empty() { String::new() } else { format!(" of the study `{study}`") };
    Err(holds(out, &format!("a run{of}")))
}

/// Refuses a folder in which a paper is reproduced, other than `own`.
///
/// # Errors
/// [`Error::Usage`] that names the paper.
pub fn refuse_reproduction(out: &Path, own: Option<&Paper>, registry: &Registry) -> Result<()> {
    let is_own = |name: &str| own.is_some_and(|own| own.name == name);
    let reported = reproduced_in(out);
    if let Some(name) = reported.as_ref().filter(|name| !is_own(name)) {
        return Err(holds(out, &format!("the reproduction of `{name}`")));
    }
    for paper in PAPERS.iter().filter(|paper| !is_own(paper.name)) {
        if let Some(part) = begun_part(out, paper, registry)? {
            return Err(holds(out, &format!("a part of the reproduction of `{}`, {part}", paper.name)));
        }
    }
    Ok(())
}

/// Refuses a folder that is not for the reproduction of `paper`.
///
/// # Errors
/// [`Error::Usage`] that says whose it is.
pub fn refuse_others(out: &Path, paper: &Paper, registry: &Registry) -> Result<()> {
    refuse_run(out)?;
    refuse_reproduction(out, Some(paper), registry)?;
    // Elsewhere than in its results directory a report does not say which run it is of.
    match out.join(IN_WORDS).exists() {
        true => Err(holds(out, &format!("the report of a run, {IN_WORDS}"))),
        false => Ok(()),
    }
}

/// A part of `paper` that was run in `out`, as a reproduction that was stopped leaves it.
fn begun_part(out: &Path, paper: &Paper, registry: &Registry) -> Result<Option<&'static str>> {
    for part in paper.parts {
        // Any folder may have such a name.
        let Ok(manifest) = Manifest::read(&out.join(part.name).join(MANIFEST_FILE)) else { continue };
        if study_name(&manifest) == part.study(registry)?.name {
            return Ok(Some(part.name));
        }
    }
    Ok(None)
}

fn holds(out: &Path, what: &str) -> Error {
    Error::Usage(format!("{} holds {what}: nothing was written; choose another --out", out.display()))
}
