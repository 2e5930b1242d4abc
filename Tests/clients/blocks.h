/* blocks.h - memory as the library wants it, in C99, which has no aligned_alloc. Needs a REQUIRE. */
#ifndef BLOCKS_H
#define BLOCKS_H

#include <stdint.h>
#include <stdlib.h>

/* What aligned allocated, as malloc gave it. */
static void *blocks[8];
static int block_count;

/* Memory that begins at a multiple of 64 bytes, until free_blocks. */
static void *aligned(size_t bytes) {
  char *memory = malloc(bytes + 64);
  REQUIRE(memory != NULL && block_count < 8);
  blocks[block_count++] = memory;
  return memory + (64 - (uintptr_t)memory % 64);
}

static void free_blocks(void) {
  while (block_count > 0) free(blocks[--block_count]);
}

#endif
