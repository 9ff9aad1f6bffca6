//! What the stages of a cell take, as its worker measures it.

use std::time::Instant;

use crate::os::memory;
use crate::store::{Stage, StageCost};

/// Time and memory of one cell, stage by stage.
#[derive(Default)]
pub struct Meter {
    /// Whether what earlier stages have freed is given back before a stage begins, so that it is not taken for the stage's.
    gives_back: bool,
    open: Option<Open>,
    stages: Vec<StageCost>,
    /// The most resident memory of the stages that have ended, in bytes.
    peak: Option<u64>,
}

/// The stage that is going on.
struct Open {
    stage: Stage,
    started: Instant,
    /// Resident memory at its start, in bytes; none where the peak could not be set back, so that it tells nothing of it.
    resident: Option<u64>,
}

impl Meter {
    /// `gives_back`: whether what earlier stages have freed is given back before a stage begins.
    pub fn new(gives_back: bool) -> Self {
        Meter { gives_back, ..Meter::default() }
    }

    /// A stage begins, and with it the one before ends.
    pub fn begin(&mut self, stage: Stage) {
        self.end();
        if self.gives_back {
            memory::give_back();
        }
        let resident = memory::begin_peak().then(memory::resident_bytes).flatten();
        self.open = Some(Open { stage, started: Instant::now(), resident });
    }

    /// The stages, and the most memory of all of them in bytes, programs included.
    pub fn finish(mut self) -> (Vec<StageCost>, Option<u64>) {
        self.end();
        // With that of the programs that it has started.
        let started = memory::take_started();
        (self.stages, self.peak.map(|own| own + started))
    }

    fn end(&mut self) {
        let Some(Open { stage, started, resident }) = self.open.take() else { return };
        let seconds = started.elapsed().as_secs_f64();
        let peak = resident.and_then(|_| memory::peak_bytes());
        let beyond = resident.zip(peak).map(|(before, peak)| peak.saturating_sub(before));
        let memory_mib = beyond.map(|bytes| bytes as f64 / f64::from(1 << 20));
        self.stages.push(StageCost { stage, seconds, memory_mib });
        self.peak = self.peak.max(peak);
    }
}
