#include "router/content/sample_text.h"

#include "router/content/bind_text.h"
#include "router/content/slot_rule.h"

namespace troupe::content {
namespace {

std::string SampleValue(const Slot& slot) {
  switch (slot.type) {
    case SlotType::kName:
      return "Anna";
    case SlotType::kCity:
      return "Lisbon";
    case SlotType::kMoney:
      return "12.50";
    case SlotType::kDate:
      return "2026-12-24";
    case SlotType::kChoice:
      return slot.choices.empty() ? "" : slot.choices.front();
    case SlotType::kUrl:
      return "https://" + (slot.hosts.empty() ? "www.example" : slot.hosts.front()) + "/";
    case SlotType::kText:
      break;
  }
  return slot.fallback.value_or("sample");
}

// A slot may take less than the sample; its name then shows where it stands.
std::string FilledIn(const Slot& slot, const std::string& language, Escape escape) {
  std::string value;
  if (AppendValue(RuleOf(slot, language), SampleValue(slot), escape, value)) return value;
  return "{{" + slot.name + "}}";
}

}  // namespace

std::vector<SamplePiece> SampleOf(const ContentSet& set, const Text& text) {
  const auto parts = BindText(text.text, set.slots, set.output);
  if (!parts) return {{text.text}};
  const std::string language = LanguageOf(set, text.cell);
  std::vector<SamplePiece> pieces;
  for (const Part& part : *parts) {
    const Slot* slot = part.slot.empty() ? nullptr : FindSlot(set.slots, part.slot);
    if (slot == nullptr) {
      pieces.push_back({part.literal});
    } else {
      pieces.push_back({FilledIn(*slot, language, part.escape), true});
    }
  }
  return pieces;
}

}  // namespace troupe::content
