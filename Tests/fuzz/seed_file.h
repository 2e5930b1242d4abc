/* seed_file.h - what programs that write a fuzzer's seeds share. */
#ifndef SEED_FILE_H
#define SEED_FILE_H

#include <stdio.h>
#include <stdlib.h>

static const char *folder;

static void save(const char *name, const void *bytes, size_t byte_count) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(bytes, 1, byte_count, file) != byte_count || fclose(file) != 0) {
    perror(path);
    exit(1);
  }
}

#endif /* SEED_FILE_H */
