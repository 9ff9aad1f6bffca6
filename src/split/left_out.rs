//! Test parts that lose most of their rows, as their groups are known from earlier ones.

use super::{Roles, Split, Splitter};
use crate::words::{count, counted};

/// Folds that are told one by one.
const TOLD: usize = 5;

/// Which of the splits that were `made` leave more than half of their test rows out, and what would keep these; none where none does.
pub(super) fn left_out(
    splitter: &dyn Splitter,
    made: &[Result<Split, String>],
    rows: impl FnOnce() -> Roles,
) -> Option<String> {
    let keeping = splitter.keeping_known()?;
    let whole = keeping.splitter.splits(&rows()).ok()?;
    // That a split cannot be made is told with its reason.
    let lost = |(one, whole): (&Result<Split, String>, &Split)| {
        let (kept, all) = (one.as_ref().ok()?.test.len(), whole.test.len());
        let fold = if made.len() > 1 { format!(" in fold {}", whole.fold) } else { String::new() };
        (2 * kept < all).then(|| format!("{} of {}{fold}", count((all - kept) as u64), counted(all as u64, "row")))
    };
    let mut lost: Vec<String> = made.iter().zip(&whole).filter_map(lost).collect();
    let folds = lost.len();
    if folds == 0 {
        return None;
    }
    lost.truncate(TOLD);
    if folds > TOLD {
        lost.push(format!("and so in {}", counted((folds - TOLD) as u64, "more fold")));
    }
    Some(format!(
        "most test rows are left out, as {}: {}; all scores are of the few others: to test these rows, too, write {} in [protocol]",
        keeping.why,
        lost.join(", "),
        keeping.instead
    ))
}

#[cfg(test)]
mod tests {
    use crate::component::Registry;
    use crate::data::DAY;
    use crate::split::{Protocol, Roles};

    fn said(protocol: &str, rows: &Roles) -> Option<String> {
        let protocol = Protocol::read(&protocol.parse().unwrap(), &Registry::built_in()).unwrap();
        protocol.left_out(&protocol.splits(rows).unwrap(), || rows.clone())
    }

    /// 40 days with a row of each class on each. So many rows are of one card, and each other one is of a card of its own.
    fn forty_days(of_one_card: usize) -> Roles {
        Roles {
            time: Some((0..80).map(|row| row / 2 * DAY).collect()),
            group: Some((0..80).map(|row| if (row as usize) < of_one_card { 0 } else { row }).collect()),
            ..Roles::labels(&(0..80).map(|row| row % 2).collect::<Vec<u8>>())
        }
    }

    #[test]
    fn known_cards_that_take_most_of_a_test_part_are_told_with_what_keeps_them() {
        // The last fold tests the days 33 to 39, which are the rows 66 to 79, and trains on the days 23 to 29.
        let protocol = "kind = 'prequential'\ntrain = 7\ndelay = 3\ntest = 7\nfolds = 1";
        let why = "most test rows are left out, as cards whose fraud is known by then are not tested";
        let keeps = "all scores are of the few others: to test these rows, too, write `leave_known_cards_out = false` in [protocol]";
        assert_eq!(said(protocol, &forty_days(76)), Some(format!("{why}: 10 of 14 rows; {keeps}")));
        assert_eq!(said(protocol, &forty_days(74)), Some(format!("{why}: 8 of 14 rows; {keeps}")));
        // Half of the rows are not most of them.
        assert_eq!(said(protocol, &forty_days(73)), None);
        assert_eq!(said(&format!("{protocol}\nleave_known_cards_out = false"), &forty_days(76)), None);
        // The first of two folds tests days of that card alone: that it cannot be made is told with its reason.
        let two = protocol.replace("folds = 1", "folds = 2");
        assert_eq!(said(&two, &forty_days(76)), Some(format!("{why}: 10 of 14 rows in fold 1; {keeps}")));
        let apart = said(&format!("{protocol}\ngroups = 'apart'"), &forty_days(76)).unwrap();
        let both = "write `groups = \"any\"` and `leave_known_cards_out = false` in [protocol]";
        assert!(apart.contains(": 10 of 14 rows; ") && apart.ends_with(both), "{apart}");
    }

    #[test]
    fn groups_that_stand_apart_and_leave_little_to_test_are_told() {
        // Of 80 rows the last 20 test; of these 16 or 10 are of the group that trains.
        let protocol = "kind = 'time-ordered'\ntest = 0.25\ngroups = 'apart'";
        let wanted = "most test rows are left out, as rows whose group trains are not tested: 16 of 20 rows; all scores are of the few \
                      others: to test these rows, too, write `groups = \"any\"` in [protocol]";
        assert_eq!(said(protocol, &forty_days(76)).as_deref(), Some(wanted));
        assert_eq!(said(protocol, &forty_days(70)), None);
        assert_eq!(said("kind = 'time-ordered'\ntest = 0.25", &forty_days(76)), None);
        // The two folds test the rows 28 to 53, of which nothing is left, and 54 to 79, of which 22 are of that group.
        let series = said("kind = 'time-series'\nfolds = 2\ngroups = 'apart'", &forty_days(76)).unwrap();
        assert!(series.contains(": 22 of 26 rows in fold 1; "), "{series}");
    }

    #[test]
    fn many_folds_are_told_in_part() {
        // Each fold tests one day, with a row of the known card twice and two rows of cards of their own.
        let day = |row: i64| row / 5;
        let rows = Roles {
            time: Some((0..200).map(|row| day(row) * DAY).collect()),
            group: Some((0..200).map(|row| if row % 5 < 3 { 0 } else { row as u32 }).collect()),
            ..Roles::labels(&(0..200).map(|row| u8::from(row % 5 == 2 || row % 5 == 4)).collect::<Vec<u8>>())
        };
        let text = said("kind = 'prequential'\ntrain = 5\ndelay = 1\ntest = 1\nfolds = 7", &rows).unwrap();
        let of = |fold: usize| format!("3 of 5 rows in fold {fold}");
        let listed = (0..5).map(of).collect::<Vec<_>>().join(", ");
        assert!(text.contains(&format!("not tested: {listed}, and so in 2 more folds; ")), "{text}");
    }
}
