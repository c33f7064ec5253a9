#include "router/content/http/conditions.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <charconv>
#include <optional>

namespace troupe::content::http {
namespace {

using boost::beast::iequals;

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The next item of a list with commas; `rest` moves behind it.
std::string_view NextItem(std::string_view& rest) {
  const size_t comma = rest.find(',');
  const std::string_view item = Trimmed(rest.substr(0, comma));
  rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
  return item;
}

// "0.5" of "gzip;q=0.5" in thousandths; 1000 without, 0 for what is no number.
int QualityOf(std::string_view item) {
  const size_t at = item.find(';');
  if (at == item.npos) return 1000;
  const std::string_view parameter = Trimmed(item.substr(at + 1));
  if (parameter.size() < 3 || !iequals(parameter.substr(0, 2), "q=")) return 1000;
  double quality = 0;
  const char* end = parameter.data() + parameter.size();
  const auto [stop, fault] = std::from_chars(parameter.data() + 2, end, quality, std::chars_format::fixed);
  if (fault != std::errc() || stop != end || !(quality >= 0 && quality <= 1)) return 0;
  return static_cast<int>(quality * 1000);
}

std::optional<size_t> Number(std::string_view digits) {
  size_t number = 0;
  const auto [stop, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || stop != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

Encoding ChooseEncoding(std::string_view accept_encoding, Encodings there) {
  int gzip = -1;
  int brotli = -1;
  int any = 0;
  while (!accept_encoding.empty()) {
    const std::string_view item = NextItem(accept_encoding);
    const std::string_view name = Trimmed(item.substr(0, item.find(';')));
    const int quality = QualityOf(item);
    if (iequals(name, "gzip") || iequals(name, "x-gzip")) gzip = quality;
    if (iequals(name, "br")) brotli = quality;
    if (name == "*") any = quality;
  }
  if (gzip < 0) gzip = any;
  if (brotli < 0) brotli = any;
  if (there.brotli && brotli > 0 && (brotli >= gzip || !there.gzip)) return Encoding::kBrotli;
  return there.gzip && gzip > 0 ? Encoding::kGzip : Encoding::kIdentity;
}

bool NamesTag(std::string_view if_none_match, std::string_view tag) {
  while (!if_none_match.empty()) {
    std::string_view item = NextItem(if_none_match);
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == tag) return true;
  }
  return false;
}

RangeWish ReadRange(std::string_view range, size_t size) {
  constexpr std::string_view kUnit = "bytes=";
  range = Trimmed(range);
  if (range.size() <= kUnit.size() || !iequals(range.substr(0, kUnit.size()), kUnit)) return {};
  range = Trimmed(range.substr(kUnit.size()));
  const size_t dash = range.find('-');
  if (dash == range.npos || range.find(',') != range.npos) return {};
  const std::string_view from = range.substr(0, dash);
  const std::string_view to = range.substr(dash + 1);
  const std::optional<size_t> first = Number(from);
  const std::optional<size_t> last = Number(to);
  if (from.empty()) {
    if (!last) return {};
    if (*last == 0 || size == 0) return {RangeState::kUnsatisfiable, {}};
    const size_t count = std::min(*last, size);
    return {RangeState::kPart, {size - count, count}};
  }
  if (!first || (!to.empty() && !last) || (last && *last < *first)) return {};
  if (*first >= size) return {RangeState::kUnsatisfiable, {}};
  const size_t end = last ? std::min(*last, size - 1) : size - 1;
  return {RangeState::kPart, {*first, end - *first + 1}};
}

}  // namespace troupe::content::http
