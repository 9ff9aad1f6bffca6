//! The end of a run in a terminal: a small ranked table, who won, and what to know about it. What is said in sentences is what
//! `report.md` says, by the same functions.

use std::fmt::Write as _;

use super::columns::shown;
use super::number::score;
use super::perfect;
use super::run::{answer, best as words, learnt};
use super::words::{not_whole, out_of_time};
use crate::analyze::Results;
use crate::analyze::best::{ALPHA, Best, ROPE, best};
use crate::analyze::leaderboard::{Leaderboard, Over, Row, distinct, leaderboard_over};
use crate::analyze::learnt::idle;
use crate::cell::axis::{Axis, Facet};
use crate::store::Outcome;
use crate::words::{agree, and_more, counted};

/// Columns of a line where no terminal tells its own.
pub const WIDTH: usize = 80;
/// What a line is set for at least and at most: tables need some room, and longer lines are hard to read.
const WIDTHS: (usize, usize) = (60, 100);
/// Pipelines in a table.
const TOP: usize = 10;
/// A name is cut down to so many characters before a table becomes wider than a line.
const NAME: usize = 8;
/// What stands between two columns.
const GAP: usize = 2;

/// How the end of a run is set.
#[derive(Debug, Clone, Copy)]
struct Look {
    bold: bool,
    width: usize,
}

/// The tables and sentences about a run's end, ranked over the splits that `over` names, for a terminal of `width` columns, or the
/// nearest of 60 to 100. Under `bold` the best lines are bold, by the terminal's own codes.
pub fn summary(results: &Results, over: Over, bold: bool, width: usize) -> String {
    let look = Look { bold, width: width.clamp(WIDTHS.0, WIDTHS.1) };
    let mut text = String::new();
    let several = results.has_several_data_sets();
    let parts = if several { results.data_sets_with_cells() } else { vec![(0, results.clone())] };
    for (_, part) in &parts {
        if several {
            let _ = writeln!(text, "{}", plain(&part.manifest.table().name));
        }
        text.push_str(&of_one(&part.ranked(), over, look));
        text.push('\n');
    }
    if results.is_leaky() {
        text.push_str(&wrapped("The study has leaky protocols: audit.md says what each leak is worth.", look.width));
    }
    text
}

/// How many cells failed and how, in one sentence without a full stop; none where none did.
pub fn failed(results: &Results) -> Option<String> {
    let outcomes = results.records.iter().map(|record| record.outcome).filter(|outcome| *outcome != Outcome::Scored);
    let outcomes: Vec<Outcome> = outcomes.collect();
    let of = |kind: Outcome| {
        let n = outcomes.iter().filter(|outcome| **outcome == kind).count();
        if kind == Outcome::Failed { format!("{n} with an error") } else { format!("{n} {}", kind.name()) }
    };
    let kinds: Vec<String> = distinct(outcomes.iter().copied()).into_iter().map(of).collect();
    (!outcomes.is_empty()).then(|| format!("{} failed ({})", counted(outcomes.len() as u64, "cell"), kinds.join(", ")))
}

/// The ranking on one data set.
fn of_one(results: &Results, over: Over, look: Look) -> String {
    let board = leaderboard_over(results, over);
    let bests = best(&board, ROPE);
    let mut text = String::new();
    if bests.is_empty() {
        text.push_str(&wrapped(&words::none_ranked(&board), look.width));
    }
    for (number, one) in bests.iter().enumerate() {
        if bests.len() > 1 {
            let gap = if number > 0 { "\n" } else { "" };
            let which = plain(&super::words::ranking(&board, one.best.pipeline.variant()));
            let _ = writeln!(text, "{gap}{}", super::words::capital(&which));
        }
        text.push_str(&ranking(&board, one, look));
        text.push('\n');
        let hopeless = one.callable.filter(|callable| callable.is_hopeless());
        let said = [
            Some(answer::winner(&board, one, bests.len() > 1).words()),
            Some(answer::equals(one)),
            hopeless.and_then(|_| words::callable(&board, one)),
            words::flattery(&board, one),
        ];
        text.push_str(&wrapped(&said.into_iter().flatten().collect::<Vec<_>>().join(" "), look.width));
    }
    let whole = board.rows.iter().filter(|row| row.rank.is_none() && row.is_whole()).count();
    let undefined = (whole > 0).then(|| {
        let which = counted(whole as u64, "pipeline");
        let verb = agree(whole, "is", "are");
        format!("{which} {verb} not ranked, because {} is undefined on some split.", board.primary)
    });
    let idle = learnt::said(&idle(results)).into_iter();
    let said = perfect::said(&board)
        .into_iter()
        .chain(idle)
        .chain([out_of_time(results), not_whole(&board), undefined].into_iter().flatten());
    said.for_each(|said| text.push_str(&wrapped(&said, look.width)));
    text
}

/// The first pipelines of one dataset variant, by the axes on which they differ.
fn ranking(board: &Leaderboard, best: &Best<'_>, look: Look) -> String {
    let rows = best.ranking(board);
    let shown_rows = &rows[..rows.len().min(TOP)];
    let axes = axes(&rows);
    let equals = best.equals(ALPHA);
    let mut head = vec!["rank".to_owned()];
    head.extend(axes.iter().map(|axis| axis.id.to_owned()));
    head.extend([board.primary.clone(), "95% interval".to_owned(), String::new()]);
    let line = |row: &&Row| {
        let mut cells = vec![row.rank.map_or_else(String::new, |rank| rank.to_string())];
        cells.extend(axes.iter().map(|axis| plain(&axis.value(&row.pipeline).to_string())));
        let is_equal = equals.iter().any(|other| other.row.pipeline == row.pipeline);
        let mark = if is_equal { "~" } else { "" };
        cells.extend([score(board.primary_mean(row)), words::interval(row.interval), mark.to_owned()]);
        cells
    };
    let mut lines = vec![head];
    lines.extend(shown_rows.iter().map(line));
    let mut text = table(lines, axes.len(), look);
    if rows.len() > TOP {
        let _ = writeln!(text, "{:>4}  {}: leaderboard.csv", "", and_more(rows.len() - TOP));
    }
    if shown_rows.iter().any(|row| equals.iter().any(|other| other.row.pipeline == row.pipeline)) {
        text.push_str(&wrapped(&format!("~ not distinguishable from the best (adjusted p above {ALPHA})"), look.width));
    }
    text
}

/// The axes on which the pipelines differ, the classifier first; it is named even where it is the same in all.
fn axes(rows: &[&Row]) -> Vec<&'static Axis> {
    let all = shown(rows.iter().map(|row| &*row.pipeline));
    let differs = |axis: &Axis| distinct(rows.iter().map(|row| axis.value(&row.pipeline))).len() > 1;
    all.into_iter().filter(|axis| axis.facet == Facet::Pipeline && (axis.id == "classifier" || differs(axis))).collect()
}

/// Lines of cells: the rank, `names` names, numbers, and a mark. Names are cut where a line would become too wide.
fn table(lines: Vec<Vec<String>>, names: usize, look: Look) -> String {
    let places = lines.first().map_or(0, Vec::len);
    let natural = |place: usize| lines.iter().map(|line| line[place].chars().count()).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..places).map(natural).collect();
    while widths.iter().sum::<usize>() + GAP * places.saturating_sub(1) > look.width {
        let widest = (1..=names).max_by_key(|place| widths[*place]).filter(|place| widths[*place] > NAME);
        let Some(widest) = widest else { break };
        widths[widest] -= 1;
    }
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let cell = |(place, cell): (usize, &String)| match place {
            place if (1..=names).contains(&place) => format!("{:<1$}", cut(cell, widths[place]), widths[place]),
            place if place + 1 == places => cell.clone(),
            _ => format!("{cell:>0$}", widths[place]),
        };
        let cells: Vec<String> = line.iter().enumerate().map(cell).collect();
        let whole = cells.join(&" ".repeat(GAP));
        let whole = whole.trim_end();
        // Equal means share a rank; below the heading.
        let is_best = number > 0 && line.first().is_some_and(|rank| rank == "1");
        let _ = if look.bold && is_best { writeln!(text, "\x1b[1m{whole}\x1b[0m") } else { writeln!(text, "{whole}") };
    }
    text
}

/// A name in at most `width` characters.
pub(crate) fn cut(name: &str, width: usize) -> String {
    match name.chars().count() > width {
        true => name.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

/// Nothing of a study's names may move the cursor.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Words in lines of so many columns at most, the last one ended.
fn wrapped(words: &str, columns: usize) -> String {
    let mut text = String::new();
    let mut width = 0;
    for word in plain(words).split(' ') {
        let long = word.chars().count();
        if width > 0 && width + 1 + long > columns {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += long;
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_where_a_line_would_be_too_wide() {
        let line = |name: &str| ["1", name, "short", "0.5000", "0.4000 to 0.6000", "~"].map(str::to_owned).to_vec();
        let text =
            table(vec![line("classifier"), line(&"long-".repeat(30)), line("a")], 2, Look { bold: true, width: WIDTH });
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.chars().filter(|c| !c.is_control()).count() <= WIDTH + 6), "{text}");
        assert!(lines[1].starts_with("\x1b[1m1  long-long-") && lines[1].contains("…  short"), "{text}");
        let narrow = table(vec![line("classifier"), line(&"long-".repeat(30))], 2, Look { bold: false, width: 60 });
        assert!(narrow.lines().all(|line| line.chars().count() == 60) && narrow.lines().count() == 2, "{narrow}");
        assert!(lines[0].ends_with("0.4000 to 0.6000  ~") && lines[0].chars().count() == WIDTH, "{text}");
    }

    #[test]
    fn words_are_wrapped_and_controls_are_shown() {
        let text = wrapped(&"twelve chars ".repeat(10), WIDTH);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH) && text.lines().count() == 2, "{text}");
        // Of 129 characters 60 columns take three lines.
        let text = wrapped(&"twelve chars ".repeat(10), 60);
        assert!(text.lines().all(|line| line.chars().count() <= 60) && text.lines().count() == 3, "{text}");
        assert_eq!(wrapped("a\x1b[2Jb", WIDTH), "a\u{fffd}[2Jb\n");
        assert_eq!(wrapped(&"x".repeat(100), WIDTH), format!("{}\n", "x".repeat(100)));
    }
}
