#include "runtime/kernels/weight_memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

namespace troupe::kernels {
namespace {

TEST(WeightMemoryTest, EveryPieceBeginsAtALineIsZeroAndItsOwn) {
  std::mt19937 random(1);
  struct Piece {
    std::shared_ptr<uint8_t> memory;
    int64_t bytes = 0;
    uint8_t mark = 0;
  };
  std::vector<Piece> pieces;
  for (int i = 0; i < 300; ++i) {
    // some go, so that slabs do
    if (random() % 3 == 0 && !pieces.empty()) pieces.erase(pieces.begin() + random() % pieces.size());
    const int64_t bytes = 1 + static_cast<int64_t>(random()) % (i % 50 == 0 ? 40'000'000 : 700'000);
    pieces.push_back({WeightMemory(bytes), bytes, static_cast<uint8_t>(1 + i % 255)});
    uint8_t* data = pieces.back().memory.get();
    ASSERT_EQ(reinterpret_cast<uintptr_t>(data) % 64, 0u);
    // a large one has large pages of its own
    if (bytes >= 16 << 20) {
      ASSERT_EQ(reinterpret_cast<uintptr_t>(data) % (2 << 20), 0u);
    }
    ASSERT_TRUE(std::all_of(data, data + bytes, [](uint8_t byte) { return byte == 0; })) << i;
    std::fill(data, data + bytes, pieces.back().mark);
  }
  for (const Piece& piece : pieces) {
    const uint8_t* data = piece.memory.get();
    EXPECT_TRUE(std::all_of(data, data + piece.bytes, [&](uint8_t byte) { return byte == piece.mark; }));
  }
}

TEST(WeightMemoryTest, ThreadsTakePiecesAtTheSameTime) {
  std::vector<std::jthread> threads;
  std::vector<std::vector<std::shared_ptr<uint8_t>>> pieces(4);
  for (size_t t = 0; t < pieces.size(); ++t) {
    threads.emplace_back([&pieces, t] {
      for (int i = 0; i < 200; ++i) {
        pieces[t].push_back(WeightMemory(5'000));
        std::fill_n(pieces[t].back().get(), 5'000, static_cast<uint8_t>(t + 1));
      }
    });
  }
  threads.clear();
  for (size_t t = 0; t < pieces.size(); ++t) {
    for (const auto& piece : pieces[t]) {
      EXPECT_TRUE(std::all_of(piece.get(), piece.get() + 5'000, [&](uint8_t byte) { return byte == t + 1; }));
    }
  }
}

// Of the process, in bytes.
int64_t AddressSpace() {
  std::ifstream file("/proc/self/statm");
  int64_t pages = 0;
  EXPECT_TRUE(file >> pages);
  return pages * sysconf(_SC_PAGESIZE);
}

TEST(WeightMemoryTest, SmallPiecesShareMemoryAndWhatNobodyHoldsIsGivenBack) {
  const int64_t before = AddressSpace();
  // when: 16 MB in small pieces, then 4 GB one after the other
  std::vector<std::shared_ptr<uint8_t>> pieces;
  for (int i = 0; i < 256; ++i) pieces.push_back(WeightMemory(64 << 10));
  for (int i = 0; i < 64; ++i) WeightMemory(64 << 20);
  // then
  EXPECT_LT(AddressSpace() - before, 512 << 20);
}

}  // namespace
}  // namespace troupe::kernels
