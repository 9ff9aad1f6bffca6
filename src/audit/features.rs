//! Features that alone separate the classes.

use crate::component::{Prediction, ScoreKind};
use rayon::prelude::*;

use super::finding::{Finding, Judgement};
use super::inspect::Variant;
use crate::metric::{ROC_AUC, Score, Scored};

/// A single column that ranks the classes this well is more likely the label in disguise than a feature.
const SUSPECT: f64 = 0.999;

/// Looks at every column alone, on all rows of the variant that have a value in it: its ROC-AUC in the better direction, and
/// whether one threshold has precision and recall 1.
pub fn check(variant: &Variant<'_>) -> Finding {
    let columns = &variant.data.columns;
    let areas: Vec<Option<f64>> = (0..columns.len()).into_par_iter().map(|column| area(variant, column)).collect();
    let mut named: Vec<String> = Vec::new();
    let mut best: Option<(usize, f64)> = None;
    for (column, area) in areas.into_iter().enumerate().filter_map(|(column, area)| Some((column, area?))) {
        if best.is_none_or(|(_, most)| area > most) {
            best = Some((column, area));
        }
        if area == 1.0 {
            named.push(format!("`{}` has a threshold with precision and recall 1", columns[column].name));
        } else if area > SUSPECT {
            named.push(format!("`{}` alone has ROC-AUC {area:.6}", columns[column].name));
        }
    }
    let (verdict, said) = match (named.is_empty(), best) {
        (false, _) => (Judgement::Leak, format!("{}, {}", variant.name(), named.join("; "))),
        (true, Some((column, area))) => {
            let said = format!(
                "{}, no feature alone separates the classes: the best of {} is `{}` with ROC-AUC {area:.4}",
                variant.name(),
                columns.len(),
                columns[column].name
            );
            (Judgement::Clean, said)
        }
        (true, None) => (Judgement::Look, format!("{}, no feature has values in both classes", variant.name())),
    };
    Finding { check: "separating-features", verdict, said }
}

/// The column's ROC-AUC in the better direction; none where a class has no value. It is 1 exactly where a threshold divides
/// the classes.
fn area(variant: &Variant<'_>, column: usize) -> Option<f64> {
    let values = variant.rows.iter().map(|&row| (variant.data.x[(row, column)], variant.data.y[row]));
    let (score, y): (Vec<f64>, Vec<u8>) = values.filter(|(value, _)| value.is_finite()).unzip();
    let prediction = Prediction { label: vec![0; y.len()], score, kind: ScoreKind::Decision };
    let scored = Scored::new(&y, &prediction).ok()?;
    match ROC_AUC.score(&scored) {
        Score::Value(area) => Some(area.max(1.0 - area)),
        Score::Undefined { .. } => None,
    }
}
