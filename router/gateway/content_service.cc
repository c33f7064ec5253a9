#include "router/gateway/content_service.h"

#include <string>
#include <vector>

#include "router/gateway/field_error.h"
#include "runtime/rpc/server_call.h"

namespace troupe::gateway {
namespace {

Error NoContent() {
  return FailedPrecondition(
      "this router has no content; start it with --content and the folder that 'troupe content publish' writes to");
}

}  // namespace

Status ContentService::FillIn(const v1::FillRequest& request, v1::FillResponse& response) const {
  if (content_ == nullptr) return NoContent();
  if (request.set().empty()) return FieldError("set", "is missing; name the set");
  std::vector<content::SlotValue> values;
  values.reserve(static_cast<size_t>(request.slots_size()));
  for (const auto& [name, value] : request.slots()) values.push_back({name, value});
  const std::string_view audience = request.audience().empty() ? "all" : std::string_view(request.audience());
  TRY_ASSIGN(content::Filled filled, content_->library()->Fill({request.set(), audience, request.user(), values}));
  response.set_text(std::move(filled.text));
  response.set_variant(std::move(filled.variant));
  response.set_version(std::move(filled.version));
  response.set_language(std::move(filled.language));
  response.set_output(content::OutputKindNames()[static_cast<size_t>(filled.output)]);
  return {};
}

grpc::ServerUnaryReactor* ContentService::Fill(grpc::CallbackServerContext* context, const v1::FillRequest* request,
                                               v1::FillResponse* response) {
  const Status done = FillIn(*request, *response);
  return rpc::AnswerNow(context, done ? grpc::Status::OK : ToGrpcNamingField(done.error()));
}

grpc::ServerUnaryReactor* ContentService::Uses(grpc::CallbackServerContext* context, const v1::UsesRequest*,
                                               v1::UsesResponse* response) {
  if (content_ == nullptr) return rpc::AnswerNow(context, rpc::ToGrpc(NoContent()));
  for (const auto& [key, count] : content_->counts().Totals()) {
    v1::ContentUses& uses = *response->add_uses();
    uses.set_set(key.set);
    uses.set_audience(key.audience);
    uses.set_variant(key.text);
    uses.set_uses(count);
  }
  return rpc::AnswerNow(context, grpc::Status::OK);
}

}  // namespace troupe::gateway
