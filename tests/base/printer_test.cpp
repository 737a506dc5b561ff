#include "base/printer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <string>
#include <thread>

#include "base/log.hpp"

namespace pfs {
namespace {

using namespace std::chrono_literals;

/// A pipe whose ends are closed at the end of the test.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  }
  ~Pipe() {
    close_reader();
    close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) close(ends_[0]);
    ends_[0] = -1;
  }
  /// What is in the pipe now.
  [[nodiscard]] std::string content() const {
    std::string text;
    std::array<char, 4096> piece{};
    for (pollfd look = {ends_[0], POLLIN, 0}; poll(&look, 1, 0) > 0 && (look.revents & POLLIN) != 0;)
      text.append(piece.data(), static_cast<size_t>(std::max<ssize_t>(0, read(ends_[0], piece.data(), piece.size()))));
    return text;
  }
  /// Reads until `end` has come.
  [[nodiscard]] std::string read_until(const std::string& end) const {
    std::string text;
    while (text.find(end) == std::string::npos) text += content();
    return text;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

TEST(Printer, KeepsTheOrderOfTheCallsAcrossBothStreams) {
  const Pipe pipe;
  std::string expected;
  {
    const Printer printer(pipe.writer(), pipe.writer());
    for (int i = 0; i < 500; ++i) {
      const std::string line = std::to_string(i) + '\n';
      print(i % 3 == 0 ? Stream::kOut : Stream::kError, line);
      expected += line;
    }
  }
  EXPECT_EQ(pipe.content(), expected);
}

TEST(Printer, TextLongerThanAPipeArrivesWhole) {
  const Pipe pipe;
  const std::string text = std::string(200'000, 'x') + '\n';
  const Printer printer(pipe.writer(), pipe.writer());
  print(Stream::kOut, text);
  EXPECT_EQ(pipe.read_until("\n"), text);
}

TEST(Printer, AFullPipeHoldsNobodyAndItsLinesAreCounted) {
  const Pipe out;
  const Pipe error;
  const std::string line = std::string(999, 'x') + '\n';
  {
    const Printer printer(out.writer(), error.writer(), 20ms);
    for (int i = 0; i < 10'000; ++i) print(Stream::kOut, line);  // 10 MB, and nobody reads
    log_line("still here");
  }
  const std::string said = error.content();
  EXPECT_TRUE(said.starts_with("packetfs: still here\npacketfs: ")) << said;
  std::string written = out.content();
  written.resize(written.rfind('\n') + 1);  // what was cut counts as missing
  auto accounted = static_cast<size_t>(std::count(written.begin(), written.end(), '\n'));
  for (size_t at = 0; (at = written.find("packetfs: ", at)) != std::string::npos; at += 10)
    accounted += std::stoul(written.substr(at + 10)) - 1;  // a note, which is itself no line of ours
  EXPECT_NE(said.find(" lines are missing on standard output, because nobody read them\n"), std::string::npos) << said;
  const auto missing = static_cast<size_t>(std::stoul(said.substr(said.rfind("packetfs: ") + 10)));
  EXPECT_EQ(accounted + missing, 10'000u);
}

TEST(Printer, TheLastWordsSurviveAReaderThatStoppedForAWhile) {
  const Pipe pipe;
  const Printer printer(pipe.writer(), pipe.writer());
  for (int i = 0; i < 2000; ++i) print(Stream::kOut, std::string(999, 'x') + '\n');
  print(Stream::kOut, "the final statistics\n");
  EXPECT_NE(pipe.read_until("the final statistics\n").find(" lines are left out here"), std::string::npos);
  const std::string long_text = std::string(1 << 20, 'y') + '\n';  // four times what may wait
  print(Stream::kOut, long_text);
  EXPECT_EQ(pipe.read_until("y\n"), long_text);
}

TEST(Printer, AReaderThatIsSlowForEverIsGivenUp) {
  const Pipe out;
  const Pipe error;
  std::atomic<bool> stop{false};
  std::thread reader;
  {
    const Printer printer(out.writer(), error.writer(), 5ms);
    for (int i = 0; i < 1000; ++i) print(Stream::kOut, std::string(999, 'x') + '\n');
    reader = std::thread([&] {
      char letter = 0;  // one at a time: a page of the pipe takes a millisecond
      while (!stop && read(out.reader(), &letter, 1) > 0) {
      }
    });
  }
  EXPECT_NE(error.content().find(" lines are missing on standard output"), std::string::npos);
  stop = true;
  fcntl(out.writer(), F_SETFL, O_NONBLOCK);
  (void)!write(out.writer(), "x", 1);  // the reader may be waiting for a byte
  reader.join();
}

TEST(Printer, AReaderThatLeftIsNoReasonToWait) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe out;
  const Pipe error;
  out.close_reader();
  {
    const Printer printer(out.writer(), error.writer(), 1h);
    for (int i = 0; i < 1000; ++i) print(Stream::kOut, std::string(999, 'x') + '\n');
  }
  EXPECT_EQ(error.content(), "");
}

TEST(Printer, ManyThreadsMayPrint) {
  const Pipe pipe;
  {
    const Printer printer(pipe.writer(), pipe.writer());
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([] {
        for (int line = 0; line < 100; ++line) log_line("a line of its own");
      });
    for (std::thread& thread : threads) thread.join();
  }
  std::string expected;
  for (int i = 0; i < 800; ++i) expected += "packetfs: a line of its own\n";
  EXPECT_EQ(pipe.content(), expected);
}

}  // namespace
}  // namespace pfs
