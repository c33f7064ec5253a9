// The least that is needed of SQLite, with ownership and errors of this house. One connection belongs to one thread at
// a time; nothing here locks.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe::journal {

// A prepared statement. Bind from 1; columns from 0. Reset after use, so that it holds no lock.
class Statement {
 public:
  Statement() = default;

  // Bound text is not copied: it must live until Reset.
  Statement& Bind(int index, int64_t value);
  Statement& Bind(int index, std::string_view text);
  Statement& BindBlob(int index, std::string_view bytes);
  Statement& BindNull(int index);

  // True where there is a row.
  Result<bool> Step();
  // Runs it to its end and resets it.
  Status Run();
  void Reset();

  int64_t Integer(int column) const;
  std::string Text(int column) const;
  std::string Blob(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Mode { kReadWrite, kReadOnly };

  // Opens, or makes where it may. `vfs` is SQLite's name of a file system; empty for the machine's own. Errors name the
  // file and what to do.
  static Result<Database> Open(const std::string& path, Mode mode, const std::string& vfs = "");

  Result<Statement> Prepare(const char* sql);
  // One or more statements without rows.
  Status Execute(const char* sql);
  // How long a statement waits for another connection's lock.
  void SetLockWait(int wait_ms);
  // What the connection says of its last failure, as an Error that names the file.
  Error LastError() const;

 private:
  struct CloseIt {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  std::unique_ptr<sqlite3, CloseIt> database_;
  std::string path_;
};

// SQLite's result codes as errors for the person who runs the router. `path` is the database's file.
Error ToError(int sqlite_code, const std::string& path, const std::string& message);

}  // namespace troupe::journal
