// Texts with labels, as files have them: what classifiers are trained on and measured by. A .csv has a column "text"
// and one of labels ("label" or "category"); a .jsonl has an object a line with the same fields, and
// "teacher_confidence" where a teacher labelled it. Where texts need no label it may be missing, and any other file is
// one text a line. Strangers' files: all must be UTF-8.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::train {

struct LabelledText {
  std::string text;
  std::string label;  // empty: none
  // Where it stands, for messages: "train.csv:17".
  std::string place;
  // How sure the teacher was that labelled it, 0 to 1; 1 where the file does not say.
  double confidence = 1.0;
};

enum class Labels : uint8_t { kRequired, kIgnored };

// Errors: NOT_FOUND, INVALID_ARGUMENT for a file without texts, a missing column or field, an empty text or label,
// bytes that are no UTF-8, each with file and line; RESOURCE_EXHAUSTED for a file beyond 1 GiB.
Result<std::vector<LabelledText>> ReadLabelledTexts(const std::filesystem::path& file, Labels labels);

// Texts with labels as numbers, for a model that knows `labels`.
struct NumberedTexts {
  std::vector<std::string> labels;  // in the order of the head
  std::vector<LabelledText> texts;
  std::vector<int64_t> numbers;  // one a text: an index into labels, kNoLabel for a text without one
};
inline constexpr int64_t kNoLabel = -1;

// The labels that there are, sorted. Errors: INVALID_ARGUMENT for fewer than two.
Result<std::vector<std::string>> LabelsOf(const std::vector<LabelledText>& texts);
// Errors: INVALID_ARGUMENT for a label that is none of `labels`, with its place; `whose` names who knows them: "the
// training texts".
Result<NumberedTexts> Number(std::vector<LabelledText> texts, const std::vector<std::string>& labels,
                             const std::string& whose);

struct Split {
  std::vector<LabelledText> train, held_out;
};
// Sets a share of each label's texts aside, drawn by the seed; each label keeps at least one text to be trained on.
Split SetAside(const std::vector<LabelledText>& texts, double share, uint64_t seed);

}  // namespace troupe::train
