//! What a study is told that is no fault of it.

use toml::{Table, Value};

use super::goals::is_given;
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
            self.classifiers.iter().filter_map(unbred).collect(),
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
        // A program's or a class's own parameters are no components of ours.
        if !is_given(&one.facts.id) {
            said.extend(idle_in_parts(&params, registry));
        }
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

/// That the first generation of `tpot` is the last, as it may try no more pipelines.
fn unbred(one: &Component<dyn Classifier>) -> Option<String> {
    if is_given(&one.facts.id) {
        return None;
    }
    let wrapped = one.facts.params.get("params");
    let params = wrapped.filter(|params| params.is_object()).unwrap_or(&one.facts.params);
    let number = |key: &str| params.get(key).and_then(serde_json::Value::as_u64);
    let (population, evaluations) = (number("population")?, number("evaluations")?);
    (population >= evaluations).then(|| {
        let (are, them) = if evaluations == 1 { ("is", "it") } else { ("are", "them") };
        format!(
            "grid.classifiers: `{}`: `population` is {population}, and `evaluations` {evaluations}: {} {are} tried, and none is bred \
             of {them}",
            one.name,
            counted(evaluations, "pipeline")
        )
    })
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
    fn a_population_that_is_never_bred_of_is_told() {
        let notes = |params: &str, more: &str| {
            notes(&format!("classifiers = [{{ family = 'tpot', name = 'bred', params = {{ {params} }} {more} }}]"))
        };
        let told = |population: u64| {
            format!(
                "grid.classifiers: `bred`: `population` is {population}, and `evaluations` 12: 12 pipelines are tried, and none is bred \
                 of them"
            )
        };
        for more in ["", ", threshold = 'max-f1'"] {
            assert_eq!(notes("population = 200, evaluations = 12", more), [told(200)]);
            // 20 is the default.
            assert_eq!(notes("evaluations = 12", more), [told(20)]);
            assert_eq!(notes("population = 12, evaluations = 12", more), [told(12)]);
            assert_eq!(notes("population = 11, evaluations = 12", more), Vec::<String>::new());
            let one = notes("population = 20, evaluations = 1", more);
            assert!(one[0].ends_with("`evaluations` 1: 1 pipeline is tried, and none is bred of it"), "{one:?}");
            assert_eq!(notes("population = 6, evaluations = 12", more), Vec::<String>::new());
        }
    }

    #[test]
    fn parameters_of_what_is_not_ours_are_not_looked_at() {
        let params = "params = { population = 20, evaluations = 12, estimator = { family = 'lightgbm', params = { subsample = 0.5 } } }";
        for given in ["python = 'mine:Model'", "family = 'external', command = ['mine']"] {
            assert_eq!(notes(&format!("classifiers = [{{ {given}, {params} }}]")), Vec::<String>::new(), "{given}");
        }
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
