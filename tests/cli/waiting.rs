//! What takes long is told, and ends when it is told to.
#![cfg(target_os = "linux")]

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::{Place, STUDY, csv};

/// Commands that are at work until they are ended, with what they said.
struct AtWork {
    arguments: String,
    child: std::process::Child,
    said: std::path::PathBuf,
}

impl AtWork {
    /// Starts a command whose standard input has no end.
    fn begin(place: &Place, arguments: &[&str]) -> Self {
        let said = place.path(&format!("said-by-{}", arguments[0]));
        let program = place.command(arguments);
        // Whoever runs the tests may ignore signals, and so would the program then.
        let mut command = std::process::Command::new("env");
        command.arg("--default-signal=INT").arg(program.get_program()).args(program.get_args());
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(place.path("."));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(std::fs::File::create(&said).unwrap());
        AtWork { arguments: arguments.join(" "), child: command.spawn().unwrap(), said }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap()
    }

    /// Waits until it has said something.
    fn says(&mut self, line: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.said().contains(line) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "{}: {ended:?} {}", self.arguments, self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends one Ctrl-C; the exit code within a minute.
    fn interrupted(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            match self.child.try_wait().unwrap() {
                Some(ended) => return ended.code(),
                None if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(20)),
                None => return None,
            }
        }
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_takes_long_is_told_and_the_first_ctrl_c_ends_it() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    // A report reads explanations, and this one has no end. Of the others the table has none.
    std::fs::create_dir_all(place.path("out/explain/endless")).unwrap();
    let pipe = place.path("out/explain/endless/explain.json");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let commands = [
        (&["run", "--resume", "out"][..], "writing the report ...\n"),
        (&["report", "out", "--out", "again"], "writing the report ...\n"),
        (&["refit", "out", "--data", "-"], "fitting the model ...\n"),
        (&["explain", "out", "--data", "-"], "explaining ...\n"),
    ];
    let mut at_work: Vec<AtWork> = commands.iter().map(|(arguments, _)| AtWork::begin(&place, arguments)).collect();
    for (command, (arguments, line)) in at_work.iter_mut().zip(commands) {
        command.says(line);
        assert_eq!(command.interrupted(), Some(130), "{arguments:?}: {}", command.said());
    }
    let said = at_work[0].said();
    let end = "stopped after the cells, before the report was written; to write it: fraudbench report out\n";
    assert!(said.ends_with(end), "{said}");
}
