// Decoders that generate text: Llama (Touvron et al., 2023; arXiv:2307.09288 for grouped queries) and its relatives.
// RMSNorm before each part, rotary positions, grouped queries, a gated feed-forward; what a family does otherwise is an
// option of DecoderConfig. What sequences remember lies in pages of one store, which any number of sequences may share:
// who holds which page is the caller's to know (runtime/engine/page_pool.h).
//
// Three implementations: AtenDecoder (aten_decoder.h) runs on whatever device libtorch knows, GraphDecoder
// (graph_decoder.h) does the same with recorded steps where the device can record, CpuDecoder (cpu_decoder.h) works on
// the CPU with kernels of our own. Owned by the engine, used on its model thread only.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "runtime/base/error.h"
#include "runtime/model/config.h"

namespace troupe::model {

// Tokens in a page of keys and values.
constexpr int64_t kPageTokens = 16;

using PageId = int32_t;

// Pages that hold `tokens`.
constexpr int64_t PagesFor(int64_t tokens) { return (tokens + kPageTokens - 1) / kPageTokens; }

// Which positions of a slice give logits.
enum class Logits : uint8_t { kNone, kLast, kAll };

// A run of new tokens of one sequence.
struct Slice {
  std::span<const int32_t> tokens;
  // The sequence's pages in order, enough for length + tokens. Pages that hold new tokens are this slice's alone; those
  // before them may be in other sequences' lists as well, and are only read.
  std::span<const PageId> pages;
  // Tokens of the sequence that are in the pages already.
  int64_t length = 0;
  Logits logits = Logits::kLast;
  // Tokens of the sequence that are known already and come in later steps: the rest of a prompt that is run in pieces.
  // Where positions are turned by the sequence's length (kDynamic, kLongRope), all its pieces are turned alike then.
  int64_t ahead = 0;
};

// Rows of logits that a slice gives: those of its last tokens.
constexpr int64_t LogitRows(const Slice& slice) {
  if (slice.logits == Logits::kAll) return static_cast<int64_t>(slice.tokens.size());
  return slice.logits == Logits::kLast ? 1 : 0;
}

class Decoder {
 public:
  virtual ~Decoder() = default;

  // Memory for `pages` pages, ids 0 to pages - 1; forgets what was in them before. Once before the first Forward.
  // RESOURCE_EXHAUSTED where there is not so much.
  virtual Status ReservePages(int64_t pages) = 0;
  virtual int64_t page_bytes() const = 0;
  // All that page `from` holds, in all layers.
  virtual void CopyPage(PageId from, PageId to) = 0;

  // One step over several sequences: the linear layers run once over all their tokens. Gives float32 logits
  // [rows, vocab], a row for each position asked for, slice by slice, valid (and the caller's to change) until the next
  // call. The keys and values of the new tokens are in their pages then. Where positions are turned by the sequence's
  // length, a token keeps the turn of the length that it was computed at, as in transformers.
  // Errors: INVALID_ARGUMENT for a token outside the vocabulary or pages that do not suffice, OUT_OF_RANGE past
  // max_positions, RESOURCE_EXHAUSTED where memory ran out, INTERNAL for what else libtorch throws. What the pages hold
  // behind each slice's length is undefined after one.
  virtual Result<std::span<float>> Forward(std::span<const Slice> slices) = 0;

  virtual const ModelConfig& config() const = 0;
  // How it computes, for people: "fp32", "bf16", "int4".
  virtual std::string compute() const = 0;
  virtual int64_t parameters() const = 0;
  virtual int64_t weight_bytes() const = 0;
};

// What every implementation checks first.
Status CheckSlices(std::span<const Slice> slices, const ModelConfig& config, int64_t pages);

}  // namespace troupe::model
