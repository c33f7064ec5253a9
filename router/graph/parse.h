// A graph file into a Graph, or everything that is wrong with it: one run reports all. Untrusted input: sizes, depths
// and counts are bounded before anything is built. Called by whoever takes graphs in (lint, apply, up); pure but for
// reading the files that a graph names. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "router/graph/graph.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::graph {

using kind::Finding;
using kind::Severity;

// A graph file and the files it names (proto/troupe/v1/graph.proto, GraphSource).
struct GraphSource {
  std::string yaml;
  // What the graph file is called in messages.
  std::string file_name;
  // Prompts, schemas, examples: by the path that the graph file uses.
  std::map<std::string, std::string> files;
  // The folder that relative paths of models and folders start from.
  std::string base_path;
};

struct ParseOptions {
  // The kinds that agents can be of; null for those compiled in.
  const std::vector<kind::Kind>* kinds = nullptr;
  // What "models:" in a model's path stands for; empty for DefaultModelsPath().
  std::string models_path;
  // Read files that are not in GraphSource::files from base_path.
  bool read_files = false;
};

struct Parsed {
  // Null where there are errors.
  std::shared_ptr<const Graph> graph;
  // Errors and warnings, in the order of the file.
  std::vector<Finding> findings;
  // What was parsed, `files` completed with those that were read: what Apply sends.
  GraphSource source;
};

inline constexpr size_t kMaxGraphBytes = 1u << 20;
inline constexpr size_t kMaxFileBytes = 8u << 20;
inline constexpr size_t kMaxAllFilesBytes = 16u << 20;
// The root, and two steps that hold steps inside each other.
inline constexpr int kMaxNesting = 3;
// Graph files inside each other, the outermost counted, and the steps of all of them, each as often as it is used.
inline constexpr size_t kMaxGraphDepth = 8;
inline constexpr int64_t kMaxSteps = 2000;

Parsed ParseGraph(GraphSource source, const ParseOptions& options = {});

// The same from a file, with the files beside it.
Parsed LoadGraph(const std::string& path, ParseOptions options = {});

// All findings, one a line.
std::string ToString(const std::vector<Finding>& findings);

}  // namespace troupe::graph
