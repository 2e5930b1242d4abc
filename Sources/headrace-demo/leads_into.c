#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64 /* else a 32-bit board refuses large files and inode numbers */
#include "leads_into.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "same_file.h"

/* Whether a path is a symbolic link to what is in `folder`. */
static int is_link_into(const char *path, const char *folder) {
  struct stat status;
  if (lstat(path, &status) != 0 || !S_ISLNK(status.st_mode)) return 0;
  char *target = realpath(path, NULL);
  char *slash = target ? strrchr(target, '/') : NULL;
  if (slash) slash[slash == target] = 0; /* the folder that it is in */
  const int is_inside = slash && is_same_file(target, folder);
  free(target);
  return is_inside;
}

char *leads_into(const char *folder, const char *other) {
  char *path = NULL;
  DIR *entries = opendir(folder);
  struct dirent *entry;
  while (entries && !path && (entry = readdir(entries))) {
    if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0) path = NULL;
    if (path && is_link_into(path, other)) break;
    free(path);
    path = NULL;
  }
  if (entries) closedir(entries);
  return path;
}
