#include "router/cli/learn_export.h"

#include <algorithm>
#include <vector>

namespace troupe::cli {
namespace {

// So many are in memory at once.
constexpr int kRowsAtOnce = 1000;

// The text in that field of an object; null for none.
const std::string* TextIn(const Value& value, const char* field) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(field);
  return found == value.end() || !found->is_string() ? nullptr : &found->get_ref<const std::string&>();
}

Error Unfit(const lessons::Lesson& lesson, const std::string& what) {
  return FailedPrecondition("step '" + lesson.step + "' of task " + lesson.task_id + ": " + what +
                            "; only steps that take {text} and give {label}, or take {prompt} and give {text}, can be "
                            "learnt from");
}

// What was written, or null where the answer has no such field.
Value Said(const Value& output, const char* field) {
  const std::string* said = TextIn(output, field);
  return said == nullptr ? Value() : Value(*said);
}

// As `kind: generate` puts it together: the step's own system message before all others.
Value PromptOf(const Value& input) {
  const Value& prompt = input.at("prompt");
  const std::string* system = TextIn(input, "system");
  if (system == nullptr) return prompt;
  Value messages = Value::array({{{"role", "system"}, {"content", *system}}});
  if (prompt.is_array()) {
    messages.insert(messages.end(), prompt.begin(), prompt.end());
  } else {
    messages.push_back({{"role", "user"}, {"content", prompt}});
  }
  return messages;
}

Error NoneOf(const std::string& graph, const std::string& step, const std::vector<std::string>& steps) {
  std::string there;
  for (const std::string& other : steps) there += (there.empty() ? "" : ", ") + other;
  return NotFound(
      "there are no lessons of step '" + step + "' of graph " + graph +
      (there.empty() ? "; 'troupe lint' says which of its steps keep some" : "; there are some of: " + there));
}

}  // namespace

Result<std::string> LineOf(const lessons::Lesson& lesson) {
  Value line = {{"confidence", lesson.confidence},
                {"time_ms", lesson.time_ms},
                {"task", lesson.task_id},
                {"version", lesson.version}};
  if (lesson.input.is_object() && lesson.input.contains("prompt")) {
    const std::string* answer = TextIn(lesson.teacher_output, "text");
    if (answer == nullptr) return Unfit(lesson, "its teacher's answer has no 'text'");
    line.update({{"prompt", PromptOf(lesson.input)},
                 {"answer", *answer},
                 {"student_answer", Said(lesson.student_output, "text")}});
    return Dump(line);
  }
  const std::string* text = TextIn(lesson.input, "text");
  if (text == nullptr) return Unfit(lesson, "its input has no 'text' and no 'prompt'");
  const std::string* label = TextIn(lesson.teacher_output, "label");
  if (label == nullptr) return Unfit(lesson, "its teacher's answer has no 'label'");
  // as kinds that give a label name it
  const auto sure = lesson.teacher_output.find("score");
  const bool says_how_sure = sure != lesson.teacher_output.end() && sure->is_number();
  line.update({{"text", *text},
               {"label", *label},
               // a cosine may be below 0, and a little above 1
               {"teacher_confidence", says_how_sure ? Value(std::clamp(sure->get<double>(), 0.0, 1.0)) : Value()},
               {"student_label", Said(lesson.student_output, "label")}});
  return Dump(line);
}

Result<int64_t> ExportLessons(lessons::LessonFile& file, const std::string& graph, const std::string& step,
                              const std::function<Status(const std::string& line)>& write) {
  int64_t count = 0;
  int64_t last = 0;
  while (true) {
    TRY_ASSIGN(const auto rows, file.Read(graph, step, last, kRowsAtOnce));
    if (rows.empty()) break;
    for (const lessons::LessonFile::Row& row : rows) {
      TRY_ASSIGN(const std::string line, LineOf(row.lesson));
      TRY(write(line));
    }
    last = rows.back().id;
    count += static_cast<int64_t>(rows.size());
  }
  if (count > 0) return count;
  TRY_ASSIGN(const std::vector<std::string> steps, file.StepsOf(graph));
  return NoneOf(graph, step, steps);
}

}  // namespace troupe::cli
