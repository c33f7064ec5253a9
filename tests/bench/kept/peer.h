// The peer: a bare gRPC server whose one streaming call answers with one ready message, the router's own in size and
// kind, and ends. Callback API, as in the product. Nothing is looked up, checked or written.
#pragma once

#include <string>

namespace troupe::bench {

// Serves until it is told to stop; says "listening on ADDRESS" first. `text` is what it answers.
int ServePeer(const std::string& text);

}  // namespace troupe::bench
