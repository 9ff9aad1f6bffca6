//! What a reader in Python has to know of a component beside the class that its entry names as its source.

/// How the class that an entry's `source` names differs from the component, for code that is to do the same in Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InPython {
    /// Arguments that it has to be given because its own default does something else, in TOML; `"none"` is its None.
    pub given: &'static str,
    /// Arguments that it has to be given where its input has categories, in TOML.
    pub with_categories: &'static str,
    /// Of a classifier: whether scikit-learn's `CalibratedClassifierCV` around the class calibrates the score that the component has.
    /// It does where the class has no decision function, or where that is the component's score.
    pub is_calibrated_alike: bool,
    /// Of a classifier: whether the class only finds outliers, and is none of scikit-learn's classifiers.
    pub is_outlier_detector: bool,
    /// Of a classifier: whether the class is one of scikit-learn's regressors.
    pub is_regressor: bool,
    /// Of a resampler: whether the class leaves rows in another order, such as class after class; ours leave those of the table in its
    /// order and put others behind them.
    pub has_other_order: bool,
    /// Parameters that are ours, which the class does not take: where one is not at its default, no class does the same.
    pub lacks: &'static [&'static str],
}

impl InPython {
    /// A class that needs nothing more, and whose score scikit-learn does not calibrate alike.
    pub const fn new() -> Self {
        InPython {
            given: "",
            with_categories: "",
            is_calibrated_alike: false,
            is_outlier_detector: false,
            is_regressor: false,
            has_other_order: false,
            lacks: &[],
        }
    }

    /// The same with arguments, such as `subsample = "none"`.
    #[must_use]
    pub const fn given(self, given: &'static str) -> Self {
        InPython { given, ..self }
    }

    /// The same with arguments for categories.
    #[must_use]
    pub const fn with_categories(self, with_categories: &'static str) -> Self {
        InPython { with_categories, ..self }
    }

    /// The same, with a score that scikit-learn calibrates alike.
    #[must_use]
    pub const fn calibrated_alike(self) -> Self {
        InPython { is_calibrated_alike: true, ..self }
    }

    /// The same of a class that only finds outliers.
    #[must_use]
    pub const fn outlier_detector(self) -> Self {
        InPython { is_outlier_detector: true, ..self }
    }

    /// The same of a regressor.
    #[must_use]
    pub const fn regressor(self) -> Self {
        InPython { is_regressor: true, ..self }
    }

    /// The same of a resampler whose class leaves rows in another order.
    #[must_use]
    pub const fn other_order(self) -> Self {
        InPython { has_other_order: true, ..self }
    }

    /// The same without these parameters.
    #[must_use]
    pub const fn lacks(self, lacks: &'static [&'static str]) -> Self {
        InPython { lacks, ..self }
    }

    /// Whether scikit-learn calls the class a classifier, which its ensembles and thresholds ask of what they hold.
    #[must_use]
    pub const fn is_classifier(self) -> bool {
        !self.is_outlier_detector && !self.is_regressor
    }
}

impl Default for InPython {
    fn default() -> Self {
        Self::new()
    }
}
