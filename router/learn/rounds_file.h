// What happened in a loop, as lines of JSON in one file that only grows: FOLDER/rounds.jsonl. Each line is on disk
// before anything follows from it; one that a crash cut off is taken away. One loop at a time has the folder.
//
// Owner: `troupe learn loop`, its main thread. Others may read at any time.
#pragma once

#include <filesystem>
#include <string>

#include "router/learn/loop.h"
#include "runtime/base/error.h"

namespace troupe::learn {

class RoundsFile {
 public:
  // Makes folder and file where they are missing, and takes the folder's lock. Errors: FAILED_PRECONDITION where
  // another loop has it or it cannot be written; DATA_LOSS where what is there does not follow; those of ReadFile.
  static Result<RoundsFile> Open(const std::filesystem::path& folder);
  RoundsFile(RoundsFile&& other) noexcept;
  RoundsFile& operator=(RoundsFile&&) = delete;
  ~RoundsFile();

  const LoopState& state() const { return state_; }
  // Writes it down and folds it.
  Status Append(const Event& event);
  // Somebody has asked the loop to end (RequestStop); forgets it.
  bool TakeStopRequest();

 private:
  RoundsFile(std::filesystem::path folder, int lock, int file) : folder_(std::move(folder)), lock_(lock), file_(file) {}

  std::filesystem::path folder_;
  int lock_ = -1;
  int file_ = -1;
  LoopState state_;
};

// What a folder's loop has done. Errors: NOT_FOUND where none was there; DATA_LOSS.
Result<LoopState> ReadRounds(const std::filesystem::path& folder);
// True while a loop has it.
bool IsLooping(const std::filesystem::path& folder);
// The loop ends as by ctrl-C, and may be started again. Errors: FAILED_PRECONDITION.
Status RequestStop(const std::filesystem::path& folder);

std::string ToLine(const Event& event);
Result<Event> ParseLine(const std::string& line);

}  // namespace troupe::learn
