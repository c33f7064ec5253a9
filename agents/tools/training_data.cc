#include "agents/tools/training_data.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/base/digest.h"

namespace troupe::tools {

namespace fs = std::filesystem;
using train::LabelledText;

Result<model::ModelFiles> OpenEncoder(const fs::path& path) {
  TRY_ASSIGN(model::ModelFiles files, model::LoadFolderOrGguf(path));
  if (files.config.family != model::Family::kBert) {
    return Error{Code::kUnimplemented,
                 path.string() + ": a \"" + files.config.architecture +
                     "\" model; classifiers are made of encoders of the BERT family, such as all-MiniLM-L6-v2"};
  }
  if (!files.config.quantization.empty()) {
    return FailedPrecondition(path.string() + ": is quantised (" + files.config.quantization +
                              "); start from the full model");
  }
  return files;
}

Result<std::vector<LabelledText>> ReadAll(const std::vector<fs::path>& files, train::Labels labels,
                                          const std::string& use, std::vector<DataFile>& notes) {
  std::vector<LabelledText> all;
  for (const fs::path& file : files) {
    TRY_ASSIGN(std::vector<LabelledText> texts, train::ReadLabelledTexts(file, labels));
    TRY_ASSIGN(std::string sha256, Sha256HexOfFile(file));
    notes.push_back({file, std::move(sha256), texts.size(), use});
    std::move(texts.begin(), texts.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace troupe::tools
