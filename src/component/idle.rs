//! Parameters that change nothing beside others, which their library takes without a word: a study that compares values of one
//! compares nothing.

use serde_json::Value;
use toml::Table;

use super::{Entry, Registry};
use crate::words::{agree, listed};

/// Parameters that need another one.
#[derive(Debug, Clone, Copy)]
pub struct Idle {
    /// Which.
    pub names: &'static [&'static str],
    /// What they need, such as "`subsample_freq` of 1 or more".
    pub needs: &'static str,
    /// The parameter that decides.
    pub by: &'static str,
    /// Whether its value, with every default filled in, lets them act.
    pub acts: fn(&Value) -> bool,
}

impl Idle {
    /// Parameters that `by` lets act, or not.
    pub const fn new(
        names: &'static [&'static str],
        needs: &'static str,
        by: &'static str,
        acts: fn(&Value) -> bool,
    ) -> Self {
        Idle { names, needs, by, acts }
    }

    /// For listings: what is without effect when.
    pub fn said(&self) -> String {
        format!("{} {} {}", quoted(self.names), agree(self.names.len(), "needs", "need"), self.needs)
    }
}

fn quoted(names: &[&str]) -> String {
    listed(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<String>>())
}

impl<T: ?Sized> Entry<T> {
    /// What changes nothing of the parameters that a study gives, and of those that it has `searched`; a sentence each.
    pub fn without_effect(&self, given: &Table, searched: &[&str], registry: &Registry) -> Vec<String> {
        let all = |table: &Table| self.build(table, registry).map(|built| built.all).unwrap_or_default();
        if self.idle.is_empty() {
            return Vec::new();
        }
        let (own, defaults) = (all(given), all(&self.least.parse().unwrap_or_default()));
        // What is refused is told where it is refused.
        if own.is_null() {
            return Vec::new();
        }
        let said = self.idle.iter().filter(|idle| !searched.contains(&idle.by) && !(idle.acts)(&own[idle.by]));
        said.filter_map(|idle| {
            let is_given = |name: &&str| searched.contains(name) || own[*name] != defaults[*name];
            let names: Vec<&str> = idle.names.iter().copied().filter(is_given).collect();
            let (have, need) = (agree(names.len(), "has", "have"), agree(names.len(), "needs", "need"));
            let said = || {
                format!(
                    "{} {have} no effect: {} {need} {}",
                    quoted(&names),
                    agree(names.len(), "it", "they"),
                    idle.needs
                )
            };
            (!names.is_empty()).then(said)
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(family: &str, given: &str, searched: &[&str]) -> Vec<String> {
        let registry = Registry::built_in();
        registry.classifier(family, None).unwrap().without_effect(&given.parse().unwrap(), searched, &registry)
    }

    #[test]
    fn what_changes_nothing_is_told_with_what_it_needs() {
        for (family, given, said) in [
            ("lightgbm", "subsample = 0.5", "`subsample` has no effect: it needs `subsample_freq` of 1 or more"),
            ("lightgbm", "bagging_fraction = 0.5", "`subsample` has no effect: it needs `subsample_freq` of 1 or more"),
            (
                "lightgbm",
                "drop_rate = 0.5\nmax_drop = 3",
                "`drop_rate` and `max_drop` have no effect: they need `boosting_type = \"dart\"`",
            ),
            ("svc", "degree = 5", "`degree` has no effect: it needs `kernel = \"poly\"`"),
            (
                "svc",
                "kernel = 'linear'\ngamma = 0.5",
                "`gamma` has no effect: it needs another `kernel` than \"linear\"",
            ),
            ("sgd", "l1_ratio = 0.5", "`l1_ratio` has no effect: it needs `penalty = \"elasticnet\"`"),
            ("mlp", "momentum = 0.5", "`momentum` has no effect: it needs `solver = \"sgd\"`"),
            ("mlp", "learning_rate = 'adaptive'", "`learning_rate` has no effect: it needs `solver = \"sgd\"`"),
            (
                "mlp",
                "solver = 'lbfgs'\nbatch_size = 32\nshuffle = false",
                "`batch_size` and `shuffle` have no effect: they need `solver = \"adam\"` or `\"sgd\"`",
            ),
            (
                "mlp",
                "monitor = 'loss'\npatience = 3\ntol = 0.1",
                "`tol` has no effect: it needs `monitor` to be left out",
            ),
            (
                "hist-gradient-boosting",
                "early_stopping = false\nvalidation_fraction = 0.2\nn_iter_no_change = 5\ntol = 0.1\nscoring = 'f1'",
                "`validation_fraction`, `n_iter_no_change`, `tol` and `scoring` have no effect: they need another `early_stopping` \
                 than false",
            ),
            (
                "hist-gradient-boosting",
                "early_stopping = false\nscoring = 'none'",
                "`scoring` has no effect: it needs another `early_stopping` than false",
            ),
        ] {
            assert_eq!(notes(family, given, &[]), [said], "{given}");
        }
    }

    #[test]
    fn what_acts_or_is_as_ever_is_not_told() {
        for (family, given) in [
            ("lightgbm", "subsample = 0.5\nsubsample_freq = 1"),
            ("lightgbm", "subsample = 1"),
            ("lightgbm", "boosting_type = 'dart'\ndrop_rate = 0.5"),
            ("svc", "kernel = 'poly'\ndegree = 5\ncoef0 = 1"),
            ("sgd", "penalty = 'elasticnet'\nl1_ratio = 0.5"),
            ("logistic-regression", "l1_ratio = 0.5"),
            ("random-forest", "max_depth = 3"),
            ("mlp", "solver = 'sgd'\nlearning_rate = 'adaptive'\nbatch_size = 32\nn_iter_no_change = 5\ntol = 0.1"),
            ("mlp", "solver = 'lbfgs'\nmax_fun = 50\ntol = 0.1"),
            // Beyond 10,000 rows it stops early without being told.
            ("hist-gradient-boosting", "tol = 0.1\nscoring = 'f1'"),
            ("hist-gradient-boosting", "early_stopping = true\nvalidation_fraction = 0.2\nn_iter_no_change = 5"),
            ("hist-gradient-boosting", "early_stopping = false\nmax_iter = 50"),
        ] {
            assert_eq!(notes(family, given, &[]), Vec::<String>::new(), "{given}");
        }
    }

    #[test]
    fn a_search_over_what_changes_nothing_is_told_unless_it_varies_what_decides() {
        assert_eq!(notes("svc", "", &["C", "degree"]), ["`degree` has no effect: it needs `kernel = \"poly\"`"]);
        assert_eq!(notes("svc", "", &["kernel", "degree"]), Vec::<String>::new());
    }

    #[test]
    fn every_name_is_a_parameter_and_its_default_needs_nothing() {
        let registry = Registry::built_in();
        for entry in registry.classifiers().iter().filter(|entry| !entry.idle.is_empty()) {
            let all = entry.build(&Table::new(), &registry).unwrap().all;
            for idle in entry.idle {
                for name in idle.names.iter().chain([&idle.by]) {
                    assert!(all.get(*name).is_some(), "{}: {name}", entry.id);
                }
            }
            assert_eq!(entry.without_effect(&Table::new(), &[], &registry), Vec::<String>::new(), "{}", entry.id);
        }
    }
}
