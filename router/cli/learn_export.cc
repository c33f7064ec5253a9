#include "router/cli/learn_export.h"

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
                            "; only steps that take {text} and give {label} can be learnt from as texts with labels");
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
  const std::string* text = TextIn(lesson.input, "text");
  if (text == nullptr) return Unfit(lesson, "its input has no 'text'");
  const std::string* label = TextIn(lesson.teacher_output, "label");
  if (label == nullptr) return Unfit(lesson, "its teacher's answer has no 'label'");
  const std::string* student = TextIn(lesson.student_output, "label");
  // as kinds that give a label name it
  const auto sure = lesson.teacher_output.find("score");
  const bool says_how_sure = sure != lesson.teacher_output.end() && sure->is_number();
  return Dump(Value{{"text", *text},
                    {"label", *label},
                    {"teacher_confidence", says_how_sure ? *sure : Value()},
                    {"student_label", student == nullptr ? Value() : Value(*student)},
                    {"confidence", lesson.confidence},
                    {"time_ms", lesson.time_ms},
                    {"task", lesson.task_id},
                    {"version", lesson.version}});
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
