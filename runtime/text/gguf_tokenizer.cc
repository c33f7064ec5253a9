#include "runtime/text/gguf_tokenizer.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>

#include "runtime/base/value.h"

namespace troupe::text {
namespace {

constexpr size_t kMaxTokens = 4'000'000;
// Every cut of a token is looked at, so the longest must be short.
constexpr size_t kMaxPieceBytes = 512;
constexpr std::string_view kBlank = "\u2581";

// How a byte-level vocabulary cuts a text before merging: digits one by one where `single_digits`, then by each pattern
// in turn, or as GPT-2 does where there is none. Names are those that llama.cpp gives (llama-vocab.cpp,
// llm_tokenizer_bpe).
struct PreTokenizer {
  std::string_view name;
  bool single_digits;
  bool ignore_merges;  // a word that is a token as it stands is not merged together
  bool composes;       // the text is composed first (NFC), as the models' own tokeniser does
  std::span<const std::string_view> patterns;
};

constexpr std::string_view kLlama3[] = {
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"};
constexpr std::string_view kQwen2[] = {
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"};
constexpr std::string_view kDefault[] = {
    R"([\p{P}\$\+<=>\^~\|]+)",
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S))",
    R"(\p{N}+)",
    R"([0-9][0-9][0-9])",
};

constexpr PreTokenizer kPreTokenizers[] = {
    {"default", false, false, false, kDefault}, {"gpt-2", false, false, false, {}},
    {"smollm", true, false, false, {}},         {"refact", true, false, false, {}},
    {"starcoder", true, false, false, {}},      {"codeshell", true, false, false, {}},
    {"command-r", true, false, false, {}},      {"llama-bpe", false, true, false, kLlama3},
    {"llama3", false, true, false, kLlama3},    {"llama-v3", false, true, false, kLlama3},
    {"qwen2", false, false, true, kQwen2},
};

Result<PreTokenizer> FindPreTokenizer(std::string_view name) {
  if (name.empty()) name = "default";
  std::string known;
  for (const PreTokenizer& candidate : kPreTokenizers) {
    if (candidate.name == name) return candidate;
    known += (known.empty() ? "" : ", ") + std::string(candidate.name);
  }
  return Error{Code::kUnimplemented, "the GGUF asks for pre-tokeniser '" + std::string(name) + "'; known are " + known};
}

Status CheckLists(const GgufVocab& vocab) {
  size_t count = vocab.tokens.size();
  if (count == 0 || count > kMaxTokens) {
    return Invalid("the GGUF's vocabulary has " + std::to_string(count) + " tokens; 1 to 4,000,000 are possible");
  }
  auto fits = [&](size_t size) { return size == 0 || size == count; };
  if (!fits(vocab.token_types.size()) || !fits(vocab.scores.size())) {
    return Invalid("the GGUF has " + std::to_string(count) + " tokens, " + std::to_string(vocab.token_types.size()) +
                   " token types and " + std::to_string(vocab.scores.size()) + " scores: they must be as many");
  }
  for (auto id : {vocab.bos_id, vocab.eos_id, vocab.unk_id, vocab.pad_id}) {
    if (id && (*id < 0 || static_cast<size_t>(*id) >= count)) {
      return Invalid("the GGUF names token " + std::to_string(*id) + " as a special one, but has only " +
                     std::to_string(count));
    }
  }
  return {};
}

bool IsType(const GgufVocab& vocab, size_t id, GgufTokenType type) {
  return !vocab.token_types.empty() && vocab.token_types[id] == static_cast<int32_t>(type);
}

Value AddedTokens(const GgufVocab& vocab) {
  Value added = Value::array();
  for (size_t id = 0; id < vocab.tokens.size(); ++id) {
    bool special = IsType(vocab, id, GgufTokenType::kControl) || IsType(vocab, id, GgufTokenType::kUnknown);
    if (!special && !IsType(vocab, id, GgufTokenType::kUserDefined)) continue;
    if (vocab.tokens[id].empty()) continue;
    added.push_back({{"id", id},
                     {"content", vocab.tokens[id]},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", special}});
  }
  return added;
}

// Puts BOS before and EOS behind, where the file asks for it; null where it does not.
Value PostProcessor(const GgufVocab& vocab, bool add_bos_by_default) {
  bool bos = vocab.add_bos.value_or(add_bos_by_default) && vocab.bos_id.has_value();
  bool eos = vocab.add_eos.value_or(false) && vocab.eos_id.has_value();
  if (!bos && !eos) return nullptr;
  Value single = Value::array(), pair = Value::array(), tokens = Value::object();
  auto special = [&](Value& list, int32_t id, int type) {
    const std::string& name = vocab.tokens[static_cast<size_t>(id)];
    list.push_back({{"SpecialToken", {{"id", name}, {"type_id", type}}}});
    tokens[name] = {{"id", name}, {"ids", {id}}, {"tokens", {name}}};
  };
  auto add = [&](Value& list, const char* sequence, int type) {
    if (bos) special(list, *vocab.bos_id, type);
    list.push_back({{"Sequence", {{"id", sequence}, {"type_id", type}}}});
    if (eos) special(list, *vocab.eos_id, type);
  };
  add(single, "A", 0);
  add(pair, "A", 0);
  add(pair, "B", 1);
  return {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", tokens}};
}

Result<Value> Vocabulary(const GgufVocab& vocab) {
  Value ids = Value::object();
  for (size_t id = 0; id < vocab.tokens.size(); ++id) ids.emplace(vocab.tokens[id], id);
  return ids;
}

Result<std::string> Write(Value json) {
  json["version"] = "1.0";
  try {
    return json.dump();
  } catch (const nlohmann::json::exception&) {
    return Invalid("the GGUF's vocabulary has a token that is not UTF-8");
  }
}

Result<std::string> ByteLevelJson(const GgufVocab& vocab) {
  TRY_ASSIGN(PreTokenizer pre, FindPreTokenizer(vocab.pre));
  if (vocab.merges.empty()) return Invalid("the GGUF's byte-level vocabulary has no merges (tokenizer.ggml.merges)");
  Value merges = Value::array();
  for (const std::string& merge : vocab.merges) {
    size_t blank = merge.find(' ', 1);
    if (blank == merge.npos || blank + 1 == merge.size()) {
      return Invalid("the GGUF's merge " + std::to_string(merges.size()) + " ('" + merge + "') is not two tokens");
    }
    merges.push_back({merge.substr(0, blank), merge.substr(blank + 1)});
  }
  TRY_ASSIGN(Value ids, Vocabulary(vocab));
  Value steps = Value::array();
  if (pre.single_digits) steps.push_back({{"type", "Digits"}, {"individual_digits", true}});
  for (const std::string_view pattern : pre.patterns) {
    steps.push_back(
        {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}});
  }
  bool prefix = vocab.add_space_prefix.value_or(false);
  steps.push_back({{"type", "ByteLevel"},
                   {"add_prefix_space", prefix},
                   {"trim_offsets", true},
                   {"use_regex", pre.patterns.empty()}});
  Value json = {
      {"added_tokens", AddedTokens(vocab)},
      {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", steps}}},
      {"post_processor", PostProcessor(vocab, false)},
      {"decoder", {{"type", "ByteLevel"}, {"add_prefix_space", prefix}, {"trim_offsets", true}, {"use_regex", true}}},
      {"model",
       {{"type", "BPE"},
        {"vocab", std::move(ids)},
        {"merges", std::move(merges)},
        {"ignore_merges", pre.ignore_merges},
        {"byte_fallback", false},
        {"fuse_unk", false}}},
  };
  if (pre.composes) json["normalizer"] = {{"type", "NFC"}};
  return Write(std::move(json));
}

// SentencePiece's BPE joins the pair whose union has the best score, so every way to cut a token into two others is a
// merge, ranked by that score.
Result<Value> MergesFromScores(const GgufVocab& vocab, const std::unordered_map<std::string_view, size_t>& ids) {
  struct Merge {
    float score;
    size_t left, right;
    std::string_view left_text, right_text;
  };
  std::vector<Merge> merges;
  for (size_t id = 0; id < vocab.tokens.size(); ++id) {
    if (!vocab.token_types.empty() && !IsType(vocab, id, GgufTokenType::kNormal)) continue;
    std::string_view token = vocab.tokens[id];
    if (token.size() > kMaxPieceBytes) {
      return Invalid("the GGUF's token " + std::to_string(id) + " has " + std::to_string(token.size()) +
                     " bytes; pieces of a SentencePiece vocabulary have at most 512 here");
    }
    for (size_t cut = 1; cut < token.size(); ++cut) {
      auto left = ids.find(token.substr(0, cut)), right = ids.find(token.substr(cut));
      if (left == ids.end() || right == ids.end()) continue;
      merges.push_back({vocab.scores[id], left->second, right->second, left->first, right->first});
    }
  }
  std::stable_sort(merges.begin(), merges.end(), [](const Merge& a, const Merge& b) {
    if (a.score != b.score) return a.score > b.score;
    return std::pair(a.left, a.right) < std::pair(b.left, b.right);
  });
  Value list = Value::array();
  for (const Merge& merge : merges) list.push_back({merge.left_text, merge.right_text});
  return list;
}

Result<std::string> SentencePieceJson(const GgufVocab& vocab) {
  if (vocab.scores.empty()) {
    return Invalid("the GGUF's SentencePiece vocabulary has no scores (tokenizer.ggml.scores)");
  }
  std::unordered_map<std::string_view, size_t> by_name;
  for (size_t id = 0; id < vocab.tokens.size(); ++id) by_name.emplace(vocab.tokens[id], id);
  for (const char* needed : {"<0x00>", "<0xFF>"}) {
    if (!by_name.contains(needed)) {
      return Error{Code::kUnimplemented, "the GGUF's SentencePiece vocabulary has no byte tokens (" +
                                             std::string(needed) + "): only those with byte fallback work here"};
    }
  }
  TRY_ASSIGN(Value ids, Vocabulary(vocab));
  TRY_ASSIGN(Value merges, MergesFromScores(vocab, by_name));
  bool prefix = vocab.add_space_prefix.value_or(true);
  Value normalizers = Value::array();
  if (prefix) normalizers.push_back({{"type", "Prepend"}, {"prepend", kBlank}});
  normalizers.push_back({{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", kBlank}});
  Value decoders = {{{"type", "Replace"}, {"pattern", {{"String", kBlank}}}, {"content", " "}},
                    {{"type", "ByteFallback"}},
                    {{"type", "Fuse"}}};
  if (prefix) decoders.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  Value model = {{"type", "BPE"},
                 {"vocab", std::move(ids)},
                 {"merges", std::move(merges)},
                 {"byte_fallback", true},
                 {"fuse_unk", true}};
  if (vocab.unk_id) model["unk_token"] = vocab.tokens[static_cast<size_t>(*vocab.unk_id)];
  Value json = {{"added_tokens", AddedTokens(vocab)},
                {"normalizer", {{"type", "Sequence"}, {"normalizers", normalizers}}},
                {"post_processor", PostProcessor(vocab, true)},
                {"decoder", {{"type", "Sequence"}, {"decoders", decoders}}},
                {"model", std::move(model)}};
  return Write(std::move(json));
}

}  // namespace

Result<std::string> GgufTokenizerJson(const GgufVocab& vocab) {
  TRY(CheckLists(vocab));
  if (vocab.model == "gpt2") return ByteLevelJson(vocab);
  if (vocab.model == "llama") return SentencePieceJson(vocab);
  return Error{Code::kUnimplemented,
               "the GGUF's tokeniser is of type '" + vocab.model + "'; 'gpt2' and 'llama' are known"};
}

}  // namespace troupe::text
