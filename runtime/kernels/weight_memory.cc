#include "runtime/kernels/weight_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

#include "runtime/base/check.h"
#include "runtime/kernels/pack.h"

namespace troupe::kernels {
namespace {

constexpr int64_t kLine = 64;
constexpr int64_t kLargePage = int64_t{2} << 20;
// A matrix at least as large has memory of its own.
constexpr int64_t kSlab = 8 * kLargePage;

// Begins at a large page. What is not written takes no memory.
std::shared_ptr<uint8_t> Map(int64_t bytes) {
  const auto all = static_cast<size_t>(RoundUp(bytes, kLargePage) + kLargePage);
  void* mapped = mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  AdviseLargePages(mapped, all);
  const std::shared_ptr<void> owner(mapped, [all](void* memory) { munmap(memory, all); });
  const auto begin = RoundUp(reinterpret_cast<intptr_t>(mapped), kLargePage);
  return {owner, reinterpret_cast<uint8_t*>(begin)};
}

#if !defined(__SANITIZE_ADDRESS__)
class Slabs {
 public:
  std::shared_ptr<uint8_t> Take(int64_t bytes) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<uint8_t> slab = current_.lock();
    if (!slab || used_ + bytes > kSlab) {
      slab = Map(kSlab);
      current_ = slab;
      used_ = 0;
    }
    uint8_t* begin = slab.get() + used_;
    used_ += RoundUp(bytes, kLine);
    return {slab, begin};
  }

 private:
  std::mutex mutex_;
  std::weak_ptr<uint8_t> current_;  // the matrices in it keep it
  int64_t used_ = 0;
};
#endif

}  // namespace

void AdviseLargePages(void* memory, size_t bytes) { (void)madvise(memory, bytes, MADV_HUGEPAGE); }

std::shared_ptr<uint8_t> WeightMemory(int64_t bytes) {
  CHECK(bytes >= 1);
  if (bytes >= kSlab) return Map(bytes);
#if defined(__SANITIZE_ADDRESS__)
  // Each by itself, so that what is read beside it is found.
  constexpr std::align_val_t kAlignment{kLine};
  auto* memory = static_cast<uint8_t*>(::operator new(static_cast<size_t>(bytes), kAlignment));
  std::memset(memory, 0, static_cast<size_t>(bytes));
  return {memory, [](uint8_t* data) { ::operator delete(data, std::align_val_t{kLine}); }};
#else
  static Slabs slabs;
  return slabs.Take(bytes);
#endif
}

}  // namespace troupe::kernels
