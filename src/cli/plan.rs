//! What the shards of a plan have left so far, for `merge` and `submit --resubmit`.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::queue::{again, blocks};
use super::results;
use crate::cell::{Cell, CellId};
use crate::cluster::coverage::{Coverage, coverage, lacking};
use crate::cluster::kubernetes::JOB_FILE;
use crate::cluster::slurm::{ARRAY_FILE, Instead, array_command};
use crate::cluster::{MERGED_FOLDER, ShardPlan, shard_folder};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::store::{Directory, Manifest, Record};
use crate::study::are_alike;
use crate::words::{agree, count, counted, one_line, quoted, quoted_path};

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
    /// Why shards cannot be read that were begun, each with its folder.
    pub damaged: Vec<String>,
    /// The plan's cells with their keys.
    pub cells: Vec<(CellId, String)>,
}

/// The shards of `plan`, which lies in `folder`, that lack records, in their own folders and in the joined results.
///
/// # Errors
/// Those of [`read`]; [`Error::Store`] when shards cannot be read: they would be no better where they are run again.
pub(super) fn lacking_of(folder: &Path, plan: &ShardPlan, registry: &Registry) -> Result<Vec<usize>> {
    let left = read(folder, plan, registry)?;
    if let Some(said) = left.damaged(folder) {
        return Err(Error::Store(said));
    }
    let merged = folder.join(MERGED_FOLDER);
    let joined = match Directory::is_begun(&merged) {
        true => results::read(&merged, registry)?.records,
        false => Vec::new(),
    };
    let records = left.begun.iter().flat_map(|shard| &shard.records).chain(&joined);
    Ok(lacking(&coverage(plan, &left.cells, records, &HashSet::new())))
}

impl Left {
    /// Which shards of the plan in `folder` cannot be read, in a sentence; none where all can.
    pub fn damaged(&self, folder: &Path) -> Option<String> {
        let many = self.damaged.len();
        (many > 0).then(|| {
            format!(
                "{} of {} cannot be read: {}; copy {} again, or remove {} and run {} again",
                counted(many as u64, "shard"),
                folder.display(),
                self.damaged.join("; "),
                agree(many, "its folder", "their folders"),
                agree(many, "it", "them"),
                agree(many, "the shard", "these shards")
            )
        })
    }
}

/// Reads what the shards of `plan`, which lies in `folder`, have left. One that cannot be read takes nothing from the others.
///
/// # Errors
/// [`Error::Study`] when this version understands the plan's study otherwise.
pub(super) fn read(folder: &Path, plan: &ShardPlan, registry: &Registry) -> Result<Left> {
    let study = plan.study(folder, registry)?;
    let cells = plan.cells(folder, &study)?;
    let named = |cell: &Cell| (cell.id.clone(), cell.key(&study, &plan.data[cell.data].digests));
    let cells: Vec<(CellId, String)> = cells.iter().map(named).collect();
    let (mut begun, mut damaged) = (Vec::new(), Vec::new());
    for shard in (0..plan.shards.len()).filter(|&shard| Directory::is_begun(&shard_folder(folder, shard))) {
        match begun_of(folder, plan, shard) {
            Ok(found) => begun.push((shard, found)),
            Err(e) => damaged.push(one_line(&e.to_string())),
        }
    }
    if let Some((_, first)) = begun.first() {
        // Looked at together, as to unfold the study per shard takes long where there are many.
        let whole = Manifest { filter: plan.filter.clone(), ..first.manifest.clone() };
        let all = begun.iter_mut().flat_map(|(_, shard)| std::mem::take(&mut shard.records)).collect();
        let trusted = results::as_kept(folder, (whole, all), registry)?.records;
        let mut places: HashMap<(&CellId, &str), usize> = HashMap::new();
        for (place, (shard, _)) in begun.iter().enumerate() {
            let of_shard = plan.shards[*shard].cells().filter_map(|cell| cells.get(cell));
            places.extend(of_shard.map(|(id, key)| ((id, key.as_str()), place)));
        }
        for record in trusted {
            if let Some(&place) = places.get(&record.whose()) {
                begun[place].1.records.push(record);
            }
        }
    }
    Ok(Left { begun: begun.into_iter().map(|(_, shard)| shard).collect(), damaged, cells })
}

/// What a shard has left that was begun.
fn begun_of(folder: &Path, plan: &ShardPlan, shard: usize) -> Result<Begun> {
    let path = shard_folder(folder, shard);
    let (manifest, records) = Directory::read(&path)?;
    let same_data = manifest.data.iter().map(|table| &table.digests).eq(plan.data.iter().map(|table| &table.digests));
    let others =
        match (are_alike(&manifest.study, &plan.study), same_data, manifest.filter == plan.shards[shard].filter) {
            (true, true, true) => return Ok(Begun { path, manifest, records }),
            (false, ..) => "of another study than the plan",
            (_, false, _) => "of other data than the plan",
            (.., false) => "of other cells than the plan gives this shard",
        };
    Err(Error::Store(format!("{} has results {others}", path.display())))
}

/// How many shards that lack records are named one by one.
pub(super) const NAMED: usize = 20;

/// Whether a process is running a shard of the plan in `folder`, as far as locks tell: nobody sees what waits in a queue.
pub(super) fn is_running(folder: &Path, shard: usize) -> bool {
    Directory::is_in_use(&shard_folder(folder, shard))
}

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
    let is_running = |shard: usize| is_running(folder, shard);
    for &shard in lacking.iter().take(NAMED) {
        let (lacks, of) = (coverage[shard].missing, counted(coverage[shard].cells() as u64, "cell"));
        let running = if is_running(shard) { " (it is running now)" } else { "" };
        show!("  shard {shard}: {} of {of} missing{running}", count(lacks as u64));
    }
    if lacking.len() > NAMED {
        show!("  and {}", counted((lacking.len() - NAMED) as u64, "more shard"));
    }
    // One that is running is refused to everybody else.
    let idle: Vec<usize> = lacking.iter().copied().filter(|&shard| !is_running(shard)).collect();
    if !idle.is_empty() {
        tell_way(folder, plan, &idle, idle.len() < lacking.len());
    }
    failed + missing == 0 && left_out.is_empty()
}

/// Says how the shards `idle` of a plan are run, which are all that were named unless some are running.
fn tell_way(folder: &Path, plan: &ShardPlan, idle: &[usize], are_some_running: bool) {
    // What runs all that lack cells would end those that are running, or merge without them.
    let once = if are_some_running { " once no shard is running" } else { "" };
    match Engine::of(folder) {
        Engine::Slurm => {
            show!("To run what is missing, and merge{once}: {}", again(folder, Instead::default(), None));
            for block in blocks(idle, plan.throttle) {
                let words: Vec<String> =
                    array_command(folder, &block, Instead::default()).iter().map(|word| quoted(word)).collect();
                show!("or by hand: {}", words.join(" "));
            }
        }
        Engine::Kubernetes => show!("To run what is missing{once}: {}", replace_job(folder)),
        Engine::Other => {
            let but = if are_some_running { " but those that are running" } else { "" };
            show!("To run what is missing, for each shard I named above{but}: {}", plan.command_of(folder, "I"));
        }
    }
}

/// Who runs the shards of a plan.
pub(super) enum Engine {
    Slurm,
    Kubernetes,
    /// Whoever types their commands.
    Other,
}

impl Engine {
    /// That of the plan in `folder`, by the files that were written for it.
    pub fn of(folder: &Path) -> Self {
        match (folder.join(ARRAY_FILE).exists(), folder.join(JOB_FILE).exists()) {
            (true, _) => Engine::Slurm,
            (_, true) => Engine::Kubernetes,
            _ => Engine::Other,
        }
    }
}

/// The command with which Kubernetes runs the shards of a plan again; those that are done end at once.
pub(super) fn replace_job(folder: &Path) -> String {
    format!("kubectl replace --force -f {}", quoted_path(&folder.join(JOB_FILE)))
}
