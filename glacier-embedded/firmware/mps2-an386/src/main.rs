//! The MPS2 board with the AN386 image, a Cortex-M4: passes its devices to the application.
#![no_std]
#![no_main]
// The application is a deep nest of futures, whose layout the compiler computes recursively.
#![recursion_limit = "256"]

mod ethernet;
mod host_disk;

use app::{Board, Console, Devices, Memory, Outcome, StackUse};
use board_support::{console, time_driver};
use embassy_executor::Spawner;
use static_cell::ConstStaticCell;

use ethernet::{Ethernet, Frame};
use host_disk::HostDisk;

/// The processor's clock frequency after reset.
const CORE_HZ: u32 = 25_000_000;
/// The Ethernet address that QEMU assigns. Real hardware needs a unique one.
const ADDRESS: [u8; 6] = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];

const BOARD: Board = Board { name: "mps2-an386", console: Console::new(console::print), host_time: console::host_time, stack_use };

fn stack_use() -> StackUse {
    let board_support::StackUse { used, free } = board_support::stack_use();
    StackUse { used, free }
}

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::new());
static SETTINGS: ConstStaticCell<[u8; 512]> = ConstStaticCell::new([0; 512]);
static FRAME: ConstStaticCell<Frame> = ConstStaticCell::new(ethernet::NO_FRAME);

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    if let Some(peripherals) = cortex_m::Peripherals::take() {
        time_driver::start(peripherals.SYST, CORE_HZ);
    }
    let mut ethernet = Ethernet::new(ADDRESS, FRAME.take());
    let devices = Devices { ethernet: &mut ethernet, card: HostDisk::open() };
    let settings = console::command_line(SETTINGS.take());
    let outcome = app::run(&BOARD, settings, devices, MEMORY.take()).await;
    console::exit(outcome == Outcome::Done)
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    BOARD.console.line(format_args!("panic why=\"{}\"", info.message()));
    console::exit(false)
}
