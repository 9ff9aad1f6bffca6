//! What is no file (a pipe, what the program prints on) is written into; and files that come while a command works are kept.

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::process::{Command, Output, Stdio};

use crate::{Place, STUDY, csv};

/// Two runs, and a model of them.
fn place() -> Place {
    let place = Place::new(&csv(210), STUDY);
    for out in ["r", "same"] {
        place.expect(0, &["run", "study.toml", "--out", out, "--filter", "scaler=none"]);
    }
    place.expect(0, &["refit", "r", "classifier=logistic-regression,scaler=none", "--out", "m"]);
    place
}

/// Commands that write a file, without its name, and a part of what it then has.
const WRITERS: [(&[&str], &str); 6] = [
    (&["history", "r", "same", "--json"], "\"layout\""),
    (&["history", "r", "same", "--page"], "<!DOCTYPE html>"),
    (&["compare", "r", "same", "--fail-on", "regression", "--time", "off", "--memory", "off", "--json"], "\"layout\""),
    (
        &["compare", "r", "same", "--fail-on", "regression", "--time", "off", "--memory", "off", "--junit"],
        "<testsuites>",
    ),
    (
        &["compare", "r", "same", "--fail-on", "regression", "--time", "off", "--memory", "off", "--markdown"],
        "# Quality gate",
    ),
    (&["score", "m", "data.csv", "--out"], "row,score,label\n1,"),
];

#[test]
fn pipes_get_what_is_written_and_stay() {
    let place = place();
    let pipe = place.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (arguments, wanted) in WRITERS {
        // A reader that nobody writes to would wait for ever.
        let reader = Command::new("timeout").args(["100", "cat"]).arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
        place.expect(0, &[arguments, &["pipe"]].concat());
        let read = reader.wait_with_output().unwrap();
        assert!(String::from_utf8_lossy(&read.stdout).contains(wanted), "{arguments:?}: {read:?}");
        assert!(pipe.symlink_metadata().unwrap().file_type().is_fifo(), "{arguments:?}");
    }
}

#[test]
fn a_link_to_standard_output_leads_there_whatever_it_is() {
    let place = place();
    symlink("/proc/self/fd/1", place.path("link")).unwrap();
    for (arguments, wanted) in WRITERS {
        let arguments = [arguments, &["link"]].concat();
        let printed = place.printed(0, &arguments);
        assert!(printed.contains(wanted) && printed.len() > wanted.len() + 20, "{arguments:?}: {printed}");
        // Into a file all of it goes, too: none of what is printed later is lost.
        let file = fs::File::create(place.path("printed")).unwrap();
        assert!(place.command(&arguments).stdout(file).status().unwrap().success(), "{arguments:?}");
        assert_eq!(fs::read_to_string(place.path("printed")).unwrap().len(), printed.len(), "{arguments:?}");
        assert!(place.path("link").is_symlink(), "{arguments:?}");
    }
}

/// Both at once; how each ended, one that succeeded first.
fn at_once(place: &Place, commands: [&[&str]; 2]) -> [Output; 2] {
    let start =
        |arguments: &[&str]| place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children = commands.map(start);
    let mut ended = children.map(|child| child.wait_with_output().unwrap());
    ended.sort_by_key(|output| !output.status.success());
    ended
}

#[test]
fn of_two_writers_at_once_one_is_refused() {
    let place = place();
    let models = ["classifier=prior,scaler=none", "classifier=logistic-regression,scaler=none"];
    let simulate =
        ["data", "simulate", "handbook", "--days", "2", "--customers", "5", "--terminals", "5", "--radius", "50"];
    for nth in 0..5 {
        let [scores, table, folder] = ["s", "t", "n"].map(|name| format!("{name}{nth}.csv"));
        let score = ["score", "m", "data.csv", "--out", &scores];
        let simulate = [&simulate[..], &["--out", &table]].concat();
        let refit = models.map(|model| ["refit", "r", model, "--out", &folder]);
        for (out, commands) in [
            (scores.clone(), [&score[..], &score[..]]),
            (table.clone(), [&simulate[..], &simulate[..]]),
            (format!("{folder}/model.json"), [&refit[0][..], &refit[1][..]]),
        ] {
            let [won, lost] = at_once(&place, commands);
            let said = String::from_utf8_lossy(&lost.stderr);
            assert_eq!((won.status.code(), lost.status.code()), (Some(0), Some(2)), "{out}: {said}");
            assert!(said.contains(&format!("{out} is there already and is not overwritten: name another f")), "{said}");
        }
        assert_eq!(place.printed(0, &["score", "m", "data.csv"]), fs::read_to_string(place.path(&scores)).unwrap());
        // The model is whole: its files are of one pipeline.
        place.printed(0, &["score", &folder, "data.csv"]);
    }
}
