//! What can be said about a template before it runs: names it needs from outside, and uses that are not allowed.
use crate::template_env::{FILTERS, FUNCTIONS, TESTS};
use minijinja::machinery::ast::{self, CallArg, Expr, Stmt};
use minijinja::machinery::{tokenize, Token};
use std::collections::BTreeSet;

pub struct Finding {
    pub offset: usize,
    pub message: String,
}

const MAX_TOKENS_A_TAG: usize = 4_000;
const MAX_BLOCK_TAGS: usize = 2_000;

/// Refuses what would nest too deep. The compiler goes down one level of the stack for each link of a chain (`a.b.c`,
/// `1 + 1 + 1`, `not not a`) and each `elif`, so their number is bounded before it sees them.
pub fn too_long(source: &str) -> Option<Finding> {
    let (mut in_tag, mut blocks) = (0, 0);
    for token in tokenize(source, false, Default::default()) {
        // A broken token is the compiler's to report.
        let Ok((token, span)) = token else { return None };
        match token {
            Token::VariableStart | Token::BlockStart => in_tag = 0,
            _ => in_tag += 1,
        }
        blocks += usize::from(matches!(token, Token::BlockStart));
        let message = if in_tag > MAX_TOKENS_A_TAG {
            format!("more than {MAX_TOKENS_A_TAG} words and signs in one tag: cut it up")
        } else if blocks > MAX_BLOCK_TAGS {
            format!("more than {MAX_BLOCK_TAGS} '{{% %}}' tags in one template: cut it up")
        } else {
            continue;
        };
        return Some(Finding { offset: span.start_offset as usize, message });
    }
    None
}

pub struct Lint<'a> {
    source: &'a str,
    scopes: Vec<BTreeSet<String>>,
    pub references: BTreeSet<String>,
    pub findings: Vec<Finding>,
}

impl<'a> Lint<'a> {
    pub fn new(source: &'a str) -> Lint<'a> {
        Lint { source, scopes: vec![BTreeSet::new()], references: BTreeSet::new(), findings: Vec::new() }
    }

    pub fn statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Template(t) => self.statements(&t.children),
            Stmt::EmitExpr(e) => self.expr(&e.expr),
            Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
            Stmt::ForLoop(f) => self.for_loop(f),
            Stmt::IfCond(c) => {
                self.expr(&c.expr);
                self.statements(&c.true_body);
                self.statements(&c.false_body);
            }
            Stmt::WithBlock(w) => {
                self.scopes.push(BTreeSet::new());
                for (target, value) in &w.assignments {
                    self.expr(value);
                    self.assign(target);
                }
                self.statements(&w.body);
                self.scopes.pop();
            }
            Stmt::Set(s) => {
                self.expr(&s.expr);
                self.assign(&s.target);
            }
            Stmt::SetBlock(s) => {
                self.scopes.push(BTreeSet::new());
                self.statements(&s.body);
                self.scopes.pop();
                self.optional(&s.filter);
                self.assign(&s.target);
            }
            Stmt::AutoEscape(a) => {
                self.find(a.span().start_offset, "'autoescape' is not allowed: nothing is escaped here".to_string())
            }
            Stmt::FilterBlock(f) => {
                self.expr(&f.filter);
                self.scopes.push(BTreeSet::new());
                self.statements(&f.body);
                self.scopes.pop();
            }
            Stmt::Macro(m) => {
                self.declare(m.name);
                self.macro_body(m);
            }
            Stmt::CallBlock(c) => {
                self.call(&c.call);
                self.macro_body(&c.macro_decl);
            }
            Stmt::Do(d) => self.call(&d.call),
        }
    }

    fn statements(&mut self, list: &[Stmt]) {
        for stmt in list {
            self.statement(stmt);
        }
    }

    fn for_loop(&mut self, f: &ast::ForLoop) {
        self.expr(&f.iter);
        self.scopes.push(BTreeSet::new());
        self.declare("loop");
        self.assign(&f.target);
        self.optional(&f.filter_expr);
        self.statements(&f.body);
        self.scopes.pop();
        self.scopes.push(BTreeSet::new());
        self.statements(&f.else_body);
        self.scopes.pop();
    }

    fn macro_body(&mut self, m: &ast::Macro) {
        self.scopes.push(BTreeSet::new());
        self.declare("caller");
        for default in &m.defaults {
            self.expr(default);
        }
        for arg in &m.args {
            self.assign(arg);
        }
        self.statements(&m.body);
        self.scopes.pop();
    }

    pub fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Var(_) | Expr::GetAttr(_) => self.path(expr),
            Expr::GetItem(g) => {
                self.path(expr);
                self.expr(&g.subscript_expr);
            }
            Expr::Const(_) => {}
            Expr::Slice(s) => {
                self.expr(&s.expr);
                self.optional(&s.start);
                self.optional(&s.stop);
                self.optional(&s.step);
            }
            Expr::UnaryOp(u) => self.expr(&u.expr),
            Expr::BinOp(b) => {
                self.expr(&b.left);
                self.expr(&b.right);
            }
            Expr::Compare(c) => {
                self.expr(&c.expr);
                for op in &c.ops {
                    self.expr(&op.expr);
                }
            }
            Expr::IfExpr(i) => {
                self.expr(&i.test_expr);
                self.expr(&i.true_expr);
                self.optional(&i.false_expr);
            }
            Expr::Filter(f) => {
                self.optional(&f.expr);
                let from = f.expr.as_ref().map_or(f.span().start_offset, |e| e.span().end_offset);
                self.known("filter", f.name, FILTERS, from);
                self.args(&f.args);
            }
            Expr::Test(t) => {
                self.expr(&t.expr);
                self.known("test", t.name, TESTS, t.expr.span().end_offset);
                self.args(&t.args);
            }
            Expr::Call(c) => self.call(c),
            Expr::List(l) => l.items.iter().for_each(|e| self.expr(e)),
            Expr::Tuple(t) => t.items.iter().for_each(|e| self.expr(e)),
            Expr::Map(m) => {
                m.keys.iter().for_each(|e| self.expr(e));
                m.values.iter().for_each(|e| self.expr(e));
            }
        }
    }

    fn optional(&mut self, expr: &Option<Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn args(&mut self, args: &[CallArg]) {
        for arg in args {
            match arg {
                CallArg::Pos(e) | CallArg::Kwarg(_, e) | CallArg::PosSplat(e) | CallArg::KwargSplat(e) => self.expr(e),
            }
        }
    }

    fn call(&mut self, call: &ast::Call) {
        match &call.expr {
            Expr::Var(v) if self.is_declared(v.id) => {}
            Expr::Var(v) => self.known("function", v.id, FUNCTIONS, v.span().start_offset),
            Expr::GetAttr(g) => self.expr(&g.expr),
            other => self.expr(other),
        }
        self.args(&call.args);
    }

    // Adds "a.b.c" for a chain of attributes and literal keys that begins with an outside name.
    fn path(&mut self, expr: &Expr) {
        let mut parts: Vec<String> = Vec::new();
        let mut at = expr;
        loop {
            match at {
                Expr::GetAttr(g) => {
                    parts.push(g.name.to_string());
                    at = &g.expr;
                }
                Expr::GetItem(g) => {
                    match &g.subscript_expr {
                        Expr::Const(c) if c.value.as_str().is_some_and(is_name) => {
                            parts.push(c.value.as_str().unwrap_or_default().to_string())
                        }
                        // Behind a computed key nothing is known: the whole container is needed.
                        _ => {
                            parts.clear();
                            if !matches!(at as *const Expr, p if std::ptr::eq(p, expr)) {
                                self.expr(&g.subscript_expr);
                            }
                        }
                    }
                    at = &g.expr;
                }
                Expr::Var(v) => {
                    if !self.is_declared(v.id) && !(parts.is_empty() && FUNCTIONS.contains(&v.id)) {
                        parts.push(v.id.to_string());
                        parts.reverse();
                        self.references.insert(parts.join("."));
                    }
                    return;
                }
                other => return self.expr(other),
            }
        }
    }

    fn assign(&mut self, target: &Expr) {
        match target {
            Expr::Var(v) => self.declare(v.id),
            Expr::List(l) => l.items.iter().for_each(|e| self.assign(e)),
            Expr::Tuple(t) => t.items.iter().for_each(|e| self.assign(e)),
            other => self.expr(other),
        }
    }

    fn declare(&mut self, name: &str) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_string());
        }
    }

    fn is_declared(&self, name: &str) -> bool {
        self.scopes.iter().any(|s| s.contains(name))
    }

    fn known(&mut self, what: &str, name: &str, allowed: &[&str], from: u32) {
        if allowed.contains(&name) {
            return;
        }
        let from = (from as usize).min(self.source.len());
        let offset = self.source.get(from..).and_then(|rest| rest.find(name)).map_or(from, |at| from + at);
        let hint = match closest(name, allowed) {
            Some(best) => format!("did you mean '{best}'?"),
            None => format!("allowed are {}", allowed.join(", ")),
        };
        self.find(offset as u32, format!("unknown or forbidden {what} '{name}'; {hint}"));
    }

    fn find(&mut self, offset: u32, message: String) {
        self.findings.push(Finding { offset: offset as usize, message });
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// The allowed name that a slip of the finger away, if there is one.
fn closest<'n>(name: &str, allowed: &[&'n str]) -> Option<&'n str> {
    let limit = 1 + name.chars().count() / 4;
    allowed
        .iter()
        .map(|candidate| (distance(name, candidate), *candidate))
        .filter(|(d, _)| *d <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

// Levenshtein's distance, two rows.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut row = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let change = above[j] + usize::from(ca != *cb);
            row.push(change.min(above[j + 1] + 1).min(row[j] + 1));
        }
        above = row;
    }
    above[b.len()]
}
