//! Curves of the families' best pipelines: precision and recall, ROC, what is found among the highest scores.

use super::axis::{self, Scale};
use super::legend::Legend;
use super::scene::Scene;
use super::style::{AXIS, EDGE, GAP, WHITE, colour, dash, family as family_look, mix};
use super::{Chart, Context};
use crate::analyze::curves::Band;
use crate::report::predicted::curves::Curves;

const PANEL: (f64, f64) = (330.0, 300.0);

struct Panel<'a> {
    name: [&'a str; 2],
    range: (f64, f64),
    log: bool,
    of: fn(&Curves) -> &[Band],
}

/// The chart; none without curves. The first of `curves` is the best and gets its band.
pub(super) fn draw(context: &Context<'_>, curves: &[Curves]) -> Option<Chart> {
    let first = curves.first()?;
    let least = first.roc.first().map_or(0.1, |band| band.x).min(0.1);
    let most = first.top.last().map_or(1.0, |band| band.x).max(10.0);
    let mut panels = vec![
        Panel { name: ["recall", "precision"], range: (0.0, 1.0), log: false, of: |c| &c.precision },
        Panel { name: ["false-positive rate", "recall"], range: (least, 1.0), log: true, of: |c| &c.roc },
        Panel {
            name: ["rows with the highest scores", "recall among them"],
            range: (1.0, most),
            log: true,
            of: |c| &c.top,
        },
    ];
    if !first.amount.is_empty() {
        let name = ["rows with the highest scores", "share of the amount"];
        panels.push(Panel { name, range: (1.0, most), log: true, of: |c| &c.amount });
    }
    let caption = "Out-of-fold curves of each family's best pipeline, means over folds".to_owned();
    Some(Chart { id: "curves".to_owned(), caption, scene: layout(context, curves, &panels) })
}

fn layout(context: &Context<'_>, curves: &[Curves], panels: &[Panel<'_>]) -> Scene {
    let unit = (0.0, 1.0);
    let room = axis::vertical_room(&Scale::linear(unit, (PANEL.1, 0.0)));
    let legend = Legend::of(curves.iter().map(|c| c.family.as_str()));
    let column = room + PANEL.0 + 3.0 * GAP;
    let title = format!("{}: curves of each family's best pipeline", context.results.title);
    let how = format!("Lines: means over folds; band: all folds of the best, {}", curves[0].pipeline);
    let width = EDGE + 2.0 * column + legend.width() + EDGE;
    let (mut scene, top) = Scene::titled(width, &title, &[context.setting(), how]);
    let mut end = top;
    let mut row_top = top + GAP;
    for pair in panels.chunks(2) {
        for (i, panel) in pair.iter().enumerate() {
            let left = EDGE + room + column * i as f64;
            let (right, bottom) = (left + PANEL.0, row_top + PANEL.1);
            let x = match panel.log {
                true => Scale::log(panel.range, (left, right)),
                false => Scale::linear(panel.range, (left, right)),
            };
            let y = Scale::linear(unit, (bottom, row_top));
            if let Some(best) = curves.first() {
                band(&mut scene, (&x, &y), (panel.of)(best), family_look(&best.family));
            }
            axis::vertical(&mut scene, &y, (left, right), panel.name[1]);
            end = axis::horizontal(&mut scene, &x, (row_top, bottom), panel.name[0]);
            scene.frame(left, row_top, right, bottom, 1.0, AXIS);
            // The best is drawn last, over the others.
            for one in curves.iter().rev() {
                line(&mut scene, (&x, &y), (panel.of)(one), family_look(&one.family));
            }
        }
        row_top = end + 2.0 * GAP;
    }
    end = end.max(legend.draw(&mut scene, EDGE + 2.0 * column, top + GAP));
    scene.finish(end, &["Scores in single precision; rows of equal scores count together.".to_owned()])
}

fn band(scene: &mut Scene, (x, y): (&Scale, &Scale), curve: &[Band], place: usize) {
    let pale = mix(colour(place), WHITE, 0.75);
    for pair in curve.windows(2) {
        let (low, high) = (pair[0].least.min(pair[1].least), pair[0].largest.max(pair[1].largest));
        scene.rectangle(x.at(pair[0].x), y.at(high), x.at(pair[1].x), y.at(low), pale);
    }
}

fn line(scene: &mut Scene, (x, y): (&Scale, &Scale), curve: &[Band], place: usize) {
    let points: Vec<(f64, f64)> = curve.iter().map(|band| (x.at(band.x), y.at(band.mean))).collect();
    scene.dashed(&points, dash(place), 1.6, colour(place));
}
