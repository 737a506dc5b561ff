#include "config/pipeline.hpp"

#include "support.hpp"

namespace pfs {
namespace {

constexpr const char* kWhole = R"(description: everything at once
blob: {size: 64MiB, seed: 42, block: 128, files: [a, b], writable: [{stream: 3, offset: 1MiB, length: 64KiB}]}
ports:
  p0: {device: 0, peer: "52:54:00:00:00:02", bare: {stream: 9, op: 4, crc: false}, link_wait_ms: 2000, link: wait,
       promiscuous: false, driver: {rxd: 512}}
  p1: {device: net_memif0}
streams:
  0: {key: 0xC0FFEE}
  0x10: {}
programs: {64: [xor_imm8 0x5a, crc32c], 255: [sum_u8]}
stages:
  rx: {kind: rx, port: p0, lcore: 3, queue: 1}
  assemble: {kind: assemble}
  sink: {kind: discard, lcore: auto}
edges:
  - {from: rx, to: assemble, slots: 64, full: drop, spread: turn}
  - {from: assemble, to: [sink]}
runtime: {idle: pause, share_cpu: true}
)";

constexpr const char* kLeast = "stages: {a: {kind: discard}}\n";

/// The least pipeline with one more section.
std::string error_with(const std::string& section) { return error_of(pipeline(kLeast + section)); }

TEST(Pipeline, ReadsEveryKey) {
  const auto read = pipeline(kWhole);
  ASSERT_TRUE(read) << error_of(read);
  const PipelineConfig& config = **read;
  EXPECT_EQ(config.path, "t.yaml");
  EXPECT_EQ(config.description, "everything at once");
  ASSERT_TRUE(config.blob);
  EXPECT_EQ(config.blob->size, 64u << 20);
  EXPECT_EQ(config.blob->seed, 42u);
  EXPECT_EQ(config.blob->block, 128u);
  EXPECT_EQ(config.blob->files, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config.blob->files_where, "t.yaml:2");
  ASSERT_EQ(config.blob->writable.size(), 1u);
  EXPECT_EQ(config.blob->writable[0].stream, 3);
  EXPECT_EQ(config.blob->writable[0].offset, 1u << 20);
  EXPECT_EQ(config.blob->writable[0].length, 64u << 10);
  ASSERT_EQ(config.streams.size(), 2u);
  EXPECT_EQ(config.streams[0].key, 0xC0FFEEu);
  EXPECT_EQ(config.streams[1].id, 16);
  EXPECT_EQ(config.streams[1].key, 0u);
  ASSERT_EQ(config.programs.size(), 2u);
  EXPECT_EQ(config.programs[0].op, 64);
  EXPECT_EQ(config.programs[0].operations, (std::vector<std::string>{"xor_imm8 0x5a", "crc32c"}));
  EXPECT_EQ(config.programs[1].op, 255);
  EXPECT_EQ(config.runtime.idle, RuntimeConfig::Idle::kPause);
  EXPECT_TRUE(config.runtime.share_cpu);
}

TEST(Pipeline, ReadsPorts) {
  const auto read = pipeline(kWhole);
  ASSERT_TRUE(read) << error_of(read);
  ASSERT_EQ((*read)->ports.size(), 2u);
  const PortConfig& port = (*read)->ports[0];
  EXPECT_EQ(port.name, "p0");
  EXPECT_EQ(port.where, "t.yaml:4");
  EXPECT_EQ(port.device, "0");
  EXPECT_EQ(port.peer, (MacAddress{0x52, 0x54, 0, 0, 0, 2}));
  ASSERT_TRUE(port.bare);
  EXPECT_EQ(port.bare->stream, 9);
  EXPECT_EQ(port.bare->op, 4);
  EXPECT_FALSE(port.bare->crc);
  EXPECT_EQ(port.link_wait_ms, 2000u);
  EXPECT_EQ(port.link, PortConfig::Link::kWait);
  EXPECT_FALSE(port.promiscuous);
  ASSERT_NE(port.driver, nullptr);
  EXPECT_EQ(port.driver->find("rxd")->text, "512");
  EXPECT_EQ((*read)->ports[1].device, "net_memif0");
  EXPECT_EQ((*read)->ports[1].driver, nullptr);
  EXPECT_FALSE((*read)->ports[1].bare);
}

TEST(Pipeline, TheLeastHasDefaults) {
  const auto read = pipeline(kLeast);
  ASSERT_TRUE(read) << error_of(read);
  EXPECT_FALSE((*read)->blob);
  EXPECT_TRUE((*read)->ports.empty() && (*read)->streams.empty() && (*read)->edges.empty());
  EXPECT_EQ((*read)->runtime.idle, RuntimeConfig::Idle::kPoll);
  EXPECT_FALSE((*read)->runtime.share_cpu);
}

TEST(Pipeline, LoadsAFileAndItsOverridesInOrder) {
  const Folder folder;
  const std::string path = folder.write("p.yaml", kWhole);
  const auto read =
      load_pipeline(path, {"blob.size=4MiB", "blob.size=8MiB", "blob.files=x", "stages.rx.lcore=2", "edges.0.slots=512",
                           "ports.p0.device=0000:01:00.0", "ports.p0.driver.txd=64"});
  ASSERT_TRUE(read) << error_of(read);
  EXPECT_EQ((*read)->path, path);
  EXPECT_EQ((*read)->blob->size, 8u << 20);
  EXPECT_EQ((*read)->blob->files, (std::vector<std::string>{"x"}));
  EXPECT_EQ((*read)->blob->files_where, "--set blob.files");
  EXPECT_EQ((*read)->stages[0].lcore, 2);
  EXPECT_EQ((*read)->edges[0].slots, 512u);
  EXPECT_EQ((*read)->ports[0].device, "0000:01:00.0");
  EXPECT_EQ((*read)->ports[0].driver->find("txd")->text, "64");
  EXPECT_EQ(error_of(load_pipeline(path, {"blob.sise=4MiB"})),
            "--set blob.sise: unknown key 'sise' in blob; did you mean 'size'?");
  EXPECT_EQ(error_of(load_pipeline(path + "x", {})), path + "x: cannot be opened: No such file or directory");
}

TEST(Pipeline, RefusesUnknownKeysInEverySection) {
  EXPECT_EQ(error_with("stage: {}"), "t.yaml:2: unknown key 'stage' in pipeline; did you mean 'stages'?");
  EXPECT_EQ(error_with("blob: {size: 2MiB, file: a}"), "t.yaml:2: unknown key 'file' in blob; did you mean 'files'?");
  EXPECT_EQ(error_with("blob: {size: 2MiB, writable: [{lenght: 1}]}"),
            "t.yaml:2: unknown key 'lenght' in writable range 0; did you mean 'length'?");
  EXPECT_EQ(error_with("ports: {p: {device: 0, pear: x}}"),
            "t.yaml:2: unknown key 'pear' in port 'p'; did you mean 'peer'?");
  EXPECT_EQ(error_with("ports: {p: {device: 0, bare: {ops: 4}}}"),
            "t.yaml:2: unknown key 'ops' in bare of port 'p'; did you mean 'op'?");
  EXPECT_EQ(error_with("ports: {p: {device: 0, driver: {rdx: 4}}}"),
            "t.yaml:2: unknown key 'rdx' in driver of port 'p'; did you mean 'rxd'?");
  EXPECT_EQ(error_with("streams: {1: {kye: 0}}"), "t.yaml:2: unknown key 'kye' in stream 1; did you mean 'key'?");
  EXPECT_EQ(error_with("edges: [{form: a, to: a}]"), "t.yaml:2: unknown key 'form' in edge 0; did you mean 'from'?");
  EXPECT_EQ(error_with("runtime: {idel: poll}"), "t.yaml:2: unknown key 'idel' in runtime; did you mean 'idle'?");
}

TEST(Pipeline, RefusesWrongTypes) {
  EXPECT_EQ(error_of(pipeline("[1]")), "t.yaml:1: pipeline is a list, not a map; write key: value");
  EXPECT_EQ(error_with("blob: 5"), "t.yaml:2: 'blob' of pipeline is '5', not a map; write {key: value}");
  EXPECT_EQ(error_with("ports: [p]"), "t.yaml:2: 'ports' of pipeline is a list, not a map; write {key: value}");
  EXPECT_EQ(error_with("edges: {from: a}"), "t.yaml:2: 'edges' of pipeline is a map, not a list; write [a, b]");
  EXPECT_EQ(error_with("edges: [a]"), "t.yaml:2: edge 0 is 'a', not a map; write key: value");
  EXPECT_EQ(error_with("ports: {p: 0}"), "t.yaml:2: port 'p' is '0', not a map; write key: value");
  EXPECT_EQ(error_with("streams: {0: 5}"), "t.yaml:2: stream 0 is '5', not a map; write key: value");
  EXPECT_EQ(error_with("runtime: {idle: sleep}"), "t.yaml:2: 'idle' of runtime is 'sleep'; it may be poll, pause");
}

TEST(Pipeline, RefusesBlobsAgainstTheRules) {
  EXPECT_EQ(error_with("blob: {seed: 1}"), "t.yaml:2: blob has no 'size'; add size: 64MiB");
  EXPECT_EQ(error_with("blob: "), "t.yaml:2: blob has no 'size'; add size: 64MiB");
  EXPECT_EQ(error_with("blob: {size: 1MiB}"),
            "t.yaml:2: 'size' of blob is '1MiB', out of range; it may be 2MiB to 16384GiB");
  EXPECT_EQ(error_with("blob: {size: 3000000}"),
            "t.yaml:2: 'size' of blob is 3000000 bytes, not a multiple of 1 MiB; try 3MiB");
  EXPECT_EQ(error_with("blob: {size: 2MiB, block: 96}"),
            "t.yaml:2: 'block' of blob is 96, not a power of two; try 128");
  EXPECT_EQ(error_with("blob: {size: 2MiB, block: 32}"),
            "t.yaml:2: 'block' of blob is '32', out of range; it may be 64 to 64KiB");
  EXPECT_EQ(error_with("blob: {size: 2MiB, block: 64KiB, seed: 18446744073709551615}"), "no error");
}

TEST(Pipeline, RefusesWritableRangesThatLeaveTheBlob) {
  const auto range = [](const std::string& keys) {
    return error_with("blob: {size: 2MiB, writable: [{length: 1}, {" + keys + "}]}");
  };
  EXPECT_EQ(range("offset: 1MiB, length: 1MiB"), "no error");
  EXPECT_EQ(range("offset: 1MiB, length: 1048577"),
            "t.yaml:2: writable range 1 (offset 1048576, length 1048577) leaves the blob; the blob ends at 2097152");
  EXPECT_EQ(range("offset: 2MiB, length: 1"),
            "t.yaml:2: writable range 1 (offset 2097152, length 1) leaves the blob; the blob ends at 2097152");
  EXPECT_EQ(range("offset: 1MiB"), "t.yaml:2: writable range 1 has no 'length'; add length: 64KiB");
  EXPECT_EQ(range("length: 0"), "t.yaml:2: 'length' of writable range 1 is '0', out of range; it may be 1 to 16384GiB");
  EXPECT_EQ(range("length: 1, stream: 65536"),
            "t.yaml:2: 'stream' of writable range 1 is '65536', out of range; it may be 0 to 65535");
}

TEST(Pipeline, RefusesBadPorts) {
  EXPECT_EQ(error_with("ports: {p: {}}"), "t.yaml:2: port 'p' has no 'device'; add device: ...");
  EXPECT_EQ(error_with("ports: {p: {device: ''}}"),
            "t.yaml:2: 'device' of port 'p' is empty; write a port number, a PCI address or a vdev's name");
  EXPECT_EQ(error_with("ports: {p: {device: 0}, q: {device: 0}}"),
            "t.yaml:2: ports 'p' and 'q' both are device '0'; give each its own");
  EXPECT_EQ(error_with("ports: {a.b: {device: 0}}"),
            "t.yaml:2: 'a.b' is no name for a port; use letters, digits, _ and -");
  EXPECT_EQ(error_with("ports: {p: {device: 0, bare: {op: 256}}}"),
            "t.yaml:2: 'op' of bare of port 'p' is '256', out of range; it may be 0 to 255");
  EXPECT_EQ(error_with("ports: {p: {device: 0, driver: {burst: 0}}}"),
            "t.yaml:2: 'burst' of driver of port 'p' is '0', out of range; it may be 1 to 256");
  for (const char* mac : {"52:54:00:00:00", "52:54:00:00:00:0g", "52-54-00-00-00-02", "52:54:00:00:00:02:03", "x"})
    EXPECT_EQ(error_with("ports: {p: {device: 0, peer: \"" + std::string(mac) + "\"}}"),
              "t.yaml:2: 'peer' of port 'p' is '" + std::string(mac) +
                  "', not a MAC address; write it as \"52:54:00:00:00:02\"");
}

TEST(Pipeline, APortMisspeltBySetNamesTheNearest) {
  EXPECT_EQ(error_of(pipeline(kWhole, {"ports.p2.peer=52:54:00:00:00:02"})),
            "--set ports.p2.peer: port 'p2' has no 'device'; did you mean 'p0'?");
}

TEST(Pipeline, RefusesBadStreams) {
  EXPECT_EQ(error_with("streams: {65536: {}}"), "t.yaml:2: '65536' is no stream; streams are numbered 0 to 65535");
  EXPECT_EQ(error_with("streams: {a: {}}"), "t.yaml:2: 'a' is no stream; streams are numbered 0 to 65535");
  EXPECT_EQ(error_with("streams: {16: {}, 0x10: {}}"), "t.yaml:2: stream 16 stands twice; keep one of them");
  EXPECT_EQ(error_with("streams: {0: {key: 0x100000000}}"),
            "t.yaml:2: 'key' of stream 0 is '0x100000000', out of range; it may be 0 to 4294967295");
}

TEST(Pipeline, RefusesBadPrograms) {
  EXPECT_EQ(error_with("programs: {63: [crc32c]}"), "t.yaml:2: '63' is no program; programs are the ops 64 to 255");
  EXPECT_EQ(error_with("programs: {a: [crc32c]}"), "t.yaml:2: 'a' is no program; programs are the ops 64 to 255");
  EXPECT_EQ(error_with("programs: {64: [crc32c], 0x40: [sum_u8]}"),
            "t.yaml:2: program 64 stands twice; keep one of them");
}

TEST(Pipeline, EveryOneThatShipsLoads) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PFS_PIPELINES)) {
    if (entry.path().extension() != ".yaml") continue;
    const auto read = load_pipeline(entry.path().string(), {});
    EXPECT_TRUE(read) << error_of(read);
    EXPECT_FALSE(read && (*read)->description.empty()) << entry.path() << " has no description";
    ++count;
  }
  EXPECT_GE(count, 7u);
}

}  // namespace
}  // namespace pfs
