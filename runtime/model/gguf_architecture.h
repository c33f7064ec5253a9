// Private to runtime/model: the architectures that a GGUF can be of, and how the names of Hugging Face's tensors and
// those of a GGUF go together (ggml-org/ggml, docs/gguf.md; gguf-py, tensor_mapping).
#pragma once

#include <string>
#include <string_view>

namespace troupe::model {

struct GgufArchitecture {
  std::string_view name;  // general.architecture, and what the architecture's metadata begins with
  // Rows of Q and K lie in the order of interleaved rotary pairs, as convert_hf_to_gguf.py permutes them for some
  // architectures; the other ones keep Hugging Face's order of halves.
  bool permuted = false;
  bool post_norms =
      false;  // "post_attention_norm" and "post_ffw_norm" are there, and "ffn_norm" is before the feed-forward
};

// nullptr for one that is not known here.
const GgufArchitecture* FindGgufArchitecture(std::string_view name);
// "llama, qwen2, ..."
std::string GgufArchitectures();

// "model.layers.3.mlp.up_proj.weight" to "blk.3.ffn_up.weight"; the name itself where there is no rule.
std::string GgufName(const GgufArchitecture& architecture, std::string_view name);

}  // namespace troupe::model
