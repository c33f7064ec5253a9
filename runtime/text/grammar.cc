#include "runtime/text/grammar.h"

#include <utility>

#include "runtime/text/copy_grammar.h"
#include "runtime/text/rust_bridge.h"

namespace troupe::text {
namespace {

enum Kind : uint32_t { kJson = 0, kLark = 1, kRegex = 2 };

}  // namespace

Result<std::shared_ptr<const GrammarEnv>> GrammarEnv::Make(std::shared_ptr<const Tokenizer> tokenizer,
                                                           std::span<const TokenId> end_ids, int32_t vocab_size) {
  if (!tokenizer->is_byte_level()) {
    return FailedPrecondition("constrained decoding needs a byte-level tokeniser (BPE), which this model has not");
  }
  if (vocab_size == 0) vocab_size = tokenizer->vocab_size();
  if (end_ids.empty() || vocab_size < tokenizer->vocab_size()) {
    return Invalid("constrained decoding needs an end token, and logits as wide as the vocabulary");
  }
  std::vector<uint32_t> ends;
  for (TokenId id : end_ids) {
    if (id < 0 || id >= vocab_size) return Invalid("end token " + std::to_string(id) + " is outside the vocabulary");
    ends.push_back(static_cast<uint32_t>(id));
  }
  troupe_text_error error;
  troupe_grammar_env* raw = nullptr;
  if (!troupe_grammar_env_new(tokenizer->raw(), ends.data(), ends.size(), static_cast<uint32_t>(vocab_size), &raw,
                              &error)) {
    return TakeError(error);
  }
  std::shared_ptr<GrammarEnv> env(new GrammarEnv);
  env->tokenizer_ = std::move(tokenizer);
  env->raw_ = {raw, troupe_grammar_env_free};
  env->vocab_size_ = vocab_size;
  return env;
}

Result<std::shared_ptr<const Grammar>> Grammar::FromSource(uint32_t kind, std::string_view source,
                                                           std::shared_ptr<const GrammarEnv> env) {
  if (source.size() > kMaxSourceBytes) {
    return Invalid("the grammar has " + std::to_string(source.size()) + " bytes; at most " +
                   std::to_string(kMaxSourceBytes) + " are possible");
  }
  troupe_text_error error;
  troupe_grammar* raw = nullptr;
  if (!troupe_grammar_new(env->raw(), kind, Data(source), source.size(), &raw, &error)) {
    return TakeError(error,
                     kind == kJson ? "the JSON schema cannot be followed: " : "the grammar cannot be followed: ");
  }
  std::shared_ptr<Grammar> grammar(new Grammar);
  grammar->env_ = std::move(env);
  grammar->raw_ = {raw, troupe_grammar_free};
  return grammar;
}

Result<std::shared_ptr<const Grammar>> Grammar::FromJsonSchema(const Value& schema,
                                                               std::shared_ptr<const GrammarEnv> env,
                                                               const JsonOptions& options) {
  if (!schema.is_object()) return Invalid("a JSON schema is an object");
  if (HasCopies(schema)) {
    TRY_ASSIGN(std::string lark, CopyGrammar(schema, options));
    return FromSource(kLark, lark, std::move(env));
  }
  Value compact = schema;
  // Free whitespace lets small models write blanks for ever.
  compact["x-guidance"] = {{"whitespace_flexible", false}, {"item_separator", ", "}, {"key_separator", ": "}};
  return FromSource(kJson, Dump(compact), std::move(env));
}

Result<std::shared_ptr<const Grammar>> Grammar::FromRegex(std::string_view regex,
                                                          std::shared_ptr<const GrammarEnv> env) {
  return FromSource(kRegex, regex, std::move(env));
}

Result<std::shared_ptr<const Grammar>> Grammar::FromChoices(std::span<const std::string> choices,
                                                            std::shared_ptr<const GrammarEnv> env) {
  if (choices.empty()) return Invalid("a choice needs at least one text");
  std::string lark = "start: ";
  for (size_t i = 0; i < choices.size(); ++i) {
    lark += (i == 0 ? "" : " | ") + Dump(choices[i]);
  }
  return FromSource(kLark, lark, std::move(env));
}

Result<std::shared_ptr<const Grammar>> Grammar::FromLark(std::string_view lark, std::shared_ptr<const GrammarEnv> env) {
  return FromSource(kLark, lark, std::move(env));
}

Result<std::unique_ptr<Matcher>> Grammar::NewMatcher() const {
  troupe_text_error error;
  troupe_matcher* raw = nullptr;
  if (!troupe_matcher_new(raw_.get(), &raw, &error)) return TakeError(error);
  return std::unique_ptr<Matcher>(new Matcher(env_, raw));
}

Matcher::Matcher(std::shared_ptr<const GrammarEnv> env, troupe_matcher* raw) : env_(std::move(env)), raw_(raw) {
  mask_.resize((static_cast<size_t>(env_->vocab_size()) + 31) / 32);
}

Matcher::~Matcher() { troupe_matcher_free(raw_); }

Result<std::span<const uint32_t>> Matcher::AllowedMask() {
  troupe_text_error error;
  if (!troupe_matcher_mask(raw_, mask_.data(), mask_.size(), &error)) {
    return TakeError(error, "the grammar cannot be followed further: ");
  }
  return std::span<const uint32_t>(mask_);
}

Status Matcher::Accept(TokenId id) {
  if (id < 0 || id >= env_->vocab_size()) return Invalid("token " + std::to_string(id) + " is outside the vocabulary");
  troupe_text_error error;
  if (!troupe_matcher_accept(raw_, static_cast<uint32_t>(id), &error)) return TakeError(error);
  return {};
}

bool Matcher::IsComplete() { return troupe_matcher_complete(raw_); }

bool Matcher::IsFinished() const { return troupe_matcher_stopped(raw_); }

std::vector<TokenId> Matcher::ForcedTokens() {
  troupe_text_error error;
  RustWords forced;
  if (!troupe_matcher_forced(raw_, &forced, &error)) {
    (void)TakeError(error);
    return {};
  }
  return forced.ids();
}

}  // namespace troupe::text
