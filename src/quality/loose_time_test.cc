#include "quality/loose_time.h"

#include <gtest/gtest.h>

#include "quality/strptime.h"

namespace andon::quality {
namespace {

// Each was asked of dateutil 2.9.
TEST(LooseTime, WhatDateutilReads) {
  for (const char* good : {"2005-08-20",
                           "20/08/2005",
                           "Aug 20 2005",
                           "20 Aug 2005 10:36 pm",
                           "20-Aug-2005",
                           "Thu Sep 25 10:36:28 2003 +0200",
                           "2005-08-20T10:36:28.5Z",
                           "10h36m28.5s",
                           "20050820T103628",
                           "20050820",
                           "200508201036",
                           "12am",
                           "Sep of 03",
                           "10:36:28.123 GMT+3",
                           "2003-09-25T10:49:41-03:00",
                           "Wed, July 10, '96",
                           "1996.July.10 AD 12:08 PM",
                           "July 10",
                           "2005",
                           "Mon",
                           "10:36",
                           "5",
                           "31",
                           "07/04/76",
                           "99-01",
                           "2004-02-29",
                           "4th of July 2005",
                           "10:36:28 +0200 (EST)",
                           "13 pm 2",
                           "2005--",
                           "10:36:28 EST",
                           "2005-08-20 10:36:28.123456789"}) {
    EXPECT_TRUE(IsLooseTime(good)) << good;
  }
  for (const char* bad : {"",
                          "soon",
                          "2005-13-40",
                          "2005-02-30",
                          "2003-02-29",
                          "25:00",
                          "10:60",
                          "20 Aug 2005 foo",
                          "nan",
                          "inf",
                          "1e5",
                          "2005-08-20T10:36:28.Z",
                          "31,56.869",
                          "Aug Sep 2005",
                          "1 2 3 4",
                          "pm",
                          "2005-Foo",
                          "10:36 (EST)",
                          "{",
                          "127.m",
                          "99999999999999999999999 pm",
                          "0000-01-01"}) {
    EXPECT_FALSE(IsLooseTime(bad)) << bad;
  }
  EXPECT_FALSE(IsLooseTime(std::string(100'000, '1')));
  EXPECT_FALSE(IsLooseTime(std::string("\xff\xfe 2005", 7)));
}

// Each was asked of Python's strptime.
TEST(Strptime, WhatPythonReads) {
  struct Case {
    const char* text;
    const char* format;
    bool matches;
  };
  const Case kCases[] = {
      {"2005-08-20", "%Y-%m-%d", true},
      {"2005-8-2", "%Y-%m-%d", true},
      {"2005-08-20 ", "%Y-%m-%d", false},
      {"2005-08-2", "%Y%m%d", false},
      {"20050802", "%Y%m%d", true},
      {"2005111", "%Y%m%d", true},
      {"2019-02-30", "%Y-%m-%d", false},
      {"2020-02-29", "%Y-%m-%d", true},
      {"02-29", "%m-%d", false},
      {"20 AUGUST 2005", "%d %B %Y", true},
      {"20 Aug 05", "%d %b %y", true},
      {"Sat 20", "%a %d", true},
      {"10:36:28.5", "%H:%M:%S.%f", true},
      {"10:36:60", "%H:%M:%S", false},
      {"10:36 pm", "%I:%M %p", true},
      {"13:36 pm", "%I:%M %p", false},
      {"2005-08-20T10:36:28+02:00", "%Y-%m-%dT%H:%M:%S%z", true},
      {"2005-08-20T10:36:28Z", "%Y-%m-%dT%H:%M:%S%z", true},
      {"2005-08-20T10:36:28z", "%Y-%m-%dT%H:%M:%S%z", false},
      {"2005-366", "%Y-%j", true},
      {"2005-367", "%Y-%j", false},
      {"2005-34-6", "%G-%V-%u", true},
      {"2005-34", "%G-%V", false},
      {"Sat Aug 20 10:36:28 2005", "%c", true},
      {"08/20/05", "%x", true},
      {"100%", "%j%%", true},
      {"0000-01-01", "%Y-%m-%d", false},
      {"", "", true},
      {"a  b", "a b", true},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(MatchesTimeFormat(c.text, c.format), c.matches) << c.text << " " << c.format;
  EXPECT_EQ(TimeFormatMistake("%Y-%q"), "There is no directive %q.");
  EXPECT_EQ(TimeFormatMistake("%Y %Y"), "The directive %Y stands twice.");
  EXPECT_EQ(TimeFormatMistake("50%"), "The format ends with a single %.");
  EXPECT_EQ(TimeFormatMistake("%d.%m.%Y %H:%M:%S"), "");
  // Many ways to read the digits, none of which ends well.
  EXPECT_FALSE(MatchesTimeFormat(std::string(60, '1'), "%d%m%H%I%j%M%S%U%W%w%u%y%fx"));
}

}  // namespace
}  // namespace andon::quality
