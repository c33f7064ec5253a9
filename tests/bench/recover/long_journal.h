// A journal as a router leaves it after a long time: very many finished tasks, and thousands that were under way when
// it died, spread among them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "runtime/base/error.h"

namespace troupe::bench {

struct LongJournal {
  int64_t finished = 200'000;
  int64_t running = 5'000;
  // What each task is about.
  std::string text;
};

// Writes it into `folder`, with the graph file's version as the current one.
Status WriteLongJournal(const std::filesystem::path& folder, const std::filesystem::path& graph,
                        const LongJournal& journal);

}  // namespace troupe::bench
