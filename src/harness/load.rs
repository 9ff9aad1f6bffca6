//! What a study asks for, read.

use crate::analyze::leaderboard::distinct;
use crate::cell::{Cell, Filter, Plan};
use crate::data::{
    ColumnShape, Dataset, Deduplicated, Digests, ReadOptions, TableFacts, catalogue, check_memory, dedup, dedup_beside,
    read, read_files, read_parts,
};
use crate::error::{Error, Result};
use crate::features::{self, FeatureSpec};
use crate::run::{Derived, Foreseen, Job, PartSizes, asked, under};
use crate::simulate::{Handbook, Normal, Payments, Positives, Simulation, handbook, simulate};
use crate::split::Leaks;
use crate::study::{DataSource, DataSpec, Lacks, Study};

/// Reads the data of a study.
///
/// # Errors
/// As [`catalogue::read`], [`read`], [`simulate`] and [`handbook::table`]; [`Error::Data`] where `amount = "none"`
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
/// keeps is decided on what was read of the sample. With it come the tables that the leaks of columns among
/// `variants` make of it; `data` is its number in the study, whose file may have been moved in `spec`.
///
/// # Errors
/// As [`load`], [`features::add`] and [`crate::data::Sample::rows`].
pub(super) fn open(
    study: &Study,
    spec: &DataSpec,
    data: usize,
    variants: &[Leaks],
) -> Result<(Dataset, Deduplicated, Vec<Derived>)> {
    open_with(study, (spec, &spec.features), data, variants)
}

/// The same with the features `made` instead of those that the study asks for, which tell rows apart all the same.
fn open_with(
    study: &Study,
    (spec, made): (&DataSpec, &FeatureSpec),
    data: usize,
    variants: &[Leaks],
) -> Result<(Dataset, Deduplicated, Vec<Derived>)> {
    let read = load(spec)?;
    let rows = spec.sample.as_ref().map(|sample| sample.rows(&read)).transpose()?;
    let drawn = |table: Dataset| match &rows {
        None => table,
        Some(rows) => table.part(rows),
    };
    let (mut kept, alone) = repeated(&read, &spec.features, rows.as_deref());
    let of = |leaks| Ok(Derived { data, leaks, table: drawn(under(leaks, read.clone(), made)?) });
    let derived = asked(variants, made).into_iter().map(of).collect::<Result<Vec<Derived>>>()?;
    let mut honest = drawn(features::add(read, made)?);
    if alone.is_some() {
        kept.conflicting = dedup(&honest).conflicting;
    }
    let is_another = |keep: &Vec<usize>| study.dedup.contains(&true) && *keep != kept.keep;
    honest.digests.kept = alone.filter(is_another).map(|_| Digests::of_rows(&kept.keep));
    Ok((honest, kept, derived))
}

/// Which rows of the sample repeat another one as they were read: in the features, and in what further ones are made of. Where such are
/// made, with it the rows that are kept by the features alone.
fn repeated(read: &Dataset, features: &FeatureSpec, rows: Option<&[usize]>) -> (Deduplicated, Option<Vec<usize>>) {
    let beside = features::beside(read, features);
    let of = |table: &Dataset, beside: &[Vec<f64>]| {
        (dedup_beside(table, beside), (!beside.is_empty()).then(|| dedup(table).keep))
    };
    match rows {
        None => of(read, &beside),
        Some(rows) => {
            let drawn = |values: &Vec<f64>| rows.iter().map(|&row| values[row]).collect();
            of(&read.part(rows), &beside.iter().map(drawn).collect::<Vec<_>>())
        }
    }
}

/// Gives a table the name that the study has for it, where there are several: names tell them apart, in messages too.
pub(super) fn called(study: &Study, spec: &DataSpec, table: &mut Dataset) {
    if study.data.len() > 1 {
        // Their files may all be called alike.
        table.name.clone_from(&spec.name);
    }
}

/// Rows and feature columns of the data of a study, which are known without the data where these have a name or are simulated;
/// of card transactions the number of rows that is expected.
///
/// # Errors
/// As [`load`].
fn size(spec: &DataSpec) -> Result<(usize, usize)> {
    let (rows, columns) = match &spec.source {
        DataSource::Catalogue { name, .. } => (catalogue::find(name)?.rows, few_known(name, &spec.options)?.x.ncols()),
        DataSource::Simulated(simulation) => (simulation.rows, simulation.columns),
        DataSource::Payments(payments) => (payments.rows(), 2),
        DataSource::Normal(normal) => (normal.rows, normal.columns),
        DataSource::Transactions(of) => (of.expected_rows(), few_transactions(of, &spec.options)?.x.ncols()),
        DataSource::Files(_) | DataSource::Parts(_) => load(spec)?.x.dim(),
    };
    let rows = spec.sample.map_or(rows, |sample| sample.positives + sample.negatives);
    Ok((rows, spec.features.width(columns)))
}

/// Some rows of simulated data or of a catalogue's, with the columns and roles that all rows have; none of files.
///
/// # Errors
/// As [`load`].
fn few(spec: &DataSpec) -> Result<Option<Dataset>> {
    Ok(Some(match &spec.source {
        DataSource::Simulated(of) => {
            of.check()?;
            simulate(&Simulation { rows: FEW, positives: Positives::Count(FEW / 2), ..*of })?
        }
        DataSource::Transactions(of) => few_transactions(of, &spec.options)?,
        DataSource::Payments(of) => Payments { legitimate: FEW, frauds: FEW, ..*of }.table()?,
        DataSource::Normal(of) => Normal { rows: FEW, positives: FEW / 2, ..*of }.table()?,
        DataSource::Catalogue { name, .. } => few_known(name, &spec.options)?,
        DataSource::Files(_) | DataSource::Parts(_) => return Ok(None),
    }))
}

/// Rows in the place of a catalogue's, whose file may not be here.
fn few_known(name: &str, options: &ReadOptions) -> Result<Dataset> {
    catalogue::stand_in(catalogue::find(name)?, FEW, options)
}

/// Transactions of few cards. The labels are nearly all true, so that there are both: wrong ones have a column of the truth, however
/// few they are.
fn few_transactions(of: &Handbook, options: &ReadOptions) -> Result<Dataset> {
    let Handbook { start, seed, mut labels, .. } = *of;
    for share in [&mut labels.unreported, &mut labels.misreported] {
        *share = share.min(1e-9);
    }
    let few =
        Handbook { customers: 30, terminals: 30, days: 30, radius: 100.0, start, seed, labels, ..Handbook::default() };
    handbook::table(&few, options)
}

/// Rows of a class that are enough to see which columns there are.
const FEW: usize = 10;
/// Simulated values up to which all rows are made, in a few seconds, to see whether they can be split. Larger tables have rows enough
/// of whatever they have.
const DIVIDED: usize = 50_000_000;

/// What is known of a data set before a run.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// Rows.
    pub rows: usize,
    /// Whether these are an estimate, which is a few per cent off.
    pub about: bool,
    /// Positive ones; none where only a run would tell.
    pub positives: Option<usize>,
    /// Feature columns.
    pub columns: usize,
    /// What decides which components fit; none where only a run would tell.
    pub facts: Option<TableFacts>,
    /// What a person should know about it.
    pub note: Option<String>,
    /// Why some of the study's splits of it cannot be made, a sentence each; empty, too, where only a run would tell.
    pub refused: Vec<String>,
    /// The columns that metrics can read and it does not have; none where only a run would tell.
    pub(crate) lacks: Option<Lacks>,
    /// What its training rows cannot give the classifiers of its cells; empty, too, where only a run would tell.
    pub(crate) foreseen: Foreseen,
    /// The rows of its splits; none where only a run would tell.
    pub(crate) sizes: Option<PartSizes>,
}

/// Looks at a data set of a study, for the cells that `filter` takes. Files are read and divided, and what is simulated is made and
/// divided, as a run does both, unless it is huge. What has a name need not be on this machine. What a run notes of how the table was
/// read goes to `told`, also where the table is refused then.
///
/// # Errors
/// As [`load`], but for a data set of the catalogue that is not here; [`Error::Study`] where the table lacks what the protocol looks at
/// or models are judged by, or where none of the study's splits of what was divided can be made.
pub fn outlook(study: &Study, data: usize, filter: &Filter, told: &mut Vec<String>) -> Result<Outlook> {
    let spec = &study.data[data];
    let mut note = None;
    if let DataSource::Catalogue { name, folder } = &spec.source
        && let Err(e) = catalogue::place(catalogue::find(name)?, folder.as_deref())
    {
        note = Some(e.to_string());
    }
    let is_file = matches!(spec.source, DataSource::Files(_) | DataSource::Parts(_) | DataSource::Catalogue { .. });
    if is_file && note.is_none() {
        let (mut table, kept, _) = open(study, spec, data, &[])?;
        told.extend_from_slice(&table.notes);
        let facts = Some(TableFacts::of(&spec.name, &table, &kept));
        let Divided { refused, foreseen, sizes } = divide(study, data, (&mut table, kept), (facts.as_ref(), filter))?;
        let (rows, columns) = table.x.dim();
        let (positives, lacks) = (Some(table.positives()), Some(Lacks::of(study, &table)));
        let sizes = Some(sizes);
        return Ok(Outlook { rows, about: false, positives, columns, facts, note, refused, lacks, foreseen, sizes });
    }
    let (rows, mut columns) = size(spec)?;
    // The machine of the run may have more memory than this one, and a sample is smaller than what it is drawn from.
    if !is_file && let Err(e) = check_memory("simulate", rows, columns) {
        note = Some(format!("a run on this machine refuses it: {e}"));
    }
    let (mut facts, mut lacks) = (None, None);
    if let Some(table) = few(spec)? {
        let mut table = features::add(table, &spec.features)?;
        // A column of the moments at which labels are known is no feature.
        columns = table.x.ncols();
        check(study, spec, &mut table)?;
        lacks = Some(Lacks::of(study, &table));
        facts = of_all(spec, rows, &table);
    }
    let positives = match &spec.source {
        _ if spec.sample.is_some() => spec.sample.map(|sample| sample.positives),
        DataSource::Catalogue { name, .. } => Some(catalogue::find(name)?.positives),
        DataSource::Simulated(simulation) => Some(simulation.check()?),
        DataSource::Payments(payments) => Some(payments.frauds),
        DataSource::Normal(normal) => Some(normal.positives),
        _ => None,
    };
    let about = match &spec.source {
        DataSource::Transactions(of) => {
            of.check_anybody_pays()?;
            spec.sample.is_none() && !of.has_known_rows()
        }
        _ => false,
    };
    let (mut refused, mut foreseen, mut sizes) = (Vec::new(), Foreseen::unknown(), None);
    if !is_file && rows.saturating_mul(columns) <= DIVIDED {
        let (mut table, kept, _) = open_with(study, (spec, &as_divided(study, spec)), data, &[])?;
        told.extend_from_slice(&table.notes);
        let divided = divide(study, data, (&mut table, kept), (facts.as_ref(), filter))?;
        (refused, foreseen, sizes) = (divided.refused, divided.foreseen, Some(divided.sizes));
    }
    Ok(Outlook { rows, about, positives, columns, facts, note, refused, lacks, foreseen, sizes })
}

/// What decides which components fit all `rows` of data that are not read, of which `few` are there; none where these do not tell.
fn of_all(spec: &DataSpec, rows: usize, few: &Dataset) -> Option<TableFacts> {
    let facts = TableFacts::of(&spec.name, few, &dedup(few));
    // All rows have more levels than a few, and a sample may have drawn no row with a blank.
    let is_sure = |column: &ColumnShape| column.levels.is_none() && (spec.sample.is_none() || !column.blanks);
    if !facts.columns.iter().all(is_sure) {
        return None;
    }
    // What a few rows all lack others may have.
    let columns = facts.columns.iter().map(|column| ColumnShape { empty: false, ..column.clone() }).collect();
    Some(TableFacts { rows: rows as u64, columns, ..facts })
}

/// The features that are made to see how rows are divided: none, unless they may order the rows. No split looks at others, and to make
/// them takes longer than all else.
fn as_divided(study: &Study, spec: &DataSpec) -> FeatureSpec {
    match study.protocol.column() {
        Some(_) => spec.features.clone(),
        None => FeatureSpec::default(),
    }
}

/// What is found out of a table by dividing it.
struct Divided {
    refused: Vec<String>,
    foreseen: Foreseen,
    sizes: PartSizes,
}

/// Refuses a table of which none of the study's splits can be made, as a run does; of single ones it is said why they cannot be. With
/// that comes what the splits' training rows cannot give the cells that `filter` takes, where the `facts` are known by which cells fit.
fn divide(
    study: &Study,
    data: usize,
    (table, kept): (&mut Dataset, Deduplicated),
    (facts, filter): (Option<&TableFacts>, &Filter),
) -> Result<Divided> {
    called(study, &study.data[data], table);
    let job = Job::of_one(study, data, (&*table, kept.keep)).map_err(|e| match e {
        // The data can be read: it is the study that asks for other ones.
        Error::Data(said) => Error::Study(said),
        other => other,
    })?;
    let divided = &job.tables[0];
    let mut refused = Vec::new();
    for &dedup in &study.dedup {
        let of = match (study.dedup.len(), dedup) {
            (1, _) => "",
            (_, false) => "dedup=off, ",
            (_, true) => "dedup=on, ",
        };
        let reasons = divided.splits.of_variant[usize::from(dedup)].iter().filter_map(|split| split.as_ref().err());
        refused.extend(distinct(reasons.map(|said| format!("{of}{said}"))));
    }
    let foreseen = facts.map_or_else(Foreseen::unknown, |facts| foreseen(&job, facts, filter));
    Ok(Divided { refused, foreseen, sizes: PartSizes::of(divided) })
}

/// What the training rows of a job's only table cannot give the cells that `filter` takes; `facts` tell which cells fit the table.
pub(super) fn foreseen(job: &Job<'_>, facts: &TableFacts, filter: &Filter) -> Foreseen {
    let (study, number) = (job.study, job.first);
    let known: Vec<Option<&TableFacts>> =
        (0..study.data.len()).map(|other| (other == number).then_some(facts)).collect();
    // What fits none of the tables is told when all are known.
    let Ok(plan) = Plan::of_known(study, &known, filter) else { return Foreseen::default() };
    let cells: Vec<&Cell> = plan.cells.iter().filter(|cell| cell.data == number).collect();
    Foreseen::of(job, &cells)
}

/// Refuses a table that a run would refuse before any cell, in the same words.
fn check(study: &Study, spec: &DataSpec, table: &mut Dataset) -> Result<()> {
    called(study, spec, table);
    study.protocol.check(table)?;
    study.check_judged(table)
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
        let study = Study::parse(text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let spec = study.data[0].clone();
        let leaks = Leaks::of(&[Leak::NoLabelDelay, Leak::ScalerOnAllRows]);
        let (part, kept, derived) = open(&study, &spec, 0, &[Leaks::NONE, leaks]).unwrap();
        assert_eq!((part.x.dim(), size(&spec).unwrap(), part.positives()), ((25, 15), (25, 15), 5));
        assert_eq!((kept.keep.len(), kept.removed), (25, 0));
        let (whole, _, none) = open(&study, &DataSpec { sample: None, ..spec.clone() }, 0, &[Leaks::NONE]).unwrap();
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

    /// A study of card transactions whose only feature beside what windows make is the amount.
    fn of_cards(rows: &str, grid: &str) -> (tempfile::TempDir, Study) {
        of_cards_with(rows, grid, str::to_owned)
    }

    /// The same with a study that is written otherwise.
    fn of_cards_with(rows: &str, grid: &str, changed: fn(&str) -> String) -> (tempfile::TempDir, Study) {
        let folder = tempfile::tempdir().unwrap();
        let lines: String = rows.split(' ').map(|row| format!("{row}\n")).collect();
        std::fs::write(folder.path().join("t.csv"), format!("card,when,amount,fraud\n{lines}")).unwrap();
        let text = format!(
            "name = 'x'\n[data]\npath = 't.csv'\nlabel = 'fraud'\ntime = 'when'\nignore = ['card', 'when']\n[[data.features]]\nby = \
             'card'\nwindows = ['7d']\ndelay = '1d'\nmake = ['count']\n[protocol]\nkind = 'hold-out'\n[grid]\n{grid}classifiers = \
             ['prior']\n"
        );
        let study = Study::parse(&changed(&text), "x.toml", folder.path(), &Registry::built_in()).unwrap();
        (folder, study)
    }

    #[test]
    fn rows_of_other_cards_and_moments_are_no_duplicates() {
        // Of five equal amounts the second is of another day, the third of another card, the fourth repeats the first, and the last one
        // has the other label. The windows, which end a day before a row, are empty.
        let rows = "a,2024-01-01,5,0 a,2024-01-01T12:00:00,5,0 b,2024-01-01,5,0 a,2024-01-01,5,0 b,2024-01-01,5,1 b,2024-01-01,6,1";
        let (_folder, study) = of_cards(rows, "dedup = true\n");
        let (table, kept, _) = open(&study, &study.data[0], 0, &[]).unwrap();
        assert_eq!(kept, Deduplicated { keep: vec![0, 1, 2, 4, 5], removed: 1, conflicting: 1 });
        assert_eq!(table.x.column(1).to_vec(), [0.0; 6]);
        // By the amounts alone three would go: the keys of what was run so are others.
        assert_eq!(table.digests.kept, Some(Digests::of_rows(&[0, 1, 2, 4, 5])));
        let (_folder, study) = of_cards(rows, "");
        assert_eq!(open(&study, &study.data[0], 0, &[]).unwrap().0.digests.kept, None, "nothing is dropped");
        // Where both decide alike, keys are what they were.
        let (_folder, study) = of_cards("a,2024-01-01,5,0 a,2024-01-01,5,0 b,2024-01-03,6,1", "dedup = true\n");
        let (table, kept, _) = open(&study, &study.data[0], 0, &[]).unwrap();
        assert_eq!((kept.keep, table.digests.kept), (vec![0, 2], None));
        // What is recorded twice repeats itself, though the window of the second, which counts its own row, counts the first, too.
        let counting = |text: &str| text.replace("delay = '1d'\n", "");
        let (_folder, study) =
            of_cards_with("a,2024-01-01,5,0 a,2024-01-01,5,0 b,2024-01-03,6,1", "dedup = true\n", counting);
        let (table, kept, _) = open(&study, &study.data[0], 0, &[]).unwrap();
        assert_eq!((table.x.column(1).to_vec(), kept.keep), (vec![1.0, 2.0, 1.0], vec![0, 2]));
    }

    #[test]
    fn a_column_of_moments_of_labels_is_not_counted_among_the_features() {
        let text = "name = 'x'\n[data]\nname = 'creditcard'\nfolder = 'nowhere'\n[[data.features]]\nby = 'V1'\nwindows = ['1d']\nmake \
                    = ['count']\nknown = 'V2'\n[protocol]\nkind = 'time-ordered'\n[grid]\nclassifiers = ['prior']\n";
        let study = Study::parse(text, "x.toml", Path::new("nowhere"), &Registry::built_in()).unwrap();
        // 30 columns without V2, and a count.
        assert_eq!(outlook(&study, 0, &Filter::default(), &mut Vec::new()).map(|found| found.columns).ok(), Some(30));
    }

    #[test]
    fn the_columns_of_a_catalogue_are_known_without_its_file() {
        let text = "name = 'x'\n[data]\nname = 'creditcard'\nfolder = 'nowhere'\nignore = ['V18']\n[protocol]\nkind = 'hold-out'\n\
                    [grid]\nscalers = ['none', 'polynomial']\nclassifiers = ['lda']\n";
        let study = |text: &str| Study::parse(text, "x.toml", Path::new("nowhere"), &Registry::built_in()).unwrap();
        let of = study(text);
        let found = outlook(&of, 0, &Filter::default(), &mut Vec::new()).unwrap();
        assert_eq!((found.rows, found.columns, found.positives), (284_807, 29, Some(492)));
        assert!(found.note.is_some());
        let plan = Plan::of_known(&of, &[found.facts.as_ref()], &Filter::default()).unwrap();
        let columns: Vec<Option<usize>> = plan.cells.iter().map(|cell| cell.columns).collect();
        // A constant one, the 29, their squares, and 29 * 28 / 2 products of two.
        assert_eq!(columns, [Some(29), Some(1 + 29 + 29 + 406)]);
        // What a run would refuse is refused without the file, too.
        let said = outlook(&study(&text.replace("'V18'", "'V81'")), 0, &Filter::default(), &mut Vec::new())
            .unwrap_err()
            .to_string();
        assert!(said.contains("unknown column in `ignore` `V81`"), "{said}");
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
