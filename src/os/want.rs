//! What a program says when it gets no memory: a sentence and an exit code, where Rust ends it by an abort.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the system has refused memory to this process.
static REFUSED: AtomicBool = AtomicBool::new(false);
const SAID: &[u8] =
    b"fraudbench: there is no memory left for this process: raise its limit (`ulimit -v`), free some, or run fewer \
                      threads; records that were written stay\n";

/// The system's allocator, which takes note when memory is refused, so that [`tell_want_of_memory`] knows why the program ends.
#[derive(Debug)]
pub struct Allocator;

fn noted(place: *mut u8) -> *mut u8 {
    if place.is_null() {
        REFUSED.store(true, Ordering::Relaxed);
    }
    place
}

// SAFETY: everything is the system's allocator's; nothing is allocated to take note.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract, which is the same.
        noted(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        noted(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        noted(unsafe { System.realloc(place, layout, size) })
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) };
    }
}

/// Asks for more memory than packing a file takes, and gives it back: zlib-rs panics without it, where a vector ends this process with a
/// sentence.
pub fn ask_to_pack() {
    const BYTES: usize = 1 << 20;
    // Or the compiler sees that nobody uses it.
    drop(std::hint::black_box(Vec::<u8>::with_capacity(BYTES)));
}

/// Has this process end with a sentence and exit code 2 when it would abort for want of memory. Of use where [`Allocator`] is the
/// program's allocator; for the run's process, as a worker's abort is told by the run.
pub fn tell_want_of_memory() {
    extern "C" fn aborts(_: libc::c_int) {
        if REFUSED.load(Ordering::Relaxed) {
            // SAFETY: both may be called in a signal handler; the bytes are static.
            unsafe {
                libc::write(2, SAID.as_ptr().cast(), SAID.len());
                libc::_exit(2);
            }
        }
    }
    let handler: extern "C" fn(libc::c_int) = aborts;
    // SAFETY: the handler does what may be done in one, and returns to the abort that it came from otherwise.
    unsafe { libc::signal(libc::SIGABRT, handler as libc::sighandler_t) };
}
