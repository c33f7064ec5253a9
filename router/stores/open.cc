#include "router/stores/open.h"

#include <utility>

#include "router/stores/redis_store.h"
#include "runtime/base/memory_share.h"

namespace troupe::stores {
namespace {

constexpr char kSqlite[] = "sqlite:";
constexpr char kRedis[] = "redis:";

}  // namespace

Status Check(const std::string& store) {
  if (store.empty() || (store.starts_with(kSqlite) && store.size() > sizeof(kSqlite) - 1)) return {};
  if (store.starts_with(kRedis)) {
    TRY(ParseRedisAddress(store));
    return {};
  }
  return Invalid("must be sqlite:PATH or redis://[:password@]host[:port][/database]");
}

Result<int64_t> ParseSize(const std::string& text) {
  constexpr int64_t kLeastBytes = 1 << 20;
  TRY_ASSIGN(const int64_t bytes, ParseMemoryBytes(text));
  if (bytes < kLeastBytes) return Invalid("must be at least 1MiB, got '" + text + "'");
  return bytes;
}

Result<std::unique_ptr<cache::BackStore>> Open(const StoreOptions& options, const Clock& clock, Log log) {
  TRY(Check(options.store));
  std::unique_ptr<cache::BackStore> store;
  if (options.store.starts_with(kSqlite)) {
    TRY_ASSIGN(store,
               SqliteStore::Open({.path = options.store.substr(sizeof(kSqlite) - 1), .max_bytes = options.max_bytes},
                                 clock, std::move(log)));
  } else if (!options.store.empty()) {
    TRY_ASSIGN(RedisAddress address, ParseRedisAddress(options.store));
    store = std::make_unique<RedisStore>(std::move(address), clock);
  }
  return store;
}

}  // namespace troupe::stores
