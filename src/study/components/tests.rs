//! What is said of wrong components, and what their short forms stand for.

use super::*;

fn resamplers(listed: &str) -> Result<Vec<Component<dyn Resampler>>, String> {
    let (registry, mut faults) = (Registry::built_in(), Faults::default());
    let grid: Table = format!("resamplers = [{listed}]").parse().unwrap();
    let read = components(&grid, "resamplers", &resampler_slot(&registry), &["none"], &mut faults);
    if faults.0.is_empty() { Ok(read) } else { Err(faults.0.join("; ")) }
}

#[test]
fn a_parameter_outside_of_params_is_told_where_it_belongs() {
    let said = |table: &str| resamplers(table).err().unwrap();
    let beside = said("{ id = 'smote', k_neighbors = 3, sampling_strategy = 0.5, of = 7 }");
    assert!(beside.contains("`k_neighbors`; did you mean `k_neighbors` in its `params`? Allowed: id, "), "{beside}");
    assert!(beside.contains("`sampling_strategy`; did you mean `sampling_strategy` in its `params`?"), "{beside}");
    assert!(beside.contains("`of`") && !beside.contains("`of` in its"), "{beside}");
    // What the component would refuse is no parameter of it.
    assert!(!said("{ id = 'smote', k_neighbours = 3 }").contains("in its `params`"));
}

#[test]
fn what_is_said_of_one_of_several_has_its_name() {
    let said = |table: &str| resamplers(table).err().unwrap();
    assert_eq!(
        said("{ id = 'smote', name = 'few', params = { k_neighbors = 0 } }"),
        said("{ id = 'smote', params = { k_neighbors = 0 } }").replace("`smote`: ", "`smote` (`few`): ")
    );
    let both = said("{ id = 'smote', name = 'few', params = { k_neighbours = 3, m = 1 } }");
    assert_eq!(both.matches("unknown parameter of `smote` (`few`) `").count(), 2, "{both}");
    let key = said("{ id = 'smote', name = 'few', parms = {} }");
    assert!(
        key.starts_with("grid.resamplers: `few`: unknown key of a resampler `parms`; did you mean `params`?"),
        "{key}"
    );
    let backend = said("{ id = 'smote', name = 'few', backend = 'nativ' }");
    assert!(backend.starts_with("grid.resamplers: unknown backend of resampler `smote` (`few`) `nativ`"), "{backend}");
    // A name that says no more than the id is not told.
    assert!(!said("{ id = 'smote', name = 'smote', params = { k_neighbors = 0 } }").contains('('));
}

#[test]
fn wrong_parameters_hide_nothing_of_the_keys_beside_them() {
    let (registry, mut faults) = (Registry::built_in(), Faults::default());
    let grid: Table = "classifiers = [{ family = 'svc', name = 'a b', backend = 3, parms = {}, threshold = 'max-f2', search = { \
                       kind = 'grid', space = { C = [] } } }, { family = 'svc', name = 'mine', params = { D = 1, C = -1 }, calibrate = \
                       'isotnic', search = { kind = 'grid', space = { C = [1.0] } } }, { family = 'swc', threshold = 'max-f2' }, { \
                       threshold = 'max-f2', params = 3 }]"
        .parse()
        .unwrap();
    components(&grid, "classifiers", &classifier_slot(&registry), &[], &mut faults);
    let wanted = [
        "`a b`: unknown key of a classifier `parms`; did you mean `params`?",
        "backend: 3 must be a text in quotes",
        "`a b`: threshold: unknown rule `max-f2`; did you mean `max-f1`?",
        "`a b`: search: space, `C`: the list is empty",
        "the name `a b` must begin with a letter",
        // Both parameters are told, by the component itself.
        "unknown parameter of `svc` (`mine`) `D`",
        "`mine`: unknown calibrate `isotnic`; did you mean `isotonic`?",
        "`mine`: search: `C` is in `params` and in `space`: a parameter is fixed or searched",
        "unknown classifier `swc`; did you mean `svc`?",
        "`swc`: threshold: unknown rule `max-f2`; did you mean `max-f1`?",
        "params: must be a table",
        "`family` is missing",
        "threshold: unknown rule `max-f2`; did you mean `max-f1`?",
    ];
    assert_eq!(faults.0.len(), wanted.len(), "{:#?}", faults.0);
    for (said, wanted) in faults.0.iter().zip(wanted) {
        assert!(said.starts_with(&format!("grid.classifiers: {wanted}")), "{wanted}: {said}");
    }
    let said = resamplers("{ id = 'smote', params = { k_neighbors = 0 }, on = 'scald' }").err().unwrap();
    assert!(said.contains("`k_neighbors`"), "{said}");
    assert!(
        said.contains("; grid.resamplers: `smote`: unknown value of `on` `scald`; did you mean `scaled`?"),
        "{said}"
    );
}

#[test]
fn what_must_be_given_is_not_searched() {
    let said = |classifier: &str| {
        let (registry, mut faults) = (Registry::built_in(), Faults::default());
        let grid: Table = format!("classifiers = [{classifier}]").parse().unwrap();
        components(&grid, "classifiers", &classifier_slot(&registry), &[], &mut faults);
        faults.0
    };
    let search = "search = { kind = 'grid', space = { estimators = [['gaussian-nb', 'lda'], ['prior', 'lda']] } }";
    let told = "must be in `params`: what a family cannot be without is not searched";
    assert_eq!(
        said(&format!("{{ family = 'voting', name = 'v', {search} }}")),
        [format!("grid.classifiers: `voting` (`v`): `estimators` {told}")]
    );
    // What is wrong beside it is told, too.
    let both =
        said(&format!("{{ family = 'voting', params = {{ voting = 'sofft' }}, calibrate = 'isotnic', {search} }}"));
    assert_eq!(both.len(), 3, "{both:?}");
    assert_eq!(both[0], format!("grid.classifiers: `voting`: `estimators` {told}"));
    assert!(both[1].contains("did you mean `soft`?") && both[2].contains("did you mean `isotonic`?"), "{both:?}");
    // What is missing altogether is told as that.
    let missing = said("{ family = 'voting' }");
    assert!(missing.len() == 1 && missing[0].contains("`estimators` must list the members"), "{missing:?}");
}

#[test]
fn a_chain_in_short_may_act_on_scaled_rows() {
    let plain = resamplers("'near-miss+edited-nearest-neighbours'").unwrap().remove(0);
    let scaled = resamplers("{ id = 'near-miss+edited-nearest-neighbours', on = 'scaled' }").unwrap().remove(0);
    assert_eq!((scaled.name.as_str(), scaled.facts.id.as_str()), ("near-miss+edited-nearest-neighbours", "chain"));
    assert!(scaled.is_on_scaled() && !plain.is_on_scaled());
    assert_eq!(scaled.facts.params["steps"], plain.facts.params["steps"]);
    let named = resamplers("{ id = 'near-miss+tomek-links', name = 'both' }").unwrap().remove(0);
    assert_eq!((named.name.as_str(), named.facts.params["steps"][1]["id"].as_str()), ("both", Some("tomek-links")));
    let said = resamplers("{ id = 'smote+tomek-links', params = { k_neighbors = 3 } }").err().unwrap();
    assert!(said.contains("`smote+tomek-links` has no `params` of its own: write `id = \"chain\"`"), "{said}");
}

#[test]
fn what_is_written_for_scaled_rows_is_the_same_resampler() {
    for given in [
        "'smote'",
        "'near-miss+edited-nearest-neighbours'",
        "{ id = 'smote', name = 'few', params = { k_neighbors = 3 } }",
        "{ id = 'chain', params = { steps = [{ id = 'tomek-links' }, { id = 'smote', k_neighbors = 3 }] } }",
        "{ id = 'random-undersampling', on = 'raw' }",
    ] {
        let before = resamplers(given).unwrap().remove(0);
        let written = before.written_on_scaled();
        assert!(!written.contains('\n'), "{written}");
        let mut behind = resamplers(&written).unwrap().remove(0);
        assert!(behind.is_on_scaled() && behind.name == before.name, "{written}");
        behind.facts.params.as_object_mut().unwrap().remove(ON);
        assert_eq!(behind.facts, before.facts, "{written}");
    }
    assert_eq!(resamplers("'smote'").unwrap()[0].written_on_scaled(), "{ id = \"smote\", on = \"scaled\" }");
}
