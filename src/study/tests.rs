//! What a study that is wrong is told.

use std::path::Path;

use super::Study;
use crate::component::Registry;

fn refused(text: &str) -> String {
    Study::parse(text, "x.toml", Path::new("."), &Registry::built_in()).err().unwrap().to_string()
}

#[test]
fn a_study_that_is_all_wrong_is_refused_in_few_lines() {
    let classifiers: Vec<String> = (0..300).map(|i| format!("'wrong-{i}'")).collect();
    let grid = format!("[grid]\nclassifiers = [{}]\n", classifiers.join(", "));
    let said = refused(&format!("name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n{grid}"));
    assert!(said.starts_with("x.toml: 300 problems:") && said.ends_with("\n  and 275 more"), "{said:.200}");
    assert_eq!(said.lines().count(), 27);
}

#[test]
fn what_stands_three_times_is_one_problem() {
    let text = "name = 'x'\nmetrics = ['recall', 'recall', 'recall']\nprimary = 'recall'\n[[data]]\nname = 'a'\npath = 'x.csv'\n\
                [[data]]\nname = 'a'\npath = 'y.csv'\n[[data]]\nname = 'a'\npath = 'z.csv'\n[protocol]\nkind = \
                'stratified-k-fold'\n[grid]\nscalers = ['none', 'none', 'none']\nclassifiers = ['prior', 'svc', 'svc', 'svc']\n";
    let said = refused(text);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "x.toml: 4 problems:", "{said}");
    for wanted in [
        "  metrics: `recall` is listed twice",
        "  grid.scalers: two are called `none`: give one of them another `name`",
        "  grid.classifiers: two are called `svc`: give one of them another `name`",
        "  data: two data sets are called `a`: give one of them another `name` beside its `path` or `simulate`",
    ] {
        assert!(lines[1..].contains(&wanted), "{wanted}: {said}");
    }
}

#[test]
fn every_name_and_parameter_that_does_not_fit_is_told_at_once() {
    let text = "name = 'x'\nmetrics = ['pr-auk', 'recall', 'recall']\nprimary = 'recall'\n[data]\npath = 'x.csv'\n[protocol]\n\
                kind = 'hold-out'\ntesst = 0.3\n[grid]\nimputers = ['meen']\nresamplers = ['tomek-lincs']\nscalers = ['none', \
                'none']\nclassifiers = ['random-forrest', { family = 'random-forest', params = { n_estimatorz = 5, max_dept = 3, \
                criterion = 7 } }, 'svc/']\n";
    let said = refused(text);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "x.toml: 9 problems:", "{said}");
    for (line, wanted) in lines[1..].iter().zip([
        "  metrics: unknown metric `pr-auk`; did you mean `pr-auc`?",
        "  metrics: `recall` is listed twice",
        "  protocol: unknown parameter of `hold-out` `tesst`; did you mean `test`?",
        "  grid.imputers: unknown imputer `meen`; did you mean `mean`?",
        "  grid.resamplers: unknown resampler `tomek-lincs`; did you mean `tomek-links`?",
        "  grid.scalers: two are called `none`: give one of them another `name`",
        "  grid.classifiers: unknown classifier `random-forrest`; did you mean `random-forest`?",
        "  grid.classifiers: unknown parameter of `random-forest` `",
        "  grid.classifiers: unknown classifier `svc/`; did you mean `svc`?",
    ]) {
        assert!(line.starts_with(wanted), "{wanted}: {said}");
    }
    let parameters = lines.iter().find(|line| line.contains("max_dept")).unwrap();
    assert!(parameters.contains("`max_dept`; did you mean `max_depth`?"), "{parameters}");
    assert!(parameters.contains("`n_estimatorz`; did you mean `n_estimators`?"), "{parameters}");
    assert!(parameters.contains("`random-forest`, parameter `criterion`: "), "{parameters}");
}

#[test]
fn keys_of_other_tools_and_at_wrong_places_are_told_at_once_with_what_is_meant() {
    let said = refused(
        "name = 'X'\nmodels = ['svc']\ncv = 3\nseed = -1\n[data]\npath = 'x.csv'\ndrop = ['id']\nimpute = 'median'\n[grid]\n\
         dedup = 'yes'\nscaler = ['none']\nclassifiers = ['svc']\n[limits]\nseed = 3\ncell_secondz = 5\n",
    );
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "x.toml: 11 problems:", "{said}");
    for (line, wanted) in lines[1..].iter().zip([
        "  unknown key `models`; did you mean `classifiers` in [grid]? Allowed: name, title,",
        "  unknown key `cv`; did you mean `protocol`? Allowed: ",
        "  name: `X` must be kebab-case",
        "  seed: -1 must be a whole number",
        "  `protocol` is missing",
        "  unknown key in [grid] `scaler`; did you mean `scalers`? Allowed: ",
        "  grid.dedup: \"yes\" must be a list",
        "  unknown key in [data] `drop`; did you mean `ignore`? Allowed: ",
        "  unknown key in [data] `impute`; did you mean `imputers` in [grid]? Allowed: ",
        "  unknown key in [limits] `seed`; did you mean `seed` outside of all tables? Allowed: ",
        "  unknown key in [limits] `cell_secondz`; did you mean `cell_seconds`? Allowed: ",
    ]) {
        assert!(line.starts_with(wanted), "{wanted}: {said}");
    }
}

#[test]
fn one_problem_stands_in_one_line() {
    let said =
        refused("name = 'x'\n[data]\npath = 'x'\n[protocol]\nkind = 'hold-out'\n[grid]\nclassifiers = ['svcc']\n");
    assert!(said.starts_with("x.toml: grid.classifiers: unknown classifier `svcc`; did you mean `svc`?"), "{said}");
}

/// A study of [[data]] or [data] with a protocol and a grid.
fn with(top: &str, data: &str, protocol: &str) -> String {
    format!("{top}\n{data}\n[protocol]\n{protocol}\n[grid]\nclassifiers = ['prior']\n")
}

#[test]
fn what_is_wrong_with_one_of_several_tables_says_with_which() {
    let data = "[[data]]\npath = 'a.csv'\nfoo = 1\n[[data]]\npath = 'b.csv'\nlabel = 3\nbar = 2\n[[data]]\nname = 'third'\n\
                path = 'c.csv'\nsample = 4";
    let said = refused(&with("name = 'x'", data, "kind = 'hold-out'"));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "x.toml: 4 problems:", "{said}");
    for (line, wanted) in lines[1..].iter().zip([
        "  [[data]] 1 (a.csv): unknown key `foo`",
        "  [[data]] 2 (b.csv): unknown key `bar`",
        "  [[data]] 2 (b.csv): label: 3 must be a text in quotes",
        "  [[data]] 3 (third): sample: must be a table",
    ]) {
        assert!(line.starts_with(wanted), "{wanted}: {said}");
    }
    let one = refused(&with("name = 'x'", "[data]\npath = 'a.csv'\nlabel = 3", "kind = 'hold-out'"));
    assert_eq!(one, "x.toml: data.label: 3 must be a text in quotes");
    assert_eq!(
        refused(&with("name = 'x'", "[data]\npath = 'a.csv'", "kind = 5")),
        "x.toml: protocol.kind: 5 must be a text in quotes"
    );
}

#[test]
fn an_empty_list_of_metrics_and_a_primary_that_is_no_text_are_told_as_that() {
    let said = |top: &str| refused(&with(&format!("name = 'x'\n{top}"), "[data]\npath = 'a.csv'", "kind = 'hold-out'"));
    assert_eq!(
        said("metrics = []"),
        "x.toml: metrics: must name at least one; leave it out for all that any data have"
    );
    assert_eq!(said("primary = ['f1']"), "x.toml: primary: [\"f1\"] must be a text in quotes");
    let short = format!("name = '{}'", "a".repeat(200));
    let long = format!("name = '{}'", "a".repeat(201));
    let parsed = |top: &str| {
        let text = with(top, "[data]\npath = 'a.csv'", "kind = 'hold-out'");
        Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).map(drop).map_err(|e| e.to_string())
    };
    assert_eq!(parsed(&short), Ok(()));
    let wanted = "x.toml: name: it has 201 letters, and a folder is called by it: write at most 200";
    assert_eq!(parsed(&long), Err(wanted.to_owned()));
}

#[test]
fn a_protocol_says_all_its_keys_and_that_a_seed_decides_nothing() {
    let said = |protocol: &str| refused(&with("name = 'x'", "[data]\npath = 'a.csv'", protocol));
    assert_eq!(
        said("kind = 'time-ordered'\nleak = ['honest']\ntest = 2"),
        "x.toml: 2 problems:\n  unknown key in [protocol] `leak`; did you mean `leaks`? Allowed: kind, leaks, column, test, validation, \
         groups\n  protocol: `time-ordered`: `test` is a share between 0 and 1 (neither), not 2"
    );
    let idle = |kind: &str| {
        format!(
            "x.toml: protocol.seed: it decides nothing, as `{kind}` draws nothing without `shuffle = true`: leave it out"
        )
    };
    assert_eq!(said("kind = 'stratified-k-fold'\nshuffle = false\nseed = 3"), idle("stratified-k-fold"));
    assert_eq!(said("kind = 'group-k-fold'\nseed = 3"), idle("group-k-fold"));
}

#[test]
fn names_of_several_tables_can_be_folders() {
    let parsed = |data: &str| {
        let text = with("name = 'x'", data, "kind = 'hold-out'");
        Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).map(drop).map_err(|e| e.to_string())
    };
    let long = "a".repeat(201);
    for name in ["a b/c", &long] {
        let said = parsed(&format!("[[data]]\npath = 'a.csv'\nname = '{name}'\n[[data]]\npath = 'b.csv'")).unwrap_err();
        let wanted = format!("x.toml: [[data]] 1 ({name}): the name `{name}` must begin with a letter");
        assert!(said.starts_with(&wanted), "{said}");
        // A table that is alone has no folder of its own.
        assert_eq!(parsed(&format!("[data]\npath = 'a.csv'\nname = '{name}'")), Ok(()));
    }
    let empty = parsed("[data]\npath = 'a.csv'\nname = ''").unwrap_err();
    assert_eq!(empty, "x.toml: data.name: it is empty: write a name, or leave the key out");
    assert_eq!(parsed("[data]\npath = 'my table.csv'"), Ok(()));
    assert!(parsed("[[data]]\npath = 'my table.csv'\n[[data]]\npath = 'b.csv'").unwrap_err().contains("`my table`"));
}

#[test]
fn a_metric_with_the_number_that_it_has_by_default_is_listed_twice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.toml");
    let text = |metrics: &str| with(&format!("name = 'x'\n{metrics}"), "[data]\npath = 'a.csv'", "kind = 'hold-out'");
    let read = |metrics: &str| {
        std::fs::write(&file, text(metrics)).unwrap();
        let study = Study::read(&file, &Registry::built_in());
        study.map(|study| study.primary.id).map_err(|e| e.to_string().replace(&file.display().to_string(), "x.toml"))
    };
    let twice = "metrics = ['pr-auc', 'cost', 'cost(10)', 'cost(3)', 'calibration-error(10)', 'calibration-error']";
    let wanted = "x.toml: 2 problems:\n  metrics: `cost(10)` is listed twice, as `cost` is the same: leave one of them out\n  metrics: \
                  `calibration-error` is listed twice, as `calibration-error(10)` is the same: leave one of them out";
    assert_eq!(read(twice), Err(wanted.to_owned()));
    let one = "metrics = ['pr-auc', 'cost(1e1)', 'cost']";
    let wanted = "x.toml: metrics: `cost` is listed twice, as `cost(10)` is the same: leave one of them out";
    assert_eq!(read(one), Err(wanted.to_owned()));
    // Runs that were made by such a study stay readable.
    assert!(Study::parse(&text(twice), "x.toml", Path::new("."), &Registry::built_in()).is_ok());
    assert_eq!(read("metrics = ['pr-auc', 'cost(3)', 'cost']"), Ok("pr-auc"));
    // What ranks may be named either way; it is what the list calls it.
    assert_eq!(read("metrics = ['pr-auc', 'cost(10)']\nprimary = 'cost'"), Ok("cost(10)"));
    assert_eq!(read("metrics = ['pr-auc', 'savings']\nprimary = 'savings(10)'"), Ok("savings"));
    let said = read("metrics = ['pr-auc', 'cost(3)']\nprimary = 'cost'").unwrap_err();
    assert_eq!(said, "x.toml: primary: `cost` is not among `metrics`: add it there");
    // Who named nothing that ranks is told what does then.
    let said = read("metrics = ['roc-auc', 'f1']").unwrap_err();
    let wanted = "x.toml: primary: it is left out, and is `pr-auc` then, which is not among `metrics`: write what ranks, such as `primary = \
                  \"roc-auc\"`, or add `pr-auc` to `metrics`";
    assert_eq!(said, wanted);
}

#[test]
fn what_is_wrong_with_one_of_several_tables_names_its_place_once() {
    let features =
        "[[data.features]]\nby = 'a'\nwindows = ['1w']\nmake = ['cuont']\n[[data.features]]\ncalendar = ['hours']";
    let sample = "sample = { positives = 5, negative = 5 }";
    let data = format!(
        "[[data]]\npath = 'a.csv'\n{features}\n[[data]]\npath = 'b.csv'\ndecimal = ';'\nfeatures = 'handbok'\n{sample}\n\
         [[data]]\nname = 'p'\nsimulate = {{ kind = 'rar' }}"
    );
    let said = refused(&with("name = 'x'", &data, "kind = 'hold-out'"));
    let wanted = [
        "[[data]] 1 (a.csv): features, table 1: windows: `1w` must be a length such as",
        "[[data]] 1 (a.csv): features, table 1: unknown value of make `cuont`; did you mean `count`?",
        "[[data]] 1 (a.csv): features, table 2: unknown value of calendar `hours`; did you mean `hour`?",
        "[[data]] 2 (b.csv): unknown value of decimal `;`",
        "[[data]] 2 (b.csv): features: must be \"handbook\", or tables",
        "[[data]] 2 (b.csv): unknown key of sample `negative`; did you mean `negatives`?",
        "[[data]] 2 (b.csv): sample: `negatives` is missing",
        "[[data]] 3 (p): unknown value of simulate.kind `rar`; did you mean `rare`?",
    ];
    let lines: Vec<&str> = said.lines().skip(1).map(str::trim_start).collect();
    assert_eq!(lines.len(), wanted.len(), "{said}");
    for (line, wanted) in lines.iter().zip(wanted) {
        assert!(line.starts_with(wanted), "{wanted}: {said}");
    }
    // A table that is alone is `data`, and which of its features it is says the place.
    let said = refused(&with("name = 'x'", &format!("[data]\npath = 'a.csv'\n{features}"), "kind = 'hold-out'"));
    assert!(said.contains("\n  data.features, table 1: windows: `1w` must be a length such as"), "{said}");
    assert!(said.contains("\n  data.features, table 2: unknown value of calendar `hours`"), "{said}");
}
