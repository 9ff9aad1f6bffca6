//! What a gate looks at: metrics, fit seconds, peak memory; each on a scale on which larger is worse.

use crate::analyze::leaderboard::value;
use crate::metric::Better;
use crate::store::Record;

/// Fits below this many seconds are all the same: the clock and the machine tell no more.
const LEAST_SECONDS: f64 = 0.1;
/// Likewise of memory, MiB: a worker without any work has about as much.
const LEAST_MEMORY: f64 = 64.0;

/// One thing that can become worse.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Measure {
    /// A metric of the study.
    Metric {
        /// Its id.
        id: String,
        /// Which end of it is good.
        better: Better,
    },
    /// Wall seconds of fitting.
    Seconds,
    /// The most memory that the worker had, MiB.
    Memory,
}

impl Measure {
    /// Its name in tables.
    pub fn name(&self) -> &str {
        match self {
            Measure::Metric { id, .. } => id,
            Measure::Seconds => "fit seconds",
            Measure::Memory => "peak memory (MiB)",
        }
    }

    /// The metric's id; none of a cost.
    pub fn metric(&self) -> Option<&str> {
        match self {
            Measure::Metric { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Whether it is seconds or memory, which are compared by their ratio and on one machine only.
    pub fn is_cost(&self) -> bool {
        !matches!(self, Measure::Metric { .. })
    }

    /// A record's value as people read it; none where it has none.
    pub fn value(&self, record: &Record) -> Option<f64> {
        match self {
            Measure::Metric { id, .. } => value(record.metrics.get(id)),
            Measure::Seconds => Some(record.seconds.fit),
            Measure::Memory => record.peak_memory_mib.map(|mib| mib as f64),
        }
    }

    /// The least cost that is told from less, in the cost's unit; none of a metric.
    pub fn floor(&self) -> Option<f64> {
        match self {
            Measure::Metric { .. } => None,
            Measure::Seconds => Some(LEAST_SECONDS),
            Measure::Memory => Some(LEAST_MEMORY),
        }
    }

    /// The least spread of a cost between fits that is believed, in its unit; none of a metric. Memory is told in whole units, and a
    /// machine keeps time no better.
    pub fn least_spread(&self) -> Option<f64> {
        match self {
            Measure::Metric { .. } => None,
            Measure::Seconds => Some(0.001),
            Measure::Memory => Some(1.0),
        }
    }

    /// That cost with its unit; empty of a metric.
    pub fn floor_words(&self) -> String {
        let unit = if matches!(self, Measure::Seconds) { "s" } else { "MiB" };
        self.floor().map_or_else(String::new, |floor| format!("{floor} {unit}"))
    }

    /// The same value on the scale on which larger is worse: costs by their logarithm.
    pub fn badness(&self, value: f64) -> f64 {
        match (self, self.floor()) {
            (Measure::Metric { better: Better::Higher, .. }, _) => -value,
            (_, None) => value,
            (_, Some(floor)) => value.max(floor).ln(),
        }
    }
}
