//! Finds the few inputs that a failure needs.

use allotment::Input;

/// Drops inputs as long as what is left still fails: halves first, then ever smaller pieces, then one by one.
pub fn shrink(inputs: &[Input], fails: &mut dyn FnMut(&[Input]) -> bool) -> Vec<Input> {
    let mut left = inputs.to_vec();
    let mut piece = left.len().div_ceil(2).max(1);
    loop {
        let before = left.len();
        let mut at = 0;
        while at < left.len() {
            let mut fewer = left.clone();
            fewer.drain(at..(at + piece).min(left.len()));
            if fails(&fewer) {
                left = fewer;
            } else {
                at += piece;
            }
        }
        if piece == 1 && left.len() == before {
            return left;
        }
        piece = (piece / 2).max(1);
    }
}
