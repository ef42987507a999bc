//! Counts what is asked of the allocator: work and memory as numbers that do not depend on the machine.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
}

/// Bytes in use by all threads.
static IN_USE: AtomicUsize = AtomicUsize::new(0);
/// What they may be at most.
static CAP: AtomicUsize = AtomicUsize::new(usize::MAX);

/// The allocator of the system, counted. A test binary or fuzz runner makes it its global one.
pub struct Counting;

/// What a piece of work asked of the allocator, on its own thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Bytes of all allocations together, whether given back or not: how much was written.
    pub bytes: u64,
    /// The most bytes in use at once, beyond those at the start.
    pub peak: u64,
}

/// Runs work and counts what it asks for on this thread.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, Asked) {
    let (asked, held) = (ASKED.get(), HELD.get());
    PEAK.set(held);
    let done = work();
    (done, Asked { bytes: ASKED.get() - asked, peak: u64::try_from(PEAK.get() - held).unwrap_or(0) })
}

/// From now on no more than so many bytes beyond those in use are given out, over all threads together. Who asks for
/// more gets none, which ends the program.
pub fn cap(bytes: usize) {
    CAP.store(IN_USE.load(Relaxed).saturating_add(bytes), Relaxed);
}

/// Counts a request; whether it may be granted.
fn take(bytes: usize) -> bool {
    ASKED.set(ASKED.get() + bytes as u64);
    HELD.set(HELD.get() + bytes as i64);
    PEAK.set(PEAK.get().max(HELD.get()));
    let before = IN_USE.fetch_add(bytes, Relaxed);
    // A panic or an abort needs a little, too.
    const SMALL: usize = 64 << 10;
    bytes <= SMALL || before.saturating_add(bytes) <= CAP.load(Relaxed)
}

fn give_back(bytes: usize) {
    HELD.set(HELD.get() - bytes as i64);
    IN_USE.fetch_sub(bytes, Relaxed);
}

#[expect(unsafe_code, reason = "hands every call on as it is, or refuses it; counting is safe in itself")]
// SAFETY: all contracts are those of the allocator of the system, which gets the same arguments; a null pointer is how
// an allocator refuses.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            give_back(layout.size());
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            give_back(layout.size());
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, len: usize) -> *mut u8 {
        if !take(len) {
            give_back(len);
            return std::ptr::null_mut();
        }
        give_back(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(start, layout, len) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        give_back(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(start, layout) }
    }
}
