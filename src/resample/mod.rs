//! Resamplers: they act on training rows only; they choose rows, repeat them and make rows up.

mod adasyn;
mod all_knn;
mod borderline_smote;
mod chain;
mod cluster_centroids;
mod condensed_nearest_neighbour;
mod edited_nearest_neighbours;
mod instance_hardness_threshold;
mod integer_columns;
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
    use ndarray::Array2;

    use super::CATALOGUE;
    use crate::component::{Context, Entry, Features, Registry, Resampled, Resampler, Train, find};
    use crate::data::{Column, Kind};
    use crate::error::Result;

    /// What a resampler with these parameters makes of rows, with seed 3.
    pub(super) fn resample(entry: &Entry<dyn Resampler>, toml: &str, train: &Train<'_>) -> Result<Resampled> {
        entry.build(&toml.parse().unwrap(), &Registry::built_in())?.component.resample(train, &Context { seed: 3 })
    }

    fn entry(id: &str) -> &'static Entry<dyn Resampler> {
        find("resampler", CATALOGUE, id, None).unwrap()
    }

    #[test]
    fn more_neighbours_than_there_are_rows_are_refused_with_the_parameter_that_is_too_large() {
        // 30 majority rows and 12 of the minority, mixed: each has 41 others.
        let x = Array2::from_shape_fn((42, 2), |(row, column)| ((row * row * (column + 3)) % 43) as f64);
        let y: Vec<u8> = (0..42).map(|row| u8::from(row % 7 < 2)).collect();
        let train = Train::numbers(x.view(), &y);
        for (id, params, parameter, fits) in [
            ("edited-nearest-neighbours", "", "n_neighbors", 41),
            ("repeated-edited-nearest-neighbours", "", "n_neighbors", 41),
            ("neighbourhood-cleaning-rule", "", "n_neighbors", 41),
            ("one-sided-selection", "n_seeds_S = 4", "n_neighbors", 16),
            ("condensed-nearest-neighbour", "n_seeds_S = 4", "n_neighbors", 16),
            ("near-miss", "version = 3", "n_neighbors_ver3", 30),
            ("borderline-smote", "", "m_neighbors", 41),
            ("borderline-smote", "kind = 'borderline-2'", "k_neighbors", 41),
            ("svm-smote", "", "m_neighbors", 41),
        ] {
            let of = |number: usize| resample(entry(id), &format!("{params}\n{parameter} = {number}"), &train);
            let said = of(fits + 1).unwrap_err().to_string();
            let must = format!("and there are {fits}: `{parameter}` must be at most {fits}");
            assert!(
                said.starts_with(&format!("{id} looks at the {} nearest ", fits + 1)) && said.ends_with(&must),
                "{said}"
            );
            let said = of(fits).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(!said.contains("must be at most"), "{id} takes {fits}: {said}");
        }
        for (id, parameter) in [("near-miss", "n_neighbors"), ("adasyn", "n_neighbors"), ("smote", "k_neighbors")] {
            let said = resample(entry(id), &format!("{parameter} = 13"), &train).unwrap_err().to_string();
            assert!(said.ends_with(&format!("a smaller `{parameter}` fits")), "{said}");
        }
    }

    #[test]
    fn values_whose_distances_overflow_are_refused_with_their_column() {
        let mut x = Array2::from_shape_fn((42, 2), |(row, column)| ((row * row * (column + 3)) % 43) as f64);
        let y: Vec<u8> = (0..42).map(|row| u8::from(row % 7 < 2)).collect();
        x.column_mut(1).mapv_inplace(|value| (value - 20.0) * 1e200);
        let code = Column { kind: Kind::Category(["a".to_owned(), "b".to_owned()].into()), ..Column::number("code") };
        let columns = [Column::number("a"), Column::number("b"), code];
        let mut coded = Array2::from_shape_fn((42, 3), |(row, _)| (row % 2) as f64);
        coded.slice_mut(ndarray::s![.., ..2]).assign(&x);
        for (entry, said_by) in CATALOGUE.iter().filter_map(|entry| {
            let said_by = match entry.id {
                "smote" => "neighbours",
                "repeated-edited-nearest-neighbours"
                | "all-knn"
                | "smote-nc"
                | "tomek-links"
                | "borderline-smote"
                | "svm-smote"
                | "adasyn"
                | "edited-nearest-neighbours"
                | "neighbourhood-cleaning-rule"
                | "one-sided-selection"
                | "condensed-nearest-neighbour"
                | "near-miss"
                | "cluster-centroids" => entry.id,
                _ => return None,
            };
            Some((*entry, said_by))
        }) {
            let train = match entry.id {
                "smote-nc" => Train::new(Features { x: coded.view(), columns: &columns }, &y),
                _ => Train::numbers(x.view(), &y),
            };
            let wanted = format!(
                "{said_by}: column 1 (counted from 0) has values that are not finite, or too large to measure distances with"
            );
            assert_eq!(resample(entry, "", &train).unwrap_err().to_string(), wanted, "{}", entry.id);
        }
    }

    /// 36 majority rows and 4 of the minority.
    fn rare(with: impl FnOnce(&Train<'_>)) {
        let x = Array2::from_shape_fn((40, 2), |(row, column)| ((row * row * (column + 3)) % 43) as f64);
        let y: Vec<u8> = (0..40).map(|row| u8::from(row % 10 == 3)).collect();
        with(&Train::numbers(x.view(), &y));
    }

    #[test]
    fn a_ratio_that_is_there_already_is_refused_as_imbalanced_learn_refuses_it() {
        rare(|train| {
            for id in ["random-oversampling", "smote", "borderline-smote", "svm-smote", "adasyn"] {
                // int(36 * 0.12) is 4: no row would be added.
                let said = resample(entry(id), "sampling_strategy = 0.12", train).unwrap_err().to_string();
                let wanted = format!(
                    "{id} to 0.12 would leave 4 minority rows, and there are 4 already: a larger `sampling_strategy` adds rows"
                );
                assert_eq!(said, wanted);
            }
            let made = resample(entry("random-oversampling"), "sampling_strategy = 0.14", train).unwrap();
            assert_eq!(made.count(), 41);
        });
    }

    #[test]
    fn what_cannot_be_done_names_its_resampler_and_what_to_write() {
        rare(|train| {
            let said = |id: &str, toml: &str| resample(entry(id), toml, train).unwrap_err().to_string();
            for id in ["random-undersampling", "instance-hardness-threshold", "near-miss", "cluster-centroids"] {
                assert_eq!(
                    said(id, "sampling_strategy = 0.05"),
                    format!(
                        "{id} to 0.05 needs 80 majority rows for 4 minority rows, but there are 36: a `sampling_strategy` of 0.1112 or \
                         more fits"
                    )
                );
            }
            assert_eq!(
                said("instance-hardness-threshold", "estimator = { id = 'gaussian-nb' }"),
                "instance-hardness-threshold, `cv`: 5 folds need 5 rows of each class, but there are 4 positives and 36 negatives: \
                 use at most 4 folds"
            );
        });
    }

    /// The parameters of imbalanced-learn 0.14's classes that are not those of `sampling_strategy` and `random_state`.
    const PARAMETERS: [(&str, &[&str]); 18] = [
        ("random-undersampling", &["replacement"]),
        ("random-oversampling", &["shrinkage"]),
        ("cluster-centroids", &["estimator", "voting", "n_jobs"]),
        ("instance-hardness-threshold", &["estimator", "cv", "n_jobs"]),
        ("near-miss", &["version", "n_neighbors", "n_neighbors_ver3", "n_jobs"]),
        ("tomek-links", &["n_jobs"]),
        ("edited-nearest-neighbours", &["n_neighbors", "kind_sel", "n_jobs"]),
        ("repeated-edited-nearest-neighbours", &["n_neighbors", "max_iter", "kind_sel", "n_jobs"]),
        ("all-knn", &["n_neighbors", "kind_sel", "allow_minority", "n_jobs"]),
        ("one-sided-selection", &["n_neighbors", "n_seeds_S", "n_jobs"]),
        ("condensed-nearest-neighbour", &["n_neighbors", "n_seeds_S", "n_jobs"]),
        ("neighbourhood-cleaning-rule", &["edited_nearest_neighbours", "n_neighbors", "threshold_cleaning", "n_jobs"]),
        ("adasyn", &["n_neighbors"]),
        ("smote", &["k_neighbors"]),
        ("borderline-smote", &["k_neighbors", "m_neighbors", "kind"]),
        ("svm-smote", &["k_neighbors", "m_neighbors", "svm_estimator", "out_step"]),
        ("smote-nc", &["categorical_features", "categorical_encoder", "k_neighbors"]),
        ("smote-n", &["categorical_encoder", "k_neighbors"]),
    ];

    #[test]
    fn every_parameter_of_imbalanced_learn_is_taken_or_explained() {
        for (id, names) in PARAMETERS {
            let all = entry(id).build(&toml::Table::new(), &Registry::built_in()).unwrap().all;
            for name in names {
                let is_explained = entry(id).also.iter().any(|also| also.name == *name);
                assert_ne!(all.get(*name).is_some(), is_explained, "{id}: {name}");
            }
        }
        let of = |id: &str, toml: &str| entry(id).build(&toml.parse().unwrap(), &Registry::built_in());
        assert!(of("tomek-links", "n_jobs = -1").is_ok());
        let said = of("cluster-centroids", "estimator = 'MiniBatchKMeans'").err().unwrap().to_string();
        assert!(said.ends_with("`KMeans` with its defaults: leave it out"), "{said}");
    }
}
