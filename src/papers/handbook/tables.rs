//! The tables that the Handbook prints of its transactions, and what stands in each cell. Left out are those of made-up data by
//! `make_classification`.

use super::measure::{METRICS, Measures, On, spread};
use super::parts::{FIRST, IN_SAMPLE};
use super::searches::{self as grids, Search};
use super::why;
use crate::error::{Error, Result};
use crate::papers::{Evidence, Measured, Number, Ours, Statistic};

/// A printed table.
pub struct Printed {
    /// Chapter and section.
    pub place: &'static str,
    /// The section's name and the number of its output, as the Handbook has it.
    pub id: &'static str,
    /// What it shows.
    pub caption: &'static str,
    /// The table as printed, without the columns that repeat parameters as Python code.
    pub csv: &'static str,
    /// How it is to be read.
    pub layout: Layout,
}

/// What rows and columns of a table are.
pub enum Layout {
    /// A row per value of a grid; columns of means and standard deviations on the folds.
    Grid(&'static Search),
    /// What was chosen from a grid, and how good it is.
    Summary(&'static Search),
    /// Chosen models side by side: a column each, named by it.
    Models(&'static [(&'static str, &'static Search)]),
    /// The first models, a row each, on one split: test rows, or training rows.
    First { on_training_rows: bool },
    /// Trees of growing depth on one split.
    Depths,
    /// What was chosen from the grid of networks, as printed: most of the grid is not run, so nothing can be chosen anew.
    Chosen(&'static Search),
    /// Nothing is run of it, for this reason.
    NotRun(&'static str),
}

macro_rules! printed {
    ($place:expr, $id:literal, $caption:literal, $layout:expr) => {
        Printed {
            place: $place,
            id: $id,
            caption: $caption,
            csv: include_str!(concat!("printed/", $id, ".csv")),
            layout: $layout,
        }
    };
}

use Layout::{Chosen, Depths, First, Grid, Models, NotRun, Summary};

pub const BASELINE: &str = "chapter 3, baseline models";
const VALIDATION: &str = "chapter 5, validation strategies";
pub const SELECTED: &str = "chapter 5, model selection";
pub const COST: &str = "chapter 6, cost-sensitive learning";
pub const RESAMPLED: &str = "chapter 6, resampling";
pub const ENSEMBLES: &str = "chapter 6, ensembling";
pub const NETWORKS: &str = "chapter 7, feed-forward networks";

const SEARCHED: &[(&str, &Search)] = &[
    ("Decision Tree", &grids::TREE),
    ("Logistic Regression", &grids::LOGISTIC),
    ("Random Forest", &grids::FOREST),
    ("XGBoost", &grids::XGBOOST),
];

/// All, in the Handbook's order.
pub static TABLES: &[Printed] = &[
    printed!(BASELINE, "BaselineModeling-33", "the first tree", First { on_training_rows: false }),
    printed!(BASELINE, "BaselineModeling-41", "five models, test rows", First { on_training_rows: false }),
    printed!(BASELINE, "BaselineModeling-42", "five models, training rows", First { on_training_rows: true }),
    printed!(VALIDATION, "ValidationStrategies-13", "depth of a tree, test and training rows", Depths),
    printed!(VALIDATION, "ValidationStrategies-26", "depth of a tree, one validation split", Depths),
    printed!(VALIDATION, "ValidationStrategies-80", "two depths, prequential validation", Grid(&grids::TREE)),
    printed!(SELECTED, "ModelSelection-12", "depth of a tree", Grid(&grids::TREE)),
    printed!(SELECTED, "ModelSelection-16", "the chosen tree", Summary(&grids::TREE)),
    printed!(SELECTED, "ModelSelection-22", "C of logistic regression", Grid(&grids::LOGISTIC)),
    printed!(SELECTED, "ModelSelection-24", "the chosen logistic regression", Summary(&grids::LOGISTIC)),
    printed!(SELECTED, "ModelSelection-30", "trees / depth of a forest", Grid(&grids::FOREST)),
    printed!(SELECTED, "ModelSelection-32", "the chosen forest", Summary(&grids::FOREST)),
    printed!(SELECTED, "ModelSelection-47", "trees / learning rate / depth of XGBoost", Grid(&grids::XGBOOST)),
    printed!(SELECTED, "ModelSelection-49", "the chosen XGBoost", Summary(&grids::XGBOOST)),
    printed!(COST, "CostSensitive-55", "weight of a genuine row, tree", Grid(&grids::WEIGHTED_TREE)),
    printed!(COST, "CostSensitive-56", "the chosen weight, tree", Summary(&grids::WEIGHTED_TREE)),
    printed!(COST, "CostSensitive-63", "weight of a genuine row, logistic regression", Grid(&grids::WEIGHTED_LOGISTIC)),
    printed!(COST, "CostSensitive-64", "the chosen weight, logistic regression", Summary(&grids::WEIGHTED_LOGISTIC)),
    printed!(RESAMPLED, "Resampling-71", "the tree without resampling", Summary(&grids::BASE_OF_RESAMPLING)),
    printed!(RESAMPLED, "Resampling-82", "ratio after SMOTE", Grid(&grids::SMOTE)),
    printed!(RESAMPLED, "Resampling-84", "the chosen ratio after SMOTE", Summary(&grids::SMOTE)),
    printed!(RESAMPLED, "Resampling-91", "the chosen ratio after undersampling", Summary(&grids::UNDERSAMPLING)),
    printed!(RESAMPLED, "Resampling-97", "ratio after SMOTE to 0.1 and undersampling", Grid(&grids::BOTH)),
    printed!(RESAMPLED, "Resampling-99", "the chosen ratio after both", Summary(&grids::BOTH)),
    printed!(
        RESAMPLED,
        "Resampling-102",
        "the four side by side",
        Models(&[
            ("Baseline", &grids::BASE_OF_RESAMPLING),
            ("SMOTE", &grids::SMOTE),
            ("RUS", &grids::UNDERSAMPLING),
            ("Combined", &grids::BOTH),
        ])
    ),
    printed!(ENSEMBLES, "Ensembling-54", "bagging", Summary(&grids::BASE_OF_BAGGING)),
    printed!(ENSEMBLES, "Ensembling-56", "the forest", Summary(&grids::BASE_OF_FORESTS)),
    printed!(ENSEMBLES, "Ensembling-58", "XGBoost", Summary(&grids::BASE_OF_XGBOOST)),
    printed!(
        ENSEMBLES,
        "Ensembling-60",
        "the three side by side",
        Models(&[
            ("Baseline Bagging", &grids::BASE_OF_BAGGING),
            ("Baseline RF", &grids::BASE_OF_FORESTS),
            ("Baseline XGBoost", &grids::BASE_OF_XGBOOST),
        ])
    ),
    printed!(ENSEMBLES, "Ensembling-65", "ratio of a member's rows, balanced bagging", Grid(&grids::BALANCED_BAGGING)),
    printed!(ENSEMBLES, "Ensembling-67", "the chosen ratio, balanced bagging", Summary(&grids::BALANCED_BAGGING)),
    printed!(
        ENSEMBLES,
        "Ensembling-71",
        "bagging with and without balance",
        Models(&[("Baseline Bagging", &grids::BASE_OF_BAGGING), ("Balanced Bagging", &grids::BALANCED_BAGGING)])
    ),
    printed!(ENSEMBLES, "Ensembling-76", "ratio of a tree's rows, balanced forest", Grid(&grids::BALANCED_FOREST)),
    printed!(ENSEMBLES, "Ensembling-78", "the chosen ratio, balanced forest", Summary(&grids::BALANCED_FOREST)),
    printed!(
        ENSEMBLES,
        "Ensembling-81",
        "the forest with and without balance",
        Models(&[("Baseline RF", &grids::BASE_OF_FORESTS), ("Balanced RF", &grids::BALANCED_FOREST)])
    ),
    printed!(ENSEMBLES, "Ensembling-87", "weight of a fraud, XGBoost", Grid(&grids::WEIGHTED_XGBOOST)),
    printed!(ENSEMBLES, "Ensembling-89", "the chosen weight, XGBoost", Summary(&grids::WEIGHTED_XGBOOST)),
    printed!(
        ENSEMBLES,
        "Ensembling-92",
        "XGBoost with and without weight",
        Models(&[("Baseline XGBoost", &grids::BASE_OF_XGBOOST), ("Weighted XGBoost", &grids::WEIGHTED_XGBOOST)])
    ),
    printed!(
        ENSEMBLES,
        "Ensembling-96",
        "the six side by side",
        Models(&[
            ("Baseline Bagging", &grids::BASE_OF_BAGGING),
            ("Balanced Bagging", &grids::BALANCED_BAGGING),
            ("Baseline RF", &grids::BASE_OF_FORESTS),
            ("Balanced RF", &grids::BALANCED_FOREST),
            ("Baseline XGBoost", &grids::BASE_OF_XGBOOST),
            ("Weighted XGBoost", &grids::WEIGHTED_XGBOOST),
        ])
    ),
    printed!(NETWORKS, "FeedForwardNeuralNetworks-50", "the first network", NotRun(why::FIRST_NETWORK)),
    printed!(NETWORKS, "FeedForwardNeuralNetworks-112", "four networks, prequential validation", NotRun(why::CUT_OFF)),
    printed!(NETWORKS, "FeedForwardNeuralNetworks-115", "ten of 162 networks", Grid(&grids::NETWORK)),
    printed!(NETWORKS, "FeedForwardNeuralNetworks-118", "the chosen network", Chosen(&grids::NETWORK)),
    printed!(NETWORKS, "FeedForwardNeuralNetworks-135", "five families side by side", Models(SEARCHED)),
];

/// Every printed number beside what was measured.
///
/// # Errors
/// [`Error::Component`] for a table that is not of its layout; a test shows that all are.
pub fn numbers(evidence: &Evidence) -> Result<Vec<Number>> {
    let measures = Measures::of(evidence);
    let of_table = |printed: &'static Printed| Reader { printed, measures: &measures }.numbers();
    Ok(TABLES.iter().map(of_table).collect::<Result<Vec<_>>>()?.concat())
}

/// Whether a number is about rows that the model has learned from.
pub fn is_in_sample(number: &Number) -> bool {
    number.table == "BaselineModeling-42" || number.column.ends_with(TRAIN)
}

/// Whether a number is of a network that is run.
pub fn is_of_network(number: &Number) -> bool {
    let printed = TABLES.iter().find(|printed| printed.id == number.table);
    match printed.map(|printed| &printed.layout) {
        Some(Chosen(_)) => true,
        Some(Grid(search)) => std::ptr::eq(*search, &grids::NETWORK),
        Some(Models(models)) => number.place == NETWORKS && !models.iter().any(|(name, _)| *name == number.column),
        _ => false,
    }
}

/// A table as CSV: its header and its rows.
pub fn read(csv: &str) -> Result<(Vec<String>, Vec<Vec<String>>)> {
    let failed = |e: csv::Error| Error::Component(format!("a printed table: {e}"));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<String>>();
    let header = texts(reader.headers().map_err(failed)?);
    let rows = reader.records().map(|record| Ok(texts(&record.map_err(failed)?))).collect::<Result<_>>()?;
    Ok((header, rows))
}

/// The printed columns that are no scores.
const SECONDS: &str = "Execution time";
const LABEL: &str = "Parameters summary";
const SD: &str = " Std";
const TRAIN: &str = " Train";

/// The table of one validation split: its models learned two weeks earlier than the others of one split.
const VALIDATED: &str = "ValidationStrategies-26";
/// The weeks of the part in-sample: that of the validation split, and that of the split that is reported on.
const CHOSEN_ON: usize = 0;
const REPORTED: usize = 2;

struct Reader<'a> {
    printed: &'static Printed,
    measures: &'a Measures,
}

impl Reader<'_> {
    fn numbers(&self) -> Result<Vec<Number>> {
        let (header, rows) = read(self.printed.csv)?;
        let label = header.iter().position(|name| name == LABEL).unwrap_or(0);
        let mut numbers = Vec::new();
        for cells in &rows {
            let row = &cells[label];
            for (column, cell) in
                header.iter().zip(cells).skip(1).filter(|(name, _)| *name != LABEL && *name != SECONDS)
            {
                numbers.extend(self.of_cell(row, column, cell));
            }
        }
        Ok(numbers)
    }

    /// The numbers of a cell: one, or a mean with its standard deviation.
    fn of_cell(&self, row: &str, column: &str, cell: &str) -> Vec<Number> {
        let (column, printed) = match (column.strip_suffix(SD), cell.split_once("+/-")) {
            _ if is_choice(row) => (column, vec![(Statistic::Choice, cell)]),
            (Some(column), _) => (column, vec![(Statistic::Sd, cell)]),
            (None, Some((mean, sd))) => (column, vec![(Statistic::Mean, mean), (Statistic::Sd, sd)]),
            (None, None) => (column, vec![(Statistic::Mean, cell)]),
        };
        let number = |(statistic, printed): (Statistic, &str)| Number {
            place: self.printed.place,
            table: self.printed.id,
            caption: self.printed.caption,
            row: row.to_owned(),
            column: column.to_owned(),
            statistic,
            printed: printed.to_owned(),
            ours: self.ours(row, column, statistic).unwrap_or_else(Ours::Nothing),
            why: why::of(self.printed.id),
        };
        printed.into_iter().map(number).collect()
    }

    fn ours(&self, row: &str, column: &str, statistic: Statistic) -> Result<Ours, String> {
        if let (Layout::Summary(search), Statistic::Choice) = (&self.printed.layout, statistic) {
            let on = if row.starts_with("Best") { On::Validation } else { On::Test };
            return Ok(Ours::Choice(self.measures.best(search, on, metric(column)?)?.to_owned()));
        }
        let [mean, sd] = match &self.printed.layout {
            Layout::Grid(search) => self.of_grid(search, row, column)?,
            Layout::Summary(search) => self.of_summary(search, row, column)?,
            Layout::Models(models) => match models.iter().find(|(name, _)| *name == column) {
                Some((_, search)) => self.of_summary(search, "Test performance", row)?,
                // The other families are chosen anew.
                None => self.of_chosen(&grids::NETWORK, "Test performance", row)?,
            },
            Layout::First { on_training_rows } => [self.of_first(row, column, *on_training_rows)?; 2],
            Layout::Depths => [self.of_depth(row, column)?; 2],
            Layout::Chosen(_) if statistic == Statistic::Choice => return Err(why::NOT_CHOSEN.to_owned()),
            Layout::Chosen(search) => self.of_chosen(search, row, column)?,
            Layout::NotRun(why) => return Err((*why).to_owned()),
        };
        Ok(Ours::Value(if statistic == Statistic::Sd { sd } else { mean }))
    }

    /// Mean and standard deviation of a pipeline on a set of folds.
    fn pair(
        &self,
        search: &Search,
        label: &str,
        (on, metric): (On, &str),
        digits: [u32; 2],
    ) -> Result<[Measured; 2], String> {
        let pipeline = (search.pipeline)(label);
        let values = self.measures.of_pipeline(&pipeline, on, metric)?;
        let sd = Measured { value: spread(&values), digits: digits[1], spread: None, interval: None };
        Ok([self.measures.mean(on.part(&pipeline), &values, digits[0]), sd])
    }

    /// `AUC ROC Test` of a grid's row.
    fn of_grid(&self, search: &Search, label: &str, column: &str) -> Result<[Measured; 2], String> {
        let (name, on) = set(column)?;
        self.pair(search, label, (on, metric(name)?), [6, 6])
    }

    /// The performance of what was chosen.
    fn of_summary(&self, search: &Search, row: &str, column: &str) -> Result<[Measured; 2], String> {
        let id = metric(column)?;
        let (chosen_on, on) = match row {
            "Validation performance" => (On::Validation, On::Validation),
            "Test performance" => (On::Validation, On::Test),
            _ => (On::Test, On::Test),
        };
        let label = self.measures.best(search, chosen_on, id)?;
        self.pair(search, label, (on, id), [3, 2])
    }

    /// The performance of what the Handbook chose.
    fn of_chosen(&self, search: &Search, row: &str, column: &str) -> Result<[Measured; 2], String> {
        let (which, on) = match row {
            "Validation performance" => ("Best", On::Validation),
            "Test performance" => ("Best", On::Test),
            _ => ("Optimal", On::Test),
        };
        let table = TABLES.iter().find(|printed| matches!(printed.layout, Chosen(_)));
        let (header, rows) = read(table.map_or("", |printed| printed.csv)).map_err(|e| e.to_string())?;
        let place = header.iter().position(|name| name == column);
        let chosen = rows.iter().find(|cells| cells[0].starts_with(which) && is_choice(&cells[0]));
        let label = place.zip(chosen).map(|(place, cells)| cells[place].as_str());
        let label = label.ok_or_else(|| format!("the chosen network of `{column}` is not printed"))?;
        self.pair(search, label, (on, metric(column)?), [3, 2])
    }

    fn of_first(&self, row: &str, column: &str, on_training_rows: bool) -> Result<Measured, String> {
        let classifier = match row {
            "Logistic regression" => "logistic-regression",
            "Decision tree - unlimited depth" => "decision-tree",
            "Random forest" => "random-forest",
            "XGBoost" => "xgboost-2021",
            // The only row of its first table is that of the small tree.
            _ => "decision-tree-2",
        };
        let id = metric(column)?;
        if on_training_rows {
            return self.in_sample(classifier, id, REPORTED);
        }
        let values = self.measures.folds(&FIRST, ("none", classifier), id)?;
        Ok(self.measures.mean(&FIRST, &values, 3))
    }

    /// A model on the training rows of one of the weeks of the part.
    fn in_sample(&self, classifier: &str, id: &str, week: usize) -> Result<Measured, String> {
        let values = self.measures.folds(&IN_SAMPLE, ("none", classifier), id)?;
        let value = *values.get(week).ok_or("the week was not run")?;
        Ok(Measured { value, digits: 3, spread: None, interval: None })
    }

    /// One split: the first of those that are reported on, and the last of those that parameters are chosen on.
    fn of_depth(&self, depth: &str, column: &str) -> Result<Measured, String> {
        if let Some(name) = column.strip_suffix(TRAIN) {
            let week = if self.printed.id == VALIDATED { CHOSEN_ON } else { REPORTED };
            let classifier = if depth == "2" { "decision-tree-2".to_owned() } else { format!("tree-{depth}") };
            return self.in_sample(&classifier, metric(name)?, week);
        }
        let (name, on) = set(column)?;
        let pipeline = (grids::TREE.pipeline)(depth);
        let values = self.measures.of_pipeline(&pipeline, on, metric(name)?)?;
        let one = if on == On::Test { values.first() } else { values.last() };
        // How far one split lies from the others tells how much it could have been another.
        let measured = self.measures.mean(on.part(&pipeline), &values, 3);
        let value = *one.ok_or("no fold was run")?;
        Ok(Measured { value, interval: None, ..measured })
    }
}

/// Whether a row of a summary names parameters.
fn is_choice(row: &str) -> bool {
    row.contains("parameter")
}

/// The id of a printed metric.
fn metric(name: &str) -> Result<&'static str, String> {
    let known = METRICS.iter().find(|(printed, _)| *printed == name);
    known.map(|(_, id)| *id).ok_or_else(|| format!("`{name}` is none of the Handbook's metrics"))
}

/// The metric of a column, and the folds that it is about.
fn set(column: &str) -> Result<(&str, On), String> {
    let of = |suffix: &str, on| column.strip_suffix(suffix).map(|name| (name, on));
    of(" Test", On::Test)
        .or_else(|| of(" Validation", On::Validation))
        .ok_or_else(|| format!("`{column}` is about neither validation nor test folds"))
}
