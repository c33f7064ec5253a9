// What an agent kind says of itself in its kind.yaml: configuration, typed input and output, whether it may be answered
// from a cache or tried twice. Compiled into router and agents alike, so that both check against the same words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/kind/type.h"

namespace troupe::kind {

enum class ModelUse { kNone, kOptional, kRequired };

struct ConfigField {
  Field field;
  // The value names a file; the router puts the file's text in its place.
  bool is_file = false;
  // The value names a folder, made absolute by the router.
  bool is_folder = false;
  // The value names a peer that the agent asks; the graph's `asks` must allow it.
  bool is_peer = false;
};

struct Kind {
  std::string name;
  std::string summary;
  // Same input, same output: may be cached.
  bool deterministic = false;
  // Does something outside that cannot be undone: never hedged, tried again only when it surely did not run.
  bool effects = false;
  // Sends text as it grows, unless the configuration sets `silent_field`, a boolean field; empty for none.
  bool streams = false;
  std::string silent_field;
  // May ask peers while it works.
  bool asks = false;
  ModelUse model = ModelUse::kNone;
  std::vector<ConfigField> config;
  Type input;
  Type output;
  // The output's type is that of the JSON Schema in this configuration field; empty where `output` says it.
  std::string output_from_schema;
  // The configuration field that bounds generated tokens; empty where there are none.
  std::string tokens_field;
  // The output's field that says how sure it is, a number of which 1 is sure and 0 not at all; empty for kinds that do
  // not say.
  std::string confidence_field;
  // The output's field that is the answer, where others say how it came to that: two answers with the same one are the
  // same. Empty where all of the output is, but for confidence_field.
  std::string answer_field;

  const ConfigField* FindConfig(const std::string& name) const;
  // Whether an agent so configured sends text as it grows.
  bool StreamsWith(const Value& agent_config) const;
};

// Reads one kind.yaml. Errors name file:line:column.
Result<Kind> ParseKind(std::string_view yaml, const std::string& file_name);

// Every kind compiled into this binary, by name. CHECKs that their YAML parses: a test reads them all.
const std::vector<Kind>& AllKinds();

// The kind of that name, or null.
const Kind* FindKind(std::string_view name);

}  // namespace troupe::kind
