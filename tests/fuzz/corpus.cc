#include "tests/fuzz/corpus.h"

#include <sys/mman.h>

#include <cstring>

#include "runtime/base/check.h"

namespace troupe::fuzz {

SharedMemory::SharedMemory(size_t bytes) : size_(bytes) {
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(mapped != MAP_FAILED);
  data_ = static_cast<char*>(mapped);
}

SharedMemory::~SharedMemory() { munmap(data_, size_); }

Corpus::Corpus() : memory_(sizeof(Header) + kMaxBytes) {}

void Corpus::Add(std::string_view input) {
  Header& head = Head();
  const size_t begin = head.count == 0 ? 0 : head.ends[head.count - 1];
  if (head.count == kMaxInputs || begin + input.size() > kMaxBytes) return;
  std::memcpy(Bytes() + begin, input.data(), input.size());
  head.ends[head.count] = begin + input.size();
  ++head.count;  // last: a child that dies before has added nothing
}

std::string Corpus::At(size_t index) const {
  const size_t begin = index == 0 ? 0 : Head().ends[index - 1];
  return {Bytes() + begin, Head().ends[index] - begin};
}

}  // namespace troupe::fuzz
