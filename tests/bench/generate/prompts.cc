#include "tests/bench/generate/prompts.h"

#include <fstream>
#include <iterator>
#include <string>

namespace troupe::bench {
namespace {

// A prime: all places of the text come before one comes again.
constexpr int64_t kApart = 1009;

}  // namespace

Result<Prompts> Prompts::Read(const std::filesystem::path& file, const text::Tokenizer& tokenizer) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return NotFound("cannot read " + file.string() + ", the text that prompts are made of: name another, --text");
  const std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  TRY_ASSIGN(std::vector<text::TokenId> ids, tokenizer.Encode(content, text::Specials::kPlain));
  return Prompts(std::move(ids));
}

Result<std::vector<text::TokenId>> Prompts::At(int64_t number, int64_t tokens) const {
  const auto places = static_cast<int64_t>(text_.size()) - tokens;
  if (tokens < 1 || places < 1 || number < 0) {
    return Invalid("a prompt of " + std::to_string(tokens) + " tokens, number " + std::to_string(number) +
                   ": the text has " + std::to_string(text_.size()));
  }
  const auto begin = text_.begin() + number * kApart % places;
  return std::vector<text::TokenId>(begin, begin + tokens);
}

}  // namespace troupe::bench
