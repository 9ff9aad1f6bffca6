//! What a study unfolds into is the same for `list`, which only looks at the data, and for `run`.

use crate::{Place, STUDY, csv};

/// [`csv`] with a category of three levels that says nothing.
fn with_kinds() -> String {
    let text = csv(70);
    let lines = text.lines().enumerate().map(|(nth, line)| match nth {
        0 => "kind,a,b,label\n".to_owned(),
        nth => format!("{},{line}\n", ["web", "pos", "atm"][nth % 3]),
    });
    lines.collect()
}

fn study(data: &str, protocol: &str, grid: &str) -> String {
    format!("name = 'x'\n{data}\n[protocol]\n{protocol}\n[grid]\n{grid}\n")
}

const KINDS: &str = "[data]\npath = 'data.csv'\nlabel = 'label'";
const ONE_SPLIT: &str = "kind = 'hold-out'\ntest = 0.3";

/// `list` and `run` refuse a study in the same words before any cell.
fn refused(place: &Place, study: &str, wanted: &str) {
    place.write("study.toml", study);
    let said = place.expect(2, &["list", "study.toml"]);
    assert!(said.contains(wanted), "{wanted}\nis not in\n{said}");
    assert!(place.expect(2, &["run", "study.toml", "--out", "refused"]).ends_with(&said), "a run says the same");
    assert!(!place.path("refused/records.jsonl").exists());
}

#[test]
fn columns_are_named_in_a_plan_as_they_are_behind_encoder_scaler_and_selection() {
    let place = Place::new(&with_kinds(), "");
    let rectangles =
        |columns: &str| format!("classifiers = [{{ family = 'rectangles', params = {{ columns = {columns} }} }}]");
    let likelihood = |columns: &str| rectangles(columns).replace("rectangles", "likelihood-ratio");
    let one_hot = "encoders = ['one-hot']\n";
    let selected = |columns: &str| {
        format!("{one_hot}selects = [{{ id = 'columns', params = {{ columns = {columns} }} }}]\nclassifiers = ['lda']")
    };
    // Of the five columns behind `one-hot` only `a` tells the classes apart.
    let best = format!("{one_hot}selects = [{{ id = 'select-k-best', params = {{ k = 1 }} }}]\n");
    let polynomial = format!("{one_hot}scalers = ['polynomial']\n");
    let of = |grid: &str| study(KINDS, ONE_SPLIT, grid);
    for (nth, grid) in [
        one_hot.to_owned() + &rectangles("['b', 'a']"),
        "encoders = ['ordinal']\n".to_owned() + &rectangles("['b', 'a']"),
        one_hot.to_owned() + &rectangles("['a', 'kind_web']"),
        selected("['a', 'kind_web']"),
        best.clone() + &likelihood("['a']"),
        polynomial.clone() + &rectangles("['a^2', 'a b']"),
        polynomial.clone() + &rectangles("['kind_web a', 'b']"),
    ]
    .into_iter()
    .enumerate()
    {
        place.write("study.toml", &of(&grid));
        place.expect(0, &["list", "study.toml"]);
        place.expect(0, &["run", "study.toml", "--out", &format!("out-{nth}")]);
    }
    let unknown =
        |name: &str, meant: &str| format!("unknown name in `columns` `{name}`; did you mean `{meant}`? Allowed: ");
    refused(&place, &of(&selected("['a', 'kind']")), &(unknown("kind", "kind_...") + "a, b, kind_..."));
    refused(&place, &of(&(best + &likelihood("['aa']"))), &(unknown("aa", "a") + "a, b, kind_..."));
    // Behind products of them, too: `kind` stands before `a` and `b`.
    let products = "`1`, `a`, `b`, `a^2`, `a b`, `b^2`, `kind_...`, and their products up to degree 2";
    for (columns, name, meant) in [
        ("['b', 'aa b']", "aa b", "a b"),
        ("['kind_web a', 'a^3']", "a^3", "a^2"),
        ("['kid_web', 'a']", "kid_web", "kind_..."),
    ] {
        refused(&place, &of(&(polynomial.clone() + &rectangles(columns))), &(unknown(name, meant) + products));
    }
    let three = "unknown name in `columns` `b kind_web`";
    refused(&place, &of(&(polynomial + &rectangles("['a', 'b kind_web']"))), three);
    // Only the rows tell which levels there are.
    place.write("study.toml", &of(&(one_hot.to_owned() + &rectangles("['a', 'kind_sea']"))));
    place.expect(0, &["list", "study.toml"]);
    place.expect(1, &["run", "study.toml", "--out", "sea"]);
    let said = place.records("sea")[0]["reason"].to_string();
    assert!(
        said.contains("unknown name in `columns` `kind_sea`") && said.contains("kind_atm, kind_pos, kind_web"),
        "{said}"
    );
}

#[test]
fn the_columns_of_a_blanks_indicator_keep_their_names() {
    let blank = csv(70).replacen("a,b,label\n", "a,b,label\n,7,0\n,9,1\n,8,0\n,5,1\n", 1);
    let grid = "imputers = [{ id = 'mean', params = { add_indicator = true } }]\nclassifiers = [{ family = 'rectangles', params \
                = { columns = ['a', 'missingindicator_a'] } }]";
    let place = Place::new(&blank, &study("[data]\npath = 'data.csv'", ONE_SPLIT, grid));
    place.expect(0, &["list", "study.toml"]);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
}

#[test]
fn what_does_not_fit_a_table_is_left_out_whatever_is_known_of_the_others() {
    let place = Place::new(&with_kinds(), "");
    let tables =
        |other: &str| format!("[[data]]\npath = 'data.csv'\nlabel = 'label'\n[[data]]\nname = 'other'\n{other}");
    let grid = "classifiers = ['lda', 'likelihood-ratio']";
    let simulated = tables("simulate = { rows = 300, positives = 30 }");
    place.write("study.toml", &study(&simulated, ONE_SPLIT, grid));
    let text = place.printed(0, &["list", "study.toml"]);
    let left_out = "1 pipeline on data, because classifier `lda` does not fit: ";
    assert!(text.contains(&format!("\nleft out   {left_out}")) && text.contains("2 pipelines, 3 cells\n"), "{text}");
    let said = place.expect(0, &["run", "study.toml", "--out", "out"]);
    assert!(said.contains(&format!("left out: {left_out}")), "{said}");
    assert_eq!(place.records("out").len(), 3);
    // A table that is not there takes nothing away of what is known of the other one.
    place.write("gone.toml", &study(&tables("path = 'gone.csv'"), ONE_SPLIT, grid));
    let text = place.printed(2, &["list", "gone.toml"]);
    assert!(text.contains(&format!("\nleft out   {left_out}")) && text.contains("2 pipelines, 3 cells\n"), "{text}");
}

#[test]
fn what_does_not_fit_is_told_once_for_all_tables_that_a_filter_takes() {
    let place = Place::new(&with_kinds(), "");
    let tables =
        |other: &str| format!("[[data]]\npath = 'data.csv'\nlabel = 'label'\n[[data]]\nname = 'other'\n{other}");
    let grid = "classifiers = ['lda', 'likelihood-ratio']";
    let alike = tables("path = 'data.csv'\nlabel = 'label'");
    let wanted = "nothing can be run with classifier `lda`; classifier `lda` on data, other: ";
    refused(&place, &study(&alike, ONE_SPLIT, grid), wanted);
    let said = place.expect(2, &["list", "study.toml"]);
    assert_eq!(said.matches("classifier `lda` on ").count(), 1, "{said}");
    let simulated = tables("simulate = { rows = 300, positives = 30 }");
    place.write("study.toml", &study(&simulated, ONE_SPLIT, grid));
    let listed = |filter: &str| place.printed(0, &["list", "study.toml", "--filter", filter]);
    assert!(
        listed("data-set=data").contains("\nleft out   1 pipeline on data, because classifier `lda` does not fit: ")
    );
    let text = listed("data-set=other");
    assert!(text.contains("2 pipelines, 2 cells\n") && !text.contains("left out"), "{text}");
    let said = place.expect(0, &["run", "study.toml", "--filter", "data-set=other", "--out", "out"]);
    assert!(!said.contains("left out"), "{said}");
}

#[test]
fn what_does_not_fit_simulated_columns_is_told_before_a_run() {
    let place = Place::new("", "");
    let pca = "selects = ['none', { id = 'pca', params = { n_components = 99 } }]\nclassifiers = ['lda']";
    let named = "selects = [{ id = 'columns', params = { columns = ['Amuont'] } }]\nclassifiers = ['lda']";
    let cards = "simulate = { kind = 'handbook', customers = 40, terminals = 40, days = 40, radius = 50.0 }\n\
                 [[data.features]]\nby = 'TERMINAL_ID'\nwindows = ['1d']\nmake = ['count']";
    for data in ["simulate = { rows = 200, positives = 20, columns = 4 }", cards] {
        let data = format!("[data]\n{data}");
        refused(&place, &study(&data, ONE_SPLIT, pca), "nothing can be run with select `pca`");
        refused(&place, &study(&data, ONE_SPLIT, named), "unknown name in `columns` `Amuont`");
    }
}

#[test]
fn that_no_split_can_be_made_is_told_before_a_run() {
    let place = Place::new(&csv(70), "");
    let rows: String = csv(70).lines().skip(1).enumerate().map(|(nth, line)| format!("{},{line}\n", nth % 5)).collect();
    place.write("parts.csv", &format!("part,a,b,label\n{rows}"));
    let data = "[data]\npath = 'data.csv'";
    for (data, protocol, wanted) in [
        (
            data,
            "kind = 'stratified-k-fold'\nfolds = 11",
            "data: 11 folds need 11 rows of each class, but there are 10 positives and 60 negatives: use at most 10 folds\n",
        ),
        (
            "[data]\npath = 'parts.csv'\nfold = 'part'",
            "kind = 'given'",
            "the role `fold` has 5 values (0, 1, 2, 3, 4), which are not the parts train, validation and test",
        ),
        (
            "[data]\npath = 'data.csv'\ngroup = 'b'",
            "kind = 'group-k-fold'\nfolds = 71",
            "71 folds need 71 groups, but there are 70",
        ),
        // Simulated ones, too, however many rows they have.
        (
            "[data]\nsimulate = { rows = 500, positives = 6 }",
            "kind = 'stratified-k-fold'\nfolds = 8",
            "8 folds need 8 rows of each class, but there are 6 positives and 494 negatives: use at most 6 folds\n",
        ),
        (
            "[data]\nsimulate = { rows = 30000, positives = 6, columns = 3 }",
            "kind = 'stratified-k-fold'\nfolds = 8",
            "8 folds need 8 rows of each class, but there are 6 positives and 29,994 negatives: use at most 6 folds\n",
        ),
        (
            // Sampled after all of them have been made.
            "[data]\nsimulate = { kind = 'handbook', customers = 40, terminals = 40, days = 54, radius = 50.0 }\nsample = { positives \
             = 3, negatives = 50 }",
            "kind = 'stratified-k-fold'\nfolds = 8",
            "8 folds need 8 rows of each class, but there are 3 positives and 50 negatives: use at most 3 folds\n",
        ),
        (
            // 400 customers pay 1.94 times on each of 54 days.
            "[data]\nsimulate = { kind = 'handbook', customers = 400, terminals = 40, days = 54, radius = 50.0 }\n\
             [[data.features]]\nby = 'TERMINAL_ID'\nwindows = ['1d']\nmake = ['count']",
            "kind = 'prequential'\nstart = '2018-05-10'\ntrain = 14\ndelay = 7\ntest = 7\nfolds = 1",
            "`start` 2018-05-10 leaves the first fold without rows",
        ),
        (
            // It starts on day 39, would test from day 39 + 14 + 7 on, and the last day is 53.
            "[data]\nsimulate = { kind = 'handbook', customers = 40, terminals = 40, days = 54, radius = 50.0 }",
            "kind = 'prequential'\nstart = '2018-05-10'\ntrain = 14\ndelay = 7\ntest = 7\nfolds = 1",
            "`start` 2018-05-10 leaves the first fold without rows",
        ),
    ] {
        refused(&place, &study(data, protocol, "classifiers = ['lda']"), wanted);
        let text = place.printed(2, &["list", "study.toml"]);
        assert!(text.contains(": does not fit the study, see below"), "{text}");
    }
    // As many folds as there are positives can be made.
    place.write("study.toml", &study(data, "kind = 'stratified-k-fold'\nfolds = 10", "classifiers = ['lda']"));
    place.expect(0, &["list", "study.toml"]);
}

#[test]
fn training_rows_that_are_too_few_for_a_classifier_are_told_before_a_run() {
    // Three positives of 21 rows, of which two are left to train on; four of 28.
    let place = Place::new(&csv(21), "");
    place.write("few.csv", &csv(28));
    let protocol = "kind = 'stratified-k-fold'\nfolds = 3";
    let tuned = "classifiers = ['lda', { family = 'decision-tree', threshold = 'max-f1' }]";
    let lacks = |name: &str, negatives: usize| {
        format!(
            "{name}, stratified-k-fold: `decision-tree` (`folds` beside `threshold`): 3 folds need 3 rows of each class, but there are 2 \
             positives and {negatives} negatives: use at most 2 folds"
        )
    };
    let one = "[data]\npath = 'data.csv'";
    let start = "fraudbench: study.toml: inner folds cannot be cut: ";
    refused(&place, &study(one, protocol, tuned), &format!("{start}{}\n", lacks("data", 12)));
    // As many folds as there are positives can be cut, and pipelines that are left out need none.
    place.write("fewer.toml", &study(one, protocol, &tuned.replace("'max-f1'", "'max-f1', folds = 2")));
    place.expect(0, &["list", "fewer.toml"]);
    place.expect(0, &["list", "study.toml", "--filter", "classifier=lda"]);
    // Simulated rows, and several tables: all of them in one sentence, be they in memory together or not.
    let simulated = "[data]\nname = 'made'\nsimulate = { rows = 60, positives = 3 }";
    refused(&place, &study(simulated, protocol, tuned), &format!("{start}{}\n", lacks("made", 38)));
    let two = "[[data]]\npath = 'data.csv'\n[[data]]\npath = 'few.csv'";
    for limits in ["", "\n[limits]\none_table = true"] {
        let wanted = format!("{start}{}; {}\n", lacks("data", 12), lacks("few", 16));
        refused(&place, &study(&format!("{two}{limits}"), protocol, tuned), &wanted);
    }
    let early = "classifiers = [{ family = 'xgboost', params = { early_stopping_rounds = 5 } }]";
    let wanted = "fraudbench: study.toml: no rows to stop early by can be kept out: data, stratified-k-fold: `xgboost`: with a \
                  `validation_fraction` of 0.1 the validation part would hold 0 positives among 2 rows, and both parts need both classes: take \
                  another `validation_fraction`, or leave `early_stopping_rounds` out\n";
    refused(&place, &study(one, protocol, early), wanted);
    assert!(place.expect(2, &["submit", "study.toml", "--out", "plan"]).ends_with(wanted));
    assert!(!place.path("plan").exists());
}

#[test]
fn files_of_parts_are_no_more_training_rows() {
    let place = Place::new(&csv(70), "");
    place.write("t.csv", &csv(35));
    let of = |protocol: &str| study("[data]\npath = 'data.csv'\ntest = 't.csv'", protocol, "classifiers = ['lda']");
    refused(&place, &of(ONE_SPLIT), "data: data has files in `test`, and `hold-out` would mix their rows");
    place.write("study.toml", &of("kind = 'given'"));
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    assert_eq!(place.records("out")[0]["test_rows"], 35);
}

#[test]
fn a_category_orders_no_rows() {
    let place = Place::new(&with_kinds(), "");
    for protocol in
        ["kind = 'time-ordered'\ncolumn = 'kind'\ntest = 0.3", "kind = 'time-series'\ncolumn = 'kind'\nfolds = 2"]
    {
        refused(
            &place,
            &study(KINDS, protocol, "encoders = ['one-hot']\nclassifiers = ['lda']"),
            "`column` names `kind`, which holds texts such as `atm` and orders no rows: name a column of times or numbers",
        );
    }
}

#[test]
fn the_studies_in_the_document_on_studies_are_valid() {
    let place = Place::new("", "");
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/README.md");
    let text = std::fs::read_to_string(document).unwrap();
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    let cards = "[data]\nsimulate = { kind = 'handbook', customers = 40, terminals = 40, days = 60, radius = 50.0 }\n";
    let in_time = "[protocol]\nkind = 'prequential'\ntrain = 7\ndelay = 7\ntest = 7\n";
    let grid = "[grid]\nclassifiers = ['prior']\n";
    for block in &blocks {
        let has = |part: &str| block.lines().any(|line| line.starts_with(part));
        let data = if has("[data]") || has("[data.simulate]") { "" } else { cards };
        let more = [("[protocol]", in_time), ("[grid]", grid)].into_iter().filter(|(part, _)| !has(part));
        let more: String = more.map(|(_, text)| text).collect();
        let name = if has("name = ") { "" } else { "name = 'x'\n" };
        let named = [("card", "CUSTOMER_ID"), ("shop", "TERMINAL_ID"), ("amount", "TX_AMOUNT")];
        let block = named.iter().fold(block.to_string(), |text, (from, to)| {
            text.replace(&format!(" = \"{from}\""), &format!(" = \"{to}\""))
        });
        place.write("study.toml", &format!("{name}{data}{block}{more}"));
        place.expect(0, &["list", "study.toml"]);
    }
    assert!(blocks.len() >= 4);
}

#[test]
fn a_number_of_columns_is_a_wish_where_the_study_names_it_and_else_all_that_there_are() {
    let place = Place::new(&csv(140), "");
    let of = |select: &str| {
        study(
            "[data]\npath = 'data.csv'\nlabel = 'label'",
            ONE_SPLIT,
            &format!("selects = [{select}]\nclassifiers = ['lda']"),
        )
    };
    place.write("study.toml", &of("'select-k-best'"));
    place.expect(0, &["list", "study.toml"]);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let record = place.records("out").remove(0);
    // scikit-learn's parameter, and what it means on a table of two columns.
    assert_eq!((&record["select_facts"]["params"]["k"], &record["columns"]), (&10.into(), &2.into()), "{record}");
    let named = of("{ id = 'select-k-best', params = { k = 10 } }");
    refused(&place, &named, "`k` is 10, and no more than 2 columns are left: lower it, or write k = \"all\"");
}

#[test]
fn features_that_cannot_be_made_are_told_by_file_and_line_before_a_run() {
    // The first card's name goes over two lines, so that the second row is line 4.
    let rows = "card,when,settled,amount,fraud\n\"a\nb\",2024-01-01,,1,0\nc,2024-01-02,1704922574000000,2,1\n";
    let place = Place::new(rows, "");
    let data = "[data]\npath = 'data.csv'\nlabel = 'fraud'\ntime = 'when'\nignore = ['card', 'when', 'settled']";
    let windows = |known: &str| {
        format!("\n[[data.features]]\nby = 'card'\nwindows = ['7d']\nmake = ['count']\nknown = '{known}'")
    };
    let in_time = "kind = 'time-ordered'\ntest = 0.5";
    let grid = "classifiers = ['prior']";
    refused(
        &place,
        &study(&format!("{data}{}", windows("settled")), in_time, grid),
        "data.csv: features: `known`: numbers out of range, which are taken for seconds, stand in `settled` (line 4: \
         `1704922574000000`; 1 row in all), and look like microseconds: if they are, write seconds (1704922574) or ISO dates and times \
         (2024-01-10 21:36:14) in the file\n",
    );
    // All at once.
    refused(
        &place,
        &study(&format!("{data}{}{}", windows("amount"), windows("card")), in_time, grid),
        "data.csv: features: `card` says when labels are known, which nobody knows with the row: name it in `known` alone, not in `by`, \
         `of` or `distinct`; `card` holds no numbers: `of` and `known` need a column of numbers; `known`: by `amount` labels would be \
         known before their own rows (line 2: `1`, while `when` is `2024-01-01`; 2 rows in all): name a column of times, or of seconds \
         as in `when`, none of which is before its own row (a date alone is its midnight)",
    );
}

#[test]
fn quantiles_that_are_more_than_the_training_rows_are_told_by_list_and_run() {
    let grid =
        "scalers = [{ id = 'quantile', params = { n_quantiles = 500 } }]\nclassifiers = ['prior', 'gaussian-nb']";
    let place = Place::new(&csv(70), &study("[data]\npath = 'data.csv'", ONE_SPLIT, grid));
    // 21 of 70 rows test.
    let told = "grid.scalers: `quantile`: data, hold-out: `n_quantiles` is 500, and there are 49 rows to learn from: as many quantiles \
                are taken\n";
    let listed = place.printed(0, &["list", "study.toml"]);
    assert!(listed.contains(&format!("note       {told}")), "{listed}");
    let said = place.expect(0, &["run", "study.toml", "--out", "out"]);
    assert_eq!(said.matches(told).count(), 1, "{said}");
}

#[test]
fn memory_that_every_shard_would_refuse_is_refused_with_the_plan() {
    let place = Place::new(&csv(210), STUDY);
    let submit = ["submit", "study.toml", "--slurm", "--dry-run", "--shards", "2", "--out", "plan"];
    let refused = "`memory` of the limits is 1.0 MiB, half of which is shared by 1 cell: less than 1 MiB for each";
    let said = place.expect(2, &[&submit[..], &["--memory", "1"]].concat());
    assert!(said.contains(refused) && !place.path("plan").exists(), "{said}");
    // So is what the study has, and what is given instead of what the plan has.
    place.write("small.toml", &format!("{STUDY}[limits]\nmemory = 1\n"));
    let said = place.expect(2, &["submit", "small.toml", "--shards", "2", "--out", "plan"]);
    assert!(said.contains(refused) && !place.path("plan").exists(), "{said}");
    place.expect(0, &submit);
    let said = place.expect(2, &["submit", "--resubmit", "plan", "--dry-run", "--memory", "1"]);
    assert!(said.contains(refused), "{said}");
    place.expect(0, &["submit", "--resubmit", "plan", "--dry-run", "--memory", "4000"]);
}

#[test]
fn a_folder_that_slurm_cannot_name_is_refused_before_the_data_are_read() {
    // The table is not there: who looked at the data first would say so.
    let place = Place::new("", &STUDY.replace("data.csv", "gone.csv"));
    for (out, what) in [
        ("q\"u$o`t", "`\"`"),
        ("back\\slash", "`\\`"),
        ("nl\nx", "a line break or another control character"),
        ("in\"side/plan", "`\"`"),
    ] {
        let said = place.expect(2, &["submit", "study.toml", "--slurm", "--dry-run", "--out", out]);
        let wanted =
            format!("Slurm cannot write its logs into a folder whose path has {what} in it: choose another --out\n");
        assert!(said.ends_with(&wanted) && said.lines().count() == 1 && !place.path(out).exists(), "{out}: {said}");
    }
    // Other engines are told no such name.
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["submit", "study.toml", "--shards", "2", "--out", "q\"u"]);
}

#[test]
fn columns_that_are_not_there_are_told_with_the_file_and_nothing_else_is_blamed() {
    let place = Place::new(&csv(70), "");
    let data = "[data]\npath = 'data.csv'";
    let of = |grid: &str| study(data, ONE_SPLIT, &format!("classifiers = [{grid}]"));
    let params = of("{ family = 'rectangles', params = { columns = ['aa', 'bb'] } }");
    let wanted = "study.toml: grid: nothing can be run with classifier `rectangles`; classifier `rectangles` on data: unknown name in \
                  `columns` `aa` (did you mean `a`?); unknown name in `columns` `bb` (did you mean `b`?). Allowed: a, b";
    refused(&place, &params, wanted);
    let space = of(
        "'prior', { family = 'rectangles', search = { kind = 'grid', space = { columns = [['a', 'b'], ['a', 'bb']] } } }",
    );
    let wanted = "study.toml: the columns do not have what parameters ask for: data: `rectangles`: `columns = [\"a\", \"bb\"]` in the \
                  `space` of `search`: unknown name in `columns` `bb`; did you mean `b`? Allowed: a, b";
    refused(&place, &space, wanted);
    let wide = of("'prior', { family = 'bagging', params = { max_features = 99 } }");
    refused(&place, &wide, "data: `bagging`: `max_features` is 99, but there are 2 columns");
    let goal = of("'prior', { family = 'svc', search = { kind = 'grid', goal = 'brier', space = { C = [1, 2] } } }");
    refused(
        &place,
        &goal,
        "grid.classifiers: `svc`: search: the goal `brier` needs probabilities, and `svc` says none",
    );
}
