#include "runtime/base/file_lines.h"

#include <fstream>
#include <string>
#include <system_error>

namespace troupe {

Status ForEachLineOf(const std::filesystem::path& path, size_t max_line_bytes,
                     const std::function<Status(std::string_view line, size_t number)>& take) {
  constexpr size_t kBlock = 1u << 20;
  std::error_code fault;
  if (!std::filesystem::is_regular_file(path, fault)) {
    return NotFound(path.string() +
                    (std::filesystem::exists(path, fault) ? ": it is no regular file" : ": there is no such file"));
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Internal(path.string() + ": it cannot be read; check its permissions");
  std::string block(kBlock, '\0'), line;  // what of the line was in earlier blocks
  size_t number = 1;
  while (stream) {
    stream.read(block.data(), static_cast<std::streamsize>(kBlock));
    std::string_view rest(block.data(), static_cast<size_t>(stream.gcount()));
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      line += rest.substr(0, end);
      if (line.size() > max_line_bytes) {
        return Invalid(path.string() + ":" + std::to_string(number) + ": the line has more than " +
                       std::to_string(max_line_bytes) + " bytes: shorten it or take it out");
      }
      if (end == rest.npos) break;
      TRY(take(line, number++));
      line.clear();
      rest.remove_prefix(end + 1);
    }
  }
  if (stream.bad()) return Internal(path.string() + ": it cannot be read to its end");
  return line.empty() ? Status() : take(line, number);
}

}  // namespace troupe
