//! The LM3S6965 evaluation board: hands its devices to the application.
#![no_std]
#![no_main]
// The application is one future of many futures, and their layout is computed layer by layer.
#![recursion_limit = "256"]

mod ethernet;
mod sd_card;

use app::{Board, Console};
use board_support::{console, stack_use, time_driver};
use embassy_executor::Spawner;

/// The processor's clock after reset.
const CORE_HZ: u32 = 12_500_000;
const ADDRESS: [u8; 6] = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    if let Some(peripherals) = cortex_m::Peripherals::take() {
        time_driver::start(peripherals.SYST, CORE_HZ);
    }
    let mut settings = [0; 512];
    let board = Board {
        name: "lm3s6965evb",
        console: Console::new(console::print),
        settings: console::command_line(&mut settings),
        ethernet: ethernet::Ethernet::new(ADDRESS),
        card: sd_card::sd_card(app::Delay),
        host_time: console::host_time,
        stack_use,
    };
    console::exit(app::run(board).await)
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    Console::new(console::print).line(format_args!("panic why=\"{}\"", info.message()));
    console::exit(app::Outcome::Stopped)
}
