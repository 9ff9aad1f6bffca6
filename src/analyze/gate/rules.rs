//! What a gate is asked to do.

use super::measure::Measure;
use crate::analyze::best::{ALPHA, ROPE};
use crate::cell::Filter;
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::metric::Better;

/// Which differences count, and how sure they must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The metrics that are judged; empty for the study's primary one.
    pub metrics: Vec<String>,
    /// Only what is worse by more than this is a regression, in the metric's units.
    pub threshold: f64,
    /// The share of nights without a regression on which any alarm of this kind may be raised.
    pub alpha: f64,
    /// Fits that take more than so many times the seconds are a regression; none: not judged.
    pub seconds: Option<f64>,
    /// Likewise of peak memory.
    pub memory: Option<f64>,
    /// Metrics and the values that the best pipeline must reach.
    pub floors: Vec<(String, f64)>,
    /// The pipelines that are judged.
    pub filter: Filter,
}

/// The ratio of seconds, and of memory, from which on it is a regression.
pub const RATIO: f64 = 1.5;

impl Default for Rules {
    fn default() -> Self {
        Rules {
            metrics: Vec::new(),
            threshold: ROPE,
            alpha: ALPHA,
            seconds: Some(RATIO),
            memory: Some(RATIO),
            floors: Vec::new(),
            filter: Filter::default(),
        }
    }
}

impl Rules {
    /// The metrics by which a run is judged.
    pub(in crate::analyze) fn metrics_of(&self, primary: &str) -> Vec<String> {
        if self.metrics.is_empty() { vec![primary.to_owned()] } else { self.metrics.clone() }
    }

    /// What is judged, each with the threshold on the scale on which larger is worse; `better` says which end of a metric is good.
    pub(in crate::analyze) fn measures(&self, better: impl Fn(&str) -> Better) -> Vec<(Measure, f64)> {
        let metric = |id: &String| Measure::Metric { id: id.clone(), better: better(id) };
        let metrics = self.metrics.iter().map(|id| (metric(id), self.threshold));
        let costs = [(Measure::Seconds, self.seconds), (Measure::Memory, self.memory)];
        metrics.chain(costs.into_iter().filter_map(|(measure, ratio)| Some((measure, ratio?.ln())))).collect()
    }

    /// Refuses what no value of a metric can reach, or none can miss: an alarm every night, or none for ever. The metrics are named.
    pub(in crate::analyze) fn refuse_impossible(&self, registry: &Registry) -> Result<()> {
        let mut faults = Vec::new();
        for (id, wanted) in &self.floors {
            let (low, high) = registry.metric(id)?.range;
            if !(low..=high).contains(wanted) {
                faults.push(format!("`--fail-under {id}={wanted}`: {id} is {}", within(low, high)));
            }
        }
        for id in &self.metrics {
            let (low, high) = registry.metric(id)?.range;
            if self.threshold >= high - low {
                let of = within(low, high);
                faults.push(format!("`--threshold {}`: {id} is {of}, so nothing can be worse by more", self.threshold));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Usage(faults.join("; "))) }
    }
}

/// The range of a metric in words.
fn within(low: f64, high: f64) -> String {
    match (low == f64::MIN, high == f64::MAX) {
        (true, true) => "any number".into(),
        (true, false) => format!("{high} at most"),
        (false, true) => format!("{low} at least"),
        (false, false) => format!("from {low} to {high}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(metric: &str, threshold: f64, floors: &[(&str, f64)]) -> Option<String> {
        let floors = floors.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect();
        let rules = Rules { metrics: vec![metric.into()], threshold, floors, ..Rules::default() };
        rules.refuse_impossible(&Registry::built_in()).err().map(|e| e.to_string())
    }

    #[test]
    fn what_a_metric_cannot_be_is_refused_all_at_once() {
        let floors = [("recall", -5.0), ("pr-auc", 80.0), ("log-loss", -1.0), ("mcc", -1.0), ("pr-auc", 1.0)];
        let said = refused("pr-auc", 0.01, &floors).unwrap();
        let begin = "`--fail-under recall=-5`: recall is from 0 to 1; `--fail-under pr-auc=80`: pr-auc is from 0 to 1; \
                     `--fail-under log-loss=-1`: log-loss is from 0 to ";
        assert!(said.starts_with(begin), "{said}");
        assert!(!said.contains("mcc") && !said.contains("pr-auc=1`"), "the ends can be reached: {said}");
        assert_eq!(
            refused("pr-auc", 1.0, &[]).unwrap(),
            "`--threshold 1`: pr-auc is from 0 to 1, so nothing can be worse by more"
        );
        // From -1 to 1.
        assert_eq!(refused("mcc", 1.5, &[]), None);
        assert!(refused("mcc", 2.0, &[]).is_some());
    }

    #[test]
    fn what_has_no_end_may_be_any_number_there() {
        let (cost, savings) = ("cost(2.5)", "savings(2.5)");
        assert_eq!(refused(cost, 1e9, &[(cost, 1e12), (savings, -7.0)]), None);
        assert_eq!(
            refused(cost, 0.01, &[(cost, -1.0), (savings, 1.5)]).unwrap(),
            "`--fail-under cost(2.5)=-1`: cost(2.5) is 0 at least; `--fail-under savings(2.5)=1.5`: savings(2.5) is 1 at most"
        );
    }
}
