//! The response headers that Glacier uses, and the places of their values.

/// A header that the output of some operation needs. All others are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Header {
    /// `Location`
    Location,
    /// `x-amzn-RequestId`
    RequestId,
    /// `x-amzn-ErrorType`
    ErrorType,
    /// `x-amz-archive-id`
    ArchiveId,
    /// `x-amz-archive-description`
    ArchiveDescription,
    /// `x-amz-sha256-tree-hash`
    TreeHash,
    /// `x-amz-multipart-upload-id`
    UploadId,
    /// `x-amz-job-id`
    JobId,
    /// `x-amz-job-output-path`
    JobOutputPath,
    /// `x-amz-lock-id`
    LockId,
    /// `x-amz-capacity-id`
    CapacityId,
    /// `Content-Length`
    ContentLength,
    /// `Content-Range`
    ContentRange,
    /// `Content-Type`
    ContentType,
    /// `Accept-Ranges`
    AcceptRanges,
    /// `Date`
    Date,
    /// `Age`
    Age,
    /// `Retry-After`
    RetryAfter,
    /// `x-amz-retry-after`
    AmzRetryAfter,
}

const KNOWN: [(Header, &str); 19] = [
    (Header::Location, "location"),
    (Header::RequestId, "x-amzn-requestid"),
    (Header::ErrorType, "x-amzn-errortype"),
    (Header::ArchiveId, "x-amz-archive-id"),
    (Header::ArchiveDescription, "x-amz-archive-description"),
    (Header::TreeHash, "x-amz-sha256-tree-hash"),
    (Header::UploadId, "x-amz-multipart-upload-id"),
    (Header::JobId, "x-amz-job-id"),
    (Header::JobOutputPath, "x-amz-job-output-path"),
    (Header::LockId, "x-amz-lock-id"),
    (Header::CapacityId, "x-amz-capacity-id"),
    (Header::ContentLength, "content-length"),
    (Header::ContentRange, "content-range"),
    (Header::ContentType, "content-type"),
    (Header::AcceptRanges, "accept-ranges"),
    (Header::Date, "date"),
    (Header::Age, "age"),
    (Header::RetryAfter, "retry-after"),
    (Header::AmzRetryAfter, "x-amz-retry-after"),
];

impl Header {
    pub(super) fn named(name: &str) -> Option<Header> {
        KNOWN.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(header, _)| *header)
    }

    /// The header's name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        KNOWN.iter().find(|(header, _)| *header == self).map_or("", |(_, name)| name)
    }
}

/// Status and the place of each header's value; the values are in an arena.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeadMap {
    pub(crate) status: u16,
    pub(crate) used: usize,
    /// First byte and length of each value, in the order of [`KNOWN`].
    pub(super) spans: [Option<(u16, u16)>; KNOWN.len()],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (place, (header, name)) in KNOWN.iter().enumerate() {
            assert_eq!(*header as usize, place);
            assert_eq!(Header::named(&name.to_uppercase()), Some(*header));
        }
    }
}
