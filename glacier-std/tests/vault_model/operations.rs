//! What a sequence consists of: operations with few, small numbers, so that a failing one is readable and shrinks. Whom a number means is
//! found out when it is performed: `which` counts what is there, the newest first.

/// A whole case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) time: Time,
    /// What the service makes its ids and the duration of jobs from.
    pub(crate) seed: u64,
    /// Whether Expedited retrievals need provisioned capacity.
    pub(crate) needs_capacity: bool,
    pub(crate) operations: Vec<Operation>,
}

/// How vault time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    Manual,
    Scaled,
    Instant,
}

/// Something that is there, the newest first; from [`ANY`] on, something that was ever made.
pub(crate) type Which = u8;
pub(crate) const ANY: Which = 128;
/// The first part that is missing.
pub(crate) const NEXT: u16 = u16::MAX;
/// Nothing that was ever made.
pub(crate) const NEVER: Which = u8::MAX;

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Advance {
        seconds: u32,
    },
    /// To the time at which something is expected to happen, or a millisecond before it.
    AdvanceTo {
        which: Which,
        just_before: bool,
    },
    CreateVault {
        vault: u8,
    },
    DescribeVault {
        vault: u8,
    },
    DeleteVault {
        vault: u8,
    },
    /// DescribeVault with another account in the path.
    DescribeForeignVault {
        vault: u8,
    },
    UploadArchive {
        vault: u8,
        size: u8,
        text: u8,
        flaw: Flaw,
    },
    DeleteArchive {
        which: Which,
        in_vault: Option<u8>,
    },
    InitiateUpload {
        vault: u8,
        part_size: u8,
        text: u8,
    },
    UploadPart {
        which: Which,
        part: u16,
        bytes: PartBytes,
        flaw: Flaw,
    },
    CompleteUpload {
        which: Which,
        announced: Announced,
    },
    AbortUpload {
        which: Which,
    },
    RetrieveArchive {
        which: Which,
        in_vault: Option<u8>,
        tier: Tier,
        range: RetrievalRange,
        text: u8,
    },
    RetrieveInventory {
        vault: u8,
        csv: bool,
        start_hours_ago: Option<u8>,
        end_hours_ago: Option<u8>,
        limit: Option<u8>,
    },
    /// Continues the inventory of a job that has a marker.
    ContinueInventory {
        which: Which,
        limit: Option<u8>,
    },
    DescribeJob {
        which: Which,
    },
    GetOutput {
        which: Which,
        range: OutputRange,
    },
    List {
        what: List,
        limit: Option<u8>,
        from: From,
    },
    AddTags {
        vault: u8,
        first: u8,
        count: u8,
    },
    AddInvalidTag {
        vault: u8,
    },
    RemoveTags {
        vault: u8,
        first: u8,
        count: u8,
    },
    ListTags {
        vault: u8,
    },
    SetNotifications {
        vault: u8,
        events: u8,
    },
    GetNotifications {
        vault: u8,
    },
    DeleteNotifications {
        vault: u8,
    },
    SetAccessPolicy {
        vault: u8,
        policy: u8,
    },
    GetAccessPolicy {
        vault: u8,
    },
    DeleteAccessPolicy {
        vault: u8,
    },
    InitiateLock {
        vault: u8,
        policy: u8,
    },
    GetLock {
        vault: u8,
    },
    AbortLock {
        vault: u8,
    },
    CompleteLock {
        vault: u8,
        which: Which,
    },
    SetRetrievalPolicy {
        place: u8,
        strategy: Limit,
    },
    GetRetrievalPolicy {
        place: u8,
    },
    PurchaseCapacity {
        place: u8,
    },
    ListCapacity {
        place: u8,
    },
}

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    Empty,
    LinearHash,
    TreeHash,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum PartBytes {
    Full,
    Short(u8),
    TooLong,
    Misaligned,
}

/// What is announced of an archive when its upload is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Announced {
    Right,
    WrongSize,
    WrongTree,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    Expedited,
    Standard,
    Bulk,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum RetrievalRange {
    None,
    Leaves { first: u8, count: u8 },
    Misaligned,
    Beyond,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum OutputRange {
    Whole,
    Leaves { first: u8, count: u8 },
    Bytes { first: u8, count: u8 },
    Beyond,
    Malformed,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum List {
    Vaults { place: u8 },
    Uploads { vault: u8 },
    Parts { which: Which },
    Jobs { vault: u8, status: Option<Status>, completed: Option<bool> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    InProgress,
    Succeeded,
    Failed,
    /// Not a status.
    Other,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From {
    Start,
    /// At a marker that this list gave before, if there is one.
    Marker(Which),
    /// At a marker that another list gave, if there is one.
    ForeignMarker(Which),
    Garbage,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    None,
    FreeTier,
    BytesPerHour(u8),
    /// A rate where none belongs, or none where it does.
    Invalid(bool),
}
