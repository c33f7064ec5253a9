// Preloaded into a router: its n-th life ends by SIGKILL at its n-th write to the journal, before the write in odd
// lives and right after it in even ones. So one life after the other dies at one boundary further on.
//   TROUPE_LIVES   a file that counts the lives, by its size
//   TROUPE_LAST    lives that die so; later ones live on
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

// 0: not a router, or one that lives on.
long BoundaryOfThisLife() {
  const char* lives = getenv("TROUPE_LIVES");
  const char* last = getenv("TROUPE_LAST");
  char name[256] = {};
  if (lives == nullptr || last == nullptr || readlink("/proc/self/exe", name, sizeof name - 1) <= 0) return 0;
  if (!std::string_view(name).ends_with("/troupe-router")) return 0;
  const int file = open(lives, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  struct stat now{};
  if (file < 0 || fstat(file, &now) != 0) return 0;
  const long life = now.st_size + 1;
  if (life > atol(last) || syscall(SYS_write, file, "x", 1) != 1) return 0;
  close(file);
  return life;
}

bool IsJournal(int file) {
  char path[4096] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  if (readlink(link.c_str(), path, sizeof path - 1) <= 0) return false;
  return std::strstr(path, "/journal.db") != nullptr;
}

const long boundary = BoundaryOfThisLife();
std::atomic<long> writes{0};

template <typename Call>
auto AtBoundary(int file, Call call) {
  if (boundary == 0 || !IsJournal(file)) return call();
  const bool is_last = ++writes == boundary;
  if (is_last && boundary % 2 == 1) kill(getpid(), SIGKILL);
  const auto result = call();
  if (is_last) kill(getpid(), SIGKILL);
  return result;
}

template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {
ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset) {
  static auto* const real = Real<decltype(pwrite64)>("pwrite64");
  return AtBoundary(file, [&] { return real(file, bytes, count, offset); });
}
ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
  static auto* const real = Real<decltype(pwrite)>("pwrite");
  return AtBoundary(file, [&] { return real(file, bytes, count, offset); });
}
ssize_t write(int file, const void* bytes, size_t count) {
  static auto* const real = Real<decltype(write)>("write");
  return AtBoundary(file, [&] { return real(file, bytes, count); });
}
int fdatasync(int file) {
  static auto* const real = Real<decltype(fdatasync)>("fdatasync");
  return AtBoundary(file, [&] { return real(file); });
}
int fsync(int file) {
  static auto* const real = Real<decltype(fsync)>("fsync");
  return AtBoundary(file, [&] { return real(file); });
}
int ftruncate64(int file, off64_t size) noexcept {
  static auto* const real = Real<int(int, off64_t)>("ftruncate64");
  return AtBoundary(file, [&] { return real(file, size); });
}
int ftruncate(int file, off_t size) noexcept {
  static auto* const real = Real<int(int, off_t)>("ftruncate");
  return AtBoundary(file, [&] { return real(file, size); });
}
}
