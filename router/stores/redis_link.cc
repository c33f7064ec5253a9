#include "router/stores/redis_link.h"

#include <sys/time.h>

#include <utility>

namespace troupe::stores {
namespace {

// Whoever asks has gone on long before that; a connection that is worse is no connection.
constexpr timeval kLimit{.tv_sec = 0, .tv_usec = 500'000};
constexpr int64_t kPauseNs = 200'000'000;

}  // namespace

Error RedisLink::Lose(const std::string& why) {
  last_failure_ = address_.ToString() + ": " + why;
  context_.reset();
  not_before_ns_ = clock_.MonotonicNs() + kPauseNs;
  return Unavailable(last_failure_);
}

Status RedisLink::Connect() {
  if (context_) return {};
  if (clock_.MonotonicNs() < not_before_ns_) return Unavailable(last_failure_);
  context_.reset(redisConnectWithTimeout(address_.host.c_str(), address_.port, kLimit));
  if (!context_) return Lose("no memory for a connection");
  if (context_->err != 0) return Lose(context_->errstr);
  if (redisSetTimeout(context_.get(), kLimit) != REDIS_OK) return Lose(context_->errstr);
  (void)redisEnableKeepAlive(context_.get());
  const Status introduced = Introduce();
  if (!introduced && context_) return Lose(introduced.error().message);
  return introduced;
}

Status RedisLink::Introduce() {
  if (!address_.password.empty()) {
    std::vector<std::string> words{"AUTH"};
    if (!address_.user.empty()) words.push_back(address_.user);
    words.push_back(address_.password);
    TRY(Do(words));
  }
  if (address_.database != 0) TRY(Do({"SELECT", std::to_string(address_.database)}));
  return {};
}

void RedisLink::Append(const std::vector<std::string>& words) {
  std::vector<const char*> starts;
  std::vector<size_t> sizes;
  for (const std::string& word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  // fails where there is no memory for it only; the reply is missing then, and that is noticed
  (void)redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), starts.data(), sizes.data());
}

Result<RedisLink::Reply> RedisLink::Next() {
  void* raw = nullptr;
  if (redisGetReply(context_.get(), &raw) != REDIS_OK || raw == nullptr) {
    return Lose(context_->err == REDIS_ERR_IO ? "no answer in 500 ms, or the connection broke"
                                              : std::string(context_->errstr));
  }
  return Reply(static_cast<redisReply*>(raw));
}

Result<RedisLink::Reply> RedisLink::Do(const std::vector<std::string>& words) {
  Append(words);
  TRY_ASSIGN(Reply reply, Next());
  if (reply->type == REDIS_REPLY_ERROR) return Unavailable(std::string(reply->str, reply->len));
  return reply;
}

void RedisLink::Run(const std::vector<RedisCommand>& commands) {
  if (const Status connected = Connect(); !connected) {
    for (const RedisCommand& command : commands) command.done(connected.error());
    return;
  }
  for (const RedisCommand& command : commands) Append(command.words);
  for (const RedisCommand& command : commands) {
    Result<Reply> reply = context_ ? Next() : Result<Reply>(Unavailable(last_failure_));
    if (!reply) {
      command.done(reply.error());
    } else if ((*reply)->type == REDIS_REPLY_ERROR) {
      command.done(Unavailable(address_.ToString() + " says: " + std::string((*reply)->str, (*reply)->len)));
    } else {
      command.done(reply->get());
    }
  }
}

}  // namespace troupe::stores
