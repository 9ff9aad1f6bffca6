use crate::{Place, STUDY, csv};

/// Runs the study and checks: exit code 2, one sentence, and every word in it; nothing is left behind.
fn refused(data: &str, study: &str, words: &[&str]) {
    let place = Place::new(data, study);
    let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
    for word in words {
        assert!(said.contains(word), "`{word}` is missing in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
    assert!(!place.path("out").exists(), "results were begun all the same");
}

#[test]
fn misspelt_names_and_keys_name_the_nearest() {
    refused(
        &csv(70),
        &STUDY.replace("standard", "standart"),
        &["study.toml", "grid.scalers", "standart", "did you mean `standard`"],
    );
    refused(&csv(70), &STUDY.replace("decision-tree", "decison-tree"), &["did you mean `decision-tree`"]);
    refused(&csv(70), &STUDY.replace("seed = 5", "sed = 5"), &["unknown key `sed`", "did you mean `seed`"]);
    refused(&csv(70), &STUDY.replace("folds = 3", "fold = 3"), &["did you mean `folds`"]);
    refused(&csv(70), &STUDY.replace("stratified-k-fold", "stratified-kfold"), &["did you mean `stratified-k-fold`"]);
    refused(&csv(70), &STUDY.replace("scalers", "scaler"), &["did you mean `scalers`"]);
    refused(&csv(70), &format!("primary = \"prauc\"\n{STUDY}"), &["did you mean `pr-auc`"]);
}

#[test]
fn the_family_that_misbehaves_is_offered_to_nobody() {
    let place = Place::new(&csv(70), &STUDY.replace("\"prior\"", "\"debugg\""));
    let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains("unknown classifier `debugg`") && said.contains("catboost, tpot"), "{said}");
    assert!(!said.contains("debug,") && !said.contains("`debug`") && !said.trim_end().ends_with("debug"), "{said}");
}

#[test]
fn wrong_parameters_are_named() {
    let forest = |params: &str| {
        STUDY.replace("\"prior\"", &format!("{{ family = \"random-forest\", params = {{ {params} }} }}"))
    };
    refused(&csv(70), &forest("n_estimator = 5"), &["random-forest", "did you mean `n_estimators`"]);
    refused(
        &csv(70),
        &forest("n_estimators = \"many\""),
        &["random-forest", "n_estimators", "expected a whole number"],
    );
    refused(&csv(70), &forest("n_estimators = -5"), &["`random-forest`: `n_estimators` must be at least 1, not -5"]);
    refused(&csv(70), &forest("max_features = \"many\""), &["it is `sqrt`, `log2`, a number of columns, or a share"]);
    // JSON would make null of them, and null the default.
    for number in ["nan", "inf", "-inf"] {
        let said = "is no value of a parameter: write a finite number";
        refused(
            &csv(70),
            &forest(&format!("max_samples = {number}\nmax_features = [1.0]").replace('\n', ", ")),
            &[said, "`max_samples`"],
        );
        refused(&csv(70), &forest(&format!("class_weight = {{ 0 = 1.0, 1 = {number} }}")), &[said, "`class_weight`"]);
    }
    let of = |keys: &str| STUDY.replace("\"prior\"", &format!("{{ family = \"lda\", {keys} }}"));
    refused(
        &csv(70),
        &of("threshold = \"cost\", cost = { false_negative = -1, false_positive = 1 }"),
        &["`lda`: cost: "],
    );
    refused(
        &csv(70),
        &format!("{STUDY}[limits]\ncell_seconds = -1\ncell_memory = \"a\"\n"),
        &["limits.cell_seconds: -1 must be", "limits.cell_memory: \"a\" must be"],
    );
    refused(
        &csv(70),
        &STUDY.replace("\"prior\"", "{ family = \"random-forest\", backend = \"nativ\" }"),
        &["did you mean `native`"],
    );
}

#[test]
fn weights_of_rows_are_refused_where_no_family_takes_them() {
    let study = STUDY.replace("[data]\n", "[data]\nweight = \"a\"\n").replace("\"prior\"", "\"k-neighbors\"");
    refused(
        &csv(70),
        &study,
        &["takes no weights of rows", "take `weight` out of [data] and put `a` under `ignore`, or leave"],
    );
}

#[test]
fn components_of_one_name_cannot_be_told_apart() {
    refused(&csv(70), &STUDY.replace("\"prior\"", "\"decision-tree\""), &["two are called `decision-tree`"]);
}

#[test]
fn data_that_cannot_be_used() {
    refused(&csv(70).replace(",label", ",label,label"), STUDY, &["label"]);
    refused(&csv(14), &STUDY.replace("folds = 3", "folds = 5"), &["2 positive"]);
    refused(&csv(70).replacen(",-500,", ",,", 1), STUDY, &["missing", "`b`", "impute"]);
    refused("a,b,label\n1,2,0\n3,4,0\n", STUDY, &["label"]);
    refused("a,b,label\n1,x,0\n3,4,1\n", STUDY, &["`b`", "x"]);
    refused("", STUDY, &["data.csv"]);
    refused(
        &csv(70),
        &STUDY.replace("path = \"data.csv\"", "path = \"data.csv\"\nlabel = \"lable\""),
        &["did you mean `label`"],
    );
    refused(&csv(70), &STUDY.replace("data.csv", "dta.csv"), &["dta.csv"]);
}

#[test]
fn a_missing_study_and_a_wrong_filter() {
    let place = Place::new(&csv(70), STUDY);
    assert!(place.expect(2, &["run", "stdy.toml"]).contains("stdy.toml"));
    let said = place.expect(2, &["run", "study.toml", "--filter", "scalr=none"]);
    assert!(said.contains("did you mean `scaler`"), "{said}");
    let said = place.expect(2, &["run", "study.toml", "--filter", "scaler=standrd"]);
    assert!(said.contains("did you mean `standard`"), "{said}");
    place.expect(2, &["run", "study.toml", "--threads", "0"]);
    assert!(place.expect(2, &["run"]).contains("Usage"));
}

#[test]
fn results_are_not_overwritten() {
    let place = Place::new(&csv(70), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let before = place.records("out");
    let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains("--resume out"), "{said}");
    assert_eq!(place.records("out"), before);
}

#[test]
fn results_of_other_data_do_not_mix() {
    let place = Place::new(&csv(70), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    place.write("data.csv", &csv(77));
    let said = place.expect(2, &["run", "--resume", "out"]);
    assert!(
        said.contains("the features of data are not what they were, and results on different data do not mix"),
        "{said}"
    );
}

#[test]
fn a_column_that_gets_a_role_between_two_runs_invalidates_nothing() {
    let place = Place::new(&csv(70), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let before = place.records("out");
    let manifest = place.path("out/manifest.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let named = text.replacen("path = \"data.csv\"", "path = \"data.csv\"\namount = \"a\"", 1);
    assert_ne!(named, text);
    std::fs::write(&manifest, named).unwrap();
    place.expect(0, &["run", "--resume", "out"]);
    assert_eq!(place.records("out"), before);
    let now = std::fs::read_to_string(&manifest).unwrap();
    assert!(now.split("[data.digests]").nth(1).is_some_and(|digests| digests.contains("\namount = \"")), "{now}");
}

#[test]
fn unreadable_and_newer_results_have_their_own_exit_code() {
    let place = Place::new(&csv(70), STUDY);
    assert!(place.expect(3, &["report", "nowhere"]).contains("not a results directory"));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let log = place.path("out/records.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("{\"v\":2,", "{\"v\":9,", 1)).unwrap();
    assert!(place.expect(3, &["report", "out"]).contains("use a newer fraudbench"));
    std::fs::write(&log, text.replacen("{\"v\":2,", "{\"v\"1,", 1)).unwrap();
    assert!(place.expect(3, &["report", "out"]).contains("line 1 is no record"));
    let manifest = place.path("out/manifest.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replacen("format = 2", "format = 9", 1)).unwrap();
    assert!(place.expect(3, &["report", "out"]).contains("use a newer fraudbench"));
}

#[test]
fn a_column_that_a_family_or_a_scaler_cannot_take_is_named() {
    let data = csv(60).replace("a,b,label", "amount,limit,label").replacen("\n", "\n1.5,1e39,0\n", 1);
    let study = STUDY
        .replace(r#"["none", "standard"]"#, r#"["none", { id = "power", params = { method = "box-cox" } }]"#)
        .replace(r#"["prior", "decision-tree", "logistic-regression"]"#, r#"["decision-tree", "xgboost", "prior"]"#);
    let place = Place::new(&data, &study);
    place.expect(1, &["run", "study.toml", "--out", "out"]);
    let log = std::fs::read_to_string(place.path("out/records.jsonl")).unwrap();
    let records = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut said: Vec<String> = records
        .filter(|record| record["outcome"] == "failed")
        .map(|record| format!("{}: {}", record["stage"].as_str().unwrap(), record["reason"].as_str().unwrap()))
        .collect();
    said.sort();
    said.dedup();
    let starts = [
        "fit: column `limit` holds 1e39",
        "fit: xgboost works in 32-bit floats, and column `limit`",
        "scale: `power`: columns `amount` and `limit` hold values of 0 or less; box-cox needs positive values",
    ];
    // The least values of both are 0 or negative in some folds.
    assert!(starts.iter().all(|start| said.iter().any(|said| said.starts_with(start))), "{said:#?}");
    assert!(said.iter().all(|said| !said.contains("counted from 0") && !said.contains("{column}")), "{said:#?}");
}

#[test]
fn no_command_writes_its_report_among_files_of_others() {
    let place = Place::new(&csv(70), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "a"]);
    place.write("data.csv", &csv(84));
    place.expect(0, &["run", "study.toml", "--out", "b"]);
    std::fs::create_dir(place.path("mine")).unwrap();
    place.write("mine/thesis.md", "a year's work");
    for command in [
        &["run", "study.toml", "--out", "mine"][..],
        &["report", "a", "--out", "mine"],
        &["merge", "a", "--out", "mine"],
        &["compare", "--data-sets", "a", "b", "--out", "mine"],
        &["power", "study.toml", "--draws", "1", "--out", "mine"],
        &["reproduce", "kochnev-2023", "--out", "mine"],
        &["reproduce", "--all", "--out", "mine"],
    ] {
        let said = place.expect(2, command);
        assert!(said.contains("mine holds files that are not fraudbench's, such as thesis.md"), "{command:?}: {said}");
    }
    let left: Vec<_> = std::fs::read_dir(place.path("mine")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["thesis.md"]);
}

#[test]
fn texts_are_no_money_and_neither_is_what_a_study_says_is_none() {
    let text = |amount: &dyn Fn(usize) -> String| -> String {
        (0..84).fold("a,Amount,label\n".into(), |text, i| {
            format!("{text}{},{},{}\n", (i * 7919) % 83, amount(i), u8::from(i % 7 == 3))
        })
    };
    let study = |data: &str| {
        let study = STUDY
            .replace("[data]", &format!("metrics = ['pr-auc', 'amount-recall']\nprimary = 'pr-auc'\n[data]\n{data}"));
        study.replace("[grid]", "[grid]\nencoders = ['one-hot']").replace(", \"logistic-regression\"", "")
    };
    let size = |i: usize| ["small", "medium", "large"][i % 3].to_owned();
    let number = |i: usize| format!("{}.5", i % 9);
    let money = |data: &str, keys: &str| {
        let place = Place::new(data, &study(keys));
        place.expect(0, &["run", "study.toml", "--out", "out"]);
        let records = std::fs::read_to_string(place.path("out/records.jsonl")).unwrap();
        let record: serde_json::Value = serde_json::from_str(records.lines().last().unwrap()).unwrap();
        record["metrics"]["amount-recall"].clone()
    };
    // A metric that the only table can never have is told before any cell.
    let no_money = |data: &str, keys: &str| {
        let place = Place::new(data, &study(keys));
        for command in [&["list", "study.toml"][..], &["run", "study.toml", "--out", "out"]] {
            let said = place.expect(2, command);
            let wanted = "metrics: `amount-recall` needs to know of each row of data what is at stake: give `amount`, the column of \
                          money, in [data]";
            assert!(said.contains(wanted), "{said}");
        }
        assert!(!place.path("out").exists());
    };
    assert!(money(&text(&number), "").is_number());
    no_money(&text(&size), "");
    no_money(&text(&number), "amount = 'none'");
    // A column of that name could be meant, too.
    let place = Place::new(&text(&number).replace("a,Amount,label", "none,Amount,label"), &study("amount = 'none'"));
    for command in [&["list", "study.toml"][..], &["run", "study.toml", "--out", "out"]] {
        let said = place.expect(2, command);
        assert!(
            said.contains(
                "data: `amount = \"none\"` in [data] means that no column is the money, but there is a column called `none`: give \
                 this column another name in the file"
            ),
            "{said}"
        );
    }
    assert!(!place.path("out").exists());
    place.write("study.toml", &study("amount = 'Amount'"));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    // Of two columns nobody knows which is meant.
    let two = text(&number).replace("a,Amount,label", "AMOUNT,Amount,label");
    no_money(&two, "");
    assert!(money(&two, "amount = 'Amount'").is_number());
    // What would rank by nothing is told before any cell; a column whose values are no money is seen by the cells only.
    let by_money = study("").replace("primary = 'pr-auc'", "primary = 'amount-recall'");
    let said = Place::new(&text(&size), &by_money).expect(2, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains("primary: `amount-recall` needs to know of each row of data what is at stake"), "{said}");
    let place = Place::new(&text(&|i| format!("-{}.5", i % 9)), &by_money);
    let said = String::from_utf8(place.run(&["run", "study.toml", "--out", "out"]).stdout).unwrap();
    assert!(said.contains("No pipeline has a defined amount-recall on every split, so none is ranked."), "{said}");
    assert!(said.contains("4 pipelines are not ranked, because amount-recall is undefined on some split."), "{said}");
}

#[test]
fn a_resampler_before_the_encoder_is_told_to_act_behind_it() {
    let data: String = (0..70).fold("a,shop,label\n".into(), |text, i| {
        format!("{text}{i},{},{}\n", ["web", "bar", "inn"][i % 3], u8::from(i % 7 == 3))
    });
    let study = |resampler: &str| {
        STUDY.replace("[grid]", &format!("[grid]\nencoders = ['one-hot']\nresamplers = [{resampler}]"))
    };
    let said =
        "it acts before the encoder, and `shop` is one of the categories: write `{ id = \"smote\", on = \"scaled\" }`";
    refused(&data, &study("'smote'"), &[said]);
    // With a chain, its steps.
    let said = "write `{ id = \"near-miss+tomek-links\", on = \"scaled\" }`";
    refused(&data, &study("'near-miss+tomek-links'"), &[said]);
    let place = Place::new(&data, &study("{ id = \"smote\", on = \"scaled\" }"));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
}

/// Two numbers, of which the first is whole, and two categories.
fn mixed() -> String {
    (0..70).fold("a,b,shop,card,label\n".into(), |text, i| {
        let (shop, card) = (["web", "bar", "inn"][i % 3], ["x", "y"][i / 3 % 2]);
        format!("{text}{i},{}.5,{shop},{card},{}\n", i * 29 % 31, u8::from(i % 7 == 3))
    })
}

#[test]
fn advice_about_categories_leads_to_a_study_that_runs() {
    let study = |encoder: &str, resampler: &str| {
        STUDY.replace("[grid]", &format!("[grid]\nencoders = ['{encoder}']\nresamplers = [{resampler}]"))
    };
    let scaled = "{ id = \"smote\", on = \"scaled\" }";
    let said = format!(
        "it acts before the encoder, and `shop`, `card` are categories: use the encoder `one-hot` or `ordinal`, and \
         write `{scaled}`"
    );
    refused(&mixed(), &study("native", "'smote'"), &[&said]);
    Place::new(&mixed(), &study("ordinal", scaled)).expect(0, &["run", "study.toml", "--out", "out"]);
    // No encoder helps a chain of which one step needs categories and another takes none.
    for encoder in ["native", "one-hot"] {
        refused(
            &mixed(),
            &study(encoder, "'smote-nc+edited-nearest-neighbours'"),
            &[
                "on encoded rows it does not fit either: step 1: it takes numbers and categories, and there are numbers only: use \
               the resampler `smote`",
            ],
        );
    }
    // The training rows have all the levels that they can have.
    let native = study("native", "{ id = 'smote-nc', on = 'scaled', params = { k_neighbors = 3 } }")
        .replace("\"decision-tree\", \"logistic-regression\"", "\"lightgbm\"");
    Place::new(&mixed(), &native).expect(0, &["run", "study.toml", "--out", "out"]);
    let blank = mixed().replace("12,7.5,web", "12,7.5,");
    assert_ne!(blank, mixed());
    refused(&blank, &native, &["it takes no missing values, and `shop` has some"]);
    let leaky = native
        .replace("folds = 3", "folds = 3\nleaks = ['resample-before-split']")
        .replace("[grid]", "[grid]\ndedup = true");
    refused(&mixed(), &leaky, &["it acts on rows with levels that the encoder has not learnt", "leave out `on`"]);
}

#[test]
fn integer_columns_are_looked_for_before_any_cell() {
    let study = |resampler: &str| {
        STUDY
            .replace("[grid]", &format!("[grid]\nresamplers = [{resampler}]"))
            .replace("\"decision-tree\", \"logistic-regression\"", "\"lightgbm\"")
    };
    let misspelt = "{ id = 'smote', params = { integer_columns = ['A'] } }";
    refused(&csv(70), &study(misspelt), &["unknown column in smote's `integer_columns` `A`", "Allowed: a, b"]);
    let nominal = "{ id = 'smote-nc', params = { integer_columns = ['shop'] } }";
    refused(&mixed(), &study(nominal), &["unknown column in smote-nc's `integer_columns` `shop`", "Allowed: a, b"]);
    for id in ["smote", "smote-nc"] {
        let scaled = format!("{{ id = '{id}', on = 'scaled', params = {{ integer_columns = ['a'] }} }}");
        refused(&mixed(), &study(&scaled), &["leave out `on`, or the parameter `integer_columns`"]);
    }
}

#[test]
fn negative_numbers_are_told_what_they_must_be() {
    let place = Place::new(&csv(70), STUDY);
    for (arguments, said) in [
        (&["run", "--plan", "plan", "--shard", "-1/4"][..], "must be I/N, such as 0/8"),
        (&["run", "study.toml", "--cell-seconds", "-1"], "must be a whole number from 0 to 4,294,967,295"),
        (&["run", "study.toml", "--memory", "-5"], "must be a whole number from 1 to 4,294,967,295"),
        (&["run", "study.toml", "--retries", "-1"], "-1 is not in 0..=4294967295"),
        (&["run", "study.toml", "--threads", "-2"], "must be a whole number of at least 1"),
        (&["run", "study.toml", "--nightly", "--keep", "-1"], "must be a whole number of at least 1"),
        (&["submit", "study.toml", "--shards", "-3"], "must be a whole number from 1 to 1,000,000"),
        (&["cluster", "run", "--out", "x", "--nodes", "-1,5"], "must be a whole number from 1 to 100,000"),
        (&["cluster", "run", "--out", "x", "--start", "-0.5"], "must be a number of at least 0"),
        (&["scaling", "--seconds", "-1"], "must be a whole number from 1 to 4,294,967,295"),
        (&["scaling", "--positives", "-0.1,0.5"], "must be a share between 0 and 1"),
    ] {
        let found = place.expect(2, arguments);
        assert!(found.contains(said) && !found.contains("tip:"), "{arguments:?} said: {found}");
    }
}

#[test]
fn what_is_wrong_with_the_files_of_several_tables_is_told_of_all() {
    let two = |more: [&str; 2]| {
        let tables = format!("[[data]]\npath = \"a.csv\"\n{}\n[[data]]\npath = \"b.csv\"\n{}\n", more[0], more[1]);
        STUDY.replace("[data]\npath = \"data.csv\"\n", &tables)
    };
    let said = |study: &str, files: &[&str]| {
        let place = Place::new(&csv(70), study);
        files.iter().for_each(|file| place.write(file, &csv(70)));
        [place.expect(2, &["list", "study.toml"]), place.expect(2, &["run", "study.toml", "--out", "out"])]
    };
    for said in said(&two(["", ""]), &[]) {
        assert!(said.contains("cannot read a.csv: ") && said.contains("cannot read b.csv: "), "{said}");
    }
    for said in said(&two(["group = \"crd\"", "time = \"whn\""]), &["a.csv", "b.csv"]) {
        assert!(said.contains("unknown column in `group` `crd`") && said.contains("in `time` `whn`"), "{said}");
    }
    let parts = STUDY.replace("path = \"data.csv\"", "path = \"data.csv\"\nvalidation = \"v.csv\"\ntest = \"t.csv\"");
    let parts = parts.replace("kind = \"stratified-k-fold\"\nfolds = 3", "kind = \"given\"");
    for said in said(&parts, &[]) {
        assert!(said.contains("cannot read v.csv: ") && said.contains("cannot read t.csv: "), "{said}");
    }
}

#[test]
fn a_file_that_is_not_there_is_told_with_what_lies_there_and_how_to_get_it() {
    let place = Place::new(&csv(70), &STUDY.replace("data.csv", "dta.csv"));
    let folder = place.folder.path().display();
    let wanted = format!(
        "cannot read dta.csv: No such file or directory (os error 2); did you mean `data.csv`? In {folder} there is data.csv\n"
    );
    for command in
        [&["list", "study.toml"][..], &["run", "study.toml", "--out", "out"], &["data", "describe", "dta.csv"]]
    {
        let said = place.expect(2, command);
        assert!(said.ends_with(&wanted), "{said}");
    }
    let said = place.expect(2, &["run", "studdy.toml", "--out", "out"]);
    let wanted = format!(
        "cannot read the study studdy.toml: No such file or directory (os error 2); did you mean `study.toml`? In {folder} there is \
         study.toml; `fraudbench init --study studdy.toml` writes a template\n"
    );
    assert!(said.ends_with(&wanted), "{said}");
    // A path is one from the study's folder.
    std::fs::create_dir(place.path("studies")).unwrap();
    place.write("studies/study.toml", STUDY);
    let said = place.expect(2, &["list", "studies/study.toml"]);
    let wanted = format!("; did you mean `{folder}/data.csv`? There is no table in {folder}/studies\n");
    assert!(said.ends_with(&wanted), "{said}");
}
