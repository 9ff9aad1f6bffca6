//! One pass over a key's rows, sorted by time, with a window that moves along.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use super::exact::{Moving, Term};
use super::handbook;
use super::{Reach, Span, Windows};

const SECOND: f64 = 1e6;

/// A feature of the rows of a key in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Rows.
    Count,
    /// The sum of the rows' numbers; 0 without rows.
    Sum,
    /// Their mean.
    Mean,
    /// Their standard deviation with divisor n - 1; 0 for a single row.
    Std,
    /// The smallest number.
    Min,
    /// The largest number.
    Max,
    /// The row's own number by the window's mean.
    Ratio,
    /// Distinct values of another column.
    Distinct,
    /// The share of frauds; 0 without rows.
    FraudShare,
    /// Seconds since the last row of the key; it has no window.
    SinceLast,
}

impl Function {
    /// Every function.
    pub const ALL: [Function; 10] = [
        Function::Count,
        Function::Sum,
        Function::Mean,
        Function::Std,
        Function::Min,
        Function::Max,
        Function::Ratio,
        Function::Distinct,
        Function::FraudShare,
        Function::SinceLast,
    ];

    /// The name in studies.
    pub fn name(self) -> &'static str {
        match self {
            Function::Count => "count",
            Function::Sum => "sum",
            Function::Mean => "mean",
            Function::Std => "std",
            Function::Min => "min",
            Function::Max => "max",
            Function::Ratio => "ratio",
            Function::Distinct => "distinct",
            Function::FraudShare => "fraud-share",
            Function::SinceLast => "since-last",
        }
    }

    /// Whether it is made of the rows' numbers.
    pub fn needs_number(self) -> bool {
        matches!(self, Function::Sum | Function::Mean | Function::Std | Function::Min | Function::Max | Function::Ratio)
    }

    /// Whether it is made of labels.
    pub fn needs_labels(self) -> bool {
        self == Function::FraudShare
    }
}

impl Windows {
    /// Whether a feature is made of labels.
    pub(super) fn looks_at_labels(&self) -> bool {
        self.make.iter().any(|function| function.needs_labels())
    }

    /// (window, function) of each feature, in order; a function without a window comes once, last.
    pub(super) fn features(&self) -> Vec<(Option<Span>, Function)> {
        let windowed = self.make.iter().filter(|function| **function != Function::SinceLast);
        let all = self.windows.iter().flat_map(|window| windowed.clone().map(|function| (Some(*window), *function)));
        let last = self.make.contains(&Function::SinceLast).then_some((None, Function::SinceLast));
        all.chain(last).collect()
    }

    pub(super) fn names(&self) -> Vec<String> {
        let by = self.by.join("_");
        let of = |function: Function| match function {
            Function::Distinct => self.distinct.as_deref(),
            function if function.needs_number() => self.of.as_deref(),
            _ => None,
        };
        let name = |(window, function): (Option<Span>, Function)| match window {
            Some(window) if self.as_handbook => handbook::name(&by, function, &window),
            window => {
                let parts = [Some(by.as_str()), Some(function.name()), of(function)].into_iter().flatten();
                let mut parts: Vec<String> = parts.map(str::to_owned).collect();
                parts.extend(window.map(|window| window.to_string()));
                parts.extend(self.delay.map(|delay| format!("delay_{delay}")));
                parts.extend(self.known.as_ref().map(|known| format!("known_{known}")));
                parts.join("_")
            }
        };
        self.features().into_iter().map(name).collect()
    }
}

/// The rows of one key, sorted by time.
pub(super) struct Key<'a> {
    pub time: &'a [i64],
    /// NaN is missing.
    pub numbers: &'a [f64],
    /// Codes of the column whose distinct values count; those beyond the last are missing.
    pub distinct: &'a [u32],
    pub labels: &'a [u8],
    /// When each row's label is known, where windows ask for it.
    pub known: &'a [i64],
}

impl Key<'_> {
    /// Writes the features of its rows, a row after another.
    pub fn features(&self, of: &Windows, out: &mut [f64]) {
        let moves = Moves::of(of);
        if of.leak.is_some() || of.known.is_none() {
            return self.next(&moves, &mut moves.sliders(), 0, out);
        }
        let order = self.by_known();
        let mut slot = 0;
        for (length, functions) in &moves.groups {
            let count = functions.len();
            self.slide_known(*length, &order, functions, |row, values| {
                out[row * moves.width + slot..][..count].copy_from_slice(values);
            });
            slot += count;
        }
    }

    /// Writes the features of its rows from the one at `from` on; `sliders` are where the rows before left them.
    pub fn next(&self, moves: &Moves, sliders: &mut [Slider], from: usize, out: &mut [f64]) {
        let mut slot = 0;
        for ((length, functions), slider) in moves.groups.iter().zip(sliders) {
            let count = functions.len();
            self.slide(slider, (from, *length, moves.end), functions, |row, values| {
                out[(row - from) * moves.width + slot..][..count].copy_from_slice(values);
            });
            slot += count;
        }
    }

    /// Its rows in the order in which their labels are known.
    fn by_known(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.time.len()).collect();
        order.sort_by_key(|&row| self.known[row].max(self.time[row]));
        order
    }

    /// Moves a window along whose rows count once their labels are known: for row `i` with time `t` those before it in
    /// `(t - length, t]` with a label that is known at `t`. Counts and labels only, whose order does not matter.
    fn slide_known(
        &self,
        length: Option<i64>,
        order: &[usize],
        functions: &[Function],
        mut with: impl FnMut(usize, &[f64]),
    ) {
        let mut state = State::new(functions);
        let mut is_in = vec![false; self.time.len()];
        let (mut low, mut next) = (0, 0);
        let mut values = vec![0.0; functions.len()];
        for (row, &now) in self.time.iter().enumerate() {
            if let Some(length) = length {
                while low < row && self.time[low] <= now.saturating_sub(length) {
                    if is_in[low] {
                        // No numbers are summed here.
                        state.leave(self, low, 0..0);
                    }
                    low += 1;
                }
            }
            // Of rows at one time each sees those that stand before it; one that is not there yet waits for its turn.
            while let Some(&known) = order.get(next).filter(|&&known| known < row && self.known[known] <= now) {
                if known >= low {
                    state.enter(self, known);
                    is_in[known] = true;
                }
                next += 1;
            }
            values.iter_mut().zip(functions).for_each(|(value, function)| *value = state.value(*function));
            with(row, &values);
        }
    }

    /// Moves a window along: for row `i` with time `t` the rows in `(t - delay - length, t - delay]`; without a delay those
    /// up to the row itself, so that of rows at one time each sees those that stand before it. Leaks let it end elsewhere. Rows before
    /// `from` have been asked for.
    fn slide(
        &self,
        slider: &mut Slider,
        (from, length, of_end): (usize, Option<i64>, End),
        functions: &[Function],
        mut with: impl FnMut(usize, &[f64]),
    ) {
        let Slider { state, low, high } = slider;
        let mut values = vec![0.0; functions.len()];
        for (row, &now) in self.time.iter().enumerate().skip(from) {
            let end = match of_end {
                End::Before(delay) => now.saturating_sub(delay),
                _ => now,
            };
            let is_in = |other: usize| match of_end {
                End::WithRow => other <= row,
                End::Before(_) => other <= row && self.time[other] <= end,
                End::BeforeRow => other < row,
                // Without a length there is nothing to look ahead by.
                End::Ahead => {
                    other <= row || length.is_some_and(|length| self.time[other] <= now.saturating_add(length))
                }
            };
            while *high < self.time.len() && is_in(*high) {
                state.enter(self, *high);
                *high += 1;
            }
            if let Some(length) = length {
                while *low < *high && self.time[*low] <= end.saturating_sub(length) {
                    state.leave(self, *low, *low + 1..*high);
                    *low += 1;
                }
            }
            for (value, function) in values.iter_mut().zip(functions) {
                *value = match function {
                    // Without a delay the last row of the window is the row itself.
                    Function::SinceLast => match last(of_end, row, *high) {
                        Some(last) => (now - self.time[last]) as f64 / SECOND,
                        None => f64::NAN,
                    },
                    Function::Ratio => self.numbers[row] / state.mean(),
                    function => state.value(*function),
                };
                // Nothing by nothing is no ratio, and neither is something by nothing.
                if value.is_infinite() {
                    *value = f64::NAN;
                }
            }
            with(row, &values);
        }
    }
}

/// The windows of a key, one after the other, and what is made of each.
pub(super) struct Moves {
    /// How long it is, and its functions.
    pub groups: Vec<(Option<i64>, Vec<Function>)>,
    /// How many features there are in all.
    pub width: usize,
    end: End,
}

impl Moves {
    pub fn of(of: &Windows) -> Self {
        let features = of.features();
        let groups = features.chunk_by(|a, b| a.0 == b.0).map(|group| {
            (group[0].0.map(|window| window.micros()), group.iter().map(|(_, function)| *function).collect())
        });
        let end = match (of.leak, of.delay) {
            (Some(Reach::BeforeRow), _) => End::BeforeRow,
            (Some(Reach::Ahead), _) => End::Ahead,
            (None, Some(delay)) => End::Before(delay.micros()),
            (None, None) => End::WithRow,
        };
        Moves { groups: groups.collect(), width: features.len(), end }
    }

    /// Windows that no row has entered.
    pub fn sliders(&self) -> Vec<Slider> {
        self.groups.iter().map(|(_, functions)| Slider { state: State::new(functions), low: 0, high: 0 }).collect()
    }
}

/// Where a window stands among the rows of its key: from `low` to before `high`.
pub(super) struct Slider {
    state: State,
    low: usize,
    high: usize,
}

impl Slider {
    /// The first row that it may still look at; without a length it looks at the last one only.
    pub fn first_needed(&self, has_length: bool) -> usize {
        let last = self.high.saturating_sub(1);
        if has_length { last.min(self.low) } else { last }
    }

    /// The key's first `rows` rows are gone, and the others move up.
    pub fn forget(&mut self, rows: usize) {
        (self.low, self.high) = (self.low.saturating_sub(rows), self.high - rows);
        for (row, _) in self.state.least.iter_mut().chain(&mut self.state.most) {
            *row -= rows;
        }
    }
}

/// Where a window ends, seen from its row.
#[derive(Clone, Copy)]
enum End {
    /// With the row itself.
    WithRow,
    /// So many microseconds before it.
    Before(i64),
    /// With the last row before it.
    BeforeRow,
    /// As long after it as the window begins before it.
    Ahead,
}

/// The last row of the key that is known at `row`, whose window ends before place `high`; the row itself is none.
fn last(of_end: End, row: usize, high: usize) -> Option<usize> {
    match of_end {
        End::WithRow | End::Ahead => row.checked_sub(1),
        End::Before(_) | End::BeforeRow => high.checked_sub(1),
    }
}

/// What is known of the rows in the window; only what a function needs is kept up.
#[derive(Default)]
struct State {
    rows: usize,
    frauds: usize,
    numbers: usize,
    sum: Moving,
    squares: Moving,
    /// Places with their numbers, from the extreme one on in falling importance.
    least: VecDeque<(usize, f64)>,
    most: VecDeque<(usize, f64)>,
    distinct: HashMap<u32, usize>,
    has: Has,
}

#[derive(Default)]
struct Has {
    sum: bool,
    squares: bool,
    least: bool,
    most: bool,
    distinct: bool,
    labels: bool,
}

impl State {
    fn new(functions: &[Function]) -> Self {
        let any = |wanted: &[Function]| functions.iter().any(|function| wanted.contains(function));
        let has = Has {
            sum: any(&[Function::Sum, Function::Mean, Function::Std, Function::Ratio]),
            squares: any(&[Function::Std]),
            least: any(&[Function::Min]),
            most: any(&[Function::Max]),
            distinct: any(&[Function::Distinct]),
            labels: any(&[Function::FraudShare]),
        };
        State { has, squares: Moving::of(Term::Square), ..State::default() }
    }

    fn enter(&mut self, key: &Key<'_>, row: usize) {
        self.rows += 1;
        if self.has.labels {
            self.frauds += usize::from(key.labels[row] == 1);
        }
        if self.has.distinct && key.distinct[row] != u32::MAX {
            *self.distinct.entry(key.distinct[row]).or_default() += 1;
        }
        let Some(&number) = key.numbers.get(row).filter(|number| !number.is_nan()) else { return };
        self.numbers += 1;
        if self.has.sum {
            self.sum.enter(number);
        }
        if self.has.squares {
            self.squares.enter(number);
        }
        if self.has.least {
            while self.least.pop_back_if(|(_, other)| *other >= number).is_some() {}
            self.least.push_back((row, number));
        }
        if self.has.most {
            while self.most.pop_back_if(|(_, other)| *other <= number).is_some() {}
            self.most.push_back((row, number));
        }
    }

    /// Takes a row out; the rows `left` stay.
    fn leave(&mut self, key: &Key<'_>, row: usize, left: Range<usize>) {
        self.rows -= 1;
        if self.has.labels {
            self.frauds -= usize::from(key.labels[row] == 1);
        }
        if self.has.distinct
            && let Some(count) = self.distinct.get_mut(&key.distinct[row])
        {
            *count -= 1;
            if *count == 0 {
                self.distinct.remove(&key.distinct[row]);
            }
        }
        let Some(&number) = key.numbers.get(row).filter(|number| !number.is_nan()) else { return };
        self.numbers -= 1;
        let stay = || key.numbers[left.clone()].iter().copied().filter(|number| !number.is_nan());
        if self.has.sum {
            self.sum.leave(number, stay());
        }
        if self.has.squares {
            self.squares.leave(number, stay());
        }
        self.least.pop_front_if(|(first, _)| *first == row);
        self.most.pop_front_if(|(first, _)| *first == row);
    }

    /// Missing without numbers.
    fn mean(&self) -> f64 {
        if self.numbers == 0 { f64::NAN } else { self.sum.sum().value() / self.numbers as f64 }
    }

    fn value(&self, function: Function) -> f64 {
        let extreme = |of: &VecDeque<(usize, f64)>| of.front().map_or(f64::NAN, |(_, number)| *number);
        match function {
            Function::Count => self.rows as f64,
            Function::Sum => self.sum.sum().value(),
            Function::Mean => self.mean(),
            Function::Std => match self.numbers {
                0 => f64::NAN,
                1 => 0.0,
                n => (self.squares.sum().around(self.mean(), self.sum.sum(), n as f64) / (n - 1) as f64).sqrt(),
            },
            Function::Min => extreme(&self.least),
            Function::Max => extreme(&self.most),
            Function::Distinct => self.distinct.len() as f64,
            Function::FraudShare if self.rows == 0 => 0.0,
            Function::FraudShare => self.frauds as f64 / self.rows as f64,
            // They look at the row too, not at the window alone.
            Function::Ratio | Function::SinceLast => f64::NAN,
        }
    }
}
