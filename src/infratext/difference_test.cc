#include "infratext/difference.h"

#include <gtest/gtest.h>

#include "infratext/difference_text.h"
#include "infratext/sequence.h"
#include "infratext/test_server.h"

namespace andon::infratext {
namespace {

using value::Path;
using value::Value;

std::string Text(const Value& before, const Value& after, const std::vector<Path>& replace = {},
                 TextStyle style = {}) {
  Value b = before, a = after;
  return "\n" + DifferenceText(Differ(b, a, ServerSchema().block, replace), 0, style) + "\n";
}

// Of values without a schema, from JSON.
std::string Text(std::string_view before, std::string_view after, TextStyle style = {}) {
  return DifferenceText(Differ(*value::FromJsonText(before), *value::FromJsonText(after)), 0,
                        style);
}

std::string Pairs(std::string_view before, std::string_view after) {
  std::string out;
  auto equal = [&](size_t b, size_t a) { return before[b] == after[a]; };
  auto similar = [&](size_t b, size_t a) { return before[b] == 'x' && after[a] == 'y'; };
  for (auto [b, a] : Align(before.size(), after.size(), equal, similar)) {
    out += out.empty() ? "" : " ";
    out += b == kNone ? '_' : before[b];
    out += a == kNone ? '_' : after[a];
  }
  return out;
}

TEST(Sequence, PairsWhatIsEqualAndThenWhatIsSimilar) {
  EXPECT_EQ(Pairs("", ""), "");
  EXPECT_EQ(Pairs("abc", "abc"), "aa bb cc");
  EXPECT_EQ(Pairs("abc", "ac"), "aa b_ cc");
  EXPECT_EQ(Pairs("ac", "abc"), "aa _b cc");
  EXPECT_EQ(Pairs("abd", "acd"), "aa b_ _c dd");
  EXPECT_EQ(Pairs("axd", "ayd"), "aa xy dd");
  EXPECT_EQ(Pairs("abcabba", "cbabac").size(), 3 * 9 - 1);  // Four of them in common.
}

// Each element once, in order, however long the lists are.
TEST(Sequence, IsWholeForListsTooLongToCompare) {
  size_t size = 5000;
  auto equal = [](size_t b, size_t a) { return b == 0 && a == 0; };
  Pairing pairs = Align(size, size, equal, [](size_t, size_t) { return false; });
  size_t b = 0, a = 0;
  for (auto [before, after] : pairs) {
    if (before != kNone) {
      EXPECT_EQ(before, b++);
    }
    if (after != kNone) {
      EXPECT_EQ(after, a++);
    }
  }
  EXPECT_EQ(b, size);
  EXPECT_EQ(a, size);
}

TEST(Difference, ShowsACreation) {
  Value after = Server(R"({
    "size": "t3", "password": "hunter2", "ports": [80, 443], "tags": {"b c": "1", "a": "2"},
    "zones": ["y", "x"], "network": {"cidr": "10/8", "psk": "hunter2"},
    "disks": [{"path": "/a", "size": 1}], "rules": [{"from": "z"}], "users": {"al": {"shell": "sh"}},
    "egress": [{"port": 1}, {"port": 2, "key": "k"}], "endpoint": {"e": {"port": 3}},
    "ingress": [{"port": 4}], "root": {"port": 5}, "timeouts": {"port": 6}})");
  after = With(after, "id", Value::Unknown(value::Type::String()));
  after = With(after, "password", after.Find("password")->WithMarks(value::Mark::kSensitive));
  EXPECT_EQ(Text(Value::Null(), after), R"(
{
      + disks    = [
          + {
              + path = "/a"
              + size = 1
            },
        ]
      + id       = (known after apply)
      + network  = {
          + cidr = "10/8"
          + psk  = "hunter2"
        }
      + password = (sensitive value)
      + ports    = [
          + 80,
          + 443,
        ]
      + rules    = [
          + {
              + from = "z"
            },
        ]
      + size     = "t3"
      + tags     = {
          + "a"   = "2"
          + "b c" = "1"
        }
      + token    = (write-only attribute)
      + users    = {
          + "al" = {
              + shell = "sh"
            },
        }
      + zones    = [
          + "x",
          + "y",
        ]

      + egress {
          + port = 1
        }
      + egress {
          + key  = "k"
          + port = 2
        }

      + endpoint "e" {
          + port = 3
        }

      + ingress {
          + port = 4
        }

      + root {
          + port = 5
        }

      + timeouts {
          + port = 6
        }
    }
)");
}

TEST(Difference, ShowsAnUpdateInEveryNesting) {
  Value before = Server(R"({
    "id": "i-1", "size": "t3", "ports": [1, 2, 3, 4, 5, 6], "tags": {"a": "1", "b": "2"},
    "zones": ["x", "y"], "network": {"cidr": "10/8", "psk": "p"},
    "disks": [{"path": "/a", "size": 1}, {"path": "/b", "size": 2}],
    "rules": [{"from": "q"}, {"from": "z"}], "users": {"al": {"shell": "sh"}, "bo": {"shell": "sh"}},
    "egress": [{"port": 1}, {"port": 2}], "endpoint": {"e": {"port": 3}, "f": {"port": 3}},
    "ingress": [{"port": 4}, {"port": 5}], "root": {"port": 5}, "timeouts": {"port": 6}})");
  Value after = Server(R"({
    "id": "i-1", "size": "t4", "ports": [1, 2, 3, 9, 5, 6], "tags": {"b": "3", "c": "4"},
    "zones": ["y", "z"], "network": {"cidr": "11/8", "psk": "p"},
    "disks": [{"path": "/a", "size": 7}, {"path": "/b", "size": 2}, {"path": "/c"}],
    "rules": [{"from": "r"}, {"from": "z"}], "users": {"al": {"shell": "zsh"}, "bo": {"shell": "sh"}},
    "egress": [{"port": 1}, {"port": 8}], "endpoint": {"e": {"port": 3}, "g": {"port": 3}},
    "ingress": [{"port": 4}, {"port": 6}], "root": {"port": 5}})");
  std::vector<Path> replace = {Path().Attribute("size"),
                               Path().Attribute("disks").Index(Value::Number(0)).Attribute("size")};
  EXPECT_EQ(Text(before, after, replace), R"(
{
      ~ disks   = [
          ~ {
              ~ size = 1 -> 7 # forces replacement
                # (1 unchanged attribute hidden)
            },
          + {
              + path = "/c"
            },
            # (1 unchanged element hidden)
        ]
        id      = "i-1"
      ~ network = {
          ~ cidr = "10/8" -> "11/8"
            # (1 unchanged attribute hidden)
        }
      ~ ports   = [
            # (2 unchanged elements hidden)
            3,
          - 4,
          + 9,
            5,
            # (1 unchanged element hidden)
        ]
      ~ rules   = [
          - {
              - from = "q" -> null
            },
          + {
              + from = "r"
            },
            # (1 unchanged element hidden)
        ]
      ~ size    = "t3" -> "t4" # forces replacement
      ~ tags    = {
          - "a" = "1" -> null
          ~ "b" = "2" -> "3"
          + "c" = "4"
        }
      ~ token   = (write-only attribute)
      ~ users   = {
          ~ "al" = {
              ~ shell = "sh" -> "zsh"
            },
            # (1 unchanged element hidden)
        }
      ~ zones   = [
          - "x",
          + "z",
            # (1 unchanged element hidden)
        ]

      ~ egress {
          ~ port = 2 -> 8
        }

      - endpoint "f" {
          - port = 3 -> null
        }
      + endpoint "g" {
          + port = 3
        }

      - ingress {
          - port = 5 -> null
        }
      + ingress {
          + port = 6
        }

      - timeouts {
          - port = 6 -> null
        }

        # (4 unchanged blocks hidden)
    }
)");
}

TEST(Difference, ShowsARemoval) {
  Value before = Server(R"({"id": "i-1", "password": "hunter2", "ports": [1], "tags": {"a": "1"},
    "network": {"cidr": "10/8"}, "rules": [], "egress": [{"port": 1}]})");
  before = With(before, "password", before.Find("password")->WithMarks(value::Mark::kSensitive));
  EXPECT_EQ(Text(before, Value::Null()), R"(
{
      - id       = "i-1" -> null
      - network  = {
          - cidr = "10/8" -> null
        } -> null
      - password = (sensitive value) -> null
      - ports    = [
          - 1,
        ] -> null
      - rules    = [] -> null
      - tags     = {
          - "a" = "1"
        } -> null
      - token    = (write-only attribute) -> null

      - egress {
          - port = 1 -> null
        }
    }
)");
}

TEST(Difference, ShowsWhatIsNotKnownYet) {
  Value before = Server(R"({"id": "i-1", "network": {"cidr": "10/8"}, "tags": {"a": "1"},
    "egress": [{"port": 1}], "timeouts": {"port": 6}})");
  Value after = before;
  for (const char* name : {"network", "tags", "egress", "timeouts", "endpoint"}) {
    after = With(after, name, Value::Unknown(before.Find(name)->type()));
  }
  EXPECT_EQ(Text(before, after), R"(
{
        id      = "i-1"
      ~ network = {
          ~ cidr = "10/8" -> (known after apply)
          + psk  = (known after apply)
        } -> (known after apply)
      ~ tags    = {
          - "a" = "1"
        } -> (known after apply)
      ~ token   = (write-only attribute)

      ~ egress (known after apply)

      ~ endpoint (known after apply)

      ~ timeouts {
          + key  = (known after apply)
          ~ port = 6 -> (known after apply)
        } -> (known after apply)
    }
)");
}

TEST(Difference, HidesBlocksAndWarnsOfChangesOfSensitivity) {
  Value before = Server(R"({"id": "i-1", "size": "t3", "egress": [{"port": 1}], "root": {"port": 5},
    "timeouts": {"port": 6}})");
  Value after = With(before, "size", Value::String("t3").WithMarks(value::Mark::kSensitive));
  for (const char* name : {"egress", "timeouts"}) {
    after = With(after, name, after.Find(name)->WithMarks(value::Mark::kSensitive));
  }
  std::string text = Text(before, after);
  EXPECT_EQ(text, R"(
{
        id    = "i-1"
        # Warning: this attribute value will be marked as sensitive, and will not be shown
        # after this change. The value is unchanged.
      ~ size  = (sensitive value)
      ~ token = (write-only attribute)

        # Warning: this block will be marked as sensitive, and will not be shown
        # after this change. The value is unchanged.
      ~ egress {
          # What is in this block is sensitive, now or before, and is not shown.
        }

        # Warning: this block will be marked as sensitive, and will not be shown
        # after this change. The value is unchanged.
      ~ timeouts {
          # What is in this block is sensitive, now or before, and is not shown.
        }

        # (1 unchanged block hidden)
    }
)");
  std::string shown = Text(before, after, {}, {.show_sensitive = true});
  EXPECT_NE(shown.find("~ size  = \"t3\""), std::string::npos) << shown;
}

TEST(Difference, ShowsTexts) {
  EXPECT_EQ(Text(R"("a")", R"("b\t\"")"), R"("a" -> "b\t\"")");
  EXPECT_EQ(Text(R"("one\ntwo\nthree")", R"("one\n2\nthree")"), R"(<<-EOT
        one
      - two
      + 2
        three
    EOT)");
  // White space alone.
  EXPECT_EQ(Text(R"("a\nb")", R"("a\nb\n")"), R"(<<-EOT
        a
        b
      + 
    EOT)");
  // Nothing in a text may steer the terminal.
  std::string steering = Text(R"("a\nb\u001b[2J\r\nc")", "null");
  EXPECT_NE(steering.find("b\\x1b[2J\\r"), std::string::npos) << steering;
  EXPECT_EQ(steering.find('\033'), std::string::npos);
}

TEST(Difference, ShowsJsonInTextsAsWhatItSays) {
  EXPECT_EQ(Text(R"("{\"a\":1,\"b\":[1,2]}")", R"("{\"a\":2,\"b\":[1,2]}")"), R"(jsonencode(
      ~ {
          ~ a = 1 -> 2
            # (1 unchanged attribute hidden)
        }
    ))");
  EXPECT_EQ(Text(R"("{\"a\":1}")", R"("{ \"a\": 1 }")"), R"(jsonencode( # whitespace changes
        {
            a = 1
        }
    ))");
  EXPECT_EQ(Text(R"("[]")", R"("[ ]")"), "jsonencode([]) # whitespace changes");
  EXPECT_EQ(Text(R"("[1]")", R"("no")"), R"(jsonencode(
        [
          - 1,
        ]
    ) -> "no")");
  EXPECT_EQ(Text("null", R"("{not json")"), R"("{not json")");
}

TEST(Difference, ShowsOtherTypes) {
  EXPECT_EQ(Text("1", R"("1")"), R"(1 -> "1")");
  EXPECT_EQ(Text(R"({"a":null})", R"({"a":true})"), R"({
      ~ a = null -> true
    })");
  EXPECT_EQ(Text("[]", "{}"), "[] -> {}");
  EXPECT_EQ(Text(R"({"0a":{}})", "null"), R"({
      - "0a" = {}
    } -> null)");
  EXPECT_EQ(Text(R"([{"a":1,"b":2},{"c":3}])", R"([{"a":9,"b":2},{"c":3}])"), R"([
      ~ {
          ~ a = 1 -> 9
            # (1 unchanged attribute hidden)
        },
        {
            c = 3
        },
    ])");
}

// Types are no part of what people see: a list is a tuple is a list.
TEST(Difference, ComparesAsJson) {
  Value list = Value::List({Value::Number(1)}), tuple = Value::Tuple({Value::Number(1)});
  EXPECT_TRUE(IsSameJson(list, tuple));
  EXPECT_EQ(Differ(list, tuple).action, infra::Action::kNoOp);
  EXPECT_FALSE(IsSameJson(list, Value::Unknown(list.type())));
  EXPECT_FALSE(IsSameJson(Value::Null(), Value::False()));
  EXPECT_FALSE(IsSameJson(Value::String("1"), Value::Number(1)));
}

// As deep as a JSON document may be, and types.
TEST(Difference, EndsForDeepValues) {
  std::string deep = std::string(500, '[') + std::string(500, ']');
  Value value = *value::FromJsonText(deep);
  EXPECT_EQ(Differ(value, value).action, infra::Action::kNoOp);
  EXPECT_NE(DifferenceText(Differ(Value::Null(), value), 0, {}).find("+ []"), std::string::npos);
}

}  // namespace
}  // namespace andon::infratext
