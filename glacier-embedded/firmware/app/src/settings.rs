//! The settings: `key=value` words separated by spaces.

use core::fmt;
use core::net::SocketAddrV4;

use glacier_core::MIB;

/// What to do, and with which service.
pub(crate) struct Settings<'a> {
    pub(crate) task: Task,
    pub(crate) server: SocketAddrV4,
    /// The same as written, for the `Host` header.
    pub(crate) host: &'a str,
    pub(crate) vault: Option<&'a str>,
    pub(crate) region: &'a str,
    pub(crate) key: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) device: &'a str,
    pub(crate) clock: ClockFrom,
    pub(crate) records: u32,
    pub(crate) rotate: u32,
    pub(crate) size: u64,
    /// Seconds without progress after which a connection fails.
    pub(crate) timeout: u32,
    /// Seconds between two polls of a job.
    pub(crate) poll: u32,
    pub(crate) attempts: Option<u8>,
}

/// A task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Archive,
    Vaults,
    Describe,
    Inventory,
    Generated,
}

/// Where the time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClockFrom {
    Host,
    Set(u64),
    Sntp(SocketAddrV4),
    /// From the service's responses.
    Service,
}

impl<'a> Settings<'a> {
    /// Parses the settings, which follow the program's name.
    ///
    /// # Errors
    /// [`BadSetting`], which names the setting and never contains its value.
    pub(crate) fn parse(text: &'a str) -> Result<Self, BadSetting> {
        let mut settings = Settings {
            task: Task::Archive,
            server: SocketAddrV4::new(core::net::Ipv4Addr::UNSPECIFIED, 0),
            host: "",
            vault: None,
            region: "us-east-1",
            key: "",
            secret: "",
            token: None,
            device: "dev",
            clock: ClockFrom::Host,
            records: 0,
            rotate: MIB as u32,
            size: MIB,
            timeout: 60,
            poll: 900,
            attempts: None,
        };
        for word in text.split_ascii_whitespace().skip(1) {
            settings.take(word)?;
        }
        let needs_vault = settings.task != Task::Vaults;
        for (name, missing) in [
            ("server", settings.host.is_empty()),
            ("key", settings.key.is_empty()),
            ("secret", settings.secret.is_empty()),
            ("vault", needs_vault && settings.vault.is_none()),
        ] {
            if missing {
                return Err(BadSetting::Missing(name));
            }
        }
        Ok(settings)
    }

    fn take(&mut self, word: &'a str) -> Result<(), BadSetting> {
        let (key, value) = word.split_once('=').ok_or(BadSetting::Unknown)?;
        match key {
            "task" => {
                self.task = match value {
                    "archive" => Task::Archive,
                    "vaults" => Task::Vaults,
                    "describe" => Task::Describe,
                    "inventory" => Task::Inventory,
                    "generated" => Task::Generated,
                    _ => return Err(BadSetting::Value("task")),
                }
            }
            "server" => (self.server, self.host) = (value.parse().map_err(|_| BadSetting::Value("server"))?, value),
            "vault" => self.vault = Some(value),
            "region" => self.region = value,
            "key" => self.key = value,
            "secret" => self.secret = value,
            "token" => self.token = Some(value),
            "dev" => {
                let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                if !(1..=32).contains(&value.len()) || !value.chars().all(is_allowed) {
                    return Err(BadSetting::Value("dev"));
                }
                self.device = value;
            }
            "clock" => self.clock = clock(value).ok_or(BadSetting::Value("clock"))?,
            "records" => self.records = number(value, "records")?,
            "rotate" => {
                self.rotate = number(value, "rotate")?;
                if self.rotate == 0 {
                    return Err(BadSetting::Value("rotate"));
                }
            }
            "size" => self.size = number(value, "size")?,
            "timeout" => self.timeout = number(value, "timeout")?,
            "attempts" => self.attempts = Some(number(value, "attempts")?),
            "poll" => self.poll = number(value, "poll")?,
            _ => return Err(BadSetting::Unknown),
        }
        Ok(())
    }
}

fn clock(value: &str) -> Option<ClockFrom> {
    Some(match (value, value.strip_prefix("sntp:")) {
        (_, Some(server)) => ClockFrom::Sntp(server.parse().ok()?),
        ("host", _) => ClockFrom::Host,
        ("none", _) => ClockFrom::Service,
        _ => ClockFrom::Set(value.parse().ok()?),
    })
}

fn number<N: core::str::FromStr>(value: &str, name: &'static str) -> Result<N, BadSetting> {
    value.parse().map_err(|_| BadSetting::Value(name))
}

/// Why the settings cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadSetting {
    Unknown,
    Value(&'static str),
    Missing(&'static str),
}

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadSetting::Unknown => f.write_str("unknown setting: firmware/README.md lists them"),
            BadSetting::Value(name) => write!(f, "the value of the setting {name} is not valid: see firmware/README.md"),
            BadSetting::Missing(name) => write!(f, "the setting {name} is missing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: &str = "fw server=10.0.2.2:80 key=k secret=s vault=v";

    fn parse(more: &str) -> Result<Settings<'static>, BadSetting> {
        Settings::parse(String::leak(format!("{NEEDED} {more}")))
    }

    #[test]
    fn defaults() {
        let settings = parse("").ok().unwrap();
        assert_eq!((settings.task, settings.clock, settings.rotate), (Task::Archive, ClockFrom::Host, 1_048_576));
        assert_eq!((settings.host, settings.server.port()), ("10.0.2.2:80", 80));
    }

    #[test]
    fn sources_of_the_time() {
        for (text, clock) in [
            ("host", ClockFrom::Host),
            ("none", ClockFrom::Service),
            ("1764108000", ClockFrom::Set(1_764_108_000)),
            ("sntp:10.0.2.2:123", ClockFrom::Sntp("10.0.2.2:123".parse().unwrap())),
        ] {
            assert_eq!(parse(&format!("clock={text}")).ok().unwrap().clock, clock);
        }
        assert_eq!(parse("clock=noon").err(), Some(BadSetting::Value("clock")));
    }

    #[test]
    fn errors_name_the_setting_without_its_value() {
        assert_eq!(Settings::parse("fw server=10.0.2.2:80 key=k vault=v").err(), Some(BadSetting::Missing("secret")));
        assert_eq!(Settings::parse("fw server=10.0.2.2:80 key=k secret=s").err(), Some(BadSetting::Missing("vault")));
        assert!(Settings::parse("fw task=vaults server=10.0.2.2:80 key=k secret=s").is_ok());
        for (text, error) in [
            ("colour=red", BadSetting::Unknown),
            ("secrets", BadSetting::Unknown),
            ("records=-1", BadSetting::Value("records")),
            ("rotate=0", BadSetting::Value("rotate")),
            ("server=localhost:80", BadSetting::Value("server")),
            ("dev=a\"b", BadSetting::Value("dev")),
        ] {
            assert_eq!(parse(text).err(), Some(error), "{text}");
        }
    }
}
