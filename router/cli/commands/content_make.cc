// The options of `troupe content make` and `review`.
#include <memory>

#include "router/cli/commands/command.h"
#include "router/cli/commands/content.h"
#include "router/cli/content/commands.h"

namespace troupe::cli {
namespace {

void AddReview(CLI::App* content, const Globals& globals, Action& chosen) {
  const auto [review, flags] = AddBelow<ContentReviewFlags>(
      content, globals, chosen, "review", "Look at texts, and accept, reject or edit them",
      "Lists texts with made-up values in their slots, and what is wrong with them. Only accepted texts are "
      "published;\n"
      "one with something wrong cannot be accepted. Who decided and when stands in the file of texts.\n\n"
      "Examples:\n"
      "  troupe content review birthday.yaml\n"
      "  troupe content review birthday.yaml --html review.html\n"
      "  troupe content review birthday.yaml --accept loyal-en-1 --accept loyal-en-2\n"
      "  troupe content review birthday.yaml --reject new-en-1 --note \"too loud\"\n"
      "  EDITOR=nano troupe content review birthday.yaml --edit new-en-2",
      ReviewContent);
  review->add_option("file", flags->file, "The content file")->required()->type_name("FILE");
  const auto ids = [&review = *review](const char* name, std::vector<std::string>& to, const char* about) {
    review.add_option(name, to, about)->type_name("ID")->expected(1)->take_all();
  };
  ids("--accept", flags->accept, "Accept this text; may be repeated");
  ids("--reject", flags->reject, "Reject this text, so that 'make' writes another; may be repeated");
  ids("--edit", flags->edit, "Put this text in other words in $EDITOR, and accept it; may be repeated");
  review->add_flag("--all-passing", flags->all_passing, "Accept all proposed texts with nothing wrong");
  review->add_option("--note", flags->note, "Why, for whoever reads the file of texts")->type_name("TEXT");
  review->add_option("--by", flags->by, "Who decides (default: your user's name)")->type_name("NAME");
  review->add_option("--state", flags->state, "Which texts to list (default: proposed)")
      ->check(CLI::IsMember({"proposed", "accepted", "rejected", "all"}))
      ->type_name("STATE");
  review->add_option("--html", flags->html, "Write all texts to this file as a page, instead of listing them")
      ->type_name("FILE");
}

}  // namespace

void AddMaking(CLI::App* content, const Globals& globals, Action& chosen) {
  const auto [make, flags] = AddBelow<ContentMakeFlags>(
      content, globals, chosen, "make", "Have the texts written that a set lacks",
      "Asks the set's writer, a graph on a running router that takes {prompt, schema}, for each audience and variant\n"
      "that has no text yet. A text that fails the set's checks is asked for again, then reported (exit code 1). "
      "Texts\n"
      "go to the file of texts as proposed. Cut off in whatever way, the same command goes on: what the router has\n"
      "written is not written, or paid, twice. Budgets are for this call, tasks that it finds done counted; one that "
      "is\n"
      "spent ends it with exit code 5.\n\n"
      "Examples:\n"
      "  troupe content make birthday.yaml\n"
      "  troupe content make birthday.yaml --parallel 8 --rate 30/min --max-tokens 20000",
      MakeContent);
  make->add_option("file", flags->file, "The content file")->required()->type_name("FILE");
  make->add_option("--parallel", flags->parallel, "Texts that are written side by side (default: 4)")
      ->check(CLI::Range(1, 256))
      ->type_name("COUNT");
  make->add_option("--rate", flags->rate, "Tasks to begin at most, as 5/s or 30/min")->type_name("RATE");
  make->add_option("--retry", flags->retry, "How often a text that fails is asked for again (default: 3)")
      ->check(CLI::Range(0, 100))
      ->type_name("COUNT");
  make->add_option("--max-tokens", flags->max_tokens, "Generated tokens that all may cost")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  make->add_option("--max-device-seconds", flags->max_device_seconds, "Device time that all may cost")->type_name("S");
  make->add_option("--max-money", flags->max_money, "Money that all may cost")->type_name("AMOUNT");
  AddReview(content, globals, chosen);
}

}  // namespace troupe::cli
