#include "runtime/model/open_graph_runner.h"

#include <dlfcn.h>

#include <string>
#include <string_view>
#include <system_error>

namespace troupe::model {

std::filesystem::path GraphLibrary() {
  std::error_code failure;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failure);
  return program.parent_path().parent_path() / "lib" / "libtroupe_cuda.so";
}

Result<std::unique_ptr<GraphRunner>> OpenGraphRunner(const std::filesystem::path& library, int device) {
  void* loaded = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) return FailedPrecondition(std::string("CUDA graphs cannot be loaded: ") + dlerror());
  auto* open = reinterpret_cast<OpenGraphRunnerFunction*>(dlsym(loaded, kOpenGraphRunner));
  if (open == nullptr) return FailedPrecondition(library.string() + " has no " + kOpenGraphRunner + ": rebuild it");
  std::unique_ptr<GraphRunner> runner;
  std::string failure;
  const std::string_view version = open(kGraphAbi, device, &runner, &failure);
  if (version != kGraphAbi) {
    return FailedPrecondition(library.string() + " is version " + std::string(version) + " and this program wants " +
                              kGraphAbi + ": install both from one build");
  }
  if (!runner) return FailedPrecondition(library.string() + ": " + failure);
  return runner;
}

}  // namespace troupe::model
