// The tasks that `troupe content make` has under way at the router, followed side by side by one thread. A task handed
// in twice under its request_id is one task, so whatever becomes of this process nothing is written twice. Dropping it
// ends the calls; the tasks go on, and are found again.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "router/cli/client.h"
#include "router/content/make_budget.h"
#include "router/content/question.h"

namespace troupe::cli {

struct MadeAnswer {
  content::Wish wish;
  content::Answer answer;
  content::Cost cost;
};

// A question that the router had no room for, or was away for in the end.
struct Refused {
  content::Wish wish;
  std::chrono::milliseconds again_in{0};
};

class MakeTasks {
 public:
  // `client` outlives this.
  MakeTasks(Client& client, std::string set, std::string graph)
      : client_(client), set_(std::move(set)), graph_(std::move(graph)) {}

  void Ask(const content::Wish& wish, const content::Question& question);
  size_t under_way() const { return tasks_.size(); }

  // Looks at all of them, for about `wait` in all; what has ended goes into `ended` and `refused`. Errors: what ends
  // the whole job: INVALID_ARGUMENT where the graph takes no such input, UNAVAILABLE where no router answers any more.
  Status Poll(std::chrono::milliseconds wait, std::vector<MadeAnswer>& ended, std::vector<Refused>& refused);

 private:
  struct Task {
    content::Wish wish;
    std::unique_ptr<RecordStream> stream;
  };

  Status End(const Task& task, std::vector<MadeAnswer>& ended, std::vector<Refused>& refused);

  Client& client_;
  const std::string set_;
  const std::string graph_;
  std::deque<Task> tasks_;
};

}  // namespace troupe::cli
