/* http_absent.c - what stands for inference servers where this library is built without. */
#include "internal/transport.h"

#ifndef HEADRACE_HTTP

hr_status hr_http_link_make(hr_link **out, hr_error *error) {
  (void)out;
#ifdef HEADRACE_STATIC
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT,
                    "this program is linked statically and loads no library for HTTP; use udp:// or tcp://");
#else
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT,
                    "this program was built without HTTP; use udp:// or tcp://, or build it with "
                    "libcurl4-openssl-dev and libjansson-dev");
#endif
}

#endif /* HEADRACE_HTTP */
