#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "state/file.h"
#include "state/file_names.h"
#include "state/file_object.h"
#include "value/json.h"

namespace andon::state {
namespace {

// The bytes of a piece: large enough that the sink's own cost does not count.
constexpr size_t kPieceSize = size_t{64} << 10;

// Writes members and items one after the other, with the commas, lines and indents that
// stand between them. The indent of -1 is the form without white space.
class Writer {
 public:
  Writer(const Sink* sink, bool is_compact) : sink_(sink), is_compact_(is_compact) {}

  void Open(char bracket) {
    out_ += bracket;
    ++depth_;
    first_ = true;
  }
  void Close(char bracket) {
    --depth_;
    if (!first_) NewLine();
    first_ = false;
    out_ += bracket;
    Flush(kPieceSize);
  }
  void Item() {
    if (!first_) out_ += ',';
    first_ = false;
    NewLine();
  }
  void Key(std::string_view key) {
    Item();
    AppendJsonString(key, out_);
    out_ += is_compact_ ? ":" : ": ";
  }
  void String(std::string_view text) { AppendJsonString(text, out_); }
  void Text(std::string_view text) { out_ += text; }
  void Number(uint64_t number) { out_ += std::to_string(number); }

  void Member(std::string_view key, std::string_view text) {
    Key(key);
    String(text);
  }
  // Only where there is something to say, as Go's "omitempty" has it.
  void MemberUnlessEmpty(std::string_view key, std::string_view text) {
    if (!text.empty()) Member(key, text);
  }
  void MemberIf(std::string_view key, bool is_set) {
    if (!is_set) return;
    Key(key);
    Text("true");
  }

  // A JSON text without white space, indented to where it stands.
  void Raw(std::string_view json) {
    if (is_compact_) return Text(json);
    size_t at = 0;
    while (at < json.size()) {
      char c = json[at];
      if (c == '"') {
        size_t end = StringEnd(json, at);
        out_.append(json, at, end - at);
        at = end;
        continue;
      }
      ++at;
      if (c == '{' || c == '[') {
        bool is_empty = at < json.size() && (json[at] == '}' || json[at] == ']');
        out_ += c;
        if (is_empty) {
          out_ += json[at++];
        } else {
          ++depth_;
          NewLine();
        }
      } else if (c == '}' || c == ']') {
        --depth_;
        NewLine();
        out_ += c;
      } else {
        out_ += c;
        if (c == ',') NewLine();
        if (c == ':') out_ += ' ';
      }
      Flush(kPieceSize);
    }
  }

  void Flush(size_t at_least = 1) {
    if (sink_ == nullptr || out_.size() < at_least) return;
    if (result_.ok()) result_ = (*sink_)(out_);
    out_.clear();
  }
  Result<void>& result() { return result_; }
  std::string& text() { return out_; }

 private:
  void NewLine() {
    if (is_compact_) return;
    out_ += '\n';
    out_.append(static_cast<size_t>(depth_) * 2, ' ');
  }
  static size_t StringEnd(std::string_view json, size_t at) {
    for (++at; at < json.size() && json[at] != '"'; ++at) {
      if (json[at] == '\\') ++at;
    }
    return std::min(at + 1, json.size());
  }

  const Sink* sink_;
  bool is_compact_;
  std::string out_;
  Result<void> result_;
  int depth_ = 0;
  bool first_ = true;
};

void WriteStrings(const std::vector<std::string>& list, Writer& out) {
  out.Open('[');
  for (const std::string& text : list) {
    out.Item();
    out.String(text);
  }
  out.Close(']');
}

// What describes the object itself; its head stands before it.
void WriteObject(const Object& object, Writer& out) {
  out.Key("schema_version");
  out.Number(object.schema_version);
  if (!object.attributes_flat) {
    out.Key("attributes");
    out.Raw(object.attributes);
  } else if (!object.attributes_flat->empty()) {
    out.Key("attributes_flat");
    out.Open('{');
    for (const auto& [name, text] : *object.attributes_flat) out.Member(name, text);
    out.Close('}');
  }
  out.Key("sensitive_attributes");
  if (object.sensitive_paths.empty()) {
    out.Text("[]");
  } else {
    out.Raw(PathsText(object.sensitive_paths));
  }
  if (!object.private_data.empty()) out.Member("private", Base64Encode(object.private_data));
  if (object.dependencies && !object.dependencies->empty()) {
    out.Key("dependencies");
    WriteStrings(*object.dependencies, out);
  }
  out.MemberIf("create_before_destroy", object.create_before_destroy);
  out.MemberIf("skip_destroy", object.skip_destroy);
  if (object.identity.empty()) return;
  out.Key("identity");
  out.Raw(object.identity);
  if (object.identity_schema_version) {
    out.Key("identity_schema_version");
    out.Number(*object.identity_schema_version);
  }
}

void WriteInstance(const address::Key& key, const std::string& deposed, const std::string& provider,
                   const Object& object, Writer& out) {
  out.Item();
  out.Open('{');
  if (const auto* number = std::get_if<int64_t>(&key)) {
    out.Key("index_key");
    out.Text(std::to_string(*number));
  } else if (const auto* text = std::get_if<std::string>(&key)) {
    out.Member("index_key", *text);
  }
  if (object.status == ObjectStatus::kTainted) out.Member("status", "tainted");
  out.MemberUnlessEmpty("deposed", deposed);
  out.MemberUnlessEmpty("provider", provider);
  WriteObject(object, out);
  out.Close('}');
}

bool HasProviderKeys(const Resource& resource) {
  return std::ranges::any_of(resource.instances, [](const auto& one) {
    return !std::holds_alternative<std::monostate>(one.second.provider_key);
  });
}

void WriteResource(const std::string& module, const address::Address& address,
                   const Resource& resource, Writer& out) {
  bool has_keys = HasProviderKeys(resource);
  out.Item();
  out.Open('{');
  out.MemberUnlessEmpty("module", module);
  out.Member("mode", address.is_data ? "data" : "managed");
  out.Member("type", address.kind);
  out.Member("name", address.name);
  if (!has_keys) out.MemberUnlessEmpty("provider", resource.provider);
  out.Key("instances");
  out.Open('[');
  for (const auto& [key, instance] : resource.instances) {
    std::string provider =
        has_keys ? ProviderText(resource.provider, instance.provider_key) : std::string();
    if (instance.current) WriteInstance(key, {}, provider, *instance.current, out);
    for (const auto& [deposed, object] : instance.deposed) {
      WriteInstance(key, deposed, provider, *object, out);
    }
  }
  out.Close(']');
  out.Close('}');
}

void WriteResources(const State& state, Writer& out) {
  // By the text of the module, where [10] comes before [2], and data before managed.
  using Row = std::tuple<std::string, bool, const address::Address*, const Resource*>;
  std::vector<Row> rows;
  for (const auto& [address, resource] : state.resources) {
    rows.emplace_back(ModuleText(address.module), !address.is_data, &address, &resource);
  }
  std::ranges::sort(rows, [](const Row& a, const Row& b) {
    return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a)->kind, std::get<2>(a)->name) <
           std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b)->kind, std::get<2>(b)->name);
  });
  out.Open('[');
  for (const auto& [module, managed, address, resource] : rows) {
    WriteResource(module, *address, *resource, out);
  }
  out.Close(']');
}

Result<void> WriteOutputs(const State& state, Writer& out) {
  out.Open('{');
  for (const auto& [name, output] : state.outputs) {
    std::string value = TRY(value::ToJsonText(output.value, output.value.type()));
    out.Key(name);
    out.Open('{');
    out.Key("value");
    out.Raw(value);
    out.Key("type");
    out.Raw(value::ToJson(output.value.type()).Dump());
    out.MemberIf("sensitive", output.sensitive);
    out.MemberUnlessEmpty("deprecated", output.deprecated);
    out.Close('}');
  }
  out.Close('}');
  return {};
}

void WriteChecks(const std::vector<CheckResult>& checks, Writer& out) {
  if (checks.empty()) return out.Text("null");
  out.Open('[');
  for (const CheckResult& check : checks) {
    out.Item();
    out.Open('{');
    out.Member("object_kind", check.kind);
    out.Member("config_addr", check.address);
    out.Member("status", check.status);
    out.Key("objects");
    if (check.objects.empty()) {
      out.Text("null");
    } else {
      out.Open('[');
      for (const CheckObject& object : check.objects) {
        out.Item();
        out.Open('{');
        out.Member("object_addr", object.address);
        out.Member("status", object.status);
        if (!object.failure_messages.empty()) {
          out.Key("failure_messages");
          WriteStrings(object.failure_messages, out);
        }
        out.Close('}');
      }
      out.Close(']');
    }
    out.Close('}');
  }
  out.Close(']');
}

Result<void> WriteFile(const State& state, Writer& out) {
  out.Open('{');
  out.Key("version");
  out.Text("4");
  out.Member("terraform_version", state.terraform_version);
  out.Key("serial");
  out.Number(state.serial);
  out.Member("lineage", state.lineage);
  out.Key("outputs");
  TRY(WriteOutputs(state, out));
  out.Key("resources");
  WriteResources(state, out);
  out.Key("check_results");
  WriteChecks(state.check_results, out);
  out.Close('}');
  out.Text("\n");
  out.Flush();
  return std::move(out.result());
}

}  // namespace

Result<void> WriteState(const State& state, const Sink& sink) {
  Writer out(&sink, false);
  return WriteFile(state, out);
}

Result<std::string> WriteState(const State& state) {
  Writer out(nullptr, false);
  TRY(WriteFile(state, out));
  return std::move(out.text());
}

std::string ObjectText(const Object& object) {
  Writer out(nullptr, true);
  out.Open('{');
  if (object.status == ObjectStatus::kTainted) out.Member("status", "tainted");
  WriteObject(object, out);
  out.Close('}');
  return std::move(out.text());
}

}  // namespace andon::state
