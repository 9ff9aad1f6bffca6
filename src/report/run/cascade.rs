//! What the stages of cascades did.

use crate::analyze::Results;
use crate::analyze::cascade::{Stages, cascades};
use crate::report::document::{Block, Section, Table};
use crate::report::number::{money, score};
use crate::words::count;

/// The section; none where no pipeline is a cascade.
pub(super) fn section(results: &Results) -> Option<Section> {
    let found = cascades(results);
    let mut rows = Vec::new();
    for stages in &found {
        for (nth, sieve) in stages.sieves.iter().enumerate() {
            let [negatives, positives] = stages.left(sieve).map(|share| score(Some(share)));
            let name = || format!("{}{}", stages.pipeline.pipeline(), stages.part());
            let name = if nth == 0 { name() } else { String::new() };
            rows.push(vec![
                name,
                format!("{} {}", nth + 1, sieve.stage),
                count(sieve.rows),
                count(sieve.filtered()),
                count(sieve.missed()),
                count(sieve.left_rows),
                negatives,
                positives,
            ]);
        }
        rows.push(people(stages));
    }
    let header = [
        "pipeline",
        "stage",
        "rows seen",
        "negatives filtered",
        "positives missed",
        "rows left",
        "share of negatives left",
        "share of positives left",
    ];
    (!rows.is_empty()).then(|| {
        let said = "Test rows, added up over the folds. People check what is left after the last stage; the cost is per fold. \
                    Thresholds were chosen on training rows.";
        let relabelled = match found.iter().any(|stages| stages.is_relabelled) {
            true => " Where a cascade has `threshold` or `calibrate`, that decides its alarms, and they are other rows than those left.",
            false => "",
        };
        let blocks =
            vec![Block::said(&format!("{said}{relabelled}")), Block::Table(Table::plain("cascade", &header, rows))];
        Section::new("cascade", "What each stage of a cascade did", blocks)
    })
}

fn people(stages: &Stages) -> Vec<String> {
    let cost = format!("cost {} per fold, {} per row", money(stages.cost()), stages.check_cost);
    let mut row = vec![String::new(), "people".to_owned(), count(stages.checked()), cost];
    row.resize(8, String::new());
    row
}
