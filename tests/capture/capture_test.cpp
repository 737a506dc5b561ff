#include "capture/capture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>

#include "capture_file.hpp"

namespace pfs {
namespace {

using test::PcapngWriter;
using test::PcapWriter;

const std::vector<std::string> kFrames = {std::string(60, 'a'), std::string(61, 'b'), std::string(1514, 'c')};

/// A file of these bytes that exists in memory only.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& bytes) : file_(::memfd_create("capture", 0)) {
    if (::write(file_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) throw std::bad_alloc();
  }
  MemoryFile(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(file_); }
  [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", file_); }

 private:
  int file_;
};

struct Reading {
  std::vector<std::string> frames;
  std::string error;  ///< empty: the file was read to its end
};

Reading read_all(const std::string& bytes) {
  const MemoryFile file(bytes);
  Reading reading;
  auto capture = Capture::open(*Input::open(file.path()));
  if (!capture) return {{}, capture.error().line()};
  CapturedFrame frame;
  while (true) {
    const auto found = capture->next(frame);
    if (!found) reading.error = found.error().line();
    if (!found || !*found) return reading;
    reading.frames.emplace_back(frame.bytes.begin(), frame.bytes.end());
  }
}

/// The bytes of a capture up to each frame's end; the first is the head alone.
template <class Writer>
std::vector<std::string> growing(Writer writer) {
  std::vector<std::string> files = {writer.bytes()};
  for (const std::string& frame : kFrames) {
    writer.frame(frame);
    files.push_back(writer.bytes());
  }
  return files;
}

std::vector<std::vector<std::string>> every_form() {
  std::vector<std::vector<std::string>> forms;
  for (const bool big_endian : {false, true}) {
    for (const bool nanoseconds : {false, true}) forms.push_back(growing(PcapWriter(big_endian, nanoseconds)));
    PcapngWriter writer(big_endian);
    writer.interface();
    forms.push_back(growing(writer));
  }
  return forms;
}

TEST(Capture, EveryFormAndByteOrderGivesTheSameFrames) {
  for (const auto& files : every_form()) {
    const Reading reading = read_all(files.back());
    EXPECT_EQ(reading.error, "");
    EXPECT_EQ(reading.frames, kFrames);
  }
}

TEST(Capture, CutAtAnyByteIsAnErrorUnlessAFrameEndsThere) {
  for (const auto& files : every_form()) {
    for (size_t bytes = 0; bytes < files.back().size(); ++bytes) {
      const Reading reading = read_all(files.back().substr(0, bytes));
      const auto ends_here = std::find_if(files.begin(), files.end(), [&](auto& file) { return file.size() == bytes; });
      if (ends_here == files.end()) {
        EXPECT_NE(reading.error, "") << bytes << " bytes";
      } else {
        EXPECT_EQ(reading.error, "") << bytes << " bytes";
        EXPECT_EQ(reading.frames.size(), static_cast<size_t>(ends_here - files.begin())) << bytes << " bytes";
      }
    }
  }
}

TEST(Capture, TwoInterfacesOfOneKindAreOneCapture) {
  PcapngWriter writer;
  writer.interface();
  writer.interface();
  for (uint32_t i = 0; i < kFrames.size(); ++i) writer.frame(kFrames[i], i % 2);
  const Reading reading = read_all(writer.bytes());
  EXPECT_EQ(reading.error, "");
  EXPECT_EQ(reading.frames, kFrames);
}

TEST(Capture, ARecordLongerThanTheSnapLengthIsAnErrorAndNotShortened) {
  PcapWriter writer(false, false, test::kEthernet, 64);
  writer.frame(kFrames[0]);
  writer.record(65, std::string(65, 'x'));
  writer.frame(kFrames[0]);
  const Reading reading = read_all(writer.bytes());
  EXPECT_EQ(reading.frames.size(), 1u);
  EXPECT_NE(reading.error.find(":2: a record of 65 bytes in a capture of at most 64 bytes a frame"), std::string::npos)
      << reading.error;
}

TEST(Capture, AnAbsurdRecordLengthIsAnError) {
  for (const uint32_t length : {262145u, 0x7FFFFFFFu, UINT32_MAX}) {
    PcapWriter pcap(false, false, test::kEthernet, 0);
    pcap.record(length, std::string(300000, 'x'));
    EXPECT_NE(read_all(pcap.bytes()).error, "") << length;
    PcapngWriter pcapng;
    pcapng.interface();
    pcapng.packet(length, kFrames[0]);
    EXPECT_NE(read_all(pcapng.bytes()).error, "") << length;
  }
}

TEST(Capture, OtherLinksThanEthernetAreRefused) {
  for (const uint32_t link : {0u, test::kLinuxCooked, test::kWirelessRadio, 60000u}) {
    PcapngWriter pcapng;
    pcapng.interface(link);
    for (const std::string& bytes : {PcapWriter(false, false, link).bytes(), pcapng.bytes()})
      EXPECT_NE(read_all(bytes).error.find("not of Ethernet"), std::string::npos) << link;
  }
}

TEST(Capture, ASecondInterfaceThatDiffersIsAnErrorBehindTheFramesBeforeIt) {
  for (const bool other_link : {true, false}) {
    PcapngWriter writer;
    writer.interface();
    writer.frame(kFrames[0]);
    writer.interface(other_link ? test::kLinuxCooked : test::kEthernet, other_link ? test::kSnap : 96);
    writer.frame(kFrames[1], 1);
    const Reading reading = read_all(writer.bytes());
    EXPECT_EQ(reading.frames.size(), 1u);
    EXPECT_NE(reading.error.find("interface"), std::string::npos) << reading.error;
  }
}

TEST(Capture, FramesThatTheCaptureCutAreCounted) {
  PcapWriter writer;
  writer.frame(kFrames[0]);
  writer.record(60, kFrames[0], 1514);
  const MemoryFile file(writer.bytes());
  const auto count = check_capture(file.path());
  ASSERT_TRUE(count) << count.error().line();
  EXPECT_EQ(count->frames, 2u);
  EXPECT_EQ(count->cut, 1u);
}

TEST(Capture, WhatIsNoCaptureIsNamedByWhatItIs) {
  EXPECT_NE(read_all("").error.find("the file is empty"), std::string::npos);
  EXPECT_NE(read_all("\x1F\x8B\x08").error.find("compressed by gzip; unpack it first: gunzip"), std::string::npos);
  EXPECT_NE(read_all("{\"layout\":").error.find("the file is JSON"), std::string::npos);
  EXPECT_NE(read_all("\n{}").error.find("the file is JSON"), std::string::npos);
  EXPECT_NE(read_all("\x7F"
                     "ELF")
                .error.find("begins with the bytes 7f 45 4c 46"),
            std::string::npos);
}

TEST(Capture, DamagedFilesEndInAnErrorOrInFramesWithinTheFile) {
  std::mt19937 random(7);
  for (const auto& files : every_form()) {
    for (int round = 0; round < 1000; ++round) {
      std::string bytes = files.back();
      for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
        bytes[random() % 200] ^= static_cast<char>(1 << random() % 8);
      size_t total = 0;
      for (const std::string& frame : read_all(bytes).frames) total += frame.size();
      ASSERT_LE(total, bytes.size()) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace pfs
