//! `isolation-forest`: how soon random cuts isolate a row; the unsupervised reference, which never looks at a label.

use serde::{Deserialize, Serialize};

use super::column_counts::{never_so_wide, too_wide};
use super::contamination::{Auto, Contamination};
use super::tree::{IsolationSettings, check_members, fit_isolation_forest};
use crate::component::{
    Classifier, Context, Cost, Entry, InPython, Model, N_JOBS, Shape, Train, VERBOSE, WARM_START, build, later,
};
use crate::error::{Error, Result};

/// How many rows a tree sees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `auto`, a number of rows, or a share of them above 0, up to 1")]
enum MaxSamples {
    /// 256, or all rows if there are fewer.
    Named(Auto),
    /// So many, or all rows if there are fewer.
    Count(usize),
    /// A share of the training rows in (0, 1].
    Share(f64),
}

/// Parameters; names and defaults are `IsolationForest`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    n_estimators: usize,
    max_samples: MaxSamples,
    contamination: Contamination,
    bootstrap: bool,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
    max_features: MaxFeatures,
}

/// How many columns a tree sees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is a number of columns, or a share of them above 0, up to 1")]
enum MaxFeatures {
    /// So many.
    Count(usize),
    /// A share of them in (0, 1], at least one.
    Share(f64),
}

impl Default for Params {
    fn default() -> Self {
        Params {
            n_estimators: 100,
            max_samples: MaxSamples::Named(Auto::Auto),
            contamination: Contamination::AUTO,
            bootstrap: false,
            random_state: None,
            max_features: MaxFeatures::Share(1.0),
        }
    }
}

struct Isolation(Params);

impl Classifier for Isolation {
    fn never_fits(&self, given: &Shape) -> Option<String> {
        match self.0.max_features {
            MaxFeatures::Count(wide) => never_so_wide(wide, given),
            MaxFeatures::Share(_) => None,
        }
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let x = train.x();
        let params = &self.0;
        let max_samples = match params.max_samples {
            MaxSamples::Named(Auto::Auto) => 256,
            MaxSamples::Count(count) => count,
            MaxSamples::Share(share) => (share * x.nrows() as f64) as usize,
        };
        if max_samples == 0 {
            return Err(Error::Component(format!("`max_samples` leaves none of {} rows", x.nrows())));
        }
        let contamination = params.contamination.share()?;
        let max_features = match params.max_features {
            MaxFeatures::Count(count) => count,
            MaxFeatures::Share(share) => ((share * x.ncols() as f64) as usize).max(1),
        };
        if let Some(said) = too_wide(max_features, x.ncols()) {
            return Err(Error::Component(said));
        }
        let Params { n_estimators, bootstrap, .. } = *params;
        let settings = IsolationSettings { n_estimators, max_samples, contamination, bootstrap, max_features };
        let random_state = params.random_state.unwrap_or(context.seed as u32);
        Ok(Box::new(fit_isolation_forest(train, train.weight, &settings, random_state)?))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn decides_only(&self) -> bool {
        true
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    check_members(params.n_estimators)?;
    match params.max_samples {
        MaxSamples::Count(0) => return Err(Error::Component("`max_samples` must be at least 1, not 0".into())),
        MaxSamples::Share(share) if !(share > 0.0 && share <= 1.0) => {
            return Err(Error::Component(format!("`max_samples` as a share must lie in (0, 1], not {share}")));
        }
        _ => {}
    }
    match params.max_features {
        MaxFeatures::Count(0) => return Err(Error::Component("`max_features` must be at least 1, not 0".into())),
        MaxFeatures::Share(share) if !(share > 0.0 && share <= 1.0) => {
            return Err(Error::Component(format!("`max_features` as a share must lie in (0, 1], not {share}")));
        }
        _ => {}
    }
    params.contamination.share()?;
    Ok(Box::new(Isolation(params)))
}

/// `IsolationForest`: <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.IsolationForest.html>; the score is
/// `-score_samples`, the label 1 where `predict` says -1.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new("isolation-forest", "unsupervised reference: how soon random cuts isolate a row", |table| {
        build::<Params, _>("isolation-forest", table, checked).map(|built| later::<Params, _>(built, &["max_features"]))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.IsolationForest.html")
    .in_python(InPython::new().outlier_detector())
    .cost(Cost::seconds(0.14).per("n_estimators", 100.0))
    .also(&[N_JOBS, VERBOSE, WARM_START])
    .look(28);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    #[test]
    fn more_rows_than_there_are_are_all_of_them() {
        let x = ndarray::Array2::from_shape_fn((60, 2), |(row, column)| ((row * (3 + column)) % 11) as f64);
        let y: Vec<u8> = (0..60).map(|row| u8::from(row % 9 == 0)).collect();
        let scores = |table: &str| {
            let built = ENTRY.build(&table.parse().unwrap(), &Registry::empty()).unwrap().component;
            let model = built.fit(&Train::numbers(x.view(), &y), &Context { seed: 1 }).unwrap();
            model.predict(x.view()).unwrap().score
        };
        let all = scores("n_estimators = 2\nmax_samples = 60");
        // 256, which is the usual number, stands for all of fewer rows.
        for same in ["", "max_samples = 1.0", "max_samples = 61", "max_samples = 1000"] {
            assert_eq!(scores(&format!("n_estimators = 2\n{same}")), all, "{same}");
        }
        assert_ne!(scores("n_estimators = 2\nmax_samples = 59"), all);
    }

    /// Values of scikit-learn 1.9.1, which warns.
    #[test]
    fn scores_with_more_rows_than_there_are_are_scikit_learns() {
        let x = ndarray::Array2::from_shape_fn((60, 3), |(i, j)| {
            ((i * i * 7 + i * (j + 3) * 13 + j * 5) % 97) as f64 / 4.0
        });
        let y: Vec<u8> = (0..60).map(|i| u8::from((i * 11) % 7 < 2)).collect();
        let table = "n_estimators = 3\nmax_samples = 1000\nrandom_state = 0".parse().unwrap();
        let built = ENTRY.build(&table, &Registry::empty()).unwrap().component;
        let model = built.fit(&Train::numbers(x.view(), &y), &Context { seed: 1 }).unwrap();
        let score = model.predict(x.view()).unwrap().score;
        let wanted = [0.604439068070247, 0.46637438626614125, 0.455869423659957, 0.48685323726311175];
        for (ours, theirs) in score.iter().zip(wanted) {
            assert!((ours - theirs).abs() < 1e-12, "{score:?}");
        }
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let said = |table: &str| ENTRY.build(&table.parse().unwrap(), &Registry::empty()).err().map(|e| e.to_string());
        assert!(said("contamination = 0.6").unwrap().contains("(0, 0.5], not 0.6"));
        assert!(said("max_samples = 1.5").unwrap().contains("(0, 1]"));
        assert!(said("max_samples = 'all'").is_some() && said("n_estimators = 0").is_some());
        assert_eq!(said("contamination = 0.1\nmax_samples = 100"), None);
    }
}
