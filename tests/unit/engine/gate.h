// Holds the model thread inside a callback until a test lets it go.
#pragma once

#include <functional>
#include <future>
#include <utility>

namespace troupe::engine {

class Gate {
 public:
  // What the callback is to call: holds the first time, passes after that.
  std::function<void()> Hold() {
    return [this] {
      if (std::exchange(passed_, true)) return;
      entered_.set_value();
      open_.get_future().wait();
    };
  }
  void WaitUntilHeld() { entered_.get_future().wait(); }
  void Open() { open_.set_value(); }

 private:
  bool passed_ = false;
  std::promise<void> entered_, open_;
};

}  // namespace troupe::engine
