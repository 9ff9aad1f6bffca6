//! What holds for every kind of split, with its defaults, on rows that have every role.

use std::collections::HashSet;

use fraudbench::component::{Registry, Roles, Split};
use fraudbench::data::{Folds, Role};
use fraudbench::split::Protocol;

const DAY: i64 = 86_400_000_000;
const ROWS: usize = 2_000;

/// Rows out of the order of time, with ties, in groups of very different sizes that are active all the time; every other row
/// is a group of its own.
fn rows() -> Roles {
    let scattered = |row: usize| row * 7_919 % ROWS;
    let group = |row: usize| if row.is_multiple_of(2) { (row * 31 % 97).pow(3) / 20_000 } else { 100 + row } as u32;
    let part = |row: usize| [0, 0, 0, 1, 2][row % 5];
    Roles {
        group: Some((0..ROWS).map(group).collect()),
        time: Some((0..ROWS).map(|row| (scattered(row) / 3) as i64 * DAY / 8).collect()),
        fold: Some(Folds {
            codes: (0..ROWS).map(part).collect(),
            names: ["train", "validation", "test"].map(str::to_owned).into_iter().collect(),
        }),
        ..Roles::labels(&(0..ROWS).map(|row| u8::from(row * 13 % 11 == 4)).collect::<Vec<u8>>())
    }
}

fn every_kind(check: impl Fn(&str, &Protocol, &Roles)) {
    let registry = Registry::built_in();
    let rows = rows();
    for entry in registry.splits() {
        let protocol = Protocol::new(entry, &toml::Table::new(), &registry).unwrap();
        check(entry.id, &protocol, &rows);
    }
}

fn made(protocol: &Protocol, rows: &Roles) -> Vec<Split> {
    protocol.splits(rows).unwrap().into_iter().map(Result::unwrap).collect()
}

fn groups(rows: &Roles, part: &[usize]) -> HashSet<u32> {
    let group = rows.group.as_ref().unwrap();
    part.iter().map(|&row| group[row]).collect()
}

/// The earliest and the latest time of a part.
fn times(rows: &Roles, part: &[usize]) -> (i64, i64) {
    let time = rows.time.as_ref().unwrap();
    let of_part = || part.iter().map(|&row| time[row]);
    (of_part().min().unwrap(), of_part().max().unwrap())
}

#[test]
fn parts_are_ascending_and_disjoint_and_numbered_as_announced() {
    every_kind(|id, protocol, rows| {
        let splits = made(protocol, rows);
        let numbers: Vec<(u32, u32)> = splits.iter().map(|split| (split.repeat, split.fold)).collect();
        assert_eq!(numbers, protocol.numbers(), "{id}");
        assert_eq!(splits, made(protocol, rows), "{id}");
        for split in &splits {
            let parts = [&split.train, &split.validation, &split.test];
            for part in parts {
                assert!(part.windows(2).all(|pair| pair[0] < pair[1]), "{id}");
            }
            let all: Vec<usize> = parts.into_iter().flatten().copied().collect();
            assert!(all.iter().all(|&row| row < ROWS), "{id}");
            assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "{id}");
        }
    });
}

#[test]
fn a_kind_looks_at_the_roles_that_it_asks_for_and_at_no_other() {
    every_kind(|id, protocol, rows| {
        let needs = |role| protocol.needs().contains(&role);
        let bare = Roles {
            group: rows.group.clone().filter(|_| needs(Role::Group)),
            time: rows.time.clone().filter(|_| needs(Role::Time)),
            fold: rows.fold.clone().filter(|_| needs(Role::Fold)),
            ..Roles::labels(&rows.y)
        };
        assert_eq!(made(protocol, &bare), made(protocol, rows), "{id}");
        if !protocol.needs().is_empty() {
            let said = protocol.splits(&Roles::labels(&rows.y)).unwrap_err().to_string();
            assert!(said.contains("role `") || said.contains("`time`"), "{id}: {said}");
        }
        let other = protocol.reseeded(1);
        assert_eq!(other.is_some(), other.is_some_and(|other| made(&other, rows) != made(protocol, rows)), "{id}");
    });
}

#[test]
fn groups_and_the_order_of_time_are_kept_and_inner_folds_keep_them_too() {
    every_kind(|id, protocol, rows| {
        let in_time = matches!(id, "time-ordered" | "time-series" | "prequential");
        let by_group = protocol.needs().contains(&Role::Group) && !in_time;
        for split in made(protocol, rows) {
            let inside = rows.select(&split.train);
            let inner = protocol.inner(&inside, 2, Some(7)).unwrap();
            let mut tested = HashSet::new();
            for (rows, split) in [(rows, &split)].into_iter().chain(inner.iter().map(|split| (&inside, split))) {
                if by_group {
                    assert!(groups(rows, &split.train).is_disjoint(&groups(rows, &split.test)), "{id}");
                }
                if in_time {
                    assert!(times(rows, &split.train).1 <= times(rows, &split.test).0, "{id}");
                }
            }
            assert!(
                inner.iter().flat_map(|split| &split.test).all(|row| tested.insert(*row)),
                "{id}: a row tests twice"
            );
        }
    });
}
