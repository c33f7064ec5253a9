#include "router/dispatch/decompose_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace troupe::dispatch {
namespace {

// Examples in one call: a few hundred kilobytes of vectors.
constexpr size_t kTextsAtOnce = 128;

// Adds the vectors of an embedding agent's answer, each brought to length 1. The agent is another process: all is
// checked.
Status AddVectors(const Value& output, size_t expected, int& width, std::vector<float>& out) {
  const auto wrong = [](const std::string& what) { return Internal("the embedding agent's answer is wrong: " + what); };
  if (!output.is_object() || !output.contains("vectors") || !output["vectors"].is_array())
    return wrong("no list \"vectors\"");
  const Value& rows = output["vectors"];
  if (rows.size() != expected)
    return wrong(std::to_string(rows.size()) + " vectors for " + std::to_string(expected) + " texts");
  for (const Value& row : rows) {
    constexpr size_t kMaxWidth = 16'384;
    if (!row.is_array() || row.empty() || row.size() > kMaxWidth) return wrong("a vector is no list of numbers");
    if (width == 0) width = static_cast<int>(row.size());
    if (row.size() != static_cast<size_t>(width)) return wrong("vectors of different lengths");
    double squares = 0;
    const size_t begin = out.size();
    for (const Value& number : row) {
      if (!number.is_number()) return wrong("a vector holds what is no number");
      out.push_back(number.get<float>());
      squares += static_cast<double>(out.back()) * out.back();
    }
    if (!std::isfinite(squares) || squares <= 0) return wrong("a vector of no length");
    const float scale = static_cast<float>(1.0 / std::sqrt(squares));
    for (size_t i = begin; i < out.size(); ++i) out[i] *= scale;
  }
  return {};
}

}  // namespace

DecomposeRun::DecomposeRun(StepOrder order, DecomposeJob job, std::shared_ptr<StepListener> listener, Starter starter,
                           std::shared_ptr<SkillCache> cache, Timers& timers)
    : TextRun(std::move(order), std::move(listener), std::move(starter), timers),
      job_(std::move(job)),
      cache_(std::move(cache)) {
  options_.max_parts = job_.step->max;
  options_.threshold = job_.step->threshold;
  for (double& cost : options_.weights.cut) cost *= job_.step->cut_cost;
  options_.default_skill = job_.step->default_skill;
  total_.site.agent = this->order().agent;
}

DecomposeRun::~DecomposeRun() { FinishBuilding(nullptr); }

void DecomposeRun::Start() {
  Result<std::string> text = Text();
  if (!text) return EndLater(text.error());
  text_ = std::move(*text);
  if (job_.step->by == graph::DecomposeStep::By::kList) {
    items_ = decompose::SplitList(text_, {.separator = job_.step->separator, .max_items = job_.step->max});
    candidates_ = decompose::ItemCandidates(text_, items_, options_);
    options_.neighbours = decompose::Neighbours::kKeepApart;
  } else {
    candidates_ = decompose::FindCandidates(text_, options_);
  }
  if (candidates_.spans.empty()) return EndLater(Value::array());
  Ask(Value{{"texts", decompose::Texts(text_, candidates_)}}, "/spans");
}

void DecomposeRun::OnStepEnd(const std::string&, int, StepOutcome outcome) {
  total_.usage += outcome.usage;
  const UnixMs first_sent_ms = total_.site.sent_ms;
  const int64_t queued_us = total_.site.queued_us;
  total_.site = outcome.site;
  if (first_sent_ms != 0) total_.site.sent_ms = first_sent_ms;
  total_.site.queued_us += queued_us;
  if (!outcome.output) return End(std::move(outcome.output));
  if (phase_ == Phase::kSpans) {
    if (Status added = AddVectors(*outcome.output, candidates_.spans.size(), width_, span_vectors_); !added)
      return End(added.error());
    cache_key_ = job_.graph->version.value + "/" + job_.step_name + "/" + outcome.site.model_digest;
    phase_ = Phase::kSkills;
    return FindSkills();
  }
  const size_t asked = examples_asked_ - skill_vectors_.size() / static_cast<size_t>(width_);
  if (Status added = AddVectors(*outcome.output, asked, width_, skill_vectors_); !added) return End(added.error());
  if (examples_asked_ < examples_.size()) return EmbedNextSkills();
  BuildSkills();
}

void DecomposeRun::FindSkills() {
  bool build = false;
  const SkillCache::Index index = cache_->Get(cache_key_, [self = Self()] { self->FindSkills(); }, build);
  if (index) return Choose(*index);
  if (!build) return;
  building_ = true;
  if (over()) return FinishBuilding(nullptr);
  for (const graph::Skill& skill : job_.step->skills) {
    examples_.insert(examples_.end(), skill.examples.begin(), skill.examples.end());
  }
  EmbedNextSkills();
}

void DecomposeRun::EmbedNextSkills() {
  const size_t begin = examples_asked_;
  examples_asked_ = std::min(examples_.size(), begin + kTextsAtOnce);
  const std::vector<std::string> texts(examples_.begin() + static_cast<ptrdiff_t>(begin),
                                       examples_.begin() + static_cast<ptrdiff_t>(examples_asked_));
  Ask(Value{{"texts", texts}}, "/skills" + std::to_string(begin));
}

void DecomposeRun::BuildSkills() {
  std::vector<std::string> names;
  std::vector<int> counts;
  for (const graph::Skill& skill : job_.step->skills) {
    names.push_back(skill.name);
    counts.push_back(static_cast<int>(skill.examples.size()));
  }
  Result<decompose::SkillIndex> built =
      decompose::SkillIndex::Build(std::move(names), counts, std::move(skill_vectors_), width_);
  if (!built) return End(built.error());
  const auto index = std::make_shared<const decompose::SkillIndex>(std::move(*built));
  FinishBuilding(index);
  Choose(*index);
}

void DecomposeRun::Choose(const decompose::SkillIndex& skills) {
  Result<std::vector<decompose::Part>> parts = decompose::Choose(text_, candidates_, span_vectors_, skills, options_);
  if (!parts) return End(parts.error());
  Value list = Value::array();
  for (size_t i = 0; i < parts->size(); ++i) {
    decompose::Part& part = (*parts)[i];
    // an item hands on what stands after its marker
    if (!items_.empty()) part.text = text_.substr(items_[i].text.begin, items_[i].text.end - items_[i].text.begin);
    list.push_back({{"text", part.text}, {"skill", part.skill}, {"score", part.score}, {"index", i}});
  }
  End(std::move(list));
}

void DecomposeRun::End(Result<Value> output) {
  if (!Claim()) return;
  FinishBuilding(nullptr);
  total_.output = std::move(output);
  Tell(std::move(total_));
}

void DecomposeRun::EndLater(Result<Value> output) {
  Later([self = Self(), output = std::move(output)]() mutable { self->End(std::move(output)); });
}

void DecomposeRun::FinishBuilding(SkillCache::Index index) {
  if (building_.exchange(false)) cache_->Finish(cache_key_, std::move(index));
}

void DecomposeRun::Cancel() {
  TextRun::Cancel();
  // Others may wait for it: they are served from another thread, not within the caller's.
  Later([self = Self()] { self->FinishBuilding(nullptr); });
}

}  // namespace troupe::dispatch
