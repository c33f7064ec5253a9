#include "router/rehearsal/report.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace troupe::rehearsal {
namespace {

using Outcome = CaseResult::Outcome;

const char* Name(Outcome outcome) {
  return outcome == Outcome::kPassed ? "passed" : outcome == Outcome::kFailed ? "failed" : "skipped";
}

std::string Seconds(int64_t ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(ms / 1000), static_cast<long long>(ms % 1000));
  return text;
}

std::string Count(int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// Further lines of a text stand under its first.
void AddText(std::vector<std::string>& lines, const std::string& head, std::string_view text) {
  std::string before = head;
  while (true) {
    const size_t end = text.find('\n');
    lines.push_back(before + std::string(text.substr(0, end)));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
    before = std::string(head.size(), ' ');
  }
}

std::string Place(const graph::Position& position) {
  return position.file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

// Text in XML 1.0: marks escaped, characters that it does not allow replaced.
std::string Xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string Lines(const CaseResult& result) {
  std::string text;
  for (const Difference& difference : result.differences) {
    text += Place(difference.position) + ": " + difference.what + "\n  expected: " + difference.expected +
            "\n  got:      " + difference.got + "\n";
  }
  return text;
}

}  // namespace

int64_t SuiteResult::Count(Outcome outcome) const {
  return std::count_if(cases.begin(), cases.end(), [outcome](const auto& one) { return one.outcome == outcome; });
}

std::vector<std::string> RenderCase(const CaseResult& result) {
  if (result.outcome == Outcome::kSkipped) return {"skip  " + result.name + " (" + result.note + ")"};
  std::vector<std::string> lines;
  lines.push_back((result.outcome == Outcome::kPassed ? "ok    " : "FAIL  ") + result.name + " (" +
                  Seconds(result.time_ms) + " s, " + Count(result.calls, "call") + ", " +
                  Count(result.tokens, "token") + ")");
  for (const Difference& difference : result.differences) {
    AddText(lines, "      ", Place(difference.position) + ": " + difference.what);
    AddText(lines, "        expected: ", difference.expected);
    AddText(lines, "        got:      ", difference.got);
  }
  return lines;
}

std::string RenderSummary(const SuiteResult& result) {
  std::string text = Count(static_cast<int64_t>(result.cases.size()), "case") + ": ";
  text += std::to_string(result.Count(Outcome::kPassed)) + " passed";
  if (const int64_t failed = result.Count(Outcome::kFailed)) text += ", " + std::to_string(failed) + " failed";
  if (const int64_t skipped = result.Count(Outcome::kSkipped)) text += ", " + std::to_string(skipped) + " skipped";
  return text;
}

Value ToJson(const SuiteResult& result) {
  Value cases = Value::array();
  for (const CaseResult& one : result.cases) {
    Value differences = Value::array();
    for (const Difference& difference : one.differences) {
      differences.push_back({{"what", difference.what},
                             {"expected", difference.expected},
                             {"got", difference.got},
                             {"line", difference.position.line},
                             {"column", difference.position.column}});
    }
    cases.push_back({{"name", one.name},
                     {"line", one.position.line},
                     {"outcome", Name(one.outcome)},
                     {"note", one.note},
                     {"task_id", one.task_id},
                     {"time_ms", one.time_ms},
                     {"calls", one.calls},
                     {"tokens", one.tokens},
                     {"differences", std::move(differences)}});
  }
  return {{"file", result.file},
          {"graph", result.graph},
          {"passed", result.Count(Outcome::kPassed)},
          {"failed", result.Count(Outcome::kFailed)},
          {"skipped", result.Count(Outcome::kSkipped)},
          {"cases", std::move(cases)}};
}

std::string ToJunit(const SuiteResult& result) {
  int64_t time_ms = 0;
  for (const CaseResult& one : result.cases) time_ms += one.time_ms;
  const std::string counts = "tests=\"" + std::to_string(result.cases.size()) + "\" failures=\"" +
                             std::to_string(result.Count(Outcome::kFailed)) + "\" errors=\"0\" skipped=\"" +
                             std::to_string(result.Count(Outcome::kSkipped)) + "\" time=\"" + Seconds(time_ms) + "\"";
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites " + counts + ">\n";
  xml += "  <testsuite name=\"" + Xml(result.graph) + "\" " + counts + ">\n";
  for (const CaseResult& one : result.cases) {
    xml += "    <testcase classname=\"" + Xml(result.graph) + "\" name=\"" + Xml(one.name) + "\" file=\"" +
           Xml(result.file) + "\" line=\"" + std::to_string(one.position.line) + "\" time=\"" + Seconds(one.time_ms) +
           "\"";
    if (one.outcome == Outcome::kPassed) {
      xml += "/>\n";
    } else if (one.outcome == Outcome::kSkipped) {
      xml += "><skipped message=\"" + Xml(one.note) + "\"/></testcase>\n";
    } else {
      const std::string first = one.differences.empty() ? "" : one.differences.front().what;
      xml += ">\n      <failure message=\"" + Xml(first) + "\">" + Xml(Lines(one)) + "</failure>\n    </testcase>\n";
    }
  }
  return xml + "  </testsuite>\n</testsuites>\n";
}

}  // namespace troupe::rehearsal
