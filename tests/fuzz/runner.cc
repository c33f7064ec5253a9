#include "tests/fuzz/runner.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "runtime/base/check.h"
#include "runtime/base/digest.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/coverage.h"

namespace troupe::fuzz {
namespace {

using SteadyClock = std::chrono::steady_clock;

// What a child leaves behind, however it ends.
struct Shared {
  uint64_t inputs;
  uint64_t ways;
  bool has_finding;
  char what[2000];
  size_t size;
  char input[kMaxInputBytes];
};

class Worker {
 public:
  Worker(const Target& target, const RunOptions& options, SteadyClock::time_point started, Corpus& corpus,
         Shared& shared, uint64_t life)
      : target_(target),
        options_(options),
        started_(started),
        corpus_(corpus),
        shared_(shared),
        random_(options.seed * 1'000'003 + life),
        words_(target.words ? target.words() : std::vector<std::string>()) {}

  // Ends the process.
  [[noreturn]] void Run() {
    // What was kept before counts as seen again.
    for (size_t i = 0; i < corpus_.size(); ++i) Feed(corpus_.At(i), false);
    while (!IsOver()) Feed(Next(), true);
    std::fflush(nullptr);
    _exit(0);
  }

 private:
  double Seconds() const { return std::chrono::duration<double>(SteadyClock::now() - started_).count(); }
  bool IsOver() const {
    if (options_.max_inputs != 0 && shared_.inputs >= options_.max_inputs) return true;
    return options_.max_seconds != 0 && Seconds() >= options_.max_seconds;
  }

  std::string Next() {
    std::string input = corpus_.Any(random_);
    for (size_t i = 1 + random_.Below(random_.OneIn(4) ? 12 : 3); i > 0; --i) {
      if (target_.change != nullptr && !random_.OneIn(5)) {
        target_.change(input, random_);
      } else {
        Mutate(input, corpus_.Any(random_), words_, random_);
      }
    }
    if (input.size() > kMaxInputBytes) input.resize(kMaxInputBytes);
    return input;
  }

  void Feed(const std::string& input, bool is_new) {
    shared_.size = std::min(input.size(), kMaxInputBytes);
    std::memcpy(shared_.input, input.data(), shared_.size);
    ForgetWays();
    alarm(options_.input_limit_s);
    const auto wrong = target_.take(input);
    alarm(0);
    const bool went_new_way = WentANewWay();
    shared_.ways = WaysSeen();
    shared_.inputs += is_new;
    if (wrong) {
      shared_.has_finding = true;
      std::snprintf(shared_.what, sizeof shared_.what, "%s", wrong->c_str());
      std::fflush(nullptr);
      _exit(0);
    }
    if (is_new && went_new_way) corpus_.Add(input);
    if (options_.report_seconds > 0 && Seconds() >= reported_s_ + options_.report_seconds) {
      reported_s_ = Seconds();
      std::fprintf(stderr, "  %-15s %6.0f s  %9llu inputs  %6zu kept  %6zu ways\n", std::string(target_.name).c_str(),
                   reported_s_, static_cast<unsigned long long>(shared_.inputs), corpus_.size(), WaysSeen());
    }
  }

  const Target& target_;
  const RunOptions& options_;
  const SteadyClock::time_point started_;
  Corpus& corpus_;
  Shared& shared_;
  Random random_;
  const std::vector<std::string> words_;
  double reported_s_ = 0;
};

std::string HowItDied(int status, const Shared& shared, const RunOptions& options) {
  if (shared.has_finding) return shared.what;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    return "took longer than " + std::to_string(options.input_limit_s) + " s";
  }
  if (WIFSIGNALED(status)) return std::string("crashed: ") + strsignal(WTERMSIG(status));
  return "ended the process with status " + std::to_string(WEXITSTATUS(status));
}

Finding WriteDown(const Target& target, const Shared& shared, std::string what, const RunOptions& options) {
  const std::string input(shared.input, shared.size);
  const auto file = options.findings / (std::string(target.name) + "-" + Sha256Hex(input).substr(0, 16));
  std::filesystem::create_directories(options.findings);
  std::ofstream(file, std::ios::binary) << input;
  return {file, std::move(what)};
}

}  // namespace

Outcome Feed(const Target& target, const RunOptions& options) {
  Corpus corpus;
  for (const std::string& seed : target.seeds()) {
    if (seed.size() <= kMaxInputBytes) corpus.Add(seed);
  }
  SharedMemory memory(sizeof(Shared));
  Shared& shared = *reinterpret_cast<Shared*>(memory.data());
  const auto started = SteadyClock::now();
  Outcome outcome;
  for (uint64_t life = 0; outcome.findings.size() < options.max_findings; ++life) {
    shared.has_finding = false;
    std::fflush(nullptr);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) Worker(target, options, started, corpus, shared, life).Run();
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    if (!shared.has_finding && WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
    outcome.findings.push_back(WriteDown(target, shared, HowItDied(status, shared, options), options));
  }
  outcome.inputs = shared.inputs;
  outcome.ways = shared.ways;
  outcome.kept = corpus.size();
  return outcome;
}

std::optional<std::string> Replay(const Target& target, const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return "cannot read " + file.string();
  std::stringstream input;
  input << stream.rdbuf();
  return target.take(input.str());
}

}  // namespace troupe::fuzz
