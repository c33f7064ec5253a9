// Stands in for libtroupe_cuda.so in tests: of another version than the program where OTHER_VERSION is set, else one
// that finds no device.
#include "runtime/model/graph_runner.h"

extern "C" const char* troupe_cuda_open(const char*, int, std::unique_ptr<troupe::model::GraphRunner>*,
                                        std::string* failure) {
#ifdef OTHER_VERSION
  (void)failure;
  return "0 for torch 1.13.0";
#else
  *failure = "no device answers";
  return troupe::model::kGraphAbi;
#endif
}
