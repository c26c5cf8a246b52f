//! Scripts as they are written: a step, an arrow, the answer; `#` and empty lines for people.

use std::{fs, path::PathBuf};

use crate::step::Step;

/// What stands between a step and its answer.
const ARROW: &str = " -> ";
/// Where the arrows stand.
const STEP_WIDTH: usize = 36;

/// A script.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its file's name without the ending: it is unique, so topics and groups are called after it.
    pub name: String,
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
enum Line {
    /// For people.
    Text(String),
    Step(Written),
}

/// A step as it is written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its words.
    pub text: String,
    /// What they mean.
    pub step: Step,
    /// What must be answered.
    pub answers: Answers,
}

/// What must be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answers {
    /// The same by both.
    Both(String),
    /// The model leaves something out, and the script says why.
    Apart {
        /// What a real Kafka answers.
        kafka: String,
        /// What the model answers.
        model: String,
    },
}

impl Answers {
    /// What a real Kafka answers.
    #[must_use]
    pub fn kafka(&self) -> &str {
        match self {
            Self::Both(answer) | Self::Apart { kafka: answer, .. } => answer,
        }
    }

    /// What the model answers.
    #[must_use]
    pub fn model(&self) -> &str {
        match self {
            Self::Both(answer) | Self::Apart { model: answer, .. } => answer,
        }
    }

    fn parse(text: &str) -> Self {
        let apart = text
            .strip_prefix("kafka: ")
            .and_then(|rest| rest.split_once("; model: "))
            .map(|(kafka, model)| Self::Apart { kafka: kafka.to_owned(), model: model.to_owned() });
        apart.unwrap_or_else(|| Self::Both(text.to_owned()))
    }

    fn text(&self) -> String {
        match self {
            Self::Both(answer) => answer.clone(),
            Self::Apart { kafka, model } => format!("kafka: {kafka}; model: {model}"),
        }
    }
}

/// All scripts, by name.
///
/// # Panics
/// One of them can't be read.
#[must_use]
pub fn all() -> Vec<Script> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the scripts lie beside this crate")
        .map(|entry| entry.expect("the scripts' folder can be read").path())
        .collect();
    files.sort();
    let read = |file: &PathBuf| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(file).expect("a script can be read");
        Script::parse(&name, &text).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
    };
    files.iter().map(read).collect()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scripts")
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// The first line that is none, and why.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut lines: Vec<Line> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let wrong = |why: &str| format!("line {}: {why}: {line}", number + 1);
            if line.is_empty() || line.starts_with('#') {
                lines.push(Line::Text(line.to_owned()));
                continue;
            }
            // An answer that is not known yet: the model writes it.
            let (text, answer) = line.split_once(ARROW.trim_end()).unwrap_or((line, ""));
            let step = Step::parse(text).ok_or_else(|| wrong("no such step"))?;
            let answers = Answers::parse(answer.trim());
            let said = matches!(lines.last(), Some(Line::Text(text)) if text.starts_with('#'));
            if matches!(answers, Answers::Apart { .. }) && !said {
                return Err(wrong("the answers differ, and the line above does not say why"));
            }
            lines.push(Line::Step(Written { text: text.trim().to_owned(), step, answers }));
        }
        Ok(Self { name: name.to_owned(), lines })
    }

    /// The steps.
    pub fn steps(&self) -> impl Iterator<Item = &Written> {
        self.lines.iter().filter_map(|line| match line {
            Line::Step(written) => Some(written),
            Line::Text(_) => None,
        })
    }

    /// The script as it is written.
    #[must_use]
    pub fn text(&self) -> String {
        let line = |line: &Line| match line {
            Line::Text(text) => format!("{text}\n"),
            Line::Step(Written { text, answers, .. }) => {
                format!("{text:<STEP_WIDTH$}{ARROW}{}\n", answers.text())
            }
        };
        self.lines.iter().map(line).collect()
    }

    /// The same script with the answers of one of the two in the order of the steps; what comes after the last answer
    /// was not played.
    #[must_use]
    pub fn answered(&self, given: &[String], by_model: bool) -> Self {
        let (mut script, mut given) = (self.clone(), given.iter());
        for line in &mut script.lines {
            let Line::Step(Written { answers, .. }) = line else { continue };
            let Some(new) = given.next() else { break };
            match answers {
                Answers::Both(answer) => answer.clone_from(new),
                Answers::Apart { model, .. } if by_model => model.clone_from(new),
                Answers::Apart { kafka, .. } => kafka.clone_from(new),
            }
        }
        script
    }

    /// Writes it where it was read.
    ///
    /// # Panics
    /// The file can't be written.
    pub fn save(&self) {
        let file = folder().join(format!("{}.txt", self.name));
        fs::write(file, self.text()).expect("a script can be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_differ_need_a_reason_above_them() {
        let apart = "A commit -> kafka: state; model: ok\n";
        assert!(Script::parse("s", apart).is_err());
        assert!(Script::parse("s", &format!("# Because.\n{apart}")).is_ok());
        assert!(Script::parse("s", "A dance -> ok\n").is_err());
    }

    #[test]
    fn a_script_is_written_as_it_was_read() {
        let text = "# A story.\n\nA init lane-0                        -> ok\n\
                    read orders/0 from 0                 -> 0:a=1\n";
        let script = Script::parse("s", text).unwrap();
        assert_eq!(script.text(), text);
        let given = ["ok".to_owned(), "nothing".to_owned()];
        assert!(script.answered(&given, true).text().contains("-> nothing"));
    }
}
