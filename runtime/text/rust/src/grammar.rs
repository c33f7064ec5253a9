//! llguidance behind C: a tokeniser as a tree of bytes, grammars over it, and one matcher for each sequence.
use crate::ffi::*;
use crate::tokenizer::{Inner, TroupeTokenizer};
use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};
use std::sync::{Arc, Mutex};
use toktrie::{InferenceCapabilities, TokEnv, TokRxInfo, TokTrie, TokenId, TokenizerEnv};

struct Env {
    tokenizer: Arc<Inner>,
    trie: TokTrie,
}

impl TokenizerEnv for Env {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, s: &[u8]) -> Vec<TokenId> {
        self.trie.tokenize_with_greedy_fallback(s, |s| self.tokenizer.encode_plain(s))
    }
}

pub struct TroupeGrammarEnv(ParserFactory);

pub struct TroupeGrammar {
    // As it is before the first token; matchers are copies.
    fresh: Mutex<Matcher>,
}

pub struct TroupeMatcher(Matcher);

#[no_mangle]
pub unsafe extern "C" fn troupe_grammar_env_new(
    tokenizer: *const TroupeTokenizer,
    ends: *const u32,
    ends_len: usize,
    vocab_size: u32,
    out: *mut *mut TroupeGrammarEnv,
    error: *mut CError,
) -> bool {
    enter(error, out, || {
        let tokenizer = (*tokenizer).0.clone();
        let ends = words(ends, ends_len);
        let size = vocab_size as usize;
        if ends.is_empty() || size < tokenizer.names.len() || ends.iter().any(|e| *e as usize >= size) {
            return Err(Failure::invalid("end tokens and vocabulary size do not fit the tokeniser"));
        }
        // A special token is a name behind the marker byte, which no text holds.
        let mut pieces: Vec<Vec<u8>> = (0..tokenizer.names.len())
            .map(|i| match (&tokenizer.names[i], tokenizer.special[i]) {
                (Some(name), true) => [&[TokTrie::SPECIAL_TOKEN_MARKER], name.as_bytes()].concat(),
                _ => tokenizer.token_bytes[i].clone(),
            })
            .collect();
        pieces.resize(size, Vec::new());
        let trie = TokTrie::from(&TokRxInfo::new(vocab_size, ends[0]), &pieces).with_eos_tokens(ends);
        let env: TokEnv = Arc::new(Env { tokenizer, trie });
        let capabilities = InferenceCapabilities { ff_tokens: true, ..Default::default() };
        let slices = llguidance::earley::SlicedBiasComputer::general_slices();
        let mut factory = ParserFactory::new(&env, capabilities, &slices)
            .map_err(|e| Failure::new(Code::Internal, e.to_string()))?;
        factory.quiet();
        Ok(Box::into_raw(Box::new(TroupeGrammarEnv(factory))))
    })
}

#[no_mangle]
pub unsafe extern "C" fn troupe_grammar_env_free(env: *mut TroupeGrammarEnv) {
    if !env.is_null() {
        drop(Box::from_raw(env));
    }
}

/// `kind`: 0 JSON schema, 1 Lark, 2 regular expression.
#[no_mangle]
pub unsafe extern "C" fn troupe_grammar_new(
    env: *const TroupeGrammarEnv,
    kind: u32,
    source: *const u8,
    len: usize,
    out: *mut *mut TroupeGrammar,
    error: *mut CError,
) -> bool {
    enter(error, out, || {
        let source = text(source, len)?;
        let invalid = |e: anyhow::Error| Failure::invalid(format!("{e:#}"));
        let grammar = match kind {
            0 => {
                let schema = serde_json::from_str(source).map_err(|e| Failure::invalid(e.to_string()))?;
                TopLevelGrammar::from_json_schema(schema)
            }
            1 => TopLevelGrammar::from_lark(source.to_string()),
            _ => TopLevelGrammar::from_regex(source),
        };
        let parser = (*env).0.create_parser(grammar).map_err(invalid)?;
        let mut fresh = Matcher::new(Ok(parser));
        // A grammar in which nothing can come first is one that nothing fits.
        let mask = fresh.compute_mask_or_eos().map_err(invalid)?;
        if mask.is_zero() {
            return Err(Failure::invalid("nothing fits this grammar"));
        }
        Ok(Box::into_raw(Box::new(TroupeGrammar { fresh: Mutex::new(fresh) })))
    })
}

#[no_mangle]
pub unsafe extern "C" fn troupe_grammar_free(grammar: *mut TroupeGrammar) {
    if !grammar.is_null() {
        drop(Box::from_raw(grammar));
    }
}

#[no_mangle]
pub unsafe extern "C" fn troupe_matcher_new(
    grammar: *const TroupeGrammar,
    out: *mut *mut TroupeMatcher,
    error: *mut CError,
) -> bool {
    enter(error, out, || {
        let fresh = (*grammar).fresh.lock().unwrap_or_else(|e| e.into_inner());
        Ok(Box::into_raw(Box::new(TroupeMatcher(fresh.deep_clone()))))
    })
}

#[no_mangle]
pub unsafe extern "C" fn troupe_matcher_free(matcher: *mut TroupeMatcher) {
    if !matcher.is_null() {
        drop(Box::from_raw(matcher));
    }
}

/// Fills `words` words at `mask`.
#[no_mangle]
pub unsafe extern "C" fn troupe_matcher_mask(
    matcher: *mut TroupeMatcher,
    mask: *mut u32,
    words: usize,
    error: *mut CError,
) -> bool {
    let mut done = ();
    enter(error, &mut done, || {
        let allowed = (*matcher)
            .0
            .compute_mask_or_eos()
            .map_err(|e| Failure::new(Code::ResourceExhausted, format!("{e:#}")))?;
        let from = allowed.as_slice();
        let to = std::slice::from_raw_parts_mut(mask, words);
        for (i, word) in to.iter_mut().enumerate() {
            *word = from.get(i).copied().unwrap_or(0);
        }
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn troupe_matcher_accept(matcher: *mut TroupeMatcher, id: u32, error: *mut CError) -> bool {
    let mut done = ();
    enter(error, &mut done, || {
        let m = &mut (*matcher).0;
        // A text that cannot go on has ended already; the end token only says so.
        let is_end = |m: &Matcher| m.tok_env().is_ok_and(|env| env.tok_trie().eos_tokens().contains(&id));
        if m.is_stopped() && !m.is_error() && is_end(m) {
            return Ok(());
        }
        let taken = m
            .try_consume_tokens(&[id])
            .map_err(|e| Failure::new(Code::ResourceExhausted, format!("{e:#}")))?;
        if taken == 0 {
            return Err(Failure::invalid(format!("token {id} does not fit the grammar here")));
        }
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn troupe_matcher_complete(matcher: *mut TroupeMatcher) -> bool {
    let (mut error, mut complete) = (std::mem::MaybeUninit::<CError>::uninit(), false);
    let ok = enter(error.as_mut_ptr(), &mut complete, || {
        let m = &mut (*matcher).0;
        Ok(!m.is_error() && (m.is_stopped() || m.is_accepting().unwrap_or(false)))
    });
    if !ok {
        drop_error(error.assume_init());
    }
    ok && complete
}

#[no_mangle]
pub unsafe extern "C" fn troupe_matcher_stopped(matcher: *const TroupeMatcher) -> bool {
    (*matcher).0.is_stopped()
}

#[no_mangle]
pub unsafe extern "C" fn troupe_matcher_forced(
    matcher: *mut TroupeMatcher,
    out: *mut Words,
    error: *mut CError,
) -> bool {
    enter(error, out, || {
        let m = &mut (*matcher).0;
        Ok(if m.is_stopped() { Vec::new() } else { m.compute_ff_tokens() }.into())
    })
}
