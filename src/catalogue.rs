//! What this crate brings: the catalogues of all folders of components, put together. It stands above them, so that none
//! of them knows what else there is.

use crate::component::Registry;
use crate::{classify, encode, impute, metric, resample, scale, search, select, split};

impl Registry {
    /// Everything that this crate brings.
    pub fn built_in() -> Self {
        Registry {
            imputers: impute::CATALOGUE.to_vec(),
            resamplers: [resample::CATALOGUE, resample::GIVEN].concat(),
            encoders: [encode::CATALOGUE, encode::GIVEN].concat(),
            scalers: [scale::CATALOGUE, scale::GIVEN].concat(),
            selects: select::CATALOGUE.to_vec(),
            classifiers: [classify::CATALOGUE, search::CATALOGUE, classify::GIVEN, classify::HIDDEN].concat(),
            splits: split::CATALOGUE.to_vec(),
            metrics: metric::CATALOGUE.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_in_the_catalogues_twice() {
        let (all, mut new) = (Registry::built_in(), Registry::empty());
        all.imputers().iter().try_for_each(|entry| new.add_imputer(entry)).unwrap();
        all.resamplers().iter().try_for_each(|entry| new.add_resampler(entry)).unwrap();
        all.encoders().iter().try_for_each(|entry| new.add_encoder(entry)).unwrap();
        all.scalers().iter().try_for_each(|entry| new.add_scaler(entry)).unwrap();
        all.selects().iter().try_for_each(|entry| new.add_select(entry)).unwrap();
        all.classifiers().iter().try_for_each(|entry| new.add_classifier(entry)).unwrap();
        all.splits().iter().try_for_each(|entry| new.add_split(entry)).unwrap();
        all.metrics().iter().try_for_each(|metric| new.add_metric(metric)).unwrap();
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let mut registry = Registry::built_in();
        let said = registry.add_scaler(scale::CATALOGUE[1]).unwrap_err().to_string();
        assert!(said.contains("scaler: there is `min-max` already"), "{said}");
        let said = registry.add_metric(metric::CATALOGUE[0]).unwrap_err().to_string();
        assert!(said.contains("metric: there is `accuracy` already"), "{said}");
    }
}
