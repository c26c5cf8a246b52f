//! The main job, read back by Kafka's own console consumer, which shares no code with us.

use fixture::foreign;

use crate::{
    deployment::Deployment,
    expected::{self, Told},
    story,
};

#[test]
fn an_evening_comes_out_once_before_foreign_eyes() {
    let Some(deployment) = Deployment::new("evening", 2) else { return };
    let story = story::past_evening(11, 4);
    let home = |pool: &str| lane::home(pool, 2);
    story::publish(&deployment, &deployment.writer(), &story, home);
    let expected = expected::of(&deployment, &story::lines(&story.0));
    assert!(expected.decisions.len() > 1000 && !expected.dead.is_empty());

    let readers: Vec<_> = Told::TOPICS
        .into_iter()
        .map(|topic| {
            let bootstrap = deployment.kafka.bootstrap();
            let reader = foreign::Reader::start(
                deployment.kafka.jars(),
                &bootstrap,
                &deployment.topic(topic),
            );
            (topic, reader.expect("java runs"))
        })
        .collect();
    let service = deployment.run("one", &[]);
    let patience = clients::PATIENCE;
    let mut told = Told::default();
    for (topic, reader) in &readers {
        let enough = expected.count(topic);
        let counts = |seen: &foreign::Record| !seen.value.contains(r#""type":"input_rejected""#);
        let enough =
            |seen: &[foreign::Record]| seen.iter().filter(|seen| counts(seen)).count() >= enough;
        for record in reader.until(patience, topic, enough) {
            told.add(topic, &record.value);
        }
    }
    expected::same(told, &expected);
    assert!(service.stop().success(), "it ends in order");
}
