//! minijinja behind C: a compiled template with its own environment, and its lone expression where it is one.
use crate::chat;
use crate::ffi::*;
use crate::lint::{too_long, Lint};
use crate::template_env;
use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, Expression};
use std::io::Write;

const NAME: &str = "template";

struct LoneExpression {
    compiled: Expression<'static, 'static>,
    // Where in the template's source it begins.
    offset: usize,
}

pub struct TroupeTemplate {
    // Borrows from `env`, so it stands before it and is dropped first.
    lone: Option<LoneExpression>,
    env: Box<Environment<'static>>,
    source: String,
    references: Vec<String>,
    path: Vec<String>,
    is_expression: bool,
}

impl TroupeTemplate {
    fn compile(source: &str, strict: bool, fuel: u64) -> Result<TroupeTemplate, Failure> {
        if let Some(finding) = too_long(source) {
            return Err(placed(Failure::invalid(finding.message), source, finding.offset));
        }
        let mut env = Box::new(if strict { template_env::strict(fuel) } else { template_env::chat(fuel) });
        let body = if strict { source.to_string() } else { chat::without_generation(source) };
        env.add_template_owned(NAME, body).map_err(|e| failure(&e, source, 0))?;
        let mut template = TroupeTemplate {
            lone: None,
            env,
            source: source.to_string(),
            references: Vec::new(),
            path: Vec::new(),
            is_expression: false,
        };
        if strict {
            template.check()?;
        }
        Ok(template)
    }

    // Looks at the syntax tree: what is needed, what is not allowed, is it a lone expression.
    fn check(&mut self) -> Result<(), Failure> {
        let source = self.source.clone();
        let tree = minijinja::machinery::parse(&source, NAME, Default::default())
            .map_err(|e| failure(&e, &source, 0))?;
        let mut lint = Lint::new(&source);
        lint.statement(&tree);
        if let Some(first) = lint.findings.iter().min_by_key(|f| f.offset) {
            return Err(placed(Failure::invalid(first.message.clone()), &source, first.offset));
        }
        self.references = lint.references.into_iter().collect();
        let Stmt::Template(root) = &tree else { return Ok(()) };
        let solid = |s: &&Stmt| !matches!(s, Stmt::EmitRaw(raw) if raw.raw.trim().is_empty());
        let mut solids = root.children.iter().filter(solid);
        let (Some(Stmt::EmitExpr(emit)), None) = (solids.next(), solids.next()) else { return Ok(()) };
        let Some((inner, offset)) = inside(&source) else { return Ok(()) };
        self.path = plain_path(&emit.expr);
        // SAFETY: the environment is boxed, is never changed from here on, and is dropped after the expression.
        let env: &'static Environment<'static> = unsafe { &*(self.env.as_ref() as *const Environment<'static>) };
        let compiled =
            env.compile_expression_owned(inner.to_string()).map_err(|e| failure(&e, &source, offset))?;
        self.lone = Some(LoneExpression { compiled, offset });
        self.is_expression = true;
        Ok(())
    }

    fn render(&self, context: &[u8], max_bytes: usize) -> Result<Vec<u8>, Failure> {
        let context = parse(context)?;
        let template = self.env.get_template(NAME).map_err(|e| failure(&e, &self.source, 0))?;
        let mut out = Limited { bytes: Vec::new(), max_bytes, full: false };
        match template.render_captured_to(context, &mut out) {
            Ok(_) => Ok(out.bytes),
            Err(_) if out.full => Err(Failure::new(
                Code::ResourceExhausted,
                format!("the result is longer than {max_bytes} bytes: put less into it"),
            )),
            Err(e) => Err(failure(&e, &self.source, 0)),
        }
    }

    fn evaluate(&self, context: &[u8], max_bytes: usize) -> Result<Vec<u8>, Failure> {
        let Some(lone) = &self.lone else {
            let text = self.render(context, max_bytes)?;
            let text = String::from_utf8_lossy(&text);
            return serde_json::to_vec(&text).map_err(|e| Failure::new(Code::Internal, e.to_string()));
        };
        let value = lone.compiled.eval(parse(context)?).map_err(|e| failure(&e, &self.source, lone.offset))?;
        if value.is_undefined() {
            let what = self.source[lone.offset..].trim_end_matches(['}', '-', '+', ' ', '\n']).trim();
            let message = format!("'{what}' is undefined: nothing gave it a value");
            return Err(placed(Failure::invalid(message), &self.source, lone.offset));
        }
        let mut out = Limited { bytes: Vec::new(), max_bytes: max_bytes.saturating_mul(2), full: false };
        match serde_json::to_writer(&mut out, &value) {
            Ok(()) => Ok(out.bytes),
            Err(_) if out.full => {
                Err(Failure::new(Code::ResourceExhausted, format!("the result is longer than {max_bytes} bytes")))
            }
            Err(e) => Err(placed(
                Failure::invalid(format!("the expression gives no plain value: {e}")),
                &self.source,
                lone.offset,
            )),
        }
    }
}

struct Limited {
    bytes: Vec<u8>,
    max_bytes: usize,
    full: bool,
}

impl Write for Limited {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + data.len() > self.max_bytes {
            self.full = true;
            return Err(std::io::Error::other("too long"));
        }
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn parse(context: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(context).map_err(|e| Failure::invalid(format!("the context is not JSON: {e}")))
}

// The expression within `{{ }}` and where it begins; the source is known to hold nothing else.
fn inside(source: &str) -> Option<(&str, usize)> {
    let start = source.find("{{")? + 2;
    let end = source.rfind("}}")?;
    let (mut start, mut end) = (start, end);
    if source[start..end].starts_with(['-', '+']) {
        start += 1;
    }
    if start < end && source[start..end].ends_with(['-', '+']) {
        end -= 1;
    }
    let inner = &source[start..end];
    let blanks = inner.len() - inner.trim_start().len();
    Some((inner.trim(), start + blanks))
}

fn plain_path(expr: &Expr) -> Vec<String> {
    let (mut parts, mut at) = (Vec::new(), expr);
    loop {
        match at {
            Expr::GetAttr(g) => {
                parts.push(g.name.to_string());
                at = &g.expr;
            }
            Expr::Var(v) if !template_env::FUNCTIONS.contains(&v.id) => {
                parts.push(v.id.to_string());
                parts.reverse();
                return parts;
            }
            _ => return Vec::new(),
        }
    }
}

fn placed(mut failure: Failure, source: &str, offset: usize) -> Failure {
    let before = &source.as_bytes()[..offset.min(source.len())];
    failure.line = 1 + before.iter().filter(|b| **b == b'\n').count() as u32;
    failure.column = 1 + before.iter().rev().take_while(|b| **b != b'\n').count() as u32;
    failure
}

// minijinja's error with its place in `source`, in which the failing part begins at `offset`.
fn failure(error: &Error, source: &str, offset: usize) -> Failure {
    let code = match error.kind() {
        ErrorKind::OutOfFuel => Code::ResourceExhausted,
        _ => Code::InvalidArgument,
    };
    let mut message = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "the template takes too much work: loop over less".to_string(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    let range = error.range().map(|r| (r.start + offset).min(source.len())..(r.end + offset).min(source.len()));
    if error.kind() == ErrorKind::UndefinedError {
        if let Some(part) = range.clone().and_then(|r| source.get(r)).filter(|p| !p.is_empty() && p.len() < 120) {
            message = format!("{message} ('{part}')");
        }
    }
    let bare = Failure::new(code, message);
    match range {
        Some(r) => placed(bare, source, r.start),
        None => Failure { line: error.line().unwrap_or(0) as u32, column: error.line().map_or(0, |_| 1), ..bare },
    }
}

#[repr(C)]
pub struct TemplateInfo {
    // One to a line.
    references: Bytes,
    path: Bytes,
    is_expression: bool,
}

#[no_mangle]
pub unsafe extern "C" fn troupe_template_compile(
    source: *const u8,
    len: usize,
    strict: bool,
    fuel: u64,
    out: *mut *mut TroupeTemplate,
    error: *mut CError,
) -> bool {
    quiet_panics();
    enter(error, out, || Ok(Box::into_raw(Box::new(TroupeTemplate::compile(text(source, len)?, strict, fuel)?))))
}

#[no_mangle]
pub unsafe extern "C" fn troupe_template_free(t: *mut TroupeTemplate) {
    if !t.is_null() {
        drop(Box::from_raw(t));
    }
}

#[no_mangle]
pub unsafe extern "C" fn troupe_template_info_of(
    t: *const TroupeTemplate,
    out: *mut TemplateInfo,
    error: *mut CError,
) -> bool {
    enter(error, out, || {
        let t = &*t;
        Ok(TemplateInfo {
            references: t.references.join("\n").into_bytes().into(),
            path: t.path.join("\n").into_bytes().into(),
            is_expression: t.is_expression,
        })
    })
}

#[no_mangle]
pub unsafe extern "C" fn troupe_template_render(
    t: *const TroupeTemplate,
    context: *const u8,
    len: usize,
    max_bytes: usize,
    out: *mut Bytes,
    error: *mut CError,
) -> bool {
    enter(error, out, || Ok((*t).render(bytes(context, len), max_bytes)?.into()))
}

/// The result as JSON.
#[no_mangle]
pub unsafe extern "C" fn troupe_template_evaluate(
    t: *const TroupeTemplate,
    context: *const u8,
    len: usize,
    max_bytes: usize,
    out: *mut Bytes,
    error: *mut CError,
) -> bool {
    enter(error, out, || Ok((*t).evaluate(bytes(context, len), max_bytes)?.into()))
}

/// `kind`: 0 filters, 1 tests, 2 functions; one to a line.
#[no_mangle]
pub unsafe extern "C" fn troupe_template_allowed(kind: u32, out: *mut Bytes, error: *mut CError) -> bool {
    enter(error, out, || {
        let names = match kind {
            0 => template_env::FILTERS,
            1 => template_env::TESTS,
            _ => template_env::FUNCTIONS,
        };
        Ok(names.join("\n").into_bytes().into())
    })
}
