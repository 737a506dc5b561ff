#pragma once

namespace pfs {

/// Has EAL's run directory for this process (/var/run/dpdk/PREFIX) taken away as the process ends, with the files that
/// EAL leaves in the directory, unless another process holds them. Call before rte_eal_init.
void remove_run_folder_at_exit();

}  // namespace pfs
