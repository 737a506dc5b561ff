#pragma once

/// One function a file: each registers the benches of its loop.
namespace pfs::bench {

void register_crc16();
void register_decode();
void register_extents();
void register_fnv1a();
void register_gather();
void register_hist8();
void register_in_place();
void register_merkle();
void register_pack();
void register_reductions();
void register_sha256();
void register_splitmix();
void register_unpack();

}  // namespace pfs::bench
