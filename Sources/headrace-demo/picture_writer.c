#define _GNU_SOURCE
#include "picture_writer.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "headrace_io.h"
#include "leads_into.h"
#include "network.h"
#include "same_file.h"
#include "text.h"

static int has_extension(const char *path, const char *extension) {
  const char *dot = strrchr(path, '.');
  return dot && strcasecmp(dot + 1, extension) == 0;
}

static int is_jpeg(const char *path) { return has_extension(path, "jpg") || has_extension(path, "jpeg"); }

int is_video(const char *path) { return has_extension(path, "mjpeg") || has_extension(path, "mjpg"); }
int is_ppm(const char *path) { return has_extension(path, "ppm"); }

static int print_failure(const char *path, const char *what) {
  return complain("%s: %s", path, what);
}

static int is_folder(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A name by which something else is meant than a folder. */
static int is_other_picture(const char *path) {
  static const char *const others[] = {"png", "webp", "bmp", "gif", "tif", "tiff", "heic", "avif", "pgm", "mp4", "avi"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (has_extension(path, others[i])) return !is_folder(path);
  return 0;
}

static int open_folder(const char *path) {
  if (mkdir(path, 0777) == 0) return 1;
  const int cause = errno;
  if (cause == EEXIST && is_folder(path)) return 1;
  return print_failure(path, cause == EEXIST
                                 ? "it is no folder; name a folder, or a file ending in .jpg, .ppm or .mjpeg"
                                 : strerror(cause));
}

enum writer_kind kind_of_output(const char *output) {
  return is_video(output) ? WRITE_VIDEO : is_jpeg(output) || is_ppm(output) ? WRITE_PICTURE : WRITE_FOLDER;
}

/* Says so and returns 0 if a picture of the source would be overwritten before it is read. */
static int spares_source(const char *source, const char *output) {
  char *link = is_folder(source) ? leads_into(source, output) : NULL;
  if (link) print_failure(link, "it leads into the output's folder; name another folder, or leave out --overwrite");
  free(link);
  return !link;
}

int open_writer(struct picture_writer *writer, const char *output, const char *source, uint32_t quality,
                uint32_t overwrites) {
  memset(writer, 0, sizeof *writer);
  *writer = (struct picture_writer){0};
  writer->output = writer->path = output;
  writer->quality = quality;
  writer->overwrites = overwrites;
  writer->kind = kind_of_output(output);
  if (is_same_file(output, source)) return print_failure(output, "it is the source; choose another output");
  if (writer->kind == WRITE_VIDEO) {
    struct stat status;
    if (stat(output, &status) == 0 ? !S_ISREG(status.st_mode) : lstat(output, &status) == 0)
      return print_failure(output, "it exists and is not a regular file");
    writer->target = realpath(output, NULL);
    if (!writer->target && !(writer->target = strdup(output))) return print_no_memory(output);
    if (asprintf(&writer->video_path, "%s.part", writer->target) < 0) return print_no_memory(output);
    writer->video = fopen(writer->video_path, "wbx");
    if (!writer->video) {
      print_failure(writer->video_path, errno == EEXIST ? "another run writes it, or left it; wait, or move it out of the way"
                                                        : strerror(errno));
      free(writer->video_path);
      free(writer->target);
      return 0;
    }
    return 1;
  }
  if (writer->kind == WRITE_FOLDER)
    return is_other_picture(output) ? print_failure(output, "pictures are written as .jpg or .ppm")
                                    : open_folder(output) && (!overwrites || spares_source(source, output));
  return !is_folder(source) || print_failure(output, "the source is a folder; name a folder for the output too");
}

static int encode(const struct picture_writer *writer, const struct picture *picture, uint8_t **jpeg,
                  size_t *bytes) {
  hr_error error = new_error();
  if (hr_jpeg_encode(picture->rgb, picture->stride, picture->width, picture->height, writer->quality, jpeg, bytes,
                     &error) != HR_OK)
    return print_error(picture->name, &error);
  if (picture->jpeg &&
      hr_jpeg_keep_metadata(picture->jpeg, picture->jpeg_bytes, jpeg, bytes, &error) != HR_OK) {
    hr_jpeg_free(*jpeg);
    return print_error(picture->name, &error);
  }
  return 1;
}

/* Writes the file that a picture is all of, or the first of: what lies behind it stays too. */
static hr_status copy_jpeg(const struct picture *picture, const char *path, hr_error *error) {
  hr_file file = {0};
  const uint8_t *bytes = picture->jpeg;
  size_t count = picture->jpeg_bytes;
  if (is_jpeg(picture->name) && hr_file_map(&file, picture->name, error) == HR_OK && file.byte_count > count &&
      memcmp(file.bytes, bytes, count) == 0) {
    bytes = file.bytes;
    count = file.byte_count;
  }
  const hr_status status = hr_file_write(path, bytes, count, error);
  hr_file_unmap(&file);
  return status;
}

static int write_jpeg(const struct picture_writer *writer, const struct picture *picture, const char *path) {
  uint8_t *jpeg;
  size_t bytes;
  hr_error error = new_error();
  if (picture->unchanged && picture->jpeg)
    return copy_jpeg(picture, path, &error) == HR_OK || print_error(path, &error);
  if (!encode(writer, picture, &jpeg, &bytes)) return 0;
  const hr_status status = hr_file_write(path, jpeg, bytes, &error);
  hr_jpeg_free(jpeg);
  return status == HR_OK || print_error(path, &error);
}

/* Copies a picture's pixels as they are to be seen, by what Exif says of how they are stored. */
static void turn_upright(const struct picture *picture, uint32_t orientation, uint8_t *to) {
  const int is_on_its_side = orientation >= 5;
  const int from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const int from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const uint32_t width = is_on_its_side ? picture->height : picture->width;
  const uint32_t height = is_on_its_side ? picture->width : picture->height;
  for (uint32_t y = 0; y < height; y++)
    for (uint32_t x = 0; x < width; x++, to += 3) {
      uint32_t column = is_on_its_side ? y : x, row = is_on_its_side ? x : y;
      if (from_right) column = picture->width - 1 - column;
      if (from_below) row = picture->height - 1 - row;
      memcpy(to, picture->rgb + row * picture->stride + (size_t)3 * column, 3);
    }
}

static int write_ppm(const struct picture *picture, const char *path) {
  const size_t row = (size_t)picture->width * 3;
  const uint32_t orientation = picture->jpeg ? hr_jpeg_orientation(picture->jpeg, picture->jpeg_bytes) : 1;
  char header[48];
  const int is_on_its_side = orientation >= 5;
  const int length =
      snprintf(header, sizeof header, "P6\n%u %u\n255\n", is_on_its_side ? picture->height : picture->width,
               is_on_its_side ? picture->width : picture->height);
  uint8_t *bytes = malloc((size_t)length + row * picture->height);
  if (!bytes) return print_no_memory(path);
  memcpy(bytes, header, (size_t)length);
  turn_upright(picture, orientation, bytes + length);
  hr_error error = new_error();
  const hr_status status = hr_file_write(path, bytes, (size_t)length + row * picture->height, &error);
  free(bytes);
  return status == HR_OK || print_error(path, &error);
}

static int write_file(const struct picture_writer *writer, const struct picture *picture, const char *path) {
  if (is_same_file(path, picture->name)) return print_failure(path, "it is the source; choose another output");
  if (is_same_file(path, writer->also_read)) return print_failure(path, "it is read, too; choose another output");
  return is_jpeg(path) ? write_jpeg(writer, picture, path) : write_ppm(picture, path);
}

static int by_path(const void *a, const void *b) { return strcmp(a, b); }

/* The path in the folder for a picture, whose name ends at `stem`: its own, or the first with a number that was not
   written yet. To be freed by the tree of those that were; NULL if memory ran out. */
static char *new_path(struct picture_writer *writer, const char *name, int stem, const char *extension) {
  const int is_last = writer->last_name && strlen(writer->last_name) == (size_t)stem &&
                      memcmp(writer->last_name, name, (size_t)stem) == 0;
  if (!is_last) {
    free(writer->last_name);
    writer->last_name = strndup(name, (size_t)stem);
    writer->last_number = 0;
  }
  size_t folder = strlen(writer->output);
  while (folder > 1 && writer->output[folder - 1] == '/') folder--;
  while (writer->last_name) {
    char number[16] = "";
    char *path;
    if (++writer->last_number > 1) snprintf(number, sizeof number, "-%u", writer->last_number);
    if (asprintf(&path, "%.*s/%.*s%s%s", (int)folder, writer->output, stem, name, number, extension) < 0) return NULL;
    char **found = tsearch(path, &writer->written, by_path);
    if (found && *found == path) return path;
    free(path);
    if (!found) return NULL;
  }
  return NULL;
}

/* Says why not and returns 0 if something is there already; of the source itself write_file says more. */
static int may_write(const struct picture_writer *writer, const char *path, const char *source) {
  struct stat status;
  if (lstat(path, &status) != 0 || is_same_file(path, source)) return 1;
  if (!writer->overwrites)
    return print_failure(path, "it is there already and is not overwritten; name another folder, move it away, or say"
                               " --overwrite");
  /* Where a link leads may be read, too. */
  return S_ISREG(status.st_mode) ||
         print_failure(path, "it is there already and is no regular file; name another folder, or move it away");
}

/* Under its own name, with a number if there was such a picture before; what is no JPEG becomes a PPM. */
static int write_into_folder(struct picture_writer *writer, const struct picture *picture) {
  const char *slash = strrchr(picture->name, '/');
  const char *name = slash ? slash + 1 : picture->name;
  const char *dot = strrchr(name, '.');
  const int stem = dot ? (int)(dot - name) : (int)strlen(name);
  const char *path = new_path(writer, name, stem, picture->jpeg && is_jpeg(name) ? dot : ".ppm");
  if (!path) return print_no_memory(name);
  if (!may_write(writer, path, picture->name)) return 0;
  writer->path = path;
  return write_file(writer, picture, path);
}

static int write_video(struct picture_writer *writer, const struct picture *picture) {
  uint8_t *encoded = NULL;
  const uint8_t *jpeg = picture->jpeg;
  size_t bytes = picture->jpeg_bytes;
  if (!picture->unchanged || !jpeg) {
    if (!encode(writer, picture, &encoded, &bytes)) return 0;
    jpeg = encoded;
  }
  const int done = fwrite(jpeg, 1, bytes, writer->video) == bytes;
  hr_jpeg_free(encoded);
  return done || print_failure(writer->video_path, strerror(errno));
}

int write_picture(struct picture_writer *writer, const struct picture *picture) {
  if (writer->kind == WRITE_PICTURE && writer->count++ > 0)
    return print_failure(writer->output, "there is more than one frame; name a folder or a .mjpeg, or say --frames 1");
  switch (writer->kind) {
    case WRITE_VIDEO: return write_video(writer, picture);
    case WRITE_FOLDER: return write_into_folder(writer, picture);
    default: return write_file(writer, picture, writer->output);
  }
}

void write_place(const struct picture_writer *writer) {
  if (writer->kind == WRITE_FOLDER) say(" -> %s", writer->path);
  putchar('\n');
}

int close_writer(struct picture_writer *writer, int keeps) {
  free(writer->last_name);
  tdestroy(writer->written, free);
  if (!writer->video) return 1;
  int done = fclose(writer->video) == 0;
  if (done && keeps)
    done = rename(writer->video_path, writer->target) == 0;
  else
    unlink(writer->video_path);
  if (!done) {
    print_failure(writer->output, strerror(errno));
    unlink(writer->video_path);
  }
  free(writer->video_path);
  free(writer->target);
  return done;
}
