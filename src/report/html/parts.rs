//! The parts of the page that are words and plain tables: the same as in `report.md`.

use crate::analyze::Results;
use crate::analyze::best::Best;
use crate::analyze::leaderboard::Leaderboard;
use crate::report::number::{count, counted};
use crate::report::predicted::{Part, Predicted, certainty};
use crate::report::tables::on_off;
use crate::report::words;

/// Text that is nothing but text, in an element or in an attribute in double quotes.
pub(in crate::report) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The best pipeline in one sentence.
pub(super) fn verdict(board: &Leaderboard, bests: &[Best<'_>]) -> String {
    rich(&crate::report::best::verdict(board, bests))
}

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
    format!("<dl class=\"cards\">{cards}</dl><p>{}</p>", escape(&words::coverage_text(board)))
}

/// The best of each dataset variant and what is not told apart from it.
pub(super) fn best(board: &Leaderboard, bests: &[Best<'_>]) -> String {
    if bests.is_empty() {
        return "<p>No pipeline is ranked yet.</p>".to_owned();
    }
    let one = |best: &Best<'_>| {
        let heading = match bests.len() {
            1 => String::new(),
            _ => format!("<h3>Dedup {}</h3>", on_off(best.best.pipeline.dedup)),
        };
        let (header, rows, left) = crate::report::best::comparison(board, best);
        let more = match left {
            0 => String::new(),
            n => format!("<p>And {} more.</p>", counted(n as u64, "pipeline")),
        };
        let text = escape(&crate::report::best::explanation(board, best));
        format!("{heading}<p>{text}</p>{}{more}", table(&header, &rows))
    };
    bests.iter().map(one).collect()
}

/// What is made from kept predictions; the pictures are among the charts.
pub(super) fn predicted(board: &Leaderboard, all: &Predicted) -> String {
    let parts: Vec<Part> = certainty::part(board, all).into_iter().chain(all.parts()).collect();
    if parts.is_empty() {
        return "<p>No predictions of a family's best pipeline were kept.</p>".to_owned();
    }
    let one = |part: &Part| {
        format!("<h3>{}</h3><p>{}</p>{}", escape(&part.title), rich(&part.text), table(&part.header, &part.rows))
    };
    let lacking = all.lacking().map_or_else(String::new, |said| format!("<p>{}</p>", escape(&said)));
    format!("{}{lacking}", parts.iter().map(one).collect::<String>())
}

/// What was run, and the whole study file.
pub(super) fn run(results: &Results) -> String {
    let row = |(name, fact): (&str, String)| {
        let fact = match fact.strip_prefix('`').and_then(|f| f.strip_suffix('`')) {
            Some(code) => format!("<code>{}</code>", escape(code)),
            None => escape(&fact),
        };
        format!("<tr><th scope=\"row\">{}</th><td>{fact}</td></tr>", escape(name))
    };
    let rows: String = words::facts(results).into_iter().map(row).collect();
    format!(
        "<div class=\"scroll\"><table class=\"facts\"><tbody>{rows}</tbody></table></div>\n\
         <details><summary>The study file</summary><pre>{}</pre></details>",
        escape(results.manifest.study.trim())
    )
}

/// How far the numbers can be trusted.
pub(super) fn cautions(results: &Results, board: &Leaderboard) -> String {
    let item = |text: String| format!("<li>{}</li>", rich(&text));
    let items: String = words::cautions(results, board).into_iter().map(item).collect();
    format!("<ul>{items}</ul>")
}

fn table(header: &[String], rows: &[Vec<String>]) -> String {
    let head: String = header.iter().map(|h| format!("<th scope=\"col\">{}</th>", escape(h))).collect();
    let line = |cells: &Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
        format!("<tr>{cells}</tr>")
    };
    let body: String = rows.iter().map(line).collect();
    format!("<div class=\"scroll\"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")
}

/// A table whose cells have our sentences' marks; `words` says which columns wrap. With any, a phone shows a row as a list.
pub(in crate::report) fn words(header: &[String], rows: &[Vec<String>], words: &[bool]) -> String {
    let head: String = header.iter().map(|h| format!("<th scope=\"col\">{}</th>", escape(h))).collect();
    let cell = |((cell, wraps), name): ((&String, &bool), &String)| {
        let class = if *wraps { " class=\"words\"" } else { "" };
        format!("<td{class} data-label=\"{}\">{}</td>", escape(name), rich(cell))
    };
    let line = |cells: &Vec<String>| {
        format!("<tr>{}</tr>\n", cells.iter().zip(words).zip(header).map(cell).collect::<String>())
    };
    let body: String = rows.iter().map(line).collect();
    let class = if words.contains(&true) { " class=\"worded\"" } else { "" };
    format!("<div class=\"scroll\"><table{class}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")
}

/// Markdown's bold and code, the only marks that our sentences have, as elements.
pub(in crate::report) fn rich(text: &str) -> String {
    let marked = |text: String, mark: &str, tag: &str| {
        let pieces: Vec<&str> = text.split(mark).collect();
        let last = pieces.len() - 1;
        let piece = |(i, piece): (usize, &&str)| match i % 2 {
            // A mark without its partner is a character like any other.
            1 if i == last => format!("{mark}{piece}"),
            1 => format!("<{tag}>{piece}</{tag}>"),
            _ => (*piece).to_owned(),
        };
        pieces.iter().enumerate().map(piece).collect::<String>()
    };
    marked(marked(escape(text), "**", "strong"), "`", "code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_elements_and_everything_else_stays_text() {
        assert_eq!(
            rich("**a <b>** and `c & d`, \"e\""),
            "<strong>a &lt;b&gt;</strong> and <code>c &amp; d</code>, &quot;e&quot;"
        );
        assert_eq!(rich("2 ** 3"), "2 ** 3");
    }
}
