#include "router/cli/pull_models.h"

#include <algorithm>

#include "router/cli/interrupt.h"
#include "runtime/base/models_path.h"
#include "runtime/hub/curl_http.h"
#include "runtime/hub/settings.h"

namespace troupe::cli {

std::vector<WantedModel> ModelsOf(const graph::Graph& graph) {
  std::vector<WantedModel> models;
  for (const auto& [name, model] : graph.models) {
    if (!model.source) continue;
    WantedModel wanted{*model.source, model.sha256};
    if (std::find(models.begin(), models.end(), wanted) == models.end()) models.push_back(std::move(wanted));
  }
  return models;
}

std::vector<WantedModel> Missing(const std::vector<WantedModel>& models) {
  const hub::Store store(DefaultModelsPath());
  std::vector<WantedModel> missing;
  for (const WantedModel& model : models) {
    if (!store.Find(model.source)) missing.push_back(model);
  }
  return missing;
}

Status PullModels(const std::vector<WantedModel>& models, hub::IfHere if_here, const Clock& clock, PullScreen& screen,
                  const std::function<void(const hub::Pulled&)>& pulled) {
  if (models.empty()) return {};
  TRY_ASSIGN(const hub::Settings settings, hub::ReadSettings(hub::ProcessEnvironment));
  hub::CurlOptions options;
  options.ca_file = settings.ca_file;
  options.stall_timeout_s = settings.stall_timeout_s;
  options.stop = [] { return Interrupts() > 0; };
  TRY_ASSIGN(const auto http, hub::MakeCurlHttp(std::move(options)));
  const hub::Store store(DefaultModelsPath());
  hub::Puller puller(*http, settings, store, clock, screen);
  for (const WantedModel& model : models) {
    auto result = puller.Pull(model.source, model.sha256, if_here);
    screen.Clear();
    if (!result)
      return Error{result.error().code, "cannot pull " + hub::ToString(model.source) + ": " + result.error().message};
    pulled(*result);
  }
  return {};
}

}  // namespace troupe::cli
