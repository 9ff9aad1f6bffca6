//! The tables behind the figures.

use super::figures::{self, ALL, F1, PRECISION, RECALL, Shown};
use super::{Counts, Evidence, Paper, SCALERS};
use crate::papers::report::covered;
use crate::report::document::{Table, Width};
use crate::report::number::score;
use crate::report::run::best::interval;
use crate::words::count;

/// Rows that Tomek links remove.
pub fn tomek(counts: &Counts) -> Table {
    let cell = |dedup: bool, scaler: &str| counts.removed(dedup, scaler).map_or_else(|| "–".to_owned(), count);
    let row = |(scaler, papers): &(&str, &str)| {
        vec![(*scaler).to_owned(), (*papers).to_owned(), cell(true, scaler), cell(false, scaler)]
    };
    Table::plain("tomek", &["scaler", "paper's name", "without duplicates", "with duplicates"], SCALERS.iter().map(row).collect())
        .captioned("Rows that Tomek links remove from the whole data after each scaler; the paper's 248 has no scaler's name to it.")
}

/// What is behind figure 2.
pub fn scalers(evidence: &Evidence) -> Table {
    let row = |row: &figures::Scaler| {
        let mut cells = vec![row.scaler.to_owned(), row.papers.to_owned()];
        cells.extend(row.hold_out.iter().map(|v| v.map_or_else(|| row.hold_out_cells.state(), |v| score(Some(v)))));
        for summary in &row.folds {
            cells.push(match (summary.mean, summary.sd) {
                (Some(mean), Some(sd)) if row.fold_cells.is_whole() => format!("{mean:.4} ± {sd:.4}"),
                _ => row.fold_cells.state(),
            });
        }
        cells.push(covered(Some(row.fold_cells)));
        cells
    };
    Table::plain(
        "figure-2",
        &[
            "scaler",
            "paper's name",
            "accuracy, hold-out",
            "IBA, hold-out",
            "accuracy, folds",
            "IBA, folds",
            "folds scored/planned",
        ],
        figures::scalers(evidence).iter().map(row).collect(),
    )
    .captioned(
        "Figure 2: random forest after each scaler, without duplicates, with Tomek links. IBA is iba-1, the form that \
                  the paper prints; the paper's values stand in its figure only.",
    )
}

/// What is behind figure 3.
pub fn families(figure: &figures::Families) -> Table {
    let row = |row: &figures::Family| {
        let mut cells = vec![row.family.to_owned(), row.papers.to_owned()];
        match &row.best {
            Some(best) => {
                cells.push(best.pipeline.scaler.clone());
                let with = |i: usize| format!("{} ({})", score(best.values[i]), interval(best.intervals[i]));
                cells.extend([
                    with(PRECISION),
                    with(RECALL),
                    score(best.values[F1]),
                    score(best.values[figures::ACCURACY]),
                ]);
            }
            None => cells.extend([row.cells.state()].into_iter().chain(std::iter::repeat_n("–".to_owned(), 4))),
        }
        cells.push(covered(Some(row.cells)));
        cells
    };
    let how = match figure.by_validation {
        true => "chosen by F1 on the validation rows",
        false => "chosen by F1 on the test rows themselves, as there are no validation scores, which flatters it",
    };
    Table::plain(
        "figure-3",
        &["family", "paper's name", "scaler", "precision", "recall", "F1", "accuracy", "cells scored/planned"],
        figure.rows.iter().map(row).collect(),
    )
    .captioned(&format!(
        "Figure 3: the best pipeline of each family on the hold-out, without duplicates, with Tomek links; {how}. In \
             brackets 95% intervals by Wilson. The paper's values stand in its figure only."
    ))
}

/// What is behind figure 4.
pub fn studies(evidence: &Evidence, paper: &Paper) -> Table {
    let cell = |shown: &Shown| match shown {
        Shown::Value(v, Some(reach)) => format!("{} ({})", score(Some(*v)), interval(Some(*reach))),
        Shown::Value(v, None) => score(Some(*v)),
        Shown::Figure => "in a figure only".to_owned(),
        Shown::Nothing => "–".to_owned(),
    };
    let row = |row: &figures::Compared| {
        let mut cells = vec![row.name.clone(), row.note.clone()];
        cells.extend(row.values.iter().map(cell));
        cells
    };
    let header = ["whose", "how"].into_iter().chain(ALL).collect::<Vec<_>>();
    Table::plain("figure-4", &header, figures::studies(evidence, paper.title).iter().map(row).collect())
        .captioned("Figure 4's frame: the claimed row, our honest rows, and the rows of a contaminated test under its name. In \
                  brackets 95% intervals: by Wilson on one test part, by the corrected resampled t over seeds.")
        .widths(&[&[0.14, 0.16][..], &[0.1; 5]].concat().into_iter().map(Width::Share).collect::<Vec<_>>())
}

/// What is behind figure 5.
pub fn folds(rows: &[figures::Folds]) -> Table {
    let row = |row: &figures::Folds| {
        let mut cells = vec![row.family.to_owned()];
        for summary in &row.summaries {
            cells.push(summary.mean.map_or_else(|| row.cells.state(), |mean| format!("{mean:.5}")));
            cells.push(summary.sd.map_or_else(|| "–".to_owned(), |sd| format!("{:.1}", sd * 1e4)));
        }
        cells.push(covered(Some(row.cells)));
        cells
    };
    Table::plain(
        "figure-5",
        &["family", "accuracy, mean", "accuracy, SD", "IBA, mean", "IBA, SD", "folds scored/planned"],
        rows.iter().map(row).collect(),
    )
    .captioned(
        "Figure 5: mean and SD (× 10^4) over the folds, without duplicates, with Tomek links, scaler quantile. The \
                  paper's values stand in its figure only, and it does not say after which scaler.",
    )
}
