// What commands that train begin with: a model, and files of texts that are noted down for the model's card.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "agents/tools/data_file.h"
#include "runtime/base/digest.h"
#include "runtime/base/error.h"
#include "runtime/model/model_files.h"
#include "runtime/train/labelled_texts.h"

namespace troupe::tools {

// A model to train, or to learn from. Errors: UNIMPLEMENTED for one of another family, which ends with `advice`;
// FAILED_PRECONDITION for one that is quantised.
Result<model::ModelFiles> OpenFull(const std::filesystem::path& path, model::Family family, const std::string& advice);
// One that classifiers are made of.
Result<model::ModelFiles> OpenEncoder(const std::filesystem::path& path);

// Reads `files` with `read`, and notes them down. Errors: its own; those of reading a file.
template <typename Text>
Result<std::vector<Text>> ReadEach(const std::vector<std::filesystem::path>& files, const std::string& use,
                                   std::vector<DataFile>& notes,
                                   const std::function<Result<std::vector<Text>>(const std::filesystem::path&)>& read) {
  std::vector<Text> all;
  for (const std::filesystem::path& file : files) {
    TRY_ASSIGN(std::vector<Text> texts, read(file));
    TRY_ASSIGN(std::string sha256, Sha256HexOfFile(file));
    notes.push_back({file, std::move(sha256), texts.size(), use});
    std::move(texts.begin(), texts.end(), std::back_inserter(all));
  }
  return all;
}
// Labelled texts. Errors: ReadLabelledTexts'.
Result<std::vector<train::LabelledText>> ReadAll(const std::vector<std::filesystem::path>& files, train::Labels labels,
                                                 const std::string& use, std::vector<DataFile>& notes);

}  // namespace troupe::tools
