// What is kept by W-TinyLFU and by plain LRU, on the same made-up traces.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::bench {

struct Trace {
  std::string name;
  // Which key is asked for, and each key's bytes.
  std::vector<uint32_t> requests;
  std::vector<uint32_t> bytes;
};

// "zipf": popularity by Zipf's law; "scans": the same, and now and then somebody asks for everything once; "shifting":
// what is popular changes; "questions": few intents in very many wordings, as banking77's.
std::vector<Trace> Traces(uint64_t seed);

struct HitPercents {
  double tiny_lfu = 0.0, lru = 0.0;
};
// With room for that share of all keys' bytes.
HitPercents MeasureEviction(const Trace& trace, double share);

}  // namespace troupe::bench
