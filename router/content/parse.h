// A content file into a ContentSet, or everything that is wrong with it and its texts: one run reports all. Untrusted
// input: sizes and counts are bounded before anything is built. Called by whoever takes sets in; pure but for reading
// the files that a set names. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "router/content/content_set.h"
#include "runtime/base/error.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::content {

// A content file and the files that it names.
struct ContentSource {
  std::string yaml;
  // What the file is called in messages.
  std::string file_name;
  // The prompt and the file of texts: by the path that the content file uses.
  std::map<std::string, std::string> files;
};

struct ParsedSet {
  // Null where there are errors.
  std::shared_ptr<const ContentSet> set;
  // Errors and warnings, in the order of the files.
  std::vector<kind::Finding> findings;
};

inline constexpr size_t kMaxSetBytes = 1u << 20;
inline constexpr size_t kMaxTextsBytes = 32u << 20;

ParsedSet ParseContentSet(const ContentSource& source);

// The same from a file, with the files beside it.
ParsedSet LoadContentSet(const std::string& path);

// The same, with all findings as one error: INVALID_ARGUMENT.
Result<std::shared_ptr<const ContentSet>> LoadGoodSet(const std::string& path);

}  // namespace troupe::content
