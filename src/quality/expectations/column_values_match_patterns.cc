#include <algorithm>

#include "quality/expectation.h"

namespace andon::quality {

namespace {

constexpr Param kRegexList = {"regex_list", ParamKind::kRegexes, "The regular expressions (RE2).",
                              true};
constexpr Param kLikePattern = {"like_pattern", ParamKind::kText,
                                "The pattern of LIKE: % for any text, _ for one character.", true};
constexpr Param kLikePatternList = {"like_pattern_list", ParamKind::kTexts, "The patterns of LIKE.",
                                    true};
constexpr Param kMatchOn = {"match_on", ParamKind::kText,
                            "\"any\" (by default): one of them is enough; or \"all\"."};
constexpr Param kEscape = {"escape", ParamKind::kText,
                           "The character before a % or _ that means itself."};

using One = sql::Expr (*)(const Args&, const std::string& pattern);

sql::Expr MatchesOne(const Args& args, const std::string& regex) {
  return Matches(args.Text(), regex);
}

sql::Expr IsLikeOne(const Args& args, const std::string& pattern) {
  return Like(args.Text(), pattern, args.String(kEscape));
}

std::vector<sql::Expr> Each(const Args& args, const Param& list, One one) {
  std::vector<sql::Expr> parts;
  for (const std::string& pattern : args.Strings(list)) parts.push_back(one(args, pattern));
  return parts;
}

// `match_on` says how many must hold.
sql::Expr Enough(const Args& args, const Param& list, One one) {
  std::vector<sql::Expr> parts = Each(args, list, one);
  return args.String(kMatchOn) == "all" ? sql::And(std::move(parts)) : sql::Or(std::move(parts));
}

std::string MatchOnMistake(const Args& args) {
  std::string word = args.String(kMatchOn);
  if (word.empty() || word == "any" || word == "all") return {};
  return "\"match_on\" must be \"any\" or \"all\".";
}

std::string EscapeMistake(const Args& args) {
  if (args.String(kEscape).size() > 1) return "\"escape\" must be one character.";
  return MatchOnMistake(args);
}

}  // namespace

// Regular expressions and LIKE, one or a list, matched or not.
extern const std::vector<Expectation> kColumnValuesMatchPatterns = {
    {
        .name = "expect_column_values_to_match_regex",
        .says = "Values of {column} match {regex}.",
        .params = {kColumn, kRegex, kMostly},
        .unexpected = [](const Args& args) { return Not(MatchesOne(args, args.String(kRegex))); },
        .example = R"(
            column=sku regex="^[A-Z]{2}-[0-9]+$" mostly=0.5
            sku:  AB-1 ab-1 null
            pass: 1 of 2 unexpected, "ab-1"
        )",
    },
    {
        .name = "expect_column_values_to_not_match_regex",
        .says = "Values of {column} do not match {regex}.",
        .params = {kColumn, kRegex, kMostly},
        .unexpected = [](const Args& args) { return MatchesOne(args, args.String(kRegex)); },
        .example = R"(
            column=name regex="[0-9]"
            name: Ana R2 null
            fail: 1 of 2 unexpected, "R2"
        )",
    },
    {
        .name = "expect_column_values_to_match_regex_list",
        .says = "Values of {column} match {match_on} of {regex_list}.",
        .params = {kColumn, kRegexList, kMatchOn, kMostly},
        .unexpected = [](const Args& args) { return Not(Enough(args, kRegexList, MatchesOne)); },
        .mistake = MatchOnMistake,
        .example = R"(
            column=code regex_list=["^A","1$"]
            code: A1 A2 B1 B2 null
            fail: 1 of 4 unexpected, "B2"

            column=code regex_list=["^A","1$"] match_on=all
            code: A1 A2
            fail: 1 of 2 unexpected, "A2"
        )",
    },
    {
        .name = "expect_column_values_to_not_match_regex_list",
        .says = "Values of {column} match none of {regex_list}.",
        .params = {kColumn, kRegexList, kMostly},
        .unexpected = [](const Args& args) { return sql::Or(Each(args, kRegexList, MatchesOne)); },
        .example = R"(
            column=code regex_list=["^A","1$"]
            code: A2 B1 B2 null
            fail: 2 of 3 unexpected, "A2" "B1"
        )",
    },
    {
        .name = "expect_column_values_to_match_like_pattern",
        .says = "Values of {column} are like {like_pattern}.",
        .params = {kColumn, kLikePattern, kEscape, kMostly},
        .unexpected =
            [](const Args& args) { return Not(IsLikeOne(args, args.String(kLikePattern))); },
        .mistake = EscapeMistake,
        .example = R"(
            column=code like_pattern="A_-%"
            code: AB-1 AB1 null
            fail: 1 of 2 unexpected, "AB1"
        )",
    },
    {
        .name = "expect_column_values_to_not_match_like_pattern",
        .says = "Values of {column} are not like {like_pattern}.",
        .params = {kColumn, kLikePattern, kEscape, kMostly},
        .unexpected = [](const Args& args) { return IsLikeOne(args, args.String(kLikePattern)); },
        .mistake = EscapeMistake,
        .example = R"(
            column=rate like_pattern="%|%" escape="|"
            rate: 5 5% null
            fail: 1 of 2 unexpected, "5%"
        )",
    },
    {
        .name = "expect_column_values_to_match_like_pattern_list",
        .says = "Values of {column} are like {match_on} of {like_pattern_list}.",
        .params = {kColumn, kLikePatternList, kMatchOn, kEscape, kMostly},
        .unexpected =
            [](const Args& args) { return Not(Enough(args, kLikePatternList, IsLikeOne)); },
        .mistake = EscapeMistake,
        .example = R"(
            column=code like_pattern_list=["A%","%1"]
            code: A1 B1 B2 null
            fail: 1 of 3 unexpected, "B2"
        )",
    },
    {
        .name = "expect_column_values_to_not_match_like_pattern_list",
        .says = "Values of {column} are like none of {like_pattern_list}.",
        .params = {kColumn, kLikePatternList, kEscape, kMostly},
        .unexpected =
            [](const Args& args) { return sql::Or(Each(args, kLikePatternList, IsLikeOne)); },
        .mistake = EscapeMistake,
        .example = R"(
            column=code like_pattern_list=["A%","%1"]
            code: A1 B2 null
            fail: 1 of 2 unexpected, "A1"
        )",
    },
};

}  // namespace andon::quality
