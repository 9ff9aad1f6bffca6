//! Reliability diagrams on axes of log-odds: mean score against share of positives, a panel a family.

use super::axis::{self, Scale};
use super::multiples::Multiples;
use super::scene::Scene;
use super::style::{AXIS, EMPTY, HATCH, colour, family as family_look, mark};
use super::{Chart, Context};
use crate::analyze::calibration::{Bin, Calibration, Place};
use crate::report::predicted::{Of, Predicted};

const PLOT: (f64, f64) = (210.0, 190.0);
/// Where the axes end: nearer to certainty than few rows can tell.
const MOST: f64 = 0.999;
/// Curves are drawn in straight pieces of so many px.
const PIECE: f64 = 2.0;

/// The chart; none where no score is a probability.
pub(super) fn draw(context: &Context<'_>, all: &Predicted) -> Option<Chart> {
    if all.calibration.is_empty() {
        return None;
    }
    let caption =
        "Calibration of each family's best pipeline: share of positives by mean score, pooled out-of-fold rows";
    Some(Chart { id: "calibration".to_owned(), caption: caption.to_owned(), scene: layout(context, all) })
}

fn layout(context: &Context<'_>, all: &Predicted) -> Scene {
    let least = |of: fn(&Bin) -> f64| least(all.calibration.iter().flat_map(|one| &one.it.bins).map(of));
    let least = (least(|bin| bin.mean_score), least(Bin::share));
    let room = axis::vertical_room(&Scale::log_odds((least.1, MOST), (PLOT.1, 0.0)));
    let multiples = Multiples { plot: PLOT, room };
    let title = format!("{}: calibration of each family's best pipeline", context.results.title);
    let how = "Mean score and share of positives of pooled out-of-fold rows; on the diagonal a score is a probability"
        .to_owned();
    let width = multiples.width(all.calibration.len());
    let (mut scene, top) = Scene::titled(width, &title, &[context.setting(), how]);
    let heading = |one: &Of<Calibration>| [one.family.clone(), format!("miscalibration {:.5}", one.it.miscalibration)];
    let end = multiples.draw(&mut scene, top, &all.calibration, heading, |scene, one, bounds| {
        panel(scene, &one.it, bounds, least, family_look(&one.family))
    });
    let mut notes = vec![
        "Line: isotonic regression of labels on scores (CORP), a mark a piece at its mean score. Grey: where 95% of the lines of \
         calibrated scores lie at this score. Axes by log-odds; what lies beyond them is on their ends. Miscalibration: what \
         recalibration takes away of the Brier score."
            .to_owned(),
    ];
    if !all.uncalibrated.is_empty() {
        notes.push(format!(
            "Left out, as their scores are not known to be probabilities: {}.",
            all.uncalibrated.join(", ")
        ));
    }
    scene.finish(end, &notes)
}

/// A power of ten below all positive values, but not below a millionth.
fn least(values: impl Iterator<Item = f64>) -> f64 {
    let least = values.filter(|v| *v > 0.0).fold(0.1, f64::min);
    10_f64.powf(least.log10().floor()).max(1e-6)
}

fn panel(
    scene: &mut Scene,
    it: &Calibration,
    [left, top, right, bottom]: [f64; 4],
    least: (f64, f64),
    place: usize,
) -> f64 {
    let (x, y) = (Scale::log_odds((least.0, MOST), (left, right)), Scale::log_odds((least.1, MOST), (bottom, top)));
    axis::vertical(scene, &y, (left, right), "share of positives");
    let end = axis::horizontal(scene, &x, (top, bottom), "mean score");
    let from = f64::max(least.0, least.1);
    let on = |points: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
        joined(&points, &x).into_iter().map(|(score, value)| (x.at(score), y.at(value))).collect()
    };
    let edge = |of: fn(&Place) -> f64| on(it.band.iter().map(|place| (place.score, of(place))).collect());
    scene.band(edge(|place| place.low), &edge(|place| place.high), EMPTY);
    scene.line((x.at(from), y.at(from)), (right, top), 1.5, HATCH);
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    let piece = |bin: &Bin| [bin.least, bin.largest].map(|score| (score, bin.share()));
    scene.path(on(it.bins.iter().flat_map(piece).collect()), 1.4, colour(place));
    for bin in &it.bins {
        scene.mark(mark(place), (x.at(bin.mean_score), y.at(bin.share())), 3.0, colour(place));
    }
    end
}

/// The points of a line that is straight in probability, of which log-odds make a curve: with points between them, so close that pieces
/// are straight to the eye. A straight line in log-odds would leave the diagonal between two points that lie on it.
fn joined(points: &[(f64, f64)], x: &Scale) -> Vec<(f64, f64)> {
    let (low, high) = x.range();
    let mut all = Vec::new();
    for pair in points.windows(2) {
        let [(a, from), (b, to)] = [pair[0], pair[1]];
        all.push((a, from));
        // What lies beyond the axis has no room there.
        let ends = [a, b].map(|score| score.clamp(low, high));
        let [first, last] = ends.map(|score| (score / (1.0 - score)).ln());
        let pieces = ((x.at(b) - x.at(a)).abs() / PIECE).ceil();
        all.extend((1..pieces as u32).map(|i| {
            let score = 1.0 / (1.0 + (-(first + (last - first) * f64::from(i) / pieces)).exp());
            (score, from + (to - from) * (score - a) / (b - a))
        }));
    }
    all.extend(points.last());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_the_diagonal_at_its_places_holds_it_between_them() {
        let x = Scale::log_odds((1e-6, MOST), (0.0, 210.0));
        // As of a forest of 30 trees: no score lies between 0 and 1/30, or near 1.
        let band = [(0.0, 0.0, 0.0), (1.0 / 30.0, 0.02, 0.05), (0.5, 0.4, 0.6), (1.0, 1.0, 1.0)];
        let [low, high] = [0, 1].map(|end| joined(&band.map(|(s, a, b)| (s, if end == 0 { a } else { b })), &x));
        assert!(low.len() > 50 && low.len() == high.len(), "{}", low.len());
        for ((score, low), (same, high)) in low.iter().zip(&high) {
            assert!(score == same && *low <= score + 1e-12 && score - 1e-12 <= *high, "{score}: {low} {high}");
        }
        // A quarter of the way from 0 to 1/30 it is a quarter of 0.02.
        let near = low.iter().min_by(|a, b| (a.0 - 1.0 / 120.0).abs().total_cmp(&(b.0 - 1.0 / 120.0).abs())).unwrap();
        assert!((near.1 - 0.6 * near.0).abs() < 1e-12, "{near:?}");
        assert!(low.is_sorted_by(|a, b| a.0 <= b.0));
    }

    #[test]
    fn points_that_are_near_or_above_each_other_are_joined_as_they_are() {
        let x = Scale::log_odds((1e-6, MOST), (0.0, 210.0));
        for points in [&[(0.5, 0.1), (0.5, 0.9), (0.501, 0.9)][..], &[(0.0, 0.1)], &[], &[(0.0, 0.1), (1e-9, 0.2)]] {
            assert_eq!(joined(points, &x), points);
        }
    }
}
