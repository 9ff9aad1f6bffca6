//! `--filter key=value,...`: which cells of a plan to take.

use super::axis::Facet;
use super::{AXES, CellId};
use crate::error::{Error, Result, unknown};

/// Keys that are no axis but facts of the cell's classifier.
const OF_CLASSIFIER: [&str; 2] = ["family", "backend"];

/// A conjunction over keys, in which a key given several times takes any of its values; or several of these, of which a cell
/// must pass one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    alternatives: Vec<Vec<Condition>>,
}

/// A key and the values that it may have.
pub type Condition = (&'static str, Vec<String>);

/// What stands between alternatives.
const OR: char = ';';

impl Filter {
    /// Every key that a condition may have.
    pub fn keys() -> Vec<&'static str> {
        AXES.iter().map(|axis| axis.id).chain(OF_CLASSIFIER).collect()
    }

    /// Reads `key=value,...`, or several of these with `;` between; an empty text takes everything.
    ///
    /// # Errors
    /// [`Error::Usage`] for a condition without `=`, or an unknown key.
    pub fn parse(text: &str) -> Result<Self> {
        let alternatives = text.split(OR).filter(|part| !part.trim().is_empty()).map(Self::conjunction);
        Ok(Filter { text: text.to_owned(), alternatives: alternatives.collect::<Result<_>>()? })
    }

    fn conjunction(text: &str) -> Result<Vec<Condition>> {
        let mut conditions: Vec<Condition> = Vec::new();
        for condition in text.split(',').map(str::trim).filter(|c| !c.is_empty()) {
            let (key, value) = condition
                .split_once('=')
                .ok_or_else(|| Error::Usage(format!("--filter: `{condition}` must be key=value")))?;
            let keys = Self::keys();
            let key = keys
                .iter()
                .copied()
                .find(|known| *known == key.trim())
                .ok_or_else(|| Error::Usage(format!("--filter: {}", unknown("key", key, &keys))))?;
            let value = value.trim().to_owned();
            match conditions.iter_mut().find(|(k, _)| *k == key) {
                Some((_, values)) => values.push(value),
                None => conditions.push((key, vec![value])),
            }
        }
        Ok(conditions)
    }

    /// What passes any of `filters`, without alternatives that another one holds.
    pub fn any(filters: &[Filter]) -> Self {
        if filters.iter().any(|filter| filter.alternatives.is_empty()) {
            return Filter::default();
        }
        let mut kept: Vec<(&Vec<Condition>, &str)> = Vec::new();
        for filter in filters {
            for (alternative, text) in filter.alternatives.iter().zip(filter.parts()) {
                if !kept.iter().any(|(other, _)| is_within(alternative, other)) {
                    kept.retain(|(other, _)| !is_within(other, alternative));
                    kept.push((alternative, text));
                }
            }
        }
        let (alternatives, texts): (Vec<&Vec<Condition>>, Vec<&str>) = kept.into_iter().unzip();
        Filter { text: texts.join(";"), alternatives: alternatives.into_iter().cloned().collect() }
    }

    /// What it asks of cells that have some of its values only: a value that they do not have can take none of them. None where
    /// nothing is left; the same filter, to the letter, where they have all.
    pub fn within(&self, has: impl Fn(&str, &str) -> bool) -> Option<Self> {
        if self.conditions().all(|(key, values)| values.iter().all(|value| has(key, value))) {
            return Some(self.clone());
        }
        let known = |(key, values): &Condition| (*key, values.iter().filter(|v| has(key, v)).cloned().collect());
        let alternatives: Vec<Vec<Condition>> = self
            .alternatives
            .iter()
            .map(|conditions| conditions.iter().map(known).collect::<Vec<Condition>>())
            .filter(|conditions| conditions.iter().all(|(_, values)| !values.is_empty()))
            .collect();
        let condition = |(key, values): &Condition| -> Vec<String> {
            values.iter().map(|value| format!("{key}={value}")).collect()
        };
        let text = |conditions: &Vec<Condition>| conditions.iter().flat_map(condition).collect::<Vec<_>>().join(",");
        let texts: Vec<String> = alternatives.iter().map(text).collect();
        (!alternatives.is_empty()).then(|| Filter { text: texts.join(";"), alternatives })
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.text.split(OR).map(str::trim).filter(|part| !part.is_empty())
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The keys that are used, each with its values, over all alternatives.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.alternatives.iter().flatten()
    }

    /// The first key by which it takes some splits of a pipeline and not others; none where whole pipelines pass.
    pub fn split_key(&self) -> Option<&'static str> {
        let is_of_split = |key: &&str| AXES.iter().any(|axis| axis.id == *key && axis.facet == Facet::Split);
        self.conditions().map(|(key, _)| *key).find(is_of_split)
    }

    /// Whether a cell passes.
    pub fn takes(&self, cell: &CellId, family: &str, backend: &str) -> bool {
        let passes = |(key, values): &Condition| values.contains(&Self::value(key, cell, family, backend));
        self.alternatives.is_empty() || self.alternatives.iter().any(|conditions| conditions.iter().all(passes))
    }

    /// A cell's value under `key`, as a filter writes it.
    pub fn value(key: &str, cell: &CellId, family: &str, backend: &str) -> String {
        match key {
            "family" => family.to_owned(),
            "backend" => backend.to_owned(),
            _ => AXES.iter().find(|axis| axis.id == key).map_or(String::new(), |axis| axis.value(cell).to_string()),
        }
    }
}

/// Whether whatever passes `one` passes `other`, too.
fn is_within(one: &[Condition], other: &[Condition]) -> bool {
    let covers = |(key, values): &Condition| {
        one.iter().any(|(own, few)| own == key && few.iter().all(|value| values.contains(value)))
    };
    other.iter().all(covers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(filter: &Filter) -> Vec<(&'static str, &'static str)> {
        let cell = |scaler: &str, family: &str| CellId {
            data_set: "x".into(),
            protocol: "hold-out".into(),
            dedup: true,
            imputer: "none".into(),
            resampler: "none".into(),
            encoder: "native".into(),
            scaler: scaler.into(),
            select: "none".into(),
            classifier: family.into(),
            repeat: 0,
            fold: 0,
        };
        let all = [("none", "svc"), ("none", "prior"), ("power", "svc"), ("power", "prior")];
        all.into_iter().filter(|(scaler, family)| filter.takes(&cell(scaler, family), family, "native")).collect()
    }

    #[test]
    fn a_cell_passes_one_alternative_whole() {
        let filter = Filter::parse("family=svc,scaler=power; family=prior,scaler=none").unwrap();
        assert_eq!(taken(&filter), [("none", "prior"), ("power", "svc")]);
        assert_eq!(taken(&Filter::parse(" ; ").unwrap()).len(), 4);
        assert_eq!(taken(&Filter::parse("scaler=none,scaler=power,family=svc").unwrap()).len(), 2);
    }

    #[test]
    fn a_filter_says_by_which_key_it_parts_pipelines() {
        let key = |text: &str| Filter::parse(text).unwrap().split_key();
        assert_eq!(["", "family=svc", "classifier=my-fold", "family=svc;scaler=fold=1"].map(key), [None; 4]);
        assert_eq!(
            ["fold=0", "family=svc; repeat = 1", "scaler=none,fold=2"].map(key),
            ["fold", "repeat", "fold"].map(Some)
        );
    }

    #[test]
    fn of_values_that_cells_do_not_have_nothing_is_asked() {
        let filter = Filter::parse("family=svc, family=prior,scaler=none; family=tpot;fold=0,family=svc").unwrap();
        let within = |known: &[&str]| {
            let left = filter.within(|_, value| known.contains(&value));
            left.inspect(|left| assert_eq!(*left, Filter::parse(left.text()).unwrap()))
                .map(|left| left.text().to_owned())
        };
        assert_eq!(within(&["svc", "prior", "tpot", "none", "0"]).as_deref(), Some(filter.text()));
        assert_eq!(within(&["svc", "tpot", "none"]).as_deref(), Some("family=svc,scaler=none;family=tpot"));
        assert_eq!(within(&["svc", "0"]).as_deref(), Some("fold=0,family=svc"));
        assert_eq!(within(&["none", "0"]), None);
        assert_eq!(Filter::default().within(|_, _| false), Some(Filter::default()));
    }

    #[test]
    fn any_takes_what_one_of_them_takes() {
        let [a, b] = ["family=svc,scaler=power", "scaler=none"].map(|text| Filter::parse(text).unwrap());
        let both = Filter::any(&[a.clone(), b.clone(), a.clone()]);
        assert_eq!(both.text(), "family=svc,scaler=power;scaler=none");
        assert_eq!(both, Filter::parse(both.text()).unwrap());
        assert_eq!(taken(&both), [("none", "svc"), ("none", "prior"), ("power", "svc")]);
        assert_eq!(Filter::any(&[a, Filter::default()]), Filter::default());
    }

    #[test]
    fn any_says_nothing_twice() {
        let any = |texts: &[&str]| {
            let filters: Vec<Filter> = texts.iter().map(|text| Filter::parse(text).unwrap()).collect();
            Filter::any(&filters).text().to_owned()
        };
        assert_eq!(any(&["family=svc,scaler=power", "family=svc,family=prior"]), "family=svc,family=prior");
        assert_eq!(any(&["family=svc", "scaler=power", "family=svc,scaler=power"]), "family=svc;scaler=power");
        assert_eq!(any(&["family=svc,family=prior", "family=prior,family=svc"]), "family=svc,family=prior");
        let apart = ["family=svc,scaler=power", "family=svc,scaler=none", "family=svc,resampler=none"];
        assert_eq!(any(&apart), apart.join(";"));
    }
}
