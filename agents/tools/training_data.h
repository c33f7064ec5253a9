// What commands that train begin with: an encoder, and files of texts that are noted down for the model's card.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/model_files.h"
#include "runtime/train/labelled_texts.h"

namespace troupe::tools {

// Errors: UNIMPLEMENTED for a model of another family, FAILED_PRECONDITION for one that is quantised.
Result<model::ModelFiles> OpenEncoder(const std::filesystem::path& path);

struct DataFile {
  std::filesystem::path path;
  std::string sha256;
  size_t texts = 0;
  std::string use;  // "trained on", "trained on without labels", "held out"
};

// Reads `files`, and notes them down. Errors: ReadLabelledTexts'.
Result<std::vector<train::LabelledText>> ReadAll(const std::vector<std::filesystem::path>& files, train::Labels labels,
                                                 const std::string& use, std::vector<DataFile>& notes);

}  // namespace troupe::tools
