//! What a pipeline looks at, as tables and charts.

use super::explain::{Explained, Fold};
use crate::component::Better;
use crate::error::Result;
use crate::report::chart::dots::{Dot, DotCell, DotRow, Dots, draw};
use crate::report::columns::Values;
use crate::report::number::score;
use crate::report::render::{csv, parquet};
use crate::report::write::File;
use crate::words::counted;

/// Columns that a chart shows.
const SHOWN: usize = 20;
/// Width of its panel, px.
const PANEL: f64 = 520.0;

/// A column's value on each fold that has one.
type Line<'e> = (&'e str, Vec<f64>);

impl Explained {
    /// Every file: tables as CSV and Parquet, all of it as JSON, charts as SVG and PNG.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] when one cannot be encoded or drawn.
    pub fn files(&self) -> Result<Vec<File>> {
        let mut json = serde_json::to_vec(&self.json()).unwrap_or_default();
        json.push(b'\n');
        let mut files = vec![("explain.json".into(), json)];
        let importance = self.importance();
        files.push(("importance.csv".into(), csv::table(&importance, self.folds.len() * self.columns.len())?));
        files.push(("importance.parquet".into(), parquet::table(&importance)?));
        let mut charts = vec![(
            "importance",
            self.chart(&format!("What {} loses when a column is shuffled", self.metric.id), "", &self.losses()),
        )];
        if let Ok(what) = self.explains {
            let shap = self.shap_table();
            let rows = self.folds.iter().filter_map(|fold| fold.shap.as_ref()).map(|shap| shap.sizes.len()).sum();
            files.push(("shap.csv".into(), csv::table(&shap, rows)?));
            files.push(("shap.parquet".into(), parquet::table(&shap)?));
            let title = "Mean size of SHAP values of positive test rows";
            charts.push(("shap", self.chart(title, &format!("Explained is the {what}."), &self.sizes())));
        }
        for (name, dots) in charts {
            let scene = draw(&dots);
            files.push((format!("{name}.svg").into(), scene.svg()?));
            files.push((format!("{name}.png").into(), scene.png()?));
        }
        Ok(files)
    }

    /// A row per fold and column of the table.
    fn importance(&self) -> Vec<(String, Values)> {
        let each = || self.folds.iter().flat_map(|fold| (0..self.columns.len()).map(move |at| (fold, at)));
        let losses = |fold: &Fold, at: usize| fold.importance[at].clone();
        vec![
            ("repeat".into(), Values::Count(each().map(|(fold, _)| Some(u64::from(fold.split.0))).collect())),
            ("fold".into(), Values::Count(each().map(|(fold, _)| Some(u64::from(fold.split.1))).collect())),
            ("column".into(), Values::Text(each().map(|(_, at)| Some(self.columns[at].clone())).collect())),
            (self.metric.id.to_owned(), Values::Number(each().map(|(fold, _)| Some(fold.score)).collect())),
            ("importance_mean".into(), Values::Number(each().map(|(f, at)| Some(mean(&losses(f, at)))).collect())),
            ("importance_std".into(), Values::Number(each().map(|(f, at)| Some(deviation(&losses(f, at)))).collect())),
        ]
    }

    /// A row per fold and column that reaches the classifier.
    fn shap_table(&self) -> Vec<(String, Values)> {
        let each = || {
            let found = self.folds.iter().filter_map(|fold| Some((fold, fold.shap.as_ref()?)));
            found.flat_map(|(fold, shap)| (0..shap.sizes.len()).map(move |at| (fold, shap, at)))
        };
        let size = |label: usize| Values::Number(each().map(|(_, shap, at)| shap.sizes[at][label]).collect());
        vec![
            ("repeat".into(), Values::Count(each().map(|(fold, _, _)| Some(u64::from(fold.split.0))).collect())),
            ("fold".into(), Values::Count(each().map(|(fold, _, _)| Some(u64::from(fold.split.1))).collect())),
            ("column".into(), Values::Text(each().map(|(_, _, at)| self.made.get(at).cloned()).collect())),
            ("mean_abs_shap_positives".into(), size(1)),
            ("mean_abs_shap_negatives".into(), size(0)),
        ]
    }

    /// Of each column what it loses, the most first.
    pub fn losses(&self) -> Vec<Line<'_>> {
        let of = |(at, name): (usize, _)| (name, self.folds.iter().map(|fold| mean(&fold.importance[at])).collect());
        sorted(self.columns.iter().map(String::as_str).enumerate().map(of).collect())
    }

    /// Of each column that reaches the classifier the mean size of its values for positives, the largest first.
    pub fn sizes(&self) -> Vec<Line<'_>> {
        let shaps = || self.folds.iter().filter_map(|fold| fold.shap.as_ref());
        let of = |(at, name): (usize, _)| {
            (name, shaps().filter_map(|shap| shap.sizes.get(at).and_then(|of_label| of_label[1])).collect())
        };
        sorted(self.made.iter().map(String::as_str).enumerate().map(of).collect())
    }

    fn chart(&self, title: &str, what: &str, lines: &[Line<'_>]) -> Dots {
        let row = |(name, values): &Line<'_>| {
            let middle = mean(values);
            let dot = Dot {
                series: 0,
                line: 0,
                value: middle,
                reach: None,
                label: score(Some(middle)),
                single: values.clone(),
            };
            DotRow {
                name: (*name).to_owned(),
                below: String::new(),
                cells: vec![DotCell { dots: vec![dot], said: None }],
            }
        };
        let shown: Vec<DotRow> = lines.iter().filter(|(_, values)| !values.is_empty()).take(SHOWN).map(row).collect();
        let mut notes = vec![format!(
            "Large marks are means over {}, small ones the folds. Test rows only; {} per column.",
            counted(self.folds.len() as u64, "fold"),
            counted(self.draws.repeats as u64, "shuffle")
        )];
        notes.extend((!what.is_empty()).then(|| what.to_owned()));
        if lines.len() > SHOWN {
            notes.push(format!("The first {SHOWN} of {} columns.", lines.len()));
        }
        if self.metric.better == Better::Lower && what.is_empty() {
            notes.push("A loss is a rise: smaller is better.".to_owned());
        }
        Dots {
            title: title.to_owned(),
            lines: vec![format!("{} · {}", self.title, self.pipeline)],
            plot: PANEL,
            panels: vec![if what.is_empty() { self.metric.id.to_owned() } else { "mean |SHAP value|".to_owned() }],
            rows: shown,
            series: vec![String::new()],
            per_row: 1,
            notes,
        }
    }
}

fn sorted(mut lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    lines.sort_by(|a, b| mean(&b.1).total_cmp(&mean(&a.1)));
    lines
}

/// 0 without values.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// numpy's `std`: over all, not all but one.
fn deviation(values: &[f64]) -> f64 {
    let middle = mean(values);
    (values.iter().map(|value| (value - middle) * (value - middle)).sum::<f64>() / values.len().max(1) as f64).sqrt()
}
