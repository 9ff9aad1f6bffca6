//! A program for one use: a process of its own, or a fork of the bridge's that lasts (see [`super::lasting`]).

use std::time::{Duration, Instant};

use super::lasting;
use super::pipe::{Pipe, is_cut_off, quoted, understood};
use super::{Answer, Question, Version, python};
use crate::error::{Error, Result};
use crate::os::{End, memory};

/// How long a program that has answered everything may take to end.
const FAREWELL: Duration = Duration::from_secs(10);

pub struct Program {
    name: String,
    protocol: Version,
    /// None once it has ended, or has said what is no answer.
    pipe: Option<Pipe>,
    /// What the process that lasts is kept for; none where the process is this use's own.
    kept_for: Option<Vec<String>>,
}

impl Program {
    /// Starts the program. It is killed with this process, and when the thread ends that starts it, which lives until the
    /// cell is done.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start(name: &str, words: &[String], protocol: Version) -> Result<Self> {
        let pipe = Pipe::start(words, false)?;
        Ok(Program { name: name.to_owned(), protocol, pipe: Some(pipe), kept_for: None })
    }

    /// Has a process that lasts fork for this use; it is started if there is none that does nothing.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn fork(name: &str, words: Vec<String>, protocol: Version) -> Result<Self> {
        let pipe = lasting::take(&words)?;
        Ok(Program { name: name.to_owned(), protocol, pipe: Some(pipe), kept_for: Some(words) })
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// The program has ended, or says what is no answer.
    pub fn ask(&mut self, question: &Question<'_>) -> Result<Answer> {
        let Some(mut pipe) = self.pipe.take() else {
            return Err(Error::Component(format!("{} has ended before", self.name)));
        };
        pipe.ask(&self.name, self.protocol, question)?;
        let said = pipe.line(None);
        let answer = understood(&self.name, question, &said);
        if answer.is_err() && is_cut_off(&said) {
            // It has closed its output; without input it has nothing left to do.
            pipe.close();
            let end = pipe.child.end();
            let told = self.ended(question, &said, &end);
            // What a signal of others ends may be a Python.
            return Err(if end.signal.is_none() || end.went_on { self.with_hint(told) } else { told });
        }
        match (answer.map_err(|e| self.with_hint(e))?, &self.kept_for) {
            (Answer::Ended { signal, code }, Some(words)) => {
                let end = pipe.child.end_of_started(signal, code);
                lasting::give_back(words, pipe);
                Err(self.ended(question, b"", &end))
            }
            (answer, _) => {
                self.pipe = Some(pipe);
                Ok(answer)
            }
        }
    }

    /// That it has ended instead of answering, and what there is of an answer.
    fn ended(&self, question: &Question<'_>, part: &[u8], end: &End) -> Error {
        let (part, (asked, _)) = (quoted(part), question.asked());
        let when = match part.is_empty() {
            false => format!(" in the middle of an answer (`{part}`)"),
            // Another exit code than 0 and a signal say enough.
            true if end.is_well() || end.went_on => format!(" before it answered `{asked}`"),
            true => String::new(),
        };
        Error::Component(format!("{} {}", self.name, end.how_and_when(&when)))
    }

    /// With what else may be wrong where no bridge answers: the program may be no Python.
    fn with_hint(&self, e: Error) -> Error {
        match python::hint().filter(|_| self.kept_for.is_some()) {
            Some(hint) => Error::Component(format!("{e}; {hint}")),
            None => e,
        }
    }

    /// Has it end, as it does when its input ends, or when it is told so.
    ///
    /// # Errors
    /// It ends by a signal or with an exit code other than 0: what it has said before is not to be trusted then.
    pub fn close(&mut self) -> Result<()> {
        memory::note_started();
        let Some(pipe) = self.pipe.take() else { return Ok(()) };
        let end = match self.kept_for.take() {
            None => own_end(pipe),
            Some(words) => self.fork_end(&words, pipe)?,
        };
        // One that does not end by itself is killed, which is no failure of its own.
        match end.filter(|end| !end.is_well()) {
            Some(end) => Err(Error::Component(format!("{} answered everything, and then {}", self.name, end.how()))),
            None => Ok(()),
        }
    }

    /// The end of a fork; none where it does not end by itself: then the process goes with it that it was made of.
    fn fork_end(&self, words: &[String], mut pipe: Pipe) -> Result<Option<End>> {
        let question = Question::End {};
        pipe.ask(&self.name, self.protocol, &question)?;
        let said = pipe.line(Some(Instant::now() + FAREWELL));
        if said.is_empty() {
            return Ok(pipe.child.has_ended().then(|| pipe.child.end()));
        }
        match understood(&self.name, &question, &said)? {
            Answer::Ended { signal: None, code: Some(0) } => {
                lasting::give_back(words, pipe);
                Ok(None)
            }
            Answer::Ended { signal, code } => {
                let end = pipe.child.end_of_started(signal, code);
                lasting::give_back(words, pipe);
                Ok(Some(end))
            }
            other => Err(Error::Component(format!("{} was told to end and answered {other:?}", self.name))),
        }
    }
}

fn own_end(mut pipe: Pipe) -> Option<End> {
    pipe.close();
    let deadline = Instant::now() + FAREWELL;
    while !pipe.child.has_ended() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(2));
    }
    pipe.child.has_ended().then(|| pipe.child.end())
}

impl Drop for Program {
    fn drop(&mut self) {
        match self.kept_for {
            // What has failed before has said so, and a candidate of a search that is dropped is none that is chosen.
            Some(_) => drop(self.close()),
            None => memory::note_started(),
        }
    }
}
