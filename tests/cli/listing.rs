use crate::{Place, STUDY, csv};

fn listed(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn small_cells_take_what_it_takes_to_hand_them_out_and_to_report_them() {
    let study = "name = 'small'\n[data]\npath = 'data.csv'\n[protocol]\nkind = 'stratified-shuffle'\nrepeats = 4000\ntest = 0.5\n\
                 [grid]\nclassifiers = ['prior']\n";
    let place = Place::new(&csv(70), study);
    // Fits of `prior` count for nothing, and 1.5 ms beside each are 6 s.
    for (threads, said) in [("1", "about 6 s on 1 thread"), ("3", "about 2 s on 3 threads")] {
        let text = listed(&place, &["list", "study.toml", "--threads", threads]);
        assert!(text.contains("4,000 cells\n") && text.contains(&format!("{said} (a rough estimate)\n")), "{text}");
    }
    let told = place.expect(0, &["submit", "study.toml", "--shards", "2", "--out", "plan"]);
    assert!(
        told.contains("4,000 cells of small in 2 shards; one thread would take about 6 s, the longest shard 3 s"),
        "{told}"
    );
}

#[test]
fn a_study_is_summed_up_and_its_cells_are_listed_when_asked() {
    let place = Place::new(&csv(70), STUDY);
    let text = listed(&place, &["list", "study.toml"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..7],
        [
            "study      small: small",
            "data       data: 70 rows, 10 positive (14.2857%), 2 feature columns",
            "protocol   stratified-k-fold (folds 3, repeats 1, seed 5, shuffle true): 3 splits",
            "scaler     2: none, standard",
            "classifier 3: prior, decision-tree, logistic-regression",
            "note       the label is the last column, `label`; name another one with `label`",
            "in all     4 pipelines and 2 of the baseline `prior`, 18 cells",
        ]
    );
    assert!(lines[7].starts_with("time       about ") && lines.len() == 8, "{text}");
    let text = listed(&place, &["list", "study.toml", "--cells"]);
    assert_eq!(text.lines().filter(|l| l.contains("classifier=decision-tree")).count(), 6);
    assert!(text.lines().nth(18).unwrap().starts_with("study "), "{text}");
    let text = listed(&place, &["list", "study.toml", "--filter", "scaler=none,fold=0"]);
    assert!(text.contains("\nin all     2 pipelines and 1 of the baseline `prior`, 3 cells\n"), "{text}");
}

#[test]
fn what_does_not_fit_is_listed_with_the_reason() {
    let data =
        csv(70).replace("a,b,label", "a,b,label,shop").replace(",0\n", ",0,north\n").replace(",1\n", ",1,south\n");
    let study = STUDY.replace("path = \"data.csv\"", "path = \"data.csv\"\nlabel = \"label\"");
    let place = Place::new(
        &data,
        &study
            .replace("\"decision-tree\"", "\"xgboost\"")
            .replace("[grid]", "[grid]\nencoders = [\"native\", \"one-hot\"]"),
    );
    let text = listed(&place, &["list", "study.toml"]);
    assert!(
        text.contains("\nleft out   ") && text.contains("because classifier `logistic-regression` does not fit: "),
        "{text}"
    );
    assert!(text.contains("`shop` is one of the categories: use the encoder"), "{text}");
}

#[test]
fn data_that_cannot_be_read_are_exit_2_after_what_is_known_without_them() {
    let place = Place::new("a,b\n1,2\n", STUDY);
    let output = place.run(&["list", "study.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let (text, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(text.contains("data       data: cannot be read, see below") && text.contains(" 18 cells\n"), "{text}");
    assert!(said.contains("data.csv") && said.contains("label"), "{said}");
}

/// Studies whose files are in no repository and on no build machine.
const ELSEWHERE: [&str; 3] = ["bank-cards", "bank-cards-audit", "three-tables"];

#[test]
fn the_projects_own_studies_are_valid() {
    let place = Place::new("", "");
    let experiments = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments");
    let mut studies = 0;
    for entry in std::fs::read_dir(experiments).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            let output = place.run(&["list", path.to_str().unwrap()]);
            let text = String::from_utf8(output.stdout).unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            let is_elsewhere = ELSEWHERE.iter().any(|name| path.file_stem().is_some_and(|stem| stem == *name));
            assert!(text.contains("\nin all     "), "{}: {said}", path.display());
            assert!(
                output.status.success() || is_elsewhere && said.contains("cannot read"),
                "{}: {said}",
                path.display()
            );
            studies += 1;
        }
    }
    assert!(studies >= 4);
}

#[test]
fn the_papers_grid_has_440_pipelines() {
    let place = Place::new("", "");
    for (study, cells) in [("ruchay-2023", "4,800"), ("quick", "1,440")] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("experiments/{study}.toml"));
        let text = listed(&place, &["list", path.to_str().unwrap()]);
        let wanted = format!("in all     440 pipelines and 40 of the baseline `prior`, {cells} cells");
        assert!(text.lines().any(|line| line == wanted), "{text}");
    }
}

#[test]
fn components_are_listed_without_a_study() {
    let place = Place::new("", "");
    let text = listed(&place, &["list"]);
    for name in ["tomek-links", "quantile", "random-forest", "smartcore", "pr-auc"] {
        assert!(text.contains(name), "{name}");
    }
}

#[test]
fn a_component_is_listed_with_its_parameters_what_it_takes_and_its_source() {
    let place = Place::new("", "");
    let forest = listed(&place, &["list", "random-forest"]);
    for said in ["n_estimators", "100", "numbers, no missing values", "sklearn.ensemble.RandomForestClassifier"] {
        assert!(forest.contains(said), "{said}: {forest}");
    }
    assert!(listed(&place, &["list", "xgboost"]).contains("numbers and categories, missing values too"));
    // What stays out of keys at its default, and what has none.
    assert!(listed(&place, &["list", "xgboost"]).contains("early_stopping_rounds"));
    let program = listed(&place, &["list", "external"]);
    for said in ["needs       command = [", "protocol", "parameters", "docs/external.md"] {
        assert!(program.contains(said), "{said}: {program}");
    }
    let svc = listed(&place, &["list", "svc"]);
    assert!(svc.contains("\n  note        `max_iter` counts steps of this solver"), "{svc}");
    assert!(listed(&place, &["list", "hold-out"]).contains("stratify"));
    // A split without a seed has the study's, whatever its kind.
    for kind in [
        "stratified-k-fold",
        "hold-out",
        "group-k-fold",
        "stratified-group-k-fold",
        "stratified-shuffle",
        "group-shuffle",
    ] {
        let split = listed(&place, &["list", kind]);
        let line = split.lines().find(|line| line.split_whitespace().any(|word| word == "seed")).unwrap();
        assert!(line.ends_with("  the study's `seed`"), "{split}");
    }
    let windows = listed(&place, &["list", "prequential"]);
    assert!(
        windows.contains("\n  note        the role `group` is needed for `leave_known_cards_out` and "),
        "{windows}"
    );
    assert!(listed(&place, &["list", "hashing"]).contains("\n  note        `n_features` is 2^20 in `FeatureHasher`"));
    for library in ["xgboost", "lightgbm"] {
        let seeds = "\n  note        without `random_state`, rows and columns are drawn by the library's own seed";
        assert!(listed(&place, &["list", library]).contains(seeds), "{library}");
    }
    assert!(listed(&place, &["list", "smote"]).contains("k_neighbors"));
    let output = place.run(&["list", "random-forst"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn help_and_the_document_on_studies_say_where_things_are_put() {
    let place = Place::new("", "");
    let help = |command: &str| place.printed(0, &[command, "--help"]).split_whitespace().collect::<Vec<_>>().join(" ");
    for (command, said) in [
        ("data", "into the folder `data` of FRAUDBENCH_CACHE [default: ~/.cache/fraudbench]"),
        ("python", "into the folder `python` of FRAUDBENCH_CACHE [default: ~/.cache/fraudbench]"),
        ("audit", "An audit keeps no predictions."),
    ] {
        assert!(help(command).contains(said), "{command}: {}", help(command));
    }
    let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/README.md"));
    for variable in ["FRAUDBENCH_CACHE", "FRAUDBENCH_DATA", "FRAUDBENCH_PYTHON"] {
        assert!(document.contains(&format!("| `{variable}` |")), "{variable}");
    }
}

#[test]
fn metrics_are_listed_by_the_names_that_a_list_and_a_study_have() {
    let place = Place::new("", "");
    let all = listed(&place, &["list"]);
    let names = all.split("\nMetrics\n").nth(1).unwrap().lines().take_while(|line| !line.is_empty());
    let mut numbered = 0;
    for name in names.map(|line| line.split_whitespace().next().unwrap()) {
        numbered += usize::from(name.ends_with(')'));
        assert!(listed(&place, &["list", name]).starts_with(&format!("metric {name}\n")), "{name}");
    }
    assert!(numbered >= 3, "{all}");
    let named = listed(&place, &["list", "recall-at-fpr(0.05)"]);
    assert_eq!(named, listed(&place, &["list", "recall-at-fpr"]));
    let said = place.expect(2, &["list", "recall-at-fpr(1.5)"]);
    assert!(said.contains("`recall-at-fpr(1.5)`: ") && said.contains(" must be a number above 0, up to 1"), "{said}");
    // Which ones a study has that names none.
    let only = "\n  default     no: only studies that name it have it\n";
    for (name, is_told) in [
        ("pr-auc", false),
        ("brier", false),
        ("brier-discrimination", true),
        ("brier-miscalibration", true),
        ("recall-at-fpr", true),
    ] {
        assert_eq!(listed(&place, &["list", name]).contains(only), is_told, "{name}");
    }
}

#[test]
fn what_is_neither_a_component_nor_a_study_is_told_with_what_is_meant() {
    let place = Place::new(&csv(70), STUDY);
    for (name, wanted) in [
        (
            "random-forst",
            "fraudbench: unknown component or study file `random-forst`; did you mean `random-forest`? Allowed: ",
        ),
        ("study", "fraudbench: unknown component or study file `study`; did you mean `study.toml`? Allowed: "),
        ("zzzzzzzz", "fraudbench: unknown component or study file `zzzzzzzz`. Allowed: "),
        ("stdy.toml", "fraudbench: cannot read the study stdy.toml: "),
        ("./study", "fraudbench: cannot read the study ./study: "),
    ] {
        let said = place.expect(2, &["list", name]);
        assert!(said.starts_with(wanted), "{said}");
    }
}

#[test]
fn a_catalogue_without_its_file_is_planned_and_estimated_as_with_it() {
    let place = Place::new("", "");
    let study = |folder: &str| {
        format!(
            "name = 'x'\ndata = {{ name = 'creditcard-sample', folder = '{folder}' }}\nprotocol = {{ kind = 'hold-out' }}\n[grid]\n\
             scalers = ['none', 'polynomial']\nselects = ['none', {{ id = 'pca', params = {{ n_components = 5 }} }}]\n\
             classifiers = ['random-forest', {{ family = 'rectangles', params = {{ columns = ['Time', 'Amount'] }} }}]\n"
        )
    };
    place.write("with.toml", &study(concat!(env!("CARGO_MANIFEST_DIR"), "/data")));
    place.write("without.toml", &study("nowhere"));
    let [with, without] = ["with.toml", "without.toml"].map(|file| listed(&place, &["list", file]));
    assert!(without.contains("there is no creditcard-sample.csv"), "{without}");
    // Behind the data, where it says that the file is not here, all is the same.
    let behind = |text: &str| text.split_once("\nprotocol ").unwrap().1.to_owned();
    assert_eq!(behind(&with), behind(&without));
    assert!(
        without
            .contains("\nleft out   2 pipelines on creditcard-sample, because classifier `rectangles` does not fit: "),
        "{without}"
    );
}

#[test]
fn help_shows_examples_for_every_subcommand() {
    let place = Place::new("", "");
    for command in ["try", "init", "run", "list", "report", "compare", "data"] {
        assert!(listed(&place, &[command, "--help"]).contains("Example"), "{command}");
    }
}

#[test]
fn the_help_of_data_names_all_of_its_commands() {
    let place = Place::new("", "");
    let text = listed(&place, &["data", "--help"]);
    let commands = text.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names =
        commands.lines().filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let names: Vec<&str> = names.filter(|name| *name != "help").collect();
    assert_eq!(names, ["list", "fetch", "simulate", "features", "describe"]);
    let help = listed(&place, &["--help"]);
    assert!(help.contains(&format!("Data sets: {}\n", names.join(", "))), "{help}");
    let codes = "1 finished with failed or lost cells, runs that differ, or a gate that failed; 2 usage, study or data error before \
                 any cell, or the system refused a write; 3 ";
    assert!(help.split_whitespace().collect::<Vec<_>>().join(" ").contains(codes), "{help}");
}

/// `list` and `run` refuse a study in the same words.
fn refused(study: &str, wanted: &str) {
    let place = Place::new(&csv(70), study);
    let output = place.run(&["list", "study.toml"]);
    let (text, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains(wanted) && text.contains("data       data: does not fit the study, see below"),
        "{text}{said}"
    );
    assert!(place.expect(2, &["run", "study.toml", "--out", "out"]).ends_with(&said), "a run says the same");
    assert!(!place.path("out/records.jsonl").exists());
}

#[test]
fn a_column_that_cannot_order_the_rows_is_told_before_a_run() {
    let ordered = |column: &str, data: &str| {
        let study = STUDY.replace("stratified-k-fold\"\nfolds = 3", &format!("time-ordered\"\ncolumn = \"{column}\""));
        study.replace("path = \"data.csv\"", &format!("path = \"data.csv\"\n{data}"))
    };
    refused(&ordered("aa", ""), "unknown column for time order `aa`; did you mean `a`? Allowed: a, b\n");
    // Advice to call the label the time would be refused, too.
    for (column, role, data) in
        [("label", "label", ""), ("a", "group", "group = \"a\""), ("a", "weight", "weight = \"a\"")]
    {
        let wanted =
            format!("`column` names `{column}`, which is the {role} and orders no rows: name a column of times");
        refused(&ordered(column, data), &wanted);
    }
    refused(&ordered("a", "ignore = [\"a\"]"), "column `a` is no feature, so its values are not there");
}

#[test]
fn what_models_are_judged_by_is_asked_for_before_a_run() {
    let by = |metric: &str| {
        STUDY.replace("seed = 5", &format!("seed = 5\nmetrics = [\"pr-auc\", \"{metric}\"]\nprimary = \"{metric}\""))
    };
    let needs =
        |metric: &str| format!("primary: `{metric}` needs to know of each row of data what is at stake: give `amount`");
    for metric in ["savings", "amount-recall"] {
        refused(&by(metric), &needs(metric));
    }
    let searched = "{ family = \"decision-tree\", search = { kind = \"grid\", goal = \"savings\", space = { max_depth = [1, 2] } } }";
    let wanted = "grid.classifiers: `decision-tree` needs to know of each row of data what is at stake: give `amount`";
    refused(&STUDY.replace("\"decision-tree\"", searched), wanted);
    // A column that is called so needs not be told, unless the study says that it is none, whatever it calls the table.
    let called = by("savings").replace("path = \"data.csv\"", "path = \"data.csv\"\nname = \"mine\"");
    let place = Place::new(&csv(70).replace("a,b,label", "a,Amount,label"), &called);
    listed(&place, &["list", "study.toml"]);
    place.write("none.toml", &called.replace("name = \"mine\"", "name = \"mine\"\namount = \"none\""));
    assert!(place.expect(2, &["list", "none.toml"]).contains("primary: `savings` needs to know"));
}

#[test]
fn a_metric_that_no_table_can_have_is_refused_before_a_run() {
    let by_money = STUDY.replace("seed = 5", "seed = 5\nmetrics = [\"pr-auc\", \"amount-recall\", \"cost(3)\"]");
    let needs = |metric: &str, table: &str| {
        format!(
            "metrics: `{metric}` needs to know of each row of {table} what is at stake: give `amount`, the column of"
        )
    };
    let refuse = |place: &Place, table: &str| {
        let said = place.expect(2, &["list", "study.toml"]);
        assert!(["amount-recall", "cost(3)"].iter().all(|metric| said.contains(&needs(metric, table))), "{said}");
        assert!(place.expect(2, &["run", "study.toml", "--out", "out"]).ends_with(&said), "a run says the same");
        assert!(!place.path("out").exists());
    };
    refuse(&Place::new(&csv(70), &by_money), "data");
    let two = by_money.replace(
        "[data]\npath = \"data.csv\"",
        "[[data]]\npath = \"data.csv\"\nname = \"one\"\n[[data]]\npath = \"other.csv\"\nname = \"two\"",
    );
    let place = Place::new(&csv(70), &two);
    place.write("other.csv", &csv(77));
    refuse(&place, "at least one data set");
    // One that has amounts is enough; of the other's cells it is undefined why.
    place.write("other.csv", &csv(77).replace("a,b,label", "Amount,b,label"));
    listed(&place, &["list", "study.toml"]);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    for record in place.records("out") {
        let found = &record["metrics"]["amount-recall"];
        match record["data_set"].as_str() {
            Some("one") => assert_eq!(found["undefined"], "the data have no column with the role `amount`"),
            _ => assert!(found.is_number(), "{record}"),
        }
    }
}

#[test]
fn what_simulated_columns_cannot_be_is_told_before_a_run() {
    let rare = "simulate = { rows = 200, positives = 20, columns = 4, seed = 1 }";
    let normal = "simulate = { kind = \"normal\", rows = 200, positives = 20, columns = 3 }";
    let cards = "simulate = { kind = \"handbook\", customers = 40, terminals = 40, days = 40, radius = 50.0 }\n\
                 [[data.features]]\nby = \"TERMINAL_ID\"\nwindows = [\"1d\"]\nmake = [\"count\"]";
    let payments = "simulate = { kind = \"payments\", legitimate = 200, frauds = 20 }";
    let ordered = |column: &str| format!("time-ordered\"\ncolumn = \"{column}\"");
    let by = "metrics = [\"pr-auc\", \"savings\"]\nprimary = \"savings\"\n";
    for (data, kind, metrics, wanted) in [
        (
            rare,
            ordered("time"),
            "",
            "simulated: unknown column for time order `time`; did you mean `Time`? Allowed: Time, V1, V2, Amount\n",
        ),
        (normal, ordered("x4"), "", "normal: unknown column for time order `x4`"),
        (cards, ordered("TX_DATE"), "", "handbook: unknown column for time order `TX_DATE`"),
        (cards, ordered("CUSTOMER_ID"), "", "`column` names `CUSTOMER_ID`, which is the group and orders no rows"),
        (payments, "time-series\"".into(), "", "`time-series` needs to know of each row of payments when it was"),
        (normal, "group-k-fold\"".into(), "", "`group-k-fold` needs to know of each row of normal whose it is"),
        (normal, "hold-out\"".into(), by, "primary: `savings` needs to know of each row of normal what is at stake"),
    ] {
        let study = STUDY.replace("path = \"data.csv\"", data).replace("stratified-k-fold\"\nfolds = 3", &kind);
        let place = Place::new("", &study.replace("seed = 5\n", &format!("seed = 5\n{metrics}")));
        let output = place.run(&["list", "study.toml"]);
        let (text, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(2), "{wanted}: {text}{said}");
        assert!(said.contains(wanted) && text.contains(": does not fit the study, see below"), "{text}{said}");
        assert!(place.expect(2, &["run", "study.toml", "--out", "out"]).ends_with(&said), "a run says the same");
        assert!(!place.path("out/records.jsonl").exists());
    }
    // Columns that are there may be named, those that features add too, and wrong labels leave both classes.
    let added = STUDY.replace("path = \"data.csv\"", cards);
    let place = Place::new("", &added.replace("stratified-k-fold\"\nfolds = 3", &ordered("TERMINAL_ID_count_1d")));
    listed(&place, &["list", "study.toml"]);
    let fine = cards.replace("radius = 50.0", "radius = 50.0, labels = { unreported = 0.999, delay = 2 }");
    let study = STUDY.replace("path = \"data.csv\"", &fine);
    let place = Place::new("", &study.replace("stratified-k-fold\"\nfolds = 3", &ordered("TX_AMOUNT")));
    listed(&place, &["list", "study.toml"]);
}

#[test]
fn simulated_data_beyond_any_memory_are_told_with_their_own_size() {
    let of =
        |simulate: &str| Place::new("", &STUDY.replace("path = \"data.csv\"", &format!("simulate = {{ {simulate} }}")));
    // What no machine can do is refused.
    let place = of("rows = 9223372036854775807, positives = 10, columns = 30");
    let said = place.expect(2, &["list", "study.toml"]);
    assert!(said.contains("simulate: `rows` must be at most 4294967295, not 9223372036854775807"), "{said}");
    assert!(place.expect(2, &["run", "study.toml", "--out", "out"]).ends_with(&said), "a run says the same");
    // 4,294,967,295 rows x 1,000 columns x 8 bytes: another machine may have them.
    let place = of("rows = 4294967295, positives = 10, columns = 1000");
    let refused = "simulate: 4294967295 rows x 1000 columns take 32767999 MiB, and ";
    let text = place.printed(0, &["list", "study.toml"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&format!("; a run on this machine refuses it: {refused}")), "{text}");
    assert!(place.expect(2, &["run", "study.toml", "--out", "out"]).contains(refused));
}

#[test]
fn a_table_of_several_is_called_as_the_study_calls_it() {
    let study = STUDY
        .replace(
            "[data]\npath = \"data.csv\"",
            "[[data]]\npath = \"data.csv\"\nname = \"one\"\n[[data]]\npath = \"data.csv\"\nname = \"two\"\nignore = [\"b\"]",
        )
        .replace("stratified-k-fold\"\nfolds = 3", "time-ordered\"\ncolumn = \"b\"");
    let place = Place::new(&csv(70), &study);
    let said = place.expect(2, &["list", "study.toml"]);
    assert!(said.contains("two: column `b` is no feature"), "{said}");
    assert!(place.expect(2, &["run", "study.toml", "--out", "out"]).ends_with(&said), "a run says the same");
    // So are its cells.
    place.write("fine.toml", &study.replace("\nignore = [\"b\"]", ""));
    let text = listed(&place, &["list", "fine.toml", "--cells"]);
    for name in ["one", "two"] {
        assert_eq!(text.lines().filter(|line| line.starts_with(&format!("data-set={name} "))).count(), 6, "{text}");
    }
}

#[test]
fn roles_that_the_splits_need_are_asked_for_before_a_run() {
    for (kind, key) in [("group-k-fold", "group"), ("time-series", "time"), ("given", "fold")] {
        let place = Place::new(&csv(70), &STUDY.replace("stratified-k-fold\"\nfolds = 3", &format!("{kind}\"")));
        let said = place.expect(2, &["list", "study.toml"]);
        assert!(
            said.contains(&format!("protocol: `{kind}` needs to know")) && said.contains(&format!("give `{key}`")),
            "{said}"
        );
        assert!(place.expect(2, &["run", "study.toml", "--out", "out"]).ends_with(&said), "a run says the same");
    }
}

#[test]
fn a_folder_that_is_called_like_a_component_hides_it_not() {
    let place = Place::new(&csv(60), STUDY);
    std::fs::create_dir(place.path("python")).unwrap();
    let text = place.printed(0, &["list", "python"]);
    assert!(text.contains("scikit-learn-compatible estimator"), "{text}");
    let said = place.expect(2, &["list", "."]);
    assert!(said.contains("Is a directory"), "{said}");
}

#[test]
fn splits_that_cannot_be_made_are_listed_with_the_reason() {
    // A row per day. Before the first test part, days 5 to 8, only the label of day 1 is known after four days.
    let rows: String = (1..=12).map(|day| format!("2024-01-{day:02},{},{}\n", day * 3 % 13, (day + 1) % 2)).collect();
    let study = "name = 'late'\n[data]\npath = 'data.csv'\nlabel = 'label'\ntime = 'day'\nignore = ['day']\n[protocol]\n\
                 kind = 'time-series'\nfolds = 2\ndelay = 4\n[grid]\nclassifiers = ['prior']\n";
    let place = Place::new(&format!("day,a,label\n{rows}"), study);
    let reason = "the training part would hold 0 positives and 1 negative, and every part needs both classes (the data have 6 positives \
                  and 6 negatives): the `delay` of 4 days leaves out the rows before the test part: use a shorter `delay`, or fewer \
                  rows per `test` part";
    let text = listed(&place, &["list", "study.toml"]);
    assert!(text.contains(&format!(": 2 splits\nno split   fold 0: {reason}\n")), "{text}");
    assert_eq!(text.matches("no split").count(), 1, "{text}");
    place.write("study.toml", &study.replace("[grid]", "[grid]\ndedup = [false, true]"));
    let text = listed(&place, &["list", "study.toml"]);
    for dedup in ["off", "on"] {
        assert!(text.contains(&format!("\nno split   dedup={dedup}, fold 0: {reason}\n")), "{text}");
    }
    place.write("study.toml", &study.replace("delay = 4", "delay = 3"));
    assert!(!listed(&place, &["list", "study.toml"]).contains("no split"));
}

#[test]
fn the_columns_of_the_components_are_straight_whatever_their_names() {
    let place = Place::new(&csv(70), STUDY);
    let text = listed(&place, &["list"]);
    let (_, resamplers) = text.split_once("\nResamplers\n").unwrap();
    let rows: Vec<&str> = resamplers.lines().take_while(|line| !line.is_empty()).collect();
    // The longest name has 34 letters; what implements it stands a space behind, and what it is behind ten letters and a space.
    assert!(rows.iter().any(|row| row.starts_with("  repeated-edited-nearest-neighbours native     ")), "{text}");
    for row in rows {
        let at = |place: usize| row.as_bytes()[place];
        assert!(at(36) == b' ' && at(37) != b' ' && at(47) == b' ' && at(48) != b' ', "{row}");
    }
    let (_, metrics) = text.split_once("\nMetrics\n").unwrap();
    let rows = metrics.lines().take_while(|line| !line.is_empty());
    let starts: Vec<usize> =
        rows.map(|row| row.len() - row[2..].split_once(' ').unwrap().1.trim_start().len()).collect();
    assert!(starts.iter().all(|start| *start == starts[0]), "{metrics}");
}
