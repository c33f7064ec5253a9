#include "router/cli/interrupt.h"

#include <signal.h>

#include <initializer_list>

namespace troupe::cli {
namespace {

volatile sig_atomic_t interrupts = 0;

void Count(int) { interrupts = interrupts + 1; }

}  // namespace

void CountInterrupts() {
  struct sigaction action{};
  action.sa_handler = Count;
  sigemptyset(&action.sa_mask);
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal_number, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int Interrupts() { return interrupts; }

}  // namespace troupe::cli
