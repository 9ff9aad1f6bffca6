//! The terminal that somebody reads in.

use std::os::fd::{AsRawFd, RawFd};

/// Columns of the terminal that standard output leads to; none where it is no terminal, or one that does not tell.
pub(crate) fn columns() -> Option<usize> {
    columns_of(std::io::stdout().as_raw_fd())
}

fn columns_of(out: RawFd) -> Option<usize> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the call fills one structure, which lives as long as the call.
    let said = unsafe { libc::ioctl(out, libc::TIOCGWINSZ, &raw mut size) };
    (said == 0 && size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(test)]
mod tests {
    use std::os::fd::{FromRawFd, OwnedFd};

    use super::*;

    #[test]
    fn a_terminal_has_columns_and_a_file_has_none() {
        let (mut ours, mut theirs) = (0, 0);
        let mut size = libc::winsize { ws_row: 24, ws_col: 63, ws_xpixel: 0, ws_ypixel: 0 };
        let nothing = std::ptr::null_mut();
        // SAFETY: both numbers and the size are filled or read during the call alone; no name and no settings are asked for.
        let made = unsafe { libc::openpty(&raw mut ours, &raw mut theirs, nothing, nothing.cast(), &raw mut size) };
        assert_eq!(made, 0);
        // SAFETY: the call has opened both, and nobody else has them.
        let both = unsafe { [OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)] };
        assert_eq!(columns_of(both[1].as_raw_fd()), Some(63));
        let file = tempfile::tempfile().unwrap();
        assert_eq!(columns_of(file.as_raw_fd()), None);
    }
}
