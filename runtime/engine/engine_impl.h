// What is behind an Engine: the queue that callers fill, the batch, and the model thread that moves sequences from the
// one through the other. Callers and the thread meet under one mutex, which is never held while the model works.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/batch.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/fit.h"
#include "runtime/engine/queue.h"
#include "runtime/engine/sequence.h"
#include "runtime/model/decoder.h"

namespace troupe::engine {

struct Engine::Impl {
  Impl(std::unique_ptr<model::Decoder> owned_model, std::shared_ptr<const text::Tokenizer> owned_tokenizer,
       std::vector<TokenId> ends, const EngineOptions& given, const Room& room);

  Status CheckRequest(const Request& request, const Callbacks& callbacks) const;
  Result<Handle> Enqueue(Request request, Callbacks callbacks);
  void Stop();

  // On the model thread.
  void Loop();
  bool WaitForWork();
  void TellEnded();
  void Admit();
  bool TryNext();
  void Publish();
  void CountStep(int64_t begin_ns, int64_t tokens);

  const EngineOptions options;
  const std::unique_ptr<model::Decoder> model;
  const std::shared_ptr<const text::Tokenizer> tokenizer;
  const std::vector<TokenId> end_ids;
  const std::vector<std::string> special_spellings;
  std::optional<text::ChatTemplate> chat_template;
  SequenceEnvironment environment;
  ModelInfo info;
  const std::shared_ptr<Handle::Count> cancels = std::make_shared<Handle::Count>(0);

  mutable std::mutex grammar_mutex;
  mutable std::shared_ptr<const text::GrammarEnv> grammar_env;

  mutable std::mutex mutex;  // guards what follows
  std::condition_variable work;
  Queue queue;
  bool is_picking = false;  // one is neither in the queue nor in the batch
  uint64_t arrivals = 0;
  bool stopping = false;
  EngineStats stats;

  // Only the model thread's.
  Batch batch;
  int64_t window_ns = 0;
  int64_t window_tokens = 0;

  std::thread thread;
};

}  // namespace troupe::engine
