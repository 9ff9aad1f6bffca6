//! A study file with a comment beside every key.

use std::fmt::Write as _;

use toml::Value;

use super::take::{Taken, Used};
use crate::data::ReadOptions;
use crate::words::{count, harmless_line};

/// A study to begin with where there is no table yet.
pub const TEMPLATE: &str = include_str!("template.toml");

/// More levels than this in all are not made columns of 0 and 1.
const MANY_LEVELS: usize = 200;

/// What a first study is made of.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The study's name.
    pub name: &'a str,
    /// The table's file, as seen from the study.
    pub path: &'a str,
    /// What its columns are taken for.
    pub taken: &'a Taken,
    /// How the file is written, where that was given: separator, decimal mark, thousands, missing values.
    pub spelling: &'a ReadOptions,
    /// The lines of its `[protocol]`: one of [`protocols`].
    pub protocol: &'a str,
    /// Positive and negative rows that are drawn; none where all are used.
    pub sample: Option<(usize, usize)>,
}

/// The protocols that fit what is known of the rows, the one that says most first. Those behind it are for tables with too few
/// positives.
pub fn protocols(taken: &Taken) -> Vec<String> {
    let folds = |kind: &str, said: &str| {
        [5, 3, 2].map(|folds| {
            format!("kind = \"{kind}\"{:<1$}# {said}\nfolds = {folds}\n", "", 24usize.saturating_sub(kind.len()).max(2))
        })
    };
    let plain = folds("stratified-k-fold", "every fold has the same share of positives");
    let grouped = folds("stratified-group-k-fold", "the rows of one group stand on one side of a split");
    let mut all = Vec::new();
    if taken.time.is_some() {
        let apart = if taken.group.is_some() {
            "# groups = \"apart\"           # no group on both sides of a split\n"
        } else {
            ""
        };
        for folds in [5, 3] {
            all.push(format!(
                "kind = \"time-series\"          # each fold is tested on rows that are later than all it learns from\nfolds = {folds}\n{apart}\
                 # delay = 7                  # days until a label is known\n"
            ));
        }
        all.push(format!(
            "kind = \"time-ordered\"         # the latest quarter of the rows tests: one split, so no intervals\ntest = 0.25\n{apart}"
        ));
    }
    if taken.group.is_some() {
        all.extend(grouped);
    }
    all.extend(plain);
    all
}

/// The study file.
pub fn text(draft: &Draft<'_>) -> String {
    let Draft { name, path, taken, spelling, protocol, sample } = *draft;
    let mut text = head(name, path);
    let mut line = |key: &str, value: String, why: &str| {
        let _ = writeln!(
            text,
            "{key} = {value}{:<1$}# {2}",
            "",
            28usize.saturating_sub(key.len() + value.chars().count()).max(2),
            harmless_line(why)
        );
    };
    line("path", quoted(path), "CSV (also .gz, .zst) or Parquet, from this file's folder");
    for (key, value, what) in spelt(spelling) {
        line(key, value.to_string(), &format!("{what}: given"));
    }
    line("label", quoted(&taken.label.column), &taken.label.why);
    line("positive", quoted(&taken.positive), &taken.why_positive);
    let roles = [
        ("group", &taken.group, "whose row it is: a card, a customer"),
        ("time", &taken.time, "when the row became known"),
        ("amount", &taken.amount, "the money at stake; it is a feature too"),
    ];
    for (key, used, what) in roles {
        match used {
            Some(Used { column, why }) => line(key, quoted(column), &format!("{what}: {why}")),
            None if key == "amount" && taken.no_amount => {
                line(key, quoted("none"), "no column is the money at stake: given")
            }
            None => match taken.almost_time.as_ref().filter(|_| key == "time") {
                Some(Used { column, why }) => line("# time", quoted(column), &format!("{what}, but {why}")),
                None => line(&format!("# {key}"), "\"COLUMN\"".into(), what),
            },
        }
    }
    let _ = writeln!(text, "ignore = [                     # columns that are no features");
    for Used { column, why } in &taken.ignored {
        let name = quoted(column);
        let blanks = 26usize.saturating_sub(name.chars().count()).max(2);
        // What stands in the table may hold a line break, which would end the comment.
        let _ = writeln!(text, "    {name},{:<1$}# {2}", "", blanks, harmless_line(why));
    }
    text.push_str("]\n");
    text.push_str(&sampled(sample, taken));
    let _ = write!(text, "\n[protocol]\n{protocol}\n[grid]\n{}", grid(taken));
    text
}

/// The lines down to `[data]`: what the file is, and the keys of the study itself.
fn head(name: &str, path: &str) -> String {
    format!(
        "# A first study of {}, written by fraudbench: edit it, then `fraudbench run THIS-FILE --out NEW-DIRECTORY`.\n\
         # `fraudbench list THIS-FILE` shows what it unfolds into; experiments/README.md explains every key.\n\
         name = {}\n\
         title = {}\n\
         seed = 42                      # of splits and classifiers\n\
         # metrics = [\"pr-auc\", \"recall-at-fpr(0.01)\"]   # default: all that need no number, amount, group or time, but calibration-error, brier-miscalibration and brier-discrimination\n\
         primary = \"pr-auc\"             # what ranks\n\n[data]\n",
        // A path may hold a line break, too.
        harmless_line(path),
        quoted(name),
        quoted(&format!("First look at {path}")),
    )
}

/// The line of `sample`, which takes so many rows of each class; a comment where all rows are taken.
fn sampled(sample: Option<(usize, usize)>, taken: &Taken) -> String {
    match sample {
        None => {
            "# sample = { positives = 500, negatives = 50000, seed = 42 }   # so many rows of each class\n".to_owned()
        }
        Some((positives, negatives)) => format!(
            "# {} of {} rows, {}; take the line out to use all.\n\
             sample = {{ positives = {positives}, negatives = {negatives}, seed = 42 }}\n",
            count((positives + negatives) as u64),
            count(taken.rows as u64),
            drawn((positives, negatives), taken)
        ),
    }
}

/// Which rows of a table are drawn, where these are so many of each class.
pub fn drawn((positives, negatives): (usize, usize), taken: &Taken) -> String {
    let others = taken.rows - taken.positives;
    // As many as the share of the negatives gives, but for rounding.
    let expected = taken.positives as f64 * negatives as f64 / others.max(1) as f64;
    let half_a_negative = 0.5 * taken.positives as f64 / others.max(1) as f64;
    match positives as f64 <= expected + 0.5 + half_a_negative {
        true => "the same share of each class".to_owned(),
        false => format!("{} of {} positives among them", count(positives as u64), count(taken.positives as u64)),
    }
}

/// The keys that say how the file is written, with their values and what they are.
fn spelt(spelling: &ReadOptions) -> Vec<(&'static str, Value, &'static str)> {
    let character = |byte: u8| Value::from(char::from(byte).to_string());
    let missing = |texts: &Vec<String>| Value::from(texts.clone());
    let keys = [
        ("separator", spelling.separator.map(character), "what stands between fields"),
        ("decimal", spelling.decimal_comma.then(|| character(b',')), "the decimal mark of numbers"),
        ("thousands", spelling.thousands.map(character), "what stands between groups of three digits"),
        ("missing", spelling.missing.as_ref().map(missing), "texts that are missing values"),
    ];
    keys.into_iter().filter_map(|(key, value, what)| Some((key, value?, what))).collect()
}

/// The lines of `[grid]`: every combination is a pipeline.
fn grid(taken: &Taken) -> String {
    let mut text =
        String::from("# dedup = [false, true]        # true: rows that repeat an earlier one are left out\n");
    text.push_str(match taken.with_blanks {
        0 => "# imputers = [\"none\", \"median\"]   # for missing values\n",
        _ => "imputers = [\"median\"]          # missing values: the column's median; of categories the most frequent one\n",
    });
    let levels: usize = taken.levels.iter().sum();
    text.push_str(match levels {
        0 => "",
        n if n > MANY_LEVELS => {
            "encoders = [\"target\"]          # categories become the share of positives that they had in training\n"
        }
        _ => "encoders = [\"one-hot\"]         # categories become columns of 0 and 1\n",
    });
    text.push_str(
        "# resamplers = [\"none\", \"smote\", \"random-undersampling\"]\n\
         scalers = [\"standard\"]\n\
         classifiers = [\n    \
             \"prior\",                   # the baseline: looks at no feature\n    \
             \"logistic-regression\",\n    \
             \"decision-tree\",\n    \
             \"random-forest\",\n    \
             \"xgboost\",\n    \
             \"lightgbm\",\n    \
             # { family = \"xgboost\", name = \"xgboost-searched\", search = { kind = \"random\", candidates = 20, \
         space = { max_depth = [3, 6, 9], learning_rate = { low = 0.01, high = 0.3, log = true } } } },\n    \
             # { family = \"xgboost\", name = \"xgboost-f1\", threshold = \"max-f1\" },\n\
         ]\n",
    );
    text
}

/// A text as TOML has it, in one line.
fn quoted(text: &str) -> String {
    let line = Value::String(text.to_owned()).to_string();
    // What TOML writes over several lines has escapes in one; of the characters that TOML escapes JSON leaves this one.
    let escaped = || serde_json::Value::String(text.to_owned()).to_string().replace('\u{7f}', "\\u007f");
    if line.contains('\n') { escaped() } else { line }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::take::Labels;
    use super::*;
    use crate::component::{Metric, Registry};
    use crate::study::{DataSource, Study};

    #[test]
    fn the_comment_on_metrics_names_those_that_no_study_has_by_default() {
        let registry = Registry::built_in();
        let by_default: Vec<&str> = registry.metrics_of_any_data().map(|metric| metric.id).collect();
        let needs_none = |metric: &&&Metric| {
            metric.is_of_any_data() && metric.argument.is_none_or(|argument| argument.default.is_some())
        };
        let others: Vec<&str> =
            registry.metrics().iter().filter(needs_none).map(|m| m.id).filter(|id| !by_default.contains(id)).collect();
        let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/README.md"));
        for text in [head("x", "x.csv").as_str(), TEMPLATE, document] {
            let is_it = |line: &&str| line.trim_start_matches(['#', ':', ' ']).starts_with("metrics = [");
            let (_, named) =
                text.lines().find(is_it).unwrap().split_once(" number, amount, group or time, but ").unwrap();
            let named = named.split(" (").next().unwrap().split([',', ' ']);
            assert_eq!(named.filter(|word| !["", "and"].contains(word)).collect::<Vec<_>>(), others);
        }
    }

    fn taken() -> Taken {
        let used = |column: &str| Some(Used { column: column.into(), why: "given".into() });
        Taken {
            rows: 1_000,
            label: Labels { column: "is fraud \"?\"".into(), why: "given".into() },
            positive: "yes".into(),
            positives: 100,
            why_positive: "the rarer value".into(),
            group: used("card 'no'"),
            time: used("when"),
            almost_time: None,
            amount: None,
            no_amount: false,
            ignored: vec![Used { column: "a\nb\\".into(), why: "one value in all rows".into() }],
            features: 3,
            with_blanks: 1,
            levels: vec![3, 4],
        }
    }

    #[test]
    fn every_draft_is_a_study_that_names_what_was_taken() {
        let taken = taken();
        let spelling = ReadOptions {
            separator: Some(b'\t'),
            decimal_comma: true,
            thousands: Some(b'.'),
            missing: Some(vec!["".into(), "n/a \"?\"".into()]),
            ..ReadOptions::default()
        };
        for protocol in protocols(&taken) {
            let sample = protocol.contains("time").then_some((10, 90));
            let text = text(&Draft {
                name: "my-table",
                path: "my \"best\" table.csv",
                taken: &taken,
                spelling: &spelling,
                protocol: &protocol,
                sample,
            });
            let study = Study::parse(&text, "x.toml", Path::new("in"), &Registry::built_in());
            let study = study.unwrap_or_else(|e| panic!("{e}: {text}"));
            let data = &study.data[0];
            assert_eq!(data.source, DataSource::Files(vec!["in/my \"best\" table.csv".into()]));
            let options = &data.options;
            assert_eq!(options.label.as_deref(), Some("is fraud \"?\""));
            assert_eq!((options.group.as_deref(), options.time.as_deref()), (Some("card 'no'"), Some("when")));
            assert_eq!((&options.ignore[..], options.amount.as_deref()), (&["a\nb\\".to_owned()][..], None));
            assert_eq!((options.separator, options.decimal_comma), (Some(b'\t'), true));
            assert_eq!((options.thousands, &options.missing), (Some(b'.'), &spelling.missing));
            assert_eq!(data.sample.is_some(), sample.is_some());
            assert_eq!((study.classifiers.len(), study.encoders[0].name.as_str()), (6, "one-hot"));
        }
        assert!(protocols(&taken)[0].starts_with("kind = \"time-series\"") && protocols(&taken)[3].contains("group"));
    }

    #[test]
    fn comments_stand_below_one_another_whatever_letters_names_have() {
        let (protocol, spelling) = (protocols(&taken())[0].clone(), ReadOptions::default());
        let used = |column: &str| Used { column: column.into(), why: "given".into() };
        let taken = Taken { amount: Some(used("Größe (€)")), ignored: vec![used("Ünï")], ..taken() };
        let draft =
            Draft { name: "t", path: "t.csv", taken: &taken, spelling: &spelling, protocol: &protocol, sample: None };
        let text = text(&draft);
        let column = |start: &str| {
            let line = text.lines().find(|line| line.starts_with(start)).unwrap();
            line.split_once(" #").unwrap().0.chars().count()
        };
        assert_eq!(["path", "time", "amount", "ignore", "    \"Ünï"].map(column), [30; 5], "{text}");
    }

    #[test]
    fn which_rows_are_drawn_is_told() {
        // 100 of 1,000 rows are positive.
        let taken = taken();
        for (sample, said) in [
            ((10, 90), "the same share of each class"),
            ((3, 25), "the same share of each class"),
            ((25, 90), "25 of 100 positives among them"),
        ] {
            assert_eq!(drawn(sample, &taken), said, "{sample:?}");
        }
        let text = sampled(Some((25, 90)), &taken);
        assert!(
            text.starts_with("# 115 of 1,000 rows, 25 of 100 positives among them; take the line out to use all.\n"),
            "{text}"
        );
    }

    #[test]
    fn the_template_is_a_study() {
        Study::parse(TEMPLATE, "study.toml", Path::new("."), &Registry::built_in()).unwrap();
        // So it is with all that it offers in comments: a key behind `#: ` is one that may be taken in.
        let all: Vec<&str> = TEMPLATE.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).collect();
        Study::parse(&all.join("\n"), "study.toml", Path::new("."), &Registry::built_in()).unwrap();
    }
}
