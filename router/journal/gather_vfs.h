// One write to the disk for a group of records. SQLite hands each page of its write-ahead log to the file system in two
// pieces; a group of 16 tasks is a hundred system calls. The file system here keeps neighbouring pieces of a log
// together in memory until they are to be synced, read, or are many, and then writes them as one.
//
// It changes nothing about what is durable when: a log means nothing to SQLite until it has been synced, and the sync
// writes what was gathered first. A write that fails is reported by the call that made it happen.
#pragma once

#include <string>

#include "runtime/base/error.h"

namespace troupe::journal {

// The name, for sqlite3_open_v2, of such a file system on top of the one named `under` (empty: the machine's own). It
// is registered once in a process and stays. Errors: INTERNAL where SQLite knows no `under`.
Result<std::string> GatherWrites(const std::string& under);

}  // namespace troupe::journal
