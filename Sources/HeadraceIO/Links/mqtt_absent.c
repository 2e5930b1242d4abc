/* mqtt_absent.c - what stands for MQTT where this library is built without. */
#include "internal/transport.h"
#include "internal/listener.h"

#ifndef HEADRACE_MQTT

static hr_status fail(hr_error *error) {
#ifdef HEADRACE_STATIC
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT,
                    "this program is linked statically and loads no library for MQTT; use udp:// or tcp://");
#else
  return hr_io_fail(error, HR_UNSUPPORTED_FORMAT,
                    "this program was built without MQTT; use udp:// or tcp://, or build it with libmosquitto-dev");
#endif
}

hr_status hr_mqtt_link_make(hr_link **out, hr_error *error) {
  (void)out;
  return fail(error);
}

hr_status hr_mqtt_listener_make(hr_listener **out, hr_error *error) {
  (void)out;
  return fail(error);
}

hr_status hr_mqtt_listener_begin(hr_listener *listener, hr_error *error) {
  (void)listener;
  return fail(error);
}

#endif /* HEADRACE_MQTT */
