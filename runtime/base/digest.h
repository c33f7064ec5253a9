// SHA-256 (FIPS 180-4), as lower-case hex: the name of every stored payload, model and graph version. Other algorithms
// only where somebody else's files are named by them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe {

enum class DigestAlgorithm { kSha256, kSha1, kMd5 };

// A digest of bytes that come in pieces.
class Digester {
 public:
  explicit Digester(DigestAlgorithm algorithm = DigestAlgorithm::kSha256);
  Digester(Digester&&) noexcept;
  Digester& operator=(Digester&&) noexcept;
  ~Digester();

  void Add(std::string_view bytes);
  // Of all that was added; nothing may be added afterwards.
  std::string Hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 64 hex digits.
std::string Sha256Hex(std::string_view bytes);

// Bytes as lower-case hex digits.
std::string ToHex(std::string_view bytes);

// True where the text is that many lower-case hex digits: 64 for a SHA-256, 40 for a SHA-1.
bool IsHex(std::string_view text, size_t digits);

// As much of a digest as people need to tell it from others: its first 12 digits.
std::string ShortDigest(std::string_view hex);

// Of a file's content, read in pieces. Errors: NOT_FOUND, INTERNAL for a read error.
Result<std::string> Sha256HexOfFile(const std::filesystem::path& path);

}  // namespace troupe
