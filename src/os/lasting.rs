//! Processes that last from one cell to the next: started by a thread that lasts as long, and spared where what a cell has
//! started is ended and counted.

use std::collections::BTreeSet;
use std::io;
use std::process::{ChildStdin, ChildStdout, Command};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::process::{Child, Group};

type Started = io::Result<(Child, ChildStdin, ChildStdout)>;
type Wish = (Command, Sender<Started>);
type Listener = Box<dyn Fn(&BTreeSet<u32>) + Send + Sync>;

/// The numbers of those that live.
static ALL: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
static LISTENER: OnceLock<Listener> = OnceLock::new();
/// To the thread that starts them; none as long as none was wanted.
static KEEPER: Mutex<Option<Sender<Wish>>> = Mutex::new(None);

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The numbers of the lasting processes of this one.
pub(crate) fn lasting() -> BTreeSet<u32> {
    locked(&ALL).clone()
}

/// Has `listener` told which processes last whenever that changes. One listens, the first one.
pub(crate) fn tell_of_lasting(listener: impl Fn(&BTreeSet<u32>) + Send + Sync + 'static) {
    let _ = LISTENER.set(Box::new(listener));
}

pub(super) fn enter(process: u32) {
    change(|all| all.insert(process));
}

pub(super) fn leave(process: u32) {
    change(|all| all.remove(&process));
}

fn change(by: impl FnOnce(&mut BTreeSet<u32>) -> bool) {
    let mut all = locked(&ALL);
    if by(&mut all)
        && let Some(listener) = LISTENER.get()
    {
        listener(&all);
    }
}

/// Starts a process that outlives the thread that asks for it: the system kills a child when the *thread* ends that started it,
/// and a cell's threads end with the cell.
///
/// # Errors
/// It cannot be started, or the thread that starts it cannot.
pub(crate) fn start_lasting(command: Command) -> Started {
    let (answer, started) = channel();
    let mut keeper = locked(&KEEPER);
    let sender = match &mut *keeper {
        Some(sender) => sender,
        none => none.insert(keep()?),
    };
    let gone = || io::Error::other("the thread that starts processes is gone");
    sender.send((command, answer)).map_err(|_| gone())?;
    drop(keeper);
    started.recv().map_err(|_| gone())?
}

fn keep() -> io::Result<Sender<Wish>> {
    let (sender, wishes) = channel::<Wish>();
    std::thread::Builder::new().name("keeper".into()).spawn(move || {
        for (command, answer) in wishes {
            // Whoever has asked is gone: the process is killed as it is dropped.
            let _ = answer.send(Child::start(command, Group::Lasting));
        }
    })?;
    Ok(sender)
}
