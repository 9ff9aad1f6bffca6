//! Members that a study lists one by one, each fitted on all rows.

use rayon::prelude::*;
use serde_json::Value;

use super::{Member, member_seed};
use crate::component::{Classifier, Context, InnerCut, Model, Registry, Shape, Train};
use crate::data::Role;
use crate::error::{Error, Result};
use crate::words::listed;

/// What an ensemble's members are seeded by.
#[derive(Clone, Copy)]
pub(super) struct Seeds<'c> {
    /// What the ensemble is fitted with.
    pub context: &'c Context,
    /// Whether an ensemble around it has drawn its seed, which then is that of its members' draws, too ([`Classifier::fit_drawn`]).
    pub is_drawn: bool,
}

/// What `estimators`, or `stages`, lists.
pub(super) struct Listed {
    /// The parameter that lists them.
    place: &'static str,
    members: Vec<Member>,
}

impl Listed {
    /// Reads the members.
    ///
    /// # Errors
    /// None listed; all that cannot be built, by their numbers.
    pub fn read(place: &'static str, given: Vec<Value>, registry: &Registry) -> Result<Self> {
        if given.is_empty() {
            return Err(Error::Study(format!(
                "`{place}` must list the members, such as [\"logistic-regression\", {{ family = \"random-forest\" }}]"
            )));
        }
        let one = |(nth, given)| Member::read(&format!("{place}[{nth}]"), Some(given), "", registry);
        Ok(Listed { place, members: Error::every(given.into_iter().enumerate().map(one))? })
    }

    pub fn count(&self) -> usize {
        self.members.len()
    }

    pub fn facts(&self) -> Value {
        self.members.iter().map(|member| member.facts.clone()).collect()
    }

    /// The members' families.
    pub fn names(&self) -> Vec<String> {
        let name = |facts: &Value| facts.get("family").or(facts.get("id")).and_then(Value::as_str).map(str::to_owned);
        self.members.iter().map(|member| name(&member.facts).unwrap_or_default()).collect()
    }

    pub fn classifiers(&self) -> impl Iterator<Item = &dyn Classifier> {
        self.members.iter().map(|member| member.classifier.as_ref())
    }

    /// The inner folds that fits of the members on all rows cut.
    pub fn inner_cuts(&self) -> Vec<InnerCut> {
        self.classifiers().flat_map(Classifier::inner_cuts).collect()
    }

    /// Whether the model of a member cannot be told as data.
    pub fn cannot_be_saved(&self) -> bool {
        self.classifiers().any(Classifier::cannot_be_saved)
    }

    /// The roles of the columns that the members judge rows of inner folds by, each once.
    pub fn judged_by(&self) -> Vec<Role> {
        let mut roles = Vec::new();
        for role in self.classifiers().flat_map(Classifier::judged_by) {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        roles
    }

    /// Whether all take columns of this shape.
    pub fn accept(&self, given: &Shape) -> Result<(), String> {
        self.none_refuses(|member| member.accepts(given))
    }

    /// Why members can be of no use with columns of this shape.
    pub fn never_fits(&self, given: &Shape) -> Option<String> {
        self.none_refuses(|member| member.never_fits(given).map_or(Ok(()), Err)).err()
    }

    /// Whether all take weights of rows.
    pub fn weights(&self) -> Result<(), String> {
        self.none_refuses(|member| member.weights())
    }

    /// Why members cannot keep rows out of those that all are fitted on; none where all can.
    pub fn cannot_stop_early(&self, y: &[u8], has_validation: bool) -> Option<String> {
        self.none_refuses(|member| member.cannot_stop_early(y, has_validation).map_or(Ok(()), Err)).err()
    }

    /// Whether all members say so of themselves; else the reasons of all that do not, each once with the members' numbers.
    fn none_refuses(&self, says: impl Fn(&dyn Classifier) -> Result<(), String>) -> Result<(), String> {
        let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
        for (nth, member) in self.classifiers().enumerate() {
            let Err(reason) = says(member) else { continue };
            let name = format!("`{}[{nth}]`", self.place);
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) => names.push(name),
                None => reasons.push((reason, vec![name])),
            }
        }
        match reasons.is_empty() {
            true => Ok(()),
            false => {
                let said = reasons.iter().map(|(reason, names)| format!("{}: {reason}", listed(names)));
                Err(said.collect::<Vec<_>>().join("; "))
            }
        }
    }

    /// Fits each on all rows.
    ///
    /// # Errors
    /// The first member's that fails.
    pub fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Vec<Box<dyn Model>>> {
        self.fit_each(train, Seeds { context, is_drawn: false })
    }

    /// The same, seeded so.
    ///
    /// # Errors
    /// As [`Listed::fit`].
    pub fn fit_each(&self, train: &Train<'_>, seeds: Seeds<'_>) -> Result<Vec<Box<dyn Model>>> {
        let all = (0..self.count()).into_par_iter().with_max_len(1);
        let models: Vec<Result<Box<dyn Model>>> = all.map(|nth| self.fit_one(nth, train, seeds)).collect();
        models.into_iter().collect()
    }

    /// Fits the member number `nth`.
    ///
    /// # Errors
    /// The member's.
    pub fn fit_one(&self, nth: usize, train: &Train<'_>, seeds: Seeds<'_>) -> Result<Box<dyn Model>> {
        let (member, context) = (&self.members[nth].classifier, self.context(seeds.context, nth));
        if seeds.is_drawn { member.fit_drawn(train, &context) } else { member.fit(train, &context) }
    }

    /// What the member number `nth` is fitted with: each has draws of its own.
    pub fn context(&self, context: &Context, nth: usize) -> Context {
        Context { seed: member_seed(context.seed, nth) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{cascade, stacking, voting};
    use super::*;
    use crate::component::{ColumnShape, Entry};

    fn built(entry: &Entry<dyn Classifier>, table: &str) -> Result<Box<dyn Classifier>, String> {
        let built = entry.build(&table.parse().unwrap(), &Registry::built_in());
        built.map(|built| built.component).map_err(|e| e.to_string())
    }

    fn said(entry: &Entry<dyn Classifier>, table: &str) -> String {
        built(entry, table).err().unwrap_or_else(|| panic!("{table} is taken"))
    }

    const WRONG: &str = "[{ family = 'decision-tree', params = { max_depth = 0 } }, 'lda', { params = {} }, { family = 'lof', params \
                         = { n_neighbors = 0 } }]";

    #[test]
    fn all_members_that_are_wrong_are_told_with_what_else_is_wrong() {
        let wrong = |place: &str| {
            format!(
                "`{place}[0]`: `decision-tree`: `max_depth` must be at least 1, not 0; `{place}[2]` needs a `family`; `{place}[3]`: `lof`: \
                 `n_neighbors` must be at least 1, not 0"
            )
        };
        let members = wrong("estimators");
        assert_eq!(said(&voting::ENTRY, &format!("estimators = {WRONG}")), format!("`voting`: {members}"));
        assert_eq!(
            said(&voting::ENTRY, &format!("estimators = {WRONG}\nweights = [1, 2]")),
            format!("`voting`: {members}; `weights` has 2 numbers for 4 members")
        );
        assert_eq!(
            said(&voting::ENTRY, "estimators = ['lda']\nweights = [1, 2]"),
            "`voting`: `weights` has 2 numbers for 1 member"
        );
        let stacking = |more: &str| said(&stacking::ENTRY, &format!("estimators = {WRONG}\n{more}"));
        assert_eq!(stacking(""), format!("`stacking`: {members}"));
        let last = "`final_estimator`: `ridge`: `alpha` must be 0 or more, not -1";
        assert_eq!(
            stacking("cv = 1\nfinal_estimator = { family = 'ridge', params = { alpha = -1 } }"),
            format!("`stacking`: {members}; {last}; `cv` must be at least 2, but is 1")
        );
        let stages = wrong("stages");
        assert_eq!(
            said(&cascade::ENTRY, &format!("stages = {WRONG}\ncv = 0\nmax_missed = 2.0")),
            format!(
                "`cascade`: {stages}; `max_missed` is a share from 0 to 1, not 2; `cv` must be at least 2 inner folds, not 0"
            )
        );
    }

    #[test]
    fn an_unknown_member_is_told_with_its_place() {
        let told = said(&voting::ENTRY, "estimators = ['decision-tre', 'lda', 'random-forst']");
        let first = "`voting`: `estimators[0]`: unknown family `decision-tre`; did you mean `decision-tree`? ";
        assert!(told.starts_with(first), "{told}");
        let last = "; `estimators[2]`: unknown family `random-forst`; did you mean `random-forest`? ";
        assert!(told.contains(last), "{told}");
    }

    #[test]
    fn all_members_that_take_no_weights_or_columns_are_told() {
        let voting = |members: &str| built(&voting::ENTRY, &format!("estimators = {members}")).unwrap();
        assert_eq!(
            voting("['lof', 'lda', 'decision-tree', 'lof']").weights().unwrap_err(),
            "`estimators[0]` and `estimators[3]`: it takes no weights of rows; `estimators[1]`: scikit-learn's class takes no weights \
             of rows"
        );
        let category = ColumnShape { name: "kind".into(), levels: Some(3), blanks: false, empty: false };
        let refused = voting("['hist-gradient-boosting', 'lda', 'svc']").accepts(&Shape::new(60, vec![category]));
        let reason =
            "it takes numbers only, and `kind` is one of the categories: use the encoder `one-hot` or `ordinal`";
        assert_eq!(refused, Err(format!("`estimators[1]` and `estimators[2]`: {reason}")));
    }
}
