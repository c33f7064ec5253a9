#include "agents/tools/training_data.h"

namespace troupe::tools {

namespace fs = std::filesystem;
using train::LabelledText;

Result<model::ModelFiles> OpenFull(const fs::path& path, model::Family family, const std::string& advice) {
  TRY_ASSIGN(model::ModelFiles files, model::LoadFolderOrGguf(path));
  if (files.config.family != family) {
    return Error{Code::kUnimplemented, path.string() + ": a \"" + files.config.architecture + "\" model" + advice};
  }
  if (!files.config.quantization.empty()) {
    return FailedPrecondition(path.string() + ": is quantised (" + files.config.quantization +
                              "); start from the full model");
  }
  return files;
}

Result<model::ModelFiles> OpenEncoder(const fs::path& path) {
  return OpenFull(path, model::Family::kBert,
                  "; classifiers are made of encoders of the BERT family, such as all-MiniLM-L6-v2");
}

Result<std::vector<LabelledText>> ReadAll(const std::vector<fs::path>& files, train::Labels labels,
                                          const std::string& use, std::vector<DataFile>& notes) {
  return ReadEach<LabelledText>(files, use, notes,
                                [&](const fs::path& file) { return train::ReadLabelledTexts(file, labels); });
}

}  // namespace troupe::tools
