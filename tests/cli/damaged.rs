//! Results that were copied in part, cut or mixed up: what is told, what is done with the rest, and the way out.

use std::fs;

use crate::{Place, STUDY, csv};

/// A plan in `plan` of so many shards, all of which were run.
fn planned(shards: usize) -> Place {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["submit", "study.toml", "--shards", &shards.to_string(), "--out", "plan"]);
    for shard in 0..shards {
        run(&place, 0, shard, shards);
    }
    place
}

/// Runs a shard; what it said.
fn run(place: &Place, code: i32, shard: usize, of: usize) -> String {
    place.expect(code, &["run", "--plan", "plan", "--shard", &format!("{shard}/{of}")])
}

/// The plan's folder, as it is told.
fn folder(place: &Place) -> String {
    place.path("plan").canonicalize().unwrap().display().to_string()
}

/// Merges the plan; what it said, and what it printed.
fn merge(place: &Place, code: i32) -> (String, String) {
    let output = place.run(&["merge", "plan"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    (said, String::from_utf8(output.stdout).unwrap())
}

#[test]
fn one_wrong_byte_in_a_log_is_told_with_its_line_and_a_way_out() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out", "--filter", "family=prior"]);
    let log = place.path("out/records.jsonl");
    let mut bytes = fs::read(&log).unwrap();
    let third = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0 + 1;
    // The line begins with `{"v":2,"`.
    bytes[third + 8] = 0xff;
    fs::write(&log, &bytes).unwrap();
    let said = place.expect(3, &["report", "out"]);
    assert!(said.contains("out/records.jsonl, line 3 is no record: `{\"v\":2,\"\u{fffd}"), "{said}");
    let way =
        "is not UTF-8 text from byte 9 on; put back a whole copy of the file, or remove the line and resume the run";
    assert!(said.contains(way), "{said}");
    let lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    fs::write(&log, [&lines[..2], &lines[3..]].concat().concat()).unwrap();
    assert!(place.expect(0, &["run", "--resume", "out"]).contains("1 of 6 cells to run"));
}

#[test]
fn a_base_without_a_score_is_named_with_the_way_to_finish_it() {
    let place = Place::new(&csv(210), STUDY);
    for out in ["em", "r1"] {
        place.expect(0, &["run", "study.toml", "--out", out, "--filter", "family=prior"]);
    }
    fs::write(place.path("em/records.jsonl"), "").unwrap();
    let said = place.expect(2, &["compare", "em", "r1", "--fail-on", "regression"]);
    let way = "em has no cell with scores, so nothing of r1 can be judged against it: finish it with `fraudbench run --resume em \
               --retry-failed`, or name another run before r1\n";
    assert!(said.ends_with(way), "{said}");
    place.expect(0, &["run", "--resume", "em", "--retry-failed"]);
    place.expect(0, &["compare", "em", "r1", "--fail-on", "regression", "--time", "off", "--memory", "off"]);
}

#[test]
fn damaged_shards_are_all_told_and_the_others_are_joined() {
    let place = planned(3);
    let cells = [0, 1, 2].map(|shard| place.records(&format!("plan/shard-{shard}")).len());
    for shard in [0, 1] {
        let log = place.path(&format!("plan/shard-{shard}/records.jsonl"));
        fs::write(&log, format!("{}x\n", fs::read_to_string(&log).unwrap())).unwrap();
    }
    let (said, printed) = merge(&place, 3);
    let place_of = folder(&place);
    let told = said.lines().last().unwrap();
    assert!(told.starts_with(&format!("fraudbench: 2 shards of {place_of} cannot be read: ")), "{said}");
    for shard in [0, 1] {
        let line = cells[shard] + 1;
        let found =
            format!("{place_of}/shard-{shard}/records.jsonl, line {line} is no record: `x` is no JSON from byte 1 on");
        assert!(told.contains(&found), "{said}");
    }
    assert!(told.ends_with("; copy their folders again, or remove them and run these shards again"), "{said}");
    let missing = cells[0] + cells[1];
    let all = format!("18 cells in 3 shards: {} scored, 0 failed, {missing} missing", cells[2]);
    assert!(printed.contains(&all), "{printed}");
    assert_eq!(place.records("plan/merged").len(), cells[2]);
    // The way that is told.
    for shard in [0, 1] {
        fs::remove_dir_all(place.path(&format!("plan/shard-{shard}"))).unwrap();
        run(&place, 0, shard, 3);
    }
    assert!(merge(&place, 0).1.contains("18 cells in 3 shards: 18 scored, 0 failed, 0 missing"));
    // An empty line, as an editor leaves one, is no damage.
    let log = place.path("plan/shard-0/records.jsonl");
    fs::write(&log, format!("{}\n", fs::read_to_string(&log).unwrap())).unwrap();
    merge(&place, 0);
    assert!(run(&place, 0, 0, 3).contains("0 of "));
}

#[test]
fn a_shard_whose_log_ends_early_is_not_damaged() {
    let place = planned(2);
    let log = place.path("plan/shard-1/records.jsonl");
    let whole = fs::read(&log).unwrap();
    // Within the last record, and behind the one before it.
    let last = whole[..whole.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
    for end in [whole.len() - 30, last] {
        fs::write(&log, &whole[..end]).unwrap();
        let (said, printed) = merge(&place, 1);
        assert!(!said.contains("cannot be read"), "{said}");
        assert!(printed.contains("18 cells in 2 shards: 17 scored, 0 failed, 1 missing"), "{printed}");
        fs::remove_dir_all(place.path("plan/merged")).unwrap();
    }
    run(&place, 0, 1, 2);
    assert!(merge(&place, 0).1.contains("18 cells in 2 shards: 18 scored, 0 failed, 0 missing"));
}

#[test]
fn shards_are_not_submitted_again_into_damaged_folders() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["submit", "study.toml", "--slurm", "--dry-run", "--shards", "2", "--out", "plan"]);
    run(&place, 0, 0, 2);
    place.write("plan/shard-0/records.jsonl", "x\n");
    let again = ["submit", "--resubmit", "plan", "--dry-run"];
    let said = place.expect(3, &again);
    assert!(
        said.contains("1 shard of ") && said.contains("; copy its folder again, or remove it and run the shard again"),
        "{said}"
    );
    fs::remove_dir_all(place.path("plan/shard-0")).unwrap();
    place.expect(0, &again);
}

#[test]
fn results_without_their_manifest_are_told_as_such_by_every_command() {
    let place = planned(2);
    fs::remove_file(place.path("plan/shard-1/manifest.toml")).unwrap();
    let alone = "shard-1 has no manifest.toml beside its records.jsonl (was it copied in part?): copy it again, or move it away";
    let (said, printed) = merge(&place, 3);
    assert!(said.contains("1 shard of ") && said.contains(alone), "{said}");
    let joined = place.records("plan/shard-0").len();
    assert!(printed.contains(&format!("{joined} scored, 0 failed, {} missing", 18 - joined)), "{printed}");
    assert!(run(&place, 3, 1, 2).contains(alone));
    fs::rename(place.path("plan/shard-1"), place.path("away")).unwrap();
    run(&place, 0, 1, 2);
    merge(&place, 0);

    place.expect(0, &["run", "study.toml", "--out", "out"]);
    fs::remove_file(place.path("out/manifest.toml")).unwrap();
    let alone = "out holds results already, and has no manifest.toml beside its records.jsonl (was it copied in part?): copy it again, move it \
                 away, or choose another `--out`";
    let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains(alone) && !said.contains("--resume"), "{said}");
    for command in [&["run", "--resume", "out"][..], &["report", "out"]] {
        let said = place.expect(3, command);
        assert!(said.contains("not a results directory: out has no manifest.toml beside its records.jsonl"), "{said}");
    }
}

#[test]
fn a_manifest_that_lost_facts_of_data_sets_is_told_and_made_whole_by_a_resume() {
    let two = "[[data]]\npath = \"data.csv\"\nname = \"one\"\n[[data]]\npath = \"other.csv\"\nname = \"two\"";
    let place = Place::new(&csv(210), &STUDY.replace("[data]\npath = \"data.csv\"", two));
    place.write("other.csv", &csv(217));
    place.expect(0, &["run", "study.toml", "--out", "out", "--filter", "family=prior"]);
    let manifest = || -> toml::Table { fs::read_to_string(place.path("out/manifest.toml")).unwrap().parse().unwrap() };
    let whole = manifest();
    for lost in [0, 1] {
        let mut cut = whole.clone();
        cut["data"].as_array_mut().unwrap().remove(lost);
        place.write("out/manifest.toml", &cut.to_string());
        let said = place.expect(3, &["report", "out"]);
        let wanted = "manifest.toml has facts of 1 data set, and its study names 2: put back the file that was written, or have \
                      `fraudbench run --resume DIR` read the data again";
        assert!(said.contains(wanted), "{said}");
        let said = place.expect(0, &["run", "--resume", "out"]);
        let wanted =
            "out: manifest.toml has facts of 1 data set, and its study names 2: the facts are read from the data again";
        assert!(said.contains(wanted) && said.contains("0 of 12 cells to run"), "{said}");
        assert_eq!(manifest()["data"], whole["data"]);
        place.expect(0, &["report", "out"]);
    }
    // What is still known of the data is held against them.
    let mut cut = whole.clone();
    cut["data"].as_array_mut().unwrap().remove(0);
    place.write("out/manifest.toml", &cut.to_string());
    place.write("other.csv", &csv(224));
    let said = place.expect(2, &["run", "--resume", "out"]);
    assert!(said.contains("out was run on other data: the features of two are not what they were"), "{said}");
}

#[test]
fn a_shard_that_may_not_be_looked_at_or_has_others_results_is_not_missing() {
    let place = planned(2);
    let manifest = place.path("plan/shard-1/manifest.toml");
    let kept = fs::read(&manifest).unwrap();
    // A circle of links is refused to everybody; a folder of another user is not refused to who may do all.
    fs::remove_file(&manifest).unwrap();
    std::os::unix::fs::symlink("manifest.toml", &manifest).unwrap();
    let (said, _) = merge(&place, 3);
    assert!(said.contains("plan/shard-1/manifest.toml: "), "{said}");
    // Another shard's folder under this one's name.
    fs::remove_file(&manifest).unwrap();
    fs::write(&manifest, &kept).unwrap();
    for file in ["manifest.toml", "records.jsonl"] {
        let of = |shard: usize| place.path(&format!("plan/shard-{shard}/{file}"));
        fs::copy(of(0), of(1)).unwrap();
    }
    let (said, _) = merge(&place, 3);
    assert!(said.contains("plan/shard-1 has results of other cells than the plan gives this shard"), "{said}");
}

#[test]
fn a_shard_that_is_running_is_not_to_be_run() {
    let place = planned(1);
    let log = place.path("plan/shard-0/records.jsonl");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, text.lines().take(5).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let lock = fs::File::options().write(true).open(place.path("plan/shard-0/lock")).unwrap();
    lock.lock().unwrap();
    let (_, printed) = merge(&place, 1);
    assert!(printed.contains("  shard 0: 13 of 18 cells missing (it is running now)\n"), "{printed}");
    assert!(!printed.contains("To run what is missing"), "{printed}");
    drop(lock);
    let (_, printed) = merge(&place, 1);
    assert!(
        printed.contains("  shard 0: 13 of 18 cells missing\n") && printed.contains("To run what is missing"),
        "{printed}"
    );
}

#[test]
fn what_would_end_shards_that_are_running_is_for_when_they_have_ended() {
    let place = Place::new(&csv(210), STUDY);
    let kubernetes = ["--kubernetes", "--image", "i", "--claim", "c", "--shards", "2", "--out", "plan"];
    place.expect(0, &[&["submit", "study.toml"][..], &kubernetes].concat());
    fs::create_dir(place.path("plan/shard-0")).unwrap();
    let lock = fs::File::create(place.path("plan/shard-0/lock")).unwrap();
    lock.lock().unwrap();
    let again = format!("kubectl replace --force -f {}/job.json\n", folder(&place));
    let (_, printed) = merge(&place, 1);
    assert!(printed.contains(&format!("To run what is missing once no shard is running: {again}")), "{printed}");
    drop(lock);
    let (_, printed) = merge(&place, 1);
    assert!(printed.contains(&format!("To run what is missing: {again}")), "{printed}");
}

#[test]
fn a_folder_of_runs_in_the_place_of_a_run_is_told_with_what_may_be_meant() {
    let place = planned(1);
    place.expect(0, &["run", "study.toml", "--nightly", "--out", "nights", "--filter", "classifier=prior"]);
    let nights = "not a results directory: nights is a folder of nights: name one of them, such as nights/latest";
    let plan = "not a results directory: plan is the folder of a plan: name its joined results, plan/merged (`fraudbench merge plan` makes \
                them)";
    for (command, wanted) in [
        (&["run", "--resume", "nights"][..], nights),
        (&["report", "nights"], nights),
        (&["export", "mlflow", "--uri", "http://127.0.0.1:9", "nights"], nights),
        (&["run", "--resume", "plan"], plan),
        (&["merge", "plan", "nights/latest", "--out", "x"], plan),
    ] {
        let said = place.expect(3, command);
        assert!(said.contains(wanted), "{command:?}: {said}");
    }
    // Without the link one of the nights is named.
    fs::remove_file(place.path("nights/latest")).unwrap();
    let said = place.expect(3, &["report", "nights"]);
    assert!(said.contains("such as nights/20") && said.trim_end().ends_with(".1"), "{said}");
}

#[test]
fn every_directory_that_cannot_be_merged_is_told() {
    let place = planned(1);
    place.write("plan/shard-0/records.jsonl", "x\n");
    let said = place.expect(3, &["merge", "nowhere", "plan/shard-0", "--out", "x"]);
    assert!(
        said.starts_with(
            "fraudbench: 2 of 2 directories cannot be merged: not a results directory: cannot read nowhere/"
        ),
        "{said}"
    );
    assert!(said.contains("; plan/shard-0/records.jsonl, line 1 is no record: "), "{said}");
    assert!(said.lines().count() == 1 && !place.path("x").exists(), "{said}");
}
