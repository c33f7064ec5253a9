#include <algorithm>
#include <fstream>

#include "runtime/base/digest.h"
#include "runtime/hub/store.h"

namespace troupe::hub {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPieceBytes = 1 << 20;

// Empty where it cannot be read to its end.
Result<std::string> DigestOf(const fs::path& path, const std::function<bool(size_t)>& tick) {
  std::ifstream file(path, std::ios::binary);
  Digester digester;
  std::string piece(kPieceBytes, '\0');
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto size = static_cast<size_t>(file.gcount());
    digester.Add({piece.data(), size});
    if (!tick(size)) return Cancelled("stopped");
  }
  return file.bad() || !file.eof() ? "" : digester.Hex();
}

}  // namespace

Result<std::vector<std::string>> Store::Verify(const Entry& entry, const Tick& tick) const {
  std::vector<std::string> wrong;
  int64_t read = 0;
  for (const StoredFile& file : entry.files) {
    std::error_code error;
    const fs::path link = EntryFolder(entry.source) / file.name;
    const bool linked = fs::equivalent(link, BlobPath(file.sha256), error);
    TRY_ASSIGN(const std::string digest, DigestOf(BlobPath(file.sha256), [&](size_t bytes) {
                 read += static_cast<int64_t>(bytes);
                 return tick(read);
               }));
    if (!linked || digest != file.sha256) wrong.push_back(file.name);
  }
  return wrong;
}

void Store::Discard(const Entry& entry, const std::vector<std::string>& names) const {
  std::error_code ignored;
  for (const StoredFile& file : entry.files) {
    if (std::find(names.begin(), names.end(), file.name) != names.end()) fs::remove(BlobPath(file.sha256), ignored);
  }
}

}  // namespace troupe::hub
