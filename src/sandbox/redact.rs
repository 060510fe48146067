//! What of a request must not be kept.

use serde_json::Value;

const MARK: &str = "[redacted]";

/// Names of members and parameters whose values open something, in lower case. Udesk's signature of an empty
/// query never changes, so it is as good as the secret.
const SECRETS: &[&str] = &[
    "sign",
    "password",
    "servicepassword",
    "secret",
    "client_secret",
    "token",
    "access_token",
    "refresh_token",
    "open_api_token",
    "open_api_auth_token",
    "user_token",
    "im_user_key",
    "authcode",
    "authorization",
];

/// The query without the values of secrets, otherwise as received.
pub(crate) fn query(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={MARK}"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// The body without the values of secrets, at any depth.
pub(crate) fn body(body: Value) -> Value {
    match body {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let value = if is_secret(&name) { Value::from(MARK) } else { self::body(value) };
                (name, value)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(self::body).collect(),
        scalar => scalar,
    }
}

fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn secrets_go_and_everything_else_stays() {
        assert_eq!(super::query("page=1&Sign=ab&email=a%40b&x"), "page=1&Sign=[redacted]&email=a%40b&x");
        let sent =
            json!({"company": {"companyName": "甲", "servicepassword": "p", "more": [{"token": {"a": 1}}]}});
        let kept = json!({"company": {"companyName": "甲", "servicepassword": "[redacted]", "more": [{"token": "[redacted]"}]}});
        assert_eq!(super::body(sent), kept);
    }
}
