//! Tables that a paper prints, whose every cell can be measured: read from CSV, so that a table of a hundred numbers is no code.

use super::Evidence;
use crate::error::{Error, Result};
use crate::report::document::{Table, Text};
use crate::report::number::score;

/// A table as printed. Its first column names the rows, its first line the columns; a cell is a number, or empty.
pub struct PrintedTable {
    /// Kebab-case name.
    pub id: &'static str,
    /// What it shows, and where in the paper it stands.
    pub caption: &'static str,
    /// The table as CSV.
    pub csv: &'static str,
    /// How far a measured value may lie off the printed one: half a unit of its last digit, say.
    pub within: f64,
    /// Measures the cell of a row and a column.
    pub measure: fn(&Evidence, &str, &str) -> Option<f64>,
}

/// A printed table beside what was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Names of the columns; the first is that of the rows.
    pub header: Vec<String>,
    /// Names of the rows, each with its cells.
    pub rows: Vec<(String, Vec<CellOf>)>,
    /// How far a measured value may lie off.
    pub within: f64,
}

/// A printed value and the measured one, where there are any.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellOf {
    /// As printed.
    pub printed: Option<f64>,
    /// As measured.
    pub measured: Option<f64>,
}

impl PrintedTable {
    /// The table beside what was measured.
    ///
    /// # Errors
    /// [`Error::Component`] when the CSV is none, or a cell is no number.
    pub fn compared(&self, evidence: &Evidence) -> Result<Compared> {
        let failed = |what: String| Error::Component(format!("the printed table {}: {what}", self.id));
        let mut reader = csv::Reader::from_reader(self.csv.as_bytes());
        let header: Vec<String> =
            reader.headers().map_err(|e| failed(e.to_string()))?.iter().map(str::to_owned).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| failed(e.to_string()))?;
            let name = record.get(0).unwrap_or_default().to_owned();
            let cell = |(column, text): (&String, &str)| {
                let printed = match text.trim() {
                    "" => None,
                    number => {
                        Some(number.parse().map_err(|_| failed(format!("{name}, {column}: `{number}` is no number")))?)
                    }
                };
                Ok(CellOf { printed, measured: (self.measure)(evidence, &name, column) })
            };
            let cells = header.iter().zip(record.iter()).skip(1).map(cell).collect::<Result<_>>()?;
            rows.push((name, cells));
        }
        Ok(Compared { header, rows, within: self.within })
    }
}

impl Compared {
    /// Of the cells with both values, how many agree, and how many there are.
    pub fn agreeing(&self) -> (usize, usize) {
        let cells = self.rows.iter().flat_map(|(_, cells)| cells);
        let both = cells.filter_map(|cell| Some((cell.printed?, cell.measured?)));
        both.fold((0, 0), |(agree, all), (p, m)| (agree + usize::from(self.agrees(p, m)), all + 1))
    }

    fn agrees(&self, printed: f64, measured: f64) -> bool {
        // Halves of a digit have no exact double, so that the bound needs a little air.
        (printed - measured).abs() <= self.within + 1e-12
    }

    /// Printed and measured value in each cell; strong where they do not agree.
    pub fn table(&self, id: &str, caption: &str) -> Table {
        let cell = |cell: &CellOf| match (cell.printed, cell.measured) {
            (Some(p), Some(m)) if self.agrees(p, m) => Text::plain(format!("{p} / {}", score(Some(m)))),
            (Some(p), Some(m)) => Text::plain(format!("{p} / ")).then(Text::strong(score(Some(m)))),
            (printed, measured) => {
                let printed = printed.map_or_else(|| "–".to_owned(), |p| p.to_string());
                Text::plain(format!("{printed} / {}", score(measured)))
            }
        };
        let row = |(name, cells): &(String, Vec<CellOf>)| {
            std::iter::once(Text::plain(name)).chain(cells.iter().map(cell)).collect()
        };
        Table::of(id, &self.header, self.rows.iter().map(row).collect()).captioned(caption)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(_: &Evidence, row: &str, column: &str) -> Option<f64> {
        match (row, column) {
            ("forest", "recall") => Some(0.7649),
            ("forest", "precision") => Some(0.90),
            ("svc", _) => Some(0.5),
            _ => None,
        }
    }

    fn printed(csv: &'static str) -> PrintedTable {
        PrintedTable { id: "t", caption: "Table 1", csv, within: 0.005, measure }
    }

    #[test]
    fn each_cell_is_compared_within_its_printed_digits() {
        let table = printed("family,recall,precision\nforest,0.76,0.93\nsvc,,0.495\nknn,0.1,0.2\n");
        let compared = table.compared(&Evidence::default()).unwrap();
        assert_eq!(compared.agreeing(), (2, 3));
        let rows = compared.table("t", "Table 1").rows;
        let words: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(Text::words).collect()).collect();
        assert_eq!(
            words,
            [
                ["forest", "0.76 / 0.7649", "0.93 / 0.9000"],
                ["svc", "– / 0.5000", "0.495 / 0.5000"],
                ["knn", "0.1 / –", "0.2 / –"]
            ]
        );
        let said = printed("family,recall\nforest,high\n").compared(&Evidence::default()).unwrap_err().to_string();
        assert!(said.contains("forest, recall: `high` is no number"), "{said}");
    }
}
