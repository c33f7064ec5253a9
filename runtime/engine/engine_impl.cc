#include "runtime/engine/engine_impl.h"

#include <algorithm>
#include <utility>

#include "runtime/device/torch_device.h"
#include "runtime/engine/scheduler.h"

namespace troupe::engine {
namespace {

constexpr int64_t kRetryAfterMs = 500;

StepLimits LimitsFor(const EngineOptions& options) {
  constexpr int64_t kOnCpu = 256;
  constexpr int64_t kOnGpu = 512;
  const int64_t usual = options.device.kind == device::Kind::kCpu ? kOnCpu : kOnGpu;
  const int64_t chunk = options.prefill_chunk == 0 ? usual : options.prefill_chunk;
  return {.prefill_tokens = chunk, .prefill_tokens_alone = 2 * chunk};
}

// Longest first, so that none is left when a shorter one is taken out of its middle.
std::vector<std::string> SpecialSpellings(const text::Tokenizer& tokenizer) {
  std::vector<std::string> spellings;
  for (TokenId id = 0; id < tokenizer.vocab_size(); ++id) {
    if (tokenizer.IsSpecial(id) && !tokenizer.TokenName(id).empty()) spellings.emplace_back(tokenizer.TokenName(id));
  }
  std::sort(spellings.begin(), spellings.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return spellings;
}

// See SequenceEnvironment::turned_beyond.
int64_t TurnedBeyond(const model::ModelConfig& config) {
  int64_t length = INT64_MAX;
  for (const model::RopeConfig& rope : config.decoder.ropes) {
    const bool by_length = rope.kind == model::RopeKind::kDynamic || rope.kind == model::RopeKind::kLongRope;
    if (by_length) length = std::min(length, rope.original_positions);
  }
  return length;
}

}  // namespace

Engine::Impl::Impl(std::unique_ptr<model::Decoder> owned_model, std::shared_ptr<const text::Tokenizer> owned_tokenizer,
                   std::vector<TokenId> ends, const EngineOptions& given, const Room& room)
    : options(given),
      model(std::move(owned_model)),
      tokenizer(std::move(owned_tokenizer)),
      end_ids(std::move(ends)),
      special_spellings(SpecialSpellings(*tokenizer)),
      batch(*model, room.pages, LimitsFor(options), options.max_sequences, environment) {
  environment.tokenizer = tokenizer;
  environment.end_ids = end_ids;
  environment.max_context = room.context;
  environment.clock = options.clock;
  environment.turned_beyond = TurnedBeyond(model->config());
  environment.speculation = options.speculation;
  info.architecture = model->config().architecture;
  info.name = model->config().name;
  info.compute = model->compute();
  info.parameters = model->parameters();
  info.max_context = static_cast<int32_t>(environment.max_context);
  info.vocab_size = static_cast<int32_t>(model->config().vocab_size);
  stats.max_sequences = options.max_sequences;
  stats.max_queued = options.max_queued;
  Publish();
}

Status Engine::Impl::CheckRequest(const Request& request, const Callbacks& callbacks) const {
  if (!callbacks.on_delta || !callbacks.on_done || !callbacks.on_error) return Invalid("a callback is missing");
  if (request.prompt.empty()) return Invalid("the prompt is empty: it needs at least one token");
  if (request.max_new_tokens < 1) {
    return Invalid("max_new_tokens is " + std::to_string(request.max_new_tokens) + ", it must be at least 1");
  }
  if (request.ignore_end && request.constraint) {
    return Invalid("ignore_end is set together with a constraint, which decides itself where the text ends");
  }
  TRY(CheckParams(request.sampling));
  for (TokenId id : request.prompt) {
    if (id < 0 || id >= info.vocab_size) {
      return Invalid("the prompt has token " + std::to_string(id) + ", the vocabulary ends at " +
                     std::to_string(info.vocab_size));
    }
  }
  if (static_cast<int64_t>(request.prompt.size()) >= environment.max_context) {
    const bool is_cut = environment.max_context < model->config().max_positions;
    return Error{Code::kOutOfRange,
                 "the prompt has " + std::to_string(request.prompt.size()) + " tokens, the context holds " +
                     std::to_string(environment.max_context) + " together with the answer: shorten it" +
                     (is_cut && options.device.memory_granted_bytes > 0 ? ", or grant the agent more memory" : "")};
  }
  return {};
}

Result<Handle> Engine::Impl::Enqueue(Request request, Callbacks callbacks) {
  TRY(CheckRequest(request, callbacks));
  Handle handle(cancels);
  Ticket ticket{std::move(request), std::move(callbacks), handle, options.clock->MonotonicNs(), 0};
  {
    const std::lock_guard lock(mutex);
    if (stopping) return Unavailable("the engine is shutting down");
    const size_t places = static_cast<size_t>(options.max_sequences) + static_cast<size_t>(options.max_queued);
    const size_t waiting = queue.size() + (is_picking ? 1 : 0);
    if (static_cast<size_t>(stats.active) + waiting >= places) {
      return Exhausted("the engine is full: " + std::to_string(stats.active) + " sequences run and " +
                           std::to_string(waiting) + " wait",
                       kRetryAfterMs);
    }
    ticket.arrival = ++arrivals;
    queue.Push(std::make_unique<Sequence>(std::move(ticket), environment));
  }
  work.notify_one();
  return handle;
}

void Engine::Impl::Stop() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
  }
  work.notify_one();
  if (thread.joinable()) thread.join();
}

void Engine::Impl::Loop() {
  device::UseThreads(options.threads);
  while (WaitForWork()) {
    TellEnded();
    Admit();
    const int64_t begin_ns = options.clock->MonotonicNs();
    const int64_t generated = batch.counts().generated_tokens;
    batch.Step();
    CountStep(begin_ns, batch.counts().generated_tokens - generated);
  }
  std::vector<std::unique_ptr<Sequence>> ended = batch.CancelAll();
  Publish();
  {
    const std::lock_guard lock(mutex);
    while (!queue.empty()) {
      ended.push_back(queue.Pop().sequence);
      ended.back()->Finish(FinishReason::kCancelled);
    }
  }
  for (auto& sequence : ended) sequence->Tell();
}

// False when it is time to stop.
bool Engine::Impl::WaitForWork() {
  std::unique_lock lock(mutex);
  if (batch.size() == 0 && queue.empty()) {
    stats.tokens_per_second = 0;
    window_ns = window_tokens = 0;
  }
  work.wait(lock, [this] { return stopping || !queue.empty() || batch.size() > 0; });
  return !stopping;
}

// Those that ended since the step before, in the batch or waiting. Their pages are free when they hear of it.
void Engine::Impl::TellEnded() {
  std::vector<std::unique_ptr<Sequence>> ended = batch.TakeEnded();
  {
    const std::lock_guard lock(mutex);
    for (auto& dead : queue.TakeDead(options.clock->MonotonicNs(), cancels->load())) {
      dead->CheckAlive();
      ended.push_back(std::move(dead));
    }
  }
  Publish();
  for (auto& sequence : ended) sequence->Tell();
}

void Engine::Impl::Admit() {
  auto preempted = batch.MakeRoom();
  if (!preempted.empty()) {
    const std::lock_guard lock(mutex);
    for (auto& sequence : preempted) queue.Push(std::move(sequence));
  }
  while (TryNext()) {
  }
  Publish();
}

// True where it makes sense to try another one.
bool Engine::Impl::TryNext() {
  Waiting next;
  {
    const std::lock_guard lock(mutex);
    if (queue.empty() || batch.size() >= options.max_sequences) return false;
    next = queue.Pop();
    is_picking = true;
  }
  // Without the lock: this may take long, and callers must not wait.
  next.sequence->Prepare();
  const bool is_over = next.sequence->done();
  const bool joined = !is_over && batch.Join(next.sequence);
  {
    const std::lock_guard lock(mutex);
    is_picking = false;
    stats.active = static_cast<int32_t>(batch.size());
    if (!is_over && !joined) queue.PutBack(std::move(next));
  }
  if (is_over) next.sequence->Tell();
  return is_over || joined;
}

void Engine::Impl::Publish() {
  const PagePool& pool = batch.pool();
  const BatchCounts& counts = batch.counts();
  const std::lock_guard lock(mutex);
  stats.active = static_cast<int32_t>(batch.size());
  stats.pages_total = pool.pages();
  stats.pages_free = pool.free();
  stats.pages_cached = pool.cached();
  stats.steps = counts.steps;
  stats.prompt_tokens = counts.prompt_tokens;
  stats.generated_tokens = counts.generated_tokens;
  stats.reused_tokens = counts.reused_tokens;
  stats.recomputed_tokens = counts.recomputed_tokens;
  stats.drafted_tokens = counts.drafted_tokens;
  stats.accepted_tokens = counts.accepted_tokens;
  stats.preemptions = counts.preemptions;
  stats.cut_short = counts.cut_short;
}

void Engine::Impl::CountStep(int64_t begin_ns, int64_t tokens) {
  window_ns += options.clock->MonotonicNs() - begin_ns;
  window_tokens += tokens;
  if (window_ns < 1'000'000'000) return;
  const std::lock_guard lock(mutex);
  stats.tokens_per_second = static_cast<double>(window_tokens) * 1e9 / static_cast<double>(window_ns);
  window_ns = window_tokens = 0;
}

}  // namespace troupe::engine
