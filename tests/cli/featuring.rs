//! From a study with `data.features` to scores of new payments: `data features` makes the columns that the winner asks for.

use crate::Place;
use crate::refitting::{ok, scores};

/// Payments of five shops over four weeks, some without an amount; every sixth is a fraud, and dearer.
fn payments(count: usize) -> String {
    let mut text = String::from("id,when,shop,paid,fraud\n");
    for i in 0..count {
        let (day, hour, is_fraud) = (1 + i * 28 / count, i * 7 % 24, i % 6 == 2);
        let paid = match i % 11 {
            5 => String::new(),
            _ => ((i * 7919 % 400) as f64 / 8.0 + if is_fraud { 20.0 } else { 0.0 }).to_string(),
        };
        let shop = ["bar", "cafe", "diner", "kiosk", "pub"][i * 3 % 5];
        text += &format!("p{i},2024-02-{day:02} {hour:02}:00:00,{shop},{paid},{}\n", u8::from(is_fraud));
    }
    text
}

const FEATURES: &str = "[[data.features]]\nby = \"shop\"\nwindows = [\"1d\", \"7d\"]\nof = \"paid\"\nmake = [\"count\", \"mean\", \"since-last\"]\n\
                        [[data.features]]\nby = \"shop\"\nwindows = [\"7d\"]\ndelay = \"2d\"\nmake = [\"fraud-share\"]\n";

fn study(path: &str, features: &str) -> String {
    format!(
        "name = \"payments\"\nseed = 5\nprimary = \"pr-auc\"\n[data]\npath = \"{path}\"\nlabel = \"fraud\"\ntime = \"when\"\nignore = [\"id\"]\n\
         {features}[protocol]\nkind = \"time-series\"\nfolds = 2\ndelay = 2\n[grid]\nimputers = [\"median\"]\nencoders = [\"one-hot\"]\n\
         scalers = [\"standard\"]\nclassifiers = [\"prior\", \"logistic-regression\"]\n"
    )
}

const PIPELINE: &str = "classifier=logistic-regression,dedup=off";

#[test]
fn rows_with_their_features_are_scored_as_the_rows_of_the_run() {
    let place = Place::new(&payments(300), &study("data.csv", FEATURES));
    ok(&place, &["run", "study.toml", "--out", "r"]);
    let refitted = place.expect(0, &["refit", "r", PIPELINE, "--out", "m"]);
    let said = place.printed(0, &["data", "features", "study.toml", "--out", "made.csv"]);
    assert_eq!(said, "made.csv: 300 rows with 6 features of payments\n");
    let told = place.expect(0, &["score", "m", "made.csv"]);
    let positive = refitted.split(" of the table to the bit; ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(told.contains(&format!("; {positive} row")), "{refitted}{told}");
    let scored = scores(&ok(&place, &["score", "m", "made.csv"]));
    assert_eq!(scored.len(), 300);
    // A model of the same columns that were read, and not made, says the same: not a bit of a feature differs.
    place.write("read.toml", &study("made.csv", ""));
    ok(&place, &["run", "read.toml", "--out", "read"]);
    ok(&place, &["refit", "read", PIPELINE, "--out", "of-read"]);
    assert_eq!(scores(&ok(&place, &["score", "of-read", "made.csv"])), scored);
    // What is there is left as it is.
    let said = place.expect(2, &["data", "features", "study.toml", "--out", "made.csv"]);
    assert!(said.contains("made.csv is there already and is not overwritten"), "{said}");
    ok(&place, &["data", "features", "study.toml", "--out", "made.csv", "--overwrite"]);
}

#[test]
fn new_payments_behind_their_history_are_scored_without_labels() {
    let place = Place::new(&payments(300), &study("data.csv", FEATURES));
    ok(&place, &["run", "study.toml", "--out", "r"]);
    ok(&place, &["refit", "r", PIPELINE, "--out", "m"]);
    ok(&place, &["data", "features", "study.toml", "--out", "made.csv"]);
    let wanted = scores(&ok(&place, &["score", "m", "made.csv"]));
    // Labels of the last two days are not known yet: the last row, of the 28th, looks at those until the 26th.
    let is_new = |line: &str| line.contains(",2024-02-27 ") || line.contains(",2024-02-28 ");
    let blank = |line: &str| match is_new(line) {
        true => format!("{},\n", line.rsplit_once(',').unwrap().0),
        false => format!("{line}\n"),
    };
    place.write("new.csv", &payments(300).lines().map(blank).collect::<String>());
    let features = ["data", "features", "study.toml", "--data", "new.csv", "--out", "new-made.csv"];
    ok(&place, &features);
    assert_eq!(scores(&ok(&place, &["score", "m", "new-made.csv"])), wanted);
    // Without `--data` a table's rows have their labels, as those of a run.
    place.write("data.csv", &std::fs::read_to_string(place.path("new.csv")).unwrap());
    let said = place.expect(2, &["data", "features", "study.toml", "--out", "x.csv"]);
    assert!(said.contains("data.csv: the label column `fraud` is missing in line "), "{said}");
    let all = payments(300).lines().map(|line| format!("{},\n", line.rsplit_once(',').unwrap().0)).collect::<String>();
    place.write("new.csv", &all.replacen("paid,\n", "paid,fraud\n", 1));
    let said = place.expect(2, &[&features[..], &["--overwrite"]].concat());
    let start = "fraudbench: new.csv: features: the label `fraud` is missing in line 2 and ";
    assert!(said.contains(start) && said.contains(", and windows by `shop` of later rows look at them: "), "{said}");
}

#[test]
fn a_pipe_gives_rows_once() {
    let place = Place::new(&payments(60), &study("data.csv", FEATURES));
    let mut shell = std::process::Command::new("bash");
    let program = env!("CARGO_BIN_EXE_fraudbench");
    let line = format!("cat data.csv | {program} data features study.toml --data - --out x.csv");
    let said = shell.args(["-c", &line]).current_dir(place.folder.path()).output().unwrap();
    assert_eq!(said.status.code(), Some(2));
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("/dev/stdin: the rows are read twice, and a pipe gives them once: "), "{said}");
}
