//! The families compared: the best pipeline of each, as a box plot over its folds.

use super::axis::{self, Scale, padded};
use super::scene::Scene;
use super::style::{
    EDGE, GAP, INK, LABEL, LONGEST_LABEL, PALE_INK, SMALL, TEXT, WHITE, colour, family as family_look, mark, mix,
};
use super::text::{Anchor, Text, fit, text_at, text_width};
use super::{Chart, Context, far_fence, quartiles};
use crate::analyze::leaderboard::{BASELINE, Row, Summary};
use crate::metric::Better;
use crate::report::number::{mean_sd, score};
use crate::report::words::variant;
use crate::words::counted;

const ROW: f64 = 42.0;
const BOX: f64 = 20.0;
const PLOT: f64 = 460.0;
/// What heads the numbers at the right.
const NUMBERS: &str = "mean ± SD";

struct Line<'a> {
    row: &'a Row,
    summary: &'a Summary,
    median: f64,
}

/// The chart; none while no family has a complete pipeline.
pub fn draw(context: &Context<'_>) -> Option<Chart> {
    let board = context.board;
    let lines: Vec<Line<'_>> = board
        .best_of_families()
        .into_iter()
        .filter_map(|row| {
            let summary = board.summary(row, &board.primary)?;
            Some(Line { row, summary, median: quartiles(&summary.values)?[1] })
        })
        .collect();
    if lines.is_empty() {
        return None;
    }
    let caption = format!("{} of each family's best pipeline over the folds", board.primary);
    Some(Chart { id: "families".to_owned(), caption, scene: layout(context, &lines) })
}

fn layout(context: &Context<'_>, lines: &[Line<'_>]) -> Scene {
    let board = context.board;
    let medians: Vec<f64> = lines.iter().map(|line| line.median).collect();
    // One family far below all others would squeeze them into a corner: its value is written instead.
    let fence = far_fence(&medians, board.better, 3.0);
    let beyond =
        |line: &Line<'_>, end: f64| if board.better == Better::Lower { line.median > end } else { line.median < end };
    // The baseline never sets the scale: it is far where it is worse than all others.
    let trained = || lines.iter().filter(|line| line.row.family != BASELINE).map(|line| line.median);
    let worst = match board.better {
        Better::Lower => trained().reduce(f64::max),
        Better::Higher => trained().reduce(f64::min),
    };
    let is_far = |line: &Line<'_>| {
        fence.is_some_and(|f| beyond(line, f))
            || (line.row.family == BASELINE && worst.is_some_and(|worst| beyond(line, worst)))
    };
    let shown = lines.iter().filter(|line| !is_far(line));
    let range = padded(shown.flat_map(|line| line.summary.values.iter().copied()));
    let names: Vec<[String; 2]> = lines
        .iter()
        .map(|line| {
            [
                fit(&name(line.row), TEXT, true, LONGEST_LABEL),
                fit(&variant(&line.row.pipeline), SMALL, false, LONGEST_LABEL),
            ]
        })
        .collect();
    let width_of = |[name, variant]: &[String; 2]| text_width(name, TEXT, true).max(text_width(variant, SMALL, false));
    let left = EDGE + names.iter().map(width_of).fold(0.0, f64::max) + GAP;
    let numbers = lines.iter().map(|line| text_width(&number(line), LABEL, false));
    let numbers = numbers.fold(text_width(NUMBERS, SMALL, false), f64::max);
    let title = format!("{}: {} of each family's best pipeline", context.results.title, board.primary);
    let folds = lines.iter().map(|line| line.summary.values.len()).max().unwrap_or(0);
    let on = match folds {
        1 => "this same fold".to_owned(),
        _ => format!("these same {}", counted(folds as u64, "fold")),
    };
    let how = format!(
        "Best: the largest mean among the family's complete pipelines, chosen on {on}; named below the family."
    );
    let how = if board.better == Better::Lower { how.replace("largest", "smallest") } else { how };
    let width = left + PLOT + 2.0 * GAP + numbers + EDGE;
    let (mut scene, top) = Scene::titled(width, &title, &[context.setting(), how]);
    let right = scene.width - EDGE - numbers - 2.0 * GAP;
    let heading = Text { em: SMALL, colour: PALE_INK, ..text_at(right + 2.0 * GAP, top + SMALL / 2.0, NUMBERS) };
    scene.text(heading);
    let top = top + SMALL + GAP;
    let bottom = top + ROW * lines.len() as f64;
    let scale = Scale::linear(range, (left, right));
    let end = axis::horizontal(&mut scene, &scale, (top, bottom), &board.primary);
    for (i, (line, names)) in lines.iter().zip(&names).enumerate() {
        let y = top + ROW * (i as f64 + 0.5);
        let label = Text { anchor: Anchor::End, bold: true, ..text_at(left - GAP, y - 7.0, &names[0]) };
        scene.text(label);
        let below =
            Text { anchor: Anchor::End, em: SMALL, colour: PALE_INK, ..text_at(left - GAP, y + 8.0, &names[1]) };
        scene.text(below);
        scene.text(Text { em: LABEL, ..text_at(right + 2.0 * GAP, y, &number(line)) });
        if is_far(line) {
            off_the_scale(&mut scene, board.better, (left, right), y, line);
        } else {
            box_plot(&mut scene, &scale, y, line, family_look(&line.row.family));
        }
    }
    let notes = "Box: quartiles; line: median; whiskers: farthest fold within 1.5 box lengths; marks: the folds.";
    scene.finish(end, &[notes.to_owned()])
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
