// Which of the kept entries goes when there is no room: W-TinyLFU (Einziger, Friedman and Manes, 2017). A newcomer
// enters a small window; who leaves that must be asked for more often than whom it would drive out of the main part, or
// goes itself. So a scan of entries that nobody asks for again drives out nothing that is asked for. The main part is a
// segmented LRU: who is asked for there is protected from newcomers.
//
// Counts bytes, knows keys and sizes only: the entries lie with its owner. Pure and deterministic; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "router/cache/sketch.h"

namespace troupe::cache {

struct TinyLfuOptions {
  size_t max_bytes = 64u << 20;
  // Entries that are expected to fit; for the sketch's size only.
  size_t expected_entries = 16'384;
  // Of all bytes, those of the window; of the main part's, those that are protected.
  double window = 0.01;
  double protected_share = 0.8;
};

class TinyLfu {
 public:
  explicit TinyLfu(const TinyLfuOptions& options);

  // A request for the key, whether it is there or not. True where it is.
  bool Touch(std::string_view key);
  // Takes the key in, or its new size. What must go, in order; the key itself where it does not fit or is not worth it.
  std::vector<std::string> Add(std::string_view key, size_t bytes);
  void Remove(std::string_view key);

  bool Contains(std::string_view key) const { return places_.contains(std::string(key)); }
  size_t bytes() const { return bytes_[0] + bytes_[1] + bytes_[2]; }
  size_t entries() const { return places_.size(); }

 private:
  enum Segment : uint8_t { kWindow, kProbation, kProtected };
  struct Item {
    std::string key;
    size_t bytes = 0;
    uint64_t hash = 0;
    Segment segment = kWindow;
  };
  using Items = std::list<Item>;

  void MoveTo(Segment segment, Items::iterator item);
  void Drop(Items::iterator item);
  void ShrinkProtected();
  void Admit(Items::iterator candidate, std::vector<std::string>& gone);

  const TinyLfuOptions options_;
  const size_t window_bytes_, main_bytes_, protected_bytes_;
  FrequencySketch sketch_;
  // The one asked for last at the front.
  std::array<Items, 3> items_;
  std::array<size_t, 3> bytes_{};
  std::unordered_map<std::string, Items::iterator> places_;
};

}  // namespace troupe::cache
