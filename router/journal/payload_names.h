// The payloads that a record names: by every field of type Payload that a record can have, found in the contract
// itself, so that a new kind of event or decision cannot be forgotten. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "troupe/v1/journal.pb.h"

namespace troupe::journal {

// One for each mention, in the order of the fields: as many as Encode gave blobs for the record.
std::vector<std::string> PayloadNames(const v1::Record& record);

// The same of a record as it is stored. Errors: DATA_LOSS where it cannot be read.
Result<std::vector<std::string>> PayloadNamesIn(std::string_view bytes);

}  // namespace troupe::journal
