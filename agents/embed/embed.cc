#include "agents/embed/embed.h"

#include <string>
#include <utility>
#include <vector>

#include "agents/embed/load.h"
#include "runtime/base/clock.h"

namespace troupe::embed {
namespace {

Value ToLists(const engine::Rows& rows) {
  Value vectors = Value::array();
  for (int32_t i = 0; i < rows.size(); ++i) {
    const auto row = rows.row(i);
    vectors.push_back(std::vector<float>(row.begin(), row.end()));
  }
  return vectors;
}

class Embed final : public host::Kind {
 public:
  explicit Embed(std::unique_ptr<engine::Embedder> embedder) : embedder_(std::move(embedder)) {}

  // Steps share batches, so several at once cost little more than one.
  host::Facts facts() const override { return {embedder_->info().digest, 16}; }

  void Work(std::shared_ptr<host::Step> step) override {
    const int64_t started_ns = SystemClock().MonotonicNs();
    auto texts = step->input().at("texts").get<std::vector<std::string>>();
    auto handle =
        embedder_->Embed(std::move(texts), [step, started_ns, width = embedder_->width()](Result<engine::Rows> rows) {
          if (!rows) return step->Fail(std::move(rows).error(), {});
          step->Done({{"vectors", ToLists(*rows)}, {"dimensions", width}}, UsageOf(*rows, started_ns));
        });
    if (!handle) return step->Fail(std::move(handle).error(), {});
    step->OnCancel([handle = *handle] { handle.Cancel(); });
  }

  void Stop() override { embedder_->Stop(); }

 private:
  std::unique_ptr<engine::Embedder> embedder_;
};

}  // namespace

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec) {
  TRY_ASSIGN(auto embedder, LoadEmbedder(spec));
  return std::make_unique<Embed>(std::move(embedder));
}

}  // namespace troupe::embed
