// What the writer is asked for a text: the set's prompt, rendered, and the schema that holds its tokens to the slots. A
// question's request_id follows from all that shapes the answer, so that the router, asked again, gives what it has
// instead of writing anew. Immutable; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "router/content/content_set.h"
#include "router/content/make_job.h"
#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/text/template.h"

namespace troupe::content {

struct Question {
  std::string request_id;
  // {"prompt", "schema"}: the input of the writer's graph.
  Value input;
};

class Questions {
 public:
  // `version`: the writer's own; another one answers otherwise. Errors: INVALID_ARGUMENT for a prompt that is no
  // template.
  static Result<Questions> Of(const ContentSet& set, std::string version);

  // `problems`: what was wrong with the try before. Errors: INVALID_ARGUMENT for a prompt that asks for what is not
  // there; it may use: cell (value by axis), language, slots (name, mark, type, use), number, attempt, problems,
  // max_length, banned.
  Result<Question> For(const Wish& wish, const std::vector<std::string>& problems) const;

  // False where the prompt is the same for all texts of a cell: a writer that never draws lots then says the same.
  bool tells_variants_apart() const;

 private:
  Questions(const ContentSet& set, std::string version, text::Template prompt);

  const ContentSet& set_;
  std::string version_;
  text::Template prompt_;
  Value schema_;
  Value slots_;
};

}  // namespace troupe::content
