#include "tests/bench/generate/visit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

Result<Writes> ReadWrites(const std::string& name) {
  if (name == "all") return Writes::kAllTokens;
  if (name == "text") return Writes::kUntilTheEnd;
  if (name == "json") return Writes::kJson;
  return Invalid("writes is '" + name + "', it may be all, text or json");
}

}  // namespace

Result<Visit> ReadVisit(const Value& line) {
  Visit visit;
  try {
    if (line.is_number_integer()) {
      visit.sequences = line;
    } else {
      visit.sequences = line.value("sequences", visit.sequences);
      visit.prompt_tokens = line.value("prompt_tokens", visit.prompt_tokens);
      visit.new_tokens = line.value("new_tokens", visit.new_tokens);
      visit.first = line.value("first", visit.first);
      visit.shared_tokens = line.value("shared_tokens", visit.shared_tokens);
      visit.shared_first = line.value("shared_first", visit.shared_first);
      visit.repeated_tokens = line.value("repeated_tokens", visit.repeated_tokens);
      TRY_ASSIGN(visit.writes, ReadWrites(line.value("writes", "all")));
    }
  } catch (const Value::exception& failure) {
    return Invalid(std::string("a visit is asked for with a number or an object: ") + failure.what());
  }
  if (visit.sequences < 1 || visit.prompt_tokens < 1 || visit.new_tokens < 1) {
    return Invalid("sequences, prompt_tokens and new_tokens must be at least 1");
  }
  if (visit.repeated_tokens < 0 || visit.repeated_tokens > visit.prompt_tokens) {
    return Invalid("repeated_tokens must be 0 to prompt_tokens");
  }
  return visit;
}

Value ToValue(const Speed& speed, Value more) {
  more["pp_tok_s"] = Round(speed.prompt);
  more["tg_tok_s"] = Round(speed.decode);
  more["out_tok_s"] = Round(speed.out);
  more["ttft_ms"] = Round(speed.first_token_ms);
  more["tokens"] = speed.tokens;
  return more;
}

int64_t OwnCpuUs() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

double OwnRssMib() {
  std::ifstream statm("/proc/self/statm");
  int64_t size = 0;
  int64_t resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace troupe::bench
