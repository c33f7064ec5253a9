#include "router/content/question.h"

#include <algorithm>
#include <utility>

#include "router/content/prose.h"
#include "runtime/base/digest.h"

namespace troupe::content {
namespace {

std::string NameOf(const Writer& writer) { return writer.prompt_file.empty() ? "writer.prompt" : writer.prompt_file; }

Value Describe(const Slot& slot) {
  return {{"name", slot.name},
          {"mark", "{{" + slot.name + "}}"},
          {"type", SlotTypeNames()[static_cast<size_t>(slot.type)]},
          {"use", SlotUseNames()[static_cast<size_t>(slot.use)]}};
}

}  // namespace

Result<Questions> Questions::Of(const ContentSet& set, std::string version) {
  TRY_ASSIGN(text::Template prompt, text::Template::Compile(NameOf(*set.writer), set.writer->prompt));
  return Questions(set, std::move(version), std::move(prompt));
}

Questions::Questions(const ContentSet& set, std::string version, text::Template prompt)
    : set_(set),
      version_(std::move(version)),
      prompt_(std::move(prompt)),
      schema_(ProseSchema(set)),
      slots_(Value::array()) {
  for (const Slot& slot : set.slots) slots_.push_back(Describe(slot));
}

bool Questions::tells_variants_apart() const {
  const auto& names = prompt_.References();
  return std::find(names.begin(), names.end(), "number") != names.end();
}

Result<Question> Questions::For(const Wish& wish, const std::vector<std::string>& problems) const {
  const Cell& cell = set_.cells[wish.cell];
  Value values = Value::object();
  for (size_t axis = 0; axis < set_.axes.size(); ++axis) values[set_.axes[axis].name] = cell[axis];
  TRY_ASSIGN(const std::string prompt, prompt_.Render({{"cell", values},
                                                       {"language", LanguageOf(set_, cell)},
                                                       {"slots", slots_},
                                                       {"number", wish.number},
                                                       {"attempt", wish.attempt},
                                                       {"problems", problems},
                                                       {"max_length", set_.checks.max_length},
                                                       {"banned", set_.checks.banned}}));
  Question question{.input = {{"prompt", prompt}, {"schema", schema_}}};
  const Value shape{
      {"set", set_.name}, {"graph", set_.writer->graph}, {"version", version_},    {"input", question.input},
      {"cell", cell},     {"number", wish.number},       {"attempt", wish.attempt}};
  question.request_id = "content-" + Sha256Hex(Dump(shape));
  return question;
}

}  // namespace troupe::content
