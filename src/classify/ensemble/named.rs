//! Members that a study lists one by one, each fitted on all rows.

use rayon::prelude::*;
use serde_json::Value;

use super::{Member, member_seed};
use crate::component::{Classifier, Context, InnerCut, Model, Registry, Shape, Train};
use crate::error::{Error, Result};

/// What `estimators`, or `stages`, lists.
pub(super) struct Listed(Vec<Member>);

impl Listed {
    /// Reads the members.
    ///
    /// # Errors
    /// None listed; one that cannot be built, by its number.
    pub fn read(place: &str, given: Vec<Value>, registry: &Registry) -> Result<Self> {
        if given.is_empty() {
            return Err(Error::Study(format!(
                "`{place}` must list the members, such as [\"logistic-regression\", {{ family = \"random-forest\" }}]"
            )));
        }
        let one = |(nth, given)| Member::read(&format!("{place}[{nth}]"), Some(given), "", registry);
        Ok(Listed(given.into_iter().enumerate().map(one).collect::<Result<_>>()?))
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn facts(&self) -> Value {
        self.0.iter().map(|member| member.facts.clone()).collect()
    }

    /// The members' families.
    pub fn names(&self) -> Vec<String> {
        let name = |facts: &Value| facts.get("family").or(facts.get("id")).and_then(Value::as_str).map(str::to_owned);
        self.0.iter().map(|member| name(&member.facts).unwrap_or_default()).collect()
    }

    pub fn classifiers(&self) -> impl Iterator<Item = &dyn Classifier> {
        self.0.iter().map(|member| member.classifier.as_ref())
    }

    /// The inner folds that fits of the members on all rows cut.
    pub fn inner_cuts(&self) -> Vec<InnerCut> {
        self.classifiers().flat_map(Classifier::inner_cuts).collect()
    }

    /// Whether all take columns of this shape.
    pub fn accept(&self, given: &Shape) -> Result<(), String> {
        self.classifiers().try_for_each(|member| member.accepts(given))
    }

    /// Whether all take weights of rows; of several that do not, the first one's reason.
    pub fn weights(&self) -> Result<(), String> {
        let one = |(nth, member): (usize, &Member)| {
            member.classifier.weights().map_err(|said| format!("`estimators[{nth}]`: {said}"))
        };
        self.0.iter().enumerate().try_for_each(one)
    }

    /// Fits each on all rows.
    ///
    /// # Errors
    /// The first member's that fails.
    pub fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Vec<Box<dyn Model>>> {
        let members = self.0.par_iter().enumerate().with_max_len(1);
        let models: Vec<Result<Box<dyn Model>>> =
            members.map(|(nth, member)| member.classifier.fit(train, &self.context(context, nth))).collect();
        models.into_iter().collect()
    }

    /// What the member number `nth` is fitted with: each has draws of its own.
    pub fn context(&self, context: &Context, nth: usize) -> Context {
        Context { seed: member_seed(context.seed, nth) }
    }
}
