// The parts of HTTP that say which form of a file a client wants, and whether it has it already (RFC 9110, 12.5.3, 13
// and 14). Pure; headers come from strangers, and what is not understood is as if it were not there.
#pragma once

#include <cstddef>
#include <string_view>

namespace troupe::content::http {

enum class Encoding { kIdentity, kGzip, kBrotli };

struct Encodings {
  bool gzip = false;
  bool brotli = false;
};

// The best of those there are that the client takes: brotli before gzip where it likes both alike.
Encoding ChooseEncoding(std::string_view accept_encoding, Encodings there);

// True where If-None-Match names the tag (compared weakly) or is "*".
bool NamesTag(std::string_view if_none_match, std::string_view tag);

struct ByteRange {
  size_t first = 0;
  size_t size = 0;
};

enum class RangeState { kWhole, kPart, kUnsatisfiable };

struct RangeWish {
  RangeState state = RangeState::kWhole;
  ByteRange range;
};

// One range of `size` bytes; several at once are answered with the whole, as the standard allows.
RangeWish ReadRange(std::string_view range, size_t size);

}  // namespace troupe::content::http
