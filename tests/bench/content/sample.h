// What is filled in: three texts of 1 KB with five slots each.
#pragma once

#include <string>
#include <vector>

#include "router/content/audience.h"
#include "router/content/content_set.h"

namespace troupe::bench {

content::ContentSet SampleSet();
// A value for each slot.
const std::vector<content::SlotValue>& SampleValues();
// POST /v1/fill with those.
std::string SampleRequest();

}  // namespace troupe::bench
