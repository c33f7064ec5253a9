// troupe-agent: one specialist as one process.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "agents/host/kinds.h"
#include "agents/host/serve.h"
#include "agents/tools/choose.h"
#include "agents/tools/distill.h"
#include "agents/tools/evaluate.h"
#include "agents/tools/learn.h"
#include "agents/tools/quantize.h"
#include "agents/tools/synthesise.h"
#include "runtime/kind/kind.h"

namespace {
constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kWrongDevice = 3;
constexpr int kNotBetter = 4;

constexpr char kFooter[] = R"(Exit codes:
  0  stopped as asked (SIGTERM, SIGINT)
  1  could not start or serve; the reason is on stderr
  2  wrong use of this command
  3  this machine, device or model is not what the spec asks for, or does not fit what is granted
  4  what a student learnt made it worse (learn): nothing was written

Examples:
  troupe-agent serve --spec writer.json --listen unix:/run/troupe/writer-0.sock
  troupe-agent serve --spec writer.json --listen 127.0.0.1:0 --threads 2
  troupe-agent serve --spec writer.json --listen 127.0.0.1:0 --gpu 1 --memory 40%
  troupe-agent describe-kinds generate
  troupe-agent quantize smollm2.gguf smollm2-int4 --calibrate messages.csv
  troupe-agent distill bank.yaml bank-teacher
  troupe-agent learn lessons.yaml bank-student-2)";

void SetUpLog(const std::string& level) {
  auto log = spdlog::stderr_logger_mt("troupe-agent");
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  log->set_level(spdlog::level::from_str(level));
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(log));
}

int Describe(const std::string& only) {
  bool found = only.empty();
  for (const auto& registered : troupe::host::Kinds()) {
    const troupe::kind::Kind* kind = troupe::kind::FindKind(registered.kind);
    if (kind == nullptr || (!only.empty() && kind->name != only)) continue;
    found = true;
    std::printf("%s: %s\n", kind->name.c_str(), kind->summary.c_str());
    std::printf("  takes  %s\n", troupe::kind::ToString(kind->input).c_str());
    if (kind->output_from_schema.empty()) {
      std::printf("  gives  %s\n", troupe::kind::ToString(kind->output).c_str());
    } else {
      std::printf("  gives  what its configuration's `%s` describes\n", kind->output_from_schema.c_str());
    }
    for (const auto& config : kind->config) {
      std::printf("  %-14s %s\n", config.field.name.c_str(), config.field.doc.c_str());
    }
  }
  if (!found) std::fprintf(stderr, "troupe-agent: no kind '%s'\n", only.c_str());
  return found ? kOk : kFailed;
}

// Flags that are read by a function of ours: what it says is told as CLI11 tells its own errors.
void AddPlace(CLI::App& serve, troupe::host::Place& place) {
  const auto take = [](const char* flag, auto& to, auto parse) {
    return [flag, &to, parse](const std::string& text) {
      auto value = parse(text);
      if (!value) throw CLI::ValidationError(flag, value.error().message);
      to = *value;
    };
  };
  serve
      .add_option_function<std::string>(
          "--gpu", take("--gpu", place.gpu, troupe::device::ParseGpuNumber),
          "The GPU of several that it stands on, numbered from 0 as nvidia-smi lists them, or none: the CPU. Left out: "
          "one that its pin names, the freest")
      ->type_name("N");
  serve
      .add_option_function<std::string>(
          "--memory", take("--memory", place.memory, troupe::ParseMemoryShare),
          "What it may take of its device's memory, in place of what the spec grants: 6GiB, or 40%")
      ->type_name("SIZE|PERCENT%");
}

int Told(const troupe::Status& status) {
  if (status) return kOk;
  std::fprintf(stderr, "troupe-agent: %s\n", troupe::ToString(status.error()).c_str());
  return kFailed;
}

int Told(const troupe::Result<troupe::tools::Learnt>& learnt) {
  if (!learnt) return Told(troupe::Status(learnt.error()));
  return *learnt == troupe::tools::Learnt::kWritten ? kOk : kNotBetter;
}

int ExitCodeOf(const troupe::Error& error) {
  using troupe::Code;
  // what does not fit its device does not come to fit by another start
  return error.code == Code::kFailedPrecondition || error.code == Code::kResourceExhausted ? kWrongDevice : kFailed;
}
}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"troupe-agent: one specialist, one process: one kind of work, at most one model."};
  app.footer(kFooter);
  app.require_subcommand(1);

  troupe::host::ServeOptions options;
  std::string log_level = "warn";
  int64_t drain_ms = options.drain_limit.count();
  auto* serve =
      app.add_subcommand("serve", "Serve one agent until SIGTERM; prints \"listening on ADDRESS\" when ready");
  serve->add_option("--spec", options.spec, "The agent's orders: an AgentSpec as JSON, made by the router")->required();
  serve->add_option("--listen", options.listen, "unix:/path or host:port; port 0 takes a free one. May be given again")
      ->required();
  serve->add_option("--replica", options.replica, "This replica's name; left out: the agent's name with -0");
  serve->add_option("--threads", options.threads, "Cores its model may use")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  AddPlace(*serve, options.place);
  serve->add_option("--drain-ms", drain_ms, "How long steps at work may go on after SIGTERM, milliseconds")
      ->capture_default_str()
      ->check(CLI::Range(0, 3'600'000));
  serve->add_flag("--die-with-parent", options.die_with_parent, "Stop when the process that started it ends");
  serve->add_option("--log", log_level, "What to say on stderr")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}));

  std::string kind;
  auto* describe = app.add_subcommand("describe-kinds", "What each kind takes, gives and can be told");
  describe->add_option("kind", kind, "Only this one");

  const troupe::tools::Quantize quantize(app);
  const troupe::tools::Evaluate evaluate(app);
  const troupe::tools::Distill distill(app);
  const troupe::tools::Learn learn(app);
  const troupe::tools::Choose choose(app);
  const troupe::tools::Synthesise synthesise(app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  SetUpLog(log_level);
  if (*describe) return Describe(kind);
  if (quantize.asked_for()) return Told(quantize.Run());
  if (evaluate.asked_for()) return Told(evaluate.Run());
  if (distill.asked_for()) return Told(distill.Run());
  if (learn.asked_for()) return Told(learn.Run());
  if (choose.asked_for()) return Told(choose.Run());
  if (synthesise.asked_for()) return Told(synthesise.Run());
  options.drain_limit = std::chrono::milliseconds(drain_ms);
  auto served = troupe::host::Serve(options);
  if (served) return kOk;
  std::fprintf(stderr, "troupe-agent: %s\n", troupe::ToString(served.error()).c_str());
  return ExitCodeOf(served.error());
}
