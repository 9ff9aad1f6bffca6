//! What identifies a cell's result, and the seeds that follow from it.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Cell, CellId};
use crate::component::ComponentFacts;
use crate::data::{Digests, hex};
use crate::seed::{Purpose, derive};
use crate::split::Leak;
use crate::study::Study;

/// What a record's key is made of, as a number: another makes all records invalid for `--resume`.
const KEY: u32 = 2;

/// How inner folds are cut where they follow from more than the matrix, as a number: another makes the records of these cells
/// invalid, and of no others. The second way cuts them from the rows ahead of the steps.
const INNER_FOLDS: u32 = 2;

/// How an encoder deals training rows to folds behind a resampler, as a number, as above. The second way keeps the copies of a row
/// together.
const ENCODER_FOLDS: u32 = 2;

impl Cell {
    /// The record's key: SHA-256, first 32 hex digits, over everything that could change the fit. The data's name and the file's
    /// bytes are no part of it, nor are columns that the protocol does not look at, nor the metrics, which are computed from
    /// what the fit said.
    pub fn key(&self, study: &Study, data: &Digests) -> String {
        let mut whole = json!({
            "format": KEY,
            "data": [data.features, data.labels],
            "dedup": self.id.dedup,
            "protocol": study.protocol,
            "split": [self.id.repeat, self.id.fold],
            "seed": study.seed,
            "imputer": study.imputers[self.imputer].facts,
            "resampler": study.resamplers[self.resampler].facts,
            "encoder": study.encoders[self.encoder].facts,
            "scaler": study.scalers[self.scaler].facts,
            "classifier": study.classifiers[self.classifier].facts,
        });
        // Before, rows were told apart by what was read as features alone: where that keeps the same rows, keys are what they were.
        if let (true, Some(kept)) = (self.id.dedup, &data.kept) {
            whole["kept"] = json!(kept);
        }
        // An axis that came after the first records.
        let select = &study.selects[self.select].facts;
        if !select.is_none() {
            whole["select"] = json!(select);
        }
        if !self.leaks.is_empty() {
            whole["leaks"] = json!(self.leaks.to_string());
        }
        for role in study.roles(self.data) {
            whole[role.key()] = json!(data.of_role(role));
        }
        // What a search judges its candidates by decides which one is fitted.
        for role in study.classifiers[self.classifier].component.judged_by() {
            whole[role.key()] = json!(data.of_role(role));
        }
        if self.has_own_inner_folds(study, data) {
            whole["inner_folds"] = json!(INNER_FOLDS);
        }
        if self.deals_resampled_rows(study, data) {
            whole["encoder_folds"] = json!(ENCODER_FOLDS);
        }
        let digest = Sha256::digest(whole.to_string().as_bytes());
        hex(&digest[..16])
    }

    /// Whether inner folds of its classifier follow from more than the matrix that it is fitted on: a step before it learns from
    /// rows, or the protocol keeps groups together or rows in order. Under `resample-before-split` they are cut from that matrix.
    pub(crate) fn has_own_inner_folds(&self, study: &Study, data: &Digests) -> bool {
        let is_step = |facts: &ComponentFacts| !facts.is_none();
        let learns = is_step(&study.imputers[self.imputer].facts)
            || is_step(&study.resamplers[self.resampler].facts)
            || study.scalers[self.scaler].component.learns()
            || is_step(&study.selects[self.select].facts)
            || data.categories;
        let is_kept = study.protocol.column().is_some() || !study.protocol.needs().is_empty();
        let cut = study.classifiers[self.classifier].component.uses_raw_rows();
        let elsewhere = self.leaks.has(Leak::ChosenOnTestRows) || self.leaks.divide_at_random();
        cut && !self.leaks.has(Leak::ResampleBeforeSplit) && (learns || is_kept || elsewhere)
    }

    /// Whether its encoder deals rows to folds that a resampler chose or made.
    fn deals_resampled_rows(&self, study: &Study, data: &Digests) -> bool {
        let resampler = &study.resamplers[self.resampler];
        let is_resampled = !resampler.facts.is_none() && !resampler.is_on_scaled();
        let deals = study.encoders[self.encoder].component.is_cross_fitted() && !self.leaks.has(Leak::EncoderOnAllRows);
        data.categories && is_resampled && deals
    }

    /// The cell's components, as a study has them, in the order of a pipeline.
    pub fn components<'s>(&self, study: &'s Study) -> [&'s ComponentFacts; 6] {
        [
            &study.imputers[self.imputer].facts,
            &study.resamplers[self.resampler].facts,
            &study.encoders[self.encoder].facts,
            &study.scalers[self.scaler].facts,
            &study.selects[self.select].facts,
            &study.classifiers[self.classifier].facts,
        ]
    }

    /// The classifier's seed. It leaves resampler, scaler and select out: pipelines that differ in these alone are compared with
    /// the same draws, and equal inputs give equal models.
    pub fn classifier_seed(&self, study: &Study) -> u64 {
        let facts = &study.classifiers[self.classifier].facts;
        let key = format!("{}|{}|{}|{}|{}", facts.id, facts.backend, facts.params, self.id.repeat, self.id.fold);
        derive(study.seed, Purpose::Classify, &key)
    }

    /// The resampler's seed; every scaler and classifier after it sees the same rows.
    pub fn resampler_seed(&self, study: &Study) -> u64 {
        resampler_seed(study.seed, &study.resamplers[self.resampler].facts, &self.id)
    }
}

/// The seed of a resampler with these facts on a cell's split.
pub(crate) fn resampler_seed(study_seed: u64, facts: &ComponentFacts, cell: &CellId) -> u64 {
    let key = format!("{}|{}|{}|{}|{}", facts.id, facts.params, cell.dedup, cell.repeat, cell.fold);
    derive(study_seed, Purpose::Resample, &key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::cell::{Filter, Plan};
    use crate::component::Registry;

    fn cells(protocol: &str) -> (Study, Vec<Cell>) {
        let text = format!(
            "name = 'x'\nseed = 7\nmetrics = ['pr-auc']\n[data]\npath = 'x.csv'\n[protocol]\n{protocol}\n[grid]\ndedup = true\n\
             classifiers = ['prior']\n"
        );
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let plan = Plan::of(&study, &[], &Filter::default()).unwrap();
        (study, plan.cells)
    }

    fn digests(features: &str) -> Digests {
        Digests { features: features.into(), labels: "labels".into(), time: Some("time".into()), ..Digests::default() }
    }

    #[test]
    fn keys_stay_what_they_are() {
        // Whoever changes one of these makes all records of all users invalid.
        for (protocol, key) in [
            ("kind = 'hold-out'\ntest = 0.3", "bca1c43dcb83341fad9e20090d7704d0"),
            ("kind = 'stratified-k-fold'\nfolds = 3", "0a63cd0f14db4b91235bc7ae2a5e11f8"),
            ("kind = 'time-ordered'", "d9546bc6e291414c544848201dc7d784"),
        ] {
            let (study, cells) = cells(protocol);
            assert_eq!(cells[0].key(&study, &digests("data")), key, "{protocol}");
            let (named, first) = self::cells(&format!("{protocol}\nleaks = ['honest']"));
            assert_eq!(first[0].key(&named, &digests("data")), key);
        }
    }

    #[test]
    fn a_selection_is_in_a_key_and_its_default_is_not() {
        let key = |grid: &str| with_inner_folds("kind = 'hold-out'", grid, false).0;
        assert_eq!(key(""), key("selects = ['none']"));
        let pca = |count: u32| format!("selects = [{{ id = 'pca', params = {{ n_components = {count} }} }}]");
        assert!(key("") != key(&pca(2)) && key(&pca(2)) != key(&pca(3)));
    }

    #[test]
    fn only_what_the_protocol_looks_at_is_in_a_key() {
        let key = |protocol: &str, digests: &Digests| {
            let (study, cells) = cells(protocol);
            cells[0].key(&study, digests)
        };
        let later = Digests { time: Some("later".into()), amount: Some("amount".into()), ..digests("data") };
        let (fold, time) = ("kind = 'stratified-k-fold'", "kind = 'time-ordered'");
        assert_eq!(key(fold, &digests("data")), key(fold, &later));
        assert_ne!(key(time, &digests("data")), key(time, &later));
        assert_ne!(key(fold, &digests("data")), key(fold, &digests("other")));
        // Roles of a kind that asks for them are in its keys, others are not.
        let with =
            |group: &str, fold: &str| Digests { group: Some(group.into()), fold: Some(fold.into()), ..digests("data") };
        let (groups, given) = ("kind = 'group-k-fold'", "kind = 'given'");
        assert_ne!(key(groups, &with("a", "a")), key(groups, &with("b", "a")));
        assert_eq!(key(groups, &with("a", "a")), key(groups, &with("a", "b")));
        assert_ne!(key(given, &with("a", "a")), key(given, &with("a", "b")));
        assert_eq!(key(given, &with("a", "a")), key(given, &with("b", "a")));
    }

    #[test]
    fn which_rows_dedup_keeps_is_in_a_key_where_made_features_decide_about_them() {
        let (study, cells) = cells("kind = 'hold-out'\ntest = 0.3");
        let kept =
            |kept: Option<&str>| cells[0].key(&study, &Digests { kept: kept.map(str::to_owned), ..digests("data") });
        assert_eq!(kept(None), "bca1c43dcb83341fad9e20090d7704d0");
        assert!(kept(Some("a")) != kept(None) && kept(Some("a")) != kept(Some("b")));
        let mut whole = cells[0].clone();
        whole.id.dedup = false;
        let key = |kept: Option<&str>| whole.key(&study, &Digests { kept: kept.map(str::to_owned), ..digests("data") });
        assert_eq!(key(Some("a")), key(None));
    }

    #[test]
    fn keys_of_boosting_are_what_they_were_before_it_could_stop_early() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/families-10-fold.toml");
        let study = Study::read(&file, &Registry::built_in()).unwrap();
        let key = |study: &Study, family: &str| {
            let filter = Filter::default();
            let plan = Plan::of(study, &[], &filter).unwrap();
            let is_first = |cell: &&Cell| cell.id.classifier == family && cell.id.scaler == "none";
            plan.cells.iter().find(is_first).unwrap().key(study, &digests("data"))
        };
        assert_eq!(key(&study, "xgboost"), "5e0e143712e196356baf430d1be041f7");
        assert_eq!(key(&study, "lightgbm"), "0cd8b18bab49167de7469f6151f9baa9");
        let text =
            study.text.replace("\"xgboost\"", "{ family = \"xgboost\", params = { early_stopping_rounds = 5 } }");
        let stops = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        assert_ne!(key(&stops, "xgboost"), key(&study, "xgboost"));
    }

    #[test]
    fn metrics_are_no_part_of_a_key() {
        let (study, first) = cells("kind = 'hold-out'");
        let more = study.text.replace("['pr-auc']", "['pr-auc', 'recall']");
        assert_ne!(more, study.text);
        let other = Study::parse(&more, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        assert_eq!(first[0].key(&other, &digests("data")), first[0].key(&study, &digests("data")));
    }

    #[test]
    fn what_a_search_judges_by_is_in_a_key() {
        let key = |goal: &str, amount: &str| {
            let text = format!(
                "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n[grid]\nclassifiers = [{{ family = \
                 'decision-tree', search = {{ kind = 'grid', goal = '{goal}', space = {{ max_depth = [2] }} }} }}]\n"
            );
            let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
            let cell = Plan::of(&study, &[], &Filter::default()).unwrap().cells.remove(0);
            cell.key(&study, &Digests { amount: Some(amount.into()), ..digests("data") })
        };
        assert_eq!(key("pr-auc", "a"), key("pr-auc", "b"));
        assert_ne!(key("amount-recall", "a"), key("amount-recall", "b"));
    }

    /// The first cell of a study with this protocol and grid, and whether its inner folds follow from more than its matrix.
    fn with_inner_folds(protocol: &str, grid: &str, categories: bool) -> (String, bool) {
        let tuned = "classifiers = [{ family = 'decision-tree', threshold = 'max-f1' }]";
        let text = format!(
            "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\n{protocol}\n[grid]\ndedup = true\n{grid}\n{tuned}\n"
        );
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let cell = Plan::of(&study, &[], &Filter::default()).unwrap().cells.remove(0);
        let data = Digests { categories, ..digests("data") };
        (cell.key(&study, &data), cell.has_own_inner_folds(&study, &data))
    }

    #[test]
    fn inner_folds_follow_from_more_than_the_matrix_where_a_step_learns_or_rows_are_kept_together() {
        let own = |protocol: &str, grid: &str| with_inner_folds(protocol, grid, false).1;
        let fold = "kind = 'stratified-k-fold'";
        for stateless in ["", "scalers = ['normalizer']", "scalers = ['polynomial']", "encoders = ['one-hot']"] {
            assert!(!own(fold, stateless), "{stateless}");
        }
        for learns in ["scalers = ['standard']", "imputers = ['mean']", "resamplers = ['smote']", "selects = ['pca']"] {
            assert!(own(fold, learns), "{learns}");
        }
        assert!(own("kind = 'time-ordered'", "") && own("kind = 'group-k-fold'", ""));
        assert!(with_inner_folds(fold, "", true).1, "an encoder learns levels");
        assert!(!own("kind = 'hold-out'\nleaks = ['resample-before-split']", "resamplers = ['smote']"));
        assert!(own("kind = 'hold-out'\nleaks = ['scaler-on-all-rows']", "scalers = ['standard']"));
    }

    #[test]
    fn how_inner_folds_are_cut_is_in_the_keys_of_the_cells_that_cut_them_so() {
        let key = |grid: &str| with_inner_folds("kind = 'stratified-k-fold'", grid, false).0;
        // Both from before the folds were cut anew: the first cell's numbers are still these, the second's are not.
        assert_eq!(key(""), "6f86c1fcbada147f6625b053b29cbf72");
        assert_ne!(key("scalers = ['standard']"), "50922d90d254a3a6a89010022b2ff321");
    }

    #[test]
    fn how_an_encoder_deals_resampled_rows_is_in_the_keys_of_the_cells_that_do_so() {
        // Without a category nothing is encoded: a key that is the same with one says nothing of folds.
        let says = |protocol: &str, grid: &str| {
            with_inner_folds(protocol, grid, true).0 != with_inner_folds(protocol, grid, false).0
        };
        let (fold, target) = ("kind = 'stratified-k-fold'", "encoders = ['target']");
        for resampler in ["'random-oversampling'", "'smote-nc'", "'random-undersampling'"] {
            assert!(says(fold, &format!("{target}\nresamplers = [{resampler}]")), "{resampler}");
            assert!(!says(fold, &format!("encoders = ['one-hot']\nresamplers = [{resampler}]")), "{resampler}");
        }
        // Rows of their own, as in all records that there were, have the keys that they had.
        assert!(!says(fold, &format!("{target}\nimputers = ['mean']")));
        let scaled = "resamplers = [{ id = 'random-oversampling', on = 'scaled' }]";
        assert!(!says(fold, &format!("{target}\n{scaled}")));
        let leaky = "kind = 'hold-out'\nleaks = ['encoder-on-all-rows']";
        assert!(!says(leaky, &format!("{target}\nresamplers = ['random-oversampling']")));
    }

    #[test]
    fn every_protocol_has_keys_of_its_own() {
        let names = crate::split::Leaks::ladder(&Leak::COMMON)
            .iter()
            .map(|leaks| format!("'{leaks}'"))
            .collect::<Vec<_>>()
            .join(", ");
        let (study, cells) = cells(&format!("kind = 'hold-out'\nrepeats = 2\nleaks = [{names}]"));
        let keys: BTreeSet<String> = cells.iter().map(|cell| cell.key(&study, &digests("data"))).collect();
        assert_eq!((cells.len(), keys.len()), (12, 12));
    }
}
