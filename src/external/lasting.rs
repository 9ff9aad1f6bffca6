//! The processes of the bridge that last: one per worker and module of Python, which imports the module once. It forks for every
//! use: the fork answers, holds what was fitted, and ends. So nothing of one cell reaches the next one, and the fork's memory and its
//! end are its own.

use std::sync::{Mutex, PoisonError};

use super::pipe::Pipe;
use crate::error::Result;

/// How many do nothing at most; of more, the one goes that has done nothing for the longest time.
const KEPT: usize = 3;

/// Those that do nothing, by their commands; the last one has worked last.
static IDLE: Mutex<Vec<(Vec<String>, Pipe)>> = Mutex::new(Vec::new());

/// One that does nothing, or a new one.
///
/// # Errors
/// It cannot be started.
pub fn take(words: &[String]) -> Result<Pipe> {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    while let Some(at) = idle.iter().rposition(|(own, _)| own == words) {
        let (_, mut pipe) = idle.remove(at);
        if !pipe.child.has_ended() {
            pipe.child.forget_words();
            return Ok(pipe);
        }
    }
    drop(idle);
    Pipe::start(words, true)
}

/// It has nothing to do any more. What it has started ends.
pub fn give_back(words: &[String], mut pipe: Pipe) {
    pipe.child.kill_started();
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    idle.push((words.to_vec(), pipe));
    if idle.len() > KEPT {
        idle.remove(0);
    }
}
