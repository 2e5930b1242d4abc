/* curl.h - libcurl, which is loaded when it is first wanted. */
#ifndef HR_IO_CURL_H
#define HR_IO_CURL_H

#include <curl/curl.h>

#include "internal/failure.h"

/* curl.h makes macros of these, to count arguments. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#define HR_CURL_FUNCTIONS(USE)                                                                               \
  USE(global_init) USE(easy_init) USE(easy_setopt) USE(easy_getinfo) USE(easy_strerror) USE(easy_cleanup)    \
  USE(multi_init) USE(multi_add_handle) USE(multi_remove_handle) USE(multi_perform) USE(multi_info_read)     \
  USE(multi_fdset) USE(multi_timeout) USE(multi_cleanup) USE(slist_append) USE(slist_free_all)

struct hr_curl {
#define HR_CURL_POINTER(name) __typeof__(&curl_##name) name;
  HR_CURL_FUNCTIONS(HR_CURL_POINTER)
};
extern struct hr_curl hr_curl;

/* HR_UNSUPPORTED_FORMAT: the library is not installed. */
hr_status hr_curl_load(hr_error *error);

#endif /* HR_IO_CURL_H */
