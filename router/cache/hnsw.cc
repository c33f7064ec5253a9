#include "router/cache/hnsw.h"

// hnswlib's asserts are for its own debugging: its errors are exceptions.
#undef NDEBUG
#define NDEBUG
// Its prefetches read one neighbour behind the last of a list: three bytes past the block, where every allocator has
// them, and what is read is only prefetched. AddressSanitizer has not.
#ifdef __SANITIZE_ADDRESS__
#define NO_MANUAL_VECTORIZATION
#endif
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <new>

#include "router/cache/coded_vector.h"

namespace troupe::cache {
namespace {

// Distances of coded vectors, as hnswlib wants to be told of them.
class CodedSpace final : public hnswlib::SpaceInterface<float> {
 public:
  explicit CodedSpace(int width) : width_(static_cast<size_t>(width)) {}
  size_t get_data_size() override { return CodedBytes(width_); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return &Distance; }
  void* get_dist_func_param() override { return &width_; }

 private:
  static float Distance(const void* left, const void* right, const void* width) {
    return 1.0f - CodedProduct(static_cast<const char*>(left), static_cast<const char*>(right),
                               *static_cast<const size_t*>(width));
  }
  size_t width_;
};

// hnswlib's exceptions as errors.
Status Guarded(const std::function<void()>& work) {
  try {
    work();
    return {};
  } catch (const std::bad_alloc&) {
    return Exhausted("no memory for the index of questions; lower the cache's maximum of entries");
  } catch (const std::exception& failure) {
    return Internal(std::string("the index of questions failed: ") + failure.what());
  }
}

}  // namespace

struct Hnsw::Impl {
  Impl(const HnswOptions& options, size_t capacity)
      : space(options.width),
        width(static_cast<size_t>(options.width)),
        graph(&space, capacity, static_cast<size_t>(options.links), static_cast<size_t>(options.build_effort)) {
    graph.setEf(static_cast<size_t>(options.search_effort));
  }
  CodedSpace space;
  size_t width;
  hnswlib::HierarchicalNSW<float> graph;
};

Hnsw::Hnsw(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Hnsw::~Hnsw() = default;

Result<std::unique_ptr<Hnsw>> Hnsw::Make(const HnswOptions& options, size_t capacity) {
  std::unique_ptr<Impl> impl;
  TRY(Guarded([&] { impl = std::make_unique<Impl>(options, capacity); }));
  return std::unique_ptr<Hnsw>(new Hnsw(std::move(impl)));
}

Status Hnsw::Set(size_t slot, std::span<const float> vector) {
  const std::vector<char> coded = Coded(vector);
  return Guarded([&] {
    auto& graph = impl_->graph;
    // hnswlib's failed growth is no state to go on from, so it grows seldom
    if (slot >= graph.max_elements_) graph.resizeIndex(std::max(slot + 1, graph.max_elements_ * 2));
    graph.addPoint(coded.data(), slot);
  });
}

Status Hnsw::Remove(size_t slot) {
  return Guarded([&] { impl_->graph.markDelete(slot); });
}

Result<std::vector<size_t>> Hnsw::Near(std::span<const float> vector, size_t count) const {
  const std::vector<char> coded = Coded(vector);
  std::vector<size_t> slots;
  TRY(Guarded([&] {
    auto found = impl_->graph.searchKnn(coded.data(), count);
    for (; !found.empty(); found.pop()) slots.push_back(found.top().second);
  }));
  return slots;
}

}  // namespace troupe::cache
