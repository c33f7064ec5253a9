#include "router/dispatch/breaker.h"

#include <algorithm>

namespace troupe::dispatch {

Verdict VerdictOf(Code end) {
  switch (end) {
    case Code::kUnknown:
    case Code::kDeadlineExceeded:
    case Code::kUnimplemented:
    case Code::kInternal:
    case Code::kUnavailable:
    case Code::kDataLoss:
      return Verdict::kFails;
    case Code::kCancelled:
    case Code::kResourceExhausted:
    case Code::kAborted:
      return Verdict::kNeither;
    default:
      return Verdict::kWorks;
  }
}

Circuit Breaker::At(int64_t now_ms) const {
  if (open_until_ms_ == 0) return Circuit::kClosed;
  return now_ms < open_until_ms_ ? Circuit::kOpen : Circuit::kHalfOpen;
}

bool Breaker::Admits(int64_t now_ms) const {
  if (open_until_ms_ == 0) return true;
  return now_ms >= open_until_ms_ && !trying_;
}

void Breaker::OnSent(int64_t now_ms) {
  if (At(now_ms) == Circuit::kHalfOpen) trying_ = true;
}

bool Breaker::OnEnd(Verdict verdict, int64_t now_ms) {
  const Circuit was = At(now_ms);
  if (was == Circuit::kOpen) return false;  // it was sent before that
  trying_ = false;
  if (verdict == Verdict::kWorks) {
    failures_ = 0;
    open_until_ms_ = 0;
    pause_ms_ = 0;
    return was != Circuit::kClosed;
  }
  if (verdict == Verdict::kNeither) return false;
  ++failures_;
  if (was == Circuit::kClosed && failures_ < options_.max_failures) return false;
  Open(now_ms);
  return true;
}

void Breaker::Open(int64_t now_ms) {
  pause_ms_ = pause_ms_ == 0 ? options_.first_pause_ms : std::min(2 * pause_ms_, options_.max_pause_ms);
  open_until_ms_ = now_ms + pause_ms_;
}

}  // namespace troupe::dispatch
