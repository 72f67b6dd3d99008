//! The shared files: their paths, and what they say of a profile.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::environment::{Env, non_empty};
use super::error::ConfigError;
use super::ini::{self, Section, Value};

/// The profile in use, with what both files say of it.
pub(super) struct Profile {
    pub(super) name: String,
    /// What `[services NAME]` says, when the profile names one.
    services: Option<Section>,
    /// The profile's sections; a later one overrides.
    sections: Vec<(PathBuf, Section)>,
    /// The paths of both files, whether they exist or not.
    pub(super) files: [PathBuf; 2],
}

impl Profile {
    /// Reads both files. Of a property that both have, the credentials file's counts.
    ///
    /// # Errors
    /// When a file cannot be read, or the profile that was selected is in neither.
    pub(super) fn load(env: &Env<'_>, flag: Option<&str>) -> Result<Self, ConfigError> {
        let asked =
            flag.map(str::to_owned).or_else(|| non_empty(env, "AWS_PROFILE")).or_else(|| non_empty(env, "AWS_DEFAULT_PROFILE"));
        let name = asked.clone().unwrap_or_else(|| "default".to_owned());
        let files = [path(env, "AWS_CONFIG_FILE", "config"), path(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials")];
        let [config, credentials] = &files;
        let (mut plain, mut prefixed, mut services) = (Vec::new(), Vec::new(), Vec::new());
        for section in read(config)? {
            match section.name.split_once([' ', '\t']) {
                Some(("profile", rest)) if unquoted(rest) == name => prefixed.push((config.clone(), section)),
                Some(("services", _)) => services.push(section),
                // In the config file only `default` does without the word.
                None if section.name == "default" && name == "default" => plain.push((config.clone(), section)),
                _ => {}
            }
        }
        // Where there are both [default] and [profile default], the former does not count.
        let mut sections = if prefixed.is_empty() { plain } else { prefixed };
        let named = |section: &Section| unquoted(&section.name) == name;
        sections.extend(read(credentials)?.into_iter().filter(named).map(|section| (credentials.clone(), section)));
        if sections.is_empty() && asked.is_some() {
            return Err(ConfigError::NoProfile { profile: name, files });
        }
        let mut profile = Profile { name, services: None, sections, files };
        if let Some(wanted) = profile.get("services").map(|(value, _)| value.clone()) {
            let found = services.into_iter().rfind(|section| unquoted(section.name.trim_start_matches("services")) == *wanted);
            profile.services =
                Some(found.ok_or_else(|| ConfigError::NoServices { profile: profile.name.clone(), services: wanted.to_string() })?);
        }
        Ok(profile)
    }

    /// A property, and the file it is from.
    pub(super) fn get(&self, key: &str) -> Option<(&Value, &Path)> {
        self.sections.iter().rev().find_map(|(file, section)| Some((section.get(key)?, file.as_path())))
    }

    /// Key, secret and token must come from one section: a token of one file does not fit the key of the other.
    pub(super) fn section_with(&self, key: &str) -> Option<(&Section, &Path)> {
        self.sections.iter().rev().find(|(_, section)| section.get(key).is_some()).map(|(file, section)| (section, file.as_path()))
    }

    /// A property of Glacier's alone, from the services section.
    pub(super) fn get_for_glacier(&self, key: &str) -> Option<&Value> {
        self.services.as_ref()?.get_nested("glacier", key)
    }

    /// `the profile NAME in FILE`, to tell where a thing was found.
    pub(super) fn describe(&self, file: &Path) -> String {
        format!("the profile {} in {}", self.name, file.display())
    }
}

fn unquoted(name: &str) -> &str {
    let name = name.trim();
    ['"', '\''].into_iter().find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(name)
}

fn path(env: &Env<'_>, variable: &str, name: &str) -> PathBuf {
    let home = || non_empty(env, if cfg!(windows) { "USERPROFILE" } else { "HOME" }).map(PathBuf::from).unwrap_or_default();
    match non_empty(env, variable).map(PathBuf::from) {
        None => home().join(".aws").join(name),
        Some(given) => given.strip_prefix("~").map(|rest| home().join(rest)).unwrap_or(given),
    }
}

/// The sections of a file; none when it does not exist.
fn read(path: &Path) -> Result<Vec<Section>, ConfigError> {
    let failed = |reason: String| ConfigError::File { path: path.to_owned(), reason, source: None };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(ConfigError::File { path: path.to_owned(), reason: error.to_string(), source: Some(error) }),
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| failed("it is not UTF-8 text".to_owned()))?;
    ini::parse(text).map_err(|bad| failed(format!("line {}: {}", bad.line, bad.reason)))
}
