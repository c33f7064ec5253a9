#include "tests/sim/calls.h"

#include <utility>

namespace troupe::sim {

Calls::Calls(World& world, Network& network, Agents& agents) : world_(world), network_(network), agents_(agents) {
  for (const auto& [name, replicas] : agents_.agents()) {
    auto& links = links_[name];
    for (size_t i = 0; i < replicas.size(); ++i) {
      Link link{.wire = network_.AddWire()};
      link.news = network_.OpenLane(link.wire);
      links.push_back(link);
      network_.Attach(link.wire, {.on_router_gives_up = [this, name = name, i] { OnRouterGivesUp(name, i); },
                                  .on_other_gives_up = [this, name = name, i] { OnAgentGivesUp(name, i); },
                                  .on_whole = [this, name = name, i] { Learn(name, i); }});
    }
  }
  agents_.Attach([this](const std::string& agent, size_t replica) {
    network_.Send(links_[agent][replica].news, [this, agent, replica] { Learn(agent, replica); });
  });
}

std::vector<dispatch::Candidate> Calls::Candidates(const std::string& agent) const {
  const auto& replicas = agents_.agents().at(agent);
  std::vector<dispatch::Candidate> candidates;
  for (size_t i = 0; i < replicas.size(); ++i) {
    const Link& link = links_.at(agent)[i];
    candidates.push_back({.ready = link.ready,
                          .in_flight = link.in_flight,
                          .slots = replicas[i].slots,
                          .capacity = replicas[i].capacity});
  }
  return candidates;
}

int64_t Calls::Send(const std::string& agent, size_t replica, Work work, Replies replies) {
  const auto call = std::make_shared<Call>();
  call->number = ++last_number_;
  call->agent = agent;
  call->replica = replica;
  call->replies = std::move(replies);
  Link& link = LinkOf(*call);
  call->to_agent = network_.OpenLane(link.wire);
  call->to_router = network_.OpenLane(link.wire);
  ++link.in_flight;
  calls_[call->number] = call;
  there_[call->number] = call;
  // A proxy that thinks it was lost hands it in twice: the second one's answers go to nobody.
  if (world_.chance.OneIn(30)) {
    ++world_.outcome.messages_doubled;
    const auto copy = network_.OpenLane(link.wire);
    network_.Send(copy, [this, agent, replica, work] { agents_.Send(agent, replica, work, {}); });
  }
  network_.Send(call->to_agent, [this, call, work = std::move(work)] { Arrive(call, work); });
  if (world_.chance.OneIn(40)) world_.clock.After(world_.chance.Between(0, 80), [this, call] { Break(call); });
  return call->number;
}

void Calls::Arrive(const CallPtr& call, Work work) {
  if (!call->is_open_there) return;
  Replies replies;
  replies.on_text = [this, call](const std::string& text, int64_t tokens) {
    ToRouter(call, [this, call, text, tokens] {
      const bool is_taken = call->is_open || (call->broke && world_.options.bug == Bug::kLateTextTaken);
      if (is_taken) call->replies.on_text(text, tokens);
    });
  };
  replies.on_ask = [this, call](const Question& question) {
    ToRouter(call, [call, question] {
      if (call->is_open) call->replies.on_ask(question);
    });
  };
  replies.on_done = [this, call](const Value& output, core::Usage usage) {
    there_.erase(call->number);
    ToRouter(call, [this, call, output, usage] {
      if (!call->is_open) return;
      Close(call);
      call->replies.on_done(output, usage);
    });
  };
  replies.on_failed = [this, call](const Error& error, core::Usage usage) {
    there_.erase(call->number);
    ToRouter(call, [this, call, error, usage] {
      if (!call->is_open) return;
      Close(call);
      call->replies.on_failed(error, usage);
    });
  };
  replies.on_broken = [this, call] {
    there_.erase(call->number);
    ToRouter(call, [this, call] { Break(call); });
  };
  call->stream = agents_.Send(call->agent, call->replica, std::move(work), replies);
  if (call->stream == 0) replies.on_broken();
}

void Calls::ToRouter(const CallPtr& call, std::function<void()> action) {
  network_.Send(call->to_router, std::move(action));
}

void Calls::Answer(int64_t number, int ordinal, Result<Value> answer) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) return;
  network_.Send(found->second->to_agent, [this, call = found->second, ordinal, answer = std::move(answer)] {
    if (call->is_open_there) agents_.Answer(call->stream, ordinal, answer);
  });
}

void Calls::Close(const CallPtr& call) {
  call->is_open = false;
  calls_.erase(call->number);
  --LinkOf(*call).in_flight;
  CallWaiting(call->agent);
}

void Calls::CloseThere(const CallPtr& call) {
  if (!std::exchange(call->is_open_there, false)) return;
  there_.erase(call->number);
  if (call->stream != 0) agents_.Cancel(call->stream);
}

void Calls::Cancel(int64_t number) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) return;
  const CallPtr call = found->second;
  Close(call);
  Leave(call, world_.chance.OneIn(20));
}

// The agent's end hears of it, or works on until it finds out by itself.
void Calls::Leave(const CallPtr& call, bool is_half_open) {
  const auto close = [this, call] { CloseThere(call); };
  if (is_half_open) return world_.clock.After(world_.chance.Between(50, 400), close);
  network_.Send(call->to_agent, close);
}

void Calls::Break(const CallPtr& call) {
  if (!call->is_open) return;
  ++world_.outcome.calls_broken;
  Close(call);
  call->broke = true;
  Leave(call, world_.chance.OneIn(2));
  call->replies.on_broken();
}

void Calls::OnRouterGivesUp(const std::string& agent, size_t replica) {
  links_[agent][replica].ready = false;
  const auto calls = calls_;
  for (const auto& [number, call] : calls) {
    if (call->agent == agent && call->replica == replica) Break(call);
  }
}

void Calls::OnAgentGivesUp(const std::string& agent, size_t replica) {
  const auto calls = there_;
  for (const auto& [number, call] : calls) {
    if (call->agent != agent || call->replica != replica) continue;
    CloseThere(call);
    // The router hears of it as soon as anything gets through.
    ToRouter(call, [this, call = call] { Break(call); });
  }
}

void Calls::Learn(const std::string& agent, size_t replica) {
  Link& link = links_[agent][replica];
  link.ready = agents_.agents().at(agent)[replica].up && !network_.IsCut(link.wire);
  if (link.ready) CallWaiting(agent);
}

void Calls::Crash() {
  const auto calls = std::exchange(calls_, {});
  for (const auto& [number, call] : calls) {
    call->is_open = false;
    --LinkOf(*call).in_flight;
    network_.Send(call->to_agent, [this, call = call] { CloseThere(call); });
  }
}

void Calls::Connect() {
  for (auto& [agent, links] : links_) {
    for (size_t i = 0; i < links.size(); ++i) Learn(agent, i);
  }
}

// Later, so that nobody is called in the middle of something else.
void Calls::CallWaiting(const std::string& agent) {
  world_.clock.After(0, [this, agent] { on_room_(agent); });
}

}  // namespace troupe::sim
