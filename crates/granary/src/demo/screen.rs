//! Where the evening is shown: a page in the terminal, or plain lines.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};

use super::draw::{Place, draw};
use super::plain::Teller;
use super::scene::Scene;

/// How often a page is drawn: smooth to the eye, next to nothing for the machine.
const PAGE_EVERY: Duration = Duration::from_millis(100);
/// How often a line is written.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// A page or lines.
pub(crate) enum Screen {
    /// A page that moves.
    Page(Box<DefaultTerminal>),
    /// Lines, the last one written at this time.
    Lines(Teller, Option<Duration>),
}

impl Screen {
    /// A page where standard output is a terminal that can have one.
    pub(crate) fn open(plain: bool) -> Self {
        let page =
            (!plain && io::stdout().is_terminal()).then(ratatui::try_init).and_then(Result::ok);
        page.map_or_else(
            || Self::Lines(Teller::default(), None),
            |terminal| Self::Page(Box::new(terminal)),
        )
    }

    /// How long to wait for news before the next look.
    pub(crate) const fn pause(&self) -> Duration {
        PAGE_EVERY
    }

    /// Shows the scene. True if the person wants to leave.
    pub(crate) fn show(&mut self, scene: &Scene, place: &Place) -> io::Result<bool> {
        match self {
            Self::Page(terminal) => {
                terminal.draw(|frame| draw(frame, scene, place))?;
                wants_to_leave()
            }
            Self::Lines(teller, last) => {
                if last.is_none_or(|last| scene.elapsed >= last + LINE_EVERY) {
                    *last = Some(scene.elapsed);
                    io::stdout().write_all(teller.tell(scene).as_bytes())?;
                }
                Ok(false)
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if matches!(self, Self::Page(_)) {
            ratatui::restore();
        }
    }
}

fn wants_to_leave() -> io::Result<bool> {
    while event::poll(Duration::ZERO)? {
        if let Event::Key(key) = event::read()?
            && key.kind == KeyEventKind::Press
        {
            let control_c =
                key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            if control_c || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
