//! The shared files: their paths, and what they say of a profile.

use std::path::{Path, PathBuf};

use super::environment::{Env, non_empty};
use super::error::ConfigError;
use super::ini::{self, Section, Value};
use crate::bounded_file;

/// The maximum size of a shared file: 1 MiB, which is room for thousands of profiles.
const LIMIT: u64 = 1 << 20;

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
        Profile::read(name, files, asked.is_some())
    }

    /// Reads the config and the credentials file, one of which must have the profile if it was `asked` for.
    pub(super) fn read(name: String, files: [PathBuf; 2], asked: bool) -> Result<Self, ConfigError> {
        let [config, credentials] = &files;
        let (mut plain, mut prefixed, mut services) = (Vec::new(), Vec::new(), Vec::new());
        for section in read(config)? {
            if section.name.split_once([' ', '\t']).is_some_and(|(word, _)| word == "services") {
                services.push(section);
            } else if profile_name(&section.name) == Some(name.as_str()) {
                let kind = if section.name == "default" { &mut plain } else { &mut prefixed };
                kind.push((config.clone(), section));
            }
        }
        // Where there are both [default] and [profile default], the former does not count.
        let mut sections = if prefixed.is_empty() { plain } else { prefixed };
        let named = |section: &Section| unquoted(&section.name) == name;
        sections.extend(read(credentials)?.into_iter().filter(named).map(|section| (credentials.clone(), section)));
        if sections.is_empty() && asked {
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
    pub(super) fn section_with(&self, key: &str, file: &Path) -> Option<&Section> {
        let found = self.sections.iter().rev().find(|(path, section)| path == file && section.get(key).is_some());
        found.map(|(_, section)| section)
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

/// The profile of a section of the config file. Only `default` does without the word `profile` there.
pub(super) fn profile_name(section: &str) -> Option<&str> {
    match section.split_once([' ', '\t']) {
        Some(("profile", name)) => Some(unquoted(name)),
        None if section == "default" => Some(section),
        _ => None,
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
    let failed = |reason: String, source| ConfigError::File { path: path.to_owned(), reason, source };
    let bytes = match bounded_file::read(path, LIMIT) {
        Ok(bytes) => bytes,
        Err(error) if error.is_missing() => return Ok(Vec::new()),
        Err(error) => return Err(failed(error.to_string(), error.into_system())),
    };
    let text = bounded_file::text(&bytes).map_err(|reason| failed(reason, None))?;
    ini::parse(text).map_err(|bad| failed(format!("line {}: {}", bad.line, bad.reason), None))
}
