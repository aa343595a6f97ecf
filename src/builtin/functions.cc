// The functions that only the data language has.
#include <fmt/format.h>

#include "builtin/language.h"
#include "config/decode.h"
#include "quality/check.h"

namespace andon::builtin {
namespace {

using hcl::CallError;
using hcl::CallResult;
using value::Type;
using value::Value;

bool IsObject(const Value& value) {
  return value.is_known_not_null() && (value.type().is_object() || value.type().is_map());
}

// expect_x("amount", { min_value = 0 }): what stands first and is no object is the
// argument that the expectation is named after; the object holds the others.
CallResult Expect(const quality::ExpectationInfo& info, std::span<const Value> args,
                  const hcl::CallSite& site) {
  Value::Members kwargs;
  size_t next = 0;
  if (next < args.size() && !IsObject(args[next])) {
    if (info.positional.empty()) {
      return CallError{0, "takes only an object of arguments, like { min_value = 0 }"};
    }
    kwargs.emplace_back(info.positional, args[next++]);
  }
  if (next < args.size()) {
    if (!IsObject(args[next]))
      return CallError{int(next), "must be an object of arguments, like { mostly = 0.99 }"};
    for (const std::string& name : args[next].attribute_order())
      kwargs.emplace_back(name, *args[next].Find(name));
    ++next;
  }
  if (next < args.size())
    return CallError{int(next),
                     "is one too many: a column (or list, or text) and an object are all"};
  SourceRange call = site.call();
  if (!call.exists()) call.filename = "<expression>";
  return config::CheckValue(info.name, std::move(kwargs), call);
}

hcl::Function Expectation(const quality::ExpectationInfo& info) {
  hcl::Parameter any{
      .name = "arguments", .type = Type::Dynamic(), .allow_null = true, .allow_unknown = true};
  return {.name = info.name,
          .description = info.says,
          .variadic = any,
          .returns = hcl::Fixed(Type::Dynamic()),
          .body = [&info](std::span<const Value> args, const hcl::CallSite& site) {
            return Expect(info, args, site);
          }};
}

// A reference, never the secret itself: it is resolved where it is used.
CallResult Secret(std::span<const Value> args, const hcl::CallSite&) {
  const std::string& text = args[0].string();
  size_t end = text.find("://");
  std::string scheme = text.substr(0, end == std::string::npos ? 0 : end);
  if (scheme == "env" || scheme == "file") {
    if (text.size() == end + 3)
      return CallError{0, fmt::format("names nothing behind {}://", scheme)};
    return Value::Object({{"secret", Value::String(text)}});
  }
  if (scheme == "vault" || scheme == "aws-sm" || scheme == "gcp-sm") {
    return CallError{
        0, fmt::format("{}:// is not supported in this version; there are env:// and file://",
                       scheme)};
  }
  return CallError{0, "must say where the secret is: \"env://NAME\" or \"file://PATH\""};
}

}  // namespace

void AddFunctions(hcl::FunctionTable* functions) {
  for (const quality::ExpectationInfo& info : quality::Expectations())
    functions->Add(Expectation(info));
  functions->Add(
      {.name = "secret",
       .description =
           "A reference to a secret, which is read only where it is used, and never shown.",
       .parameters = {{.name = "place", .type = Type::String()}},
       .returns = hcl::Fixed(Type::Object({{"secret", Type::String()}})),
       .body = Secret});
}

}  // namespace andon::builtin
