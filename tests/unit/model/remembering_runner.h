// A GraphRunner without a device: it remembers the work in place of recording it, and does it again.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "runtime/model/graph_runner.h"

namespace troupe::model {

// What a test wants to know of a runner that it gave away, and may ask of it.
struct RunnerLog {
  int captures = 0;
  int replays = 0;
  int alive = 0;                // graphs
  int fails_from_capture = -1;  // captures from this one on throw; below 0: none
};

class RememberingRunner final : public GraphRunner {
 public:
  explicit RememberingRunner(std::shared_ptr<RunnerLog> log = std::make_shared<RunnerLog>()) : log_(std::move(log)) {}

  std::unique_ptr<Graph> Capture(const std::function<void()>& work) override {
    const int index = log_->captures++;
    if (log_->fails_from_capture >= 0 && index >= log_->fails_from_capture) throw std::runtime_error("out of graphs");
    work();  // to warm up
    return std::make_unique<Remembered>(work, log_);
  }
  std::string name() const override { return "remembered steps"; }

 private:
  class Remembered final : public Graph {
   public:
    Remembered(std::function<void()> work, std::shared_ptr<RunnerLog> log)
        : work_(std::move(work)), log_(std::move(log)) {
      ++log_->alive;
    }
    ~Remembered() override { --log_->alive; }
    void Replay() override {
      ++log_->replays;
      work_();
    }

   private:
    std::function<void()> work_;
    std::shared_ptr<RunnerLog> log_;
  };

  std::shared_ptr<RunnerLog> log_;
};

}  // namespace troupe::model
