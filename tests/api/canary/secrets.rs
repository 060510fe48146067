//! Secrets of the configuration, and those that vendors give.

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::json;

use super::{
    planted::{Planted, assert_unseen, contains, secrets_of},
    settings::{PUSH_TOKEN_IN_QUERY, RECEIVER_TOKEN, every_secret},
    witness::{COLLECTOR_KEY, Witness},
};
use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_seen_anywhere() {
    let (new, old) = (BASE64_STANDARD.encode([0xA7; 32]), BASE64_STANDARD.encode([0x5B; 32]));
    let pair = Authority::new().pair();
    let options = Options { tls: Some(pair.clone()), ..every_secret() };
    let mut service = Witness::start(options, &format!("k2:{new}\nk1:{old}\n")).await;
    let mut planted = secrets_of(&service.config());
    for (name, key) in [("the new key", &new), ("the old key", &old)] {
        planted.push(Planted::new(name, key));
        planted.push(Planted::new(&format!("{name}, decoded"), BASE64_STANDARD.decode(key).expect("base64")));
    }
    planted.push(Planted::new("the receiver's token", RECEIVER_TOKEN));
    planted.push(Planted::new("the key at the collector", COLLECTOR_KEY));
    planted.extend(private_key(&pair.key));
    assert!(planted.iter().len() > 60, "every secret in every form");

    // What the vendor says is recorded: here it says everything that it was sent.
    let secrets = [BASIC, PUSH_TOKEN, OPS_KEY].join(" ");
    service.answer_with(&secrets).await;
    service.deliver(&created(1, "打印机离线")).await;
    knock(&mut service).await;
    push(&mut service).await;
    let token = service.send_as(OPS_KEY, Method::POST, "/ticketviews/stream/tokens", "").await;
    let token = token.str("/token").to_owned();
    assert!(!token.is_empty(), "a token for the stream");
    let wrong = service.url(&format!("/ticketviews/stream?token={token}x"));
    let request = service.app.client.get(wrong);
    service.ask("a stream by a wrong token", request).await;
    service.read_everything("created-1").await;
    service.walk().await;
    service.run_everything().await;
    mistakes(&mut service, &pair, &new).await;
    for kept in ["kept.db", "copied.db"] {
        let kept = service.app.folder.path().join(kept);
        assert_unseen(&planted, "a copy of the store", &std::fs::read(&kept).expect("a copy"));
    }
    let overheard = service.overheard();
    assert!(overheard.len() > 3, "tokens and signatures passed");

    // The one answer that is to show a secret: a stream's token, to whoever asked for it.
    let seen = service.finish().await;
    assert!(contains(&seen.of("the log"), b"listening") && contains(&seen.of("/v1/traces"), b"delivery"));
    for planted in [&planted, &overheard] {
        seen.assert_unseen(planted);
        seen.assert_unstored(planted);
    }
    let log = [Planted::new("a stream's token", &token)];
    assert_unseen(&log, "the log", &seen.of("the log"));
    assert_unseen(&log, "the traces", &seen.of("/v1/traces"));
}

/// A private key as PEM, by its lines and as bytes.
fn private_key(pem: &str) -> Vec<Planted> {
    let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let bytes = BASE64_STANDARD.decode(lines.concat()).expect("base64");
    let lines = lines.into_iter().map(|line| Planted::new("the private key", line));
    lines.chain([Planted::new("the private key, decoded", bytes)]).collect()
}

/// Secrets that are written wrong: whoever is told so is not told them.
async fn mistakes(service: &mut Witness, pair: &Pair, key: &str) {
    let folder = service.app.folder.path().to_owned();
    let wrong = |name: &str, text: String| {
        let file = folder.join(name);
        std::fs::write(&file, text).expect("a file of the test's folder");
        file.display().to_string()
    };
    let cut = wrong("cut.key", pair.key.replace("-----END", "----END"));
    let unnamed = wrong("unnamed-keys", key.to_owned());
    let short = wrong("short-keys", format!("k1:{}", &key[..key.len() - 4]));
    let header = format!("Bearer {COLLECTOR_KEY}");
    let unnamed_header = format!("a=b,Bearer {COLLECTOR_KEY}=");
    let unwritten = format!("http://ops:{COLLECTOR_KEY}@127.0.0.1:9/路径");
    for variable in [
        ("DESKBRIDGE_TLS_KEY", cut.as_str()),
        ("DESKBRIDGE_ENCRYPTION_KEYS", &unnamed),
        ("DESKBRIDGE_ENCRYPTION_KEYS", &short),
        ("DESKBRIDGE_ENCRYPTION_KEYS", key),
        ("OTEL_EXPORTER_OTLP_HEADERS", &header),
        ("OTEL_EXPORTER_OTLP_HEADERS", &unnamed_header),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &unwritten),
        ("OTEL_TRACES_SAMPLER", COLLECTOR_KEY),
    ] {
        let collector = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
        let listen = ("DESKBRIDGE_LISTEN", "127.0.0.1:0");
        let ended = service.run_with(&["serve"], &[collector, listen, variable]).await;
        assert!(!ended.success(), "{} is wrong", variable.0);
    }
}

/// An account's password, as the vendor may repeat it.
const BASIC: &str = deskbridge::sandbox::credentials::BANGWO8_ADMIN_PASSWORD;

/// Every way to be refused with a secret in hand.
async fn knock(service: &mut Witness) {
    for key in [OPS_KEY, FLOW_KEY, WALL_KEY, GUEST_KEY] {
        for path in ["/events", "/events/none/replay", "/preview", "/dead-letters/discard", "/nothing"] {
            for body in ["", "{", "[[[[", &json!({ "token": PUSH_TOKEN, "id": OPS_KEY }).to_string()] {
                service.send_as(key, Method::POST, path, body).await;
            }
        }
    }
    let forged = service.app.client.post(service.url("/events")).header("content-type", "application/json");
    let forged = signed(forged, b"another key than that of the tenant", now(), b"{}");
    service.ask("a forged event", forged).await;
    for query in [format!("?status={OPS_KEY}"), format!("?cursor={PUSH_TOKEN}"), format!("?since={WALL_KEY}")]
    {
        // What a caller writes into an address is told back to nobody.
        let request = service.app.client.get(service.url(&format!("/events{query}"))).bearer_auth(WALL_KEY);
        service.ask("a query with a secret in it", request).await;
    }
}

/// Pushes with their token in both places, right and wrong.
async fn push(service: &mut Witness) {
    let body = json!({ "token": PUSH_TOKEN, "ticket_id": 1 }).to_string();
    let address = service.url("/events?type=ticket.updated");
    let request = service.app.client.post(address).body(body.clone());
    service.ask("a push", request).await;
    let address = service.url(&format!("/events?type=ticket.updated&key={PUSH_TOKEN_IN_QUERY}"));
    for body in [body.as_str(), "{}", "{\"token\":", "no json"] {
        let request = service.app.client.post(&address).body(body.to_owned());
        service.ask("a push with its token in the address", request).await;
    }
}
