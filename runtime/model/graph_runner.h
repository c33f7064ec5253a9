// Recording what a device is asked to do once, and asking again in one launch: how a decode step of some hundred small
// operators costs the host next to nothing. CUDA's way lies in runtime/cuda, a library of its own that is loaded at run
// time (open_graph_runner.h); this is all that the rest knows of it.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace troupe::model {

// Work that was recorded. What it reads and writes must outlive it, in the same place.
class Graph {
 public:
  virtual ~Graph() = default;
  // Starts it, after what was started before on the calling thread. Does not wait. Throws what torch throws.
  virtual void Replay() = 0;
};

// One thread at a time.
class GraphRunner {
 public:
  virtual ~GraphRunner() = default;
  // Calls `work` some times: to warm up, which carries it out, and to record. So it must not matter how often it runs.
  // It must not wait for the device. What it allocates in passing is shared by all graphs of this runner: of two
  // graphs, neither may count on what the other left there. Throws what `work` or torch throws.
  virtual std::unique_ptr<Graph> Capture(const std::function<void()>& work) = 0;
  // For people: "CUDA graphs".
  virtual std::string name() const = 0;
};

// What library and program must agree on: count up where anything above or below changes.
constexpr char kGraphAbi[] = "1 for torch 2.11.0";

// What libtroupe_cuda.so exports as `troupe_cuda_open`: gives the library's own kGraphAbi. Where that is `abi`, sets
// `runner` to one for that device, or `failure` to why there is none; else it touches neither.
constexpr char kOpenGraphRunner[] = "troupe_cuda_open";
using OpenGraphRunnerFunction = const char*(const char* abi, int device, std::unique_ptr<GraphRunner>* runner,
                                            std::string* failure);

}  // namespace troupe::model
