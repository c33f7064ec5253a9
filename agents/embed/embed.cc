#include "agents/embed/embed.h"

#include <string>
#include <utility>
#include <vector>

#include "agents/embed/load.h"

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

// Steps share batches, so several at once cost little more than one.
constexpr int kDefaultSlots = 16;

class Embed final : public host::Kind {
 public:
  Embed(std::unique_ptr<engine::Embedder> embedder, size_t max_texts)
      : embedder_(std::move(embedder)), max_texts_(max_texts) {}

  host::Facts facts() const override {
    return {.model_digest = embedder_->info().digest, .slots = kDefaultSlots, .compute = embedder_->info().compute};
  }

  void Work(std::shared_ptr<host::Step> step) override {
    auto texts = step->input().at("texts").get<std::vector<std::string>>();
    if (texts.empty()) return step->Done({{"vectors", Value::array()}, {"dimensions", embedder_->width()}}, {});
    if (texts.size() > max_texts_) {
      return step->Fail(Invalid("input.texts: " + std::to_string(texts.size()) + " texts, the agent's maxTexts is " +
                                std::to_string(max_texts_) + ": send fewer at once, or raise it"),
                        {});
    }
    auto handle = embedder_->Embed(std::move(texts), [step, width = embedder_->width()](Result<engine::Rows> rows) {
      if (!rows) return step->Fail(std::move(rows).error(), {});
      step->Done({{"vectors", ToLists(*rows)}, {"dimensions", width}}, UsageOf(*rows));
    });
    if (!handle) return step->Fail(std::move(handle).error(), {});
    step->OnCancel([handle = *handle] { handle.Cancel(); });
  }

  void Stop() override { embedder_->Stop(); }

 private:
  std::unique_ptr<engine::Embedder> embedder_;
  const size_t max_texts_;
};

}  // namespace

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec) {
  const auto max_texts = spec.config.at("maxTexts").get<int32_t>();
  TRY_ASSIGN(auto embedder, LoadEmbedder(spec, max_texts));
  return std::make_unique<Embed>(std::move(embedder), static_cast<size_t>(max_texts));
}

}  // namespace troupe::embed
