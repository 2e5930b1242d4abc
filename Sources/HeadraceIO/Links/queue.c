/* queue.c - packets that wait, packets in flight, and what becomes of each: every packet that is offered is counted as
   one of refused, replaced, answered, lost and failed, or is still among those that wait or are in flight. */
#include <errno.h>
#include <string.h>

#include "internal/transport.h"

static struct hr_waiting *waiting_at(hr_link *link, uint32_t index) {
  return &link->waiting[(link->first_waiting + index) % link->config.queue];
}

static void drop_first(hr_link *link) {
  link->first_waiting = (link->first_waiting + 1) % link->config.queue;
  link->state.waiting--;
}

uint8_t *hr_link_next_place(hr_link *link) { return waiting_at(link, link->state.waiting)->bytes; }

void hr_link_enqueue(hr_link *link, const struct hr_frame_id *id, const uint8_t *bytes, size_t byte_count) {
  /* The newest frame wins. With a full queue the place of the oldest is the one behind the last. */
  struct hr_waiting *place = waiting_at(link, link->state.waiting);
  if (link->state.waiting == link->config.queue) {
    link->state.replaced++;
    drop_first(link);
  }
  if (bytes != place->bytes) memcpy(place->bytes, bytes, byte_count);
  place->id = *id;
  place->byte_count = byte_count;
  link->state.waiting++;
}

/* Gives a packet a place among those in flight; 0 if there is none. */
static int take_off(hr_link *link, const struct hr_waiting *packet, uint32_t *out_slot) {
  for (uint32_t slot = 0; slot < link->config.in_flight; slot++) {
    struct hr_flying *flying = &link->flying[slot];
    if (flying->is_used) continue;
    *flying = (struct hr_flying){1, packet->id, packet->byte_count, hr_link_now()};
    link->state.in_flight++;
    *out_slot = slot;
    return 1;
  }
  return 0;
}

static void land(hr_link *link, uint32_t slot) {
  link->flying[slot].is_used = 0;
  link->state.in_flight--;
}

void hr_link_send_waiting(hr_link *link) {
  while (link->state.waiting > 0 && link->transport->is_ready(link)) {
    const struct hr_waiting *packet = waiting_at(link, 0);
    uint32_t slot;
    if (!take_off(link, packet, &slot)) return;
    const enum hr_handed handed = link->transport->hand(link, slot, packet->bytes, packet->byte_count);
    const int number = errno;
    if (handed == HR_HANDED) {
      link->state.sent++;
      link->state.bytes_sent += packet->byte_count;
      drop_first(link);
      continue;
    }
    land(link, slot);
    if (handed == HR_HANDED_LATER) return;
    link->state.failed++;
    drop_first(link);
    if (handed == HR_HANDED_BROKE) hr_link_broke(link, "%s", strerror(number));
  }
}

void hr_link_fail_waiting(hr_link *link) {
  link->state.failed += link->state.waiting;
  link->state.waiting = 0;
}

/* ---- In flight --------------------------------------------------------------------------- */

void hr_link_lose(hr_link *link, uint32_t slot) {
  if (!link->flying[slot].is_used) return;
  link->lost[link->next_lost] = link->flying[slot];
  link->next_lost = (link->next_lost + 1) % HR_MOST_LOST;
  land(link, slot);
  link->state.lost++;
  if (link->transport->give_up) link->transport->give_up(link, slot);
}

void hr_link_lose_all(hr_link *link) {
  for (uint32_t slot = 0; slot < link->config.in_flight; slot++) hr_link_lose(link, slot);
}

static uint64_t timeout_ns(const hr_link *link) { return (uint64_t)link->config.answer_timeout_ms * 1000000; }

void hr_link_lose_late(hr_link *link) {
  const uint64_t now = hr_link_now();
  for (uint32_t slot = 0; slot < link->config.in_flight; slot++) {
    const struct hr_flying *flying = &link->flying[slot];
    if (!flying->is_used || now - flying->sent_ns < timeout_ns(link)) continue;
    hr_link_lose(link, slot);
    /* Where a newer one was answered, this one was lost on the way, and the link is well. */
    if (flying->sent_ns > link->answered_sent_ns)
      hr_link_goes_down(link, "no answer within %u ms", link->config.answer_timeout_ms);
  }
}

uint64_t hr_link_deadline(const hr_link *link) {
  uint64_t earliest = UINT64_MAX;
  for (uint32_t slot = 0; slot < link->config.in_flight; slot++) {
    const struct hr_flying *flying = &link->flying[slot];
    if (flying->is_used && flying->sent_ns + timeout_ns(link) < earliest)
      earliest = flying->sent_ns + timeout_ns(link);
  }
  return earliest;
}

/* ---- Answers ----------------------------------------------------------------------------- */

int hr_link_has_room(const hr_link *link) { return link->answer_count < HR_MOST_PACKETS; }

void hr_link_damaged(hr_link *link) { link->state.damaged++; }

/* Whether it is known well enough when an answer came: one that was found after the link was left alone for a while,
   as when a head runs in between, may have waited for most of the time. Something is better than nothing. */
static int tells_time(const hr_link *link, const struct hr_flying *flying, uint64_t now) {
  return link->timing.weight == 0 || 8 * (now - link->tended_ns) <= now - flying->sent_ns;
}

static void note_time(hr_link *link, const struct hr_flying *flying, const hr_answer *answer, uint64_t arrived_ns) {
  const uint64_t now = hr_link_now();
  /* A refusal does not say what the tail spent. */
  if (answer->status == HR_OK && (arrived_ns || tells_time(link, flying, now)))
    hr_link_timing_note(&link->timing, flying->byte_count, flying->sent_ns, arrived_ns ? arrived_ns : now,
                        (uint64_t)answer->tail_us * 1000);
}

void hr_link_answered(hr_link *link, uint32_t slot, const hr_answer *answer, uint64_t arrived_ns) {
  const struct hr_flying *flying = &link->flying[slot];
  note_time(link, flying, answer, arrived_ns);
  if (flying->sent_ns > link->answered_sent_ns) link->answered_sent_ns = flying->sent_ns;
  land(link, slot);
  link->state.answered++;
  link->answers[(link->first_answer + link->answer_count) % HR_MOST_PACKETS] = *answer;
  link->answer_count++;
  hr_link_comes_up(link);
}

/* Whether a packet has this identity. The time too: a sequence number alone may be one of an earlier run. */
static int is_answered_by(const struct hr_flying *packet, const hr_answer *answer) {
  return packet->is_used && packet->id.model_id == answer->model_id && packet->id.sequence == answer->sequence &&
         packet->id.capture_us == answer->capture_us;
}

void hr_link_heard(hr_link *link, const uint8_t *packet, size_t byte_count, uint64_t arrived_ns) {
  hr_answer answer = {.struct_size = sizeof answer};
  if (hr_answer_unpack(packet, byte_count, &answer, NULL) != HR_OK) {
    hr_link_damaged(link);
    return;
  }
  link->has_shown_life = 1;
  for (uint32_t slot = 0; slot < link->config.in_flight; slot++) {
    if (!is_answered_by(&link->flying[slot], &answer)) continue;
    hr_link_answered(link, slot, &answer, arrived_ns);
    return;
  }
  link->state.late++;
  for (uint32_t i = 0; i < HR_MOST_LOST; i++) {
    struct hr_flying *lost = &link->lost[i];
    if (!is_answered_by(lost, &answer)) continue;
    note_time(link, lost, &answer, arrived_ns);
    lost->is_used = 0;
    hr_link_is_slow(link);
    return;
  }
}
