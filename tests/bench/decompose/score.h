// How well a message was taken apart.
#pragma once

#include <string>
#include <vector>

#include "router/decompose/decompose.h"
#include "tests/bench/decompose/messages.h"

namespace troupe::bench {

struct Tally {
  int messages = 0;
  int right_count = 0;  // messages with as many parts as queries
  int pieces = 0;
  int parts = 0;
  int boundaries = 0;  // there are
  int cuts = 0;        // were made
  int hits = 0;        // cuts between the end of a query and the start of the next, one for each such gap
  int routed = 0;      // queries whose larger half, by bytes, lies in a part that goes to their skill

  double Precision() const { return cuts == 0 ? 1.0 : static_cast<double>(hits) / cuts; }
  double Recall() const { return boundaries == 0 ? 1.0 : static_cast<double>(hits) / boundaries; }
  double F1() const { return boundaries + cuts == 0 ? 1.0 : 2.0 * hits / (boundaries + cuts); }
  double Routed() const { return pieces == 0 ? 0.0 : static_cast<double>(routed) / pieces; }
  double RightCount() const { return messages == 0 ? 0.0 : static_cast<double>(right_count) / messages; }
  double PartsFound() const { return pieces == 0 ? 0.0 : static_cast<double>(parts) / pieces; }
};

void Add(const Message& message, const std::vector<decompose::Part>& parts, Tally& tally);

// Where plain rules would cut: byte ranges that end after . ? or ! before a blank.
std::vector<decompose::Span> Sentences(const std::string& text);

}  // namespace troupe::bench
