#include "router/cli/run_folder.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace troupe::cli {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// FAILED_PRECONDITION unless `folder`, which exists, is ours alone.
Status CheckOwned(const std::filesystem::path& folder) {
  struct stat info{};
  if (lstat(folder.c_str(), &info) != 0) {
    return FailedPrecondition("cannot look at " + folder.string() + ": " + std::strerror(errno));
  }
  if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 077) != 0) {
    return FailedPrecondition(folder.string() +
                              " is not a folder of yours alone; remove it, chmod it to 0700, or set " +
                              "XDG_RUNTIME_DIR to a folder that only you can write to");
  }
  return {};
}

}  // namespace

std::filesystem::path DefaultRunFolder() {
  std::string base = Environment("XDG_RUNTIME_DIR");
  if (base.empty()) base = "/tmp";
  return std::filesystem::path(base) / ("troupe-" + std::to_string(geteuid()));
}

std::filesystem::path DefaultDataFolder() {
  const std::string state = Environment("XDG_STATE_HOME");
  if (!state.empty()) return std::filesystem::path(state) / "troupe";
  const std::string home = Environment("HOME");
  return std::filesystem::path(home.empty() ? "/var/tmp" : home) / ".local/state/troupe";
}

Status SecureFolder(const std::filesystem::path& folder) {
  std::error_code error;
  if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), error);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return FailedPrecondition("cannot make the folder " + folder.string() + ": " + std::strerror(errno));
  }
  return CheckOwned(folder);
}

Result<std::string> RouterAddress(const std::string& flag) {
  if (!flag.empty()) return flag;
  if (std::string variable = Environment("TROUPE_ROUTER"); !variable.empty()) return variable;
  const std::filesystem::path folder = DefaultRunFolder();
  std::error_code error;
  // a folder that is not there means no router; whoever connects says so
  if (std::filesystem::exists(std::filesystem::symlink_status(folder, error))) TRY(CheckOwned(folder));
  return "unix:" + (folder / "router.sock").string();
}

std::string RouterFlagFor(const std::string& address) {
  const auto usual = RouterAddress("");
  return usual && *usual == address ? "" : address;
}

Result<std::string> UnixAddress(const std::filesystem::path& socket) {
  if (socket.string().size() >= sizeof(sockaddr_un{}.sun_path)) {
    return Invalid("the socket path " + socket.string() + " is longer than " +
                   std::to_string(sizeof(sockaddr_un{}.sun_path) - 1) +
                   " bytes; set XDG_RUNTIME_DIR to a shorter folder");
  }
  return "unix:" + socket.string();
}

std::string SocketPathOf(const std::string& address) {
  if (!address.starts_with("unix:")) return "";
  std::string path = address.substr(5);
  if (path.starts_with("//")) path.erase(0, 2);
  return path;
}

}  // namespace troupe::cli
