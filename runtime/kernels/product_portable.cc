// Products in plain loops, lane by lane as the vectors would: the same sums in the same order, up to fused rounding.
#include <cstring>

#include "runtime/kernels/float16.h"
#include "runtime/kernels/pack.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {
namespace {

float HalfAt(const uint8_t* at) {
  uint16_t half = 0;
  std::memcpy(&half, at, sizeof(half));
  return HalfToFloat(half);
}

void Write(const MatrixView& matrix, const OutputView& output, int64_t panel, int64_t row, const float* sums) {
  float* to = output.values + row * output.stride + (panel - output.first_panel) * kLanes;
  for (int64_t lane = 0; lane < kLanes && panel * kLanes + lane < matrix.rows; ++lane) {
    const float sum = sums[lane] + (output.bias == nullptr ? 0 : output.bias[panel * kLanes + lane]);
    to[lane] = output.add ? to[lane] + sum : sum;
  }
}

void ProductF32(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                const OutputView& output) {
  for (int64_t panel = first; panel < last; ++panel) {
    const auto* weights = reinterpret_cast<const float*>(matrix.data + panel * matrix.panel_bytes);
    for (int64_t row = 0; row < input.rows; ++row) {
      float sums[kLanes] = {};
      for (int64_t k = 0; k < matrix.columns; ++k) {
        const float x = input.values[row * matrix.columns + k];
        for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += weights[k * kLanes + lane] * x;
      }
      Write(matrix, output, panel, row, sums);
    }
  }
}

void ProductBf16(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                 const OutputView& output) {
  for (int64_t panel = first; panel < last; ++panel) {
    const auto* weights = reinterpret_cast<const uint16_t*>(matrix.data + panel * matrix.panel_bytes);
    for (int64_t row = 0; row < input.rows; ++row) {
      float sums[kLanes] = {};
      for (int64_t k = 0; k < matrix.columns; ++k) {
        const float x = input.values[row * matrix.columns + k];
        for (int64_t lane = 0; lane < kLanes; ++lane) {
          sums[lane] += Bf16ToFloat(weights[(k / 2 * kLanes + lane) * 2 + k % 2]) * x;
        }
      }
      Write(matrix, output, panel, row, sums);
    }
  }
}

template <int kBits>
int Code(const uint8_t* codes, int64_t k, int64_t lane) {
  if constexpr (kBits == 8) return codes[(k / 4 * kLanes + lane) * 4 + k % 4];
  return (codes[(k / 8 * kLanes + lane) * 4 + k % 4] >> (k % 8 < 4 ? 0 : 4)) & 15;
}

template <int kBits>
void ProductOnGrid(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                   const OutputView& output) {
  const int64_t blocks = matrix.columns / matrix.block;
  const int64_t scale_bytes = ScaleBytes(matrix.columns, matrix.group);
  for (int64_t panel = first; panel < last; ++panel) {
    const uint8_t* scales = matrix.data + panel * matrix.panel_bytes;
    const uint8_t* codes = scales + scale_bytes * (matrix.has_offsets ? 2 : 1);
    for (int64_t row = 0; row < input.rows; ++row) {
      float sums[kLanes] = {};
      float groups[kLanes] = {};
      for (int64_t b = 0; b < blocks; ++b) {
        const int64_t at = b * matrix.block / matrix.group * kLanes * 2;
        for (int64_t lane = 0; lane < kLanes; ++lane) {
          int32_t dot = matrix.has_offsets ? 0 : input.starts[row * blocks + b];
          for (int64_t k = b * matrix.block; k < (b + 1) * matrix.block; ++k) {
            const int64_t x = row * matrix.columns + k;
            dot += Code<kBits>(codes, k, lane) * (input.high[x] * (1 << ShiftOf(kBits)) + input.low[x]);
          }
          groups[lane] += static_cast<float>(dot) * input.scales[row * blocks + b];
          if (matrix.has_offsets) {
            sums[lane] += HalfAt(scales + scale_bytes + at + lane * 2) * input.sums[row * blocks + b];
          }
          if ((b + 1) * matrix.block % matrix.group == 0) {
            sums[lane] += HalfAt(scales + at + lane * 2) * groups[lane];
            groups[lane] = 0;
          }
        }
      }
      Write(matrix, output, panel, row, sums);
    }
  }
}

}  // namespace

// rows_portable.cc, attention_portable.cc
void RmsNormPortable(const float* x, const float* weight, int64_t n, float eps, float* out);
void RotatePortable(float* x, int64_t heads, int64_t dim, int64_t pairs, const float* cosines, const float* sines);
void LayerNormPortable(const float* x, const float* weight, const float* bias, int64_t n, float eps, float* out);
void SiluPortable(const float* x, const float* up, int64_t n, float* out);
void GeluPortable(const float* x, const float* up, int64_t n, float* out);
void GeluTanhPortable(const float* x, const float* up, int64_t n, float* out);
void QuantizePortable(const float* x, int64_t n, int64_t block, int shift, int32_t middle, int8_t* high, int8_t* low,
                      float* scales, float* sums, int32_t* starts);
int64_t FindHighestPortable(const float* x, int64_t n, float* highest);
void KeepAllowedPortable(float* x, int64_t n, const uint32_t* words, int64_t count);
void AttendF32Portable(const AttendTask& task);
void AttendBf16Portable(const AttendTask& task);

const Table kPortableTable = {
    ProductF32,       ProductBf16,    ProductOnGrid<8>,    ProductOnGrid<4>,   AttendF32Portable, AttendBf16Portable,
    RmsNormPortable,  RotatePortable, LayerNormPortable,   SiluPortable,       GeluPortable,      GeluTanhPortable,
    QuantizePortable, nullptr,        FindHighestPortable, KeepAllowedPortable};

}  // namespace troupe::kernels
