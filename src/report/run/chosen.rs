//! The report's section on the parameters that searches and early stopping have chosen.

use crate::analyze::Results;
use crate::report::document::{Block, Section, Table};
use crate::report::number::score;
use crate::report::render::best_params::{Chosen, chosen, typical};
use crate::report::words::pipeline as named;

/// Pipelines in the table.
const TOP: usize = 20;

/// The parameters of each pipeline that chose some; none where no pipeline did.
pub(in crate::report) fn section(results: &Results) -> Option<Section> {
    let all = chosen(results);
    if all.is_empty() {
        return None;
    }
    let more = if all.len() > TOP { format!(" The first {TOP} of {}.", all.len()) } else { String::new() };
    let said = format!(
        "Chosen on inner folds of the training rows of each fold. Shown are the parameters that were chosen most often, in how many folds, \
         and the range of boosting rounds over the folds where training was stopped early. `best_params.json` has each fold with its \
         seed, and Python code that makes its estimator; `search.csv` has every candidate.{more}"
    );
    let row = |(pipeline, folds): &(_, Vec<Chosen<'_>>)| {
        let (one, times) = typical(folds, results)?;
        let params: Vec<String> = one.params.iter().map(|(name, value)| format!("`{name} = {value}`")).collect();
        let inner = one.goal.as_ref().map_or_else(|| "–".to_owned(), |(goal, mean)| format!("{goal} {}", score(*mean)));
        let kept = || folds.iter().filter_map(|one| one.rounds).map(|(_, kept)| kept);
        let rounds = match (kept().min(), kept().max()) {
            (Some(least), Some(most)) if least == most => least.to_string(),
            (Some(least), Some(most)) => format!("{least} to {most}"),
            _ => "–".to_owned(),
        };
        let params = if params.is_empty() { "–".to_owned() } else { params.join(", ") };
        Some(vec![named(pipeline), params, format!("{times}/{}", folds.len()), inner, rounds])
    };
    let rows: Vec<Vec<String>> = all.iter().take(TOP).filter_map(row).collect();
    let header = ["pipeline", "parameters", "folds", "inner mean", "boosting rounds"];
    let table = Table::marked("best-parameters", &header, rows);
    Some(Section::new("best-parameters", "Best parameters", vec![Block::said(&said), Block::Table(table)]))
}
