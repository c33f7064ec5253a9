// A teacher that writes and students that learnt one job from it, side by side: how well each does the job, how fast it
// writes, how large it is. The teacher is shown worked examples, as the graph shows them; students are not.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>

#include "runtime/base/lines.h"
#include "runtime/base/read_file.h"
#include "runtime/train/chat_encoder.h"
#include "runtime/train/write_answers.h"
#include "tests/bench/common.h"
#include "tests/bench/distill/score.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

struct Flags {
  std::string teacher, prompts, examples, show;
  std::vector<std::string> students;  // NAME=FOLDER, the first one is held to the bars
  int threads = 1;
  int rounds = 5;
};

constexpr int kNewTokens = 64;  // where speed is measured
constexpr size_t kTogether = 16;
constexpr char kTeacher[] = "teacher";

struct Job {
  std::vector<train::PromptText> texts;
  std::vector<std::string> references;
  std::vector<std::vector<std::string>> keys;
};

Result<Job> ReadJob(const std::string& file) {
  Job job;
  TRY_ASSIGN(job.texts, train::ReadPromptTexts(file, train::Answers::kOptional));
  TRY_ASSIGN(const std::string content, ReadFile(file, 1u << 30));
  for (size_t at = 0; const auto line = NextLine(content, at);) {
    TRY_ASSIGN(const Value row, ParseValue(*line));
    if (!row.contains("reference") || !row.contains("keys")) return Invalid(file + ": a row without reference or keys");
    job.references.push_back(row["reference"].get<std::string>());
    job.keys.push_back(row["keys"].get<std::vector<std::string>>());
  }
  return job;
}

// A model, with the job's prompts as it is given them and without worked examples.
struct Subject {
  std::unique_ptr<engine::Engine> engine;
  std::vector<std::vector<int32_t>> prompts, plain;
};

Result<Subject> Load(const std::string& path, const Job& job, const std::vector<train::PromptText>& examples,
                     int threads) {
  Subject subject;
  TRY_ASSIGN(const model::ModelFiles files, model::LoadFolderOrGguf(path));
  TRY_ASSIGN(const train::ChatEncoder encoder, train::ChatEncoder::Make(files));
  for (const train::PromptText& text : job.texts) {
    const auto shown = train::ChatEncoder::WithExamples(text.prompt, examples);
    TRY_ASSIGN(auto prompt, encoder.EncodePrompt(shown, text.place));
    TRY_ASSIGN(auto plain, encoder.EncodePrompt(text.prompt, text.place));
    subject.prompts.push_back(std::move(prompt));
    subject.plain.push_back(std::move(plain));
  }
  TRY_ASSIGN(
      subject.engine,
      engine::Engine::Load(path, {.max_sequences = kTogether, .threads = threads, .compute = engine::Compute::kBf16}));
  return subject;
}

struct Score {
  double rouge = 0, facts = 0, seconds = 0;
};

Result<Score> ScoreOf(Subject& subject, const Job& job, const std::string& show) {
  const auto begin = std::chrono::steady_clock::now();
  TRY_ASSIGN(const auto written,
             train::WriteAnswers(*subject.engine, subject.prompts, {.max_tokens = 48, .stop = {"\n"}},
                                 [](double) { return Status(); }));
  Score score{.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()};
  const auto count = static_cast<double>(written.size());
  for (size_t i = 0; i < written.size(); ++i) {
    const std::string& source = job.texts[i].prompt.back().content;
    const double rouge = RougeL(written[i].text, job.references[i]);
    const bool keeps = KeepsFacts(written[i].text, job.keys[i], source);
    score.rouge += rouge / count;
    score.facts += keeps ? 1 / count : 0;
    if (!show.empty()) std::cerr << show << (keeps ? " + " : " - ") << source << "\n    " << written[i].text << "\n";
  }
  return score;
}

// Waits for answers that are written at once.
class Gate {
 public:
  void Open() {
    const std::lock_guard lock(mutex_);
    ++opened_;
    changed_.notify_one();
  }
  void WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return opened_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t opened_ = 0;
};

// Tokens a second of `together` sequences that each get kNewTokens, from the last one's first token on; prompts are the
// same for all models.
Result<double> Speed(Subject& subject, size_t together, size_t first) {
  Gate gate;
  std::vector<double> decode_ms(together);
  for (size_t i = 0; i < together; ++i) {
    engine::Request request{.prompt = subject.plain[(first + i) % subject.plain.size()], .max_new_tokens = kNewTokens};
    request.ignore_end = true;
    engine::Callbacks callbacks{.on_delta = [](const engine::Delta&) {},
                                .on_done =
                                    [&, i](const engine::Completion& done) {
                                      decode_ms[i] = done.usage.decode_ms;
                                      gate.Open();
                                    },
                                .on_error = [&gate](const Error&) { gate.Open(); }};
    TRY(subject.engine->Generate(std::move(request), std::move(callbacks)));
  }
  gate.WaitFor(together);
  const double slowest = *std::max_element(decode_ms.begin(), decode_ms.end());
  if (slowest <= 0) return Internal("a model wrote nothing");
  return 1000.0 * static_cast<double>(together) * (kNewTokens - 1) / slowest;
}

Result<std::map<std::string, Subject>> LoadAll(const Flags& flags, const Job& job, std::string& held) {
  std::map<std::string, Subject> subjects;
  std::vector<train::PromptText> examples;
  if (!flags.examples.empty()) {
    TRY_ASSIGN(examples, train::ReadPromptTexts(flags.examples, train::Answers::kRequired));
  }
  TRY_ASSIGN(subjects[kTeacher], Load(flags.teacher, job, examples, flags.threads));
  for (const std::string& student : flags.students) {
    const size_t at = student.find('=');
    if (at == student.npos) return Invalid("--student is NAME=FOLDER, got " + student);
    if (held.empty()) held = student.substr(0, at);
    TRY_ASSIGN(subjects[student.substr(0, at)], Load(student.substr(at + 1), job, {}, flags.threads));
  }
  return subjects;
}

Result<bool> Run(const Flags& flags) {
  TRY_ASSIGN(const Job job, ReadJob(flags.prompts));
  std::string held;
  TRY_ASSIGN(auto subjects, LoadAll(flags, job, held));
  Value figures = {{"prompts", job.texts.size()}, {"compute", "bf16"}};
  std::map<std::string, Score> scores;
  for (auto& [name, subject] : subjects) {
    TRY_ASSIGN(scores[name], ScoreOf(subject, job, flags.show == name ? name : ""));
    figures["rouge_l"][name] = Round(scores[name].rouge);
    figures["facts_kept"][name] = Round(scores[name].facts);
    figures["answers_s"][name] = Round(static_cast<double>(job.texts.size()) / scores[name].seconds);
    figures["parameters"][name] = subject.engine->info().parameters;
    figures["prompt_tokens"][name] = subject.prompts.front().size();
  }
  std::map<size_t, std::map<std::string, std::vector<double>>> speeds;
  for (int round = 0; round <= flags.rounds; ++round) {
    for (const size_t together : {size_t{1}, kTogether}) {
      for (const std::string& name : {std::string(kTeacher), held}) {
        TRY_ASSIGN(const double speed, Speed(subjects[name], together, static_cast<size_t>(round) * kTogether));
        if (round > 0) speeds[together][name].push_back(speed);  // the first one warms up
      }
    }
  }
  for (const auto& [together, by_name] : speeds) {
    for (const auto& [name, list] : by_name) figures["tokens_s"][name][std::to_string(together)] = Round(Median(list));
  }
  const auto share = [&](double Score::* score) { return Round(scores[held].*score / scores[kTeacher].*score); };
  const auto faster = [&](size_t n) { return Round(MedianRatio(speeds[n][held], speeds[n][kTeacher])); };
  const std::vector<Bar> bars{
      {"student's ROUGE-L, share of the teacher's", share(&Score::rouge), 0.9, Better::kMore},
      {"student's answers that keep the facts, share of the teacher's", share(&Score::facts), 0.9, Better::kMore},
      {"student's tokens/s, one sequence, times the teacher's", faster(1), 1.8, Better::kMore},
      {"student's tokens/s, 16 sequences, times the teacher's", faster(kTogether), 1.8, Better::kMore}};
  std::cout << Report("distill --language", figures, bars) << std::endl;
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("A teacher that writes and its students side by side: the job, speed, size.");
  app.add_option("--teacher", flags.teacher, "its file or folder")->required();
  app.add_option("--student", flags.students, "NAME=FOLDER; may be given again, the first one is held to the bars")
      ->required();
  app.add_option("--prompts", flags.prompts, "what all are asked: .jsonl with prompt, reference and keys")->required();
  app.add_option("--examples", flags.examples, "what the teacher is shown: .jsonl with prompt and answer");
  troupe::bench::AddThreads(app, flags.threads, "a model");
  app.add_option("--rounds", flags.rounds, "in which both take turns")->capture_default_str();
  app.add_option("--show", flags.show, "prints the answers of this one on stderr");
  return troupe::bench::Main(app, argc, argv, "distill", [&flags] { return troupe::bench::Run(flags); });
}
