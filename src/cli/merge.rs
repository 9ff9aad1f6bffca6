//! `fraudbench merge`: several results directories of one study as one.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::contradictions::{Part, contradictions};
use super::{pack, plan, results, run};
use crate::analyze::regression::ON_SAME_DATA;
use crate::analyze::{self, Doubt, Results};
use crate::cell::{CellId, Filter};
use crate::cluster::coverage::coverage;
use crate::cluster::{MERGED_FOLDER, PLAN_FILE, ShardPlan};
use crate::component::Registry;
use crate::data::TableFacts;
use crate::error::{Error, Result};
use crate::harness::way;
use crate::report::{Options, in_words, write_of_command};
use crate::store::{Directory, MANIFEST_FILE, Manifest, Outcome, Ran, Record, copy_kept, predictions_path, rows_path};
use crate::study::{are_alike, differing};
use crate::words::{agree, counted, listed, quoted_path};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench merge runs/trees runs/boosting --out runs/both\n  fraudbench merge shard-* --out whole\n  fraudbench merge plan\n\n\
                        All must be runs of the same study on the same data; what they planned together is planned \
                        in DIR. Where several have a record of a cell, one with scores wins, then the earlier named. Where their scores differ, none \
                        counts, however many runs agree: it is told which run says what, here and in DIR's report, and the exit code is 1.\n\n\
                        `fraudbench run --resume DIR` runs, in DIR itself, the cells without a result that counts. Of a cell with different scores the new \
                        run decides: the scores that it repeats count from then on, and no merge is needed. Where a part was resumed instead \
                        (`fraudbench run --resume PART`), merge it into DIR again: its new records count where DIR had none, or a failed one. \
                        Merging again, or merging more into DIR, does no harm; the exit code is 0 once no cell of the parts lacks scores.\n\n\
                        Of a plan that `fraudbench submit` made, all shards are joined, the coverage is printed, and the commands \
                        that run what is missing; the exit code is 0 when every cell has scores. A shard that cannot be read is named, the others are joined, and the \
                        exit code is 3."
)]
pub struct Arguments {
    /// Results directories, or the folder of one plan
    #[arg(required = true)]
    directories: Vec<PathBuf>,
    /// The results directory to make, or one that `merge` made to add to [default for a plan: PLAN/merged]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A results directory that is merged.
struct Source {
    path: PathBuf,
    manifest: Manifest,
    records: Vec<Record>,
    /// Those that it has of cells for which it has different scores by itself.
    contradicting: Vec<Record>,
    /// The cells that there were records of, trusted or not.
    named: HashSet<CellId>,
}

/// How a merge ended.
struct Joined {
    /// Those that count in the joined results.
    records: Vec<Record>,
    /// Cells without scores.
    failed: usize,
    /// Planned cells that a part had a record of, and that have none now: what there was of them could not be trusted.
    lost: usize,
}

impl Source {
    fn part(&self) -> Part<'_> {
        Part {
            name: self.path.display().to_string(),
            has_names: !self.manifest.contradictions.is_empty(),
            records: [&self.records[..], &self.contradicting[..]],
        }
    }
}

impl Joined {
    fn is_whole(&self) -> bool {
        self.failed + self.lost == 0
    }
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    if let [folder] = &arguments.directories[..]
        && folder.join(PLAN_FILE).exists()
    {
        let out = arguments.out.clone().unwrap_or_else(|| folder.join(MERGED_FOLDER));
        return of_plan(folder, &out, registry);
    }
    let Some(out) = &arguments.out else {
        return Err(Error::Usage(
            "--out says where the joined results go; only a plan's folder has a place for them".into(),
        ));
    };
    let (mut parts, mut faults) = (Vec::new(), Vec::new());
    for path in &arguments.directories {
        match part(path, registry) {
            Ok(part) => parts.push(part),
            Err(e) => faults.push(e),
        }
    }
    match faults.len() {
        0 => {}
        1 => return Err(faults.remove(0)),
        n => {
            let all = counted(arguments.directories.len() as u64, "directory");
            return Err(pack::all(&faults, &format!("{n} of {all} cannot be merged")));
        }
    }
    Ok(u8::from(!join(parts, out, None, registry)?.is_whole()))
}

/// Joins what the shards of a plan have left so far, and says what is missing.
fn of_plan(folder: &Path, out: &Path, registry: &Registry) -> Result<u8> {
    let folder = folder.canonicalize().map_err(|e| Error::io("find", folder, e))?;
    let plan = ShardPlan::read(&folder)?;
    let left = plan::read(&folder, &plan, registry)?;
    let damaged = left.damaged(&folder);
    let plan::Left { begun, cells: planned, .. } = left;
    let left_of = begun.iter().flat_map(|shard| &shard.records);
    let known: HashSet<(CellId, String)> = left_of.map(|record| (record.cell.clone(), record.key.clone())).collect();
    let source = |shard: plan::Begun| Source {
        named: cells(&shard.records),
        // A shard is one run, which has one result per cell.
        contradicting: Vec::new(),
        path: shard.path,
        manifest: shard.manifest,
        records: shard.records,
    };
    let parts: Vec<Source> = begun.into_iter().map(source).collect();
    let (records, joined) = match (parts.is_empty(), Directory::is_begun(out)) {
        (false, _) => {
            let joined = join(parts, out, Some(&plan.filter), registry)?;
            let is_whole = joined.is_whole();
            (joined.records, is_whole)
        }
        // The shards' folders are gone, and what was joined of them is not.
        (true, true) => (results::read(out, registry)?.records, true),
        (true, false) => (Vec::new(), true),
    };
    let whole = plan::tell(&folder, &plan, &coverage(&plan, &planned, &records, &known));
    match damaged {
        // Last, where a log ends: before it is seen to, what is missing would be run in vain.
        Some(said) => Err(Error::Store(said)),
        None => Ok(u8::from(!(whole && joined))),
    }
}

/// The cells that records name.
fn cells(records: &[Record]) -> HashSet<CellId> {
    records.iter().map(|record| record.cell.clone()).collect()
}

/// Joins `parts` in `out`; what is planned there is `filter`, or what they planned together.
fn join(mut parts: Vec<Source>, out: &Path, filter: Option<&str>, registry: &Registry) -> Result<Joined> {
    let is_old = out.join(MANIFEST_FILE).exists();
    let (directory, old) = match is_old {
        true => {
            let (directory, before) = Directory::open(out)?;
            refuse_run(out, &before)?;
            // Again, as nobody else writes there from now on.
            let (before, old) = Directory::read(out)?;
            parts.insert(0, before_of(out, (before, old.clone()), registry)?);
            // All of them: what is left out there is no news either.
            (directory, old)
        }
        false => {
            check(&parts)?;
            (Directory::create(out).map_err(|e| meanwhile(out, e))?, Vec::new())
        }
    };
    check(&parts)?;
    let mut manifest = manifest(&parts, directory.path())?;
    if let Some(filter) = filter {
        filter.clone_into(&mut manifest.filter);
    }
    // Before any record: a merge that was killed can then be done again, or gone on with.
    manifest.write(&directory.path().join(MANIFEST_FILE))?;
    let mut log = directory.log()?;
    let added = added(&old, &parts[usize::from(is_old)..]);
    for (part, record) in &added {
        // Scores first: a record says that they are there.
        copy_predictions(part, directory.path(), record)?;
        log.add(record)?;
    }
    // Once for all of them: what a power cut takes is in the parts still.
    log.sync()?;
    let mut results = results::read(directory.path(), registry)?;
    let of_parts: Vec<Part<'_>> = parts.iter().map(Source::part).collect();
    let found = contradictions(&of_parts, &results);
    let merged_into = is_old.then_some(0);
    keep(&mut manifest.contradictions, found.iter().filter_map(|alike| alike.lasting(&of_parts, merged_into)));
    // Once more, as only the joined records tell; the report is made of it.
    manifest.write(&directory.path().join(MANIFEST_FILE))?;
    results.manifest.contradictions.clone_from(&manifest.contradictions);
    say!(
        "{} added; {} of {} planned cells have one",
        counted(added.len() as u64, "record"),
        results.records.len(),
        results.planned.len()
    );
    let mut unread = Vec::new();
    let place = (directory.path(), directory.path());
    write_of_command(&results, place, &Options::default(), &mut unread)?;
    run::unread(directory.path(), &unread);
    show!("{}", directory.path().join(in_words(&results)).display());
    found.iter().for_each(|alike| say!("{}", alike.warning(&of_parts)));
    let joined = joined(results, &parts);
    tell_lost(joined.lost, directory.path());
    Ok(joined)
}

/// Why `out` could not be made: another merge may have begun it since it was looked for.
fn meanwhile(out: &Path, refused: Error) -> Error {
    match refused {
        Error::Taken(_) if out.join(MANIFEST_FILE).exists() => Error::Taken(format!(
            "{} was begun by another fraudbench meanwhile: wait until that one ends; the same command then adds what is missing",
            out.display()
        )),
        other => other,
    }
}

/// Says how many cells have no record any more, and how to run them.
fn tell_lost(lost: usize, out: &Path) {
    if lost > 0 {
        say!(
            "{} {} no record now: what the parts have of {} was left out; to run what is missing: fraudbench run --resume {}",
            counted(lost as u64, "cell"),
            agree(lost, "has", "have"),
            agree(lost, "it", "them"),
            quoted_path(out)
        );
    }
}

/// Refuses to add to what a run made: its own command, start and machine would be gone.
fn refuse_run(out: &Path, manifest: &Manifest) -> Result<()> {
    match subcommand(&manifest.command) {
        Some("merge") => Ok(()),
        _ => Err(Error::Usage(format!(
            "--out {}: a run made it, and `merge` adds only to what it made itself: choose another --out",
            out.display()
        ))),
    }
}

/// The word behind the program's name, which is quoted where it has a blank.
fn subcommand(command: &str) -> Option<&str> {
    let is_quoted = command.starts_with('\'');
    let (_, rest) = if is_quoted { command.split_once("' ")? } else { command.split_once(' ')? };
    rest.split(' ').next()
}

/// What became of the cells of the parts.
fn joined(results: Results, parts: &[Source]) -> Joined {
    let have: HashSet<&CellId> = results.records.iter().map(|record| &record.cell).collect();
    let was_there = |cell: &CellId| parts.iter().any(|part| part.named.contains(cell));
    let missing = results.planned.iter().map(|planned| &planned.cell).filter(|cell| !have.contains(cell));
    let lost = missing.filter(|cell| was_there(cell)).count();
    let failed = results.records.iter().filter(|record| record.outcome != Outcome::Scored).count();
    Joined { records: results.records, failed, lost }
}

fn part(path: &Path, registry: &Registry) -> Result<Source> {
    let (manifest, records) = Directory::read(path)?;
    let all = records.clone();
    source(path, all, results::as_kept(path, (manifest, records), registry)?, registry)
}

/// What was joined before. What is left out of it is told of the whole, and not here, too.
fn before_of(path: &Path, (manifest, records): (Manifest, Vec<Record>), registry: &Registry) -> Result<Source> {
    let all = records.clone();
    source(path, all, Results::as_kept(manifest, records, registry)?, registry)
}

/// A part of which `all` records were read; those in `results` can be trusted.
fn source(path: &Path, all: Vec<Record>, results: Results, registry: &Registry) -> Result<Source> {
    let named = cells(&all);
    let contradicting = match results.left_out.iter().any(|left| left.doubt == Doubt::Twice) {
        true => analyze::contradicting(&results.manifest, all, registry)?,
        false => Vec::new(),
    };
    let (manifest, records) = (results.manifest, results.records);
    Ok(Source { path: path.to_owned(), manifest, records, contradicting, named })
}

/// Refuses runs that are not of one study on one data set.
fn check(parts: &[Source]) -> Result<()> {
    let first = &parts[0];
    for other in &parts[1..] {
        let differ = |what: &str, which: &str, advice: &str| {
            let (a, b) = (first.path.display(), other.path.display());
            Err(Error::Usage(format!("{a} and {b} are runs of different {what}{which}: they do not merge; {advice}")))
        };
        let [a, b] = [&first.manifest, &other.manifest];
        // A comment makes no other study.
        if !are_alike(&a.study, &b.study) {
            let [one, two] = [first, other].map(|part| quoted_path(&part.path));
            let advice = format!("merge only runs of one study, or compare these: fraudbench compare {one} {two}");
            return differ("studies", &which(&differing(&a.study, &b.study)), &advice);
        }
        if a.data.iter().map(|t| &t.digests).ne(b.data.iter().map(|t| &t.digests)) {
            let part = |(one, two): (&TableFacts, &TableFacts)| {
                Some(format!("{} of {}", one.digests.other_than(&two.digests)?, one.name))
            };
            let parts: Vec<String> = a.data.iter().zip(&b.data).filter_map(part).collect();
            return differ("data", &which(&parts), ON_SAME_DATA);
        }
    }
    Ok(())
}

/// What differs, in brackets; nothing where that has no name.
fn which(parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!(" (they differ in {})", listed(parts)) }
}

/// The first part's manifest, with what all of them planned, this command, and its study's place as it is seen from `out`.
fn manifest(parts: &[Source], out: &Path) -> Result<Manifest> {
    let of_part = |part: &Source| Filter::parse(&part.manifest.filter);
    let filters: Vec<Filter> = parts.iter().map(of_part).collect::<Result<_>>()?;
    let mut manifest = parts[0].manifest.clone();
    manifest.filter = Filter::any(&filters).text().to_owned();
    if !manifest.study_folder.is_empty() {
        manifest.study_folder = way(out, &parts[0].path.join(&manifest.study_folder)).unwrap_or_default();
    }
    // What led to the records, once each: a part may have been merged before.
    for part in parts {
        let part = &part.manifest;
        for run in std::iter::once(part.first_run()).chain(part.runs.clone()) {
            if !manifest.runs.contains(&run) {
                manifest.runs.push(run);
            }
        }
    }
    for part in parts {
        keep(&mut manifest.contradictions, part.manifest.contradictions.iter().cloned());
    }
    let here = Ran::here();
    let (fraudbench, command, started_unix, machine) = (here.fraudbench, here.command, here.started_unix, here.machine);
    Ok(Manifest { fraudbench, command, started_unix, machine, ..manifest })
}

/// Adds the sentences that are not there yet.
fn keep(all: &mut Vec<String>, more: impl Iterator<Item = String>) {
    for said in more {
        if !all.contains(&said) {
            all.push(said);
        }
    }
}

/// Whether a record should be added where the others have been: the first of its cell, one with scores where there were
/// none, or one with other scores. The last leaves its cell without a record that counts, until it is run again.
fn is_news(record: &Record, before: &[&Record]) -> bool {
    let scored: Vec<&&Record> = before.iter().filter(|old| old.outcome == Outcome::Scored).collect();
    match record.outcome {
        Outcome::Scored => scored.iter().all(|old| !analyze::agree(record, old)),
        _ => before.is_empty(),
    }
}

/// The records of `new` to add to those of `old`, in the order in which the parts name them; of those of one cell that are
/// no news to each other the first.
fn added<'p>(old: &'p [Record], new: &'p [Source]) -> Vec<(&'p Source, &'p Record)> {
    let mut have: HashMap<(&CellId, &str), Vec<&Record>> = HashMap::new();
    for record in old {
        have.entry(record.whose()).or_default().push(record);
    }
    let mut added: Vec<(&Source, &Record)> = Vec::new();
    for (part, record) in new.iter().flat_map(|part| part.records.iter().map(move |record| (part, record))) {
        let before = have.entry(record.whose()).or_default();
        if is_news(record, before) {
            before.push(record);
            added.push((part, record));
        }
    }
    // Where one with scores came later, the one without is not needed.
    let scored: HashSet<(&CellId, &str)> =
        added.iter().filter(|(_, r)| r.outcome == Outcome::Scored).map(|(_, r)| r.whose()).collect();
    added.retain(|(_, r)| r.outcome == Outcome::Scored || !scored.contains(&r.whose()));
    added
}

/// Copies what was kept of a cell's test rows; nothing where nothing was kept. A cell that was not fitted has its scores under
/// the key of the one that it equals, which another part may have without them.
fn copy_predictions(part: &Source, to: &Path, record: &Record) -> Result<()> {
    for key in [Some(&record.key), record.equals.as_ref()].into_iter().flatten() {
        copy_kept(&predictions_path(&part.path, key)?, &predictions_path(to, key)?)?;
    }
    match record.rows_file() {
        Some(rows) => copy_kept(&rows_path(&part.path, rows)?, &rows_path(to, rows)?),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subcommand_stands_behind_the_programs_name_whatever_that_is() {
        for (command, wanted) in [
            ("fraudbench merge a b --out c", Some("merge")),
            ("'fraud bench' merge 'r 1' --out c", Some("merge")),
            (r"'it'\''s mine' merge a", Some("merge")),
            ("'fraud bench' run merge", Some("run")),
            ("fraudbench", None),
            ("'fraud bench'", None),
        ] {
            assert_eq!(subcommand(command), wanted, "{command}");
        }
    }
}
