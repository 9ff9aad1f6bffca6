//! `debug`: misbehaves on demand, to show that nothing takes a run down. A study can name it; no list shows it.

use std::time::Duration;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::component::{Classifier, Context, Entry, Model, Prediction, ScoreKind, Train, build};
use crate::error::{Error, Result};

const ID: &str = "debug";

/// What it does, when it does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    /// Nothing special.
    Behave,
    Refuse,
    Panic,
    Abort,
    /// Dies of signal 11.
    Fault,
    Exit,
    /// Sleeps for `seconds`.
    Sleep,
    /// Allocates without end.
    Allocate,
    /// Asks for more memory than there is, at once.
    Reserve,
    /// Scores are NaN; `predict` only.
    Nan,
    /// Too few predictions; `predict` only.
    Short,
}

/// Where it does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Place {
    Fit,
    Predict,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    act: Act,
    stage: Place,
    seconds: f64,
}

impl Default for Params {
    fn default() -> Self {
        Params { act: Act::Behave, stage: Place::Fit, seconds: 3600.0 }
    }
}

struct Debug(Params);

struct DebugModel(Params);

fn misbehave(act: Act, seconds: f64) -> Result<()> {
    match act {
        Act::Behave | Act::Nan | Act::Short => {}
        Act::Refuse => return Err(Error::Component("debug refuses".into())),
        Act::Panic => panic!("debug panics"),
        Act::Abort => std::process::abort(),
        // SAFETY: none; the first page is never mapped, so that this writes nothing and ends the process.
        Act::Fault => unsafe { std::ptr::without_provenance_mut::<u8>(8).write_volatile(1) },
        Act::Exit => std::process::exit(7),
        Act::Sleep => std::thread::sleep(Duration::from_secs_f64(seconds)),
        Act::Reserve => drop(std::hint::black_box(vec![1_u8; 1 << 40])),
        Act::Allocate => {
            let mut kept: Vec<Vec<u64>> = Vec::new();
            loop {
                kept.push(vec![kept.len() as u64 + 1; 1 << 20]);
            }
        }
    }
    Ok(())
}

impl Classifier for Debug {
    fn fit(&self, _train: &Train<'_>, _: &Context) -> Result<Box<dyn Model>> {
        if self.0.stage == Place::Fit {
            misbehave(self.0.act, self.0.seconds)?;
        }
        Ok(Box::new(DebugModel(self.0.clone())))
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Model for DebugModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        if self.0.stage == Place::Predict {
            misbehave(self.0.act, self.0.seconds)?;
        }
        let rows = if self.0.act == Act::Short { x.nrows() / 2 } else { x.nrows() };
        let score = if self.0.act == Act::Nan { f64::NAN } else { 0.25 };
        Ok(Prediction { score: vec![score; rows], label: vec![0; rows], kind: ScoreKind::Probability })
    }
}

pub static ENTRY: Entry<dyn Classifier> = Entry::new(ID, "misbehaves on demand", |table| {
    build(ID, table, |params| Ok(Box::new(Debug(params)) as Box<dyn Classifier>))
})
.hidden();
