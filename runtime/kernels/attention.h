// Keys and values in pages, and attention over them where they lie: nothing is put together first. A page holds 16
// tokens of all layers; which pages are a sequence's, and in which order, is a list that comes with each call (Kwon et
// al., 2023; arXiv:2309.06180). The layout suits the reader: a key's 16 tokens lie side by side, so that one register
// holds their scores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/base/error.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {

enum class KvFormat : uint8_t { kF32, kBf16 };

struct KvShape {
  int64_t layers = 0;
  int64_t kv_heads = 0;
  int64_t head_dim = 0;  // even
  KvFormat format = KvFormat::kF32;
};

// Different pages may be written, and any page that nobody writes be read, on several threads at once.
class KvPages {
 public:
  explicit KvPages(const KvShape& shape);
  ~KvPages();
  KvPages(const KvPages&) = delete;
  KvPages& operator=(const KvPages&) = delete;

  // Address space for `pages` pages; memory is taken as they are first written. Forgets what was there.
  // RESOURCE_EXHAUSTED where the machine refuses.
  Status Reserve(int64_t pages);
  int64_t pages() const { return pages_; }
  int64_t page_bytes() const { return page_bytes_; }
  void Copy(int32_t from, int32_t to);

  // Token `slot` of a page: keys and values of all kv heads, each [kv_heads, head_dim].
  void Write(int64_t layer, int32_t page, int64_t slot, const float* keys, const float* values);
  PagesView view(int64_t layer) const;
  const KvShape& shape() const { return shape_; }

 private:
  void Free();

  KvShape shape_;
  int64_t padded_dim_, value_bytes_, head_bytes_, layer_bytes_, page_bytes_;
  int64_t pages_ = 0;
  uint8_t* data_ = nullptr;
  size_t mapped_ = 0;
};

// Queries of a run of tokens of one sequence that share a kv head.
struct Queries {
  // Row r, head h of `heads`: query + r * query_stride + h * head_dim; its result: out + r * out_stride + h * head_dim.
  const float* query = nullptr;
  float* out = nullptr;
  int64_t query_stride = 0;
  int64_t out_stride = 0;
  int64_t rows = 1;
  int64_t heads = 1;
  int64_t kv_head = 0;
  int64_t first = 0;   // position of row 0; row r sees positions up to first + r
  int64_t last = -1;   // or, where this is set, up to this one
  int64_t window = 0;  // and no more than so many of them, itself included; 0: all
  float scale = 1;
  float softcap = 0;  // scores x become softcap * tanh(x / softcap); 0: as they are
  // Each row gets the very bits that it would get alone, so that no kernel is taken that pays only for many rows.
  bool as_alone = false;
};

// Floats that Attend needs to work in for sequences of up to `tokens` tokens.
int64_t AttendScratch(int64_t tokens);

// softmax(scale * q k) v. `page_ids` are the sequence's.
void Attend(const KvPages& pages, int64_t layer, std::span<const int32_t> page_ids, const Queries& queries,
            std::span<float> scratch);

}  // namespace troupe::kernels
