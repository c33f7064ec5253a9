#include "router/graph/reference.h"

#include <algorithm>

namespace troupe::graph {
namespace {

constexpr const char* kRequired = "required";
constexpr const char* kNone = "none";

std::vector<KeyReference> FileKeys() {
  return {
      {"apiVersion", "troupe.dev/v1", kRequired, "The version of this language."},
      {"kind", "AgentGraph", kRequired, "What the file describes."},
      {"metadata", "map", kRequired, "As for any Kubernetes object; labels, annotations and namespace are left alone."},
      {"metadata.name", "name: lower-case letters, digits, hyphens", kRequired,
       "What tasks call the graph. Applying another file under this name makes a new version of it."},
      {"input", "map of fields to types", kRequired,
       "What a task brings: {message: {type: string, maxLength: 8000}}. Types are string, integer, number, boolean, "
       "any, [item type] and {fields: {...}}; with optional, default, min, max, enum, and private: what is made of a "
       "private field is not shared by caches."},
      {"limits", "map", kNone, "What a task may cost at most."},
      {"limits.time", "time such as 60s", kNone, "A task that takes longer ends with DEADLINE_EXCEEDED."},
      {"limits.tokens", "whole number, 1 to 1,000,000,000", kNone,
       "Generated tokens of all steps together; set aside before a step starts, settled when it ends."},
      {"limits.deviceSeconds", "decimal number such as 2.5", kNone,
       "Time on devices of all steps together, in seconds, likewise. What a step's timeout allows is set aside, so "
       "each "
       "step needs one where 'time' does not end it."},
      {"limits.money", "decimal number such as 0.25", kNone,
       "Money of all steps together, likewise, by the prices of pools and agents; in whatever currency those are."},
      {"limits.priority", "whole number, 0 to 9", "5",
       "Whose steps are served first where steps wait for an agent: the higher. Tasks of one priority take turns."},
      {"cache", "true, or map", "nothing is kept",
       "Whole tasks' answers are kept and given again for the same input, by Run and Execute, before a task is made of "
       "it. Not where a step has effects or asks a person. Of a graph inside another one it is left aside."},
      {"cache.ttl", "time such as 1d", "1d", "How long an answer is given again."},
      {"cache.stale", "time such as 1h", "0", "For how long after that it is still given, while a new one is made."},
      {"cache.user", "expression over the input", "shared by everybody",
       "Whose the answer is: nobody else is given it. Required where the input has private fields."},
      {"durability", "full", "full", "When a record may be shown: full means once it is on disk."},
  };
}

std::vector<KeyReference> ResourceKeys() {
  return {
      {"models", "map of names", kNone, "The weights that agents use."},
      {"models.path", "path, or models:NAME", kRequired,
       "A Hugging Face folder or a .gguf file, relative to the graph file; models: is the folder of fetched models."},
      {"models.sha256", "64 hex digits", kNone, "The digest that the weights must have."},
      {"pools", "map of names", kNone, "Hardware that agents may run on: each pool has device or gpu."},
      {"pools.device", "cpu", kNone, "Runs on the CPU."},
      {"pools.gpu", "product, or list of products", kNone,
       "GPU products as in the label nvidia.com/gpu.product, preferred ones first. An agent on another card refuses to "
       "start, unless pins are relaxed."},
      {"pools.price", "map: deviceSecond, token", "nothing", "What work there costs, for limits.money and for bills."},
      {"pools.price.deviceSecond", "decimal number, to 0.000001", "0", "For a second of a device's time."},
      {"pools.price.token", "decimal number, to 0.000001", "0", "For a generated token."},
      {"agents", "map of names", kRequired, "Who works here. Further keys of an agent are those of its kind."},
      {"agents.kind", "name of a kind", kRequired, "What it does: 'troupe kinds' lists them."},
      {"agents.model", "name of a model", "required where the kind needs one", "The weights that it loads."},
      {"agents.pool", "name of a pool", "the CPU, for kinds without a model", "Where it may run."},
      {"agents.memory", "amount such as 6GiB, or share such as 40%", "nothing set aside",
       "What each process of it is granted of its card's memory, for the model and all that it works with; it keeps to "
       "that, and refuses to start where its model does not fit. 'troupe up' puts several agents on one card where "
       "their shares fit. On the CPU it is granted memory of the machine."},
      {"agents.spillTo", "name of a pool, or list of pools", kNone,
       "Pools that take its work where no replica in its own has room, the first one first. 'troupe up' starts one "
       "replica in each that this machine has the hardware for."},
      {"agents.replicas", "map", "one", "How many processes of it there are."},
      {"agents.replicas.min", "whole number, 1 to 64", "1", "At least so many; 'troupe up' starts these."},
      {"agents.replicas.max", "whole number, 1 to 64", "min", "At most so many."},
      {"agents.slots", "whole number, 1 to 1,024", "the kind's own", "Steps that one process works on at once."},
      {"agents.queue", "whole number, 0 to 100,000", "64", "Steps that wait at one process; more are refused."},
      {"agents.price", "map: deviceSecond, token", "its pool's",
       "What this agent's work costs; all of it, where given."},
      {"agents.price.deviceSecond", "decimal number, to 0.000001", "0", "For a second of a device's time."},
      {"agents.price.token", "decimal number, to 0.000001", "0", "For a generated token."},
      {"agents.asks", "map of agents", kNone,
       "Peers that it may ask while it works on a step; the answer comes back to it. Asks go in no circle."},
      {"agents.asks.max", "whole number, 1 to 100", kRequired, "Questions to that peer in one step at most."},
  };
}

std::vector<KeyReference> StepKeys() {
  return {
      {"steps", "map of names", kRequired,
       "Who does what. A step does one thing: agent, approve, decompose, each, graph or repeat. It waits for the steps "
       "that it "
       "names in its expressions, as steps.NAME."},
      {"steps.agent", "name of an agent", kNone, "The step is this agent's work."},
      {"steps.input", "value with expressions", "{}",
       "What the agent is handed. A lone {{ expression }} keeps its type; {file: prompt.j2, with: {...}} renders a "
       "file "
       "that sees nothing but what 'with' names."},
      {"steps.fallback", "name of an agent", kNone, "Tried once more with this one when all attempts have failed."},
      {"steps.timeout", "time such as 20s", "as long as the task has", "For one attempt."},
      {"steps.retry", "map", "no retries", "Tried again after errors that may pass."},
      {"steps.retry.max", "whole number, 0 to 20", kRequired, "Further attempts after the first."},
      {"steps.retry.backoff", "time such as 200ms", "200ms", "The first pause; doubled each time, 10 s at most."},
      {"steps.hedge", "map", "no second tries",
       "A second try beside one that is silent for longer than 95 in 100 of its agent's, at another replica; the first "
       "to "
       "be heard is taken, the other cancelled. Both count. Not where the kind has effects, or the agent asks peers."},
      {"steps.hedge.percent", "whole number, 1 to 20", "5", "Of the agent's steps so many in 100 at most."},
      {"steps.cache", "true, or map", "nothing is kept",
       "The agent's answers are kept and given again for the same input. Not where the kind has effects, or the agent "
       "asks peers. 'troupe lint' says what each depends on."},
      {"steps.cache.ttl", "time such as 1d", "1d", "How long an answer is given again."},
      {"steps.cache.stale", "time such as 1h", "0",
       "For how long after that it is still given, while a new one is made."},
      {"steps.cache.user", "expression", "shared by everybody",
       "Whose the answer is: nobody else is given it. Required where the step depends on private fields of the input."},
      {"steps.cache.semantic", "map", "equal inputs only",
       "Answers are also given to questions that mean the same, where everything else in the input is equal."},
      {"steps.cache.semantic.text", "expression", kRequired, "The question; a text in the step's input."},
      {"steps.cache.semantic.agent", "name of an agent of kind embed", kRequired, "Whose vectors say what is alike."},
      {"steps.cache.semantic.errorBound", "share such as 1%, 0.1% to 50%", "1%",
       "Wrong answers among those given by meaning, at most: how near is near enough is learnt to keep to it."},
      {"steps.cache.semantic.judge", "equal, alike or people", "alike where the agent writes freely, else equal",
       "What tells that an answer was right. equal: the agent's own is the same. alike: it says the same, by its "
       "vector and the facts in it. people: who got it says otherwise by 'troupe cache judge', or it was right."},
      {"steps.cache.semantic.threshold", "number, 0.7 to 1", "0.95",
       "How near a question must be, as a cosine, before anything was learnt."},
      {"steps.teach", "map", "every answer stands",
       "Where the agent, the student, is unsure, a teacher is asked the same, and its answer is the step's; where the "
       "teacher fails, the student's stands. For agents of a kind that says how sure it is, such as classify."},
      {"steps.teach.agent", "name of an agent", kRequired,
       "The teacher. It gives what the student gives, and is nobody's student itself."},
      {"steps.teach.below", "number, 0.01 to 1", kRequired,
       "The teacher is asked where the student's confidence (classify: its score) is less."},
      {"steps.teach.check", "share such as 2%, 0.1% to 100%", "0",
       "Of the answers of which the student is sure the teacher is asked for so many all the same, as spot checks: its "
       "answer is the step's, and how often the two differ is how canaries are judged."},
      {"steps.teach.timeout", "time such as 5s", "the step's", "For the teacher's attempt, the only one."},
      {"steps.teach.keep", "true or false", "true",
       "Pairs of answers are kept for the student to learn from, unless the step depends on private fields of the "
       "input. 'troupe lint' says which are."},
      {"steps.teach.keepPrivate", "true or false", "false", "They are kept even where it does."},
      {"steps.when", "expression", "always", "The step is left out where this is false; others then see none of it."},
      {"steps.after", "name of a step, or list", kNone, "Waits for these too, where no data ties them."},
      {"steps.onError", "fail or keep", "fail",
       "keep: the task goes on, and others see none in its place. Beside each it stands inside of each."},
      {"steps.approve", "map", kNone,
       "Waits for a person, for days at no cost; gives {approved, by, note, time}. The task's own time stands still."},
      {"steps.approve.ask", "value with expressions", kRequired, "What the person is asked."},
      {"steps.approve.show", "value with expressions", kNone, "What the person should see with it."},
      {"steps.approve.timeout", "time such as 3d", "for ever", "How long it waits."},
      {"steps.approve.onTimeout", "reject, approve or fail", "reject", "What happens when nobody has decided by then."},
      {"steps.decompose", "map", kNone, "Takes a text apart: gives a list of parts, {text, index} and more by 'by'."},
      {"steps.decompose.by", "meaning, list, windows or planner", "meaning",
       "meaning: clauses are matched to the skills' examples, {skill, score}. list: its items; with an agent, matched "
       "to "
       "skills too. windows: stretches of a long document, {start, end}. planner: an agent that writes says which "
       "words "
       "ask for which skill, {skill}; what it leaves out goes to the default."},
      {"steps.decompose.text", "expression", kRequired, "What is taken apart."},
      {"steps.decompose.agent", "name of an agent", "required by meaning and planner",
       "By meaning and list an agent of kind embed, whose vectors say what is alike; by planner one of kind generate."},
      {"steps.decompose.skills", "map of skills to examples, or a file", "required beside agent",
       "What a part can ask for, each with sentences that ask for it."},
      {"steps.decompose.default", "name of a skill", "other", "Of parts that are like no example."},
      {"steps.decompose.max", "whole number, 1 to 1,000; windows: to 10,000", kRequired,
       "Parts at most; the rest is joined to the last. More windows fail the step."},
      {"steps.decompose.threshold", "number, -1 to 1", "0",
       "By meaning and list: parts below this cosine go to the default skill."},
      {"steps.decompose.cutCost", "number, 0 to 4", "1",
       "By meaning: below 1 more is cut, above 1 less. Skills with few examples want less than 1."},
      {"steps.decompose.separator", "text", "found out",
       "By list: what stands between items. Left out: markers, else numbers within a line, else lines."},
      {"steps.decompose.size", "whole number, 1 to 1,000,000", "required by windows",
       "By windows: characters of one at most. It ends with a paragraph, else a sentence, else a word."},
      {"steps.decompose.overlap", "whole number, 0 to half of size", "0",
       "By windows: characters that one repeats of the one before at most."},
      {"steps.each", "map: {NAME: list, max: ...}", kNone,
       "Does the steps below once for each item, which they call NAME; gives the list of their outputs."},
      {"steps.each.max", "whole number, 1 to 10,000", kRequired, "Items at most; a longer list fails the step."},
      {"steps.each.parallel", "whole number, 1 to 1,000", "1", "Items at work at once."},
      {"steps.each.onError", "fail, keep or drop", "fail",
       "keep: none stands in the list for an item that failed. drop: it is left out of the list."},
      {"steps.graph", "path of a graph file", kNone,
       "Runs that graph's steps as one step; 'input' is what they see, their output is the step's."},
      {"steps.repeat", "map", kNone, "Does the steps below until it is enough; gives the output of the last turn."},
      {"steps.repeat.until", "expression", kRequired, "Enough once this is true; it sees the steps of the turn."},
      {"steps.repeat.max", "whole number, 1 to 100", kRequired, "Turns at most."},
      {"steps.repeat.onExhausted", "fail or keep", "fail", "keep: the last turn's output will do."},
      {"steps.steps", "map of names", "required beside each and repeat", "What is done in each round, like 'steps'."},
      {"steps.output", "value with expressions", kNone, "What a round of each or repeat gives."},
      {"output", "value with expressions", kNone, "What the task gives."},
  };
}

std::string_view WithoutSpec(std::string_view path) {
  constexpr std::string_view kSpec = "spec.";
  if (path == "spec") return "";
  return path.starts_with(kSpec) ? path.substr(kSpec.size()) : path;
}

}  // namespace

const std::vector<KeyReference>& GraphKeys() {
  static const std::vector<KeyReference> kKeys = [] {
    std::vector<KeyReference> keys = FileKeys();
    for (const auto& more : {ResourceKeys(), StepKeys()}) keys.insert(keys.end(), more.begin(), more.end());
    return keys;
  }();
  return kKeys;
}

const KeyReference* FindKey(std::string_view path) {
  path = WithoutSpec(path);
  for (const KeyReference& key : GraphKeys()) {
    if (key.path == path) return &key;
  }
  return nullptr;
}

std::vector<const KeyReference*> KeysInside(std::string_view path) {
  path = WithoutSpec(path);
  std::vector<const KeyReference*> inside;
  for (const KeyReference& key : GraphKeys()) {
    const size_t dot = key.path.rfind('.');
    const std::string_view parent =
        dot == std::string::npos ? std::string_view() : std::string_view(key.path).substr(0, dot);
    if (parent == path) inside.push_back(&key);
  }
  return inside;
}

}  // namespace troupe::graph
