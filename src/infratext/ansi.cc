#include "infratext/ansi.h"

#include <fmt/format.h>

namespace andon::infratext {

std::string Paint(bool color, std::string_view style, std::string_view text) {
  return color ? fmt::format("{}{}{}", style, text, kReset) : std::string(text);
}

std::string Symbol(infra::Action action, bool color) {
  using infra::Action;
  auto plus = [&] { return Paint(color, kGreen, "+"); };
  auto minus = [&] { return Paint(color, kRed, "-"); };
  auto dot = [&] { return Paint(color, kRed, "."); };
  switch (action) {
    case Action::kNoOp:
      return "   ";
    case Action::kCreate:
      return "  " + plus();
    case Action::kRead:
      return " " + Paint(color, kCyan, "<=");
    case Action::kUpdate:
      return "  " + Paint(color, kYellow, "~");
    case Action::kDelete:
      return "  " + minus();
    case Action::kDeleteThenCreate:
      return minus() + "/" + plus();
    case Action::kCreateThenDelete:
      return plus() + "/" + minus();
    case Action::kForget:
      return "  " + dot();
    case Action::kForgetThenCreate:
      return "  " + dot() + "/" + plus();
  }
  return "   ";
}

}  // namespace andon::infratext
