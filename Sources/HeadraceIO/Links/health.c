/* health.c - whether the other side is there, and when it is tried again.

   A link that is down refuses packets, and is down too while it has not connected for as long as an answer may take;
   it goes on connecting then, for a way that is slow is a way. When its pause is over, its transport connects anew where
   it has to, and then one packet is let through: if it is answered the link is up, else the next pause is twice as long.
   An answer that comes late ends the pause. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>

#include "internal/transport.h"

static const uint64_t millisecond = 1000000;
enum { LEAST_CONNECTING_MS = 3000 };

uint64_t hr_link_now(void) { return hr_clock_monotonic(NULL); }

static void go_down(hr_link *link, int is_news, const char *format, va_list arguments) {
  /* Further packets that time out in the pause tell nothing new. */
  if (link->state.health == HR_LINK_DOWN && !link->is_trying && !is_news) return;
  vsnprintf(link->state.what, sizeof link->state.what, format, arguments);
  link->state.health = HR_LINK_DOWN;
  link->is_trying = 0;
  link->has_shown_life = 0;
  link->retry_ns = hr_link_now() + hr_backoff_pause(&link->backoff);
  hr_link_fail_waiting(link);
}

void hr_link_goes_down(hr_link *link, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  go_down(link, 0, format, arguments);
  va_end(arguments);
}

void hr_link_broke(hr_link *link, const char *format, ...) {
  va_list arguments;
  const int was_connecting = link->connecting_ns != 0;
  link->connecting_ns = 0;
  link->state.is_connected = 0;
  va_start(arguments, format);
  go_down(link, was_connecting, format, arguments);
  va_end(arguments);
  hr_link_lose_all(link);
  link->has_shown_life = 0; /* of a connection that is no more */
}

void hr_link_comes_up(hr_link *link) {
  link->state.health = HR_LINK_UP;
  link->state.what[0] = 0;
  link->is_trying = 0;
  link->backoff.failures = 0;
}

void hr_link_is_slow(hr_link *link) {
  link->backoff.failures = 0;
  if (link->state.health == HR_LINK_DOWN) link->retry_ns = hr_link_now();
}

void hr_link_connects(hr_link *link) {
  link->connecting_ns = hr_link_now();
  link->state.is_connected = 0;
}

void hr_link_connected(hr_link *link) {
  link->connecting_ns = 0;
  link->state.is_connected = 1;
  if (link->was_connected) link->state.reconnects++;
  link->was_connected = 1;
  if (link->state.health == HR_LINK_DOWN) link->is_trying = 1;
}

int hr_link_takes_packets(const hr_link *link) {
  if (link->state.health != HR_LINK_DOWN) return 1;
  return link->is_trying && link->transport->is_ready(link) && link->state.in_flight == 0 && link->state.waiting == 0;
}

/* When a link that connects is down, and when it gives that up; UINT64_MAX if it does not. */
static uint64_t connecting_is_late(const hr_link *link) {
  if (!link->connecting_ns || link->state.health != HR_LINK_CONNECTING) return UINT64_MAX;
  return link->connecting_ns + link->config.answer_timeout_ms * millisecond;
}

static uint64_t connecting_ends(const hr_link *link) {
  if (!link->connecting_ns) return UINT64_MAX;
  return link->connecting_ns + hr_link_connecting_ms(link) * millisecond;
}

uint32_t hr_link_connecting_ms(const hr_link *link) {
  const uint32_t answer_ms = link->config.answer_timeout_ms;
  return answer_ms > LEAST_CONNECTING_MS ? answer_ms : LEAST_CONNECTING_MS;
}

/* When a link that is down is tried again. */
static uint64_t retry_time(const hr_link *link) {
  const int pauses = link->state.health == HR_LINK_DOWN && !link->is_trying && !link->connecting_ns;
  return pauses ? link->retry_ns : UINT64_MAX;
}

void hr_link_tend(hr_link *link) {
  link->transport->work(link);
  hr_link_lose_late(link);
  if (hr_link_now() >= connecting_is_late(link))
    hr_link_goes_down(link, "no connection within %u ms", link->config.answer_timeout_ms);
  if (hr_link_now() >= connecting_ends(link))
    hr_link_broke(link, "no connection within %u ms", hr_link_connecting_ms(link));
  if (hr_link_now() >= retry_time(link)) {
    link->is_trying = 1;
    /* An answer that came late says that the way is open. */
    if (!link->has_shown_life) link->transport->connect(link);
  }
  hr_link_send_waiting(link);
  link->tended_ns = hr_link_now();
}

uint64_t hr_link_tend_time(const hr_link *link) {
  const uint64_t times[] = {hr_link_deadline(link), connecting_is_late(link), connecting_ends(link), retry_time(link)};
  uint64_t until = UINT64_MAX;
  for (size_t i = 0; i < sizeof times / sizeof *times; i++)
    if (times[i] < until) until = times[i];
  return until;
}
