// Opens what a graph calls a model: a .gguf file, or a Hugging Face folder (config.json, *.safetensors, tokenizer.json,
// tokenizer_config.json). Checks it and hands out its parts; the weights stay in the file until a model loads them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/encoder.h"
#include "runtime/model/config.h"
#include "runtime/model/weights.h"
#include "runtime/text/tokenizer.h"

namespace troupe::model {

struct ModelFiles {
  std::filesystem::path path;
  ModelConfig config;
  std::shared_ptr<const WeightSource> weights;
  std::shared_ptr<const text::Tokenizer> tokenizer;
  // Jinja source; empty where the model has none. bos and eos as text, as the template wants them.
  std::string chat_template;
  std::string bos, eos;
  // Tokens that end a text.
  std::vector<int32_t> end_ids;
  // BERT: from modules.json and its folders.
  Pooling pooling = Pooling::kMean;
  Normalize normalize = Normalize::kYes;
  // The longest text that the model was made for, in tokens.
  int64_t max_tokens = 0;
  // The files that hold weights, for Digest.
  std::vector<std::filesystem::path> weight_files;

  // SHA-256 of the weights: of the one file, or of the files' digests in order. Reads them whole.
  Result<std::string> Digest() const;
};

// Errors: NOT_FOUND, INVALID_ARGUMENT, UNIMPLEMENTED, each naming the file.
Result<ModelFiles> LoadFolderOrGguf(const std::filesystem::path& path);

}  // namespace troupe::model
