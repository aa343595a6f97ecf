#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "cli/command.h"
#include "cli/infrastructure.h"
#include "cli/other_name.h"
#include "registry/lock_file.h"

namespace andon::cli {

std::string_view ToString(Group group) {
  switch (group) {
    case Group::kStart:
      return "START";
    case Group::kWrite:
      return "WRITE";
    case Group::kChange:
      return "CHANGE";
    case Group::kTest:
      return "TEST";
    case Group::kRun:
      return "RUN";
    case Group::kData:
      return "DATA";
    case Group::kWatch:
      return "WATCH";
    case Group::kRespond:
      return "RESPOND";
    case Group::kServe:
      return "SERVE";
    case Group::kHelp:
      return "HELP";
    case Group::kHidden:
      return "";
  }
  return "";
}

namespace {

std::string WrapAt(std::string_view text, size_t width, std::string_view indent) {
  std::string out;
  for (const std::string& paragraph : Split(text, '\n')) {
    std::string line;
    for (const std::string& word : Split(paragraph, ' ')) {
      if (!line.empty() && line.size() + 1 + word.size() > width) {
        out += fmt::format("{}{}\n", indent, line);
        line.clear();
      }
      if (!line.empty()) line += ' ';
      line += word;
    }
    out += line.empty() ? "\n" : fmt::format("{}{}\n", indent, line);
  }
  return out;
}

std::string FlagText(const Flag& flag) {
  return flag.value_name.empty() ? "-" + flag.name
                                 : fmt::format("-{}={}", flag.name, flag.value_name);
}

std::string FlagList(const std::vector<Flag>& flags) {
  size_t widest = 0;
  for (const Flag& flag : flags) widest = std::max(widest, FlagText(flag).size());
  widest = std::min<size_t>(widest, 28);
  std::string out;
  for (const Flag& flag : flags) {
    std::string wrapped = WrapAt(flag.help, 96 - widest, std::string(widest + 4, ' '));
    std::string name = FlagText(flag);
    if (name.size() > widest) {
      out += fmt::format("  {}\n{}", name, wrapped);
    } else {
      out += fmt::format("  {:<{}}  {}", name, widest,
                         wrapped.substr(std::min(widest + 4, wrapped.size())));
    }
  }
  return out;
}

// The eight words of the daily loop come first and are all that `andon` alone shows.
constexpr std::string_view kDaily[] = {"init",  "plan",  "apply",    "run",
                                       "check", "board", "incident", "release"};

// "incident list", "incident show" -> "incident {list,show}".
struct Entry {
  std::string name;
  std::string summary;
  Group group;
};

std::vector<Entry> Entries() {
  std::vector<Entry> entries;
  for (const Command* command : Commands()) {
    if (command->group == Group::kHidden) continue;
    size_t space = command->name.find(' ');
    std::string noun = command->name.substr(0, space);
    if (space == std::string::npos) {
      entries.push_back({noun, command->summary, command->group});
      continue;
    }
    std::string verb = command->name.substr(space + 1);
    auto it = std::find_if(entries.begin(), entries.end(),
                           [&](const Entry& e) { return e.name.starts_with(noun + " {"); });
    if (it == entries.end()) {
      entries.push_back({noun + " {" + verb + "}", command->summary, command->group});
    } else {
      it->name.insert(it->name.size() - 1, "," + verb);
    }
  }
  return entries;
}

}  // namespace

std::string HelpPage(const Command& command) {
  std::string out = fmt::format(
      "andon {}: {}\n\nUsage: andon {}{}{}{}\n\n", command.name, command.summary, command.name,
      command.flags.empty() ? "" : " [flags]", command.usage.empty() ? "" : " ", command.usage);
  out += WrapAt(command.description, 98, "") + "\n";
  if (!command.flags.empty()) out += "Flags:\n" + FlagList(command.flags) + "\n";
  out += "Flags of every command:\n" + FlagList(CommonFlags()) + "\nExamples:\n";
  for (const Example& example : command.examples) {
    out += fmt::format("  $ {}\n{}", example.command, WrapAt(example.says, 94, "      "));
  }
  return out;
}

std::string HelpOverview() {
  std::string out =
      "andon: DataOps as code. Bad data stops before anyone reads it.\n\n"
      "Usage: andon COMMAND [flags] [arguments]\n";
  std::vector<Entry> entries = Entries();
  Group last = Group::kHidden;
  for (const Entry& entry : entries) {
    if (entry.group != last) out += fmt::format("\n{}\n", ToString(entry.group));
    last = entry.group;
    if (entry.name.size() > 30) {
      out += fmt::format("  {}\n  {:<30}  {}\n", entry.name, "", entry.summary);
    } else {
      out += fmt::format("  {:<30}  {}\n", entry.name, entry.summary);
    }
  }
  out += "\nandon help COMMAND tells more. -json gives every answer as JSON Lines.\n";
  return out;
}

namespace {

// docs/reference/commands.md: the same pages, for reading in a browser.
std::string ReferencePage() {
  std::string out =
      "# Commands\n\nMade by `andon help -markdown`. Exit codes: [exit-codes.md](exit-codes.md).\n";
  Group last = Group::kHidden;
  for (const Command* command : Commands()) {
    if (command->group == Group::kHidden) continue;
    if (command->group != last) out += fmt::format("\n## {}\n", ToString(command->group));
    last = command->group;
    std::string page = HelpPage(*command);
    // The flags of every command are said once, below.
    size_t common = page.find("Flags of every command:\n");
    size_t examples = page.find("\nExamples:\n");
    page.erase(common, examples + 1 - common);
    size_t body = page.find("\n\n") + 2;
    out += fmt::format("\n### andon {}\n\n{}.\n\n```text\n{}```\n", command->name, command->summary,
                       page.substr(body));
  }
  out += fmt::format("\n## Flags of every command\n\n```text\n{}```\n", FlagList(CommonFlags()));
  return out;
}

ExitCode ShowHelp(Context& context, const Arguments& arguments) {
  if (arguments.Bool("markdown")) {
    context.Print(ReferencePage());
    return ExitCode::kDone;
  }
  if (arguments.positional.empty()) {
    context.Print(HelpOverview());
    return ExitCode::kDone;
  }
  std::string wanted = Join(arguments.positional, " ");
  size_t used = 0;
  const Command* command = FindCommand(arguments.positional, &used);
  if (command != nullptr && used == arguments.positional.size()) {
    context.Print(HelpPage(*command));
    return ExitCode::kDone;
  }
  // A noun alone: its verbs.
  std::string verbs;
  for (const Command* c : Commands()) {
    if (c->name.starts_with(wanted + " ")) {
      verbs +=
          fmt::format("  {:<34}  {}\n", fmt::format("andon {} {}", c->name, c->usage), c->summary);
    }
  }
  if (!verbs.empty()) {
    context.Print(verbs + fmt::format("\nandon help {} VERB tells more.\n", wanted));
    return ExitCode::kDone;
  }
  std::vector<std::string> names;
  for (const Command* c : Commands()) names.push_back(c->name);
  std::string meant = DidYouMean(wanted, names);
  return context.Fail(Error::NotFound("There is no command \"{}\"{}", wanted,
                                      meant.empty() ? "." : ": did you mean \"" + meant + "\"?"));
}

ExitCode ShowVersion(Context& context, const Arguments&) {
  io::LocalFileSystem files;
  auto locks = registry::ReadProviderLocks(files);
  if (!locks.ok()) return context.Fail(locks.error());
  Json providers = Json::Object();
  for (const auto& [address, lock] : *locks) providers.Set(config::ToString(address), lock.version);
  if (context.speaks_as_other()) {
    if (context.json)
      context.Line(Json::Object({{"terraform_version", kLanguageVersion},
                                 {"platform", "linux_" ANDON_ARCHITECTURE},
                                 {"provider_selections", std::move(providers)},
                                 {"terraform_outdated", false}})
                       .Dump(2));
    else
      context.Print(OtherVersion(context.speaks_as));
    return ExitCode::kDone;
  }
  if (context.json) {
    context.Event(Json::Object({{"type", "version"},
                                {"version", ANDON_VERSION},
                                {"terraform_version", kLanguageVersion},
                                {"platform", "linux_" ANDON_ARCHITECTURE},
                                {"provider_selections", std::move(providers)}}));
    return ExitCode::kDone;
  }
  context.Line("Andon v" ANDON_VERSION "\non linux_" ANDON_ARCHITECTURE);
  for (const auto& [address, lock] : *locks)
    context.Line(fmt::format("+ provider {} v{}", config::ToString(address), lock.version));
  return ExitCode::kDone;
}

}  // namespace

extern const Command kHelp = {
    .name = "help",
    .group = Group::kHelp,
    .summary = "Explain a command",
    .usage = "[COMMAND]",
    .description = "Without a command, lists them all.",
    .positional_max = 2,
    .flags = {{"markdown", FlagKind::kBool, "", "All pages as one Markdown document."}},
    .examples = {{"andon help", "All commands."}, {"andon help incident show", "One of them."}},
    .run = ShowHelp,
};

extern const Command kVersion = {
    .name = "version",
    .group = Group::kHelp,
    .summary = "Print the version of this binary",
    .description =
        "Prints the version, the platform that the binary was built for, and the providers that "
        "the "
        "folder has locked. -json also says the version of Terraform's language.",
    .examples = {{"andon version", "For people."}, {"andon version -json", "For programs."}},
    .run = ShowVersion,
};

}  // namespace andon::cli
