// Between the core's records and what is written and sent: troupe.v1.Record. Values above 4,096 bytes of canonical JSON
// are stored once, by the digest of their content. Pure functions, any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "router/core/task.h"
#include "router/journal/journal.h"
#include "runtime/base/error.h"
#include "troupe/v1/graph.pb.h"
#include "troupe/v1/journal.pb.h"
#include "troupe/v1/task.pb.h"

namespace troupe::journal {

inline constexpr size_t kInlineLimitBytes = 4096;

// Where large payloads come from: canonical JSON by its SHA-256.
using BlobSource = std::function<Result<std::string>(const std::string& sha256)>;

// Large values go to `blobs`; with null they stay in place, whatever their size.
void Encode(const core::Record& record, const std::string& task_id, std::vector<Blob>* blobs, v1::Record& out);

// Errors: DATA_LOSS for what no release has ever written, and what `blobs` gives.
Result<core::Record> Decode(const v1::Record& record, const BlobSource& blobs);

// Puts large payloads back in place.
Status PutBack(v1::Record& record, const BlobSource& blobs);

// True where the record ends its task.
bool EndsTask(const v1::Record& record);

// An event of a graph's versions, as Journal::ReadGraphEvents gives it. Errors: DATA_LOSS.
Result<v1::GraphEvent> ParseGraphEvent(const std::string& bytes);

void EncodeUsage(const core::Usage& usage, v1::Usage& out);
void EncodeSite(const core::WorkSite& site, v1::WorkSite& out);
v1::TaskState EncodeStatus(core::TaskStatus status);
v1::StepState EncodeStatus(core::StepStatus status);
core::Usage DecodeUsage(const v1::Usage& usage);

}  // namespace troupe::journal
