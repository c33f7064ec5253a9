// Simulated agents: replicas that work, stream, fail, hang, crash and come back. They remember what they finished by
// key and input, as real hosts do, and give another answer to the same question each time they really work on it, as
// models may.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "router/core/task.h"
#include "tests/sim/world.h"

namespace troupe::sim {

// What one attempt of a writing agent generates at most.
constexpr int64_t kMaxTokens = 4;

struct Work {
  std::string key;
  Value input;
  std::string committed_text;
  bool agent_counts_tokens = false;
  // Whom it may ask.
  std::vector<std::string> peers;
};

struct Question {
  int ordinal = 1;
  std::string peer;
  Value input;
  bool operator==(const Question&) const = default;
};

// What comes back on the stream, in order; nothing after done, failed or broken. All empty where nobody listens.
struct Replies {
  std::function<void(std::string text, int64_t tokens)> on_text;
  std::function<void(Question question)> on_ask;
  std::function<void(Value output, core::Usage usage)> on_done;
  std::function<void(Error error, core::Usage usage)> on_failed;
  // The replica is gone.
  std::function<void()> on_broken;
};

class Agents {
 public:
  struct Replica {
    bool up = true;
    int64_t life = 0;
    int slots = 1;
    int capacity = 4;
    // At work.
    std::vector<int64_t> streams;
    struct Answer {
      Value input;
      Value output;
      core::Usage usage;
    };
    std::map<std::string, Answer> memory;
  };

  Agents(World& world, const std::vector<std::string>& names);

  // `on_change` is called when a replica has crashed and when it is back.
  void Attach(std::function<void(const std::string& agent, size_t replica)> on_change) {
    on_change_ = std::move(on_change);
  }
  const std::map<std::string, std::vector<Replica>>& agents() const { return agents_; }
  // Gives a number to cancel it by; 0 where the replica is down or full.
  int64_t Send(const std::string& agent, size_t replica, Work work, Replies replies);
  // What a peer said, for the question that the stream has open under that number, if it has one.
  void Answer(int64_t stream, int ordinal, Result<Value> answer);
  // The stream is closed; nothing more comes back. The replica may finish all the same and remember.
  void Cancel(int64_t stream);
  // Some replica of some agent.
  void CrashOne();

 private:
  struct Stream {
    std::string agent;
    size_t replica = 0;
    Work work;
    Replies replies;
    bool open = true;
    // Asked and not answered.
    std::optional<Question> question;
  };
  using StreamPtr = std::shared_ptr<Stream>;

  Replica& ReplicaOf(const Stream& stream) { return agents_[stream.agent][stream.replica]; }
  bool MayAnswerWith(const Replica::Answer& answer, const Work& work) const;
  void WorkOn(int64_t number, const StreamPtr& stream);
  // Asks once more, or writes.
  void AskOrWrite(int64_t number, const StreamPtr& stream, int ordinal);
  void Write(int64_t number, const StreamPtr& stream);
  void SendDone(int64_t number, const StreamPtr& stream, int64_t delay_ms, Value output, core::Usage usage);
  void SendFailed(int64_t number, const StreamPtr& stream, int64_t delay_ms);
  // Runs later unless the replica has crashed meanwhile.
  void Later(const StreamPtr& stream, int64_t delay_ms, std::function<void()> action);
  void Leave(int64_t number, const StreamPtr& stream);
  Value MakeOutput(const Work& work, const std::string& text);

  World& world_;
  std::map<std::string, std::vector<Replica>> agents_;
  std::vector<std::string> names_;
  std::map<int64_t, StreamPtr> streams_;
  int64_t last_stream_ = 0;
  std::function<void(const std::string&, size_t)> on_change_;
};

}  // namespace troupe::sim
