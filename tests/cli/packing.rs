//! `pack`: a folder that is kept takes less room, reads the same, and can be gone on with.

use std::fs;
use std::path::Path;

use crate::{Place, STUDY, csv};

/// A run of the study of `rows` rows.
fn ran(rows: usize) -> Place {
    let place = Place::new(&csv(rows), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    place
}

/// Bytes of the records and predictions in a results directory.
fn size(directory: &Path) -> u64 {
    let predictions = fs::read_dir(directory.join("predictions")).unwrap().map(|entry| entry.unwrap().path());
    let logs = ["records.jsonl", "records.jsonl.gz"].map(|name| directory.join(name));
    predictions.chain(logs).filter_map(|path| fs::metadata(path).ok()).map(|facts| facts.len()).sum()
}

/// The files of a report that are made of numbers alone.
fn report(place: &Place, directory: &str, out: &str) -> Vec<Vec<u8>> {
    place.expect(0, &["report", directory, "--out", out]);
    let files = ["report.md", "cells.csv", "leaderboard.csv", "curves.csv", "scores.csv", "charts/curves.svg"];
    files.map(|file| fs::read(place.path(out).join(file)).unwrap()).into()
}

#[test]
fn a_packed_run_reads_the_same_and_is_resumed_without_a_cell() {
    let place = ran(6_300);
    let (log, zipped) = (place.path("out/records.jsonl"), place.path("out/records.jsonl.gz"));
    let (records, before, read) = (fs::read(&log).unwrap(), size(&place.path("out")), report(&place, "out", "before"));
    place.expect(0, &["pack", "out"]);
    assert!(!log.exists());
    let packed = fs::read(&zipped).unwrap();
    assert!(packed.len() * 5 < records.len(), "{} of {} bytes", packed.len(), records.len());
    assert!(size(&place.path("out")) < before - (records.len() - packed.len()) as u64, "the predictions shrink too");
    assert_eq!(report(&place, "out", "after"), read);
    // Again it changes nothing.
    place.expect(0, &["pack", "out"]);
    assert_eq!(fs::read(&zipped).unwrap(), packed);
    let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains("holds results already"), "{said}");
    fs::remove_file(place.path("out/manifest.toml")).unwrap();
    let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains("holds results already"), "without a manifest neither: {said}");
}

#[test]
fn what_is_private_stays_private_when_it_is_written_again() {
    use std::os::unix::fs::PermissionsExt;

    let place = ran(210);
    let mode = |name: &str| fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    for name in ["out/records.jsonl", "out/report.md"] {
        fs::set_permissions(place.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    place.expect(0, &["report", "out"]);
    assert_eq!(mode("out/report.md"), 0o600);
    place.expect(0, &["pack", "out"]);
    assert_eq!(mode("out/records.jsonl.gz"), 0o600);
}

#[test]
fn a_packed_run_is_unpacked_by_those_that_add_to_it() {
    let place = ran(210);
    let log = place.path("out/records.jsonl");
    let records = fs::read(&log).unwrap();
    place.expect(0, &["pack", "out"]);
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.contains("0 of 18 cells to run"), "{said}");
    assert_eq!(fs::read(&log).unwrap(), records);
    assert!(!place.path("out/records.jsonl.gz").exists());

    let both = STUDY.replace("folds = 3", "folds = 4");
    place.write("four.toml", &both);
    for (out, family) in [("a", "prior"), ("b", "decision-tree")] {
        place.expect(0, &["run", "four.toml", "--out", out, "--filter", &format!("family={family}")]);
    }
    place.expect(0, &["merge", "a", "b", "--out", "plain"]);
    place.expect(0, &["pack", "a", "b"]);
    place.expect(0, &["merge", "a", "--out", "packed"]);
    place.expect(0, &["pack", "packed"]);
    place.expect(0, &["merge", "b", "--out", "packed"]);
    assert!(!place.path("packed/records.jsonl.gz").exists());
    assert_eq!(place.records("packed"), place.records("plain"));
    assert!(place.path("a/records.jsonl.gz").exists(), "what is only read stays packed");
}

#[test]
fn what_is_damaged_is_told_and_not_packed() {
    let place = ran(210);
    let zipped = place.path("out/records.jsonl.gz");
    let mut files: Vec<_> =
        fs::read_dir(place.path("out/predictions")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let whole = fs::read(&files[0]).unwrap();
    fs::write(&files[0], &whole[..whole.len() - 9]).unwrap();
    let said = place.expect(3, &["pack", "out"]);
    assert!(said.contains(files[0].file_name().unwrap().to_str().unwrap()), "{said}");
    assert!(!zipped.exists());
    fs::write(&files[0], &whole).unwrap();
    place.expect(0, &["pack", "out"]);

    let packed = fs::read(&zipped).unwrap();
    fs::write(&zipped, &packed[..packed.len() / 2]).unwrap();
    for arguments in
        [&["report", "out"][..], &["run", "--resume", "out"], &["merge", "out", "--out", "x"], &["pack", "out"]]
    {
        let said = place.expect(3, arguments);
        assert!(said.contains("out/records.jsonl.gz is damaged or cut ("), "{said}");
    }
    fs::write(&zipped, &packed).unwrap();
    fs::write(place.path("out/records.jsonl"), "").unwrap();
    let said = place.expect(3, &["report", "out"]);
    assert!(said.contains("out/records.jsonl and out/records.jsonl.gz hold different records: move one"), "{said}");
}

#[test]
fn a_folder_of_nights_is_packed_night_by_night_whatever_else_lies_there() {
    let place = Place::new(&csv(210), STUDY);
    for _ in 0..2 {
        place.expect(0, &["run", "study.toml", "--nightly", "--out", "nights", "--filter", "classifier=prior"]);
    }
    place.expect(0, &["history", "nights"]);
    let text = place.printed(0, &["pack", "nights"]);
    assert_eq!(text.matches(" KiB now\n").count(), 2, "{text}");
    let nights: Vec<_> = fs::read_dir(place.path("nights")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let is_night = |path: &&std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("20");
    let nights: Vec<_> = nights.iter().filter(is_night).collect();
    assert_eq!(nights.len(), 2);
    for night in nights {
        assert!(night.join("records.jsonl.gz").is_file() && !night.join("records.jsonl").exists(), "{night:?}");
    }
}

#[test]
fn what_cannot_be_packed_is_told_at_once_and_the_others_are_packed() {
    let place = Place::new(&csv(210), STUDY);
    for out in ["a", "busy", "b"] {
        place.expect(0, &["run", "study.toml", "--out", out, "--filter", "classifier=prior"]);
    }
    let lock = fs::File::options().write(true).open(place.path("busy/lock")).unwrap();
    lock.lock().unwrap();
    place.write("page.html", "mine");
    let said = place.expect(3, &["pack", "a", "busy", "page.html", "nowhere", "b"]);
    assert!(said.starts_with("fraudbench: 3 of 5 directories not packed: busy is in use"), "{said}");
    for path in ["page.html/manifest.toml", "nowhere/manifest.toml"] {
        assert!(said.contains(&format!("not a results directory: cannot read {path}: ")), "{said}");
    }
    assert_eq!(said.lines().count(), 1, "{said}");
    for (out, is_packed) in [("a", true), ("busy", false), ("b", true)] {
        assert_eq!(place.path(out).join("records.jsonl.gz").is_file(), is_packed, "{out}");
    }
    // Nothing but what is in use: no results are unreadable.
    let said = place.expect(2, &["pack", "busy", "a"]);
    assert!(said.starts_with("fraudbench: 1 of 2 directories not packed: busy is in use"), "{said}");
}

#[test]
fn what_a_shell_makes_of_a_folder_of_nights_is_its_nights_once_each() {
    let place = Place::new(&csv(210), STUDY);
    for _ in 0..2 {
        place.expect(0, &["run", "study.toml", "--nightly", "--out", "nights", "--filter", "classifier=prior"]);
    }
    place.expect(0, &["history", "nights"]);
    let entries = fs::read_dir(place.path("nights")).unwrap();
    let mut all: Vec<String> =
        entries.map(|entry| format!("nights/{}", entry.unwrap().file_name().to_str().unwrap())).collect();
    all.sort();
    assert!(all.len() == 4 && all[2..] == ["nights/history.html", "nights/latest"], "{all:?}");
    let of = |command: &'static str| [command].into_iter().chain(all.iter().map(String::as_str)).collect::<Vec<_>>();
    assert!(
        place.printed(0, &of("history")).lines().last().unwrap().starts_with("HISTORY clean: 2 runs of 2 pipelines")
    );
    let text = place.printed(0, &of("pack"));
    assert_eq!(text.matches(" KiB now\n").count(), 2, "{text}");
    // As of `nights/*/`.
    place.printed(0, &["history", &all[0], &all[1], "nights/latest/"]);
    // By itself the link is the night, and the page nothing.
    place.expect(0, &["pack", "nights/latest"]);
    let said = place.expect(3, &["pack", "nights/history.html"]);
    assert!(said.starts_with("fraudbench: not a results directory: "), "{said}");
}
