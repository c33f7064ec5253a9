// What every key of a graph file means, for `troupe explain` and for documentation. The names are the parser's own: a
// test holds this table against what the parser knows, so neither can have a key that the other lacks. Plain data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::graph {

struct KeyReference {
  // "agents.replicas.min": the names that an author chooses are left out, and so is "spec".
  std::string path;
  // "text", "whole number, 1 to 64", "map of names".
  std::string type;
  // What holds where it is left out; "required" where it must not be.
  std::string otherwise;
  std::string doc;
};

// In the order in which a file is written.
const std::vector<KeyReference>& GraphKeys();

// The key of that path; null for none. "spec." in front is left aside.
const KeyReference* FindKey(std::string_view path);

// The keys directly inside of a path; of "" the outermost.
std::vector<const KeyReference*> KeysInside(std::string_view path);

}  // namespace troupe::graph
