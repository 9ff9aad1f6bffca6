//! `fraudbench run --nightly`: a directory per night, the link, what is resumed, and what is removed.

use std::fs;

use crate::{Place, STUDY, csv};

fn place() -> Place {
    Place::new(&csv(140), STUDY)
}

/// The names in the folder of the nights.
fn names(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.path("nights")).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const NIGHT: [&str; 5] = ["run", "study.toml", "--nightly", "--out", "nights"];

/// Gives the first night of today another day.
fn moved(place: &Place, date: &str) {
    let of_today = names(place).into_iter().rfind(|name| name.starts_with("20") && !name.starts_with("2020")).unwrap();
    fs::rename(place.path("nights").join(of_today), place.path("nights").join(date)).unwrap();
}

#[test]
fn nights_lie_side_by_side_and_latest_leads_to_the_newest() {
    let place = place();
    place.expect(0, &["run", "study.toml", "--nightly"]);
    let link = place.path("results/small/latest");
    assert!(fs::read_link(&link).unwrap().to_str().unwrap().ends_with(".1") && link.join("report.html").is_file());
    place.expect(0, &["run", "study.toml", "--nightly"]);
    assert!(fs::read_link(&link).unwrap().to_str().unwrap().ends_with(".2"));
    // Both are whole, and the gate takes the link.
    place.expect(0, &["compare", "results/small/latest", "results/small/latest", "--fail-on", "regression"]);
    // A study that cannot be run leaves nothing behind.
    place.write("data.csv", "a,b,label\n1,2,x\n");
    place.expect(2, &["run", "study.toml", "--nightly", "--out", "elsewhere"]);
    assert_eq!(fs::read_dir(place.path("elsewhere")).unwrap().count(), 0);
}

#[test]
fn an_interrupted_night_of_today_is_resumed_and_others_are_left_and_told() {
    let place = place();
    place.expect(0, &NIGHT);
    let night = names(&place).remove(0);
    let log = place.path("nights").join(&night).join("records.jsonl");
    let whole = fs::read_to_string(&log).unwrap();
    let cut = |lines: usize| whole.lines().take(lines).map(|line| format!("{line}\n")).collect::<String>();
    fs::write(&log, cut(7)).unwrap();
    fs::remove_file(place.path("nights/latest")).unwrap();
    let said = place.expect(0, &NIGHT);
    assert!(said.contains("interrupted and is resumed") && said.contains("11 scored"), "{said}");
    assert_eq!((names(&place).len(), fs::read_link(place.path("nights/latest")).unwrap().to_str()), (2, Some(&*night)));
    // Other data: it stays as it is, and a night of its own begins.
    fs::write(&log, cut(7)).unwrap();
    place.write("data.csv", &csv(147));
    let said = place.expect(0, &NIGHT);
    assert!(said.contains("cannot be resumed") && said.contains("it is left as it is"), "{said}");
    assert!(names(&place).iter().any(|name| name.ends_with(".2")), "{:?}", names(&place));
    // Of another day.
    moved(&place, "2020-01-01.1");
    moved(&place, "2020-01-02.1");
    fs::write(place.path("nights/2020-01-02.1/records.jsonl"), cut(3)).unwrap();
    let said = place.expect(0, &NIGHT);
    assert!(said.contains("nights/2020-01-02.1 was left unfinished; to finish it: fraudbench run --resume"), "{said}");
}

#[test]
fn old_nights_are_removed_by_rule_and_nothing_else_is() {
    let place = place();
    for date in ["2020-01-01.1", "2020-01-02.1", "2020-01-03.1"] {
        place.expect(0, &NIGHT);
        moved(&place, date);
    }
    fs::create_dir(place.path("nights/2020-01-01.7")).unwrap();
    fs::create_dir(place.path("nights/notes")).unwrap();
    fs::write(place.path("nights/notes/manifest.toml"), "mine").unwrap();
    // Another study's.
    place.write("other.toml", &STUDY.replace("name = \"small\"", "name = \"other\""));
    place.expect(0, &["run", "other.toml", "--filter", "classifier=prior", "--out", "nights/2020-01-01.2"]);
    let lock = fs::File::options().write(true).open(place.path("nights/2020-01-02.1/lock")).unwrap();
    lock.lock().unwrap();
    let said = place.expect(0, &[&NIGHT[..], &["--keep", "1"]].concat());
    assert!(said.contains("--keep 1: 3 nights older than nights/"), "{said}");
    assert!(said.contains("warning: nights/2020-01-02.1 was not removed: ") && said.contains("in use"), "{said}");
    let left = names(&place);
    for stays in ["2020-01-01.2", "2020-01-01.7", "2020-01-02.1", "notes", "latest"] {
        assert!(left.iter().any(|name| name == stays), "{stays}: {left:?}");
    }
    assert!(!left.iter().any(|name| name == "2020-01-01.1" || name == "2020-01-03.1"), "{left:?}");
    assert!(place.path("nights/latest/records.jsonl").is_file());
    assert!(place.expect(2, &["run", "study.toml", "--keep", "3"]).contains("--nightly"));
}

#[test]
fn the_night_that_has_just_ended_is_kept() {
    let place = place();
    for run in 1..=4 {
        place.expect(0, &[&NIGHT[..], &["--keep", "1"]].concat());
        let target = fs::read_link(place.path("nights/latest")).unwrap();
        assert!(target.to_str().unwrap().ends_with(&format!(".{run}")), "{target:?}");
        assert_eq!(names(&place), [target.to_str().unwrap(), "latest"]);
    }
}
