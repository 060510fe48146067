//! Whether two settings are the same, their secrets' values included. Every field is named, so that a new one can't
//! be forgotten. Not in constant time: both sides are the operator's own.

use secrecy::{ExposeSecret, SecretString};

use super::{
    keys::SecretKey,
    source::SourceApi,
    target::{Auth, Target},
    ticketviews::Subscriber,
};

impl PartialEq for Target {
    /// Wherever its address stands in the file.
    fn eq(&self, other: &Self) -> bool {
        let Self { base_url, base_url_place: _, auth, time_zone, headers, link_marker, limits } = self;
        *base_url == other.base_url
            && *auth == other.auth
            && *time_zone == other.time_zone
            && headers.len() == other.headers.len()
            && headers.iter().zip(&other.headers).all(|(a, b)| a.0 == b.0 && same(&a.1, &b.1))
            && *link_marker == other.link_marker
            && *limits == other.limits
    }
}

impl PartialEq for Auth {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Basic { account: a, password: b }, Self::Basic { account: c, password: d }) => {
                same(a, c) && same(b, d)
            }
            (Self::Oauth2 { id: a, secret: b }, Self::Oauth2 { id: c, secret: d }) => {
                same(a, c) && same(b, d)
            }
            (Self::Basic { .. }, Self::Oauth2 { .. }) | (Self::Oauth2 { .. }, Self::Basic { .. }) => false,
        }
    }
}

impl PartialEq for SourceApi {
    /// Wherever its address stands in the file.
    fn eq(&self, other: &Self) -> bool {
        let Self { base_url, base_url_place: _, v1_secret, v2, requests_per_minute } = self;
        let v1 = match (v1_secret, &other.v1_secret) {
            (Some(ours), Some(theirs)) => same(ours, theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        let v2 = match (v2, &other.v2) {
            (Some(ours), Some(theirs)) => same(&ours.0, &theirs.0) && same(&ours.1, &theirs.1),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        *base_url == other.base_url && v1 && v2 && *requests_per_minute == other.requests_per_minute
    }
}

impl PartialEq for Subscriber {
    /// Wherever it stands in the file.
    fn eq(&self, other: &Self) -> bool {
        let Self { name, place: _, url, keys, views, retry } = self;
        *name == other.name
            && *url == other.url
            && keys.iter().map(SecretKey::expose).eq(other.keys.iter().map(SecretKey::expose))
            && *views == other.views
            && *retry == other.retry
    }
}

fn same(ours: &SecretString, theirs: &SecretString) -> bool {
    ours.expose_secret() == theirs.expose_secret()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::{
        config::{Limits, LinkMarker},
        diagnostic::Place,
    };

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    fn target() -> Target {
        Target {
            base_url: "https://www.bangwo8.com".parse().unwrap(),
            base_url_place: Place::default(),
            auth: Auth::Basic { account: secret("a"), password: secret("b") },
            time_zone: TimeZone::UTC,
            headers: vec![("Cookie".into(), secret("c"))],
            link_marker: None,
            limits: Limits::default(),
        }
    }

    #[test]
    fn a_target_differs_by_any_of_its_settings_and_secrets() {
        assert!(target() == target());
        let changes: [fn(&mut Target); 7] = [
            |target| target.base_url = "https://other.bangwo8.com".parse().unwrap(),
            |target| target.auth = Auth::Basic { account: secret("a"), password: secret("x") },
            |target| target.auth = Auth::Oauth2 { id: secret("a"), secret: secret("b") },
            |target| target.time_zone = TimeZone::get("Asia/Shanghai").unwrap(),
            |target| target.headers[0].1 = secret("x"),
            |target| target.link_marker = Some(LinkMarker::Tag),
            |target| target.limits.timeout_ms = 1.try_into().unwrap(),
        ];
        for change in changes {
            let mut changed = target();
            change(&mut changed);
            assert!(changed != target());
        }
    }

    #[test]
    fn a_source_api_differs_by_any_of_its_settings_and_secrets() {
        let api = || SourceApi {
            base_url: "https://acme.udesk.cn".parse().unwrap(),
            base_url_place: Place::default(),
            v1_secret: Some(secret("a")),
            v2: Some((secret("b"), secret("c"))),
            requests_per_minute: None,
        };
        assert!(api() == api());
        let changes: [fn(&mut SourceApi); 6] = [
            |api| api.base_url = "https://other.udesk.cn".parse().unwrap(),
            |api| api.v1_secret = None,
            |api| api.v1_secret = Some(secret("x")),
            |api| api.v2 = None,
            |api| api.v2 = Some((secret("b"), secret("x"))),
            |api| api.requests_per_minute = Some(1.try_into().unwrap()),
        ];
        for change in changes {
            let mut changed = api();
            change(&mut changed);
            assert!(changed != api());
        }
    }
}
