//! embassy's time driver on SysTick, which every Cortex-M has: 100 interrupts per second.
//!
//! QEMU drops interrupts that it is late for, so with a higher rate the clock would be slow on a busy host.

use core::cell::{Cell, RefCell};
use core::task::Waker;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use critical_section::Mutex;
use embassy_time_driver::{Driver, TICK_HZ};
use embassy_time_queue_utils::Queue;

const INTERRUPTS_HZ: u32 = 100;

struct SysTickDriver {
    /// In a critical section, because a Cortex-M3 has no 64-bit atomics.
    ticks: Mutex<Cell<u64>>,
    queue: Mutex<RefCell<Queue>>,
}

embassy_time_driver::time_driver_impl!(static DRIVER: SysTickDriver = SysTickDriver {
    ticks: Mutex::new(Cell::new(0)),
    queue: Mutex::new(RefCell::new(Queue::new())),
});

impl Driver for SysTickDriver {
    fn now(&self) -> u64 {
        critical_section::with(|cs| self.ticks.borrow(cs).get())
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|cs| {
            let mut queue = self.queue.borrow(cs).borrow_mut();
            if queue.schedule_wake(at, waker) {
                // Wakes what is due already; the interrupt wakes the rest.
                queue.next_expiration(self.now());
            }
        });
    }
}

/// Starts the clock. `core_hz` is the processor's clock frequency.
pub fn start(mut systick: SYST, core_hz: u32) {
    systick.set_clock_source(SystClkSource::Core);
    systick.set_reload(core_hz / INTERRUPTS_HZ - 1);
    systick.clear_current();
    systick.enable_counter();
    systick.enable_interrupt();
}

#[exception]
fn SysTick() {
    critical_section::with(|cs| {
        let ticks = DRIVER.ticks.borrow(cs);
        ticks.set(ticks.get() + TICK_HZ / u64::from(INTERRUPTS_HZ));
        DRIVER.queue.borrow(cs).borrow_mut().next_expiration(ticks.get());
    });
}
