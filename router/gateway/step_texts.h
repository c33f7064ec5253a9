// What the attempts under way of one task have said. Text is fresh until it is taken to be recorded; while nobody
// watches it is only kept here, for one who may join. Records hold an attempt's whole text or none of it: once some was
// taken, the rest must be too. Plain bookkeeping: its owner, the task's runner, guards it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "router/core/task.h"

namespace troupe::gateway {

class StepTexts {
 public:
  void Add(const std::string& path, int attempt, const std::string& text, int64_t generated_tokens);
  // Some of its text was recorded in another life of the router.
  void MarkRecorded(const std::string& path, int attempt);
  // The attempt has ended, or is wanted no longer.
  void Forget(const std::string& path, int attempt);

  size_t fresh_bytes() const { return fresh_bytes_; }
  // True where the attempt has fresh text, and text that is recorded.
  bool IsPartlyRecorded(const std::string& path, int attempt) const;
  bool HasFresh(const std::string& path, int attempt) const;
  // All fresh text, one event for each attempt.
  std::vector<core::StepProgress> TakeFresh();

 private:
  struct Text {
    std::string path;
    int attempt = 0;
    std::string fresh;
    int64_t generated_tokens = 0;
    bool recorded = false;
  };
  Text& At(const std::string& path, int attempt);
  const Text* Find(const std::string& path, int attempt) const;

  // A handful at most.
  std::vector<Text> texts_;
  size_t fresh_bytes_ = 0;
};

}  // namespace troupe::gateway
