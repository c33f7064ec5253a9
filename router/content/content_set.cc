#include "router/content/content_set.h"

#include <algorithm>

#include "runtime/base/names.h"

namespace troupe::content {

const std::vector<std::string>& SlotTypeNames() {
  static const std::vector<std::string> kNames = {"name", "city", "money", "date", "choice", "text", "url"};
  return kNames;
}

const std::vector<std::string>& OutputKindNames() {
  static const std::vector<std::string> kNames = {"text", "html", "json"};
  return kNames;
}

const std::vector<std::string>& SlotUseNames() {
  static const std::vector<std::string> kNames = {"once", "at-least-once", "optional"};
  return kNames;
}

const std::vector<std::string>& TextStateNames() {
  static const std::vector<std::string> kNames = {"proposed", "accepted", "rejected"};
  return kNames;
}

const Slot* FindSlot(const std::vector<Slot>& slots, std::string_view name) {
  const auto found = std::find_if(slots.begin(), slots.end(), [&](const Slot& slot) { return slot.name == name; });
  return found == slots.end() ? nullptr : &*found;
}

std::string AudienceName(const Cell& cell) { return cell.empty() ? "all" : Joined(cell, "."); }

std::string LanguageOf(const ContentSet& set, const Cell& cell) {
  for (size_t i = 0; i < set.axes.size() && i < cell.size(); ++i) {
    if (set.axes[i].name == "language") return cell[i];
  }
  return set.language;
}

}  // namespace troupe::content
