#include "runtime/base/read_file.h"

#include <fstream>
#include <system_error>

namespace troupe {

Result<std::string> ReadFile(const std::filesystem::path& path, size_t max_bytes) {
  std::error_code fault;
  if (!std::filesystem::is_regular_file(path, fault)) {
    return NotFound(std::filesystem::exists(path, fault) ? "it is no regular file" : "there is no such file");
  }
  const auto size = std::filesystem::file_size(path, fault);
  if (fault) return Internal(fault.message());
  if (size > max_bytes) {
    return Exhausted("it has " + std::to_string(size) + " bytes, at most " + std::to_string(max_bytes) + " are read");
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text(size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  if (!stream) return Internal("it cannot be read; check its permissions");
  return text;
}

}  // namespace troupe
