#include "runtime/train/labelled_texts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "runtime/base/csv.h"
#include "runtime/base/lines.h"
#include "runtime/base/read_file.h"
#include "runtime/base/utf8.h"
#include "runtime/base/value.h"
#include "runtime/train/shuffle.h"

namespace troupe::train {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxBytes = 1u << 30;

Error At(const std::string& place, const std::string& what) { return Invalid(place + ": " + what); }

std::string Place(const fs::path& file, size_t line) { return file.string() + ":" + std::to_string(line); }

// The line of the first byte that is no UTF-8, 0 where all is.
size_t BrokenLine(const std::string& text) {
  size_t line = 1;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '\n') ++line;
    if (NextCodePoint(text, at) == kBadUtf8) return line;
  }
  return 0;
}

bool IsBlank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

Status Add(LabelledText text, Labels labels, std::vector<LabelledText>& to) {
  if (IsBlank(text.text)) return At(text.place, "the text is empty: take the line out");
  if (labels == Labels::kIgnored) text.label.clear();
  if (labels == Labels::kRequired && IsBlank(text.label)) {
    return At(text.place, "the label is empty: give one, or move the line to a file of unlabelled texts");
  }
  to.push_back(std::move(text));
  return {};
}

Status AddCsv(const std::string& content, const fs::path& file, Labels labels, std::vector<LabelledText>& to) {
  auto table = ParseCsv(content);
  if (!table) return Error{table.error().code, file.string() + ": " + table.error().message};
  const auto column = [&](const std::vector<std::string>& names) -> Result<size_t> {
    auto found = table->Column(names);
    if (!found) return At(Place(file, 1), found.error().message);
    return found;
  };
  TRY_ASSIGN(const size_t text, column({"text"}));
  size_t label = text;
  if (labels == Labels::kRequired) {
    TRY_ASSIGN(label, column({"label", "category"}));
  }
  for (size_t i = 0; i < table->rows.size(); ++i) {
    std::vector<std::string>& row = table->rows[i];
    TRY(Add({row[text], row[label], Place(file, static_cast<size_t>(table->lines[i]))}, labels, to));
  }
  return {};
}

// Calls `take` with each line that is not blank, and its number.
template <typename Take>
Status ForEachLine(const std::string& content, const Take& take) {
  size_t number = 0;
  for (size_t at = 0; const auto found = NextLine(content, at);) {
    std::string line(*found);
    if (line.ends_with('\r')) line.pop_back();
    ++number;
    if (!IsBlank(line)) TRY(take(std::move(line), number));
  }
  return {};
}

// Null, as of a teacher that does not say how sure it is, is as none; a cosine may be below 0. NaN for no number.
double ConfidenceIn(const Value& row) {
  const auto found = row.find("teacher_confidence");
  if (found == row.end() || found->is_null()) return 1.0;
  return found->is_number() ? std::clamp(found->get<double>(), 0.0, 1.0) : std::nan("");
}

Status AddJsonLine(const std::string& line, const std::string& place, Labels labels, std::vector<LabelledText>& to) {
  const auto value = ParseValue(line);
  if (!value) return At(place, value.error().message);
  const auto field = [&](const char* name) {
    const auto found = value->is_object() ? value->find(name) : value->end();
    return value->is_object() && found != value->end() && found->is_string() ? found->get<std::string>() : "";
  };
  if (!value->is_object() || !value->contains("text")) {
    return At(place, "no object with a field \"text\": write {\"text\": ..., \"label\": ...}");
  }
  const std::string label = value->contains("label") ? field("label") : field("category");
  if (labels == Labels::kRequired && label.empty()) return At(place, "no field \"label\" with a name in it");
  const double confidence = ConfidenceIn(*value);
  if (std::isnan(confidence)) {
    return At(place, "\"teacher_confidence\" is no number: correct it, or take the field out");
  }
  return Add({field("text"), label, place, confidence}, labels, to);
}

}  // namespace

Result<std::vector<LabelledText>> ReadLabelledTexts(const fs::path& file, Labels labels) {
  auto content = ReadFile(file, kMaxBytes);
  if (!content) {
    const bool is_large = content.error().code == Code::kResourceExhausted;
    return Error{content.error().code, file.string() + ": " + content.error().message +
                                           (is_large ? "; a classifier needs fewer: draw some of its texts" : "")};
  }
  if (const size_t line = BrokenLine(*content); line != 0) {
    return At(Place(file, line), "not UTF-8: save the file as UTF-8");
  }
  std::vector<LabelledText> texts;
  if (file.extension() == ".csv") {
    TRY(AddCsv(*content, file, labels, texts));
  } else if (file.extension() == ".jsonl") {
    TRY(ForEachLine(*content, [&](const std::string& line, size_t number) {
      return AddJsonLine(line, Place(file, number), labels, texts);
    }));
  } else if (labels == Labels::kIgnored) {
    TRY(ForEachLine(*content, [&](std::string line, size_t number) {
      return Add({std::move(line), "", Place(file, number)}, labels, texts);
    }));
  } else {
    return Invalid(file.string() + ": labelled texts are a .csv or a .jsonl file");
  }
  if (texts.empty()) return Invalid(file.string() + ": no texts in it");
  return texts;
}

Result<std::vector<std::string>> LabelsOf(const std::vector<LabelledText>& texts) {
  std::set<std::string> labels;
  for (const LabelledText& text : texts) {
    if (!text.label.empty()) labels.insert(text.label);
  }
  if (labels.size() < 2) {
    return Invalid(labels.empty() ? "no text has a label"
                                  : "every text has the label \"" + *labels.begin() +
                                        "\": there is nothing to tell apart; add texts of another label");
  }
  return std::vector<std::string>(labels.begin(), labels.end());
}

Result<NumberedTexts> Number(std::vector<LabelledText> texts, const std::vector<std::string>& labels,
                             const std::string& whose) {
  std::map<std::string, int64_t> numbers;
  for (const std::string& label : labels) numbers.emplace(label, static_cast<int64_t>(numbers.size()));
  NumberedTexts numbered{.labels = labels, .texts = std::move(texts)};
  for (const LabelledText& text : numbered.texts) {
    const auto found = numbers.find(text.label);
    if (found == numbers.end() && !text.label.empty()) {
      return At(text.place, "the label \"" + text.label + "\" is none of the " + std::to_string(labels.size()) +
                                " that " + whose + " have; a model cannot learn it: check its spelling");
    }
    numbered.numbers.push_back(found == numbers.end() ? kNoLabel : found->second);
  }
  return numbered;
}

Split SetAside(const std::vector<LabelledText>& texts, double share, uint64_t seed) {
  std::map<std::string, std::vector<size_t>> by_label;
  for (const size_t i : Shuffled(texts.size(), seed)) by_label[texts[i].label].push_back(i);
  std::vector<bool> held(texts.size(), false);
  for (const auto& [label, members] : by_label) {
    const auto wanted = static_cast<size_t>(share * static_cast<double>(members.size()) + 0.5);
    for (size_t i = 0; i < std::min(wanted, members.size() - 1); ++i) held[members[i]] = true;
  }
  Split split;
  for (size_t i = 0; i < texts.size(); ++i) (held[i] ? split.held_out : split.train).push_back(texts[i]);
  return split;
}

}  // namespace troupe::train
