//! Where a message may be sent: to addresses of the public Internet, and to the nets that the operator has named. Pure.
//! Whoever writes a connections file, or owns a name in it, must not reach through this service what only this service
//! can reach: the machine itself, its neighbours, the cloud's metadata.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// IANA's IPv4 special-purpose address registry (RFC 6890), without regard to what it calls globally reachable: nobody's
/// receiver is at an anycast relay. Multicast and what the registry leaves out stand at the end.
const SPECIAL_V4: [Ipv4Net; 19] = [
    v4([0, 0, 0, 0], 8),        // "this network"; 0.0.0.0 is the machine itself
    v4([10, 0, 0, 0], 8),       // private
    v4([100, 64, 0, 0], 10),    // shared by carriers (RFC 6598); Alibaba Cloud's metadata is 100.100.100.200
    v4([127, 0, 0, 0], 8),      // loopback
    v4([169, 254, 0, 0], 16),   // link-local; 169.254.169.254 is the metadata of most clouds
    v4([172, 16, 0, 0], 12),    // private
    v4([192, 0, 0, 0], 24),     // protocol assignments; 192.0.0.192 is Oracle Cloud's metadata
    v4([192, 0, 2, 0], 24),     // documentation
    v4([192, 31, 196, 0], 24),  // AS112
    v4([192, 52, 193, 0], 24),  // AMT
    v4([192, 88, 99, 0], 24),   // 6to4 relays
    v4([192, 168, 0, 0], 16),   // private
    v4([192, 175, 48, 0], 24),  // AS112
    v4([198, 18, 0, 0], 15),    // benchmarks
    v4([198, 51, 100, 0], 24),  // documentation
    v4([203, 0, 113, 0], 24),   // documentation
    v4([224, 0, 0, 0], 4),      // multicast
    v4([240, 0, 0, 0], 4),      // reserved, and 255.255.255.255
    v4([168, 63, 129, 16], 32), // Azure's own channel into its machines, though it looks public
];

/// What of IPv6 is given out to hosts (IANA, "IPv6 Global Unicast Address Assignments"): all else is special or nobody's,
/// loopback, unique local, link-local, multicast and the translated forms of IPv4 (`::ffff:0:0/96`, `::/96`,
/// `64:ff9b::/96`, `64:ff9b:1::/48`) among it.
const GIVEN_OUT: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What is special within it (IANA, IPv6 special-purpose address registry).
const SPECIAL_V6: [Ipv6Net; 6] = [
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments: Teredo, benchmarks, ORCHID, AS112
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4: an IPv4 address in disguise
    v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), // AS112
    v6([0x3ffe, 0, 0, 0, 0, 0, 0, 0], 16), // the 6bone, given back
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation
];

const fn v4([a, b, c, d]: [u8; 4], bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6([a, b, c, d, e, f, g, h]: [u16; 8], bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), bits)
}

/// True of an address that belongs to some host of the public Internet. One that holds an IPv4 address in any of the
/// translated forms is none, whatever it holds.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            GIVEN_OUT.contains(&address) && !SPECIAL_V6.iter().any(|net| net.contains(&address))
        }
    }
}

/// The addresses that a subscriber may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guard {
    /// Those that the operator has named.
    allowed: Vec<IpNet>,
    /// True if what is sent is encrypted: without that, only the operator's own nets will do.
    encrypted: bool,
}

impl Guard {
    pub(super) fn new(allowed: Vec<IpNet>, encrypted: bool) -> Self {
        Self { allowed, encrypted }
    }

    /// An IPv4 address in IPv6's clothes is what it is to the operating system: that IPv4 address.
    pub(super) fn lets(&self, address: IpAddr) -> bool {
        let plain = address.to_canonical();
        self.allowed.iter().any(|net| net.contains(&plain)) || (self.encrypted && is_public(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// The first and the last address of each special range, and what stands just beside it where that is public.
    #[test]
    fn a_special_range_is_refused_from_its_first_address_to_its_last() {
        let edges = [
            ("", "0.0.0.0", "0.255.255.255", "1.0.0.0"),
            ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
            ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"),
            ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"),
            ("168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"),
            ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"),
            ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"),
            ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
            ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
            ("192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0"),
            ("192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0"),
            ("192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"),
            ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"),
            ("192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0"),
            ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"),
            ("198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"),
            ("203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"),
            ("223.255.255.255", "224.0.0.0", "255.255.255.255", ""),
            ("", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"),
            (
                "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001::",
                "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:200::",
            ),
            ("2001:db7:ffff::1", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"),
            ("2001:ffff::1", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"),
            ("2620:4f:7fff::1", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::"),
            ("3ffd:ffff::1", "3ffe::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"),
            (
                "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "4000::",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "",
            ),
        ];
        for (before, first, last, after) in edges {
            assert!(!is_public(at(first)), "{first}");
            assert!(!is_public(at(last)), "{last}");
            for beside in [before, after].into_iter().filter(|beside| !beside.is_empty()) {
                assert!(is_public(at(beside)), "{beside}");
            }
        }
    }

    #[test]
    fn what_holds_an_ipv4_address_is_refused_in_each_form() {
        for form in [
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::10.0.0.1",
            "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
            "2002:7f00:1::",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        ] {
            assert!(!is_public(at(form)), "{form}");
        }
    }

    #[test]
    fn metadata_of_the_clouds_and_the_machine_itself_are_refused() {
        for special in [
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "fd00:ec2::254",
            "fe80::1",
            "fc00::1",
            "fec0::1",
            "ff02::1",
            "::1",
            "::",
            "0.0.0.0",
            "5f00::1",
            "100::1",
        ] {
            assert!(!is_public(at(special)), "{special}");
        }
    }

    #[test]
    fn addresses_that_hosts_have_are_let_through() {
        for public in ["1.1.1.1", "8.8.8.8", "47.95.1.1", "203.119.25.1", "2400:3200::1", "2606:4700::1111"] {
            assert!(is_public(at(public)), "{public}");
        }
    }

    #[test]
    fn a_named_net_is_let_through_also_without_encryption_and_nothing_else_is() {
        let nets = || vec!["10.1.0.0/16".parse().unwrap(), "fd00:1::/32".parse().unwrap()];
        let (plain, encrypted) = (Guard::new(nets(), false), Guard::new(nets(), true));
        for named in ["10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3", "fd00:1::7"] {
            assert!(plain.lets(at(named)) && encrypted.lets(at(named)), "{named}");
        }
        for other in ["10.0.255.255", "10.2.0.0", "127.0.0.1", "fd00:2::1", "64:ff9b::10.1.2.3"] {
            assert!(!plain.lets(at(other)) && !encrypted.lets(at(other)), "{other}");
        }
        assert!(encrypted.lets(at("8.8.8.8")) && !plain.lets(at("8.8.8.8")));
    }
}
