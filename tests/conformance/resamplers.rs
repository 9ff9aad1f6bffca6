use fraudbench::component::{Context, Entry, Resampler, Train};
use fraudbench::resample::CATALOGUE;

use crate::{task, with_threads};

fn resample(entry: &Entry<dyn Resampler>, rows: usize) -> Vec<usize> {
    let (x, y) = task(rows);
    // A chain without steps is refused: give it the simplest one.
    let table = if entry.id == "chain" { "steps = [{id = 'none'}]" } else { "" };
    let built = (entry.build)(&table.parse().unwrap()).unwrap();
    built
        .component
        .resample(&Train::numbers(x.view(), &y), &Context { seed: 7 })
        .unwrap_or_else(|e| panic!("{}: {e}", entry.id))
        .rows
}

#[test]
fn kept_rows_are_ascending_distinct_and_hold_every_positive() {
    let (_, y) = task(600);
    for entry in CATALOGUE {
        let kept = resample(entry, 600);
        assert!(kept.windows(2).all(|w| w[0] < w[1]), "{}: not ascending", entry.id);
        assert!(kept.last().is_some_and(|&i| i < 600), "{}: out of range", entry.id);
        let positives = kept.iter().filter(|&&i| y[i] == 1).count();
        assert_eq!(positives, y.iter().filter(|&&l| l == 1).count(), "{}: a positive is lost", entry.id);
    }
}

#[test]
fn the_same_seed_keeps_the_same_rows_whatever_the_threads() {
    for entry in CATALOGUE {
        let one = with_threads(1, || resample(entry, 600));
        assert_eq!(one, with_threads(3, || resample(entry, 600)), "{}", entry.id);
    }
}

#[test]
fn one_class_is_an_answer_or_one_sentence_never_a_panic() {
    let (x, _) = task(60);
    for entry in CATALOGUE {
        let table = if entry.id == "chain" { "steps = [{id = 'none'}]" } else { "" };
        let built = (entry.build)(&table.parse().unwrap()).unwrap();
        if let Err(e) = built.component.resample(&Train::numbers(x.view(), &[0; 60]), &Context { seed: 7 }) {
            let said = e.to_string();
            assert!(!said.is_empty() && !said.contains('\n'), "{}: `{said}`", entry.id);
        }
    }
}
