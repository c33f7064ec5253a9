// Turns texts into vectors, and into the scores of a classification head, with one BERT model: a bounded queue and one
// model thread. Texts of several callers go through in one batch, sorted by length: where the model pads them (ATen)
// little is padding.
//
// Owned by an agent. Embed, Classify and Stats are thread-safe and never block on the model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/engine/compute.h"
#include "runtime/engine/engine.h"

namespace troupe::engine {

struct EmbedderOptions {
  // Texts that wait; a call that would bring more is refused with RESOURCE_EXHAUSTED.
  int32_t max_queued = 4096;
  // Texts, and tokens with padding, in one batch. Fewer tokens where the device's memory was granted in part (fit.h).
  int32_t max_batch = 64;
  int32_t max_batch_tokens = 8192;
  // Longer texts are cut to this many tokens; 0: the model's own limit (256 for MiniLM).
  int32_t max_tokens = 0;
  int32_t threads = 1;
  Compute compute = Compute::kAuto;
  device::Device device;
};

// Row i, `width` floats, belongs to text i.
struct Rows {
  int32_t width = 0;
  std::vector<float> values;
  // Tokens that went through the model, and how many texts were cut.
  int64_t tokens = 0;
  int32_t truncated = 0;
  // The texts' share, by tokens, of the batches that they were in.
  double device_ms = 0;

  int32_t size() const { return width == 0 ? 0 : static_cast<int32_t>(values.size()) / width; }
  std::span<const float> row(int32_t i) const {
    return std::span<const float>(values).subspan(static_cast<size_t>(i) * width, width);
  }
};

class Embedder {
 public:
  // A Hugging Face folder of a BERT model: sentence-transformers' layout (modules.json says how to pool and whether to
  // normalise; without it: mean, normalised) or BertForSequenceClassification. Errors as Engine::Load.
  static Result<std::unique_ptr<Embedder>> Load(const std::filesystem::path& folder, const EmbedderOptions& options);

  ~Embedder();
  Embedder(const Embedder&) = delete;
  Embedder& operator=(const Embedder&) = delete;

  // Called once, on the model thread: must only hand on. CANCELLED after Handle::Cancel or Stop.
  using Callback = std::function<void(Result<Rows>)>;

  // A vector for each text, of length 1 where the model normalises; empty texts are allowed. Errors, at once:
  // INVALID_ARGUMENT for a text that is not UTF-8, RESOURCE_EXHAUSTED for a full queue, UNAVAILABLE when stopped.
  Result<Handle> Embed(std::vector<std::string> texts, Callback callback);
  // The head's scores (logits), one row a text, columns in the order of labels(). FAILED_PRECONDITION without a head.
  Result<Handle> Classify(std::vector<std::string> texts, Callback callback);

  void Stop();

  struct Stats {
    int32_t queued = 0;  // texts
    int64_t texts = 0;   // since start
    int64_t tokens = 0;  // since start
  };
  Stats GetStats() const;

  int32_t width() const;
  std::span<const std::string> labels() const;  // of the head; empty without one
  double score_temperature() const;             // what its scores are divided by before they become probabilities
  const ModelInfo& info() const;
  std::shared_ptr<const text::Tokenizer> tokenizer() const;

 private:
  struct Impl;
  explicit Embedder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace troupe::engine
