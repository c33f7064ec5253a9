#include "router/content/text_ids.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>
#include <utility>

#include "runtime/base/digest.h"
#include "runtime/base/names.h"

namespace troupe::content {
namespace {

// With a digest and a number behind it a stem still fits a DNS label.
constexpr size_t kStemBytes = 48;

std::string StemOf(const Cell& cell) { return cell.empty() ? "all" : Joined(cell, "-"); }

}  // namespace

TextIds::TextIds(const ContentSet& set) {
  std::map<std::string, int> times;
  for (const Cell& cell : set.cells) ++times[StemOf(cell)];
  for (const Cell& cell : set.cells) {
    std::string stem = StemOf(cell);
    // "a-b" and "c" join to what "a" and "b-c" do
    if (stem.size() > kStemBytes || times[stem] > 1) {
      stem = stem.substr(0, kStemBytes) + "-" + Sha256Hex(AudienceName(cell)).substr(0, 6);
    }
    stems_.push_back(std::move(stem));
  }
}

std::string TextIds::Of(size_t cell, int64_t number) const { return stems_[cell] + "-" + std::to_string(number); }

int64_t TextIds::NumberIn(size_t cell, const std::string& id) const {
  const std::string stem = stems_[cell] + "-";
  if (!id.starts_with(stem)) return 0;
  int64_t number = 0;
  const char* end = id.data() + id.size();
  const auto [stop, fault] = std::from_chars(id.data() + stem.size(), end, number);
  return fault == std::errc() && stop == end && number > 0 && Of(cell, number) == id ? number : 0;
}

void SortTexts(ContentSet& set) {
  const TextIds ids(set);
  std::map<Cell, size_t> places;
  for (size_t i = 0; i < set.cells.size(); ++i) places[set.cells[i]] = i;
  const auto key = [&](const Text& text) {
    const auto place = places.find(text.cell);
    const size_t cell = place == places.end() ? set.cells.size() : place->second;
    return std::tuple(cell, place == places.end() ? 0 : ids.NumberIn(cell, text.id));
  };
  std::stable_sort(set.texts.begin(), set.texts.end(), [&](const Text& a, const Text& b) { return key(a) < key(b); });
}

}  // namespace troupe::content
