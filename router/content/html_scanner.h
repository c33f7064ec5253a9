// Where in an HTML fragment a slot stands, and so how its value is escaped: a state machine after the tokenizer of the
// HTML standard (html.spec.whatwg.org, 13.2.5), in the spirit of Go's html/template. What it cannot tell for certain,
// because browsers would read it in more than one way, it refuses: comments, foreign content, unquoted values. One
// scanner for one fragment: literals and slots in their order, then End. Pure.
#pragma once

#include <string>
#include <string_view>

#include "router/content/content_set.h"
#include "router/content/escape.h"
#include "runtime/base/error.h"

namespace troupe::content {

class HtmlScanner {
 public:
  // Errors: INVALID_ARGUMENT with what to write instead.
  Status Literal(std::string_view text);
  // How the slot's value is escaped here. Errors: INVALID_ARGUMENT where no escaping makes it safe.
  Result<Escape> SlotHere(const Slot& slot);
  // The fragment must end in text, not inside a tag.
  Status End();

 private:
  enum class State {
    kText,
    kTagOpen,     // "<"
    kEndTagOpen,  // "</"
    kTagName,
    kEndTag,
    kBeforeAttribute,
    kAttributeName,
    kAfterAttributeName,
    kBeforeValue,
    kQuotedValue,
    kUnquotedValue,
    kRaw,  // inside <script> or <style>
  };

  Status Take(char c);
  Status OpenTag(char c);
  Status InTag(char c);
  Status InValue(char c);
  Status InRaw(char c);
  Status CloseTag();
  Status EndValue();
  Result<Escape> SlotInValue(const Slot& slot);
  Result<Escape> SlotInUrl(const Slot& slot);

  State state_ = State::kText;
  std::string tag_;
  std::string attribute_;
  char quote_ = 0;
  // The value so far, without slots; whether one stands at its beginning, or anywhere.
  std::string value_;
  bool begins_with_slot_ = false;
  bool has_slot_ = false;
  // What was read of a raw element, as far as it may be its end.
  std::string raw_;
  // A name that browsers read unlike other elements, once it has been seen; slots are refused from then on.
  std::string odd_tag_;
};

}  // namespace troupe::content
