//! What models said of their test rows, where runs kept it: how the metric depends on single rows.

use rayon::prelude::*;

use super::Run;
use super::sample::{Part, Sample};
use crate::analyze::leaderboard::{Pipeline, value};
use crate::analyze::statistics::by_rows::Spread;
use crate::error::{Error, Result};
use crate::metric::{Metric, Scored};
use crate::store::{Predictions, Record, SplitRows};

/// Where predictions come from: those of a run's record, and the rows that they are of; none where they were not kept.
pub type Kept<'k> = dyn Fn(&Run, &Record) -> Result<Option<(Predictions, SplitRows)>> + Sync + 'k;

/// Gives samples what predictions tell: of the new run, and of the runs before it if it has any itself. Says why some are not used.
pub(super) fn tell(
    (pipeline, metric): (&Pipeline, &'static Metric),
    base: &mut [(&Part<'_>, Sample<'_>)],
    new: (&Part<'_>, &mut Sample<'_>),
    kept: &Kept<'_>,
) -> Vec<String> {
    let mut refused = Vec::new();
    let mut of = |part: &Part<'_>| match spreads(part, pipeline, metric, kept) {
        Ok(spreads) => spreads,
        Err(e) => {
            refused.push(format!("predictions of {} not used: {e}", part.run.map_or("", |run| run.name.as_str())));
            None
        }
    };
    let Some(own) = of(new.0) else { return refused };
    let mut is_needed = false;
    for (part, sample) in base {
        if let Some(spreads) = of(part) {
            let is_on_rows = sample.has_rows_of(new.1);
            is_needed |= is_on_rows;
            sample.set_spreads(spreads, is_on_rows);
        }
    }
    new.1.set_spreads(own, is_needed);
    refused
}

/// How the metric depends on the rows of each split with a value, in plan order; none unless all are there.
fn spreads(
    part: &Part<'_>,
    pipeline: &Pipeline,
    metric: &'static Metric,
    kept: &Kept<'_>,
) -> Result<Option<Vec<Spread>>> {
    let Some((run, group)) = part.run.zip(part.group(pipeline)) else { return Ok(None) };
    let records: Vec<&Record> =
        group.scored().filter(|record| value(record.metrics.get(metric.id)).is_some()).collect();
    let of = |record: &&Record| match kept(run, record)? {
        Some((said, rows)) => {
            let name = || record.cell.named(run.results.has_several_data_sets());
            spread(record, metric, (&said, &rows), &name)
        }
        None => Ok(None),
    };
    records.par_iter().map(of).collect()
}

/// That of one split, if the predictions are those that the record was scored by; `name` is what its cell is called.
fn spread(
    record: &Record,
    metric: &'static Metric,
    (said, rows): (&Predictions, &SplitRows),
    name: &dyn Fn() -> String,
) -> Result<Option<Spread>> {
    let (sides, y) = (rows.test.sides(), &rows.test.y);
    let scored = Scored::new(y, &said.test)?.with(&sides)?;
    let is_same = Some(scored.confusion) == record.confusion
        && value(Some(&metric.score(&scored))) == value(record.metrics.get(metric.id));
    if !is_same {
        return Err(Error::Store(format!("those of {} do not give its record's scores", name())));
    }
    let key = record.rows.as_deref().unwrap_or_default();
    Ok(Spread::of(metric, y, &said.test, &sides, key))
}
