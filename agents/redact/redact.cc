#include "agents/redact/redact.h"

#include <utility>
#include <vector>

#include "agents/redact/private_data.h"

namespace troupe::redact {
namespace {

class Redact final : public host::Kind {
 public:
  explicit Redact(std::vector<Sort> sorts) : sorts_(std::move(sorts)) {}

  host::Facts facts() const override { return {.slots = 16, .answers_once = true}; }

  // A text is at most a few megabytes and read once: no reason to leave gRPC's thread.
  void Work(std::shared_ptr<host::Step> step) override {
    const std::string& text = step->input().at("text").get_ref<const std::string&>();
    Redacted redacted = PutMarks(text, FindPrivateData(text, sorts_));
    Value marks = Value::object();
    for (auto& [mark, value] : redacted.marks) marks[mark] = std::move(value);
    step->Done({{"text", std::move(redacted.text)}, {"marks", std::move(marks)}}, {});
  }

 private:
  const std::vector<Sort> sorts_;
};

}  // namespace

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec) {
  std::vector<Sort> sorts;
  for (const Value& name : spec.config.at("find")) {
    auto sort = ReadSort(name.get_ref<const std::string&>());
    if (!sort) return Error{sort.error().code, "agent \"" + spec.agent + "\": find: " + sort.error().message};
    sorts.push_back(*sort);
  }
  return std::make_unique<Redact>(std::move(sorts));
}

}  // namespace troupe::redact
