/* picture_writer.h - where enhanced pictures go: a file, a folder, or JPEGs one behind the other. */
#ifndef DEMO_PICTURE_WRITER_H
#define DEMO_PICTURE_WRITER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum writer_kind { WRITE_PICTURE, WRITE_FOLDER, WRITE_VIDEO };

struct picture_writer {
  enum writer_kind kind;
  const char *output;
  const char *also_read; /* besides the source, if anything is: no picture takes its place */
  uint32_t quality;
  uint32_t overwrites; /* in a folder */
  uint32_t count;
  const char *path; /* of the last one, as whatever it went into is called */
  void *written;   /* in a folder: a tree of the paths that were written */
  char *last_name; /* the last one's name without an ending, and its number */
  uint32_t last_number;
  FILE *video; /* under another name until it is closed */
  char *video_path;
  char *target; /* where links lead, so that they stay */
};

struct picture {
  const uint8_t *rgb;
  size_t stride;
  uint32_t width, height;
  const char *name;    /* of the file it came from */
  const uint8_t *jpeg; /* as it came, if it was one: its metadata is kept */
  size_t jpeg_bytes;
  int unchanged; /* it is the picture as it came, so that a JPEG need not be encoded again */
};

/* By the output's name: .jpg, .jpeg and .ppm are a picture, .mjpeg and .mjpg a video, all else a folder. */
enum writer_kind kind_of_output(const char *output);
/* A folder is made. What was there is overwritten only if it is a file, none that is read, and `overwrites` is set.
   Whatever has another ending than .ppm is a JPEG with the metadata of the one that it came of; a PPM is turned
   upright. These print what is wrong and return 0 on failure. */
int open_writer(struct picture_writer *writer, const char *output, const char *source, uint32_t quality,
                uint32_t overwrites);
int write_picture(struct picture_writer *writer, const struct picture *picture);
/* Ends a line on standard output about the last picture: where it went, if that is a folder. */
void write_place(const struct picture_writer *writer);
/* What names say: MJPEG files, PPMs. */
int is_video(const char *path);
int is_ppm(const char *path);
/* Keeps a video, or removes it where `keeps` is 0. */
int close_writer(struct picture_writer *writer, int keeps);

#endif /* DEMO_PICTURE_WRITER_H */
