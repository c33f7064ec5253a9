#include "router/cache/coded_vector.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace troupe::cache {
namespace {

// Plain loops, compiled once for every CPU and once for those with wide registers.
__attribute__((always_inline)) inline int32_t SumOfCodes(const int8_t* left, const int8_t* right, size_t width) {
  int32_t sum = 0;
  for (size_t i = 0; i < width; ++i) sum += static_cast<int32_t>(left[i]) * static_cast<int32_t>(right[i]);
  return sum;
}

int32_t SumPortable(const int8_t* left, const int8_t* right, size_t width) { return SumOfCodes(left, right, width); }

#ifdef __x86_64__
__attribute__((target("avx2"))) int32_t SumAvx2(const int8_t* left, const int8_t* right, size_t width) {
  return SumOfCodes(left, right, width);
}
__attribute__((target("avx512f,avx512bw,avx512vl"))) int32_t SumAvx512(const int8_t* left, const int8_t* right,
                                                                       size_t width) {
  return SumOfCodes(left, right, width);
}
#endif

using Sum = int32_t (*)(const int8_t*, const int8_t*, size_t);

Sum BestSum() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) return &SumAvx512;
  if (__builtin_cpu_supports("avx2")) return &SumAvx2;
#endif
  return &SumPortable;
}

float ScaleOf(const char* coded, size_t width) {
  float scale = 0.0f;
  std::memcpy(&scale, coded + width, sizeof(scale));
  return scale;
}

}  // namespace

size_t CodedBytes(size_t width) { return width + sizeof(float); }

std::vector<char> Coded(std::span<const float> vector) {
  constexpr float kMost = 127.0f;
  float largest = 0.0f;
  for (const float value : vector) largest = std::max(largest, std::abs(value));
  const float scale = largest / kMost;
  std::vector<char> coded(CodedBytes(vector.size()));
  for (size_t i = 0; i < vector.size() && scale > 0.0f; ++i) {
    coded[i] = static_cast<char>(static_cast<int8_t>(std::lround(vector[i] / scale)));
  }
  std::memcpy(coded.data() + vector.size(), &scale, sizeof(scale));
  return coded;
}

std::vector<float> Decoded(std::span<const char> coded) {
  if (coded.size() <= sizeof(float)) return {};
  const size_t width = coded.size() - sizeof(float);
  const float scale = ScaleOf(coded.data(), width);
  if (!std::isfinite(scale)) return {};
  std::vector<float> vector(width);
  for (size_t i = 0; i < width; ++i) vector[i] = static_cast<float>(static_cast<int8_t>(coded[i])) * scale;
  return vector;
}

float CodedProduct(const char* left, const char* right, size_t width) {
  static const Sum kSum = BestSum();
  const auto* a = reinterpret_cast<const int8_t*>(left);
  const auto* b = reinterpret_cast<const int8_t*>(right);
  return static_cast<float>(kSum(a, b, width)) * ScaleOf(left, width) * ScaleOf(right, width);
}

double Product(std::span<const float> left, std::span<const float> right) {
  double sum = 0.0;
  for (size_t i = 0; i < left.size(); ++i) sum += static_cast<double>(left[i]) * static_cast<double>(right[i]);
  return sum;
}

}  // namespace troupe::cache
