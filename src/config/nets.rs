//! A setting that lists nets of addresses.

use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// Nets, separated by commas: `10.20.0.0/16,fd00::/8`. An address alone is a net of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nets(pub Vec<IpNet>);

impl FromStr for Nets {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(net).collect::<Result<_, _>>().map(Self)
    }
}

fn net(text: &str) -> Result<IpNet, String> {
    let parsed = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    parsed.ok_or_else(|| format!("{text} is no net of addresses: write e.g. 10.20.0.0/16,127.0.0.1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nets_and_addresses_are_read_with_spaces_or_without() {
        let read =
            |text: &str| text.parse::<Nets>().map(|nets| nets.0.iter().map(IpNet::to_string).collect());
        let expected: Vec<String> = vec!["10.20.0.0/16".into(), "127.0.0.1/32".into(), "fd00::/8".into()];
        assert_eq!(read("10.20.0.0/16, 127.0.0.1,fd00::/8,"), Ok(expected));
        assert_eq!(read(""), Ok(Vec::new()));
        assert!(read("10.20.0.0/16,localhost").unwrap_err().starts_with("localhost is no net"));
        assert!(read("10.0.0.0/33").is_err());
    }
}
