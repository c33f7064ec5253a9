#include "agents/tools/training_folder.h"

namespace troupe::tools {

namespace fs = std::filesystem;

Result<fs::path> TrainingFolder(const fs::path& out, Begin begin) {
  const fs::path folder = (out / "").parent_path().string() + ".training";
  std::error_code failure;
  if (begin == Begin::kFresh) fs::remove_all(folder, failure);
  fs::create_directories(folder, failure);
  if (failure) return Internal(folder.string() + ": " + failure.message());
  return folder;
}

}  // namespace troupe::tools
