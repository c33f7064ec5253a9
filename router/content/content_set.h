// A content set: texts with slots, made ahead for every audience and filled in when somebody asks. What `parse` reads,
// `make` adds texts to, a person reviews and `release` turns into what is published. Plain values; nothing to stop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::content {

inline constexpr size_t kMaxSlots = 64;
inline constexpr size_t kMaxAxes = 8;
inline constexpr size_t kMaxAxisValues = 256;
inline constexpr size_t kMaxCells = 10'000;
inline constexpr size_t kMaxTextBytes = 64u << 10;
inline constexpr int64_t kMaxWeight = 1'000'000;
// Characters of a slot's value, whatever the slot says.
inline constexpr int64_t kMaxValueLength = 10'000;

// Line and column from 1; 0 where no place is known.
struct Position {
  int line = 0;
  int column = 0;
};

enum class SlotType { kName, kCity, kMoney, kDate, kChoice, kText, kUrl };
enum class OutputKind { kText, kHtml, kJson };
// How often a text may have a slot.
enum class SlotUse { kOnce, kAtLeastOnce, kOptional };
enum class TextState { kProposed, kAccepted, kRejected };

// The words that files use, in the order of the enums.
const std::vector<std::string>& SlotTypeNames();
const std::vector<std::string>& OutputKindNames();
const std::vector<std::string>& SlotUseNames();
const std::vector<std::string>& TextStateNames();

struct Slot {
  std::string name;
  SlotType type = SlotType::kText;
  // Filled in where no value is given; a slot without one is required.
  std::optional<std::string> fallback;
  // Characters.
  int64_t max_length = 0;
  // Of a choice.
  std::vector<std::string> choices;
  // Of money, ISO 4217.
  std::string currency;
  // Of a url: the hosts that it may lead to; empty for any.
  std::vector<std::string> hosts;
  SlotUse use = SlotUse::kAtLeastOnce;
};

struct Axis {
  std::string name;
  std::vector<std::string> values;
};

// A value of every axis, in the axes' order: whom a text is for.
using Cell = std::vector<std::string>;

// Who writes the texts: a graph or an agent, and what it is asked.
struct Writer {
  std::string graph;
  std::string agent;
  std::string prompt;
  // Where the prompt came from; empty for one that stands in the file.
  std::string prompt_file;
};

// What a text must keep to.
struct Checks {
  // Characters, the slots' names not counted.
  int64_t min_length = 1;
  int64_t max_length = 0;  // 0 for no limit but kMaxTextBytes
  // Words and phrases, as whole words, whatever their case.
  std::vector<std::string> banned;
  // Two texts of a cell may be alike up to this share (text_likeness.h); 1 turns it off.
  double similarity = 1.0;
  // The text's language is looked at.
  bool language = false;
};

struct Text {
  std::string id;
  Cell cell;
  // With {{slots}}.
  std::string text;
  int64_t weight = 1;
  TextState state = TextState::kProposed;
  // Who wrote it, and who decided on it: for people and reports.
  std::string writer;
  std::string reviewer;
  // When it was decided on ("2026-11-29 08:51:07 UTC"), and why.
  std::string reviewed;
  std::string note;
  Position position;
};

struct ContentSet {
  std::string name;
  OutputKind output = OutputKind::kText;
  std::vector<Slot> slots;
  std::vector<Axis> axes;
  // Those of the matrix that texts are wanted for, in the matrix' order.
  std::vector<Cell> cells;
  // Of a set whose matrix has no axis `language`.
  std::string language = "en";
  // How many texts each cell is to have.
  int64_t variants = 1;
  std::optional<Writer> writer;
  Checks checks;
  std::vector<Text> texts;
  // What the file of texts is called, as the set names it; empty where there is none.
  std::string texts_file;
};

// Null where there is none of that name.
const Slot* FindSlot(const std::vector<Slot>& slots, std::string_view name);

// "loyal.birthday.en": the cell's values; "all" where there is no matrix. Safe as a file's name and in a URL.
std::string AudienceName(const Cell& cell);

// What texts of that cell are written in.
std::string LanguageOf(const ContentSet& set, const Cell& cell);

}  // namespace troupe::content
