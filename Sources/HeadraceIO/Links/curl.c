/* curl.c - loads libcurl. */
#define _GNU_SOURCE
#include "headrace_io.h"

#ifdef HEADRACE_HTTP
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "internal/curl.h"

struct hr_curl hr_curl;
static char missing[120];
static pthread_once_t loading = PTHREAD_ONCE_INIT;

static void load(void) {
  void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!handle) handle = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    snprintf(missing, sizeof missing, "libcurl.so.4 cannot be loaded; on Debian: apt-get install libcurl4");
    return;
  }
  void *found;
#define FIND(name)                                                                                 \
  found = dlsym(handle, "curl_" #name);                                                            \
  memcpy(&hr_curl.name, &found, sizeof found); /* C has no conversion from objects to functions */ \
  if (!found) snprintf(missing, sizeof missing, "libcurl.so.4 has no curl_" #name);
  HR_CURL_FUNCTIONS(FIND)
  if (!missing[0] && hr_curl.global_init(CURL_GLOBAL_DEFAULT) != 0)
    snprintf(missing, sizeof missing, "libcurl.so.4 cannot be set up");
}

hr_status hr_curl_load(hr_error *error) {
  pthread_once(&loading, load);
  if (!missing[0]) return HR_OK;
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT, "HTTP: %s", missing);
}

#endif /* HEADRACE_HTTP */
