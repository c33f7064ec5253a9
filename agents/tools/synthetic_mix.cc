#include "agents/tools/synthetic_mix.h"

#include <utility>

#include "runtime/base/value.h"
#include "runtime/train/held_back.h"
#include "runtime/train/shuffle.h"

namespace troupe::tools {

double MixedTexts::share() const {
  return real + synthetic == 0 ? 0 : static_cast<double>(synthetic) / static_cast<double>(real + synthetic);
}

MixedTexts Mix(const std::vector<train::LabelledText>& real, const std::vector<SyntheticText>& written, double share,
               uint64_t seed) {
  std::vector<train::LabelledText> kept;
  for (const SyntheticText& text : written) {
    if (text.verdict == Verdict::kKept) kept.push_back({text.text, text.label, ""});
  }
  // rounded down, but for what arithmetic takes away from a whole number
  const double most = share / (1 - share) * static_cast<double>(real.size()) + 1e-9;
  const auto drawn = train::DrawEvenly(kept, static_cast<size_t>(most), seed);
  MixedTexts mixed{.real = real.size(), .synthetic = drawn.size()};
  for (const size_t i : train::Shuffled(real.size() + drawn.size(), seed)) {
    const bool is_real = i < real.size();
    const train::LabelledText& text = is_real ? real[i] : drawn[i - real.size()];
    mixed.lines += Dump({{"text", text.text}, {"label", text.label}, {"synthetic", !is_real}}) + "\n";
  }
  return mixed;
}

std::string KeptLines(const std::vector<SyntheticText>& written) {
  std::string lines;
  for (const SyntheticText& text : written) {
    if (text.verdict != Verdict::kKept) continue;
    lines += Dump({{"text", text.text}, {"label", text.label}, {"confidence", text.confidence}}) + "\n";
  }
  return lines;
}

}  // namespace troupe::tools
