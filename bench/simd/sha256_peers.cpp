#include "sha256_peers.hpp"

#if defined(PFS_HAVE_IPSEC_MB)
#include <intel-ipsec-mb.h>
#endif

#include <cstring>
#include <memory>
#include <vector>

#include "measure.hpp"
#include "simd/sha256_many/sha256_many.hpp"

namespace pfs::bench {

const char* sha256_many_label() {
  const char* label = "";
  each_variant(sha256_many.variants(), [&](const char*, const char* isa, ShaManyFunction*) { label = isa; });
  return label;
}

void openssl_digests(Bytes head, std::span<const Bytes> messages, std::span<Sha256Digest> digests) noexcept {
  thread_local Sha256 sha;  // which is EVP, and keeps its context
  for (size_t i = 0; i < messages.size(); ++i) {
    if (!head.empty()) sha.update(head);
    sha.update(messages[i]);
    digests[i] = sha.finish();
  }
}

#if defined(PFS_HAVE_IPSEC_MB)
namespace {

constexpr size_t kLaneBytes = (1 << 20) + 4096 + 192;  // not 1 MiB apart: all lanes would meet in one set of the cache

struct Manager {
  Manager() { init_mb_mgr_auto(manager.get(), nullptr); }
  std::unique_ptr<IMB_MGR, decltype(&free_mb_mgr)> manager{alloc_mb_mgr(0), free_mb_mgr};
  std::vector<uint8_t> lanes = std::vector<uint8_t>(16 * kLaneBytes);
};

}  // namespace

// Its burst of hashes does not know plain SHA-256 (1.3: "Invalid hash algorithm"), its jobs do.
void ipsec_mb_digests(Bytes head, std::span<const Bytes> messages, std::span<Sha256Digest> digests) noexcept {
  thread_local Manager own;
  IMB_MGR* const manager = own.manager.get();
  for (size_t i = 0; i < messages.size(); ++i) {
    const uint8_t* from = messages[i].data();
    if (!head.empty()) {
      uint8_t* const lane = own.lanes.data() + i * kLaneBytes;
      std::memcpy(lane, head.data(), head.size());
      std::memcpy(lane + head.size(), messages[i].data(), messages[i].size());
      from = lane;
    }
    IMB_JOB* const job = IMB_GET_NEXT_JOB(manager);
    job->src = from;
    job->hash_start_src_offset_in_bytes = 0;
    job->msg_len_to_hash_in_bytes = head.size() + messages[i].size();
    job->auth_tag_output = digests[i].data();
    job->auth_tag_output_len_in_bytes = digests[i].size();
    job->hash_alg = IMB_AUTH_SHA_256;
    job->cipher_mode = IMB_CIPHER_NULL;
    job->cipher_direction = IMB_DIR_ENCRYPT;
    job->chain_order = IMB_ORDER_HASH_CIPHER;
    for (IMB_JOB* done = IMB_SUBMIT_JOB_NOCHECK(manager); done != nullptr;) done = IMB_GET_COMPLETED_JOB(manager);
  }
  while (IMB_FLUSH_JOB(manager) != nullptr) {
  }
}
#endif

}  // namespace pfs::bench
