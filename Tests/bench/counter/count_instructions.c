/* count_instructions.c - a QEMU plugin that counts the guest's instructions between two markers.

       qemu-aarch64 -plugin libcount_instructions.so,out=FILE PROGRAM

   A marker is a system call of number 0x5eed with a label: no kernel has it, so that a program which
   marks runs unchanged on a board. Each writes one line, "LABEL INSTRUCTIONS", with what was executed
   since the marker before. The guest must run on one thread: the counter is not atomic. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plugin_interface.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = 1;

enum { MARKER = 0x5eed };

static uint64_t executed, executed_before;
static FILE *out;

/* QEMU adds a block's length whenever the block is entered. */
static void count_block(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_inline(block, QEMU_PLUGIN_INLINE_ADD_U64, &executed,
                                           qemu_plugin_tb_n_insns(block));
}

static void report_marker(qemu_plugin_id_t id, unsigned cpu, int64_t number, uint64_t label,
                          uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6,
                          uint64_t a7, uint64_t a8) {
  (void)id, (void)cpu, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (number != MARKER) return;
  fprintf(out, "%" PRIu64 " %" PRIu64 "\n", label, executed - executed_before);
  fflush(out); /* a program may end without running exit handlers */
  executed_before = executed;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int count,
                                           char **arguments) {
  (void)info;
  if (count != 1 || strncmp(arguments[0], "out=", 4) != 0) {
    fprintf(stderr, "count_instructions: takes one argument, out=FILE\n");
    return -1;
  }
  out = fopen(arguments[0] + 4, "w");
  if (!out) {
    perror(arguments[0] + 4);
    return -1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, count_block);
  qemu_plugin_register_vcpu_syscall_cb(id, report_marker);
  return 0;
}
