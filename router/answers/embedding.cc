#include "router/answers/embedding.h"

#include <utility>

#include "router/cache/guard_reading.h"

namespace troupe::answers {
namespace {

class Ear final : public dispatch::StepListener {
 public:
  explicit Ear(OnEmbedded done) : done_(std::move(done)) {}
  void OnStepText(const std::string&, int, std::string, int64_t) override {}
  void OnStepEnd(const std::string&, int, dispatch::StepOutcome outcome) override {
    done_(std::move(outcome.output), outcome.usage);
  }

 private:
  const OnEmbedded done_;
};

}  // namespace

std::shared_ptr<dispatch::StepCall> Embed(const dispatch::Starter& start, dispatch::StepOrder order, const StepJob& job,
                                          const std::string& key, const std::vector<std::string>& texts,
                                          OnEmbedded done) {
  order.key += key;
  order.agent = job.rule->semantic->agent;
  order.input_json = Dump(Value{{"texts", texts}});
  order.token_budget = 0;
  order.hedge_percent = 0;
  order.tried.clear();
  order.quiet = true;
  order.may_ask = false;
  return start(std::move(order), std::make_shared<Ear>(std::move(done)));
}

std::vector<std::vector<float>> VectorsOf(const Value& embedded, size_t count) {
  const auto vectors = embedded.is_object() ? embedded.find("vectors") : embedded.end();
  if (vectors == embedded.end() || !vectors->is_array() || vectors->size() != count) return {};
  std::vector<std::vector<float>> out;
  for (const Value& vector : *vectors) {
    if (!vector.is_array() || vector.empty()) return {};
    std::vector<float>& numbers = out.emplace_back();
    for (const Value& number : vector) {
      if (!number.is_number()) return {};
      numbers.push_back(number.get<float>());
    }
    if (numbers.size() != out.front().size()) return {};
  }
  return out;
}

bool IsReadable(const std::string& question) { return cache::Read(question).has_value(); }

}  // namespace troupe::answers
