// Real text for calibration, training and evaluation: files to tokens, tokens to windows of one length. Everything
// drawn is drawn by a seed.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/text/tokenizer.h"

namespace troupe::train {

using Window = std::vector<int32_t>;

// The texts of files, one behind the other. Of a .csv its column "text" (or the first one), a row a line; anything else
// is taken as it stands and must be UTF-8. Errors: NOT_FOUND, INVALID_ARGUMENT, naming the file.
Result<std::string> ReadTexts(std::span<const std::filesystem::path> files);

// Special tokens that are spelled out in the text are letters. Long texts are taken piece by piece, cut at line ends.
Result<std::vector<int32_t>> Tokens(const text::Tokenizer& tokenizer, const std::string& text);

// `count` windows of `length` tokens, drawn by the seed so that no two overlap, in the order in which they were drawn;
// fewer where the text has no more. Errors: INVALID_ARGUMENT for a text of less than one window.
Result<std::vector<Window>> DrawWindows(std::span<const int32_t> tokens, int64_t count, int64_t length, uint64_t seed);
// The same, spread evenly over the text, in its order.
Result<std::vector<Window>> SpreadWindows(std::span<const int32_t> tokens, int64_t count, int64_t length);

// Windows of one length as [windows, length], int64.
at::Tensor Batch(std::span<const Window> windows);

}  // namespace troupe::train
