#include "runtime/train/text_sample.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "runtime/base/check.h"
#include "runtime/base/csv.h"
#include "runtime/model/mapped_file.h"

namespace troupe::train {
namespace {

Result<std::string> ReadText(const std::filesystem::path& path) {
  TRY_ASSIGN(const auto file, model::MappedFile::Open(path));
  const auto bytes = file->bytes();
  std::string content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (path.extension() != ".csv") return content;
  auto table = ParseCsv(content);
  if (!table) return Error{table.error().code, path.string() + ": " + table.error().message};
  const auto column = table->Column({"text"});
  std::string texts;
  for (const auto& row : table->rows) texts += row[column ? *column : 0] + "\n";
  return texts;
}

// How many windows there are at most, and places for them: window i begins at one of them.
Result<int64_t> Places(std::span<const int32_t> tokens, int64_t length) {
  CHECK(length >= 2);
  const int64_t places = static_cast<int64_t>(tokens.size()) / length;
  if (places < 1) {
    return Invalid("the text has " + std::to_string(tokens.size()) + " tokens, fewer than one window of " +
                   std::to_string(length) + ": give more of it");
  }
  return places;
}

Window At(std::span<const int32_t> tokens, int64_t place, int64_t length) {
  const auto part = tokens.subspan(static_cast<size_t>(place * length), static_cast<size_t>(length));
  return {part.begin(), part.end()};
}

}  // namespace

Result<std::string> ReadTexts(std::span<const std::filesystem::path> files) {
  std::string texts;
  for (const auto& file : files) {
    TRY_ASSIGN(const std::string text, ReadText(file));
    texts += text;
    if (!texts.ends_with('\n')) texts += '\n';
  }
  return texts;
}

Result<std::vector<int32_t>> Tokens(const text::Tokenizer& tokenizer, const std::string& text) {
  constexpr size_t kPiece = 1u << 20;
  std::vector<int32_t> tokens;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(begin + kPiece, text.size());
    if (end < text.size()) {
      const size_t line = text.rfind('\n', end);
      end = line == text.npos || line < begin ? end : line + 1;
      while (end < text.size() && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) ++end;  // not within a character
    }
    TRY_ASSIGN(const auto piece,
               tokenizer.Encode(std::string_view(text).substr(begin, end - begin), text::Specials::kPlain));
    tokens.insert(tokens.end(), piece.begin(), piece.end());
    begin = end;
  }
  return tokens;
}

Result<std::vector<Window>> DrawWindows(std::span<const int32_t> tokens, int64_t count, int64_t length, uint64_t seed) {
  TRY_ASSIGN(const int64_t places, Places(tokens, length));
  std::vector<int64_t> order(static_cast<size_t>(places));
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(seed);
  // std::shuffle draws differently in every standard library
  for (size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[random() % (i + 1)]);
  std::vector<Window> windows;
  for (int64_t i = 0; i < std::min(count, places); ++i) {
    windows.push_back(At(tokens, order[static_cast<size_t>(i)], length));
  }
  return windows;
}

Result<std::vector<Window>> SpreadWindows(std::span<const int32_t> tokens, int64_t count, int64_t length) {
  TRY_ASSIGN(const int64_t places, Places(tokens, length));
  count = std::min(count, places);
  std::vector<Window> windows;
  for (int64_t i = 0; i < count; ++i) windows.push_back(At(tokens, i * places / count, length));
  return windows;
}

at::Tensor Batch(std::span<const Window> windows) {
  CHECK(!windows.empty());
  const auto length = static_cast<int64_t>(windows.front().size());
  at::Tensor ids = at::empty({static_cast<int64_t>(windows.size()), length}, at::TensorOptions().dtype(at::kLong));
  auto* to = ids.data_ptr<int64_t>();
  for (const Window& window : windows) {
    CHECK(static_cast<int64_t>(window.size()) == length);
    to = std::copy(window.begin(), window.end(), to);
  }
  return ids;
}

}  // namespace troupe::train
