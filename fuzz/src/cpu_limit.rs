//! A limit of CPU time for one input: what takes longer is a finding, although it ends.

/// Ticks of the CPU, 100 a second. Short inputs take microseconds, and 32 KiB in the slowest target some tenths of a second.
const LIMIT: u64 = 200;

/// Panics when it is dropped after more than two seconds of CPU time, of all threads together. How busy the machine is does not matter.
pub struct CpuLimit {
    begin: Option<u64>,
}

impl CpuLimit {
    /// Begins to count.
    pub fn begin() -> Self {
        CpuLimit { begin: ticks() }
    }
}

impl Drop for CpuLimit {
    fn drop(&mut self) {
        if let (false, Some(begin), Some(end)) = (std::thread::panicking(), self.begin, ticks()) {
            assert!(end - begin <= LIMIT, "an input takes {} ms of CPU; the limit is {} ms", (end - begin) * 10, LIMIT * 10);
        }
    }
}

/// The CPU time of this process, in user and system mode; `None` where there is no `/proc`.
fn ticks() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which may have spaces, utime and stime are the 12th and 13th field.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}
