//! Why numbers differ, or were not measured.

/// Of numbers of networks.
pub const NETWORK: &str =
    "the Handbook's network is PyTorch's, with dropout and weights that PyTorch draws: `mlp` has neither";

/// Of XGBoost's numbers.
const XGBOOST: &str = "XGBoost 3.2 here, 1.x there: with the same parameters some deep trees cut elsewhere, and a standard deviation over \
                       four folds moves with one of them";
/// Of SMOTE's numbers.
const SMOTE: &str = "made rows equal imbalanced-learn's to the last bits only, and a tree's cut may turn on these";

/// What is known of the numbers of a table, where they differ.
pub fn of(table: &str) -> Option<&'static str> {
    match table {
        "ModelSelection-47" | "ModelSelection-49" | "Ensembling-58" | "Ensembling-87" | "Ensembling-89" => {
            Some(XGBOOST)
        }
        "Resampling-82" | "Resampling-84" | "Resampling-97" | "Resampling-99" => Some(SMOTE),
        _ => None,
    }
}
