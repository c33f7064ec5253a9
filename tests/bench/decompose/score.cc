#include "tests/bench/decompose/score.h"

#include <algorithm>

namespace troupe::bench {
namespace {

bool IsRouted(const Piece& piece, const std::vector<decompose::Part>& parts) {
  size_t most = 0;
  const decompose::Part* holder = nullptr;
  for (const decompose::Part& part : parts) {
    const size_t begin = std::max(part.begin, piece.begin);
    const size_t end = std::min(part.end, piece.end);
    if (end > begin && end - begin > most) {
      most = end - begin;
      holder = &part;
    }
  }
  return holder != nullptr && 2 * most > piece.end - piece.begin && holder->skill == piece.intent;
}

}  // namespace

void Add(const Message& message, const std::vector<decompose::Part>& parts, Tally& tally) {
  ++tally.messages;
  tally.pieces += static_cast<int>(message.pieces.size());
  tally.parts += static_cast<int>(parts.size());
  tally.right_count += message.pieces.size() == parts.size() ? 1 : 0;
  tally.boundaries += static_cast<int>(message.pieces.size()) - 1;
  tally.cuts += std::max(0, static_cast<int>(parts.size()) - 1);
  for (size_t i = 0; i + 1 < message.pieces.size(); ++i) {
    const bool hit =
        std::any_of(parts.begin() + (parts.empty() ? 0 : 1), parts.end(), [&](const decompose::Part& part) {
          return part.begin >= message.pieces[i].end && part.begin <= message.pieces[i + 1].begin;
        });
    tally.hits += hit ? 1 : 0;
  }
  for (const Piece& piece : message.pieces) tally.routed += IsRouted(piece, parts) ? 1 : 0;
}

std::vector<decompose::Span> Sentences(const std::string& text) {
  std::vector<decompose::Span> sentences;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool stop = text[i] == '.' || text[i] == '?' || text[i] == '!';
    if (!stop || i + 1 >= text.size() || text[i + 1] != ' ') continue;
    sentences.push_back({begin, i + 2});
    begin = i + 2;
  }
  if (begin < text.size()) sentences.push_back({begin, text.size()});
  return sentences;
}

}  // namespace troupe::bench
