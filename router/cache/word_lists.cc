#include "router/cache/word_lists.h"

#include <algorithm>
#include <string>

namespace troupe::cache {

std::string_view WordList(std::string_view name) {
  const std::string file = std::string(name) + ".txt";
  const auto list = std::ranges::find(WordLists(), file, &EmbeddedFile::name);
  return list == WordLists().end() ? std::string_view() : list->text;
}

}  // namespace troupe::cache
