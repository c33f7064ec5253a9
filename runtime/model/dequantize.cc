#include "runtime/model/dequantize.h"

#include <ATen/ops/empty.h>
#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <cstring>

#include "runtime/model/step_failure.h"

namespace troupe::model {
namespace {

float ReadHalf(const uint8_t* bytes) {
  uint16_t bits;
  std::memcpy(&bits, bytes, sizeof(bits));
  return static_cast<float>(c10::Half(bits, c10::Half::from_bits()));
}

template <typename T>
void Convert(const uint8_t* in, std::span<float> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, in + i * sizeof(T), sizeof(T));
    out[i] = static_cast<float>(value);
  }
}

// block_q8_0: d fp16, 32 signed bytes. x = d * q.
void BlockQ80(const uint8_t* block, float* out) {
  const float d = ReadHalf(block);
  for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(static_cast<int8_t>(block[2 + i]));
}

// block_q4_0: d fp16, 16 bytes of nibbles; low ones are values 0 to 15, high ones 16 to 31. x = d * (q - 8).
void BlockQ40(const uint8_t* block, float* out) {
  const float d = ReadHalf(block);
  for (int i = 0; i < 16; ++i) {
    out[i] = d * static_cast<float>((block[2 + i] & 15) - 8);
    out[i + 16] = d * static_cast<float>((block[2 + i] >> 4) - 8);
  }
}

// block_q4_1: d and m fp16, nibbles as above. x = d * q + m.
void BlockQ41(const uint8_t* block, float* out) {
  const float d = ReadHalf(block);
  const float m = ReadHalf(block + 2);
  for (int i = 0; i < 16; ++i) {
    out[i] = d * static_cast<float>(block[4 + i] & 15) + m;
    out[i + 16] = d * static_cast<float>(block[4 + i] >> 4) + m;
  }
}

// The fifth bits of a block's 32 values, bit i for value i.
uint32_t FifthBits(const uint8_t* bytes) {
  uint32_t bits;
  std::memcpy(&bits, bytes, sizeof(bits));
  return bits;
}

// block_q5_0: d fp16, 4 bytes of fifth bits, nibbles as in block_q4_0. x = d * (q - 16).
void BlockQ50(const uint8_t* block, float* out) {
  const float d = ReadHalf(block);
  const uint32_t fifth = FifthBits(block + 2);
  for (int i = 0; i < 16; ++i) {
    const uint32_t low = (block[6 + i] & 15u) | (fifth >> i & 1u) << 4;
    const uint32_t high = (block[6 + i] >> 4u) | (fifth >> (i + 16) & 1u) << 4;
    out[i] = d * static_cast<float>(static_cast<int>(low) - 16);
    out[i + 16] = d * static_cast<float>(static_cast<int>(high) - 16);
  }
}

// block_q5_1: d and m fp16, then as above. x = d * q + m.
void BlockQ51(const uint8_t* block, float* out) {
  const float d = ReadHalf(block);
  const float m = ReadHalf(block + 2);
  const uint32_t fifth = FifthBits(block + 4);
  for (int i = 0; i < 16; ++i) {
    const uint32_t low = (block[8 + i] & 15u) | (fifth >> i & 1u) << 4;
    const uint32_t high = (block[8 + i] >> 4u) | (fifth >> (i + 16) & 1u) << 4;
    out[i] = d * static_cast<float>(low) + m;
    out[i + 16] = d * static_cast<float>(high) + m;
  }
}

// The 6-bit scale and minimum of group j of 8, packed into 12 bytes: groups 0 to 3 in the low 6 bits of bytes j and
// j + 4, groups 4 to 7 in a nibble of byte j + 4 with their upper two bits on top of the bytes of group j - 4.
void ScaleMinK4(int j, const uint8_t* q, int& scale, int& minimum) {
  if (j < 4) {
    scale = q[j] & 63;
    minimum = q[j + 4] & 63;
  } else {
    scale = (q[j + 4] & 15) | ((q[j - 4] >> 6) << 4);
    minimum = (q[j + 4] >> 4) | ((q[j] >> 6) << 4);
  }
}

// block_q4_K: d and dmin fp16, 12 bytes of scales, 128 bytes of nibbles for 8 groups of 32.
// x = d * scale * q - dmin * minimum.
void BlockQ4K(const uint8_t* block, float* out) {
  const float d = ReadHalf(block);
  const float dmin = ReadHalf(block + 2);
  const uint8_t* scales = block + 4;
  const uint8_t* nibbles = block + 16;
  for (int pair = 0; pair < 4; ++pair, nibbles += 32) {
    for (int half = 0; half < 2; ++half) {
      int scale, minimum;
      ScaleMinK4(2 * pair + half, scales, scale, minimum);
      const float step = d * static_cast<float>(scale);
      const float base = dmin * static_cast<float>(minimum);
      for (int i = 0; i < 32; ++i) *out++ = step * static_cast<float>((nibbles[i] >> (4 * half)) & 15) - base;
    }
  }
}

// block_q5_K: as block_q4_K, with 32 bytes of fifth bits before the nibbles: bit j of byte i is for value i of group j.
void BlockQ5K(const uint8_t* block, float* out) {
  const float d = ReadHalf(block);
  const float dmin = ReadHalf(block + 2);
  const uint8_t* scales = block + 4;
  const uint8_t* fifth = block + 16;
  const uint8_t* nibbles = block + 48;
  for (int group = 0; group < 8; ++group) {
    int scale, minimum;
    ScaleMinK4(group, scales, scale, minimum);
    const float step = d * static_cast<float>(scale);
    const float base = dmin * static_cast<float>(minimum);
    const uint8_t* bytes = nibbles + 32 * (group / 2);
    for (int i = 0; i < 32; ++i) {
      const int q = ((bytes[i] >> (4 * (group % 2))) & 15) | ((fifth[i] >> group) & 1) << 4;
      *out++ = step * static_cast<float>(q) - base;
    }
  }
}

// block_q6_K: 128 bytes of low nibbles, 64 bytes of upper bit pairs, 16 signed scales, d fp16.
// x = d * scale * (q - 32), a scale for each 16 values.
void BlockQ6K(const uint8_t* block, float* out) {
  const float d = ReadHalf(block + 208);
  for (int half = 0; half < 2; ++half, out += 128) {
    const uint8_t* low = block + 64 * half;
    const uint8_t* high = block + 128 + 32 * half;
    const auto* scales = reinterpret_cast<const int8_t*>(block + 192 + 8 * half);
    for (int i = 0; i < 32; ++i) {
      for (int quarter = 0; quarter < 4; ++quarter) {
        const int nibble = (low[i + 32 * (quarter & 1)] >> (4 * (quarter >> 1))) & 15;
        const int q = (nibble | (((high[i] >> (2 * quarter)) & 3) << 4)) - 32;
        out[i + 32 * quarter] = d * static_cast<float>(scales[i / 16 + 2 * quarter]) * static_cast<float>(q);
      }
    }
  }
}

template <void (*Block)(const uint8_t*, float*)>
void Blocks(Format format, const uint8_t* in, std::span<float> out) {
  const BlockShape shape = BlockOf(format);
  for (size_t i = 0; i < out.size(); i += shape.values, in += shape.bytes) Block(in, out.data() + i);
}

}  // namespace

Status Dequantize(Format format, std::span<const std::byte> bytes, std::span<float> out) {
  const BlockShape shape = BlockOf(format);
  if (out.size() % shape.values != 0 || bytes.size() / shape.bytes != out.size() / shape.values ||
      bytes.size() % shape.bytes != 0) {
    return Invalid(std::to_string(bytes.size()) + " bytes of " + std::string(FormatName(format)) + " do not hold " +
                   std::to_string(out.size()) + " values");
  }
  const auto* in = reinterpret_cast<const uint8_t*>(bytes.data());
  switch (format) {
    case Format::kF32:
      std::memcpy(out.data(), in, bytes.size());
      break;
    case Format::kF16:
      Convert<c10::Half>(in, out);
      break;
    case Format::kBf16:
      Convert<c10::BFloat16>(in, out);
      break;
    case Format::kF64:
      Convert<double>(in, out);
      break;
    case Format::kQ80:
      Blocks<BlockQ80>(format, in, out);
      break;
    case Format::kQ40:
      Blocks<BlockQ40>(format, in, out);
      break;
    case Format::kQ41:
      Blocks<BlockQ41>(format, in, out);
      break;
    case Format::kQ50:
      Blocks<BlockQ50>(format, in, out);
      break;
    case Format::kQ51:
      Blocks<BlockQ51>(format, in, out);
      break;
    case Format::kQ5K:
      Blocks<BlockQ5K>(format, in, out);
      break;
    case Format::kQ4K:
      Blocks<BlockQ4K>(format, in, out);
      break;
    case Format::kQ6K:
      Blocks<BlockQ6K>(format, in, out);
      break;
    default:
      return Error{Code::kUnimplemented, std::string(FormatName(format)) + " is not a number format for weights"};
  }
  return {};
}

Result<at::Tensor> ToFloatTensor(const TensorView& view) {
  at::Tensor tensor;
  try {
    tensor = at::empty(view.shape, at::TensorOptions().dtype(at::kFloat));
  } catch (const std::exception& failure) {
    return Exhausted("no memory for tensor \"" + view.name + "\": " + FirstLine(failure));
  }
  const auto size = static_cast<size_t>(tensor.numel());
  if (auto status = Dequantize(view.format, view.bytes, {tensor.data_ptr<float>(), size}); !status) {
    return Error{status.error().code, "tensor \"" + view.name + "\": " + status.error().message};
  }
  return tensor;
}

}  // namespace troupe::model
