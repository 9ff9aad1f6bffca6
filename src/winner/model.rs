//! A model's folder: `model.json` says all of it, native files of a library stand beside it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::onnx;
use crate::component::{ComponentFacts, is_model_file};
use crate::data::{Column, Digests, ReadOptions, hex};
use crate::error::{Error, Result};
use crate::os::Staged;
use crate::run::{SavedPipeline, Whole};
use crate::store::{MANIFEST_FILE, check_format};
use crate::words::{agree, counted, listed, quoted_path};

/// The version of a model's folder. A newer one is refused (exit code 3), an older one is read.
const FORMAT: u32 = 1;

/// The description.
pub(crate) const MODEL_FILE: &str = "model.json";

/// A fitted pipeline, and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Model {
    /// The version of the folder.
    pub format: u32,
    /// The program's version.
    pub fraudbench: String,
    /// The study's name.
    pub study: String,
    /// The pipeline, as filters name it.
    pub pipeline: String,
    /// Its steps with their parameters, the classifier last.
    pub facts: Vec<(String, ComponentFacts)>,
    /// What a search has chosen, if it has one.
    pub chosen: Option<Map<String, Value>>,
    /// The seeds of resampler and classifier; texts, as JSON's numbers lose digits.
    pub seeds: [String; 2],
    /// The data set.
    pub data: ModelData,
    /// Rows that the classifier was fitted on, and how many of them are positive.
    pub fitted: [usize; 2],
    /// What a score is: `probability` or `decision`.
    pub score: String,
    /// For each column, whether its value may be missing.
    pub blanks: Vec<bool>,
    /// How files of rows are written.
    pub spelling: Spelling,
    /// The columns of a row, in order.
    pub columns: Vec<Column>,
    /// The names of the columns that reach the classifier.
    pub made: Vec<String>,
    /// Why there is no ONNX file; none where there is one.
    pub no_onnx: Option<String>,
    /// The columns that no file of rows has, as the study's `data.features` makes them. Folders of before do not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub computed: Vec<String>,
    /// SHA-256 of the files of the folder, by name; of the description without its own digest, where the empty text stands. Folders
    /// of before have none, or not of the description and the ONNX file.
    #[serde(default)]
    pub digests: BTreeMap<String, String>,
    /// What is done to a row.
    pub steps: SavedPipeline,
}

/// Which rows it was fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ModelData {
    /// The data set's name.
    pub name: String,
    /// SHA-256 of its file.
    pub sha256: String,
    /// Digests of what was read.
    pub digests: Digests,
    /// The label's column.
    pub label: String,
    /// What the labels are called: negative, positive.
    pub labels: (String, String),
    /// Rows before the resampler, without duplicates where the pipeline drops them.
    pub rows: usize,
    /// How many of them are positive.
    pub positives: usize,
}

/// How files of rows are written, as the study's `[data]` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spelling {
    separator: Option<u8>,
    decimal_comma: bool,
    thousands: Option<u8>,
    missing: Option<Vec<String>>,
}

impl Spelling {
    /// That of a study's data.
    pub fn of(options: &ReadOptions) -> Self {
        let ReadOptions { separator, decimal_comma, thousands, missing, .. } = options.clone();
        Spelling { separator, decimal_comma, thousands, missing }
    }

    /// As a reader takes it.
    pub fn options(&self) -> ReadOptions {
        let Spelling { separator, decimal_comma, thousands, missing } = self.clone();
        ReadOptions { separator, decimal_comma, thousands, missing, ..ReadOptions::default() }
    }
}

/// Removes files of an earlier model, which would be taken for this one's.
fn clear(folder: &Path, is_new: impl Fn(&str) -> bool) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|e| Error::io("list", folder, e))?;
    for entry in entries {
        let path = entry.map_err(|e| Error::io("list", folder, e))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !is_new(name) && (name == onnx::FILE || is_model_file(name)) {
            std::fs::remove_file(&path).map_err(|e| Error::io("remove", &path, e))?;
        }
    }
    Ok(())
}

/// Whether a folder without a description holds other files of a model.
fn is_left(folder: &Path) -> bool {
    let is_of_model = |name: &str| name == onnx::FILE || is_model_file(name);
    let mut entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    !folder.join(MODEL_FILE).exists() && entries.any(|entry| entry.file_name().to_str().is_some_and(is_of_model))
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Refuses the `bytes` of a file at `path` that are not those of the model that has these `digests`.
fn check_file(digests: &BTreeMap<String, String>, path: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    match digests.get(name).is_some_and(|digest| *digest != sha256(bytes)) {
        true => Err(Error::Store(format!(
            "{} is not the file that `refit` wrote: it is damaged, or of another model",
            path.display()
        ))),
        false => Ok(()),
    }
}

/// The description of a model with the digest `own` of it.
fn described(model: &mut Model, own: String) -> Result<Vec<u8>> {
    model.digests.insert(MODEL_FILE.into(), own);
    let mut text = serde_json::to_vec(model).map_err(|e| Error::Store(format!("cannot encode the model: {e}")))?;
    text.push(b'\n');
    Ok(text)
}

/// Refuses a description with the digest `own` of it that is not what was written: everything that was learnt stands in it, and an
/// edited number scores as well as a right one.
fn check_description(path: &Path, text: &[u8], own: &Value) -> Result<()> {
    let entry = |digest: &Value| format!("\"{MODEL_FILE}\":{digest}");
    let whole = std::str::from_utf8(text).ok().and_then(|text| text.split_once(&entry(own)));
    let of = |(begin, end): (&str, &str)| {
        let empty = entry(&Value::from(""));
        sha256(&[begin.as_bytes(), empty.as_bytes(), end.as_bytes()].concat())
    };
    match whole.is_some_and(|parts| *own == of(parts)) {
        true => Ok(()),
        false => Err(Error::Store(format!(
            "{} is not the file that `refit` wrote: it is damaged or edited; put back the one that was written, or refit the model",
            path.display()
        ))),
    }
}

/// The description of a model that is named by its folder, or by it.
pub(super) fn description(named: &Path) -> PathBuf {
    if named.is_file() { named.to_owned() } else { named.join(MODEL_FILE) }
}

/// The folder of a model that is named by it, or by its description.
pub(crate) fn model_folder(named: &Path) -> &Path {
    match named.parent().filter(|_| named.is_file()) {
        None => named,
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
    }
}

impl Model {
    /// The version of what this program writes.
    pub const FORMAT: u32 = FORMAT;

    /// Writes the folder at `to`, and gives the paths of its files. All of them are written before the first takes its place, and
    /// meanwhile the folder has no description: that of an earlier model would speak of other files.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&mut self, to: &Path) -> Result<Vec<PathBuf>> {
        std::fs::create_dir_all(to).map_err(|e| Error::io("create", to, e))?;
        let mut files: Vec<(String, Cow<'_, [u8]>)> = Vec::new();
        match onnx::encode(self) {
            Ok(bytes) => {
                self.no_onnx = None;
                files.push((onnx::FILE.into(), bytes.into()));
            }
            Err(why) => self.no_onnx = Some(why),
        }
        files.extend(self.steps.model.files().into_iter().map(|(name, bytes)| (name, bytes.as_slice().into())));
        let digests = files.iter().map(|(name, bytes)| (name.clone(), sha256(bytes))).collect();
        let stage = |(name, bytes): &(String, Cow<'_, [u8]>)| Staged::new(&to.join(name), bytes);
        let staged = files.iter().map(stage).collect::<Result<Vec<_>>>()?;
        let names: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
        self.digests = digests;
        let path = to.join(MODEL_FILE);
        let own = sha256(&described(self, String::new())?);
        let text = described(self, own)?;
        let description = Staged::new(&path, &text)?;
        description.remove_old()?;
        clear(to, |name| names.iter().any(|file| file == name))?;
        staged.into_iter().chain([description]).try_for_each(Staged::put)?;
        Ok(names.iter().map(|name| to.join(name)).chain([path]).collect())
    }

    /// Reads the folder at `from`, which may also be named by its description.
    ///
    /// # Errors
    /// [`Error::Store`] when it is no model, of a newer format, damaged or edited, or lacks a file.
    pub fn read(from: &Path) -> Result<Self> {
        let folder = model_folder(from);
        let path = description(from);
        let text = std::fs::read(&path).map_err(|e| {
            let hint = if is_left(folder) {
                "; `refit` was ended while it wrote the model: refit it again".to_owned()
            } else if from.join(MANIFEST_FILE).exists() {
                let directory = quoted_path(from);
                format!("; this is a results directory, of which `fraudbench refit {directory}` makes a model")
            } else {
                String::new()
            };
            Error::Store(format!("not a model: cannot read {}: {e}{hint}", path.display()))
        })?;
        let cut = |e: serde_json::Error| Error::Store(format!("{} is no model, or was cut short: {e}", path.display()));
        let value: Value = serde_json::from_slice(&text).map_err(cut)?;
        // What is no count is told with the other fields.
        if let Some(format) = value["format"].as_u64() {
            check_format(path.display(), format, FORMAT)?;
        }
        if let Some(own) = value["digests"].get(MODEL_FILE) {
            check_description(&path, &text, own)?;
        }
        let mut model: Model = serde_json::from_slice(&text).map_err(cut)?;
        model.check_columns(&path)?;
        for (name, bytes) in model.steps.model.files_mut() {
            let path = folder.join(&name);
            *bytes = std::fs::read(&path)
                .map_err(|e| Error::Store(format!("the model lacks a file: cannot read {}: {e}", path.display())))?;
            // What is damaged would abort a library, or score.
            check_file(&model.digests, &path, &name, bytes)?;
        }
        // It is served, not read; who serves it elsewhere may have moved it there.
        let path = folder.join(onnx::FILE);
        if model.digests.contains_key(onnx::FILE)
            && let Ok(bytes) = std::fs::read(&path)
        {
            check_file(&model.digests, &path, onnx::FILE, &bytes)?;
        }
        Ok(model)
    }

    /// Refuses columns of which one would be read as two, or of which it is not known whether they may be blank.
    fn check_columns(&self, path: &Path) -> Result<()> {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let (mut seen, mut told) = (HashSet::new(), HashSet::new());
        let again = names.iter().filter(|name| !seen.insert(**name)).filter(|name| told.insert(**name));
        let twice: Vec<String> = again.map(|name| format!("`{name}`")).collect();
        let wrong = match (twice.is_empty(), names.len() == self.blanks.len()) {
            (false, _) => format!("names the {} {} twice", agree(twice.len(), "column", "columns"), listed(&twice)),
            (true, false) => {
                let named = counted(names.len() as u64, "column");
                format!("has {named}, and says of {} whether values may be missing", self.blanks.len())
            }
            (true, true) => return Ok(()),
        };
        Err(Error::Store(format!("{} {wrong}: it is damaged or edited; refit the model", path.display())))
    }

    /// The pipeline, ready to score rows.
    ///
    /// # Errors
    /// [`Error::Store`] where a step is none that this program knows.
    pub fn pipeline(&self) -> Result<Whole> {
        Whole::restored(self.steps.clone())
    }
}
