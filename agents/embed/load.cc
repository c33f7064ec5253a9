#include "agents/embed/load.h"

#include <algorithm>
#include <future>
#include <utility>

namespace troupe::embed {

Result<std::unique_ptr<engine::Embedder>> LoadEmbedder(const host::Spec& spec, int32_t max_texts) {
  if (spec.model_path.empty()) {
    return FailedPrecondition("agent \"" + spec.agent + "\" of kind " + spec.kind +
                              " needs a model: name one in the graph");
  }
  engine::EmbedderOptions options;
  // two of the largest calls, so that one can wait while the other runs
  options.max_queued = std::max(options.max_queued, 2 * max_texts);
  options.threads = spec.threads;
  options.device = spec.device;
  TRY_ASSIGN(options.compute, engine::ComputeIn(spec.config));
  TRY_ASSIGN(auto embedder, engine::Embedder::Load(spec.model_path, options));
  TRY(host::CheckModelDigest(spec, embedder->info().digest));
  return embedder;
}

Result<engine::Rows> EmbedNow(engine::Embedder& embedder, std::vector<std::string> texts) {
  auto promise = std::make_shared<std::promise<Result<engine::Rows>>>();
  auto rows = promise->get_future();
  TRY(embedder.Embed(std::move(texts),
                     [promise](Result<engine::Rows> result) { promise->set_value(std::move(result)); }));
  return rows.get();
}

host::Usage UsageOf(const engine::Rows& rows) { return {rows.tokens, 0, static_cast<int64_t>(rows.device_ms * 1000)}; }

}  // namespace troupe::embed
