#include "agents/classify/classify.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agents/classify/nearest.h"
#include "agents/embed/load.h"

namespace troupe::classify {
namespace {

// Probabilities of a head's scores: softmax, shifted by the greatest so that nothing overflows.
Verdict FromHead(std::span<const float> logits, std::span<const std::string> labels, float temperature) {
  const float top = *std::max_element(logits.begin(), logits.end());
  float sum = 0;
  Verdict verdict;
  for (size_t i = 0; i < logits.size(); ++i) {
    verdict.scores.emplace_back(labels[i], std::exp((logits[i] - top) / temperature));
    sum += verdict.scores.back().second;
  }
  for (auto& [label, score] : verdict.scores) score /= sum;
  std::stable_sort(verdict.scores.begin(), verdict.scores.end(), [](auto& a, auto& b) { return a.second > b.second; });
  verdict.label = verdict.scores.front().first;
  verdict.score = verdict.scores.front().second;
  return verdict;
}

class Classify final : public host::Kind {
 public:
  Classify(std::unique_ptr<engine::Embedder> embedder, std::optional<Nearest> nearest, const Value& config)
      : embedder_(std::move(embedder)),
        nearest_(std::move(nearest)),
        k_(config.at("k").get<size_t>()),
        threshold_(config.at("threshold").get<float>()),
        default_(config.value("default", Value())) {}

  host::Facts facts() const override {
    return {.model_digest = embedder_->info().digest, .slots = 16, .compute = embedder_->info().compute};
  }

  void Work(std::shared_ptr<host::Step> step) override {
    std::vector<std::string> texts = {step->input().at("text").get<std::string>()};
    const auto done = [this, step](Result<engine::Rows> rows) {
      if (!rows) return step->Fail(std::move(rows).error(), {});
      step->Done(Answer(rows->row(0)), embed::UsageOf(*rows));
    };
    auto handle = nearest_ ? embedder_->Embed(std::move(texts), done) : embedder_->Classify(std::move(texts), done);
    if (!handle) return step->Fail(std::move(handle).error(), {});
    step->OnCancel([handle = *handle] { handle.Cancel(); });
  }

  void Stop() override { embedder_->Stop(); }

 private:
  Value Answer(std::span<const float> row) const {
    const Verdict verdict =
        nearest_ ? nearest_->Classify(row, k_)
                 : FromHead(row, embedder_->labels(), static_cast<float>(embedder_->score_temperature()));
    Value scores = Value::object();
    for (const auto& [label, score] : verdict.scores) scores[label] = score;
    const bool unsure = verdict.score < threshold_ && default_.is_string();
    return {
        {"label", unsure ? default_ : Value(verdict.label)}, {"score", verdict.score}, {"scores", std::move(scores)}};
  }

  std::unique_ptr<engine::Embedder> embedder_;
  std::optional<Nearest> nearest_;
  size_t k_;
  float threshold_;
  Value default_;
};

// The configured examples, from the CSV that the router put in place, a list of {text, label}, or the choices
// themselves.
Result<std::vector<Example>> Examples(const Value& config) {
  std::vector<Example> examples;
  const Value given = config.value("examples", Value());
  if (given.is_string()) return ReadExamples(given.get<std::string>());
  if (given.is_array()) {
    for (const Value& example : given) {
      if (!example.is_object() || !example.contains("text") || !example.contains("label") ||
          !example["text"].is_string() || !example["label"].is_string()) {
        return Invalid("examples: each must be {text: ..., label: ...}, got " + Dump(example));
      }
      examples.push_back({example["text"], example["label"]});
    }
    return examples;
  }
  if (!given.is_null()) return Invalid("examples: must name a CSV file or be a list of {text, label}");
  for (const Value& choice : config.at("choices")) examples.push_back({choice, choice});
  return examples;
}

}  // namespace

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec) {
  auto examples = Examples(spec.config);
  if (!examples) return Error{examples.error().code, "agent \"" + spec.agent + "\": " + examples.error().message};
  TRY_ASSIGN(auto embedder, embed::LoadEmbedder(spec));
  std::optional<Nearest> nearest;
  if (examples->empty()) {
    if (embedder->labels().empty()) {
      return FailedPrecondition("agent \"" + spec.agent + "\": its model " + spec.model_path.string() +
                                " has no classification head, so it needs `examples` or `choices`");
    }
  } else {
    std::vector<std::string> texts, labels;
    for (Example& example : *examples) {
      texts.push_back(std::move(example.text));
      labels.push_back(std::move(example.label));
    }
    TRY_ASSIGN(engine::Rows rows, embed::EmbedNow(*embedder, std::move(texts)));
    nearest.emplace(std::move(labels), std::move(rows.values), static_cast<size_t>(rows.width));
  }
  return std::make_unique<Classify>(std::move(embedder), std::move(nearest), spec.config);
}

}  // namespace troupe::classify
