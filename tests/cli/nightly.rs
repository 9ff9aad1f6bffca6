//! `examples/nightly`, started as each of its schedulers would start it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::csv;

/// A home with a clone in it that holds the example and a small table.
struct Home {
    folder: TempDir,
}

fn example(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/nightly").join(name)).unwrap()
}

impl Home {
    fn new() -> Self {
        let home = Home { folder: TempDir::new().unwrap() };
        let nightly = home.nightly();
        std::fs::create_dir_all(&nightly).unwrap();
        let script = nightly.join("nightly.sh");
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/nightly/nightly.sh"), script).unwrap();
        // The example's own study takes minutes without optimization.
        let study = example("night.toml");
        let (head, _) = study.split_once("[grid]").unwrap();
        let head = head.replace("../../data/creditcard-sample.csv", "data.csv").replace("\"Class\"", "\"label\"");
        let grid = "[grid]\nclassifiers = [\"prior\", \"logistic-regression\"]\n";
        std::fs::write(nightly.join("night.toml"), format!("{head}{grid}")).unwrap();
        home.data(210);
        home
    }

    fn nightly(&self) -> PathBuf {
        self.clone_folder().join("examples/nightly")
    }

    fn clone_folder(&self) -> PathBuf {
        self.folder.path().join("fraudbench")
    }

    fn data(&self, rows: usize) {
        std::fs::write(self.nightly().join("data.csv"), csv(rows)).unwrap();
    }

    /// Has a shell do something in a folder; `program` is where the scheduler's own path would have it.
    fn shell(&self, shell: &str, text: &str, folder: &Path) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_fraudbench")).parent().unwrap();
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", program.display());
        let mut command = Command::new(shell);
        command.args(["-e", "-c", text]).current_dir(folder);
        command.env("PATH", path).env("HOME", self.folder.path());
        command.env("GITHUB_STEP_SUMMARY", self.folder.path().join("summary.md")).output().unwrap()
    }

    fn expect(&self, code: i32, shell: &str, text: &str, folder: &Path) -> String {
        let output = self.shell(shell, text, folder);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{text}\n{said}");
        said
    }

    fn nights(&self) -> usize {
        let entries = std::fs::read_dir(self.nightly().join("results/night")).unwrap();
        entries.filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with("20")).count()
    }
}

/// The value of a line `key=...` of a unit.
fn of_unit(key: &str) -> String {
    let unit = example("fraudbench-nightly.service");
    let line = unit.lines().find_map(|line| line.strip_prefix(&format!("{key}="))).unwrap();
    line.to_owned()
}

/// What cron has a shell do, after five fields; the program is where the tests have it.
fn of_cron() -> String {
    let crontab = example("crontab");
    let line = crontab.lines().find(|line| line.starts_with("0 2 ")).unwrap();
    line.splitn(6, ' ').nth(5).unwrap().replace("$HOME/.cargo/bin:", "")
}

/// The commands of a step of the workflow, by its name.
fn step(name: &str) -> String {
    let workflow = example("github.yml");
    let (_, after) = workflow.split_once(&format!("- name: {name}\n")).unwrap();
    let step = after.split("\n      - ").next().unwrap();
    let (_, run) = step.split_once("run: |\n").unwrap();
    run.lines().map_while(|line| line.strip_prefix("          ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn systemd_cron_and_both_services_run_nights_that_pass() {
    let home = Home::new();
    // systemd, whose %h is the home.
    let folder = of_unit("WorkingDirectory").replace("%h", home.folder.path().to_str().unwrap());
    let said = home.expect(0, "sh", &of_unit("ExecStart"), Path::new(&folder));
    assert!(
        said.contains("GATE passed: no finished run before") && said.contains("HISTORY undecided: 1 run"),
        "{said}"
    );
    // cron is silent while all is well.
    home.data(217);
    assert_eq!(home.expect(0, "sh", &of_cron(), home.folder.path()), "");
    // GitHub: the step, and the summary.
    home.expect(0, "bash", &step("Tonight"), &home.clone_folder());
    home.expect(0, "bash", &step("Summary"), &home.clone_folder());
    let summary = std::fs::read_to_string(home.folder.path().join("summary.md")).unwrap();
    assert!(summary.starts_with("# Quality gate") && summary.contains("GATE passed"), "{summary}");
    // GitLab: the lines of `script`.
    let pipeline = example("gitlab-ci.yml");
    let (_, script) = pipeline.split_once("\n  script:\n").unwrap();
    let script: Vec<&str> = script.lines().map_while(|line| line.strip_prefix("    - ")).collect();
    assert!(!script.is_empty());
    home.expect(0, "sh", &script.join("\n"), &home.clone_folder());
    assert_eq!(home.nights(), 4);
    // What the schedulers keep is there.
    for kept in [
        "gate.md",
        "gate.xml",
        "gate.json",
        "history.json",
        "results/night/history.html",
        "results/night/latest/report.html",
    ] {
        assert!(home.nightly().join(kept).is_file(), "{kept}");
        let folded = format!(
            "examples/nightly/{}",
            kept.replace("gate.md", "gate.*").replace("gate.xml", "gate.*").replace("gate.json", "gate.*")
        );
        assert!(example("github.yml").contains(&folded), "{folded}");
    }
}

#[test]
fn an_alarm_reaches_the_scheduler() {
    let home = Home::new();
    home.expect(0, "sh", "./nightly.sh", &home.nightly());
    let study = std::fs::read_to_string(home.nightly().join("night.toml")).unwrap();
    std::fs::write(home.nightly().join("night.toml"), study.replace("\"prior\", \"logistic-regression\"", "\"prior\""))
        .unwrap();
    // The best is gone, and what is left is not what must be reached.
    let said = home.expect(1, "sh", "./nightly.sh", &home.nightly());
    assert!(said.contains("GATE failed: 5 cells newly without a score (logistic-regression: "), "{said}");
    assert!(said.contains("), pr-auc 0.5 not reached: the best is "), "{said}");
    let mail = home.expect(0, "sh", &of_cron(), home.folder.path());
    assert!(mail.starts_with("fraudbench: exit code 1\n") && mail.contains("GATE failed"), "{mail}");
    std::fs::write(home.nightly().join("data.csv"), "a,b\n").unwrap();
    home.expect(2, "sh", "./nightly.sh", &home.nightly());
}

#[test]
fn a_study_with_another_name_is_judged_as_well() {
    let home = Home::new();
    home.expect(0, "sh", "./nightly.sh", &home.nightly());
    let study = std::fs::read_to_string(home.nightly().join("night.toml")).unwrap();
    std::fs::write(home.nightly().join("night.toml"), study.replace("name = \"night\"", "name = \"mine\"")).unwrap();
    let said = home.expect(0, "sh", "./nightly.sh", &home.nightly());
    assert!(said.contains("results/night/latest against results/night/"), "{said}");
    let tonight = std::fs::read_to_string(home.nightly().join("results/night/latest/manifest.toml")).unwrap();
    assert!(tonight.contains("name = \"mine\""), "{tonight}");
    assert_eq!(home.nights(), 2);
}

#[test]
fn after_a_night_that_could_not_run_there_is_no_verdict() {
    let home = Home::new();
    home.expect(0, "sh", "./nightly.sh", &home.nightly());
    let verdicts = ["gate.md", "gate.xml", "gate.json", "history.json"].map(|name| home.nightly().join(name));
    assert!(verdicts.iter().all(|path| path.is_file()));
    let study = std::fs::read_to_string(home.nightly().join("night.toml")).unwrap();
    std::fs::write(home.nightly().join("night.toml"), study.replace("\"prior\"", "\"priro\"")).unwrap();
    home.expect(2, "sh", "./nightly.sh", &home.nightly());
    assert!(!verdicts.iter().any(|path| path.exists()), "{verdicts:?}");
}

#[test]
fn cron_leaves_the_log_of_a_night_that_is_still_running_alone() {
    let home = Home::new();
    let log = home.nightly().join("nightly.log");
    std::fs::write(&log, "of last night").unwrap();
    let running = std::fs::File::create(home.nightly().join(".nightly.lock")).unwrap();
    running.lock().unwrap();
    for shell in ["sh", "bash"] {
        let mail = home.expect(0, shell, &of_cron(), home.folder.path());
        assert_eq!(mail, "fraudbench: last night is still running: tonight is left out\n");
    }
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "of last night");
    assert!(!home.nightly().join("results").exists());
}

#[test]
fn systemd_takes_the_units() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/nightly");
    let mut verify = Command::new("systemd-analyze");
    verify.args(["--user", "verify"]).env("XDG_RUNTIME_DIR", std::env::temp_dir());
    verify.args(["fraudbench-nightly.timer", "fraudbench-nightly.service"].map(|unit| folder.join(unit)));
    match verify.output() {
        // Not on every machine.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        checked => {
            let checked = checked.unwrap();
            assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        }
    }
}

#[test]
fn the_program_is_found_where_the_build_leaves_it_and_its_lack_is_told() {
    let home = Home::new();
    let night = || {
        let mut command = Command::new("sh");
        command.arg("nightly.sh").current_dir(home.nightly()).env_clear();
        let output = command.env("PATH", "/usr/bin:/bin").env("HOME", home.folder.path()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    std::fs::write(home.nightly().join("gate.md"), "of last night").unwrap();
    let (code, said) = night();
    assert!(code == Some(2) && said.contains("nightly.sh: there is no program fraudbench on PATH"), "{code:?} {said}");
    assert!(!home.nightly().join("gate.md").exists());
    let release = home.folder.path().join(".cache/fraudbench/target/release");
    std::fs::create_dir_all(&release).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fraudbench"), release.join("fraudbench")).unwrap();
    let (code, said) = night();
    assert!(code == Some(0) && home.nightly().join("gate.md").is_file(), "{code:?} {said}");
}

#[test]
fn a_stop_of_the_script_ends_the_cells_in_flight_and_no_verdict_follows() {
    use std::os::unix::process::CommandExt;

    // systemd tells the main process alone, which is the shell; `timeout` and others tell its whole group.
    for (signal, is_group) in [("-INT", false), ("-TERM", false), ("-TERM", true)] {
        let home = Home::new();
        let study = std::fs::read_to_string(home.nightly().join("night.toml")).unwrap();
        let slow = |nth: u32| {
            let seconds = 0.4 + f64::from(nth) / 1_000.0;
            format!(
                "{{ family = \"debug\", name = \"slow-{nth}\", params = {{ act = \"sleep\", seconds = {seconds} }} }}"
            )
        };
        // More cells than run side by side.
        let slow: Vec<String> = (0..100).map(slow).collect();
        let study = study.replace("\"prior\", \"logistic-regression\"", &slow.join(", "));
        std::fs::write(home.nightly().join("night.toml"), study).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_fraudbench")).parent().unwrap();
        // A shell cannot listen for what was ignored when it was started, as SIGINT is in tests begun in the background.
        let mut command = Command::new("env");
        command.args(["--default-signal=INT,TERM,HUP", "sh", "nightly.sh"]).current_dir(home.nightly());
        command.env("HOME", home.folder.path());
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", program.display())).process_group(0);
        let log = std::fs::File::create(home.folder.path().join("said")).unwrap();
        let mut script = command.stdout(std::process::Stdio::null()).stderr(log).spawn().unwrap();
        let records = || {
            let mut nights = std::fs::read_dir(home.nightly().join("results/night")).ok()?;
            std::fs::read_to_string(nights.next()?.ok()?.path().join("records.jsonl")).ok()
        };
        while records().is_none_or(|text| text.is_empty()) {
            assert!(script.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let told = if is_group { format!("-{}", script.id()) } else { script.id().to_string() };
        assert!(Command::new("kill").args([signal, "--", &told]).status().unwrap().success());
        let code = script.wait().unwrap().code();
        let said = std::fs::read_to_string(home.folder.path().join("said")).unwrap();
        assert_eq!(code, Some(130), "{signal} {is_group}: {said}");
        assert!(
            said.contains(" left; to resume: fraudbench run --resume results/night/"),
            "{signal} {is_group}: {said}"
        );
        assert!(!home.nightly().join("gate.md").exists() && !home.nightly().join("history.json").exists());
    }
}
