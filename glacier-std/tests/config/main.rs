//! Region, endpoint, credentials and other settings from options, environment and files.

mod credentials;
mod endpoint;
mod files;
mod home;
#[cfg(unix)]
mod process;
mod settings;
