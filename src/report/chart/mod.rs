//! The charts: each a pure function from a run to a scene, which is written as SVG and, where it is not too large, as PNG.

mod axis;
mod calibration;
mod cascade;
pub mod critical_difference;
mod curves;
pub mod dots;
mod families;
pub mod growth;
mod heatmap;
pub mod history;
pub mod ladder;
pub mod layers;
mod legend;
mod multiples;
mod savings;
mod scalers;
pub mod scatter;
pub mod scene;
mod scores;
pub mod search;
mod shades;
pub mod style;
mod svg;
pub mod text;
mod thresholds;
mod time_quality;
pub mod trend;
pub mod verdicts;

use crate::analyze::Results;
use crate::analyze::leaderboard::{Leaderboard, distinct};
use crate::analyze::statistics::quantile;
use crate::cell::CellId;
use crate::cell::axis::Axis;
use crate::data::TableFacts;
use crate::error::Result;
use crate::metric::Better;
use crate::report::columns::of_pipelines;
use crate::report::explained::{self, Explained};
use crate::report::predicted::Predicted;
use crate::report::words::counted_splits;
use crate::words::{count, counted};
use scene::Scene;

/// Files by their names.
type Files = Vec<(String, Vec<u8>)>;

/// A drawn chart.
pub struct Chart {
    /// Its file name without the extension.
    pub id: String,
    /// What it shows, one line.
    pub caption: String,
    /// The drawing.
    pub scene: Scene,
}

impl Chart {
    /// Its SVG file, and the PNG file where there is one, by their names; and else a sentence why not.
    ///
    /// # Errors
    /// Those of [`Scene::png`].
    pub fn files(&self) -> Result<(Files, Option<String>)> {
        let name = |extension: &str| format!("{}.{extension}", self.id);
        let mut files = vec![(name("svg"), self.scene.svg())];
        let Some(why) = self.scene.why_no_png() else {
            files.push((name("png"), self.scene.png()?));
            return Ok((files, None));
        };
        Ok((files, Some(format!("`{}` is left out: {why}; `{}` has the whole chart.", name("png"), name("svg")))))
    }
}

/// What every chart needs to know of a run.
struct Context<'a> {
    results: &'a Results,
    board: &'a Leaderboard,
    families: Vec<String>,
    /// What all that is drawn was tested on, where that is one of the run's several variants.
    variant: Option<(&'a str, bool)>,
}

/// Every chart that the run has something for, in the report's order.
pub fn all(results: &Results, board: &Leaderboard) -> Vec<Chart> {
    let context = Context { results, board, families: board.families(results), variant: None };
    let charts = [
        heatmap::draw(&context),
        families::draw(&context),
        scalers::draw(&context),
        time_quality::draw(&context),
        cascade::draw(&context),
        history::of_run(&context),
    ];
    charts.into_iter().flatten().collect()
}

/// The names of the charts that [`predicted`] draws.
const PREDICTED: [&str; 5] = ["curves", "calibration", "scores", "thresholds", "savings"];

/// Whether a chart of a run may have this name.
pub(super) fn is_ours(name: &str) -> bool {
    matches!(name, "heatmap" | "families" | "time-quality" | "cascade" | ladder::ID | history::ID)
        || PREDICTED.contains(&name)
        || ["scalers-", "search-", EXPLAINED].iter().any(|kind| name.starts_with(kind))
}

/// The charts of what is made from kept predictions; none without any.
pub fn predicted(results: &Results, board: &Leaderboard, predicted: &Predicted) -> Vec<Chart> {
    let context = Context { results, board, families: board.families(results), variant: board.shown() };
    let charts = [
        curves::draw(&context, &predicted.curves),
        calibration::draw(&context, predicted),
        scores::draw(&context, &predicted.scores),
        thresholds::draw(&context, predicted),
        savings::draw(&context, predicted),
    ];
    charts.into_iter().flatten().collect()
}

/// What the names of charts of explanations begin with.
const EXPLAINED: &str = "explained-";

/// The charts of every explanation of the run.
pub(super) fn explained(all: &Explained) -> Vec<Chart> {
    let each = all.all.iter().enumerate();
    each.flat_map(|(nth, (_, it))| explained::chart(it, &format!("{EXPLAINED}{}-", nth + 1))).collect()
}

impl Context<'_> {
    /// Data and protocol in one line; the rows are those that the pipelines saw, where that is one number for all.
    fn setting(&self) -> String {
        self.setting_of(self.variant)
    }

    /// The same of the pipelines of one variant; of all where none is given.
    fn setting_of(&self, variant: Option<(&str, bool)>) -> String {
        let data = self.results.manifest.table();
        let is_here = |cell: &CellId| variant.is_none_or(|variant| (cell.protocol.as_str(), cell.dedup) == variant);
        let cells = || self.results.planned.iter().map(|p| &p.cell).filter(|cell| is_here(cell));
        let protocols = distinct(cells().map(|cell| cell.protocol.as_str())).join(", ");
        let splits = distinct(cells().map(|cell| (cell.repeat, cell.fold)));
        format!(
            "{}: {} · {protocols}, {}",
            data.name,
            rows_of(data, cells),
            match self.board.common {
                Some(common) => format!("{} of {}", common.kept, counted(common.planned as u64, "fold")),
                None => counted_splits(&splits),
            }
        )
    }

    /// What to say of pipelines with and without duplicate rows that stand beside each other; nothing where they were tested on the same.
    fn rows_apart<'c>(&self, cells: impl Iterator<Item = &'c CellId>) -> Option<String> {
        is_on_different_rows(self.results.manifest.table(), cells).then(|| {
            "Pipelines with dedup on and with dedup off were tested on different rows, so they do not compare with each other.".to_owned()
        })
    }

    /// The place of a family in plan order.
    fn place(&self, family: &str) -> usize {
        self.families.iter().position(|f| f == family).unwrap_or(0)
    }
}

/// The rows of the data that these cells saw; of both where some are without duplicates.
fn rows_of<'c, C: Iterator<Item = &'c CellId>>(data: &TableFacts, cells: impl Fn() -> C) -> String {
    let of = |rows: u64, positives: u64, which: &str| {
        format!("{}{which}, {}", counted(rows, "row"), counted(positives, "positive"))
    };
    let left = data.rows.saturating_sub(data.duplicate_rows);
    let left_positives = data.positives.saturating_sub(data.duplicate_positives);
    match cells().all(|cell| cell.dedup) {
        true => of(left, left_positives, " without duplicates"),
        false if is_on_different_rows(data, cells()) => {
            let all = of(data.rows, data.positives, "");
            format!("{all} (without duplicates {} and {})", count(left), count(left_positives))
        }
        false => of(data.rows, data.positives, ""),
    }
}

/// Whether some of these cells leave out duplicate rows of the data, and others have them.
fn is_on_different_rows<'c>(data: &TableFacts, cells: impl Iterator<Item = &'c CellId>) -> bool {
    data.duplicate_rows > 0 && distinct(cells.map(|cell| cell.dedup)).len() > 1
}

/// The axes that a chart has no room for, each at the best pipeline's place. A chart never averages over them.
struct Fixed {
    places: Vec<(&'static Axis, String)>,
}

impl Fixed {
    /// All axes with more than one place but the chart's `own` ones.
    fn besides(context: &Context<'_>, own: &[&str]) -> Self {
        let Some(best) = context.board.best(|_| true).or(context.board.rows.first()) else {
            return Fixed { places: Vec::new() };
        };
        let varies = |axis: &&Axis| {
            let place = |cell: &CellId| axis.value(cell).to_string();
            context.results.planned.iter().any(|p| place(&p.cell) != place(&best.pipeline))
        };
        let others = of_pipelines().filter(|axis| !own.contains(&axis.id)).filter(varies);
        Fixed { places: others.map(|axis| (axis, axis.value(&best.pipeline).to_string())).collect() }
    }

    /// Whether a cell stands there.
    fn has(&self, cell: &CellId) -> bool {
        self.places.iter().all(|(axis, place)| axis.value(cell).to_string() == *place)
    }

    /// Which they are, for the reader.
    fn note(&self) -> Option<String> {
        let said = self.places.iter().map(|(axis, place)| format!("{} {place}", axis.id)).collect::<Vec<_>>();
        // Not "the best": others may not be distinguishable from it.
        (!said.is_empty()).then(|| format!("Only pipelines with {}, as the first by mean has.", said.join(", ")))
    }
}

/// The three quartiles by linear interpolation; none without values.
fn quartiles(values: &[f64]) -> Option<[f64; 3]> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some([quantile(&sorted, 0.25)?, quantile(&sorted, 0.5)?, quantile(&sorted, 0.75)?])
}

/// How bad a value may be before it is far off the others: `reach` quartile distances beyond the bad quartile. None for
/// fewer than four values, or where the quartiles are equal.
fn far_fence(values: &[f64], better: Better, reach: f64) -> Option<f64> {
    let [low, _, high] = quartiles(values).filter(|_| values.len() >= 4)?;
    let fence = if better == Better::Lower { high + reach * (high - low) } else { low - reach * (high - low) };
    (high > low).then_some(fence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_numpys() {
        // numpy.quantile([7, 1, 3, 10, 4], [.25, .5, .75]) and of [2, 9].
        assert_eq!(quartiles(&[7.0, 1.0, 3.0, 10.0, 4.0]), Some([3.0, 4.0, 7.0]));
        assert_eq!(quartiles(&[2.0, 9.0]), Some([3.75, 5.5, 7.25]));
        assert_eq!(quartiles(&[5.0]), Some([5.0; 3]));
        assert_eq!(quartiles(&[]), None);
    }

    #[test]
    fn the_fence_stands_on_the_bad_side() {
        let values = [0.1, 0.7, 0.8, 0.8, 0.9];
        assert_eq!(far_fence(&values, Better::Higher, 1.5), Some(0.7 - 1.5 * (0.8 - 0.7)));
        assert_eq!(far_fence(&values, Better::Lower, 1.0), Some(0.8 + (0.8 - 0.7)));
        assert_eq!(far_fence(&[0.5; 6], Better::Higher, 1.5), None);
        assert_eq!(far_fence(&[0.1, 0.2, 0.3], Better::Higher, 1.5), None);
    }
}
