/* headrace_io.h - Linux devices for programs that use headrace.h: pictures, cameras, sound, links, threads.

   A second static library, because the first knows no operating system. It allocates memory and
   starts threads, in the functions that say so; everything that is opened is closed by the function
   beside it. Functions fail as in headrace.h: a status, and a message that names cause and remedy. */
#ifndef HEADRACE_IO_H
#define HEADRACE_IO_H

#include "headrace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- CPU, clock, threads ---------------------------------------------------------------- */

/* HR_CPU_* features of the CPU this runs on, as the kernel reports them. */
uint32_t hr_cpu_detect(void);
/* CPUs this process may run on, at least 1. */
uint32_t hr_cpu_count(void);
/* Nanoseconds of CLOCK_MONOTONIC; an hr_clock. */
uint64_t hr_clock_monotonic(void *unused);

typedef struct hr_pool hr_pool;

/* A fixed set of threads (the caller's counts as one). threads 0 means hr_cpu_count(). */
hr_status hr_pool_create(hr_pool **out, uint32_t threads, hr_error *error);
void hr_pool_destroy(hr_pool *pool); /* NULL is fine */
/* An hr_parallel_for; parallel_context is the pool. */
void hr_pool_run(void *pool, uint32_t count, hr_parallel_body body, void *context);
/* Sets threads, parallel, clock and CPU features of a session's configuration. pool may be NULL. */
void hr_pool_configure(hr_pool *pool, hr_session_config *config);

/* ---- Files ------------------------------------------------------------------------------ */

/* A file mapped into memory, read-only, page-aligned: what hr_model_open wants. */
typedef struct hr_file {
  const void *bytes;
  size_t byte_count;
} hr_file;
hr_status hr_file_map(hr_file *out, const char *path, hr_error *error);
void hr_file_unmap(hr_file *file);

/* Writes a file in its folder, under a name that begins with ".headrace-", and renames it: whole or not
   at all. Follows a symbolic link; refuses what exists and is no regular file. */
hr_status hr_file_write(const char *path, const void *bytes, size_t byte_count, hr_error *error);

/* ---- JPEG ------------------------------------------------------------------------------- */

typedef struct hr_jpeg_info {
  uint32_t struct_size;
  uint32_t width;  /* of the picture as stored */
  uint32_t height;
  uint32_t decoded_width; /* after scaled decoding */
  uint32_t decoded_height;
  size_t rgb_bytes; /* decoded_width * decoded_height * 3 */
} hr_jpeg_info;

/* Reads a JPEG's size and picks the smallest of libjpeg's scales (1/8, 1/4, 1/2, 1) that still is at
   least min_width x min_height; 0 x 0 asks for full size. */
hr_status hr_jpeg_inspect(const uint8_t *jpeg, size_t jpeg_bytes, uint32_t min_width,
                          uint32_t min_height, hr_jpeg_info *out, hr_error *error);

/* Decodes to tightly packed RGB24 of info's decoded size. Truncated or corrupt data is an error:
   HR_BAD_PICTURE. The slow integer transform is used, the same pixels on every CPU. */
hr_status hr_jpeg_decode(const uint8_t *jpeg, size_t jpeg_bytes, const hr_jpeg_info *info,
                         uint8_t *rgb, size_t capacity, hr_error *error);

/* Encodes RGB24 as baseline JPEG, quality 1 ... 100, 4:2:0, into memory that hr_jpeg_free frees. */
hr_status hr_jpeg_encode(const uint8_t *rgb, size_t stride, uint32_t width, uint32_t height,
                         uint32_t quality, uint8_t **out, size_t *out_bytes, hr_error *error);
void hr_jpeg_free(uint8_t *jpeg);

/* Gives an encoded JPEG the metadata of another: Exif with its orientation, colour profile, comments, but nothing that
   says where more pictures lie. Replaces *jpeg by a longer one; on failure it stays as it is. */
hr_status hr_jpeg_keep_metadata(const uint8_t *from, size_t from_bytes, uint8_t **jpeg, size_t *jpeg_bytes,
                                hr_error *error);

/* How a JPEG's Exif says that its pixels are turned, 1 ... 8 as Exif counts; 1, upright, where it says nothing. Decoding
   leaves them as they are stored. */
uint32_t hr_jpeg_orientation(const uint8_t *jpeg, size_t jpeg_bytes);

/* ---- Frames from anywhere --------------------------------------------------------------- */

typedef struct hr_source hr_source;

typedef struct hr_source_config {
  uint32_t struct_size;
  uint32_t width;       /* wanted of a camera, and the least needed of a JPEG; 0: as it comes */
  uint32_t height;
  uint32_t frames_per_second; /* wanted of a camera; 0: as it comes */
  uint32_t timeout_ms;  /* for one camera frame; default 5000 */
  uint32_t pixel_format; /* wanted of a camera: an hr_pixel_format or 0 for the best there is */
} hr_source_config;
void hr_source_config_init(hr_source_config *config);

/* One frame. Pixels and jpeg live until the next hr_source_next or hr_source_close. */
typedef struct hr_source_frame {
  uint32_t struct_size;
  uint32_t index;        /* counts from 0 */
  uint32_t width;        /* of the picture as stored or captured */
  uint32_t height;
  hr_frame frame;        /* decoded; may be smaller than width x height (scaled decoding) */
  const char *name;      /* the file's path, or the device's */
  const uint8_t *jpeg;   /* the picture's compressed bytes where there are such, else NULL */
  size_t jpeg_bytes;
  uint64_t decode_ns;    /* time spent on decoding */
  uint64_t timestamp_ns; /* a camera's own monotonic time stamp, else 0 */
  uint32_t dropped;      /* frames that a camera lost since the last one */
} hr_source_frame;

/* Opens a JPEG, a binary PPM (P6) or PGM (P5), a folder of such (in name order), an MJPEG file
   (JPEGs one behind the other) or a V4L2 camera (/dev/videoN: YUYV, NV12, NV21, I420, RGB, BGR, gray
   or MJPEG by memory-mapped streaming). A message names what is wrong and what the device offers. An
   MJPEG file is known by its name: .mjpeg or .mjpg. config NULL: as hr_source_config_init sets it. */
hr_status hr_source_open(hr_source **out, const char *path, const hr_source_config *config,
                         hr_error *error);

/* The next frame; HR_END_OF_STREAM when there are no more. After HR_BAD_PICTURE (one bad picture in
   a folder or an MJPEG file) the caller may go on with the next call; out->name says which it was. */
hr_status hr_source_next(hr_source *source, hr_source_frame *out, hr_error *error);

/* How the source describes itself, for instance "vivid 640x480 YUYV 30 fps". */
const char *hr_source_description(const hr_source *source);
void hr_source_close(hr_source *source); /* NULL is fine */

/* ---- Sound ------------------------------------------------------------------------------ */

typedef struct hr_sound hr_sound;

/* When a sound card is opened, counts that are not 0 say what is wanted of it. Then, and for files, what
   hr_sound_read delivers. */
typedef struct hr_sound_format {
  uint32_t struct_size;
  uint32_t channel_count;  /* wanted: 0 for as many as there are */
  uint32_t sample_rate;    /* Hz; wanted: 0 for the card's nearest to 16,000 */
  hr_sample_format format; /* of what hr_sound_read delivers */
} hr_sound_format;

/* Opens a WAV file, a stream of the same format ("-" is standard input, and a FIFO is one too), or with
   "alsa:NAME" a sound card that captures from then on. Files hold PCM of 16, 24 or 32 bits or float, at most
   64 channels. NAME is an ALSA device (hw:1, plughw:1, default), a card's number, its id, or a part of its
   name. What the card lacks is refused, with what it offers; an unknown card, with those there are
   (HR_NOT_FOUND). */
hr_status hr_sound_open(hr_sound **out, const char *path, hr_sound_format *format, hr_error *error);

/* Up to `frames` samples of every channel, interleaved, 24 bits as HR_S32. Reports how many there were;
   HR_END_OF_STREAM behind the last, with a message where a file ends before its header says. A card delivers
   what it has, waits where that is nothing, and goes on when it was read too late, or the machine slept: see
   hr_sound_status. It may report 0 frames, after a signal for instance. HR_TIMED_OUT: it delivered nothing for
   five seconds; HR_DEVICE_ERROR: it is gone. */
hr_status hr_sound_read(hr_sound *sound, void *samples, size_t frames, size_t *out_frames,
                        hr_error *error);

typedef struct hr_sound_state {
  uint32_t struct_size;
  uint32_t overruns;    /* how often sound was lost */
  uint64_t lost_frames; /* how much, before what was delivered last, as the clock tells */
  uint64_t capture_ns;  /* when the newest frame delivered was captured (CLOCK_MONOTONIC); 0 for files */
} hr_sound_state;

/* How capturing goes; all 0 for files and streams. Frames delivered and lost count the time since opening. */
hr_status hr_sound_status(const hr_sound *sound, hr_sound_state *out);

void hr_sound_close(hr_sound *sound); /* NULL is fine */

typedef struct hr_sound_card {
  uint32_t struct_size;
  uint32_t number;
  uint32_t device; /* the first that captures: "hw:NUMBER,DEVICE" */
  char id[32];     /* without spaces */
  char name[96];
  char long_name[128];
} hr_sound_card;

/* A card that captures, by index from 0; HR_END_OF_STREAM behind the last. */
hr_status hr_sound_card_at(uint32_t index, hr_sound_card *out, hr_error *error);

/* ---- Links to a tail --------------------------------------------------------------------- */

typedef struct hr_link hr_link;

typedef struct hr_link_config {
  uint32_t struct_size;
  uint32_t answer_timeout_ms; /* a packet that is not answered for so long is lost, and the link is down; 500 of
                                 1 ... 600,000 */
  uint32_t queue;             /* packets that wait to be sent, 1 ... 64; a newer one takes the oldest's place; 1 */
  uint32_t in_flight;         /* packets sent and not yet answered, 1 ... 64; further ones wait; 4 */
  uint32_t retry_ms;          /* the longest pause before it is tried again; 5000 of 1 ... 3,600,000. Pauses begin at a tenth of a second,
                                 double, and are spread by up to half at random. */
  uint32_t seed;              /* of the spreading; 0: from the clock */
} hr_link_config;
void hr_link_config_init(hr_link_config *config);

/* Opens a link to a tail. It allocates all it needs here, starts no thread, and works in hr_link_send and
   hr_link_receive. That the other side does not answer is no error: the link is then down, and tries again.

       udp://HOST:PORT                  a packet is a datagram
       tcp://HOST:PORT                  packets one behind the other
       mqtt://HOST:PORT/TOPIC           publishes to TOPIC/latent/ID, takes answers from TOPIC/answer/ID;
                                        ID is this link's own, 16 hexadecimal digits in lower case at random
       http://HOST:PORT/v2/models/NAME  the Open Inference Protocol, version 2; tensors in binary where the server lists
                                        the extension binary_tensor_data, else as JSON

   HR_INVALID_ARGUMENT: no such address; HR_UNSUPPORTED_FORMAT: built without, or the library for it (libmosquitto1;
   libcurl4 and libjansson4) is not installed. */
hr_status hr_link_open(hr_link **out, const char *address, const hr_link_config *config, hr_error *error);

/* What the other side takes. */
typedef enum hr_link_content {
  HR_LINK_PACKETS = 1, /* hr_link_send */
  HR_LINK_TENSORS = 2  /* hr_link_send_tensor: an inference server with the tail as its model */
} hr_link_content;
/* Known from the beginning for all but http, where it is HR_LINK_PACKETS until the server has said what its model
   reads: input of datatype UINT8 and shape [-1] or [1, -1] is a packet, FP32 and INT8 a latent. */
hr_link_content hr_link_content_of(const hr_link *link);

/* Hands a packet over; it is copied, and sent as soon as the link takes it. Never waits. HR_DEVICE_ERROR: the link is
   down, and the packet is counted as refused: answer the frame on the board. */
hr_status hr_link_send(hr_link *link, const uint8_t *packet, size_t packet_bytes, hr_error *error);

/* The same with a latent as it is; sequence and capture_us come back in the answer. */
hr_status hr_link_send_tensor(hr_link *link, const hr_tensor *latent, uint32_t sequence, uint64_t capture_us,
                              hr_error *error);

/* Works for up to timeout_ms, 0: does what can be done at once, until there is an answer. HR_TIMED_OUT: there is none.
   Answers come once, in any order; late ones (after answer_timeout_ms) are counted and not told. */
hr_status hr_link_receive(hr_link *link, uint32_t timeout_ms, hr_answer *out, hr_error *error);

typedef enum hr_link_health {
  HR_LINK_CONNECTING = 1, /* not yet heard of */
  HR_LINK_UP = 2,
  HR_LINK_DOWN = 3 /* no connection, or packets are not answered */
} hr_link_health;

/* offered = refused + replaced + answered + lost + failed + what waits + what is in flight: nothing is dropped without
   being counted. */
typedef struct hr_link_state {
  uint32_t struct_size;
  hr_link_health health;
  uint64_t offered;    /* to hr_link_send */
  uint64_t refused;    /* the link was down */
  uint64_t replaced;   /* by newer ones, before they were sent */
  uint64_t sent;
  uint64_t answered;   /* in time, refusals of the tail's among them */
  uint64_t lost;       /* sent, and not answered in time or before the connection broke */
  uint64_t failed;     /* could not be sent */
  uint64_t late;       /* answers after that, twice, or to what was never sent */
  uint64_t damaged;    /* what came and was no answer */
  uint64_t reconnects;
  uint64_t bytes_sent;
  uint64_t bytes_received;
  uint32_t waiting;
  uint32_t in_flight;
  uint32_t is_connected; /* 1: there is a connection, and of http it is known what the server's model reads */
  float bytes_per_second; /* what the link carries, as answered packets tell; 0: not known */
  float round_trip_ms;    /* of small packets, the tail's time left out; 0: not known */
  char what[120];      /* why it is down, for a person; empty if it is not */
} hr_link_state;
hr_status hr_link_status(const hr_link *link, hr_link_state *out);

void hr_link_close(hr_link *link); /* NULL is fine; waits for nothing */

/* ---- The tail's side of links ------------------------------------------------------------ */

typedef struct hr_listener hr_listener;

/* Where a packet came from, so that its answer finds back. Treat as opaque; copy freely. */
typedef struct hr_peer {
  uint64_t opaque[8];
} hr_peer;

/* udp://ADDRESS:PORT, tcp://ADDRESS:PORT (0.0.0.0 or [::] for all of this machine's) or mqtt://HOST:PORT/TOPIC, a broker:
   listeners of one topic share its packets. Port 0 is any free one: hr_listener_address tells. */
hr_status hr_listener_open(hr_listener **out, const char *address, hr_error *error);
const char *hr_listener_address(const hr_listener *listener);

/* The next packet, at most HR_MAX_PACKET_BYTES, in memory that lives until the next call. Takes the first that there is;
   HR_TIMED_OUT if there is none for so long. What is no packet, or damaged, is counted and left out. */
hr_status hr_listener_receive(hr_listener *listener, uint32_t timeout_ms, const uint8_t **packet, size_t *packet_bytes,
                              hr_peer *from, hr_error *error);
/* Sends an answer back, from any thread. Never waits: a peer that does not read loses its answers, and a peer that is
   gone is no error. A TCP peer that has shut down its side gets the answers to what it sent, and is closed then. */
hr_status hr_listener_answer(hr_listener *listener, const hr_peer *to, const uint8_t *packet, size_t packet_bytes,
                             hr_error *error);

typedef struct hr_listener_state {
  uint32_t struct_size;
  uint32_t peers;      /* connected now */
  uint64_t packets;    /* received whole */
  uint64_t damaged;    /* what was no packet */
  uint64_t answers;    /* sent */
  uint64_t unsent;     /* answers that the peer did not take */
  uint64_t refused_peers; /* above what it serves at a time, 256 */
  uint64_t bytes_received, bytes_sent;
  /* How often new connections began to wait because there was no file descriptor left. A program that was compiled
     before this or what follows was here is told what it knows. */
  uint64_t starved;
  uint64_t lost; /* datagrams that came faster than they were taken, and that the system dropped */
} hr_listener_state;
hr_status hr_listener_status(const hr_listener *listener, hr_listener_state *out);
void hr_listener_close(hr_listener *listener); /* NULL is fine */

#ifdef __cplusplus
}
#endif

#endif /* HEADRACE_IO_H */
