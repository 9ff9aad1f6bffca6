//! Every parameter that a component refuses, where it tells one after the other.

use toml::{Table, Value};

use super::given::PASSED_ON;

/// What is refused first, and what is refused of the parameters that it does not name: `tried` says what is wrong with a table.
pub(super) fn told(first: String, table: &Table, tried: &mut dyn FnMut(&Table) -> Option<String>) -> String {
    // What a list holds is named by its number.
    let mentions = |said: &str, key: &str| said.contains(&format!("`{key}`")) || said.contains(&format!("`{key}["));
    let passed_on = |key: &str| table.get(key).and_then(Value::as_table).filter(|_| PASSED_ON.contains(&key));
    let names = |said: &str, key: &str| {
        mentions(said, key) || passed_on(key).is_some_and(|own| own.keys().any(|own| mentions(said, own)))
    };
    let (mut left, mut out, mut all) = (table.clone(), Vec::new(), first.clone());
    let mut last = first;
    loop {
        let named: Vec<String> = left.keys().filter(|key| names(&last, key)).cloned().collect();
        if named.is_empty() {
            return all;
        }
        named.iter().for_each(|key| drop(left.remove(key)));
        out.extend(named);
        match tried(&left) {
            // What names a parameter that is out may be wrong only because it is.
            Some(more) if !out.iter().any(|key| names(&more, key)) => {
                all = format!("{all}; {more}");
                last = more;
            }
            _ => return all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    #[test]
    fn parameters_that_are_out_of_range_are_told_at_once() {
        let registry = Registry::built_in();
        let said = |family: &str, table: &str| {
            let entry = registry.classifier(family, None).unwrap();
            entry.build(&table.parse().unwrap(), &registry).err().unwrap().to_string()
        };
        let both = said("random-forest", "n_estimators = 0\nmin_samples_leaf = 0\nmin_samples_split = 1");
        for key in ["n_estimators", "min_samples_leaf", "min_samples_split"] {
            assert_eq!(both.matches(&format!("`{key}`")).count(), 1, "{both}");
        }
        assert_eq!(both.matches("`random-forest`: ").count(), 3, "{both}");
        // One of a wrong type beside one out of range.
        let types = said("random-forest", "criterion = 7\nn_estimators = 0");
        assert!(
            types.contains("parameter `criterion`: ") && types.contains("; `random-forest`: `n_estimators`"),
            "{types}"
        );
        let prequential = registry.split("prequential").unwrap();
        let table = "train = 0\ntest = 0\nfolds = 0\nstart = 'x'".parse().unwrap();
        assert_eq!(
            prequential.build(&table, &registry).err().unwrap().to_string(),
            "`prequential`: `folds` is 1 or more, not 0; `prequential`: `train` is 1 or more, not 0; `prequential`: `test` is 1 or \
             more, not 0; `prequential`: `start` is a day such as `2018-07-25`, or its number, not `x`"
        );
    }

    #[test]
    fn what_is_out_of_range_is_told_with_what_was_found() {
        let registry = Registry::built_in();
        let said = |family: &str, table: &str| {
            let entry = registry.classifier(family, None).unwrap();
            entry.build(&table.parse().unwrap(), &registry).err().unwrap().to_string()
        };
        for (family, table, told) in [
            ("decision-tree", "max_depth = 0", "`max_depth` must be at least 1, not 0"),
            ("decision-tree", "min_samples_split = 1", "`min_samples_split` must be at least 2, not 1"),
            ("decision-tree", "min_samples_split = 1.5", "`min_samples_split` as a share must lie in (0, 1], not 1.5"),
            ("decision-tree", "min_samples_leaf = 1.0", "`min_samples_leaf` as a share must lie in (0, 1), not 1"),
            (
                "decision-tree",
                "min_weight_fraction_leaf = 0.75",
                "`min_weight_fraction_leaf` must lie in [0, 0.5], not 0.75",
            ),
            ("decision-tree", "max_leaf_nodes = 1", "`max_leaf_nodes` must be at least 2, not 1"),
            ("decision-tree", "ccp_alpha = -0.5", "`ccp_alpha` must be 0 or more, not -0.5"),
            ("decision-tree", "monotonic_cst = [2]", "`monotonic_cst` must be -1, 0 or 1 for each column, not 2"),
            ("random-forest", "max_features = 1.5", "`max_features` as a share must lie in (0, 1], not 1.5"),
            ("random-forest", "max_samples = -0.5", "`max_samples` as a share must be above 0, not -0.5"),
            ("random-forest", "n_estimators = 0", "`n_estimators` must be at least 1, not 0"),
            ("isolation-forest", "max_samples = 0", "`max_samples` must be at least 1, not 0"),
            ("bagging", "max_samples = 1.5", "`max_samples` as a share must lie in (0, 1], not 1.5"),
            ("adaboost", "learning_rate = 0.0", "`learning_rate` must be positive and finite, not 0"),
            ("rus-boost", "learning_rate = -1.0", "`learning_rate` must be positive and finite, not -1"),
            ("linear-svc", "max_iter = 0", "`max_iter` must be at least 1, not 0"),
            ("lof", "n_neighbors = 0", "`n_neighbors` must be at least 1, not 0"),
        ] {
            assert_eq!(said(family, table), format!("`{family}`: {told}"));
        }
    }

    #[test]
    fn what_is_wrong_only_without_a_parameter_is_not_told() {
        let table: Table = "ratio = 2\npenalty = 'both'".parse().unwrap();
        let mut tried = |left: &Table| {
            let lacks = left.contains_key("penalty") && !left.contains_key("ratio");
            lacks.then(|| "`penalty` needs `ratio`".to_owned())
        };
        assert_eq!(told("`ratio` is a share".into(), &table, &mut tried), "`ratio` is a share");
        assert_eq!(told("it is too large".into(), &table, &mut tried), "it is too large");
    }
}
