//! An allocator that counts and hands on.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sizes that are told apart; what is larger counts by powers of two.
const EXACT: usize = 16_384;
const SIZES: usize = EXACT + 48;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static OUTSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Blocks that are in use, by size.
static BLOCKS: [AtomicI64; SIZES] = [const { AtomicI64::new(0) }; SIZES];
/// Blocks that were ever made, by size.
static EVER: [AtomicI64; SIZES] = [const { AtomicI64::new(0) }; SIZES];
static BYTES: AtomicI64 = AtomicI64::new(0);

struct Counting;

fn size(layout: Layout) -> usize {
    if layout.size() < EXACT { layout.size() } else { EXACT + layout.size().ilog2() as usize }
}

fn book(layout: Layout, sign: i64) {
    if !OUTSIDE.try_with(Cell::get).unwrap_or(true) {
        BLOCKS[size(layout)].fetch_add(sign, Ordering::Relaxed);
        BYTES.fetch_add(sign * layout.size() as i64, Ordering::Relaxed);
        EVER[size(layout)].fetch_add(sign.max(0), Ordering::Relaxed);
    }
}

#[expect(unsafe_code, reason = "an allocator cannot be written without; it counts and hands on")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        book(layout, 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        book(layout, -1);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of this thread while it does some work.
pub(crate) fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.get();
    work();
    COUNT.get() - before
}

/// Tests of this binary take turns: what they count is the process's.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on this thread is somebody else: what it allocates is not the house's.
pub(crate) fn step_outside() {
    OUTSIDE.set(true);
}

/// What the house holds, at one moment.
pub(crate) struct Held {
    blocks: Vec<i64>,
    ever: Vec<i64>,
    pub(crate) bytes: i64,
}

impl Held {
    pub(crate) fn now() -> Self {
        let all = |of: &[AtomicI64; SIZES]| of.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        Self { blocks: all(&BLOCKS), ever: all(&EVER), bytes: BYTES.load(Ordering::Relaxed) }
    }

    /// How many blocks were made since `before` of the size that was made most often, and that size.
    pub(crate) fn most_often(&self, before: &Self) -> (i64, usize) {
        let made = self.ever.iter().zip(&before.ever).map(|(now, then)| now - then);
        made.zip(0..).max().unwrap_or_default()
    }

    /// What each of `streams` holds more than `before`, block by block, the largest first.
    pub(crate) fn table(&self, before: &Self, streams: usize) -> String {
        let each = |count: i64| count as f64 / streams as f64;
        let mut rows: Vec<(f64, usize, f64)> = Vec::new();
        for (size, (now, then)) in self.blocks.iter().zip(&before.blocks).enumerate() {
            let length = if size < EXACT { size } else { 3 << (size - EXACT) >> 1 };
            rows.push((each(now - then) * length as f64, length, each(now - then)));
        }
        rows.retain(|(bytes, ..)| *bytes >= 16.0);
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut table = format!("{:.0} bytes a stream\n", each(self.bytes - before.bytes));
        for (bytes, length, count) in rows.iter().take(40) {
            let _ = writeln!(table, "{bytes:>10.0}  {count:>7.2} of {length}");
        }
        table
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(7)))), 1);
}
