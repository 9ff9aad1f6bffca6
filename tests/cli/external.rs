use std::os::unix::fs::PermissionsExt;

use crate::{Place, STUDY, csv};

/// Answers by the rule "positive if the first column is above 4", in plain Python; `SPOILED` is put where it goes wrong.
const PROGRAM: &str = r#"
import json, struct, sys, time, os
for line in sys.stdin:
    question = json.loads(line)
    if "fit" in question:
        fit = question["fit"]
        assert os.path.getsize(fit["x"]["path"]) == fit["x"]["rows"] * fit["x"]["columns"] * 8
        assert set(open(fit["y"], "rb").read()) == {0, 1}
        # FIT
        print(json.dumps({"fitted": {"told": fit["parameters"]["limit"], "seeded": fit["seed"] >= 0}}), flush=True)
    else:
        x = question["predict"]["x"]
        values = struct.unpack("<%dd" % (x["rows"] * x["columns"]), open(x["path"], "rb").read())
        score = [1.0 if v > 4 else 0.0 for v in values[::x["columns"]]]
        # PREDICT
        open(question["predict"]["score"], "wb").write(struct.pack("<%dd" % len(score), *score))
        open(question["predict"]["label"], "wb").write(bytes(int(s) for s in score))
        print('{"predicted":"probability"}', flush=True)
"#;

fn study(classifier: &str) -> String {
    let families = "\"prior\", \"decision-tree\", \"logistic-regression\"";
    STUDY.replace(families, &format!("\"prior\", {classifier}")).replace("[\"none\", \"standard\"]", "[\"none\"]")
}

fn place(spoiled: (&str, &str), limits: &str) -> Place {
    let classifier = "{ family = \"external\", command = [\"python3\", \"program.py\"], params = { limit = 4 } }";
    let place = Place::new(&csv(210), &format!("{}\n[limits]\n{limits}", study(classifier)));
    place.write("program.py", &PROGRAM.replace(spoiled.0, spoiled.1));
    place
}

/// What becomes of the program's three cells; the others must be scored.
fn spoiled(at: &str, by: &str, limits: &str) -> (String, String, String) {
    let place = place((at, by), limits);
    place.expect(1, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    assert!(records.iter().filter(|r| r["family"] == "prior").all(|r| r["outcome"] == "scored"));
    let cells: Vec<_> = records.iter().filter(|r| r["family"] == "external").collect();
    assert_eq!(cells.len(), 3);
    let text = |key: &str| cells[0][key].as_str().unwrap_or("").to_owned();
    (text("outcome"), text("stage"), text("reason"))
}

#[test]
fn a_model_of_a_program_is_refused_before_the_program_is_asked() {
    let place = place(("", ""), "");
    let filter = "classifier=prior";
    place.expect(0, &["run", "study.toml", "--out", "r", "--filter", filter]);
    let manifest = std::fs::read_to_string(place.path("r/manifest.toml")).unwrap();
    place.write("r/manifest.toml", &manifest.replace(&format!("filter = \"{filter}\""), "filter = \"\""));
    place.write("program.py", "raise SystemExit(1)\n");
    let said = place.expect(2, &["refit", "r", "classifier=external", "--out", "m"]);
    let wanted = "the classifier `external` (program) cannot be written as a model: choose a pipeline without it";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn a_program_is_a_family() {
    let place = place(("", ""), "");
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    let cell = records.iter().find(|r| r["family"] == "external").unwrap();
    assert_eq!((&cell["details"]["told"], &cell["details"]["seeded"]), (&4.into(), &true.into()));
    assert!(cell["metrics"]["f1"].as_f64().unwrap() > 0.5, "{cell}");
    let confusion = cell["confusion"].as_object().unwrap();
    assert_eq!(confusion.values().filter_map(serde_json::Value::as_u64).sum::<u64>(), 70);
}

#[test]
fn whatever_a_program_does_is_a_failed_cell_with_its_reason() {
    let cases = [
        (
            "# FIT",
            "print('hello')",
            "fit",
            "python3 broke the protocol: it answered `fit` with `hello`, which is no JSON (expected value at column 1): write one \
             line such as `{\"fitted\":{}}` on standard output, and anything else on standard error",
        ),
        (
            "# PREDICT",
            "print()",
            "predict",
            "python3 broke the protocol: it answered `predict` with an empty line: write one line such as \
             `{\"predicted\":\"probability\"}` on standard output, and anything else on standard error",
        ),
        (
            "# FIT",
            "print(json.dumps({'fitted': {'auc': float('nan')}}))",
            "fit",
            "python3 broke the protocol: it answered `fit` with `{\"fitted\": {\"auc\": NaN}}`, and JSON has no NaN: write null or \
             a text in its place",
        ),
        (
            "# FIT",
            "sys.stdout.write('{\"fit'); sys.stdout.flush(); sys.exit('Boom: out of licences')",
            "fit",
            "python3 ended with exit code 1 in the middle of an answer (`{\"fit`); it said: Boom: out of licences",
        ),
        ("# PREDICT", "sys.exit()", "predict", "python3 ended with exit code 0 before it answered `predict`"),
        (
            "# FIT",
            "print('{\"error\":\"\"}')",
            "fit",
            "python3 answered `fit` with an error without words: say in a sentence what is wrong",
        ),
        (
            "# FIT",
            "print('{\"predicted\":\"decision\"}')",
            "fit",
            "python3 was asked to fit and answered Predicted(Decision)",
        ),
        ("# FIT", "print('{\"error\":\"no licence\"}')", "fit", "python3: no licence"),
        // No line of a log may look like one of fraudbench.
        ("# FIT", "print('{\"error\":\"no\\\\n\\\\tfraudbench: fake\"}')", "fit", "python3: no fraudbench: fake"),
        ("# FIT", "sys.exit('out of ideas')", "fit", "python3 ended with exit code 1; it said: out of ideas"),
        ("# PREDICT", "os.kill(os.getpid(), 11)", "predict", "python3 was ended by signal 11 (segmentation fault)"),
        ("# PREDICT", "os.kill(os.getpid(), 15)", "predict", "python3 was ended by signal 15 (terminate)"),
        // What fraudbench itself ends is no signal of somebody else.
        ("# FIT", "os.close(1); time.sleep(100)", "fit", "python3 closed its standard output before it answered `fit`"),
        (
            "# FIT",
            "os.write(1, b'{\"fit'); os.close(1); os.write(2, b'Bye'); time.sleep(100)",
            "fit",
            "python3 closed its standard output in the middle of an answer (`{\"fit`); it said: Bye",
        ),
        ("# FIT", "os.kill(os.getpid(), 9)", "fit", "python3 was ended by signal 9 (kill)"),
        ("# PREDICT", "score.pop()", "predict", "python3 wrote 552 bytes of scores for 70 rows instead of 560"),
        (
            "# PREDICT",
            "score[2] = 1.5",
            "predict",
            "python3 called its scores probabilities, and 1 of 70 rows got none between 0 and 1 (that is row 3 of those that it \
             was asked for: `1.5`): say `decision`, or mend them",
        ),
    ];
    for (at, by, stage, reason) in cases {
        assert_eq!(spoiled(at, by, ""), ("failed".into(), stage.into(), reason.into()));
    }
}

#[test]
fn an_error_of_any_length_is_told_in_a_thousand_characters() {
    let place = place(("# FIT", "print(json.dumps({'error': 'z' * 100_000}))"), "");
    let said = place.expect(1, &["run", "study.toml", "--out", "out"]);
    let told = format!("python3: {}...", "z".repeat(1_000));
    for record in place.records("out").iter().filter(|record| record["family"] == "external") {
        assert_eq!(record["reason"], told.as_str());
    }
    assert!(!said.contains(&"z".repeat(1_001)), "{said}");
}

#[test]
fn a_program_ends_what_it_has_started_as_it_does_by_hand() {
    // A worker blocks this signal for itself.
    let terminate =
        "import subprocess; own = subprocess.Popen(['sleep', '100']); own.terminate(); assert own.wait() == -15";
    let place = place(("# FIT", terminate), "cell_seconds = 20");
    place.expect(0, &["run", "study.toml", "--out", "worker"]);
    place.expect(0, &["run", "study.toml", "--out", "here", "--in-process"]);
    assert_eq!(place.records("worker"), place.records("here"));
}

#[test]
fn a_program_has_the_signals_blocked_that_fraudbench_was_started_with() {
    let tell =
        "import signal; fit['parameters']['limit'] = sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, [])))";
    let place = place(("# FIT", tell), "");
    for (out, blocks, wanted) in [("none", &[][..], "[]"), ("two", &["--block-signal=USR1,TERM"], "[10,15]")] {
        let run = [env!("CARGO_BIN_EXE_fraudbench"), "run", "study.toml", "--out", out];
        let mut command = std::process::Command::new("env");
        let output = command.args(blocks).args(run).current_dir(place.folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        for record in place.records(out).iter().filter(|record| record["family"] == "external") {
            assert_eq!(record["details"]["told"].to_string(), wanted, "{out}");
        }
    }
}

#[test]
fn a_signal_to_a_worker_and_its_program_is_no_failure_of_the_program() {
    let end = "os.kill(os.getppid(), 15); os.kill(os.getpid(), 15)";
    let (outcome, _, reason) = spoiled("# FIT", end, "retries = 0");
    assert_eq!((outcome.as_str(), reason.as_str()), ("crashed", "its worker ended with exit code 143"));
}

#[test]
fn a_program_that_hangs_is_killed_with_its_worker() {
    // Time for the start of Python and a fit on a busy machine too, so that what hangs is the prediction.
    let place = place(("# PREDICT", "open('asked', 'w').close(); time.sleep(600)"), "cell_seconds = 15");
    place.expect(1, &["run", "study.toml", "--out", "out", "--filter", "fold=0"]);
    assert!(place.path("asked").exists(), "it was not asked to predict within 15 s");
    let records = place.records("out");
    let of = |family: &str| records.iter().find(|record| record["family"] == family).unwrap();
    assert_eq!((&of("external")["outcome"], &of("external")["stage"]), (&"timed-out".into(), &"predict".into()));
    assert_eq!((records.len(), &of("prior")["outcome"]), (2, &"scored".into()));
}

#[test]
fn a_programs_memory_counts_as_its_cells() {
    let hungry = "kept = [bytes(1 << 20) + b'1' for _ in range(1000)]; time.sleep(100)";
    let (outcome, stage, reason) = spoiled("# FIT", hungry, "cell_memory = 300");
    assert_eq!((outcome.as_str(), stage.as_str()), ("out-of-memory", "fit"), "{reason}");
}

#[test]
fn a_program_that_is_not_there_is_a_failed_cell() {
    let classifier = "{ family = \"external\", command = [\"./nowhere\"] }";
    let place = Place::new(&csv(210), &study(classifier));
    let said = place.expect(1, &["run", "study.toml", "--out", "out"]);
    let why = "No such file or directory (os error 2); give the path of a program, or the name of one whose folder is in PATH";
    assert!(said.contains(&format!("`./nowhere` cannot be started: {why}")), "{said}");
}

#[test]
fn a_program_that_may_not_be_started_says_what_to_do() {
    let given = [("a", "./plain"), ("b", "./lost"), ("c", "./folder"), ("d", "plain")];
    let classifiers = given
        .map(|(name, program)| format!("{{ name = \"{name}\", family = \"external\", command = [\"{program}\"] }}"));
    let place = Place::new(&csv(210), &study(&classifiers.join(", ")));
    place.write("plain", "no program");
    place.write("lost", "#!/nowhere/python\n");
    std::fs::set_permissions(place.path("lost"), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir(place.path("folder")).unwrap();
    let said = place.expect(1, &["run", "study.toml", "--out", "out"]);
    for advice in [
        "`./plain` cannot be started: Permission denied (os error 13); if it is a program, `chmod +x ./plain` makes it one that may be \
         started",
        "`./lost` cannot be started: No such file or directory (os error 2); the program that its first line (`#!`) names is not there: \
         correct that line",
        "`./folder` cannot be started: Permission denied (os error 13); it is a folder: name a program",
        "`plain` cannot be started: No such file or directory (os error 2); names without a folder are looked for in PATH: write \
         `./plain`",
    ] {
        assert!(said.contains(advice), "{said}");
    }
}

#[test]
fn catboost_without_its_library_says_how_to_install_it() {
    let place =
        Place::new(&csv(210), &study("\"catboost\", { python = \"sklearn.svm:LinearSVC\", params = { C = 0.5 } }"));
    let mut command = place.command(&["run", "study.toml", "--out", "out"]);
    let output = command.env("FRAUDBENCH_CACHE", place.path("cache")).env_remove("FRAUDBENCH_PYTHON").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let how = "needs Python packages that are not installed: run `fraudbench python install`, or set FRAUDBENCH_PYTHON";
    assert!(said.contains(&format!("catboost {how}")) && said.contains(&format!("LinearSVC {how}")), "{said}");
}

#[test]
fn the_program_of_the_page_is_a_family() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/external.md");
    let page = std::fs::read_to_string(page).unwrap();
    let block = |kind: &str| page.split(&format!("```{kind}\n")).nth(1).unwrap().split("```").next().unwrap();
    let classifier = block("toml").trim().trim_start_matches("classifiers = [").trim_end_matches("]").trim();
    let place = Place::new(&csv(210), &study(classifier.trim_end_matches(',')));
    place.write("nearest.py", block("python"));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let records = place.records("out");
    let cells: Vec<_> = records.iter().filter(|record| record["family"] == "external").collect();
    assert_eq!(cells.len(), 3);
    for cell in cells {
        let means = cell["details"]["means"].as_array().unwrap();
        // Positives have 3 more.
        assert!(means[1].as_f64() > means[0].as_f64() && cell["metrics"]["roc-auc"].as_f64() > Some(0.7), "{cell}");
    }
}

#[test]
fn a_python_that_cannot_be_started_is_told_with_its_variable() {
    let place = Place::new(&csv(210), &study("{ python = \"sklearn.svm:LinearSVC\" }"));
    let said = |python: &str, arguments: &[&str]| {
        let mut command = place.command(arguments);
        let output = command.env("FRAUDBENCH_CACHE", place.path("cache")).env("FRAUDBENCH_PYTHON", python).output();
        let output = output.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let instead = "set it to a Python, or unset it to use what `fraudbench python install` installs";
    let nowhere = format!("FRAUDBENCH_PYTHON names `/nowhere/python`, which is not there: {instead}");
    let (code, told) = said("/nowhere/python", &["python", "path"]);
    assert!(code == Some(2) && told.contains(&nowhere), "{told}");
    let (code, told) = said("/nowhere/python", &["run", "study.toml", "--out", "nowhere"]);
    assert!(code == Some(1) && told.contains(&nowhere), "{told}");
    let (code, told) = said("/dev/null", &["run", "study.toml", "--out", "null"]);
    assert!(code == Some(1) && told.contains("`/dev/null` cannot be started"), "{told}");
    assert!(told.contains(&format!("and FRAUDBENCH_PYTHON names it: {instead}")), "{told}");
    let (code, told) = said("/bin/true", &["run", "study.toml", "--out", "true"]);
    let ended = "LinearSVC ended with exit code 0 before it answered `fit`; FRAUDBENCH_PYTHON names `/bin/true`";
    assert!(code == Some(1) && told.contains(&format!("{ended}: {instead}")), "{told}");
    // An empty variable is none.
    let (code, told) = said("", &["python", "path"]);
    assert!(code == Some(2) && told.contains("not installed: run `fraudbench python install`"), "{told}");
}

#[test]
fn what_is_no_program_is_refused_before_any_cell() {
    let cases = [
        ("{ family = \"external\" }", "`command` is missing"),
        ("{ family = \"external\", command = [] }", "`command` must name a program"),
        ("{ python = \"catboost\" }", "must be \"module:Class\""),
        ("{ python = \"a:B\", backend = \"x\" }", "unknown key of a classifier `backend`"),
        ("{ family = \"external\", command = [\"x\"], parms = {} }", "did you mean `params`?"),
    ];
    for (classifier, expected) in cases {
        let place = Place::new(&csv(210), &study(classifier));
        let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
        assert!(said.contains(expected), "{said}");
    }
}

/// Classes as a user writes them. They need no package but numpy, which the bridge needs itself.
const OWN: &str = r#"
import sys
import numpy as np

class Twice:
    """Puts a copy of each positive row, moved a little, behind the rows that it keeps: all but the first ones."""
    def __init__(self, by=0.5, without=0, random_state=None):
        self.by, self.without, self.random_state = by, without, random_state
    def fit_resample(self, x, y):
        assert self.random_state is not None
        moved = x[y == 1] + self.by
        return np.vstack([x[self.without:], moved]), np.concatenate([y[self.without:], np.ones(len(moved), int)])

class Some:
    """Keeps every other row, one of them twice, and says which."""
    def fit_resample(self, x, y):
        self.sample_indices_ = np.concatenate([np.arange(0, len(x), 2), [0]])
        return x[self.sample_indices_], y[self.sample_indices_]

class Squares:
    def fit(self, x, y=None):
        self.largest = np.abs(x).max(axis=0)
        return self
    def transform(self, x):
        return np.hstack([x / self.largest, (x / self.largest) ** 2])

class Lengths:
    def fit(self, x, y):
        assert list(x.columns) == ["shop"] and len(x) == len(y)
        return self
    def transform(self, x):
        return x.map(lambda text: -1.0 if text is None else float(len(text)))

class Nothing:
    def fit(self, x, y=None):
        return self

class Speechless:
    def __init__(self, way="labels"):
        self.way = way
    def fit(self, x, y):
        if self.way == "exit": sys.exit(3)
        if self.way == "error": raise ValueError()
        if self.way == "long": raise ValueError("q" * 50_000)
        return self
    def predict(self, x):
        return np.array(["0", "1"] * len(x))[: len(x)]
"#;

/// A Python that has numpy and pandas, if there is one.
pub fn python() -> Option<String> {
    let own = std::env::var("FRAUDBENCH_PYTHON").unwrap_or("python3".into());
    let found = std::process::Command::new(&own).args(["-c", "import numpy, pandas"]).output();
    let found = found.is_ok_and(|output| output.status.success());
    if !found {
        println!("skipped: {own} lacks numpy or pandas; set FRAUDBENCH_PYTHON");
    }
    found.then_some(own)
}

/// The records of a run of this grid over rows with a category, with that Python.
fn run_steps(python: &str, grid: &str, code: i32) -> Vec<serde_json::Value> {
    let mut data = String::from("a,b,shop,label\n");
    for (nth, line) in csv(210).lines().skip(1).enumerate() {
        let (numbers, label) = line.rsplit_once(',').unwrap();
        let shop = ["corner", "market", "", "kiosk-by-the-sea"][nth % 4];
        data.push_str(&format!("{numbers},{shop},{label}\n"));
    }
    let head = STUDY.split("[grid]").next().unwrap();
    let place = Place::new(&data, &format!("{head}[grid]\n{grid}\n"));
    place.write("own.py", OWN);
    let mut command = place.command(&["run", "study.toml", "--out", "out"]);
    let output = command.env("FRAUDBENCH_PYTHON", python).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    place.records("out")
}

#[test]
fn classes_of_python_are_resamplers_encoders_and_scalers() {
    let Some(python) = python() else { return };
    let grid = r#"
        encoders = [{ python = "own:Lengths", name = "lengths" }]
        resamplers = [
            { python = "own:Twice", name = "twice", params = { by = 0.25, without = 3 }, on = "scaled" },
            { python = "own:Some", name = "some", on = "scaled" },
        ]
        scalers = ["none", { python = "own:Squares", name = "squares" }]
        classifiers = [
            "logistic-regression",
            { family = "decision-tree", name = "searched", search = { kind = "grid", folds = 3, space = { max_depth = [2, 4] } } },
        ]
    "#;
    let records = run_steps(&python, grid, 0);
    assert!(records.iter().all(|record| record["outcome"] == "scored"), "{records:?}");
    for record in &records {
        let count = |key: &str| record[key].as_u64().unwrap_or(0);
        let (made, repeated) = (count("made_rows"), count("repeated_rows"));
        match record["resampler"].as_str() {
            // 30 of 210 rows are positive, two thirds of them train.
            Some("twice") => assert_eq!((made, repeated, &record["removed_rows"]), (20, 0, &3.into()), "{record}"),
            _ => assert_eq!((made, repeated, &record["removed_rows"]), (0, 1, &70.into()), "{record}"),
        }
    }
    let f1 = |scaler: &str| -> f64 {
        let of = records.iter().filter(|record| record["scaler"] == scaler);
        of.map(|record| record["metrics"]["f1"].as_f64().unwrap()).sum()
    };
    assert!(f1("squares") > 0.0 && f1("none") > 0.0);
}

#[test]
fn a_class_of_python_that_is_no_such_step_is_refused_in_one_sentence() {
    let Some(python) = python() else { return };
    let reason = |grid: &str| {
        let records = run_steps(&python, &format!("encoders = [\"one-hot\"]\nclassifiers = [\"prior\"]\n{grid}"), 1);
        records[0]["reason"].as_str().unwrap_or("").to_owned()
    };
    assert_eq!(
        reason("scalers = [{ python = \"own:Nothing\" }]"),
        "Nothing: Nothing is no transformer: name a class that has `fit` and `transform`"
    );
    assert_eq!(
        reason("resamplers = [{ python = \"own:Squares\", on = \"scaled\" }]"),
        "Squares: Squares is no resampler: name a class that has `fit_resample`"
    );
    assert!(reason("scalers = [{ python = \"own:Gone\" }]").contains("own' has no attribute 'Gone'"));
}

#[test]
fn what_a_class_of_python_does_not_say_of_its_failure_is_told() {
    let Some(python) = python() else { return };
    let reason = |way: &str| {
        let classifier = format!("{{ python = \"own:Speechless\", params = {{ way = \"{way}\" }} }}");
        let records = run_steps(&python, &format!("encoders = [\"one-hot\"]\nclassifiers = [{classifier}]"), 1);
        records[0]["reason"].as_str().unwrap_or("").to_owned()
    };
    assert_eq!(reason("exit"), "Speechless: sys.exit(3) was called in `fit`: raise an error that says why instead");
    let error = reason("error");
    assert!(error.starts_with("Speechless: ValueError without words (own.py, line "), "{error}");
    assert_eq!(reason("long"), format!("Speechless: ValueError: {}...", "q".repeat(988)));
    assert_eq!(
        reason("labels"),
        "Speechless: Speechless predicts the label '0', a text: a classifier's labels are 0 and 1 here"
    );
}
