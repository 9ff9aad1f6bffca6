//! Parameters that the columns cannot serve, and candidates that cannot be judged: their fits would fail, or only those of some
//! candidates, of which a run would say nothing.

use std::collections::{HashMap, HashSet};

use super::{Lacking, Noted, place, rows};
use crate::cell::{Cell, before_classifier};
use crate::component::{ColumnShape, Shape};
use crate::data::Role;
use crate::run::job::Job;
use crate::words::{agree, count};

/// Whose parameters the columns cannot serve, behind whatever steps of the study: a column that one encoder makes and another does not
/// is no fault. With them the classifiers that some data set serves.
pub(super) fn columns(job: &Job<'_>, cells: &[&Cell]) -> (Vec<Lacking>, HashSet<String>) {
    let mut known = HashSet::new();
    // To look for blanks in a large table takes a while.
    let mut tables: HashMap<usize, Shape> = HashMap::new();
    let mut asked: HashMap<usize, bool> = HashMap::new();
    // Of each classifier and table why it cannot be served, as long as nothing serves it.
    let mut found: Vec<((usize, usize), &Cell, Option<String>)> = Vec::new();
    // What reaches the classifiers behind the same steps: their cells stand together, and a wide table has a list of names.
    let mut last = None;
    for &cell in cells {
        let component = &job.study.classifiers[cell.classifier].component;
        // Of no columns whoever has anything to say says it.
        let has_any = || component.never_fits(&Shape::new(0, Vec::new())).is_some();
        if !*asked.entry(cell.classifier).or_insert_with(has_any) {
            continue;
        }
        let steps = [cell.imputer, cell.resampler, cell.encoder, cell.scaler, cell.select];
        let at = (job.place(cell), steps);
        if !known.insert((at, cell.classifier)) {
            continue;
        }
        let given = tables.entry(job.place(cell)).or_insert_with(|| {
            let data = &job.table(cell).data;
            Shape::new(data.y.len(), ColumnShape::all(data.columns, data.x()))
        });
        if last.as_ref().is_none_or(|(of, _): &(_, Option<Shape>)| *of != at) {
            last = Some((at, before_classifier(job.study, cell, given)));
        }
        let why = last.as_ref().and_then(|(_, shape)| component.never_fits(shape.as_ref()?));
        let same = (cell.data, cell.classifier);
        match found.iter_mut().find(|(of, ..)| *of == same) {
            Some((_, _, told)) if why.is_none() => *told = None,
            Some(_) => {}
            None => found.push((same, cell, why)),
        }
    }
    let (mut lacking, mut served) = (Vec::new(), HashSet::new());
    for ((_, classifier), cell, why) in found {
        let (place, classifier) = (cell.id.data_set.clone(), job.study.classifiers[classifier].name.clone());
        match why {
            Some(why) => lacking.push(Lacking { place, classifier, key: "", rarer: 0, why }),
            None => {
                served.insert(classifier);
            }
        }
    }
    (lacking, served)
}

/// Whose candidates are judged by money, where a positive in an inner fold has no amount: none of them can be judged there.
pub(super) fn judged(job: &Job<'_>, cells: &[&Cell]) -> Vec<Lacking> {
    let (mut known, mut all) = (HashMap::new(), Noted::default());
    for cell in cells {
        let classifier = &job.study.classifiers[cell.classifier];
        if !classifier.component.judged_by().contains(&Role::Amount) {
            continue;
        }
        let lacking = classifier.component.inner_cuts().into_iter().find_map(|cut| {
            let same = (cell.data, &cell.id.protocol, cell.id.dedup, cell.split, cut);
            *known.entry(same).or_insert_with(|| {
                let raw = rows(job, cell)?;
                let (without, positives) = raw.without_amount(&cut)?;
                (without > 0).then(|| (raw.rarer(), without, positives))
            })
        });
        let Some((rarer, without, positives)) = lacking else { continue };
        let why = format!(
            "the `goal` needs the amounts of positives, and {} of {} in inner folds {} one that is missing, negative or infinite: mend \
             the amounts, or take another `goal`",
            count(without as u64),
            count(positives as u64),
            agree(without, "has", "have"),
        );
        all.note(Lacking { place: place(job, cell), classifier: classifier.name.clone(), key: "", rarer, why });
    }
    all.list
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Foreseen;
    use super::*;
    use crate::cell::{Filter, Plan};
    use crate::component::Registry;
    use crate::data::Dataset;
    use crate::study::Study;

    /// What is said of 40 rows of three columns, every second one positive, whose `amount` lacks in the rows `lacking`.
    fn said(lacking: &[usize], protocol: &str, grid: &str) -> Result<(), String> {
        let value = |(row, column): (usize, usize)| match column == 2 && lacking.contains(&row) {
            true => f64::NAN,
            false => (row * (column + 3) % 17) as f64,
        };
        let x = ndarray::Array2::from_shape_fn((40, 3), value);
        let y = (0..40).map(|row| u8::from(row % 2 == 0)).collect();
        let data = Dataset::of_numbers("few", &["speed", "size", "amount"], x, y).unwrap();
        let text = format!("name = 'x'\n[data]\npath = 'few.csv'\n[protocol]\n{protocol}\n[grid]\n{grid}\n");
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let job = Job::new(&study, [(&data, (0..40).collect())]).unwrap();
        let plan = Plan::of(&study, &[], &Filter::default()).unwrap();
        Foreseen::of(&job, &plan.cells.iter().collect::<Vec<_>>()).refuse(&study.file).map_err(|e| e.to_string())
    }

    const HOLD_OUT: &str = "kind = 'hold-out'\ntest = 0.5";

    fn searched(family: &str, space: &str) -> String {
        format!(
            "imputers = ['mean']\nclassifiers = [{{ family = '{family}', search = {{ kind = 'grid', folds = 2, space = {{ {space} }} }} }}]"
        )
    }

    #[test]
    fn every_listed_value_that_names_no_column_is_told() {
        let start = "x.toml: the columns do not have what parameters ask for: few: ";
        let columns =
            |value: &str| format!("`columns = {value}` in the `space` of `search`: unknown name in `columns` ");
        let told = said(
            &[],
            HOLD_OUT,
            &searched("rectangles", "columns = [['speed', 'size'], ['siz', 'speed'], ['speed', 'amuont']]"),
        );
        assert_eq!(
            told,
            Err(format!(
                "{start}`rectangles`: {}`siz`; did you mean `size`? Allowed: speed, size, amount; {}`amuont`; did you mean `amount`? \
                 Allowed: speed, size, amount",
                columns("[\"siz\", \"speed\"]"),
                columns("[\"speed\", \"amuont\"]"),
            ))
        );
        let fine = searched("rectangles", "columns = [['speed', 'size'], ['size', 'amount']]");
        assert_eq!(said(&[], HOLD_OUT, &fine), Ok(()));
        let boosted = "monotonic_cst = [{ amount = 1 }, { amuont = 1 }]";
        let told = said(&[], HOLD_OUT, &searched("hist-gradient-boosting", boosted)).unwrap_err();
        assert!(
            told.contains("`monotonic_cst = { amuont = 1 }` in the `space` of `search`: unknown name in"),
            "{told}"
        );
        assert_eq!(told.matches("in the `space`").count(), 1, "{told}");
    }

    #[test]
    fn what_asks_for_other_columns_than_there_are_is_told() {
        let grid = "classifiers = [{ family = 'bagging', params = { max_features = 4 } }, { family = 'balanced-bagging', threshold = \
                    'max-f1', params = { max_features = 4 } }, { family = 'voting', params = { estimators = [{ family = \
                    'random-forest', params = { monotonic_cst = [0, 1] } }] } }, { family = 'bagging', name = 'all', params = { \
                    max_features = 3 } }]";
        let wide = "`max_features` is 4, but there are 3 columns";
        assert_eq!(
            said(&[], HOLD_OUT, grid),
            Err(format!(
                "x.toml: the columns do not have what parameters ask for: few: `bagging`, `balanced-bagging`: {wide}; few: `voting`: \
                 `estimators[0]`: `monotonic_cst` has 2 numbers, but there are 3 columns"
            ))
        );
        let bag = |family: &str, wide: &str, directions: &str| {
            let tree = format!("{{ family = 'decision-tree', params = {{ monotonic_cst = {directions} }} }}");
            let grid = format!(
                "classifiers = [{{ family = '{family}', params = {{ max_features = {wide}, estimator = {tree} }} }}]"
            );
            said(&[], HOLD_OUT, &grid)
        };
        for family in ["bagging", "balanced-bagging"] {
            // A share of three columns is rounded down to two.
            for (wide, directions) in [("2", "[1, 1]"), ("0.7", "[1, 1]"), ("3", "[1, 0, 1]"), ("1.0", "[1, 0, 1]")] {
                assert_eq!(bag(family, wide, directions), Ok(()), "{wide} {directions}");
            }
            let told = bag(family, "2", "[1, 0, 1]").unwrap_err();
            let why = "a member gets 2 of 3 columns: `monotonic_cst` has 3 numbers, but there are 2 columns";
            assert!(told.ends_with(&format!("`{family}`: {why}")), "{told}");
            assert!(bag(family, "1.0", "[1, 1]").unwrap_err().ends_with("has 2 numbers, but there are 3 columns"));
        }
        let isolating = |wide: &str| {
            said(
                &[],
                HOLD_OUT,
                &format!("classifiers = [{{ family = 'isolation-forest', params = {{ max_features = {wide} }} }}]"),
            )
        };
        assert!(isolating("4").unwrap_err().ends_with(&format!("few: `isolation-forest`: {wide}")));
        assert_eq!([isolating("3"), isolating("1.0")], [Ok(()), Ok(())]);
        let told = said(&[], HOLD_OUT, &searched("bagging", "max_features = [3, 4]")).unwrap_err();
        assert!(told.ends_with(&format!("`bagging`: `max_features = 4` in the `space` of `search`: {wide}")), "{told}");
    }

    /// What is foreseen of a study on tables of so many columns, looked at together or one after the other.
    fn of_tables(widths: &[usize], grid: &str, one_by_one: bool) -> Result<(), String> {
        let table = |&width: &usize| {
            let names: Vec<String> = (0..width).map(|at| format!("x{at}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let x = ndarray::Array2::from_shape_fn((40, width), |(row, at)| (row * (at + 3) % 17) as f64);
            let y = (0..40).map(|row| u8::from(row % 2 == 0)).collect();
            Dataset::of_numbers(&format!("wide-{width}"), &names, x, y).unwrap()
        };
        let tables: Vec<Dataset> = widths.iter().map(table).collect();
        let data = widths.iter().map(|width| format!("[[data]]\npath = 'wide-{width}.csv'\n")).collect::<String>();
        let text = format!("name = 'x'\n{data}[protocol]\n{HOLD_OUT}\n[grid]\n{grid}\n");
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let plan = Plan::of(&study, &[], &Filter::default()).unwrap();
        let mut foreseen = Foreseen::default();
        if one_by_one {
            for (number, data) in tables.iter().enumerate() {
                let job = Job::of_one(&study, number, (data, (0..40).collect())).unwrap();
                let cells: Vec<&Cell> = plan.cells.iter().filter(|cell| cell.data == number).collect();
                foreseen.extend(Foreseen::of(&job, &cells));
            }
        } else {
            let job = Job::new(&study, tables.iter().map(|data| (data, (0..40).collect()))).unwrap();
            foreseen = Foreseen::of(&job, &plan.cells.iter().collect::<Vec<_>>());
        }
        foreseen.refuse(&study.file).map_err(|e| e.to_string())
    }

    #[test]
    fn what_one_data_set_of_several_serves_is_not_refused() {
        let grid = searched("bagging", "max_features = [3, 5]");
        let narrow = |width: usize| {
            format!(
                "wide-{width}: `bagging`: `max_features = 5` in the `space` of `search`: `max_features` is 5, but there are {width} columns"
            )
        };
        for one_by_one in [false, true] {
            for widths in [[3, 6], [6, 3]] {
                assert_eq!(of_tables(&widths, &grid, one_by_one), Ok(()), "{widths:?}");
            }
            let wanted =
                format!("x.toml: the columns do not have what parameters ask for: {}; {}", narrow(3), narrow(4));
            assert_eq!(of_tables(&[3, 4], &grid, one_by_one), Err(wanted), "{one_by_one}");
        }
    }

    #[test]
    fn a_data_set_that_was_not_looked_at_may_serve_what_the_others_do_not() {
        let lacking =
            Lacking { place: "few".into(), classifier: "bagging".into(), key: "", rarer: 0, why: "too wide".into() };
        let mut foreseen = Foreseen { columns: vec![lacking], ..Foreseen::default() };
        let told = foreseen.refused("x.toml").unwrap().to_string();
        assert!(told.ends_with("few: `bagging`: too wide"), "{told}");
        foreseen.extend(Foreseen::unknown());
        assert!(foreseen.refused("x.toml").is_none());
    }

    #[test]
    fn what_one_pipeline_of_several_has_is_no_fault() {
        let searched = searched("rectangles", "columns = [['speed', 'size'], ['speed', 'size amount']]");
        let with = |scalers: &str| format!("scalers = [{scalers}]\n{searched}");
        let products = "{ id = 'polynomial', params = { degree = 2 } }";
        assert_eq!(said(&[], HOLD_OUT, &with(products)), Ok(()));
        assert_eq!(said(&[], HOLD_OUT, &with(&format!("'none', {products}"))), Ok(()));
        assert!(said(&[], HOLD_OUT, &with("'none'")).unwrap_err().contains("`size amount`"));
    }

    #[test]
    fn a_goal_of_money_needs_the_amounts_of_the_positives_that_judge() {
        let goal = |goal: &str| {
            format!(
                "imputers = ['mean']\nclassifiers = [{{ family = 'decision-tree', search = {{ kind = 'grid', folds = 2, goal = '{goal}', \
                 space = {{ max_depth = [1, 2] }} }} }}]"
            )
        };
        // Rows of an even number are positive.
        let two = "kind = 'stratified-k-fold'\nfolds = 2";
        assert_eq!(said(&[], two, &goal("savings(5)")), Ok(()));
        assert_eq!(said(&[3], two, &goal("savings(5)")), Ok(()));
        assert_eq!(said(&[4], two, &goal("pr-auc")), Ok(()));
        for name in ["savings(5)", "cost(10)", "amount-recall"] {
            // Half of the 20 positives train.
            assert_eq!(
                said(&[4], two, &goal(name)),
                Err("x.toml: candidates cannot be judged: few, stratified-k-fold: `decision-tree`: the `goal` needs the amounts of \
                     positives, and 1 of 10 in inner folds has one that is missing, negative or infinite: mend the amounts, or take \
                     another `goal`"
                    .into())
            );
        }
    }
}
