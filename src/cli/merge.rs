//! `fraudbench merge`: several results directories of one study as one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::analyze::Results;
use crate::error::{Error, Result};
use crate::report::write_all;
use crate::store::{
    Directory, LOG_FILE, MANIFEST_FILE, Manifest, Outcome, Record, copy_kept, predictions_path, read_records, rows_path,
};
use crate::study::Filter;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench merge runs/trees runs/boosting --out runs/both\n  fraudbench merge shard-* --out whole\n\n\
                        All must be runs of the same study on the same data; what they planned together is planned \
                        in DIR. Where two have a record of a cell, one with scores wins, then the earlier named. Merging again, or \
                        merging more into DIR, does no harm; `fraudbench run --resume DIR` runs what is missing."
)]
pub struct Arguments {
    /// Results directories
    #[arg(required = true)]
    directories: Vec<PathBuf>,
    /// The results directory to make, or one that `merge` made to add to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// A results directory that is merged.
struct Part {
    path: PathBuf,
    manifest: Manifest,
    records: Vec<Record>,
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    let mut parts: Vec<Part> = arguments.directories.iter().map(|path| part(path)).collect::<Result<_>>()?;
    let is_old = arguments.out.join(MANIFEST_FILE).exists();
    let directory = match is_old {
        true => {
            let (directory, _) = Directory::open(&arguments.out)?;
            parts.insert(0, part(&arguments.out)?);
            directory
        }
        false => {
            check(&parts)?;
            Directory::create(&arguments.out)?
        }
    };
    check(&parts)?;
    let filters: Vec<Filter> = parts.iter().map(|p| Filter::parse(&p.manifest.filter)).collect::<Result<_>>()?;
    let mut manifest = parts[0].manifest.clone();
    manifest.filter = Filter::any(&filters).text().to_owned();
    let words: Vec<String> = std::env::args().skip(1).collect();
    manifest.command = format!("fraudbench {}", words.join(" "));
    // Before any record: a merge that was killed can then be done again, or gone on with.
    manifest.write(&directory.path().join(MANIFEST_FILE))?;
    let mut log = directory.log()?;
    let mut written: HashMap<String, Outcome> =
        if is_old { parts[0].records.iter().map(|r| (r.key.clone(), r.outcome)).collect() } else { HashMap::new() };
    let mut added = 0;
    for (part, record) in chosen(&parts[usize::from(is_old)..]) {
        if written.get(&record.key).is_some_and(|&old| !better(record.outcome, old)) {
            continue;
        }
        // Scores first: a record says that they are there.
        copy_predictions(part, directory.path(), record)?;
        log.append(record)?;
        written.insert(record.key.clone(), record.outcome);
        added += 1;
    }
    let results = Results::of(manifest, read_records(&directory.path().join(LOG_FILE))?)?;
    eprintln!("{added} records added; {} of {} planned cells have one", results.records.len(), results.planned.len());
    write_all(&results, directory.path())?;
    println!("{}", directory.path().join("report.md").display());
    Ok(u8::from(results.records.iter().any(|r| r.outcome != Outcome::Scored)))
}

fn part(path: &Path) -> Result<Part> {
    let (manifest, records) = Directory::read(path)?;
    Ok(Part { path: path.to_owned(), manifest, records })
}

/// Refuses runs that are not of one study on one data set.
fn check(parts: &[Part]) -> Result<()> {
    let first = &parts[0];
    for other in &parts[1..] {
        let differ = |what: &str| {
            let (a, b) = (first.path.display(), other.path.display());
            Err(Error::Usage(format!("{a} and {b} are runs of different {what}: they do not merge")))
        };
        if other.manifest.study != first.manifest.study {
            return differ("studies");
        }
        if other.manifest.data.sha256 != first.manifest.data.sha256 {
            return differ("data");
        }
    }
    Ok(())
}

/// Whether a record of this outcome should take the place of an old one.
fn better(new: Outcome, old: Outcome) -> bool {
    new == Outcome::Scored && old != Outcome::Scored
}

/// The record to take for each cell, in the order in which the parts name them.
fn chosen(parts: &[Part]) -> Vec<(&Part, &Record)> {
    let mut at: HashMap<&str, usize> = HashMap::new();
    let mut taken: Vec<(&Part, &Record)> = Vec::new();
    for (part, record) in parts.iter().flat_map(|part| part.records.iter().map(move |record| (part, record))) {
        match at.get(record.key.as_str()) {
            None => {
                at.insert(&record.key, taken.len());
                taken.push((part, record));
            }
            Some(&place) if better(record.outcome, taken[place].1.outcome) => taken[place] = (part, record),
            Some(_) => {}
        }
    }
    taken
}

/// Copies what was kept of a cell's test rows; nothing where nothing was kept. A cell that was not fitted has its scores under
/// the key of the one that it equals, which another part may have without them.
fn copy_predictions(part: &Part, to: &Path, record: &Record) -> Result<()> {
    for key in [Some(&record.key), record.equals.as_ref()].into_iter().flatten() {
        copy_kept(&predictions_path(&part.path, key), &predictions_path(to, key))?;
    }
    copy_kept(&rows_path(&part.path, &record.cell), &rows_path(to, &record.cell))
}
