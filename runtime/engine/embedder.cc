#include "runtime/engine/embedder.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "runtime/base/clock.h"
#include "runtime/device/torch_device.h"
#include "runtime/engine/fit.h"
#include "runtime/model/load_encoder.h"
#include "runtime/model/model_files.h"
#include "runtime/model/truncate.h"

namespace troupe::engine {
namespace {

constexpr int64_t kRetryAfterMs = 200;

enum class Task : uint8_t { kEmbed, kClassify };

// One call, and what of its answer is there.
struct Call {
  Task task = Task::kEmbed;
  std::vector<std::vector<TokenId>> texts;
  Embedder::Callback callback;
  Handle handle;
  Rows rows;
  size_t left = 0;
};

struct Item {
  std::shared_ptr<Call> call;
  size_t index = 0;
  size_t tokens() const { return call->texts[index].size(); }
};

}  // namespace

struct Embedder::Impl {
  Result<Handle> Enqueue(Task task, std::vector<std::string> texts, Callback callback);
  Status Tokenize(const std::vector<std::string>& texts, Call& call) const;
  void Stop();
  void Loop();
  std::vector<Item> NextItems();
  void RunAll(std::vector<Item> items);
  void RunBatch(std::span<const Item> batch);
  static void Settle(Call& call, Result<Rows> rows);

  EmbedderOptions options;
  std::unique_ptr<model::Encoder> model;
  std::shared_ptr<const text::Tokenizer> tokenizer;
  model::Pooling pooling = model::Pooling::kMean;
  model::Normalize normalize = model::Normalize::kYes;
  size_t max_tokens = 0;
  ModelInfo info;

  mutable std::mutex mutex;  // guards what follows
  std::condition_variable work;
  std::deque<Item> queue;
  bool stopping = false;
  Stats stats;

  std::thread thread;
};

Status Embedder::Impl::Tokenize(const std::vector<std::string>& texts, Call& call) const {
  for (size_t i = 0; i < texts.size(); ++i) {
    auto ids = tokenizer->Encode(texts[i], text::Specials::kAdd);
    if (!ids) return Error{ids.error().code, "text " + std::to_string(i) + ": " + ids.error().message};
    if (ids->empty()) return Invalid("text " + std::to_string(i) + " gives no tokens");
    if (model::Truncate(*ids, max_tokens)) ++call.rows.truncated;
    call.rows.tokens += static_cast<int64_t>(ids->size());
    call.texts.push_back(std::move(*ids));
  }
  return {};
}

Result<Handle> Embedder::Impl::Enqueue(Task task, std::vector<std::string> texts, Callback callback) {
  if (!callback) return Invalid("the callback is missing");
  if (texts.empty()) return Invalid("there is no text to work on");
  const auto refuse = [&](size_t waiting) {
    return Exhausted("the queue is full: " + std::to_string(waiting) + " texts wait, " + std::to_string(texts.size()) +
                         " more do not fit below " + std::to_string(options.max_queued),
                     kRetryAfterMs);
  };
  const auto is_full = [&] { return queue.size() + texts.size() > static_cast<size_t>(options.max_queued); };
  {
    // Looked at twice: a full queue must not cost the caller the work of tokenising.
    const std::lock_guard lock(mutex);
    if (is_full()) return refuse(queue.size());
  }
  auto call = std::make_shared<Call>();
  call->task = task;
  call->callback = std::move(callback);
  call->left = texts.size();
  call->rows.width = static_cast<int32_t>(task == Task::kEmbed ? model->config().hidden
                                                               : static_cast<int64_t>(model->config().labels.size()));
  call->rows.values.resize(texts.size() * static_cast<size_t>(call->rows.width));
  TRY(Tokenize(texts, *call));
  Handle handle = call->handle;
  {
    const std::lock_guard lock(mutex);
    if (stopping) return Unavailable("the embedder is shutting down");
    if (is_full()) return refuse(queue.size());
    for (size_t i = 0; i < texts.size(); ++i) queue.push_back({call, i});
  }
  work.notify_one();
  return handle;
}

void Embedder::Impl::Stop() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
  }
  work.notify_one();
  if (thread.joinable()) thread.join();
}

void Embedder::Impl::Loop() {
  device::UseThreads(options.threads);
  while (true) {
    std::vector<Item> items = NextItems();
    if (items.empty()) break;
    RunAll(std::move(items));
  }
  std::deque<Item> rest;
  {
    const std::lock_guard lock(mutex);
    rest.swap(queue);
  }
  for (Item& item : rest) Settle(*item.call, Cancelled("the embedder was stopped"));
}

// The next few batches' worth of texts; empty when it is time to stop.
std::vector<Item> Embedder::Impl::NextItems() {
  std::unique_lock lock(mutex);
  work.wait(lock, [this] { return stopping || !queue.empty(); });
  if (stopping) return {};
  const size_t count = std::min(queue.size(), static_cast<size_t>(options.max_batch) * 8);
  std::vector<Item> items(std::make_move_iterator(queue.begin()),
                          std::make_move_iterator(queue.begin() + static_cast<std::ptrdiff_t>(count)));
  queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
  return items;
}

void Embedder::Impl::RunAll(std::vector<Item> items) {
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return a.call->task != b.call->task ? a.call->task < b.call->task : a.tokens() < b.tokens();
  });
  size_t begin = 0;
  while (begin < items.size()) {
    // Sorted, so the last one in is the longest and says what padding makes of the others.
    size_t end = begin + 1;
    while (end < items.size() && end - begin < static_cast<size_t>(options.max_batch) &&
           items[end].call->task == items[begin].call->task &&
           (end - begin + 1) * items[end].tokens() <= static_cast<size_t>(options.max_batch_tokens)) {
      ++end;
    }
    RunBatch(std::span<const Item>(items).subspan(begin, end - begin));
    begin = end;
  }
}

void Embedder::Impl::RunBatch(std::span<const Item> batch) {
  std::vector<Item> live;
  std::vector<std::vector<TokenId>> texts;
  int64_t tokens = 0;
  for (const Item& item : batch) {
    if (item.call->handle.cancelled()) Settle(*item.call, Cancelled("the call was cancelled"));
    if (!item.call->callback) continue;
    tokens += static_cast<int64_t>(item.tokens());
    texts.push_back(item.call->texts[item.index]);
    live.push_back(item);
  }
  if (live.empty()) return;
  const int64_t begin_ns = SystemClock().MonotonicNs();
  auto rows =
      live.front().call->task == Task::kEmbed ? model->Embed(texts, pooling, normalize) : model->Classify(texts);
  const double token_ms =
      static_cast<double>(SystemClock().MonotonicNs() - begin_ns) / 1e6 / static_cast<double>(tokens);
  {
    const std::lock_guard lock(mutex);
    stats.texts += static_cast<int64_t>(live.size());
    stats.tokens += tokens;
  }
  const auto* values = rows ? static_cast<const float*>(rows->data_ptr()) : nullptr;
  for (const Item& item : live) {
    Call& call = *item.call;
    if (!rows) {
      Settle(call, rows.error());
      continue;
    }
    const auto width = static_cast<size_t>(call.rows.width);
    std::copy_n(values, width, call.rows.values.begin() + static_cast<std::ptrdiff_t>(item.index * width));
    values += width;
    call.rows.device_ms += token_ms * static_cast<double>(item.tokens());
    if (--call.left == 0) Settle(call, std::move(call.rows));
  }
}

// Answers once; a call without a callback was answered before.
void Embedder::Impl::Settle(Call& call, Result<Rows> rows) {
  if (call.callback) std::exchange(call.callback, nullptr)(std::move(rows));
}

Embedder::Embedder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->Loop(); });
}

Embedder::~Embedder() { Stop(); }

void Embedder::Stop() { impl_->Stop(); }

Result<std::unique_ptr<Embedder>> Embedder::Load(const std::filesystem::path& folder, const EmbedderOptions& options) {
  if (options.max_queued < 1 || options.max_batch < 1 || options.max_batch_tokens < 1 || options.max_tokens < 0 ||
      options.threads < 1) {
    return Invalid("embedder: max_queued, max_batch, max_batch_tokens and threads must be at least 1");
  }
  TRY_ASSIGN(model::ModelFiles files, model::LoadFolderOrGguf(folder));
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  const int64_t wanted = options.max_tokens == 0 ? files.max_tokens : options.max_tokens;
  // [CLS], a token and [SEP] are the least that makes sense.
  impl->max_tokens = static_cast<size_t>(std::clamp<int64_t>(wanted, 3, files.config.max_positions));
  TRY_ASSIGN(const int64_t batch_tokens, BatchThatFits(files.config, static_cast<int64_t>(impl->max_tokens),
                                                       options.max_batch_tokens, options.device));
  impl->options.max_batch_tokens = static_cast<int32_t>(batch_tokens);
  TRY_ASSIGN(const c10::Device torch_device, device::ToTorch(options.device));
  const model::WeightFormat format = FormatOf(options.compute).value_or(model::BestEncoderFormat(torch_device));
  TRY_ASSIGN(impl->model, model::LoadEncoder(files.config, *files.weights, {torch_device, format, options.threads}));
  impl->tokenizer = files.tokenizer;
  impl->pooling = files.pooling;
  impl->normalize = files.normalize;
  impl->info.name = folder.filename().string();
  TRY_ASSIGN(impl->info.digest, files.Digest());
  impl->info.architecture = files.config.architecture;
  impl->info.compute = impl->model->compute();
  impl->info.parameters = impl->model->parameters();
  impl->info.max_context = static_cast<int32_t>(impl->max_tokens);
  impl->info.vocab_size = static_cast<int32_t>(files.config.vocab_size);
  return std::unique_ptr<Embedder>(new Embedder(std::move(impl)));
}

Result<Handle> Embedder::Embed(std::vector<std::string> texts, Callback callback) {
  return impl_->Enqueue(Task::kEmbed, std::move(texts), std::move(callback));
}

Result<Handle> Embedder::Classify(std::vector<std::string> texts, Callback callback) {
  if (labels().empty()) {
    return FailedPrecondition("model \"" + info().name +
                              "\" has no classification head: use BertForSequenceClassification");
  }
  return impl_->Enqueue(Task::kClassify, std::move(texts), std::move(callback));
}

Embedder::Stats Embedder::GetStats() const {
  const std::lock_guard lock(impl_->mutex);
  Stats stats = impl_->stats;
  stats.queued = static_cast<int32_t>(impl_->queue.size());
  return stats;
}

int32_t Embedder::width() const { return static_cast<int32_t>(impl_->model->config().hidden); }
std::span<const std::string> Embedder::labels() const { return impl_->model->config().labels; }
double Embedder::score_temperature() const { return impl_->model->config().score_temperature; }
const ModelInfo& Embedder::info() const { return impl_->info; }
std::shared_ptr<const text::Tokenizer> Embedder::tokenizer() const { return impl_->tokenizer; }

}  // namespace troupe::engine
