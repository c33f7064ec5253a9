#include "agents/tools/check_student.h"

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/text/chat_template.h"

namespace troupe::tools {
namespace {

// What stands in both templates' results about where they part.
std::string Around(const std::string& text, size_t at) {
  constexpr size_t kBefore = 20, kBehind = 30;
  const size_t begin = at - std::min(at, kBefore);
  return "\"" + text.substr(begin, at - begin + kBehind) + "\"";
}

}  // namespace

Status CheckVocabulary(const model::ModelFiles& teacher, const model::ModelFiles& student) {
  const text::Tokenizer &known = *teacher.tokenizer, &own = *student.tokenizer;
  const std::string whose =
      student.path.string() + ": its vocabulary is not that of the teacher " + teacher.path.string() + ": ";
  if (own.vocab_size() != known.vocab_size()) {
    return Invalid(whose + std::to_string(own.vocab_size()) + " tokens, not " + std::to_string(known.vocab_size()) +
                   "; take a student with the teacher's tokeniser, or layers of the teacher");
  }
  for (int32_t id = 0; id < own.vocab_size(); ++id) {
    if (own.TokenName(id) == known.TokenName(id)) continue;
    return Invalid(whose + "token " + std::to_string(id) + " is \"" + std::string(own.TokenName(id)) + "\", not \"" +
                   std::string(known.TokenName(id)) +
                   "\"; take a student with the teacher's tokeniser, or layers of the teacher");
  }
  return {};
}

Status CheckChatTemplate(const model::ModelFiles& teacher, const model::ModelFiles& student) {
  const std::vector<text::ChatMessage> conversation{{"system", "S"}, {"user", "U"}, {"assistant", "A"}, {"user", "V"}};
  const auto render = [&](const model::ModelFiles& files) -> Result<std::string> {
    TRY_ASSIGN(const auto chat, text::ChatTemplate::Compile(files.chat_template, files.bos, files.eos));
    return chat.Render(conversation);
  };
  TRY_ASSIGN(const std::string known, render(teacher));
  TRY_ASSIGN(const std::string own, render(student));
  if (known == own) return {};
  const size_t at =
      static_cast<size_t>(std::mismatch(known.begin(), known.end(), own.begin(), own.end()).first - known.begin());
  return Invalid(student.path.string() + ": its chat template is not that of the teacher " + teacher.path.string() +
                 ": " + Around(own, at) + ", not " + Around(known, at) +
                 "; take a student with the teacher's template, or layers of the teacher");
}

}  // namespace troupe::tools
