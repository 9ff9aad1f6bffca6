//! From points to series: what one stage of one component took at every size, and how fast that grows.

use super::growth::exponent;
use super::point::{Ending, Point, Stage, SubjectKind};

/// Seconds at or below this are left out of the exponent: process and cache warm-up are of that order.
const SECONDS_FLOOR: f64 = 0.01;
/// MiB at or below this are left out of the exponent: allocators keep more than that in reserve.
const MIB_FLOOR: f64 = 4.0;
/// The stages that every measurement has before the component's own.
const COMMON: [&str; 4] = ["simulate", "dedup", "split", "gather"];
/// The name of a component's own stages taken together.
pub const ALL: &str = "all";

/// What a series is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// A stage that is the same for all components: the median of their measurements.
    Common,
    /// Components of a kind.
    Component(SubjectKind),
}

impl Group {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Group::Common => "stage",
            Group::Component(SubjectKind::Family) => "family",
            Group::Component(SubjectKind::Scaler) => "scaler",
            Group::Component(SubjectKind::Resampler) => "resampler",
        }
    }
}

/// One size of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// How the measurement ended.
    pub outcome: Ending,
    /// Why there is no measurement.
    pub reason: Option<String>,
    /// The deadline, seconds.
    pub limit_seconds: f64,
    /// Wall seconds.
    pub seconds: Option<f64>,
    /// MiB needed beside what was there when the stage began.
    pub extra_mib: Option<f64>,
    /// The process's most resident memory during the stage, MiB.
    pub peak_mib: Option<f64>,
    /// Average precision, of a family's [`ALL`].
    pub pr_auc: Option<f64>,
}

/// One stage of one component at one share, at every size.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is of.
    pub group: Group,
    /// The component's title, or the common stage's name.
    pub name: String,
    /// The stage, or [`ALL`].
    pub stage: String,
    /// The share of positives.
    pub positives: f64,
    /// A cell a size of the table; none where nothing is recorded.
    pub cells: Vec<Option<Cell>>,
    /// The growth exponent of the seconds.
    pub seconds_exponent: Option<f64>,
    /// The growth exponent of the extra memory.
    pub memory_exponent: Option<f64>,
}

/// All series of a results directory.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Numbers of rows, ascending.
    pub rows: Vec<usize>,
    /// Shares of positives, in order of appearance.
    pub positives: Vec<f64>,
    /// Common stages, then components in order of appearance, a share after the other; of a component first [`ALL`].
    pub series: Vec<Series>,
}

impl Table {
    /// The series that `points` make; of several points of a task the last counts.
    pub fn of(points: &[Point]) -> Self {
        let mut latest: Vec<&Point> = Vec::new();
        for point in points {
            match latest.iter_mut().find(|known| known.task == point.task) {
                Some(known) => *known = point,
                None => latest.push(point),
            }
        }
        let mut rows: Vec<usize> = latest.iter().map(|point| point.task.rows).collect();
        rows.sort_unstable();
        rows.dedup();
        let (mut positives, mut subjects): (Vec<f64>, Vec<_>) = (Vec::new(), Vec::new());
        for point in &latest {
            if !positives.contains(&point.task.positives) {
                positives.push(point.task.positives);
            }
            if !subjects.contains(&&point.task.subject) {
                subjects.push(&point.task.subject);
            }
        }
        let mut table = Table { rows, positives: positives.clone(), series: Vec::new() };
        for &share in &positives {
            let here: Vec<&Point> = latest.iter().copied().filter(|point| point.task.positives == share).collect();
            table.series.extend(COMMON.iter().map(|stage| common(stage, share, &here, &table.rows)));
            for subject in &subjects {
                let own: Vec<&Point> = here.iter().copied().filter(|point| point.task.subject == **subject).collect();
                let group = Group::Component(subject.kind);
                for stage in stages(&own) {
                    let at = |rows: &usize| own.iter().find(|p| p.task.rows == *rows).map(|point| cell(point, stage));
                    let cells = table.rows.iter().map(at).collect();
                    table.series.push(series(group, (&subject.title(), stage), share, &table.rows, cells));
                }
            }
        }
        table
    }

    /// The series of a group's [`ALL`] at a share.
    pub fn whole(&self, group: Group, positives: f64) -> impl Iterator<Item = &Series> {
        self.series.iter().filter(move |s| s.group == group && s.positives == positives && s.stage == ALL)
    }
}

/// [`ALL`], and the stages of the component's own if these are several; nothing for a component without points.
fn stages(points: &[&Point]) -> Vec<&'static str> {
    let Some(first) = points.first() else { return Vec::new() };
    let own = own_stages(first.task.subject.kind);
    std::iter::once(ALL).chain(own.iter().copied().filter(|_| own.len() > 1)).collect()
}

/// The stages that belong to the component: for a family, the scaler before it and the metrics after it do not.
fn own_stages(kind: SubjectKind) -> &'static [&'static str] {
    match kind {
        SubjectKind::Family => &["fit", "predict"],
        SubjectKind::Scaler => &["fit", "transform"],
        SubjectKind::Resampler => &["resample"],
    }
}

fn cell(point: &Point, stage: &str) -> Cell {
    let kind = point.task.subject.kind;
    let all = point.measured.as_ref().map_or(&[][..], |measured| &measured.stages);
    let wanted = |name: &str| if stage == ALL { own_stages(kind).contains(&name) } else { name == stage };
    let own: Vec<&Stage> = all.iter().filter(|s| wanted(&s.name)).collect();
    let peak_mib = own.iter().filter_map(|s| s.peak_mib).reduce(f64::max);
    let before_mib = own.first().and_then(|s| s.before_mib);
    Cell {
        outcome: point.outcome,
        reason: point.reason.clone(),
        limit_seconds: point.limit_seconds,
        seconds: (!own.is_empty()).then(|| own.iter().map(|s| s.seconds).sum()),
        extra_mib: peak_mib.zip(before_mib).map(|(peak, before)| (peak - before).max(0.0)),
        peak_mib,
        pr_auc: point.measured.as_ref().and_then(|measured| measured.pr_auc).filter(|_| stage == ALL),
    }
}

fn common(stage: &str, share: f64, points: &[&Point], sizes: &[usize]) -> Series {
    let at = |rows: &usize| {
        let found: Vec<&Stage> = points
            .iter()
            .filter(|point| point.task.rows == *rows)
            .filter_map(|point| point.measured.as_ref()?.stages.iter().find(|s| s.name == stage))
            .collect();
        let seconds = median(found.iter().map(|s| s.seconds).collect())?;
        Some(Cell {
            outcome: Ending::Measured,
            reason: None,
            limit_seconds: 0.0,
            seconds: Some(seconds),
            extra_mib: median(found.iter().filter_map(|s| s.extra_mib()).collect()),
            peak_mib: median(found.iter().filter_map(|s| s.peak_mib).collect()),
            pr_auc: None,
        })
    };
    series(Group::Common, (stage, ALL), share, sizes, sizes.iter().map(at).collect())
}

fn series(
    group: Group,
    (name, stage): (&str, &str),
    positives: f64,
    sizes: &[usize],
    cells: Vec<Option<Cell>>,
) -> Series {
    let (name, stage) = (name.to_owned(), stage.to_owned());
    let mut series = Series { group, name, stage, positives, cells, seconds_exponent: None, memory_exponent: None };
    series.seconds_exponent = exponent(&points(&series, sizes, |cell| cell.seconds), SECONDS_FLOOR);
    series.memory_exponent = exponent(&points(&series, sizes, |cell| cell.extra_mib), MIB_FLOOR);
    series
}

/// (rows, value) of every cell that has the value.
pub fn points(series: &Series, sizes: &[usize], value: fn(&Cell) -> Option<f64>) -> Vec<(f64, f64)> {
    let known = sizes.iter().zip(&series.cells).filter_map(|(rows, cell)| Some((*rows as f64, value(cell.as_ref()?)?)));
    known.collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}
