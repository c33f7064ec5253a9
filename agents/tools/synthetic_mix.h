// Real texts and synthetic ones as one file to be trained on. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agents/tools/synthetic_writer.h"
#include "runtime/train/labelled_texts.h"

namespace troupe::tools {

struct MixedTexts {
  // JSON lines with text, label and whether it is synthetic, in an order drawn by the seed.
  std::string lines;
  size_t real = 0, synthetic = 0;

  double share() const;  // of synthetic ones, 0 to 1
};

// All real texts, and of the synthetic ones that were kept as many as make `share` of all at most: as many of each
// label as there are.
MixedTexts Mix(const std::vector<train::LabelledText>& real, const std::vector<SyntheticText>& written, double share,
               uint64_t seed);

// The synthetic texts that were kept, as JSON lines with text, label and confidence.
std::string KeptLines(const std::vector<SyntheticText>& written);

}  // namespace troupe::tools
