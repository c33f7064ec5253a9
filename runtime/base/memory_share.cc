#include "runtime/base/memory_share.h"

#include <charconv>
#include <cstdio>
#include <optional>

namespace troupe {
namespace {

constexpr int64_t kMib = int64_t{1} << 20;
constexpr int64_t kGib = int64_t{1} << 30;
constexpr int64_t kTib = int64_t{1} << 40;
// No device has more, and sums of shares stay far from overflow.
constexpr double kMostBytes = static_cast<double>(int64_t{1} << 50);

std::optional<int64_t> UnitBytes(std::string_view unit) {
  if (unit == "MiB") return kMib;
  if (unit == "GiB") return kGib;
  if (unit == "TiB") return kTib;
  return std::nullopt;
}

// What somebody who wrote that meant, where it is clear: "GB", "Gi", "gib", "G".
std::string_view UnitMeant(std::string_view unit) {
  if (unit.empty() || unit.size() > 3) return "";
  const std::string_view rest = unit.substr(1);
  const bool is_bytes = rest.empty() || rest == "B" || rest == "b" || rest == "i" || rest == "iB" || rest == "ib";
  if (!is_bytes) return "";
  switch (unit.front()) {
    case 'M':
    case 'm':
      return "MiB";
    case 'G':
    case 'g':
      return "GiB";
    case 'T':
    case 't':
      return "TiB";
    default:
      return "";
  }
}

}  // namespace

Result<int64_t> ParseMemoryBytes(std::string_view text) {
  if (text == "0") return 0;
  const Result<MemoryShare> share = ParseMemoryShare(text);
  if (!share || share->bytes == 0) {
    return Invalid("must be 0 or an amount of memory such as 256MiB, got '" + std::string(text.substr(0, 40)) + "'");
  }
  return share->bytes;
}

Result<MemoryShare> ParseMemoryShare(std::string_view text) {
  const auto refuse = [&](const std::string& advice) {
    return Invalid("must be an amount of memory such as 6GiB, or a share of the card such as 40%, got '" +
                   std::string(text.substr(0, 40)) + "'" + advice);
  };
  const size_t end = text.find_first_not_of("0123456789.");
  const std::string_view digits = text.substr(0, end);
  std::string_view unit = end == std::string_view::npos ? "" : text.substr(end);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  double number = 0;
  const auto [stop, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  if (failure != std::errc() || stop != digits.data() + digits.size()) return refuse("");
  if (unit == "%") {
    const int percent = static_cast<int>(number < 101 ? number : 101);
    if (percent < 1 || percent > 100 || number != percent) return refuse("; shares are whole, from 1% to 100%");
    return MemoryShare{.percent = percent};
  }
  const std::optional<int64_t> unit_bytes = UnitBytes(unit);
  if (!unit_bytes) {
    if (unit.empty()) return refuse("; say MiB, GiB, TiB or %");
    const std::string_view meant = UnitMeant(unit);
    if (meant.empty()) return refuse("; units are MiB, GiB, TiB and %");
    return refuse("; did you mean '" + std::string(digits) + std::string(meant) + "'?");
  }
  const double bytes = number * static_cast<double>(*unit_bytes);
  if (bytes < static_cast<double>(kMib) || bytes > kMostBytes) return refuse("; it may be from 1MiB to 1024TiB");
  return MemoryShare{.bytes = static_cast<int64_t>(bytes)};
}

std::string ToString(const MemoryShare& share) {
  if (share.percent > 0) return std::to_string(share.percent) + "%";
  if (share.bytes <= 0) return "";
  if (share.bytes % kGib == 0) return std::to_string(share.bytes / kGib) + "GiB";
  return std::to_string((share.bytes + kMib / 2) / kMib) + "MiB";
}

int64_t BytesOf(const MemoryShare& share, int64_t total_bytes) {
  if (share.percent > 0) return total_bytes / 100 * share.percent + total_bytes % 100 * share.percent / 100;
  return share.bytes;
}

std::string MemoryText(int64_t bytes) {
  if (bytes < kGib) return std::to_string((bytes + kMib - 1) / kMib) + " MiB";
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f GiB", static_cast<double>(bytes) / static_cast<double>(kGib));
  return text;
}

}  // namespace troupe
