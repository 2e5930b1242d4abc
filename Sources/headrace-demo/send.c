/* send.c - the split in earnest: a frame goes through the head, the exit on the board answers it where it is sure, and
   else the tail does, by way of a link. Whatever becomes of the link, each frame is answered within its time: when that
   is over, or the link is down, by the exit. */
#include "send_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_option.h"
#include "interrupt.h"
#include "network.h"
#include "text.h"
#include "threads.h"

enum { IN_FLIGHT = 4, RETRY_MS = 1000 };
static const char default_threshold[] = "0.395"; /* costs at most half a point of accuracy, as the card of split says */

static struct send_settings settings;

static const struct option options[] = {
    {"--to", OPTION_TEXT, &settings.to, 0, 0, "ADDRESS",
     "where the tail is: udp://HOST:PORT, tcp://HOST:PORT, mqtt://HOST:PORT/TOPIC or "
     "http://HOST:PORT/v2/models/NAME"},
    {"--head", OPTION_LIST, &settings.heads, 0, 0, "HEAD.hrm",
     "the network that runs on the board; again for the same classes at another size of picture"},
    {"--exit", OPTION_LIST, &settings.exits, 0, 0, "EXIT.hrm",
     "a network that answers from a head's latent on the board, one for each --head or none"},
    {"--rate", OPTION_TEXT, &settings.rate, 0, 0, "N",
     "0, the smallest packets, to what the head has, or auto (default): head and rate by what the link carries in time"},
    {"--max-bytes", OPTION_NUMBER, &settings.max_bytes, HR_PACKET_HEADER_BYTES, HR_MAX_PACKET_BYTES, "N",
     "the most that a packet has"},
    {"--deadline", OPTION_NUMBER, &settings.deadline, 10, 60000, "MS",
     "when a frame is answered at the latest (default 500)"},
    {"--threshold", OPTION_TEXT, &settings.threshold, 0, 0, "P",
     "how sure the exit must be to answer by itself, 0 ... 1; 1: never (default 0.395)"},
    {"--fps", OPTION_NUMBER, &settings.fps, 1, 1000, "N", "frames a second (default: as they come)"},
    {"--frames", OPTION_NUMBER, &settings.frames, 1, UINT32_MAX, "N", "stop after N frames"},
    {"--threads", OPTION_NUMBER, &settings.threads, 1, 64, "N",
     "threads that run the networks (default: all CPUs)"},
    CPU_OPTION(&settings.cpu),
    {"--json", OPTION_FLAG, &settings.json, 0, 0, NULL, "one JSON object a frame, and one with all counts at the end"},
    {NULL, OPTION_END, NULL, 0, 0, NULL, NULL}};

static int run_send(int count, char **arguments);

const struct command send_command = {
    "send",
    "Sends frames through a head on this board to a tail elsewhere.",
    "[SOURCE]",
    "SOURCE is as for camera; without it, a picture of the program's own is sent over and over. Every\n"
    "frame is answered: by the exit if it is sure, else by the tail, and by the exit all the same\n"
    "(\"fallback\") if the tail does not answer by the deadline or the link is down. headrace serve is a\n"
    "tail. Models are looked for as by camera; the tail has to belong to the head. Of several heads a\n"
    "frame goes through that of the largest pictures that come in time, and each has a tail of its own\n"
    "there.\n\n"
    "In the JSON, payload_crc32c is that of a packet's body, which is the same for the same frame and\n"
    "rate; milliseconds.tail is what answering took, by the tail or the exit, latency_ms the time from\n"
    "before the picture was decoded to the answer; the last line has all counts.",
    "headrace-demo send photos/ --to udp://192.168.1.10:7433 --json",
    run_send};

static int open_heads(struct send_job *job, const hr_session_config *config, const struct text_list *heads,
                      const struct text_list *exits) {
  for (uint32_t i = 0; i < heads->count; i++)
    if (!add_head(&job->heads, heads->values[i], exits->count ? exits->values[i] : NULL, config)) return 0;
  if (!(job->packet = malloc(HR_MAX_PACKET_BYTES))) return print_no_memory(heads->values[0]);
  if (job->is_auto) return 1;
  struct send_head *first = &job->heads.at[0];
  const unsigned long rate = strtoul(settings.rate, NULL, 10);
  if (rate <= first->rate) {
    first->rate = (uint32_t)rate;
    return 1;
  }
  return complain("%s has rates 0 to %u, not %s", heads->values[0], first->rate, settings.rate);
}

/* A single picture would else be answered before the tail can be reached. */
static void await_connection(struct send_job *job) {
  hr_answer answer = {.struct_size = sizeof answer};
  for (uint32_t waited = 0; waited < settings.deadline; waited += 10) {
    const hr_link_state state = link_state(job);
    if (state.is_connected || state.health == HR_LINK_DOWN) return;
    hr_link_receive(job->link, 10, &answer, NULL);
  }
}

/* -1 to go on, else the exit status. */
static int open_link(struct send_job *job) {
  hr_error error = new_error();
  hr_link_config config;
  hr_link_config_init(&config);
  config.answer_timeout_ms = settings.deadline;
  config.in_flight = IN_FLIGHT;
  config.retry_ms = RETRY_MS;
  const hr_status status = hr_link_open(&job->link, settings.to, &config, &error);
  if (status == HR_OK) {
    await_connection(job);
    return -1;
  }
  if (status == HR_INVALID_ARGUMENT) return wrong_usage(&send_command, "%s", error.message);
  print_error(settings.to, &error);
  return EXIT_BAD_INPUT;
}

/* -1 to go on, else the exit status. */
static int read_settings(struct send_job *job) {
  char *end;
  if (!settings.to) return wrong_usage(&send_command, "where to? --to ADDRESS");
  if (settings.heads.count > MOST_HEADS)
    return wrong_usage(&send_command, "there are %u of --head; at most %d", settings.heads.count, MOST_HEADS);
  if (settings.exits.count && settings.exits.count != settings.heads.count)
    return wrong_usage(&send_command, "--exit needs the --head that it belongs to; give one for each or none");
  const char *threshold = settings.threshold ? settings.threshold : default_threshold;
  job->threshold = strtof(threshold, &end);
  if (end == threshold || *end || !(job->threshold >= 0 && job->threshold <= 1))
    return wrong_usage(&send_command, "--threshold takes a number from 0 to 1, not \"%s\"", threshold);
  if (settings.threshold && job->threshold < 1 && settings.heads.count && !settings.exits.count)
    return wrong_usage(&send_command, "--threshold is how sure an exit must be; add the --exit of each --head");
  job->is_auto = !settings.rate || strcmp(settings.rate, "auto") == 0;
  if (!job->is_auto && (!*settings.rate || strspn(settings.rate, "0123456789") != strlen(settings.rate) ||
                        strlen(settings.rate) > 4))
    return wrong_usage(&send_command, "--rate takes a number or auto, not \"%s\"", settings.rate);
  if (settings.heads.count > 1 && !job->is_auto)
    return wrong_usage(&send_command, "several heads are chosen among by --rate auto, not %s", settings.rate);
  if (!settings.deadline) settings.deadline = 500;
  job->pace.deadline_s = settings.deadline / 1e3;
  return -1;
}

static int run_send(int count, char **arguments) {
  static struct send_job job = {.settings = &settings};
  const char *path = NULL;
  int result = read_options(&send_command, options, &path, count, arguments);
  if (result >= 0) return result;
  uint32_t features;
  result = read_cpu_option(&send_command, settings.cpu, &features);
  if (result < 0) result = read_settings(&job);
  if (result < 0) result = open_link(&job);
  if (result >= 0) return result;
  catch_interrupt();

  char *shipped_head = settings.heads.count ? NULL : shipped_model("split/head.hrm");
  char *shipped_exit = settings.heads.count ? NULL : shipped_model("split/exit.hrm");
  const struct text_list shipped_heads = {{shipped_head}, 1}, shipped_exits = {{shipped_exit}, 1};
  hr_pool *pool = NULL;
  hr_session_config config;
  int done = 0;
  if (!settings.heads.count && !shipped_head) {
    fprintf(stderr, "headrace-demo: the shipped models were not found; pass --head and --exit\n");
  } else if (open_threads(&pool, &settings.threads, features, &config)) {
    done = open_heads(&job, &config, settings.heads.count ? &settings.heads : &shipped_heads,
                      settings.heads.count ? &settings.exits : &shipped_exits) &&
           send_frames(&job, path);
  }
  hr_link_close(job.link);
  free(job.packet);
  close_heads(&job.heads);
  hr_pool_destroy(pool);
  free(shipped_exit);
  free(shipped_head);
  return exit_status(done && job.totals.unanswered == 0);
}
