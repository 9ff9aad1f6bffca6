//! The files that `fraudbench compare --fail-on regression` and `fraudbench history` write: over what, and where nothing can be written.

use crate::gating::{copy, gated, place};

#[test]
fn what_was_found_goes_into_no_file_of_the_runs_and_no_two_forms_into_one() {
    let place = place();
    copy(&place, "base", "new", |_| ());
    std::fs::hard_link(place.path("new/records.jsonl"), place.path("link.md")).unwrap();
    let kept = std::fs::read_dir(place.path("base/predictions")).unwrap().next().unwrap().unwrap().file_name();
    let kept = format!("base/predictions/{}", kept.to_str().unwrap());
    let of = |command: &[&str], option: &str, out: &str| place.expect(2, &[command, &[option, out]].concat());
    let gate = ["compare", "base", "new", "--fail-on", "regression"];
    for (option, out, run) in [
        ("--json", "base/records.jsonl", "base"),
        ("--junit", "new/manifest.toml", "new"),
        ("--markdown", "link.md", "new"),
        ("--json", &kept, "base"),
    ] {
        let said = of(&gate, option, out);
        assert!(
            said.contains(&format!("`{option}` {out} is a file of the results in {run}: name another one")),
            "{said}"
        );
    }
    let history = ["history", "base", "new"];
    let said = of(&history, "--page", "base/records.jsonl");
    assert!(said.contains("`--page` base/records.jsonl is a file of the results in base"), "{said}");
    let said = of(&[&gate[..], &["--junit", "./gate"]].concat(), "--json", "gate");
    assert!(said.contains("`--junit` and `--json` name one file, gate"), "{said}");
    assert!(!place.path("gate").exists());
}

#[test]
fn what_was_found_goes_over_no_table_study_or_text_and_over_reports_of_before() {
    let place = place();
    copy(&place, "base", "new", |_| ());
    let of = |command: &[&str], option: &str, out: &str| place.expect(2, &[command, &[option, out]].concat());
    let gate = ["compare", "base", "new", "--fail-on", "regression"];
    let history = ["history", "base", "new"];
    let cases = "<?xml version=\"1.0\"?>\n<testsuites>\n<testsuite name=\"mine\"/>\n</testsuites>\n";
    for (file, text) in [
        ("notes.md", "# Quality gate\n\nWhat we found.\n\n## Runs\n\n| run | said |\n| --- | --- |\n"),
        ("tests.xml", cases),
        ("notes.html", "<!DOCTYPE html>\n<html><title>History: mine</title></html>\n"),
    ] {
        std::fs::write(place.path(file), text).unwrap();
    }
    for (command, option, out, form) in [
        (&gate[..], "--junit", "data.csv", "JUnit XML of fraudbench"),
        (&gate[..], "--json", "study.toml", "JSON of fraudbench"),
        (&gate[..], "--markdown", "study.toml", "Markdown of fraudbench"),
        (&history[..], "--page", "data.csv", "a page of fraudbench"),
        (&gate[..], "--markdown", "notes.md", "Markdown of fraudbench"),
        (&gate[..], "--junit", "tests.xml", "JUnit XML of fraudbench"),
        (&history[..], "--page", "notes.html", "a page of fraudbench"),
    ] {
        let before = std::fs::read(place.path(out)).unwrap();
        let said = of(command, option, out);
        let refused =
            format!("`{option}` {out} is there already, is not {form}, and is not written over: name another file");
        assert!(said.contains(&refused), "{said}");
        assert_eq!(std::fs::read(place.path(out)).unwrap(), before);
    }
    let said = of(&gate, "--junit", ".");
    assert!(said.contains("`--junit` . is a folder: name a file in it"), "{said}");
    let files = ["--markdown", "gate.md", "--junit", "gate.xml", "--json", "gate.json"];
    for _ in 0..2 {
        place.expect(0, &[&gate[..], &["--time", "off", "--memory", "off"], &files].concat());
        place.expect(0, &[&history[..], &["--page", "history.html", "--json", "history.json"]].concat());
    }
    // A report of the run itself may be written anew.
    gated(
        &place,
        0,
        "GATE passed: ",
        &["base", "new", "--time", "off", "--memory", "off", "--markdown", "base/report.md"],
    );
}

#[test]
fn what_was_found_is_told_where_a_file_of_it_cannot_be_written() {
    let place = place();
    copy(&place, "base", "new", |_| ());
    let files = ["--junit", "nowhere/gate.xml", "--json", "nowhere/gate.json", "--markdown", "gate.md"];
    let options = [&["--time", "off", "--memory", "off"], &files[..]].concat();
    gated(&place, 2, "GATE passed: ", &[&["base", "new"], &options[..]].concat());
    let said = place.expect(2, &[&["compare", "base", "new", "--fail-on", "regression"], &options[..]].concat());
    let unwritten = |file: &str| {
        format!(
            "cannot write nowhere/{file}: No such file or directory (os error 2); there is no folder nowhere: make it first, or name \
             another place"
        )
    };
    assert!(said.contains(&unwritten("gate.xml")) && said.contains(&unwritten("gate.json")), "{said}");
    assert!(place.path("gate.md").is_file());
}
