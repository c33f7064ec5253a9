// The C face of the Rust crates behind runtime/text (tokenizers, minijinja, llguidance). Used by runtime/text only.
// Every function that can fail gives false and fills `error`; what it gives out (Bytes, Words, handles, error messages)
// is Rust's memory and goes back through the matching _free. Handles to tokenisers, templates, grammar environments and
// grammars may be used by many threads at once; a matcher by one at a time. Panics come out as errors.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troupe_bytes {
  uint8_t* data;
  size_t len;
  size_t capacity;
} troupe_bytes;

typedef struct troupe_words {
  uint32_t* data;
  size_t len;
  size_t capacity;
} troupe_words;

typedef struct troupe_text_error {
  int32_t code;     // gRPC's canonical code
  uint32_t line;    // from 1; 0 where not known
  uint32_t column;  // from 1, in bytes
  troupe_bytes message;
} troupe_text_error;

void troupe_bytes_free(troupe_bytes bytes);
void troupe_words_free(troupe_words words);

// Tokenisers.

typedef struct troupe_tokenizer troupe_tokenizer;

typedef struct troupe_token_table {
  troupe_bytes names;  // all names in one piece; token i is [name_offsets[i], name_offsets[i + 1])
  troupe_words name_offsets;
  troupe_bytes bytes;  // likewise, the bytes that each token adds to the text
  troupe_words byte_offsets;
  troupe_bytes special;  // one byte a token: 1 for a special one
  bool byte_level;
  bool strips_first_blank;  // decoding takes a blank off the front of a text
} troupe_token_table;

typedef struct troupe_pair {
  troupe_words ids;
  troupe_words type_ids;
} troupe_pair;

bool troupe_tokenizer_from_json(const uint8_t* json, size_t len, troupe_tokenizer** out, troupe_text_error* error);
void troupe_tokenizer_free(troupe_tokenizer* tokenizer);
bool troupe_tokenizer_table(const troupe_tokenizer* tokenizer, troupe_token_table* out, troupe_text_error* error);
// -1 for a name that is not in the vocabulary.
int64_t troupe_tokenizer_id(const troupe_tokenizer* tokenizer, const uint8_t* name, size_t len);
// mode: 0 add special tokens, 1 recognise them in the text, 2 read them as letters. `spans` may be null; else it gets
// begin and end of every token, in bytes of the text.
bool troupe_tokenizer_encode(const troupe_tokenizer* tokenizer, const uint8_t* text, size_t len, uint32_t mode,
                             troupe_words* ids, troupe_words* spans, troupe_text_error* error);
bool troupe_tokenizer_encode_pair(const troupe_tokenizer* tokenizer, const uint8_t* first, size_t first_len,
                                  const uint8_t* second, size_t second_len, troupe_pair* out,
                                  troupe_text_error* error);
bool troupe_tokenizer_decode(const troupe_tokenizer* tokenizer, const uint32_t* ids, size_t len, bool skip_special,
                             troupe_bytes* out, troupe_text_error* error);

// Templates.

typedef struct troupe_template troupe_template;

typedef struct troupe_template_info {
  troupe_bytes references;  // dotted paths, one to a line
  troupe_bytes path;        // of a lone plain path: its names, one to a line
  bool is_expression;
} troupe_template_info;

// strict: for prompts and conditions; else as transformers runs chat templates.
bool troupe_template_compile(const uint8_t* source, size_t len, bool strict, uint64_t fuel, troupe_template** out,
                             troupe_text_error* error);
void troupe_template_free(troupe_template* compiled);
bool troupe_template_info_of(const troupe_template* compiled, troupe_template_info* out, troupe_text_error* error);
// `context` is a JSON object.
bool troupe_template_render(const troupe_template* compiled, const uint8_t* context, size_t len, size_t max_bytes,
                            troupe_bytes* out, troupe_text_error* error);
// The result as JSON.
bool troupe_template_evaluate(const troupe_template* compiled, const uint8_t* context, size_t len, size_t max_bytes,
                              troupe_bytes* out, troupe_text_error* error);
// kind: 0 filters, 1 tests, 2 functions; one to a line.
bool troupe_template_allowed(uint32_t kind, troupe_bytes* out, troupe_text_error* error);

// Grammars.

typedef struct troupe_grammar_env troupe_grammar_env;
typedef struct troupe_grammar troupe_grammar;
typedef struct troupe_matcher troupe_matcher;

bool troupe_grammar_env_new(const troupe_tokenizer* tokenizer, const uint32_t* ends, size_t ends_len,
                            uint32_t vocab_size, troupe_grammar_env** out, troupe_text_error* error);
void troupe_grammar_env_free(troupe_grammar_env* env);
// kind: 0 JSON schema, 1 Lark, 2 regular expression. `env` must outlive the grammar.
bool troupe_grammar_new(const troupe_grammar_env* env, uint32_t kind, const uint8_t* source, size_t len,
                        troupe_grammar** out, troupe_text_error* error);
void troupe_grammar_free(troupe_grammar* grammar);
bool troupe_matcher_new(const troupe_grammar* grammar, troupe_matcher** out, troupe_text_error* error);
void troupe_matcher_free(troupe_matcher* matcher);
bool troupe_matcher_mask(troupe_matcher* matcher, uint32_t* mask, size_t words, troupe_text_error* error);
bool troupe_matcher_accept(troupe_matcher* matcher, uint32_t id, troupe_text_error* error);
bool troupe_matcher_complete(troupe_matcher* matcher);
bool troupe_matcher_stopped(const troupe_matcher* matcher);
bool troupe_matcher_forced(troupe_matcher* matcher, troupe_words* out, troupe_text_error* error);

#ifdef __cplusplus
}
#endif
