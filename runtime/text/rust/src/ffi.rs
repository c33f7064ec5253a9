//! What crosses the border: bytes and numbers owned by Rust until given back, and errors with a place.
use std::panic::{catch_unwind, AssertUnwindSafe};

#[derive(Clone, Copy, PartialEq)]
#[repr(i32)]
pub enum Code {
    InvalidArgument = 3,
    ResourceExhausted = 8,
    Internal = 13,
}

pub struct Failure {
    pub code: Code,
    pub message: String,
    pub line: u32,
    pub column: u32,
}

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into(), line: 0, column: 0 }
    }

    pub fn invalid(message: impl Into<String>) -> Failure {
        Failure::new(Code::InvalidArgument, message)
    }
}

#[repr(C)]
pub struct Bytes {
    data: *mut u8,
    len: usize,
    capacity: usize,
}

#[repr(C)]
pub struct Words {
    data: *mut u32,
    len: usize,
    capacity: usize,
}

#[repr(C)]
pub struct CError {
    code: i32,
    line: u32,
    column: u32,
    message: Bytes,
}

impl From<Vec<u8>> for Bytes {
    fn from(v: Vec<u8>) -> Bytes {
        let mut v = std::mem::ManuallyDrop::new(v);
        Bytes { data: v.as_mut_ptr(), len: v.len(), capacity: v.capacity() }
    }
}

impl From<Vec<u32>> for Words {
    fn from(v: Vec<u32>) -> Words {
        let mut v = std::mem::ManuallyDrop::new(v);
        Words { data: v.as_mut_ptr(), len: v.len(), capacity: v.capacity() }
    }
}

#[no_mangle]
pub unsafe extern "C" fn troupe_bytes_free(b: Bytes) {
    if !b.data.is_null() && b.capacity != 0 {
        drop(Vec::from_raw_parts(b.data, b.len, b.capacity));
    }
}

#[no_mangle]
pub unsafe extern "C" fn troupe_words_free(w: Words) {
    if !w.data.is_null() && w.capacity != 0 {
        drop(Vec::from_raw_parts(w.data, w.len, w.capacity));
    }
}

/// A caller's bytes; a null pointer only with length 0.
pub unsafe fn bytes<'a>(data: *const u8, len: usize) -> &'a [u8] {
    if len == 0 {
        &[]
    } else {
        std::slice::from_raw_parts(data, len)
    }
}

pub unsafe fn words<'a>(data: *const u32, len: usize) -> &'a [u32] {
    if len == 0 {
        &[]
    } else {
        std::slice::from_raw_parts(data, len)
    }
}

pub unsafe fn text<'a>(data: *const u8, len: usize) -> Result<&'a str, Failure> {
    std::str::from_utf8(bytes(data, len))
        .map_err(|e| Failure::invalid(format!("the text is not UTF-8: bad byte at offset {}", e.valid_up_to())))
}

/// Runs one entry point: true and the value in `out`, or false and the reason in `error`.
pub unsafe fn enter<T>(error: *mut CError, out: *mut T, body: impl FnOnce() -> Result<T, Failure>) -> bool {
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()))
            .unwrap_or_default();
        Err(Failure::new(Code::Internal, format!("the text library gave up on this input: {what}")))
    });
    match result {
        Ok(value) => {
            out.write(value);
            true
        }
        Err(f) => {
            error.write(CError {
                code: f.code as i32,
                line: f.line,
                column: f.column,
                message: f.message.into_bytes().into(),
            });
            false
        }
    }
}

/// Panics are reported as errors; the default hook would also print them.
pub fn quiet_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|_| {})));
}

pub unsafe fn drop_error(error: CError) {
    troupe_bytes_free(error.message);
}
