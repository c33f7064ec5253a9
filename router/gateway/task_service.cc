#include "router/gateway/task_service.h"

#include <charconv>
#include <utility>

#include "router/gateway/execute_call.h"
#include "router/gateway/field_error.h"
#include "router/gateway/kept_answer.h"
#include "router/gateway/task_view.h"
#include "router/gateway/upload_call.h"
#include "router/gateway/watch_call.h"
#include "router/journal/codec.h"

namespace troupe::gateway {
namespace {

Status CheckTaskId(const std::string& task_id) {
  constexpr size_t kUuidLength = 36;
  if (task_id.size() != kUuidLength) return FieldError("task_id", "must be a task's id, a UUID of 36 characters");
  return {};
}

constexpr size_t kMaxPath = 1000;
constexpr size_t kMaxBy = 200;
constexpr size_t kMaxNote = 4000;

Status CheckDecision(const v1::DecideRequest& request) {
  TRY(CheckTaskId(request.task_id()));
  if (request.path().empty() || request.path().size() > kMaxPath)
    return FieldError("path", "must be the path of the step that waits, for example handle[2].sign_off");
  if (request.verdict() != v1::VERDICT_APPROVE && request.verdict() != v1::VERDICT_REJECT)
    return FieldError("verdict", "must be VERDICT_APPROVE or VERDICT_REJECT");
  if (request.by().empty() || request.by().size() > kMaxBy)
    return FieldError("by", "must say who decides, in 1 to 200 characters");
  if (request.note().size() > kMaxNote) return FieldError("note", "may have at most 4000 characters");
  return {};
}

// On a task that has ended: what was decided while it ran.
Result<core::Question> DecidedBefore(Tasks& tasks, const journal::TaskRow& row, const core::PersonDecided& decided) {
  TRY_ASSIGN(const core::TaskState state, tasks.ReadState(row));
  TRY(core::Examine(nullptr, state, decided));
  return state.questions.find(decided.path)->second;
}

Result<journal::TaskFilter> ToFilter(const v1::ListRequest& request) {
  constexpr int kMaxPage = 1000;
  journal::TaskFilter filter{.graph = request.graph(), .labels = {request.labels().begin(), request.labels().end()}};
  if (request.page_size() < 0 || request.page_size() > kMaxPage)
    return FieldError("page_size", "must be 1 to 1000, or 0 for 100");
  if (request.page_size() > 0) filter.limit = request.page_size();
  switch (request.state()) {
    case v1::TASK_STATE_UNSPECIFIED:
      break;
    case v1::TASK_STATE_RUNNING:
      filter.status = core::TaskStatus::kRunning;
      break;
    case v1::TASK_STATE_DONE:
      filter.status = core::TaskStatus::kDone;
      break;
    case v1::TASK_STATE_FAILED:
      filter.status = core::TaskStatus::kFailed;
      break;
    case v1::TASK_STATE_CANCELLED:
      filter.status = core::TaskStatus::kCancelled;
      break;
    default:
      return FieldError("state", "is none that this release knows");
  }
  if (const std::string& token = request.page_token(); !token.empty()) {
    const auto [end, failed] = std::from_chars(token.data(), token.data() + token.size(), filter.before);
    if (failed != std::errc() || end != token.data() + token.size() || filter.before < 1) {
      return FieldError("page_token", "must come from the answer before");
    }
  }
  return filter;
}

}  // namespace

grpc::ServerUnaryReactor* TaskService::Submit(grpc::CallbackServerContext*, const v1::SubmitRequest* request,
                                              v1::SubmitResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  tasks_.Submit(*request, Tasks::Wants::kTask, nullptr,
                [reply = std::move(reply), response](Result<Tasks::Found> found) mutable {
                  if (!found) return reply.End(ToGrpcNamingField(found.error()));
                  response->set_task_id(found->task_id());
                  if (!found->runner) return reply.End(grpc::Status::OK);
                  found->runner->WhenDurable(
                      1, [reply = std::move(reply)](const Status& durable) mutable { reply.End(durable); });
                });
  return reactor;
}

grpc::ServerReadReactor<v1::UploadRequest>* TaskService::Upload(grpc::CallbackServerContext*,
                                                                v1::UploadResponse* response) {
  return std::make_shared<UploadCall>(tasks_.uploads(), *response)->Open();
}

grpc::ServerWriteReactor<v1::RunResponse>* TaskService::Run(grpc::CallbackServerContext*,
                                                            const v1::RunRequest* request) {
  auto call = std::make_shared<WatchCall<v1::RunResponse>>(tasks_, request->detail(), 0);
  auto* reactor = call->Open();
  const auto before = [call](const std::shared_ptr<TaskRunner>& runner) {
    call->BeginNew(runner);
    (void)runner->Follow(call->Self());
  };
  tasks_.Submit(request->submit(), Tasks::Wants::kAnswer, before, [this, call](Result<Tasks::Found> found) {
    if (!found) return call->End(ToGrpcNamingField(found.error()));
    if (found->kept) {
      v1::RunResponse response;
      FillKept(*found->kept, tasks_.NowMs(), response);
      return call->AnswerAtOnce(std::move(response));
    }
    if (!call->begun()) call->Begin(found->task_id(), found->runner, found->row ? &*found->row : nullptr);
    call->CheckCancelled();
  });
  return reactor;
}

grpc::ServerUnaryReactor* TaskService::Execute(grpc::CallbackServerContext*, const v1::ExecuteRequest* request,
                                               v1::ExecuteResponse* response) {
  auto call = std::make_shared<ExecuteCall>(tasks_, *response);
  auto* reactor = call->Open();
  // before a new task is taken in, so that its last record knows that it is waited for
  const auto before = [call](const std::shared_ptr<TaskRunner>& runner) { call->WaitFor(runner); };
  tasks_.Submit(request->submit(), Tasks::Wants::kAnswer, before, [call](Result<Tasks::Found> found) {
    if (!found) return call->End(ToGrpcNamingField(found.error()));
    if (found->kept) return call->AnswerWith(*found->kept);
    if (call->waits()) return;
    if (found->runner) return call->WaitFor(found->runner);
    call->AnswerFrom(*found->row);
  });
  return reactor;
}

grpc::ServerWriteReactor<v1::WatchResponse>* TaskService::Watch(grpc::CallbackServerContext*,
                                                                const v1::WatchRequest* request) {
  auto call = std::make_shared<WatchCall<v1::WatchResponse>>(tasks_, request->detail(), request->after_sequence());
  auto* reactor = call->Open();
  if (Status checked = CheckTaskId(request->task_id()); !checked) {
    call->End(ToGrpcNamingField(checked.error()));
    return reactor;
  }
  if (request->after_sequence() < 0) {
    call->End(ToGrpcNamingField(FieldError("after_sequence", "must not be negative")));
    return reactor;
  }
  if (auto runner = tasks_.FindRunning(request->task_id())) {
    call->Begin(request->task_id(), std::move(runner), nullptr);
    return reactor;
  }
  tasks_.Read([this, call, task_id = request->task_id()] {
    Result<Tasks::Found> found = tasks_.Find(task_id);
    if (!found) return call->End(ToGrpcNamingField(found.error()));
    call->Begin(task_id, found->runner, found->row ? &*found->row : nullptr);
  });
  return reactor;
}

grpc::ServerUnaryReactor* TaskService::Get(grpc::CallbackServerContext*, const v1::GetRequest* request,
                                           v1::GetResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  if (Status checked = CheckTaskId(request->task_id()); !checked) {
    reply.End(ToGrpcNamingField(checked.error()));
    return reactor;
  }
  tasks_.Read([this, reply = std::move(reply), request, response]() mutable {
    Result<Tasks::Found> found = tasks_.Find(request->task_id());
    if (!found) return reply.End(ToGrpcNamingField(found.error()));
    Result<core::TaskState> state = found->runner ? found->runner->State() : tasks_.ReadState(*found->row);
    if (!state) return reply.End(Status(state.error()));
    FillTask(request->task_id(), *state, *response->mutable_task());
    FillSteps(*state, *response);
    if (!found->runner) return reply.End(grpc::Status::OK);
    // What is shown must be on disk.
    found->runner->WhenDurable(state->last_sequence,
                               [reply = std::move(reply)](const Status& durable) mutable { reply.End(durable); });
  });
  return reactor;
}

grpc::ServerUnaryReactor* TaskService::List(grpc::CallbackServerContext*, const v1::ListRequest* request,
                                            v1::ListResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  Result<journal::TaskFilter> filter = ToFilter(*request);
  if (!filter) {
    reply.End(ToGrpcNamingField(filter.error()));
    return reactor;
  }
  tasks_.Read([this, reply = std::move(reply), filter = std::move(*filter), request, response]() mutable {
    const int wanted = filter.limit;
    // One more, to know whether there is a next page.
    filter.limit = wanted + 1;
    Result<std::vector<journal::TaskRow>> rows = request->waiting() ? tasks_.ListWaiting(filter) : tasks_.List(filter);
    if (!rows) return reply.End(Status(rows.error()));
    const size_t shown = std::min(rows->size(), static_cast<size_t>(wanted));
    for (size_t i = 0; i < shown; ++i) {
      v1::Task& task = *response->add_tasks();
      FillRow((*rows)[i], task);
      if ((*rows)[i].status != core::TaskStatus::kRunning) continue;
      if (const auto runner = tasks_.FindRunning(task.task_id())) FillWaiting(runner->OpenQuestions(), task);
    }
    if (rows->size() > shown) response->set_next_page_token(std::to_string((*rows)[shown - 1].key));
    reply.End(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerUnaryReactor* TaskService::Fork(grpc::CallbackServerContext*, const v1::ForkRequest* request,
                                            v1::ForkResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  if (Status checked = CheckTaskId(request->task_id()); !checked) {
    reply.End(ToGrpcNamingField(checked.error()));
    return reactor;
  }
  tasks_.Fork(*request, [reply = std::move(reply), response](Result<Tasks::Forked> forked) mutable {
    if (!forked) return reply.End(ToGrpcNamingField(forked.error()));
    response->set_task_id(forked->task.task_id());
    response->set_copied_records(forked->copied);
    if (!forked->task.runner) return reply.End(grpc::Status::OK);
    forked->task.runner->WhenDurable(1,
                                     [reply = std::move(reply)](const Status& durable) mutable { reply.End(durable); });
  });
  return reactor;
}

grpc::ServerUnaryReactor* TaskService::Cancel(grpc::CallbackServerContext*, const v1::CancelRequest* request,
                                              v1::CancelResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  constexpr size_t kMaxReason = 500;
  Status checked = CheckTaskId(request->task_id());
  if (checked && request->reason().size() > kMaxReason)
    checked = FieldError("reason", "may have at most 500 characters");
  if (!checked) {
    reply.End(ToGrpcNamingField(checked.error()));
    return reactor;
  }
  tasks_.Read([this, reply = std::move(reply), request, response]() mutable {
    Result<Tasks::Found> found = tasks_.Find(request->task_id());
    if (!found) return reply.End(ToGrpcNamingField(found.error()));
    if (!found->runner) {
      response->set_state(journal::EncodeStatus(found->row->status));
      return reply.End(grpc::Status::OK);
    }
    found->runner->RequestCancel(request->reason(),
                                 [reply = std::move(reply), response](core::TaskStatus status) mutable {
                                   response->set_state(journal::EncodeStatus(status));
                                   reply.End(grpc::Status::OK);
                                 });
  });
  return reactor;
}

grpc::ServerUnaryReactor* TaskService::Decide(grpc::CallbackServerContext*, const v1::DecideRequest* request,
                                              v1::DecideResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  if (Status checked = CheckDecision(*request); !checked) {
    reply.End(ToGrpcNamingField(checked.error()));
    return reactor;
  }
  tasks_.Read([this, reply = std::move(reply), request, response]() mutable {
    Result<Tasks::Found> found = tasks_.Find(request->task_id());
    if (!found) return reply.End(ToGrpcNamingField(found.error()));
    core::PersonDecided decided{.path = request->path(),
                                .approved = request->verdict() == v1::VERDICT_APPROVE,
                                .by = request->by(),
                                .note = request->note()};
    auto done = [reply = std::move(reply), path = request->path(), response](Result<core::Question> question) mutable {
      if (!question) return reply.End(Status(question.error()));
      FillApproval(path, *question, *response->mutable_approval());
      reply.End(grpc::Status::OK);
    };
    if (found->runner) return found->runner->RequestDecision(std::move(decided), std::move(done));
    done(DecidedBefore(tasks_, *found->row, decided));
  });
  return reactor;
}

}  // namespace troupe::gateway
