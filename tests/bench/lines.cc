#include "tests/bench/lines.h"

#include <iostream>
#include <string>

namespace troupe::bench {

void AnswerLines(const Value& about, const std::function<Result<Value>(const Value&)>& answer) {
  Value ready = about;
  ready["ready"] = true;
  std::cout << Dump(ready) << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    auto said = ParseValue(line);
    if (said) said = answer(*said);
    std::cout << Dump(said ? *said : Value{{"err", ToString(said.error())}}) << std::endl;
  }
}

}  // namespace troupe::bench
