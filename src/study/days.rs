//! What counts by the day, and whether the parts keep whole days.

use super::Component;
use super::read::Faults;
use crate::component::{Classifier, Metric, Registry};
use crate::data::Role;
use crate::search::constraint::Constraint;
use crate::split::{Leaks, Protocol};

/// What counts by the day needs parts, inner ones too, that follow the time: others would spread each day's rows over all of
/// them, and so does a leak that divides rows at random. All that does is told to `faults`.
pub(super) fn check(
    metrics: &[&'static Metric],
    classifiers: &[Component<dyn Classifier>],
    (protocol, at_random): (&Protocol, Option<Leaks>),
    registry: &Registry,
    faults: &mut Faults,
) {
    let why = match (protocol.keeps_days(), at_random) {
        (true, None) => return,
        (true, Some(leaks)) => {
            format!("the leak `{leaks}` spreads a day's rows over the parts: leave one of them out")
        }
        (false, _) => format!(
            "`{}` spreads a day's rows over its parts: use a protocol that follows the time, such as `time-ordered`, `time-series` or \
             `prequential`",
            protocol.name()
        ),
    };
    let metrics = metrics.iter().filter(|metric| metric.whole_days).map(|metric| format!("metrics: `{}`", metric.id));
    let judged = classifiers.iter().flat_map(|classifier| by_day(classifier, registry));
    faults.0.extend(metrics.chain(judged).map(|by_day| format!("{by_day} counts by the day, and {why}")));
}

/// The keys of a classifier by which it is judged by the day: no family is by itself.
fn by_day(classifier: &Component<dyn Classifier>, registry: &Registry) -> Vec<String> {
    if !classifier.component.judged_by().contains(&Role::Time) {
        return Vec::new();
    }
    let (name, params) = (&classifier.name, &classifier.facts.params);
    let reads_time = |goal: &str| {
        registry.metric(goal).is_ok_and(|metric| metric.needs.iter().any(|need| need.role() == Some(Role::Time)))
    };
    let mut keys = Vec::new();
    if params["search"]["goal"].as_str().is_some_and(reads_time) {
        keys.push("`search.goal`");
    }
    if params["threshold"]["rule"] == Constraint::ALARMS_PER_DAY {
        keys.push("`threshold`");
    }
    // A family that searches has a parameter for its goal.
    if keys.is_empty() {
        keys.push("goal");
    }
    keys.iter().map(|key| format!("grid.classifiers: the {key} of `{name}`")).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::component::Registry;
    use crate::study::Study;

    fn said(protocol: &str, metrics: &str, classifier: &str) -> String {
        let text = format!(
            "name = 'x'\nmetrics = [{metrics}]\n[data]\npath = 'x.csv'\n[protocol]\nkind = '{protocol}'\n[grid]\nclassifiers = \
             [{classifier}]\n"
        );
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in());
        study.err().map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_counts_by_the_day_is_told_by_its_key_and_all_of_it() {
        let why = "counts by the day, and `hold-out` spreads a day's rows over its parts: use a protocol that follows the time, such as \
                   `time-ordered`, `time-series` or `prequential`";
        let goal = "{ family = 'decision-tree', search = { kind = 'grid', space = { max_depth = [3, 6] }, goal = \
                    'precision-at-per-day(9)' } }";
        let threshold = "{ family = 'lda', threshold = { alarms_per_day = 5 } }";
        let of = |classifier: &str| said("hold-out", "'pr-auc'", classifier);
        assert_eq!(of(goal), format!("x.toml: grid.classifiers: the `search.goal` of `decision-tree` {why}"));
        assert_eq!(of(threshold), format!("x.toml: grid.classifiers: the `threshold` of `lda` {why}"));
        let metrics = "'pr-auc', 'precision-at-per-day(5)', 'card-precision-at(3)'";
        let all = said("hold-out", metrics, &format!("{goal}, {threshold}, 'prior'"));
        assert_eq!(
            all,
            format!(
                "x.toml: 4 problems:\n  metrics: `precision-at-per-day(5)` {why}\n  metrics: `card-precision-at(3)` {why}\n  \
                 grid.classifiers: the `search.goal` of `decision-tree` {why}\n  grid.classifiers: the `threshold` of `lda` {why}"
            )
        );
        assert_eq!(said("time-ordered", metrics, &format!("{goal}, {threshold}")), "");
    }

    #[test]
    fn a_threshold_beside_a_search_and_members_that_count_by_the_day_are_told() {
        let why = "counts by the day, and `hold-out` spreads a day's rows over its parts: use a protocol that follows the time, such as \
                   `time-ordered`, `time-series` or `prequential`";
        let search = "search = { kind = 'grid', space = { tol = [0.1, 0.2] } }";
        let both = format!("{{ family = 'lda', threshold = {{ alarms_per_day = 5 }}, {search} }}");
        let of = |classifier: &str| said("hold-out", "'pr-auc'", classifier);
        assert_eq!(of(&both), format!("x.toml: grid.classifiers: the `threshold` of `lda` {why}"));
        assert_eq!(said("time-ordered", "'pr-auc'", &both), "");
        let tpot = "{ family = 'tpot', params = { goal = 'precision-at-per-day(5)' } }";
        for (family, key) in [
            ("voting", format!("estimators = ['lda', {tpot}]")),
            ("stacking", format!("estimators = ['lda', {tpot}]")),
            ("cascade", format!("stages = ['lda', {tpot}]")),
            ("bagging", format!("estimator = {tpot}")),
            ("balanced-bagging", format!("estimator = {tpot}")),
            ("easy-ensemble", format!("estimator = {tpot}")),
        ] {
            let classifier = format!("{{ family = '{family}', params = {{ {key} }} }}");
            assert_eq!(of(&classifier), format!("x.toml: grid.classifiers: the goal of `{family}` {why}"));
        }
        let searched = format!(
            "{{ family = 'bagging', params = {{ estimator = {tpot} }}, search = {{ kind = 'grid', space = {{ \
                                n_estimators = [2, 3] }} }} }}"
        );
        assert_eq!(of(&searched), format!("x.toml: grid.classifiers: the goal of `bagging` {why}"));
    }
}
