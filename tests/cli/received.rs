//! Studies, tables and results of others: what they start is told, what they are called harms nothing, and what is missing of
//! them is named or made again.

use crate::{Place, STUDY, csv};

const PROGRAM: &str = r#"
import json, struct, sys
open("started", "a").write("once\n")
for line in sys.stdin:
    question = json.loads(line)
    if "fit" in question:
        print('{"fitted":null}', flush=True)
    else:
        rows = question["predict"]["x"]["rows"]
        open(question["predict"]["score"], "wb").write(struct.pack("<%dd" % rows, *([0.5] * rows)))
        open(question["predict"]["label"], "wb").write(bytes(rows))
        print('{"predicted":"probability"}', flush=True)
"#;

#[test]
fn programs_are_told_before_the_first_one_starts_and_may_be_refused() {
    let external = "{ family = \"external\", command = [\"python3\", \"program.py\", \"\\u001b[2J\"] }";
    let place = Place::new(&csv(210), &STUDY.replace("\"decision-tree\"", external));
    place.write("program.py", PROGRAM);
    let told = "the study starts programs, with your rights: `python3 program.py \u{fffd}[2J`";
    let listed = place.run(&["list", "study.toml"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains(told), "{listed:?}");
    let said = place.expect(2, &["run", "study.toml", "--out", "out", "--no-external"]);
    assert!(said.contains(&format!("--no-external: {told}")), "{said}");
    assert!(!place.path("started").exists() && !place.path("out/records.jsonl").exists());
    let said = place.expect(0, &["run", "study.toml", "--out", "out", "--filter", "fold=0"]);
    assert!(said.starts_with(told), "{said}");
    // A directory that somebody sent is a study too.
    std::fs::remove_file(place.path("started")).unwrap();
    std::fs::write(place.path("out/records.jsonl"), "").unwrap();
    let said = place.expect(2, &["run", "--resume", "out", "--no-external"]);
    assert!(said.contains(told) && !place.path("started").exists(), "{said}");
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.starts_with(told), "{said}");
    assert!(!Place::new(&csv(210), STUDY).expect(0, &["run", "study.toml"]).contains("starts programs"));
}

#[test]
fn names_of_others_harm_no_terminal_and_no_file() {
    let data = csv(210).replacen("a,b,", "\"<b>&\u{1b}[31m|`*[x](y)\",\"=1+1\u{7}\",", 1);
    let study = STUDY.replace("name = \"small\"", "name = \"small\"\ntitle = \"<i>T</i> \\u001b[31m ``` [x](y)\"");
    let place = Place::new(&data, &study.replace("[data]\n", "[data]\nname = \"=<u>D\\u001b|`\"\n"));
    let output = place.run(&["run", "study.toml", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let described = place.run(&["data", "describe", "data.csv"]);
    for said in [&output.stderr, &output.stdout, &described.stdout, &described.stderr] {
        let text = String::from_utf8_lossy(said);
        assert!(!text.contains(['\u{1b}', '\u{7}']), "{text}");
    }
    let mut looked_at = 0;
    let mut folders = vec![place.path("out")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or("");
            match kind {
                _ if path.is_dir() => folders.push(path),
                "md" | "csv" | "svg" | "html" | "tex" | "xml" => {
                    let text = std::fs::read_to_string(&path).unwrap();
                    assert!(!text.contains(['\u{1b}', '\u{7}']), "{}", path.display());
                    assert!(kind == "csv" || !text.contains("<u>D"), "{}", path.display());
                    looked_at += 1;
                }
                _ => {}
            }
        }
    }
    assert!(looked_at > 8, "{looked_at} files");
    let report = std::fs::read_to_string(place.path("out/report.md")).unwrap();
    assert!(report.starts_with("# &lt;i>T&lt;/i> \u{fffd}[31m \\`\\`\\` [x\\](y)\n"), "{report}");
    let cells = std::fs::read_to_string(place.path("out/cells.csv")).unwrap();
    assert!(cells.lines().skip(1).all(|line| line.starts_with("'=<u>D\u{fffd}|`,")), "{cells}");
}

#[test]
fn predictions_that_are_cut_or_gone_are_made_again() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let whole = place.records("out");
    let folder = place.path("out/predictions");
    let read = || {
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.map(|path| (std::fs::read(&path).unwrap(), path)).collect();
        files.sort_by(|a, b| a.1.cmp(&b.1));
        files
    };
    let before = read();
    let of_cells: Vec<_> = before.iter().filter(|(_, path)| !path.to_string_lossy().contains("rows-")).collect();
    std::fs::remove_file(&of_cells[0].1).unwrap();
    std::fs::write(&of_cells[1].1, &of_cells[1].0[..of_cells[1].0.len() / 2]).unwrap();
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.contains("2 cells run again, as the predictions that were kept are gone or cut"), "{said}");
    assert!(said.contains("2 of 18 cells to run"), "{said}");
    assert_eq!(read(), before);
    let rows = before.iter().find(|(_, path)| path.to_string_lossy().contains("rows-")).unwrap();
    std::fs::write(&rows.1, &rows.0[..20]).unwrap();
    let said = place.expect(0, &["run", "--resume", "out"]);
    assert!(said.contains("6 of 18 cells to run"), "{said}");
    assert_eq!(read(), before);
    // Those that were never kept are not missed.
    place.expect(0, &["run", "study.toml", "--out", "none", "--predictions", "none"]);
    assert!(place.expect(0, &["run", "--resume", "none"]).contains("0 of 18 cells to run"));
    assert_eq!(whole.len(), 18);
}

#[test]
fn data_are_found_again_from_another_folder_or_the_places_are_named() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out", "--filter", "fold=0"]);
    std::fs::write(place.path("out/records.jsonl"), "").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let resume = || {
        let mut command = place.command(&["run", "--resume"]);
        command.arg(place.path("out")).current_dir(elsewhere.path()).output().unwrap()
    };
    let output = resume();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    std::fs::remove_file(place.path("data.csv")).unwrap();
    let output = resume();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let folder = place.folder.path().file_name().unwrap().to_string_lossy().into_owned();
    assert!(said.contains("data.csv") && said.contains(&folder), "{said}");
}
