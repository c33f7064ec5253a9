#include "runtime/kind/suggest.h"

#include <algorithm>
#include <cctype>

namespace troupe::kind {
namespace {

constexpr size_t kLongestName = 128;

size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string Nearest(std::string_view word, const std::vector<std::string>& names) {
  if (word.empty() || word.size() > kLongestName) return "";
  std::string best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  for (const auto& name : names) {
    if (name.size() > kLongestName) continue;
    if (size_t distance = Distance(word, name); distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

std::string Suggest(std::string_view word, const std::vector<std::string>& names) {
  if (std::string best = Nearest(word, names); !best.empty()) return "; did you mean '" + best + "'?";
  if (names.empty()) return "; there are none";
  constexpr size_t kShown = 16;
  std::string text = "; there are: ";
  for (size_t i = 0; i < names.size() && i < kShown; ++i) text += (i ? ", " : "") + names[i];
  return text + (names.size() > kShown ? ", ..." : "");
}

}  // namespace troupe::kind
