//! What the configured bounds of memory come to, for whoever sets them.

use crate::config::Settings;
use crate::exit::Failure;

/// So many lanes and standbys a process is shown with.
const SHOWN: [u64; 5] = [1, 4, 8, 16, 32];

/// In words, a line each; refused where not even one lane has memory for its state.
pub(crate) fn plan(settings: &Settings) -> Result<String, Failure> {
    let budget = settings.driver().budget();
    let (most, beside) = (budget.lanes_max(), bytes(budget.beside()));
    if most == 0 {
        return Err(Failure::unusable(format!(
            "bounds.memory is {}, and a lane takes up to {beside} beside its state: raise it, or lower bounds.fetch_ahead and bounds.batch_bytes",
            bytes(budget.memory)
        )));
    }
    let room = |lanes: u64| format!("{} with {lanes}", bytes(budget.room(lanes)));
    let shown: Vec<String> = SHOWN.into_iter().filter(|lanes| *lanes <= most).map(room).collect();
    Ok(format!(
        "bounds.memory {}: each partition that a process has or follows takes up to {beside} beside its state;\n\
         that leaves for the state of all of them: {}; {most} at most\n",
        bytes(budget.memory),
        shown.join(", "),
    ))
}

fn bytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}
