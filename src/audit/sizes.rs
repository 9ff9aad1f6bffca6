//! What the parts of the splits hold.

use super::finding::{Finding, Judgement, ranged};
use super::inspect::Variant;
use crate::words::counted;

/// Rows and positives of each part, over the splits; or why some split cannot be made.
pub fn check(variant: &Variant<'_>, refused: &[String]) -> Finding {
    let part = |name: &str, rows: &dyn Fn(usize) -> Vec<usize>| {
        let rows: Vec<Vec<usize>> = (0..variant.splits.len()).map(rows).collect();
        let positives = |rows: &Vec<usize>| rows.iter().filter(|&&row| variant.data.y[row] == 1).count();
        let sizes = ranged(&rows.iter().map(Vec::len).collect::<Vec<_>>(), &format!("{name} row"));
        format!("{sizes} with {}", ranged(&rows.iter().map(positives).collect::<Vec<_>>(), "positive"))
    };
    let splits = &variant.splits;
    let mut parts = vec![part("training", &|at| variant.of(&splits[at].train))];
    if splits.iter().any(|split| !split.validation.is_empty()) {
        parts.push(part("validation", &|at| variant.of(&splits[at].validation)));
    }
    parts.push(part("test", &|at| variant.of(&splits[at].test)));
    let all = splits.len() + refused.len();
    let whole = match splits.is_empty() {
        true => format!("{}, no split can be made", variant.name()),
        false => format!("{}, {}: {}", variant.name(), counted(splits.len() as u64, "split"), parts.join(", ")),
    };
    let (verdict, said) = match refused.first() {
        None => (Judgement::Clean, whole),
        Some(first) => (
            Judgement::Look,
            format!("{whole}; {} of {} cannot be made: {first}", refused.len(), counted(all as u64, "split")),
        ),
    };
    Finding::new("split-sizes", verdict, said)
}
