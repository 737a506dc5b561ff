// The only file that knows yaml-cpp. It takes the parser's events rather than its document: a limit then ends the
// parse at the event that breaks it, before the parser has recursed any deeper, and aliases are never resolved.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <sstream>
#include <unordered_set>

#include "base/escape.hpp"
#include "base/units.hpp"
#include "config/node.hpp"
#include "config/utf8.hpp"

namespace pfs {

namespace {

constexpr size_t kMostBytes = kMiB;  // the largest pipeline we know is 4 KiB
constexpr size_t kMostDepth = 32;    // maps and lists in each other; yaml-cpp recurses once for each

/// Ends a parse from inside yaml-cpp; caught in parse_yaml.
struct Stop {
  int line;  // from 0, as YAML::Mark counts
  std::string what;
  std::string hint;
};

/// Builds Nodes from the parser's events.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const std::string& where) : where_(where) { root_.where = fmt::format("{}:1", where); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw Stop{mark.line, "a second document", "keep one document in a file"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (wants_key()) throw Stop{mark.line, "an empty key", "write key: value"};
    close(make(Node::Kind::kNull, mark));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Stop{mark.line, "an alias (*name)", "write the value out"};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (wants_key()) return open_key(mark, value);
    Node node = make(Node::Kind::kScalar, mark);
    node.text = value;
    close(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close_frame(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close_frame(); }

  Node take() { return std::move(root_); }

 private:
  /// A map or list that is not finished.
  struct Frame {
    Node node;
    bool has_key = false;
    std::string key;
    int key_line = 0;
    std::unordered_set<std::string> keys;
  };

  [[nodiscard]] bool wants_key() const {
    return !frames_.empty() && frames_.back().node.kind == Node::Kind::kMap && !frames_.back().has_key;
  }

  /// A map's value stands where its key does: that is the line to look at when something below is missing.
  Node make(Node::Kind kind, const YAML::Mark& mark) const {
    const bool keyed = !frames_.empty() && frames_.back().has_key;
    Node node;
    node.kind = kind;
    node.where = fmt::format("{}:{}", where_, (keyed ? frames_.back().key_line : mark.line) + 1);
    return node;
  }

  void open_key(const YAML::Mark& mark, const std::string& key) {
    Frame& frame = frames_.back();
    if (!frame.keys.insert(key).second)
      throw Stop{mark.line, fmt::format("key {} stands twice", quote(key)), "keep one of them"};
    frame.key = key;
    frame.key_line = mark.line;
    frame.has_key = true;
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (wants_key()) throw Stop{mark.line, "a map or list as a key", "keys are plain words; is every [ and { closed?"};
    if (frames_.size() == kMostDepth)
      throw Stop{mark.line, fmt::format("more than {} maps and lists in each other", kMostDepth), ""};
    Frame frame;
    frame.node = make(kind, mark);
    frames_.push_back(std::move(frame));
  }

  void close_frame() {
    Node node = std::move(frames_.back().node);
    frames_.pop_back();
    close(std::move(node));
  }

  void close(Node node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == Node::Kind::kList) {
      frame.node.items.push_back(std::move(node));
    } else {
      frame.node.fields.push_back({std::move(frame.key), std::move(node)});
      frame.has_key = false;
    }
  }

  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw Stop{mark.line, "an anchor (&name)", "write the value out where it is used"};
  }

  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    const bool plain = tag.empty() || tag == "?" || tag == "!";  // "?": plain, "!": in quotes
    if (!plain) throw Stop{mark.line, fmt::format("a tag ({})", quote(tag)), "leave it out"};
  }

  std::string where_;
  int documents_ = 0;
  std::vector<Frame> frames_;
  Node root_;
};

size_t line_of(std::string_view text, size_t offset) {
  return 1 + static_cast<size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

}  // namespace

Result<Node> parse_yaml(std::string_view text, const std::string& where, TextBytes bytes) {
  if (text.size() > kMostBytes)
    return fail(where, fmt::format("more than {}", format_bytes(kMostBytes)), "a configuration is a few KiB");
  if (const TextFault fault = find_text_fault(text, bytes); fault.what != nullptr)
    return fail(fmt::format("{}:{}", where, line_of(text, fault.offset)), fault.what, fault.hint);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder(where);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Stop& stop) {
    return fail(fmt::format("{}:{}", where, stop.line + 1), stop.what, stop.hint);
  } catch (const YAML::Exception& error) {
    const int line = error.mark.line < 0 ? 1 : error.mark.line + 1;
    return fail(fmt::format("{}:{}", where, line), fmt::format("not YAML: {}", error.msg));
  } catch (const std::exception& error) {
    return fail(where, fmt::format("not YAML: {}", error.what()));
  }
}

Result<Node> load_yaml(const std::string& path) {
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return fail(path, fmt::format("cannot be opened: {}", std::strerror(errno)));
  std::string text(kMostBytes + 1, '\0');  // one more than allowed: parse_yaml says what is wrong with it
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return fail(path, fmt::format("cannot be read: {}", std::strerror(errno)));
  return parse_yaml(text, path);
}

}  // namespace pfs
