use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::{Place, STUDY, csv};

/// The study with a scaler that changes nothing, so that cells equal others.
fn place() -> Place {
    Place::new(&csv(210), &STUDY.replace(r#"["none", "standard"]"#, r#"["none", "function", "standard"]"#))
}

/// Records without what a cell's neighbours in a run decide.
fn bare(place: &Place, directory: &str) -> Vec<Value> {
    let mut records = place.records(directory);
    for record in &mut records {
        record.as_object_mut().unwrap().remove("equals");
    }
    records
}

fn plan(place: &Place) -> Value {
    serde_json::from_str(&fs::read_to_string(place.path("plan/plan.json")).unwrap()).unwrap()
}

/// Standard output of a command that ends with `code`.
fn shown(place: &Place, code: i32, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?} said: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_shards_of_a_plan_give_the_records_of_one_machine() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "whole"]);
    place.expect(0, &["submit", "study.toml", "--shards", "4", "--out", "plan"]);
    assert_eq!(plan(&place)["shards"].as_array().unwrap().len(), 4);
    for shard in ["0/4", "1/4", "3/4"] {
        place.expect(0, &["run", "--plan", "plan", "--shard", shard]);
    }
    let said = shown(&place, 1, &["merge", "plan"]);
    assert!(said.contains("27 cells in 4 shards: ") && said.contains("  shard 2: "), "{said}");
    assert!(said.contains("/plan --shard I/4"), "{said}");
    // From another folder: the plan knows the way to the study and its data.
    let elsewhere = place.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let run = place.command(&["run", "--plan", "../plan", "--shard", "2/4"]).current_dir(elsewhere).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    let said = shown(&place, 0, &["merge", "plan"]);
    assert!(said.contains("27 cells in 4 shards: 27 scored, 0 failed, 0 missing"), "{said}");
    assert_eq!(bare(&place, "plan/merged"), bare(&place, "whole"));
    let equal = |directory: &str| place.records(directory).iter().filter(|r| r["equals"].is_string()).count();
    assert!(equal("whole") >= 9, "{}", equal("whole"));
    for shard in 0..4 {
        let own = place.records(&format!("plan/shard-{shard}"));
        for equals in own.iter().filter_map(|record| record["equals"].as_str()) {
            assert!(own.iter().any(|record| record["key"] == equals), "shard {shard} refers to another's cell");
        }
    }
    // What is planned is the whole study, so that the merged run can be gone on with as any other.
    let said = place.expect(0, &["run", "--resume", "plan/merged"]);
    assert!(said.contains("0 of 27 cells to run"), "{said}");
    // Again, nothing is done twice.
    let log = fs::read_to_string(place.path("plan/merged/records.jsonl")).unwrap();
    let said = place.expect(0, &["run", "--plan", "plan", "--shard", "2/4"]);
    assert!(said.contains("0 of "), "{said}");
    place.expect(0, &["merge", "plan"]);
    assert_eq!(fs::read_to_string(place.path("plan/merged/records.jsonl")).unwrap(), log);
}

#[test]
fn a_shard_that_was_killed_goes_on_where_its_log_ends() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "whole"]);
    place.expect(0, &["submit", "study.toml", "--shards", "2", "--out", "plan"]);
    place.expect(0, &["run", "--plan", "plan", "--shard", "0/2"]);
    place.expect(0, &["run", "--plan", "plan", "--shard", "1/2"]);
    // Two whole records and half of a third, as a kill leaves a log.
    let log = place.path("plan/shard-1/records.jsonl");
    let text = fs::read_to_string(&log).unwrap();
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    fs::write(&log, &text[..ends[1] + 40]).unwrap();
    let lacks = ends.len() - 2;
    let said = shown(&place, 1, &["merge", "plan", "--out", "before"]);
    assert!(said.contains(&format!("  shard 1: {lacks} of {} cells missing", ends.len())), "{said}");
    let said = place.expect(0, &["run", "--plan", "plan", "--shard", "1/2"]);
    assert!(said.contains(&format!("{lacks} of {} cells to run", ends.len())), "{said}");
    place.expect(0, &["merge", "plan"]);
    assert_eq!(bare(&place, "plan/merged"), bare(&place, "whole"));
}

#[test]
fn failed_cells_are_told_apart_from_missing_ones() {
    let place =
        Place::new(&csv(210), &STUDY.replace("\"prior\"", "{ family = \"debug\", params = { act = \"refuse\" } }"));
    place.expect(0, &["submit", "study.toml", "--shards", "2", "--out", "plan"]);
    place.expect(1, &["run", "--plan", "plan", "--shard", "0/2"]);
    place.expect(1, &["run", "--plan", "plan", "--shard", "1/2"]);
    let said = shown(&place, 1, &["merge", "plan"]);
    assert!(said.contains("18 cells in 2 shards: 12 scored, 6 failed, 0 missing"), "{said}");
    assert!(!said.contains("To run what is missing"), "{said}");
}

#[test]
fn what_does_not_fit_the_plan_is_refused() {
    let place = place();
    let run = |shard: &'static str| ["run", "--plan", "plan", "--shard", shard];
    let said = place.expect(3, &run("0/2"));
    assert!(said.contains("not the folder of a plan"), "{said}");
    place.expect(0, &["submit", "study.toml", "--shards", "2", "--out", "plan"]);
    let said = place.expect(2, &["submit", "study.toml", "--shards", "3", "--out", "plan"]);
    assert!(said.contains("holds a plan already"), "{said}");
    let said = place.expect(2, &run("0/3"));
    assert!(said.contains("has 2 shards"), "{said}");
    let said = place.expect(2, &run("2/2"));
    assert!(said.contains("counted from 0"), "{said}");
    place.write("data.csv", &csv(217));
    let said = place.expect(2, &run("0/2"));
    assert!(said.contains("are not those that the plan was made for"), "{said}");
    assert!(!place.path("plan/shard-0").exists(), "nothing was written");
    let said = place.expect(1, &["merge", "plan"]);
    assert!(said.is_empty() && !place.path("plan/merged").exists(), "{said}");
    let said = place.expect(2, &["merge", "plan", "plan"]);
    assert!(said.contains("--out"), "{said}");
}

#[test]
fn slurm_gets_scripts_that_a_shell_can_read_and_says_who_lacks_sbatch() {
    let place = place();
    let submit =
        ["submit", "study.toml", "--slurm", "--shards", "3", "--throttle", "2", "--minutes", "7", "--out", "my plan"];
    let dry = [
        &submit[..],
        &["--dry-run", "--partition", "long", "--sbatch-arg=--qos=low", "--sbatch-arg=--comment=the night's #1"],
    ]
    .concat();
    // Without Slurm's own commands, wherever this test runs.
    let output = place.command(&dry).env("PATH", "").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("sbatch '--array=0-2%2'") || said.contains("sbatch --array=0-2%2 '"), "{said}");
    for script in ["array.sh", "merge.sh"] {
        let path = place.path("my plan").join(script);
        assert!(Command::new("bash").arg("-n").arg(&path).status().unwrap().success(), "{script}");
        let text = fs::read_to_string(&path).unwrap();
        for option in [
            "--partition=long\n",
            "--qos=low\n",
            "--comment=\"the night's #1\"\n",
            "--ntasks=1",
            "--mem=",
            "--open-mode=append",
        ] {
            assert!(text.contains(&format!("\n#SBATCH {option}")), "{script} lacks {option}:\n{text}");
        }
    }
    let array = fs::read_to_string(place.path("my plan/array.sh")).unwrap();
    for option in ["--requeue", "--signal=B:USR1@210", "--time=7"] {
        assert!(array.contains(&format!("\n#SBATCH {option}\n")), "{option}:\n{array}");
    }
    let again = place.command(&["submit", "--resubmit", "my plan"]).env("PATH", "").output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(said.contains("sbatch is not on this machine"), "{said}");
}

/// As Slurm starts and signals it, but for `scontrol`, which only writes down what it is told.
#[test]
fn a_task_near_its_time_limit_keeps_what_it_has_and_goes_back_into_the_queue() {
    let sleepy = "\"prior\", { family = \"debug\", params = { act = \"sleep\", seconds = 1.0 } }";
    let place = Place::new(&csv(210), &STUDY.replace("\"prior\"", sleepy));
    place.expect(0, &["submit", "study.toml", "--shards", "1", "--slurm", "--dry-run", "--out", "plan"]);
    fs::create_dir(place.path("bin")).unwrap();
    place.write("bin/scontrol", "#!/bin/sh\necho \"$@\" >>scontrol.log\n");
    assert!(Command::new("chmod").args(["+x"]).arg(place.path("bin/scontrol")).status().unwrap().success());
    let log = place.path("plan/shard-0/records.jsonl");
    let lines = || fs::read_to_string(&log).map_or(0, |text| text.lines().count());
    let mut task = Command::new("bash");
    task.arg("plan/array.sh").current_dir(place.folder.path());
    task.env("PATH", format!("{}:/usr/bin:/bin", place.path("bin").display()));
    let mut task = task.env("SLURM_ARRAY_TASK_ID", "0").env("SLURM_JOB_ID", "77").spawn().unwrap();
    while lines() == 0 {
        assert_eq!(task.try_wait().unwrap(), None, "it ended before it had a record");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-USR1", &task.id().to_string()]).status().unwrap().success());
    assert_eq!(task.wait().unwrap().code(), Some(130));
    assert!((1..24).contains(&lines()), "{}", lines());
    assert_eq!(fs::read_to_string(place.path("scontrol.log")).unwrap(), "requeue 77\n");
    place.expect(0, &["run", "--plan", "plan", "--shard", "0/1"]);
    assert_eq!(lines(), 24);
}

#[test]
fn times_of_an_earlier_run_make_even_shards() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "before"]);
    // As if trees took a second and everything else nothing.
    place.edit_records("before", |record| {
        let tree = record["classifier"] == "decision-tree";
        record["seconds"] =
            serde_json::json!({ "resample": 0.0, "scale": 0.0, "fit": if tree { 1.0 } else { 0.0 }, "predict": 0.0 });
        record.as_object_mut().unwrap().remove("equals");
    });
    place.expect(0, &["submit", "study.toml", "--shards", "3", "--times", "before", "--out", "plan"]);
    let plan = plan(&place);
    for shard in plan["shards"].as_array().unwrap() {
        assert!((shard["seconds"].as_f64().unwrap() - 3.0).abs() < 1e-6, "{shard}");
    }
}

#[test]
fn a_committed_run_on_simulated_nodes_is_near_the_bound() {
    let place = Place::new("", "");
    let run = concat!(env!("CARGO_MANIFEST_DIR"), "/results/families-10-fold");
    place.expect(0, &["cluster", run, "--nodes", "1,10,100", "--repeats", "20", "--out", "simulated"]);
    let table = fs::read_to_string(place.path("simulated/cluster.csv")).unwrap();
    let (header, rows) = table.split_once('\n').unwrap();
    let column = |name: &str| header.split(',').position(|known| known == name).unwrap();
    let value = |row: &str, name: &str| -> f64 { row.rsplit(',').nth(9 - column(name)).unwrap().parse().unwrap() };
    let ratios: Vec<f64> = rows.lines().map(|row| value(row, "ratio")).collect();
    assert!(ratios.len() == 3 && ratios.iter().all(|ratio| (1.0..=1.1).contains(ratio)), "{ratios:?}");
    assert!(rows.lines().all(|row| value(row, "makespan_with_failures_s") > value(row, "bound_s")), "{rows}");
    assert!(fs::read_to_string(place.path("simulated/cluster.md")).unwrap().contains("3 of 3 simulations"));
    assert!(place.path("simulated/charts/cluster-makespan.svg").exists());
}

#[test]
fn failures_are_told_on_average_and_those_that_never_end_are_refused() {
    let place = Place::new("", "");
    let run = concat!(env!("CARGO_MANIFEST_DIR"), "/results/families-10-fold");
    let cluster = ["cluster", run, "--out", "simulated"];
    place.expect(0, &[&cluster[..], &["--nodes", "5", "--failures", "0.1"]].concat());
    let table = fs::read_to_string(place.path("simulated/cluster.csv")).unwrap();
    let row: Vec<&str> = table.lines().nth(1).unwrap().rsplit(',').collect();
    // About 3,950 s of work at one failure per ten hours: 0.11 are expected, with a deviation of 0.033 over a hundred draws.
    let (failures, calm, failing): (f64, f64, f64) =
        (row[2].parse().unwrap(), row[4].parse().unwrap(), row[1].parse().unwrap());
    assert!(failures < 0.25, "{table}");
    // A failure costs a minute in the queue, a start, and at most the longest cell and its prefix.
    assert!(calm <= failing && failing < calm + failures.max(0.01) * 200.0, "{table}");
    let report = fs::read_to_string(place.path("simulated/cluster.md")).unwrap();
    assert!(report.contains("what they cost is the mean of 100 draws of when nodes fail"), "{report}");
    for (options, said) in [
        (
            ["--nodes", "2", "--failures", "100000"],
            "--failures 100000: after 100,000 failures on 2 nodes the cells are not done",
        ),
        (["--nodes", "100000000", "--failures", "0"], "must be a whole number from 1 to 100,000"),
        (
            ["--nodes", "2", "--repeats", "10000000"],
            "has 7,200,000,000 cells then, and at most 10,000,000 are simulated",
        ),
        (["--shards", "100000000", "--nodes", "2"], "must be a whole number from 1 to 1,000,000"),
        (
            ["--nodes", "2,5,2", "--repeats", "3,3"],
            "--nodes: `2` is listed twice; --repeats: `3` is listed twice: write each at most once",
        ),
    ] {
        let found = place.expect(2, &[&cluster[..], &options].concat());
        assert!(found.contains(said), "{found}");
    }
}
