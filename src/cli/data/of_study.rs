//! `fraudbench data features`: the columns that a study makes, behind the rows that they are made of.

use std::path::PathBuf;

use ndarray::s;

use crate::cli::outputs::{Input, apart, came_meanwhile, named, refuse_existing};
use crate::component::Registry;
use crate::data::{Beside, Column, Dataset, Format, Unlabelled, catalogue, write_beside};
use crate::error::{Error, Result, unknown};
use crate::features::{self, made_names};
use crate::harness::load;
use crate::os::{check_file, is_stream};
use crate::study::{DataSource, DataSpec, Study};
use crate::words::{agree, counted, harmless_line, listed};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fraudbench data features alarms.toml --out made.parquet\n  fraudbench data features alarms.toml --data history-and-new.parquet --out made.parquet\n  \
                  fraudbench score model made.parquet --out scores.csv\n\n\
                  The rows are copied as they are, in their order, and the file has their form: .csv or .parquet. All rows are looked at and written: \
                  `sample` of the study draws none. With --data, rows may lack their label where no window looks at it: payments that are new, and those \
                  that are newer than the `delay` of the features; so may columns in `ignore`, and the label's column where no feature is made of labels.\n\n\
                  Exit codes: 0; 2 for a study or rows of which the features cannot be made, and for a file that is there already."
)]
pub struct Arguments {
    /// A study with `data.features`
    study: PathBuf,
    /// The file: .parquet or .csv, as that of the rows
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    overwrite: bool,
    /// Rows in the place of the study's own table, with the same columns: the earlier ones that windows look at, and those to be scored
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Which of the study's data sets is meant
    #[arg(long, value_name = "NAME")]
    data_set: Option<String>,
}

/// Does what the command says.
///
/// # Errors
/// Those of reading the study and its table, and of making its features; [`Error::Usage`] for a file that is there, or of another form.
pub fn main(arguments: &Arguments, registry: &Registry) -> Result<()> {
    let out = &arguments.out;
    let wanted = Format::named(out)?;
    let study = Study::read(&arguments.study, registry)?;
    let spec = spec(&study, arguments)?;
    // A file that is not there is told where it is read.
    let files = spec.source.files().unwrap_or_default();
    let mut inputs = vec![Input::new("the study", &arguments.study)];
    inputs.extend(files.iter().map(|file| Input::new("a file of the rows", file)));
    apart(&[("--out", Some(out.as_path()))], &inputs)?;
    refuse_existing(out, "file", arguments.overwrite)?;
    check_file(out)?;
    if let Some(pipe) = files.iter().find(|file| is_stream(file)) {
        return Err(Error::Usage(format!(
            "{}: the rows are read twice, and a pipe gives them once: write them into a file, and name that",
            pipe.display()
        )));
    }
    let read = load(&spec)?;
    let Some(whence) = read.whence.clone() else { return Err(simulated(&spec)) };
    if whence.format != wanted {
        let ending = if wanted == Format::Csv { "parquet" } else { "csv" };
        return Err(Error::Usage(format!(
            "`--out` {}: the rows are copied as they are in {}: name a file that ends in .{ending}",
            out.display(),
            whence.file()
        )));
    }
    let names = made_names(&read, &spec.features);
    check_names(&read, &names)?;
    let made = features::add(read, &spec.features)?;
    made.notes.iter().for_each(|note| say!("note: {}", harmless_line(note)));
    let first = made.columns.len() - names.len();
    let beside = Beside { names: &names, values: made.x.slice(s![.., first..]) };
    write_beside((&whence, &made.sha256), &beside, (out, arguments.overwrite))
        .map_err(|e| came_meanwhile(e, out, "file"))?;
    let (rows, features) = (counted(made.y.len() as u64, "row"), counted(names.len() as u64, "feature"));
    show!("{}: {rows} with {features} of {}", out.display(), study.name);
    Ok(())
}

/// The data set that is meant, with the rows that are named.
fn spec(study: &Study, arguments: &Arguments) -> Result<DataSpec> {
    let names: Vec<&str> = study.data.iter().map(|spec| spec.name.as_str()).collect();
    let place = arguments.study.display();
    let spec = match (&arguments.data_set, &study.data[..]) {
        (Some(name), all) => all
            .iter()
            .find(|spec| spec.name == *name)
            .ok_or_else(|| Error::Usage(unknown(&format!("data set of {place} in `--data-set`"), name, &names)))?,
        (None, [only]) => only,
        (None, _) => {
            let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            return Err(Error::Usage(format!(
                "{place} has {}: name one with `--data-set`, {}",
                counted(names.len() as u64, "data set"),
                listed(&quoted)
            )));
        }
    };
    if spec.features.made.is_empty() {
        return Err(Error::Study(format!(
            "{place}: `data.features` makes no column of {}: `fraudbench score` takes its rows as they are",
            spec.name
        )));
    }
    let mut spec = spec.clone();
    if let Some(file) = &arguments.data {
        // Its columns are the study's, also where the study leaves it to the catalogue what they are.
        if let DataSource::Catalogue { name, .. } = &spec.source {
            spec.options = catalogue::options(name, &spec.options);
        }
        spec.source = DataSource::Files(vec![named(file).to_owned()]);
        if spec.options.label.is_none() {
            return Err(Error::Usage(format!(
                "{place}: name the label in [data], as the last column of other rows may be another one"
            )));
        }
        spec.options.unlabelled = if spec.features.looks_at_labels() { Unlabelled::Rows } else { Unlabelled::Column };
    }
    Ok(spec)
}

/// That no file has the rows.
fn simulated(spec: &DataSpec) -> Error {
    Error::Usage(format!(
        "the rows of {} are made up, and no file has them: name one with `--data`; `fraudbench data simulate handbook --features` writes \
         made-up rows with their features",
        spec.name
    ))
}

/// Refuses columns of the file that are called as those to be written behind them.
fn check_names(read: &Dataset, names: &[String]) -> Result<()> {
    let own = read.columns.iter().chain(&read.others).filter(|column: &&Column| names.contains(&column.name));
    let twice: Vec<String> = own.map(|column| format!("`{}`", column.name)).collect();
    match twice.is_empty() {
        true => Ok(()),
        false => Err(Error::Data(format!(
            "{}: the file has the {} {} already, which the study makes: name the file of the rows as they were before, or call {} \
             otherwise in it",
            read.read_from(),
            agree(twice.len(), "column", "columns"),
            listed(&twice),
            agree(twice.len(), "it", "them")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::data::read_rows;
    use crate::simulate::{Handbook, handbook};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Place(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.path(name), text).unwrap();
        }

        /// Writes a study with this `[data]`, and does what a command line with `more` says of it.
        fn make(&self, data: &str, out: &str, more: &[&str]) -> Result<()> {
            let protocol = "[protocol]\nkind = 'time-series'\nfolds = 2\ndelay = 2\n[grid]\nclassifiers = ['prior']\n";
            self.write("study.toml", &format!("name = 'made'\n[data]\n{data}\n{protocol}"));
            let (study, out) = (self.path("study.toml"), self.path(out));
            let more = more.iter().map(|&word| match word.contains('.') {
                true => self.path(word).display().to_string(),
                false => word.to_owned(),
            });
            let line = ["x".to_owned(), study.display().to_string(), "--out".to_owned(), out.display().to_string()];
            let line = Line::try_parse_from(line.into_iter().chain(more)).unwrap();
            main(&line.arguments, &Registry::built_in())
        }

        /// Makes features, and checks that who scores the rows of the new file gets the values of a run, bit for bit.
        fn check(&self, data: &str, out: &str) -> Dataset {
            self.make(data, out, &[]).unwrap();
            let study = Study::read(&self.path("study.toml"), &Registry::built_in()).unwrap();
            let spec = &study.data[0];
            let run = features::add(load(spec).unwrap(), &spec.features).unwrap();
            let blanks = vec![true; run.columns.len()];
            let read = read_rows(&self.path(out), (&run.columns, &[]), &spec.options, &blanks).unwrap();
            // One missing value is as good as another.
            let bits = |x: &ndarray::Array2<f64>| x.mapv(|value| if value.is_nan() { 0 } else { value.to_bits() });
            assert_eq!(bits(&read.x), bits(&run.x), "{out}");
            run
        }
    }

    const FEATURES: &str = "label = 'fraud'\ntime = 'when'\nignore = ['id']\n[[data.features]]\nby = 'shop'\nwindows = ['1d', '9d']\n\
                            of = 'paid'\nmake = ['count', 'mean', 'ratio', 'since-last']\n[[data.features]]\nby = 'shop'\nwindows = ['3d']\n\
                            delay = '2d'\nmake = ['fraud-share']\n[[data.features]]\ncalendar = ['weekend', 'hour']\n";

    /// Payments with a quoted text that no feature is, blanks, and days that do not rise.
    fn rows(count: usize, separator: char, decimal: char) -> String {
        let mut text = format!("id{separator}when{separator}shop{separator}paid{separator}fraud\r\n");
        for i in 0..count {
            let (day, hour) = (1 + i * 7 % 28, i % 24);
            let paid = if i % 5 == 1 { String::new() } else { format!("{}{decimal}{}", i * 7919 % 300, 1 + i % 8) };
            let fields = [
                format!("\"payment\n{i} {separator} \"\"x\"\"\""),
                format!("2024-02-{day:02} {hour:02}:00:00"),
                ["a", "b", "c"][i % 3].to_owned(),
                if paid.contains(separator) { format!("\"{paid}\"") } else { paid },
                u8::from(i % 6 == 2).to_string(),
            ];
            text += &format!("{}\r\n", fields.join(&separator.to_string()));
        }
        text
    }

    #[test]
    fn rows_of_csv_are_copied_and_score_as_in_a_run() {
        let place = Place::new();
        place.write("t.csv", &format!("\u{feff}{}", rows(60, ',', '.')));
        let run = place.check(&format!("path = 't.csv'\n{FEATURES}"), "made.csv");
        let text = std::fs::read_to_string(place.path("made.csv")).unwrap();
        let header = "\u{feff}id,when,shop,paid,fraud,shop_count_1d,shop_mean_paid_1d,shop_ratio_paid_1d,shop_count_9d,shop_mean_paid_9d,\
                      shop_ratio_paid_9d,shop_since-last,shop_fraud-share_3d_delay_2d,when_weekend,when_hour\n";
        assert!(text.starts_with(header), "{text}");
        // 2024-02-01 was a Thursday, and the row's is the only payment of its shop until then.
        let first = "\"payment\n0 , \"\"x\"\"\",2024-02-01 00:00:00,a,0.1,0,1,0.1,1,1,0.1,1,,0,0,0\n";
        assert_eq!(text.strip_prefix(header).unwrap().get(..first.len()), Some(first));
        assert_eq!((run.y.len(), text.matches("payment\n").count()), (60, 60));
        // In the spelling of the file, also where its own separator is the decimal mark.
        let spelt = "decimal = ','\nmissing = ['-', '']\n";
        for separator in [';', ','] {
            place.write("t.csv", &rows(60, separator, ','));
            place.check(&format!("path = 't.csv'\n{spelt}{FEATURES}"), &format!("made{}.csv", separator as u8));
        }
        let packed = zstd::encode_all(rows(60, '\t', '.').as_bytes(), 1).unwrap();
        std::fs::write(place.path("t.csv.zst"), packed).unwrap();
        place.check(&format!("path = 't.csv.zst'\n{FEATURES}"), "unpacked.csv");
    }

    #[test]
    fn missing_values_are_written_as_the_study_has_them() {
        let place = Place::new();
        place.write("t.csv", &rows(60, ',', '.').replace(",,", ",none,"));
        place.check(&format!("path = 't.csv'\nmissing = ['none']\n{FEATURES}"), "made.csv");
        let text = std::fs::read_to_string(place.path("made.csv")).unwrap();
        assert!(text.contains(",none,0,0,0\n") && !text.contains(",,"), "{text}");
        // A number that is listed as missing is no missing value where a feature has it.
        let zero = format!("path = 't.csv'\nmissing = ['0', '']\n{FEATURES}")
            .replace("label = 'fraud'", "label = 'fraud'\npositive = 'x'");
        place.write("t.csv", &rows(60, ',', '.').replace(",1\r", ",x\r").replace(",0\r", ",y\r"));
        let run = place.check(&zero, "zero.csv");
        let at = run.columns.iter().position(|column| column.name == "when_weekend").unwrap();
        assert!(run.x.column(at).iter().any(|value| *value == 0.0));
        place.write("t.csv", &rows(60, ',', '.').replace(",,", ",7,"));
        let said = place.make(&format!("path = 't.csv'\nmissing = []\n{FEATURES}"), "none.csv", &[]).unwrap_err();
        assert_eq!(
            said.to_string(),
            format!(
                "{}: the feature `shop_since-last` has missing values, and the study's `missing` names no text for them: add one, such as \"\"",
                place.path("t.csv").display()
            )
        );
        assert!(!place.path("none.csv").exists());
    }

    #[test]
    fn row_groups_of_parquet_are_copied_and_score_as_in_a_run() {
        let place = Place::new();
        let of = Handbook { customers: 40, terminals: 60, days: 25, radius: 20.0, ..Handbook::default() };
        std::fs::create_dir(place.path("parts")).unwrap();
        for (at, seed) in [("a", 0), ("b", 1)] {
            handbook::write(&Handbook { seed, ..of.clone() }, &place.path(&format!("parts/{at}.parquet"))).unwrap();
        }
        let roles = "label = 'TX_FRAUD'\ntime = 'TX_DATETIME'\nignore = ['TRANSACTION_ID', 'TX_FRAUD_SCENARIO']\n";
        let more = format!(
            "{roles}[[data.features]]\nby = ['CUSTOMER_ID', 'TERMINAL_ID']\nof = 'TX_AMOUNT'\nwindows = ['2d']\nmake = ['std', 'since-last']\n"
        );
        for (path, out) in [("parts/a.parquet", "a.parquet"), ("parts", "both.parquet")] {
            let run = place.check(&format!("path = '{path}'\n{more}"), out);
            assert!(run.x.iter().any(|value| value.is_nan()) && run.y.len() > 1_000);
            // The columns that no feature is made of are there, too, and the whole is a table.
            let study = Study::read(&place.path("study.toml"), &Registry::built_in()).unwrap();
            let options = crate::data::ReadOptions { ignore: Vec::new(), ..study.data[0].options.clone() };
            let read = crate::data::read(&place.path(out), &options).unwrap();
            assert_eq!((read.y, read.columns.len()), (run.y, 10));
        }
    }

    #[test]
    fn new_rows_need_no_label_that_nobody_looks_at() {
        let place = Place::new();
        let row = |day: u32, label: &str| format!("x,2024-02-{day:02},a,1.5,{label}\n");
        let header = "id,when,shop,paid,fraud\n";
        let history = [row(1, "0"), row(2, "1"), row(3, "1")].concat();
        place.write("t.csv", &format!("{header}{history}"));
        let data = format!("path = 't.csv'\n{FEATURES}");
        let written = |rows: &str| {
            place.write("new.csv", rows);
            place.make(&data, "made.csv", &["--data", "new.csv", "--overwrite"])
        };
        let shares = || -> Vec<String> {
            let text = std::fs::read_to_string(place.path("made.csv")).unwrap();
            let of = |line: &str| line.split(',').rev().nth(2).unwrap().to_owned();
            text.lines().skip(1).map(of).collect()
        };
        // At day 5 labels of the days 1 to 3 are known, at day 6 those of 2 to 4.
        written(&format!("{header}{history}{}{}", row(4, ""), row(5, ""))).unwrap();
        assert_eq!(shares(), ["0", "0", "0", "0.5", (2.0 / 3.0).to_string().as_str()]);
        let said = written(&format!("{header}{history}{}{}", row(4, ""), row(6, ""))).unwrap_err().to_string();
        let wanted = format!(
            "{}: features: the label `fraud` is missing in line 5, and windows by `shop` of later rows look at it: write the label into the \
             file, or leave later rows out until it is known",
            place.path("new.csv").display()
        );
        assert_eq!(said, wanted);
        // Labels of one kind, or none at all.
        written(&format!("{header}{}{}", row(1, "0"), row(9, ""))).unwrap();
        assert_eq!(shares(), ["0", "0"]);
        written(&format!("{header}{}{}", row(1, ""), row(2, ""))).unwrap();
        let said = written(&format!("{header}{}{}", row(1, "no"), row(9, ""))).unwrap_err().to_string();
        let wanted = "the label column `fraud` holds `no` alone: say which value is positive with `positive`";
        assert!(said.ends_with(wanted), "{said}");
        place.write("new.csv", &format!("{header}{}{}{}", row(1, "no"), row(2, "no"), row(5, "")));
        for (positive, share) in [("yes", "0"), ("no", "1")] {
            let data = format!("positive = '{positive}'\n{data}");
            place.make(&data, "made.csv", &["--data", "new.csv", "--overwrite"]).unwrap();
            assert_eq!(shares(), ["0", "0", share]);
        }
        // The study's own rows have all of theirs.
        place.write("t.csv", &format!("{header}{history}{}", row(4, "")));
        let said = place.make(&data, "own.csv", &[]).unwrap_err().to_string();
        assert!(said.contains("the label column `fraud` is missing in line 5"), "{said}");
        // A column of labels is needed where features are made of them.
        let bare = "when,shop,paid\n2024-02-01,a,2\n2024-02-02,a,4\n";
        let said = written(bare).unwrap_err().to_string();
        assert!(said.contains("unknown column in `label` `fraud`"), "{said}");
        let no_labels =
            format!("path = 't.csv'\n{FEATURES}").replace("delay = '2d'\nmake = ['fraud-share']", "make = ['count']");
        place.write("new.csv", bare);
        place.make(&no_labels, "made.csv", &["--data", "new.csv", "--overwrite"]).unwrap();
        let text = std::fs::read_to_string(place.path("made.csv")).unwrap();
        assert!(text.ends_with("\n2024-02-02,a,4,1,4,1,2,3,1.3333333333333333,86400,2,0,0\n"), "{text}");
    }

    #[test]
    fn what_cannot_be_written_is_refused_before_features_are_made() {
        let place = Place::new();
        place.write("t.csv", &rows(60, ',', '.'));
        let data = format!("path = 't.csv'\n{FEATURES}");
        let said = |data: &str, out: &str, more: &[&str]| {
            let said = place.make(data, out, more).unwrap_err();
            assert_eq!(said.exit_code(), 2);
            said.to_string().replace(&place.0.path().display().to_string(), "F")
        };
        assert_eq!(
            said(&data, "x.parquet", &[]),
            "`--out` F/x.parquet: the rows are copied as they are in F/t.csv: name a file that ends in .csv"
        );
        assert!(said(&data, "t.csv", &["--overwrite"]).contains("`--out` F/t.csv is a file of the rows"));
        place.write("there.csv", "");
        assert!(said(&data, "there.csv", &[]).contains("F/there.csv is there already and is not overwritten"));
        assert_eq!(
            said("path = 't.csv'\nlabel = 'fraud'\ntime = 'when'\nignore = ['id']", "x.csv", &[]),
            "F/study.toml: `data.features` makes no column of t: `fraudbench score` takes its rows as they are"
        );
        let made = "simulate = { kind = 'handbook', customers = 40, terminals = 60, days = 20 }\n[[data.features]]\ncalendar = ['hour']";
        assert!(
            said(made, "x.csv", &[])
                .starts_with("the rows of handbook are made up, and no file has them: name one with `--data`")
        );
        place.make(&data, "made.csv", &[]).unwrap();
        let again = format!("path = 'made.csv'\n{FEATURES}").replace("['id']", "['id', 'when_hour']");
        let again = said(&again, "x.csv", &[]);
        assert!(
            again.starts_with("F/made.csv: the file has the columns `shop_count_1d`, `shop_mean_paid_1d`, "),
            "{again}"
        );
        assert!(again.contains(" and `when_hour` already, which the study makes: "), "{again}");
        assert!(!place.path("x.csv").exists());
    }

    #[test]
    fn rows_in_the_place_of_a_named_data_set_have_its_roles_and_its_file_stays() {
        let place = Place::new();
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/data/creditcard-sample.csv");
        let text = std::fs::read_to_string(sample).unwrap();
        place.write("creditcard-sample.csv", &text);
        let few: String = text.lines().take(4).map(|line| format!("{line}\n")).collect();
        place.write("new.csv", &few);
        let data = format!(
            "name = 'creditcard-sample'\nfolder = '{}'\n[[data.features]]\ncalendar = ['hour', 'minute-of-day']\n",
            place.0.path().display()
        );
        // The catalogue says which column is the time: without it no calendar is made.
        place.make(&data, "made.csv", &["--data", "new.csv"]).unwrap();
        let made = std::fs::read_to_string(place.path("made.csv")).unwrap();
        let (lines, old) = (made.lines().skip(1), few.lines().skip(1));
        assert!(made.lines().next().unwrap().ends_with(",Time_hour,Time_minute-of-day"), "{made}");
        for (line, old) in lines.zip(old) {
            let seconds: usize = old.split(',').next().unwrap().parse().unwrap();
            assert_eq!(line, format!("{old},{},{}", seconds / 3600 % 24, seconds / 60 % 1440));
        }
        assert_eq!(made.lines().count(), 4);
        let said = place.make(&data, "creditcard-sample.csv", &["--overwrite"]).unwrap_err().to_string();
        assert!(said.contains("creditcard-sample.csv is a file of the rows: name another one"), "{said}");
        assert_eq!(std::fs::read_to_string(place.path("creditcard-sample.csv")).unwrap(), text);
    }

    #[test]
    fn one_of_several_data_sets_is_named() {
        let place = Place::new();
        place.write("t.csv", &rows(60, ',', '.'));
        let of =
            |name: &str| format!("name = '{name}'\npath = 't.csv'\nlabel = 'fraud'\ntime = 'when'\nignore = ['id']\n");
        let calendar = "[[data.features]]\ncalendar = ['hour']\n";
        let study = format!(
            "name = 'made'\n[[data]]\n{}{calendar}[[data]]\n{}{calendar}[protocol]\nkind = 'time-ordered'\n[grid]\nclassifiers = ['prior']\n",
            of("one"),
            of("two")
        );
        place.write("two.toml", &study);
        let make = |more: &[&str]| {
            let (study, out) = (place.path("two.toml"), place.path("made.csv"));
            let line = ["x", study.to_str().unwrap(), "--out", out.to_str().unwrap()];
            main(&Line::try_parse_from(line.iter().chain(more)).unwrap().arguments, &Registry::built_in())
        };
        let said = make(&[]).unwrap_err().to_string();
        assert!(said.ends_with("two.toml has 2 data sets: name one with `--data-set`, `one` and `two`"), "{said}");
        let said = make(&["--data-set", "tow"]).unwrap_err().to_string();
        assert!(said.contains("did you mean `two`"), "{said}");
        make(&["--data-set", "two"]).unwrap();
    }
}
