//! What resampling did: rows removed, and the change of the primary metric.

use crate::analyze::Results;
use crate::analyze::effect::{baseline_resampler, removed_rows, resampler_effects};
use crate::analyze::leaderboard::Leaderboard;
use crate::report::document::{Block, Section, Table};
use crate::report::number::{change, score};
use crate::report::words::on_off;
use crate::words::count;

/// The section; none where no resampler but the baseline was run.
pub(super) fn section(results: &Results, board: &Leaderboard) -> Option<Section> {
    let baseline = baseline_resampler(results);
    let removed = removed_rows(results);
    if removed.iter().all(|r| Some(&r.resampler) == baseline.as_ref()) {
        return None;
    }
    let row = |r: &crate::analyze::effect::Removed| {
        let range = format!("{} to {}", count(r.least), count(r.most));
        let folds = format!("{}/{}", r.folds, r.planned);
        vec![on_off(r.dedup).to_owned(), r.resampler.clone(), format!("{:.1}", r.mean), range, folds]
    };
    let header = ["dedup", "resampler", "mean per fold", "range", "folds scored/planned"];
    let mut blocks = vec![
        Block::said("Training rows removed:"),
        Block::Table(Table::plain("removed", &header, removed.iter().map(row).collect())),
    ];
    let effects = resampler_effects(results, board.better);
    if let Some(baseline) = baseline.filter(|_| !effects.is_empty()) {
        blocks.push(Block::said(&format!(
            "Change of {} against `{baseline}`, over pairs of cells that differ in the resampler alone. Pairs of one fold are not \
             independent.",
            board.primary
        )));
        let row = |e: &crate::analyze::effect::Effect| {
            let worse = e.pairs - e.better - e.equal;
            let pairs = format!("{}/{}", e.pairs, e.planned);
            let verdicts = format!("{} / {} / {worse}", e.better, e.equal);
            vec![e.family.clone(), e.resampler.clone(), change(e.mean), score(e.sd), pairs, verdicts]
        };
        let header = ["family", "resampler", "mean change", "SD", "pairs scored/planned", "better / equal / worse"];
        blocks.push(Block::Table(Table::plain("effects", &header, effects.iter().map(row).collect())));
    }
    Some(Section::new("resampling", "What resampling did", blocks))
}
