//! Parameters that change nothing beside others, which their library takes without a word: a study that compares values of one
//! compares nothing.

use serde_json::Value;
use toml::Table;

use super::{Entry, Registry, Treated};
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
    /// Other parameters that may let them act as well.
    pub or: &'static [Deciding],
}

/// A parameter, and whether its value lets others act.
type Deciding = (&'static str, fn(&Value) -> bool);

impl Idle {
    /// Parameters that `by` lets act, or not.
    pub const fn new(
        names: &'static [&'static str],
        needs: &'static str,
        by: &'static str,
        acts: fn(&Value) -> bool,
    ) -> Self {
        Idle { names, needs, by, acts, or: &[] }
    }

    /// The same where one of these parameters is enough, too.
    pub const fn or(self, or: &'static [Deciding]) -> Self {
        Idle { or, ..self }
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
    /// What changes nothing of the parameters that a study gives, and of those that it searches in a `space`; a sentence for each
    /// reason.
    pub fn without_effect(&self, given: &Table, space: &Table, registry: &Registry) -> Vec<String> {
        let all = |table: &Table| self.build(table, registry).map(|built| built.all).unwrap_or_default();
        let mut notes = self.searched_in_vain(space);
        if self.idle.is_empty() {
            return notes;
        }
        let (own, defaults) = (all(given), self.defaults(registry));
        // What is refused is told where it is refused.
        if own.is_null() {
            return notes;
        }
        let space = self.in_own_names(space);
        let acts = |(by, acts): Deciding| match space.get(by) {
            None => acts(&own[by]),
            Some(toml::Value::Array(values)) => values.iter().any(|value| {
                let mut with = given.clone();
                with.insert(by.to_owned(), value.clone());
                let built = all(&with);
                // What cannot stand alone beside `given` may stand beside what else is searched.
                built.is_null() || acts(&built[by])
            }),
            Some(_) => true,
        };
        let said = self.idle.iter().filter(|idle| !acts((idle.by, idle.acts)) && !idle.or.iter().copied().any(acts));
        notes.extend(said.filter_map(|idle| {
            let is_given = |name: &&str| space.contains_key(*name) || own[*name] != defaults[*name];
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
        }));
        notes
    }

    /// What is searched of the library's parameters that mean nothing here, and of those that make no other model; a sentence each.
    fn searched_in_vain(&self, space: &Table) -> Vec<String> {
        let said =
            self.also.iter().filter(|also| space.contains_key(also.name)).filter_map(|also| match also.treated {
                Treated::Harmless(why) => Some(format!("`{}` has no effect: {why}", also.name)),
                Treated::Alias(_) | Treated::Only(..) => None,
            });
        let of_report = self.of_report.iter().filter(|name| space.contains_key(**name));
        let in_vain = of_report.map(|name| format!("`{name}` has no effect: all its values make one model"));
        said.chain(in_vain).collect()
    }

    /// The space by the component's own names of its parameters.
    fn in_own_names(&self, space: &Table) -> Table {
        let own = |name: &str| {
            let found = self.also.iter().find_map(|also| match also.treated {
                Treated::Alias(of) if also.name == name => Some(of),
                _ => None,
            });
            found.unwrap_or(name).to_owned()
        };
        space.iter().map(|(name, values)| (own(name), values.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(family: &str, given: &str, space: &str) -> Vec<String> {
        let registry = Registry::built_in();
        let entry = registry.classifier(family, None).unwrap();
        entry.without_effect(&given.parse().unwrap(), &space.parse().unwrap(), &registry)
    }

    /// Families with parameters that change nothing, and what is said of these.
    const TOLD: &[[&str; 3]] = &[
        ["lightgbm", "subsample = 0.5", "`subsample` has no effect: it needs `subsample_freq` of 1 or more"],
        ["lightgbm", "bagging_fraction = 0.5", "`subsample` has no effect: it needs `subsample_freq` of 1 or more"],
        [
            "lightgbm",
            "drop_rate = 0.5\nmax_drop = 3",
            "`drop_rate` and `max_drop` have no effect: they need `boosting_type = \"dart\"`",
        ],
        ["svc", "degree = 5", "`degree` has no effect: it needs `kernel = \"poly\"`"],
        ["svc", "kernel = 'linear'\ngamma = 0.5", "`gamma` has no effect: it needs another `kernel` than \"linear\""],
        ["sgd", "l1_ratio = 0.5", "`l1_ratio` has no effect: it needs `penalty = \"elasticnet\"`"],
        ["mlp", "momentum = 0.5", "`momentum` has no effect: it needs `solver = \"sgd\"`"],
        ["mlp", "learning_rate = 'adaptive'", "`learning_rate` has no effect: it needs `solver = \"sgd\"`"],
        [
            "mlp",
            "solver = 'lbfgs'\nbatch_size = 32\nshuffle = false",
            "`batch_size` and `shuffle` have no effect: they need `solver = \"adam\"` or `\"sgd\"`",
        ],
        ["mlp", "monitor = 'loss'\npatience = 3\ntol = 0.1", "`tol` has no effect: it needs `monitor` to be left out"],
        [
            "hist-gradient-boosting",
            "early_stopping = false\nvalidation_fraction = 0.2\nn_iter_no_change = 5\ntol = 0.1\nscoring = 'f1'",
            "`validation_fraction`, `n_iter_no_change`, `tol` and `scoring` have no effect: they need another `early_stopping` \
             than false",
        ],
        [
            "hist-gradient-boosting",
            "early_stopping = false\nscoring = 'none'",
            "`scoring` has no effect: it needs another `early_stopping` than false",
        ],
        ["k-neighbors", "metric = 'cosine'\np = 1", "`p` has no effect: it needs `metric = \"minkowski\"`"],
        ["k-neighbors", "metric = 'l1'\np = 3.0", "`p` has no effect: it needs `metric = \"minkowski\"`"],
        ["logistic-regression", "penalty = 'none'\nC = 0.01", "`C` has no effect: it needs a `penalty`"],
        [
            "logistic-regression",
            "penalty = 'elasticnet'\nl1_ratio = 0.5\nC = inf",
            "`l1_ratio` has no effect: it needs a finite `C`",
        ],
        [
            "logistic-regression",
            "solver = 'liblinear'\nfit_intercept = false\nintercept_scaling = 9.0",
            "`intercept_scaling` has no effect: it needs `fit_intercept = true`",
        ],
        [
            "linear-svc",
            "fit_intercept = false\nintercept_scaling = 10.0",
            "`intercept_scaling` has no effect: it needs `fit_intercept = true`",
        ],
        ["linear-svc", "tol = 0.1", "`tol` has no effect: it needs `loss = \"hinge\"`"],
        ["lda", "solver = 'lsqr'\ntol = 0.5", "`tol` has no effect: it needs `solver = \"svd\"`"],
        [
            "complement-nb",
            "fit_prior = false\nclass_prior = [0.1, 0.9]",
            "`fit_prior` and `class_prior` have no effect: they need training rows of one class alone",
        ],
        ["complement-nb", "force_alpha = false", "`force_alpha` has no effect: it needs an `alpha` below 1e-10"],
        ["bernoulli-nb", "force_alpha = false", "`force_alpha` has no effect: it needs an `alpha` below 1e-10"],
        [
            "bernoulli-nb",
            "fit_prior = false\nclass_prior = [0.5, 0.5]",
            "`fit_prior` has no effect: it needs `class_prior` to be left out",
        ],
        [
            "xgboost",
            "tree_method = 'exact'\nmax_bin = 16\nmax_leaves = 3\ngrow_policy = 'lossguide'",
            "`max_bin`, `max_leaves` and `grow_policy` have no effect: they need `tree_method = \"hist\"` or `\"approx\"`",
        ],
        [
            "xgboost",
            "booster = 'dart'\nsample_type = 'weighted'\nskip_drop = 0.5",
            "`sample_type` and `skip_drop` have no effect: they need a `rate_drop` above 0, or `one_drop = true`",
        ],
        [
            "xgboost",
            "booster = 'gblinear'\nupdater = 'coord_descent'\ntop_k = 2",
            "`top_k` has no effect: it needs `feature_selector = \"greedy\"` or `\"thrifty\"`",
        ],
        [
            "lightgbm",
            "subsample_freq = 5",
            "`subsample_freq` has no effect: it needs a `subsample`, `pos_bagging_fraction` or `neg_bagging_fraction` below 1",
        ],
        [
            "lightgbm",
            "subsample_freq = 1\nneg_bagging_fraction = 0.5\nsubsample = 0.6",
            "`subsample` has no effect: it needs `neg_bagging_fraction` to be left out",
        ],
        [
            "lightgbm",
            "boosting_type = 'rf'\nsubsample = 0.6\nsubsample_freq = 1\nlearning_rate = 0.01",
            "`learning_rate` has no effect: it needs another `boosting_type` than \"rf\"",
        ],
        [
            "lightgbm",
            "use_missing = false\nzero_as_missing = true",
            "`zero_as_missing` has no effect: it needs `use_missing = true`",
        ],
        ["mlp", "solver = 'sgd'\npower_t = 0.9", "`power_t` has no effect: it needs `learning_rate = \"invscaling\"`"],
        [
            "mlp",
            "solver = 'sgd'\nmomentum = 0.0\nnesterovs_momentum = false",
            "`nesterovs_momentum` has no effect: it needs a `momentum` above 0",
        ],
        ["sgd", "tol = 'none'\nn_iter_no_change = 50", "`n_iter_no_change` has no effect: it needs a `tol`"],
        [
            "sgd",
            "penalty = 'none'\nlearning_rate = 'constant'\nalpha = 0.5",
            "`alpha` has no effect: it needs a `penalty`, or `learning_rate = \"optimal\"`",
        ],
        [
            "balanced-bagging",
            "sampler = { id = 'tomek-links' }\nreplacement = true",
            "`replacement` has no effect: it needs `sampler` to be left out",
        ],
        ["rectangles", "max_edges = 5", "`max_edges` has no effect: it needs `candidates = \"all\"`"],
        [
            "rectangles",
            "candidates = 'all'\nn_rectangles = 50",
            "`n_rectangles` has no effect: it needs `candidates = \"random\"`",
        ],
        [
            "rectangles",
            "choose = 'cost'\nmax_first_kind = 0.5",
            "`max_first_kind` has no effect: it needs `choose = \"second-kind\"`",
        ],
        [
            "rectangles",
            "false_negative = 5.0\nfalse_positive = 2.0",
            "`false_negative` and `false_positive` have no effect: they need `choose = \"cost\"`",
        ],
    ];

    #[test]
    fn what_changes_nothing_is_told_with_what_it_needs() {
        for [family, given, said] in TOLD {
            assert_eq!(notes(family, given, ""), [*said], "{given}");
        }
    }

    #[test]
    fn one_parameter_may_have_no_effect_for_two_reasons() {
        assert_eq!(
            notes("mlp", "power_t = 0.9", ""),
            [
                "`power_t` has no effect: it needs `solver = \"sgd\"`",
                "`power_t` has no effect: it needs `learning_rate = \"invscaling\"`"
            ]
        );
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
            ("k-neighbors", "p = 1"),
            ("k-neighbors", "metric = 'euclidean'\np = 2"),
            ("logistic-regression", "penalty = 'l1'\nC = 0.01"),
            ("logistic-regression", "penalty = 'none'\nC = 1.0"),
            ("linear-svc", "loss = 'hinge'\ntol = 0.1\nintercept_scaling = 9.0"),
            ("lda", "tol = 0.5"),
            ("bernoulli-nb", "fit_prior = false\nalpha = 0.0\nforce_alpha = false"),
            ("xgboost", "tree_method = 'approx'\nmax_bin = 16\nmax_leaves = 3"),
            ("xgboost", "booster = 'dart'\none_drop = true\nskip_drop = 0.5"),
            ("xgboost", "booster = 'dart'\nrate_drop = 0.1\nnormalize_type = 'forest'"),
            ("lightgbm", "neg_bagging_fraction = 0.5\nsubsample_freq = 1"),
            ("mlp", "solver = 'sgd'\nlearning_rate = 'invscaling'\npower_t = 0.9\nnesterovs_momentum = false"),
            ("sgd", "penalty = 'none'\nalpha = 0.5\nn_iter_no_change = 50"),
            ("balanced-bagging", "replacement = true"),
            ("rectangles", "n_rectangles = 50\nchoose = 'cost'\nfalse_negative = 5.0"),
        ] {
            assert_eq!(notes(family, given, ""), Vec::<String>::new(), "{given}");
        }
    }

    #[test]
    fn a_search_over_what_changes_nothing_is_told_unless_it_varies_what_decides() {
        let of_degree = ["`degree` has no effect: it needs `kernel = \"poly\"`"];
        assert_eq!(notes("svc", "", "C = [1.0, 2.0]\ndegree = [2, 3]"), of_degree);
        assert_eq!(notes("svc", "", "kernel = ['rbf', 'poly']\ndegree = [2, 3]"), Vec::<String>::new());
        assert_eq!(notes("svc", "", "kernel = ['rbf', 'linear']\ndegree = [2, 3]"), of_degree);
        let of_p = ["`p` has no effect: it needs `metric = \"minkowski\"`"];
        assert_eq!(notes("k-neighbors", "", "p = [1.0, 2.0]\nmetric = ['cosine', 'l1']"), of_p);
        // By another name, and over a range, of which some value acts.
        assert_eq!(notes("lightgbm", "subsample = 0.5", "bagging_freq = [1, 2]"), Vec::<String>::new());
        assert_eq!(
            notes("lightgbm", "subsample_freq = 1", "subsample = { low = 0.5, high = 1.0 }"),
            Vec::<String>::new()
        );
        // What is refused alone may stand beside what else is searched.
        let both = "penalty = ['elasticnet']\nl1_ratio = [0.1, 0.5]";
        assert_eq!(notes("sgd", "l1_ratio = 'none'", both), Vec::<String>::new());
        assert_eq!(
            notes("random-forest", "", "n_jobs = [1, 2]\nmax_depth = [2, 3]"),
            ["`n_jobs` has no effect: the run sets the threads of a cell (`--cell-threads`)"]
        );
    }

    #[test]
    fn a_search_over_what_makes_no_other_model_is_told() {
        let stages = "stages = ['gaussian-nb']";
        let said = ["`check_cost` has no effect: all its values make one model"];
        assert_eq!(notes("cascade", stages, "check_cost = [1.0, 2.0]"), said);
        assert_eq!(notes("cascade", stages, "max_missed = [0.1, 0.2]"), Vec::<String>::new());
        // A report reads it.
        assert_eq!(notes("cascade", "stages = ['gaussian-nb']\ncheck_cost = 2.0", ""), Vec::<String>::new());
    }

    #[test]
    fn every_name_is_a_parameter_and_its_default_needs_nothing() {
        fn check<T: ?Sized>(entries: &[&'static Entry<T>], registry: &Registry) -> usize {
            let with_some: Vec<_> = entries.iter().filter(|entry| !entry.idle.is_empty()).collect();
            for entry in &with_some {
                let all = entry.build(&Table::new(), registry).unwrap().all;
                for idle in entry.idle {
                    for name in idle.names.iter().chain([&idle.by]).chain(idle.or.iter().map(|(name, _)| name)) {
                        assert!(all.get(*name).is_some(), "{}: {name}", entry.id);
                    }
                }
                let none = Table::new();
                assert_eq!(entry.without_effect(&none, &none, registry), Vec::<String>::new(), "{}", entry.id);
            }
            with_some.len()
        }
        let registry = Registry::built_in();
        assert!(check(registry.classifiers(), &registry) > 10);
        let others = [
            check(registry.imputers(), &registry),
            check(registry.resamplers(), &registry),
            check(registry.encoders(), &registry),
            check(registry.scalers(), &registry),
            check(registry.selects(), &registry),
        ];
        assert_eq!(others, [0, 1, 1, 1, 1]);
    }
}
