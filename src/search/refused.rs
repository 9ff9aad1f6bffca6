//! What a family refuses of the candidates of a search.

use toml::{Table, Value};

use super::searched::{Family, Method, Spec, build};
use super::space::Space;
use crate::component::{Metric, Need};
use crate::words::listed;

/// Why the family refuses candidates beside its parameters `fixed`: a sentence for each value that it never takes, and for the first
/// candidate that has none of these. It is asked of all candidates of a grid, else of every listed value and the ends of ranges.
pub(super) fn refused(family: Family<'_>, fixed: &Table, spec: &Spec) -> Vec<String> {
    let why = |params: &Table| build(family, fixed, params).err().map(|e| e.to_string());
    let candidates = match spec.kind {
        Method::Grid => spec.space.grid(),
        _ => Ok(spec.space.probes()),
    };
    let candidates = match candidates {
        Ok(candidates) => candidates,
        Err(e) => return vec![e.to_string()],
    };
    let (taken, mut left): (Vec<&Table>, Vec<&Table>) = candidates.iter().partition(|params| why(params).is_none());
    if left.is_empty() {
        return Vec::new();
    }
    let with = |params: &Table, name: &str, value: &Value| {
        let mut with = params.clone();
        with.insert(name.to_owned(), value.clone());
        with
    };
    // Values that are taken together, beside which each is tried: it may need others.
    let sound = taken.first().map_or_else(
        || {
            spec.space.0.iter().fold(Table::new(), |sound, (name, domain)| {
                let values = domain.extremes();
                let more = values.iter().map(|value| with(&sound, name, value)).find(|more| why(more).is_none());
                more.unwrap_or(sound)
            })
        },
        |taken| (*taken).clone(),
    );
    let mut told: Vec<String> = Vec::new();
    for (name, domain) in &spec.space.0 {
        for value in domain.extremes().iter().filter(|value| taken.iter().all(|params| params[name] != **value)) {
            let Some(said) = why(&with(&sound, name, value)) else { continue };
            left.retain(|params| params[name] != *value);
            if !told.contains(&said) {
                told.push(said);
            }
        }
    }
    let first = left.first().and_then(|params| why(params)).filter(|said| !told.contains(said));
    told.extend(first);
    told
}

/// Why candidates cannot be judged by `goal`: it needs probabilities, and these say none. Of a study's classifier all candidates are
/// asked that [`Space::probes`] has.
pub(crate) fn unjudged(family: Family<'_>, fixed: &Table, space: &Space, goal: &Metric) -> Option<String> {
    if !goal.needs.contains(&Need::Probabilities) {
        return None;
    }
    let probes = space.probes();
    let built = probes.iter().filter_map(|params| Some((params, build(family, fixed, params).ok()?)));
    let (deciding, others): (Vec<_>, Vec<_>) = built.partition(|(_, classifier)| classifier.decides_only());
    let (first, _) = deciding.first()?;
    let values: Vec<String> = first.iter().map(|(name, value)| format!("`{name} = {value}`")).collect();
    let with = if others.is_empty() { String::new() } else { format!(" with {}", listed(&values)) };
    Some(format!(
        "the goal `{}` needs probabilities, and `{}` says none{with}: candidates are judged before `calibrate`, so take a goal that \
         ranks, such as `pr-auc`",
        goal.id, family.0.id
    ))
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::wrapped;

    fn said(family: &str, search: &str) -> Vec<String> {
        let keys = format!("search = {{ folds = 2, {search} }}");
        let said = wrapped(family, &keys).err().map(|e| match e {
            crate::error::Error::Several(all) => all,
            other => vec![other.to_string()],
        });
        said.unwrap_or_default()
    }

    #[test]
    fn every_value_that_is_refused_is_told_once() {
        let space =
            "space = { max_depth = [0, -1, 3], min_samples_leaf = [0], criterion = ['ginni', 'gini', 'entropi'] }";
        for kind in ["grid", "random"] {
            let told = said("decision-tree", &format!("kind = '{kind}', {space}"));
            let wanted = [
                "search: `decision-tree`: `max_depth` must be at least 1, not 0",
                "search: `decision-tree`: `max_depth` must be at least 1, not -1",
                "search: `decision-tree`: `min_samples_leaf` must be at least 1, not 0",
                "search: `decision-tree`, parameter `criterion`: unknown value `ginni`; did you mean `gini`? Allowed: gini, entropy, \
                 log_loss",
                "search: `decision-tree`, parameter `criterion`: unknown value `entropi`; did you mean `entropy`? Allowed: gini, \
                 entropy, log_loss",
            ];
            assert_eq!(told, wanted, "{kind}");
        }
        // Both ends of a range.
        let told = said("decision-tree", "kind = 'random', space = { max_depth = { low = -2, high = 0 } }");
        assert_eq!(told.len(), 2, "{told:?}");
    }

    #[test]
    fn what_needs_another_searched_value_is_no_fault_of_its_own() {
        // `l1_ratio` of none goes with any other penalty, and `elasticnet` with any number.
        let both = "penalty = ['elasticnet', 'l2'], l1_ratio = ['none', 0.5]";
        let told = said("sgd", &format!("kind = 'grid', space = {{ {both} }}"));
        assert_eq!(told, ["search: `sgd`: the penalty `elasticnet` needs an `l1_ratio`"]);
        // A value that is refused beside each of the others is told for itself.
        let told = said("sgd", &format!("kind = 'grid', space = {{ {both}, eta0 = [-1.0, 0.5] }}"));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("`eta0`") && told[1].contains("needs an `l1_ratio`"), "{told:?}");
        let fine = "kind = 'grid', space = { penalty = ['elasticnet', 'l2'], l1_ratio = [0.1, 0.5] }";
        assert_eq!(said("sgd", fine), Vec::<String>::new());
    }
}
