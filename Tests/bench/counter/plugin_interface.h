/* plugin_interface.h - what the counter uses of QEMU's plugin interface, version 1 (QEMU 4.2 to 8).

   Debian 12's packages have the emulator but not its header, qemu-plugin.h; these are the interface's
   functions as QEMU documents them under "TCG Plugins". */
#ifndef PLUGIN_INTERFACE_H
#define PLUGIN_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

#define QEMU_PLUGIN_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb; /* a translated block */

enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);

typedef void (*qemu_plugin_tb_callback)(qemu_plugin_id_t, struct qemu_plugin_tb *);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, qemu_plugin_tb_callback);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, enum qemu_plugin_op, void *,
                                              uint64_t);

typedef void (*qemu_plugin_syscall_callback)(qemu_plugin_id_t, unsigned, int64_t, uint64_t,
                                             uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                             uint64_t, uint64_t);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t, qemu_plugin_syscall_callback);

#endif /* PLUGIN_INTERFACE_H */
