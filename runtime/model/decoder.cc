#include "runtime/model/decoder.h"

namespace troupe::model {
namespace {

Status CheckPages(const Slice& slice, int64_t end, int64_t pages) {
  if (end > static_cast<int64_t>(slice.pages.size()) * kPageTokens) {
    return Invalid("a sequence of " + std::to_string(end) + " tokens does not fit into its " +
                   std::to_string(slice.pages.size()) + " pages of " + std::to_string(kPageTokens));
  }
  for (const PageId page : slice.pages) {
    if (page < 0 || page >= pages) {
      return Invalid("page " + std::to_string(page) + " is none of the " + std::to_string(pages) + " reserved ones");
    }
  }
  return {};
}

}  // namespace

Status CheckSlices(std::span<const Slice> slices, const ModelConfig& config, int64_t pages) {
  if (slices.empty()) return Invalid("a step without sequences");
  for (const Slice& slice : slices) {
    if (slice.tokens.empty()) return Invalid("a sequence without tokens in a step");
    if (slice.length < 0 || slice.ahead < 0) return Invalid("a sequence of negative length in a step");
    const int64_t end = slice.length + static_cast<int64_t>(slice.tokens.size());
    if (end > config.max_positions) {
      return Error{Code::kOutOfRange, "a sequence of " + std::to_string(end) + " tokens is longer than the model's " +
                                          std::to_string(config.max_positions)};
    }
    for (const int32_t id : slice.tokens) {
      if (id < 0 || id >= config.vocab_size) {
        return Invalid("token " + std::to_string(id) + " is outside the vocabulary of " +
                       std::to_string(config.vocab_size));
      }
    }
    TRY(CheckPages(slice, end, pages));
  }
  return {};
}

}  // namespace troupe::model
