#include "router/stores/redis_address.h"

#include <charconv>
#include <optional>
#include <string_view>

namespace troupe::stores {
namespace {

constexpr std::string_view kScheme = "redis://";

std::optional<int> NumberUpTo(std::string_view text, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > most) return std::nullopt;
  return number;
}

// %40 is @; nothing where a percent sign is not followed by two hex digits.
std::optional<std::string> Unescaped(std::string_view text) {
  constexpr int kHex = 16;
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    int code = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, code, kHex).ptr != digits + 2) return std::nullopt;
    out += static_cast<char>(code);
    i += 2;
  }
  return out;
}

Error Wrong(const std::string& what) {
  return Invalid("must be redis://[:password@]host[:port][/database], such as redis://cache:6379/0: " + what);
}

}  // namespace

std::string RedisAddress::ToString() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return std::string(kScheme) + name + ":" + std::to_string(port) + "/" + std::to_string(database);
}

Result<RedisAddress> ParseRedisAddress(const std::string& text) {
  std::string_view rest = text;
  if (!rest.starts_with(kScheme)) return Wrong("it begins with something else");
  rest.remove_prefix(kScheme.size());
  RedisAddress address;
  if (const size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view secret = rest.substr(0, at);
    const size_t colon = secret.find(':');
    if (colon == std::string_view::npos) return Wrong("there is no ':' before the password");
    const auto user = Unescaped(secret.substr(0, colon)), password = Unescaped(secret.substr(colon + 1));
    if (!user || !password) return Wrong("in user and password % is written as %25");
    address.user = *user;
    address.password = *password;
    rest.remove_prefix(at + 1);
  }
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    constexpr int kMostDatabases = 1'000'000;
    const std::string_view database = rest.substr(slash + 1);
    const auto number = database.empty() ? std::optional(0) : NumberUpTo(database, kMostDatabases);
    if (!number) return Wrong("the database is a number, got '" + std::string(database) + "'");
    address.database = *number;
    rest = rest.substr(0, slash);
  }
  const size_t end_of_host = rest.starts_with('[') ? rest.find(']') : rest.find(':');
  const bool is_bracketed = rest.starts_with('[') && end_of_host != std::string_view::npos;
  address.host = is_bracketed ? rest.substr(1, end_of_host - 1) : rest.substr(0, end_of_host);
  if (end_of_host != std::string_view::npos) rest.remove_prefix(end_of_host + (is_bracketed ? 1 : 0));
  if (address.host.empty() || address.host.starts_with('[')) return Wrong("there is no host");
  if (end_of_host == std::string_view::npos || rest.empty()) return address;
  constexpr int kMostPorts = 65'535;
  const auto port = rest.starts_with(':') ? NumberUpTo(rest.substr(1), kMostPorts) : std::nullopt;
  if (!port || *port == 0) return Wrong("the port is a number from 1 to 65535, got '" + std::string(rest) + "'");
  address.port = *port;
  return address;
}

}  // namespace troupe::stores
