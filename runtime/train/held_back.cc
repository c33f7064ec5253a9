#include "runtime/train/held_back.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "runtime/base/digest.h"
#include "runtime/train/shuffle.h"

namespace troupe::train {
namespace {

// 0 to below 1, evenly.
double PlaceOf(const std::string& text, uint64_t seed) {
  const std::string digest = Sha256Hex(std::to_string(seed) + "\n" + text);
  constexpr size_t kDigits = 13;  // of 4 bits: as many as a double tells apart
  return static_cast<double>(std::stoull(digest.substr(0, kDigits), nullptr, 16)) /
         static_cast<double>(uint64_t{1} << (4 * kDigits));
}

std::vector<LabelledText> Those(const std::vector<LabelledText>& texts, const std::vector<bool>& taken, bool wanted) {
  std::vector<LabelledText> those;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (taken[i] == wanted) those.push_back(texts[i]);
  }
  return those;
}

}  // namespace

std::vector<LabelledText> LastOfEach(std::vector<LabelledText> texts) {
  std::map<std::string, size_t> places;
  std::vector<LabelledText> each;
  for (LabelledText& text : texts) {
    const auto [found, is_first] = places.emplace(text.text, each.size());
    if (is_first) {
      each.push_back(std::move(text));
    } else {
      each[found->second] = std::move(text);
    }
  }
  return each;
}

Split HoldBack(const std::vector<LabelledText>& texts, double share, uint64_t seed) {
  std::vector<bool> held(texts.size());
  std::set<std::string> trained;
  for (size_t i = 0; i < texts.size(); ++i) {
    held[i] = PlaceOf(texts[i].text, seed) < share;
    if (!held[i]) trained.insert(texts[i].label);
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    if (held[i] && trained.insert(texts[i].label).second) held[i] = false;
  }
  return {.train = Those(texts, held, false), .held_out = Those(texts, held, true)};
}

std::vector<LabelledText> DrawEvenly(const std::vector<LabelledText>& texts, size_t count, uint64_t seed) {
  std::map<std::string, std::vector<size_t>> by_label;
  for (const size_t i : Shuffled(texts.size(), seed)) by_label[texts[i].label].push_back(i);
  std::vector<bool> drawn(texts.size(), false);
  count = std::min(count, texts.size());
  for (size_t round = 0; count > 0; ++round) {
    for (const auto& [label, members] : by_label) {
      if (round >= members.size() || count == 0) continue;
      drawn[members[round]] = true;
      --count;
    }
  }
  return Those(texts, drawn, true);
}

}  // namespace troupe::train
