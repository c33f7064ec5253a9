#include <filesystem>

#include "router/cli/content/commands.h"
#include "router/cli/content/open_store.h"
#include "router/cli/exit_code.h"
#include "router/cli/terminal.h"
#include "router/content/library.h"
#include "router/content/parse.h"
#include "router/content/s3/settings.h"

namespace troupe::cli {
namespace {

// The accepted texts of a content file, as publishing would leave them.
Result<std::shared_ptr<const content::Library>> FromFile(const std::string& file) {
  TRY_ASSIGN(const auto set, content::LoadGoodSet(file));
  TRY_ASSIGN(const content::Release release, content::MakeRelease(*set, content::Gaps::kLeftOut));
  return content::Library::Of(release, nullptr);
}

Result<std::shared_ptr<const content::Library>> Published(const ContentFillFlags& flags) {
  TRY_ASSIGN(const auto store, OpenStore(flags.source, flags.endpoint));
  return content::Library::Load(*store, nullptr);
}

Result<std::string> OnlySet(const content::Library& library, const ContentFillFlags& flags) {
  if (!flags.set.empty()) return flags.set;
  if (library.sets().size() == 1) return library.sets().begin()->first;
  return Invalid(flags.source + " has " + std::to_string(library.sets().size()) + " sets; say which with --set");
}

Result<std::vector<content::SlotValue>> ReadSlots(const std::vector<std::string>& arguments) {
  std::vector<content::SlotValue> values;
  for (const std::string& argument : arguments) {
    const size_t equals = argument.find('=');
    if (equals == argument.npos) return Invalid("'" + argument + "' is no slot; write NAME=VALUE");
    values.push_back({std::string_view(argument).substr(0, equals), std::string_view(argument).substr(equals + 1)});
  }
  return values;
}

}  // namespace

Result<int> FillContent(const ContentFillFlags& flags, Print print) {
  std::error_code fault;
  const bool published = content::s3::IsPlace(flags.source) || std::filesystem::is_directory(flags.source, fault);
  TRY_ASSIGN(const auto library, published ? Published(flags) : FromFile(flags.source));
  TRY_ASSIGN(const std::string set, OnlySet(*library, flags));
  TRY_ASSIGN(const std::vector<content::SlotValue> slots, ReadSlots(flags.slots));
  TRY_ASSIGN(const content::Filled filled, library->Fill({set, flags.audience, flags.user, slots}));
  if (print == Print::kJson) {
    PrintJson(stdout, {{"set", set},
                       {"audience", flags.audience},
                       {"variant", filled.variant},
                       {"version", filled.version},
                       {"language", filled.language},
                       {"text", filled.text}});
  } else {
    PrintText(stdout, filled.text);
  }
  return kExitOk;
}

}  // namespace troupe::cli
