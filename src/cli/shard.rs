//! `fraudbench run --plan DIR --shard I/N`: one shard of a plan, into a results directory of its own.

use std::path::{Path, PathBuf};

use super::progress::Progress;
use super::run::{Arguments, INTERRUPTED, reading_for, stop_on_interrupt, tell};
use crate::cell::Cell;
use crate::cluster::{ShardPlan, shard_folder};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::harness::{self, How, Opened};
use crate::run::Displays;
use crate::store::Directory;
use crate::study::are_alike;
use crate::words::counted;

/// The value of `--shard`: which, from 0, and of how many.
pub(super) fn shard(text: &str) -> Result<(usize, usize), String> {
    let parsed = text.split_once('/').and_then(|(shard, of)| Some((shard.parse().ok()?, of.parse().ok()?)));
    match parsed {
        Some((shard, of)) if shard < of => Ok((shard, of)),
        Some((_, of)) if of > 0 => Err(format!("shards are counted from 0: at most {}/{of}", of - 1)),
        _ => Err("must be I/N, such as 0/8 for the first of eight".into()),
    }
}

/// Runs it, or what is left of it.
pub(super) fn main(
    arguments: &Arguments,
    folder: &Path,
    (shard, of): (usize, usize),
    registry: &Registry,
) -> Result<u8> {
    let plan = ShardPlan::read(folder)?;
    // A loop over as many as were asked for is right, too, whatever the study has.
    if plan.asked == Some(of) && shard >= plan.shards.len() {
        let has = counted(plan.shards.len() as u64, "shard");
        show!("Shard {shard} of {of} has no cells: the plan in {} has {has}", folder.display());
        return Ok(0);
    }
    if of != plan.shards.len() && plan.asked != Some(of) {
        return Err(Error::Usage(format!(
            "--shard {shard}/{of}: the plan in {} has {}",
            folder.display(),
            counted(plan.shards.len() as u64, "shard")
        )));
    }
    let study = plan.study(folder, registry)?;
    let cells = plan.cells(folder, &study)?;
    let mine: Vec<&Cell> = plan.shards[shard].cells().filter_map(|cell| cells.get(cell)).collect();
    let place = shard_folder(folder, shard);
    arguments.limits.tell_programs(&study)?;
    let limits = arguments.limits.decide(&study.limits, arguments.threads, arguments.cell_threads);
    let is_begun = Directory::is_begun(&place);
    let planned = match is_begun {
        true => harness::resume(&place, None, registry).map_err(|e| resumes(&place, e))?,
        false => harness::begin(study, &plan.shards[shard].filter, &place)?,
    };
    let mut progress = Progress::of(arguments.progress);
    let mut displays = Displays::new(vec![&mut progress]);
    let predictions = arguments.keeps_predictions(&planned);
    reading_for(&planned);
    let opened = planned.check_place().map_err(|e| resumes(&place, e))?.open(&mut displays)?;
    plan.check_data(opened.study(), opened.facts())?;
    if !is_of_plan(&opened, &plan, &mine) {
        return Err(other_cells((folder, shard), is_begun.then_some(&place)));
    }
    let how = How {
        limits: Some(limits),
        retry_failed: arguments.retry_failed,
        refit: arguments.no_reuse,
        predictions,
        stop: stop_on_interrupt(),
        ..How::default()
    };
    let worked = opened.work(&how, &mut displays).map_err(|e| resumes(&place, e))?;
    // Reports are made of the whole, by the merge. To count the records is short, so that a signal does not keep this from it.
    let done = worked.read()?;
    tell(&done.summary, &how, &displays);
    if done.summary.left > 0 {
        let left = counted(done.summary.left as u64, "cell");
        say!("shard {shard} stopped with {left} left; the same command resumes it");
        return Ok(INTERRUPTED);
    }
    let recorded = counted(done.results.records.len() as u64, "record");
    show!("Shard {shard} of {of} is done: {recorded} in {}", place.display());
    Ok(u8::from(done.failed() > 0))
}

/// Why a shard cannot have its folder: another task has it, or has begun it meanwhile. A shard has no other folder to choose.
fn resumes(place: &Path, refused: Error) -> Error {
    match refused {
        Error::Taken(_) => Error::Taken(format!(
            "{} is in use by another fraudbench, or was begun by one meanwhile: wait until that one ends; the same command then resumes it",
            place.display()
        )),
        other => other,
    }
}

/// That a shard's own folder, where it was begun, or its filter has other cells than the plan gives it.
fn other_cells((folder, shard): (&Path, usize), begun: Option<&PathBuf>) -> Error {
    Error::Usage(match begun {
        Some(place) => format!(
            "{} was begun with other cells than the plan gives this shard: remove it, or make a new plan in another folder",
            place.display()
        ),
        // Plans with `--filter` that earlier versions made.
        None => format!(
            "{}: the filter of shard {shard} takes other cells than the plan gives it: make a new plan in another folder",
            folder.display()
        ),
    })
}

/// Whether what was opened would run the cells that the plan gives a shard.
fn is_of_plan(opened: &Opened, plan: &ShardPlan, mine: &[&Cell]) -> bool {
    let cells = opened.plan().cells.iter().map(|cell| &cell.id);
    are_alike(&opened.study().text, &plan.study) && cells.eq(mine.iter().map(|cell| &cell.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_counted_from_zero() {
        assert_eq!((shard("0/8"), shard("7/8")), (Ok((0, 8)), Ok((7, 8))));
        for wrong in ["8/8", "1/0", "1", "a/b", "-1/2", "1/2/3", ""] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }
}
