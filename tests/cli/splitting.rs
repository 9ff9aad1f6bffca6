use serde_json::Value;

use crate::Place;

/// Rows of 40 cards over 30 days, a row of each card per day; card `c` has a fraud on day `c` where `c` is small enough.
fn cards() -> String {
    let mut text = String::from("card,day,x,fraud\n");
    for day in 0..30 {
        for card in 0..40 {
            let fraud = card == day || (card + 11) % 40 == day;
            let x = (card * 7919 + day * 104_729) % 997;
            text.push_str(&format!(
                "c{card},{},{},{}\n",
                day * 86_400 + card,
                x + 200 * i32::from(fraud),
                i32::from(fraud)
            ));
        }
    }
    text
}

fn study(data: &str, protocol: &str, grid: &str) -> String {
    format!(
        "name = 'small'\nmetrics = ['roc-auc', 'pr-auc']\n[data]\npath = 'data.csv'\nlabel = 'fraud'\n{data}\n[protocol]\n{protocol}\n\
         [grid]\n{grid}\nclassifiers = ['prior', 'logistic-regression']\n"
    )
}

fn outcomes(place: &Place) -> Vec<(bool, u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let record = |r: &Value| {
        (r["dedup"].as_bool().unwrap(), r["fold"].as_u64().unwrap(), text(&r["outcome"]), text(&r["reason"]))
    };
    let mut all: Vec<_> = place.records("out").iter().map(record).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn every_kind_runs_and_is_listed() {
    let cards = "group = 'card'\ntime = 'day'\nignore = ['day']";
    for (protocol, splits) in [
        ("kind = 'group-k-fold'\nfolds = 3", 3),
        ("kind = 'stratified-group-k-fold'\nfolds = 3\nshuffle = true\nrepeats = 2", 6),
        ("kind = 'stratified-shuffle'\nrepeats = 2\ntest = 0.3", 2),
        ("kind = 'group-shuffle'\nrepeats = 2\ntest = 0.3", 2),
        ("kind = 'time-series'\nfolds = 3\ndelay = 2", 3),
        ("kind = 'prequential'\ntrain = 5\ndelay = 2\ntest = 4\nfolds = 2", 2),
    ] {
        let place = Place::new(&self::cards(), &study(cards, protocol, ""));
        place.expect(0, &["run", "study.toml", "--out", "out", "--in-process"]);
        let records = place.records("out");
        assert_eq!(records.len(), 2 * splits, "{protocol}");
        assert!(records.iter().all(|r| r["outcome"] == "scored"), "{protocol}");
        place.expect(0, &["audit", "study.toml", "--inspect"]);
        let listed = String::from_utf8(place.run(&["list", "study.toml"]).stdout).unwrap();
        assert!(listed.contains(&format!("{} cells", 2 * splits)), "{listed}");
    }
}

#[test]
fn a_role_that_is_missing_is_asked_for() {
    let place = Place::new(&cards(), &study("ignore = ['day', 'card']", "kind = 'prequential'", ""));
    let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
    assert!(
        said.contains("protocol: `prequential` needs to know of each row of data when it was: give `time`"),
        "{said}"
    );
    let group = "; and whose it is: give `group`, the column of cards or customers, in [data], or write leave_known_cards_out = false in \
                 [protocol]";
    assert!(said.contains(group), "{said}");
    // Where groups are to stand apart nothing replaces them.
    place.write(
        "study.toml",
        &study("time = 'day'\nignore = ['day', 'card']", "kind = 'prequential'\ngroups = 'apart'", ""),
    );
    let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains("give `group`, the column of") && !said.contains("leave_known_cards_out"), "{said}");
    place.write("study.toml", &study("ignore = ['day', 'card']", "kind = 'time-series'\ncolumn = 'day'", ""));
    let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains("write time = \"day\" in [data], where it may be in `ignore`"), "{said}");
    place.write("study.toml", &study("group = 'card'\nignore = ['day']", "kind = 'given'\nfolds = 3", ""));
    let said = place.expect(2, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains("give `fold`, a column of folds, in [data], or files in `validation` and `test`"), "{said}");
}

#[test]
fn a_fold_that_a_start_cuts_short_is_noted() {
    // It would test the days 27 to 30, and the last one is 29.
    let protocol = "kind = 'prequential'\ntrain = 5\ndelay = 2\ntest = 4\nfolds = 1\nstart = 20";
    let place = Place::new(&cards(), &study("group = 'card'\ntime = 'day'\nignore = ['day']", protocol, ""));
    let told = "protocol: data, prequential: the rows are of 1970-01-01 to 1970-01-30, so that with this `start` fold 0 has 3 of 4 test days";
    let listed = place.printed(0, &["list", "study.toml"]);
    assert!(listed.contains(&format!("note       {told}")), "{listed}");
    let said = place.expect(0, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains(told), "{said}");
}

#[test]
fn known_cards_that_take_most_of_a_test_part_are_noted_once() {
    // Two rows per day. All are of one card, but for those of the last two days.
    let rows: String = (0..80)
        .map(|row| format!("{},{},{},{}\n", if row < 76 { 0 } else { row }, row / 2 * 86_400, row * 37 % 101, row % 2))
        .collect();
    let protocol = "kind = 'prequential'\ntrain = 7\ndelay = 3\ntest = 7\nfolds = 1";
    let text = study("group = 'card'\ntime = 'day'\nignore = ['day']", protocol, "");
    let place = Place::new(&format!("card,day,x,fraud\n{rows}"), &text);
    let told = "protocol: data, prequential: most test rows are left out, as cards whose fraud is known by then are not tested: 10 of 14 rows; ";
    let listed = place.printed(0, &["list", "study.toml"]);
    assert_eq!(listed.matches(&format!("note       {told}")).count(), 1, "{listed}");
    let said = place.expect(0, &["run", "study.toml", "--out", "out"]);
    assert_eq!(said.matches(told).count(), 1, "{said}");
}

#[test]
fn a_list_notes_how_times_were_read() {
    let milliseconds: String = (0..40_i64)
        .map(|row| format!("{},{},{}\n", 1_700_000_000_000 + row * 86_400_000, row * 7 % 11, u8::from(row % 4 == 1)))
        .collect();
    let text = |protocol: &str| study("time = 't'\nignore = ['t']", protocol, "");
    let place = Place::new(&format!("t,x,fraud\n{milliseconds}"), &text("kind = 'time-ordered'"));
    let listed = place.printed(0, &["list", "study.toml"]);
    assert!(listed.contains("note       the numbers in `t` are taken for seconds"), "{listed}");
    // Where no split can be made of such times, too.
    place.write("study.toml", &text("kind = 'prequential'\nleave_known_cards_out = false"));
    let listed = place.printed(2, &["list", "study.toml"]);
    assert!(listed.contains("note       the numbers in `t` are taken for seconds"), "{listed}");
}

#[test]
fn a_split_without_a_class_fails_its_own_cells_and_says_which_part_and_whether_dedup_did_it() {
    // Frauds on the first half of the days alone: the last fold in time has none to test.
    let early: String = cards()
        .lines()
        .filter(|line| {
            !line.ends_with(",1") || line.split(',').nth(1).unwrap().parse::<u32>().unwrap_or(0) < 17 * 86_400
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let columns = "group = 'card'\ntime = 'day'\nignore = ['day']";
    let place = Place::new(&early, &study(columns, "kind = 'time-series'\nfolds = 3", ""));
    place.expect(1, &["run", "study.toml", "--out", "out"]);
    let found = outcomes(&place);
    let expected = [(0, "scored"), (1, "scored"), (2, "failed")].map(|(fold, outcome)| (fold, outcome.to_owned()));
    assert_eq!(found.iter().map(|o| (o.1, o.2.clone())).collect::<Vec<_>>(), expected);
    assert!(found[2].3.starts_with("fold 2: the test part would hold 0 positives and"), "{}", found[2].3);
    assert!(found[2].3.ends_with("use fewer folds, or more rows per `test` part"), "{}", found[2].3);
    let report = std::fs::read_to_string(place.path("out/report.md")).unwrap();
    assert!(report.contains("fold 2: the test part would hold 0 positives"), "{report}");
    // Pipelines are ranked over the folds that there are, and the table says how many.
    assert!(report.contains("| 1 | logistic-regression |") && report.contains("| 2/3 |"), "{report}");

    // Two distinct positives, twelve times each: after dedup there are too few for three folds.
    let mut twice = String::from("x,fraud\n");
    (0..60).for_each(|row| twice.push_str(&format!("{row},0\n")));
    (0..24).for_each(|row| twice.push_str(&format!("{},1\n", 100 + row % 2)));
    let place = Place::new(&twice, &study("", "kind = 'stratified-k-fold'\nfolds = 3", "dedup = [false, true]"));
    place.expect(1, &["run", "study.toml", "--out", "out"]);
    let found = outcomes(&place);
    assert_eq!(found.iter().filter(|o| !o.0).map(|o| o.2.as_str()).collect::<Vec<_>>(), ["scored"; 3]);
    let reason = "3 folds need 3 rows of each class, but there are 2 positives and 60 negatives: use at most 2 folds; dedup did \
                  it, which drops 22 of 84 rows and 22 of 24 positives: with duplicates this split can be made";
    assert_eq!(
        found.iter().filter(|o| o.0).map(|o| (o.2.as_str(), o.3.as_str())).collect::<Vec<_>>(),
        [("failed", reason); 3]
    );
    // Where no split can be made at all, nothing is begun.
    place.write("study.toml", &study("", "kind = 'stratified-k-fold'\nfolds = 3", "dedup = true"));
    let said = place.expect(2, &["run", "study.toml", "--out", "none"]);
    assert!(said.contains(reason) && !place.path("none").exists(), "{said}");
}

#[test]
fn parts_can_be_given_by_files_or_by_a_column() {
    let text = cards();
    let (header, rows) = text.split_once('\n').unwrap();
    let day = |line: &&str| line.split(',').nth(1).unwrap().parse::<u32>().unwrap() / 86_400;
    let part = |days: std::ops::Range<u32>| {
        let lines = rows.lines().filter(|line| days.contains(&day(line))).map(|line| format!("{line}\n"));
        format!("{header}\n{}", lines.collect::<String>())
    };
    let columns = "group = 'card'\nignore = ['day']";
    let files = format!("{columns}\nvalidation = 'v.csv'\ntest = 't.csv'");
    let place = Place::new(&part(0..18), &study(&files, "kind = 'given'", ""));
    place.write("v.csv", &part(18..24));
    place.write("t.csv", &part(24..30));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let by_files = place.records("out");
    assert!(by_files.iter().all(|r| r["train_rows"] == 720 && r["test_rows"] == 240 && !r["validation"].is_null()));
    let name = |line: &&str| ["train", "validation", "test"][(day(line) >= 18) as usize + (day(line) >= 24) as usize];
    let column: String = rows.lines().map(|line| format!("{},{line}\n", name(&line))).collect();
    place.write("data.csv", &format!("part,{header}\n{column}"));
    place.write("study.toml", &study(&format!("{columns}\nfold = 'part'"), "kind = 'given'", ""));
    place.expect(0, &["run", "study.toml", "--out", "by-column"]);
    let metrics =
        |records: &[Value]| records.iter().map(|r| r["metrics"].to_string()).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(metrics(&by_files), metrics(&place.records("by-column")));
}

#[test]
fn operating_points_by_the_day_are_scored_and_tuned_and_need_whole_days() {
    let metrics = "metrics = ['precision-at-per-day(3)', 'card-precision-at(2)', 'alarms-per-day', 'recall-at-fpr(0.05)']\n\
                   primary = 'card-precision-at(2)'";
    let text = |protocol: &str| {
        let cards = "group = 'card'\ntime = 'day'\nignore = ['day']";
        let study = study(cards, protocol, "").replace("metrics = ['roc-auc', 'pr-auc']", metrics);
        let tuned = "{ family = 'logistic-regression', threshold = { alarms_per_day = 4 } }";
        study.replace("'logistic-regression'", tuned)
    };
    let place = Place::new(&cards(), &text("kind = 'prequential'\ntrain = 12\ndelay = 1\ntest = 4\nfolds = 2"));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    place.expect(0, &["run", "study.toml", "--out", "alone", "--in-process", "--threads", "1"]);
    let scores =
        |out: &str| -> Vec<Value> { place.records(out).iter().map(|record| record["metrics"].clone()).collect() };
    assert_eq!(scores("out"), scores("alone"));
    let tuned: Vec<Value> = place.records("out").into_iter().filter(|r| r["family"] == "logistic-regression").collect();
    for record in &tuned {
        let value = |id: &str| record["metrics"][id].as_f64().unwrap();
        // Four alarms a day among the 40 cards were tuned for; test days have fewer cards, and so fewer alarms.
        assert!(value("alarms-per-day") <= 4.0, "{record}");
        assert!(value("precision-at-per-day(3)") > 0.2 && value("card-precision-at(2)") > 0.2, "{record}");
        assert_eq!(record["details"]["threshold"]["rule"], "alarms_per_day", "{record}");
    }
    assert_eq!(tuned.len(), 2);
    place.write("random.toml", &text("kind = 'stratified-k-fold'\nfolds = 2"));
    let said = place.expect(2, &["run", "random.toml", "--out", "random"]);
    assert!(said.contains("`precision-at-per-day(3)` counts by the day, and `stratified-k-fold` spreads"), "{said}");
}
