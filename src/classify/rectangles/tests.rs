use std::collections::BTreeMap;

use super::*;
use crate::component::{ColumnShape, Features, Registry};
use crate::data::Column;
use crate::numeric::mt19937::Mt19937;

type Rows = Vec<([f64; 2], u8)>;

/// Few distinct values, so that rows are tied in either column and in both; a share of the rows lacks a value.
fn rows(seed: u32, n: usize, distinct: u64, blanks: bool) -> Rows {
    let mut random = Mt19937::new(seed);
    let mut value = |label: u8| match random.interval(20) {
        0 if blanks => f64::NAN,
        1 => -0.0,
        _ => random.interval(distinct) as f64 * 0.5 + f64::from(label),
    };
    (0..n).map(|row| u8::from(row % 7 == 3)).map(|label| ([value(label), value(label)], label)).collect()
}

fn plane(rows: &Rows) -> Plane {
    Plane::new(rows.iter().copied())
}

/// True and false positives, by looking at every row.
fn counted(rows: &Rows, bounds: &Bounds) -> [u32; 2] {
    let of = |class: u8| rows.iter().filter(|([x, y], label)| *label == class && bounds.hold(*x, *y)).count() as u32;
    [of(1), of(0)]
}

/// Tables with ties, duplicates, a constant column, blanks, one class, and more rows than the table of sums has lines.
fn tables() -> Vec<Rows> {
    let constant = rows(5, 90, 6, false).into_iter().map(|([x, _], label)| ([x, 2.0], label)).collect();
    let mut doubled = rows(2, 120, 30, false);
    doubled.extend(doubled.clone());
    let single = |class: u8| rows(6, 40, 9, false).into_iter().map(|(at, _)| (at, class)).collect();
    vec![
        rows(1, 200, 8, true),
        doubled,
        constant,
        single(0),
        single(1),
        vec![([1.0, f64::NAN], 1), ([2.0, 1.0], 0)],
        rows(3, 9_000, 700, false),
        rows(4, 9_000, 1 << 40, true),
    ]
}

#[test]
fn counts_are_those_of_looking_at_every_row() {
    for (nth, rows) in tables().iter().enumerate() {
        let plane = plane(rows);
        let mut random = Mt19937::new(nth as u32);
        for _ in 0..150 {
            let edges = plane.draw(&mut random).unwrap();
            let bounds = plane.bounds(edges);
            assert_eq!(plane.count(edges), counted(rows, &bounds), "table {nth}, {bounds:?}");
            assert_eq!(plane.count_within(&bounds), plane.count(edges), "table {nth}, {bounds:?}");
        }
        // Bounds that are no values: beyond all rows, between two values, empty.
        let beyond = [f64::NEG_INFINITY, f64::INFINITY];
        let [low, high] = [-1e300, 1e300];
        for bounds in [
            [beyond[0], beyond[1], beyond[0], beyond[1]],
            [low, high, low, high],
            [0.25, 3.25, 0.75, 1e9],
            [3.0, 1.0, 0.0, 9.0],
            [0.0, 0.0, 0.0, 0.0],
            [high, high, low, high],
        ] {
            let bounds = Bounds(bounds);
            assert_eq!(plane.count_within(&bounds), counted(rows, &bounds), "table {nth}, {bounds:?}");
        }
    }
}

#[test]
fn without_a_whole_row_there_is_nothing_to_draw() {
    let none = plane(&vec![([f64::NAN, 1.0], 0), ([1.0, f64::NAN], 1)]);
    assert_eq!((none.draw(&mut Mt19937::new(1)), none.totals), (None, [1, 1]));
    assert!(of_random(&none, 10, 1).front().is_empty() && of_all(&none, 10).front().is_empty());
}

/// For each number of positives inside the fewest negatives inside, over all rectangles between any two values.
fn naive_front(rows: &Rows) -> BTreeMap<u32, u32> {
    let values = |axis: usize| {
        let mut all: Vec<f64> = rows.iter().map(|(at, _)| at[axis]).filter(|value| !value.is_nan()).collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        all
    };
    let [xs, ys] = [values(0), values(1)];
    let mut fewest: BTreeMap<u32, u32> = BTreeMap::new();
    let pairs = |all: &[f64]| -> Vec<[f64; 2]> {
        all.iter().flat_map(|&low| all.iter().filter(move |high| **high >= low).map(move |&high| [low, high])).collect()
    };
    for x in pairs(&xs) {
        for y in pairs(&ys) {
            let [found, alarms] = counted(rows, &Bounds([x[0], x[1], y[0], y[1]]));
            let least = fewest.entry(found).or_insert(alarms);
            *least = alarms.min(*least);
        }
    }
    let best = fewest.clone();
    fewest.retain(|found, alarms| *found > 0 && !best.iter().any(|(f, a)| f > found && a <= alarms));
    fewest
}

#[test]
fn all_rectangles_between_values_of_positives_have_the_front_of_all_rectangles() {
    for seed in 0..6 {
        let rows = rows(seed, 60, 7, true);
        let front = of_all(&plane(&rows), 256).front();
        let ours: BTreeMap<u32, u32> =
            front.iter().filter(|c| c.found > 0).map(|counted| (counted.found, counted.alarms)).collect();
        assert_eq!(ours, naive_front(&rows), "seed {seed}");
        for counted in &front {
            let bounds = plane(&rows).bounds(counted.edges);
            assert_eq!(self::counted(&rows, &bounds), [counted.found, counted.alarms]);
        }
    }
}

#[test]
fn of_many_random_rectangles_the_front_is_that_of_counting_each() {
    let rows = rows(9, 400, 40, false);
    let plane = plane(&rows);
    let mut random = Mt19937::new(17);
    let all: Vec<[u32; 2]> = (0..9_000).map(|_| plane.count(plane.draw(&mut random).unwrap())).collect();
    let beaten = |[f, a]: [u32; 2]| all.iter().any(|&[g, b]| (g > f && b <= a) || (g >= f && b < a));
    let mut naive: Vec<[u32; 2]> = all.iter().copied().filter(|&one| !beaten(one)).collect();
    naive.sort_unstable();
    naive.dedup();
    let front = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| of_random(&plane, 9_000, 17).front())
    };
    assert_eq!(front(1), front(3));
    assert_eq!(front(2).iter().map(|c| [c.found, c.alarms]).collect::<Vec<_>>(), naive);
}

#[test]
fn no_other_rectangle_of_a_front_is_better_by_the_rule() {
    let rows = rows(11, 500, 60, false);
    let plane = plane(&rows);
    let front = of_random(&plane, 5_000, 3).front();
    let [n, p] = plane.totals.map(|total| total as f64);
    let errors = |c: &Counted| (1.0 - f64::from(c.found) / p, f64::from(c.alarms) / n);
    let (best, kept) = Choice::Youden.of(&front, plane.totals).unwrap();
    let sum = |c: &Counted| errors(c).0 + errors(c).1;
    assert!(kept && front.iter().all(|other| sum(&best) <= sum(other) + 1e-12));
    let (best, kept) = Choice::SecondKind(0.3).of(&front, plane.totals).unwrap();
    assert!(kept && errors(&best).0 <= 0.3);
    assert!(front.iter().filter(|c| errors(c).0 <= 0.3).all(|other| best.alarms <= other.alarms));
    let cost = |c: &Counted| 5.0 * errors(c).0 * p + errors(c).1 * n;
    let rule = Choice::Cost { false_negative: 5.0, false_positive: 1.0 };
    let (best, _) = rule.of(&front, plane.totals).unwrap();
    assert!(front.iter().all(|other| cost(&best) <= cost(other) + 1e-9));
    // Nothing is found entirely: the one with the most positives inside, and the bound is not kept.
    let some: Vec<Counted> = front.iter().copied().filter(|c| errors(c).0 > 0.5).collect();
    let (best, kept) = Choice::SecondKind(0.0).of(&some, plane.totals).unwrap();
    assert!(!kept && best.found == some.iter().map(|c| c.found).max().unwrap());
}

fn fit(params: &str, columns: &[Column], x: &ndarray::Array2<f64>, y: &[u8]) -> Result<Box<dyn Model>> {
    let built = ENTRY.build(&params.parse().unwrap(), &Registry::empty())?;
    let train = Train::new(Features { x: x.view(), columns }, y);
    built.component.fit(&train, &Context { seed: 3 })
}

#[test]
fn bounds_are_inside_and_a_graded_score_ranks_as_the_label_says() {
    let columns = ["other", "minute", "amount"].map(Column::number);
    let x = ndarray::array![[9., 1., 1.], [9., 2., 2.], [9., 3., 3.], [9., 2., 9.], [9., 8., 2.], [9., 2., f64::NAN]];
    let y = [0, 1, 1, 0, 0, 1];
    let params = "columns = ['minute', 'amount']\ncandidates = 'all'";
    let model = fit(params, &columns, &x, &y).unwrap();
    let said = model.predict(x.view()).unwrap();
    assert_eq!((said.label, said.score), (vec![0, 1, 1, 0, 0, 0], vec![0., 1., 1., 0., 0., 0.]));
    let details = &model.details().unwrap()["rectangle"];
    assert_eq!((&details["low"], &details["high"]), (&json!([2.0, 2.0]), &json!([3.0, 3.0])));
    assert_eq!((&details["first_kind"], &details["second_kind"]), (&json!(1.0 - 2.0 / 3.0), &json!(0.0)));
    let graded = fit(&format!("{params}\ngraded = true"), &columns, &x, &y).unwrap().predict(x.view()).unwrap();
    assert!(graded.score[1] == 1.0 && graded.score[0] == 0.0, "{:?}", graded.score);
}

#[test]
fn what_the_table_lacks_is_told_before_a_fit() {
    let built = |params: &str| ENTRY.build(&params.parse().unwrap(), &Registry::empty());
    let component = built("columns = ['minute', 'amuont']").unwrap().component;
    let column = |name: &str, levels| ColumnShape { name: name.into(), levels, blanks: true, empty: false };
    let shape = Shape::new(5, vec![column("minute", None), column("amount", None), column("shop", Some(3))]);
    let said = component.accepts(&shape).unwrap_err();
    assert!(said.contains("unknown name in `columns` `amuont`; did you mean `amount`?"), "{said}");
    assert_eq!(built("columns = ['minute', 'amount']").unwrap().component.accepts(&shape), Ok(()));
    assert!(built("columns = [0, 2]").unwrap().component.accepts(&shape).unwrap_err().contains("`shop`"));
    let refused = |params: &str| built(params).err().unwrap().to_string();
    assert!(refused("columns = ['minute']").contains("two different columns"));
    assert!(refused("columns = [1, 1]").contains("two different columns"));
    assert!(refused("n_rectangles = 0").contains("from 1 to"));
    assert!(refused("max_first_kind = 1.5").contains("from 0 to 1"));
}
