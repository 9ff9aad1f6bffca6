//! What a study is told that is no fault of it.

use toml::{Table, Value};

use super::{Component, Study};
use crate::component::{Classifier, Entry, Registry};
use crate::search::space::Space;
use crate::words::counted;

impl Study {
    /// Parameters of its components that change nothing, a sentence for each reason, and searches that run out of candidates.
    pub(crate) fn notes(&self) -> Vec<String> {
        let registry = &self.registry;
        [
            idle("imputers", &self.imputers, registry.imputers(), registry),
            idle("resamplers", &self.resamplers, registry.resamplers(), registry),
            idle("encoders", &self.encoders, registry.encoders(), registry),
            idle("scalers", &self.scalers, registry.scalers(), registry),
            idle("selects", &self.selects, registry.selects(), registry),
            idle("classifiers", &self.classifiers, registry.classifiers(), registry),
            self.classifiers.iter().filter_map(exhausted).collect(),
        ]
        .concat()
    }
}

/// Parameters that change nothing in a list of `[grid]`.
fn idle<T: ?Sized>(
    key: &str,
    components: &[Component<T>],
    entries: &[&'static Entry<T>],
    registry: &Registry,
) -> Vec<String> {
    let of_one = |one: &Component<T>| -> Vec<String> {
        let is_it = |entry: &&&'static Entry<T>| entry.id == one.facts.id && entry.backend == one.facts.backend;
        let Some(entry) = entries.iter().find(is_it) else { return Vec::new() };
        let inner = |keys: &[&str]| -> Table {
            let found = keys.iter().try_fold(&one.given, |table, key| table.get(*key));
            found.and_then(Value::as_table).cloned().unwrap_or_default()
        };
        let (params, space) = (inner(&["params"]), inner(&["search", "space"]));
        let mut said = entry.without_effect(&params, &space, registry);
        said.extend(idle_in_parts(&params, registry));
        said.into_iter().map(|said| format!("grid.{key}: `{}`: {said}", one.name)).collect()
    };
    components.iter().flat_map(of_one).collect()
}

/// Parameters that hold resamplers; other parts are classifiers.
const OF_RESAMPLERS: [&str; 2] = ["sampler", "steps"];

/// The same in the components that a component is made of, at any depth.
fn idle_in_parts(params: &Table, registry: &Registry) -> Vec<String> {
    let parts = params.iter().flat_map(|(key, value)| match value {
        Value::Array(values) => values.iter().map(|value| (key, value)).collect(),
        value => vec![(key, value)],
    });
    let of_part = |(key, part): (&String, &Value)| -> Option<Vec<String>> {
        let part = part.as_table()?;
        let text = |key: &str| part.get(key).and_then(Value::as_str);
        let mut params = part.get("params").and_then(Value::as_table).cloned().unwrap_or_default();
        let id = text("family").or_else(|| text("id"))?;
        // Parameters may stand beside an `id`, too.
        let beside = part.iter().filter(|(key, _)| !["family", "id", "backend", "params"].contains(&key.as_str()));
        params.extend(beside.map(|(key, value)| (key.clone(), value.clone())));
        let none = Table::new();
        let mut said = match OF_RESAMPLERS.contains(&key.as_str()) {
            true => registry.resampler(id).ok()?.without_effect(&params, &none, registry),
            false => registry.classifier(id, text("backend")).ok()?.without_effect(&params, &none, registry),
        };
        said.extend(idle_in_parts(&params, registry));
        Some(said.into_iter().map(|said| format!("`{id}` in `{key}`: {said}")).collect())
    };
    parts.filter_map(of_part).flatten().collect()
}

/// That a search asks for more candidates than its space has.
fn exhausted(one: &Component<dyn Classifier>) -> Option<String> {
    let search = &one.facts.params["search"];
    let asked = search["candidates"].as_u64()?;
    let space = Space::read(one.given.get("search")?.get("space")?.as_table()?).ok()?;
    let all = space.size().filter(|all| *all < asked)?;
    Some(format!(
        "grid.classifiers: `{}`: `candidates` of `search` asks for {asked}, and its space has {}: more cannot be tried",
        one.name,
        counted(all, "candidate")
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::component::Registry;

    fn notes(grid: &str) -> Vec<String> {
        let text = format!("name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n[grid]\n{grid}\n");
        Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap().notes()
    }

    #[test]
    fn a_space_with_fewer_candidates_than_asked_for_is_told() {
        let notes = |search: &str| {
            notes(&format!("classifiers = [{{ family = 'decision-tree', name = 'found', search = {{ {search} }} }}]"))
        };
        let told = |asked: u64| {
            format!(
                "grid.classifiers: `found`: `candidates` of `search` asks for {asked}, and its space has 6 candidates: more cannot be tried"
            )
        };
        let space = "space = { max_depth = { low = 1, high = 3 }, criterion = ['gini', 'entropy'] }";
        for kind in ["random", "tpe", "halving"] {
            // 60 is the default.
            assert_eq!(notes(&format!("kind = '{kind}', {space}")), [told(60)], "{kind}");
            assert_eq!(notes(&format!("kind = '{kind}', candidates = 7, {space}")), [told(7)], "{kind}");
            assert_eq!(notes(&format!("kind = '{kind}', candidates = 6, {space}")), Vec::<String>::new(), "{kind}");
        }
        assert_eq!(notes("kind = 'grid', space = { max_depth = [3] }"), Vec::<String>::new());
        assert_eq!(
            notes("kind = 'random', space = { max_features = { low = 0.1, high = 0.2 } }"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn parameters_that_change_nothing_are_told_with_the_name_of_their_entry() {
        let notes = |classifiers: &str| notes(&format!("classifiers = [{classifiers}]"));
        assert_eq!(
            notes(
                "'svc', { family = 'lightgbm', name = 'half', params = { subsample = 0.5 } }, { family = 'svc', name = 'found', \
                 search = { kind = 'grid', space = { degree = [2, 3] } } }"
            ),
            [
                "grid.classifiers: `half`: `subsample` has no effect: it needs `subsample_freq` of 1 or more",
                "grid.classifiers: `found`: `degree` has no effect: it needs `kernel = \"poly\"`",
            ]
        );
        assert_eq!(notes("{ family = 'svc', params = { kernel = 'poly', degree = 2 } }"), Vec::<String>::new());
    }

    #[test]
    fn those_of_every_list_of_the_grid_are_told() {
        assert_eq!(
            notes(
                "resamplers = [{ id = 'near-miss', params = { n_neighbors_ver3 = 5 } }]\n\
                 encoders = [{ id = 'target', params = { shuffle = false, random_state = 3 } }]\n\
                 scalers = [{ id = 'robust', name = 'centred', params = { with_scaling = false, quantile_range = [10.0, 90.0] } }]\n\
                 selects = [{ id = 'select-k-best', params = { k = 2, n_neighbors = 5 } }]\nclassifiers = ['prior']"
            ),
            [
                "grid.resamplers: `near-miss`: `n_neighbors_ver3` has no effect: it needs `version = 3`",
                "grid.encoders: `target`: `random_state` has no effect: it needs `shuffle = true`",
                "grid.scalers: `centred`: `quantile_range` has no effect: it needs `with_scaling = true`",
                "grid.selects: `select-k-best`: `n_neighbors` has no effect: it needs `score_func = \"mutual_info_classif\"`",
            ]
        );
    }

    #[test]
    fn those_of_members_and_steps_are_told_with_their_place() {
        let of_subsample =
            "`lightgbm` in `estimator`: `subsample` has no effect: it needs `subsample_freq` of 1 or more";
        let steps = "steps = ['tomek-links', { id = 'near-miss', n_neighbors_ver3 = 5 }]";
        let by_family = "estimator = { family = 'lightgbm', params = { subsample = 0.5 } }";
        let by_id = "{ family = 'bagging', params = { estimator = { id = 'lightgbm', subsample = 0.5 } } }";
        assert_eq!(
            notes(&format!(
                "resamplers = [{{ id = 'chain', name = 'two', params = {{ {steps} }} }}]\n\
                 classifiers = [{{ family = 'bagging', name = 'bag', params = {{ {by_family} }} }}, \
                 {{ family = 'voting', name = 'both', params = {{ estimators = ['prior', {by_id}] }} }}]"
            )),
            [
                "grid.resamplers: `two`: `near-miss` in `steps`: `n_neighbors_ver3` has no effect: it needs `version = 3`".to_owned(),
                format!("grid.classifiers: `bag`: {of_subsample}"),
                format!("grid.classifiers: `both`: `bagging` in `estimators`: {of_subsample}"),
            ]
        );
    }
}
