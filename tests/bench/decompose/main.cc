// Takes joined messages apart with the product's own embedder and counts what it got right, next to the baseline that
// splits at sentence ends and takes the nearest example.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <iostream>
#include <unordered_map>

#include "router/decompose/decompose.h"
#include "runtime/engine/embedder.h"
#include "tests/bench/decompose/documents.h"
#include "tests/bench/decompose/planner.h"
#include "tests/bench/decompose/score.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

struct Flags {
  std::string data;
  std::string model;
  int messages = 300;
  uint64_t seed = 1;
  int examples = 20;
  std::string writer;
  int planned = 12;
};

// Each text through the model once.
class Vectors {
 public:
  explicit Vectors(engine::Embedder& embedder) : embedder_(embedder) {}

  Status Add(const std::vector<std::string>& texts) {
    std::vector<std::string> fresh;
    for (const std::string& text : texts) {
      if (rows_.try_emplace(text, rows_.size()).second) fresh.push_back(text);
    }
    constexpr size_t kAtOnce = 2048;
    for (size_t begin = 0; begin < fresh.size(); begin += kAtOnce) {
      const auto end = fresh.begin() + static_cast<ptrdiff_t>(std::min(begin + kAtOnce, fresh.size()));
      std::promise<Result<engine::Rows>> done;
      TRY_ASSIGN(const auto handle,
                 embedder_.Embed({fresh.begin() + static_cast<ptrdiff_t>(begin), end},
                                 [&](Result<engine::Rows> rows) { done.set_value(std::move(rows)); }));
      TRY_ASSIGN(const auto rows, done.get_future().get());
      values_.insert(values_.end(), rows.values.begin(), rows.values.end());
    }
    return {};
  }

  std::vector<float> Of(const std::vector<std::string>& texts) const {
    const auto width = static_cast<ptrdiff_t>(embedder_.width());
    std::vector<float> all;
    for (const std::string& text : texts) {
      const auto row = values_.begin() + static_cast<ptrdiff_t>(rows_.at(text)) * width;
      all.insert(all.end(), row, row + width);
    }
    return all;
  }

  size_t size() const { return rows_.size(); }

 private:
  engine::Embedder& embedder_;
  std::unordered_map<std::string, size_t> rows_;
  std::vector<float> values_;
};

struct Skills {
  std::vector<std::string> names;
  std::vector<int> counts;
  std::vector<std::string> examples;
};

Skills TakeExamples(const Queries& train, int most) {
  Skills skills;
  for (const auto& [intent, texts] : train) {
    const auto count = std::min<ptrdiff_t>(most, static_cast<ptrdiff_t>(texts.size()));
    skills.names.push_back(intent);
    skills.counts.push_back(static_cast<int>(count));
    skills.examples.insert(skills.examples.end(), texts.begin(), texts.begin() + count);
  }
  return skills;
}

std::vector<std::string> SentenceTexts(const std::string& text) {
  std::vector<std::string> texts;
  for (const decompose::Span& span : Sentences(text)) texts.push_back(text.substr(span.begin, span.end - span.begin));
  return texts;
}

// Each sentence to the skill of its nearest example; neighbours of one skill joined, as decompose does.
std::vector<decompose::Part> Baseline(const std::string& text, const Vectors& vectors,
                                      const decompose::SkillIndex& nearest) {
  std::vector<decompose::Part> parts;
  const std::vector<decompose::Span> sentences = Sentences(text);
  const std::vector<std::string> texts = SentenceTexts(text);
  for (size_t i = 0; i < sentences.size(); ++i) {
    const std::string& skill = nearest.name(nearest.Nearest(vectors.Of({texts[i]})).skill);
    if (!parts.empty() && parts.back().skill == skill) {
      parts.back().end = sentences[i].end;
    } else {
      parts.push_back({.skill = skill, .begin = sentences[i].begin, .end = sentences[i].end});
    }
  }
  return parts;
}

Value Figures(const Tally& tally) {
  return {{"messages", tally.messages},
          {"parts_per_query", Round(tally.PartsFound())},
          {"messages_with_right_count", Round(tally.RightCount())},
          {"boundary_precision", Round(tally.Precision())},
          {"boundary_recall", Round(tally.Recall())},
          {"boundary_f1", Round(tally.F1())},
          {"routed_right", Round(tally.Routed())}};
}

// For all messages, and by joining.
struct Tallies {
  Tally all;
  Tally by[kJoinings];

  void Take(const Message& message, const std::vector<decompose::Part>& parts) {
    Add(message, parts, all);
    Add(message, parts, by[static_cast<int>(message.joining)]);
  }
  Value ToValue() const {
    Value value{{"all", Figures(all)}};
    for (int i = 0; i < kJoinings; ++i) value[JoiningName(static_cast<Joining>(i))] = Figures(by[i]);
    return value;
  }
};

double MillisecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

// A few messages on a few skills through the planner and, for comparison, by meaning: a planner reads all skills with
// every message, and the model is slow.
Result<Value> PlannerFigures(const Flags& flags, const Queries& train, const Queries& test, Vectors& vectors,
                             int width) {
  constexpr size_t kSkills = 8;
  Queries few_train;
  Queries few_test;
  std::vector<decompose::PlanSkill> plan_skills;
  const size_t apart = std::max<size_t>(1, train.size() / kSkills);
  for (auto it = train.begin(); it != train.end() && few_train.size() < kSkills;) {
    if (test.contains(it->first)) {
      few_train[it->first] = it->second;
      few_test[it->first] = test.at(it->first);
      plan_skills.push_back({it->first, it->second});
    }
    for (size_t i = 0; i < apart && it != train.end(); ++i) ++it;
  }
  const Skills skills = TakeExamples(few_train, flags.examples);
  TRY(vectors.Add(skills.examples));
  TRY_ASSIGN(const auto index,
             decompose::SkillIndex::Build(skills.names, skills.counts, vectors.Of(skills.examples), width));
  TRY_ASSIGN(Planner planner, Planner::Load(flags.writer));
  Tallies planned;
  Tallies by_meaning;
  double plan_ms = 0.0;
  const std::vector<Message> messages = MakeMessages(few_test, flags.planned, flags.seed);
  for (const Message& message : messages) {
    std::fprintf(stderr, "planning %d of %zu\n", planned.all.messages + 1, messages.size());
    const auto start = std::chrono::steady_clock::now();
    TRY_ASSIGN(const auto plan, planner.Split(message.text, plan_skills, {.max_parts = 6}));
    plan_ms += MillisecondsSince(start);
    planned.Take(message, plan);
    const decompose::Candidates candidates = decompose::FindCandidates(message.text, {});
    const std::vector<std::string> texts = decompose::Texts(message.text, candidates);
    TRY(vectors.Add(texts));
    TRY_ASSIGN(const auto parts, decompose::Choose(message.text, candidates, vectors.Of(texts), index, {}));
    by_meaning.Take(message, parts);
  }
  return Value{{"planner", Figures(planned.all)},
               {"by_meaning", Figures(by_meaning.all)},
               {"skills", skills.names.size()},
               {"ms_per_message", Round(plan_ms / static_cast<double>(messages.size()))}};
}

Result<bool> Run(const Flags& flags) {
  TRY_ASSIGN(const Queries train, ReadQueries(flags.data + "/train.csv"));
  TRY_ASSIGN(const Queries test, ReadQueries(flags.data + "/test.csv"));
  engine::EmbedderOptions embedder_options;
  embedder_options.max_queued = 1 << 16;
  TRY_ASSIGN(const auto embedder, engine::Embedder::Load(flags.model, embedder_options));
  Vectors vectors(*embedder);
  const Skills skills = TakeExamples(train, flags.examples);
  TRY(vectors.Add(skills.examples));
  TRY_ASSIGN(const auto index,
             decompose::SkillIndex::Build(skills.names, skills.counts, vectors.Of(skills.examples), embedder->width()));
  TRY_ASSIGN(const auto nearest, decompose::SkillIndex::Build(skills.names, skills.counts, vectors.Of(skills.examples),
                                                              embedder->width(), 1));

  const decompose::Options options;
  Tallies ours;
  Tallies baseline;
  double embed_ms = 0.0;
  double split_ms = 0.0;
  size_t spans = 0;
  const std::vector<Message> messages = MakeMessages(test, flags.messages, flags.seed);
  for (size_t i = 0; i < messages.size(); ++i) {
    const Message& message = messages[i];
    if (i % 50 == 0) std::fprintf(stderr, "message %zu of %zu\n", i, messages.size());
    auto start = std::chrono::steady_clock::now();
    const decompose::Candidates candidates = decompose::FindCandidates(message.text, options);
    const std::vector<std::string> texts = decompose::Texts(message.text, candidates);
    split_ms += MillisecondsSince(start);
    start = std::chrono::steady_clock::now();
    TRY(vectors.Add(texts));
    embed_ms += MillisecondsSince(start);
    spans += texts.size();
    const std::vector<float> rows = vectors.Of(texts);
    start = std::chrono::steady_clock::now();
    TRY_ASSIGN(const auto parts, decompose::Choose(message.text, candidates, rows, index, options));
    split_ms += MillisecondsSince(start);
    ours.Take(message, parts);
    TRY(vectors.Add(SentenceTexts(message.text)));
    baseline.Take(message, Baseline(message.text, vectors, nearest));
  }

  const double count = static_cast<double>(messages.size());
  Value figures{{"decompose", ours.ToValue()},
                {"sentence_ends", baseline.ToValue()},
                {"skills", skills.names.size()},
                {"examples", skills.examples.size()},
                {"seed", flags.seed},
                {"spans_per_message", Round(static_cast<double>(spans) / count)},
                {"embed_ms_per_message", Round(embed_ms / count)},
                {"split_ms_per_message", Round(split_ms / count)},
                {"windows", WindowFigures(MakeDocument(test, 1'000'000, flags.seed), 2000)}};
  if (!flags.writer.empty() && flags.planned > 0) {
    TRY_ASSIGN(figures["planner"], PlannerFigures(flags, train, test, vectors, embedder->width()));
  }
  const std::vector<Bar> bars = {
      {"boundary F1 above splitting at sentence ends", ours.all.F1() - baseline.all.F1(), 0.10, Better::kMore}};
  std::cout << Report("decompose", figures, bars) << "\n";
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("How well decompose takes joined messages apart.");
  app.add_option("--data", flags.data, "folder with train.csv and test.csv of banking77")->required();
  app.add_option("--model", flags.model, "folder with MiniLM")->required();
  app.add_option("--messages", flags.messages, "how many messages")
      ->check(CLI::Range(3, 100'000))
      ->capture_default_str();
  app.add_option("--seed", flags.seed, "which messages")->capture_default_str();
  app.add_option("--examples", flags.examples, "examples of each skill at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--writer", flags.writer, "SmolLM2's .gguf file, for the planner; left out: no figures of it");
  app.add_option("--planned", flags.planned, "messages through the planner")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto ok = troupe::bench::Run(flags);
  if (!ok) {
    std::cerr << "bench_decompose: " << troupe::ToString(ok.error()) << "\n";
    return 2;
  }
  return *ok ? 0 : 1;
}
