//! The families compared: the best pipeline of each, as a box plot over its folds.

use super::axis::{self, Scale, padded};
use super::scene::Scene;
use super::style::{
    EDGE, GAP, INK, LABEL, LONGEST_LABEL, PALE_INK, SMALL, TEXT, WHITE, colour, family as family_look, mark, mix,
};
use super::text::{Anchor, Text, fit, text_at, text_width};
use super::{Chart, Context, far_fence, quartiles};
use crate::analyze::leaderboard::{BASELINE, Leaderboard, Row, Summary};
use crate::metric::Better;
use crate::report::number::{mean_sd, score};
use crate::report::words::{ranking, variant};
use crate::words::counted;

const ROW: f64 = 42.0;
const BOX: f64 = 20.0;
const PLOT: f64 = 460.0;
/// Height of a further line below a name.
const BELOW: f64 = SMALL * 1.3;

/// A pipeline's line in the chart.
struct Line<'a> {
    row: &'a Row,
    summary: &'a Summary,
    median: f64,
    name: String,
    /// What tells the pipeline apart, in as many lines as it takes.
    below: Vec<String>,
}

/// The pipelines that were tested on the same rows: a plot of their own, as others are not comparable with them.
struct Group<'a> {
    /// Which they are, where a run has several.
    heading: Option<String>,
    lines: Vec<Line<'a>>,
}

/// The chart; none while no family has a complete pipeline.
pub fn draw(context: &Context<'_>) -> Option<Chart> {
    let board = context.board;
    let variants = board.variants();
    let of = |variant: &(&str, bool)| {
        let heading = (variants.len() > 1).then(|| ranking(board, *variant));
        let lines = board.best_of_families(*variant).into_iter().filter_map(|row| line(context, row)).collect();
        Group { heading, lines }
    };
    let groups: Vec<Group<'_>> = variants.iter().map(of).filter(|group| !group.lines.is_empty()).collect();
    if groups.is_empty() {
        return None;
    }
    let over = if folds(&groups) > 1 { "over the folds" } else { "on the one test split" };
    let caption = format!("{} of each family's best pipeline {over}", board.primary);
    Some(Chart { id: "families".to_owned(), caption, scene: layout(context, &groups) })
}

fn line<'a>(context: &Context<'a>, row: &'a Row) -> Option<Line<'a>> {
    let summary = context.board.summary(row, &context.board.primary)?;
    let median = quartiles(&summary.values)?[1];
    let name = fit(&name(row), TEXT, true, LONGEST_LABEL);
    Some(Line { row, summary, median, name, below: in_lines(&variant(&row.pipeline)) })
}

/// What tells a pipeline apart, broken between its parts where it is too wide for one line.
fn in_lines(variant: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in variant.split(" · ") {
        let longer = lines.last().map(|line| format!("{line} · {part}"));
        match (lines.last_mut(), longer) {
            (Some(line), Some(longer)) if text_width(&longer, SMALL, false) <= LONGEST_LABEL => *line = longer,
            _ => lines.push(fit(part, SMALL, false, LONGEST_LABEL)),
        }
    }
    lines
}

/// The folds of the pipeline that has most.
fn folds(groups: &[Group<'_>]) -> usize {
    groups.iter().flat_map(|group| &group.lines).map(|line| line.summary.values.len()).max().unwrap_or(0)
}

fn layout(context: &Context<'_>, groups: &[Group<'_>]) -> Scene {
    let board = context.board;
    let folds = folds(groups);
    let lines = || groups.iter().flat_map(|group| &group.lines);
    let width_of = |line: &Line<'_>| {
        let below = line.below.iter().map(|below| text_width(below, SMALL, false));
        below.fold(text_width(&line.name, TEXT, true), f64::max)
    };
    let left = EDGE + lines().map(width_of).fold(0.0, f64::max) + GAP;
    // A single value has no SD.
    let heading = if folds > 1 { "mean ± SD" } else { "value" };
    let numbers = lines().map(|line| text_width(&number(line), LABEL, false));
    let numbers = numbers.fold(text_width(heading, SMALL, false), f64::max);
    let title = format!("{}: {} of each family's best pipeline", context.results.title, board.primary);
    let width = left + PLOT + 2.0 * GAP + numbers + EDGE;
    let (mut scene, top) = Scene::titled(width, &title, &[context.setting(), choice(folds, board.better)]);
    let right = scene.width - EDGE - numbers - 2.0 * GAP;
    let at = text_at(right + 2.0 * GAP, top + SMALL / 2.0, heading);
    scene.text(Text { em: SMALL, colour: PALE_INK, ..at });
    let mut end = top + SMALL + GAP;
    for group in groups {
        if let Some(heading) = &group.heading {
            scene.text(Text { bold: true, ..text_at(EDGE, end + TEXT / 2.0, heading) });
            end += TEXT + GAP;
        }
        end = plot(&mut scene, board, &group.lines, (left, right), end) + GAP;
    }
    let notes = match folds {
        1 => "Marks: the one test split.",
        _ => "Box: quartiles; line: median; whiskers: farthest fold within 1.5 box lengths; marks: the folds.",
    };
    let apart = groups.iter().any(|group| group.heading.is_some()).then_some(
        "Pipelines of different plots were tested on different rows, so they are not compared, and each plot has its own scale."
    );
    let notes: Vec<String> = [notes].into_iter().chain(apart).map(str::to_owned).collect();
    scene.finish(end - GAP, &notes)
}

/// Draws lines of one axis below `top`; returns the y below it.
fn plot(scene: &mut Scene, board: &Leaderboard, lines: &[Line<'_>], (left, right): (f64, f64), top: f64) -> f64 {
    let (is_far, range) = far(lines, board.better);
    let more = lines.iter().map(|line| line.below.len().saturating_sub(1)).max().unwrap_or(0);
    let height = ROW + BELOW * more as f64;
    let bottom = top + height * lines.len() as f64;
    let scale = Scale::linear(range, (left, right));
    let end = axis::horizontal(scene, &scale, (top, bottom), &board.primary);
    for (i, (line, is_far)) in lines.iter().zip(is_far).enumerate() {
        let y = top + height * (i as f64 + 0.5);
        let first = y - BELOW * line.below.len().saturating_sub(1) as f64 / 2.0;
        scene.text(Text { anchor: Anchor::End, bold: true, ..text_at(left - GAP, first - 7.0, &line.name) });
        for (nth, below) in line.below.iter().enumerate() {
            let at = text_at(left - GAP, first + 8.0 + BELOW * nth as f64, below);
            scene.text(Text { anchor: Anchor::End, em: SMALL, colour: PALE_INK, ..at });
        }
        scene.text(Text { em: LABEL, ..text_at(right + 2.0 * GAP, y, &number(line)) });
        if is_far {
            off_the_scale(scene, board.better, (left, right), y, line);
        } else {
            box_plot(scene, &scale, y, line, family_look(&line.row.family));
        }
    }
    end
}

/// Which of the lines are off the scale, and what the scale is: the range of the others.
fn far(lines: &[Line<'_>], better: Better) -> (Vec<bool>, (f64, f64)) {
    let mut is_far = suspects(lines, better);
    loop {
        let shown = lines.iter().zip(&is_far).filter(|(_, is_far)| !**is_far);
        let range = padded(shown.flat_map(|(line, _)| line.summary.values.iter().copied()));
        // Where the others' folds reach as far there is nothing to save, and "off the scale" would be wrong.
        let is_inside = |line: &Line<'_>| (range.0..=range.1).contains(&line.median);
        match (0..lines.len()).find(|i| is_far[*i] && is_inside(&lines[*i])) {
            Some(inside) => is_far[inside] = false,
            None => return (is_far, range),
        }
    }
}

/// The lines that may be off the scale, by their medians.
fn suspects(lines: &[Line<'_>], better: Better) -> Vec<bool> {
    let medians: Vec<f64> = lines.iter().map(|line| line.median).collect();
    // One family far below all others would squeeze them into a corner: its value is written instead.
    let fence = far_fence(&medians, better, 3.0);
    let beyond =
        |line: &Line<'_>, end: f64| if better == Better::Lower { line.median > end } else { line.median < end };
    // The baseline never sets the scale: it is far where it is worse than all others.
    let trained = || lines.iter().filter(|line| line.row.family != BASELINE).map(|line| line.median);
    let worst = match better {
        Better::Lower => trained().reduce(f64::max),
        Better::Higher => trained().reduce(f64::min),
    };
    let is_far = |line: &Line<'_>| {
        fence.is_some_and(|f| beyond(line, f))
            || (line.row.family == BASELINE && worst.is_some_and(|worst| beyond(line, worst)))
    };
    lines.iter().map(is_far).collect()
}

/// How each family's pipeline was chosen.
fn choice(folds: usize, better: Better) -> String {
    let on = match folds {
        1 => "this same fold".to_owned(),
        _ => format!("these same {}", counted(folds as u64, "fold")),
    };
    let how = format!(
        "Best: the largest mean among the family's complete pipelines, chosen on {on}; named below the family."
    );
    if better == Better::Lower { how.replace("largest", "smallest") } else { how }
}

fn box_plot(scene: &mut Scene, scale: &Scale, y: f64, line: &Line<'_>, place: usize) {
    let Some([low, median, high]) = quartiles(&line.summary.values) else { return };
    let (top, bottom) = (y - BOX / 2.0, y + BOX / 2.0);
    let main = colour(place);
    let dark = mix(main, INK, 0.4);
    if line.summary.values.len() > 1 {
        let reach = 1.5 * (high - low);
        let inside = || line.summary.values.iter().copied().filter(|v| *v >= low - reach && *v <= high + reach);
        let whiskers = [(inside().fold(low, f64::min), low), (inside().fold(high, f64::max), high)];
        for (end, quartile) in whiskers.map(|(end, quartile)| (scale.at(end), scale.at(quartile))) {
            scene.line((end, y), (quartile, y), 1.2, dark);
            scene.line((end, y - 5.0), (end, y + 5.0), 1.2, dark);
        }
        let (left, right) = (scale.at(low), scale.at(high));
        scene.rectangle(left, top, right, bottom, mix(main, WHITE, 0.65));
        scene.frame(left, top, right, bottom, 1.2, dark);
        scene.line((scale.at(median), top), (scale.at(median), bottom), 2.4, dark);
    }
    for value in &line.summary.values {
        scene.mark(mark(place), (scale.at(*value), y), 3.0, main);
    }
}

fn off_the_scale(scene: &mut Scene, better: Better, (left, right): (f64, f64), y: f64, line: &Line<'_>) {
    let said = format!("off the scale: median {}", score(Some(line.median)));
    let (x, tip, anchor) =
        if better == Better::Lower { (right, -1.0, Anchor::End) } else { (left, 1.0, Anchor::Start) };
    for dy in [-4.0, 4.0] {
        scene.line((x + tip * 4.0, y), (x + tip * 10.0, y + dy), 1.5, PALE_INK);
    }
    scene.text(Text { em: LABEL, anchor, colour: PALE_INK, ..text_at(x + tip * 18.0, y, &said) });
}

/// The family; with the classifier's own name where the study gave it one.
fn name(row: &Row) -> String {
    if row.pipeline.classifier == row.family {
        row.family.clone()
    } else {
        format!("{} ({})", row.family, row.pipeline.classifier)
    }
}

fn number(line: &Line<'_>) -> String {
    mean_sd(line.summary.mean, line.summary.sd)
}
