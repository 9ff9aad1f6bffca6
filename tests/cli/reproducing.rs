//! `fraudbench reproduce`: from directories that are there, and what it refuses. The runs themselves take the real data.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use fraudbench::cell::{Cell, Filter, Plan};
use fraudbench::component::Registry;
use fraudbench::data::{ColumnShape, Digests, TableFacts};
use fraudbench::metric::{Confusion, Score};
use fraudbench::papers::ruchay_2023::{AUDIT, HOLD_OUT};
use fraudbench::papers::{PAPERS, Part, find};
use fraudbench::split::Leak;
use fraudbench::store::{FORMAT, MANIFEST_FILE, Machine, Manifest, Outcome, Record, Seconds};
use fraudbench::study::Study;

use crate::{Place, STUDY, csv};

const SHA256: &str = "76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89";

/// Writes a results directory of a part; all honest cells have the same scores.
fn results(place: &Place, folder: &str, part: &Part, filter: &str, sha256: &str) {
    let folder = place.path(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let manifest = Manifest {
        format: FORMAT,
        fraudbench: "0.1.0".into(),
        command: "fraudbench run".into(),
        started_unix: 1_795_304_160,
        study_file: "study.toml".into(),
        filter: filter.into(),
        threads: 1,
        cell_threads: 1,
        data: vec![TableFacts {
            name: "creditcard".into(),
            sha256: sha256.into(),
            rows: 284_807,
            positives: 492,
            duplicate_rows: 1_081,
            duplicate_positives: 19,
            conflicting: 0,
            digests: Digests::default(),
            label: "Class".into(),
            columns: vec![ColumnShape { name: "V1".into(), levels: None, blanks: false, empty: false }],
        }],
        machine: Machine { cpu: "a CPU".into(), cores: 1, memory_mib: 1_000, os: "linux".into() },
        study: part.study(&Registry::built_in()).unwrap().text,
        study_folder: String::new(),
        predictions: true,
        runs: Vec::new(),
        contradictions: Vec::new(),
    };
    manifest.write(&folder.join(MANIFEST_FILE)).unwrap();
    let study = part.study(&Registry::built_in()).unwrap();
    let plan = Plan::of(&study, &[], &Filter::parse(filter).unwrap()).unwrap();
    let line = |cell: &Cell| {
        let found = if cell.leaks.has(Leak::TrainedOnAnotherSplit) { 133 } else { 109 };
        serde_json::to_string(&record(&study, cell, found)).unwrap()
    };
    let lines: Vec<String> = plan.cells.iter().map(line).collect();
    std::fs::write(folder.join("records.jsonl"), lines.join("\n") + "\n").unwrap();
}

/// A record that fits the plan, of a model that found so many of the positives.
fn record(study: &Study, cell: &Cell, found: u64) -> Record {
    let confusion = Confusion { tp: found, fp: 20, fn_: 142 - found, tn: 85_118 - 142 - 20 };
    let share = |part: u64, whole: u64| Score::Value(part as f64 / whole as f64);
    let metrics = [
        ("recall", share(found, 142)),
        ("accuracy", share(confusion.tp + confusion.tn, 85_118)),
        ("f1", share(2 * found, 2 * found + 20 + 142 - found)),
    ];
    let classifier = study.classifiers[cell.classifier].facts.clone();
    Record {
        v: FORMAT,
        key: cell.key(study, &Digests::default()),
        cell: cell.id.clone(),
        family: classifier.id.clone(),
        backend: classifier.backend.clone(),
        outcome: Outcome::Scored,
        stage: None,
        reason: None,
        train_rows: 198_608,
        train_positives: 331,
        removed_rows: 0,
        repeated_rows: 0,
        made_rows: 0,
        columns: 30,
        test_rows: 85_118,
        test_positives: 142,
        rows: None,
        sided_rows: None,
        confusion: Some(confusion),
        tied: None,
        no_better_than_chance: false,
        metrics: metrics.map(|(name, value)| (name.to_owned(), value)).into(),
        validation: Default::default(),
        metric_versions: Default::default(),
        seconds: Seconds::default(),
        threads: 1,
        peak_memory_mib: None,
        stages: Vec::new(),
        input: None,
        equals: None,
        details: None,
        candidate_seconds: Vec::new(),
        sieves: Vec::new(),
        kept: false,
        seed: cell.classifier_seed(study),
        imputer_facts: study.imputers[cell.imputer].facts.clone(),
        resampler_facts: study.resamplers[cell.resampler].facts.clone(),
        encoder_facts: study.encoders[cell.encoder].facts.clone(),
        scaler_facts: study.scalers[cell.scaler].facts.clone(),
        select_facts: study.selects[cell.select].facts.clone(),
        classifier_facts: classifier,
    }
}

fn place() -> Place {
    Place::new("", "")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_report_is_made_from_given_directories_without_the_data() {
    let place = place();
    results(&place, "elsewhere", &AUDIT, "", SHA256);
    results(&place, "out/hold-out", &HOLD_OUT, "family=random-forest", SHA256);
    let run = ["reproduce", "ruchay-2023", "--report-only", "--out", "out", "--part", "audit=elsewhere"];
    place.expect(0, &run);
    let files = ["claims.csv", "reproduction.md", "reproduction.tex", "report.html", "charts/figure-4.png"];
    for file in files {
        assert!(place.path("out").join(file).metadata().unwrap().len() > 200, "{file}");
    }
    let report = read(&place.path("out/reproduction.md"));
    for said in [
        "reproduced only with `trained-on-another-split`",
        "| hold-out | `out/hold-out` | 40/40 |",
        "| audit | `elsewhere` | 280/280 |",
        "| cross-validation | `out/cross-validation` | not there |",
    ] {
        assert!(report.contains(said), "`{said}` is missing in {report}");
    }
    let before = files.map(|file| std::fs::read(place.path("out").join(file)).unwrap());
    place.expect(0, &run);
    assert_eq!(before, files.map(|file| std::fs::read(place.path("out").join(file)).unwrap()));
}

#[test]
fn what_cannot_stand_for_a_part_is_refused_by_name() {
    let place = place();
    results(&place, "audit", &AUDIT, "", SHA256);
    results(&place, "grid", &HOLD_OUT, "family=random-forest", SHA256);
    results(&place, "other", &HOLD_OUT, "family=random-forest", &"0".repeat(64));
    std::fs::create_dir(place.path("empty")).unwrap();
    for (code, option, told) in [
        (3, ["--part", "hold-out=empty"], "not a results directory"),
        (3, ["--part", "hold-out=nowhere"], "not a results directory"),
        (2, ["--part", "hold-out=other"], "and the paper's data are `creditcard`"),
        (2, ["--part", "hold-out=audit"], "must be honest; it may be the part audit"),
        (2, ["--part", "audit=grid"], "grid is no audit"),
        (2, ["--part", "cross-validation=grid"], "needs `stratified-k-fold`"),
    ] {
        for more in [&[][..], &["--report-only"]] {
            let line = [&["reproduce", "ruchay-2023", "--out", "out"][..], &option, more].concat();
            let said = place.expect(code, &line);
            assert!(said.contains(told) && said.lines().count() == 1, "{option:?}: {said}");
        }
    }
    assert!(!place.path("out").exists());
}

#[test]
fn the_run_of_another_study_is_refused() {
    let place = place();
    results(&place, "grid", &HOLD_OUT, "family=random-forest", SHA256);
    let manifest = place.path("grid").join(MANIFEST_FILE);
    let text = read(&manifest);
    assert!(text.contains("validation = 0.2"));
    std::fs::write(&manifest, text.replace("validation = 0.2", "validation = 0.1")).unwrap();
    let run = ["reproduce", "ruchay-2023", "--out", "out", "--report-only", "--part", "hold-out=grid"];
    let said = place.expect(2, &run);
    let wanted = "grid is a run of the study `ruchay-2023-holdout`, and the part hold-out is `ruchay-2023-holdout`, whose rows are \
                  divided by `hold-out (";
    assert!(said.contains(wanted), "{said}");
    std::fs::write(&manifest, text).unwrap();
    place.expect(0, &run);
}

#[test]
fn options_without_a_paper_and_parts_given_twice_are_refused() {
    let place = place();
    for option in [
        &["--report-only"][..],
        &["--out", "x"],
        &["--long"],
        &["--filter", "family=svc"],
        &["--part", "audit=x"],
        &["--threads", "1"],
        &["--cell-threads", "1"],
        &["--memory", "100"],
        &["--in-process"],
    ] {
        let said = place.expect(2, &[&["reproduce"], option].concat());
        assert!(said.contains("--all"), "{option:?}: {said}");
    }
    let twice = ["--part", "audit=a", "--part", "hold-out=b", "--part", "audit=c", "--report-only"];
    let said = place.expect(2, &[&["reproduce", "ruchay-2023", "--out", "out"], &twice[..]].concat());
    assert_eq!(said, "fraudbench: --part can be given once per part, not as audit=a and audit=c\n");
    assert!(!place.path("x").exists() && !place.path("out").exists());
}

#[test]
fn a_misspelt_command_line_is_told_before_anything_is_made() {
    let place = place();
    for (arguments, told) in [
        (&["reproduce", "ruchai-2023"][..], "unknown paper `ruchai-2023`; did you mean `ruchay-2023`"),
        (&["reproduce", "ruchay-2023", "--part", "holdout=x"], "unknown part `holdout`; did you mean `hold-out`"),
        (&["reproduce", "ruchay-2023", "--part", "audit"], "write NAME=DIR"),
        (
            &["reproduce", "ruchay-2023", "--filter", "family=catbost"],
            "unknown value of family `catbost`; did you mean `catboost`?",
        ),
        (
            &["reproduce", "ruchay-2023", "--filter", "family=catbost,family=svc"],
            "fraudbench: --filter: unknown value of family `catbost`",
        ),
        (
            &["reproduce", "handbook", "--filter", "family=xgboost,family=svc"],
            // What all of its parts have together.
            "unknown value of family `svc`. Allowed: bagging, balanced-bagging, balanced-random-forest, decision-tree, ",
        ),
        (
            &["reproduce", "handbook", "--filter", "family=mlp,family=xgboost"],
            "--filter family=mlp,family=xgboost needs parts that are run with --long only: networks-validation, networks-test\n",
        ),
        (&["reproduce", "handbook", "--filter", "family=xgboost,fold=9"], "unknown value of fold `9`"),
        (&["reproduce", "ruchay-2023", "--filter", "familie=catboost"], "did you mean `family`"),
        (&["reproduce", "ruchay-2023", "--filter", "fold=0", "--report-only"], "cannot be used with"),
        (&["reproduce", "ruchay-2023", "--report-only", "--threads", "1"], "cannot be used with"),
        (&["reproduce", "ruchay-2023", "--report-only", "--long", "--cell-seconds", "9"], "cannot be used with"),
        (&["reproduce", "ruchay-2023", "--threads", "1", "--cell-threads", "2"], "--cell-threads 2 is more"),
    ] {
        let said = place.expect(2, arguments);
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    let said = place.expect(3, &["reproduce", "ruchay-2023", "--report-only"]);
    assert!(said.contains("holds no part of a reproduction"), "{said}");
    assert!(!place.path("runs").exists());
}

#[test]
fn a_part_that_was_begun_keeps_its_filter() {
    let place = place();
    results(&place, "out/hold-out", &HOLD_OUT, "family=random-forest", SHA256);
    for more in [&["--filter", "family=xgboost"][..], &[]] {
        let said = place.expect(2, &[&["reproduce", "ruchay-2023", "--out", "out"][..], more].concat());
        assert!(said.contains("out/hold-out was begun with --filter `family=random-forest`"), "{said}");
    }
    assert!(!place.path("out/counts.json").exists());
}

/// The names in a folder and the bytes of its page.
fn inside(place: &Place, folder: &str) -> (BTreeSet<OsString>, Option<Vec<u8>>) {
    let names = std::fs::read_dir(place.path(folder)).unwrap().map(|entry| entry.unwrap().file_name());
    (names.collect(), std::fs::read(place.path(folder).join("report.html")).ok())
}

#[test]
fn a_reproduction_and_a_report_are_not_written_over_others() {
    let place = Place::new(&csv(84), STUDY);
    for run in ["run", "another", "both/handbook"] {
        place.expect(0, &["run", "study.toml", "--out", run]);
    }
    place.expect(0, &["report", "run", "--out", "told"]);
    results(&place, "audit", &AUDIT, "", SHA256);
    results(&place, "begun/first", find(PAPERS, "handbook").unwrap().part("first").unwrap(), "", SHA256);
    let ruchay = ["reproduce", "ruchay-2023", "--report-only", "--part", "audit=audit", "--out"];
    place.expect(0, &[&ruchay[..], &["out"]].concat());
    let folders = ["run", "another", "told", "begun", "out"];
    let before = folders.map(|folder| inside(&place, folder));
    for (command, told) in [
        (&["reproduce", "kochnev-2023", "--out", "run"][..], "run holds a run of the study `small`"),
        (&[&ruchay[..], &["run"]].concat(), "run holds a run of the study `small`"),
        (&["reproduce", "--all", "--out", "run"], "run holds a run of the study `small`"),
        (&[&ruchay[..], &["told"]].concat(), "told holds the report of a run, report.md"),
        (&[&ruchay[..], &["begun"]].concat(), "begun holds a part of the reproduction of `handbook`, first"),
        (&["reproduce", "kochnev-2023", "--out", "out"], "out holds the reproduction of `ruchay-2023`"),
        (
            &["reproduce", "kochnev-2023", "--report-only", "--out", "out"],
            "out holds the reproduction of `ruchay-2023`",
        ),
        (&["report", "run", "--out", "out"], "out holds the reproduction of `ruchay-2023`"),
        (&["report", "run", "--out", "another"], "another holds a run of the study `small`"),
    ] {
        let said = place.expect(2, command);
        assert_eq!(said, format!("fraudbench: {told}: nothing was written; choose another --out\n"), "{command:?}");
    }
    assert_eq!(before, folders.map(|folder| inside(&place, folder)));
    // One's own is made again, and a run that has a paper's name keeps its folder.
    place.expect(0, &[&ruchay[..], &["out"]].concat());
    place.expect(0, &["report", "run", "--out", "run"]);
    let both = inside(&place, "both/handbook");
    place.expect(0, &[&ruchay[..], &["both/ruchay-2023"]].concat());
    std::fs::rename(place.path("audit"), place.path("both/ruchay-2023/audit")).unwrap();
    place.expect(0, &["reproduce", "--all", "--report-only", "--out", "both"]);
    assert_eq!(both, inside(&place, "both/handbook"));
}

#[test]
fn papers_are_listed_with_what_they_need() {
    let output = place().run(&["reproduce"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for wanted in [
        "ruchay-2023: Ruchay",
        "measures 13 claims",
        "part hold-out: the paper's grid on its own split, without leaks where duplicates are dropped; 480 cells on the data set `creditcard`",
        "part audit:",
        "handbook: Le Borgne",
        "part first: chapter 3, the first models on one split; XGBoost with the defaults of 2021 and of today; 6 cells on the data set \
         `handbook`, which is simulated: no download",
        "takes below 10 minutes",
    ] {
        assert!(said.contains(wanted), "`{wanted}` is missing in {said}");
    }
}
