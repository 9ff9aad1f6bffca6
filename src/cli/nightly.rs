//! `fraudbench run STUDY --nightly`: a results directory per night, a link to the newest finished one, and as many kept as asked.

use std::path::{Path, PathBuf};

use super::run::{Arguments, Stop, work};
use crate::analyze::Results;
use crate::component::Registry;
use crate::data::today;
use crate::error::{Error, Result};
use crate::harness::{self, Done, Planned};
use crate::report::IN_WORDS;
use crate::store::{
    Directory, LOG_FILE, Night, check_root, clear_unbegun, latest, link_latest, link_resumed, nights, remove, reserve,
    study_name, to_come,
};
use crate::study::{Study, are_alike};
use crate::words::{agree, counted, quoted_path};

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    // clap requires STUDY here.
    let file = arguments.study.as_deref().unwrap_or(Path::new(""));
    let study = Study::read(file, registry)?;
    let name = study.name.clone();
    let root = arguments.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&name));
    check_root(&root)?;
    tell_to_come(&root)?;
    // Midnight may pass before the night ends.
    let day = today();
    tell_unbegun(&clear_unbegun(&root, &day)?);
    let (begun, mut stays) = begun(&root, &study, arguments, registry)?;
    // Held until all is linked and removed: till then nobody else resumes or removes the night.
    let (done, code) = match night(arguments, study, (&root, begun), &mut stays) {
        Ok(ended) => ended,
        Err(e) => {
            if let Some(keep) = arguments.keep.filter(|_| e.lacks_room(&root)) {
                // Else no night would come to its end any more, and old ones go after one that did only.
                let keep = Keep { nights: keep, stays: &stays, full_since: Some(day.as_str()) };
                if let Err(other) = prune(&root, &name, &keep, registry) {
                    say!("warning: {other}");
                }
            }
            return Err(e);
        }
    };
    if done.summary.left > 0 {
        return Ok(code);
    }
    link_latest(&root, &done.directory, &today())?;
    if let Some(keep) = arguments.keep {
        // A night that was resumed may be older than another one of today.
        stays.push(done.directory.clone());
        prune(&root, &name, &Keep { nights: keep, stays: &stays, full_since: None }, registry)?;
    }
    Ok(code)
}

/// Runs the rest of the night that was `begun` in `root`, or else a new one.
fn night(
    arguments: &Arguments,
    study: Study,
    (root, begun): (&Path, Option<Planned>),
    stays: &mut Vec<PathBuf>,
) -> Result<(Done, u8)> {
    let mut stop = None;
    if let Some(planned) = begun
        && let Some(ended) = resume(arguments, planned, (&mut stop, stays))?
    {
        return Ok(ended);
    }
    let filter = arguments.filter.as_deref().unwrap_or("");
    work(arguments, harness::begin_within(study, filter, root, tonight)?, &mut stop)
}

/// Says which folders were removed in which a night was ended before it had anything.
fn tell_unbegun(removed: &[Night]) {
    if !removed.is_empty() {
        let names: Vec<String> = removed.iter().map(|night| night.path.display().to_string()).collect();
        say!(
            "{} that ended before {} manifest was written {} removed: {}",
            counted(removed.len() as u64, "night"),
            agree(removed.len(), "its", "their"),
            agree(removed.len(), "is", "are"),
            names.join(", ")
        );
    }
}

/// Makes the directory of this night. Not before a run has come so far: what is refused is no night, and leaves nothing behind.
fn tonight(root: &Path) -> Result<PathBuf> {
    let night = reserve(root, &today())?;
    say!("night: {}", night.display());
    Ok(night)
}

/// Has `latest` lead to a night that was resumed by itself, where it is the newest that came to its end.
pub fn resumed(directory: &Path) {
    match link_resumed(directory, &today()) {
        Ok(Some(link)) => say!("{} leads to this night now", link.display()),
        Ok(None) => {}
        // The results are whole, and nobody asked for a night: the folder above it may be one that only others write to.
        Err(e) => say!("warning: {e}"),
    }
}

/// Says which nights are of days that have not come: a clock was wrong.
fn tell_to_come(root: &Path) -> Result<()> {
    let today = today();
    let (_, to_come) = to_come(nights(root)?, &today);
    if !to_come.is_empty() {
        let names: Vec<String> = to_come.iter().map(|night| night.path.display().to_string()).collect();
        let (is, them) = (agree(names.len(), "is", "are"), agree(names.len(), "it", "them"));
        say!(
            "warning: {} {is} of a day after today, {today}: `latest` is not to lead there, and --keep neither counts nor removes {them}; \
             give {them} the right date, or move {them} away",
            names.join(", ")
        );
    }
    Ok(())
}

/// The results of a night; none where this version cannot read them.
fn results(night: &Night, registry: &Registry) -> Option<Results> {
    let (manifest, records) = Directory::read(&night.path).ok()?;
    Results::of(manifest, records, registry).ok()
}

/// Whether a night was ended between its last cell and its report: there is none, or one that is older than the records, of when
/// it was stopped before. Packed records are of a night that somebody has looked at.
fn lacks_report(night: &Night) -> bool {
    let changed = |name: &str| night.path.join(name).metadata().and_then(|facts| facts.modified()).ok();
    match (changed(LOG_FILE), changed(IN_WORDS)) {
        (Some(records), Some(report)) => report < records,
        (records, None) => records.is_some(),
        (None, Some(_)) => false,
    }
}

/// The newest night of today that was interrupted, be it before its report, and can be resumed; and the nights of which it was
/// said that they stay. What else is unfinished is told, too.
fn begun(
    root: &Path,
    study: &Study,
    arguments: &Arguments,
    registry: &Registry,
) -> Result<(Option<Planned>, Vec<PathBuf>)> {
    let (mut left, mut kept, mut stays) = (Vec::new(), Vec::new(), Vec::new());
    let mut resumed = None;
    let today = today();
    // The newest first.
    for night in nights(root)?.into_iter().rev() {
        let Some(results) = results(&night, registry) else { continue };
        // Of earlier days somebody may have thrown reports away.
        if results.is_complete() && !(night.date == today && lacks_report(&night)) {
            continue;
        }
        if Directory::is_in_use(&night.path) {
            say!("{} is unfinished and in use by another fraudbench: it is left as it is", night.path.display());
            stays.push(night.path);
        } else if night.date != today || resumed.is_some() {
            let is_removed = study_name(&results.manifest) == study.name && night.date <= today;
            if is_removed { left.push(night) } else { kept.push(night) }
        } else {
            resumed = planned(&night, study, arguments, registry)?;
            stays.extend(resumed.is_none().then_some(night.path));
        }
    }
    tell_left(&left, arguments.keep);
    tell_left(&kept, None);
    Ok((resumed, stays))
}

/// Says which nights were left unfinished, the oldest last, how to finish them, and that they go one day where only so many are
/// kept.
fn tell_left(left: &[Night], keep: Option<usize>) {
    let names: Vec<String> = left.iter().map(|night| night.path.display().to_string()).collect();
    let command = |night: &Night| format!("fraudbench run --resume {}", quoted_path(&night.path));
    let commands = left.iter().map(command).collect::<Vec<_>>().join("; ");
    let them = agree(left.len(), "it", "them");
    let before = keep.map_or_else(String::new, |keep| format!(" before --keep {keep} removes {them}"));
    match left.len() {
        0 => {}
        1 => say!("{} was left unfinished; to finish {them}{before}: {commands}", names[0]),
        n => say!("{n} nights were left unfinished: {}; to finish {them}{before}: {commands}", names.join(", ")),
    }
}

/// The rest of an interrupted night, if it can be resumed; else it is told why not.
fn planned(night: &Night, study: &Study, arguments: &Arguments, registry: &Registry) -> Result<Option<Planned>> {
    let place = night.path.display();
    let (manifest, _) = Directory::read(&night.path)?;
    if !are_alike(&manifest.study, &study.text) || manifest.filter != arguments.filter.as_deref().unwrap_or("") {
        say!("{place} was left unfinished and is of another study file or filter: it is left as it is");
        return Ok(None);
    }
    match harness::resume(&night.path, arguments.study.as_deref(), registry) {
        Ok(planned) => Ok(Some(planned)),
        Err(e) => {
            say!("{place} cannot be resumed ({e}): it is left as it is");
            Ok(None)
        }
    }
}

/// Resumes a night; none where its data are others by now, and then it is among those that stay.
fn resume(
    arguments: &Arguments,
    planned: Planned,
    (stop, stays): (&mut Stop, &mut Vec<PathBuf>),
) -> Result<Option<(Done, u8)>> {
    let path = planned.directory().to_owned();
    let place = path.display();
    say!("night: {place}, which was interrupted and is resumed");
    match work(arguments, planned, stop) {
        Ok(ended) => Ok(Some(ended)),
        Err(Error::Data(e)) => {
            say!("{place} cannot be resumed ({e}): it is left as it is");
            stays.push(path);
            Ok(None)
        }
        Err(e) => {
            stays.push(path);
            Err(e)
        }
    }
}

/// Which nights are kept.
struct Keep<'k> {
    /// So many finished ones, the newest.
    nights: usize,
    /// And these, whatever they are.
    stays: &'k [PathBuf],
    /// The day on which a night began that did not come to its end for want of room: no unfinished night of an earlier day is
    /// kept then.
    full_since: Option<&'k str>,
}

/// Whether a night whose cells are done has come to its end, on a disk that was full since `day`: else it may lack its report. `latest`
/// leads to the newest one that has.
fn has_ended(night: &Night, latest: Option<&Night>, day: &str) -> bool {
    latest.is_none_or(|latest| night <= latest) && (*night.date < *day || !lacks_report(night))
}

/// Removes what is older than the newest finished nights of the study `name` that are kept. What is in use, not ours or of a day
/// to come stays, and so does the night that `latest` leads to.
fn prune(root: &Path, name: &str, keep: &Keep<'_>, registry: &Registry) -> Result<()> {
    let today = today();
    let is_ours = |night: &Night| {
        night.date <= today && Directory::read(&night.path).is_ok_and(|(manifest, _)| study_name(&manifest) == name)
    };
    let ours: Vec<Night> = nights(root)?.into_iter().filter(is_ours).collect();
    let is_complete = |night: &&Night| results(night, registry).is_some_and(|results| results.is_complete());
    let complete: Vec<&Night> = ours.iter().filter(is_complete).collect();
    let latest = latest(root).filter(|latest| latest.date <= today && latest.path.exists());
    let is_ended = |night: &&Night| keep.full_since.is_none_or(|day| has_ended(night, latest.as_ref(), day));
    let ended: Vec<&Night> = complete.iter().copied().filter(is_ended).collect();
    // At least one is kept, so the newest finished one always is.
    let oldest = ended.len().checked_sub(keep.nights).and_then(|first| ended.get(first)).copied();
    let is_latest = |night: &Night| latest.as_ref().is_some_and(|latest| latest.path == night.path);
    let goes = |night: &&Night| !keep.stays.contains(&night.path) && !is_latest(night);
    let is_old = |night: &&Night| oldest.is_some_and(|oldest| *night < oldest);
    let (old, newer): (Vec<&Night>, Vec<&Night>) = ours.iter().filter(goes).partition(is_old);
    let is_left = |night: &&Night| keep.full_since.is_some_and(|day| *night.date < *day) && !complete.contains(night);
    let left: Vec<&Night> = newer.into_iter().filter(is_left).collect();
    if let Some(oldest) = oldest {
        tell_removed(keep.nights, &old, &format!("older than {}", oldest.path.display()));
    }
    tell_removed(keep.nights, &left, "left unfinished, as the disk is full,");
    for night in old.into_iter().chain(left) {
        match remove(night, name) {
            Ok(()) => {}
            // Another night, which ended at the same time, has removed it.
            Err(_) if !night.path.exists() => {}
            // In use, or changed since it was looked at.
            Err(e) => say!("warning: {} was not removed: {e}", night.path.display()),
        }
    }
    Ok(())
}

/// Says which nights are removed, and what they are.
fn tell_removed(keep: usize, nights: &[&Night], what: &str) {
    if !nights.is_empty() {
        let names: Vec<String> = nights.iter().map(|night| night.path.display().to_string()).collect();
        let verb = agree(nights.len(), "is", "are");
        say!("--keep {keep}: {} {what} {verb} removed: {}", counted(nights.len() as u64, "night"), names.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A finished night, or one that lacks all its records, of the committed run.
    fn made(root: &Path, name: &str, is_finished: bool) -> PathBuf {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/families-5-fold");
        let night = root.join(name);
        fs::create_dir(&night).unwrap();
        fs::copy(committed.join("manifest.toml"), night.join("manifest.toml")).unwrap();
        if is_finished {
            fs::copy(committed.join("records.jsonl.gz"), night.join("records.jsonl.gz")).unwrap();
        }
        night
    }

    #[test]
    fn on_a_full_disk_unfinished_nights_of_earlier_days_go_as_well() {
        let root = tempfile::tempdir().unwrap();
        let day = today();
        let today = format!("{day}.1");
        let made = |name: &str, is_finished| made(root.path(), name, is_finished);
        made("2020-01-01.1", true);
        let night = made("2020-01-02.1", true);
        made("2020-01-03.1", false);
        let stays = made("2020-01-04.1", false);
        made(&today, false);
        let name = study_name(&Directory::read(&night).unwrap().0);
        let left = |nights, full_since| {
            let keep = Keep { nights, stays: std::slice::from_ref(&stays), full_since };
            prune(root.path(), &name, &keep, &Registry::built_in()).unwrap();
            let left = nights_of(root.path());
            left.iter().map(|name| name.replace(&today, "today")).collect::<Vec<_>>()
        };
        // What is newer than the finished ones that are kept stays while there is room.
        let all = ["2020-01-01.1", "2020-01-02.1", "2020-01-03.1", "2020-01-04.1", "today"];
        assert_eq!(left(2, None), all);
        // It may be past midnight when the night of that day fails.
        assert_eq!(left(2, Some("2020-01-03")), all);
        assert_eq!(left(2, Some(day.as_str())), ["2020-01-01.1", "2020-01-02.1", "2020-01-04.1", "today"]);
        assert_eq!(left(1, Some(day.as_str())), ["2020-01-02.1", "2020-01-04.1", "today"]);
    }

    #[test]
    fn a_night_that_failed_for_want_of_room_is_no_finished_one() {
        let day = today();
        let failed = format!("{day}.1");
        let left = |nights, is_linked: bool| {
            let root = tempfile::tempdir().unwrap();
            let made = |name: &str| made(root.path(), name, true);
            let night = made("2020-01-01.1");
            made("2020-01-02.1");
            // Its cells are scored, and there was no room for its report.
            made(&failed);
            if is_linked {
                std::os::unix::fs::symlink("2020-01-02.1", root.path().join("latest")).unwrap();
            }
            let name = study_name(&Directory::read(&night).unwrap().0);
            // As the committed records are packed, it must be a plain log that lacks a report.
            fs::write(root.path().join(&failed).join("records.jsonl"), log(&night)).unwrap();
            fs::remove_file(root.path().join(&failed).join("records.jsonl.gz")).unwrap();
            let keep = Keep { nights, stays: &[], full_since: Some(day.as_str()) };
            prune(root.path(), &name, &keep, &Registry::built_in()).unwrap();
            nights_of(root.path())
        };
        for is_linked in [true, false] {
            assert_eq!(left(1, is_linked), ["2020-01-02.1", failed.as_str()]);
            assert_eq!(left(2, is_linked), ["2020-01-01.1", "2020-01-02.1", failed.as_str()]);
        }
    }

    /// The packed log of a night, unpacked.
    fn log(night: &Path) -> Vec<u8> {
        let packed = fs::File::open(night.join("records.jsonl.gz")).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(packed), &mut bytes).unwrap();
        bytes
    }

    /// The names of the nights that are there.
    fn nights_of(root: &Path) -> Vec<String> {
        let name = |night: Night| night.path.file_name().unwrap().to_str().unwrap().to_owned();
        nights(root).unwrap().into_iter().map(name).collect()
    }
}
