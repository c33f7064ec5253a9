// One connection to a Redis, by hiredis' blocking calls, for one thread. Commands go out together and their answers
// come back together, so that many cost little more time than one. It connects when it is needed; after a failure it
// waits a moment before it tries again, and what is asked meanwhile fails at once. The process must ignore SIGPIPE.
#pragma once

#include <hiredis/hiredis.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "router/stores/redis_address.h"
#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace troupe::stores {

struct RedisCommand {
  std::vector<std::string> words;
  // The reply lives for as long as the call. Errors: UNAVAILABLE where Redis does not answer or refuses.
  std::function<void(Result<const redisReply*>)> done;
};

class RedisLink {
 public:
  RedisLink(RedisAddress address, const Clock& clock) : address_(std::move(address)), clock_(clock) {}

  void Run(const std::vector<RedisCommand>& commands);

 private:
  struct Free {
    void operator()(redisContext* context) const { redisFree(context); }
    void operator()(void* reply) const { freeReplyObject(reply); }
  };
  using Reply = std::unique_ptr<redisReply, Free>;

  Status Connect();
  // Of a connection that is just made. Errors: what Redis says.
  Status Introduce();
  Result<Reply> Do(const std::vector<std::string>& words);
  Result<Reply> Next();
  void Append(const std::vector<std::string>& words);
  // Nothing more can be said on the connection.
  Error Lose(const std::string& why);

  const RedisAddress address_;
  const Clock& clock_;
  std::unique_ptr<redisContext, Free> context_;
  int64_t not_before_ns_ = 0;
  std::string last_failure_;
};

}  // namespace troupe::stores
