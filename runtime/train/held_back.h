// Which lessons and old examples a student is judged by and never trained on, and which old examples it sees again
// beside its lessons (replay; Rolnick et al., 2019, arXiv:1811.11682). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/train/labelled_texts.h"

namespace troupe::train {

// Each text once, as it was labelled last, in the order in which they first came: what is asked often is one lesson,
// and never both trained on and held back.
std::vector<LabelledText> LastOfEach(std::vector<LabelledText> texts);

// About that share of the texts. Which ones follows from each text and the seed alone, so what is held back once stays
// so while more are added. Of each label at least one text is trained on. Each text is there once.
Split HoldBack(const std::vector<LabelledText>& texts, double share, uint64_t seed);

// `count` of the texts, all where there are fewer: as many of each label as the labels have, drawn by the seed, in the
// texts' order.
std::vector<LabelledText> DrawEvenly(const std::vector<LabelledText>& texts, size_t count, uint64_t seed);

}  // namespace troupe::train
