// Amounts and dates, from what programs write to what people read. Pure.
#pragma once

#include <string>
#include <string_view>

#include "router/content/locale.h"
#include "runtime/base/error.h"

namespace troupe::content {

// "1234.5" to "1.234,50 €"; at most twelve digits before the point. Errors: INVALID_ARGUMENT.
Result<std::string> FormatMoney(std::string_view amount, const MoneyFormat& format);

// "2026-11-29", a day that exists, to "29. November 2026". Errors: INVALID_ARGUMENT.
Result<std::string> FormatDate(std::string_view date, const DateFormat& format);

}  // namespace troupe::content
