//! `docs/first-afternoon.md`, as its readers would do it: the studies become files, the commands are run.

use std::path::Path;
use std::process::Command;

/// The blocks of a story, in order: language and text.
fn blocks(story: &str) -> Vec<(&str, &str)> {
    let mut blocks = Vec::new();
    let mut rest = story;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (language, after) = after.split_once('\n').unwrap();
        let (text, after) = after.split_once("\n```").unwrap();
        blocks.push((language, text));
        rest = after;
    }
    blocks
}

/// Does what the story whose title begins with `who` tells.
fn told(who: &str) -> tempfile::TempDir {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(repository.join("docs/first-afternoon.md")).unwrap();
    let story = text.split("\n## ").find(|story| story.starts_with(who)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(repository.join("data"), folder.path().join("data")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_fraudbench")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(program.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut commands = 0;
    for (language, text) in blocks(story) {
        match language {
            "toml" => {
                let name = text.lines().next().unwrap().trim_start_matches("# ");
                std::fs::write(folder.path().join(name), text).unwrap();
            }
            "sh" => {
                commands += 1;
                let mut shell = Command::new("bash");
                shell.args(["-e", "-c", text]).current_dir(folder.path()).env("PATH", path.as_ref().unwrap());
                let said = shell.output().unwrap();
                let words = String::from_utf8_lossy(&said.stderr) + String::from_utf8_lossy(&said.stdout);
                assert!(said.status.success(), "{text}\n{words}");
            }
            other => panic!("a block of {other}"),
        }
    }
    assert!(commands > 0, "{who}");
    folder
}

fn has(folder: &tempfile::TempDir, file: &str, words: &[&str]) {
    let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
    for wanted in words {
        assert!(text.contains(wanted), "{file} says nothing of {wanted}");
    }
}

#[test]
fn a_bank_asks_who_finds_most_with_200_alarms_a_day() {
    let folder = told("A bank");
    has(&folder, "alarms/report.md", &["precision-at-per-day(200)", "logistic-regression"]);
    has(&folder, "alarms/thresholds.csv", &["alarms"]);
    has(&folder, "alarms/savings.csv", &["random-forest"]);
    has(&folder, "scores.csv", &["row,score,label\n1,"]);
}

#[test]
fn a_student_asks_whether_smote_helps() {
    let folder = told("A student");
    has(&folder, "smote/leaderboard.tex", &["smote", "logistic-regression", "toprule"]);
}

#[test]
fn operations_run_it_every_night() {
    let folder = told("Operations");
    has(&folder, "tonight/junit.xml", &["tests=\"9\"", "failures=\"0\""]);
}

#[test]
fn a_search_ends_in_python() {
    let folder = told("A search");
    has(&folder, "search/best_params.json", &["max_depth", "DecisionTreeClassifier"]);
    has(&folder, "search/search.csv", &["mean_test_score", "rank_test_score"]);
}
