// What dispatch is asked to do, and what comes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "router/core/task.h"
#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::dispatch {

// One attempt at a step.
struct StepOrder {
  // Names this piece of work for the agent: task, path and attempt.
  std::string key;
  // Tasks of the same priority take turns where steps wait.
  std::string task;
  // 0 to 9, the higher first.
  int priority = 0;
  std::string graph;
  std::string agent;
  std::string path;
  int attempt = 1;
  // Canonical JSON.
  std::string input_json;
  // Text of this attempt that is recorded already.
  std::string committed_text;
  // Generated tokens it may cost; 0 means the agent's own limit.
  int64_t token_budget = 0;
  // How long it may take in all, waiting included; 0 means without limit.
  int64_t timeout_ms = 0;
  // The part of that which is the step's own, not its task's: one that uses it up at a replica speaks against that one.
  int64_t own_timeout_ms = 0;
  // A second try may begin beside a slow one, for so many in 100 of the agent's steps; 0 for none.
  int hedge_percent = 0;
  // Replicas at which earlier attempts have failed: others come first.
  std::set<std::string> tried;
  // Its text is not wanted as it grows.
  bool quiet = true;
  // Its agent may ask peers: the router's side of its stream stays open for the answers.
  bool may_ask = false;
};

// A question that a step's agent puts to a peer.
struct StepQuestion {
  int ordinal = 1;
  std::string peer;
  Value input;
  bool operator==(const StepQuestion&) const = default;
};

struct StepOutcome {
  Result<Value> output = Value();
  core::Usage usage;
  core::WorkSite site;
};

// Who gave the order. Called on gRPC's or the timer's threads, never from within Dispatcher::Start or Cancel; must not
// block. For one attempt the calls come one at a time, OnStepEnd last and exactly once, unless it is cancelled: then
// they stop soon.
class StepListener {
 public:
  virtual ~StepListener() = default;
  virtual void OnStepText(const std::string& path, int attempt, std::string text, int64_t generated_tokens) = 0;
  virtual void OnStepEnd(const std::string& path, int attempt, StepOutcome outcome) = 0;
  // Only for orders that may ask. Answered by StepCall::Answer; the same question may come again where the step was
  // sent again.
  virtual void OnStepAsk(const std::string& /*path*/, int /*attempt*/, StepQuestion /*question*/) {}
};

// An attempt under way.
class StepCall {
 public:
  virtual ~StepCall() = default;
  // Tells the agent to stop. No effect once it has ended.
  virtual void Cancel() = 0;
  // What the peer said. Dropped where the agent has not put that very question on the stream that is open now: it will
  // ask again.
  virtual void Answer(const StepQuestion& /*question*/, const Result<Value>& /*answer*/) {}
};

// One try at it, at one replica after the other where they are lost.
class StepTry : public StepCall {
 public:
  struct Where {
    std::string replica;
    int spill = 0;
  };
  virtual void Start() = 0;
  // At another replica of the same pool than that one, if one has room at once and nobody waits for it; else it does
  // not start, and false is returned.
  virtual bool StartElsewhere(const Where& not_there) = 0;
  // The replica that works on it; nothing while it waits for one, and once it is over.
  virtual std::optional<Where> where() = 0;
};

}  // namespace troupe::dispatch
