#include "tests/bench/chain/fsync.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace troupe::bench {

Result<FsyncCost> MeasureFsync(const std::filesystem::path& folder, int writes) {
  const std::string path = folder / "fsync.bin";
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Unavailable("cannot write " + path);
  const std::string block(4096, 'x');
  std::vector<double> costs;
  for (int i = 0; i < writes; ++i) {
    if (write(fd, block.data(), block.size()) != static_cast<ssize_t>(block.size())) break;
    const auto start = std::chrono::steady_clock::now();
    if (fdatasync(fd) != 0) break;
    costs.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  close(fd);
  unlink(path.c_str());
  if (costs.empty()) return Unavailable("cannot write " + path);
  std::ranges::sort(costs);
  return FsyncCost{.p50_us = costs[costs.size() / 2], .p99_us = costs[costs.size() * 99 / 100]};
}

}  // namespace troupe::bench
