#include "tests/bench/generate/bare.h"

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

#include "agents/generate/load.h"
#include "tests/bench/generate/flow.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

// Cannot end before any number of tokens that is asked for here.
Value EndlessSchema() {
  return ParseValue(R"({"type": "array", "minItems": 100000, "items": {"type": "object", "additionalProperties": false,
      "required": ["title", "count", "kind"], "properties": {"title": {"type": "string", "maxLength": 40},
      "count": {"type": "integer"}, "kind": {"enum": ["license", "work", "notice"]}}}})")
      .value();
}

struct Writing {
  AnswerTimes times;
  std::promise<Status> done;
};

engine::Callbacks Follow(Writing& writing) {
  return {[&writing](engine::Delta delta) {
            if (delta.tokens.empty()) return;
            writing.times.arrivals.push_back({SystemClock().MonotonicNs(), static_cast<int64_t>(delta.tokens.size())});
          },
          [&writing](engine::Completion completion) {
            writing.times.prompt_tokens = completion.usage.prompt_tokens;
            writing.done.set_value({});
          },
          [&writing](Error error) { writing.done.set_value(std::move(error)); }};
}

}  // namespace

Result<Bare> Bare::Load(const std::filesystem::path& model, const std::filesystem::path& text_file,
                        const engine::EngineOptions& options) {
  TRY_ASSIGN(auto engine, engine::Engine::Load(model, options));
  TRY_ASSIGN(Prompts prompts, Prompts::Read(text_file, *engine->tokenizer()));
  return Bare(std::move(engine), std::move(prompts));
}

Result<engine::Request> Bare::Make(const Visit& visit, int64_t number) const {
  engine::Request request;
  if (visit.shared_tokens > 0) {
    TRY_ASSIGN(request.prompt, prompts_.At(visit.shared_first, visit.shared_tokens));
  }
  TRY_ASSIGN(const auto own, prompts_.At(number, visit.prompt_tokens));
  request.prompt.insert(request.prompt.end(), own.begin(), own.end());
  request.prompt.insert(request.prompt.end(), own.begin(), own.begin() + visit.repeated_tokens);
  request.max_new_tokens = static_cast<int32_t>(visit.new_tokens);
  request.ignore_end = visit.writes == Writes::kAllTokens;
  if (visit.writes == Writes::kUntilTheEnd) {
    TRY_ASSIGN(const std::string text, engine_->tokenizer()->Decode(request.prompt));
    TRY_ASSIGN(request.prompt, generate::EncodePlain(*engine_, text));
  } else if (visit.writes == Writes::kJson) {
    TRY_ASSIGN(const auto env, engine_->grammar_env());
    TRY_ASSIGN(const auto grammar, text::Grammar::FromJsonSchema(EndlessSchema(), env));
    TRY_ASSIGN(auto matcher, grammar->NewMatcher());
    request.constraint = engine::MakeConstraint(std::move(matcher));
  }
  return request;
}

int64_t Bare::Begin(const Visit& visit) {
  const int64_t first = visit.first >= 0 ? visit.first : next_;
  next_ = first + visit.sequences;
  return first;
}

Result<Value> Bare::Run(const Visit& visit) {
  const int64_t first = Begin(visit);
  std::vector<engine::Request> requests;
  for (int64_t i = 0; i < visit.sequences; ++i) {
    TRY_ASSIGN(engine::Request request, Make(visit, first + i));
    requests.push_back(std::move(request));
  }
  std::vector<Writing> writings(requests.size());
  const int64_t cpu_before = OwnCpuUs();
  const engine::EngineStats before = engine_->Stats();
  Status failed;
  size_t asked = 0;
  for (; asked < requests.size(); ++asked) {
    writings[asked].times.asked_ns = SystemClock().MonotonicNs();
    const auto handle = engine_->Generate(std::move(requests[asked]), Follow(writings[asked]));
    if (!handle) {
      failed = handle.error();
      break;
    }
  }
  // to the last one, whatever failed: callbacks write into what is here
  std::vector<AnswerTimes> answers;
  for (size_t i = 0; i < asked; ++i) {
    if (auto status = writings[i].done.get_future().get(); !status && failed) failed = status;
    answers.push_back(std::move(writings[i].times));
  }
  TRY(failed);
  const Speed speed = SpeedOf(answers);
  const engine::EngineStats stats = engine_->Stats();
  const auto tokens = static_cast<double>(std::max<int64_t>(1, speed.tokens));
  return ToValue(speed, {{"cpu_us_per_token", Round(static_cast<double>(OwnCpuUs() - cpu_before) / tokens)},
                         {"drafted", stats.drafted_tokens - before.drafted_tokens},
                         {"accepted", stats.accepted_tokens - before.accepted_tokens},
                         {"rss_mib", Round(OwnRssMib())}});
}

Result<Value> Bare::PromptsOf(const Visit& visit) {
  const int64_t first = Begin(visit);
  Value list = Value::array();
  Value texts = Value::array();
  for (int64_t i = 0; i < visit.sequences; ++i) {
    TRY_ASSIGN(const engine::Request request, Make(visit, first + i));
    TRY_ASSIGN(std::string text, engine_->tokenizer()->Decode(request.prompt));
    list.push_back(request.prompt);
    texts.push_back(std::move(text));
  }
  return Value{{"prompts", std::move(list)}, {"texts", std::move(texts)}};
}

Result<Value> Bare::Hold(const Visit& visit, int64_t tokens) {
  const int64_t first = Begin(visit);
  Flow flow(*engine_, [&](int64_t number) { return Make(visit, first + number); });
  const int64_t batch = std::min<int64_t>(visit.sequences, engine_->Stats().max_sequences);
  const auto in_flight = static_cast<size_t>(visit.sequences);
  TRY(flow.Run(in_flight, [&] { return flow.tokens() >= 2 * batch; }));
  const int64_t tokens_before = flow.tokens();
  const int64_t cpu_before = OwnCpuUs();
  const int64_t begin_ns = SystemClock().MonotonicNs();
  TRY(flow.Run(in_flight, [&] { return flow.tokens() >= tokens_before + tokens; }));
  const auto written = static_cast<double>(flow.tokens() - tokens_before);
  const auto seconds = static_cast<double>(SystemClock().MonotonicNs() - begin_ns) / 1e9;
  const auto cpu_us = static_cast<double>(OwnCpuUs() - cpu_before);
  next_ = first + flow.requests();
  return Value{{"cpu_us_per_token", Round(cpu_us / written)},
               {"out_tok_s", Round(written / seconds)},
               {"tokens", flow.tokens() - tokens_before}};
}

Result<Value> Bare::Soak(const Visit& visit, double seconds) {
  const int64_t first = Begin(visit);
  Flow flow(*engine_, [&](int64_t number) {
    // lengths that come again in no short period
    Visit one = visit;
    one.prompt_tokens = 1 + number * 37 % visit.prompt_tokens;
    one.new_tokens = 1 + number * 23 % visit.new_tokens;
    return Make(one, first + number);
  });
  const auto begin_ns = SystemClock().MonotonicNs();
  const auto past = [&](double share) {
    return static_cast<double>(SystemClock().MonotonicNs() - begin_ns) >= share * seconds * 1e9;
  };
  int64_t cancel_at = 0;
  const auto enough = [&](double share) {
    return [&, share] {
      if (flow.requests() >= cancel_at) {
        flow.CancelOne();
        cancel_at = flow.requests() + 7;
      }
      return past(share);
    };
  };
  const auto in_flight = static_cast<size_t>(visit.sequences);
  TRY(flow.Run(in_flight, enough(0.2)));
  const double early = OwnRssMib();
  TRY(flow.Run(in_flight, enough(1.0)));
  next_ = first + flow.requests();
  return Value{{"rss_mib_early", Round(early)},
               {"rss_mib_late", Round(OwnRssMib())},
               {"tokens", flow.tokens()},
               {"requests", flow.requests()}};
}

}  // namespace troupe::bench
