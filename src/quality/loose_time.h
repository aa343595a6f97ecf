// Whether a text is a date or time in any of the forms that people write, as Python's dateutil
// reads them: "2005-08-20", "20 August 2005 10:36 pm", "Thu Sep 25 10:36:28 2003 +0200".
#pragma once

#include <string_view>

namespace andon::quality {

// What is not said is as it is today for dateutil; here it never makes a text wrong, so that the
// answer is the same every day: "31" is a day.
bool IsLooseTime(std::string_view text);

}  // namespace andon::quality
