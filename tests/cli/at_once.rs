//! Two commands that want one folder at the same time: one has it, and the other is told what to do.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

use crate::{Place, STUDY, csv};

fn place() -> Place {
    Place::new(&csv(210), STUDY)
}

fn start(place: &Place, arguments: &[&str]) -> Child {
    place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The exit code, and what was said on standard error.
fn end(child: Child) -> (i32, String) {
    let output: Output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_plan_that_came_while_the_data_were_read_is_told_as_one() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "times"]);
    let log = place.path("times/records.jsonl");
    let records = fs::read(&log).unwrap();
    fs::remove_file(&log).unwrap();
    assert!(Command::new("mkfifo").arg(&log).status().unwrap().success());
    // It has looked for a plan when it reads the records, and waits for them.
    let late = ["submit", "study.toml", "--filter", "fold=0", "--shards", "2", "--times", "times", "--out", "plan"];
    let child = start(&place, &late);
    let mut pipe = fs::File::options().write(true).open(&log).unwrap();
    place.expect(0, &["submit", "study.toml", "--shards", "3", "--out", "plan"]);
    let plan = fs::read(place.path("plan/plan.json")).unwrap();
    pipe.write_all(&records).unwrap();
    drop(pipe);
    let (code, said) = end(child);
    let way = "plan holds a plan already: `fraudbench run --plan plan --shard I/3` for I from 0 to 2 runs what is missing of it; or choose \
               another --out";
    assert!(code == 2 && said.contains(way), "{code}: {said}");
    assert_eq!(fs::read(place.path("plan/plan.json")).unwrap(), plan);
}

#[test]
fn of_two_submissions_at_once_one_has_the_folder() {
    for _ in 0..6 {
        let place = place();
        let one = start(&place, &["submit", "study.toml", "--shards", "3", "--out", "plan"]);
        let other = start(&place, &["submit", "study.toml", "--filter", "fold=0", "--shards", "2", "--out", "plan"]);
        let ends = [end(one), end(other)];
        let won: Vec<usize> = (0..2).filter(|&at| ends[at].0 == 0).collect();
        assert_eq!(won.len(), 1, "{ends:?}");
        let (code, said) = &ends[1 - won[0]];
        let is_told =
            said.contains("plan holds a plan already: ") || said.contains("plan is in use by another fraudbench");
        assert!(*code == 2 && is_told, "{ends:?}");
        // What there is is the plan of the one that has it.
        let plan: serde_json::Value = serde_json::from_slice(&fs::read(place.path("plan/plan.json")).unwrap()).unwrap();
        assert_eq!(plan["cells"], [18, 6][won[0]]);
    }
}

#[test]
fn a_plan_is_held_until_slurm_has_it() {
    let place = place();
    fs::create_dir(place.path("bin")).unwrap();
    // While the array is submitted somebody else submits what is missing.
    let lines = "#!/bin/sh\ntest -e inner || { : >inner; \"$BENCH\" submit --resubmit plan >>inner 2>&1; echo \"code $?\" >>inner; }\necho 7\n";
    place.write("bin/sbatch", lines);
    assert!(Command::new("chmod").arg("+x").arg(place.path("bin/sbatch")).status().unwrap().success());
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    let run = |arguments: &[&str]| {
        let output =
            place.command(arguments).env("PATH", &path).env("BENCH", env!("CARGO_BIN_EXE_fraudbench")).output();
        let output = output.unwrap();
        let inner = fs::read_to_string(place.path("inner")).unwrap();
        fs::remove_file(place.path("inner")).unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        inner
    };
    let held = |inner: String| {
        assert!(
            inner.contains("plan is in use by another fraudbench: wait until it ends") && inner.ends_with("code 2\n"),
            "{inner}"
        );
    };
    held(run(&["submit", "study.toml", "--slurm", "--shards", "2", "--out", "plan"]));
    held(run(&["submit", "--resubmit", "plan"]));
}

#[test]
fn a_plan_does_not_go_into_a_run() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "r", "--filter", "family=prior"]);
    let said = place.expect(2, &["submit", "study.toml", "--out", "r"]);
    assert!(
        said.contains("r holds the results of a run: choose another --out") && !said.contains("--resume"),
        "{said}"
    );
}

#[test]
fn an_option_that_is_refused_keeps_no_later_submission_out() {
    let place = place();
    let submit = ["submit", "study.toml", "--slurm", "--dry-run", "--shards", "2", "--out", "plan"];
    let said = place.expect(2, &[&submit[..], &["--sbatch-arg", "account=fraud"]].concat());
    assert!(said.contains("--sbatch-arg: `account=fraud` must be an option of sbatch"), "{said}");
    assert!(!place.path("plan").exists());
    let several = ["--sbatch-arg=--account=a --qos=low", "--sbatch-arg=-A a -p long"];
    let said = place.expect(2, &[&submit[..], &several].concat());
    let wanted = "--sbatch-arg: `--account=a --qos=low` and `-A a -p long` hold several options of sbatch: give each a \
                  --sbatch-arg of its own";
    assert!(said.contains(wanted) && !place.path("plan").exists(), "{said}");
    place.expect(0, &[&submit[..], &["--sbatch-arg=--account=fraud"]].concat());
}

#[test]
fn what_a_killed_submission_has_left_is_written_again() {
    let place = place();
    let submit = ["submit", "study.toml", "--slurm", "--dry-run", "--shards", "2", "--out", "plan"];
    place.expect(0, &submit);
    // The scripts come before the plan, and the mark before both.
    std::fs::remove_file(place.path("plan/plan.json")).unwrap();
    place.write("plan/array.sh", "somebody's");
    let said = place.expect(2, &submit);
    assert!(said.contains("plan holds files that are not fraudbench's, such as array.sh"), "{said}");
    place.write("plan/.plan-begun", "");
    place.expect(0, &submit);
    assert!(place.path("plan/plan.json").exists() && !place.path("plan/.plan-begun").exists());
    assert!(std::fs::read_to_string(place.path("plan/array.sh")).unwrap().starts_with("#!/bin/bash\n"));
}

#[test]
fn a_shard_that_another_task_has_is_resumed_by_the_same_command() {
    let place = place();
    place.expect(0, &["submit", "study.toml", "--shards", "2", "--out", "plan"]);
    let run = ["run", "--plan", "plan", "--shard", "0/2"];
    let way = "plan/shard-0 is in use by another fraudbench, or was begun by one meanwhile: wait until that one ends; the same command then \
               resumes it";
    // Before it has a manifest, and after that.
    for is_begun in [false, true] {
        if is_begun {
            place.expect(0, &run);
        } else {
            fs::create_dir(place.path("plan/shard-0")).unwrap();
        }
        let lock =
            fs::File::options().write(true).create(true).truncate(false).open(place.path("plan/shard-0/lock")).unwrap();
        lock.lock().unwrap();
        let said = place.expect(2, &run);
        assert!(said.contains(way) && !said.contains("choose another"), "{said}");
    }
    let run = ["run", "--plan", "plan", "--shard", "1/2"];
    for (code, said) in [start(&place, &run), start(&place, &run)].map(end) {
        assert!(code == 0 || code == 2 && said.contains("the same command then resumes it"), "{code}: {said}");
    }
    place.expect(0, &run);
}

#[test]
fn a_plan_that_two_merge_at_once_is_merged_by_the_same_command() {
    let place = place();
    place.expect(0, &["submit", "study.toml", "--shards", "1", "--out", "plan"]);
    place.expect(0, &["run", "--plan", "plan", "--shard", "0/1"]);
    for _ in 0..3 {
        for (code, said) in [start(&place, &["merge", "plan"]), start(&place, &["merge", "plan"])].map(end) {
            let is_told = said.contains("the same command then adds what is missing")
                || said.contains("in use by another fraudbench");
            assert!(code == 0 || code == 2 && is_told && !said.contains("--resume"), "{code}: {said}");
        }
        place.expect(0, &["merge", "plan"]);
        fs::remove_dir_all(place.path("plan/merged")).unwrap();
    }
}

#[test]
fn a_night_is_in_use_until_its_run_has_ended() {
    let place = place();
    let night = ["run", "study.toml", "--filter", "classifier=prior", "--nightly", "--out", "nights", "--keep", "1"];
    // A pipe holds 64 KiB: the run waits where it prints its summary, behind the report and before `latest` and --keep.
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&[b'x'; 65_536]).unwrap();
    let mut first = place.command(&night).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    let of_today = || {
        let mut all = fs::read_dir(place.path("nights")).ok()?.map(|entry| entry.unwrap());
        all.find(|entry| entry.path().join("report.md").is_file()).map(|entry| entry.file_name())
    };
    let name = loop {
        match of_today() {
            Some(name) => break name.into_string().unwrap(),
            None => {
                assert!(first.try_wait().unwrap().is_none(), "it ended without a report");
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    };
    let in_use = format!("nights/{name} is in use by another fraudbench");
    for other in [&["pack"][..], &["run", "--resume"]] {
        let said = place.expect(2, &[other, &[&format!("nights/{name}")]].concat());
        assert!(said.contains(&in_use), "{other:?}: {said}");
    }
    let said = place.expect(0, &night);
    assert!(said.contains(&format!("warning: nights/{name} was not removed: {in_use}")), "{said}");
    let drained = std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()).unwrap());
    let (code, said) = end(first);
    assert!(code == 0 && drained.join().unwrap() > 65_536, "{code}: {said}");
    assert!(place.path(&format!("nights/{name}/records.jsonl")).is_file());
    // Nobody has it any more.
    let said = place.expect(0, &night);
    assert!(said.contains("--keep 1: 2 nights older than ") && !said.contains("was not removed"), "{said}");
}

#[test]
fn a_file_system_without_locks_is_refused_before_the_data_are_read() {
    let is_there = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    // Not on every machine, and not everywhere allowed.
    if !is_there.is_ok_and(|output| output.status.success()) {
        return;
    }
    // The table is not there: who looked at the data first would say so.
    let place = Place::new("", &STUDY.replace("data.csv", "gone.csv"));
    for arguments in [&["run", "--out"][..], &["run", "--nightly", "--out"], &["submit", "--shards", "2", "--out"]] {
        let mut command = Command::new("strace");
        command.args(["-f", "-o", "/dev/null", "-e", "trace=flock", "-e", "inject=flock:error=ENOSYS"]);
        command.arg(env!("CARGO_BIN_EXE_fraudbench")).args([arguments, &["new", "study.toml"]].concat());
        let output = command.current_dir(place.folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let wanted = "Function not implemented (os error 38); that file system has no locks (`flock`), which keep two runs out of one folder";
        assert!(output.status.code() == Some(2) && said.contains(wanted), "{arguments:?}: {said}");
        assert!(!place.path("new").exists());
    }
}
