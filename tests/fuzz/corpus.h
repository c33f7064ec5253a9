// The inputs that are worth changing: the target's own and those that went new ways. Shared by a run's children, each
// of which may die at any moment: an input is added whole or not at all. Bounded; a full one takes no more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/mutate.h"

namespace troupe::fuzz {

// Memory that a process shares with its children.
class SharedMemory {
 public:
  explicit SharedMemory(size_t bytes);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  char* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  char* data_ = nullptr;
  const size_t size_;
};

class Corpus {
 public:
  Corpus();
  void Add(std::string_view input);
  size_t size() const { return Head().count; }
  std::string At(size_t index) const;
  std::string Any(Random& random) const { return size() == 0 ? std::string() : At(random.Below(size())); }

 private:
  static constexpr size_t kMaxInputs = 20'000;
  static constexpr size_t kMaxBytes = 64u << 20;
  struct Header {
    size_t count;
    size_t ends[kMaxInputs];
  };
  Header& Head() const { return *reinterpret_cast<Header*>(memory_.data()); }
  char* Bytes() const { return memory_.data() + sizeof(Header); }

  SharedMemory memory_;
};

}  // namespace troupe::fuzz
