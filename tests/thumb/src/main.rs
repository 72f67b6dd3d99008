//! Calls all of glacier-core with values that are opaque to the compiler, so that it cannot optimize any path away. `check` links it for
//! Cortex-M and looks for allocators and panics in the image.
#![no_std]
#![no_main]

mod board;
mod calls;
mod flows;
#[allow(dead_code)] // The input of select jobs, which calls.rs starts.
#[path = "../../sizes/src/inputs.rs"]
mod inputs;
#[path = "../../sizes/src/operations.rs"]
mod operations;
mod runtime;
mod session;
mod values;

#[cfg(feature = "break-with-heap")]
mod heap;

use core::hint::black_box;
use core::panic::PanicInfo;

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let inputs = inputs::Inputs::new();
    operations::all(&mut session::Session::new(&inputs), &inputs);
    dummy::block_on(calls::all());
    dummy::block_on(flows::all());
    values::all();
    #[cfg(feature = "break-with-unwrap")]
    black_box(black_box(None::<u32>).unwrap());
    #[cfg(feature = "break-with-heap")]
    heap::use_it();
    loop {
        black_box(());
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    loop {
        black_box(info);
    }
}
