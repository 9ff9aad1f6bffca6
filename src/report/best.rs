//! The report's section on the best pipeline and those that are not distinguishable from it.

use super::markdown::{describe, paragraph, summary, table};
use super::number::{change, counted, score};
use super::tables::on_off;
use super::words::scored;
use crate::analyze::best::{ALPHA, Best, Compared, ROPE, pairwise};
use crate::analyze::leaderboard::{Leaderboard, Row};

/// Pipelines in the table, the best one among them.
const TOP: usize = 20;

/// One line: the best pipeline, and how many are not told apart from it.
pub(super) fn verdict(board: &Leaderboard, all: &[Best<'_>]) -> String {
    let Some(first) = all.first() else { return "No pipeline is complete yet, so none is ranked.".to_owned() };
    let others = match (first.others, first.compared.len(), first.equals(ALPHA).len()) {
        (0, ..) => "There is no other ranked pipeline to compare it with.".to_owned(),
        (n, 0, _) => format!("Whether the other {n} are worse cannot be told from these folds."),
        (_, n, 0) => format!("All {n} others are distinguishable from it."),
        (_, n, 1) => format!("1 of {n} others is not distinguishable from it."),
        (_, n, equal) => format!("{equal} of {n} others are not distinguishable from it."),
    };
    format!(
        "Best by mean {}: **{}** with {} over {}. {others}",
        board.primary,
        describe(first.best),
        summary(board.summary(first.best, &board.primary)),
        counted(first.best.splits.len() as u64, "fold"),
    )
}

/// The whole section; nothing while no pipeline is ranked.
pub(super) fn section(out: &mut String, board: &Leaderboard, all: &[Best<'_>]) {
    if all.is_empty() {
        return;
    }
    paragraph(out, "## Best, and what is not distinguishable from it");
    for best in all {
        if all.len() > 1 {
            paragraph(out, &format!("### Dedup {}", on_off(best.best.pipeline.dedup)));
        }
        variant(out, board, best);
    }
}

fn variant(out: &mut String, board: &Leaderboard, best: &Best<'_>) {
    paragraph(out, &explanation(board, best));
    let (header, rows, left) = comparison(board, best);
    table(out, &header.iter().map(String::as_str).collect::<Vec<_>>(), &rows);
    if left > 0 {
        let rest = counted(left as u64, "pipeline");
        paragraph(out, &format!("And {rest} more; `fraudbench compare` tests any two."));
    }
}

/// How the best was compared with the others, and what came out.
pub(super) fn explanation(board: &Leaderboard, best: &Best<'_>) -> String {
    let equals = best.equals(ALPHA);
    let mut said = Vec::new();
    if best.compared.is_empty() {
        said.push(match best.others {
            0 => "No other pipeline is ranked here.".to_owned(),
            n => format!("The other {n} cannot be tested: that takes at least two folds."),
        });
    } else {
        said.push(format!(
            "{} of {} others are not distinguishable from the best in {}: two-sided corrected resampled t-test on paired folds \
             (Nadeau and Bengio 2003; n_test/n_train = {:.4}), Holm-corrected over all {} comparisons with the best, alpha {ALPHA}.",
            equals.len(),
            best.compared.len(),
            board.primary,
            best.best.ratio,
            best.compared.len(),
        ));
        said.push(format!(
            "Probabilities: Bayesian correlated t-test (Corani and Benavoli 2015), practically equal within ±{ROPE} of {}. Not \
             distinguishable is not equal, and the best was chosen on these same folds, which flatters it.",
            board.primary
        ));
    }
    if best.left_out > 0 {
        said.push(format!("{} that lack a fold: not compared.", counted(best.left_out as u64, "pipeline")));
    }
    said.join(" ")
}

/// Header and rows of the table of the best and those that are not told apart from it, and how many it has no room for.
pub(super) fn comparison(board: &Leaderboard, best: &Best<'_>) -> (Vec<String>, Vec<Vec<String>>, usize) {
    let equals = best.equals(ALPHA);
    let interval = format!("95% CI of {}", board.primary);
    let header = [
        "rank",
        "classifier",
        "scaler",
        "resampler",
        &board.primary,
        &interval,
        "scored/planned",
        "best - this",
        "95% CI of it",
        "p (Holm)",
        "P(best better)",
        "P(equal)",
        "P(this better)",
    ];
    let mut rows = vec![pipeline(board, best.best).into_iter().chain(vec!["–".to_owned(); 6]).collect()];
    rows.extend(equals.iter().take(TOP - 1).map(|other| compared(board, other)));
    (header.map(str::to_owned).to_vec(), rows, (equals.len() + 1).saturating_sub(TOP))
}

/// The p-values of the families' best pipelines against each other, as a triangle; nothing where none can be paired.
pub(super) fn families(out: &mut String, board: &Leaderboard, rows: &[&Row]) {
    let tested = pairwise(board, rows);
    if tested.is_empty() {
        return;
    }
    let text = format!(
        "These pipelines against each other: p of the corrected resampled t-test, Holm-corrected over {}; at most {ALPHA} in bold. \
         Each was chosen as its family's best on these same folds.",
        counted(tested.len() as u64, "pair")
    );
    paragraph(out, &text);
    let header: Vec<&str> =
        ["family"].into_iter().chain(rows.iter().take(rows.len() - 1).map(|row| row.family.as_str())).collect();
    let body: Vec<Vec<String>> = (1..rows.len())
        .map(|i| {
            let cell = |j: usize| match tested.iter().find(|pair| pair.a == rows[j] && pair.b == rows[i]) {
                _ if j >= i => String::new(),
                Some(pair) if pair.p_holm <= ALPHA => format!("**{}**", probability(pair.p_holm)),
                Some(pair) => probability(pair.p_holm),
                None => "–".to_owned(),
            };
            [rows[i].family.clone()].into_iter().chain((0..rows.len() - 1).map(cell)).collect()
        })
        .collect();
    table(out, &header, &body);
}

fn pipeline(board: &Leaderboard, row: &Row) -> Vec<String> {
    let p = &row.pipeline;
    vec![
        row.rank.map_or_else(String::new, |rank| rank.to_string()),
        p.classifier.clone(),
        p.scaler.clone(),
        p.resampler.clone(),
        summary(board.summary(row, &board.primary)),
        interval(row.interval),
        scored(row),
    ]
}

fn compared(board: &Leaderboard, other: &Compared<'_>) -> Vec<String> {
    let mut cells = pipeline(board, other.row);
    let (low, high) = other.difference.interval(crate::analyze::leaderboard::LEVEL);
    let p = other.probabilities;
    cells.extend([
        change(other.difference.mean),
        format!("{} to {}", change(low), change(high)),
        probability(other.p_holm),
    ]);
    cells.extend([p.above, p.within, p.below].map(probability));
    cells
}

/// `0.7512 to 0.8123`, or `–`.
pub(super) fn interval(interval: Option<(f64, f64)>) -> String {
    interval.map_or_else(|| "–".to_owned(), |(low, high)| format!("{} to {}", score(Some(low)), score(Some(high))))
}

/// A probability to three digits; never a 0 or 1 that it is not.
pub(super) fn probability(p: f64) -> String {
    match p {
        p if p > 0.0 && p < 0.0005 => "<0.001".to_owned(),
        p if (0.9995..1.0).contains(&p) => ">0.999".to_owned(),
        p => format!("{p:.3}"),
    }
}
