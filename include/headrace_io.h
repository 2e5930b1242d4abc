/* headrace_io.h - Linux devices for programs that use headrace.h: pictures, cameras, sound, threads.

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

/* Gives an encoded JPEG the metadata of another: Exif with its orientation, colour profile, comments. Replaces
   *jpeg by a longer one; on failure it stays as it is. */
hr_status hr_jpeg_keep_metadata(const uint8_t *from, size_t from_bytes, uint8_t **jpeg, size_t *jpeg_bytes,
                                hr_error *error);

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
   HR_END_OF_STREAM behind the last. A card delivers what it has, waits where that is nothing, and goes on
   when it was read too late, or the machine slept: see hr_sound_status. It may report 0 frames, after a
   signal for instance. HR_TIMED_OUT: it delivered nothing for five seconds; HR_DEVICE_ERROR: it is gone. */
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

#ifdef __cplusplus
}
#endif

#endif /* HEADRACE_IO_H */
