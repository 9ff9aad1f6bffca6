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
mod plus_plus;
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
        for (id, parameter, number, said) in [
            (
                "near-miss",
                "n_neighbors",
                13,
                "sums distances to 13 minority rows, and there are 12: `n_neighbors` must be at most 12",
            ),
            (
                "adasyn",
                "n_neighbors",
                13,
                "joins a minority row with 13 others, and there are 12 minority rows: `n_neighbors` must be at most 11",
            ),
            (
                "smote",
                "k_neighbors",
                12,
                "joins a minority row with 12 others, and there are 12 minority rows: `k_neighbors` must be at most 11",
            ),
        ] {
            let told = resample(entry(id), &format!("{parameter} = {number}"), &train).unwrap_err().to_string();
            assert_eq!(told, format!("{id} {said}"));
        }
    }

    #[test]
    fn one_minority_row_has_none_to_be_joined_with() {
        let x = Array2::from_shape_fn((30, 2), |(row, column)| ((row * row * (column + 3)) % 43) as f64);
        let y: Vec<u8> = (0..30).map(|row| u8::from(row == 4)).collect();
        let train = Train::numbers(x.view(), &y);
        for (id, parameter) in [
            ("smote", "k_neighbors"),
            ("borderline-smote", "k_neighbors"),
            ("svm-smote", "k_neighbors"),
            ("adasyn", "n_neighbors"),
            ("smote-n", "k_neighbors"),
        ] {
            let said = resample(entry(id), &format!("{parameter} = 1"), &train).unwrap_err().to_string();
            let wanted = "joins a minority row with 1 other, and there is 1 minority row, which has no other to be joined with: use \
                          `random-oversampling`";
            assert_eq!(said, format!("{id} {wanted}"));
        }
        let said = resample(entry("near-miss"), "n_neighbors = 2", &train).unwrap_err().to_string();
        assert_eq!(
            said,
            "near-miss sums distances to 2 minority rows, and there is 1: `n_neighbors` must be at most 1"
        );
    }

    /// 24 rows without ties, of which two and two have one label, the first two that of `first`.
    fn equal_classes(first: u8) -> (Array2<f64>, Vec<u8>) {
        equal_and(first, 0)
    }

    /// The same with negative rows behind them.
    fn equal_and(first: u8, more: usize) -> (Array2<f64>, Vec<u8>) {
        let x = Array2::from_shape_fn((24 + more, 2), |(row, column)| match column {
            0 => ((row * row * 7 + row * 3) % 97) as f64 + row as f64 / 64.0,
            _ => ((row * row * 5 + row * 11) % 89) as f64 - row as f64 / 128.0,
        });
        let label = |row: usize| if row < 24 { ((row / 2) % 2) as u8 ^ first } else { 0 };
        (x, (0..24 + more).map(label).collect())
    }

    #[test]
    fn of_two_classes_of_one_size_the_rows_of_imbalanced_learn_are_kept() {
        // imbalanced-learn 0.14.2 on these rows.
        let all: Vec<usize> = (0..24).collect();
        let farthest = [0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 20, 21, 22, 23];
        let condensed = [0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18, 20, 21];
        let selected = [0, 1, 4, 5, 6, 8, 9, 12, 13, 15, 16, 17, 19, 20, 21];
        // Where the first row is negative, and where it is positive.
        type Kept<'r> = [Option<&'r [usize]>; 2];
        let kept: [(&str, &str, Kept<'_>); 9] = [
            (
                "repeated-edited-nearest-neighbours",
                "n_neighbors = 1",
                [
                    Some(&[0, 1, 3, 4, 5, 6, 8, 9, 12, 13, 14, 16, 17, 19, 20, 21, 22]),
                    Some(&[3, 5, 6, 7, 10, 13, 14, 15, 17, 18, 19, 21, 22, 23]),
                ],
            ),
            (
                "all-knn",
                "",
                [
                    Some(&[0, 1, 3, 4, 5, 6, 8, 9, 12, 13, 14, 16, 17, 19, 20, 21, 22]),
                    Some(&[3, 5, 6, 7, 10, 13, 14, 15, 17, 18, 19, 21, 22, 23]),
                ],
            ),
            (
                "neighbourhood-cleaning-rule",
                "",
                [
                    Some(&[0, 1, 3, 4, 5, 6, 8, 9, 12, 13, 16, 17, 19, 20, 21]),
                    Some(&[0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23]),
                ],
            ),
            ("near-miss", "version = 3\nn_neighbors_ver3 = 2", [Some(&farthest), Some(&all)]),
            (
                "near-miss",
                "version = 3\nn_neighbors_ver3 = 2\nsampling_strategy = 'majority'",
                [Some(&all), Some(&farthest)],
            ),
            ("near-miss", "version = 3\nn_neighbors_ver3 = 2\nsampling_strategy = 'all'", [Some(&farthest); 2]),
            // Where the class that loses rows is the one of the first row, imbalanced-learn keeps the drawn row of it alone.
            ("condensed-nearest-neighbour", "random_state = 7", [Some(&condensed), None]),
            ("one-sided-selection", "random_state = 7", [Some(&selected), None]),
            ("one-sided-selection", "random_state = 7\nsampling_strategy = 'majority'", [None, Some(&selected)]),
        ];
        for (id, toml, wanted) in kept {
            for (first, wanted) in [0, 1].into_iter().zip(wanted) {
                let (x, y) = equal_classes(first);
                let rows = resample(entry(id), toml, &Train::numbers(x.view(), &y)).unwrap().rows;
                if let Some(wanted) = wanted {
                    assert_eq!(rows, wanted, "{id}, {toml:?}, {first}");
                }
            }
        }
    }

    #[test]
    fn of_two_classes_of_one_size_none_is_left_with_the_drawn_rows_alone() {
        let (x, y) = equal_classes(1);
        let kept = |id: &str| resample(entry(id), "random_state = 7", &Train::numbers(x.view(), &y)).unwrap().rows;
        // imbalanced-learn's own rows where its minority is the negative class.
        assert_eq!(kept("one-sided-selection"), [0, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23]);
        assert_eq!(
            kept("condensed-nearest-neighbour"),
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 18, 19, 20, 21, 22, 23]
        );
    }

    #[test]
    fn a_seed_that_its_own_rule_gets_wrong_is_kept_once() {
        let (x, y) = equal_and(0, 20);
        // imbalanced-learn 0.14.2 has 26 rows: it draws 20, 36, 37 and 5, and keeps 20 and 37 twice.
        assert_eq!(
            resample(
                entry("condensed-nearest-neighbour"),
                "n_neighbors = 3\nn_seeds_S = 4\nrandom_state = 3",
                &Train::numbers(x.view(), &y)
            )
            .unwrap()
            .rows,
            [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 14, 15, 16, 18, 19, 20, 22, 23, 26, 29, 36, 37, 40]
        );
    }

    #[test]
    fn behind_an_undersampler_the_negatives_come_first_as_in_imbalanced_learn() {
        let (x, y) = equal_and(1, 4);
        let steps = "steps = [{ id = 'random-undersampling', sampling_strategy = 'auto', random_state = 5 }, { id = 'near-miss', version = \
                     3, n_neighbors_ver3 = 2 }]";
        // imbalanced-learn 0.14.2; with the undersampled rows in ascending order it keeps them all.
        assert_eq!(
            resample(entry("chain"), steps, &Train::numbers(x.view(), &y)).unwrap().rows,
            [0, 1, 2, 3, 4, 6, 8, 10, 11, 12, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 27]
        );
    }

    #[test]
    fn more_seeds_than_can_be_counted_are_refused() {
        for id in ["one-sided-selection", "condensed-nearest-neighbour"] {
            let refused = |seeds: &str| {
                let table = format!("n_seeds_S = {seeds}").parse().unwrap();
                entry(id).build(&table, &crate::component::Registry::empty()).err().map(|e| e.to_string())
            };
            let said = format!("`{id}`: `n_seeds_S` must be at most 4294967295, not 9223372036854775807");
            assert_eq!(refused("9223372036854775807"), Some(said));
            assert_eq!(refused("4294967295"), None);
        }
    }

    #[test]
    fn values_whose_distances_overflow_are_refused_with_their_column() {
        let mut x = Array2::from_shape_fn((42, 2), |(row, column)| ((row * row * (column + 3)) % 43) as f64);
        let y: Vec<u8> = (0..42).map(|row| u8::from(row % 7 < 2)).collect();
        x.column_mut(1).mapv_inplace(|value| if value > 20.0 { 1e200 } else { -3e200 });
        let code = Column { kind: Kind::Category(["a".to_owned(), "b".to_owned()].into()), ..Column::number("code") };
        let columns = [Column::number("a"), Column::number("b"), code];
        let mut coded = Array2::from_shape_fn((42, 3), |(row, _)| (row % 2) as f64);
        coded.slice_mut(ndarray::s![.., ..2]).assign(&x);
        for entry in CATALOGUE.iter().filter(|entry| {
            matches!(
                entry.id,
                "smote"
                    | "repeated-edited-nearest-neighbours"
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
                    | "cluster-centroids"
            )
        }) {
            let train = match entry.id {
                "smote-nc" => Train::new(Features { x: coded.view(), columns: &columns }, &y),
                _ => Train::numbers(x.view(), &y),
            };
            let wanted =
                format!("{}: column 1 (counted from 0) holds -3e200, too large to measure distances with", entry.id);
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
