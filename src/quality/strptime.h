// Whether a text is a time in a format of Python's strptime, as its reference reads it: the formats
// that stand in suites of Great Expectations.
#pragma once

#include <string>
#include <string_view>

namespace andon::quality {

// What is wrong with a format, as a sentence; empty for a good one.
std::string TimeFormatMistake(std::string_view format);

// True where the whole text is a time of that format, and one that exists: 2019-02-30 is none.
// Names of days and months are English ones. False for every text where the format is wrong.
bool MatchesTimeFormat(std::string_view text, std::string_view format);

}  // namespace andon::quality
