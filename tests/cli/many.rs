//! Hundreds of pipelines: their charts take no more memory than their reports need.

use std::process::Command;

use crate::{Place, csv};

const PIPELINES: usize = 250;

/// A run of many pipelines with the same scores.
fn place() -> Place {
    let named = (0..PIPELINES).map(|nth| format!("{{ family = \"gaussian-nb\", name = \"p{nth}\" }}"));
    let study = format!(
        "name = \"many\"\n[data]\npath = \"data.csv\"\n[protocol]\nkind = \"stratified-k-fold\"\nfolds = 2\n[grid]\nclassifiers = [{}]\n",
        named.collect::<Vec<_>>().join(", ")
    );
    let place = Place::new(&csv(70), &study);
    place.expect(0, &["run", "study.toml", "--out", "r", "--predictions", "none"]);
    place
}

#[test]
fn a_bitmap_that_is_too_large_is_left_out_and_told() {
    let place = place();
    let read = |name: &str| std::fs::read_to_string(place.path("r").join(name)).unwrap();
    assert!(place.path("r/charts/heatmap.svg").exists() && !place.path("r/charts/heatmap.png").exists());
    // 250 columns of 54 px and two dots per px are 27,000 dots without the margins.
    let report = read("report.md");
    let told = report.lines().find(|line| line.contains("`heatmap.png` is left out: it would have ")).unwrap();
    let dots = told.split("it would have ").nth(1).unwrap().split(" x ").next().unwrap();
    assert!((27_000..30_000).contains(&dots.replace(',', "").parse::<u32>().unwrap()), "{told}");
    assert!(told.ends_with("at most 10,000,000 dots are drawn; `heatmap.svg` has the whole chart."), "{told}");
    assert!(report.contains("(charts/heatmap.svg)"));
    assert!(read("report.html").contains("<code>heatmap.png</code> is left out: it would have "));
    // A report of before had it.
    place.write("r/charts/heatmap.png", "old");
    place.expect(0, &["report", "r"]);
    assert!(!place.path("r/charts/heatmap.png").exists());
}

#[test]
fn the_page_of_a_history_takes_no_bitmaps() {
    let place = place();
    let copied = Command::new("cp").args(["-r", "r", "same"]).current_dir(place.folder.path()).status();
    assert!(copied.unwrap().success());
    // A bitmap of all panels would have 1,500 MiB.
    let script = format!("ulimit -v 700000; exec {} history r same --page page.html", env!("CARGO_BIN_EXE_fraudbench"));
    let output = Command::new("bash").args(["-c", &script]).current_dir(place.folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = std::fs::read_to_string(place.path("page.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("p249"));
}
