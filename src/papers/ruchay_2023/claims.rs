//! The claims of Ruchay et al. (2023), each with where it stands, the rule that decides about it, and what decides.

use super::{Finding, headline, preparation, rankings, stability};
use crate::papers::{Claim, Printed};

/// Every claim, in the paper's order.
pub static CLAIMS: &[Claim] = &[
    Claim {
        id: "unique-rows",
        place: "section 4",
        said: "283,726 of 284,807 records are unique",
        printed: Printed::Value("283,726"),
        rule: "the rows without exact duplicates are 283,726",
        judge: preparation::unique_rows,
    },
    Claim {
        id: "tomek-removes",
        place: "section 4",
        said: "Tomek links remove 248 records from the records without duplicates",
        printed: Printed::Value("248"),
        rule: "248 rows go from the data without duplicates after at least one of the ten scalers",
        judge: preparation::tomek_removes,
    },
    Claim {
        id: "tomek-accuracy",
        place: "section 4",
        said: "With random forest, Tomek links raise accuracy by 0.0001",
        printed: Printed::Value("+0.0001"),
        rule: "the mean paired change over the scalers is 0.0001 or more in four digits, and where there are folds its 95% \
               interval lies above 0; ten folds come before the hold-out",
        judge: preparation::tomek_accuracy,
    },
    Claim {
        id: "dedup-accuracy",
        place: "section 4",
        said: "Deleting duplicates does not change the accuracy",
        printed: Printed::Words,
        rule: "the mean change over random forest's pipelines is smaller than 0.0001 either way, the smallest change that the \
               paper speaks of; ten folds come before the hold-out",
        judge: preparation::dedup_accuracy,
    },
    Claim {
        id: "scalers-equal",
        place: "section 4, figure 2",
        said: "With random forest, normalizer, power, standard and quantile have the same accuracy, the best of the ten scalers",
        printed: Printed::Figure,
        rule: "in four digits the four accuracies are equal and no other scaler's is larger, on the hold-out and over ten folds",
        judge: rankings::scalers_equal,
    },
    Claim {
        id: "quantile-best",
        place: "section 4, figure 2",
        said: "By IBA, quantile is the best of the ten scalers",
        printed: Printed::Figure,
        rule: "in four digits quantile's iba-1 is larger than every other scaler's, on the hold-out and over ten folds",
        judge: rankings::quantile_best,
    },
    Claim {
        id: "best-families",
        place: "section 4, figure 3",
        said: "CatBoost, AutoSklearn, XGBoost and random forest have the best accuracy",
        printed: Printed::Figure,
        rule: "in four digits no other family's best pipeline has a larger accuracy on the hold-out than any of the four",
        judge: rankings::best_families,
    },
    Claim {
        id: "accuracy",
        place: "section 6",
        said: "Accuracy is 0.9999 on the test set, with TPOT and random forest",
        printed: Printed::Value("0.9999"),
        rule: "a pipeline of either family has an accuracy of at least 0.9999 in four digits on a test part",
        judge: headline::accuracy,
    },
    Claim {
        id: "recall",
        place: "section 4, figure 4",
        said: "Recall is 0.9366 on the test set, with TPOT and random forest",
        printed: Printed::Value("0.9366"),
        rule: "a pipeline of either family has a recall of at least 0.9366 in four digits on a test part",
        judge: headline::recall,
    },
    Claim {
        id: "better-than-others",
        place: "section 4, figure 4",
        said: "The results are more accurate than those of eleven other studies",
        printed: Printed::Figure,
        rule: "none: the other studies' values stand in the figure only",
        judge: |_| Finding::none("the other studies' values stand in figure 4 only, and their test parts differ"),
    },
    Claim {
        id: "ten-fold-accuracy",
        place: "section 6",
        said: "Ten folds confirm the accuracy of 0.9999 of TPOT and random forest",
        printed: Printed::Value("0.9999"),
        rule: "a pipeline of either family has a mean accuracy over the ten folds of at least 0.9999 in four digits",
        judge: headline::ten_fold_accuracy,
    },
    Claim {
        id: "stable-accuracy",
        place: "section 4, figure 5",
        said: "Accuracy remains almost the same for all ten folds, for five families",
        printed: Printed::Figure,
        rule: "the SD over the folds is below 0.01 for each of the five; the paper's words, our number",
        judge: stability::accuracy,
    },
    Claim {
        id: "stable-iba",
        place: "section 4, figure 5",
        said: "IBA remains almost the same for all ten folds, for five families",
        printed: Printed::Figure,
        rule: "the SD over the folds is below 0.01 for each of the five; the paper's words, our number",
        judge: stability::iba,
    },
];
