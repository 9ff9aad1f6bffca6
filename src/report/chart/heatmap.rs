//! Mean of the primary metric by scaler and classifier; one panel per combination of dedup and resampler. Other axes are fixed.

use super::scene::Scene;
use super::shades::{BAR, Shades};
use super::style::{EDGE, GAP, LABEL, LEAST_WIDTH, LONGEST_LABEL, PALE_INK, TEXT, WHITE, ink_on};
use super::text::{Anchor, Text, fit, text_at, text_width};
use super::{Chart, Context, Fixed};
use crate::analyze::leaderboard::{BASELINE, Row, distinct};
use crate::report::number::score;
use crate::report::words::on_off;

/// Width and height of a cell; it is widened where there are few.
const CELL: (f64, f64) = (54.0, 27.0);
const WIDEST_CELL: f64 = 100.0;
const BETWEEN: f64 = 26.0;

/// One panel's dataset variant and resampler.
type Panel<'a> = (bool, &'a str);

/// The axes that the chart shows.
const AXES: [&str; 4] = ["dedup", "resampler", "scaler", "classifier"];

struct Grid<'a> {
    rows: Vec<&'a Row>,
    fixed: Fixed,
    panels: Vec<Panel<'a>>,
    scalers: Vec<&'a str>,
    classifiers: Vec<&'a str>,
    cell: (f64, f64),
}

impl Grid<'_> {
    /// What a panel compares: not what it has one of.
    fn by(&self) -> &'static str {
        match (self.scalers.len(), self.classifiers.len()) {
            (1, _) => "by classifier",
            (_, 1) => "by scaler",
            _ => "by scaler and classifier",
        }
    }
}

/// The chart; none without planned cells.
pub fn draw(context: &Context<'_>) -> Option<Chart> {
    let fixed = Fixed::besides(context, &AXES);
    let plan = || context.results.planned.iter().map(|p| &p.cell).filter(|cell| fixed.has(cell));
    let mut grid = Grid {
        rows: context.board.rows.iter().filter(|row| fixed.has(&row.pipeline)).collect(),
        panels: distinct(plan().map(|c| (c.dedup, c.resampler.as_str()))),
        scalers: distinct(plan().map(|c| c.scaler.as_str())),
        classifiers: distinct(plan().map(|c| c.classifier.as_str())),
        cell: CELL,
        fixed: Fixed { places: Vec::new() },
    };
    grid.fixed = fixed;
    // One value a panel is no map.
    if grid.panels.is_empty() || grid.scalers.len() * grid.classifiers.len() < 2 {
        return None;
    }
    let scene = layout(context, &mut grid);
    let caption = format!("Mean {} {}", context.board.primary, grid.by());
    Some(Chart { id: "heatmap".to_owned(), caption, scene })
}

fn layout(context: &Context<'_>, grid: &mut Grid<'_>) -> Scene {
    let columns = if grid.panels.len() > 1 && grid.classifiers.len() <= 14 { 2 } else { 1 };
    let widest = |labels: &[&str]| labels.iter().map(|l| text_width(l, LABEL, false)).fold(0.0, f64::max);
    let row_room = widest(&grid.scalers).min(LONGEST_LABEL) + GAP;
    let bar_room = Shades::room();
    let across = columns as f64;
    let room = LEAST_WIDTH - 2.0 * EDGE - row_room - bar_room - BETWEEN * across;
    // Never narrower than what is written there, such as amounts of money, with some room around it.
    let written = grid.rows.iter().map(|row| text_width(&content(context, row).1, LABEL, false)).fold(0.0, f64::max);
    let fair = (room / (across * grid.classifiers.len() as f64)).clamp(CELL.0, WIDEST_CELL);
    grid.cell.0 = fair.max((written + 8.0).ceil());
    let grid = &*grid;
    let longest = widest(&grid.classifiers).min(LONGEST_LABEL);
    let turned = longest > grid.cell.0 - 6.0;
    let column_room = GAP + if turned { longest } else { LABEL };
    let size = (grid.cell.0 * grid.classifiers.len() as f64, grid.cell.1 * grid.scalers.len() as f64);
    let widest_title = grid.panels.iter().map(|p| text_width(&panel_title(p), TEXT, true)).fold(0.0, f64::max);
    let step = (size.0.max(widest_title) + BETWEEN, TEXT + GAP + size.1 + column_room + BETWEEN);
    let mean = |row: &&Row| context.board.primary_mean(row).filter(|_| row.rank.is_some());
    let trained: Vec<f64> = grid.rows.iter().filter(|row| row.family != BASELINE).filter_map(mean).collect();
    let all: Vec<f64> = grid.rows.iter().filter_map(mean).collect();
    // The baseline does not set the scale.
    let shades = Shades::whole(if trained.is_empty() { &all } else { &trained }, context.board.better);
    let is_off = all.iter().any(|mean| shades.is_off(*mean));
    let width = EDGE + row_room + step.0 * across + bar_room + EDGE;
    let heading = format!("{}: mean {} {}", context.results.title, context.board.primary, grid.by());
    let (mut scene, top) = Scene::titled(width, &heading, &[context.setting()]);
    let origin = (EDGE + row_room, top + GAP);
    let below_title = TEXT + GAP;
    for (i, panel) in grid.panels.iter().enumerate() {
        let at = (origin.0 + step.0 * (i % columns) as f64, origin.1 + step.1 * (i / columns) as f64 + below_title);
        scene.text(Text { bold: true, ..text_at(at.0, at.1 - GAP - TEXT / 2.0, &panel_title(panel)) });
        if i % columns == 0 {
            row_labels(&mut scene, grid, at);
        }
        cells(&mut scene, context, grid, *panel, at, &shades);
        column_labels(&mut scene, grid, (at.0, at.1 + size.1 + GAP), turned);
    }
    let bar_at = (origin.0 + step.0 * across, origin.1 + below_title);
    if !shades.is_empty {
        shades.bar(&mut scene, bar_at, BAR.1);
    }
    let panel_rows = grid.panels.len().div_ceil(columns) as f64;
    let end = (origin.1 + step.1 * panel_rows - BETWEEN).max(bar_at.1 + BAR.1 + GAP);
    scene.finish(end + GAP, &notes(context, grid, is_off))
}

fn notes(context: &Context<'_>, grid: &Grid<'_>, is_off: bool) -> Vec<String> {
    let off = format!("`{BASELINE}` is off the scale and has the colour of its end.");
    let mut notes: Vec<String> = grid.fixed.note().into_iter().chain(is_off.then_some(off)).collect();
    notes.extend(context.rows_apart(grid.rows.iter().map(|row| &*row.pipeline)));
    if grid.rows.iter().any(|row| row.rank.is_none()) {
        let text =
            "Hatched: not every planned fold has a score, so no mean is shown. 3/10: three of ten have; –: none.";
        notes.push(text.to_owned());
    }
    let all = grid.panels.len() * grid.scalers.len() * grid.classifiers.len();
    let left = all.saturating_sub(grid.rows.len());
    if left > 0 {
        notes.push(format!("White: {left} of {all} pipelines are not part of this run."));
    }
    notes
}

fn panel_title((dedup, resampler): &Panel<'_>) -> String {
    fit(&format!("dedup {} · resampler {resampler}", on_off(*dedup)), TEXT, true, 420.0)
}

fn row_labels(scene: &mut Scene, grid: &Grid<'_>, (left, top): (f64, f64)) {
    for (row, scaler) in grid.scalers.iter().enumerate() {
        let label = fit(scaler, LABEL, false, LONGEST_LABEL);
        let y = top + grid.cell.1 * (row as f64 + 0.5);
        scene.text(Text { em: LABEL, anchor: Anchor::End, ..text_at(left - GAP, y, &label) });
    }
}

fn column_labels(scene: &mut Scene, grid: &Grid<'_>, (left, top): (f64, f64), turned: bool) {
    for (column, classifier) in grid.classifiers.iter().enumerate() {
        let label = fit(classifier, LABEL, false, LONGEST_LABEL);
        let x = left + grid.cell.0 * (column as f64 + 0.5);
        let y = if turned { top } else { top + LABEL / 2.0 };
        let anchor = if turned { Anchor::End } else { Anchor::Middle };
        scene.text(Text { em: LABEL, anchor, upward: turned, ..text_at(x, y, &label) });
    }
}

fn cells(
    scene: &mut Scene,
    context: &Context<'_>,
    grid: &Grid<'_>,
    (dedup, resampler): Panel<'_>,
    (left, top): (f64, f64),
    shades: &Shades,
) {
    let rows = grid.rows.iter().filter(|row| row.pipeline.dedup == dedup && row.pipeline.resampler == resampler);
    for row in rows {
        let place = |names: &[&str], name: &str| names.iter().position(|n| *n == name);
        let column = place(&grid.classifiers, &row.pipeline.classifier);
        let (Some(line), Some(column)) = (place(&grid.scalers, &row.pipeline.scaler), column) else { continue };
        let (x, y) = (left + grid.cell.0 * column as f64, top + grid.cell.1 * line as f64);
        // A px is left free at the right and below, which draws the grid.
        let (right, bottom) = (x + grid.cell.0 - 1.0, y + grid.cell.1 - 1.0);
        let middle = text_at((x + right) / 2.0, (y + bottom) / 2.0, "");
        let (mean, said) = content(context, row);
        let text = Text { em: LABEL, anchor: Anchor::Middle, text: said, ..middle };
        match mean {
            Some(mean) => {
                let colour = shades.colour(mean);
                scene.rectangle(x, y, right, bottom, colour);
                scene.text(Text { colour: ink_on(colour), ..text });
            }
            None => {
                scene.hatched(x, y, right, bottom);
                let half = text_width(&text.text, LABEL, false) / 2.0 + 3.0;
                scene.rectangle(text.x - half, text.y - 7.0, text.x + half, text.y + 7.0, WHITE);
                scene.text(Text { colour: PALE_INK, ..text });
            }
        }
    }
}

/// The mean of a row that is ranked, and what its cell says: that, or how many folds there are.
fn content(context: &Context<'_>, row: &Row) -> (Option<f64>, String) {
    let summary = context.board.summary(row, &context.board.primary);
    let mean = summary.and_then(|summary| summary.mean).filter(|_| row.rank.is_some());
    let said = match (mean, summary.map_or(0, |summary| summary.values.len())) {
        (Some(_), _) => score(mean),
        (None, 0) => "–".to_owned(),
        (None, n) => format!("{n}/{}", row.wanted),
    };
    (mean, said)
}
