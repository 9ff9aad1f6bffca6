//! `fraudbench submit`, its shards and its merge where not all goes well: filters, failed cells, engines that refuse.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::{Place, STUDY, csv, time_out};

fn place() -> Place {
    Place::new(&csv(210), STUDY)
}

/// How many shards the plan in `plan` has.
fn shards(place: &Place) -> usize {
    let plan: Value = serde_json::from_str(&fs::read_to_string(place.path("plan/plan.json")).unwrap()).unwrap();
    plan["shards"].as_array().unwrap().len()
}

/// Runs all shards of the plan in `plan`.
fn run_shards(place: &Place) {
    let many = shards(place);
    for shard in 0..many {
        place.expect(0, &["run", "--plan", "plan", "--shard", &format!("{shard}/{many}")]);
    }
}

/// Has the records of a shard say that the baseline's cells took too long; how many these are.
fn fail_baseline(place: &Place, shard: usize) -> usize {
    let mut failed = 0;
    place.edit_records(&format!("plan/shard-{shard}"), |record| {
        if record["classifier"] == "prior" {
            failed += 1;
            time_out(record);
        }
    });
    failed
}

/// A command of Slurm's that does what the lines of a shell say.
fn engine(place: &Place, name: &str, lines: &str) {
    fs::create_dir_all(place.path("bin")).unwrap();
    place.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{lines}\n"));
    let path = place.path(&format!("bin/{name}"));
    assert!(Command::new("chmod").arg("+x").arg(path).status().unwrap().success());
}

/// Runs it with those commands alone of Slurm's; what it said on standard error.
fn with_engines(place: &Place, code: i32, arguments: &[&str]) -> String {
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    said(code, &place.command(arguments).env("PATH", path).output().unwrap())
}

/// Standard error of what ended with `code`.
fn said(code: i32, output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

#[test]
fn the_shards_of_a_filtered_plan_run_its_cells() {
    // Of 18 cells: 3 folds, 2 scalers, 3 classifiers.
    for (filter, cells) in [("fold=0", 6), ("family=prior", 6), ("scaler=standard", 9), ("classifier=prior;fold=1", 10)]
    {
        let place = place();
        place.expect(0, &["submit", "study.toml", "--filter", filter, "--shards", "2", "--out", "plan"]);
        assert_eq!(shards(&place), 2, "{filter}");
        run_shards(&place);
        let printed = place.printed(0, &["merge", "plan"]);
        let all = format!("{cells} cells in 2 shards: {cells} scored, 0 failed, 0 missing");
        assert!(printed.contains(&all), "{filter}: {printed}");
    }
}

#[test]
fn a_plan_whose_filters_take_other_cells_is_told_as_such() {
    let place = place();
    place.expect(0, &["submit", "study.toml", "--filter", "fold=0", "--shards", "1", "--out", "plan"]);
    let text = fs::read_to_string(place.path("plan/plan.json")).unwrap();
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    // As earlier versions wrote it, which left out what the filter of the plan says.
    plan["shards"][0]["filter"] = "scaler=none;scaler=standard".into();
    place.write("plan/plan.json", &plan.to_string());
    let said = place.expect(2, &["run", "--plan", "plan", "--shard", "0/1"]);
    assert!(
        said.contains("plan: the filter of shard 0 takes other cells than the plan gives it: make a new plan"),
        "{said}"
    );
    assert!(!said.contains("was begun") && !place.path("plan/shard-0").exists(), "{said}");
}

#[test]
fn what_counts_is_what_the_merged_results_have() {
    let place = place();
    let submit = ["submit", "study.toml", "--slurm", "--dry-run", "--shards", "2", "--out", "plan"];
    place.expect(0, &submit);
    run_shards(&place);
    // Three folds, two scalers.
    assert_eq!(fail_baseline(&place, 0) + fail_baseline(&place, 1), 6);
    let printed = place.printed(1, &["merge", "plan"]);
    assert!(printed.contains("18 cells in 2 shards: 12 scored, 6 failed, 0 missing"), "{printed}");
    // The way that docs/cluster.md names.
    place.expect(0, &["run", "--resume", "plan/merged", "--retry-failed"]);
    let all = "18 cells in 2 shards: 18 scored, 0 failed, 0 missing";
    let printed = place.printed(0, &["merge", "plan"]);
    assert!(printed.contains(all), "{printed}");
    // The folders of the shards may go once they are merged.
    for shard in ["plan/shard-0", "plan/shard-1"] {
        fs::remove_dir_all(place.path(shard)).unwrap();
        let printed = place.printed(0, &["merge", "plan"]);
        assert!(printed.contains(all), "{shard}: {printed}");
        let printed = place.printed(0, &["submit", "--resubmit", "plan"]);
        assert!(printed.contains("Nothing is missing"), "{shard}: {printed}");
    }
    // Where they were merged into is what counts: elsewhere there is nothing.
    let printed = place.printed(1, &["merge", "plan", "--out", "elsewhere"]);
    assert!(printed.contains("0 scored, 0 failed, 18 missing"), "{printed}");
}

#[test]
fn a_record_that_contradicts_the_merged_results_is_left_out_and_no_success() {
    let place = place();
    place.expect(0, &["submit", "study.toml", "--shards", "1", "--out", "plan"]);
    run_shards(&place);
    place.expect(0, &["merge", "plan"]);
    place.edit_records("plan/shard-0", |record| {
        if record["classifier"] == "decision-tree" && record["scaler"] == "none" && record["fold"] == 1 {
            record["metrics"]["pr-auc"] = 0.5.into();
        }
    });
    let output = place.run(&["merge", "plan"]);
    let said = said(1, &output);
    assert!(said.contains("17 of 18 planned cells have one") && said.contains("1 cell has no record now"), "{said}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("18 cells in 1 shard: 17 scored, 0 failed, 0 missing, 1 left out"), "{printed}");
    // To run the shard again would do nothing.
    assert!(!printed.contains("To run what is missing"), "{printed}");
}

#[test]
fn failed_cells_of_a_shard_are_run_again_where_that_is_asked() {
    let place = place();
    place.expect(0, &["submit", "study.toml", "--shards", "1", "--out", "plan"]);
    run_shards(&place);
    assert_eq!(fail_baseline(&place, 0), 6);
    let run = ["run", "--plan", "plan", "--shard", "0/1"];
    let said = place.expect(1, &run);
    assert!(said.contains("0 of 18 cells to run"), "{said}");
    let said = place.expect(0, &[&run[..], &["--retry-failed"]].concat());
    assert!(said.contains("6 of 18 cells to run"), "{said}");
    let printed = place.printed(0, &["merge", "plan"]);
    assert!(printed.contains("18 scored, 0 failed, 0 missing"), "{printed}");
    let said = place.expect(2, &["run", "study.toml", "--retry-failed"]);
    assert!(said.contains("`--retry-failed` goes with `--resume` or `--plan` only"), "{said}");
}

#[test]
fn a_shard_has_the_time_of_the_cell_that_may_take_longest() {
    let place = place();
    // Cells of milliseconds: what one may take, rounded up, and ten minutes; where a cell has no end, one minute and ten.
    for (limits, minutes) in [("", 70), ("[limits]\ncell_seconds = 3601\n", 71), ("[limits]\ncell_seconds = 0\n", 11)] {
        place.write("limited.toml", &STUDY.replace("[grid]", &format!("{limits}[grid]")));
        let out = format!("plan-{minutes}");
        place.expect(0, &["submit", "limited.toml", "--slurm", "--dry-run", "--shards", "1", "--out", &out]);
        let script = fs::read_to_string(place.path(&out).join("array.sh")).unwrap();
        assert!(script.contains(&format!("\n#SBATCH --time={minutes}\n")), "{limits}: {script}");
    }
}

#[test]
fn a_resubmission_may_use_more_and_refuses_what_it_cannot_use() {
    let place = place();
    let submit = ["submit", "study.toml", "--slurm", "--dry-run", "--shards", "2", "--throttle", "2", "--out", "plan"];
    place.expect(0, &submit);
    let again = ["submit", "--resubmit", "plan", "--dry-run"];
    let array = |more: &[&str]| {
        // Without Slurm's own commands, wherever this test runs.
        let output = place.command(&[&again[..], more].concat()).env("PATH", "").output().unwrap();
        said(0, &output);
        String::from_utf8_lossy(&output.stdout).lines().next().unwrap().to_owned()
    };
    let script = place.path("plan/array.sh").canonicalize().unwrap().display().to_string();
    assert_eq!(array(&[]), format!("sbatch --array=0-1%2 {script}"));
    let more = ["--memory", "9999", "--throttle", "1", "--threads", "3", "--minutes", "4"];
    let options = "--cpus-per-task=3 --mem=9999M --time=4 --signal=B:USR1@120";
    assert_eq!(array(&more), format!("sbatch --array=0-1%1 {options} {script} 0 60"));
    // What is printed to do it has the same options, and nothing that the plan has anyway.
    let command = |arguments: &[&str]| {
        let output = place.command(arguments).env("PATH", "").output().unwrap();
        said(0, &output);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let (_, rest) = printed.split_once("Nothing was submitted. `").unwrap();
        rest.split_once("` does it.").unwrap().0.to_owned()
    };
    let folder = place.path("plan").canonicalize().unwrap().display().to_string();
    let with_more = [&again[..], &more].concat();
    let options = "--threads 3 --memory 9999 --minutes 4 --throttle 1";
    assert_eq!(command(&with_more), format!("fraudbench submit --resubmit {folder} {options}"));
    assert_eq!(command(&again), format!("fraudbench submit --resubmit {folder}"));
    // So it is where Slurm refuses, and where a plan is there already.
    let refused =
        place.command(&[&["submit", "--resubmit", "plan"], &more[..]].concat()).env("PATH", "").output().unwrap();
    let refused = said(2, &refused);
    assert!(refused.contains(&format!("`fraudbench submit --resubmit {folder} {options}` submits it")), "{refused}");
    let there = place.expect(2, &[&submit[..], &["--memory", "9999"]].concat());
    assert!(
        there.contains("`fraudbench submit --resubmit plan --memory 9999 --throttle 2` submits what is missing"),
        "{there}"
    );
    // A second argument of the script is what its tasks wait for cells.
    assert!(fs::read_to_string(&script).unwrap().contains("\ngrace=${2:-"));
    for (option, value, with) in
        [("--image", "x", "--kubernetes"), ("--mount", ".", "--kubernetes"), ("--partition", "long", "--slurm")]
    {
        let said = place.expect(2, &[&again[..], &[option, value]].concat());
        assert!(said.contains(&format!("`{option}` goes with `{with}` only")), "{said}");
    }
    let said = place.expect(2, &["submit", "study.toml", "--minutes", "7", "--out", "no"]);
    assert!(said.contains("`--minutes` goes with `--slurm` or `--resubmit` only"), "{said}");
    assert!(!place.path("no").exists());
}

#[test]
fn a_resubmission_leaves_out_shards_that_are_running() {
    let place = place();
    place.expect(
        0,
        &["submit", "study.toml", "--slurm", "--dry-run", "--shards", "2", "--throttle", "2", "--out", "plan"],
    );
    let folder = place.path("plan").canonicalize().unwrap().display().to_string();
    // What a task does before it has a manifest, and after that.
    let lock = |shard: usize| {
        let path = place.path(&format!("plan/shard-{shard}"));
        fs::create_dir(&path).unwrap();
        let lock = fs::File::create(path.join("lock")).unwrap();
        lock.lock().unwrap();
        lock
    };
    let again = |more: &[&str]| {
        let arguments = [&["submit", "--resubmit", "plan", "--dry-run"][..], more].concat();
        let output = place.command(&arguments).env("PATH", "").output().unwrap();
        (said(0, &output), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let first = lock(0);
    let (told, printed) = again(&["--memory", "9999"]);
    let way = format!("`fraudbench submit --resubmit {folder} --memory 9999` submits what it lacks then");
    assert_eq!(told, format!("shard 0 is running now and is left out: when it has ended, {way}\n"));
    assert!(printed.starts_with(&format!("sbatch --array=1%2 --mem=9999M {folder}/array.sh\n")), "{printed}");
    let second = lock(1);
    let (told, printed) = again(&[]);
    assert!(told.starts_with("shards 0 and 1 are running now and are left out: when they have ended, "), "{told}");
    assert_eq!(printed, "Nothing was submitted: whatever lacks records is running.\n");
    drop((first, second));
    let (told, printed) = again(&[]);
    assert_eq!(told, "");
    assert!(printed.starts_with(&format!("sbatch --array=0-1%2 {folder}/array.sh\n")), "{printed}");
}

#[test]
fn jobs_that_slurm_accepted_are_named_where_it_refuses_the_next() {
    let place = place();
    engine(&place, "scontrol", "echo MaxArraySize = 2");
    let once = "test -e accepted && { echo QOSMaxSubmitJobPerUserLimit >&2; exit 1; }; : >accepted; echo 101";
    engine(&place, "sbatch", once);
    let said = with_engines(&place, 2, &["submit", "study.toml", "--slurm", "--shards", "4", "--out", "plan"]);
    assert_eq!(shards(&place), 4);
    let folder = place.path("plan").canonicalize().unwrap().display().to_string();
    let refused = format!(
        "Slurm refused `sbatch --array=0-1 {folder}/array.sh 2`: QOSMaxSubmitJobPerUserLimit; before that Slurm \
                           accepted job 101 (`sbatch --array=0-1 {folder}/array.sh`), and no merge waits for it: when it has ended, \
                           `fraudbench submit --resubmit {folder}` submits what is missing; or `scancel 101` ends it"
    );
    assert!(said.contains(&refused), "{said}");
    // So it is where the merge is refused.
    engine(&place, "scontrol", "echo MaxArraySize = 9");
    fs::remove_file(place.path("accepted")).unwrap();
    let said = with_engines(&place, 2, &["submit", "--resubmit", "plan"]);
    assert!(said.contains("--dependency=afterany:101") && said.contains("`scancel 101` ends it"), "{said}");
}

#[test]
fn who_has_no_sbatch_is_told_where_to_submit_the_plan_that_is_written() {
    let place = place();
    let submit = ["submit", "study.toml", "--slurm", "--shards", "2", "--out", "plan"];
    let said = said(2, &place.command(&submit).env("PATH", "").output().unwrap());
    let folder = place.path("plan").canonicalize().unwrap().display().to_string();
    let way = format!(
        "submit from a login node of the cluster; the plan is written, and `fraudbench submit --resubmit {folder}`"
    );
    assert!(said.contains(&way) && !said.contains("--dry-run"), "{said}");
    assert!(place.path("plan/array.sh").exists());
}

#[test]
fn what_no_machine_has_is_refused_before_the_plan() {
    let place = place();
    for (option, value, most) in [
        ("--threads", "100000", "4,096"),
        ("--memory", "99999999999999", "4,294,967,295"),
        ("--minutes", "99999999", "525,600"),
        ("--throttle", "1000000000", "100,000"),
        ("--shards", "1000000000", "1,000,000"),
    ] {
        let said = place.expect(2, &["submit", "study.toml", "--slurm", "--dry-run", "--out", "plan", option, value]);
        assert!(said.contains(&format!("must be a whole number from 1 to {most}")), "{option}: {said}");
    }
    assert!(!place.path("plan").exists());
}

#[test]
fn the_shards_of_a_plan_without_an_engine_are_told_what_they_may_use() {
    let place = place();
    let submit = ["submit", "study.toml", "--shards", "2", "--threads", "3", "--memory", "999", "--out", "plan"];
    let folder = || place.path("plan").canonicalize().unwrap().display().to_string();
    let printed = place.printed(0, &submit);
    let command = format!("fraudbench run --plan {} --shard I/2 --threads 3 --memory 999\n", folder());
    assert!(printed.contains(&format!("For I from 0 to 1: {command}")), "{printed}");
    let printed = place.printed(1, &["merge", "plan"]);
    assert!(printed.contains(&command), "{printed}");
    let said = place.expect(2, &["submit", "--resubmit", "plan"]);
    assert!(said.contains(&format!("`{}`", command.trim_end())), "{said}");
    place.expect(0, &["run", "--plan", "plan", "--shard", "0/2", "--threads", "3", "--memory", "999"]);
}

#[test]
fn data_that_cannot_be_split_are_refused_before_the_plan() {
    let place = Place::new(&csv(70), &STUDY.replace("folds = 3", "folds = 11"));
    let said = place.expect(2, &["submit", "study.toml", "--out", "plan"]);
    // One row in seven is positive.
    assert!(
        said.contains("11 folds need 11 rows of each class, but there are 10 positives and 60 negatives"),
        "{said}"
    );
    assert!(!place.path("plan").exists());
}

#[test]
fn a_shard_of_a_plan_that_would_be_refused_today_ends_before_any_cell() {
    let place = place();
    place.expect(0, &["submit", "study.toml", "--shards", "1", "--out", "plan"]);
    // As earlier versions let it pass: of 30 positives 20 are left to train on.
    let text = fs::read_to_string(place.path("plan/plan.json")).unwrap();
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    let tuned = "{ family = \"decision-tree\", threshold = \"max-f1\", folds = 21 }";
    plan["study"] = plan["study"].as_str().unwrap().replace("\"decision-tree\"", tuned).into();
    place.write("plan/plan.json", &plan.to_string());
    for _ in 0..2 {
        let said = place.expect(2, &["run", "--plan", "plan", "--shard", "0/1"]);
        let wanted = "study.toml: inner folds cannot be cut: data, stratified-k-fold: `decision-tree` (`folds` beside `threshold`): 21 folds \
                      need 21 rows of each class, but there are 20 positives and 120 negatives: use at most 20 folds\n";
        assert!(said.ends_with(wanted), "{said}");
        assert!(!place.path("plan/shard-0").exists());
    }
}

#[test]
fn a_plan_from_which_a_shard_went_missing_is_not_merged_as_whole() {
    let place = place();
    place.expect(0, &["submit", "study.toml", "--shards", "2", "--out", "plan"]);
    let text = fs::read_to_string(place.path("plan/plan.json")).unwrap();
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    let gone = plan["shards"].as_array_mut().unwrap().pop().unwrap();
    let runs: Vec<(u64, u64)> = serde_json::from_value(gone["cells"].clone()).unwrap();
    let held = 18 - runs.iter().map(|(first, last)| last + 1 - first).sum::<u64>();
    place.write("plan/plan.json", &plan.to_string());
    for command in [&["run", "--plan", "plan", "--shard", "0/1"][..], &["merge", "plan"]] {
        let said = place.expect(3, command);
        assert!(
            said.contains(&format!("plan.json was changed: its shards hold {held} of 18 cells: put back")),
            "{said}"
        );
    }
    assert!(!place.path("plan/shard-0").exists() && !place.path("plan/merged").exists());
}

#[test]
fn as_many_shards_as_were_asked_for_can_be_run_also_where_few_have_cells() {
    let place = place();
    // Two cells: the baseline behind two scalers.
    let submit = ["submit", "study.toml", "--filter", "family=prior,fold=0", "--shards", "5", "--out", "plan"];
    let said = place.expect(0, &submit);
    let has = shards(&place);
    assert!((1..=2).contains(&has), "{has}");
    let told = format!(
        "--shards 5: more than {has} would end no sooner, so the other {} have no cells, and `--shard I/5` ends at once there",
        5 - has
    );
    assert!(said.contains(&told), "{said}");
    for shard in 0..5 {
        let printed = place.printed(0, &["run", "--plan", "plan", "--shard", &format!("{shard}/5")]);
        let line = if shard < has {
            format!("Shard {shard} of 5 is done: ")
        } else {
            format!("Shard {shard} of 5 has no cells: ")
        };
        assert!(printed.contains(&line), "{printed}");
    }
    assert!(!place.path(&format!("plan/shard-{has}")).exists());
    let printed = place.printed(0, &["merge", "plan"]);
    assert!(printed.contains("2 scored, 0 failed, 0 missing"), "{printed}");
    // By the number that the plan has it is the same shard; another number is none of it.
    let said = place.expect(0, &["run", "--plan", "plan", "--shard", &format!("0/{has}")]);
    assert!(said.contains("0 of "), "{said}");
    let said = place.expect(2, &["run", "--plan", "plan", "--shard", "0/6"]);
    assert!(said.contains(&format!("--shard 0/6: the plan in plan has {has} shard")), "{said}");
    // Where all have cells nothing is said.
    let said = place.expect(0, &["submit", "study.toml", "--shards", "2", "--out", "two"]);
    assert!(!said.contains("--shards"), "{said}");
}

#[test]
fn a_plan_that_is_there_says_how_it_goes_on_whoever_runs_it() {
    let place = place();
    let submit = ["submit", "study.toml", "--shards", "2", "--out", "plan"];
    place.expect(0, &submit);
    let said = place.expect(2, &submit);
    let way = "plan holds a plan already: `fraudbench run --plan plan --shard I/2` for I from 0 to 1 runs what is missing of it; or choose \
               another --out";
    assert!(said.contains(way), "{said}");
    place.expect(0, &["run", "--plan", "plan", "--shard", "0/2"]);
    let kubernetes = ["--kubernetes", "--image", "i", "--claim", "c", "--shards", "2", "--out", "pods"];
    let submit = [&["submit", "study.toml"][..], &kubernetes].concat();
    place.expect(0, &submit);
    let said = place.expect(2, &submit);
    let way = "pods holds a plan already: `kubectl replace --force -f pods/job.json` runs what is missing of it; or choose another --out";
    assert!(said.contains(way), "{said}");
    let folder = place.path("pods").canonicalize().unwrap().display().to_string();
    let again = format!("kubectl replace --force -f {folder}/job.json");
    let said = place.expect(2, &["submit", "--resubmit", "pods"]);
    assert!(said.contains(&format!("was not made with --slurm: run its shards again with `{again}`")), "{said}");
    let printed = place.printed(1, &["merge", "pods"]);
    assert!(printed.contains(&format!("To run what is missing: {again}\n")), "{printed}");
    // A plan that cannot be read goes on nowhere.
    place.write("pods/plan.json", "{");
    let said = place.expect(2, &submit);
    assert!(said.contains("pods holds a plan already: choose another --out"), "{said}");
}

#[test]
fn an_sbatch_that_answers_otherwise_has_not_refused() {
    let place = place();
    engine(&place, "scontrol", "echo MaxArraySize = 9");
    engine(&place, "sbatch", "echo Submitted batch job 77");
    let said = with_engines(&place, 2, &["submit", "study.toml", "--slurm", "--shards", "2", "--out", "plan"]);
    let folder = place.path("plan").canonicalize().unwrap().display().to_string();
    let answered = format!(
        "`sbatch --array=0-1 {folder}/array.sh` answered `Submitted batch job 77` and not the number of a job, as `sbatch --parsable` does: \
         look with `squeue --me` whether the job is in the queue, and only where it is not, `fraudbench submit --resubmit {folder}` \
         submits what is missing"
    );
    assert!(said.contains(&answered) && !said.contains("refused"), "{said}");
    // So it is where the array was accepted and the merge is not clear.
    engine(&place, "sbatch", "test -e accepted && { echo well; exit; }; : >accepted; echo 101");
    let said = with_engines(&place, 2, &["submit", "--resubmit", "plan"]);
    assert!(
        said.contains("answered `well` and not") && said.contains("job 101 was accepted before that; look"),
        "{said}"
    );
}

#[test]
fn words_that_an_engine_cannot_use_are_refused_before_the_plan() {
    let place = place();
    let blank = "must be a name without blanks";
    let name = "must be a name as Kubernetes has it: small letters, digits";
    for (engine, wrong, said) in [
        ("--kubernetes", ["--image", "", "--claim", "c"], blank),
        ("--kubernetes", ["--image", "a b", "--claim", "c"], blank),
        ("--kubernetes", ["--image", "i", "--claim", ""], name),
        ("--kubernetes", ["--image", "i", "--claim", "C_d"], name),
        ("--slurm", ["--dry-run", "--partition", "", "--program=x"], blank),
        ("--slurm", ["--dry-run", "--partition", "a b", "--program=x"], blank),
        ("--slurm", ["--dry-run", "--program", "", "--partition=x"], "must be the name or the path of a program"),
    ] {
        let refused = place.expect(2, &[&["submit", "study.toml", "--out", "plan", engine][..], &wrong].concat());
        assert!(refused.contains(said), "{wrong:?}: {refused}");
    }
    assert!(!place.path("plan").exists());
    let slurm = ["--slurm", "--dry-run", "--partition", "long", "--program", "/opt/my tools/fraudbench"];
    place.expect(0, &[&["submit", "study.toml", "--out", "plan"][..], &slurm].concat());
}
