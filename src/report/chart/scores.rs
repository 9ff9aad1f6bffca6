//! Distributions of scores, a panel a family: negatives as bars, positives as a line, both as shares of their class.

use super::axis::{self, Scale};
use super::multiples::Multiples;
use super::scene::Scene;
use super::style::{AXIS, HATCH, colour, family as family_look};
use super::{Chart, Context};
use crate::analyze::histogram::Histogram;
use crate::report::predicted::Of;
use crate::words::counted;

const PLOT: (f64, f64) = (210.0, 130.0);

/// The chart; none without scores.
pub(super) fn draw(context: &Context<'_>, all: &[Of<Histogram>]) -> Option<Chart> {
    // All rows in one bin are one value, and no distribution.
    let is_spread = |one: &&Of<Histogram>| {
        let counts = one.it.negatives.iter().zip(&one.it.positives);
        counts.filter(|(negatives, positives)| **negatives + **positives > 0).count() > 1
    };
    let (shown, alike): (Vec<&Of<Histogram>>, Vec<_>) = all.iter().partition(is_spread);
    if shown.is_empty() {
        return None;
    }
    let alike: Vec<&str> = alike.into_iter().map(|one| one.family.as_str()).collect();
    let caption =
        "Scores of positives and of negatives, each family's best pipeline, pooled out-of-fold rows".to_owned();
    Some(Chart { id: "scores".to_owned(), caption, scene: layout(context, &shown, &alike) })
}

fn layout(context: &Context<'_>, all: &[&Of<Histogram>], alike: &[&str]) -> Scene {
    let rows = |counts: &[u64]| counts.iter().sum::<u64>();
    let most = all.iter().map(|one| rows(&one.it.negatives).max(rows(&one.it.positives))).max().unwrap_or(1);
    // One row of the larger class is still a bar.
    let range = (0.5 / most.max(1) as f64, 1.0);
    let multiples = Multiples { plot: PLOT, room: axis::vertical_room(&Scale::log(range, (PLOT.1, 0.0))) };
    let title = format!("{}: scores of each family's best pipeline", context.results.title);
    let how =
        "Bars: negatives; coloured line: positives; each as a share of its class, on a logarithmic axis".to_owned();
    let (mut scene, top) = Scene::titled(multiples.width(all.len()), &title, &[context.setting(), how]);
    let heading = |one: &&Of<Histogram>| {
        let [positives, negatives] = [&one.it.positives, &one.it.negatives].map(|counts| rows(counts));
        [one.family.clone(), format!("{}, {}", counted(positives, "positive"), counted(negatives, "negative"))]
    };
    let end = multiples.draw(&mut scene, top, all, heading, |scene, one, bounds| {
        panel(scene, &one.it, bounds, range, family_look(&one.family))
    });
    let bins = "Pooled out-of-fold rows, bins of equal width; a bin without a bar or a line has no row.".to_owned();
    let alike = (!alike.is_empty())
        .then(|| format!("Left out, as all their rows have one score or nearly one: {}.", alike.join(", ")));
    scene.finish(end, &[bins].into_iter().chain(alike).collect::<Vec<_>>())
}

fn panel(
    scene: &mut Scene,
    it: &Histogram,
    [left, top, right, bottom]: [f64; 4],
    range: (f64, f64),
    place: usize,
) -> f64 {
    let x = Scale::linear((it.from, it.to), (left, right));
    let y = Scale::log(range, (bottom, top));
    axis::vertical(scene, &y, (left, right), "share of class");
    let end = axis::horizontal(scene, &x, (top, bottom), "score");
    let limits = |bin: usize| (x.at(it.limit(bin)), x.at(it.limit(bin + 1)));
    for (bin, share) in Histogram::shares(&it.negatives).enumerate().filter(|(_, share)| *share > 0.0) {
        let (from, to) = limits(bin);
        scene.rectangle(from, y.at(share), to, bottom, HATCH);
    }
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    // A cap a bin, joined to the next one's: verticals down to every empty bin would be all that is seen.
    let shares: Vec<f64> = Histogram::shares(&it.positives).collect();
    for (bin, share) in shares.iter().copied().enumerate().filter(|(_, share)| *share > 0.0) {
        let (from, to) = limits(bin);
        let mut cap = vec![(from, y.at(share)), (to, y.at(share))];
        cap.extend(shares.get(bin + 1).filter(|next| **next > 0.0).map(|next| (to, y.at(*next))));
        scene.path(cap, 2.0, colour(place));
    }
    end
}
