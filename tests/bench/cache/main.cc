// The semantic cache on real questions, and on pairs made to mislead it.
#include <ATen/ATen.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <thread>

#include "router/cache/match.h"
#include "tests/bench/cache/curve.h"
#include "tests/bench/cache/eviction.h"
#include "tests/bench/cache/nearest.h"
#include "tests/bench/cache/pairs.h"
#include "tests/bench/cache/questions.h"
#include "tests/bench/cache/replay.h"
#include "tests/bench/common.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

struct Flags {
  std::string data, model, svg;
  uint64_t seed = 1;
  size_t pairs = 200;
  size_t entries = 100'000;
  int threads = 1;
  bool show = false;
};

struct Results {
  Value figures;
  std::vector<Bar> bars;
};

Value Described(const Rates& rates) {
  const auto wrong = Interval(rates.wrong, rates.requests), hits = Interval(rates.hits, rates.requests);
  return {{"requests", rates.requests},
          {"hit_percent", Round(rates.hit_percent())},
          {"hit_interval", {Round(hits.first), Round(hits.second)}},
          {"wrong_percent", Round(rates.wrong_percent())},
          {"wrong_interval", {Round(wrong.first), Round(wrong.second)}}};
}

Curve Swept(const std::vector<Request>& requests, By by, const std::string& name, const std::string& kind) {
  Curve curve{name, kind, {}};
  for (int percent = 100; percent >= 50; --percent) {
    const Rates rates = RatesAt(requests, percent / 100.0, by);
    curve.points.push_back({percent / 100.0, rates.hit_percent(), rates.wrong_percent()});
  }
  return curve;
}

// The most hits that a curve has with no more wrong answers than that.
double MostHits(const Curve& curve, double wrong_percent) {
  double most = 0.0;
  for (const Point& point : curve.points) {
    if (point.wrong_percent <= wrong_percent) most = std::max(most, point.hit_percent);
  }
  return most;
}

Status RunReplay(const Flags& flags, const Questions& questions, const at::Tensor& vectors, Results& results) {
  std::cerr << "cache: replay" << std::endl;
  const std::vector<Request> requests = Replay(questions, vectors);
  const double threshold = cache::MatchOptions{}.threshold;
  const Rates rates = RatesAt(requests, threshold, By::kMatch);
  const Curve ours = Swept(requests, By::kMatch, "guard and rivals", "ours"),
              plain = Swept(requests, By::kCosine, "cosine alone", "plain");
  if (!flags.svg.empty())
    TRY(WriteFile(flags.svg, CurvesSvg({ours, plain}, {threshold, rates.hit_percent(), rates.wrong_percent()})));

  Value& figures = results.figures["replay"];
  figures["threshold"] = threshold;
  figures["default"] = Described(rates);
  figures["default, questions held out of tuning"] =
      Described(RatesAt(requests, threshold, By::kMatch, Part::kHeldOut));
  figures["default, only misses kept"] = Described(ReplayMissesOnly(questions, vectors, threshold));
  figures["cosine alone at 0.92"] = Described(RatesAt(requests, 0.92, By::kCosine));
  for (const double wrong : {0.25, 0.5, 0.75, 1.0}) {
    const std::string key = "hit_percent at " + std::to_string(wrong).substr(0, 4) + " % wrong";
    figures[key] = {{"guard and rivals", Round(MostHits(ours, wrong))},
                    {"cosine alone", Round(MostHits(plain, wrong))}};
  }
  results.bars.push_back({"hits, percent of requests", rates.hit_percent(), 35, Better::kMore});
  results.bars.push_back({"wrong answers, percent of requests, upper end of the interval",
                          Interval(rates.wrong, rates.requests).second, 1, Better::kLess});
  results.bars.push_back({"hits, times those of cosine alone at as many wrong answers",
                          rates.hit_percent() / MostHits(plain, rates.wrong_percent()), 1, Better::kMore});
  return {};
}

struct Tally {
  size_t pairs = 0, guard = 0, both = 0;
};

Result<std::map<std::string, Tally>> Judge(const Flags& flags, const std::vector<Pair>& pairs, bool show_passing) {
  std::vector<std::string> left, right;
  for (const Pair& pair : pairs) {
    left.push_back(pair.left);
    right.push_back(pair.right);
  }
  TRY_ASSIGN(const at::Tensor a, Embed(flags.model, left, flags.threads));
  TRY_ASSIGN(const at::Tensor b, Embed(flags.model, right, flags.threads));
  const at::Tensor similarities = (a * b).sum(1);
  std::map<std::string, Tally> tallies;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const std::vector<cache::Neighbour> one{
        {similarities[static_cast<int64_t>(i)].item<float>(), pairs[i].left, "the answer"}};
    const cache::Match match = cache::Choose(pairs[i].right, one);
    for (Tally* tally : {&tallies[pairs[i].kind], &tallies["all"]}) {
      ++tally->pairs;
      tally->guard += match.chosen >= 0 ? 1 : 0;
      tally->both += match.hit() ? 1 : 0;
    }
    if (flags.show && (match.chosen >= 0) == show_passing) {
      std::cerr << pairs[i].kind << ": " << pairs[i].left << " | " << pairs[i].right << " | " << ToString(match, {})
                << "\n";
    }
  }
  return tallies;
}

double Percent(size_t count, size_t of) {
  return of == 0 ? 0.0 : 100.0 * static_cast<double>(count) / static_cast<double>(of);
}

Status RunPairs(const Flags& flags, const Questions& questions, Results& results) {
  std::cerr << "cache: pairs" << std::endl;
  const auto describe = [](const std::map<std::string, Tally>& tallies, Value& figures) {
    for (const auto& [kind, tally] : tallies) {
      figures[kind] = {{"pairs", tally.pairs},
                       {"pass_guard_percent", Round(Percent(tally.guard, tally.pairs))},
                       {"hit_percent", Round(Percent(tally.both, tally.pairs))}};
    }
  };
  TRY_ASSIGN(auto adversaries, Judge(flags, Adversaries(questions.texts, flags.pairs, flags.seed), true));
  TRY_ASSIGN(auto paraphrases, Judge(flags, Paraphrases(questions.texts, flags.pairs, flags.seed), false));
  describe(adversaries, results.figures["adversaries"]);
  describe(paraphrases, results.figures["paraphrases"]);
  const Tally &turned = adversaries["all"], &same = paraphrases["all"];
  results.bars.push_back(
      {"adversarial pairs that are answered alike, percent", Percent(turned.both, turned.pairs), 1, Better::kLess});
  results.bars.push_back(
      {"true paraphrases that pass the guard, percent", Percent(same.guard, same.pairs), 90, Better::kMore});
  return {};
}

Status RunIndex(const Flags& flags, const at::Tensor& vectors, Results& results) {
  std::cerr << "cache: index of " << flags.entries << " entries" << std::endl;
  constexpr size_t kQueries = 1000;
  TRY_ASSIGN(const IndexFigures index, MeasureIndex(vectors, flags.entries, kQueries, flags.seed));
  results.figures["index"] = {{"entries", index.entries},
                              {"width", vectors.size(1)},
                              {"recall_at_1", Round(index.recall)},
                              {"search_p50_ms", Round(index.search_p50_ms)},
                              {"search_p99_ms", Round(index.search_p99_ms)},
                              {"build_s", Round(index.build_s)}};
  results.bars.push_back({"recall at 1 of the index, against exact search", index.recall, 0.98, Better::kMore});
  results.bars.push_back({"search of the index, p50, ms", index.search_p50_ms, 1, Better::kLess});
  return {};
}

void RunEviction(const Flags& flags, Results& results) {
  std::cerr << "cache: eviction" << std::endl;
  double least = 1e9;
  for (const Trace& trace : Traces(flags.seed)) {
    for (const double share : {0.01, 0.05, 0.2}) {
      const HitPercents hits = MeasureEviction(trace, share);
      const std::string room = std::to_string(static_cast<int>(share * 100)) + " % of all bytes";
      results.figures["eviction"][trace.name][room] = {{"tiny_lfu_hit_percent", Round(hits.tiny_lfu)},
                                                       {"lru_hit_percent", Round(hits.lru)}};
      least = std::min(least, hits.tiny_lfu / hits.lru);
    }
  }
  results.bars.push_back({"hits of W-TinyLFU, times those of LRU, on the worst trace", least, 1, Better::kMore});
}

Result<bool> Run(const Flags& flags) {
  TRY_ASSIGN(const Questions questions, ReadQuestions(flags.data, flags.seed));
  std::cerr << "cache: embedding " << questions.texts.size() << " questions" << std::endl;
  TRY_ASSIGN(const at::Tensor vectors, Embed(flags.model, questions.texts, flags.threads));
  Results results;
  RunEviction(flags, results);
  if (flags.entries > 0) TRY(RunIndex(flags, vectors, results));
  TRY(RunPairs(flags, questions, results));
  TRY(RunReplay(flags, questions, vectors, results));
  std::cout << Report("cache", results.figures, results.bars) << std::endl;
  return AllOk(results.bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("The semantic cache on real questions, and on pairs made to mislead it.");
  app.add_option("--data", flags.data, "folder with train.csv and test.csv")->required();
  app.add_option("--model", flags.model, "folder of a model that embeds")->required();
  app.add_option("--svg", flags.svg, "file for the curve of hits against wrong answers");
  app.add_option("--seed", flags.seed, "of order and pairs")->capture_default_str();
  app.add_option("--pairs", flags.pairs, "of each kind")->capture_default_str();
  app.add_option("--entries", flags.entries, "of the index; 0 leaves it out")->capture_default_str();
  app.add_option("--threads", flags.threads, "threads of the model")->capture_default_str();
  app.add_flag("--show", flags.show, "prints the pairs that were judged wrongly");
  return troupe::bench::Main(app, argc, argv, "cache", [&flags] { return troupe::bench::Run(flags); });
}
