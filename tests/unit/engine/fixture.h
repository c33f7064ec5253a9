// An engine over a tiny random model, and a caller that collects what it says.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine/engine.h"
#include "tests/unit/model/tiny_decoder.h"
#include "tests/unit/text/tiny_vocab.h"

namespace troupe::engine {

struct Answer {
  std::string text;
  std::vector<TokenId> tokens;
  std::vector<GeneratedToken> details;
  std::optional<Completion> done;
  std::optional<Error> error;
};

// Collects one answer. Must live until it is there.
class Listener {
 public:
  // `on_delta` runs on the model thread, before the delta is collected.
  explicit Listener(std::function<void()> on_delta = {}) : on_delta_(std::move(on_delta)) {}

  Callbacks MakeCallbacks() {
    return {[this](Delta delta) {
              if (on_delta_) on_delta_();
              answer_.text += delta.text;
              for (GeneratedToken& token : delta.tokens) {
                answer_.tokens.push_back(token.id);
                answer_.details.push_back(std::move(token));
              }
            },
            [this](Completion completion) {
              answer_.done = std::move(completion);
              ready_.set_value();
            },
            [this](Error error) {
              answer_.error = std::move(error);
              ready_.set_value();
            }};
  }

  const Answer& Wait() {
    if (!waited_) ready_.get_future().wait();
    waited_ = true;
    return answer_;
  }

 private:
  std::function<void()> on_delta_;
  std::promise<void> ready_;
  Answer answer_;
  bool waited_ = false;
};

// Allows a fixed set of tokens, until `length` of them were taken.
class OnlyThese final : public Constraint {
 public:
  OnlyThese(std::set<TokenId> allowed, int length, std::vector<TokenId> forced_after_first = {})
      : allowed_(std::move(allowed)), left_(length), forced_(std::move(forced_after_first)) {}

  Result<std::span<const uint32_t>> AllowedMask() override {
    mask_.assign(16, 0);
    for (TokenId id : allowed_) mask_[id / 32] |= 1u << (id % 32);
    return std::span<const uint32_t>(mask_);
  }
  Status Accept(TokenId id) override {
    if (!allowed_.contains(id) && !taking_forced_) return Invalid("token " + std::to_string(id) + " is not allowed");
    --left_;
    return {};
  }
  bool IsComplete() override { return left_ <= 0; }
  bool IsFinished() override { return left_ <= 0; }
  std::vector<TokenId> ForcedTokens() override {
    taking_forced_ = !forced_.empty();
    return std::exchange(forced_, {});
  }

 private:
  std::set<TokenId> allowed_;
  int left_;
  std::vector<TokenId> forced_;
  bool taking_forced_ = false;
  std::vector<uint32_t> mask_;
};

// Letters that no merge of the tiny vocabulary joins, so that their text has one spelling in tokens.
inline std::set<TokenId> PlainLetters() {
  std::set<TokenId> ids;
  for (char c : std::string("abcdfgijkmnpqstuvwxyz")) ids.insert(c);
  return ids;
}

inline std::unique_ptr<Engine> TinyEngine(EngineOptions options = {}) {
  auto tokenizer = text::TinyTokenizer();
  const int32_t vocab = tokenizer->vocab_size();
  auto engine = Engine::Make(model::TinyDecoder(vocab), std::move(tokenizer), {text::kTinyEnd}, options);
  EXPECT_TRUE(engine) << ToString(engine.error());
  return std::move(*engine);
}

inline Request MakeRequest(std::string_view prompt, int32_t max_new_tokens = 20) {
  Request request;
  for (char c : prompt) request.prompt.push_back(static_cast<unsigned char>(c));
  request.max_new_tokens = max_new_tokens;
  return request;
}

// Names the instances of a test that runs with and without guesses.
inline std::string GuessesName(const ::testing::TestParamInfo<Speculation>& instance) {
  return instance.param == Speculation::kOff ? "WithoutGuesses" : "WithGuesses";
}

// Runs one request alone to its end.
inline Answer Ask(Engine& engine, Request request) {
  Listener listener;
  const auto handle = engine.Generate(std::move(request), listener.MakeCallbacks());
  EXPECT_TRUE(handle) << ToString(handle.error());
  if (!handle) return {};
  return listener.Wait();
}

}  // namespace troupe::engine
