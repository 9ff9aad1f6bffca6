//! The worker's side: reads requests until its standard input ends.

use std::fs::File;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::meter::Meter;
use super::protocol::{Begin, Reply, Request, Work};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::os::{die_with_parent, end_with_parent, family, limit_memory, say_anew, tell_of_lasting};
use crate::run::job::{Job, Splits};
use crate::run::prefix::{Failure, guarded};
use crate::run::tables::Shared;
use crate::run::{cell, prefix};
use crate::store::Stage;
use crate::study::Study;

/// Does the work of one worker process.
///
/// # Errors
/// What keeps it from beginning; a request's own failure is a reply.
pub fn serve(registry: &Registry) -> Result<()> {
    let replies = Arc::new(Mutex::new(private_output()?));
    let told = Arc::clone(&replies);
    tell_of_lasting(move |processes| {
        // A run that is gone is found out when the cell's reply is written.
        let _ = write(&told, &Reply::Lasting(processes.clone()));
    });
    let say = |reply: &Reply| write(&replies, reply);
    // When the run is killed its workers go with it, and with them all that they have started.
    family::adopt_orphans();
    match family::end_when_told() {
        Ok(()) => end_with_parent(),
        Err(_) => die_with_parent(),
    }
    let mut requests = io::stdin().lock().lines();
    let broken = |e: String| Error::Usage(format!("a worker is started by a run, not by hand: {e}"));
    let first = requests.next().unwrap_or(Ok(String::new())).map_err(|e| broken(e.to_string()))?;
    let begin: Begin = serde_json::from_str(&first).map_err(|e| broken(e.to_string()))?;
    let study = Study::parse(&begin.study, &begin.study_file, Path::new("."), registry)?;
    let shared = Shared::open(&begin.data, &begin.tables)?;
    let (tables, derived) = (shared.tables(&begin.tables)?, begin.derived.clone());
    let mut job = Job { study: &study, first: begin.first, tables, derived };
    let mut divided = None;
    // The run is gone when nothing can be said to it.
    let gone = |e: io::Error| Error::io("answer", Path::new("the run"), e);
    say(&Reply::Ready).map_err(gone)?;
    for line in requests {
        let line = line.map_err(gone)?;
        let request: Request = serde_json::from_str(&line).map_err(|e| broken(e.to_string()))?;
        // What an earlier cell said, a panic perhaps, is no reason for the end of this one.
        say_anew();
        limit_memory(request.memory)?;
        let asked = (job.place(&request.cell), request.cell.split);
        if divided != Some(asked) {
            // Lists of other splits would be counted as this cell's memory.
            job.tables.iter_mut().for_each(|table| table.splits = Splits::default());
            job.tables[asked.0].splits = shared.divide(&begin.tables, asked.0, asked.1);
            divided = Some(asked);
        }
        let mut meter = Meter::new(study.limits.fresh_workers == Some(true));
        if !matches!(request.work, Work::Run { .. }) {
            meter.begin(request.work.first_stage());
        }
        let mut reached = |stage: Stage| {
            let _ = say(&Reply::Stage(stage));
            meter.begin(stage);
        };
        let mut reply = answer(&job, &request, &mut reached);
        let (stages, peak) = meter.finish();
        // Whatever a program has left behind.
        family::end_own();
        match &mut reply {
            Reply::Kept(kept) => kept.cost = stages.first().copied(),
            Reply::Prepared(prepared) => prepared.stages.extend(stages),
            Reply::Record(record) => {
                // Those of the prefix stand there already.
                record.stages.extend(stages);
                record.peak_memory_mib = peak.map(|bytes| bytes >> 20);
            }
            Reply::Ready | Reply::Stage(_) | Reply::Lasting(_) | Reply::Failed(_) => {}
        }
        family::await_end_if_told();
        say(&reply).map_err(gone)?;
    }
    Ok(())
}

fn write(replies: &Mutex<File>, reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    replies.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)
}

/// Keeps standard output for the replies alone: what a library prints goes to standard error instead.
fn private_output() -> Result<File> {
    // Not for what the worker starts: a program that outlives it must not keep the pipe open.
    let kept = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3).and_then(|own| {
        rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
        Ok(own)
    });
    kept.map(Into::into).map_err(|e| Error::io("keep", Path::new("standard output"), e.into()))
}

/// Does what is asked, with a thread pool of the size that is asked for. The same in a worker and in the run's own process.
pub fn answer(job: &Job<'_>, request: &Request, reached: &mut (dyn FnMut(Stage) + Send)) -> Reply {
    let cell = &request.cell;
    let pool = guarded(request.work.first_stage(), || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(request.threads).build();
        pool.map_err(|e| Error::Component(format!("cannot start {} threads: {e}", request.threads)))
    });
    let pool = match pool {
        Ok(pool) => pool,
        Err(failure) => return Reply::Failed(failure),
    };
    pool.install(|| {
        let done: Result<Reply, Failure> = match &request.work {
            Work::Resample { into } => prefix::resample(job, cell, into).map(Reply::Kept),
            Work::Prepare { choice, kept, into } => {
                prefix::prepare(job, cell, (choice, *kept), into).map(Reply::Prepared)
            }
            Work::Run { matrices, prepared, said } => {
                let files = cell::Files { matrices, said: said.as_deref() };
                Ok(Reply::Record(Box::new(cell::execute(job, cell, prepared, files, reached))))
            }
        };
        done.unwrap_or_else(Reply::Failed)
    })
}
