//! The files of one explanation.

use super::section::chart;
use super::{ExplainedFold, Explanation, FILE, mean};
use crate::error::{Error, Result};
use crate::report::columns::Values;
use crate::report::render::{csv, parquet};
use crate::report::write::File;

impl Explanation {
    /// Every file: tables as CSV and Parquet, all of it as JSON, charts as SVG and, where they are not too large, as PNG.
    ///
    /// # Errors
    /// [`Error::Component`] when one cannot be encoded or drawn.
    pub fn files(&self) -> Result<Vec<File>> {
        let mut json =
            serde_json::to_vec(self).map_err(|e| Error::Component(format!("cannot encode the explanation: {e}")))?;
        json.push(b'\n');
        let mut files: Vec<File> = vec![(FILE.into(), json)];
        let importance = self.importance();
        files.push(("importance.csv".into(), csv::table(&importance, self.folds.len() * self.columns.len())?));
        files.push(("importance.parquet".into(), parquet::table(&importance)?));
        if self.shap_explains.is_some() {
            let shap = self.shap_table();
            let rows = self.folds.iter().filter_map(|fold| fold.shap.as_ref()).map(|shap| shap.mean_abs.len()).sum();
            files.push(("shap.csv".into(), csv::table(&shap, rows)?));
            files.push(("shap.parquet".into(), parquet::table(&shap)?));
        }
        for chart in chart(self, "") {
            // With so few lines as it has, none is too large to be drawn.
            files.extend(chart.files()?.0.into_iter().map(|(name, bytes)| (name.into(), bytes)));
        }
        Ok(files)
    }

    /// A row per fold and column of the table.
    fn importance(&self) -> Vec<(String, Values)> {
        let each = || self.folds.iter().flat_map(|fold| (0..self.columns.len()).map(move |at| (fold, at)));
        let losses = |fold: &ExplainedFold, at: usize| fold.importance[at].clone();
        vec![
            ("repeat".into(), Values::Count(each().map(|(fold, _)| Some(u64::from(fold.repeat))).collect())),
            ("fold".into(), Values::Count(each().map(|(fold, _)| Some(u64::from(fold.fold))).collect())),
            ("column".into(), Values::Text(each().map(|(_, at)| Some(self.columns[at].clone())).collect())),
            (self.metric.clone(), Values::Number(each().map(|(fold, _)| Some(fold.score)).collect())),
            ("importance_mean".into(), Values::Number(each().map(|(f, at)| Some(mean(&losses(f, at)))).collect())),
            ("importance_std".into(), Values::Number(each().map(|(f, at)| Some(deviation(&losses(f, at)))).collect())),
        ]
    }

    /// A row per fold and column that reaches the classifier.
    fn shap_table(&self) -> Vec<(String, Values)> {
        let each = || {
            let found = self.folds.iter().filter_map(|fold| Some((fold, fold.shap.as_ref()?)));
            found.flat_map(|(fold, shap)| (0..shap.mean_abs.len()).map(move |at| (fold, shap, at)))
        };
        let size = |label: usize| Values::Number(each().map(|(_, shap, at)| shap.mean_abs[at][label]).collect());
        vec![
            ("repeat".into(), Values::Count(each().map(|(fold, _, _)| Some(u64::from(fold.repeat))).collect())),
            ("fold".into(), Values::Count(each().map(|(fold, _, _)| Some(u64::from(fold.fold))).collect())),
            ("column".into(), Values::Text(each().map(|(_, _, at)| self.made.get(at).cloned()).collect())),
            ("mean_abs_shap_positives".into(), size(1)),
            ("mean_abs_shap_negatives".into(), size(0)),
        ]
    }
}

/// numpy's `std`: over all, not all but one.
fn deviation(values: &[f64]) -> f64 {
    let middle = mean(values);
    (values.iter().map(|value| (value - middle) * (value - middle)).sum::<f64>() / values.len().max(1) as f64).sqrt()
}
