// The guard's look at words, where facts agree: opposites, directions, order, and words in place of others. Pure.
#pragma once

#include "router/cache/guard.h"

namespace troupe::cache {

GuardVerdict CompareWords(const Reading& left, const Reading& right);

}  // namespace troupe::cache
