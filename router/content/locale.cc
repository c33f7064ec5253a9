#include "router/content/locale.h"

#include <algorithm>
#include <array>

namespace troupe::content {
namespace {

constexpr std::string_view kNoBreak = "\u00a0";

struct Language {
  std::string_view name;
  std::string_view decimal;
  std::string_view group;
  bool symbol_first;
  // A space between a symbol that comes first and the amount.
  bool spaced;
  std::string_view date;
  std::array<std::string_view, 12> months;
};

// After CLDR; the first whose name fits holds, so regions stand before their language.
constexpr std::array kLanguages = {
    Language{"en-gb",
             ".",
             ",",
             true,
             false,
             "{d} {m} {y}",
             {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December"}},
    Language{"en",
             ".",
             ",",
             true,
             false,
             "{m} {d}, {y}",
             {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December"}},
    Language{"de",
             ",",
             ".",
             false,
             false,
             "{d}. {m} {y}",
             {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
              "Dezember"}},
    Language{"fr",
             ",",
             "\u202f",
             false,
             false,
             "{d} {m} {y}",
             {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
              "novembre", "décembre"}},
    Language{"es",
             ",",
             ".",
             false,
             false,
             "{d} de {m} de {y}",
             {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
              "noviembre", "diciembre"}},
    Language{"it",
             ",",
             ".",
             false,
             false,
             "{d} {m} {y}",
             {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
              "novembre", "dicembre"}},
    Language{"nl",
             ",",
             ".",
             true,
             true,
             "{d} {m} {y}",
             {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
              "november", "december"}},
    Language{"pt-br",
             ",",
             ".",
             true,
             true,
             "{d} de {m} de {y}",
             {"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
              "novembro", "dezembro"}},
    Language{"pt",
             ",",
             "\u00a0",
             false,
             false,
             "{d} de {m} de {y}",
             {"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
              "novembro", "dezembro"}},
};

const Language* Find(std::string_view name) {
  const auto found = std::find_if(kLanguages.begin(), kLanguages.end(), [&](const Language& language) {
    return name == language.name || (name.starts_with(language.name) && name[language.name.size()] == '-');
  });
  return found == kLanguages.end() ? nullptr : &*found;
}

std::string SymbolOf(std::string_view currency) {
  if (currency == "EUR") return "€";
  if (currency == "USD") return "$";
  if (currency == "GBP") return "£";
  if (currency == "JPY") return "¥";
  return std::string(currency);
}

}  // namespace

MoneyFormat MoneyFormatOf(std::string_view language, std::string_view currency) {
  MoneyFormat format;
  format.decimals = currency == "JPY" || currency == "KRW" || currency == "CLP" || currency == "VND" ? 0 : 2;
  const Language* found = Find(language);
  if (found == nullptr) {
    format.before = std::string(currency) + std::string(kNoBreak);
    return format;
  }
  format.decimal = found->decimal;
  format.group = found->group;
  const std::string symbol = SymbolOf(currency);
  const bool is_code = symbol == currency;
  if (found->symbol_first) {
    format.before = symbol + (found->spaced || is_code ? std::string(kNoBreak) : "");
  } else {
    format.after = std::string(kNoBreak) + symbol;
  }
  return format;
}

DateFormat DateFormatOf(std::string_view language) {
  const Language* found = Find(language);
  if (found == nullptr) return {};
  return {std::string(found->date), {found->months.begin(), found->months.end()}};
}

}  // namespace troupe::content
