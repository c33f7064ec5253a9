// Which store is to be behind memory, as people write it for --cache-store.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "router/cache/store.h"
#include "router/stores/sqlite_store.h"
#include "runtime/base/clock.h"

namespace troupe::stores {

struct StoreOptions {
  // "sqlite:PATH" or "redis://[:password@]host[:port][/db]"; empty for none.
  std::string store;
  // Of an SQLite file.
  int64_t max_bytes = int64_t{1} << 30;
};

// That it can be understood. Errors: INVALID_ARGUMENT, ready to follow the flag's name.
Status Check(const std::string& store);

// What an SQLite file may take: "64MiB". Errors: as above.
Result<int64_t> ParseSize(const std::string& text);

// Null for none. Errors: as Check and SqliteStore::Open. A Redis that does not answer is none: it may come back.
Result<std::unique_ptr<cache::BackStore>> Open(const StoreOptions& options, const Clock& clock, Log log);

}  // namespace troupe::stores
