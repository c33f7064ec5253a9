// Keeps stop strings out of a streamed text: what may be the beginning of one is held back until it is clear. One for
// each sequence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

class StopText {
 public:
  explicit StopText(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // The part of everything pushed so far that is safe to show now. `text` is valid UTF-8, and so is what comes out.
  std::string Push(std::string_view text);
  // The stop string that was found: text behind it is dropped. Empty while there is none.
  const std::string& found() const { return found_; }
  // At the end, without a stop string: what was held back.
  std::string Flush();

 private:
  std::vector<std::string> stops_;
  std::string held_;
  std::string found_;
};

}  // namespace troupe::engine
