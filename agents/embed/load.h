// The sentence-embedding model of an agent, for every kind that compares texts by meaning.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/host/kind.h"
#include "runtime/engine/embedder.h"

namespace troupe::embed {

// Loads the spec's model on its device, with its threads, and checks its digest. Takes seconds. One call may
// bring `max_texts` texts; 0: the embedder's own limit.
// Errors: FAILED_PRECONDITION where the spec names no model or another digest; else as Embedder::Load.
Result<std::unique_ptr<engine::Embedder>> LoadEmbedder(const host::Spec& spec, int32_t max_texts = 0);

// Waits for the vectors: for loading examples and documents, never on gRPC's threads. [texts.size()][width].
Result<engine::Rows> EmbedNow(engine::Embedder& embedder, std::vector<std::string> texts);

// What embedding `rows` cost.
host::Usage UsageOf(const engine::Rows& rows);

}  // namespace troupe::embed
