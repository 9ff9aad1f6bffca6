//! What is asked of a program and what it may answer: the messages of the protocol.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::data::{self, Column};

/// What is asked.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Question<'q> {
    Fit {
        x: Matrix,
        y: PathBuf,
        seed: u64,
        threads: usize,
        parameters: &'q serde_json::Value,
        /// From protocol 2 on.
        #[serde(skip_serializing_if = "Option::is_none")]
        columns: Option<Vec<Told<'q>>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        weights: Option<PathBuf>,
    },
    Predict {
        x: Matrix,
        score: PathBuf,
        label: PathBuf,
    },
    Resample {
        x: Matrix,
        y: PathBuf,
        seed: u64,
        threads: usize,
        parameters: &'q serde_json::Value,
        rows: PathBuf,
        made: PathBuf,
        labels: PathBuf,
    },
    Prepare {
        x: Matrix,
        y: Option<PathBuf>,
        seed: u64,
        threads: usize,
        parameters: &'q serde_json::Value,
        columns: Vec<Told<'q>>,
        made: Option<PathBuf>,
    },
    Transform {
        x: Matrix,
        made: PathBuf,
    },
    Save {
        model: PathBuf,
        trees: PathBuf,
    },
    Restore {
        model: PathBuf,
        parameters: &'q serde_json::Value,
    },
    /// The fork that answers ends.
    End {},
}

impl Question<'_> {
    /// What is asked for, by its name in the protocol, and an answer to it.
    pub(super) fn asked(&self) -> (&'static str, &'static str) {
        // It can answer any question.
        const ERROR: &str = r#"{"error":"one sentence"}"#;
        match self {
            Question::Fit { .. } => ("fit", r#"{"fitted":{}}"#),
            Question::Predict { .. } => ("predict", r#"{"predicted":"probability"}"#),
            Question::Resample { .. } => ("resample", ERROR),
            Question::Prepare { .. } => ("prepare", ERROR),
            Question::Transform { .. } => ("transform", ERROR),
            Question::Save { .. } => ("save", ERROR),
            Question::Restore { .. } => ("restore", ERROR),
            Question::End {} => ("end", ERROR),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Matrix {
    pub(super) path: PathBuf,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// What a program is told of a column.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Told<'q> {
    Number { name: &'q str },
    Category { name: &'q str, levels: &'q [String] },
    Time { name: &'q str },
}

impl<'q> From<&'q Column> for Told<'q> {
    fn from(column: &'q Column) -> Self {
        let name = &column.name;
        match &column.kind {
            data::Kind::Number => Told::Number { name },
            data::Kind::Category(levels) => Told::Category { name, levels },
            data::Kind::Time => Told::Time { name },
        }
    }
}

/// The versions of the protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(super) enum Version {
    /// Numbers without blanks.
    #[default]
    One,
    /// Columns of every kind.
    Two,
}

impl From<Version> for u32 {
    fn from(version: Version) -> u32 {
        match version {
            Version::One => 1,
            Version::Two => 2,
        }
    }
}

impl TryFrom<u32> for Version {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        match number {
            1 => Ok(Version::One),
            2 => Ok(Version::Two),
            other => Err(format!("there is no version {other}: write 1 or 2")),
        }
    }
}

/// What may be answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Answer {
    Fitted(serde_json::Value),
    Predicted(Said),
    Resampled {
        rows: usize,
        made: usize,
    },
    Prepared(Vec<String>),
    Transformed(usize),
    Saved {},
    /// The columns of the model.
    Restored(usize),
    /// By a signal or with an exit code.
    Ended {
        signal: Option<i32>,
        code: Option<i32>,
    },
    Error(String),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Said {
    Probability,
    Decision,
}
