//! The fixture: a home folder with both shared files, and an environment.

use std::collections::HashMap;

use glacier_core::{ProvideCredentials, Timestamp};
use glacier_std::config::{Config, ConfigError, Found};

/// A home folder with both files, and an environment with their paths.
pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) env: HashMap<String, String>,
}

impl Home {
    pub(crate) fn new(config: &str, credentials: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let aws = folder.path().join(".aws");
        std::fs::create_dir(&aws).unwrap();
        std::fs::write(aws.join("config"), config).unwrap();
        std::fs::write(aws.join("credentials"), credentials).unwrap();
        let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        let env = HashMap::from([(home.to_owned(), folder.path().display().to_string())]);
        Home { folder, env }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn try_config<R>(
        &self,
        profile: Option<&str>,
        get: impl FnOnce(&Config<'_>) -> Result<R, ConfigError>,
    ) -> Result<R, ConfigError> {
        let env = |name: &str| self.env.get(name).cloned();
        get(&Config::load(&env, profile)?)
    }

    pub(crate) fn region(&self, profile: Option<&str>, option: Option<&str>) -> Result<Found<String>, ConfigError> {
        self.try_config(profile, |config| config.region(option))
    }

    /// The URL and where it is from.
    pub(crate) fn url(&self, option: Option<&str>) -> (String, String) {
        let found = self.try_config(None, |config| config.endpoint(None, option, false)).unwrap();
        (found.value.url.to_string(), found.from)
    }

    /// The access key's id and where it is from.
    pub(crate) async fn key(&self, profile: Option<&str>) -> Result<(String, String), ConfigError> {
        let env = |name: &str| self.env.get(name).cloned();
        let mut found = Config::load(&env, profile)?.credentials().await?;
        let shown = format!("{found:?}");
        assert!(!shown.contains("SECRET") && !shown.contains("TOKEN"), "{shown}");
        let id = found.value.credentials(Timestamp::from_unix(0)).await.unwrap().access_key_id().to_owned();
        Ok((id, found.from))
    }
}
pub(crate) const KEY: &str = "aws_access_key_id = ID\naws_secret_access_key = SECRET\n";
