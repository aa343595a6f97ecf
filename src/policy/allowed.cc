#include "policy/allowed.h"

#include <fmt/format.h>

#include "base/text.h"
#include "policy/codes.h"
#include "policy/leak_rule.h"

namespace andon::policy {
namespace {

constexpr std::string_view kWords = "andon: allow";

// The comment of a line; empty where there is none. What looks like one in a text is harmless: it
// must hold our words too.
std::string_view CommentOf(std::string_view line) {
  size_t words = line.find(kWords);
  if (words == std::string_view::npos) return {};
  std::string_view before = Trim(line.substr(0, words));
  bool is_comment = before.ends_with('#') || before.ends_with("//") || before.ends_with("/*");
  return is_comment ? line.substr(words) : std::string_view();
}

bool IsCommentAlone(std::string_view line) {
  std::string_view text = Trim(line);
  return text.starts_with('#') || text.starts_with("//") || text.starts_with("/*");
}

const LeakRule* FindRule(std::string_view id) {
  for (const LeakRule* rule : LeakRules()) {
    if (rule->id == id || rule->code == id) return rule;
  }
  return nullptr;
}

std::vector<std::string> RuleNames() {
  std::vector<std::string> names;
  for (const LeakRule* rule : LeakRules()) names.emplace_back(rule->id);
  return names;
}

}  // namespace

Allowed::Allowed(const std::string& filename, std::string_view text, Diagnostics* diagnostics) {
  std::set<std::string, std::less<>> above;
  int32_t number = 0;
  for (std::string_view line : Split(text, '\n')) {
    ++number;
    std::string_view comment = CommentOf(line);
    std::set<std::string, std::less<>> here = above;
    if (!comment.empty()) {
      SourceRange range{.filename = filename};
      range.start.line = range.end.line = number;
      range.start.column = static_cast<int32_t>(comment.data() - line.data()) + 1;
      range.end.column = static_cast<int32_t>(line.size()) + 1;
      std::string_view rest = Trim(comment.substr(kWords.size()));
      size_t space = rest.find(' ');
      std::string_view name = rest.substr(0, space);
      std::string_view reason = space == std::string_view::npos ? "" : Trim(rest.substr(space));
      const LeakRule* rule = FindRule(name);
      Diagnostic wrong = Message(kInvalidAllow, {}, range);
      wrong.severity = Severity::kWarning;
      if (rule == nullptr) {
        wrong.detail = fmt::format("There is no rule \"{}\".", name);
        wrong.at_caret = config::Suggest(DidYouMean(name, RuleNames()));
        wrong.help = "andon: allow RULE REASON";
        diagnostics->Add(std::move(wrong));
      } else if (reason.empty()) {
        wrong.detail = "Whoever reads it next wants to know why this is meant.";
        wrong.help = fmt::format("# andon: allow {} because …", name);
        diagnostics->Add(std::move(wrong));
      } else {
        here.insert(std::string(rule->id));
      }
    }
    if (!here.empty()) by_line_[number] = here;
    above = IsCommentAlone(line) ? here : std::set<std::string, std::less<>>();
  }
}

bool Allowed::Allows(std::string_view rule, int32_t line) const {
  auto it = by_line_.find(line);
  return it != by_line_.end() && it->second.contains(rule);
}

}  // namespace andon::policy
