// What a kind of agent is to the host: a Kind made from a Spec takes Steps, any number at once, and ends each of them.
// No protobuf and no gRPC here, so that a kind is tested by calling it. The host owns the Kind and checks inputs,
// slots, queue and repeats before a Step reaches it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/device/device.h"

namespace troupe::host {

// One agent's orders, from its AgentSpec and command line; checked against the kind's kind.yaml, defaults filled in.
struct Spec {
  std::string agent;
  std::string replica;
  std::string graph;
  std::string kind;
  Value config;
  // A folder or a .gguf file; empty for none.
  std::filesystem::path model_path;
  // Empty where the graph states none.
  std::string model_sha256;
  // Where it runs; `relaxed_from` says what the graph asked for where the pin was relaxed.
  device::Device device;
  std::string relaxed_from;
  // 0: the kind's own.
  int slots = 0;
  int queue_limit = 0;
  // Generated tokens one step may cost; 0: no limit.
  int64_t max_tokens = 0;
  std::filesystem::path base_path;
  // Threads the model may use.
  int threads = 1;
  // SHA-256 of the spec file.
  std::string digest;
};

struct Usage {
  int64_t prompt_tokens = 0;
  int64_t generated_tokens = 0;
  // Time the device was busy with it, microseconds: its share of what it did with others.
  int64_t device_us = 0;
};

// One step's work, held by the kind until it has ended it: by exactly one Done or Fail, also after a cancellation. A
// Step that is let go of unended fails as INTERNAL. Thread-safe.
class Step {
 public:
  virtual ~Step() = default;

  virtual const Value& input() const = 0;
  // The input, to keep or change; input() is empty afterwards.
  virtual Value TakeInput() = 0;
  // Text of this attempt that was shown already: go on after it and do not send it again.
  virtual const std::string& committed_text() const = 0;
  // Tokens that it may generate: the least of what kind, graph and caller allow; 0 for no limit.
  virtual int64_t max_tokens() const = 0;
  // Nobody reads the text as it grows.
  virtual bool quiet() const = 0;

  // Text since the last Delta, valid UTF-8, and tokens generated so far. Dropped where quiet.
  virtual void Delta(std::string text, int64_t generated_tokens) = 0;
  // Asks a peer in the graph; `answer` is called once, on any thread, CANCELLED where the step is over before.
  virtual void Ask(const std::string& peer, const Value& input, std::function<void(Result<Value>)> answer) = 0;
  virtual void Done(Value output, Usage usage) = 0;
  virtual void Fail(Error error, Usage usage) = 0;

  virtual bool cancelled() const = 0;
  // Called once when the caller goes away or the deadline passes; at once if that has happened. Must not block.
  virtual void OnCancel(std::function<void()> stop) = 0;
};

// What a kind knows of itself once it is loaded.
struct Facts {
  // SHA-256 of the weights, hex; empty without a model.
  std::string model_digest;
  // Steps at once, where the spec leaves it open.
  int slots = 1;
  // No step of it streams text or asks a peer, though its kind may.
  bool answers_once = false;
  // How the model computes, for people ("bf16 with CUDA graphs"); empty without one.
  std::string compute = {};
};

// Pages of a model's memory, in all and to be had. Steps that begin alike share them, so that it saves work to send
// those to the same replica.
struct Pages {
  int64_t total = 0;
  int64_t free = 0;
};

class Kind {
 public:
  virtual ~Kind() = default;
  virtual Facts facts() const = 0;
  // Takes a step; must not block: called on gRPC's thread or on one of the kind's own. Its input has the type that
  // kind.yaml declares.
  virtual void Work(std::shared_ptr<Step> step) = 0;
  // Generated tokens a second over the last seconds.
  virtual double tokens_per_second() const { return 0; }
  // All 0 for a kind without a model that remembers.
  virtual Pages pages() const { return {}; }
  // Ends what is in flight as CANCELLED and joins threads. Nothing is called afterwards.
  virtual void Stop() {}
};

// Loads a kind: seconds where there is a model. Errors: FAILED_PRECONDITION, INVALID_ARGUMENT for what the spec says
// wrong.
using MakeKind = Result<std::unique_ptr<Kind>> (*)(const Spec& spec);

// Errors: FAILED_PRECONDITION, with both digests, where the spec states one and the model has another.
Status CheckModelDigest(const Spec& spec, std::string_view digest);

}  // namespace troupe::host
