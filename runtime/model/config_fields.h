// Private to runtime/model: the fields of a config.json, typed, and which of them anybody has asked for. A field that
// nobody knows is refused (CheckAllKnown), because a model that is computed without it may give other numbers.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/model/config.h"

namespace troupe::model {

class Fields {
 public:
  // `json` outlives it. `where` names the file, and the object within, in messages.
  Fields(const Value& json, std::string_view where) : json_(json), where_(where) {}

  // nullptr for a missing field and for null.
  const Value* Find(const char* name) const;
  // True for null too: "no value" is something else than "whatever is usual".
  bool Has(const char* name) const { return json_.contains(name); }

  // Errors: INVALID_ARGUMENT naming the field.
  Result<int64_t> Int(const char* name) const;
  Result<int64_t> IntOr(const char* name, int64_t otherwise) const;
  Result<double> NumberOr(const char* name, double otherwise) const;
  Result<bool> BoolOr(const char* name, bool otherwise) const;
  Result<std::string> StringOr(const char* name, std::string otherwise) const;
  // Empty for a missing field.
  Result<std::vector<double>> Numbers(const char* name) const;
  // A field that must have this value, or be missing. Errors: UNIMPLEMENTED.
  Status Only(const char* name, const Value& supported) const;
  // A field with a value that nothing here does. The message says what is supported.
  Error Unsupported(const char* name, const Value& value, std::string_view supported) const;

  // Fields that change nothing in the numbers.
  void Ignore(std::span<const std::string_view> names) const;
  // Every field was asked for or ignored, or says no (null, false, an empty list or object). Errors: UNIMPLEMENTED.
  Status CheckAllKnown(std::string_view what) const;

  Error Wrong(const char* name, std::string_view wanted) const;
  const std::string& where() const { return where_; }

 private:
  const Value& json_;
  std::string where_;
  mutable std::set<std::string, std::less<>> known_;
};

// The parts of ConfigFromJson. `config` comes with the sizes that all models have.
Status ReadDecoder(std::string_view model_type, const Fields& fields, ModelConfig& config);
Status ReadBert(const Fields& fields, ModelConfig& config);
// "llama, mistral, ..."
std::string DecoderTypes();

// Steps of the families' readers.
Status ReadGemma2(const Fields& fields, ModelConfig& config);
Status ReadGemma3(const Fields& fields, ModelConfig& config);
// quantization_config: Troupe's own (packed_grid.h) or none. Errors: UNIMPLEMENTED for another tool's.
Status ReadQuantization(const Fields& fields, ModelConfig& config);
Status ReadActivation(const Fields& fields, const char* name, const char* usual, ModelConfig& config);
// sliding_window: 0 for null, `usual` where it is missing.
Result<int64_t> ReadWindow(const Fields& fields, int64_t usual);
// layer_types gives each layer's kind; where it is missing, `slides` tells. `window` is 0 where there is none.
Status ReadWindows(const Fields& fields, int64_t window, bool (*slides)(const Fields&, int64_t), ModelConfig& config);
std::span<const std::string_view> IgnoredFields();

// `usual` has what the family has where the file says nothing: theta and dims (of the whole head).
Result<RopeConfig> ReadRope(const Fields& fields, RopeConfig usual, ModelConfig& config);
// The same from the object that describes one set of frequencies (rope_scaling, rope_parameters).
Result<RopeConfig> ReadRopeObject(const Value& json, const std::string& where, RopeConfig usual, ModelConfig& config);

// What holds for every model, whatever file it came from. Errors: INVALID_ARGUMENT.
Status CheckConfig(const ModelConfig& config, std::string_view where);
Status CheckSize(int64_t value, std::string_view field, std::string_view where);

}  // namespace troupe::model
