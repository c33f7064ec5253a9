// SHA-256 (FIPS 180-4), as lower-case hex: the name of every stored payload, model and graph version.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe {

// 64 hex digits.
std::string Sha256Hex(std::string_view bytes);

// Of a file's content, read in pieces. Errors: NOT_FOUND, INTERNAL for a read error.
Result<std::string> Sha256HexOfFile(const std::filesystem::path& path);

}  // namespace troupe
