//! A log record: 32 bytes, little-endian, with a checksum.

/// One reading of a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Unix time in milliseconds; 0 if the clock was not set.
    pub(crate) time_ms: u64,
    pub(crate) sequence: u32,
    pub(crate) boot: u16,
    pub(crate) sensor: u16,
    pub(crate) value: i32,
    pub(crate) uptime_ms: u32,
}

impl Record {
    /// Bytes of a record.
    pub(crate) const SIZE: usize = 32;

    pub(crate) fn to_bytes(self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        let mut rest = &mut bytes[..];
        let mut put = |field: &[u8]| {
            if let Some((target, remaining)) = core::mem::take(&mut rest).split_at_mut_checked(field.len()) {
                target.copy_from_slice(field);
                rest = remaining;
            }
        };
        put(&self.time_ms.to_le_bytes());
        put(&self.sequence.to_le_bytes());
        put(&self.boot.to_le_bytes());
        put(&self.sensor.to_le_bytes());
        put(&self.value.to_le_bytes());
        put(&self.uptime_ms.to_le_bytes());
        put(&[0; 4]);
        let (body, checksum) = bytes.split_at_mut(Self::SIZE - 4);
        checksum.copy_from_slice(&crc32(body).to_le_bytes());
        bytes
    }

    /// Parses a record; `None` if its checksum or its reserved bytes are wrong.
    pub(crate) fn from_bytes(bytes: &[u8; Self::SIZE]) -> Option<Record> {
        let (body, checksum) = bytes.split_last_chunk::<4>()?;
        if crc32(body) != u32::from_le_bytes(*checksum) {
            return None;
        }
        let (time, rest) = body.split_first_chunk()?;
        let (sequence, rest) = rest.split_first_chunk()?;
        let (boot, rest) = rest.split_first_chunk()?;
        let (sensor, rest) = rest.split_first_chunk()?;
        let (value, rest) = rest.split_first_chunk()?;
        let (uptime, reserved) = rest.split_first_chunk()?;
        (reserved == [0; 4]).then_some(Record {
            time_ms: u64::from_le_bytes(*time),
            sequence: u32::from_le_bytes(*sequence),
            boot: u16::from_le_bytes(*boot),
            sensor: u16::from_le_bytes(*sensor),
            value: i32::from_le_bytes(*value),
            uptime_ms: u32::from_le_bytes(*uptime),
        })
    }
}

/// CRC-32 of IEEE 802.3, bit by bit: records are short, and a table would take 1 KiB of flash.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: Record =
        Record { time_ms: 0x0102_0304_0506_0708, sequence: 7, boot: 258, sensor: 3, value: -2, uptime_ms: 65_536 };

    #[test]
    fn fields_are_at_the_documented_offsets() {
        let bytes = RECORD.to_bytes();
        assert_eq!(bytes[..8], [8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(bytes[8..16], [7, 0, 0, 0, 2, 1, 3, 0]);
        assert_eq!(bytes[16..28], [0xFE, 0xFF, 0xFF, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0]);
        assert_eq!(Record::from_bytes(&bytes), Some(RECORD));
    }

    #[test]
    fn the_checksum_is_crc_32_ieee() {
        // The check value in every catalogue of CRCs.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_damaged_record_is_rejected() {
        for bit in 0..256 {
            let mut bytes = RECORD.to_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Record::from_bytes(&bytes), None, "bit {bit}");
        }
        assert_eq!(Record::from_bytes(&[0xFF; 32]), None);
    }
}
