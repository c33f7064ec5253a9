#include "agents/tools/training_folder.h"

namespace troupe::tools {

namespace fs = std::filesystem;

TrainingFolder::TrainingFolder(const fs::path& out) : path_((out / "").parent_path().string() + ".training") {}

Status TrainingFolder::Open(Begin begin) const {
  std::error_code failure;
  if (begin == Begin::kFresh) fs::remove_all(path_, failure);
  fs::create_directories(path_, failure);
  if (failure) return Internal(path_.string() + ": " + failure.message());
  return {};
}

void TrainingFolder::Remove() const {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace troupe::tools
