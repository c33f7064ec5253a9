#include "router/content/release.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "router/content/bind_text.h"
#include "router/content/slot_rule.h"
#include "runtime/base/digest.h"
#include "runtime/base/names.h"
#include "runtime/base/value.h"

namespace troupe::content {
namespace {

constexpr size_t kVersionDigits = 16;

// The object's digest.
std::string AddObject(Release& release, std::string bytes, const char* extension) {
  std::string digest = Sha256Hex(bytes);
  release.objects.emplace(digest + extension, std::move(bytes));
  return digest;
}

Value PartsToJson(const std::vector<Part>& parts) {
  Value json = Value::array();
  for (const Part& part : parts) {
    if (part.slot.empty()) {
      json.push_back(part.literal);
    } else {
      json.push_back({{"slot", part.slot}, {"as", EscapeName(part.escape)}});
    }
  }
  return json;
}

Result<Value> AddText(Release& release, const ContentSet& set, const Text& text) {
  const auto parts = BindText(text.text, set.slots, set.output);
  if (!parts) return Invalid("text '" + text.id + "': " + parts.error().message);
  Value variant{{"id", text.id}, {"weight", text.weight}};
  variant["object"] = AddObject(release, Dump({{"id", text.id}, {"parts", PartsToJson(*parts)}}), ".json");
  if (set.output == OutputKind::kHtml) variant["fragment"] = AddObject(release, text.text, ".html");
  return variant;
}

// Without its version, which is of all manifests together.
Result<Value> ManifestOf(Release& release, const ContentSet& set, const Cell& cell,
                         const std::vector<const Text*>& texts) {
  const std::string language = LanguageOf(set, cell);
  Value slots = Value::array();
  for (const Slot& slot : set.slots) slots.push_back(ToJson(RuleOf(slot, language)));
  Value variants = Value::array();
  for (const Text* text : texts) {
    TRY_ASSIGN(Value variant, AddText(release, set, *text));
    variants.push_back(std::move(variant));
  }
  return Value{{"set", set.name},           {"audience", AudienceName(cell)},
               {"language", language},      {"output", OutputKindNames()[static_cast<size_t>(set.output)]},
               {"slots", std::move(slots)}, {"variants", std::move(variants)}};
}

std::vector<const Text*> AcceptedFor(const std::map<Cell, std::vector<const Text*>>& accepted, const Cell& cell) {
  const auto found = accepted.find(cell);
  return found == accepted.end() ? std::vector<const Text*>() : found->second;
}

// Sorted by id, so that the order in the file of texts does not make another release.
std::map<Cell, std::vector<const Text*>> Accepted(const ContentSet& set) {
  std::map<Cell, std::vector<const Text*>> accepted;
  for (const Text& text : set.texts) {
    if (text.state == TextState::kAccepted) accepted[text.cell].push_back(&text);
  }
  for (auto& [cell, texts] : accepted) {
    std::sort(texts.begin(), texts.end(), [](const Text* a, const Text* b) { return a->id < b->id; });
    const bool any = std::any_of(texts.begin(), texts.end(), [](const Text* text) { return text->weight > 0; });
    if (!any) texts.clear();
  }
  return accepted;
}

Error Missing(const ContentSet& set, const std::vector<std::string>& audiences) {
  constexpr size_t kNamed = 5;
  const std::vector<std::string> first(audiences.begin(), audiences.begin() + std::min(kNamed, audiences.size()));
  const std::string more =
      audiences.size() > kNamed ? " and " + std::to_string(audiences.size() - kNamed) + " more" : "";
  return FailedPrecondition("'" + set.name + "' has no accepted text with a weight above 0 for " + Joined(first, ", ") +
                            more + "; accept one for each, exclude them from the matrix, or publish with --partial");
}

}  // namespace

Result<Release> MakeRelease(const ContentSet& set, Gaps gaps) {
  Release release{.set = set.name};
  std::vector<std::string> missing;
  std::map<std::string, Value> manifests;
  std::string all;
  const auto accepted = Accepted(set);
  for (const Cell& cell : set.cells) {
    const std::vector<const Text*> texts = AcceptedFor(accepted, cell);
    if (texts.empty()) {
      missing.push_back(AudienceName(cell));
      continue;
    }
    TRY_ASSIGN(Value manifest, ManifestOf(release, set, cell, texts));
    all += Dump(manifest) + "\n";
    manifests.emplace(AudienceName(cell), std::move(manifest));
  }
  if (manifests.empty() || (!missing.empty() && gaps == Gaps::kRefused)) return Missing(set, missing);
  release.version = Sha256Hex(all).substr(0, kVersionDigits);
  for (auto& [audience, manifest] : manifests) {
    manifest["version"] = release.version;
    release.manifests.emplace(audience, Dump(manifest));
  }
  return release;
}

}  // namespace troupe::content
