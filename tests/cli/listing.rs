use crate::{Place, STUDY, csv};

fn listed(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_study_is_listed_with_its_counts() {
    let place = Place::new(&csv(70), STUDY);
    let text = listed(&place, &["list", "study.toml"]);
    assert_eq!(text.lines().last(), Some("4 pipelines and 2 of the baseline `prior`, 18 cells"));
    assert_eq!(text.lines().filter(|l| l.contains("classifier=decision-tree")).count(), 6);
    let text = listed(&place, &["list", "study.toml", "--filter", "scaler=none,fold=0"]);
    assert_eq!(text.lines().last(), Some("2 pipelines and 1 of the baseline `prior`, 3 cells"));
}

#[test]
fn the_projects_own_studies_are_valid() {
    let place = Place::new("", "");
    let experiments = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments");
    let mut studies = 0;
    for entry in std::fs::read_dir(experiments).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            listed(&place, &["list", path.to_str().unwrap()]);
            studies += 1;
        }
    }
    assert!(studies >= 4);
}

#[test]
fn the_papers_grid_has_440_pipelines() {
    let place = Place::new("", "");
    for (study, cells) in [("ruchay-2023", "4,800"), ("quick", "1,440")] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("experiments/{study}.toml"));
        let text = listed(&place, &["list", path.to_str().unwrap()]);
        let wanted = format!("440 pipelines and 40 of the baseline `prior`, {cells} cells");
        assert_eq!(text.lines().last(), Some(&wanted[..]));
    }
}

#[test]
fn components_are_listed_without_a_study() {
    let place = Place::new("", "");
    let text = listed(&place, &["list"]);
    for name in ["tomek-links", "quantile", "random-forest", "smartcore", "pr-auc"] {
        assert!(text.contains(name), "{name}");
    }
}

#[test]
fn a_component_is_listed_with_its_parameters_what_it_takes_and_its_source() {
    let place = Place::new("", "");
    let forest = listed(&place, &["list", "random-forest"]);
    for said in ["n_estimators", "100", "numbers, no missing values", "sklearn.ensemble.RandomForestClassifier"] {
        assert!(forest.contains(said), "{said}: {forest}");
    }
    assert!(listed(&place, &["list", "xgboost"]).contains("numbers and categories, missing values too"));
    // What stays out of keys at its default, and what has none.
    assert!(listed(&place, &["list", "xgboost"]).contains("early_stopping_rounds"));
    let program = listed(&place, &["list", "external"]);
    for said in ["needs       command = [", "protocol", "parameters"] {
        assert!(program.contains(said), "{said}: {program}");
    }
    assert!(listed(&place, &["list", "hold-out"]).contains("stratify"));
    assert!(listed(&place, &["list", "smote"]).contains("k_neighbors"));
    let output = place.run(&["list", "random-forst"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn help_shows_examples_for_every_subcommand() {
    let place = Place::new("", "");
    for command in ["run", "list", "report", "compare", "data"] {
        assert!(listed(&place, &[command, "--help"]).contains("Example"), "{command}");
    }
}
