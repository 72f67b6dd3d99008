//! Ranges of IP addresses, as `203.0.113.0/24`.

use std::net::IpAddr;

/// Addresses with the same first bits. Those beyond the prefix do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AddressRange {
    network: IpAddr,
    prefix: u32,
}

impl AddressRange {
    /// Reads an address with or without a prefix; without one it is a range of one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let network: IpAddr = address.parse().ok()?;
        let bits = if network.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= bits)?
            }
            Some(_) => return None,
        };
        Some(AddressRange { network, prefix })
    }

    /// Whether the address is in the range. One of the other family is in none.
    pub(super) fn contains(&self, address: &str) -> bool {
        match (self.network, address.parse()) {
            (IpAddr::V4(network), Ok(IpAddr::V4(address))) => {
                let mask = u32::MAX.checked_shl(32 - self.prefix).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), Ok(IpAddr::V6(address))) => {
                let mask = u128::MAX.checked_shl(128 - self.prefix).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_their_edges() {
        let range = |text: &str| AddressRange::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert!(range("203.0.113.64/26").contains("203.0.113.64") && range("203.0.113.77/26").contains("203.0.113.127"));
        assert!(!range("203.0.113.64/26").contains("203.0.113.128") && !range("203.0.113.64/26").contains("203.0.113.63"));
        assert!(range("0.0.0.0/0").contains("198.51.100.1") && !range("0.0.0.0/0").contains("::1"));
        assert!(range("2001:DB8::/33").contains("2001:db8:7fff::1") && !range("2001:db8::/33").contains("2001:db8:8000::1"));
        assert!(range("::/0").contains("2001:db8::1") && !range("::/0").contains("198.51.100.1"));
        assert!(range("198.51.100.7").contains("198.51.100.7") && !range("198.51.100.7").contains("198.51.100.8"));
        for bad in ["", "203.0.113", "203.0.113.0/33", "203.0.113.0/", "203.0.113.0/+8", "::/129", "host", "203.0.113.0/24/1"] {
            assert_eq!(AddressRange::parse(bad), None, "{bad}");
        }
    }
}
