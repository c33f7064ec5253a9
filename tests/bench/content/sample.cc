#include "tests/bench/content/sample.h"

#include "runtime/base/value.h"

namespace troupe::bench {

content::ContentSet SampleSet() {
  using content::Slot;
  using content::SlotType;
  content::ContentSet set{.name = "bench", .output = content::OutputKind::kHtml, .cells = {{}}};
  set.slots = {Slot{.name = "first_name", .type = SlotType::kName, .max_length = 60},
               Slot{.name = "city", .type = SlotType::kCity, .max_length = 60},
               Slot{.name = "amount", .type = SlotType::kMoney, .max_length = 40, .currency = "EUR"},
               Slot{.name = "until", .type = SlotType::kDate, .max_length = 40},
               Slot{.name = "note", .type = SlotType::kText, .max_length = 200}};
  constexpr size_t kBytes = 1024;
  for (const char* id : {"a", "b", "c"}) {
    std::string text =
        "<p>Happy birthday, {{first_name}}! How is life in {{city}}? We have put {{amount}} on your account, "
        "to be spent until {{until}}. <i>{{note}}</i> ";
    while (text.size() < kBytes) text += "All the best for the year that begins today. ";
    text.resize(kBytes - 4);
    set.texts.push_back({.id = id, .text = text + "</p>", .state = content::TextState::kAccepted});
  }
  return set;
}

const std::vector<content::SlotValue>& SampleValues() {
  static const std::vector<content::SlotValue> kValues = {{"first_name", "Zoë O'Hara"},
                                                          {"city", "Saint-Étienne"},
                                                          {"amount", "1250.50"},
                                                          {"until", "2026-12-24"},
                                                          {"note", "See you & yours soon"}};
  return kValues;
}

std::string SampleRequest() {
  Value slots = Value::object();
  for (const auto& value : SampleValues()) slots[std::string(value.name)] = value.value;
  const std::string body = Dump({{"set", "bench"}, {"user", "user-17"}, {"slots", slots}});
  return "POST /v1/fill HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace troupe::bench
