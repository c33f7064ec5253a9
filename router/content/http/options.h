// What the HTTP side allows a client. Everything has a limit: a client that is slow, large or many costs what it may
// and no more.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::content::http {

struct Options {
  // Answered with 414, 431 and 413 beyond these.
  size_t max_target_bytes = 2048;
  size_t max_header_bytes = 16u << 10;
  size_t max_body_bytes = 256u << 10;
  // From a request's first byte to the end of its headers, then to the end of its body; 408 beyond.
  std::chrono::milliseconds header_time{10'000};
  std::chrono::milliseconds body_time{20'000};
  // For a client to take an answer, counted anew with every piece that it takes.
  std::chrono::milliseconds write_time{20'000};
  // Between two requests of a connection.
  std::chrono::milliseconds idle_time{120'000};
  // Open connections; further ones are answered with 503.
  size_t max_connections = 16'384;
  // How often deadlines are looked at, and how often the store.
  std::chrono::milliseconds tick{100};
  std::chrono::milliseconds reload_time{1'000};
  // How long caches may give out a manifest unasked, and then once more while they ask.
  int64_t manifest_max_age_s = 30;
  int64_t manifest_stale_s = 86'400;
  // Pages that may read answers (CORS), as "https://shop.example"; empty for all.
  std::vector<std::string> origins;
};

}  // namespace troupe::content::http
