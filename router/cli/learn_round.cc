#include "router/cli/learn_round.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "router/cli/graph_source.h"
#include "router/cli/learn_export.h"
#include "router/cli/process.h"
#include "router/graph/parse.h"
#include "router/graph/resolve.h"
#include "router/learn/new_student.h"
#include "router/lessons/lesson_file.h"
#include "runtime/base/read_file.h"
#include "runtime/base/write_file.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::cli {
namespace {

namespace fs = std::filesystem;

// What `troupe-agent learn` says where the gate refuses.
constexpr int kExitRefused = 4;
constexpr size_t kMaxYamlBytes = 1u << 20;
constexpr std::chrono::milliseconds kTick{50};

fs::path FolderOf(const RoundTools& tools, int round) {
  std::string number = std::to_string(round);
  number.insert(0, number.size() < 3 ? 3 - number.size() : 0, '0');
  return fs::absolute(tools.spec.folder / number);
}

// Durable before anything follows from it, and its owner's alone: lessons may be somebody's words.
Status WritePrivate(const fs::path& to, const std::string& text) {
  const mode_t before = umask(077);
  const Status written = WriteFile(to, text);
  umask(before);
  return written;
}

Result<std::string> ReadYaml(const fs::path& path) {
  Result<std::string> text = ReadFile(path, kMaxYamlBytes);
  if (!text) return Error{text.error().code, path.string() + ": " + text.error().message};
  return text;
}

graph::GraphSource FromMessage(const v1::GraphSource& source) {
  return {
      .yaml = source.yaml(), .file_name = source.file_name(), .files = {source.files().begin(), source.files().end()}};
}

Status WriteLessons(const RoundTools& tools, const fs::path& to) {
  TRY_ASSIGN(auto file, lessons::LessonFile::OpenToRead(tools.data_folder / lessons::kFileName));
  std::string lines;
  const auto write = [&lines](const std::string& line) -> Status {
    lines += line + "\n";
    return {};
  };
  TRY(ExportLessons(file, tools.spec.graph, tools.spec.step, write));
  return WritePrivate(to, lines);
}

// The folder of the model with which the step's agent serves now. A path that the graph gives relative to its file is
// what the recipe names.
Result<std::string> ModelNow(const RoundTools& tools, Client& client) {
  TRY_ASSIGN(const v1::GetGraphResponse graph, client.GetGraph(tools.spec.graph));
  TRY_ASSIGN(const std::string agent,
             learn::StudentOf(graph.source().yaml(), graph.source().file_name(), tools.spec.step));
  for (const v1::AgentSpec& spec : graph.agents()) {
    if (spec.agent() == agent && fs::path(spec.model_path()).is_absolute()) return spec.model_path();
  }
  return std::string();
}

Status WriteRecipe(const RoundTools& tools, Client& client, const fs::path& lessons, const fs::path& to) {
  const fs::path& recipe = tools.spec.recipe;
  TRY_ASSIGN(const std::string yaml, ReadYaml(recipe));
  TRY_ASSIGN(std::string student, ModelNow(tools, client));
  const fs::path folder = fs::absolute(recipe).parent_path();
  if (student.empty()) {
    TRY_ASSIGN(student, learn::StudentIn(yaml, recipe.string()));
    student = (folder / student).lexically_normal().string();
  }
  TRY_ASSIGN(const std::string ours, learn::RecipeOf(yaml, recipe.string(), folder, student, lessons.string()));
  return WritePrivate(to, ours);
}

// The child's wait status.
Result<int> RunChild(const ProcessSpec& process, const std::function<bool()>& stopped) {
  TRY_ASSIGN(const pid_t child, Spawn(process));
  bool told = false;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (!told && stopped()) {
      kill(child, SIGTERM);
      told = true;
    }
    std::this_thread::sleep_for(kTick);
  }
  // ctrl-C reaches the child too
  if (told || stopped())
    return Cancelled("stopped in the middle of training; the loop goes on with it when it is started again");
  return status;
}

Result<double> ReadBelow(const fs::path& model) {
  const fs::path path = model / "teach.yaml";
  TRY_ASSIGN(const std::string yaml, ReadYaml(path));
  kind::Findings findings;
  const kind::YamlNode root = kind::ParseYaml(yaml, path.string(), findings);
  const kind::YamlNode* teach = root.Find("teach");
  const kind::YamlNode* below = teach == nullptr ? nullptr : teach->Find("below");
  const Value number = below == nullptr ? Value() : kind::ToValue(*below);
  if (!number.is_number()) return Invalid(path.string() + " does not say 'teach: {below: ...}'");
  return std::clamp(number.get<double>(), 0.01, 1.0);
}

Error Failed(const ProcessSpec& process, int status, const std::string& what_to_do) {
  std::string message = "training " + DescribeExit(status) + ":";
  for (const std::string& line : TailOf(process.log_path, 10)) message += "\n  " + line;
  return Internal(message + "\n" + what_to_do);
}

std::string WhyRefused(const fs::path& log) {
  std::string why;
  for (const std::string& line : TailOf(log.string(), 10)) {
    if (line.starts_with("  ")) why += (why.empty() ? "" : "; ") + line.substr(2);
  }
  return why.empty() ? "the gate refused it" : why;
}

}  // namespace

Result<learn::Event> TrainRound(const RoundTools& tools, Client& client, const learn::Round& round) {
  const fs::path folder = FolderOf(tools, round.number);
  const fs::path model = folder / "model";
  std::error_code failed;
  fs::create_directories(folder, failed);
  // written whole at its end: one that is there was finished before a crash
  if (!fs::exists(model / "teach.yaml", failed)) {
    // the same lessons and recipe after a crash, so that training goes on from its checkpoint
    const fs::path lessons = folder / "lessons.jsonl";
    const fs::path recipe = folder / "recipe.yaml";
    if (!fs::exists(lessons, failed)) TRY(WriteLessons(tools, lessons));
    ProcessSpec process{.name = "learn",
                        .arguments = {tools.trainer.string(), "learn", recipe.string(), model.string()},
                        .log_path = (folder / "learn.log").string()};
    if (!fs::exists(recipe, failed)) {
      TRY(WriteRecipe(tools, client, lessons, recipe));
      // a checkpoint of another recipe is of no use to it
      process.arguments.push_back("--fresh");
    }
    TRY_ASSIGN(const int status, RunChild(process, tools.stopped));
    if (WIFEXITED(status) && WEXITSTATUS(status) == kExitRefused) {
      return learn::Event(learn::Refused{round.number, WhyRefused(process.log_path)});
    }
    const std::string again = "start the loop again: it goes on with round " + std::to_string(round.number);
    if (!WIFEXITED(status)) return Failed(process, status, again);
    if (WEXITSTATUS(status) != 0) {
      // it may be the recipe, so that the next start takes it as it is then
      fs::remove(recipe, failed);
      return Failed(process, status, "mend " + tools.spec.recipe.string() + " and " + again);
    }
  }
  TRY_ASSIGN(const double below, ReadBelow(model));
  return learn::Event(learn::Learnt{round.number, model.string(), below});
}

Result<StudentVersion> MakeVersion(const RoundTools& tools, Client& client, const learn::Round& round) {
  TRY_ASSIGN(const v1::GetGraphResponse current, client.GetGraph(tools.spec.graph));
  StudentVersion out{.source = current.source()};
  TRY_ASSIGN(*out.source.mutable_yaml(), learn::WithStudent(current.source().yaml(), current.source().file_name(),
                                                            {tools.spec.step, round.number, round.model, round.below}));
  const graph::Parsed parsed = graph::ParseGraph(FromMessage(out.source));
  if (!parsed.graph) {
    return Invalid("with the new student the graph cannot run any more:\n" + graph::ToString(parsed.findings));
  }
  out.version = parsed.graph->version.value;
  // beside the student, for people
  TRY(WritePrivate(FolderOf(tools, round.number) / "graph.yaml", out.source.yaml()));
  return out;
}

}  // namespace troupe::cli
