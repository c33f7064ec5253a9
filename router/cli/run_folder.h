// Where `up` keeps its sockets, logs and process list, and where the other commands look for a router.
// The folder belongs to the user alone (0700): who can open a socket in it can hand tasks in.
#pragma once

#include <filesystem>
#include <string>

#include "runtime/base/error.h"

namespace troupe::cli {

// ${XDG_RUNTIME_DIR:-/tmp}/troupe-$UID
std::filesystem::path DefaultRunFolder();

// ${XDG_STATE_HOME:-$HOME/.local/state}/troupe: the journal of `up` when --data is not given.
std::filesystem::path DefaultDataFolder();

// Makes the folder, or checks that it is ours: owned by this user, open to nobody else, no symbolic link.
// Errors: FAILED_PRECONDITION saying what is wrong and what to do.
Status SecureFolder(const std::filesystem::path& folder);

// The router's address: `flag`, else $TROUPE_ROUTER, else what `up` wrote into the default run folder, else the socket
// there. Errors: FAILED_PRECONDITION where that folder is somebody else's.
Result<std::string> RouterAddress(const std::string& flag);

// What --router has to say so that a command finds the router at `address`: nothing where it is the one found without.
std::string RouterFlagFor(const std::string& address);

// "unix:/run/.../router.sock" for a socket's path. Errors: INVALID_ARGUMENT where the path is longer than a socket's
// may be.
Result<std::string> UnixAddress(const std::filesystem::path& socket);

// The socket's path of a "unix:..." address; empty for others.
std::string SocketPathOf(const std::string& address);

}  // namespace troupe::cli
