// Memory that grows and begins at a cache line, for what kernels read and write again and again. What is in it is lost
// when it grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>

namespace troupe::kernels {

template <class T>
class Buffer {
  static_assert(std::is_trivial_v<T>);

 public:
  // Room for `size` values at least. Throws std::bad_alloc.
  void GrowTo(int64_t size) {
    if (size <= size_) return;
    data_.reset();
    size_ = 0;
    data_.reset(static_cast<T*>(::operator new(static_cast<size_t>(size) * sizeof(T), kAlignment)));
    size_ = size;
  }
  T* data() const { return data_.get(); }
  int64_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(T* data) const { ::operator delete(data, kAlignment); }
  };
  std::unique_ptr<T, Free> data_;
  int64_t size_ = 0;
};

}  // namespace troupe::kernels
