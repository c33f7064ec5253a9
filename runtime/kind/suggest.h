// "did you mean": the nearest of the names there are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::kind {

// The name nearest to `word` by edits (Damerau-Levenshtein, optimal string alignment), or empty where none is near.
std::string Nearest(std::string_view word, const std::vector<std::string>& names);

// "; did you mean 'model'?", or "; there are: a, b, c", or "; there are none": what ends a message on an unknown name.
std::string Suggest(std::string_view word, const std::vector<std::string>& names);

}  // namespace troupe::kind
