//! Limits that end a fit before it has converged. scikit-learn warns of them (`ConvergenceWarning`); here the record's `details` hold
//! them, and reports tell them.

use serde_json::{Map, Value};

use crate::component::Model;

/// A parameter that ends a fit, converged or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// On iterations: steps or passes, as the family counts them.
    MaxIter,
    /// On evaluations of the loss.
    MaxFun,
}

/// The limit that ended a fit before it had converged, with its value; none where the fit came to its own end.
pub(crate) type Reached = Option<(Limit, u64)>;

impl Limit {
    /// All of them.
    pub const ALL: [Limit; 2] = [Limit::MaxIter, Limit::MaxFun];

    /// The parameter's name.
    pub fn name(self) -> &'static str {
        match self {
            Limit::MaxIter => "max_iter",
            Limit::MaxFun => "max_fun",
        }
    }

    /// The key in a record's `details`.
    fn key(self) -> &'static str {
        match self {
            Limit::MaxIter => "max_iter_reached",
            Limit::MaxFun => "max_fun_reached",
        }
    }

    /// Its value where it ended the fit, wherever a wrapper has put it.
    pub fn reached(self, details: &Value) -> Option<u64> {
        let own = details.get(self.key()).and_then(Value::as_u64);
        own.or_else(|| details.get("model").and_then(|inner| self.reached(inner)))
    }
}

/// What the details of a fit say of its limit.
pub(crate) fn told(reached: Reached) -> Map<String, Value> {
    reached.into_iter().map(|(limit, value)| (limit.key().to_owned(), value.into())).collect()
}

/// What the details of an ensemble say of its members' limits: of each the largest value that ended the fit of one.
pub(crate) fn told_by<'m>(members: impl IntoIterator<Item = &'m dyn Model>) -> Map<String, Value> {
    let all: Vec<Value> = members.into_iter().filter_map(|member| member.details()).collect();
    let most = |limit: Limit| Some((limit, all.iter().filter_map(|details| limit.reached(details)).max()?));
    Limit::ALL.into_iter().filter_map(most).flat_map(|reached| told(Some(reached))).collect()
}

/// Details of nothing else.
pub(crate) fn details(told: Map<String, Value>) -> Option<Value> {
    (!told.is_empty()).then(|| told.into())
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use serde_json::json;

    use super::*;
    use crate::component::{Context, Registry, Train};

    /// What a family says of itself after a fit on rows of two classes that overlap.
    fn said(family: &str, params: &str) -> Option<Value> {
        let x = Array2::from_shape_fn((60, 2), |(i, j)| ((i * (7 + 4 * j)) % 13) as f64 / 6.5 - 1.0);
        let y: Vec<u8> = (0..60).map(|i| u8::from(x[(i, 0)] + x[(i, 1)] > 0.4 || i % 9 == 2)).collect();
        let registry = Registry::built_in();
        let entry = registry.classifier(family, None).unwrap();
        let built = entry.build(&params.parse().unwrap(), &registry).unwrap().component;
        built.fit(&Train::numbers(x.view(), &y), &Context { seed: 5 }).unwrap().details()
    }

    fn reached(family: &str, params: &str) -> [Option<u64>; 2] {
        let said = said(family, params).unwrap_or_default();
        Limit::ALL.map(|limit| limit.reached(&said))
    }

    #[test]
    fn every_iterative_family_says_that_its_limit_ended_it_and_only_then() {
        for (family, cut_short, whole) in [
            ("linear-svc", "max_iter = 1", ""),
            ("linear-svc", "max_iter = 1\npenalty = 'l1'", "penalty = 'l1'"),
            ("linear-svc", "max_iter = 1\nloss = 'hinge'", "max_iter = 1000000\nloss = 'hinge'"),
            ("svc", "max_iter = 1", ""),
            ("sgd", "max_iter = 1", "max_iter = 100000"),
            ("sgd", "max_iter = 1\nearly_stopping = true", "max_iter = 100000\nearly_stopping = true"),
            ("mlp", "max_iter = 1", "max_iter = 100000\ntol = 1.0"),
            ("mlp", "max_iter = 1\nsolver = 'lbfgs'", "max_iter = 100000\nsolver = 'lbfgs'\ntol = 1.0"),
        ] {
            assert_eq!(reached(family, cut_short), [Some(1), None], "{family}: {cut_short}");
            assert_eq!(reached(family, whole), [None, None], "{family}: {whole}");
        }
        // Several steps of `logistic-regression` may come from one Hessian, and be enough.
        for params in ["", "solver = 'liblinear'\n", "l1_ratio = 1.0\n"] {
            let cut_short = format!("{params}max_iter = 0");
            assert_eq!(reached("logistic-regression", &cut_short), [Some(0), None], "{cut_short}");
            assert_eq!(reached("logistic-regression", params), [None, None], "{params}");
        }
        // The second evaluation is beyond the limit.
        assert_eq!(reached("mlp", "max_fun = 1\nsolver = 'lbfgs'"), [None, Some(1)]);
        // Without `tol` nothing can converge, and scikit-learn warns of nothing.
        assert_eq!(reached("sgd", "max_iter = 1\ntol = 'none'"), [None, None]);
    }

    #[test]
    fn an_ensemble_says_it_of_its_members() {
        let member = "{ family = 'linear-svc', params = { max_iter = 1 } }";
        let members = format!("[{member}, {{ family = 'sgd', params = {{ max_iter = 2 }} }}]");
        for (family, params) in [
            ("voting", format!("estimators = {members}")),
            ("stacking", format!("estimators = {members}\nfinal_estimator = 'lda'")),
            ("cascade", format!("stages = {members}")),
        ] {
            assert_eq!(reached(family, &params), [Some(2), None], "{family}");
        }
        assert_eq!(reached("stacking", &format!("estimators = ['lda']\nfinal_estimator = {member}")), [Some(1), None]);
        assert_eq!(reached("bagging", &format!("estimator = {member}\nn_estimators = 3")), [Some(1), None]);
        assert_eq!(reached("adaboost", &format!("estimator = {member}\nn_estimators = 3")), [Some(1), None]);
        for family in ["voting", "stacking"] {
            assert_eq!(said(family, "estimators = ['lda', 'gaussian-nb']"), None, "{family}");
        }
    }

    #[test]
    fn a_limit_is_found_however_deep_below_a_search_the_model_is() {
        let inner = json!({ "history": {}, "max_iter_reached": 30 });
        let details = json!({ "search": {}, "model": { "threshold": {}, "model": inner } });
        assert_eq!(Limit::ALL.map(|limit| limit.reached(&details)), [Some(30), None]);
        assert_eq!(Limit::MaxIter.reached(&json!({ "search": {}, "model": {} })), None);
        assert_eq!(told(Some((Limit::MaxFun, 9))), *json!({ "max_fun_reached": 9 }).as_object().unwrap());
    }
}
