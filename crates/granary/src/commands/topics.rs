//! `granary topics create` and `granary topics check`.

use driver::topics;

use crate::cli::{CreateArgs, TopicsCommand};
use crate::exit::Failure;
use crate::output::say;

/// Makes or checks the topics of a deployment.
pub(crate) fn run(command: &TopicsCommand) -> Result<(), Failure> {
    match command {
        TopicsCommand::Create(args) => create(args),
        TopicsCommand::Check(args) => {
            let settings = args.settings()?;
            let names = settings.topic_names();
            let checked =
                topics::check(&settings.connection(), &names).map_err(Failure::working)?;
            let on_replay = checked.advice_on_replay(&names, settings.checkpoints.interval);
            for advice in checked.advice.iter().chain(&on_replay) {
                say(format_args!("advice: {advice}"))?;
            }
            let (count, partitions) = (names.iter().count(), checked.partitions);
            say(format_args!("{count} topics with {partitions} partitions each, as they must be"))
        }
    }
}

fn create(args: &CreateArgs) -> Result<(), Failure> {
    let settings = args.config.settings()?;
    let created = topics::create(
        &settings.connection(),
        &settings.topic_names(),
        args.partitions,
        args.replication,
    )
    .map_err(Failure::working)?;
    for topic in created {
        let what = if topic.new { "created" } else { "existed, and is as it must be" };
        say(format_args!("{}: {what}", topic.name))?;
    }
    Ok(())
}
