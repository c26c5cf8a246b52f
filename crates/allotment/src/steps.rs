//! What a decision looks at, counted in tests: how work grows with what there is shows in counts, not in time.

#[cfg(test)]
extern crate std;

/// One more thing was looked at, in what may be a walk over many.
#[cfg(not(test))]
pub(crate) const fn step() {}

#[cfg(test)]
std::thread_local! {
    static STEPS: core::cell::Cell<u64> = const { core::cell::Cell::new(0) };
}

/// One more thing was looked at, in what may be a walk over many.
#[cfg(test)]
pub(crate) fn step() {
    STEPS.set(STEPS.get() + 1);
}

/// How many steps `act` takes.
#[cfg(test)]
pub(crate) fn steps_of(act: impl FnOnce()) -> u64 {
    let before = STEPS.get();
    act();
    STEPS.get() - before
}
