// What a teacher answered, kept in a file, so that it is asked once, by whatever recipe and however often a run is
// broken off: JSON lines as prompt_texts.h reads them, each with the name of who answered.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "runtime/base/error.h"
#include "runtime/train/prompt_texts.h"

namespace troupe::train {

class KeptAnswers {
 public:
  // `by` names the teacher, and all that its answers depend on beside the prompt (a digest). A file that is not there
  // holds none. Errors: INVALID_ARGUMENT naming file and line; FAILED_PRECONDITION for answers of somebody else.
  static Result<KeptAnswers> Open(const std::filesystem::path& file, const std::string& by);

  // Null where there is none; good until the next Put.
  const std::string* Find(const PromptText& text) const;
  void Put(const PromptText& text, std::string answer);
  // Writes the file anew. Errors: WriteFile's.
  Status Save() const;

 private:
  std::filesystem::path file_;
  std::string by_;
  std::map<std::string, std::string> answers_;  // by the prompt as JSON
};

}  // namespace troupe::train
