#include "router/stores/redis_store.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "router/cache/freshness.h"
#include "router/stores/codec.h"

namespace troupe::stores {
namespace {

// The number goes up when routers of two releases must not share.
constexpr char kAnswer[] = "troupe:1:answer:";
constexpr char kPurges[] = "troupe:1:purges";

// Raises what is lower than here, in one piece with reading all of it.
constexpr char kShare[] = R"lua(
for i = 1, #ARGV, 2 do
  local have = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0') or 0
  if have < tonumber(ARGV[i + 1]) then redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
return redis.call('HGETALL', KEYS[1])
)lua";

std::string_view TextOf(const redisReply& reply) {
  return reply.type == REDIS_REPLY_STRING ? std::string_view(reply.str, reply.len) : std::string_view();
}

// What is no count is none.
cache::PurgeCounts CountsOf(const redisReply& reply) {
  cache::PurgeCounts counts;
  if (reply.type != REDIS_REPLY_ARRAY) return counts;
  for (size_t i = 0; i + 1 < reply.elements; i += 2) {
    const std::string_view text = TextOf(*reply.element[i + 1]);
    int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count <= 0) continue;
    counts[std::string(TextOf(*reply.element[i]))] = count;
  }
  return counts;
}

// For as long as it may be given. What may be given for ever has a time too, or a full Redis could not let go of it.
int64_t MsToLive(const cache::Entry& entry, UnixMs now_ms) {
  constexpr int64_t kYearMs = 365LL * 24 * 3600 * 1000;
  if (entry.ttl_ms <= 0) return kYearMs;
  const int64_t age_ms = std::max<int64_t>(0, now_ms - entry.made_at_ms);
  return std::min(kYearMs, entry.ttl_ms) + std::min(kYearMs, entry.stale_ms) - age_ms;
}

}  // namespace

RedisStore::RedisStore(RedisAddress address, const Clock& clock)
    : name_(address.ToString()),
      clock_(clock),
      link_(std::move(address), clock),
      thread_({}, [this](const std::vector<RedisCommand>& batch) { link_.Run(batch); }) {}

RedisStore::~RedisStore() { Stop(); }

void RedisStore::Ask(std::vector<std::string> words, std::function<void(Result<const redisReply*>)> done) {
  size_t bytes = 0;
  for (const std::string& word : words) bytes += word.size();
  RedisCommand command{.words = std::move(words), .done = done};
  if (!thread_.Add(command, bytes)) done(Exhausted(name_ + " has too much to do, or is closed"));
}

void RedisStore::Get(std::string key, cache::OnEntry done) {
  std::string name = kAnswer + key;
  Ask({"GET", std::move(name)},
      [this, key = std::move(key), done = std::move(done)](const Result<const redisReply*>& reply) {
        if (!reply) return done(reply.error());
        std::optional<cache::Entry> entry = Decode(key, TextOf(**reply));
        // by this machine's clock: Redis goes by its own
        if (entry && cache::FreshnessOf(*entry, clock_.NowMs()) == cache::Freshness::kDead) entry = std::nullopt;
        ++(entry ? hits_ : misses_);
        done(std::move(entry));
      });
}

void RedisStore::Put(std::string key, cache::Entry entry, cache::OnDone done) {
  const int64_t left_ms = MsToLive(entry, clock_.NowMs());
  if (left_ms <= 0) return done({});
  std::string bytes = Encode(key, entry);
  Ask({"SET", kAnswer + key, std::move(bytes), "PX", std::to_string(left_ms)},
      [done = std::move(done)](const Result<const redisReply*>& reply) {
        done(reply ? Status() : Status(reply.error()));
      });
}

cache::CacheStore::Stats RedisStore::GetStats() const { return {.hits = hits_, .misses = misses_}; }

void RedisStore::CountPurge(std::string purged, std::function<void(Result<int64_t>)> done) {
  Ask({"HINCRBY", kPurges, std::move(purged), "1"},
      [this, done = std::move(done)](const Result<const redisReply*>& reply) {
        if (!reply) return done(reply.error());
        if ((*reply)->type != REDIS_REPLY_INTEGER) return done(Unavailable(name_ + " gave no count"));
        done(int64_t{(*reply)->integer});
      });
}

void RedisStore::SharePurges(cache::PurgeCounts known, std::function<void(Result<cache::PurgeCounts>)> done) {
  std::vector<std::string> words{"EVAL", kShare, "1", kPurges};
  for (const auto& [purged, count] : known) {
    words.push_back(purged);
    words.push_back(std::to_string(count));
  }
  Ask(std::move(words), [done = std::move(done)](const Result<const redisReply*>& reply) {
    reply ? done(CountsOf(**reply)) : done(reply.error());
  });
}

void RedisStore::ReadQuestions(int64_t, int, std::function<void(Result<Questions>)> done) { done(Questions()); }

void RedisStore::ReadLearned(std::function<void(Result<Learned>)> done) { done(Learned()); }

void RedisStore::SaveLearned(std::string, cache::ThresholdState, cache::OnDone done) { done({}); }

}  // namespace troupe::stores
