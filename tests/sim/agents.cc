#include "tests/sim/agents.h"

#include <algorithm>
#include <utility>

namespace troupe::sim {

Agents::Agents(World& world, const std::vector<std::string>& names) : world_(world), names_(names) {
  for (const std::string& name : names) {
    auto& replicas = agents_[name];
    // Often too few, so that steps wait for room.
    replicas.resize(static_cast<size_t>(world.chance.OneIn(2) ? 1 : world.chance.Between(2, 3)));
    for (Replica& replica : replicas) {
      replica.slots = world.chance.OneIn(3) ? 2 : 1;
      replica.capacity = replica.slots + static_cast<int>(world.chance.Between(0, 1));
    }
  }
}

int64_t Agents::Send(const std::string& agent, size_t replica, Work work, Replies replies) {
  const Replica& place = agents_[agent][replica];
  if (!place.up || static_cast<int>(place.streams.size()) >= place.capacity) return 0;
  const int64_t number = ++last_stream_;
  const bool is_heard = replies.on_done != nullptr;
  const auto stream = std::make_shared<Stream>(Stream{
      .agent = agent, .replica = replica, .work = std::move(work), .replies = std::move(replies), .open = is_heard});
  streams_[number] = stream;
  ReplicaOf(*stream).streams.push_back(number);
  Later(stream, world_.chance.Between(0, 3), [this, number, stream] { WorkOn(number, stream); });
  return number;
}

// After a crash of the router the steps before this one may have been done again, with another result; and the text
// that is on disk may be that of another replica.
bool Agents::MayAnswerWith(const Replica::Answer& answer, const Work& work) const {
  if (world_.options.bug == Bug::kMemoryByKeyOnly) return true;
  return answer.input == work.input &&
         answer.output["text"].get_ref<const std::string&>().starts_with(work.committed_text);
}

void Agents::WorkOn(int64_t number, const StreamPtr& stream) {
  const Work& work = stream->work;
  const auto& memory = ReplicaOf(*stream).memory;
  const auto remembered = memory.find(work.key);
  if (remembered != memory.end() && MayAnswerWith(remembered->second, work)) {
    return SendDone(number, stream, world_.chance.Between(0, 2), remembered->second.output, remembered->second.usage);
  }
  if (world_.chance.Percent(12)) return SendFailed(number, stream, world_.chance.Between(0, 60));
  AskOrWrite(number, stream, 1);
}

void Agents::AskOrWrite(int64_t number, const StreamPtr& stream, int ordinal) {
  const Work& work = stream->work;
  constexpr int kMostQuestions = 4;  // more than a graph allows
  if (work.peers.empty() || ordinal > kMostQuestions || world_.chance.OneIn(2)) return Write(number, stream);
  const auto peer = static_cast<size_t>(world_.chance.Between(0, static_cast<int64_t>(work.peers.size()) - 1));
  // Mostly the same one when the step is sent again, sometimes another.
  const int64_t variant = world_.chance.OneIn(4) ? world_.chance.Between(1, 1000) : 0;
  Question question{.ordinal = ordinal, .peer = work.peers[peer], .input = {{"about", work.key}, {"variant", variant}}};
  stream->question = question;
  Later(stream, world_.chance.Between(0, 5), [this, number, stream, question = std::move(question)] {
    if (!stream->open) return Leave(number, stream);
    ++world_.outcome.questions;
    stream->replies.on_ask(question);
  });
}

void Agents::Answer(int64_t number, int ordinal, Result<Value> answer) {
  const auto found = streams_.find(number);
  if (found == streams_.end()) return;
  const StreamPtr stream = found->second;
  Later(stream, world_.chance.Between(0, 5), [this, number, stream, ordinal, answer = std::move(answer)] {
    if (!stream->question || stream->question->ordinal != ordinal) return;
    const Question question = *std::exchange(stream->question, std::nullopt);
    if (answer) {
      ++world_.outcome.answers;
      if ((*answer)["of"] != std::hash<std::string>()(Dump(question.input)))
        world_.Violation("an agent got the answer to another question than it had asked");
    }
    AskOrWrite(number, stream, ordinal + 1);
  });
}

void Agents::Write(int64_t number, const StreamPtr& stream) {
  const Work& work = stream->work;
  std::string text = work.committed_text;
  int64_t delay_ms = world_.chance.OneIn(40) ? 30'000 : world_.chance.Between(0, 40);  // now and then it hangs
  int64_t tokens = 0;
  const int64_t words = world_.chance.Between(0, kMaxTokens);
  for (int64_t i = 0; i < words; ++i) {
    const std::string word = std::to_string(world_.chance.Between(0, 999)) + " ";
    text += word;
    tokens += work.agent_counts_tokens ? 1 : 0;
    delay_ms += world_.chance.Between(1, 15);
    Later(stream, delay_ms, [stream, word, tokens] {
      if (stream->open) stream->replies.on_text(word, tokens);
    });
  }
  SendDone(number, stream, delay_ms + 1, MakeOutput(work, text),
           {.generated_tokens = tokens, .device_us = 200 * words});
}

// "of" shows later which question this answers.
Value Agents::MakeOutput(const Work& work, const std::string& text) {
  Value items = Value::array();
  const int64_t count = world_.chance.Between(0, 4);
  for (int64_t i = 0; i < count; ++i) items.push_back({{"text", std::to_string(i)}, {"flag", world_.chance.OneIn(2)}});
  return {{"text", text},
          {"label", world_.chance.OneIn(2) ? "ok" : "bad"},
          {"score", static_cast<double>(world_.chance.Between(0, 100)) / 100},
          {"items", std::move(items)},
          {"of", std::hash<std::string>()(Dump(work.input))}};
}

void Agents::SendDone(int64_t number, const StreamPtr& stream, int64_t delay_ms, Value output, core::Usage usage) {
  Later(stream, delay_ms, [this, number, stream, output = std::move(output), usage] {
    ReplicaOf(*stream).memory[stream->work.key] = {stream->work.input, output, usage};
    Leave(number, stream);
    if (std::exchange(stream->open, false)) stream->replies.on_done(output, usage);
  });
}

void Agents::SendFailed(int64_t number, const StreamPtr& stream, int64_t delay_ms) {
  static constexpr Code kCodes[] = {Code::kUnavailable, Code::kResourceExhausted, Code::kAborted,
                                    Code::kInternal,    Code::kInvalidArgument,   Code::kCancelled};
  const Error error{kCodes[world_.chance.Between(0, 5)], "simulated", world_.chance.OneIn(4) ? 500 : 0};
  Later(stream, delay_ms, [this, number, stream, error] {
    Leave(number, stream);
    if (std::exchange(stream->open, false)) stream->replies.on_failed(error, {});
  });
}

void Agents::Later(const StreamPtr& stream, int64_t delay_ms, std::function<void()> action) {
  world_.clock.After(delay_ms, [this, stream, life = ReplicaOf(*stream).life, action = std::move(action)] {
    if (ReplicaOf(*stream).life == life) action();
  });
}

void Agents::Leave(int64_t number, const StreamPtr& stream) {
  std::erase(ReplicaOf(*stream).streams, number);
  streams_.erase(number);
}

void Agents::Cancel(int64_t number) {
  const auto found = streams_.find(number);
  if (found == streams_.end()) return;
  const StreamPtr stream = found->second;
  stream->open = false;
  // Told in time it stops and has room at once; otherwise it works on to its end.
  if (stream->question || world_.chance.OneIn(2)) Leave(number, stream);
}

void Agents::CrashOne() {
  const std::string& name =
      names_[static_cast<size_t>(world_.chance.Between(0, static_cast<int64_t>(names_.size()) - 1))];
  auto& replicas = agents_[name];
  const auto index = static_cast<size_t>(world_.chance.Between(0, static_cast<int64_t>(replicas.size()) - 1));
  Replica& replica = replicas[index];
  if (!replica.up) return;
  ++world_.outcome.agent_crashes;
  world_.Trace("agent " + name + "-" + std::to_string(index) + " crashes");
  replica.up = false;
  ++replica.life;
  replica.memory.clear();
  const std::vector<int64_t> lost = std::exchange(replica.streams, {});
  for (const int64_t number : lost) {
    const auto found = streams_.find(number);
    if (found == streams_.end()) continue;
    const StreamPtr stream = found->second;
    streams_.erase(found);
    if (std::exchange(stream->open, false)) stream->replies.on_broken();
  }
  on_change_(name, index);
  world_.clock.After(world_.chance.Between(5, 300), [this, name, index] {
    agents_[name][index].up = true;
    world_.Trace("agent " + name + "-" + std::to_string(index) + " is back");
    on_change_(name, index);
  });
}

}  // namespace troupe::sim
