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
                                          OnEmbedded done) {
  order.key += "/meaning";
  order.agent = job.rule->semantic->agent;
  order.input_json = Dump(Value{{"texts", Value::array({job.text})}});
  order.token_budget = 0;
  order.hedge_percent = 0;
  order.tried.clear();
  order.quiet = true;
  order.may_ask = false;
  return start(std::move(order), std::make_shared<Ear>(std::move(done)));
}

bool IsReadable(const std::string& question) { return cache::Read(question).has_value(); }

}  // namespace troupe::answers
