//! What a template may use. One list for the run and for the check at compile time.
use crate::chat;
use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior};
use serde::Serialize;

pub const FILTERS: &[&str] = &[
    "abs", "attr", "batch", "bool", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby",
    "indent", "int", "items", "join", "last", "length", "lines", "list", "lower", "map", "max", "min", "reject",
    "rejectattr", "replace", "reverse", "round", "select", "selectattr", "slice", "sort", "split", "splitlines",
    "string", "sum", "title", "tojson", "trim", "truncate", "unique", "upper",
];
pub const TESTS: &[&str] = &[
    "!=", "<", "<=", "==", ">", ">=", "boolean", "defined", "divisibleby", "endingwith", "eq", "equalto", "even",
    "false", "float", "ge", "greaterthan", "gt", "in", "int", "integer", "iterable", "le", "lessthan", "lower", "lt",
    "mapping", "ne", "none", "number", "odd", "sameas", "sequence", "startingwith", "string", "true", "undefined",
    "upper",
];
pub const FUNCTIONS: &[&str] = &["dict", "namespace", "range"];

const DENIED_FILTERS: &[&str] = &["chain", "e", "escape", "format", "pprint", "safe", "urlencode", "zip"];
const DENIED_TESTS: &[&str] = &["escaped", "filter", "safe", "test"];

/// The environment of prompts, inputs and conditions.
pub fn strict(fuel: u64) -> Environment<'static> {
    let mut env = common(fuel);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    for name in DENIED_FILTERS {
        env.remove_filter(name);
    }
    for name in DENIED_TESTS {
        env.remove_test(name);
    }
    let globals: Vec<String> = env.globals().map(|(name, _)| name.to_string()).collect();
    for name in globals.iter().filter(|name| !FUNCTIONS.contains(&name.as_str())) {
        env.remove_global(name);
    }
    env.add_filter("splitlines", minijinja::filters::lines);
    env.add_filter("truncate", truncate);
    env
}

/// The environment of models' chat templates, as transformers sets it up.
pub fn chat(fuel: u64) -> Environment<'static> {
    let mut env = common(fuel);
    env.set_undefined_behavior(UndefinedBehavior::Lenient);
    if let Ok(syntax) = minijinja::syntax::SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        env.set_syntax(syntax);
    }
    env.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    env.add_function("raise_exception", |message: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, message))
    });
    env.add_function("strftime_now", |format: String| chat::fixed_date(&format));
    env
}

fn common(fuel: u64) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_fuel(Some(fuel));
    env.set_recursion_limit(100);
    env.set_debug(true);
    env.remove_global("debug");
    env.add_filter("tojson", tojson);
    env
}

// Jinja's truncate: at most `length` characters, cut at the end of a word unless `killwords`, with `end` behind it. A text
// that is longer by no more than `leeway` stays whole.
fn truncate(text: String, length: Option<usize>, killwords: Option<bool>, kwargs: Kwargs) -> Result<String, Error> {
    let length = match length {
        Some(n) => n,
        None => kwargs.get::<Option<usize>>("length")?.unwrap_or(255),
    };
    let killwords = match killwords {
        Some(k) => k,
        None => kwargs.get::<Option<bool>>("killwords")?.unwrap_or(false),
    };
    let end = kwargs.get::<Option<String>>("end")?.unwrap_or_else(|| "...".to_string());
    let leeway = kwargs.get::<Option<usize>>("leeway")?.unwrap_or(5);
    kwargs.assert_all_used()?;
    if text.chars().count() <= length.saturating_add(leeway) {
        return Ok(text);
    }
    let room = length.saturating_sub(end.chars().count());
    let mut cut: String = text.chars().take(room).collect();
    if !killwords {
        if let Some(blank) = cut.rfind(' ') {
            cut.truncate(blank);
        }
    }
    Ok(cut + &end)
}

// JSON as Python's json.dumps(ensure_ascii=False) writes it, which is what models have read.
fn tojson(state: &State, value: &Value, indent: Option<usize>, kwargs: Kwargs) -> Result<String, Error> {
    let indent = match indent {
        Some(n) => Some(n),
        None => kwargs.get::<Option<usize>>("indent")?,
    };
    let _ = kwargs.get::<Option<bool>>("ensure_ascii");
    kwargs.assert_all_used()?;
    let failed = |e: serde_json::Error| Error::new(ErrorKind::BadSerialization, e.to_string());
    let mut out = Vec::new();
    match indent {
        None => value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Spaced)).map_err(failed)?,
        Some(n) => {
            let blanks = " ".repeat(n.min(16));
            let formatter = serde_json::ser::PrettyFormatter::with_indent(blanks.as_bytes());
            value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter)).map_err(failed)?
        }
    }
    state.consume_fuel(out.len() as u64 / 4)?;
    String::from_utf8(out).map_err(|e| Error::new(ErrorKind::BadSerialization, e.to_string()))
}

struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, w: &mut W, first: bool) -> std::io::Result<()> {
        w.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, w: &mut W, first: bool) -> std::io::Result<()> {
        w.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, w: &mut W) -> std::io::Result<()> {
        w.write_all(b": ")
    }
}
