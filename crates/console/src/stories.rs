//! `GET /v1/orders/{platform}/{order_id}`: an order's story, by whoever can tell it.
//!
//! Telling one takes reading, so it is done on a thread where waiting hurts nobody, and one at a time.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::routing::get;
use tokio::sync::Semaphore;

/// Whose story is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The order's platform.
    pub platform: String,
    /// The order's id on it.
    pub order_id: String,
    /// Only in this pool.
    pub pool: Option<String>,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The story, in JSON.
    Story(String),
    /// Nothing is known of the order: a sentence.
    Unknown(String),
    /// It can't be told now: a sentence.
    Unable(String),
}

/// Tells stories. It may take a while.
pub type Tell = dyn Fn(&Asked) -> Answer + Send + Sync;

/// Tells one story at a time.
struct Stories {
    tell: Arc<Tell>,
    turns: Arc<Semaphore>,
}

/// The route.
pub(crate) fn routes(tell: Arc<Tell>) -> Router {
    let stories = Arc::new(Stories { tell, turns: Arc::new(Semaphore::new(1)) });
    Router::new().route("/v1/orders/{platform}/{order_id}", get(story)).with_state(stories)
}

type Reply = (StatusCode, [(HeaderName, &'static str); 1], String);

async fn story(
    State(stories): State<Arc<Stories>>,
    Path((platform, order_id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Reply {
    let pool = match pool_of(query.as_deref().unwrap_or_default()) {
        Ok(pool) => pool,
        Err(why) => return refused(StatusCode::BAD_REQUEST, "bad_query", why),
    };
    let Ok(turn) = Arc::clone(&stories.turns).try_acquire_owned() else {
        let busy = "another order's story is being told; ask again in a moment";
        return refused(StatusCode::SERVICE_UNAVAILABLE, "busy", busy);
    };
    let (tell, asked) = (Arc::clone(&stories.tell), Asked { platform, order_id, pool });
    // Whoever asked may go away; the turn lasts until the telling has ended.
    let telling = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        tell(&asked)
    });
    match telling.await {
        Ok(Answer::Story(story)) => json(StatusCode::OK, story),
        Ok(Answer::Unknown(why)) => refused(StatusCode::NOT_FOUND, "unknown_order", &why),
        Ok(Answer::Unable(why)) => refused(StatusCode::SERVICE_UNAVAILABLE, "unavailable", &why),
        Err(_) => refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "failed",
            "the story could not be told; the process's standard error says why",
        ),
    }
}

/// An error for programs and people: a word and a sentence.
fn refused(status: StatusCode, code: &str, why: &str) -> Reply {
    json(status, serde_json::json!({"error": code, "message": why}).to_string())
}

fn json(status: StatusCode, body: String) -> Reply {
    (status, [(header::CONTENT_TYPE, "application/json")], body)
}

/// The pool that a query names.
fn pool_of(query: &str) -> Result<Option<String>, &'static str> {
    let mut pool = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if name != "pool" {
            return Err("the one thing that can be asked for is ?pool=POOL");
        }
        pool = Some(decoded(value).ok_or("the pool is not percent-encoded UTF-8")?);
    }
    Ok(pool)
}

/// Takes the percent-encoding off.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'%' => {
                let digits = std::str::from_utf8(after.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &after[2..];
            }
            b'+' => bytes.push(b' '),
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_one_pool_or_none() {
        assert_eq!(pool_of(""), Ok(None));
        assert_eq!(pool_of("pool=hexi-oranges"), Ok(Some("hexi-oranges".into())));
        assert_eq!(pool_of("pool=%E7%BA%A2+a%2Fb"), Ok(Some("红 a/b".into())));
        assert!(pool_of("pool=%E7").is_err());
        assert!(pool_of("pool=%4").is_err());
        assert!(pool_of("poll=x").is_err());
    }
}
