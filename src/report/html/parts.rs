//! The parts of the page that are words and plain tables: the same as in `report.md`.

use crate::analyze::Results;
use crate::analyze::best::Best;
use crate::analyze::leaderboard::Leaderboard;
use crate::report::document::{Block, Text};
use crate::report::explained::{Explained, section};
use crate::report::predicted::{Predicted, certainty};
use crate::report::render::html::{blocks, escape, text};
use crate::report::run;
use crate::report::words;
use crate::words::{count, counted};

/// How many cells were planned and how they ended.
pub(super) fn coverage(board: &Leaderboard) -> String {
    let all = board.coverage();
    let ranked = board.rows.iter().filter(|row| row.rank.is_some()).count();
    let cards = [
        ("cells scored", format!("{} / {}", count(all.scored as u64), count(all.planned as u64))),
        ("failed", count(all.failed as u64)),
        ("missing", count(all.missing as u64)),
        ("pipelines ranked", format!("{} / {}", count(ranked as u64), count(board.rows.len() as u64))),
    ];
    let cards: String = cards.iter().map(|(name, n)| format!("<div><dt>{name}</dt><dd>{n}</dd></div>")).collect();
    format!("<dl class=\"cards\">{cards}</dl>{}", blocks("", &[Block::said(&words::coverage_text(board))], &[]))
}

/// How far a run that goes on has come.
pub(super) fn live(results: &Results) -> String {
    let (done, planned) = (results.records.len(), results.planned.len());
    let text = format!(
        "The run goes on: {} of {} are done. Ranked are the pipelines whose cells are all done. This page loads itself again every 15 seconds.",
        count(done as u64),
        counted(planned as u64, "cell")
    );
    format!("<p class=\"note\" id=\"live\" role=\"status\">{}</p>\n", escape(&text))
}

/// The best of each ranking, and what cannot be told apart from it.
pub(super) fn best(board: &Leaderboard, bests: &[Best<'_>]) -> String {
    match bests.is_empty() {
        true => format!("<p>No pipeline is ranked{}.</p>", run::best::yet(board)),
        false => blocks(run::best::HEADING, &run::best::blocks(board, bests), &[]),
    }
}

/// The models that learnt nothing, those whose threshold parts no rows, and the parameters that searches have chosen.
pub(super) fn idle(results: &Results) -> String {
    let sections = run::learnt::sections(results).into_iter().chain(run::chosen::section(results));
    blocks("", &sections.map(Block::Section).collect::<Vec<_>>(), &[])
}

/// What is made from kept predictions; the pictures are among the charts.
pub(super) fn predicted(board: &Leaderboard, all: &Predicted) -> String {
    let mut pieces: Vec<Block> =
        certainty::section(board, all).into_iter().chain(all.sections()).map(Block::Section).collect();
    pieces.extend(all.lacking().map(|said| Block::said(&said)));
    if pieces.is_empty() {
        return "<p>No predictions of a family's best pipeline were kept.</p>".to_owned();
    }
    blocks(run::FROM_PREDICTIONS, &pieces, &[])
}

/// What pipelines look at: a section of the page, where there is an explanation.
pub(super) fn explained(all: &Explained) -> String {
    let Some(section) = section(all) else { return String::new() };
    let (heading, inner) = (text(&section.heading), blocks(&section.heading.words(), &section.blocks, &[]));
    format!("<section id=\"explained\">\n<h2>{heading}</h2>\n{inner}\n</section>\n")
}

/// The link to it.
pub(super) fn to_explained(all: &Explained) -> String {
    section(all).map_or_else(String::new, |_| " <a href=\"#explained\">Explained</a>".to_owned())
}

/// What was run, and the whole study file.
pub(super) fn run(results: &Results) -> String {
    let row = |(name, fact): (&str, Text)| {
        format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>", escape(name), text(&fact))
    };
    let rows: String = words::facts(results).into_iter().map(row).collect();
    format!(
        "<div class=\"scroll\"><table class=\"facts\" aria-label=\"{}\"><tbody>{rows}</tbody></table></div>\n\
         <details><summary>The study file</summary><pre>{}</pre></details>",
        escape(run::WHAT_WAS_RUN),
        escape(results.manifest.study.trim())
    )
}

/// How far the numbers can be trusted.
pub(super) fn cautions(results: &Results, board: &Leaderboard) -> String {
    let items = words::cautions(results, board).iter().map(|said| Text::marked(said)).collect();
    blocks("", &[Block::List(items)], &[])
}
