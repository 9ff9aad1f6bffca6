use crate::{Place, STUDY, csv};

fn listed(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_study_is_summed_up_and_its_cells_are_listed_when_asked() {
    let place = Place::new(&csv(70), STUDY);
    let text = listed(&place, &["list", "study.toml"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..6],
        [
            "study      small: small",
            "data       data: 70 rows, 10 positive (14.2857%), 2 feature columns",
            "protocol   stratified-k-fold (folds 3, repeats 1, seed 5, shuffle true): 3 splits",
            "scaler     2: none, standard",
            "classifier 3: prior, decision-tree, logistic-regression",
            "in all     4 pipelines and 2 of the baseline `prior`, 18 cells",
        ]
    );
    assert!(lines[6].starts_with("time       about ") && lines.len() == 7, "{text}");
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
    assert!(listed(&place, &["list", "hold-out"]).contains("stratify"));
    assert!(listed(&place, &["list", "smote"]).contains("k_neighbors"));
    let output = place.run(&["list", "random-forst"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn help_shows_examples_for_every_subcommand() {
    let place = Place::new("", "");
    for command in ["try", "init", "run", "list", "report", "compare", "data"] {
        assert!(listed(&place, &[command, "--help"]).contains("Example"), "{command}");
    }
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
