// Turns tokens into text as they are generated. A character may be spread over several tokens (an emoji often is): its
// bytes are held back until it is whole, so what comes out is valid UTF-8 at any time, and the pieces put together are
// the whole text. One for each sequence; not shared between threads.
#pragma once

#include <memory>
#include <string>

#include "runtime/text/tokenizer.h"

namespace troupe::text {

class StreamDecoder {
 public:
  explicit StreamDecoder(std::shared_ptr<const Tokenizer> tokenizer);

  // The text that `id` completes, often empty. Special tokens and unknown ids add nothing. Bytes that cannot become a
  // character come out as U+FFFD at once.
  std::string Push(TokenId id);

  // At the end: what was held back, as U+FFFD. Afterwards the decoder is as new.
  std::string Flush();

  // Bytes held back, at most 3.
  size_t pending() const { return pending_.size(); }

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::string pending_;
  bool first_ = true;
};

}  // namespace troupe::text
