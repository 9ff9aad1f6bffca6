//! What the shards of a plan have left so far, for `merge` and `submit --resubmit`.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::queue::blocks;
use super::results;
use crate::cell::Cell;
use crate::cluster::coverage::{Coverage, coverage, lacking};
use crate::cluster::slurm::{ARRAY_FILE, Instead, array_command};
use crate::cluster::{MERGED_FOLDER, ShardPlan, shard_folder};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::store::{Directory, MANIFEST_FILE, Manifest, Record};
use crate::words::{agree, count, counted, quoted, quoted_path};

/// A shard that was begun.
pub(super) struct Begun {
    /// Its results directory.
    pub path: PathBuf,
    pub manifest: Manifest,
    /// Its records, those that can be trusted.
    pub records: Vec<Record>,
}

/// What the shards of a plan have left.
pub(super) struct Left {
    pub begun: Vec<Begun>,
    /// The keys of the plan's cells.
    pub keys: Vec<String>,
}

/// The shards of `plan`, which lies in `folder`, that lack records, in their own folders and in the joined results.
///
/// # Errors
/// Those of [`read`].
pub(super) fn lacking_of(folder: &Path, plan: &ShardPlan, registry: &Registry) -> Result<Vec<usize>> {
    let left = read(folder, plan, registry)?;
    let merged = folder.join(MERGED_FOLDER);
    let joined = match merged.join(MANIFEST_FILE).exists() {
        true => results::read(&merged, registry)?.records,
        false => Vec::new(),
    };
    let records = left.begun.iter().flat_map(|shard| &shard.records).chain(&joined);
    Ok(lacking(&coverage(plan, &left.keys, records, &HashSet::new())))
}

/// Reads what the shards of `plan`, which lies in `folder`, have left.
///
/// # Errors
/// [`Error::Store`] when a shard's results are unreadable or newer; [`Error::Usage`] when they are of another study or other data.
pub(super) fn read(folder: &Path, plan: &ShardPlan, registry: &Registry) -> Result<Left> {
    let study = plan.study(folder, registry)?;
    let cells = plan.cells(&study)?;
    let keys: Vec<String> = cells.iter().map(|cell: &Cell| cell.key(&study, &plan.data[cell.data].digests)).collect();
    let mut begun = Vec::new();
    for shard in 0..plan.shards.len() {
        let path = shard_folder(folder, shard);
        if path.join(MANIFEST_FILE).exists() {
            let (manifest, records) = Directory::read(&path)?;
            check(&path, plan, &manifest)?;
            begun.push((shard, Begun { path, manifest, records }));
        }
    }
    if let Some((_, first)) = begun.first() {
        // Looked at together, as to unfold the study per shard takes long where there are many.
        let whole = Manifest { filter: plan.filter.clone(), ..first.manifest.clone() };
        let all = begun.iter_mut().flat_map(|(_, shard)| std::mem::take(&mut shard.records)).collect();
        let trusted = results::as_kept(folder, (whole, all), registry)?.records;
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (place, (shard, _)) in begun.iter().enumerate() {
            places.extend(plan.shards[*shard].cells().filter_map(|cell| Some((keys.get(cell)?.as_str(), place))));
        }
        for record in trusted {
            if let Some(&place) = places.get(record.key.as_str()) {
                begun[place].1.records.push(record);
            }
        }
    }
    Ok(Left { begun: begun.into_iter().map(|(_, shard)| shard).collect(), keys })
}

fn check(path: &Path, plan: &ShardPlan, manifest: &Manifest) -> Result<()> {
    let same_data = manifest.data.iter().map(|table| &table.digests).eq(plan.data.iter().map(|table| &table.digests));
    let what = match (manifest.study == plan.study, same_data) {
        (true, true) => return Ok(()),
        (false, _) => "study",
        (_, false) => "data",
    };
    Err(Error::Usage(format!(
        "{} has results of another {what} than the plan: remove it, and run the shard again",
        path.display()
    )))
}

/// How many shards that lack records are named one by one.
const NAMED: usize = 20;

/// Says what there is and what is missing, and how that is run. Returns whether every cell has scores.
pub(super) fn tell(folder: &Path, plan: &ShardPlan, coverage: &[Coverage]) -> bool {
    let sum = |of: fn(&Coverage) -> usize| coverage.iter().map(of).sum::<usize>();
    let (scored, failed, missing) = (sum(|c| c.scored), sum(|c| c.failed), sum(|c| c.missing));
    let left_out = match sum(|c| c.left_out) {
        0 => String::new(),
        n => format!(", {} left out", count(n as u64)),
    };
    show!(
        "{} in {}: {} scored, {} failed, {} missing{left_out}",
        counted(plan.cells as u64, "cell"),
        counted(plan.shards.len() as u64, "shard"),
        count(scored as u64),
        count(failed as u64),
        count(missing as u64)
    );
    let lacking = lacking(coverage);
    for &shard in lacking.iter().take(NAMED) {
        let (lacks, of) = (coverage[shard].missing, counted(coverage[shard].cells() as u64, "cell"));
        show!("  shard {shard}: {} of {of} missing", count(lacks as u64));
    }
    if lacking.len() > NAMED {
        let more = lacking.len() - NAMED;
        show!("  and {} more {}", count(more as u64), agree(more, "shard", "shards"));
    }
    let place = quoted_path(folder);
    if !lacking.is_empty() && folder.join(ARRAY_FILE).exists() {
        show!("To run what is missing, and merge: fraudbench submit --resubmit {place}");
        for block in blocks(&lacking, plan.throttle) {
            let words: Vec<String> =
                array_command(folder, &block, Instead::default()).iter().map(|word| quoted(word)).collect();
            show!("or by hand: {}", words.join(" "));
        }
    } else if !lacking.is_empty() {
        show!("To run what is missing, for each shard I named above: {}", plan.command_of(folder, "I"));
    }
    failed + missing == 0 && left_out.is_empty()
}
