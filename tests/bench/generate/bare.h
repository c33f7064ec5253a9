// The bare engine as the benchmark's target: one process, no network, requests as tokens.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "runtime/engine/engine.h"
#include "tests/bench/generate/prompts.h"
#include "tests/bench/generate/visit.h"

namespace troupe::bench {

class Bare {
 public:
  // `text_file`: what prompts are made of.
  static Result<Bare> Load(const std::filesystem::path& model, const std::filesystem::path& text_file,
                           const engine::EngineOptions& options);

  // All sequences at once, to their end. Figures as ToValue, and "cpu_us_per_token", "rss_mib".
  Result<Value> Run(const Visit& visit);
  // {"prompts": [[token, ...], ...], "texts": ["...", ...]}: what Run gives to the engine, for peers.
  Result<Value> PromptsOf(const Visit& visit);

  // `visit.sequences` requests are held at the engine, those that wait included, until `tokens` were written after the
  // first of everyone in the batch. {"cpu_us_per_token", "out_tok_s", "tokens"}.
  Result<Value> Hold(const Visit& visit, int64_t tokens);
  // The same for `seconds`, with prompts and answers of all lengths up to the visit's, some of them cancelled.
  // {"rss_mib_early" (after a fifth of the time), "rss_mib_late", "tokens", "requests"}.
  Result<Value> Soak(const Visit& visit, double seconds);

  const engine::Engine& engine() const { return *engine_; }

 private:
  Bare(std::unique_ptr<engine::Engine> engine, Prompts prompts)
      : engine_(std::move(engine)), prompts_(std::move(prompts)) {}

  Result<engine::Request> Make(const Visit& visit, int64_t number) const;
  // The number of the visit's first prompt.
  int64_t Begin(const Visit& visit);

  std::unique_ptr<engine::Engine> engine_;
  Prompts prompts_;
  int64_t next_ = 0;
};

}  // namespace troupe::bench
