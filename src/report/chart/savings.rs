//! Money saved by the number of rows that are checked.

use super::axis::{self, Scale};
use super::legend::{Legend, leading};
use super::scene::Scene;
use super::style::{AXIS, EDGE, GAP, colour, dash, family as family_look, mark};
use super::text::{Anchor, Text, text_at};
use super::{Chart, Context};
use crate::analyze::curves::Band;
use crate::report::predicted::savings::Savings;
use crate::report::predicted::{Of, Predicted};

const PLOT: (f64, f64) = (600.0, 380.0);
/// Checks that the axis has room for where all of them lose.
const FIRST: f64 = 10.0;

/// The chart; none where the data have no amounts.
pub(super) fn draw(context: &Context<'_>, all: &Predicted) -> Option<Chart> {
    if all.savings.is_empty() {
        return None;
    }
    let over = if is_of_one(all) { "" } else { ", mean over folds" };
    let caption = format!("Money saved by the number of rows checked{over}; a check costs {}", all.check_cost);
    Some(Chart { id: "savings".to_owned(), caption, scene: layout(context, all) })
}

fn layout(context: &Context<'_>, all: &Predicted) -> Scene {
    let (shown, rest) = leading(&all.savings, "savings.csv");
    let curves = || shown.iter().flat_map(|one| &one.it.curve);
    let saves = shown.iter().any(|one| one.it.best().is_some());
    let range = range(curves, saves, all.check_cost);
    let inside = curves().filter(|band| band.mean >= range.0).map(|band| band.x).fold(5.0, f64::max);
    let rows = curves().map(|band| band.x).fold(10.0, f64::max);
    let most = (2.0 * inside).min(rows);
    let room = axis::vertical_room(&Scale::linear(range, (PLOT.1, 0.0)));
    let legend = Legend::of(shown.iter().map(|one| one.family.as_str()));
    let legend = legend.marked(shown.iter().map(|one| one.it.best().is_some()));
    let title = format!("{}: money saved by each family's best pipeline", context.results.title);
    let (over, per_fold) = if is_of_one(all) { ("of one test split", "") } else { ("means over folds", " per fold") };
    let how = format!(
        "Amount of the frauds among the rows with the highest scores, minus {} for every row that is checked; {over}",
        all.check_cost
    );
    let width = EDGE + room + PLOT.0 + 2.0 * GAP + legend.width() + EDGE;
    let (mut scene, below) = Scene::titled(width, &title, &[context.setting(), how]);
    let (left, top) = (EDGE + room, below + GAP);
    let (right, bottom) = (left + PLOT.0, top + PLOT.1);
    let (x, y) = (Scale::log((1.0, most), (left, right)), Scale::linear(range, (bottom, top)));
    axis::vertical(&mut scene, &y, (left, right), &format!("saved{per_fold}, in the unit of the amounts"));
    let checked = format!("rows checked{per_fold}, highest scores first");
    let end = axis::horizontal(&mut scene, &x, (top, bottom), &checked);
    scene.line((left, y.at(0.0)), (right, y.at(0.0)), 1.5, AXIS);
    scene.frame(left, top, right, bottom, 1.0, AXIS);
    // The best is drawn last, over the others; the marks lie on all lines.
    for one in shown.iter().rev() {
        line(&mut scene, (&x, &y), one, family_look(&one.family));
    }
    for one in shown.iter().rev() {
        if let Some(best) = one.it.best() {
            let place = family_look(&one.family);
            scene.mark(mark(place), (x.at(best.x), y.at(best.mean)), 5.0, colour(place));
        }
    }
    if !saves {
        let said = nothing_saved(all.check_cost);
        scene.text(Text { anchor: Anchor::Middle, ..text_at((left + right) / 2.0, (top + y.at(0.0)) / 2.0, &said) });
    }
    let end = end.max(legend.draw(&mut scene, right + 2.0 * GAP, top));
    let marks = if saves { marks(all) } else { String::new() };
    let notes = format!("{marks}Rows of equal scores count in proportion.");
    scene.finish(end, &[notes].into_iter().chain(rest).collect::<Vec<_>>())
}

/// Whether there is one test part alone, of which nothing is a mean.
fn is_of_one(all: &Predicted) -> bool {
    all.curves.first().is_some_and(|first| first.folds == 1)
}

/// What the marks are, and where what they promise is read more soberly.
fn marks(all: &Predicted) -> String {
    let same = if is_of_one(all) { "this same test part" } else { "these same folds" };
    // A repeat with one test part has no other folds.
    let other = match all.savings.iter().any(|one| one.it.chosen.is_some()) {
        true => "; report.md has what thresholds save that are chosen on the other folds",
        false => "",
    };
    format!("Marks: the best point of each curve that saves anything, chosen on {same}, which flatters it{other}. ")
}

fn nothing_saved(check_cost: f64) -> String {
    format!("No number of checks saves anything at a cost of {check_cost} per check (`--check-cost`).")
}

/// The range of the money. What is lost by too many checks has no end: the axis shows a third of what can be won, or where nothing can,
/// what the first checks lose.
fn range<'a, C: Iterator<Item = &'a Band>>(curves: impl Fn() -> C, saves: bool, check_cost: f64) -> (f64, f64) {
    if saves {
        let top = curves().map(|band| band.mean).fold(check_cost, f64::max) * 1.06;
        return (-top / 3.0, top);
    }
    let lost = curves().filter(|band| band.x <= FIRST).map(|band| band.mean).fold(-check_cost, f64::min).min(-1e-6);
    (lost * 1.06, -lost / 3.0)
}

fn line(scene: &mut Scene, (x, y): (&Scale, &Scale), one: &Of<Savings>, place: usize) {
    let low = y.range().0;
    let mut points: Vec<(f64, f64)> = Vec::new();
    for pair in one.it.curve.windows(2) {
        let at = |band: &Band| (x.at(band.x), y.at(band.mean));
        if pair[0].mean < low {
            scene.dashed(&std::mem::take(&mut points), dash(place), 1.6, colour(place));
            continue;
        }
        points.push(at(&pair[0]));
        if pair[1].mean < low {
            // Cut where it leaves the plot.
            let (from, to) = (at(&pair[0]), at(&pair[1]));
            let share = (pair[0].mean - low) / (pair[0].mean - pair[1].mean);
            points.push((from.0 + share * (to.0 - from.0), y.at(low)));
        }
    }
    let last = one.it.curve.last().filter(|band| band.mean >= low);
    points.extend(last.map(|band| (x.at(band.x), y.at(band.mean))));
    scene.dashed(&points, dash(place), 1.6, colour(place));
}
