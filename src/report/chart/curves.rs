//! Curves of the families' best pipelines: precision and recall, ROC, what is found among the highest scores.

use plotters::style::RGBColor;

use super::axis::{self, Scale};
use super::legend::{Legend, leading};
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

/// What ties do to the curves.
const TIES: &str = "Rows of equal scores count together in precision by recall, in proportion in the other curves.";

/// The chart; none without curves. The first of `curves` is the first by mean and gets its band, if it has several folds.
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
    let over = if first.folds > 1 { "means over folds" } else { "of one test split" };
    let caption = format!("Out-of-fold curves of each family's best pipeline, {over}");
    Some(Chart { id: "curves".to_owned(), caption, scene: layout(context, curves, &panels) })
}

fn layout(context: &Context<'_>, curves: &[Curves], panels: &[Panel<'_>]) -> Scene {
    let unit = (0.0, 1.0);
    let room = axis::vertical_room(&Scale::linear(unit, (PANEL.1, 0.0)));
    let (curves, rest) = leading(curves, "curves.csv");
    let legend = Legend::of(curves.iter().map(|c| c.family.as_str())).of_lines();
    let column = room + PANEL.0 + 3.0 * GAP;
    let title = format!("{}: curves of each family's best pipeline", context.results.title);
    let first = &curves[0];
    // One split has no spread, and the first may not be distinguishable from others: it is not called the best.
    let how = match first.folds {
        1 => format!("Lines: the one test split; on top is the first by its score, {}", first.pipeline),
        _ => format!("Lines: means over folds; band: all folds of the first by mean, {}", first.pipeline),
    };
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
            let pale = mix(colour(family_look(&first.family)), WHITE, 0.75);
            band(&mut scene, (&x, &y), (panel.of)(first), pale);
            axis::vertical(&mut scene, &y, (left, right), panel.name[1]);
            end = axis::horizontal(&mut scene, &x, (row_top, bottom), panel.name[0]);
            scene.frame(left, row_top, right, bottom, 1.0, AXIS);
            // The first is drawn last, over the others.
            for one in curves.iter().rev() {
                line(&mut scene, (&x, &y), (panel.of)(one), family_look(&one.family));
            }
        }
        row_top = end + 2.0 * GAP;
    }
    end = end.max(legend.draw(&mut scene, EDGE + 2.0 * column, top + GAP));
    scene.finish(end, &[TIES.to_owned()].into_iter().chain(rest).collect::<Vec<_>>())
}

/// The range over the folds, joined from place to place as the line is; nothing where they do not differ, as one fold does not.
pub(super) fn band(scene: &mut Scene, (x, y): (&Scale, &Scale), curve: &[Band], fill: RGBColor) {
    if curve.iter().any(|band| band.largest > band.least) {
        let along = |of: fn(&Band) -> f64| curve.iter().map(|band| (x.at(band.x), y.at(of(band)))).collect::<Vec<_>>();
        scene.band(along(|band| band.least), &along(|band| band.largest), fill);
    }
}

fn line(scene: &mut Scene, (x, y): (&Scale, &Scale), curve: &[Band], place: usize) {
    let points: Vec<(f64, f64)> = curve.iter().map(|band| (x.at(band.x), y.at(band.mean))).collect();
    scene.dashed(&points, dash(place), 1.6, colour(place));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the band of a curve adds to an empty picture.
    fn drawn(curve: &[Band]) -> String {
        let (mut scene, _) = Scene::titled(640.0, "", &[]);
        let empty = String::from_utf8(scene.svg()).unwrap();
        let scales = (Scale::linear((0.0, 1.0), (0.0, 100.0)), Scale::linear((0.0, 1.0), (100.0, 0.0)));
        band(&mut scene, (&scales.0, &scales.1), curve, WHITE);
        let file = String::from_utf8(scene.svg()).unwrap();
        file.lines().filter(|line| !empty.contains(line)).collect()
    }

    #[test]
    fn a_band_runs_along_the_folds_and_one_fold_has_none() {
        let place = |x, least, largest| Band { x, mean: 0.5 * (least + largest), least, largest };
        assert_eq!(drawn(&[place(0.0, 0.3, 0.3), place(1.0, 0.7, 0.7)]), "");
        // In tenths of a px: the lower ends from left to right, then the upper ones back.
        let band = drawn(&[place(0.0, 0.2, 0.4), place(1.0, 0.6, 0.8)]);
        assert!(band.contains("d=\"M0 800l1000-400v-200l-1000 400z\""), "{band}");
    }
}
