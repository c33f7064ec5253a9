#include "runtime/engine/engine.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "runtime/device/torch_device.h"
#include "runtime/engine/fit.h"
#include "runtime/engine/queue.h"
#include "runtime/engine/sequence.h"
#include "runtime/model/decoder.h"
#include "runtime/model/model_files.h"

namespace troupe::engine {
namespace {

// A sequence with no more than this many tokens to run is decoding: it always takes part in a step.
constexpr size_t kDecodeTokens = 16;
constexpr int64_t kRetryAfterMs = 500;

Status CheckOptions(const EngineOptions& options) {
  const auto check = [](int64_t value, int64_t low, int64_t high, const char* field) -> Status {
    if (value >= low && value <= high) return {};
    return Invalid(std::string("engine: ") + field + " is " + std::to_string(value) + ", allowed is " +
                   std::to_string(low) + " to " + std::to_string(high));
  };
  TRY(check(options.max_sequences, 1, 1024, "max_sequences"));
  TRY(check(options.max_queued, 0, 1 << 20, "max_queued"));
  TRY(check(options.max_context, 0, 1 << 24, "max_context"));
  TRY(check(options.prefill_chunk, 1, 1 << 16, "prefill_chunk"));
  TRY(check(options.threads, 1, 1024, "threads"));
  return {};
}

// bfloat16 halves the memory that each step reads.
c10::ScalarType DtypeOf(Compute compute, const device::Device& device) {
  const bool bf16 = compute == Compute::kBf16 || (compute == Compute::kAuto && device::HasFastBf16(device));
  return bf16 ? at::kBFloat16 : at::kFloat;
}

// The options with the context that fits into what the device's memory was granted for.
Result<EngineOptions> Fitted(const model::ModelConfig& config, c10::ScalarType dtype, EngineOptions options) {
  const int64_t wanted =
      options.max_context == 0 ? config.max_positions : std::min<int64_t>(options.max_context, config.max_positions);
  TRY_ASSIGN(const int64_t context, ContextThatFits(config, static_cast<int64_t>(c10::elementSize(dtype)),
                                                    options.max_sequences, wanted, options.device));
  if (context < wanted) options.max_context = static_cast<int32_t>(context);
  return options;
}

}  // namespace

struct Engine::Impl {
  Impl(std::unique_ptr<model::DecoderModel> owned_model, std::shared_ptr<const text::Tokenizer> owned_tokenizer,
       std::vector<TokenId> ends, const EngineOptions& given)
      : options(given), model(std::move(owned_model)), tokenizer(std::move(owned_tokenizer)), end_ids(std::move(ends)) {
    const int64_t positions = model->config().max_positions;
    environment.tokenizer = tokenizer;
    environment.end_ids = end_ids;
    environment.max_context = options.max_context == 0 ? positions : std::min<int64_t>(options.max_context, positions);
    environment.clock = options.clock;
    info.architecture = model->config().architecture;
    info.name = model->config().name;
    info.compute = model->placement().dtype == at::kFloat ? "fp32" : "bf16";
    info.parameters = model->parameters();
    info.max_context = static_cast<int32_t>(environment.max_context);
    info.vocab_size = static_cast<int32_t>(model->config().vocab_size);
  }

  Status CheckRequest(const Request& request, const Callbacks& callbacks) const;
  Result<Handle> Enqueue(Request request, Callbacks callbacks);
  void Stop();

  // On the model thread.
  void Loop();
  bool WaitForWork();
  void Admit();
  void Step();
  void RunSlices(const std::vector<Sequence*>& members, const std::vector<model::Slice>& slices);
  void CountStep(int64_t begin_ns, int64_t tokens);

  const EngineOptions options;
  const std::unique_ptr<model::DecoderModel> model;
  const std::shared_ptr<const text::Tokenizer> tokenizer;
  const std::vector<TokenId> end_ids;
  std::optional<text::ChatTemplate> chat_template;
  SequenceEnvironment environment;
  ModelInfo info;

  mutable std::mutex grammar_mutex;
  mutable std::shared_ptr<const text::GrammarEnv> grammar_env;

  mutable std::mutex mutex;  // guards what follows
  std::condition_variable work;
  Queue queue;
  uint64_t arrivals = 0;
  bool stopping = false;
  EngineStats stats;

  // Only the model thread's.
  std::vector<std::unique_ptr<Sequence>> active;
  int64_t window_ns = 0;
  int64_t window_tokens = 0;

  std::thread thread;
};

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
  Ticket ticket{std::move(request), std::move(callbacks), Handle(), options.clock->MonotonicNs(), 0};
  Handle handle = ticket.handle;
  {
    const std::lock_guard lock(mutex);
    if (stopping) return Unavailable("the engine is shutting down");
    const size_t places = static_cast<size_t>(options.max_sequences) + static_cast<size_t>(options.max_queued);
    if (static_cast<size_t>(stats.active) + queue.size() >= places) {
      return Exhausted("the engine is full: " + std::to_string(stats.active) + " sequences run and " +
                           std::to_string(queue.size()) + " wait",
                       kRetryAfterMs);
    }
    ticket.arrival = arrivals++;
    queue.Push(std::move(ticket));
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
    Admit();
    Step();
  }
  std::vector<Ticket> waiting;
  {
    const std::lock_guard lock(mutex);
    while (!queue.empty()) waiting.push_back(queue.Pop());
  }
  for (auto& sequence : active) sequence->Finish(FinishReason::kCancelled);
  for (Ticket& ticket : waiting) ticket.callbacks.on_done({FinishReason::kCancelled, "", {}});
  active.clear();
  const std::lock_guard lock(mutex);
  stats.active = 0;
}

// False when it is time to stop.
bool Engine::Impl::WaitForWork() {
  std::unique_lock lock(mutex);
  if (active.empty() && queue.empty()) {
    stats.tokens_per_second = 0;
    window_ns = window_tokens = 0;
  }
  work.wait(lock, [this] { return stopping || !queue.empty() || !active.empty(); });
  return !stopping;
}

void Engine::Impl::Admit() {
  std::vector<Ticket> dead, admitted;
  {
    const std::lock_guard lock(mutex);
    dead = queue.TakeDead(options.clock->MonotonicNs());
    while (!queue.empty() && active.size() + admitted.size() < static_cast<size_t>(options.max_sequences)) {
      admitted.push_back(queue.Pop());
    }
    stats.active = static_cast<int32_t>(active.size() + admitted.size());
  }
  for (Ticket& ticket : dead) {
    if (ticket.handle.cancelled()) {
      ticket.callbacks.on_done({FinishReason::kCancelled, "", {}});
    } else {
      ticket.callbacks.on_error({Code::kDeadlineExceeded, "the deadline passed while the request waited for its turn"});
    }
  }
  for (Ticket& ticket : admitted) {
    active.push_back(
        std::make_unique<Sequence>(std::move(ticket), model->NewCache(environment.max_context), environment));
    active.back()->Begin();
  }
}

// One forward pass: every sequence that decodes, and as much of the prompts as prefill_chunk lets in, oldest first.
void Engine::Impl::Step() {
  const int64_t begin_ns = options.clock->MonotonicNs();
  std::vector<Sequence*> members;
  std::vector<model::Slice> slices;
  auto budget = static_cast<size_t>(options.prefill_chunk);
  int64_t generated_before = 0;
  for (auto& sequence : active) {
    sequence->CheckAlive();
    if (sequence->done()) continue;
    const std::span<const TokenId> pending = sequence->Pending();
    const bool decodes = !sequence->IsPrefilling() && pending.size() <= kDecodeTokens;
    const size_t size = decodes ? pending.size() : std::min(pending.size(), budget);
    if (size == 0) continue;
    if (!decodes) budget -= size;
    if (auto status = sequence->cache()->Reserve(static_cast<int64_t>(size)); !status) {
      sequence->Fail(std::move(status).error());
      continue;
    }
    generated_before += sequence->usage().generated_tokens;
    members.push_back(sequence.get());
    slices.push_back({sequence->cache(), pending.first(size),
                      size == pending.size() ? model::Logits::kLast : model::Logits::kNone,
                      static_cast<int64_t>(pending.size() - size)});
  }
  int64_t prompt_tokens = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i]->IsPrefilling()) prompt_tokens += static_cast<int64_t>(slices[i].tokens.size());
  }
  if (!members.empty()) RunSlices(members, slices);
  int64_t generated = -generated_before;
  for (const Sequence* sequence : members) generated += sequence->usage().generated_tokens;
  std::erase_if(active, [](const auto& sequence) { return sequence->done(); });
  CountStep(begin_ns, generated);
  const std::lock_guard lock(mutex);
  stats.active = static_cast<int32_t>(active.size());
  stats.prompt_tokens += prompt_tokens;
  stats.generated_tokens += generated;
}

void Engine::Impl::RunSlices(const std::vector<Sequence*>& members, const std::vector<model::Slice>& slices) {
  auto logits = model->Forward(slices);
  if (!logits) {
    for (Sequence* sequence : members) sequence->Fail(logits.error());
    return;
  }
  const at::Tensor rows = logits->to(at::kCPU).contiguous();
  const auto width = static_cast<size_t>(info.vocab_size);
  auto* row = static_cast<float*>(rows.data_ptr());
  for (size_t i = 0; i < members.size(); ++i) {
    if (slices[i].logits != model::Logits::kLast) continue;
    members[i]->Advance({row, width});
    row += width;
  }
}

void Engine::Impl::CountStep(int64_t begin_ns, int64_t tokens) {
  window_ns += options.clock->MonotonicNs() - begin_ns;
  window_tokens += tokens;
  if (window_ns < 1'000'000'000) return;
  const std::lock_guard lock(mutex);
  stats.tokens_per_second = static_cast<double>(window_tokens) * 1e9 / static_cast<double>(window_ns);
  window_ns = window_tokens = 0;
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->Loop(); });
}

Engine::~Engine() { Stop(); }

void Engine::Stop() { impl_->Stop(); }

Result<std::unique_ptr<Engine>> Engine::Make(std::unique_ptr<model::DecoderModel> model,
                                             std::shared_ptr<const text::Tokenizer> tokenizer,
                                             std::vector<TokenId> end_ids, const EngineOptions& options) {
  TRY(CheckOptions(options));
  TRY_ASSIGN(const EngineOptions fitted, Fitted(model->config(), model->placement().dtype, options));
  return std::unique_ptr<Engine>(
      new Engine(std::make_unique<Impl>(std::move(model), std::move(tokenizer), std::move(end_ids), fitted)));
}

Result<std::unique_ptr<Engine>> Engine::Load(const std::filesystem::path& path, const EngineOptions& options) {
  TRY(CheckOptions(options));
  TRY_ASSIGN(const model::ModelFiles files, model::LoadFolderOrGguf(path));
  const c10::ScalarType dtype = DtypeOf(options.compute, options.device);
  TRY_ASSIGN(const EngineOptions fitted, Fitted(files.config, dtype, options));
  TRY_ASSIGN(const c10::Device torch_device, device::ToTorch(options.device));
  TRY_ASSIGN(std::unique_ptr<model::DecoderModel> model,
             model::DecoderModel::Load(files.config, *files.weights, {torch_device, dtype}));
  auto impl = std::make_unique<Impl>(std::move(model), files.tokenizer, files.end_ids, fitted);
  impl->info.name = path.filename().string();
  TRY_ASSIGN(impl->info.digest, files.Digest());
  if (!files.chat_template.empty()) {
    auto compiled = text::ChatTemplate::Compile(files.chat_template, files.bos, files.eos);
    if (!compiled) return Error{compiled.error().code, path.string() + ": chat template: " + compiled.error().message};
    impl->chat_template = std::move(*compiled);
  }
  return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

Result<Handle> Engine::Generate(Request request, Callbacks callbacks) {
  return impl_->Enqueue(std::move(request), std::move(callbacks));
}

EngineStats Engine::Stats() const {
  const std::lock_guard lock(impl_->mutex);
  EngineStats stats = impl_->stats;
  stats.queued = static_cast<int32_t>(impl_->queue.size());
  stats.max_sequences = impl_->options.max_sequences;
  stats.max_queued = impl_->options.max_queued;
  return stats;
}

const ModelInfo& Engine::info() const { return impl_->info; }
std::shared_ptr<const text::Tokenizer> Engine::tokenizer() const { return impl_->tokenizer; }
std::span<const TokenId> Engine::end_ids() const { return impl_->end_ids; }
const text::ChatTemplate* Engine::chat_template() const {
  return impl_->chat_template ? &*impl_->chat_template : nullptr;
}

Result<std::shared_ptr<const text::GrammarEnv>> Engine::grammar_env() const {
  const std::lock_guard lock(impl_->grammar_mutex);
  if (!impl_->grammar_env) {
    TRY_ASSIGN(impl_->grammar_env, text::GrammarEnv::Make(impl_->tokenizer, impl_->end_ids, impl_->info.vocab_size));
  }
  return impl_->grammar_env;
}

}  // namespace troupe::engine
