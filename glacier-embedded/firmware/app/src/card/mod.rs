//! The card: its logs and what is done with them. Reading and writing files is embedded-sdmmc's part; `fat` adds what it lacks.

mod card;
mod fat;
mod file_time;
mod log_name;

pub(crate) use card::{Card, first_and_last};
pub(crate) use log_name::LogName;
