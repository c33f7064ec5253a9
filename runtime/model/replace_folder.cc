#include "runtime/model/replace_folder.h"

#include <fcntl.h>
#include <stdio.h>

#include <cerrno>

namespace troupe::model {
namespace {

namespace fs = std::filesystem;

Error DiskError(const fs::path& path, const std::error_code& failure) {
  const std::string message = path.string() + ": " + failure.message();
  return failure == std::errc::no_space_on_device ? Exhausted(message) : Internal(message);
}

// Puts `part` in place of the folder `whole`: at once, where the file system can; `part` is then what was there.
void TakePlace(const fs::path& part, const fs::path& whole, const fs::path& old) {
  if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, whole.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) {
    throw fs::filesystem_error("cannot take its place", whole, std::error_code(errno, std::generic_category()));
  }
  TakePlaceByMoves(part, whole, old);
}

}  // namespace

void TakePlaceByMoves(const fs::path& part, const fs::path& whole, const fs::path& old) {
  fs::remove_all(old);
  fs::rename(whole, old);
  std::error_code failure, ignored;
  fs::rename(part, whole, failure);
  if (failure) {
    fs::rename(old, whole, ignored);
    throw fs::filesystem_error("cannot take its place", whole, failure);
  }
  fs::remove_all(old);
}

Status CheckReplaceable(const fs::path& to, Overwrite overwrite, const std::string& mark, const std::string& what) {
  std::error_code ignored;
  if (!fs::exists(to, ignored)) return {};
  if (overwrite == Overwrite::kNo) {
    return Error{Code::kAlreadyExists, to.string() + ": is there already; --force writes over it"};
  }
  if (!fs::exists(to / mark, ignored)) {
    return FailedPrecondition(to.string() + ": is there and holds no " + mark + ", so it is no " + what +
                              ": not overwritten");
  }
  return {};
}

Status ReplaceFolder(const fs::path& to, const std::function<Status(const fs::path& part)>& write) {
  const fs::path whole = (to / "").parent_path();  // without a slash at its end
  const fs::path part = whole.string() + ".part", old = whole.string() + ".old";
  try {
    fs::remove_all(part);
    fs::create_directories(part);
    if (Status written = write(part); !written) {
      fs::remove_all(part);
      return written;
    }
    if (!fs::exists(whole)) {
      fs::rename(part, whole);
      fs::remove_all(old);  // of a run that was killed while it was away
      return {};
    }
    TakePlace(part, whole, old);
    fs::remove_all(part);
    return {};
  } catch (const fs::filesystem_error& failure) {
    std::error_code ignored;
    fs::remove_all(part, ignored);
    return DiskError(to, failure.code());
  }
}

}  // namespace troupe::model
