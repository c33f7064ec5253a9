#include "tests/bench/watchers/crowd.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <mutex>

#include "troupe/v1/task.grpc.pb.h"

namespace troupe::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kConnections = 16;
constexpr std::chrono::seconds kOpenLimit{120};
// An interval is cut into so many, in each of which a share of the readers reads.
constexpr int64_t kSlices = 100;

std::vector<std::unique_ptr<v1::TaskService::Stub>> Connect(const std::string& address, Windows windows) {
  std::vector<std::unique_ptr<v1::TaskService::Stub>> stubs;
  for (int i = 0; i < kConnections; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    if (windows == Windows::kFixed) {
      arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
      arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'536);
    }
    stubs.push_back(
        v1::TaskService::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
  }
  return stubs;
}

}  // namespace

// One operation at a time: to open, to read, or to learn how it ended.
struct Crowd::Watcher {
  enum class At { kOpening, kResting, kReading, kEnding, kOver };
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientAsyncReader<v1::WatchResponse>> reader;
  v1::WatchResponse response;
  grpc::Status status;
  At at = At::kOpening;
  // The number of the last record that it got.
  std::atomic<int64_t> last{0};
};

struct Crowd::Queue {
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<v1::TaskService::Stub>> stubs;
  std::mutex mutex;
  std::string first_end;
};

Crowd::Crowd() : queue_(std::make_unique<Queue>()) {}

void Crowd::SetPace(Pace pace) { pace_ = pace; }

Result<std::unique_ptr<Crowd>> Crowd::Gather(const std::string& address, const std::vector<Watched>& tasks,
                                             CrowdOptions options) {
  std::unique_ptr<Crowd> crowd(new Crowd());
  crowd->SetPace(options.pace);
  crowd->queue_->stubs = Connect(address, options.windows);
  for (int i = 0; i < options.watchers; ++i) {
    auto& watcher = *crowd->watchers_.emplace_back(std::make_unique<Watcher>());
    v1::WatchRequest request;
    const Watched& watched = tasks[static_cast<size_t>(i) % tasks.size()];
    request.set_task_id(watched.task_id);
    request.set_after_sequence(watched.after);
    watcher.last = watched.after;
    request.set_detail(v1::DETAIL_TEXT);
    auto& stub = *crowd->queue_->stubs[static_cast<size_t>(i) % kConnections];
    watcher.reader = stub.PrepareAsyncWatch(&watcher.context, request, &crowd->queue_->queue);
    watcher.reader->StartCall(&watcher);
  }
  crowd->thread_ = std::thread([self = crowd.get()] { self->Main(); });
  const auto limit = Steady::now() + kOpenLimit;
  while (crowd->open_ < options.watchers) {
    if (crowd->ended_ > 0) return Unavailable("a stream ended at once: " + crowd->first_end());
    if (Steady::now() > limit) return Unavailable("not all streams could be opened in time");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return crowd;
}

std::string Crowd::first_end() const {
  const std::lock_guard lock(queue_->mutex);
  return queue_->first_end;
}

int64_t Crowd::behind(const std::vector<Watched>& tasks) const {
  int64_t out = 0;
  for (size_t i = 0; i < watchers_.size(); ++i) out += watchers_[i]->last < tasks[i % tasks.size()].after ? 1 : 0;
  return out;
}

void Crowd::Main() {
  auto next_slice = Steady::now();
  void* tag = nullptr;
  bool ok = false;
  for (int64_t slice = 0;;) {
    const Pace pace = pace_;
    const auto wait = std::chrono::system_clock::now() + std::chrono::milliseconds(10);
    const auto got = queue_->queue.AsyncNext(&tag, &ok, wait);
    if (got == grpc::CompletionQueue::SHUTDOWN) return;
    if (got == grpc::CompletionQueue::GOT_EVENT) OnEvent(*static_cast<Watcher*>(tag), ok, pace);
    if (leaving_) {
      if (EndAll()) queue_->queue.Shutdown();
      continue;
    }
    for (; Steady::now() >= next_slice; ++slice) {
      next_slice += std::chrono::microseconds(pace.interval_ms == 0 ? 10'000 : pace.interval_ms * 1'000 / kSlices);
      StartReads(pace, slice);
    }
  }
}

void Crowd::OnEvent(Watcher& watcher, bool ok, Pace pace) {
  if (watcher.at == Watcher::At::kEnding) {
    watcher.at = Watcher::At::kOver;
    ++ended_;
    const std::lock_guard lock(queue_->mutex);
    if (queue_->first_end.empty()) queue_->first_end = "it ended: " + watcher.status.error_message();
  } else if (!ok) {
    watcher.at = Watcher::At::kEnding;
    watcher.reader->Finish(&watcher.status, &watcher);
  } else {
    if (watcher.at == Watcher::At::kOpening) {
      ++open_;
    } else {
      ++read_;
      const int64_t sequence = watcher.response.record().sequence();
      if (sequence != watcher.last + 1) ++misplaced_;
      watcher.last = sequence;
    }
    watcher.at = Watcher::At::kResting;
    if (pace.reader_each == 1 && pace.interval_ms == 0 && !leaving_) Read(watcher);
  }
}

// A queue takes nothing new once it is shut down, so every stream is ended first. True where all are.
bool Crowd::EndAll() {
  bool all = true;
  for (const auto& watcher : watchers_) {
    if (watcher->at == Watcher::At::kResting) {
      watcher->at = Watcher::At::kEnding;
      watcher->reader->Finish(&watcher->status, watcher.get());
    }
    all = all && watcher->at == Watcher::At::kOver;
  }
  return all;
}

void Crowd::Read(Watcher& watcher) {
  watcher.at = Watcher::At::kReading;
  watcher.reader->Read(&watcher.response, &watcher);
}

void Crowd::StartReads(Pace pace, int64_t slice) {
  if (pace.reader_each == 0) return;
  // without an interval all of them, whenever one is looked at
  const int64_t every = pace.interval_ms == 0 ? 1 : kSlices;
  const auto readers = static_cast<int64_t>(watchers_.size()) / pace.reader_each;
  for (int64_t reader = slice % every; reader < readers; reader += every) {
    Watcher& watcher = *watchers_[static_cast<size_t>(reader * pace.reader_each)];
    if (watcher.at == Watcher::At::kResting) Read(watcher);
  }
}

Crowd::~Crowd() {
  leaving_ = true;
  for (const auto& watcher : watchers_) watcher->context.TryCancel();
  if (thread_.joinable()) thread_.join();
}

}  // namespace troupe::bench
