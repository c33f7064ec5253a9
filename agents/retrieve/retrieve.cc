#include "agents/retrieve/retrieve.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "agents/embed/load.h"
#include "agents/retrieve/index.h"
#include "runtime/base/clock.h"

namespace troupe::retrieve {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kRefreshNs = 1'000'000'000;

fs::path CacheFolder(const host::Spec& spec) {
  if (const Value given = spec.config.value("cache", Value()); given.is_string())
    return spec.base_path / given.get<std::string>();
  if (const char* cache = std::getenv("TROUPE_CACHE"); cache != nullptr && *cache != '\0')
    return fs::path(cache) / "indexes";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return fs::path(home) / ".cache/troupe/indexes";
  return {};
}

// Splits into batches, so that a large folder does not overflow the embedder's queue.
EmbedTexts EmbedWith(engine::Embedder& embedder) {
  return [&embedder](std::vector<std::string> texts) -> Result<std::vector<std::vector<float>>> {
    constexpr size_t kBatch = 256;
    std::vector<std::vector<float>> vectors;
    for (size_t at = 0; at < texts.size(); at += kBatch) {
      const auto begin = texts.begin() + static_cast<std::ptrdiff_t>(at);
      const auto end = texts.begin() + static_cast<std::ptrdiff_t>(std::min(texts.size(), at + kBatch));
      TRY_ASSIGN(const engine::Rows rows, embed::EmbedNow(embedder, std::vector<std::string>(begin, end)));
      for (int32_t i = 0; i < rows.size(); ++i) vectors.emplace_back(rows.row(i).begin(), rows.row(i).end());
    }
    return vectors;
  };
}

// One thread looks after the index and answers: reading files must never hold up gRPC's threads.
class Retrieve final : public host::Kind {
 public:
  Retrieve(std::unique_ptr<engine::Embedder> embedder, Index index, const Value& config)
      : embedder_(std::move(embedder)),
        index_(std::move(index)),
        k_(config.at("k").get<size_t>()),
        min_score_(config.at("minScore").get<float>()),
        refreshed_ns_(SystemClock().MonotonicNs()),
        thread_([this] { Run(); }) {}
  ~Retrieve() override { Stop(); }

  host::Facts facts() const override {
    return {.model_digest = embedder_->info().digest, .slots = 8, .compute = embedder_->info().compute};
  }

  void Work(std::shared_ptr<host::Step> step) override {
    {
      const std::lock_guard lock(mutex_);
      if (!stopping_) {
        steps_.push_back(std::move(step));
        wake_.notify_one();
        return;
      }
    }
    step->Fail(Unavailable("the agent is stopping"), {});
  }

  void Stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    embedder_->Stop();
  }

 private:
  void Run() {
    for (;;) {
      std::shared_ptr<host::Step> step;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !steps_.empty(); });
        if (steps_.empty()) return;
        step = std::move(steps_.front());
        steps_.pop_front();
        if (stopping_) {
          lock.unlock();
          step->Fail(Cancelled("the agent is stopping"), {});
          continue;
        }
      }
      if (step->cancelled()) {
        step->Fail(Cancelled("cancelled before it began"), {});
        continue;
      }
      Answer(*step);
    }
  }

  void Answer(host::Step& step) {
    if (SystemClock().MonotonicNs() - refreshed_ns_ > kRefreshNs) {
      if (auto status = index_.Refresh(EmbedWith(*embedder_)); !status) return step.Fail(std::move(status).error(), {});
      refreshed_ns_ = SystemClock().MonotonicNs();
    }
    auto rows = embed::EmbedNow(*embedder_, {step.input().at("query").get<std::string>()});
    if (!rows) return step.Fail(std::move(rows).error(), {});
    const Value asked = step.input().value("k", Value());
    const size_t k = asked.is_number_integer() ? asked.get<size_t>() : k_;
    Value passages = Value::array();
    for (const Hit& hit : index_.Search(rows->row(0), k, min_score_)) {
      passages.push_back({{"text", hit.passage->text},
                          {"title", hit.passage->title},
                          {"source", hit.source},
                          {"line", hit.passage->line},
                          {"score", hit.score}});
    }
    step.Done({{"passages", std::move(passages)}}, embed::UsageOf(*rows));
  }

  std::unique_ptr<engine::Embedder> embedder_;
  Index index_;
  const size_t k_;
  const float min_score_;
  int64_t refreshed_ns_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<host::Step>> steps_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec) {
  TRY_ASSIGN(auto embedder, embed::LoadEmbedder(spec));
  IndexOptions options;
  options.chunk = {spec.config.at("chunkSize").get<int64_t>(), spec.config.at("chunkOverlap").get<int64_t>()};
  const fs::path folder = (spec.base_path / spec.config.at("documents").get<std::string>()).lexically_normal();
  Index index(folder, CacheFolder(spec), embedder->info().digest, options);
  auto ready = index.Refresh(EmbedWith(*embedder));
  if (!ready) return Error{ready.error().code, "agent \"" + spec.agent + "\": " + ready.error().message};
  return std::make_unique<Retrieve>(std::move(embedder), std::move(index), spec.config);
}

}  // namespace troupe::retrieve
