// Messages with known parts: queries of different intents of a labelled set, joined in three ways.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::bench {

// Queries by intent, in the order of the file, blanks within them made one space.
using Queries = std::map<std::string, std::vector<std::string>>;

// A CSV file with the columns text, category (RFC 4180 quoting, one header line).
Result<Queries> ReadQueries(const std::filesystem::path& file);

enum class Joining { kSentences, kConnector, kUnpunctuated };
inline constexpr int kJoinings = 3;
const char* JoiningName(Joining joining);

// A query within a message, bytes [begin, end).
struct Piece {
  size_t begin = 0;
  size_t end = 0;
  std::string intent;
};

struct Message {
  std::string text;
  Joining joining = Joining::kSentences;
  std::vector<Piece> pieces;
};

// `count` messages of 2 to 4 queries, the joinings in turn:
// kSentences "Where is my card. How do I top up", kConnector "Where is my card and also How do I top up", both without
// the queries' last punctuation; kUnpunctuated "where is my card how do i top up", lower case and without any.
std::vector<Message> MakeMessages(const Queries& queries, int count, uint64_t seed);

}  // namespace troupe::bench
