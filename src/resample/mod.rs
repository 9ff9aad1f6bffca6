//! Resamplers: they act on training rows only; they choose rows, repeat them and make rows up.

mod adasyn;
mod all_knn;
mod borderline_smote;
mod chain;
mod cluster_centroids;
mod condensed_nearest_neighbour;
mod edited_nearest_neighbours;
mod instance_hardness_threshold;
mod interpolate;
mod k_means;
mod mixed_neighbors;
mod near_miss;
mod neighbourhood_cleaning_rule;
mod none;
mod one_sided_selection;
mod python;
mod random_oversampling;
mod random_undersampling;
mod repeated_edited_nearest_neighbours;
mod smote;
mod smote_n;
mod smote_nc;
mod svm_smote;
mod tomek_links;

use crate::component::{Entry, Resampler};

/// The resampler that is whatever class of Python it is given.
pub static GIVEN: &[&Entry<dyn Resampler>] = &[&python::ENTRY];

/// Every resampler.
pub static CATALOGUE: &[&Entry<dyn Resampler>] = &[
    &none::ENTRY,
    &tomek_links::ENTRY,
    &random_undersampling::ENTRY,
    &random_oversampling::ENTRY,
    &smote::ENTRY,
    &smote_nc::ENTRY,
    &smote_n::ENTRY,
    &borderline_smote::ENTRY,
    &svm_smote::ENTRY,
    &adasyn::ENTRY,
    &edited_nearest_neighbours::ENTRY,
    &repeated_edited_nearest_neighbours::ENTRY,
    &all_knn::ENTRY,
    &neighbourhood_cleaning_rule::ENTRY,
    &one_sided_selection::ENTRY,
    &condensed_nearest_neighbour::ENTRY,
    &near_miss::ENTRY,
    &instance_hardness_threshold::ENTRY,
    &cluster_centroids::ENTRY,
    &chain::ENTRY,
];

#[cfg(test)]
mod tests {
    use crate::component::{Context, Entry, Registry, Resampled, Resampler, Train};
    use crate::error::Result;

    /// What a resampler with these parameters makes of rows, with seed 3.
    pub(super) fn resample(entry: &Entry<dyn Resampler>, toml: &str, train: &Train<'_>) -> Result<Resampled> {
        entry.build(&toml.parse().unwrap(), &Registry::built_in())?.component.resample(train, &Context { seed: 3 })
    }
}
