#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "quality/gx/condition.h"

namespace andon::quality::gx {
namespace {

using Kind = Condition::Kind;

// Brackets, negations, calculations and methods: each may lie within the other, so their number
// bounds the depth of the tree.
constexpr int kNestingMax = 200;
constexpr size_t kLengthMax = 100'000;  // Longer ones are data, not conditions.

enum class Token { kEnd, kName, kQuotedName, kNumber, kText, kSign };

Condition Make(Kind kind, std::string word, std::vector<Condition> parts = {}) {
  return {.kind = kind, .word = std::move(word), .parts = std::move(parts)};
}
Condition MakeLiteral(Json value) { return {.kind = Kind::kLiteral, .value = std::move(value)}; }
Condition MakeNot(Condition part) { return Make(Kind::kNot, "", {std::move(part)}); }

bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Cuts the text into tokens, one ahead.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token kind() const { return kind_; }
  const std::string& word() const { return word_; }
  const Json& number() const { return number_; }
  size_t position() const { return 1 + from_; }
  bool Is(std::string_view word) const {
    return (kind_ == Token::kSign || kind_ == Token::kName) && word_ == word;
  }

  Result<void> Next() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) at_++;
    from_ = at_;
    word_.clear();
    if (at_ >= text_.size()) {
      kind_ = Token::kEnd;
      return {};
    }
    char c = text_[at_];
    if (IsNameStart(c)) return Name();
    if (IsDigit(c) || (c == '.' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1])))
      return Number();
    if (c == '"' || c == '\'') return Text(c);
    if (c == '`') return QuotedName();
    return Sign();
  }

 private:
  Result<void> Name() {
    while (at_ < text_.size() && (IsNameStart(text_[at_]) || IsDigit(text_[at_]))) at_++;
    kind_ = Token::kName;
    word_ = text_.substr(from_, at_ - from_);
    return {};
  }

  Result<void> Number() {
    bool is_whole = true;
    while (at_ < text_.size()) {
      char c = text_[at_];
      bool is_exponent =
          (c == 'e' || c == 'E') && at_ + 1 < text_.size() &&
          (IsDigit(text_[at_ + 1]) || text_[at_ + 1] == '-' || text_[at_ + 1] == '+');
      if (!IsDigit(c) && c != '.' && c != '_' && !is_exponent) break;
      is_whole &= IsDigit(c) || c == '_';
      if (c != '_') word_ += c;
      at_++;
      if (is_exponent) word_ += text_[at_++];
    }
    kind_ = Token::kNumber;
    const char* end = word_.data() + word_.size();
    int64_t whole = 0;
    auto read = std::from_chars(word_.data(), end, whole);
    if (is_whole && read.ec == std::errc() && read.ptr == end) {
      number_ = whole;
      return {};
    }
    double number = 0;
    auto fraction = std::from_chars(word_.data(), end, number);
    if (fraction.ec != std::errc() || fraction.ptr != end)
      return Error::Invalid("\"{}\" at character {} is no number", word_, position());
    number_ = number;
    return {};
  }

  Result<void> Text(char quote) {
    for (at_++; at_ < text_.size() && text_[at_] != quote; at_++) {
      char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        if (c == 'n') c = '\n';
        if (c == 't') c = '\t';
        if (std::string_view("\\'\"\n\t").find(c) == std::string_view::npos) word_ += '\\';
      }
      word_ += c;
    }
    if (at_ >= text_.size())
      return Error::Invalid("the text that begins at character {} does not end", position());
    at_++;
    kind_ = Token::kText;
    return {};
  }

  Result<void> QuotedName() {
    size_t end = text_.find('`', at_ + 1);
    if (end == std::string_view::npos)
      return Error::Invalid("the name that begins at character {} does not end", position());
    word_ = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    kind_ = Token::kQuotedName;
    return {};
  }

  Result<void> Sign() {
    static constexpr std::string_view kSigns[] = {"==", "!=", "<=", ">=", "//", "**", "<", ">",
                                                  "+",  "-",  "*",  "/",  "%",  "&",  "|", "~",
                                                  "(",  ")",  "[",  "]",  ",",  "."};
    for (std::string_view sign : kSigns) {
      if (text_.substr(at_, sign.size()) != sign) continue;
      at_ += sign.size();
      word_ = sign;
      kind_ = Token::kSign;
      return {};
    }
    return Error::Invalid("\"{}\" at character {} is not understood", text_.substr(at_, 1),
                          position());
  }

  std::string_view text_;
  size_t at_ = 0, from_ = 0;
  Token kind_ = Token::kEnd;
  std::string word_;
  Json number_;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Result<Condition> Run() {
    TRY(lexer_.Next());
    Condition condition = TRY(Or());
    if (lexer_.kind() != Token::kEnd) return Unexpected();
    return condition;
  }

 private:
  Error Unexpected() const {
    if (lexer_.kind() == Token::kEnd) return Error::Invalid("it ends too early");
    return Error::Invalid("\"{}\" at character {} is not expected there", lexer_.word(),
                          lexer_.position());
  }
  Result<void> Nest() {
    if (++nesting_ > kNestingMax)
      return Error::Invalid("it has more than {} brackets and calculations", kNestingMax);
    return {};
  }
  Result<bool> Take(std::string_view word) {
    if (!lexer_.Is(word)) return false;
    TRY(lexer_.Next());
    return true;
  }
  Result<void> Need(std::string_view word) {
    if (!lexer_.Is(word)) return Unexpected();
    return lexer_.Next();
  }

  Result<Condition> Several(Kind kind, std::string_view word, std::string_view sign,
                            Result<Condition> (Parser::*part)()) {
    Condition first = TRY((this->*part)());
    if (!lexer_.Is(word) && !lexer_.Is(sign)) return first;
    std::vector<Condition> parts = {std::move(first)};
    while (lexer_.Is(word) || lexer_.Is(sign)) {
      TRY(lexer_.Next());
      Condition next = TRY((this->*part)());
      parts.push_back(std::move(next));
    }
    return Make(kind, "", std::move(parts));
  }
  Result<Condition> Or() { return Several(Kind::kOr, "or", "|", &Parser::And); }
  Result<Condition> And() { return Several(Kind::kAnd, "and", "&", &Parser::Negation); }

  Result<Condition> Negation() {
    if (!lexer_.Is("not")) return Comparison();
    TRY(Nest());
    TRY(lexer_.Next());
    Condition part = TRY(Negation());
    return MakeNot(std::move(part));
  }

  Result<Condition> Comparison() {
    Condition left = TRY(Sum());
    std::vector<Condition> links;  // 0 < x < 5 is 0 < x and x < 5.
    while (true) {
      bool is_not = lexer_.Is("not");
      if (is_not) TRY(lexer_.Next());
      if (is_not && !lexer_.Is("in")) return Unexpected();
      if (lexer_.Is("in")) {
        TRY(lexer_.Next());
        Condition in = TRY(In(left));
        links.push_back(is_not ? MakeNot(std::move(in)) : std::move(in));
        continue;
      }
      std::string sign = lexer_.word();
      bool compares =
          lexer_.kind() == Token::kSign && (sign == "==" || sign == "!=" || sign == "<" ||
                                            sign == "<=" || sign == ">" || sign == ">=");
      if (!compares) break;
      TRY(lexer_.Next());
      if (lexer_.Is("[") && (sign == "==" || sign == "!=")) {
        Condition in = TRY(In(left));
        links.push_back(sign == "!=" ? MakeNot(std::move(in)) : std::move(in));
        continue;
      }
      Condition right = TRY(Sum());
      links.push_back(Make(Kind::kCompare, sign, {left, right}));
      left = std::move(right);
    }
    if (links.empty()) return left;
    if (links.size() == 1) return std::move(links[0]);
    return Make(Kind::kAnd, "", std::move(links));
  }

  // The list behind `in`.
  Result<Condition> In(const Condition& subject) {
    Condition in = Make(Kind::kIn, "", {subject});
    bool is_list = lexer_.Is("["), is_tuple = lexer_.Is("(");
    if (!is_list && !is_tuple) return Unexpected();
    std::string_view close = is_list ? "]" : ")";
    TRY(lexer_.Next());
    while (!lexer_.Is(close)) {
      Condition item = TRY(Sum());
      in.parts.push_back(std::move(item));
      bool more = TRY(Take(","));
      if (!more) break;
    }
    TRY(Need(close));
    return in;
  }

  Result<Condition> Calculation(std::initializer_list<std::string_view> signs,
                                Result<Condition> (Parser::*part)()) {
    Condition left = TRY((this->*part)());
    while (lexer_.kind() == Token::kSign &&
           std::find(signs.begin(), signs.end(), lexer_.word()) != signs.end()) {
      std::string sign = lexer_.word();
      TRY(Nest());
      TRY(lexer_.Next());
      Condition right = TRY((this->*part)());
      left = Make(Kind::kCalculate, sign, {std::move(left), std::move(right)});
    }
    return left;
  }
  Result<Condition> Sum() { return Calculation({"+", "-"}, &Parser::Product); }
  Result<Condition> Product() { return Calculation({"*", "/", "//", "%"}, &Parser::Signed); }

  Result<Condition> Signed() {
    if (lexer_.Is("~") || lexer_.Is("-") || lexer_.Is("+")) {
      std::string sign = lexer_.word();
      TRY(Nest());
      TRY(lexer_.Next());
      Condition part = TRY(Signed());
      if (sign == "~") return MakeNot(std::move(part));
      if (sign == "+") return part;
      if (part.kind == Kind::kLiteral && part.value.is_integer() &&
          part.value.AsInteger() > INT64_MIN)
        return MakeLiteral(-part.value.AsInteger());
      if (part.kind == Kind::kLiteral && part.value.is_number())
        return MakeLiteral(-part.value.AsDouble());
      return Make(Kind::kCalculate, "-", {MakeLiteral(0), std::move(part)});
    }
    return Suffixed();
  }

  Result<Condition> Suffixed() {
    Condition value = TRY(Primary());
    while (lexer_.Is(".")) {
      TRY(Nest());
      TRY(lexer_.Next());
      std::string method = lexer_.word();
      if (lexer_.kind() != Token::kName) return Unexpected();
      TRY(lexer_.Next());
      if (method == "str") {
        TRY(Need("."));
        method = "str." + lexer_.word();
        if (lexer_.kind() != Token::kName) return Unexpected();
        TRY(lexer_.Next());
      }
      value = TRY(Method(method, std::move(value)));
    }
    return value;
  }

  Result<Condition> Method(const std::string& method, Condition subject) {
    if (method == "isin") {
      TRY(Need("("));
      Condition in = TRY(In(subject));
      TRY(Need(")"));
      return in;
    }
    std::vector<Condition> arguments = TRY(ArgumentsOf());
    auto takes = [&](size_t n) { return arguments.size() == n; };
    if ((method == "isnull" || method == "isna") && takes(0))
      return Make(Kind::kIsNull, "", {std::move(subject)});
    if ((method == "notnull" || method == "notna" || method == "notNull") && takes(0))
      return MakeNot(Make(Kind::kIsNull, "", {std::move(subject)}));
    if (method == "between" && takes(2)) {
      Condition above = Make(Kind::kCompare, ">=", {subject, std::move(arguments[0])});
      Condition below = Make(Kind::kCompare, "<=", {std::move(subject), std::move(arguments[1])});
      return Make(Kind::kAnd, "", {std::move(above), std::move(below)});
    }
    if (method == "str.len" && takes(0)) return Make(Kind::kLength, "", {std::move(subject)});
    if (method == "str.lower" && takes(0)) return Make(Kind::kLower, "", {std::move(subject)});
    if (method == "str.upper" && takes(0)) return Make(Kind::kUpper, "", {std::move(subject)});
    bool looks = method == "str.contains" || method == "str.startswith" || method == "str.endswith";
    if (looks && takes(1) && arguments[0].value.is_string())
      return Make(Kind::kText, method.substr(4), {std::move(subject), std::move(arguments[0])});
    return Error::Invalid(".{}() is not known, or does not take such arguments", method);
  }

  Result<std::vector<Condition>> ArgumentsOf() {
    std::vector<Condition> arguments;
    TRY(Need("("));
    while (!lexer_.Is(")")) {
      Condition argument = TRY(Sum());
      arguments.push_back(std::move(argument));
      bool more = TRY(Take(","));
      if (!more) break;
    }
    TRY(Need(")"));
    return arguments;
  }

  Result<Condition> Primary() {
    std::string word = lexer_.word();
    switch (lexer_.kind()) {
      case Token::kNumber: {
        Json number = lexer_.number();
        TRY(lexer_.Next());
        return MakeLiteral(std::move(number));
      }
      case Token::kText:
        TRY(lexer_.Next());
        return MakeLiteral(std::move(word));
      case Token::kQuotedName:
        TRY(lexer_.Next());
        return Make(Kind::kColumn, std::move(word));
      case Token::kName:
        if (word == "and" || word == "or" || word == "not" || word == "in") return Unexpected();
        TRY(lexer_.Next());
        if (word == "True" || word == "False") return MakeLiteral(word == "True");
        if (word == "None") return MakeLiteral(Json());
        if (lexer_.Is("(")) return Error::Invalid("{}() is not known", word);
        return Make(Kind::kColumn, std::move(word));
      case Token::kSign:
        if (word == "(") return Bracket();
        return Unexpected();
      case Token::kEnd:
        return Unexpected();
    }
    return Unexpected();
  }

  Result<Condition> Bracket() {
    TRY(Nest());
    TRY(lexer_.Next());
    Condition inner = TRY(Or());
    TRY(Need(")"));
    return inner;
  }

  Lexer lexer_;
  int nesting_ = 0;
};

}  // namespace

Result<Condition> ReadPandasCondition(std::string_view text) {
  if (text.size() > kLengthMax) return Error::Invalid("it is longer than {} bytes", kLengthMax);
  return Parser(text).Run();
}

}  // namespace andon::quality::gx
