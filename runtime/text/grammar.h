// Constrained decoding: which tokens may come next so that the text fits a JSON schema, a regular expression or a Lark
// grammar (llguidance). A Grammar is compiled once and shared; each sequence takes its own Matcher. A mask costs tens
// of microseconds, some masks up to milliseconds: get it while the device computes the logits.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/text/tokenizer.h"

struct troupe_grammar;
struct troupe_grammar_env;
struct troupe_matcher;

namespace troupe::text {

// A tokeniser seen as a tree of byte strings, which every grammar over it shares. Costs half a second for 50,000
// tokens: make one for each model, at start. Immutable.
class GrammarEnv {
 public:
  // `end_ids`: the tokens that end a text (first one is the usual); `vocab_size`: the width of the model's logits, at
  // least the tokeniser's. Errors: FAILED_PRECONDITION for a tokeniser that is not byte-level.
  static Result<std::shared_ptr<const GrammarEnv>> Make(std::shared_ptr<const Tokenizer> tokenizer,
                                                        std::span<const TokenId> end_ids, int32_t vocab_size = 0);

  int32_t vocab_size() const { return vocab_size_; }
  const troupe_grammar_env* raw() const { return raw_.get(); }

 private:
  GrammarEnv() = default;

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::shared_ptr<troupe_grammar_env> raw_;
  int32_t vocab_size_ = 0;
};

enum class CopyUnit : uint8_t {
  kWords,       // copies begin and end at the edge of a word: "A-1042", never "-104"
  kCharacters,  // any run of characters
};

struct JsonOptions {
  // The text from which fields marked `"x-copy": true` are copied: such a string is a verbatim piece of it, so a model
  // cannot invent one. Where nothing can be copied (empty source), only null or the empty string is left.
  std::string copy_source;
  CopyUnit copy_unit = CopyUnit::kWords;
  uint32_t copy_max_chars = 200;
};

class Matcher;

class Grammar {
 public:
  static constexpr size_t kMaxSourceBytes = 1u << 20;

  // JSON Schema draft 2020-12 as far as llguidance knows it; a schema that nothing fits, or that says what is not
  // known, is INVALID_ARGUMENT. Output is compact: no blanks but one after ':' and ','.
  // Properties come in the order of their names, as Value keeps them; `{"a": 1, "b": 2}` is the spacing.
  // `"x-copy": true` may stand on a string (also on one that is nullable, or on the items of an array), see
  // JsonOptions; such a string may have minLength, maxLength and a pattern, which then must match the whole copy. A
  // nullable copy is null or at least one character. Compiling takes about 10 ms for each 1,500 bytes of copy_source.
  static Result<std::shared_ptr<const Grammar>> FromJsonSchema(const Value& schema,
                                                               std::shared_ptr<const GrammarEnv> env,
                                                               const JsonOptions& options = {});
  // Rust regex syntax, anchored at both ends.
  static Result<std::shared_ptr<const Grammar>> FromRegex(std::string_view regex,
                                                          std::shared_ptr<const GrammarEnv> env);
  // One of these texts, nothing else: labels.
  static Result<std::shared_ptr<const Grammar>> FromChoices(std::span<const std::string> choices,
                                                            std::shared_ptr<const GrammarEnv> env);
  // llguidance's dialect of Lark.
  static Result<std::shared_ptr<const Grammar>> FromLark(std::string_view lark, std::shared_ptr<const GrammarEnv> env);

  // A fresh matcher, at the beginning of the text. Thread-safe.
  Result<std::unique_ptr<Matcher>> NewMatcher() const;

  int32_t vocab_size() const { return env_->vocab_size(); }

 private:
  Grammar() = default;
  static Result<std::shared_ptr<const Grammar>> FromSource(uint32_t kind, std::string_view source,
                                                           std::shared_ptr<const GrammarEnv> env);

  std::shared_ptr<const GrammarEnv> env_;
  std::shared_ptr<troupe_grammar> raw_;
};

// Follows one sequence. Not shared between threads at the same time.
class Matcher {
 public:
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  // Bit (id % 32) of word (id / 32) is set where token `id` may come next; (vocab_size + 31) / 32 words, valid until
  // the next call. Once the text is complete and cannot go on, only end tokens are set. Errors: INTERNAL or
  // RESOURCE_EXHAUSTED where the grammar's limits are hit; the sequence cannot go on then.
  Result<std::span<const uint32_t>> AllowedMask();

  // Takes the token that was chosen. INVALID_ARGUMENT for one that the mask does not allow; the matcher stays usable.
  Status Accept(TokenId id);

  // True where the text so far fits as a whole, so that an end token is allowed.
  bool IsComplete();
  // True where nothing but an end token may follow, or an end token was taken.
  bool IsFinished() const;

  // The tokens that must come next whatever the model says ("{\"order\": \""): they can be appended, and Accept-ed one
  // by one, without asking the model. Often empty.
  std::vector<TokenId> ForcedTokens();

 private:
  friend class Grammar;
  Matcher(std::shared_ptr<const GrammarEnv> env, troupe_matcher* raw);

  std::shared_ptr<const GrammarEnv> env_;
  troupe_matcher* raw_;  // owned
  std::vector<uint32_t> mask_;
};

}  // namespace troupe::text
