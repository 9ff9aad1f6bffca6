//! What other libraries and papers call what has another name here: the names of one thing stand together, ours first.

/// Groups of names, in any case and with or without `-` and `_`. A first name that is none of ours means that there is nothing like
/// it here, so that nothing is taken for it.
const GROUPS: &[&[&str]] = &[
    // Metrics.
    &["accuracy", "accuracy_score", "acc"],
    &["precision", "precision_score", "ppv", "positive_predictive_value"],
    &["recall", "recall_score", "sensitivity", "tpr", "true_positive_rate", "hit_rate", "detection_rate"],
    &["specificity", "specificity_score", "tnr", "true_negative_rate", "selectivity"],
    &["f1", "f1_score", "f_score", "f_measure", "dice"],
    &["f2", "f2_score", "f2_measure"],
    &["f0.5", "f0.5_score", "f05", "f05_score"],
    &["g-mean", "geometric_mean", "geometric_mean_score", "gmean_score"],
    &["iba-0.1", "iba", "index_balanced_accuracy", "make_index_balanced_accuracy"],
    &["mcc", "matthews_corrcoef", "matthews_correlation", "matthews_correlation_coefficient"],
    &["balanced-accuracy", "balanced_accuracy_score", "bacc", "bal_acc"],
    &["false-negative-rate", "fnr", "miss_rate"],
    &["false-positive-rate", "fpr", "fall_out", "false_alarm_rate"],
    &["roc-auc", "roc_auc_score", "auc", "auroc", "auc_roc", "area_under_roc"],
    &["pr-auc", "average_precision", "average_precision_score", "ap", "auprc", "aucpr", "aupr", "prc"],
    &["log-loss", "neg_log_loss", "binary_logloss", "cross_entropy", "binary_cross_entropy"],
    &["brier", "brier_score", "brier_score_loss", "neg_brier_score"],
    &["calibration-error", "ece", "expected_calibration_error"],
    &["partial-roc-auc", "partial_auc", "pauc"],
    &["precision-at", "precision_at_k", "p@k"],
    &["recall-at", "recall_at_k", "r@k"],
    &["cohen_kappa", "cohen_kappa_score", "kappa"],
    &["npv", "negative_predictive_value"],
    &["false_discovery_rate", "fdr"],
    &["jaccard", "jaccard_score"],
    &["hinge_loss"],
    &["error_rate", "zero_one_loss"],
    // Classifiers.
    &["prior", "dummy", "dummy_classifier", "baseline"],
    &["logistic-regression", "logistic_regression_cv", "logistic", "logit", "logreg", "lr"],
    &["decision-tree", "decision_tree_classifier", "cart", "dt"],
    &["random-forest", "random_forest_classifier", "rf"],
    &["extra-trees", "extra_trees_classifier", "extremely_randomized_trees"],
    &["adaboost", "ada_boost_classifier", "ada", "ada_boosting"],
    &["k-neighbors", "k_neighbors_classifier", "knn", "k_nearest_neighbors", "k_nearest_neighbours"],
    &["svc", "svm", "support_vector_machine"],
    &["gaussian-nb", "naive_bayes", "nb"],
    &["lda", "linear_discriminant_analysis"],
    &["qda", "quadratic_discriminant_analysis"],
    &["mlp", "mlp_classifier", "multilayer_perceptron", "neural_network"],
    &["hist-gradient-boosting", "hist_gradient_boosting_classifier", "hgb", "hist_gbm"],
    &["gradient_boosting", "gradient_boosting_classifier", "gbm", "gbdt"],
    &["linear-svc", "linear_svm"],
    &["sgd", "sgd_classifier", "stochastic_gradient_descent"],
    &["ridge", "ridge_classifier"],
    &["isolation-forest", "iforest"],
    &["lof", "local_outlier_factor"],
    &["bagging", "bagging_classifier"],
    &["balanced-bagging", "balanced_bagging_classifier"],
    &["balanced-random-forest", "balanced_random_forest_classifier", "brf"],
    &["easy-ensemble", "easy_ensemble_classifier"],
    &["rus-boost", "rus_boost_classifier"],
    &["voting", "voting_classifier"],
    &["stacking", "stacking_classifier", "stacked"],
    &["xgboost", "xgb_classifier", "xgb"],
    &["lightgbm", "lgbm_classifier", "lgbm", "lgb", "light_gbm_classifier"],
    &["catboost", "cat_boost_classifier"],
    &["tpot", "tpot_classifier"],
    &["autosklearn", "auto_sklearn_classifier", "auto_sklearn_2_classifier"],
    &["passive_aggressive", "passive_aggressive_classifier"],
    &["perceptron"],
    &["gaussian_process", "gaussian_process_classifier"],
    &["multinomial_nb"],
    &["categorical_nb"],
    &["nu_svc"],
    &["one_class_svm"],
    &["nearest_centroid"],
    &["radius_neighbors", "radius_neighbors_classifier"],
    &["extra_tree", "extra_tree_classifier"],
    // Resamplers.
    &["tomek-links", "tomek"],
    &["random-undersampling", "random_under_sampler", "rus", "undersampling", "downsampling"],
    &["random-oversampling", "random_over_sampler", "ros", "oversampling", "upsampling"],
    &["borderline-smote", "bsmote"],
    &["kmeans_smote"],
    &["edited-nearest-neighbours", "edited_nearest_neighbors", "enn"],
    &["repeated-edited-nearest-neighbours", "repeated_edited_nearest_neighbors", "renn"],
    &["neighbourhood-cleaning-rule", "neighborhood_cleaning_rule", "ncr", "ncl"],
    &["one-sided-selection", "oss"],
    &["condensed-nearest-neighbour", "condensed_nearest_neighbor", "cnn"],
    &["instance-hardness-threshold", "iht"],
    &["smote_enn"],
    &["smote_tomek"],
    // Imputers, encoders, scalers and selects.
    &["most-frequent", "mode"],
    &["mean", "simple_imputer"],
    &["knn_imputer"],
    &["iterative_imputer", "mice"],
    &["one-hot", "one_hot_encoder", "ohe", "get_dummies", "dummies"],
    &["ordinal", "ordinal_encoder", "label_encoder"],
    &["target", "target_encoder", "mean_encoder"],
    &["frequency", "count_encoder", "frequency_encoder"],
    &["hashing", "feature_hasher", "hashing_encoder"],
    &["min-max", "min_max_scaler"],
    &["max-abs", "max_abs_scaler"],
    &["standard", "standard_scaler", "z_score", "standardize", "standardization"],
    &["robust", "robust_scaler"],
    &["power", "power_transformer", "yeo_johnson", "box_cox"],
    &["quantile", "quantile_transformer", "rank_gauss"],
    &["function", "function_transformer"],
    &["polynomial", "polynomial_features"],
    &["truncated-svd", "svd"],
    &["none", "passthrough"],
    &["rfe", "rfecv", "recursive_feature_elimination"],
    &["select_from_model"],
    // Splits.
    &["stratified-k-fold", "k_fold", "repeated_stratified_k_fold", "cv", "cross_validation"],
    &["hold-out", "train_test_split"],
    &["stratified-shuffle", "stratified_shuffle_split"],
    &["group-shuffle", "group_shuffle_split"],
    &["time-series", "time_series_split"],
    &["given", "predefined_split"],
    &["leave_one_out", "loo"],
    &["leave_one_group_out", "logo"],
];

/// What is a chain of ours, written with the parameters that imbalanced-learn's class has.
const CHAINS: [(&str, &str); 2] = [
    ("smote_enn", "{ id = \"edited-nearest-neighbours\", sampling_strategy = \"all\" }"),
    ("smote_tomek", "{ id = \"tomek-links\", sampling_strategy = \"all\" }"),
];

/// Words of which a hint never has the one for the other.
const OPPOSITES: [(&str, &str); 4] =
    [("positive", "negative"), ("over", "under"), ("min", "max"), ("sensitivity", "specificity")];
/// Names that are so much alike are the same one, misspelt.
pub(crate) const MISSPELT: f64 = 0.75;
/// Names that are less alike have nothing to do with each other.
const LIKE: f64 = 0.4;

/// A name without its case, `-` and `_`.
fn compact(name: &str) -> String {
    name.chars().filter(|c| !"-_ ".contains(*c)).flat_map(char::to_lowercase).collect()
}

/// The one of `allowed` that `given` means: the same name written otherwise, another library's name of it, or the one that is spelt
/// most alike.
pub(super) fn meant(given: &str, allowed: &[&str]) -> Option<String> {
    let quoted = |name: &str| format!("`{name}`");
    let wanted = compact(given);
    let likeness = |name: &str| strsim::normalized_damerau_levenshtein(&wanted, &compact(name));
    let rank = |name: &str| (likeness(name), strsim::normalized_damerau_levenshtein(given, name));
    let nearest = allowed
        .iter()
        .map(|name| (rank(name), *name))
        .max_by(|(a, _), (b, _)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let ((like, _), name) = nearest?;
    if like >= 1.0 {
        return Some(quoted(name));
    }
    // What has a name elsewhere, or one that is misspelt, is that and nothing else.
    let group = GROUPS.iter().map(|group| (group.iter().map(|name| likeness(name)).fold(0.0, f64::max), group));
    let group = group.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(alike, _)| *alike > MISSPELT.max(like));
    match group {
        Some((_, group)) if is_of_these(allowed) => {
            let own = allowed.iter().find(|name| is_in(group, name)).map(|name| quoted(name));
            own.or_else(|| chain(group, allowed))
        }
        _ => Some(name).filter(|name| like > LIKE && !is_opposite(&wanted, &compact(name))).map(quoted),
    }
}

/// What the name of a group is as a chain, where chains can be made.
fn chain(group: &[&str], allowed: &[&str]) -> Option<String> {
    let (_, step) = CHAINS.iter().find(|(name, _)| group.contains(name) && allowed.contains(&"chain"))?;
    Some(format!("`chain` with steps = [{{ id = \"smote\" }}, {step}] in its `params`"))
}

/// Whether a name, whose number in brackets says nothing, is in the group.
fn is_in(group: &[&str], name: &str) -> bool {
    let name = compact(name.split('(').next().unwrap_or(name));
    group.iter().any(|other| compact(other) == name)
}

/// Whether these are names of what the groups are about, and not of a table's columns, say.
fn is_of_these(allowed: &[&str]) -> bool {
    allowed.iter().any(|name| GROUPS.iter().any(|group| is_in(group, name)))
}

fn is_opposite(one: &str, other: &str) -> bool {
    let has_only = |text: &str, (word, not): (&str, &str)| text.contains(word) && !text.contains(not);
    OPPOSITES.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).any(|(a, b)| has_only(one, (a, b)) && has_only(other, (b, a)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const METRICS: [&str; 8] =
        ["precision", "recall", "specificity", "f1", "mcc", "brier", "pr-auc", "precision-at(100)"];

    fn hint(given: &str, allowed: &[&str]) -> String {
        meant(given, allowed).unwrap_or_default()
    }

    #[test]
    fn no_name_is_in_two_groups() {
        let mut known = HashSet::new();
        for name in GROUPS.iter().copied().flatten() {
            assert!(known.insert(compact(name)), "{name}");
        }
    }

    #[test]
    fn names_of_libraries_and_papers_are_known_in_any_case() {
        for (given, own) in [
            ("sensitivity", "`recall`"),
            ("Sensitivty", "`recall`"),
            ("TPR", "`recall`"),
            ("average_precision", "`pr-auc`"),
            ("PR-AUC", "`pr-auc`"),
            ("AUPRC", "`pr-auc`"),
            ("aucpr", "`pr-auc`"),
            ("matthews_corrcoef", "`mcc`"),
            ("neg_brier_score", "`brier`"),
            ("f1_score", "`f1`"),
            ("precison", "`precision`"),
            ("precision_at_k", "`precision-at(100)`"),
        ] {
            assert_eq!(hint(given, &METRICS), own, "{given}");
        }
        let families = ["prior", "logistic-regression", "adaboost", "k-neighbors", "svc", "qda", "xgboost"];
        for (given, own) in [
            ("SVC", "`svc`"),
            ("knn", "`k-neighbors`"),
            ("dummy", "`prior`"),
            ("AdaBoostClassifier", "`adaboost`"),
            ("ada", "`adaboost`"),
            ("KNeighborsClassifier", "`k-neighbors`"),
            ("XGBClassifier", "`xgboost`"),
            ("passive-aggressive", ""),
        ] {
            assert_eq!(hint(given, &families), own, "{given}");
        }
        let resamplers = ["smote", "smote-n", "adasyn", "edited-nearest-neighbours", "tomek-links", "chain"];
        for (given, own) in [("SMOTE", "`smote`"), ("ADASYN", "`adasyn`"), ("ENN", "`edited-nearest-neighbours`")] {
            assert_eq!(hint(given, &resamplers), own, "{given}");
        }
        assert_eq!(
            hint("smote-enn", &resamplers),
            "`chain` with steps = [{ id = \"smote\" }, { id = \"edited-nearest-neighbours\", sampling_strategy = \"all\" }] in \
             its `params`"
        );
        assert_eq!(hint("SMOTETomek", &resamplers[..5]), "");
        assert_eq!(hint("MinMaxScaler", &["max-abs", "min-max"]), "`min-max`");
        // The names that XGBoost has.
        assert_eq!(hint("average_precision", &["logloss", "aucpr", "auc"]), "`aucpr`");
    }

    #[test]
    fn a_hint_is_never_the_opposite_nor_what_only_looks_alike() {
        assert_eq!(hint("sensitivity", &["specificity", "f1"]), "");
        assert_eq!(hint("average_precision", &["precision", "f1"]), "");
        assert_eq!(hint("false-positive", &["false-negative"]), "");
        assert_eq!(hint("npv", &["mcc", "nv"]), "");
        // A table's columns are called as they are.
        assert_eq!(hint("amuont", &["time", "amount"]), "`amount`");
        assert_eq!(hint("sensitivity", &["sensitivty", "amount"]), "`sensitivty`");
        assert_eq!(hint("over_5", &["under_5"]), "");
    }
}
