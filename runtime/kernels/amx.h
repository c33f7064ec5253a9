// AMX tiles: registers of up to 16 rows of 64 bytes, and instructions that multiply two of them. Only for files of
// their own; internal to them.
//
// Instructions are written out: gcc 12's intrinsics let the compiler move plain stores across them, and its
// _tile_loadconfig names 8 of the 64 bytes that it reads.
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, chapter 18.
#pragma once

#include <cstdint>

#define TILE_ZERO(tile) __asm__ volatile("tilezero %%tmm" #tile ::)
#define TILE_LOAD(tile, base, stride) \
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #tile ::"r"(base), "r"(static_cast<int64_t>(stride)) : "memory")
#define TILE_STORE(tile, base, stride) \
  __asm__ volatile("tilestored %%tmm" #tile ", (%0,%1,1)" ::"r"(base), "r"(static_cast<int64_t>(stride)) : "memory")
// sums += rows * columns: of signed bytes and unsigned ones, of signed ones, of bfloat16.
#define TILE_SIGNED_UNSIGNED(sums, rows, columns) \
  __asm__ volatile("tdpbsud %%tmm" #columns ", %%tmm" #rows ", %%tmm" #sums ::)
#define TILE_SIGNED(sums, rows, columns) __asm__ volatile("tdpbssd %%tmm" #columns ", %%tmm" #rows ", %%tmm" #sums ::)
#define TILE_BF16(sums, rows, columns) __asm__ volatile("tdpbf16ps %%tmm" #columns ", %%tmm" #rows ", %%tmm" #sums ::)
// Else they are saved and restored at every change of threads.
#define TILE_RELEASE() __asm__ volatile("tilerelease" ::)

namespace troupe::kernels {
namespace {

constexpr int64_t kTileRows = 16;
constexpr int64_t kTileRowBytes = 64;

// What LDTILECFG reads.
struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};

  void Shape(int tile, int64_t tile_rows, int64_t bytes) {
    rows[tile] = static_cast<uint8_t>(tile_rows);
    row_bytes[tile] = static_cast<uint16_t>(bytes);
  }
  void Load() const { __asm__ volatile("ldtilecfg %0" ::"m"(*this)); }
};

}  // namespace
}  // namespace troupe::kernels
