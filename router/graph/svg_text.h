// Small pieces that both drawings are made of.
#pragma once

#include <string>
#include <string_view>

namespace troupe::graph {

// For use in text and attributes of XML.
std::string XmlEscape(std::string_view text);

// At most `characters` (code points), with an ellipsis where something was cut.
std::string Shorten(std::string_view text, int characters);

// About how wide a text in a sans-serif font of `size` pixels is.
double TextWidth(std::string_view text, double size);

// "12" or "12.5": the shortest form with one decimal.
std::string Px(double value);

// A <text> element. `style` goes into its class attribute.
std::string SvgText(double x, double y, std::string_view style, std::string_view text);

// The colour of the agent with that index, for fills with dark text upon them, and its darker companion for lines.
std::string AgentFill(int index);
std::string AgentStroke(int index);

// Those of what a person does.
inline constexpr char kPersonFill[] = "#ffffff";
inline constexpr char kPersonStroke[] = "#0f172a";

// The <svg> element's start with the styles that the drawings use.
std::string SvgStart(double width, double height);

}  // namespace troupe::graph
