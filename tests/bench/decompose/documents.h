// How well windows are cut: documents of known sentences and paragraphs, cut by the product and, for comparison, every
// `size` characters.
#pragma once

#include <cstdint>

#include "runtime/base/value.h"
#include "tests/bench/decompose/messages.h"

namespace troupe::bench {

// Queries as sentences, a few to a paragraph, one document of about `characters`.
struct Document {
  std::string text;
  // Characters after which a sentence or a paragraph has ended, ascending.
  std::vector<int64_t> sentences;
  std::vector<int64_t> paragraphs;
};
Document MakeDocument(const Queries& queries, int64_t characters, uint64_t seed);

// Figures of windows of `size` characters with a tenth of overlap.
Value WindowFigures(const Document& document, int64_t size);

}  // namespace troupe::bench
