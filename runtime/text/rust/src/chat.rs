//! What models' chat templates use beyond Jinja, as transformers has it.

/// `{% generation %}` marks what an assistant says, for training; here its body is rendered like any other. The tags become
/// `{% with %}` of the same length, which keeps what is set within to itself, as in transformers, and all places in messages.
pub fn without_generation(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(begin) = rest.find('{') {
        let close = match rest.as_bytes().get(begin + 1) {
            Some(b'%') => "%}",
            Some(b'{') => "}}",
            Some(b'#') => "#}",
            _ => {
                out.push_str(&rest[..=begin]);
                rest = &rest[begin + 1..];
                continue;
            }
        };
        out.push_str(&rest[..begin + 2]);
        rest = &rest[begin + 2..];
        let Some(end) = end_of(rest, close) else { break };
        let tag = &rest[..end];
        let name = tag.trim_matches(|c: char| c.is_ascii_whitespace() || c == '-' || c == '+');
        match name {
            "generation" if close == "%}" => out.push_str(&tag.replace(name, "with      ")),
            "endgeneration" if close == "%}" => out.push_str(&tag.replace(name, "endwith      ")),
            _ => out.push_str(tag),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

// Where a tag ends: at the first `close` that is in no string; a comment has none.
fn end_of(tag: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in tag.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if tag[at..].starts_with(close) => return Some(at),
            None if close != "#}" && (c == '"' || c == '\'') => quote = Some(c),
            None => {}
        }
    }
    None
}

/// strftime of a day that does not move, so that a prompt depends on its input alone: Friday, 26 July 2024, midnight. That
/// day is what Llama 3.1's template has where it is given none. An unknown directive stays as it is.
pub fn fixed_date(format: &str) -> String {
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('d') => out.push_str("26"),
            Some('b') | Some('h') => out.push_str("Jul"),
            Some('B') => out.push_str("July"),
            Some('m') => out.push_str("07"),
            Some('Y') => out.push_str("2024"),
            Some('y') => out.push_str("24"),
            Some('a') => out.push_str("Fri"),
            Some('A') => out.push_str("Friday"),
            Some('j') => out.push_str("208"),
            Some('H') | Some('M') | Some('S') => out.push_str("00"),
            Some('I') => out.push_str("12"),
            Some('p') => out.push_str("AM"),
            Some('F') => out.push_str("2024-07-26"),
            Some('T') => out.push_str("00:00:00"),
            Some('%') => out.push('%'),
            Some(other) => {
                out.push('%');
                out.push(other);
            }
            None => out.push('%'),
        }
    }
    out
}
