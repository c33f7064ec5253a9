// Generates text for many callers with one model: a bounded queue, one model thread, and a batch that sequences join
// and leave between decode steps. The linear layers run once for the whole batch; long prompts are fed in chunks, so
// that they do not hold up the others. What sequences remember lies in pages of one pool: sequences that begin alike
// share them, and where they run out the least important ones wait (page_pool.h, scheduler.h).
//
// Owned by an agent, which outlives all requests. Generate, Cancel and Stats are thread-safe and never block on the
// model. Stop (or the destructor) ends what is in flight as kCancelled and joins the thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/device/device.h"
#include "runtime/engine/compute.h"
#include "runtime/engine/request.h"
#include "runtime/engine/speculation.h"
#include "runtime/text/chat_template.h"
#include "runtime/text/grammar.h"
#include "runtime/text/tokenizer.h"

namespace troupe::model {
class Decoder;
}

namespace troupe::engine {

struct EngineOptions {
  // Sequences in the batch; more wait in the queue.
  int32_t max_sequences = 16;
  // Requests that wait; one more is refused with RESOURCE_EXHAUSTED. 0: nobody waits.
  int32_t max_queued = 64;
  // Tokens of prompt and answer together; 0: what the model was made for. Less where not even one sequence of that
  // length would fit (fit.h).
  int32_t max_context = 0;
  // Pages of 16 tokens for what sequences remember; 0: enough for all sequences at their longest, as far as the
  // device's memory goes (fit.h). At least one sequence of 256 tokens.
  int64_t max_pages = 0;
  // Tokens of prompts in one step beside sequences that decode, twice as many where none does. Others wait for their
  // next token as long as this takes, and prompts that wait for each other cost less in larger pieces. 0: about a tenth
  // of a second of a small model.
  int32_t prefill_chunk = 0;
  // Threads that compute, the model thread included. No more than the cores that the agent has to itself.
  int32_t threads = 1;
  Compute compute = Compute::kAuto;
  // A LoRA adapter's folder (runtime/model/adapter.h) that Load merges into the weights; empty: none.
  std::filesystem::path adapter;
  Speculation speculation = Speculation::kAuto;
  device::Device device;
  const Clock* clock = &SystemClock();
};

// What an agent tells the world about its model.
struct ModelInfo {
  std::string name;         // of the file or folder
  std::string digest;       // SHA-256 of the weights, hex; with an adapter of both files' digests
  std::string base_digest;  // of the weights alone
  std::string architecture;
  std::string compute;  // "fp32", "bf16", "int8", "int4"
  int64_t parameters = 0;
  int32_t max_context = 0;
  int32_t vocab_size = 0;
};

struct EngineStats {
  int32_t queued = 0;
  int32_t active = 0;
  int32_t max_sequences = 0;
  int32_t max_queued = 0;
  double tokens_per_second = 0;  // generated, over the last second or so of work; 0 when idle
  // Pages: in all, with nothing of use, and with what a sequence that is gone began with. The rest is held.
  int64_t pages_total = 0;
  int64_t pages_free = 0;
  int64_t pages_cached = 0;
  // Since start:
  int64_t steps = 0;          // of the model
  int64_t prompt_tokens = 0;  // of prompts and committed text, run
  int64_t generated_tokens = 0;
  int64_t reused_tokens = 0;      // not run because another sequence began alike
  int64_t recomputed_tokens = 0;  // run again after a preemption
  int64_t drafted_tokens = 0;     // guessed and looked at by the model before they were chosen
  int64_t accepted_tokens = 0;    // of those, the ones that were chosen
  int64_t preemptions = 0;        // sequences that had to wait again because pages ran out
  // Sequences cancelled or past their deadline while they ran. Their pages are free by the time that they count, which
  // is before the next step.
  int64_t cut_short = 0;
};

// A request in flight. Copy it freely; letting go of it does not cancel.
class Handle {
 public:
  using Count = std::atomic<uint64_t>;

  Handle() : Handle(std::make_shared<Count>(0)) {}
  // `cancels` counts what was cancelled, so that the engine need not look at every request to find out.
  explicit Handle(std::shared_ptr<Count> cancels)
      : cancelled_(std::make_shared<std::atomic<bool>>(false)), cancels_(std::move(cancels)) {}
  // Looked at between steps; on_done(kCancelled) follows unless the request ended first.
  void Cancel() const {
    if (!cancelled_->exchange(true)) cancels_->fetch_add(1);
  }
  bool cancelled() const { return cancelled_->load(); }

 private:
  std::shared_ptr<std::atomic<bool>> cancelled_;
  std::shared_ptr<Count> cancels_;
};

class Engine {
 public:
  // Loads a .gguf file or a Hugging Face folder of a decoder (runtime/model/config.h), with its tokeniser and chat
  // template. Takes seconds. Errors: NOT_FOUND, INVALID_ARGUMENT for a bad file, UNIMPLEMENTED for another
  // architecture, FAILED_PRECONDITION for the device, RESOURCE_EXHAUSTED where it does not fit what is granted of that.
  static Result<std::unique_ptr<Engine>> Load(const std::filesystem::path& path, const EngineOptions& options);
  // Around a model made elsewhere (tests). `end_ids` end a text.
  static Result<std::unique_ptr<Engine>> Make(std::unique_ptr<model::Decoder> model,
                                              std::shared_ptr<const text::Tokenizer> tokenizer,
                                              std::vector<TokenId> end_ids, const EngineOptions& options);

  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Errors, at once: INVALID_ARGUMENT naming the field; OUT_OF_RANGE for a prompt that leaves no room in the context;
  // RESOURCE_EXHAUSTED for a full queue, with the time to wait; UNAVAILABLE when stopped.
  Result<Handle> Generate(Request request, Callbacks callbacks);

  // Refuses new requests, ends those in flight, joins. Safe to call twice.
  void Stop();

  EngineStats Stats() const;
  const ModelInfo& info() const;
  std::shared_ptr<const text::Tokenizer> tokenizer() const;
  std::span<const TokenId> end_ids() const;
  // How special tokens are written, longest first: what must not be left in a text that somebody else wrote.
  std::span<const std::string> special_spellings() const;
  // How the model wants a conversation; nullptr for a model that has no template.
  const text::ChatTemplate* chat_template() const;
  // For grammars over this model's vocabulary; built on first use (tens of milliseconds), then shared. Thread-safe.
  Result<std::shared_ptr<const text::GrammarEnv>> grammar_env() const;

 private:
  struct Impl;
  static Result<std::unique_ptr<Impl>> MakeImpl(std::unique_ptr<model::Decoder> model,
                                                std::shared_ptr<const text::Tokenizer> tokenizer,
                                                std::vector<TokenId> end_ids, const EngineOptions& options);
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace troupe::engine
