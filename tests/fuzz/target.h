// Something that takes bytes from strangers, and how to tell that it took them badly. A crash, a sanitizer's report and
// an input that takes longer than a limit are findings by themselves; a target says in words what else is.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/mutate.h"

namespace troupe::fuzz {

struct Target {
  std::string_view name;
  // What is fed, for --list.
  std::string_view what;
  // Inputs to begin from, mostly right ones.
  std::vector<std::string> (*seeds)() = nullptr;
  // Pieces that mean something in its language; may be null.
  std::vector<std::string> (*words)() = nullptr;
  // A change of its own, that keeps the input's structure; may be null.
  void (*change)(std::string& input, Random& random) = nullptr;
  // What was wrong; nothing where all was well, refusals included.
  std::optional<std::string> (*take)(const std::string& input) = nullptr;
};

// For GoogleTest, which names a test's parameter.
inline void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

// All there are. Each stands in the file of its name.
std::vector<Target> Targets();

extern const Target kGraphTarget;
extern const Target kExpressionsTarget;
extern const Target kContentTarget;
extern const Target kContentHttpTarget;
extern const Target kSafetensorsTarget;
extern const Target kGgufTarget;
extern const Target kTokenizerTarget;
extern const Target kRecordsTarget;
extern const Target kTaskRequestsTarget;
extern const Target kAgentRequestsTarget;

}  // namespace troupe::fuzz
