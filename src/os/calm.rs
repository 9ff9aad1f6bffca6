//! Libraries that panic on input that is broken.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static IS_CALM: Cell<bool> = const { Cell::new(false) };
}

/// Runs a library's code on this thread; what it panics with is returned, and nothing of it is shown.
pub(crate) fn calmly<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |info| {
            if !IS_CALM.get() {
                usual(info);
            }
        }));
    });
    let before = IS_CALM.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    IS_CALM.set(before);
    done.map_err(|payload| panic_words(payload.as_ref()).to_owned())
}

/// What a panic said.
pub(crate) fn panic_words(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_the_next_one_is_shown_again() {
        assert_eq!(calmly(|| 3), Ok(3));
        assert_eq!(calmly(|| -> i32 { panic!("row {}", 7) }), Err("row 7".to_owned()));
        assert_eq!(calmly(|| calmly(|| panic!("inner")).is_err() && IS_CALM.get()), Ok(true));
        assert!(!IS_CALM.get());
    }
}
