// A graph as plain data: who works here (agents, pools, models) and who hears whom (steps). Made by Parse from a file,
// proved by Lint, then never changed: the core, dispatch and the drawings read it from many threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "router/graph/price.h"
#include "router/graph/priority.h"
#include "runtime/base/id.h"
#include "runtime/base/memory_share.h"
#include "runtime/base/value.h"
#include "runtime/hub/source.h"
#include "runtime/kind/kind.h"
#include "runtime/text/template.h"

namespace troupe::graph {

// Where something stands in a file; line and column from 1, 0 where unknown.
struct Position {
  std::string file;
  int line = 0;
  int column = 0;
};

// A value that may hold expressions anywhere inside.
struct ValueTemplate {
  enum class Kind {
    kLiteral,   // `literal`, as it is
    kTemplate,  // `text`: a lone {{ }} keeps its native type
    kObject,    // `fields`
    kList,      // `items`
    kFile,      // `text` rendered with nothing but `fields`: {file: x.j2, with: {...}}
  };
  Kind kind = Kind::kLiteral;
  Value literal;
  std::shared_ptr<const text::Template> text;
  std::map<std::string, ValueTemplate> fields;
  std::vector<ValueTemplate> items;
  Position position;
};

// An expression whose value is asked for: when, until, each, decompose.text.
struct Expression {
  std::shared_ptr<const text::Template> text;
  Position position;
};

enum class OnError {
  kFail,  // the task fails
  kKeep,  // goes on with none in its place
  kDrop,  // each only: the item is left out of the list
};

struct Retry {
  // Further attempts after the first; 0 for none.
  int max = 0;
  // The first pause, doubled each time, at most max_backoff_ms.
  int64_t backoff_ms = 200;
  int64_t max_backoff_ms = 10'000;
};

// Answers are kept and given again to who asks the same; with `semantic` also to who asks it in other words.
struct CacheRule {
  // How long an answer is fresh, and for how long after that it is still given while a new one is made.
  int64_t ttl_ms = 24LL * 3600 * 1000;
  int64_t stale_ms = 0;
  // Whose an answer is: nobody else is given it. Absent: everybody's.
  std::optional<Expression> user;
  // What tells whether an answer given by meaning was right.
  enum class Judge {
    // The agent's own answer to the question is the same.
    kEqual,
    // It says the same: its vector is near, and the guard finds no fact that differs.
    kAlike,
    // Who got it: right until somebody says otherwise.
    kPeople,
  };
  struct Semantic {
    // The question.
    Expression text;
    // Turns it into a vector.
    std::string agent;
    // Wrong answers among those that are given by meaning, at most.
    double error_bound = 0.01;
    // The cosine from which a question means the same, before anything was learnt.
    double threshold = 0.95;
    Judge judge = Judge::kEqual;
  };
  std::optional<Semantic> semantic;
  Position position;
};

// Where the step's agent, the student, is unsure, a teacher is asked the same, and its answer is the step's. It stands
// on the step as `fallback` and `cache` do, and not on the agent: how sure is sure enough depends on what the answer is
// for, and what a pair of answers holds of the input on what the step was given.
struct TeachRule {
  // The teacher.
  std::string agent;
  // It is asked where the student's confidence is less.
  double below = 0.0;
  // The field of the student's output that says how sure it is, as its kind names it.
  std::string confidence;
  // The field of it that is the answer, likewise; empty where all but the confidence is.
  std::string answer;
  // Of the answers of which the student is sure, the share of which the teacher is asked all the same: a spot check, 0
  // to 1.
  double check = 0.0;
  // For the teacher's attempt; 0 means as long as the task has.
  int64_t timeout_ms = 0;
  // What becomes of the pairs of answers.
  enum class Keep {
    kNothing,
    // Kept to learn from where the step depends on nothing private.
    kPublic,
    // Kept in any case.
    kAll,
  };
  Keep keep = Keep::kPublic;
  Position position;
};

struct Step;

// Steps that see each other by name, and what they give together.
struct Scope {
  // In the order of the file.
  std::vector<Step> steps;
  // Absent: none.
  std::optional<ValueTemplate> output;
};

struct AgentStep {
  std::string agent;
  ValueTemplate input;
  // Tried once more with this agent when the attempts are used up; empty for none.
  std::string fallback;
  // For one attempt; 0 means as long as the task has.
  int64_t timeout_ms = 0;
  Retry retry;
  // For so many in 100 of the agent's steps a second try may begin beside a slow one; 0 for none.
  int hedge_percent = 0;
  // Absent: every answer is made anew.
  std::optional<CacheRule> cache;
  // Absent: every answer stands.
  std::optional<TeachRule> teach;
};

// A skill that a part of a text can ask for.
struct Skill {
  std::string name;
  std::vector<std::string> examples;
};

// Takes a text apart into a list of parts; what each part says depends on `by`.
struct DecomposeStep {
  enum class By {
    kMeaning,  // {text, skill, score, index}: an embedding agent, examples of skills
    kList,     // {text, index}, and skill and score where there is an embedding agent: a list's items
    kWindows,  // {text, index, start, end}: windows of a long document
    kPlanner,  // {text, skill, index}: an agent that writes says which words ask for which skill
  };
  By by = By::kMeaning;
  Expression text;
  // Who helps; empty where the router does it alone (lists without skills, windows).
  std::string agent;
  std::vector<Skill> skills;
  // The skill of parts that match none.
  std::string default_skill;
  // Parts at most; the rest is joined to the last one. More windows than this are an error.
  int max = 0;
  // Cosine below which a part goes to the default skill.
  double threshold = 0.0;
  // kMeaning: what a cut costs, times the usual.
  double cut_cost = 1.0;
  // kList: what stands between items; empty: found out from the text.
  std::string separator;
  // kWindows: characters of a window at most, and how many of them repeat the one before at most.
  int64_t size = 0;
  int64_t overlap = 0;
  int64_t timeout_ms = 0;
  Retry retry;
};

// Runs `body` once for each item; its output is the list of theirs.
struct EachStep {
  // What the body calls the item.
  std::string variable;
  Expression items;
  int max = 0;
  int parallel = 1;
  std::shared_ptr<const Scope> body;
};

// Runs `body` until a condition holds; its output is that of the last turn. `previous` is the turn before's, none at
// first.
struct RepeatStep {
  Expression until;
  int max = 0;
  enum class OnExhausted { kFail, kKeep } on_exhausted = OnExhausted::kFail;
  std::shared_ptr<const Scope> body;
};

// Waits for a person. Its output is {approved: bool, by: string, note: string, time: string}.
struct ApproveStep {
  // What the person is asked: a text.
  ValueTemplate ask;
  // What is shown beside it.
  std::optional<ValueTemplate> show;
  // 0 for as long as it takes.
  int64_t timeout_ms = 0;
  // What comes of it when nobody decides in time.
  enum class OnTimeout { kReject, kApprove, kFail } on_timeout = OnTimeout::kReject;
};

// Runs the steps of another graph file; its output is that graph's. What it has of agents, models and pools is among
// the outer graph's own (see subgraph.h), its limits do not count.
struct GraphStep {
  // The file, from the outermost graph's folder, and the graph's name.
  std::string file;
  std::string name;
  // What the steps inside call `input`.
  ValueTemplate input;
  kind::Type input_type;
  kind::Type output_type;
  std::shared_ptr<const Scope> body;
};

enum class StepKind { kAgent, kDecompose, kEach, kRepeat, kApprove, kGraph };

struct Step {
  std::string name;
  StepKind kind = StepKind::kAgent;
  Position position;
  // Left out when this is false.
  std::optional<Expression> when;
  OnError on_error = OnError::kFail;
  // Indexes, in the scope that holds this step, of those that must have ended before it starts: by reference or
  // `after`.
  std::vector<int> waits_for;
  // What others see of it; nullable where it may be skipped or kept.
  kind::Type output_type;
  // The one that `kind` names is set.
  std::optional<AgentStep> agent;
  std::optional<DecomposeStep> decompose;
  std::optional<EachStep> each;
  std::optional<RepeatStep> repeat;
  std::optional<ApproveStep> approve;
  std::optional<GraphStep> graph;
};

struct Model {
  std::string name;
  std::string path;  // made absolute against the graph file's folder; in the cache where it has a source
  // Where it is pulled from, hf: or pypi:; nothing for files of this machine.
  std::optional<hub::Source> source;
  std::string sha256;  // empty where the graph states none
  Position position;
};

struct Pool {
  std::string name;
  // GPU products in order of preference; empty means CPU.
  std::vector<std::string> gpus;
  // What work there costs, unless an agent says otherwise.
  Price price;
  Position position;
};

// Another pool for an agent's work.
struct Spill {
  std::string pool;
  // The agent's own price, or that pool's.
  Price price;
  bool operator==(const Spill&) const = default;
};

struct Agent {
  std::string name;
  const kind::Kind* kind = nullptr;
  std::string pool;
  // Empty for kinds without one.
  std::string model;
  // What each of its processes is granted of its card's memory, or of the CPU's where its pool is that.
  MemoryShare memory;
  // Defaults filled in, file contents in place of file names.
  Value config;
  int min_replicas = 1;
  int max_replicas = 1;
  // Generated tokens that one step may cost; 0 for kinds that generate none.
  int64_t max_tokens = 0;
  // 0 means the kind's own.
  int slots = 0;
  int queue_limit = 64;
  // Peers that it may ask while it works on a step, and how often in one step.
  std::map<std::string, int> asks;
  // Its own, or its pool's.
  Price price;
  // Pools that take its work where no replica in its own has room, the first one first.
  std::vector<Spill> spill_to;
  kind::Type output_type;
  Position position;
};

struct Limits {
  // 0 means none.
  int64_t time_ms = 0;
  int64_t tokens = 0;
  int64_t device_us = 0;
  // Millionths of the currency's unit.
  int64_t money = 0;
  // Of tasks that name none: whose steps are served first, 0 to 9, the higher first.
  int priority = kDefaultPriority;
};

struct Graph {
  std::string name;
  GraphVersion version;
  // An object type; its fields are what a task must bring.
  kind::Type input;
  Limits limits;
  std::map<std::string, Model> models;
  std::map<std::string, Pool> pools;
  std::map<std::string, Agent> agents;
  Scope root;
  // Whole tasks' answers are kept. Of a graph inside another one it says nothing.
  std::optional<CacheRule> cache;
  // Of what `root` gives.
  kind::Type output;
  // Some step waits for a person, so a task's deadline may move.
  bool asks_people = false;
  // Steps in all, those of the graphs inside counted each time.
  int64_t step_count = 0;
  // The folder of the graph file.
  std::string base_path;
};

}  // namespace troupe::graph
