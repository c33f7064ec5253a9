#include "runtime/train/write_answers.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "runtime/model/load_decoder.h"
#include "runtime/train/decoder_folder.h"
#include "runtime/train/shuffle.h"

namespace troupe::train {
namespace {

constexpr size_t kTogether = 16;  // texts in the engine's batch

// What comes back on the engine's thread, and who waits for it.
class Desk {
 public:
  explicit Desk(size_t size) : written_(size) {}

  engine::Callbacks CallbacksFor(size_t i) {
    return {.on_delta =
                [this, i](engine::Delta delta) {
                  Written& text = written_[i];
                  text.text += delta.text;
                  for (const engine::GeneratedToken& token : delta.tokens) {
                    text.tokens.push_back(token.id);
                    text.logprob += token.logprob;
                  }
                },
            .on_done =
                [this, i](const engine::Completion& done) {
                  written_[i].is_whole =
                      done.reason == engine::FinishReason::kStop || done.reason == engine::FinishReason::kConstraint;
                  End({});
                },
            .on_error = [this](Error error) { End(std::move(error)); }};
  }

  // Waits until `count` have ended. Errors: the first one's that failed.
  Status WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    ended_one_.wait(lock, [&] { return ended_ >= count; });
    if (failure_) return *failure_;
    return {};
  }

  std::vector<Written> Take() { return std::move(written_); }

 private:
  void End(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    ++ended_;
    if (error && !failure_) failure_ = std::move(error);
    ended_one_.notify_one();
  }

  std::vector<Written> written_;
  std::mutex mutex_;
  std::condition_variable ended_one_;
  size_t ended_ = 0;
  std::optional<Error> failure_;
};

// Of the prompt, not of its place: which others are asked with it changes nothing.
uint64_t SeedOf(const std::vector<int32_t>& prompt, uint64_t seed) {
  for (const int32_t token : prompt) seed = SeedFor(seed, static_cast<uint64_t>(token));
  return seed;
}

engine::Request RequestFor(const std::vector<int32_t>& prompt, const WritingOptions& options) {
  engine::Request request{.prompt = prompt, .max_new_tokens = options.max_tokens};
  request.sampling.temperature = options.temperature;
  request.sampling.seed = SeedOf(prompt, options.seed);
  request.sampling.stop = options.stop;
  return request;
}

}  // namespace

Result<std::vector<Written>> WriteEach(engine::Engine& engine, std::vector<engine::Request> requests,
                                       const WritingWatch& watch) {
  Desk desk(requests.size());
  size_t asked = 0;
  // those that were asked for call back, whatever happens: each is waited for
  const auto settle = [&](Error error) -> Error {
    engine.Stop();
    static_cast<void>(desk.WaitFor(asked));
    return error;
  };
  for (; asked < requests.size(); ++asked) {
    if (asked >= kTogether) {
      if (Status ended = desk.WaitFor(asked - kTogether + 1); !ended) return settle(ended.error());
    }
    auto handle = engine.Generate(std::move(requests[asked]), desk.CallbacksFor(asked));
    if (!handle) return settle(handle.error());
    const double done = static_cast<double>(asked) / static_cast<double>(requests.size());
    if (Status told = watch(done); !told) {
      ++asked;
      return settle(told.error());
    }
  }
  TRY(desk.WaitFor(asked));
  return desk.Take();
}

Result<std::vector<Written>> WriteAnswers(engine::Engine& engine, std::span<const std::vector<int32_t>> prompts,
                                          const WritingOptions& options, const WritingWatch& watch) {
  std::vector<engine::Request> requests;
  for (const std::vector<int32_t>& prompt : prompts) requests.push_back(RequestFor(prompt, options));
  return WriteEach(engine, std::move(requests), watch);
}

AnswerWriter WriterOf(const model::ModelFiles& files, int32_t end, const WritingOptions& options) {
  return [tokenizer = files.tokenizer, ends = files.end_ids, end, options](
             WholeDecoder& student, std::span<const PromptAnswer> texts,
             uint64_t seed) -> Result<std::vector<std::vector<int32_t>>> {
    const auto weights = ServedWeights(student);
    model::DecoderOptions as{.weights = model::BestFormat(*weights, c10::kCPU),
                             .threads = options.threads,
                             .bits = model::Bits::kSameInPieces};
    TRY_ASSIGN(auto decoder, model::LoadDecoder(student.config(), *weights, as));
    TRY_ASSIGN(const auto engine,
               engine::Engine::Make(std::move(decoder), tokenizer, ends,
                                    {.max_sequences = static_cast<int32_t>(kTogether), .threads = options.threads}));
    std::vector<std::vector<int32_t>> prompts;
    for (const PromptAnswer& text : texts) prompts.push_back(text.prompt);
    WritingOptions own = options;
    own.seed = seed;
    TRY_ASSIGN(auto written, WriteAnswers(*engine, prompts, own, [](double) -> Status { return {}; }));
    std::vector<std::vector<int32_t>> answers;
    for (Written& text : written) {
      if (text.is_whole || text.tokens.empty()) text.tokens.push_back(end);
      answers.push_back(std::move(text.tokens));
    }
    return answers;
  };
}

}  // namespace troupe::train
