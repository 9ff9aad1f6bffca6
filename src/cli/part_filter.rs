//! One filter over the parts of a reproduction: each part takes what it has of it.

use std::collections::BTreeSet;

use crate::cell::{Filter, Plan};
use crate::error::{Error, Result, unknown};
use crate::study::Study;

/// What a part has of each key that a filter may use.
struct Known {
    plan: Plan,
    /// Family and backend of each of the study's classifiers.
    facts: Vec<(String, String)>,
    values: BTreeSet<(&'static str, String)>,
}

impl Known {
    fn of(study: &Study, filter: &Filter) -> Result<Self> {
        let plan = Plan::of(study, &[], &Filter::default())?;
        let facts: Vec<(String, String)> =
            study.classifiers.iter().map(|of| (of.facts.id.clone(), of.facts.backend.clone())).collect();
        let mut values = BTreeSet::new();
        for (key, _) in filter.conditions() {
            for cell in &plan.cells {
                let (family, backend) = &facts[cell.classifier];
                values.insert((*key, Filter::value(key, &cell.id, family, backend)));
            }
        }
        Ok(Known { plan, facts, values })
    }

    fn has(&self, key: &str, value: &str) -> bool {
        self.values.iter().any(|(known, of)| *known == key && of == value)
    }

    fn values_of(&self, key: &str) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |(known, _)| *known == key).map(|(_, value)| value.as_str())
    }

    fn is_taken(&self, filter: &Filter) -> bool {
        let takes = |cell: &crate::cell::Cell| {
            let (family, backend) = &self.facts[cell.classifier];
            filter.takes(&cell.id, family, backend)
        };
        self.plan.cells.iter().any(takes)
    }
}

/// The filter of each of these parts: none where it takes no cell of the part, which is left out then.
///
/// # Errors
/// [`Error::Usage`] for a filter that is none, for a value that no part has, and where no part has a cell that it takes.
pub(super) fn of_parts(text: &str, parts: &[(&str, Study)]) -> Result<Vec<Option<String>>> {
    let filter = Filter::parse(text)?;
    let known: Vec<Known> = parts.iter().map(|(_, study)| Known::of(study, &filter)).collect::<Result<_>>()?;
    if !parts.is_empty() {
        check_values(&filter, &known)?;
    }
    let own = |known: &Known| filter.within(|key, value| known.has(key, value)).filter(|own| known.is_taken(own));
    let found: Vec<Option<String>> = known.iter().map(|known| own(known).map(|own| own.text().to_owned())).collect();
    match found.iter().all(Option::is_none) && !parts.is_empty() {
        true => Err(Error::Usage(format!("--filter {text} takes no cell of any part"))),
        false => Ok(found),
    }
}

/// Refuses a value that no part has.
fn check_values(filter: &Filter, known: &[Known]) -> Result<()> {
    for (key, values) in filter.conditions() {
        let all: BTreeSet<&str> = known.iter().flat_map(|known| known.values_of(key)).collect();
        let Some(value) = values.iter().find(|value| !all.contains(value.as_str())) else { continue };
        let all: Vec<&str> = all.into_iter().collect();
        return Err(Error::Usage(format!("--filter: {}", unknown(&format!("value of {key}"), value, &all))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::component::Registry;
    use crate::papers::{self, PAPERS, Part};

    fn study(grid: &str) -> Study {
        let text = format!("name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n[grid]\n{grid}\n");
        Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap()
    }

    #[test]
    fn each_part_takes_what_it_has() {
        let parts = [
            ("trees", study("classifiers = ['decision-tree', 'random-forest']")),
            ("scaled", study("scalers = ['standard']\nclassifiers = ['random-forest', 'xgboost']")),
            ("base", study("classifiers = ['prior']")),
        ];
        let of = |text: &str| of_parts(text, &parts).map_err(|e| e.to_string());
        let texts = |own: [Option<&str>; 3]| Ok(own.map(|text| text.map(str::to_owned)).to_vec());
        assert_eq!(of(""), texts([Some(""); 3]));
        assert_eq!(
            of("family=random-forest"),
            texts([Some("family=random-forest"), Some("family=random-forest"), None])
        );
        // As it was typed where a part has all of it.
        assert_eq!(
            of("family=decision-tree, family=random-forest, family=xgboost"),
            texts([
                Some("family=decision-tree,family=random-forest"),
                Some("family=random-forest,family=xgboost"),
                None
            ])
        );
        assert_eq!(of("fold=0, repeat=0"), texts([Some("fold=0, repeat=0"); 3]));
        assert_eq!(
            of("family=xgboost,scaler=none").unwrap_err(),
            "--filter family=xgboost,scaler=none takes no cell of any part"
        );
        let said = of("family=random-forest,family=xgbost").unwrap_err();
        // What all parts have together.
        assert_eq!(
            said,
            "--filter: unknown value of family `xgbost`; did you mean `xgboost`? Allowed: decision-tree, prior, random-forest, xgboost"
        );
        assert!(of("familie=xgboost").unwrap_err().contains("did you mean `family`"));
        assert_eq!(of_parts("family=xgboost", &[]).unwrap(), Vec::<Option<String>>::new());
    }

    #[test]
    fn the_parts_of_a_paper_need_not_all_have_a_family() {
        let paper = papers::find(PAPERS, "handbook").unwrap();
        let study = |part: &Part| (part.name, part.study(&Registry::built_in()).unwrap());
        let parts: Vec<(&str, Study)> = paper.parts.iter().map(study).collect();
        let taken = |text: &str| -> Vec<&str> {
            let own = of_parts(text, &parts).unwrap();
            parts.iter().zip(own).filter(|(_, own)| own.is_some()).map(|((name, _), _)| *name).collect()
        };
        assert_eq!(taken("family=mlp"), ["networks-validation", "networks-test"]);
        let xgboost = taken("family=xgboost");
        assert!(xgboost.contains(&"first") && xgboost.contains(&"selection-test"), "{xgboost:?}");
        assert!(!xgboost.contains(&"networks-test"), "{xgboost:?}");
    }
}
