//! From a file's columns to a data set: kinds and roles are settled, and what does not fit is told at once.

use ndarray::Array2;
use rayon::prelude::*;

use super::assign::{Use, Way};
use super::blanks;
use super::dates;
use super::faults::{Faults, Why, and_more, may_be_missing};
use super::label::{called_like_a_label, labels, without};
use super::levels::{Level, first_of};
use super::moment::{self, mistaken_for_seconds};
use super::sides::{
    as_they_appear, codes_of_levels, codes_of_numbers, codes_of_texts, micros, named_numbers, named_texts, whole_levels,
};
use super::spelt::{Common, Spelt, are_signed};
use super::table::{Odd, Oddity, Raw, Table, Values, column};
use super::texts::{Spelling, class, mostly_booleans, shown};
use super::{Called, Column, Dataset, Digests, Folds, Kept, Kind, Role, Sides, Unlabelled};
use crate::error::{Error, Result};

/// From so many distinct texts on, a column where they are more than half as many as rows is no category.
const FEW: usize = 10;

/// What a data set is made of beside its table.
pub(super) struct Whole {
    pub file: String,
    pub name: String,
    pub positive: Option<String>,
    pub spelling: Spelling,
    /// Whether the study names the label.
    pub label_is_named: bool,
    /// Whether what is wrong with the label is a note.
    pub label_may_fail: bool,
    /// Whether rows may have no label.
    pub unlabelled: Unlabelled,
    pub called: Called,
    /// The parts whose rows the files hold, one per file; none where the files are one table without parts.
    pub parts: Vec<&'static str>,
}

pub(super) fn assemble(mut table: Table<'_>, whole: Whole) -> Result<Dataset> {
    let width = |feature: bool| {
        let read = |(column, raw): (&Use, &Option<Raw<'_>>)| raw.is_some() && column.feature == feature;
        table.assigned.uses.iter().zip(&table.columns).filter(|pair| read(*pair)).count()
    };
    let widths = [width(true), width(false)];
    let mut notes = std::mem::take(&mut table.assigned.notes);
    let mut faults = Faults::default();
    let (spelling, called) = (&whole.spelling, whole.called);
    let common = common(&table, spelling);
    let mut columns =
        Columns { widths, table: &table, spelling, common, called, faults: &mut faults, notes: &mut notes };
    let kinds: Vec<Kind> = (0..columns.table.columns.len()).map(|place| columns.kind(place)).collect();
    let mut sides = columns.sides(&kinds);
    if !whole.parts.is_empty() {
        let rows = (0..).zip(&table.files);
        let codes = rows.flat_map(|(code, &rows)| std::iter::repeat_n(code, rows)).collect();
        sides.fold = Some(Folds { codes, names: whole.parts.iter().map(|&part| part.to_owned()).collect() });
    }
    let kept = columns.kept();
    let (labels, y) = match labels(&table, &whole, widths) {
        Ok(found) if faults.is_empty() => found,
        Ok(_) => return Err(Error::Data(format!("{}: {}", whole.file, faults.sentence(called, spelling)))),
        Err(said) if faults.is_empty() && whole.label_may_fail => {
            notes.push(said);
            without(&table, widths)
        }
        Err(said) if faults.is_empty() => return Err(Error::Data(format!("{}: {said}", whole.file))),
        Err(said) => return Err(Error::Data(format!("{}: {}; {said}", whole.file, faults.sentence(called, spelling)))),
    };
    let mut x = std::mem::take(&mut table.x);
    recode(&mut x, &table, &kinds, widths[0]);
    let (mut features, mut others) = (Vec::new(), Vec::new());
    for ((column, raw), kind) in table.assigned.uses.iter().zip(&table.columns).zip(kinds) {
        let words = raw.as_ref().and_then(|raw| raw.words);
        let column = Column { name: column.name.clone(), kind, feature: column.feature, role: column.role, words };
        if column.feature { features.push(column) } else { others.push(column) }
    }
    let digests = Digests::of(&features, &x, &y, &labels, &sides);
    let x = Array2::from_shape_vec((y.len(), features.len()), x)
        .map_err(|e| Error::Data(format!("{}: {e}", whole.file)))?;
    let label = &table.assigned.uses[table.assigned.label];
    // A column that is no label says nothing about others.
    if label.role == Some(Role::Label) && labels.0 != labels.1 {
        notes.extend(other_labels((&features, &x), &label.name, called));
    }
    notes.extend(blanks::note(&table, called));
    // The file's hash is taken beside, and put in by the caller.
    Ok(Dataset {
        name: whole.name,
        sha256: String::new(),
        digests,
        columns: features,
        others,
        x,
        y,
        labels,
        sides,
        notes,
        kept,
        whence: None,
    })
}

/// Categories' codes become places among the sorted levels.
fn recode(x: &mut [f64], table: &Table<'_>, kinds: &[Kind], width: usize) {
    let features = table.assigned.uses.iter().zip(&table.columns).zip(kinds).filter(|((column, _), _)| column.feature);
    let places: Vec<(usize, Vec<f64>)> = features
        .filter_map(|((_, raw), kind)| match (raw, kind) {
            (Some(Raw { slot, values: Values::Texts(texts), .. }), Kind::Category(levels)) => {
                let place = |text: &Level<'_>| {
                    let text = String::from_utf8_lossy(&text.text);
                    levels.binary_search_by(|level| level.as_str().cmp(&text)).map_or(f64::NAN, |place| place as f64)
                };
                Some((*slot, texts.iter().map(place).collect()))
            }
            _ => None,
        })
        .collect();
    if places.is_empty() {
        return;
    }
    x.par_chunks_exact_mut(width).for_each(|row| {
        for (slot, places) in &places {
            let value = &mut row[*slot];
            if !value.is_nan() {
                *value = places[*value as usize];
            }
        }
    });
}

/// Two-valued features that are called like a label.
fn other_labels((features, x): (&[Column], &Array2<f64>), label: &str, called: Called) -> Vec<String> {
    let suspects = features.iter().enumerate().filter(|(_, column)| called_like_a_label(&column.name));
    let two_valued = suspects.filter(|(place, column)| match &column.kind {
        Kind::Category(levels) => levels.len() == 2,
        Kind::Time => false,
        Kind::Number => {
            let column = x.column(*place);
            let mut values = column.iter().copied().filter(|value| !value.is_nan());
            let first = values.next();
            let second = values.find(|value| Some(*value) != first);
            second.is_some() && values.all(|value| Some(value) == first || Some(value) == second)
        }
    });
    let sentence = |(_, column): (usize, &Column)| {
        format!(
            "`{}` has two values and is called like a label, but the label is `{label}`: if it is one too, {}",
            column.name,
            called.ignoring(&column.name)
        )
    };
    two_valued.map(sentence).collect()
}

/// The distinct texts of a column, each with its class.
struct Classed<'l, 'a> {
    levels: &'l [Level<'a>],
    classes: Vec<u8>,
    spelling: &'l Spelling,
}

impl<'l, 'a> Classed<'l, 'a> {
    fn new(levels: &'l [Level<'a>], spelling: &'l Spelling) -> Self {
        let classes = levels.iter().map(|level| spelling.class(&level.text)).collect();
        Classed { levels, classes, spelling }
    }

    /// The rows of the column that have a text.
    fn rows(&self) -> usize {
        self.levels.iter().map(|level| level.count).sum()
    }

    fn rows_of(&self, class: u8) -> usize {
        self.levels.iter().zip(&self.classes).filter(|(_, c)| **c == class).map(|(level, _)| level.count).sum()
    }

    /// The texts of other classes.
    fn others(&self, class: u8) -> impl Iterator<Item = &'l Level<'a>> + Clone {
        self.levels.iter().zip(&self.classes).filter(move |(_, c)| **c != class).map(|(level, _)| level)
    }

    /// The first of them that is a whole number which an `f64` cannot hold.
    fn inexact(&self) -> Option<&'l Level<'a>> {
        let number = |text: &[u8]| self.spelling.number(text);
        let is_inexact = |text: &[u8]| number(text).is_some_and(|value| self.spelling.is_inexact(text, value));
        self.levels.iter().find(|level| is_inexact(&level.text))
    }

    /// Why no category is made of texts that differ in nearly every row, where they are meant for nothing else.
    fn names(&self) -> Why {
        match (self.rows_of(class::NUMBER) == self.rows(), self.inexact()) {
            (true, Some(_)) => Why::LongNumbers,
            (true, None) => Why::TextNumbers,
            (false, _) => Why::Unique,
        }
    }

    /// Whether a text is one of those that `why` is about.
    fn is_such(&self, why: Why, level: &Level<'_>) -> bool {
        let number = self.spelling.number(&level.text);
        match why {
            Why::Dates => dates::is_not_iso(&level.text),
            Why::Spelt(_) | Why::Signed => number.is_none(),
            Why::LongNumbers => number.is_some_and(|value| self.spelling.is_inexact(&level.text, value)),
            _ => true,
        }
    }

    /// Whether these are numbers in the study's spelling and in the usual one: without the study's they would be told as well.
    fn is_numbers_in_two_spellings(&self) -> bool {
        let (numbers, rows) = (self.rows_of(class::NUMBER), self.rows());
        let is_any = |level: &&Level<'_>| self.spelling.is_any_number(&level.text);
        let any: usize = self.levels.iter().filter(is_any).map(|level| level.count).sum();
        numbers > 0 && numbers < rows && any > numbers && 2 * any >= rows
    }
}

/// Why a column does not fit, with a remedy that changes something for it.
fn why_for(column: &Use, why: Why) -> Why {
    if column.role.is_some() { why.of_role() } else { why }
}

/// How the columns of a file write numbers that its own spelling takes for texts.
pub(super) fn common(table: &Table<'_>, spelling: &Spelling) -> Common {
    let texts = table.assigned.uses.iter().zip(&table.columns).filter_map(|(column, raw)| match raw {
        Some(Raw { values: Values::Texts(levels), .. }) if column.way != Way::Texts && !column.kept => Some(levels),
        _ => None,
    });
    Common::of(texts.map(|levels| levels.iter().map(|level| &level.text[..])), spelling)
}

/// Looks at every column.
pub(super) struct Columns<'a, 'b> {
    pub widths: [usize; 2],
    pub table: &'a Table<'b>,
    pub spelling: &'a Spelling,
    /// How the file's columns write numbers that are none by `spelling`.
    pub common: Common,
    pub called: Called,
    pub faults: &'a mut Faults,
    pub notes: &'a mut Vec<String>,
}

impl Columns<'_, '_> {
    fn values(&self, place: usize, raw: &Raw<'_>) -> impl Iterator<Item = f64> + Clone + '_ {
        match self.table.assigned.uses[place].feature {
            true => column(&self.table.x, self.widths[0], raw.slot),
            false => column(&self.table.beside, self.widths[1], raw.slot),
        }
    }

    /// What the values of a column are; what does not fit is kept for the message.
    pub fn kind(&mut self, place: usize) -> Kind {
        let table = self.table;
        let (column, Some(raw)) = (&table.assigned.uses[place], &table.columns[place]) else { return Kind::Number };
        if column.role == Some(Role::Label) {
            return Kind::Category(whole_levels(match &raw.values {
                Values::Texts(levels) => levels,
                _ => &[],
            }));
        }
        self.odd(column, &raw.odd);
        match &raw.values {
            Values::Numbers => {
                if column.role == Some(Role::Time) {
                    let said = mistaken_for_seconds(&column.name, self.values(place, raw), self.table.row_place);
                    self.notes.extend(said);
                }
                Kind::Number
            }
            Values::Times => Kind::Time,
            Values::Texts(levels) => {
                self.texts(column, levels);
                Kind::Category(whole_levels(levels))
            }
            Values::Unfit(why, said) => {
                self.faults.add(why_for(column, *why), &column.name, said);
                Kind::Number
            }
        }
    }

    fn at(&self, found: &Oddity) -> String {
        format!("{}: `{}`{}", (self.table.place)(found.at), found.text, and_more(found.rows))
    }

    fn odd(&mut self, column: &Use, odd: &Odd) {
        let why = match column.role {
            // What is asked of the values of these roles is told of each that is something else.
            Some(Role::Time | Role::Weight) => None,
            _ => Some(why_for(column, Why::Infinite)),
        };
        if let (Some(found), Some(why)) = (&odd.infinite, why) {
            self.faults.add(why, &column.name, &self.at(found));
        }
        let is_key = matches!(column.role, Some(Role::Group | Role::Fold));
        if let (Some(found), true) = (&odd.inexact, is_key) {
            self.faults.add(Why::Merged, &column.name, &self.at(found));
        } else if let Some(found) = &odd.inexact {
            self.notes.push(format!(
                "`{}` holds whole numbers beyond 2^53 ({}); 64-bit floats hold the nearest one that they can",
                column.name,
                self.at(found)
            ));
        }
        if let Some(found) = odd.zeros.as_ref().filter(|_| column.feature && column.role.is_none() && !column.named) {
            self.notes.push(format!(
                "`{}` holds numbers with zeros before them ({}), which a number does not keep: if they are codes, {}",
                column.name,
                self.at(found),
                self.called.as_category(&column.name)
            ));
        }
        match &odd.finer {
            Some(found) if column.feature => self.faults.add(Why::Finer, &column.name, &self.at(found)),
            Some(found) => self.notes.push(format!(
                "`{}` holds times finer than a microsecond ({}), which are cut off",
                column.name,
                self.at(found)
            )),
            None => {}
        }
    }

    /// Whether a column of texts is a category.
    fn texts(&mut self, column: &Use, levels: &[Level<'_>]) {
        let place = &self.table.place;
        let found = |level: &Level<'_>| format!("{}: `{}`", place(level.first), shown(&level.text));
        let not_utf8 = first_of(levels.iter().filter(|level| std::str::from_utf8(&level.text).is_err()), found);
        if let Some(found) = not_utf8 {
            return self.faults.add(why_for(column, Why::NotUtf8), &column.name, &found);
        }
        if column.way == Way::Texts || column.kept {
            return;
        }
        let classed = Classed::new(levels, self.spelling);
        // The first one that shows another spelling: others may read the same in both.
        let other = || levels.iter().find(|level| self.spelling.number(&level.text).is_none());
        let spelt = || Spelt::of(levels.iter().map(|level| &level.text[..]), self.spelling, self.common);
        let not_iso = || levels.iter().filter(|level| dates::is_not_iso(&level.text));
        let are_dates = || {
            let is_date = |level: &Level<'_>| moment::parse(&level.text).is_some() || dates::is_not_iso(&level.text);
            levels.iter().all(is_date) && not_iso().next().is_some()
        };
        let is_signed = || are_signed(levels.iter().map(|level| &level.text[..]), self.spelling);
        // What these texts may be meant for, and one that shows it.
        let meant = || match are_dates() {
            true => Some((Why::Dates, not_iso().next())),
            false if is_signed() => Some((Why::Signed, other())),
            false => spelt().map(|spelt| (Why::Spelt(spelt), other())),
        };
        let among = self.among(column, &classed);
        if let Some((Why::AmongTimes, _)) = among {
            self.among_times(column, &classed);
        } else if let Some((why, class)) = among {
            let others = first_of(classed.others(class), found).unwrap_or_default();
            self.faults.add(why, &column.name, &others);
            let are_numbers = matches!(why, Why::OutOfRange | Why::Signed | Why::SignedNumbers | Why::SpeltNumbers(_));
            if !are_numbers && !matches!(why, Why::NotTime | Why::NoSeconds) {
                let texts = classed.others(class).map(|level| &level.text[..]);
                let table = self.table;
                self.faults.add_missing(may_be_missing(texts, self.spelling), || table.taken());
            }
        } else if levels.len() >= FEW && 2 * levels.len() > classed.rows() {
            let why = meant().map_or_else(|| classed.names(), |(why, _)| why);
            let such = first_of(levels.iter().filter(|level| classed.is_such(why, level)), found).unwrap_or_default();
            let such = match (why, levels.first()) {
                // Only here the different texts are what is wrong.
                (Why::Unique, Some(first)) => {
                    format!("{} in {} rows, such as `{}`", levels.len(), classed.rows(), shown(&first.text))
                }
                _ => such,
            };
            self.faults.add(why, &column.name, &such);
        } else if let Some((why, example)) = meant() {
            let example = example.map(found).unwrap_or_default();
            let (wrong, write) = why.parts();
            self.notes.push(format!(
                "{wrong} `{}` ({example}), which is taken for a category: {}",
                column.name,
                self.called.words(&write)
            ));
        } else if classed.is_numbers_in_two_spellings() {
            let others = first_of(classed.others(class::NUMBER), found).unwrap_or_default();
            let why = self.among_numbers();
            self.faults.add(why, &column.name, &others);
        }
    }

    /// Tells the texts of a column that stand among dates and times: dates of another form, and others, which may be missing values.
    fn among_times(&mut self, column: &Use, classed: &Classed<'_, '_>) {
        let table = self.table;
        let found = |level: &Level<'_>| format!("{}: `{}`", (table.place)(level.first), shown(&level.text));
        let is_date = |level: &&Level<'_>| dates::is_not_iso(&level.text);
        if let Some(dates) = first_of(classed.others(class::TIME).filter(is_date), found) {
            self.faults.add(Why::Dates, &column.name, &dates);
        }
        let others = classed.others(class::TIME).filter(|level| !is_date(level));
        if let Some(texts) = first_of(others.clone(), found) {
            self.faults.add(Why::AmongTimes, &column.name, &texts);
            let texts = others.map(|level| &level.text[..]);
            self.faults.add_missing(may_be_missing(texts, self.spelling), || table.taken());
        }
    }

    /// Why a column of texts is none of what it should be or mostly is, and which class its other texts do not have.
    fn among(&self, column: &Use, classed: &Classed<'_, '_>) -> Option<(Why, u8)> {
        let (numbers, times) = (classed.rows_of(class::NUMBER), classed.rows_of(class::TIME));
        let rows = classed.rows();
        let is_most = |some: usize| some < rows && 2 * some >= rows;
        let is_signed = || are_signed(classed.levels.iter().map(|level| &level.text[..]), self.spelling);
        match (column.way, column.role) {
            // Else the advice would be to take these numbers for missing values.
            (Way::Numbers, _) if is_signed() => Some((Why::SignedNumbers, class::NUMBER)),
            (_, role) if role != Some(Role::Time) && is_signed() => {
                is_most(numbers).then_some((Why::Signed, class::NUMBER))
            }
            (Way::Numbers, _) => {
                let booleans = mostly_booleans(classed.levels, self.spelling);
                let why = match booleans {
                    Some(_) => Why::AmongBooleans,
                    None if numbers == rows => Why::OutOfRange,
                    None => {
                        Why::no_numbers(classed.levels.iter().map(|level| &level.text[..]), self.spelling, self.common)
                    }
                };
                Some((why, booleans.unwrap_or(class::NUMBER)))
            }
            // Whole numbers that are texts, as an f64 cannot hold them.
            (_, Some(Role::Time)) if numbers == rows => Some((Why::NoSeconds, class::TIME)),
            (_, Some(Role::Time)) => Some((Why::NotTime, if numbers > times { class::NUMBER } else { class::TIME })),
            _ if is_most(numbers) => Some((self.among_numbers(), class::NUMBER)),
            _ if is_most(times) => Some((Why::AmongTimes, class::TIME)),
            _ => None,
        }
    }

    fn among_numbers(&self) -> Why {
        Why::AmongNumbers { decimal: self.spelling.comma, thousands: self.spelling.thousands.is_some() }
    }

    /// Columns that are ignored, but read for what is made of them. Texts are told apart as those of groups are.
    fn kept(&self) -> Vec<Kept> {
        let columns = self.table.assigned.uses.iter().zip(&self.table.columns).enumerate();
        let one = |(place, (column, raw)): (usize, (&Use, &Option<Raw<'_>>))| {
            let raw = raw.as_ref().filter(|_| column.kept)?;
            let (values, is_text) = match &raw.values {
                Values::Texts(levels) => {
                    let codes = as_they_appear(&codes_of_levels(levels).0);
                    let code = |value: f64| if value.is_nan() { value } else { codes[value as usize] };
                    (self.values(place, raw).map(code).collect(), true)
                }
                _ => (self.values(place, raw).collect(), false),
            };
            Some(Kept { name: column.name.clone(), values, is_text })
        };
        columns.filter_map(one).collect()
    }

    fn sides(&mut self, kinds: &[Kind]) -> Sides {
        let mut sides = Sides::default();
        for (place, (column, raw)) in self.table.assigned.uses.iter().zip(&self.table.columns).enumerate() {
            let (Some(raw), Some(role)) = (raw, column.role) else { continue };
            let where_all = |is: &dyn Fn(f64) -> bool| {
                let mut rows = self.values(place, raw).enumerate().filter(|(_, value)| is(*value));
                rows.next().map(|first| (first, 1 + rows.count()))
            };
            if matches!(role, Role::Group | Role::Fold | Role::Time | Role::Weight)
                && let Some(((row, _), rows)) = where_all(&f64::is_nan)
            {
                let or_levels = blanks::or_levels(raw, rows, self.called);
                let or_levels = or_levels.map_or_else(String::new, |write| format!("; {write}"));
                let found = format!("{}{}{or_levels}", (self.table.row_place)(row), and_more(rows));
                self.faults.add(Why::Missing, &column.name, &found);
                continue;
            }
            let codes = || match &raw.values {
                Values::Texts(levels) => codes_of_texts(self.values(place, raw), levels),
                _ => codes_of_numbers(self.values(place, raw)),
            };
            match role {
                Role::Group => sides.group = Some(codes()),
                Role::Fold => {
                    sides.fold = Some(match &raw.values {
                        Values::Texts(levels) => named_texts(self.values(place, raw), levels),
                        _ => named_numbers(self.values(place, raw)),
                    });
                }
                Role::Amount => sides.amount = Some(self.values(place, raw).collect()),
                Role::Weight => {
                    let is_none = |weight: f64| !(weight >= 0.0 && weight.is_finite());
                    if let Some(((row, weight), rows)) = where_all(&is_none) {
                        let found = format!("{}: `{weight}`{}", (self.table.row_place)(row), and_more(rows));
                        self.faults.add(Why::Weight, &column.name, &found);
                    }
                    sides.weight = Some(self.values(place, raw).collect());
                }
                Role::Time if !matches!(kinds[place], Kind::Category(_)) => match micros(self.values(place, raw)) {
                    Ok(moments) => sides.time = Some(moments),
                    Err((row, rows)) => {
                        let value = self.values(place, raw).nth(row).unwrap_or(f64::NAN);
                        let found = format!("{}: `{value}`{}", (self.table.row_place)(row), and_more(rows));
                        self.faults.add(Why::NoSeconds, &column.name, &found);
                    }
                },
                Role::Time | Role::Label | Role::Ignored => {}
            }
        }
        sides
    }
}
