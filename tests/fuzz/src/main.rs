//! libFuzzer's door: feeds the target that the variable `GRANARY_FUZZ` names.
#![no_main]

use std::sync::OnceLock;

use fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("GRANARY_FUZZ").expect("`cargo xtask fuzz` names the target");
        fuzz::target(&name).expect("`cargo xtask fuzz` names a target that exists")
    });
    (target.feed)(bytes);
});
