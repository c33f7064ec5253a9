// `troupe content make`: asks an ordinary router for what a set lacks, and writes down what keeps to the set's checks.
#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "router/cli/content/commands.h"
#include "router/cli/content/make_screen.h"
#include "router/cli/content/make_tasks.h"
#include "router/cli/content/task_rate.h"
#include "router/cli/exit_code.h"
#include "router/cli/format.h"
#include "router/cli/graph_source.h"
#include "router/cli/interrupt.h"
#include "router/cli/run_folder.h"
#include "router/cli/terminal.h"
#include "router/content/parse.h"
#include "router/content/texts_file.h"
#include "router/graph/price.h"
#include "runtime/base/clock.h"
#include "runtime/base/names.h"
#include "runtime/base/time_units.h"

namespace troupe::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{20};
constexpr int64_t kWriteEveryNs = 50 * kNsPerMs;
// Of the time, at most one part in so many goes into writing the file.
constexpr int64_t kWriteShare = 10;

enum class Stopped { kNot, kBudget, kInterrupted };

// One call of the command, from the plan to the last word.
class Make {
 public:
  Make(const ContentMakeFlags& flags, Print print, Client& client, content::MakeJob job, content::Questions questions,
       const content::Cost& budget, TaskRate rate)
      : flags_(flags),
        print_(print),
        job_(std::move(job)),
        questions_(std::move(questions)),
        budget_(budget),
        rate_(rate),
        tasks_(client, job_.set().name, job_.set().writer->graph),
        screen_(clock_, job_.set().name,
                print == Print::kJson ? MakeScreen::Mode::kQuiet : MakeScreen::Mode::kProgress) {}

  Result<int> Run() {
    if (job_.set().variants > 1 && !questions_.tells_variants_apart()) {
      screen_.Note("note: the prompt does not use 'number', so a writer that draws no lots says the same for all " +
                   Plural(job_.set().variants, "variant"));
    }
    Status status = Loop();
    // what is there is kept, whatever ended the loop
    Status written = Write();
    screen_.Clear();
    if (!status) return status.error();
    TRY(written);
    return Report();
  }

 private:
  Status Loop() {
    while (job_.counts().left() > 0) {
      if (Interrupts() > 0) {
        stopped_ = Stopped::kInterrupted;
        return {};
      }
      TRY(AskMore());
      if (tasks_.under_way() == 0 && stopped_ == Stopped::kBudget) return {};
      if (tasks_.under_way() == 0) std::this_thread::sleep_for(kTick);
      TRY(Collect());
      if (clock_.MonotonicNs() >= write_ns_) TRY(Write());
      screen_.Show(job_.counts(), budget_.spent().tokens);
    }
    return {};
  }

  Status AskMore() {
    while (tasks_.under_way() < flags_.parallel) {
      const int64_t now_ns = clock_.MonotonicNs();
      if (now_ns < pause_until_ns_ || !rate_.Allows(now_ns)) return {};
      if (!budget_.AllowsOneMore(tasks_.under_way())) {
        // one that is under way may turn out cheaper than was feared
        if (tasks_.under_way() == 0) stopped_ = Stopped::kBudget;
        return {};
      }
      const auto wish = job_.Next();
      if (!wish) return {};
      TRY_ASSIGN(const content::Question question, questions_.For(*wish, job_.ProblemsBefore(*wish)));
      rate_.Count(now_ns);
      tasks_.Ask(*wish, question);
    }
    return {};
  }

  Status Collect() {
    std::vector<MadeAnswer> ended;
    std::vector<Refused> refused;
    const Status status = tasks_.Poll(kTick, ended, refused);
    for (MadeAnswer& one : ended) {
      budget_.Add(one.cost);
      const size_t unmade = job_.unmade().size();
      job_.Take(one.wish, std::move(one.answer));
      for (size_t i = unmade; i < job_.unmade().size(); ++i) screen_.Note(Describe(job_.unmade()[i]));
      for (content::Text& text : job_.TakeMade()) made_.push_back(std::move(text));
    }
    for (const Refused& one : refused) {
      job_.PutBack(one.wish);
      pause_until_ns_ = clock_.MonotonicNs() + one.again_in.count() * kNsPerMs;
    }
    return status;
  }

  // Adds what was made to the file, which a person may have changed meanwhile.
  Status Write() {
    const int64_t begin_ns = clock_.MonotonicNs();
    if (!made_.empty()) {
      TRY(content::ChangeTexts(flags_.file, [this](content::ContentSet& set) -> Status {
        std::set<std::string> there;
        for (const content::Text& text : set.texts) there.insert(text.id);
        for (const content::Text& text : made_) {
          if (!there.contains(text.id)) set.texts.push_back(text);
        }
        return {};
      }));
      made_.clear();
    }
    const int64_t end_ns = clock_.MonotonicNs();
    write_ns_ = end_ns + std::max(kWriteEveryNs, kWriteShare * (end_ns - begin_ns));
    return {};
  }

  static std::string Describe(const content::Unmade& unmade) {
    return content::AudienceName(unmade.cell) + ", text " + std::to_string(unmade.number) + ": not made in " +
           (unmade.tries == 1 ? "1 try" : std::to_string(unmade.tries) + " tries") + ": " +
           Joined(unmade.problems, "; ");
  }

  int ExitCode() const {
    if (stopped_ == Stopped::kInterrupted) return kExitInterrupted;
    if (stopped_ == Stopped::kBudget) return kExitStopped;
    return job_.counts().unmade > 0 ? kExitTaskFailed : kExitOk;
  }

  int Report() const {
    print_ == Print::kJson ? ReportJson() : ReportText();
    return ExitCode();
  }

  void ReportText() const {
    const content::MakeCounts& counts = job_.counts();
    if (counts.wanted == 0) {
      PrintText(stdout, flags_.file + ": has all its texts");
      return;
    }
    std::string text = flags_.file + ": made " + FormatCount(counts.made) + " of " + Plural(counts.wanted, "text");
    if (counts.again > 0) text += ", " + FormatCount(counts.again) + " asked for again";
    if (counts.unmade > 0) {
      text += ", " + FormatCount(counts.unmade) + " not made (more --retry, another prompt or other checks may help)";
    }
    if (budget_.spent().tokens > 0) text += "; " + Plural(budget_.spent().tokens, "token");
    if (budget_.spent().money_micros > 0) text += ", " + graph::FormatMicros(budget_.spent().money_micros) + " money";
    PrintText(stdout, text);
    if (stopped_ == Stopped::kNot) return;
    const char* why = stopped_ == Stopped::kBudget ? "the budget is spent" : "interrupted";
    PrintText(stdout, std::string(why) + ": " + Plural(counts.left(), "text") +
                          " left; the same command goes on, and nothing is paid twice");
  }

  void ReportJson() const {
    const content::MakeCounts& counts = job_.counts();
    Value unmade = Value::array();
    for (const content::Unmade& one : job_.unmade()) {
      unmade.push_back({{"audience", content::AudienceName(one.cell)},
                        {"number", one.number},
                        {"tries", one.tries},
                        {"problems", one.problems}});
    }
    const char* why = stopped_ == Stopped::kBudget ? "budget" : stopped_ == Stopped::kInterrupted ? "interrupted" : "";
    PrintJson(stdout, {{"set", job_.set().name},
                       {"wanted", counts.wanted},
                       {"made", counts.made},
                       {"again", counts.again},
                       {"left", counts.left()},
                       {"unmade", unmade},
                       {"stopped", why},
                       {"tokens", budget_.spent().tokens},
                       {"device_us", budget_.spent().device_us},
                       {"money_micros", budget_.spent().money_micros}});
  }

  const ContentMakeFlags& flags_;
  const Print print_;
  const Clock& clock_ = SystemClock();
  content::MakeJob job_;
  const content::Questions questions_;
  content::MakeBudget budget_;
  TaskRate rate_;
  MakeTasks tasks_;
  MakeScreen screen_;
  // Made, and not in the file yet.
  std::vector<content::Text> made_;
  int64_t write_ns_ = 0;
  int64_t pause_until_ns_ = 0;
  Stopped stopped_ = Stopped::kNot;
};

Status CheckWriter(const content::ContentSet& set) {
  if (set.writer && set.writer->graph.empty()) {
    return FailedPrecondition("the writer of '" + set.name + "' is the agent '" + set.writer->agent +
                              "', and a router runs graphs; name a graph that has one step for that agent");
  }
  if (set.texts_file.empty()) {
    return FailedPrecondition("the set '" + set.name + "' names no file for its texts; add 'texts: " + set.name +
                              ".texts.yaml' to its 'spec'");
  }
  return {};
}

}  // namespace

Result<int> MakeContent(const ContentMakeFlags& flags, Print print) {
  CountInterrupts();
  TRY_ASSIGN(const TaskRate rate, TaskRate::Parse(flags.rate));
  TRY_ASSIGN(const int64_t device_us, MicrosOf(flags.max_device_seconds, "--max-device-seconds"));
  TRY_ASSIGN(const int64_t money, MicrosOf(flags.max_money, "--max-money"));
  TRY_ASSIGN(const auto set, content::LoadGoodSet(flags.file));
  TRY_ASSIGN(content::MakeJob job, content::MakeJob::Plan(set, flags.retry + 1));
  TRY(CheckWriter(*set));
  TRY_ASSIGN(const std::string address, RouterAddress(flags.router));
  Client client(address);
  TRY_ASSIGN(const v1::GetGraphResponse graph, client.GetGraph(set->writer->graph));
  TRY_ASSIGN(content::Questions questions, content::Questions::Of(*set, graph.version()));
  return Make(flags, print, client, std::move(job), std::move(questions), {flags.max_tokens, device_us, money}, rate)
      .Run();
}

}  // namespace troupe::cli
