//! Components of one's own, one of each kind, in a study beside those of the crate.
//!
//! `cargo run --release --example own_components` writes a small table and `runs/own-components`.

use std::path::Path;

use fraudbench::component::{
    Better, Classifier, Context, Entry, FittedScaler, FittedTransformer, Metric, Model, Need, Prediction, Registry,
    Resampled, Resampler, Roles, Scaler, ScoreKind, Scored, Shape, Split, Splitter, Train, Transformer, build,
};
use fraudbench::data::{Column, Kind};
use fraudbench::error::Result;
use fraudbench::harness::{self, Done, How};
use fraudbench::run::Displays;
use fraudbench::study::Study;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

const STUDY: &str = r#"
name = "own-components"
metrics = ["precision-at-10", "pr-auc"]
primary = "precision-at-10"

[data]
path = "bank.csv"
label = "fraud"

[protocol]
kind = "last-rows"
test = 180

[grid]
imputers = ["zero"]
resamplers = ["every-other", "every-other+none"]
encoders = ["text-length"]
scalers = ["relative"]
classifiers = [
    "nearest-mean",
    { family = "nearest-mean", name = "searched", search = { kind = "grid", space = { power = [1.0, 2.0] }, goal = "precision-at-10" } },
]
"#;

fn main() -> Result<()> {
    let registry = registry()?;
    // First thing after the registry: workers need to know what studies may name.
    fraudbench::worker(&registry);
    let folder = Path::new("runs");
    std::fs::create_dir_all(folder).map_err(|e| fraudbench::error::Error::io("create", folder, e))?;
    let done = run(folder, &folder.join("own-components"))?;
    println!("{}", done.report().display());
    Ok(())
}

/// What the crate brings, and one of each kind.
pub fn registry() -> Result<Registry> {
    let mut registry = Registry::built_in();
    registry.add_imputer(&ZERO)?;
    registry.add_resampler(&EVERY_OTHER)?;
    registry.add_encoder(&TEXT_LENGTH)?;
    registry.add_scaler(&RELATIVE)?;
    registry.add_classifier(&NEAREST_MEAN)?;
    registry.add_split(&LAST_ROWS)?;
    registry.add_metric(&PRECISION_AT_10)?;
    Ok(registry)
}

/// Writes a table into `folder` and runs the study on it, with records in `directory`.
pub fn run(folder: &Path, directory: &Path) -> Result<Done> {
    let path = folder.join("bank.csv");
    std::fs::write(&path, table()).map_err(|e| fraudbench::error::Error::io("write", &path, e))?;
    let study = Study::parse(STUDY, "own_components.toml", folder, &registry()?)?;
    harness::run(harness::begin(study, "", directory)?, &How::default(), &mut Displays::default())
}

/// 600 rows; every tenth is a fraud, every seventh has no amount.
pub fn table() -> String {
    let row = |row: u32| {
        let fraud = row % 10 == 4;
        let amount = f64::from(row * 37 % 101) / 8.0 + if fraud { 5.0 } else { 0.0 };
        let amount = if row % 7 == 3 { String::new() } else { amount.to_string() };
        let shop = ["a", "kiosk", "market"][if fraud && !row.is_multiple_of(3) { 2 } else { row as usize % 3 }];
        format!("{row},{amount},{shop},{}\n", u8::from(fraud))
    };
    std::iter::once("when,amount,shop,fraud\n".to_owned()).chain((0..600).map(row)).collect()
}

/// No parameters.
#[derive(Default, Serialize, Deserialize)]
struct None {}

/// Zeros for what is missing.
pub static ZERO: Entry<dyn Transformer> = Entry::new("zero", "zeros for what is missing", |table| {
    build::<None, _>("zero", table, |_| Ok(Box::new(Zero) as Box<dyn Transformer>))
});

struct Zero;

impl Transformer for Zero {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut shape = given.clone();
        shape.columns.iter_mut().for_each(|column| column.blanks = false);
        Ok(shape)
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        Ok(Box::new(FittedZero(train.features.columns.to_vec())))
    }
}

struct FittedZero(Vec<Column>);

impl FittedTransformer for FittedZero {
    fn columns(&self) -> &[Column] {
        &self.0
    }

    fn transform(&self, mut x: Array2<f64>) -> Result<Array2<f64>> {
        x.mapv_inplace(|value| if value.is_nan() { 0.0 } else { value });
        Ok(x)
    }
}

/// All positives, and every other negative.
pub static EVERY_OTHER: Entry<dyn Resampler> =
    Entry::new("every-other", "all positives, and every other negative", |table| {
        build::<None, _>("every-other", table, |_| Ok(Box::new(EveryOther) as Box<dyn Resampler>))
    });

struct EveryOther;

impl Resampler for EveryOther {
    /// It looks at labels only, so that it takes whatever columns there are.
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        Ok(given.clone())
    }

    fn resample(&self, train: &Train<'_>, _: &Context) -> Result<Resampled> {
        let mut negatives = 0;
        let stays = |row: &usize| {
            negatives += usize::from(train.y[*row] == 0);
            train.y[*row] == 1 || negatives % 2 == 1
        };
        Ok(Resampled::chosen((0..train.y.len()).filter(stays).collect()))
    }
}

/// How many bytes a category's text has.
pub static TEXT_LENGTH: Entry<dyn Transformer> =
    Entry::new("text-length", "a category is the length of its text", |table| {
        build::<None, _>("text-length", table, |_| Ok(Box::new(TextLength) as Box<dyn Transformer>))
    });

struct TextLength;

impl Transformer for TextLength {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut shape = given.clone();
        shape.columns.iter_mut().for_each(|column| column.levels = Option::None);
        Ok(shape)
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let lengths = train.features.columns.iter().map(|column| match &column.kind {
            Kind::Category(levels) => levels.iter().map(|text| text.len() as f64).collect(),
            _ => Vec::new(),
        });
        let lengths = lengths.collect();
        let columns = train.features.columns.iter().cloned();
        Ok(Box::new(Lengths { lengths, columns: columns.map(|c| Column { kind: Kind::Number, ..c }).collect() }))
    }
}

struct Lengths {
    /// Of each column's levels; none where it is no category.
    lengths: Vec<Vec<f64>>,
    columns: Vec<Column>,
}

impl FittedTransformer for Lengths {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, mut x: Array2<f64>) -> Result<Array2<f64>> {
        for (mut column, lengths) in x.columns_mut().into_iter().zip(&self.lengths).filter(|(_, l)| !l.is_empty()) {
            column.mapv_inplace(|code| lengths.get(code as usize).copied().unwrap_or(0.0));
        }
        Ok(x)
    }
}

/// Every column divided by its training mean.
pub static RELATIVE: Entry<dyn Scaler> = Entry::new("relative", "every column divided by its training mean", |table| {
    build::<None, _>("relative", table, |_| Ok(Box::new(Relative) as Box<dyn Scaler>))
});

struct Relative;

impl Scaler for Relative {
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        let means = x.mean_axis(Axis(0)).unwrap_or_default();
        Ok(Box::new(Means(means.mapv(|mean| if mean == 0.0 { 1.0 } else { mean }))))
    }
}

struct Means(Array1<f64>);

impl FittedScaler for Means {
    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        Ok(x / &self.0)
    }
}

/// How much nearer a row is to the mean of the positives than to that of the negatives.
pub static NEAREST_MEAN: Entry<dyn Classifier> =
    Entry::new("nearest-mean", "the class whose mean is nearer", |table| {
        build::<Power, _>("nearest-mean", table, |power| Ok(Box::new(power) as Box<dyn Classifier>))
    });

/// The power of the distances.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Power {
    power: f64,
}

impl Default for Power {
    fn default() -> Self {
        Power { power: 2.0 }
    }
}

impl Classifier for Power {
    fn fit(&self, train: &Train<'_>, _: &Context) -> Result<Box<dyn Model>> {
        let mean = |class: u8| {
            let rows: Vec<usize> = (0..train.y.len()).filter(|&row| train.y[row] == class).collect();
            train.x().select(Axis(0), &rows).mean_axis(Axis(0)).unwrap_or_default()
        };
        Ok(Box::new(Fitted { means: [mean(0), mean(1)], power: self.power }))
    }
}

struct Fitted {
    means: [Array1<f64>; 2],
    power: f64,
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let distance = |row: &Array1<f64>, mean: &Array1<f64>| (row - mean).mapv(|d| d.abs().powf(self.power)).sum();
        let score: Vec<f64> = x
            .rows()
            .into_iter()
            .map(|row| distance(&row.to_owned(), &self.means[0]) - distance(&row.to_owned(), &self.means[1]))
            .collect();
        let label = score.iter().map(|&score| u8::from(score > 0.0)).collect();
        Ok(Prediction { score, label, kind: ScoreKind::Decision })
    }
}

/// The last rows of the table test.
pub static LAST_ROWS: Entry<dyn Splitter> = Entry::new("last-rows", "the last rows of the table test", |table| {
    build::<LastRows, _>("last-rows", table, |last| Ok(Box::new(last) as Box<dyn Splitter>))
});

/// How many rows test.
#[derive(Serialize, Deserialize)]
struct LastRows {
    test: usize,
}

impl Default for LastRows {
    fn default() -> Self {
        LastRows { test: 100 }
    }
}

impl Splitter for LastRows {
    fn numbers(&self) -> Vec<(u32, u32)> {
        vec![(0, 0)]
    }

    fn splits(&self, rows: &Roles) -> Result<Vec<Split>> {
        let train = rows.y.len().saturating_sub(self.test);
        let (train, test) = ((0..train).collect(), (train..rows.y.len()).collect());
        Ok(vec![Split { repeat: 0, fold: 0, train, validation: Vec::new(), test }])
    }
}

/// Positives among the ten rows with the highest scores; of equal scores, the earlier row counts first.
pub static PRECISION_AT_10: Metric =
    Metric::new("precision-at-10", Better::Higher, "share of positives among the ten highest scores", |scored| {
        at_10(scored).into()
    })
    .needs(&[Need::Scores]);

fn at_10(scored: &Scored<'_>) -> Result<f64, &'static str> {
    let (y, score) = (scored.truth(), &scored.prediction().score);
    if y.len() < 10 {
        return Err("there are fewer than ten test rows");
    }
    let mut rows: Vec<usize> = (0..y.len()).collect();
    rows.sort_by(|&a, &b| score[b].total_cmp(&score[a]));
    Ok(rows[..10].iter().filter(|&&row| y[row] == 1).count() as f64 / 10.0)
}
