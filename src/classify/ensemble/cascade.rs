//! `cascade`: stages one after another, each of which passes on what it finds suspicious; people check what is left.

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::named::{Listed, Seeds};
use super::with_facts;
use crate::classify::limit;
use crate::component::{
    Built, Classifier, Context, Entry, InnerCut, InnerFold, Model, Prediction, Registry, ScoreKind, Shape, Train, build,
};
use crate::data::Role;
use crate::error::{Error, Result};
use crate::split::{cut, labels, with_key};

const ID: &str = "cascade";
/// Where a study has the number of inner folds.
const KEY: &str = "`cv`";

/// Parameters; these are ours.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// Families with their parameters, the first stage first.
    stages: Vec<Value>,
    /// The share of positives that all stages together may miss; after the n-th of s stages at most `n / s` of it.
    max_missed: f64,
    /// Inner folds, without a shuffle, that thresholds are chosen on.
    cv: u32,
    /// What people's check of a row costs that has passed all stages.
    check_cost: f64,
}

impl Default for Params {
    fn default() -> Self {
        Params { stages: Vec::new(), max_missed: 0.1, cv: 5, check_cost: 1.0 }
    }
}

struct Cascade {
    members: Listed,
    max_missed: f64,
    folds: u32,
    check_cost: f64,
}

/// What a stage lets pass: rows whose score is at least `threshold`.
struct Stage {
    threshold: f64,
    /// Rows that it saw, and positives among them, where the thresholds were chosen.
    seen: [usize; 2],
    /// Those that it let pass.
    left: [usize; 2],
}

impl Stage {
    /// The highest threshold that misses at most `may_miss` positives of the rows `alive`, which become those that pass.
    fn choose(score: &[f64], y: &[u8], alive: &mut Vec<usize>, may_miss: usize) -> Self {
        let positives = |rows: &[usize]| rows.iter().filter(|&&row| y[row] == 1).count();
        let seen = [alive.len(), positives(alive)];
        let mut found: Vec<f64> = alive.iter().filter(|&&row| y[row] == 1).map(|&row| score[row]).collect();
        found.sort_by(f64::total_cmp);
        // Without a positive left nothing need pass.
        let threshold = found.get(may_miss).copied().unwrap_or(f64::INFINITY);
        alive.retain(|&row| score[row] >= threshold);
        Stage { threshold, seen, left: [alive.len(), positives(alive)] }
    }
}

impl Cascade {
    /// Chooses the stages' thresholds on what members say of rows that they have not seen.
    fn stages(&self, folds: &[InnerFold<'_>], seeds: Seeds<'_>) -> Result<Vec<Stage>> {
        let count = self.members.count();
        let jobs: Vec<(usize, &InnerFold<'_>)> =
            (0..count).flat_map(|nth| folds.iter().map(move |fold| (nth, fold))).collect();
        let said: Vec<Result<Vec<f64>>> = jobs
            .into_par_iter()
            .with_max_len(1)
            .map(|(nth, fold)| {
                let model = self.members.fit_one(nth, &fold.training(), seeds)?;
                Ok(model.predict(fold.test.view())?.score)
            })
            .collect();
        // Collected twice: of several failures the first is told, whichever was there first.
        let said = said.into_iter().collect::<Result<Vec<_>>>()?;
        let y: Vec<u8> = folds.iter().flat_map(|fold| fold.test_y.iter().copied()).collect();
        let positives = y.iter().filter(|&&label| label == 1).count();
        let mut alive: Vec<usize> = (0..y.len()).collect();
        let mut stages: Vec<Stage> = Vec::with_capacity(count);
        for (nth, said) in said.chunks(folds.len().max(1)).enumerate() {
            let share = self.max_missed * (nth + 1) as f64 / count as f64;
            let missed = positives - stages.last().map_or(positives, |last| last.left[1]);
            // A hair above whole numbers, as 0.3 / 3 of 10 positives is 0.9999... of one.
            let may_miss = (share * positives as f64 + 1e-9) as usize - missed;
            stages.push(Stage::choose(&said.concat(), &y, &mut alive, may_miss));
        }
        Ok(stages)
    }

    fn fitted(&self, train: &Train<'_>, seeds: Seeds<'_>) -> Result<Box<dyn Model>> {
        let all: Vec<usize> = (0..labels(train).len()).collect();
        let folds = cut(train, &all, (self.folds, None)).map_err(|e| with_key(e, KEY))?;
        let stages = self.stages(&folds, seeds)?;
        drop(folds);
        let models = self.members.fit_each(train, seeds)?;
        let mut details = self.details(&stages);
        details.extend(limit::told_by(models.iter().map(|model| model.as_ref())));
        let thresholds = stages.into_iter().map(|stage| stage.threshold).collect();
        Ok(Box::new(Fitted { models, thresholds, names: self.members.names(), details: details.into() }))
    }

    fn details(&self, stages: &[Stage]) -> Map<String, Value> {
        let stage = |stage: &Stage| {
            let [seen, left] = [stage.seen, stage.left];
            json!({
                "threshold": stage.threshold.is_finite().then_some(stage.threshold),
                "filtered": (seen[0] - seen[1]) - (left[0] - left[1]),
                "missed": seen[1] - left[1],
                "left": left[0],
            })
        };
        let stages: Vec<Value> = stages.iter().map(stage).collect();
        let told = json!({ "check_cost": self.check_cost, "out_of_fold": stages });
        Map::from_iter([("cascade".to_owned(), told)])
    }
}

impl Classifier for Cascade {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.members.accept(given)
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.members.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        self.fitted(train, Seeds { context, is_drawn: false })
    }

    fn fit_drawn(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        self.fitted(train, Seeds { context, is_drawn: true })
    }

    fn uses_raw_rows(&self) -> bool {
        true
    }

    fn inner_cuts(&self) -> Vec<InnerCut> {
        let own = InnerCut { folds: self.folds, seed: None, key: KEY, judges: false };
        [vec![own], self.members.inner_cuts()].concat()
    }

    fn judged_by(&self) -> Vec<Role> {
        self.members.judged_by()
    }

    fn cannot_stop_early(&self, y: &[u8], _has_validation: bool) -> Option<String> {
        // Inner folds have none.
        self.members.cannot_stop_early(y, false)
    }

    fn decides_only(&self) -> bool {
        true
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

struct Fitted {
    models: Vec<Box<dyn Model>>,
    thresholds: Vec<f64>,
    names: Vec<String>,
    details: Value,
}

impl Model for Fitted {
    /// The whole part of a score is the number of stages that the row has passed; the rest ranks it by the last stage that
    /// looked at it.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let mut score = vec![0.0; x.nrows()];
        let mut alive: Vec<usize> = (0..x.nrows()).collect();
        for (nth, (model, threshold)) in self.models.iter().zip(&self.thresholds).enumerate() {
            if alive.is_empty() {
                break;
            }
            // Later stages see the few rows that came through, and cost accordingly.
            let said = match nth {
                0 => model.predict(x)?,
                _ => model.predict(x.select(Axis(0), &alive).view())?,
            };
            let mut passed = Vec::new();
            for (&row, &own) in alive.iter().zip(&said.score) {
                let passes = own >= *threshold;
                score[row] = (nth + usize::from(passes)) as f64 + below_one(own, said.kind);
                if passes {
                    passed.push(row);
                }
            }
            alive = passed;
        }
        let mut label = vec![0; x.nrows()];
        alive.into_iter().for_each(|row| label[row] = 1);
        Ok(Prediction { score, label, kind: ScoreKind::Decision })
    }

    fn details(&self) -> Option<Value> {
        Some(self.details.clone())
    }

    fn stages(&self) -> Vec<String> {
        self.names.clone()
    }
}

/// A stage's score between 0 and 1, 1 excluded, in the same order.
fn below_one(score: f64, kind: ScoreKind) -> f64 {
    let share = match kind {
        ScoreKind::Probability => score,
        ScoreKind::Decision => 0.5 + 0.5 * score / (1.0 + score.abs()),
    };
    // The largest double below 1 would be rounded up when a stage's number is added.
    share.clamp(0.0, 1.0 - 1e-12)
}

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Classifier>> {
    let mut facts = Value::Null;
    let built = build::<Params, dyn Classifier>(ID, table, |params| {
        let Params { stages, max_missed, cv: folds, check_cost } = params;
        let members = Listed::read("stages", stages, registry);
        let require = |holds: bool, said: String| if holds { Ok(()) } else { Err(Error::Study(said)) };
        let numbers = Error::every([
            require(
                (0.0..=1.0).contains(&max_missed),
                format!("`max_missed` is a share from 0 to 1, not {max_missed}"),
            ),
            require(folds >= 2, format!("`cv` must be at least 2 inner folds, not {folds}")),
            require(
                check_cost >= 0.0 && check_cost.is_finite(),
                format!("`check_cost` must be 0 or more, not {check_cost}"),
            ),
        ]);
        let (members, _) = Error::both(members, numbers)?;
        facts = members.facts();
        Ok(Box::new(Cascade { members, max_missed, folds, check_cost }))
    })?;
    Ok(with_facts(built, "stages", facts))
}

/// The system of stages that Levashov and Ovchinnikov (2019) describe: what a stage finds suspicious goes to the next one,
/// people see what is left. Every stage is fitted on all training rows. Thresholds are chosen on scores of inner folds, so
/// that the positives missed there stay within the bound.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::of_others(ID, "stages that pass on what they find suspicious, within a bound on missed positives", make)
        .source("https://doi.org/10.21681/2311-3456-2019-5-63-69")
        .least("stages = [\"gaussian-nb\", \"decision-tree\"]")
        .of_report(&["check_cost"])
        .look(27);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::mt19937::Mt19937;

    #[test]
    fn a_stage_misses_what_it_may_and_not_one_more() {
        let mut random = Mt19937::new(3);
        for may_miss in [0, 1, 3, 7, 20] {
            let y: Vec<u8> = (0..150).map(|row| u8::from(row % 9 == 0)).collect();
            // Coarse, so that scores are tied.
            let score: Vec<f64> = (0..150).map(|_| random.interval(12) as f64).collect();
            let mut alive: Vec<usize> = (20..150).collect();
            let stage = Stage::choose(&score, &y, &mut alive, may_miss);
            let missed = |threshold: f64| (20..150).filter(|&row| y[row] == 1 && score[row] < threshold).count();
            assert!(missed(stage.threshold) <= may_miss && stage.seen[1] - stage.left[1] == missed(stage.threshold));
            let next = score.iter().copied().filter(|score| *score > stage.threshold).fold(f64::INFINITY, f64::min);
            assert!(stage.threshold == f64::INFINITY || missed(next) > may_miss, "{may_miss}");
            assert!(alive.iter().all(|&row| score[row] >= stage.threshold) && alive.len() == stage.left[0]);
        }
    }

    #[test]
    fn scores_say_how_many_stages_a_row_has_passed_and_the_bound_is_kept_where_it_was_chosen() {
        let mut random = Mt19937::new(8);
        let y: Vec<u8> = (0..600).map(|row| u8::from(row % 12 == 5)).collect();
        let x = ndarray::Array2::from_shape_fn((600, 2), |(row, _)| random.next_f64() + 0.4 * f64::from(y[row]));
        let built = ENTRY.build(
            &"stages = ['gaussian-nb', { family = 'decision-tree', params = { max_depth = 3 } }]\nmax_missed = 0.2"
                .parse()
                .unwrap(),
            &crate::component::Registry::built_in(),
        );
        let model = built.unwrap().component.fit(&Train::numbers(x.view(), &y), &Context { seed: 1 }).unwrap();
        assert_eq!(model.stages(), ["gaussian-nb", "decision-tree"]);
        let said = model.predict(x.view()).unwrap();
        for (score, label) in said.score.iter().zip(&said.label) {
            assert_eq!(*label == 1, *score >= 2.0);
        }
        for passed in [0.0, 1.0, 2.0] {
            assert!(said.score.iter().any(|score| score.floor() == passed), "{passed}");
        }
        let stages = model.details().unwrap()["cascade"]["out_of_fold"].clone();
        let missed: u64 = stages.as_array().unwrap().iter().map(|stage| stage["missed"].as_u64().unwrap()).sum();
        assert!(stages[0]["missed"].as_u64().unwrap() <= 5 && missed <= 10, "{stages}");
        assert!(stages[0]["filtered"].as_u64().unwrap() > 0 && stages[1]["left"].as_u64().unwrap() < 600, "{stages}");
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let refused = |params: &str| {
            let registry = crate::component::Registry::built_in();
            ENTRY.build(&params.parse().unwrap(), &registry).err().unwrap().to_string()
        };
        assert!(refused("").contains("`stages` must list"));
        assert!(refused("stages = ['gausian-nb']").contains("did you mean `gaussian-nb`"));
        assert!(refused("stages = ['gaussian-nb']\nmax_missed = 2.0").contains("from 0 to 1"));
        assert!(refused("stages = ['gaussian-nb']\ncv = 1").contains("at least 2"));
    }
}
