//! `chain`: several resamplers, each applied to the rows that the one before it kept.
//!
//! ```toml
//! [[resampler]]
//! id = "chain"
//! steps = [{ id = "tomek-links" }, { id = "random-undersampling", sampling_strategy = 0.5 }]
//! ```

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::component::{
    Built, CHAIN, Context, Entry, PYTHON, Registry, Resampled, Resampler, Shape, Train, build, flat, part,
};
use crate::error::{Error, Result};
use crate::seed::{Purpose, derive};

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// Each a name, or a table with its `id` and its own parameters.
    steps: Vec<Value>,
}

impl Default for Params {
    /// Undersampling after Tomek links.
    fn default() -> Self {
        let step = |id: &str| json!({ "id": id });
        Params { steps: vec![step("tomek-links"), step("random-undersampling")] }
    }
}

struct Step {
    resampler: Box<dyn Resampler>,
    /// Whether imbalanced-learn's class puts its rows class after class.
    orders_by_class: bool,
}

struct Chain {
    steps: Vec<Step>,
}

/// What a step has to say, with its place, counted from 1.
fn in_step(number: usize, said: String) -> String {
    format!("step {}: {said}", number + 1)
}

impl Resampler for Chain {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut steps = self.steps.iter().enumerate();
        steps.try_fold(given.clone(), |shape, (number, step)| {
            step.resampler.shape(&shape).map_err(|said| in_step(number, said))
        })
    }

    fn on_scaled(&self) -> Result<(), String> {
        let mut steps = self.steps.iter().enumerate();
        steps.try_for_each(|(number, step)| step.resampler.on_scaled().map_err(|said| in_step(number, said)))
    }

    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let mut all: Option<Resampled> = None;
        let mut is_by_class = train.is_by_class;
        for (number, step) in self.steps.iter().enumerate() {
            let context = Context { seed: derive(context.seed, Purpose::Resample, &format!("step {number}")) };
            all = Some(match all {
                None => step.resampler.resample(train, &context)?,
                Some(so_far) => {
                    let (x, y) = (so_far.matrix(train.x()), so_far.labels(train.y));
                    let given = Train { is_by_class, ..train.with(x.view(), &y) };
                    let next = step.resampler.resample(&given, &context)?;
                    next.check(y.len(), x.ncols())?;
                    so_far.then(&next)
                }
            });
            // Rows that a later step makes come behind all others.
            is_by_class |= step.orders_by_class;
        }
        // `make` refuses a chain without steps.
        all.ok_or_else(|| Error::Component("a chain needs steps".into()))
    }
}

/// Any resampler can be a step but a chain, as its steps can stand in this one, and a class of Python, which is no entry of the
/// registry. A name alone is the resampler with its defaults.
fn step(number: usize, given: Value, registry: &Registry) -> Result<(Step, Value)> {
    let step = format!("step {number}");
    let given = match given {
        Value::String(id) => json!({ "id": id }),
        Value::Object(table) => flat(&step, table)?.into(),
        other => return Err(Error::Study(format!("{step} must be a name or a table with `id`, and is {other}"))),
    };
    let fault = |said: &str| Err(Error::Study(format!("{step} {said}")));
    if given["id"] == CHAIN {
        return fault("is a chain: put its steps in its place");
    }
    if given.get(PYTHON).is_some() || given["id"] == PYTHON {
        return fault(
            "is a class of Python, which cannot be a step: make it a resampler of its own, with `python` in `resamplers`, and \
             do the other steps in its `fit_resample`",
        );
    }
    if given.get("on").is_some() {
        return fault("has `on`, but all steps act on the same rows: write `on` beside the chain's `id`");
    }
    let steps: Vec<_> = registry.resamplers().iter().copied().filter(|entry| entry.id != CHAIN).collect();
    let orders_by_class =
        steps.iter().any(|entry| given["id"].as_str() == Some(entry.id) && entry.in_python.has_other_order);
    let (resampler, facts) = part(&step, "step", (&steps, registry), given)?;
    Ok((Step { resampler, orders_by_class }, facts))
}

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Resampler>> {
    let mut resolved = Vec::new();
    let built = build::<Params, dyn Resampler>(CHAIN, table, |params| {
        if params.steps.is_empty() {
            return Err(Error::Study("`steps` must name at least one resampler".into()));
        }
        let read = params.steps.into_iter().enumerate().map(|(number, given)| step(number + 1, given, registry));
        let (steps, facts): (Vec<Step>, Vec<Value>) = Error::every(read)?.into_iter().unzip();
        resolved = facts;
        Ok(Box::new(Chain { steps }))
    })?;
    // The record holds the steps' defaults too.
    let params = Value::Object(Map::from_iter([("steps".to_owned(), Value::Array(resolved))]));
    Ok(Built::new(params, built.component))
}

/// Applies the steps one after the other; without `steps`, undersampling after Tomek links.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::of_others(CHAIN, "several resamplers, each applied to the rows that the one before it kept", make)
        .version(4);

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn built(toml: &str) -> Result<Built<dyn Resampler>> {
        make(&toml.parse().unwrap(), &Registry::built_in())
    }

    #[test]
    fn a_step_sees_only_what_the_step_before_it_kept() {
        // Tomek drops row 1. Undersampling to 1 to 1 then chooses among rows 3 and 4, and never row 1.
        let x = array![[0.0], [1.0], [2.5], [10.0], [10.5], [30.0]];
        let chain = built("").unwrap().component;
        for seed in 0..20 {
            let kept = chain.resample(&Train::numbers(x.view(), &[1, 0, 1, 0, 0, 0]), &Context { seed }).unwrap().rows;
            assert_eq!((kept.len(), &kept[..2]), (4, &[0, 2][..]));
            assert!(kept.is_sorted() && kept[2] >= 3);
        }
    }

    #[test]
    fn records_every_default_of_every_step_and_reads_its_own_record() {
        let built = built("steps = [{ id = 'random-undersampling', random_state = 7 }, { id = 'none' }]").unwrap();
        let said = serde_json::to_string(&built.params).unwrap();
        assert_eq!(
            said,
            r#"{"steps":[{"id":"random-undersampling","sampling_strategy":1.0,"random_state":7},{"id":"none"}]}"#
        );
        let default = make(&toml::Table::new(), &Registry::built_in()).unwrap().params;
        assert_eq!(step(1, default["steps"][1].clone(), &Registry::built_in()).unwrap().1, default["steps"][1]);
    }

    #[test]
    fn refuses_steps_that_are_none_or_unknown() {
        let said = |toml| built(toml).err().map(|e| e.to_string()).unwrap_or_default();
        assert_eq!(said("steps = []"), "`chain`: `steps` must name at least one resampler");
        assert_eq!(said("steps = [{ ratio = 1 }]"), "`chain`: step 1 needs an `id`");
        assert!(said("steps = [{ id = 'tomek' }]").contains("unknown step `tomek`; did you mean `tomek-links`?"));
        // All that are wrong, each with its place.
        let all = said("steps = [{ id = 'tomek' }, 'smote', 3, { id = 'smote', k = 3 }]");
        assert!(all.starts_with("`chain`: step 1: unknown step `tomek`; did you mean `tomek-links`? "), "{all}");
        let rest = "; step 3 must be a name or a table with `id`, and is 3; step 4: unknown parameter of `smote` `k`";
        assert!(all.contains(rest), "{all}");
        assert!(said("steps = [{ id = 'tomek-links', k = 3 }]").contains("parameter of `tomek-links` `k`"));
    }

    #[test]
    fn a_step_is_a_name_or_a_table_and_what_cannot_be_one_is_told_what_can() {
        let of = |toml| built(toml).unwrap().params;
        assert_eq!(of("steps = ['smote', 'tomek-links']"), of("steps = [{ id = 'smote' }, { id = 'tomek-links' }]"));
        let flat = of("steps = [{ id = 'smote', k_neighbors = 3 }]");
        assert_eq!(of("steps = [{ id = 'smote', params = { k_neighbors = 3 } }]"), flat);
        let said = |toml| built(toml).err().map(|e| e.to_string()).unwrap_or_default();
        let twice = said("steps = [{ id = 'smote', k_neighbors = 3, params = { k_neighbors = 4 } }]");
        assert!(twice.contains("step 1 has `k_neighbors` beside `params` and in it: write it once"), "{twice}");
        let unknown = said("steps = ['smoot']");
        assert!(unknown.contains("did you mean `smote`?") && !unknown.contains(", chain"), "{unknown}");
        assert!(said("steps = ['chain']").contains("step 1 is a chain: put its steps in its place"));
        assert!(said("steps = [3]").contains("step 1 must be a name or a table with `id`, and is 3"));
        let python = said("steps = ['smote', { python = 'm:C' }]");
        assert!(python.contains("step 2 is a class of Python, which cannot be a step"), "{python}");
        assert!(said("steps = [{ id = 'smote', on = 'scaled' }]").contains("write `on` beside the chain's `id`"));
        let chain = built("steps = ['tomek-links', { id = 'smote', integer_columns = ['a'] }]").unwrap().component;
        assert!(chain.on_scaled().unwrap_err().starts_with("step 2: "));
        assert_eq!(built("").unwrap().component.on_scaled(), Ok(()));
    }
}
