//! The evening as plain lines, for where there is no terminal: a pipe, a log, CI.

use std::fmt::Write;

use super::scene::Scene;

/// Tells what is new, in lines that stand by themselves.
#[derive(Debug, Default)]
pub(crate) struct Teller {
    alerts_told: u64,
}

impl Teller {
    /// One line on where the evening is, and one for each critical alert or sell-out since the last time.
    pub(crate) fn tell(&mut self, scene: &Scene) -> String {
        let mut out = String::new();
        let seconds = scene.elapsed.as_secs();
        let available: u64 = scene.shelf.values().map(|level| level.available).sum();
        let received: u64 = scene.shelf.values().map(|level| level.came()).sum();
        let _ = writeln!(
            out,
            "{:>2}:{:02}  {:>5} events  {:>5} decisions  {:>4} orders  {available:>5} of {received} units available",
            seconds / 60,
            seconds % 60,
            scene.published,
            scene.decisions,
            scene.standing.len(),
        );
        let total: u64 = scene.alerts.values().sum();
        let fresh = usize::try_from(total - self.alerts_told).unwrap_or(usize::MAX);
        let skip = scene.alert_news.len().saturating_sub(fresh);
        for alert in scene.alert_news.iter().skip(skip).filter(|alert| alert.severity != "info") {
            let _ = writeln!(out, "       {:<8} {}", alert.severity, alert.message);
        }
        self.alerts_told = total;
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::OutputTopic;
    use super::*;

    #[test]
    fn each_alert_is_told_once() {
        let (mut scene, mut teller) = (Scene::default(), Teller::default());
        let alert = r#"{"type": "oversold", "severity": "critical", "message": "two too many"}"#;
        scene.read(OutputTopic::Alerts, alert.as_bytes(), None);
        assert!(teller.tell(&scene).contains("critical two too many"));
        assert_eq!(teller.tell(&scene).lines().count(), 1);
    }
}
