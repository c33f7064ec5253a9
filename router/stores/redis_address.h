// Where a Redis is, as people write it. Pure.
#pragma once

#include <string>

#include "runtime/base/error.h"

namespace troupe::stores {

struct RedisAddress {
  std::string host;
  int port = 6379;
  int database = 0;
  // Empty where it asks for none.
  std::string user;
  std::string password;

  // Without user and password.
  std::string ToString() const;
};

// "redis://[[user]:password@]host[:port][/database]", a host of IPv6 in brackets; what would be read as something else
// is written as %40 in user and password. Errors: INVALID_ARGUMENT, ready to follow the name of what was written; no
// password in it.
Result<RedisAddress> ParseRedisAddress(const std::string& text);

}  // namespace troupe::stores
