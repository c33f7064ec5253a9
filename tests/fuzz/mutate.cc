#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <cstring>

namespace troupe::fuzz {
namespace {

struct Run {
  size_t at = 0;
  size_t size = 0;
};

// Mostly short, now and then long.
Run SomeRun(const std::string& text, Random& random) {
  if (text.empty()) return {};
  const size_t at = random.Below(text.size());
  const size_t longest = random.OneIn(4) ? text.size() : 16;
  return {at, std::min(text.size() - at, 1 + random.Below(longest))};
}

Run SomeLine(const std::string& text, Random& random) {
  if (text.empty()) return {};
  const size_t inside = random.Below(text.size());
  const size_t before = inside == 0 ? text.npos : text.rfind('\n', inside - 1);
  const size_t begin = before == text.npos ? 0 : before + 1;
  const size_t end = text.find('\n', inside);
  return {begin, (end == text.npos ? text.size() : end + 1) - begin};
}

// A whole number as text becomes another one.
void ChangeDecimal(std::string& input, Random& random) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const size_t from = random.Below(input.size());
  const auto first = std::find_if(input.begin() + static_cast<ptrdiff_t>(from), input.end(), is_digit);
  const auto last = std::find_if_not(first, input.end(), is_digit);
  const std::string number = std::to_string(OddNumber(random));
  input.replace(static_cast<size_t>(first - input.begin()), static_cast<size_t>(last - first), number);
}

// A whole number in binary, of one of the usual widths.
void ChangeBinary(std::string& input, Random& random) {
  const size_t width = size_t{1} << random.Below(4);
  if (input.size() < width) return;
  const int64_t number = OddNumber(random);
  std::memcpy(input.data() + random.Below(input.size() - width + 1), &number, width);
}

}  // namespace

int64_t OddNumber(Random& random) {
  const auto power = static_cast<int64_t>(uint64_t{1} << random.Below(64));
  switch (random.Below(4)) {
    case 0:
      return static_cast<int64_t>(random.Below(20)) - 4;
    case 1:
      return power;
    case 2:
      return static_cast<int64_t>(static_cast<uint64_t>(power) - 1);
    default:
      return static_cast<int64_t>(random.Bits());
  }
}

void Mutate(std::string& input, const std::string& other, std::span<const std::string> words, Random& random) {
  const Run run = SomeRun(input, random);
  const Run line = SomeLine(input, random);
  const std::string piece = input.substr(run.at, run.size);
  const size_t anywhere = random.Below(input.size() + 1);
  switch (random.Below(input.empty() ? 2 : 12)) {
    case 0:
      input.insert(anywhere, words.empty() ? std::string(1, static_cast<char>(random.Bits()))
                                           : words[random.Below(words.size())]);
      break;
    case 1: {
      const Run theirs = SomeRun(other, random);
      input.insert(anywhere, other, theirs.at, theirs.size);
      break;
    }
    case 2:
      input[run.at] = static_cast<char>(random.Bits());
      break;
    case 3:
      input[run.at] = static_cast<char>(input[run.at] ^ (1 << random.Below(8)));
      break;
    case 4:
      input.erase(run.at, run.size);
      break;
    case 5:
      input.insert(anywhere, piece);
      break;
    case 6:
      if (!words.empty()) input.replace(run.at, run.size, words[random.Below(words.size())]);
      break;
    case 7:
      ChangeDecimal(input, random);
      break;
    case 8:
      ChangeBinary(input, random);
      break;
    case 9:
      input.erase(line.at, line.size);
      break;
    case 10:
      input.insert(SomeLine(input, random).at, input.substr(line.at, line.size));
      break;
    default:
      input.resize(anywhere);
  }
  if (input.size() > kMaxInputBytes) input.resize(kMaxInputBytes);
}

}  // namespace troupe::fuzz
