//! `score`: what a model says of rows without a label, and which rows it refuses.

use crate::refitting::{forget_digests, ok, place, refit, rows, scores};
use crate::{Place, STUDY, csv};

#[test]
fn rows_score_alike_in_any_order_of_columns_without_a_label_and_from_parquet() {
    let place = place();
    refit(&place, "imputer=median,resampler=none,encoder=one-hot,scaler=standard,select=none,classifier=xgboost", "m");
    let whole = ok(&place, &["score", "m", "data.csv"]);
    let turned: String = rows(240)
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{};x;{};{};{}\n", cells[4], cells[3], cells[2], cells[1])
        })
        .collect();
    place.write("turned.csv", &turned.replacen(";x;", ";more;", 1));
    let said = place.run(&["score", "m/model.json", "turned.csv", "--out", "turned.parquet"]);
    let told = String::from_utf8(said.stderr).unwrap();
    assert!(told.contains("turned.csv: `more` is ignored, as the model does not use it"), "{told}");
    let again = ok(&place, &["score", "m", "turned.csv"]);
    assert_eq!(scores(&whole), scores(&again));
    assert!(std::fs::metadata(place.path("turned.parquet")).unwrap().len() > 100);
}

#[test]
fn rows_that_do_not_fit_are_refused_by_name_and_place() {
    let place = place();
    refit(&place, "imputer=none,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=xgboost", "takes");
    refit(&place, "imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=lda", "fills");
    let refused = |model: &str, text: &str| {
        place.write("new.csv", text);
        let said = place.run(&["score", model, "new.csv"]);
        assert_eq!(said.status.code(), Some(2));
        assert!(said.stdout.is_empty());
        String::from_utf8(said.stderr).unwrap()
    };
    let head = "amount,age,shop,bought\n";
    let said = refused("fills", "amount,shop\n1,bar\n");
    assert!(said.contains("new.csv: the model needs the columns `age` and `bought`, which are not there"), "{said}");
    let said = refused("fills", &format!("{head}1,2,bar,2024-02-01\nmuch,3,bar,2024-02-01\n4,old,bar,yesterday\n"));
    assert!(said.contains("texts stand in `amount` (line 3: `much`), `age` (line 4: `old`)"), "{said}");
    assert!(said.contains("others stand in `bought` (line 4: `yesterday`)"), "{said}");
    let said = refused("fills", &format!("{head}inf,2,bar,2024-02-01\n"));
    assert!(said.contains("not finite stand in `amount` (line 2: `inf`)"), "{said}");
    // In another encoding every text would be a level that nobody has seen.
    std::fs::write(place.path("new.csv"), [head.as_bytes(), b"1,2,caf\xe9,2024-02-01\n"].concat()).unwrap();
    let said = place.expect(2, &["score", "takes", "new.csv"]);
    assert!(
        said.contains("not UTF-8 stand in `shop` (line 2: `caf") && said.contains("save the file as UTF-8"),
        "{said}"
    );
    // The scores would replace the rows.
    place.write("rows.csv", &format!("{head}1,2,bar,2024-02-01\n"));
    let before = std::fs::read(place.path("rows.csv")).unwrap();
    let said = place.expect(2, &["score", "takes", "rows.csv", "--out", "./rows.csv"]);
    assert!(said.contains("`--out` ./rows.csv is the file of the rows: name another one"), "{said}");
    std::fs::hard_link(place.path("rows.csv"), place.path("hard.csv")).unwrap();
    std::os::unix::fs::symlink("rows.csv", place.path("soft.csv")).unwrap();
    for link in ["hard.csv", "soft.csv"] {
        let said = place.expect(2, &["score", "takes", "rows.csv", "--out", link]);
        assert!(said.contains(&format!("`--out` {link} is the file of the rows: name another one")), "{said}");
    }
    assert_eq!(std::fs::read(place.path("rows.csv")).unwrap(), before);
    let model = std::fs::read(place.path("takes/model.json")).unwrap();
    std::fs::hard_link(place.path("takes/model.json"), place.path("link.json")).unwrap();
    for (named, out) in [("takes", "takes/model.json"), ("takes/model.json", "takes/model.ubj"), ("takes", "link.json")]
    {
        let said = place.expect(2, &["score", named, "rows.csv", "--out", out]);
        assert!(said.contains(&format!("`--out` {out} is a file of the model: name another one")), "{said}");
    }
    assert_eq!(std::fs::read(place.path("takes/model.json")).unwrap(), model);
    // What is missing is taken where the pipeline takes it.
    place.write("blank.csv", &format!("{head},,,\n1,2,bar,2024-02-01\n"));
    assert_eq!(scores(&ok(&place, &["score", "takes", "blank.csv"])).len(), 2);
    assert_eq!(scores(&ok(&place, &["score", "fills", "blank.csv"])).len(), 2);
    refit(
        &place,
        "imputer=median,resampler=none,encoder=one-hot,scaler=none,select=none,classifier=decision-tree",
        "m",
    );
    let model = std::fs::read_to_string(place.path("m/model.json")).unwrap();
    place
        .write("m/model.json", &model.replace("\"blanks\":[true,true,true,true]", "\"blanks\":[true,false,true,true]"));
    forget_digests(&place, "m");
    let said = refused("m", &format!("{head}1,2,bar,2024-02-01\n1,,bar,2024-02-01\n1,,bar,2024-02-01\n"));
    assert!(said.contains("takes no missing values, and there are some in `age` (line 3 and 1 more row)"), "{said}");
}

#[test]
fn a_level_that_the_training_rows_lack_is_told_and_treated_as_the_encoder_does() {
    let place = place();
    let new = "amount,age,shop,bought\n5,9,market,2024-02-01\n5,9,,2024-02-01\n";
    place.write("new.csv", new);
    for (encoder, alike) in [("native", true), ("frequency", false)] {
        let pipeline = format!(
            "imputer=none,resampler=none,encoder={encoder},scaler=none,select=none,classifier=hist-gradient-boosting"
        );
        refit(&place, &pipeline, "m");
        let said = place.run(&["score", "m", "new.csv"]);
        let told = String::from_utf8(said.stderr).unwrap();
        assert!(
            told.contains("1 row has a level of `shop` that the training rows lack, such as `market` (line 2)"),
            "{told}"
        );
        let both = scores(&String::from_utf8(said.stdout).unwrap());
        // Missing under `native`, no row under `frequency`.
        assert!(both[0] == both[1] || !alike, "{both:?}");
    }
}

/// A model `m` of the columns `amount` and `flag`, which has `yes` and `no`.
fn flags() -> Place {
    let rows: String =
        (0..60).map(|i| format!("{},{},{}\n", i * 7 % 50, ["yes", "no"][i % 2], u8::from(i % 6 == 2))).collect();
    let study = "name = \"flags\"\n[data]\npath = \"data.csv\"\nlabel = \"label\"\n[protocol]\n\
                 kind = \"stratified-k-fold\"\nfolds = 3\n[grid]\nscalers = [\"standard\"]\nclassifiers = [\"logistic-regression\"]\n";
    let place = Place::new(&format!("amount,flag,label\n{rows}"), study);
    ok(&place, &["run", "study.toml", "--out", "r"]);
    ok(&place, &["refit", "r", "--out", "m"]);
    place
}

#[test]
fn what_cannot_be_written_is_not_said_to_be_scored_and_words_for_yes_and_no_are_known_again() {
    let place = flags();
    let said = place.expect(2, &["score", "m", "data.csv", "--out", "nodir/x.csv"]);
    assert!(said.contains("nodir") && !said.contains("scored by"), "{said}");
    place.write("new.csv", "amount,flag\n1,yes\n2,1\n");
    let said = place.expect(2, &["score", "m", "new.csv"]);
    let wanted = "the model was fitted on `yes` and `no`, and others stand in `flag` (line 3: `1`): mend the file";
    assert!(said.contains(wanted), "{said}");
    // Numbers are what the words stood for.
    place.write("new.csv", "amount,flag\n1,yes\n2,no\n");
    let words = ok(&place, &["score", "m", "new.csv"]);
    place.write("new.csv", "amount,flag\n1,1\n2,0\n");
    assert_eq!(words, ok(&place, &["score", "m", "new.csv"]));
}

#[test]
fn numbers_that_no_word_stands_for_are_refused_where_the_model_knows_words() {
    let place = flags();
    let said = |rows: &str| {
        place.write("new.csv", &format!("amount,flag\n{rows}"));
        place.expect(2, &["score", "m", "new.csv"])
    };
    let refused = |found: &str| {
        format!(
            "fraudbench: new.csv: the model was fitted on `yes` and `no`, and others stand in `flag` ({found}): mend the file, in which \
             a column has `true` and `false`, or `yes` and `no`, or 1 and 0 in all rows\n"
        )
    };
    assert_eq!(said("1,1\n2,7.5\n3,0\n4,-3\n"), refused("line 3: `7.5` and 1 more row"));
    assert_eq!(said("1,yes\n2,1\n"), refused("line 3: `1`"));
    place.write("new.csv", "amount,flag\n1,1\n2,0\n");
    let numbers = ok(&place, &["score", "m", "new.csv"]);
    for rows in ["1,TRUE\n2,false\n", "1,1.0\n2,-0\n"] {
        place.write("new.csv", &format!("amount,flag\n{rows}"));
        assert_eq!(ok(&place, &["score", "m", "new.csv"]), numbers, "{rows}");
    }
}

#[test]
fn scores_go_into_no_file_whose_name_says_another_form() {
    let place = flags();
    for name in ["scores.csv.gz", "scores.xlsx", "scores"] {
        let said = place.expect(2, &["score", "m", "data.csv", "--out", name]);
        let wanted = "the file's name must end in .parquet or .csv, which says how it is written";
        assert_eq!(said, format!("fraudbench: {name}: {wanted}\n"));
        assert!(!place.path(name).exists());
    }
    ok(&place, &["score", "m", "data.csv", "--out", "scores.PARQUET"]);
    assert!(std::fs::read(place.path("scores.PARQUET")).unwrap().starts_with(b"PAR1"));
}

#[test]
fn of_a_wide_table_few_names_are_told_and_the_nearest_is() {
    let place = flags();
    let more: String = (0..20_000).map(|at| format!(",z{at}")).collect();
    let blank = ",".repeat(20_000);
    place.write("new.csv", &format!("amount,flag{more}\n1,yes{blank}\n"));
    let said = place.expect(0, &["score", "m", "new.csv"]);
    let ignored = "`z0`, `z1`, `z2`, `z3`, `z4`, `z5`, `z6`, `z7`, `z8`, `z9` and 19,990 more are ignored, as the model does not use them";
    assert!(said.contains(&format!("new.csv: {ignored}\n")), "{}", &said[..500.min(said.len())]);
    place.write("new.csv", &format!("Amount,Flag{more}\n1,yes{blank}\n"));
    let wanted = "fraudbench: new.csv: the model needs the columns `amount` and `flag`, which are not there; did you mean `Amount` and \
                  `Flag`? The file has `Amount`, `Flag`, `z0`, `z1`, `z2`, `z3`, `z4`, `z5`, `z6`, `z7` and 19,992 more\n";
    assert_eq!(place.expect(2, &["score", "m", "new.csv"]), wanted);
}

#[test]
fn a_run_in_the_place_of_a_model_and_a_table_that_was_moved_are_told_with_what_to_write() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "r", "--filter", "family=logistic-regression"]);
    let said = place.expect(3, &["score", "r", "data.csv"]);
    assert!(said.contains("; this is a results directory, of which `fraudbench refit r` makes a model"), "{said}");
    let refit = ["refit", "r", "classifier=logistic-regression,scaler=none", "--out", "m"];
    std::fs::rename(place.path("data.csv"), place.path("moved.csv")).unwrap();
    let said = place.expect(2, &refit);
    assert!(said.contains("; where it was moved, name it with `--data FILE`"), "{said}");
    place.expect(0, &[&refit[..], &["--data", "moved.csv"]].concat());
    // A column without a name is called as everywhere.
    let rows: String = csv(10).lines().map(|line| format!("{line},\n")).collect();
    place.write("new.csv", &rows);
    let said = place.expect(0, &["score", "m", "new.csv"]);
    assert!(said.contains("`label` and `Unnamed: 3` are ignored"), "{said}");
}

#[test]
fn a_missing_value_that_the_model_writes_otherwise_is_told_with_its_text() {
    let rows: String = csv(210)
        .lines()
        .enumerate()
        .map(|(at, line)| match at % 20 {
            5 => format!("-,{}\n", line.split_once(',').unwrap().1),
            _ => format!("{line}\n"),
        })
        .collect();
    let study = STUDY
        .replace("[protocol]", "missing = [\"-\"]\n[protocol]")
        .replace("[grid]", "[grid]\nimputers = [\"median\"]");
    let place = Place::new(&rows, &study);
    place.expect(0, &["run", "study.toml", "--out", "r", "--filter", "family=logistic-regression"]);
    place.expect(0, &["refit", "r", "classifier=logistic-regression,scaler=none", "--out", "m"]);
    place.write("new.csv", "a,b\n1,2\n,3\n");
    let said = place.expect(2, &["score", "m", "new.csv"]);
    assert!(
        said.contains("(line 3: ``): write a missing value as `-`, as the table has that the model was fitted on"),
        "{said}"
    );
}
