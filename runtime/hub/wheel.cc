#include "runtime/hub/wheel.h"

#include <minizip/unzip.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>

#include "runtime/base/digest.h"
#include "runtime/hub/manifest.h"
#include "runtime/hub/source.h"

namespace troupe::hub {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxNameBytes = 1024;
constexpr size_t kPieceBytes = 256 << 10;
constexpr int kStored = 0;
constexpr int kDeflated = 8;
constexpr uint64_t kEncrypted = 1;

using Archive = std::unique_ptr<void, int (*)(unzFile)>;

struct Part {
  std::string name;
  int64_t bytes = 0;
  bool is_folder = false;
};

bool IsWanted(const std::string& name) {
  const std::string top = name.substr(0, name.find('/'));
  return !top.ends_with(".dist-info") && !name.ends_with(".py") && name != kManifest && name != kModelLink;
}

Error Refused(const fs::path& wheel, const std::string& why) {
  return Invalid("the archive " + wheel.filename().string() + " is refused: " + why);
}

// What the archive declares about the part that it stands at, if that is acceptable.
Result<Part> Look(unzFile archive, const fs::path& wheel) {
  unz_file_info64 info{};
  std::string name(kMaxNameBytes, '\0');
  if (unzGetCurrentFileInfo64(archive, &info, name.data(), name.size(), nullptr, 0, nullptr, 0) != UNZ_OK) {
    return Refused(wheel, "its directory is damaged");
  }
  if (info.size_filename >= kMaxNameBytes) return Refused(wheel, "a name in it has more than 1,023 bytes");
  name.resize(info.size_filename);
  Part part{name, static_cast<int64_t>(std::min<uint64_t>(info.uncompressed_size, uint64_t{1} << 60)), false};
  if (name.ends_with('/')) {
    part.is_folder = true;
    name.pop_back();
  }
  if (!IsPlainPath(name)) return Refused(wheel, "'" + name + "' would be written outside of its folder");
  // the upper half of the attributes are a Unix mode where a Unix program wrote the archive
  const auto type = static_cast<mode_t>(info.external_fa >> 16) & S_IFMT;
  if (type != 0 && type != (part.is_folder ? S_IFDIR : S_IFREG)) {
    return Refused(wheel, "'" + name + "' is a link or another thing that is no file");
  }
  if ((info.flag & kEncrypted) != 0) return Refused(wheel, "'" + name + "' is encrypted");
  if (info.compression_method != kStored && info.compression_method != kDeflated) {
    return Refused(wheel, "'" + name + "' is packed by a method that wheels do not use");
  }
  return part;
}

// The whole directory is looked at before anything is written.
Status CheckAll(unzFile archive, const fs::path& wheel, const WheelLimits& limits) {
  std::set<std::string> names;
  int64_t bytes = 0;
  std::error_code ignored;
  const auto packed = static_cast<int64_t>(fs::file_size(wheel, ignored));
  for (int at = unzGoToFirstFile(archive); at != UNZ_END_OF_LIST_OF_FILE; at = unzGoToNextFile(archive)) {
    if (at != UNZ_OK) return Refused(wheel, "its directory is damaged");
    TRY_ASSIGN(const Part part, Look(archive, wheel));
    if (!names.insert(part.name).second) return Refused(wheel, "'" + part.name + "' is in it twice");
    if (names.size() > limits.max_files) {
      return Refused(wheel, "it has more than " + std::to_string(limits.max_files) + " files");
    }
    if (part.bytes > limits.max_bytes - bytes) return Refused(wheel, "it unpacks to more than this can take");
    bytes += part.bytes;
  }
  if (bytes / std::max<int64_t>(packed, 1) > limits.max_ratio) {
    return Refused(
        wheel, "its " + std::to_string(packed) + " bytes unpack to " + std::to_string(bytes) + ", which no model does");
  }
  return {};
}

struct Progress {
  int64_t bytes = 0;
  const std::function<bool(int64_t)>& tick;
};

// minizip reads no more than the part declares, and checks its CRC when it is closed.
Result<UnpackedFile> UnpackOne(unzFile archive, const Part& part, const fs::path& wheel, const fs::path& to,
                               Progress& progress) {
  if (unzOpenCurrentFile(archive) != UNZ_OK) return Refused(wheel, "'" + part.name + "' is damaged");
  const std::unique_ptr<void, int (*)(unzFile)> closer(archive, &unzCloseCurrentFile);
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  Digester digester;
  std::string piece(kPieceBytes, '\0');
  int64_t written = 0;
  while (true) {
    const int got = unzReadCurrentFile(archive, piece.data(), static_cast<unsigned>(piece.size()));
    if (got < 0) return Refused(wheel, "'" + part.name + "' is damaged");
    if (got == 0) break;
    out.write(piece.data(), got);
    if (!out) return FailedPrecondition("cannot write " + to.string() + ": " + std::strerror(errno));
    digester.Add({piece.data(), static_cast<size_t>(got)});
    written += got;
    progress.bytes += got;
    if (!progress.tick(progress.bytes)) return Cancelled("stopped while unpacking");
  }
  out.close();
  if (!out) return FailedPrecondition("cannot write " + to.string() + ": " + std::strerror(errno));
  if (written != part.bytes || unzCloseCurrentFile(archive) != UNZ_OK) {
    return Refused(wheel, "'" + part.name + "' is damaged: its length or checksum is wrong");
  }
  return UnpackedFile{{part.name, written, digester.Hex()}, to};
}

}  // namespace

Result<std::vector<UnpackedFile>> Unpack(const fs::path& wheel, const fs::path& folder,
                                         const std::function<bool(int64_t)>& tick, const WheelLimits& limits) {
  const Archive archive(unzOpen64(wheel.c_str()), &unzClose);
  if (archive == nullptr) return Refused(wheel, "it is no zip file, or its end is missing");
  TRY(CheckAll(archive.get(), wheel, limits));
  std::vector<UnpackedFile> files;
  Progress progress{0, tick};
  for (int at = unzGoToFirstFile(archive.get()); at == UNZ_OK; at = unzGoToNextFile(archive.get())) {
    TRY_ASSIGN(const Part part, Look(archive.get(), wheel));
    if (part.is_folder || !IsWanted(part.name)) continue;
    TRY_ASSIGN(UnpackedFile file,
               UnpackOne(archive.get(), part, wheel, folder / std::to_string(files.size()), progress));
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace troupe::hub
