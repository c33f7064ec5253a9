#include "router/content/edge_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace troupe::content {
namespace {

std::optional<int> NumberIn(std::string_view digits, int lowest, int highest) {
  int number = 0;
  const auto [stop, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || stop != digits.data() + digits.size()) return std::nullopt;
  if (number < lowest || number > highest) return std::nullopt;
  return number;
}

// Bits of an address; 0 for what is none.
int BitsOf(const std::string& address) {
  unsigned char bytes[16];
  if (inet_pton(AF_INET, address.c_str(), bytes) == 1) return 32;
  return inet_pton(AF_INET6, address.c_str(), bytes) == 1 ? 128 : 0;
}

// Where the port's colon is; npos where there is none.
size_t PortAt(std::string_view authority) {
  const size_t colon = authority.rfind(':');
  const size_t bracket = authority.rfind(']');
  return bracket != authority.npos && colon != authority.npos && colon < bracket ? authority.npos : colon;
}

}  // namespace

bool IsPlain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || c == '.' || c == ':' || c == '/' || c == '-' || c == '_' || c == '[' || c == ']';
  });
}

Result<EdgeOrigin> ReadOrigin(std::string_view url) {
  const Error wrong = Invalid("'" + std::string(url) + "' is no origin; write http://HOST:PORT without a path");
  EdgeOrigin origin{.encrypted = url.starts_with("https://")};
  if (!origin.encrypted && !url.starts_with("http://")) return wrong;
  const std::string_view authority = url.substr(url.find("//") + 2);
  if (!IsPlain(authority) || authority.find('/') != authority.npos) return wrong;
  const size_t colon = PortAt(authority);
  origin.host = authority.substr(0, colon);
  origin.port = colon == authority.npos ? (origin.encrypted ? "443" : "80") : authority.substr(colon + 1);
  if (origin.host.starts_with('[') && origin.host.ends_with(']')) {
    origin.host = origin.host.substr(1, origin.host.size() - 2);
    if (BitsOf(origin.host) != 128) return wrong;
  } else if (origin.host.find_first_of("[]:") != origin.host.npos) {
    return wrong;
  }
  if (origin.host.empty() || !NumberIn(origin.port, 1, 65'535)) return wrong;
  return origin;
}

Result<Network> ReadNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  Network network{.address = std::string(text.substr(0, slash))};
  const int bits = BitsOf(network.address);
  if (slash != text.npos) network.prefix = text.substr(slash + 1);
  if (bits == 0 || (slash != text.npos && !NumberIn(network.prefix, 0, bits))) {
    return Invalid("'" + std::string(text) + "' is no address; write 10.0.0.7 or 10.0.0.0/8");
  }
  return network;
}

Status CheckPage(std::string_view page) {
  if (ReadOrigin(page)) return {};
  return Invalid("'" + std::string(page) + "' is no page's origin; write https://HOST without a path");
}

}  // namespace troupe::content
