// The kinds of backends: one row each. A kind is a function that opens it, and its arguments.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backend/settings.h"
#include "base/clock.h"
#include "io/file_system.h"
#include "state/backend.h"

namespace andon::backend {

enum class ArgumentType { kText, kBool, kNumber, kTexts, kMap };

struct Argument {
  std::string_view name;
  ArgumentType type = ArgumentType::kText;
  bool is_required = false;
  // Known, and not supported: what to do instead. Empty: it is supported.
  std::string_view refusal = {};
  bool is_secret = false;
};

// What backends need of the command that opens them. Lifetime: all outlive the backend.
struct World {
  io::FileSystem& files;
  const Clock& clock;
  std::string dir = ".";
  std::string actor;  // Who writes, for versions.
};

struct Kind {
  std::string_view name;
  std::vector<Argument> arguments;
  Result<std::unique_ptr<state::Backend>> (*open)(const Settings& settings, const World& world);

  const Argument* Find(std::string_view name) const;
};

// Null where there is none of this name.
const Kind* FindKind(std::string_view name);
// Why there is none: other programs know it, or nobody does.
Error NoSuchKind(std::string_view name);

// Requires: Complete(settings).ok().
Result<std::unique_ptr<state::Backend>> Open(const Settings& settings, const World& world);

}  // namespace andon::backend
