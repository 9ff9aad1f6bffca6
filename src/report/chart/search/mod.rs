//! What a search has seen: the mean inner score over the parameters that it varied. A panel a rung of rows.
//!
//! | file | parameters |
//! |---|---|
//! | `line` | one |
//! | `matrix` | two, of lists |
//! | `plane` | two, of which at least one is a range or both lists are long |
//! | `parallel` | three or more |

mod line;
mod matrix;
mod parallel;
mod place;
mod plane;

use super::Chart;
use super::scene::Scene;
use super::shades::Shades;
use super::style::{EDGE, GAP, INK, Mark, TEXT, WHITE};
use super::text::{Text, fit, text_at};
use crate::analyze::Results;
use crate::analyze::leaderboard::distinct;
use crate::analyze::surfaces::{Candidate, Rung, Surface, surfaces};
use crate::component::Registry;
use crate::metric::Better;
use crate::report::number::score;
use crate::report::words::variant;
use crate::search::in_words;
use crate::words::{agree, and_more, count, counted};

/// A chart for each classifier whose cells searched its parameters, in plan order.
pub fn draw(results: &Results) -> Vec<Chart> {
    let chart = |surface: &Surface| Chart {
        // A study's names are letters, digits and - _ . + only: they cannot leave the folder.
        id: format!("search-{}", surface.classifier),
        caption: format!("What the {} search of {} has seen: inner {}", surface.kind, surface.classifier, surface.goal),
        scene: layout(results, surface),
    };
    surfaces(results).iter().map(chart).collect()
}

/// How the parameters are laid out.
enum Sketch {
    Line(line::Line),
    Matrix(matrix::Matrix),
    Plane(plane::Plane),
    Parallel(parallel::Parallel),
}

/// What a sketch needs: px left of its plot, and the plot's width.
type Room = (f64, f64);

impl Sketch {
    fn of(surface: &Surface) -> Self {
        match surface.parameters.len() {
            1 => Sketch::Line(line::Line::of(surface)),
            2 => matrix::Matrix::of(surface).map_or_else(|| Sketch::Plane(plane::Plane::of(surface)), Sketch::Matrix),
            _ => Sketch::Parallel(parallel::Parallel::of(surface)),
        }
    }

    fn room(&self, surface: &Surface) -> Room {
        match self {
            Sketch::Line(sketch) => sketch.room(),
            Sketch::Matrix(sketch) => sketch.room(),
            Sketch::Plane(sketch) => sketch.room(),
            Sketch::Parallel(sketch) => sketch.room(surface),
        }
    }

    /// Draws a rung below `top`, its plot from `left`; returns the y below it.
    fn panel(&self, scene: &mut Scene, surface: &Surface, rung: &Rung, shades: &Shades, at: (f64, f64)) -> f64 {
        match self {
            Sketch::Line(sketch) => sketch.panel(scene, surface, rung, at),
            Sketch::Matrix(sketch) => sketch.panel(scene, surface, rung, shades, at),
            Sketch::Plane(sketch) => sketch.panel(scene, surface, rung, shades, at),
            Sketch::Parallel(sketch) => sketch.panel(scene, surface, rung, shades, at),
        }
    }

    /// How the chosen candidate is marked.
    fn chosen(&self) -> &'static str {
        match self {
            Sketch::Line(_) | Sketch::Plane(_) => "Ringed",
            Sketch::Matrix(_) => "Framed",
            Sketch::Parallel(_) => "Bold",
        }
    }
}

fn layout(results: &Results, surface: &Surface) -> Scene {
    let sketch = Sketch::of(surface);
    let (left, width) = sketch.room(surface);
    let title = format!("{}: search of {}", results.title, surface.classifier);
    let whole = EDGE + left + width + 2.0 * GAP + Shades::room() + EDGE;
    let (mut scene, mut end) = Scene::titled(whole, &title, &[what(surface, &results.registry), whose(surface)]);
    let mut notes = Vec::new();
    for (number, rung) in surface.rungs.iter().enumerate() {
        let mut top = end;
        if surface.rungs.len() > 1 {
            top += GAP + TEXT;
            let said = panel_title(surface, number, rung);
            scene.text(Text {
                bold: true,
                ..text_at(EDGE, top - TEXT / 2.0, &fit(&said, TEXT, true, whole - 2.0 * EDGE))
            });
        }
        let means: Vec<f64> = rung.candidates.iter().filter_map(|candidate| candidate.mean).collect();
        let shades = Shades::of(&means, surface.better);
        end = sketch.panel(&mut scene, surface, rung, &shades, (EDGE + left, top + GAP));
        let clipped = shades.note().filter(|_| !matches!(sketch, Sketch::Line(_)));
        notes.extend(clipped.map(|note| match surface.rungs.len() {
            1 => note,
            _ => format!("Rung {}: {note}", number + 1),
        }));
    }
    notes.extend(chosen(surface, sketch.chosen()));
    notes.extend(lacking(surface));
    if let Sketch::Matrix(matrix) = &sketch
        && surface.rungs.iter().any(|rung| matrix.has_empty(rung))
    {
        notes.push("Empty: not tried.".to_owned());
    }
    if surface.rungs.len() > 1 {
        let text = "Every rung has all positives and its own share of the negatives: scores of different rungs do not \
                    compare, and each has its own scale.";
        notes.push(text.to_owned());
    }
    scene.finish(end, &notes)
}

fn what(surface: &Surface, registry: &Registry) -> String {
    let kind = in_words(&surface.kind, registry).unwrap_or(&surface.kind);
    let tried = surface.rungs.first().map_or(0, |rung| rung.candidates.len());
    let cells = if surface.cells.len() > 1 { " and cells" } else { "" };
    let side = if surface.better == Better::Lower { "lower" } else { "higher" };
    let tried = counted(tried as u64, "candidate");
    format!("{kind}, {tried}: mean {} over inner folds{cells}, {side} is better", surface.goal)
}

/// Which cells are shown.
fn whose(surface: &Surface) -> String {
    let first = &surface.cells[0];
    let fold = match first.repeat {
        0 => format!("fold {}", first.fold),
        repeat => format!("repeat {repeat}, fold {}", first.fold),
    };
    let one = format!("{}, {fold}", variant(first));
    match (surface.cells.len(), surface.searched) {
        (1, 1) => format!("The one cell that searched: {one}"),
        (1, searched) => {
            format!("Candidates differ between the {searched} cells that searched; this is the first: {one}")
        }
        (cells, _) => {
            let pipelines = distinct(surface.cells.iter().map(variant));
            let of = match &pipelines[..] {
                [variant] => variant.clone(),
                _ => format!("{} pipelines", pipelines.len()),
            };
            format!("All {cells} cells tried the same candidates; shown are means over them: {of}")
        }
    }
}

fn panel_title(surface: &Surface, number: usize, rung: &Rung) -> String {
    let best = rung.candidates.iter().filter_map(|candidate| candidate.mean).reduce(|a, b| match surface.better {
        Better::Lower => a.min(b),
        Better::Higher => a.max(b),
    });
    format!(
        "Rung {} of {}: {} rows, {}, best {}",
        number + 1,
        surface.rungs.len(),
        count(rung.rows),
        counted(rung.candidates.len() as u64, "candidate"),
        score(best)
    )
}

/// The candidates that were chosen, the most often chosen first.
fn chosen(surface: &Surface, marked: &str) -> Option<String> {
    const MOST: usize = 3;
    let mut chosen: Vec<&Candidate> =
        surface.rungs.iter().flat_map(|rung| &rung.candidates).filter(|candidate| candidate.chosen > 0).collect();
    chosen.sort_by_key(|candidate| std::cmp::Reverse(candidate.chosen));
    let said = |candidate: &&Candidate| {
        let values = surface.parameters.iter().zip(&candidate.values);
        let values: Vec<String> = values.map(|(p, value)| format!("{} {}", p.name, place::label(value))).collect();
        let cells = surface.cells.len();
        let often = if cells > 1 { format!(", by {} of {cells} cells", candidate.chosen) } else { String::new() };
        format!("{} ({}{often})", values.join(", "), score(candidate.mean))
    };
    let listed: Vec<String> = chosen.iter().take(MOST).map(said).collect();
    let more = chosen.len().saturating_sub(MOST);
    let more = if more > 0 { format!("; {}", and_more(more)) } else { String::new() };
    (!listed.is_empty()).then(|| format!("{marked}: chosen. {}{more}.", listed.join("; ")))
}

/// What grey marks stand for.
fn lacking(surface: &Surface) -> Option<String> {
    let (failed, dropped) = surface.lacking();
    let candidates = |some: &[&str]| counted(some.len() as u64, "candidate");
    let dropped = dropped.first().map(|how| {
        format!("{} {} {how}, too far behind others there", candidates(&dropped), agree(dropped.len(), "was", "were"))
    });
    let failed = failed.first().map(|reason| format!("{} failed. The first reason: {reason}", candidates(&failed)));
    let said: Vec<String> = [dropped, failed].into_iter().flatten().collect();
    (!said.is_empty()).then(|| format!("Grey: {}", said.join(". ")))
}

/// A rung's candidates, the worst first, so that the best lie on top, and what was chosen above all.
fn worst_first(rung: &Rung, better: Better) -> Vec<&Candidate> {
    let utility = |candidate: &Candidate| match (candidate.mean, better) {
        (None, _) => f64::NEG_INFINITY,
        (Some(mean), Better::Lower) => -mean,
        (Some(mean), Better::Higher) => mean,
    };
    let mut candidates: Vec<&Candidate> = rung.candidates.iter().collect();
    candidates.sort_by(|a, b| (a.chosen.cmp(&b.chosen)).then(utility(a).total_cmp(&utility(b))));
    candidates
}

/// A ring for the chosen candidate, below its mark.
fn ring(scene: &mut Scene, at: (f64, f64)) {
    scene.mark(Mark::Circle, at, 9.5, INK);
    scene.mark(Mark::Circle, at, 7.5, WHITE);
}
