//! Vendors' addresses that can be called and are hardly meant.

use url::Url;

use crate::{
    config::{Config, Connection},
    diagnostic::Diagnostic,
    webhook,
};

/// How the paths of the vendors' calls begin, and what of it stands in their documents' addresses.
const OF_CALLS: [&str; 3] = ["/api", "/api/v1", "/open_api_v1"];

/// A warning for each: a proxy in the machine's own net, or a prefix that is called so, may be meant all the same.
pub(super) fn check(config: &Config, connection: &Connection) -> Vec<Diagnostic> {
    let target = &connection.target;
    let mut addresses = vec![("the target's base_url", &target.base_url, target.base_url_place)];
    if let Some(api) = &connection.source.api {
        addresses.push(("the base_url of the source's api", &api.base_url, api.base_url_place));
    }
    let mut found = Vec::new();
    for (name, url, at) in addresses {
        let told = [in_the_clear(name, url), with_a_path_of_calls(name, url)];
        let told = told.into_iter().flatten();
        found.extend(told.map(|message| Diagnostic::warning(&config.path, at, message)));
    }
    found
}

fn in_the_clear(name: &str, url: &Url) -> Option<String> {
    if url.scheme() != "http" || is_this_machine(url) {
        return None;
    }
    Some(format!(
        "{name} is http: passwords, tokens and what tickets say cross the network unencrypted; write https"
    ))
}

fn is_this_machine(url: &Url) -> bool {
    match webhook::literal(url) {
        Some(address) => address.to_canonical().is_loopback(),
        // RFC 6761, 6.3.
        None => url.domain().is_some_and(|name| name == "localhost" || name.ends_with(".localhost")),
    }
}

/// The path is not lost: it stands before that of each call, for proxies.
fn with_a_path_of_calls(name: &str, url: &Url) -> Option<String> {
    let path = url.path().trim_end_matches('/');
    let of_calls = OF_CALLS.into_iter().find(|of_calls| path.ends_with(*of_calls))?;
    Some(format!(
        "{name} ends in {of_calls}, which each call adds by itself ({of_calls}/api/v1/…): leave it out"
    ))
}
