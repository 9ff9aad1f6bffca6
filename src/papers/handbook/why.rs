//! Why numbers differ, or were not measured.

/// Of numbers of networks.
const NETWORK: &str = "weights, batches and dropout are drawn otherwise than by PyTorch (see the note on networks)";
/// Of the first network.
pub const FIRST_NETWORK: &str = "the table prints neither units nor optimiser nor epochs of this network";
/// Of four networks.
pub const CUT_OFF: &str = "the parameters of its rows are cut off where they are printed";
/// Of the choice among networks.
pub const NOT_CHOSEN: &str =
    "of the 162 networks only the 15 are run whose numbers are printed: none can be chosen anew";

/// Of XGBoost's numbers.
const XGBOOST: &str = "checked for 50/0.3/9 on the test folds only: Python's XGBoost 3.2 gives our number on the same rows, and XGBoost 1.5 \
                       another one on a single fold (0.8656 and not 0.8714), which moves a standard deviation over four";
/// Of SMOTE's numbers.
const SMOTE: &str = "checked for the ratio 0.05 on the test folds only: imbalanced-learn 0.14 and scikit-learn 1.9 give our number on \
                     the same rows, and the Handbook's are older";

/// What is known of the numbers of a table, where they differ.
pub fn of(table: &str) -> Option<&'static str> {
    match table {
        "ModelSelection-47" | "ModelSelection-49" | "Ensembling-58" | "Ensembling-87" | "Ensembling-89" => {
            Some(XGBOOST)
        }
        "Resampling-82" | "Resampling-84" | "Resampling-97" | "Resampling-99" | "Resampling-102" => Some(SMOTE),
        "FeedForwardNeuralNetworks-115" | "FeedForwardNeuralNetworks-118" | "FeedForwardNeuralNetworks-135" => {
            Some(NETWORK)
        }
        _ => None,
    }
}
