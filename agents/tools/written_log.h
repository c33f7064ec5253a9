// What a teacher has written so far, on disk as it grows, so that a run that was broken off goes on: JSON lines, the
// first one says for which run. Every line is the answer to the next question of that run, in order; a last line that
// was cut off does not count. Removed by its owner when the result is written.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::tools {

struct WrittenText {
  std::string text;
  bool is_whole = false;
  double confidence = 0;  // the teacher's, 0 to 1
};

class WrittenLog {
 public:
  // `run` is of all that the texts follow from (a digest). Errors: FAILED_PRECONDITION for what another run has left;
  // INTERNAL, RESOURCE_EXHAUSTED where the file cannot be read or written, NOT_FOUND where its folder is not there.
  static Result<WrittenLog> Open(const std::filesystem::path& file, const std::string& run);

  // The next text that is there already, in order; nothing where there is none.
  std::optional<WrittenText> Next();
  // Adds behind all of them. Errors: RESOURCE_EXHAUSTED where the disk takes no more.
  Status Add(const std::vector<WrittenText>& texts);

 private:
  std::filesystem::path file_;
  std::vector<WrittenText> texts_;  // of before
  size_t next_ = 0;
  std::ofstream out_;
};

}  // namespace troupe::tools
