//! Signals that who began the process wants to be ignored: `nohup` has hangups ignored, a script Ctrl-C for what it runs beside
//! itself.

use libc::c_int;

/// Lets `listen` set handlers of signals; hangups stay ignored where they were.
pub(crate) fn past_hangups<T>(listen: impl FnOnce() -> T) -> T {
    past(&[libc::SIGHUP], listen)
}

/// The same, and all that ends a process stays ignored where it was.
pub(crate) fn past_ignored<T>(listen: impl FnOnce() -> T) -> T {
    past(&[libc::SIGINT, libc::SIGTERM, libc::SIGHUP], listen)
}

fn past<T>(signals: &[c_int], listen: impl FnOnce() -> T) -> T {
    let ignored: Vec<c_int> = signals.iter().copied().filter(|&signal| is_ignored(signal)).collect();
    let done = listen();
    for signal in ignored {
        // SAFETY: it only sets what the signal does, to what is always allowed.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    done
}

fn is_ignored(signal: c_int) -> bool {
    let mut now = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action it only writes the present one, into room for one, which is valid all zeros.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), now.as_mut_ptr()) == 0
            && now.assume_init().sa_sigaction == libc::SIG_IGN
    }
}
