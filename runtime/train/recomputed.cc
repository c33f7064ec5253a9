#include "runtime/train/recomputed.h"

#include <ATen/core/TensorBody.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace troupe::train {
namespace {

using Part = std::function<at::Tensor(const at::Tensor&)>;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// As autograd keeps it beside tensors.
struct KeptPart : torch::CustomClassHolder {
  explicit KeptPart(Part kept) : part(std::move(kept)) {}
  Part part;
};

constexpr char kPart[] = "part";

struct Recompute : torch::autograd::Function<Recompute> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, Part part) {
    context->save_for_backward({x});
    at::Tensor y = part(x);
    context->saved_data[kPart] = c10::IValue::make_capsule(c10::make_intrusive<KeptPart>(std::move(part)));
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const c10::AutoGradMode on(true);
    const auto kept = c10::static_intrusive_pointer_cast<KeptPart>(context->saved_data[kPart].toCapsule());
    const at::Tensor x = context->get_saved_variables().front().detach().requires_grad_(true);
    // what else the part reads gets its gradient right here
    kept->part(x).backward(gradients.front());
    return {x.grad(), at::Tensor()};
  }
};

}  // namespace

at::Tensor Recomputed(const at::Tensor& x, Part part) {
  if (!c10::GradMode::is_enabled()) return part(x);
  // without a gradient of its own there would be no way back to what the part reads
  return Recompute::apply(x.requires_grad() ? x : x.detach().requires_grad_(true), std::move(part));
}

}  // namespace troupe::train
