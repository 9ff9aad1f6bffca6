//! What shells, `man` and other tools are told.

use std::process::Command;

use crate::{Place, STUDY, csv};

fn place() -> Place {
    Place::new(&csv(210), STUDY)
}

/// The subcommands that the help lists.
fn subcommands(place: &Place) -> Vec<String> {
    let help = String::from_utf8(place.run(&["--help"]).stdout).unwrap();
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let list = list.split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).filter(|name| name != "help").collect()
}

#[test]
fn a_shell_completes_subcommands_and_flags() {
    let place = place();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = place.run(&["completions", shell]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && subcommands(&place).iter().all(|name| text.contains(name.as_str())),
            "{shell}"
        );
    }
    let script = String::from_utf8(place.run(&["completions", "bash"]).stdout).unwrap();
    place.write("completions", &script);
    // What bash does when the tab key is pressed behind these words.
    let pressed = |words: &str, last: usize| {
        let code = format!(
            ". ./completions; COMP_WORDS=({words}); COMP_CWORD={last}; \
             _fraudbench fraudbench \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{}]}}\"; echo \"${{COMPREPLY[@]}}\"",
            last - 1
        );
        let output = Command::new("bash").args(["-c", &code]).current_dir(place.folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(pressed("fraudbench comple", 1), "completions");
    assert_eq!(pressed("fraudbench run --pred", 2), "--predictions");
    assert_eq!(pressed("fraudbench run --predictions ''", 3), "all none");
}

#[test]
fn every_subcommand_has_a_manual_page() {
    let place = place();
    place.expect(0, &["man", "pages"]);
    let page = |name: &str| std::fs::read_to_string(place.path("pages").join(name)).unwrap();
    assert!(page("fraudbench.1").contains("rare\\-event data"));
    for name in subcommands(&place) {
        let text = page(&format!("fraudbench-{name}.1"));
        assert!(
            text.contains(".TH") && text.contains(&format!("fraudbench {name}").replace('-', "\\-")),
            "{name}: {text}"
        );
    }
    assert!(page("fraudbench-export-mlflow.1").contains("\\-\\-experiment"));
    place.write("taken", "");
    let said = place.expect(2, &["man", "taken"]);
    assert!(said.contains("cannot create taken"), "{said}");
}

#[test]
fn an_export_wants_the_address_of_a_server() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let said = place.expect(2, &["export", "mlflow", "--uri", "file:mlruns", "out"]);
    assert!(said.contains("`--uri file:mlruns` is no server's address"), "{said}");
    let said = place.expect(2, &["export", "mlflow", "--uri", "http://127.0.0.1:9", "out"]);
    assert!(said.contains("http://127.0.0.1:9 cannot be asked"), "{said}");
    let mut command = place.command(&["export", "mlflow", "out"]);
    let output = command.env_remove("MLFLOW_TRACKING_URI").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("which server? Say `--uri"), "{said}");
    assert!(place.expect(3, &["export", "mlflow", "--uri", "http://127.0.0.1:9", "nowhere"]).contains("nowhere"));
}

#[cfg(target_os = "linux")]
#[test]
fn completions_that_cannot_be_written_are_an_error() {
    let place = Place::new("", "");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ended = place.command(&["completions", "zsh"]).stdout(full).output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(String::from_utf8(ended.stderr).unwrap().contains("cannot write standard output: No space left"));
}
