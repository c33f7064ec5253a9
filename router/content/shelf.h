// What is published in a store at this moment. Whoever answers takes the library that stands there and keeps it for as
// long as the answer takes; a new one takes its place when something was published. The store and the counts outlive
// it. LookAgain reads files, so its owner calls it from a thread that may wait, one call at a time; the rest is
// thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "router/content/library.h"
#include "router/content/store.h"
#include "router/content/use_counts.h"
#include "runtime/base/error.h"

namespace troupe::content {

class Shelf {
 public:
  // What its owner's log is told: that something new is served, or why it is not.
  using Note = std::function<void(const std::string&)>;

  // Errors: the store's where it cannot be read.
  static Result<std::unique_ptr<Shelf>> Open(const Store& store, UseCounts& counts, Note note);

  std::shared_ptr<const Library> library() const { return library_.load(); }
  // What cannot be read is tried again the next time, and what was there before stays.
  void LookAgain();

 private:
  Shelf(const Store& store, UseCounts& counts, Note note) : store_(store), counts_(counts), note_(std::move(note)) {}
  void Complain(const std::string& what);

  const Store& store_;
  UseCounts& counts_;
  const Note note_;
  std::atomic<std::shared_ptr<const Library>> library_;
  // The library was read when the store's pointers were these.
  std::string pointers_;
  std::string complaint_;
};

}  // namespace troupe::content
