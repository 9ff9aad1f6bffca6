//! What a study asks for, read.

use crate::data::{Dataset, Deduplicated, ReadOptions, TableFacts, catalogue, dedup, read, read_files, read_parts};
use crate::error::Result;
use crate::features;
use crate::run::{Derived, asked, under};
use crate::simulate::{Handbook, handbook, simulate};
use crate::split::Leaks;
use crate::study::{DataSource, DataSpec, Study};

/// Reads the data of a study.
///
/// # Errors
/// As [`catalogue::read`], [`read`], [`simulate`] and [`handbook::table`]; [`crate::error::Error::Data`] where `amount = "none"`
/// could be meant for a column.
pub fn load(spec: &DataSpec) -> Result<Dataset> {
    let data = table(spec)?;
    spec.check_no_amount(&data)?;
    Ok(data)
}

fn table(spec: &DataSpec) -> Result<Dataset> {
    match &spec.source {
        DataSource::Files(paths) => match &paths[..] {
            [path] => read(path, &spec.options),
            paths => read_files(paths, &spec.options),
        },
        DataSource::Parts(parts) => {
            // The first part's file gives the table its name; the study may give another.
            let options = ReadOptions { name: Some(spec.name.clone()), ..spec.options.clone() };
            read_parts(parts, &options)
        }
        DataSource::Catalogue { name, folder } => catalogue::read(name, folder.as_deref(), &spec.options),
        DataSource::Simulated(simulation) => simulate(simulation),
        DataSource::Transactions(of) => handbook::table(of, &spec.options),
        DataSource::Payments(payments) => payments.table(),
        DataSource::Normal(normal) => normal.table(),
    }
}

/// Reads the data of a study, makes the features that it asks for, and draws its sample. Windows see all rows; which rows dedup
/// keeps is decided on what was read of the sample. With it come the tables that the leaks of columns among `variants` make of
/// it; `data` is its number in the study.
///
/// # Errors
/// As [`load`], [`features::add`] and [`crate::data::Sample::rows`].
pub(super) fn open(spec: &DataSpec, data: usize, variants: &[Leaks]) -> Result<(Dataset, Deduplicated, Vec<Derived>)> {
    let read = load(spec)?;
    let rows = spec.sample.as_ref().map(|sample| sample.rows(&read)).transpose()?;
    let kept = match &rows {
        None => dedup(&read),
        Some(rows) => dedup(&read.part(rows)),
    };
    let drawn = |table: Dataset| match &rows {
        None => table,
        Some(rows) => table.part(rows),
    };
    let of = |leaks| Ok(Derived { data, leaks, table: drawn(under(leaks, read.clone(), &spec.features)?) });
    let derived = asked(variants, &spec.features).into_iter().map(of).collect::<Result<Vec<Derived>>>()?;
    let honest = drawn(features::add(read, &spec.features)?);
    Ok((honest, kept, derived))
}

/// Rows and feature columns of the data of a study, which are known without the data where these have a name or are simulated;
/// of card transactions the number of rows that is expected.
///
/// # Errors
/// As [`load`].
pub fn size(spec: &DataSpec) -> Result<(usize, usize)> {
    let (rows, columns) = match &spec.source {
        DataSource::Catalogue { name, .. } => {
            let known = catalogue::find(name)?;
            (known.rows, known.columns.saturating_sub(spec.options.ignore.len()))
        }
        DataSource::Simulated(simulation) => (simulation.rows, simulation.columns),
        DataSource::Payments(payments) => (payments.rows(), 2),
        DataSource::Normal(normal) => (normal.rows, normal.columns),
        DataSource::Transactions(of) => {
            // The columns are the same however few the rows are.
            let Handbook { start, seed, labels, .. } = *of;
            let few = Handbook {
                customers: 30,
                terminals: 30,
                days: 30,
                radius: 100.0,
                start,
                seed,
                labels,
                ..Handbook::default()
            };
            (of.expected_rows(), handbook::table(&few, &spec.options)?.x.ncols())
        }
        DataSource::Files(_) | DataSource::Parts(_) => load(spec)?.x.dim(),
    };
    let rows = spec.sample.map_or(rows, |sample| sample.positives + sample.negatives);
    Ok((rows, spec.features.width(columns)))
}

/// What is known of a data set before a run.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// Rows.
    pub rows: usize,
    /// Positive ones; none where only a run would tell.
    pub positives: Option<usize>,
    /// Feature columns.
    pub columns: usize,
    /// What decides which components fit; none where the data were not read.
    pub facts: Option<TableFacts>,
    /// What a person should know about it.
    pub note: Option<String>,
}

/// Looks at a data set of a study. Files are read; what is simulated is not made, and what has a name need not be on this machine.
///
/// # Errors
/// As [`load`], but for a data set of the catalogue that is not here; [`crate::error::Error::Study`] where the table lacks what the
/// protocol looks at or models are judged by.
pub fn outlook(study: &Study, data: usize) -> Result<Outlook> {
    let spec = &study.data[data];
    let mut note = None;
    if let DataSource::Catalogue { name, folder } = &spec.source
        && let Err(e) = catalogue::place(catalogue::find(name)?, folder.as_deref())
    {
        note = Some(e.to_string());
    }
    let is_file = matches!(spec.source, DataSource::Files(_) | DataSource::Parts(_) | DataSource::Catalogue { .. });
    if is_file && note.is_none() {
        let (table, kept, _) = open(spec, data, &[])?;
        // What a run would refuse before any cell is told here.
        study.protocol.check(&table)?;
        study.check_judged(&table)?;
        let facts = TableFacts::of(&spec.name, &table, &kept);
        let (rows, columns) = table.x.dim();
        return Ok(Outlook { rows, positives: Some(table.positives()), columns, facts: Some(facts), note });
    }
    let positives = match &spec.source {
        _ if spec.sample.is_some() => spec.sample.map(|sample| sample.positives),
        DataSource::Catalogue { name, .. } => Some(catalogue::find(name)?.positives),
        DataSource::Simulated(simulation) => Some(simulation.check()?),
        DataSource::Payments(payments) => Some(payments.frauds),
        DataSource::Normal(normal) => Some(normal.positives),
        _ => None,
    };
    let (rows, columns) = size(spec)?;
    Ok(Outlook { rows, positives, columns, facts: None, note })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::component::Registry;
    use crate::split::Leak;

    #[test]
    fn a_sample_is_drawn_after_windows_have_seen_all_rows() {
        let text = "name = 'x'\n[data]\nsimulate = { kind = 'handbook', customers = 300, terminals = 600, days = 40, seed = 3 }\n\
                    features = 'handbook'\nsample = { positives = 5, negatives = 20, seed = 1 }\n[protocol]\nkind = 'prequential'\n\
                    train = 7\ndelay = 7\ntest = 7\n[grid]\nclassifiers = ['prior']\n";
        let spec = Study::parse(text, "x.toml", Path::new("."), &Registry::built_in()).unwrap().data.remove(0);
        let leaks = Leaks::of(&[Leak::NoLabelDelay, Leak::ScalerOnAllRows]);
        let (part, kept, derived) = open(&spec, 0, &[Leaks::NONE, leaks]).unwrap();
        assert_eq!((part.x.dim(), size(&spec).unwrap(), part.positives()), ((25, 15), (25, 15), 5));
        assert_eq!((kept.keep.len(), kept.removed), (25, 0));
        let (whole, _, none) = open(&DataSpec { sample: None, ..spec.clone() }, 0, &[Leaks::NONE]).unwrap();
        let rows = spec.sample.unwrap().rows(&whole).unwrap();
        assert_eq!(part.x, whole.x.select(ndarray::Axis(0), &rows));
        assert_ne!(part.digests.features, whole.digests.features);
        // A leak of columns changes the columns that it is about, and no row.
        let [of] = &derived[..] else { panic!("one leak of columns is asked for") };
        assert!(none.is_empty() && (of.data, of.leaks) == (0, Leaks::of(&[Leak::NoLabelDelay])));
        assert_eq!((&of.table.y, &of.table.columns), (&part.y, &part.columns));
        for (place, column) in part.columns.iter().enumerate() {
            let differs = part.x.column(place) != of.table.x.column(place);
            assert_eq!(differs, column.name.starts_with("TERMINAL_ID"), "{}", column.name);
        }
    }

    #[test]
    fn the_size_of_transactions_is_known_without_simulating_them() {
        let spec = |simulate: &str| {
            let text = format!(
                "name = 'x'\n[data]\n{simulate}\nignore = ['TX_TIME_DAYS']\n[protocol]\nkind = 'hold-out'\n[grid]\nclassifiers = \
                 ['prior']\n"
            );
            Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap().data.remove(0)
        };
        let small = spec("simulate = { kind = 'handbook', customers = 300, terminals = 600, days = 40, seed = 3 }");
        let ((rows, columns), table) = (size(&small).unwrap(), load(&small).unwrap());
        assert_eq!(columns, table.x.ncols());
        assert!((rows as f64 / table.x.nrows() as f64 - 1.0).abs() < 0.1, "{rows} {}", table.x.nrows());
        // Columns that options add are no features, and rows that they add are counted.
        let changed = spec(
            "simulate = { kind = 'handbook', customers = 300, terminals = 600, days = 40, seed = 3, drift = { day = 35, rates = 3 }, \
             scenarios = { testing = 60, mules = 30 }, labels = { unreported = 0.2, until = 38, delay = 3 } }",
        );
        let ((more, wide), table) = (size(&changed).unwrap(), load(&changed).unwrap());
        assert_eq!((wide, table.x.ncols()), (columns, columns));
        assert!(
            more > rows + 40_000 && (more as f64 / table.x.nrows() as f64 - 1.0).abs() < 0.1,
            "{more} {}",
            table.x.nrows()
        );
        // The published parameters' number is the published one.
        assert_eq!(size(&spec("simulate = { kind = 'handbook' }")).unwrap(), (1_754_155, columns));
    }
}
