// A step without gRPC: what a kind is handed in tests, and what it made of it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agents/host/kind.h"

namespace troupe::host {

class FakeStep final : public Step {
 public:
  explicit FakeStep(Value input, std::string committed_text = "", int64_t max_tokens = 0)
      : input_(std::move(input)), committed_text_(std::move(committed_text)), max_tokens_(max_tokens) {}

  // The output, or the error; waits for it.
  Result<Value> Wait() {
    std::unique_lock lock(mutex_);
    const bool ended = changed_.wait_for(lock, std::chrono::seconds(60), [this] { return result_.has_value(); });
    return ended ? *result_ : Result<Value>(Error{Code::kDeadlineExceeded, "the kind never ended the step"});
  }
  void Cancel() {
    std::function<void()> stop;
    {
      std::lock_guard lock(mutex_);
      cancelled_ = true;
      stop = std::move(stop_);
    }
    if (stop) stop();
  }
  void WaitForText() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(60), [this] { return !text_.empty() || result_; });
  }
  std::string text() const { return Locked(text_); }
  int deltas() const { return Locked(deltas_); }
  Usage usage() const { return Locked(usage_); }
  // Called on the kind's thread, before a delta or the end is taken down: a test may hold the kind here.
  std::function<void()> on_delta, on_end;
  // What a peer says.
  std::function<Result<Value>(const std::string& peer, const Value& input)> peers;

  const Value& input() const override { return input_; }
  Value TakeInput() override { return std::exchange(input_, Value()); }
  const std::string& committed_text() const override { return committed_text_; }
  int64_t max_tokens() const override { return max_tokens_; }
  bool quiet() const override { return false; }
  void Delta(std::string text, int64_t) override {
    if (on_delta) on_delta();
    std::lock_guard lock(mutex_);
    text_ += text;
    ++deltas_;
    changed_.notify_all();
  }
  void Ask(const std::string& peer, const Value& input, std::function<void(Result<Value>)> answer) override {
    answer(peers(peer, input));
  }
  void Done(Value output, Usage usage) override { End(std::move(output), usage); }
  void Fail(Error error, Usage usage) override { End(std::move(error), usage); }
  bool cancelled() const override { return Locked(cancelled_); }
  void OnCancel(std::function<void()> stop) override {
    {
      std::lock_guard lock(mutex_);
      if (!cancelled_) {
        stop_ = std::move(stop);
        return;
      }
    }
    stop();
  }

 private:
  template <typename T>
  T Locked(const T& value) const {
    std::lock_guard lock(mutex_);
    return value;
  }
  void End(Result<Value> result, Usage usage) {
    if (on_end) on_end();
    std::lock_guard lock(mutex_);
    if (result_) return;
    result_ = std::move(result);
    usage_ = usage;
    changed_.notify_all();
  }

  Value input_;
  const std::string committed_text_;
  const int64_t max_tokens_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  int deltas_ = 0;
  bool cancelled_ = false;
  Usage usage_;
  std::optional<Result<Value>> result_;
  std::function<void()> stop_;
};

}  // namespace troupe::host
