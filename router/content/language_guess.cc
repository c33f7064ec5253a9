#include "router/content/language_guess.h"

#include <algorithm>
#include <array>

namespace troupe::content {
namespace {

struct SmallWords {
  std::string_view language;
  // With blanks around each.
  std::string_view words;
};

constexpr std::array kLanguages = {
    SmallWords{"en",
               " the and of to is you for with that this your are our we it on have from not be will was just an at "},
    SmallWords{"de",
               " der die das und ist sie für mit dass dies ihr ihre wir es auf haben von nicht ein eine zu den dem im "
               "wird nur sich dir dein deine du "},
    SmallWords{
        "fr",
        " le la les et est vous pour avec que ce votre nous sur de du des une un dans ne pas au aux sera vos ton ta "},
    SmallWords{"es",
               " el la los las y es usted para con que este su nosotros en de del una un no al será tu por lo más "},
    SmallWords{"it",
               " il lo la gli le e è per con che questo suo noi su di del della una un non al sarà tuo tua nel più "},
    SmallWords{"nl",
               " de het en is je voor met dat dit uw wij we op hebben van niet een te zijn in wordt jouw ons naar "},
    SmallWords{"pt", " o a os as e é você para com que este seu nós em de do da uma um não ao será mais por sua "},
};

int Count(const std::vector<std::string>& words, std::string_view small) {
  return static_cast<int>(std::count_if(
      words.begin(), words.end(), [&](const std::string& word) { return small.find(" " + word + " ") != small.npos; }));
}

}  // namespace

std::string GuessOtherLanguage(const std::vector<std::string>& words, std::string_view wanted) {
  // fewer small words say nothing, and a lead of two may be chance
  constexpr int kEnough = 3;
  constexpr int kLead = 2;
  wanted = wanted.substr(0, wanted.find('-'));
  int of_wanted = -1;
  int most = 0;
  std::string_view guess;
  for (const SmallWords& language : kLanguages) {
    const int count = Count(words, language.words);
    if (language.language == wanted) {
      of_wanted = count;
    } else if (count > most) {
      most = count;
      guess = language.language;
    }
  }
  const bool other = of_wanted >= 0 && most >= kEnough && most > of_wanted + kLead;
  return other ? std::string(guess) : "";
}

}  // namespace troupe::content
