#include "runtime/kernels/attention.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "runtime/base/check.h"
#include "runtime/kernels/float16.h"
#include "runtime/kernels/pack.h"
#include "runtime/kernels/weight_memory.h"

namespace troupe::kernels {

namespace {

// An odd number of cache lines, so that the rows of a tile do not all fall into the same few sets of the cache.
int64_t ScratchStride(int64_t tokens) { return RoundUp(tokens, 2 * kPageLanes) + kPageLanes; }

}  // namespace

KvPages::KvPages(const KvShape& shape) : shape_(shape) {
  CHECK(shape.layers > 0 && shape.kv_heads > 0 && shape.head_dim > 0 && shape.head_dim % 2 == 0);
  const int64_t number_bytes = shape.format == KvFormat::kF32 ? 4 : 2;
  padded_dim_ = RoundUp(shape.head_dim, kLanes);
  value_bytes_ = shape.head_dim * kPageLanes * number_bytes;
  head_bytes_ = value_bytes_ + padded_dim_ * kPageLanes * number_bytes;
  layer_bytes_ = head_bytes_ * shape.kv_heads;
  page_bytes_ = layer_bytes_ * shape.layers;
}

KvPages::~KvPages() { Free(); }

void KvPages::Free() {
  if (data_ != nullptr) munmap(data_, mapped_);
  data_ = nullptr;
  pages_ = 0;
}

Status KvPages::Reserve(int64_t pages) {
  if (pages < 1) return Invalid(std::to_string(pages) + " pages of keys and values: there must be one at least");
  Free();
  // What is not written takes no memory, so the kernel would promise more than there is.
  const int64_t memory_bytes = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  if (pages > memory_bytes / page_bytes_) {
    return Exhausted("no memory for " + std::to_string(pages) + " pages of keys and values, " +
                     std::to_string(page_bytes_) + " bytes each: the machine has " + std::to_string(memory_bytes) +
                     " bytes");
  }
  mapped_ = static_cast<size_t>(pages) * static_cast<size_t>(page_bytes_);
  void* memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return Exhausted("no memory for " + std::to_string(pages) + " pages of keys and values (" +
                     std::to_string(mapped_) + " bytes): " + std::strerror(errno));
  }
  AdviseLargePages(memory, mapped_);
  data_ = static_cast<uint8_t*>(memory);
  pages_ = pages;
  return {};
}

void KvPages::Copy(int32_t from, int32_t to) {
  CHECK(from >= 0 && from < pages_ && to >= 0 && to < pages_ && from != to);
  std::memcpy(data_ + to * page_bytes_, data_ + from * page_bytes_, static_cast<size_t>(page_bytes_));
}

void KvPages::Write(int64_t layer, int32_t page, int64_t slot, const float* keys, const float* values) {
  uint8_t* head = data_ + page * page_bytes_ + layer * layer_bytes_;
  for (int64_t h = 0; h < shape_.kv_heads; ++h, head += head_bytes_) {
    const float* key = keys + h * shape_.head_dim;
    const float* value = values + h * shape_.head_dim;
    if (shape_.format == KvFormat::kF32) {
      auto* to = reinterpret_cast<float*>(head);
      for (int64_t d = 0; d < shape_.head_dim; ++d) to[d * kPageLanes + slot] = key[d];
      std::memcpy(head + value_bytes_ + slot * padded_dim_ * 4, value, static_cast<size_t>(shape_.head_dim) * 4);
    } else {
      auto* to = reinterpret_cast<uint16_t*>(head);
      for (int64_t d = 0; d < shape_.head_dim; ++d) to[(d / 2 * kPageLanes + slot) * 2 + d % 2] = FloatToBf16(key[d]);
      auto* row = reinterpret_cast<uint16_t*>(head + value_bytes_) + slot / 2 * padded_dim_ * 2 + slot % 2;
      for (int64_t d = 0; d < shape_.head_dim; ++d) row[d * 2] = FloatToBf16(value[d]);
    }
  }
}

PagesView KvPages::view(int64_t layer) const {
  return {data_ + layer * layer_bytes_, page_bytes_, head_bytes_, value_bytes_, shape_.head_dim, padded_dim_};
}

int64_t AttendScratch(int64_t tokens) { return kQueriesAtOnce * ScratchStride(tokens); }

void Attend(const KvPages& pages, int64_t layer, std::span<const int32_t> page_ids, const Queries& queries,
            std::span<float> scratch) {
  const int64_t tokens = queries.last < 0 ? queries.first + queries.rows : queries.last + 1;
  CHECK(static_cast<int64_t>(page_ids.size()) * kPageLanes >= tokens);
  CHECK(static_cast<int64_t>(scratch.size()) >= AttendScratch(tokens));
  const AttendTask task{pages.view(layer), page_ids.data(),      queries.kv_head,    queries.query,
                        queries.out,       queries.query_stride, queries.out_stride, queries.rows * queries.heads,
                        queries.heads,     queries.first,        queries.last,       queries.window,
                        queries.scale,     queries.softcap,      scratch.data(),     ScratchStride(tokens),
                        queries.as_alone};
  const Table& table = BestTable();
  (pages.shape().format == KvFormat::kF32 ? table.attend_f32 : table.attend_bf16)(task);
}

}  // namespace troupe::kernels
