//! From a region to the host that serves it: AWS's endpoint rules for Glacier, as one function.

use std::fmt;

use glacier_core::InvalidEndpoint;

use super::url::{BaseUrl, InvalidUrl};

/// A service's URL and the region requests to it are signed for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ResolvedEndpoint {
    /// Its URL.
    pub url: BaseUrl,
    /// The region in signatures.
    pub region: String,
}

impl ResolvedEndpoint {
    /// An endpoint at `url`, with signatures for `region`.
    #[must_use]
    pub fn new(url: BaseUrl, region: impl Into<String>) -> Self {
        ResolvedEndpoint { url, region: region.into() }
    }

    /// The endpoint of a [`Client`](glacier_core::Client).
    ///
    /// # Errors
    /// [`InvalidEndpoint`] when the region is not a valid region name.
    pub fn to_core(&self) -> Result<glacier_core::Endpoint, InvalidEndpoint> {
        self.url.to_core(&self.region)
    }
}

/// Which endpoint of a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variant<'v> {
    /// Cryptography validated under FIPS 140.
    pub fips: bool,
    /// IPv6 beside IPv4.
    pub dualstack: bool,
    /// A URL in place of AWS's.
    pub custom: Option<&'v str>,
}

impl<'v> Variant<'v> {
    /// With cryptography validated under FIPS 140, or without.
    #[must_use]
    pub fn with_fips(self, fips: bool) -> Self {
        Variant { fips, ..self }
    }

    /// With IPv6 beside IPv4, or without.
    #[must_use]
    pub fn with_dualstack(self, dualstack: bool) -> Self {
        Variant { dualstack, ..self }
    }

    /// With this URL in place of AWS's, or without.
    #[must_use]
    pub fn with_custom(self, custom: Option<&'v str>) -> Self {
        Variant { custom, ..self }
    }
}

/// The endpoint of a region. `fips-REGION` and `REGION-fips` mean the FIPS endpoint of the region.
///
/// The rules also build names for regions that do not exist; these then fail to resolve.
///
/// # Errors
/// [`EndpointError`]
pub fn resolve(region: &str, variant: Variant<'_>) -> Result<ResolvedEndpoint, EndpointError> {
    let pseudo = region.strip_prefix("fips-").or_else(|| region.strip_suffix("-fips"));
    let (region, fips) = pseudo.map_or((region, variant.fips), |real| (real, true));
    match variant.custom {
        Some(_) if fips => return Err(EndpointError::CustomFips),
        Some(_) if variant.dualstack => return Err(EndpointError::CustomDualstack),
        _ if region.is_empty() => return Err(EndpointError::NoRegion),
        Some(custom) => return ResolvedEndpoint::at(custom, region),
        None => {}
    }
    let partition = Partition::of(region);
    let suffix = if variant.dualstack { partition.dualstack } else { partition.suffix };
    // In aws-us-gov the plain hosts are the FIPS ones.
    let prefix = if fips && (variant.dualstack || partition.name != "aws-us-gov") { "glacier-fips" } else { "glacier" };
    ResolvedEndpoint::at(&format!("https://{prefix}.{region}.{suffix}"), region)
}

impl ResolvedEndpoint {
    fn at(url: &str, region: &str) -> Result<Self, EndpointError> {
        let endpoint = ResolvedEndpoint { url: BaseUrl::parse(url).map_err(EndpointError::Url)?, region: region.to_owned() };
        endpoint.to_core().map_err(|_| EndpointError::Region { region: region.to_owned() })?;
        Ok(endpoint)
    }
}

/// Whether a host belongs to AWS, where requests without TLS can be read and their responses changed by others. Upper case and a dot
/// at the end name the same host.
#[must_use]
pub fn is_aws_host(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let below = |suffix: &str| host.strip_suffix(suffix).is_some_and(|front| front.is_empty() || front.ends_with('.'));
    PARTITIONS.iter().any(|partition| below(partition.suffix) || below(partition.dualstack.trim_start_matches("api.")))
}

/// A partition of AWS, which has its own domains.
struct Partition {
    name: &'static str,
    /// The prefix of its regions.
    regions: &'static str,
    suffix: &'static str,
    dualstack: &'static str,
}

impl Partition {
    /// The partition of a region, or of the pseudo region of a whole partition, such as `aws-cn-global`.
    fn of(region: &str) -> &'static Partition {
        let global = region.strip_suffix("-global");
        let found = REST.iter().find(|partition| {
            region.strip_prefix(partition.regions).is_some_and(is_place_and_number) || global == Some(partition.name)
        });
        found.unwrap_or(&AWS)
    }
}

/// `east-1`: what follows a partition's prefix in the name of a region.
fn is_place_and_number(rest: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let digits = |number: &str| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    rest.split_once('-').is_some_and(|(place, number)| !place.is_empty() && place.chars().all(word) && digits(number))
}

const AWS: Partition = partition("aws", "", "amazonaws.com", "api.aws");
const REST: [Partition; 7] = [
    partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"),
    partition("aws-eusc", "eusc-de-", "amazonaws.eu", "api.amazonwebservices.eu"),
    partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
];
const PARTITIONS: [&Partition; 8] = [&AWS, &REST[0], &REST[1], &REST[2], &REST[3], &REST[4], &REST[5], &REST[6]];

const fn partition(name: &'static str, regions: &'static str, suffix: &'static str, dualstack: &'static str) -> Partition {
    Partition { name, regions, suffix, dualstack }
}

/// Why there is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// No region was given.
    NoRegion,
    /// The region is not a valid region name.
    Region {
        /// What was given.
        region: String,
    },
    /// The custom URL is not valid.
    Url(InvalidUrl),
    /// FIPS was asked of a custom endpoint.
    CustomFips,
    /// Dual-stack was asked of a custom endpoint.
    CustomDualstack,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRegion => f.write_str("no region: give one with --region, AWS_REGION, or `region` in the profile"),
            Self::Region { region } => {
                write!(f, "{region:?} is not a valid region: regions have 1 to 48 characters of a-z 0-9 and -, such as eu-west-1")
            }
            Self::Url(error) => error.fmt(f),
            Self::CustomFips => f.write_str(
                "an endpoint URL cannot be combined with FIPS: unset AWS_USE_FIPS_ENDPOINT (or remove fips- from the region), or the URL",
            ),
            Self::CustomDualstack => {
                f.write_str("an endpoint URL cannot be combined with dual-stack: unset AWS_USE_DUALSTACK_ENDPOINT, or the URL")
            }
        }
    }
}

impl std::error::Error for EndpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Url(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_variants() {
        let url = |region, fips, dualstack| resolve(region, Variant { fips, dualstack, custom: None }).unwrap().url.to_string();
        assert_eq!(url("eu-west-1", false, false), "https://glacier.eu-west-1.amazonaws.com");
        assert_eq!(url("us-east-1", true, false), "https://glacier-fips.us-east-1.amazonaws.com");
        assert_eq!(url("us-gov-west-1", true, false), "https://glacier.us-gov-west-1.amazonaws.com");
        assert_eq!(url("cn-north-1", false, true), "https://glacier.cn-north-1.api.amazonwebservices.com.cn");
        // A region that only begins like a partition's does not belong to it, as in AWS's own rules.
        assert_eq!(url("us-iso-1", false, false), "https://glacier.us-iso-1.amazonaws.com");
        assert_eq!(url("cn-north-1-x", false, true), "https://glacier.cn-north-1-x.api.aws");
        assert_eq!(url("eusc-de-east-1", false, false), "https://glacier.eusc-de-east-1.amazonaws.eu");
        let pseudo = resolve("us-east-1-fips", Variant::default()).unwrap();
        assert_eq!((pseudo.region.as_str(), pseudo.url.host()), ("us-east-1", "glacier-fips.us-east-1.amazonaws.com"));
    }

    #[test]
    fn what_is_no_region_is_named() {
        let error = |region| resolve(region, Variant::default()).unwrap_err();
        assert_eq!(error(""), EndpointError::NoRegion);
        assert_eq!(error("fips-"), EndpointError::NoRegion);
        for region in ["EU-WEST-1", "eu.west", "eu/west@evil.test", &"x".repeat(49)] {
            assert!(matches!(error(region), EndpointError::Region { .. } | EndpointError::Url(_)), "{region}");
        }
    }

    #[test]
    fn hosts_of_aws_are_known() {
        for host in [
            "glacier.eu-west-1.amazonaws.com",
            "glacier.eu-west-1.amazonaws.com.",
            "Glacier.EU-West-1.AmazonAWS.com",
            "x.amazonaws.com.cn",
            "x.amazonaws.com.cn.",
            "glacier.us-east-1.api.aws",
            "glacier.cn-north-1.api.amazonwebservices.com.cn",
            "glacier.eusc-de-east-1.amazonaws.eu",
            "amazonaws.com",
            "x.c2s.ic.gov",
            "x.sc2s.sgov.gov",
            "x.cloud.adc-e.uk",
            "x.csp.hci.ic.gov",
        ] {
            assert!(is_aws_host(host), "{host}");
        }
        for host in ["localhost", "notamazonaws.com", "amazonaws.com.evil.test", "127.0.0.1", ".", ""] {
            assert!(!is_aws_host(host), "{host}");
        }
    }
}
