//! A set of Python's that holds small whole numbers, for the order in which it goes through them: scikit-learn takes the columns of a
//! node from such a set where `interaction_cst` allows some only.
//!
//! The table of CPython's `Objects/setobject.c` (3.7 to 3.14): a number's hash is the number itself.

/// Slots of an empty set.
const FEWEST: usize = 8;
/// Slots that are looked at behind the first one before the search jumps (`LINEAR_PROBES`).
const BEHIND: usize = 9;
/// By how many bits the hash goes into the next jump (`PERTURB_SHIFT`).
const SHIFT: u32 = 5;
/// A set of more numbers than this grows by 2 and not by 4.
const LARGE: usize = 50_000;

#[derive(Debug, Clone)]
pub(super) struct PythonSet {
    /// As many as a power of two.
    slots: Vec<Option<usize>>,
    used: usize,
}

impl PythonSet {
    fn empty() -> Self {
        PythonSet { slots: vec![None; FEWEST], used: 0 }
    }

    /// `set(values)` of a list.
    pub(super) fn of(values: impl IntoIterator<Item = usize>) -> Self {
        let mut set = Self::empty();
        values.into_iter().for_each(|value| set.add(value));
        set
    }

    /// `set().union(*sets)`.
    pub(super) fn union<'s>(sets: impl IntoIterator<Item = &'s PythonSet>) -> Self {
        let mut all = Self::empty();
        sets.into_iter().for_each(|set| all.update(set));
        all
    }

    /// `set(range(count)) - self`, where `self` has numbers below `count` only.
    pub(super) fn rest(&self, count: usize) -> Self {
        let all = Self::of(0..count);
        if count / 4 <= self.used {
            return Self::of(all.values().filter(|&value| !self.has(value)));
        }
        // Where little is taken out, it is taken out of a copy. There every number lies in its own slot: a hole hides none.
        let mut rest = Self::union([&all]);
        for value in self.values() {
            let at = rest.slot(value);
            rest.slots[at] = None;
            rest.used -= 1;
        }
        rest
    }

    pub(super) fn has(&self, value: usize) -> bool {
        self.slots[self.slot(value)].is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// In the set's order.
    pub(super) fn values(&self) -> impl Iterator<Item = usize> {
        self.slots.iter().flatten().copied()
    }

    /// `set_merge`: makes room at once, and then adds in the other's order.
    fn update(&mut self, other: &PythonSet) {
        if self.is_full(self.used + other.used) {
            self.resize((self.used + other.used) * 2);
        }
        if self.used == 0 && self.slots.len() == other.slots.len() {
            self.clone_from(other);
        } else {
            other.values().for_each(|value| self.add(value));
        }
    }

    fn add(&mut self, value: usize) {
        let at = self.slot(value);
        if self.slots[at].is_some() {
            return;
        }
        self.slots[at] = Some(value);
        self.used += 1;
        if self.is_full(self.used) {
            self.resize(self.used * if self.used > LARGE { 2 } else { 4 });
        }
    }

    /// Whether so many numbers are too many for the table.
    fn is_full(&self, used: usize) -> bool {
        used * 5 >= (self.slots.len() - 1) * 3
    }

    /// Puts all into a table of more than so many slots.
    fn resize(&mut self, most: usize) {
        let before = std::mem::replace(&mut self.slots, vec![None; (most + 1).next_power_of_two().max(FEWEST)]);
        for value in before.into_iter().flatten() {
            let at = self.slot(value);
            self.slots[at] = Some(value);
        }
    }

    /// Where the number is, or the free slot that it would get. A table is never full.
    fn slot(&self, value: usize) -> usize {
        let mask = self.slots.len() - 1;
        let (mut from, mut perturb) = (value & mask, value);
        loop {
            let behind = if from + BEHIND <= mask { BEHIND } else { 0 };
            let fits = |at: &usize| self.slots[*at].is_none_or(|held| held == value);
            if let Some(at) = (from..=from + behind).find(fits) {
                return at;
            }
            perturb >>= SHIFT;
            from = (from * 5 + 1 + perturb) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(set: &PythonSet) -> Vec<usize> {
        set.values().collect()
    }

    /// Orders that Python 3.11.7 prints for `list(set(values))`.
    #[test]
    fn a_set_has_pythons_order() {
        for (values, printed) in [
            (&[2, 9, 3][..], &[9, 2, 3][..]),
            (&[8, 0], &[8, 0]),
            (&[0, 8], &[0, 8]),
            (&[16, 8, 0], &[16, 8, 0]),
            (&[20, 17, 14, 11, 8, 5, 2], &[2, 5, 8, 11, 14, 17, 20]),
            (&[31, 63, 95, 7], &[7, 63, 95, 31]),
            (&[5, 13, 21, 29, 37], &[37, 5, 13, 21, 29]),
            (&[100, 4, 12, 36, 68, 7, 15, 23], &[100, 4, 36, 68, 7, 12, 15, 23]),
            (&[9, 1, 9, 1, 1], &[9, 1]),
            (&[], &[]),
        ] {
            assert_eq!(order(&PythonSet::of(values.iter().copied())), printed, "{values:?}");
        }
    }

    #[test]
    fn unions_and_the_rest_have_pythons_order() {
        let of = |values: &[usize]| PythonSet::of(values.iter().copied());
        // set().union({9, 1}, {17, 1}, {3, 11})
        assert_eq!(order(&PythonSet::union(&[of(&[9, 1]), of(&[17, 1]), of(&[3, 11])])), [1, 17, 3, 9, 11]);
        // set().union({2, 11}, {9, 11}): a copy of the first takes the others as they come.
        assert_eq!(order(&PythonSet::union(&[of(&[2, 11]), of(&[9, 11])])), [9, 2, 11]);
        // set(range(12)) - {0, 8, 2, 9, 3}, which holds a quarter of them and more; of 40 it does not.
        let named = of(&[0, 8, 2, 9, 3]);
        assert_eq!(order(&named.rest(12)), [1, 4, 5, 6, 7, 10, 11]);
        let many: Vec<usize> = [1, 4, 5, 6, 7].into_iter().chain(10..40).collect();
        assert_eq!(order(&named.rest(40)), many);
        assert!(named.rest(40).has(39) && !named.rest(40).has(9) && of(&[0, 1]).rest(2).is_empty());
        // set(range(12)) - {0, 1, 2, 3, 4, 5, 6, 9, 10, 11}: in a table of eight slots, 8 comes to the first one.
        assert_eq!(order(&of(&[0, 1, 2, 3, 4, 5, 6, 9, 10, 11]).rest(12)), [8, 7]);
    }
}
