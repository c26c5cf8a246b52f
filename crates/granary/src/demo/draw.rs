//! The evening as a page in the terminal: stock going down, orders a second, alerts, decisions.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Padding, Paragraph, Sparkline};

use super::scene::{AlertNews, DecisionNews, Scene};
use super::shelf;

/// What stays the same during an evening.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Which broker it runs on.
    pub(crate) broker: String,
    /// A command that shows the topics from outside.
    pub(crate) look_in: String,
    /// How many records will be published, as far as that is known.
    pub(crate) goal: u64,
}

// A few quiet colours of the terminal's own palette, so that light and dark themes both stay readable.
pub(super) const AVAILABLE: Color = Color::Green;
pub(super) const RESERVED: Color = Color::Yellow;
pub(super) const ALLOCATED: Color = Color::Blue;
pub(super) const GONE: Color = Color::DarkGray;

/// Columns of the page from which on the stock may have all its numbers.
const ROOMY: u16 = 130;

/// Draws the whole page.
pub(crate) fn draw(frame: &mut Frame<'_>, scene: &Scene, place: &Place) {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(3), Constraint::Fill(1), Constraint::Length(2)])
            .areas(frame.area());
    let stock = if body.width >= ROOMY { shelf::WIDE } else { shelf::NARROW };
    let [left, right] =
        Layout::horizontal([Constraint::Max(stock), Constraint::Fill(1)]).areas(body);
    let [rate, alerts, decisions] =
        Layout::vertical([Constraint::Length(7), Constraint::Percentage(40), Constraint::Fill(1)])
            .areas(right);
    header(frame, head, scene, place);
    shelf::draw(frame, left, scene);
    rates(frame, rate, scene);
    news(frame, alerts, " alerts ", scene.alert_news.iter().rev().map(alert_line));
    news(frame, decisions, " decisions ", scene.decision_news.iter().rev().map(decision_line));
    footer(frame, foot, place);
}

fn header(frame: &mut Frame<'_>, area: Rect, scene: &Scene, place: &Place) {
    let seconds = scene.elapsed.as_secs();
    let clock = format!("{}:{:02}", seconds / 60, seconds % 60);
    let title = Line::from(vec![
        " Granary ".bold(),
        "an evening in one county".into(),
        "   ".into(),
        clock.bold(),
        format!("   on {}", place.broker).dim(),
    ]);
    let width = usize::from(area.width.saturating_sub(4));
    let done = ratio(scene.published, place.goal.max(scene.published), width);
    let progress = Line::from(vec![
        " ".into(),
        Span::styled("━".repeat(done), Style::new().fg(AVAILABLE)),
        Span::styled("─".repeat(width - done), Style::new().fg(GONE)),
    ]);
    frame.render_widget(Paragraph::new(vec![Line::default(), title, progress]), area);
}

fn footer(frame: &mut Frame<'_>, area: Rect, place: &Place) {
    let look = Line::from(vec![" look in from outside: ".dim(), place.look_in.clone().into()]);
    let keys = Line::from(vec![" q".bold(), " ends the evening".dim()]);
    frame.render_widget(Paragraph::new(vec![look, keys]), area);
}

fn rates(frame: &mut Frame<'_>, area: Rect, scene: &Scene) {
    let block = panel(" decisions, second by second ");
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let [figures, chart] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(inner);
    // The second that runs has only begun; the one before it is whole.
    let now = scene.rate.iter().rev().nth(1).copied().unwrap_or_default();
    let line = Line::from(vec![
        format!("{:>3}", now.orders).bold(),
        " orders/s ".dim(),
        format!("{:>3}", now.decisions).bold(),
        " decisions/s   ".dim(),
        scene.published.to_string().bold(),
        " events   ".dim(),
        scene.standing.len().to_string().bold(),
        " orders".dim(),
    ]);
    frame.render_widget(Paragraph::new(line), figures);
    let width = usize::from(chart.width);
    let skip = scene.rate.len().saturating_sub(width);
    let data: Vec<u64> = scene.rate.iter().skip(skip).map(|second| second.decisions).collect();
    frame.render_widget(Sparkline::default().data(&data).style(Style::new().fg(ALLOCATED)), chart);
}

fn news<'a>(
    frame: &mut Frame<'_>,
    area: Rect,
    title: &'static str,
    lines: impl Iterator<Item = Line<'a>>,
) {
    let block = panel(title);
    let height = usize::from(block.inner(area).height);
    frame.render_widget(Paragraph::new(lines.take(height).collect::<Vec<_>>()).block(block), area);
}

fn alert_line(alert: &AlertNews) -> Line<'_> {
    let style = match alert.severity.as_str() {
        "critical" => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
        "warning" => Style::new().fg(Color::Yellow),
        _ => Style::new().fg(Color::Gray),
    };
    Line::from(vec![stamp(alert.at), Span::styled("● ", style), Span::from(alert.message.as_str())])
}

fn decision_line(decision: &DecisionNews) -> Line<'_> {
    let style = match decision.outcome.as_str() {
        "allocated" | "handed_over" => Style::new().fg(AVAILABLE),
        "reserved" => Style::new().fg(RESERVED),
        "refused" | "conflict" | "rejected" => Style::new().fg(Color::Red),
        "waitlisted" | "backordered" => Style::new().fg(Color::Magenta),
        _ => Style::new().fg(GONE),
    };
    let why = match decision.reason.as_str() {
        "ok" | "" => String::new(),
        reason => format!(" ({reason})"),
    };
    Line::from(vec![
        stamp(decision.at),
        Span::styled(format!("{:<11}", decision.outcome.replace('_', " ")), style),
        format!("{} {} ", decision.platform, decision.order_id).into(),
        decision.what.as_str().dim(),
        why.dim(),
    ])
}

fn stamp(at: std::time::Duration) -> Span<'static> {
    format!("{}:{:02} ", at.as_secs() / 60, at.as_secs() % 60).dim()
}

pub(super) fn panel(title: &'static str) -> Block<'static> {
    Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(Style::new().fg(GONE))
        .title(Span::styled(title, Style::new().add_modifier(Modifier::BOLD)))
        .padding(Padding::horizontal(1))
}

/// `part` of `whole`, in cells of `width`, rounded down.
pub(super) fn ratio(part: u64, whole: u64, width: usize) -> usize {
    let cells = u128::from(part) * (width as u128) / u128::from(whole.max(1));
    usize::try_from(cells).unwrap_or(width).min(width)
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use serde_json::json;

    use super::super::scene::OutputTopic;
    use super::*;

    fn place() -> Place {
        Place { broker: "a test".to_owned(), look_in: "kcat -b here".to_owned(), goal: 10 }
    }

    fn page(scene: &Scene, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, scene, &place())).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn the_page_shows_stock_alerts_and_decisions() {
        let mut scene = Scene::default();
        let mut read =
            |topic, value: serde_json::Value| scene.read(topic, value.to_string().as_bytes(), None);
        let level = json!({"pool": "hexi", "sku": "kiwi-12", "received": 40, "available": 0, "reserved": 10,
            "allocated": 30, "sold_out": true, "waitlisted": 3});
        read(OutputTopic::Levels, level);
        let alert = json!({"type": "oversold", "severity": "critical", "message": "3 too many"});
        read(OutputTopic::Alerts, alert);
        let decision = json!({"platform": "douyin", "pool": "hexi", "order_id": "77", "outcome": "waitlisted",
            "reason": "short", "lines": [{"sku": "kiwi-12", "quantity": 3}]});
        read(OutputTopic::Decisions, decision);
        let page = page(&scene, 140, 40);
        for seen in [
            "sold out  3 waited for  kiwi-12",
            "3 too many",
            "waitlisted",
            "douyin 77",
            "(short)",
            "kcat -b here",
        ] {
            assert!(page.contains(seen), "{seen} is not on\n{page}");
        }
    }

    #[test]
    fn a_small_terminal_is_no_failure() {
        for (width, height) in [(1, 1), (20, 5), (80, 24)] {
            page(&Scene::default(), width, height);
        }
    }
}
