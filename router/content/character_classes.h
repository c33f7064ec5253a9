// The characters of what strangers send, told apart into what may stand in a slot and what may not. Pure.
#pragma once

namespace troupe::content {

// C0 and C1 controls, DEL, and the separators U+2028 and U+2029, which end lines where nobody expects it.
bool IsControl(char32_t character);
// What turns the direction of text around (UAX 9): marks, embeddings, overrides, isolates.
bool IsBidiControl(char32_t character);
// What is not seen, and so lets two texts look alike: zero-width space, byte order mark, tags, noncharacters and the
// like. The joiners U+200C and U+200D are not among them: scripts and emoji need those.
bool IsInvisible(char32_t character);

}  // namespace troupe::content
