// YAML as a tree of our own, with the place of every value: what kind.yaml, graph files and skills files are read from.
// Untrusted text: size, depth, number of values and what aliases unfold to are bounded before anything is looked at,
// and yaml-cpp's exceptions end here. Plain values; nothing to stop.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/value.h"

namespace troupe::kind {

struct YamlEntry;

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;
  // Quoted or a block: a string whatever it looks like.
  bool quoted = false;
  std::vector<YamlNode> items;
  // In the order of the file; keys may repeat, readers report that.
  std::vector<YamlEntry> entries;
  // From 1, columns in bytes.
  int line = 0;
  int column = 0;

  const YamlNode* Find(std::string_view key) const;
};

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

struct YamlLimits {
  size_t max_bytes = 1u << 20;
  int max_depth = 32;
  // Values in all, those that aliases repeat counted each time.
  size_t max_values = 50'000;
};

// A note is worth knowing and nothing to mend.
enum class Severity { kError, kWarning, kNote };
const char* SeverityName(Severity severity);

// Something wrong with a file. Line and column from 1; 0 where no place is to blame.
struct Finding {
  Severity severity = Severity::kError;
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  bool operator==(const Finding&) const = default;
};

// "help-desk.yaml:3:5: error: unknown key 'modle'; did you mean 'model'?"
std::string ToString(const Finding& finding);

// Collects what is wrong, so that one run tells everything.
class Findings {
 public:
  void Error(const std::string& file, const YamlNode& node, std::string message);
  void Error(const std::string& file, int line, int column, std::string message);
  void Warn(const std::string& file, int line, int column, std::string message);
  void Note(const std::string& file, int line, int column, std::string message);
  bool HasErrors() const { return errors_ > 0; }
  int errors() const { return errors_; }
  // Sorted by file (`first_file`, then as reported), line and column; each once.
  std::vector<Finding> Take(const std::string& first_file = "");

 private:
  std::vector<Finding> list_;
  int errors_ = 0;
};

// The one document of `text`; a null node and a finding where it cannot be read.
YamlNode ParseYaml(std::string_view text, const std::string& file, Findings& findings, const YamlLimits& limits = {});

// As JSON: plain scalars by YAML 1.2's core schema (null, booleans, numbers), everything else strings. The last of
// repeated keys wins.
Value ToValue(const YamlNode& node);

// "a list", "a map", "the number 3", "the text 'abc'": for messages.
std::string Describe(const YamlNode& node);

}  // namespace troupe::kind
