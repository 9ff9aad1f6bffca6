//! `data simulate`: what it refuses, what it leaves behind, and what is made of its tables.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Place, STUDY};

/// A command that simulates a few hundred rows.
fn simulate<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let few = ["--customers", "50", "--terminals", "50", "--days", "5", "--radius", "30"];
    [&["data", "simulate", "handbook"], &few[..], more].concat()
}

fn read(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.path(name)).unwrap()
}

/// The names of the files in a place, but for those that every place has.
fn files(place: &Place) -> Vec<String> {
    let names = std::fs::read_dir(place.folder.path()).unwrap().map(|file| file.unwrap().file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| !["data.csv", "study.toml"].contains(&name.as_str())).collect()
}

#[test]
fn a_file_that_is_there_is_not_overwritten_unless_that_is_asked_for() {
    let place = Place::new("", "");
    place.write("mine.csv", "precious");
    let said = place.expect(2, &simulate(&["--out", "mine.csv"]));
    assert_eq!(
        said,
        "fraudbench: mine.csv is there already and is not overwritten: name another file with --out, or give --overwrite\n"
    );
    assert_eq!((read(&place, "mine.csv").as_str(), files(&place).len()), ("precious", 1));
    place.expect(0, &simulate(&["--out", "mine.csv", "--overwrite"]));
    let table = read(&place, "mine.csv");
    assert!(table.starts_with("TRANSACTION_ID,") && table.lines().count() > 100, "{table:.200}");
}

#[cfg(unix)]
#[test]
fn a_link_that_is_written_over_stays_a_link() {
    let place = Place::new("", "");
    place.write("file.csv", "old");
    std::os::unix::fs::symlink("file.csv", place.path("link.csv")).unwrap();
    place.expect(2, &simulate(&["--out", "link.csv"]));
    assert_eq!(read(&place, "file.csv"), "old");
    place.expect(0, &simulate(&["--out", "link.csv", "--overwrite"]));
    assert!(place.path("link.csv").symlink_metadata().unwrap().is_symlink());
    assert!(read(&place, "file.csv").starts_with("TRANSACTION_ID,"));
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    let place = Place::new("", "");
    for (signal, name) in [("-INT", "table.csv"), ("-TERM", "table.parquet")] {
        // All of the published rows, so that it is not over too soon.
        let arguments = ["data", "simulate", "handbook", "--out", name];
        // Whoever runs the tests may ignore signals, and so would the program then.
        let mut command = Command::new("env");
        command.args(["--default-signal=INT,TERM,HUP", env!("CARGO_BIN_EXE_fraudbench")]).args(arguments);
        command.current_dir(place.folder.path()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(120);
        while files(&place).is_empty() {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            assert!(Instant::now() < deadline, "no file in two minutes");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(files(&place)[0].ends_with(".new"), "{:?}", files(&place));
        crate::left_behind::kill(signal, child.id());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
        assert_eq!(files(&place), Vec::<String>::new());
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once_by_the_name_that_was_typed() {
    let place = Place::new("", "");
    let line = |more: &[&str]| place.expect(2, &[&["data", "simulate", "handbook", "--out", "x.csv"], more].concat());
    assert_eq!(
        line(&["--customers", "0", "--terminals", "1e1", "--days", "0", "--radius", "-3"]),
        "fraudbench: --customers is a number from 3 to 2147483646, not 0; --days is a number from 2 to 24000, not 0; --radius is a \
         number above 0, not -3\n"
    );
    assert_eq!(
        line(&["--scenarios", "terminals = 10001, customers = 5001", "--labels", "delay = 1e300"]),
        "fraudbench: `terminals` of --scenarios is a number per day from 0 to 10000, not 10001; `customers` of --scenarios is a number \
         per day from 0 to 5000, not 5001; `delay` of --labels is a number of days from 0 to 3650, not 1e300\n"
    );
    for (option, value, told) in [
        ("--seed", "-1", "-1 is not in 0..=4294967295"),
        ("--customers", "-1", "it must be a whole number such as 5000 or 1e4"),
        ("--drift", "day = 3, stolen = .5", "as TOML has them: "),
        ("--start", "2018-4-1", "it must be a day such as 2018-04-01"),
    ] {
        let said = line(&[option, value]);
        assert!(said.contains(&format!("invalid value '{value}' for '{option} ")) && said.contains(told), "{said}");
    }
    assert!(files(&place).is_empty());
}

#[test]
fn a_table_without_a_row_is_refused_with_the_cause() {
    let place = Place::new("", "");
    let few = ["--customers", "5", "--terminals", "5", "--days", "3"];
    let wanted = "fraudbench: handbook: there is no row, as no customer has a terminal within `radius` 5: raise `radius` or `terminals`\n";
    for name in ["x.csv", "x.parquet"] {
        let said = place.expect(2, &[&["data", "simulate", "handbook", "--out", name], &few[..]].concat());
        assert_eq!(said, wanted);
    }
    assert!(files(&place).is_empty());
    // A study says the same, listed or run.
    let simulate = "simulate = { kind = \"handbook\", customers = 5, terminals = 5, days = 3 }";
    place.write("study.toml", &STUDY.replace("path = \"data.csv\"", simulate));
    assert_eq!(place.expect(2, &["list", "study.toml"]), wanted);
    assert!(place.expect(2, &["run", "study.toml", "--out", "out"]).ends_with(wanted));
    assert!(files(&place).is_empty());
}

#[test]
fn an_estimate_of_rows_is_listed_as_one() {
    let data = |simulate: &str| {
        let place = Place::new("", &STUDY.replace("path = \"data.csv\"", &format!("simulate = {{ {simulate} }}")));
        let text = place.printed(0, &["list", "study.toml"]);
        text.lines().find(|line| line.starts_with("data ")).unwrap().to_owned()
    };
    // 200 terminals have 6.283 within a radius of 10: 99.81 of 100 customers pay, 1.938 times on each of 30 days.
    let small = "kind = \"handbook\", customers = 100, terminals = 200, days = 30, radius = 10";
    assert!(data(small).starts_with("data       handbook: about 5,804 rows, "), "{}", data(small));
    assert!(data("kind = \"handbook\"").starts_with("data       handbook: 1,754,155 rows, "));
    assert!(data("rows = 500, positives = 50").starts_with("data       simulated: 500 rows, 50 positive"));
}

#[test]
fn the_moment_at_which_a_label_is_known_is_no_feature_of_a_first_study() {
    let place = Place::new("", "");
    let customers = ["--customers", "200", "--terminals", "200", "--days", "40", "--labels", "delay = 5"];
    for name in ["late.csv", "late.parquet"] {
        place.expect(0, &[&["data", "simulate", "handbook", "--radius", "30", "--out", name], &customers[..]].concat());
        let study = format!("{name}.toml");
        let text = place.printed(0, &["init", name, "--study", &study]);
        let line = text.lines().find(|line| line.contains("TX_LABEL_TIME")).unwrap_or_else(|| panic!("{text}"));
        assert!(line.contains("ignored"), "{line}");
        assert!(
            line.ends_with("in no row before `TX_DATETIME`: it may not be known yet when a row is scored"),
            "{line}"
        );
        assert!(read(&place, &study).contains("TX_LABEL_TIME"), "{}", read(&place, &study));
    }
}
