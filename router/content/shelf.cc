#include "router/content/shelf.h"

#include <utility>

namespace troupe::content {

Result<std::unique_ptr<Shelf>> Shelf::Open(const Store& store, UseCounts& counts, Note note) {
  std::unique_ptr<Shelf> shelf(new Shelf(store, counts, std::move(note)));
  TRY_ASSIGN(shelf->pointers_, Pointers(store));
  TRY_ASSIGN(auto library, Library::Load(store, &counts));
  shelf->library_.store(std::move(library));
  return shelf;
}

void Shelf::LookAgain() {
  auto pointers = Pointers(store_);
  if (pointers && *pointers == pointers_) return;
  if (!pointers) return Complain(pointers.error().message);
  auto library = Library::Load(store_, &counts_);
  if (!library) return Complain(library.error().message);
  pointers_ = std::move(*pointers);
  complaint_.clear();
  std::string served;
  for (const auto& [name, set] : (*library)->sets()) served += " " + name + "@" + set.version;
  library_.store(std::move(*library));
  note_("serves" + (served.empty() ? " nothing" : served));
}

// Once for each new reason.
void Shelf::Complain(const std::string& what) {
  if (what == complaint_) return;
  complaint_ = what;
  note_("goes on serving what it has: " + what);
}

}  // namespace troupe::content
