//! The Rust crates behind runtime/text, as one static library with the C face of troupe_text.h. Every entry point checks
//! its input, catches panics and answers with an error, so that hostile input never ends the process.
mod chat;
mod ffi;
mod grammar;
mod lint;
mod template;
mod template_env;
mod tokenizer;
