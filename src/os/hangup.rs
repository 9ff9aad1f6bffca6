//! Hangups: what a process hears when its terminal goes.

/// Lets `listen` set handlers of signals; where hangups were ignored before, as `nohup` has them, they stay ignored.
pub(crate) fn past_hangups<T>(listen: impl FnOnce() -> T) -> T {
    // SAFETY: it only sets what a signal does, to what is always allowed.
    let before = unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
    if before != libc::SIG_IGN && before != libc::SIG_ERR {
        // SAFETY: as above.
        unsafe { libc::signal(libc::SIGHUP, before) };
    }
    let done = listen();
    if before == libc::SIG_IGN {
        // SAFETY: as above.
        unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
    }
    done
}
