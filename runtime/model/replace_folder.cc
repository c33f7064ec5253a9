#include "runtime/model/replace_folder.h"

namespace troupe::model {
namespace {

namespace fs = std::filesystem;

Error DiskError(const fs::path& path, const std::error_code& failure) {
  const std::string message = path.string() + ": " + failure.message();
  return failure == std::errc::no_space_on_device ? Exhausted(message) : Internal(message);
}

}  // namespace

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
    fs::remove_all(old);
    if (fs::exists(whole)) fs::rename(whole, old);
    fs::rename(part, whole);
    fs::remove_all(old);
    return {};
  } catch (const fs::filesystem_error& failure) {
    std::error_code ignored;
    fs::remove_all(part, ignored);
    return DiskError(to, failure.code());
  }
}

}  // namespace troupe::model
