#include "agents/tools/synthetic_filter.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/utf8.h"
#include "runtime/train/skill_prompts.h"

namespace troupe::tools {
namespace {

struct Names {
  const char* name;
  const char* key;
};
constexpr std::array<Names, kVerdicts> kNames{{{"kept", "kept"},
                                               {"another form", "form"},
                                               {"duplicates", "duplicates"},
                                               {"unsure", "unsure"},
                                               {"second look", "second_look"}}};

std::vector<float> Joined(const std::vector<std::vector<float>>& vectors) {
  std::vector<float> all;
  for (const auto& vector : vectors) all.insert(all.end(), vector.begin(), vector.end());
  return all;
}

// Texts that differ in blanks or in capitals are the same.
std::string Folded(const std::string& text) {
  std::string folded = train::OneLine(text);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

}  // namespace

std::string VerdictName(Verdict verdict) { return kNames.at(static_cast<size_t>(verdict)).name; }
std::string VerdictKey(Verdict verdict) { return kNames.at(static_cast<size_t>(verdict)).key; }

SyntheticFilter::SyntheticFilter(const FilterRules& rules, const std::vector<std::string>& texts,
                                 std::vector<std::string> labels, const std::vector<std::vector<float>>& vectors)
    : rules_(rules), vectors_(Joined(vectors)), real_(std::move(labels), vectors_, vectors.at(0).size()) {
  for (const std::string& text : texts) known_.insert(Folded(text));
}

Verdict SyntheticFilter::Judge(const Candidate& candidate) {
  const size_t chars = CountCodePoints(candidate.text);
  if (!candidate.is_whole || chars < rules_.min_chars || chars > rules_.max_chars) return Verdict::kForm;
  if (IsDuplicate(candidate)) return Verdict::kDuplicate;
  if (candidate.confidence < rules_.confidence) return Verdict::kUnsure;
  if (real_.Classify(candidate.vector, rules_.voters).label != candidate.label) return Verdict::kSecondLook;
  known_.insert(Folded(candidate.text));
  vectors_.insert(vectors_.end(), candidate.vector.begin(), candidate.vector.end());
  return Verdict::kKept;
}

bool SyntheticFilter::IsDuplicate(const Candidate& candidate) const {
  if (known_.contains(Folded(candidate.text))) return true;
  const size_t width = candidate.vector.size();
  CHECK(width > 0 && vectors_.size() % width == 0);
  for (auto other = vectors_.begin(); other != vectors_.end(); other += static_cast<std::ptrdiff_t>(width)) {
    const float cosine = std::inner_product(candidate.vector.begin(), candidate.vector.end(), other, 0.0f);
    if (cosine >= rules_.duplicate) return true;
  }
  return false;
}

}  // namespace troupe::tools
