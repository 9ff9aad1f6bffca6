//! Single numbers that a paper prints, each beside what was measured.

use crate::error::Result;
use crate::report::document::{Block, Section, Table, Text};
use crate::report::render::csv::{encode, exact};
use crate::words::count;

/// How near to a printed number a measured one is near, whatever the digits.
const NEAR: f64 = 0.002;

/// A number, or a chosen parameter, as a paper prints it.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// The chapter or section.
    pub place: &'static str,
    /// The printed table.
    pub table: &'static str,
    /// What the table shows.
    pub caption: &'static str,
    /// The table's row.
    pub row: String,
    /// The table's column; that of a standard deviation is the column of its mean.
    pub column: String,
    /// What of the column it is.
    pub statistic: Statistic,
    /// As printed.
    pub printed: String,
    /// As measured.
    pub ours: Ours,
    /// Why the two differ, where that is known.
    pub why: Option<&'static str>,
}

/// What a number says of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// A score, or a mean of scores.
    Mean,
    /// The standard deviation of the same scores.
    Sd,
    /// A parameter that was chosen by these scores.
    Choice,
}

impl Statistic {
    /// As files have it.
    pub fn name(self) -> &'static str {
        match self {
            Statistic::Mean => "mean",
            Statistic::Sd => "sd",
            Statistic::Choice => "choice",
        }
    }
}

/// What was measured for a number.
#[derive(Debug, Clone, PartialEq)]
pub enum Ours {
    /// A value.
    Value(Measured),
    /// A parameter.
    Choice(String),
    /// Nothing, and why.
    Nothing(String),
}

/// A measured value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The value.
    pub value: f64,
    /// How many digits after the point the paper prints.
    pub digits: u32,
    /// The standard deviation over the folds that the value is a mean of.
    pub spread: Option<f64>,
    /// The mean's 95% interval over the folds.
    pub interval: Option<(f64, f64)>,
}

/// How a printed number and the measured one agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// In all printed digits.
    Equal,
    /// Within 0.002.
    Near,
    /// Within one standard deviation over the folds.
    WithinSpread,
    /// Not even so.
    Differs,
    /// There is no measured one.
    NotMeasured,
}

impl Agreement {
    /// All, from the best to the worst.
    pub const ALL: [Agreement; 5] =
        [Agreement::Equal, Agreement::Near, Agreement::WithinSpread, Agreement::Differs, Agreement::NotMeasured];

    /// In words, as tables and files have it.
    pub fn name(self) -> &'static str {
        match self {
            Agreement::Equal => "equal to the printed digits",
            Agreement::Near => "within 0.002",
            Agreement::WithinSpread => "within the folds' spread",
            Agreement::Differs => "not reproduced",
            Agreement::NotMeasured => "not measured",
        }
    }
}

impl Number {
    /// The printed value; none where it is a text.
    pub fn printed_value(&self) -> Option<f64> {
        self.printed.parse().ok().filter(|_| self.statistic != Statistic::Choice)
    }

    /// The measured value, where there is one.
    pub fn measured(&self) -> Option<&Measured> {
        match &self.ours {
            Ours::Value(measured) => Some(measured),
            _ => None,
        }
    }

    /// How the two agree.
    pub fn agreement(&self) -> Agreement {
        match (&self.ours, self.printed_value()) {
            (Ours::Choice(choice), _) if *choice == self.printed => Agreement::Equal,
            (Ours::Value(measured), Some(printed)) => measured.agreement(printed),
            (Ours::Nothing(_), _) => Agreement::NotMeasured,
            _ => Agreement::Differs,
        }
    }

    /// Whether it counts as had again: equal, or within 0.002.
    pub fn is_reproduced(&self) -> bool {
        matches!(self.agreement(), Agreement::Equal | Agreement::Near)
    }
}

impl Measured {
    fn agreement(&self, printed: f64) -> Agreement {
        let off = (self.value - printed).abs();
        // Halves of a digit have no exact double, so that each bound needs a little air.
        let within = |bound: f64| off <= bound + 1e-9;
        if within(0.5 * 10_f64.powi(-(self.digits as i32))) {
            Agreement::Equal
        } else if within(NEAR) {
            Agreement::Near
        } else if self.spread.is_some_and(within) {
            Agreement::WithinSpread
        } else {
            Agreement::Differs
        }
    }
}

/// How many numbers agree how well, in [`Agreement::ALL`]'s order.
pub fn counts<'a>(numbers: impl IntoIterator<Item = &'a Number>) -> [usize; 5] {
    let mut counts = [0; 5];
    for number in numbers {
        counts[number.agreement() as usize] += 1;
    }
    counts
}

/// `1,200 of 1,300 printed numbers are equal to the printed digits or within 0.002 (1,100 and 100)`.
pub fn told<'a>(numbers: impl IntoIterator<Item = &'a Number>) -> String {
    let counts = counts(numbers);
    let all: usize = counts.iter().sum();
    let [equal, near, ..] = counts.map(|n| count(n as u64));
    let both = count((counts[0] + counts[1]) as u64);
    format!(
        "{both} of {} printed numbers are equal to the printed digits or within 0.002 ({equal} and {near})",
        count(all as u64)
    )
}

/// Two sections of a report: how many numbers agree and which do not, and every table beside what was measured.
pub fn sections(numbers: &[Number]) -> Option<(Section, Section)> {
    if numbers.is_empty() {
        return None;
    }
    let mut blocks = vec![Block::Table(summary(numbers))];
    let apart: Vec<Text> = numbers.iter().filter(|number| !number.is_reproduced()).filter_map(difference).collect();
    if !apart.is_empty() {
        blocks.push(Block::said("Measured, and neither equal nor within 0.002:"));
        blocks.push(Block::List(apart));
    }
    let tables = by_table(numbers).into_iter().map(|table| Block::Table(printed_table(table))).collect();
    Some((
        Section::new("numbers", "Every printed number", blocks),
        Section::new("printed-tables", "The printed tables: printed / measured", tables),
    ))
}

/// Stretches of numbers of one table.
fn by_table(numbers: &[Number]) -> Vec<&[Number]> {
    numbers.chunk_by(|a, b| a.table == b.table).collect()
}

fn summary(numbers: &[Number]) -> Table {
    let row = |name: &str, some: &[&Number]| {
        let cells = counts(some.iter().copied()).map(|n| count(n as u64));
        [vec![name.to_owned(), count(some.len() as u64)], cells.to_vec()].concat()
    };
    let mut places: Vec<&str> = numbers.iter().map(|number| number.place).collect();
    places.dedup();
    let mut rows: Vec<Vec<String>> = places
        .iter()
        .map(|place| row(place, &numbers.iter().filter(|n| n.place == *place).collect::<Vec<_>>()))
        .collect();
    rows.push(row("all", &numbers.iter().collect::<Vec<_>>()));
    let header = ["where", "numbers"].into_iter().chain(Agreement::ALL.map(Agreement::name)).collect::<Vec<_>>();
    Table::plain("numbers", &header, rows).captioned(
        "Printed numbers and chosen parameters by how the measured ones agree; each counts once, where it agrees best. \
         numbers.csv has every one with the difference and its interval.",
    )
}

/// One number that does not agree, in words; none where nothing was measured, or where the tables say it already.
fn difference(number: &Number) -> Option<Text> {
    let name = format!("{}, {}, {}", number.table, number.row, number.column);
    let ours = match &number.ours {
        Ours::Value(measured) => format!("{:.*}", measured.digits.max(3) as usize, measured.value),
        Ours::Choice(choice) => choice.clone(),
        Ours::Nothing(_) => return None,
    };
    let what = match number.statistic {
        Statistic::Mean => "",
        Statistic::Sd => " (standard deviation)",
        Statistic::Choice => " (choice)",
    };
    let why = number.why.map(|why| format!(": {why}")).unwrap_or_default();
    Some(Text::plain(format!(
        "{name}{what}: printed {}, measured {ours}, {}{why}",
        number.printed,
        number.agreement().name()
    )))
}

/// A printed table in its own shape; a measured value that is not near is strong.
fn printed_table(numbers: &[Number]) -> Table {
    let mut columns: Vec<&str> = Vec::new();
    numbers.iter().for_each(|n| {
        if !columns.contains(&n.column.as_str()) {
            columns.push(&n.column);
        }
    });
    let mut rows = Vec::new();
    for row in numbers.chunk_by(|a, b| a.row == b.row) {
        let mut cells = vec![Text::plain(&row[0].row)];
        for column in &columns {
            cells.push(cell(&row.iter().filter(|n| n.column == *column).collect::<Vec<_>>()));
        }
        rows.push(cells);
    }
    let header: Vec<&str> = std::iter::once("").chain(columns).collect();
    let first = &numbers[0];
    let mut caption = format!("{} ({}): {}. {}.", first.table, first.place, first.caption, told(numbers));
    if let Some(Ours::Nothing(why)) = numbers.iter().map(|n| &n.ours).find(|ours| matches!(ours, Ours::Nothing(_))) {
        caption += &format!(" Where nothing was measured: {why}.");
    }
    Table::of(&first.table.to_lowercase(), &header, rows).captioned(&caption)
}

/// A mean with its standard deviation, or a choice: printed / measured.
fn cell(numbers: &[&Number]) -> Text {
    let mut printed = String::new();
    let mut ours = Text::plain(String::new());
    for number in numbers {
        let mark = if number.statistic == Statistic::Sd { " ± " } else { "" };
        printed += &format!("{mark}{}", number.printed);
        let said = match &number.ours {
            Ours::Value(measured) => format!("{mark}{:.*}", measured.digits as usize, measured.value),
            Ours::Choice(choice) => choice.clone(),
            Ours::Nothing(_) if mark.is_empty() => "–".to_owned(),
            Ours::Nothing(_) => String::new(),
        };
        let is_near = number.is_reproduced() || number.agreement() == Agreement::NotMeasured;
        ours = ours.then(if is_near { Text::plain(said) } else { Text::strong(said) });
    }
    Text::plain(if printed.is_empty() { String::new() } else { format!("{printed} / ") }).then(ours)
}

/// `numbers.csv`: a row per number, with full precision.
///
/// # Errors
/// [`crate::error::Error::Component`] when the rows cannot be written.
pub fn csv(numbers: &[Number]) -> Result<Vec<u8>> {
    let header = [
        "where",
        "table",
        "row",
        "column",
        "statistic",
        "printed",
        "measured",
        "difference",
        "ci_low",
        "ci_high",
        "sd_folds",
        "verdict",
        "why",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for number in numbers {
        let measured = number.measured();
        let value = measured.map(|m| m.value);
        let why = match &number.ours {
            Ours::Nothing(why) => why.clone(),
            // What agrees needs no reason.
            _ if number.is_reproduced() => String::new(),
            _ => number.why.unwrap_or_default().to_owned(),
        };
        rows.push(vec![
            number.place.to_owned(),
            number.table.to_owned(),
            number.row.clone(),
            number.column.clone(),
            number.statistic.name().to_owned(),
            number.printed.clone(),
            if let Ours::Choice(choice) = &number.ours { choice.clone() } else { exact(value) },
            exact(value.zip(number.printed_value()).map(|(ours, printed)| ours - printed)),
            exact(measured.and_then(|m| m.interval).map(|i| i.0)),
            exact(measured.and_then(|m| m.interval).map(|i| i.1)),
            exact(measured.and_then(|m| m.spread)),
            number.agreement().name().to_owned(),
            why,
        ]);
    }
    encode(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(statistic: Statistic, printed: &str, ours: Ours) -> Number {
        let (row, column) = ("2".to_owned(), "AUC".to_owned());
        let printed = printed.to_owned();
        Number { place: "chapter 5", table: "T-1", caption: "Trees", row, column, statistic, printed, ours, why: None }
    }

    fn value(value: f64, digits: u32, spread: f64) -> Ours {
        Ours::Value(Measured { value, digits, spread: Some(spread), interval: None })
    }

    #[test]
    fn each_number_has_the_best_agreement_that_fits() {
        for (printed, ours, expected) in [
            ("0.763", value(0.763_499, 3, 0.0), Agreement::Equal),
            ("0.763", value(0.762_5, 3, 0.0), Agreement::Equal),
            ("0.763182", value(0.763_183_6, 6, 0.0), Agreement::Near),
            ("0.763", value(0.765, 3, 0.0), Agreement::Near),
            ("0.763", value(0.766, 3, 0.01), Agreement::WithinSpread),
            ("0.763", value(0.783, 3, 0.01), Agreement::Differs),
            ("0.763", Ours::Nothing("not run".into()), Agreement::NotMeasured),
        ] {
            let found = number(Statistic::Mean, printed, ours.clone()).agreement();
            assert_eq!(found, expected, "{printed} {ours:?}");
        }
        // A parameter is a text, even where it looks like a number.
        let choice = |ours: &str| number(Statistic::Choice, "0.10", Ours::Choice(ours.into())).agreement();
        assert_eq!((choice("0.10"), choice("0.1")), (Agreement::Equal, Agreement::Differs));
    }

    #[test]
    fn tables_counts_and_file_say_the_same() {
        let numbers = [
            number(Statistic::Mean, "0.7632", value(0.763_2, 4, 0.01)),
            number(Statistic::Sd, "0.0123", value(0.022_3, 4, 0.0)),
            Number { row: "3".into(), ..number(Statistic::Mean, "0.8", Ours::Nothing("it was not run".into())) },
        ];
        assert_eq!(counts(&numbers), [1, 0, 0, 1, 1]);
        let table = printed_table(&numbers);
        let words: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(Text::words).collect()).collect();
        assert_eq!(words, [["2", "0.7632 ± 0.0123 / 0.7632 ± 0.0223"], ["3", "0.8 / –"]]);
        let (agreement, tables) = sections(&numbers).unwrap();
        let Block::List(apart) = &agreement.blocks[2] else { panic!("{:?}", agreement.blocks) };
        assert_eq!((apart.len(), tables.blocks.len()), (1, 1));
        assert_eq!(
            apart[0].words(),
            "T-1, 2, AUC (standard deviation): printed 0.0123, measured 0.0223, not reproduced"
        );
        assert!(super::sections(&[]).is_none());
        let text = String::from_utf8(csv(&numbers).unwrap()).unwrap();
        assert!(text.contains("T-1,2,AUC,sd,0.0123,0.0223,0.01"), "{text}");
        assert!(text.lines().last().unwrap().ends_with("not measured,it was not run"), "{text}");
        let said = numbers.map(|number| Number { why: Some("an older library"), ..number });
        let text = String::from_utf8(csv(&said).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].ends_with("equal to the printed digits,"), "what agrees needs no reason: {text}");
        assert!(lines[2].ends_with("not reproduced,an older library"), "{text}");
    }
}
