//! The hosts that are connected to without a proxy: `no_proxy`, with the meaning it has for curl.

use std::net::IpAddr;

/// The list of hosts.
#[derive(Clone, Debug, Default)]
pub(super) struct NoProxy {
    /// The list is `*`, and nothing else.
    all: bool,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
enum Entry {
    /// A domain, in lower case, without the dots around it.
    Domain(String),
    /// An address and how many of its bits count; all for 0.
    Network(IpAddr, u32),
}

impl NoProxy {
    /// Reads a list of domains, addresses and networks (`10.0.0.0/8`), with commas or blanks between them.
    pub(super) fn parse(list: &str) -> Self {
        let entries = list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty()).filter_map(Entry::parse);
        NoProxy { all: list == "*", entries: entries.collect() }
    }

    /// Whether `host` is in the list: a name in lower case, or an address without brackets.
    pub(super) fn contains(&self, host: &str) -> bool {
        let address = host.parse().ok();
        let name = host.strip_suffix('.').unwrap_or(host);
        self.all
            || self.entries.iter().any(|entry| match (entry, address) {
                (Entry::Network(network, bits), Some(address)) => is_within(address, *network, *bits),
                (Entry::Domain(domain), None) => {
                    name.strip_suffix(domain.as_str()).is_some_and(|front| front.is_empty() || front.ends_with('.'))
                }
                _ => false,
            })
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
        if let (Ok(address), Ok(bits)) = (address.parse(), bits.parse()) {
            return Some(Entry::Network(address, bits));
        }
        let domain = text.strip_suffix('.').unwrap_or(text);
        let domain = domain.strip_prefix('.').unwrap_or(domain);
        (!domain.is_empty()).then(|| Entry::Domain(domain.to_ascii_lowercase()))
    }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    // Both from the top of 128 bits.
    let (address, network, size) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (u128::from(u32::from(address)) << 96, u128::from(u32::from(network)) << 96, 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (u128::from(address), u128::from(network), 128),
        _ => return false,
    };
    let bits = if bits == 0 { size } else { bits };
    bits <= size && (address ^ network) >> (128 - bits) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTS: [&str; 8] = [
        "glacier.eu-west-1.amazonaws.com",
        "glacier.eu-west-1.amazonaws.com.",
        "127.0.0.1",
        "10.1.2.3",
        "::1",
        "fe80::12:1",
        "glacier.test",
        "localhost",
    ];

    /// Recorded from curl 7.88.1: `D` for a host that it connects to directly, `P` for one that it asks the proxy for.
    #[rustfmt::skip]
    const AS_CURL: &[(&str, &str)] = &[
        ("*", "DDDDDDDD"),
        (" *", "PPPPPPPP"),
        ("*,x", "PPPPPPPP"),
        ("x,*", "PPPPPPPP"),
        ("amazonaws.com", "DDPPPPPP"),
        (".amazonaws.com", "DDPPPPPP"),
        ("..amazonaws.com", "PPPPPPPP"),
        ("amazonaws.com.", "DDPPPPPP"),
        (".amazonaws.com.", "DDPPPPPP"),
        ("zonaws.com", "PPPPPPPP"),
        ("*.amazonaws.com", "PPPPPPPP"),
        ("a,b glacier.eu-west-1.amazonaws.com", "DDPPPPPP"),
        ("a glacier.eu-west-1.amazonaws.com b", "DDPPPPPP"),
        ("a\tglacier.eu-west-1.amazonaws.com", "DDPPPPPP"),
        (" , ,glacier.eu-west-1.amazonaws.com,", "DDPPPPPP"),
        ("GLACIER.EU-WEST-1.AMAZONAWS.COM", "DDPPPPPP"),
        ("glacier.eu-west-1.amazonaws.com:443", "PPPPPPPP"),
        ("127.0.0.1", "PPDPPPPP"),
        ("127.0.0.1:4566", "PPPPPPPP"),
        ("127.0.0.0/8", "PPDPPPPP"),
        ("10.0.0.0/8", "PPPDPPPP"),
        ("10.1.2.3/0", "PPPDPPPP"),
        ("0.0.0.0/0", "PPPPPPPP"),
        ("10.1.2.3/32", "PPPDPPPP"),
        ("10.1.2.3/33", "PPPPPPPP"),
        ("10.1.2.0/31", "PPPPPPPP"),
        ("10.1.2.2/31", "PPPDPPPP"),
        ("10.1.2", "PPPPPPPP"),
        ("10.", "PPPPPPPP"),
        (".1.2.3", "PPPPPPPP"),
        ("::1", "PPPPDPPP"),
        ("[::1]", "PPPPPPPP"),
        ("::/0", "PPPPPPPP"),
        ("FE80::12:1", "PPPPPDPP"),
        ("glacier.test", "PPPPPPDP"),
        ("Glacier.Test", "PPPPPPDP"),
        ("localhost", "PPPPPPPD"),
        ("localhost:4566", "PPPPPPPP"),
        ("10.0.0.0/x", "PPPPPPPP"),
        ("10.0.0.0/", "PPPPPPPP"),
        ("10.0.0.0/-1", "PPPPPPPP"),
        ("127.0.0.1.", "PPPPPPPP"),
    ];

    /// curl 7.88.1 compares no IPv6 networks, against its manual; later versions do.
    const NETWORKS: [(&str, &str); 6] = [
        ("::1/128", "PPPPDPPP"),
        ("fe80::/10", "PPPPPDPP"),
        ("fe80::/16", "PPPPPDPP"),
        ("fe80::12:0/112", "PPPPPDPP"),
        ("fe80::12:2/127", "PPPPPPPP"),
        ("::1/129", "PPPPPPPP"),
    ];

    #[test]
    fn hosts_are_in_the_list_as_for_curl() {
        for (list, expected) in AS_CURL.iter().chain(&NETWORKS) {
            let list_of_hosts = NoProxy::parse(list);
            let found: String = HOSTS.iter().map(|host| if list_of_hosts.contains(host) { 'D' } else { 'P' }).collect();
            assert_eq!(found, *expected, "{list:?}");
        }
    }
}
