//! tokenizers behind C: one immutable tokeniser, shared by all threads.
use crate::ffi::*;
use std::sync::{Arc, OnceLock};
use tokenizers::models::ModelWrapper;
use tokenizers::{EncodeInput, Tokenizer};

/// How the bytes of a token follow from its name.
#[derive(Clone, Copy, PartialEq)]
pub enum Spelling {
    ByteLevel,
    ByteFallback,
    WordPiece,
    Plain,
}

pub struct Inner {
    usual: Tokenizer,
    // The same, reading special tokens in a text as letters; made when first asked for.
    plain: OnceLock<Tokenizer>,
    pub spelling: Spelling,
    strips_first_blank: bool,
    pub names: Vec<Option<String>>,
    pub token_bytes: Vec<Vec<u8>>,
    pub special: Vec<bool>,
}

pub struct TroupeTokenizer(pub Arc<Inner>);

impl Inner {
    fn from_json(json: &[u8]) -> Result<Inner, Failure> {
        let mut usual = Tokenizer::from_bytes(json).map_err(|e| Failure::invalid(e.to_string()))?;
        usual.with_padding(None);
        usual.with_truncation(None).map_err(|e| Failure::invalid(e.to_string()))?;
        let (spelling, strips_first_blank) = spelling(&usual)?;
        let vocab = usual.get_vocab(true);
        let count = vocab.values().map(|id| *id as usize + 1).max().unwrap_or(0);
        if count == 0 || count > 4_000_000 {
            return Err(Failure::invalid(format!("the vocabulary spans {count} ids; 1 to 4,000,000 are possible")));
        }
        let mut names: Vec<Option<String>> = vec![None; count];
        for (name, id) in vocab {
            names[id as usize] = Some(name);
        }
        let mut special = vec![false; count];
        let mut literal = vec![false; count];
        for (id, token) in usual.get_added_tokens_decoder() {
            special[id as usize] = token.special;
            literal[id as usize] = true;
        }
        let token_bytes = (0..count)
            .map(|i| match &names[i] {
                Some(name) if literal[i] && !special[i] => name.clone().into_bytes(),
                Some(name) if !special[i] => bytes_of(name, spelling),
                _ => Vec::new(),
            })
            .collect();
        Ok(Inner { usual, plain: OnceLock::new(), spelling, strips_first_blank, names, token_bytes, special })
    }

    fn plain(&self) -> &Tokenizer {
        self.plain.get_or_init(|| {
            let mut t = self.usual.clone();
            t.set_encode_special_tokens(true);
            t
        })
    }

    pub fn encode_plain(&self, text: &str) -> Vec<u32> {
        self.plain().encode_fast(text, false).map(|e| e.get_ids().to_vec()).unwrap_or_default()
    }
}

// And whether decoding takes a blank off the front of a text.
fn spelling(tokenizer: &Tokenizer) -> Result<(Spelling, bool), Failure> {
    let failed = |e: serde_json::Error| Failure::invalid(e.to_string());
    let decoder = serde_json::to_value(tokenizer.get_decoder()).map_err(failed)?;
    let pre_tokenizer = serde_json::to_value(tokenizer.get_pre_tokenizer()).map_err(failed)?;
    let has = |kind: &str| mentions(&decoder, kind);
    let byte_fallback = match tokenizer.get_model() {
        ModelWrapper::BPE(model) => model.byte_fallback,
        ModelWrapper::Unigram(model) => model.byte_fallback(),
        _ => false,
    };
    let spelling = if has("ByteLevel") || mentions(&pre_tokenizer, "ByteLevel") {
        Spelling::ByteLevel
    } else if byte_fallback {
        Spelling::ByteFallback
    } else if matches!(tokenizer.get_model(), ModelWrapper::WordPiece(_)) || has("WordPiece") {
        Spelling::WordPiece
    } else {
        Spelling::Plain
    };
    Ok((spelling, spelling == Spelling::WordPiece || has("Strip") || has("Metaspace")))
}

// True where this part of a pipeline, or one inside its sequence, is of `kind`.
fn mentions(part: &serde_json::Value, kind: &str) -> bool {
    part["type"] == kind
        || ["decoders", "pretokenizers"]
            .iter()
            .any(|list| part[list].as_array().is_some_and(|l| l.iter().any(|p| mentions(p, kind))))
}

fn bytes_of(name: &str, spelling: Spelling) -> Vec<u8> {
    match spelling {
        Spelling::ByteLevel => {
            let mut out = Vec::with_capacity(name.len());
            for c in name.chars() {
                match byte_of(c) {
                    Some(b) => out.push(b),
                    None => return name.as_bytes().to_vec(),
                }
            }
            out
        }
        Spelling::ByteFallback => {
            if name.len() == 6 && name.starts_with("<0x") && name.ends_with('>') {
                if let Ok(b) = u8::from_str_radix(&name[3..5], 16) {
                    return vec![b];
                }
            }
            name.replace('\u{2581}', " ").into_bytes()
        }
        Spelling::WordPiece => match name.strip_prefix("##") {
            Some(rest) => rest.as_bytes().to_vec(),
            None => format!(" {name}").into_bytes(),
        },
        Spelling::Plain => name.replace('\u{2581}', " ").into_bytes(),
    }
}

// GPT-2's byte-to-character table, backwards: printable Latin-1 stands for itself, the other bytes follow from U+0100.
fn byte_of(c: char) -> Option<u8> {
    static TABLE: OnceLock<std::collections::HashMap<char, u8>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table = std::collections::HashMap::new();
        let mut next = 256u32;
        for b in 0..=255u8 {
            let own = (33..=126).contains(&b) || (161..=172).contains(&b) || b >= 174;
            let c = if own {
                b as u32
            } else {
                next += 1;
                next - 1
            };
            table.insert(char::from_u32(c).unwrap_or('\0'), b);
        }
        table
    });
    table.get(&c).copied()
}

fn flatten(pieces: impl Iterator<Item = Vec<u8>>) -> (Vec<u8>, Vec<u32>) {
    let (mut all, mut offsets) = (Vec::new(), vec![0u32]);
    for piece in pieces {
        all.extend_from_slice(&piece);
        offsets.push(all.len() as u32);
    }
    (all, offsets)
}

#[repr(C)]
pub struct TokenTable {
    names: Bytes,
    name_offsets: Words,
    bytes: Bytes,
    byte_offsets: Words,
    special: Bytes,
    byte_level: bool,
    strips_first_blank: bool,
}

#[no_mangle]
pub unsafe extern "C" fn troupe_tokenizer_from_json(
    json: *const u8,
    len: usize,
    out: *mut *mut TroupeTokenizer,
    error: *mut CError,
) -> bool {
    quiet_panics();
    enter(error, out, || {
        let inner = Inner::from_json(bytes(json, len))?;
        Ok(Box::into_raw(Box::new(TroupeTokenizer(Arc::new(inner)))))
    })
}

#[no_mangle]
pub unsafe extern "C" fn troupe_tokenizer_free(t: *mut TroupeTokenizer) {
    if !t.is_null() {
        drop(Box::from_raw(t));
    }
}

#[no_mangle]
pub unsafe extern "C" fn troupe_tokenizer_table(
    t: *const TroupeTokenizer,
    out: *mut TokenTable,
    error: *mut CError,
) -> bool {
    enter(error, out, || {
        let t = &(*t).0;
        let (names, name_offsets) = flatten(t.names.iter().map(|n| n.clone().unwrap_or_default().into_bytes()));
        let (all, byte_offsets) = flatten(t.token_bytes.iter().cloned());
        Ok(TokenTable {
            names: names.into(),
            name_offsets: name_offsets.into(),
            bytes: all.into(),
            byte_offsets: byte_offsets.into(),
            special: t.special.iter().map(|s| *s as u8).collect::<Vec<u8>>().into(),
            byte_level: matches!(t.spelling, Spelling::ByteLevel | Spelling::ByteFallback),
            strips_first_blank: t.strips_first_blank,
        })
    })
}

#[no_mangle]
pub unsafe extern "C" fn troupe_tokenizer_id(t: *const TroupeTokenizer, name: *const u8, len: usize) -> i64 {
    match text(name, len) {
        Ok(name) => (&*t).0.usual.token_to_id(name).map_or(-1, i64::from),
        Err(_) => -1,
    }
}

/// `mode`: 0 adds special tokens, 1 only recognises them, 2 reads them as letters. `spans` gets begin and end of every
/// token, or may be null.
#[no_mangle]
pub unsafe extern "C" fn troupe_tokenizer_encode(
    t: *const TroupeTokenizer,
    data: *const u8,
    len: usize,
    mode: u32,
    ids: *mut Words,
    spans: *mut Words,
    error: *mut CError,
) -> bool {
    enter(error, ids, || {
        let t = &(*t).0;
        let input = text(data, len)?;
        let tokenizer = if mode == 2 { t.plain() } else { &t.usual };
        let encoding = if spans.is_null() {
            tokenizer.encode_fast(input, mode == 0)
        } else {
            tokenizer.encode(input, mode == 0)
        }
        .map_err(|e| Failure::invalid(e.to_string()))?;
        if !spans.is_null() {
            let flat: Vec<u32> = encoding.get_offsets().iter().flat_map(|(a, b)| [*a as u32, *b as u32]).collect();
            spans.write(flat.into());
        }
        Ok(encoding.get_ids().to_vec().into())
    })
}

#[repr(C)]
pub struct Pair {
    ids: Words,
    type_ids: Words,
}

#[no_mangle]
pub unsafe extern "C" fn troupe_tokenizer_encode_pair(
    t: *const TroupeTokenizer,
    first: *const u8,
    first_len: usize,
    second: *const u8,
    second_len: usize,
    out: *mut Pair,
    error: *mut CError,
) -> bool {
    enter(error, out, || {
        let input = EncodeInput::Dual(text(first, first_len)?.into(), text(second, second_len)?.into());
        let encoding = (&*t).0.usual.encode(input, true).map_err(|e| Failure::invalid(e.to_string()))?;
        Ok(Pair { ids: encoding.get_ids().to_vec().into(), type_ids: encoding.get_type_ids().to_vec().into() })
    })
}

#[no_mangle]
pub unsafe extern "C" fn troupe_tokenizer_decode(
    t: *const TroupeTokenizer,
    ids: *const u32,
    len: usize,
    skip_special: bool,
    out: *mut Bytes,
    error: *mut CError,
) -> bool {
    enter(error, out, || {
        let text = (&*t).0.usual.decode(words(ids, len), skip_special).map_err(|e| Failure::invalid(e.to_string()))?;
        Ok(text.into_bytes().into())
    })
}
