//! `leaderboard.tex`: the head of the leaderboard as a booktabs table.

use super::markdown::{BESIDE, TOP, summary};
use super::number::counted;
use super::tables::on_off;
use super::words::scored;
use crate::analyze::best::{ALPHA, Best};
use crate::analyze::leaderboard::{Leaderboard, Row};

/// `leaderboard.tex`: a `table` of the first ranked pipelines, to be taken in by `\input`; the document needs
/// `\usepackage{booktabs}`. The best of a dataset variant is bold, a star marks those that are not told apart from it.
pub fn leaderboard(board: &Leaderboard, bests: &[Best<'_>]) -> String {
    let ranked: Vec<&Row> = board.rows.iter().filter(|row| row.rank.is_some()).collect();
    let beside: Vec<&str> =
        BESIDE.into_iter().filter(|m| *m != board.primary && board.metrics.iter().any(|known| known == m)).collect();
    let mut header = vec!["", "classifier", "scaler", "resampler", "dedup", "folds", &board.primary];
    header.extend(&beside);
    let mut lines = vec![
        "% Needs \\usepackage{booktabs}. Written by fraudbench; all pipelines are in leaderboard.csv.".to_owned(),
        "\\begin{table}".to_owned(),
        "\\centering\\footnotesize\\setlength{\\tabcolsep}{4pt}".to_owned(),
        format!("\\caption{{{}}}", caption(board, ranked.len())),
        format!("\\begin{{tabular}}{{rllllr{}}}", "l".repeat(beside.len() + 1)),
        "\\toprule".to_owned(),
        line(header.iter().map(|name| escape(name))),
        "\\midrule".to_owned(),
    ];
    for row in ranked.into_iter().take(TOP) {
        lines.push(line(cells(board, bests, row, &beside).into_iter()));
    }
    lines.extend(["\\bottomrule", "\\end{tabular}", "\\end{table}"].map(str::to_owned));
    lines.join("\n") + "\n"
}

fn caption(board: &Leaderboard, ranked: usize) -> String {
    let which = match ranked {
        n if n > TOP => format!("The first {TOP} of {n} ranked pipelines"),
        n => counted(n as u64, "ranked pipeline"),
    };
    format!(
        "{which} by {}: mean $\\pm$ sample SD over the folds. Bold: the best; $\\ast$: not distinguishable from it \
         (corrected resampled $t$ on paired folds, Holm, $\\alpha={ALPHA}$). Folds: scored/planned.",
        escape(&board.primary)
    )
}

fn cells(board: &Leaderboard, bests: &[Best<'_>], row: &Row, beside: &[&str]) -> Vec<String> {
    let p = &row.pipeline;
    let is_best = bests.iter().any(|best| best.best.pipeline == row.pipeline);
    let is_equal = bests.iter().any(|best| best.equals(ALPHA).iter().any(|other| other.row.pipeline == row.pipeline));
    let primary = number(&summary(board.summary(row, &board.primary)));
    let mut cells = vec![row.rank.map_or_else(String::new, |rank| rank.to_string())];
    cells.extend([&p.classifier, &p.scaler, &p.resampler].map(|name| escape(name)));
    cells.push(on_off(p.dedup).to_owned());
    cells.push(scored(row));
    cells.push(match (is_best, is_equal) {
        (true, _) => format!("\\textbf{{{primary}}}"),
        (_, true) => format!("{primary}$^\\ast$"),
        _ => primary,
    });
    cells.extend(beside.iter().map(|metric| number(&summary(board.summary(row, metric)))));
    cells
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("{} \\\\", cells.collect::<Vec<_>>().join(" & "))
}

/// A number as tables write it, with the signs that LaTeX has in mathematics only.
fn number(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("$-$", digits));
    format!("{sign}{}", digits.replace('±', "$\\pm$").replace('–', "--"))
}

/// Text in which no character is a command. Line breaks become spaces.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '<' => out.push_str("\\textless{}"),
            '>' => out.push_str("\\textgreater{}"),
            '|' => out.push_str("\\textbar{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            c if c.is_whitespace() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_a_command() {
        assert_eq!(escape("a_b & 5% of {x} #1 $y$"), "a\\_b \\& 5\\% of \\{x\\} \\#1 \\$y\\$");
        assert_eq!(
            escape("\\input~^<|>\n"),
            "\\textbackslash{}input\\textasciitilde{}\\textasciicircum{}\\textless{}\\textbar{}\\textgreater{} "
        );
        assert_eq!(number("-0.5000 ± 0.2500 (3/5)"), "$-$0.5000 $\\pm$ 0.2500 (3/5)");
    }
}
