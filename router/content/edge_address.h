// Addresses on their way into an edge's configuration: taken apart and looked at, so that none of them says more there
// than an address. Pure.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe::content {

// Letters, digits and what addresses and paths are made of: nothing that nginx or Varnish reads as its own.
bool IsPlain(std::string_view text);

struct EdgeOrigin {
  bool encrypted = false;
  // Without brackets.
  std::string host;
  std::string port;
};

// "http://10.0.0.7:8080", "https://[::1]"; without a port it is the scheme's own.
Result<EdgeOrigin> ReadOrigin(std::string_view url);

struct Network {
  std::string address;
  // Of its bits, those that count; empty for all of them.
  std::string prefix;
};

// "127.0.0.1", "10.0.0.0/8", "fd00::/8".
Result<Network> ReadNetwork(std::string_view text);

// A page's origin: "https://shop.example", "http://localhost:3000".
Status CheckPage(std::string_view page);

}  // namespace troupe::content
