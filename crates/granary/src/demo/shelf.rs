//! The stock on the page: what is sold tonight, each with a bar that goes down.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::draw::{ALLOCATED, AVAILABLE, GONE, RESERVED, panel, ratio};
use super::scene::{Level, Scene};

/// Columns of the panel with all numbers.
pub(super) const WIDE: u16 = 74;
/// Columns of the panel with the most important ones.
pub(super) const NARROW: u16 = 52;

// Each part of a bar has a colour and a grain, so that it can be told apart without colours too.
const GRAINS: [&str; 4] = ["█", "▓", "▒", "░"];
/// Columns of a bar on a line of its own, and of one before a name.
const BAR: [usize; 2] = [28, 14];

/// Draws the stock of the pool that sells.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, scene: &Scene) {
    let legend = Line::from(vec![
        " ".into(),
        Span::styled("█", AVAILABLE),
        " available  ".dim(),
        Span::styled("▓", RESERVED),
        " reserved  ".dim(),
        Span::styled("▒", ALLOCATED),
        " allocated  ".dim(),
        Span::styled("░", GONE),
        " gone ".dim(),
    ]);
    let block = panel(" stock ").title_bottom(legend);
    let room = block.inner(area);
    let goods: Vec<_> = scene.shelf.iter().filter(|((pool, _), _)| *pool == scene.pool).collect();
    let two_lines = usize::from(room.height) >= 2 * goods.len();
    let mut lines = Vec::new();
    for ((_, sku), level) in goods {
        let name = name(scene, sku, level);
        if two_lines {
            lines.push(Line::from(name));
            lines.push(Line::from(
                [bar(level, BAR[0]), numbers(level, room.width >= WIDE - 4)].concat(),
            ));
        } else {
            lines.push(Line::from([bar(level, BAR[1]), numbers(level, false), name].concat()));
        }
    }
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

/// What it is called, and what a person must know of it.
fn name(scene: &Scene, sku: &str, level: &Level) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    if level.sold_out {
        let alarm = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        spans.push(Span::styled("sold out  ", alarm));
    }
    if level.waitlisted > 0 {
        spans.push(Span::styled(format!("{} waited for  ", level.waitlisted), Color::Magenta));
    }
    spans.push(Span::from(scene.names.get(sku).map_or_else(|| sku.to_owned(), Clone::clone)));
    spans
}

fn numbers(level: &Level, all: bool) -> Vec<Span<'static>> {
    let available = Span::styled(format!(" {:>4}", level.available), Style::new().fg(AVAILABLE));
    let of = format!(" of {:<4} ", level.came()).dim();
    let rest = format!("{:>3} reserved {:>4} allocated", level.reserved, level.allocated).dim();
    if all { vec![available, of, rest] } else { vec![available, of] }
}

/// The bar, cut so that its parts never come to more than its whole, and none that is there is invisible.
fn bar(level: &Level, width: usize) -> Vec<Span<'static>> {
    let parts = [
        (level.available, AVAILABLE),
        (level.reserved, RESERVED),
        (level.allocated, ALLOCATED),
        (level.handed_over + level.removed + level.awaiting, GONE),
    ];
    let mut left = width;
    let mut spans = Vec::new();
    for ((units, color), grain) in parts.into_iter().zip(GRAINS) {
        let cells = ratio(units, level.came(), width).max(usize::from(units > 0)).min(left);
        left -= cells;
        spans.push(Span::styled(grain.repeat(cells), color));
    }
    spans.push(Span::from(" ".repeat(left)));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_never_longer_than_its_whole() {
        let level = Level {
            received: 1000,
            available: 1,
            reserved: 1,
            allocated: 1,
            removed: 997,
            ..Level::default()
        };
        let cells: usize = bar(&level, 28).iter().map(|span| span.content.chars().count()).sum();
        assert_eq!(cells, 28);
    }
}
