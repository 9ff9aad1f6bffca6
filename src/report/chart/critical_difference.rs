//! The critical-difference diagram (Demsar 2006): mean ranks over several data sets, with bars over what is not told apart.
//!
//! It is drawn from an [`Across`], which cannot be had for the folds of a single data set.

use super::Chart;
use super::axis::Scale;
use super::scene::Scene;
use super::style::{AXIS, EDGE, GAP, INK, LABEL, LONGEST_LABEL, PALE_INK, SMALL, TEXT};
use super::text::{Anchor, Text, fit, text_at, text_width};
use crate::analyze::datasets::{Across, Table};
use crate::report::number::probability;
use crate::report::words::ALL_AGREE;
use crate::words::counted;

const PLOT: f64 = 420.0;
const LINE: f64 = 19.0;
const BAR: f64 = 9.0;

/// The chart's name; where there are several, what their names begin with.
const ID: &str = "critical-difference";

/// A diagram per dataset variant, numbered where there are several.
pub fn draw_all(all: &[Across]) -> Vec<Chart> {
    let mut charts: Vec<Chart> = all.iter().map(draw).collect();
    if charts.len() > 1 {
        for (number, chart) in (1..).zip(&mut charts) {
            chart.id = format!("{ID}-{number}");
        }
    }
    charts
}

/// Whether it is one of these charts that has this name.
pub fn is_ours(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    name.strip_prefix(ID).is_some_and(|rest| rest.is_empty() || rest.strip_prefix('-').is_some_and(is_number))
}

/// The diagram, rank 1 at the left.
pub fn draw(across: &Across) -> Chart {
    let n = across.table.datasets.len() as u64;
    let which = across.table.variant.as_ref().map_or_else(String::new, |name| format!(", {name}"));
    let caption = format!("Mean ranks by {} over {}{which}", across.table.metric, counted(n, "data set"));
    Chart { id: ID.to_owned(), scene: layout(across, &caption), caption }
}

fn layout(across: &Across, caption: &str) -> Scene {
    let k = across.mean_ranks.len();
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|&a, &b| across.mean_ranks[a].total_cmp(&across.mean_ranks[b]));
    let names: Vec<String> =
        across.table.names().iter().map(|name| fit(name, LABEL, false, 1.5 * LONGEST_LABEL)).collect();
    let ranks: Vec<String> = across.mean_ranks.iter().map(|rank| format!("{rank:.2}")).collect();
    let number = ranks.iter().map(|rank| text_width(rank, SMALL, false)).fold(0.0, f64::max);
    let side = names.iter().map(|name| text_width(name, LABEL, false)).fold(0.0, f64::max) + 2.0 * GAP + number;
    let p = probability(across.friedman.p_value());
    let test = match across.friedman.corrected {
        Some(_) => format!("Friedman (Iman and Davenport's F): p {p}"),
        None => format!("Friedman: p {p}; {ALL_AGREE}"),
    };
    let how = format!(
        "{test}. Nemenyi at {}: a bar joins pipelines whose mean ranks differ by no more than the critical difference (CD).",
        across.alpha
    );
    let lines = [across.table.datasets.join(", "), how];
    let (mut scene, top) = Scene::titled(2.0 * (EDGE + side) + PLOT, caption, &lines);
    let (left, right) = (EDGE + side, scene.width - EDGE - side);
    let scale = Scale::linear((1.0, k as f64), (left + 2.0 * GAP, right - 2.0 * GAP));
    let top = ruler(&mut scene, across, &scale, top + GAP);
    let axis = ticks(&mut scene, &scale, k, top);
    let bars = bars(across, &scale);
    let lanes = bars.iter().map(|bar| bar.lane + 1).max().unwrap_or(0);
    let below = axis + 8.0 + BAR * lanes as f64;
    let half = k.div_ceil(2);
    let mut end = below;
    for (place, &i) in order.iter().enumerate() {
        // The outermost is on top on either side, so that no line crosses another.
        let (line, is_left) = if place < half { (place, true) } else { (k - 1 - place, false) };
        let y = below + LINE * (line as f64 + 0.7);
        let x = scale.at(across.mean_ranks[i]);
        let (edge, sign, anchor) = if is_left { (left, -1.0, Anchor::End) } else { (right, 1.0, Anchor::Start) };
        scene.line((x, axis), (x, y), 1.0, AXIS);
        scene.line((x, y), (edge, y), 1.0, AXIS);
        scene.text(Text { em: SMALL, colour: PALE_INK, anchor, ..text_at(edge + sign * GAP, y, &ranks[i]) });
        scene.text(Text { em: LABEL, anchor, ..text_at(edge + sign * (2.0 * GAP + number), y, &names[i]) });
        end = end.max(y + LINE / 2.0);
    }
    for bar in &bars {
        let y = axis + 8.0 + BAR * (bar.lane as f64 + 0.5);
        scene.line((bar.from, y), (bar.to, y), 4.0, INK);
    }
    scene.finish(end + GAP, &notes(across))
}

/// The critical difference as a length, above the axis. Returns the y below it.
fn ruler(scene: &mut Scene, across: &Across, scale: &Scale, top: f64) -> f64 {
    let k = across.mean_ranks.len() as f64;
    let (from, to) = (scale.at(1.0), scale.at(1.0 + across.critical_difference));
    let beyond = if across.critical_difference > k - 1.0 { ", longer than the axis" } else { "" };
    let said = format!("CD {:.2}{beyond}", across.critical_difference);
    let y = top + TEXT + 4.0;
    scene.text(text_at(from, top + TEXT / 2.0, &said));
    scene.line((from, y), (to, y), 1.5, INK);
    for x in [from, to] {
        scene.line((x, y - 4.0), (x, y + 4.0), 1.5, INK);
    }
    y + 4.0 + GAP
}

/// The axis with its labels above. Returns its y.
fn ticks(scene: &mut Scene, scale: &Scale, k: usize, top: f64) -> f64 {
    let y = top + LABEL + GAP + 4.0;
    let step = k.div_ceil(12);
    for rank in (1..=k).step_by(step) {
        let x = scale.at(rank as f64);
        scene.line((x, y - 4.0), (x, y), 1.0, AXIS);
        scene.text(Text { em: LABEL, anchor: Anchor::Middle, ..text_at(x, top + LABEL / 2.0, &rank.to_string()) });
    }
    scene.line((scale.at(1.0), y), (scale.at(k as f64), y), 1.5, AXIS);
    y
}

/// The bar of one clique, px; lanes are numbered from the axis down.
struct Bar {
    from: f64,
    to: f64,
    lane: usize,
}

/// A bar a clique; those that do not overlap share a lane.
fn bars(across: &Across, scale: &Scale) -> Vec<Bar> {
    let mut ends: Vec<f64> = Vec::new();
    let mut bars = Vec::new();
    for clique in &across.cliques {
        let at = clique.iter().map(|&i| scale.at(across.mean_ranks[i]));
        let (from, to) = at.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let (from, to) = (from - 4.0, to + 4.0);
        let lane = ends.iter().position(|end| *end + 6.0 < from).unwrap_or(ends.len());
        match ends.get_mut(lane) {
            Some(end) => *end = to,
            None => ends.push(to),
        }
        bars.push(Bar { from, to, lane });
    }
    bars
}

fn notes(across: &Across) -> Vec<String> {
    let mut notes = Vec::new();
    if across.friedman.p_value() > across.alpha {
        notes.push("Friedman's test finds no difference at this level; the ranks may all be chance.".to_owned());
    }
    notes.extend(left_out(&across.table));
    notes
}

/// How many pipelines are not compared, in one sentence; none where all are.
pub fn left_out(table: &Table) -> Option<String> {
    let n = counted(table.left_out as u64, "pipeline");
    (table.left_out > 0).then(|| format!("{n} without a score on every fold of every data set: not compared."))
}
