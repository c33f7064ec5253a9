#include "runtime/device/cpu.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

namespace troupe::device {
namespace {

namespace fs = std::filesystem;

// At most 1 MiB of a small system file; nothing where it cannot be read.
std::optional<std::string> ReadSmall(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(1u << 20, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

std::optional<int64_t> Number(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::optional<int64_t> ReadNumber(const fs::path& path) {
  const auto text = ReadSmall(path);
  return text ? Number(*text) : std::nullopt;
}

// The value behind "key" on the first line that begins so.
std::optional<std::string> Field(const std::string& text, std::string_view key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key)) continue;
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return std::nullopt;
}

struct Limits {
  std::optional<double> cores;
  std::optional<int64_t> memory_bytes;  // the limit that leaves least
  std::optional<int64_t> memory_free_bytes;

  void Cores(double value) { cores = std::min(cores.value_or(value), value); }
  void Memory(int64_t limit, int64_t used) {
    memory_bytes = std::min(memory_bytes.value_or(limit), limit);
    const int64_t left = std::max<int64_t>(0, limit - used);
    memory_free_bytes = std::min(memory_free_bytes.value_or(left), left);
  }
};

// cgroup v2 (Documentation/admin-guide/cgroup-v2.rst): "max 100000" or "150000 100000" in cpu.max.
void ReadV2(const fs::path& folder, Limits& limits) {
  if (const auto text = ReadSmall(folder / "cpu.max")) {
    const size_t blank = text->find(' ');
    const auto quota = Number(*text);
    const auto period = blank == std::string::npos ? std::nullopt : Number(std::string_view(*text).substr(blank));
    if (quota && period && *quota > 0 && *period > 0) limits.Cores(static_cast<double>(*quota) / *period);
  }
  if (const auto limit = ReadNumber(folder / "memory.max"); limit && *limit > 0) {
    limits.Memory(*limit, ReadNumber(folder / "memory.current").value_or(0));
  }
}

// cgroup v1: -1 for no quota; no memory limit is a number near 2^63.
void ReadV1(const fs::path& cpu, const fs::path& memory, Limits& limits) {
  const auto quota = ReadNumber(cpu / "cpu.cfs_quota_us");
  const auto period = ReadNumber(cpu / "cpu.cfs_period_us");
  if (quota && period && *quota > 0 && *period > 0) limits.Cores(static_cast<double>(*quota) / *period);
  if (const auto limit = ReadNumber(memory / "memory.limit_in_bytes");
      limit && *limit > 0 && *limit < int64_t{1} << 60) {
    limits.Memory(*limit, ReadNumber(memory / "memory.usage_in_bytes").value_or(0));
  }
}

// Calls `visit` with the folder of this process's cgroup and with each one around it, up to `mount`.
template <typename Visit>
void Upwards(const fs::path& mount, const std::string& cgroup, Visit visit) {
  fs::path relative = fs::path(cgroup).relative_path().lexically_normal();
  for (int depth = 0; depth < 64; ++depth) {
    visit(mount / relative);
    if (relative.empty() || relative == ".") return;
    relative = relative.parent_path();
  }
}

// /proc/self/cgroup: "0::/path" (v2), "4:cpu,cpuacct:/path" (v1). In a container the path may belong to the host and
// not exist here: the mount's own root, visited last, is then the container's.
Limits ReadCgroups(const fs::path& root) {
  Limits limits;
  const fs::path mount = root / "sys/fs/cgroup";
  std::istringstream lines(ReadSmall(root / "proc/self/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") {
      Upwards(mount, path, [&](const fs::path& folder) { ReadV2(folder, limits); });
      Upwards(mount / "unified", path, [&](const fs::path& folder) { ReadV2(folder, limits); });
    }
    if (controllers.find(",cpu,") != std::string::npos) {
      Upwards(mount / "cpu", path, [&](const fs::path& folder) { ReadV1(folder, "", limits); });
    }
    if (controllers.find(",memory,") != std::string::npos) {
      Upwards(mount / "memory", path, [&](const fs::path& folder) { ReadV1("", folder, limits); });
    }
  }
  return limits;
}

}  // namespace

Device DetectCpu(const Sources& sources) {
  Device cpu;
  cpu.product = "cpu";
  cpu.name = Field(ReadSmall(sources.root / "proc/cpuinfo").value_or(""), "model name").value_or("unknown");
  const Limits limits = ReadCgroups(sources.root);
  // A share below a whole core still runs one thread.
  cpu.cores = std::max(1, sources.affinity_cores ? sources.affinity_cores() : 1);
  if (limits.cores) cpu.cores = std::clamp(static_cast<int>(*limits.cores), 1, cpu.cores);

  const std::string memory = ReadSmall(sources.root / "proc/meminfo").value_or("");
  const auto kib = [&memory](std::string_view key) {
    return Number(Field(memory, key).value_or("")).value_or(0) << 10;
  };
  cpu.memory_total_bytes = kib("MemTotal");
  cpu.memory_free_bytes = kib("MemAvailable");
  if (limits.memory_bytes) cpu.memory_total_bytes = std::min(cpu.memory_total_bytes, *limits.memory_bytes);
  if (limits.memory_free_bytes) cpu.memory_free_bytes = std::min(cpu.memory_free_bytes, *limits.memory_free_bytes);
  return cpu;
}

}  // namespace troupe::device
