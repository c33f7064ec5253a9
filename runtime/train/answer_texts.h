// Prompts and answers as tokens, as many as there are: in memory, or in a file that has no name and is mapped, so that
// they may be more than memory holds. Where each text lies is always in memory, in 24 bytes. Immutable; copies of one
// share its tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/train/answer_batch.h"

namespace troupe::train {

class AnswerTexts {
 public:
  AnswerTexts() = default;
  // In memory.
  AnswerTexts(const std::vector<PromptAnswer>& texts);

  size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  PromptAnswer At(size_t text) const;
  // Those texts, in that order.
  std::vector<PromptAnswer> At(std::span<const size_t> texts) const;
  // The same as a set of its own.
  AnswerTexts Of(std::span<const size_t> texts) const;

  // In tokens, one a text: of prompt and answer, and of the answer alone.
  std::vector<size_t> Lengths() const;
  size_t AnswerLength(size_t text) const { return places_[text].answer; }

 private:
  friend class AnswerTextsFile;
  // One behind the other from `begin` on.
  struct Place {
    uint64_t begin;
    uint32_t prompt, answer, shown;
  };
  static Place PlaceOf(uint64_t begin, const PromptAnswer& text);

  std::shared_ptr<const int32_t> tokens_;
  std::vector<Place> places_;
};

// Texts on their way to disk. Owned by whoever reads them; what is left when it goes is gone from the disk.
class AnswerTextsFile {
 public:
  // In that folder. Errors: INTERNAL where no file can be made there.
  static Result<AnswerTextsFile> In(const std::filesystem::path& folder);
  AnswerTextsFile(AnswerTextsFile&&) noexcept;
  AnswerTextsFile& operator=(AnswerTextsFile&&) = delete;
  ~AnswerTextsFile();

  size_t size() const { return texts_.size(); }
  // Errors: RESOURCE_EXHAUSTED for a full disk, INTERNAL for what else a disk says.
  Status Add(const PromptAnswer& text);
  // All of them; nothing is added afterwards. Errors: Add's.
  Result<AnswerTexts> Finish();

 private:
  AnswerTextsFile(std::filesystem::path folder, int file) : folder_(std::move(folder)), file_(file) {}
  Status Flush();

  std::filesystem::path folder_;
  int file_;
  uint64_t written_ = 0;         // tokens
  std::vector<int32_t> buffer_;  // behind those
  AnswerTexts texts_;
};

}  // namespace troupe::train
