// Where a run of training keeps what it has until its result is written: OUT.training, beside it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "runtime/base/error.h"

namespace troupe::tools {

// Whether a run goes on from what an earlier one has left.
enum class Begin : uint8_t { kWhereItWas, kFresh };

class TrainingFolder {
 public:
  explicit TrainingFolder(const std::filesystem::path& out);

  // Makes it where it is not there. Errors: INTERNAL where it cannot be made.
  Status Open(Begin begin) const;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoint() const { return path_ / "checkpoint.safetensors"; }
  // What is left of it costs room and nothing else.
  void Remove() const;

 private:
  std::filesystem::path path_;
};

}  // namespace troupe::tools
