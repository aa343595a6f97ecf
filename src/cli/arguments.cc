#include <charconv>

#include "base/text.h"
#include "cli/command.h"

namespace andon::cli {

bool Arguments::Has(std::string_view flag) const { return flags.find(flag) != flags.end(); }

bool Arguments::Bool(std::string_view flag, bool otherwise) const {
  auto it = flags.find(flag);
  return it == flags.end() ? otherwise : it->second.back() == "true";
}

std::string Arguments::String(std::string_view flag, std::string_view otherwise) const {
  auto it = flags.find(flag);
  return it == flags.end() ? std::string(otherwise) : it->second.back();
}

std::vector<std::string> Arguments::List(std::string_view flag) const {
  auto it = flags.find(flag);
  return it == flags.end() ? std::vector<std::string>() : it->second;
}

int64_t Arguments::Integer(std::string_view flag, int64_t otherwise) const {
  auto it = flags.find(flag);
  if (it == flags.end()) return otherwise;
  int64_t value = otherwise;
  const std::string& text = it->second.back();
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Duration Arguments::Time(std::string_view flag, Duration otherwise) const {
  auto it = flags.find(flag);
  return it == flags.end() ? otherwise
                           : ParseDuration(it->second.back()).value_or(Duration(otherwise));
}

namespace {

const Flag* FindFlag(const Command& command, std::string_view name) {
  for (const Flag& flag : command.flags) {
    if (flag.name == name) return &flag;
  }
  for (const Flag& flag : CommonFlags()) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

Error UnknownFlag(const Command& command, std::string_view name) {
  std::vector<std::string> known;
  for (const Flag& flag : command.flags) known.push_back(flag.name);
  for (const Flag& flag : CommonFlags()) known.push_back(flag.name);
  std::string meant = DidYouMean(name, known);
  return Error::Invalid("\"andon {}\" has no flag -{}{}\nhelp: andon help {}", command.name, name,
                        meant.empty() ? "." : ": did you mean -" + meant + "?", command.name);
}

Result<void> CheckValue(const Flag& flag, const std::string& value) {
  switch (flag.kind) {
    case FlagKind::kBool:
      if (value == "true" || value == "false") return {};
      return Error::Invalid("-{} is true or false, not \"{}\".", flag.name, value);
    case FlagKind::kInteger: {
      int64_t number = 0;
      auto [end, status] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (status == std::errc() && end == value.data() + value.size()) return {};
      return Error::Invalid("-{} takes a whole number, not \"{}\".", flag.name, value);
    }
    case FlagKind::kDuration: {
      auto parsed = ParseDuration(value);
      if (parsed.ok()) return {};
      return Error::Invalid("-{}: {}", flag.name, parsed.error().message);
    }
    case FlagKind::kString:
    case FlagKind::kList:
      return {};
  }
  return {};
}

// "-name=value" or "--name" -> name and value; false for what is no flag.
bool IsFlag(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9');
}

}  // namespace

Result<Arguments> ParseArguments(const Command& command, const std::vector<std::string>& words) {
  Arguments arguments;
  bool flags_end = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--" && !flags_end) {
      flags_end = true;
      continue;
    }
    if (flags_end || !IsFlag(word)) {
      arguments.positional.push_back(word);
      continue;
    }
    std::string name = word.substr(word.starts_with("--") ? 2 : 1);
    std::string value;
    size_t equals = name.find('=');
    bool has_value = equals != std::string::npos;
    if (has_value) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    const Flag* flag = FindFlag(command, name);
    if (flag == nullptr) return UnknownFlag(command, name);
    if (!has_value && flag->kind == FlagKind::kBool) {
      value = "true";
    } else if (!has_value) {
      if (i + 1 >= words.size()) {
        return Error::Invalid("-{} needs a value: -{}={}", name, name, flag->value_name);
      }
      value = words[++i];
    }
    TRY(CheckValue(*flag, value));
    arguments.flags[name].push_back(std::move(value));
  }
  int count = int(arguments.positional.size());
  if (count < command.positional_min) {
    return Error::Invalid("Something is missing: andon {} {}\nhelp: andon help {}", command.name,
                          command.usage, command.name);
  }
  if (command.positional_max >= 0 && count > command.positional_max) {
    return Error::Invalid("\"{}\" is one argument too many: andon {} {}\nhelp: andon help {}",
                          arguments.positional[command.positional_max], command.name, command.usage,
                          command.name);
  }
  return arguments;
}

}  // namespace andon::cli
