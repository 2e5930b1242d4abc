/* headrace.h - runs compressed head models in fixed point and float32.

   The library allocates nothing, starts no thread, opens no file and keeps no global state. A
   caller opens a model over bytes that it owns, asks how much memory a session needs, hands over
   that memory, fills the inputs, runs, and reads the outputs:

       hr_model model;
       hr_session_config config;
       hr_session *session;
       hr_session_config_init(&config);
       if (hr_model_open(&model, bytes, byte_count, &error) != HR_OK) ...
       size_t memory_bytes = hr_session_bytes(&model, &config);
       void *memory = aligned_alloc(64, memory_bytes);
       if (hr_session_init(&session, memory, memory_bytes, &model, &config, &error) != HR_OK) ...
       hr_session_set_frame(session, 0, &frame, &error);
       hr_session_run(session, &error);
       hr_session_output(session, 0, &tensor);

   Every function that can fail returns an hr_status and, where it takes an hr_error, tells the
   cause and the remedy there. hr_error pointers may be NULL. No input, however broken, makes a
   function trap or touch memory outside what it was given. Pointers passed in must be valid.
   Besides the caller's memory the library uses the thread's stack: at most 64 KiB of it in
   hr_model_open, 32 KiB elsewhere.

   Structs that may grow begin with struct_size: set it to sizeof the struct, or call the _init
   function. A struct that is smaller than the library's is refused. Before version 1.0 structs grow
   without more ado: build programs with the header of the library that they link. */
#ifndef HEADRACE_H
#define HEADRACE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version ---------------------------------------------------------------------------- */

#define HR_VERSION_MAJOR 0
#define HR_VERSION_MINOR 1
#define HR_VERSION_PATCH 0

/* The ABI this header describes; compare with hr_abi_version() when linking dynamically. */
#define HR_ABI_VERSION 1

uint32_t hr_abi_version(void);
/* "MAJOR.MINOR.PATCH" of the library linked. */
const char *hr_version_string(void);

/* ---- Status ----------------------------------------------------------------------------- */

/* Values are pinned: they never change meaning, new ones are added at the end. */
typedef enum hr_status {
  HR_OK = 0,
  HR_INVALID_ARGUMENT = 1,   /* a NULL, an index out of range, a wrong struct_size */
  HR_OUT_OF_MEMORY = 2,      /* the memory handed over is too small */
  HR_BAD_MODEL = 3,          /* not a .hrm file, or damaged */
  HR_UNSUPPORTED_VERSION = 4,/* a .hrm file of a version this library does not read */
  HR_UNSUPPORTED_OPERATOR = 5,
  HR_BAD_FRAME = 6,          /* a frame whose size, stride or format makes no sense */
  HR_BAD_PAYLOAD = 7,        /* a packet that is damaged, or of another head */
  HR_BUFFER_TOO_SMALL = 8,   /* an output buffer is too small; the size needed is reported */
  HR_BAD_PICTURE = 9,        /* a JPEG, PPM or MJPEG file that cannot be decoded */
  HR_NOT_FOUND = 10,         /* no such file, device, tensor or metadata key */
  HR_DEVICE_ERROR = 11,      /* the operating system or a driver refused */
  HR_UNSUPPORTED_FORMAT = 12,/* a device or file offers nothing that we can use */
  HR_END_OF_STREAM = 13,     /* no more frames; not an error */
  HR_TIMED_OUT = 14
} hr_status;

/* The name of a status, for instance "HR_BAD_MODEL". Never NULL. */
const char *hr_status_string(hr_status status);

#define HR_NONE UINT32_MAX /* "no such index" in the fields of hr_error */

/* What went wrong, for a person and for a program. Fields that do not apply hold HR_NONE (indices)
   or 0 (numbers). message is one line that names the cause and the remedy, NUL-terminated. */
typedef struct hr_error {
  uint32_t struct_size;
  hr_status status;
  uint32_t operator_index; /* which operator of the model */
  uint32_t tensor_index;   /* which tensor of the model */
  uint64_t byte_offset;    /* where in the file or buffer */
  uint64_t needed;         /* bytes, pixels, ... that were needed */
  uint64_t available;      /* ... and that there were */
  char message[200];
} hr_error;

void hr_error_init(hr_error *error);

/* ---- Model ------------------------------------------------------------------------------ */

/* What a model needs, known before it is loaded. */
typedef struct hr_requirements {
  uint32_t struct_size;
  uint32_t input_count;
  uint32_t output_count;
  uint32_t operator_count;
  uint32_t uses_float;    /* 0: no floating-point instruction is executed in hr_session_run */
  uint32_t reserved;
  uint64_t file_bytes;    /* of the whole .hrm file */
  uint64_t weight_bytes;  /* of constants in it, used in place */
  uint64_t arena_bytes;   /* of working memory for tensors */
  uint64_t session_bytes; /* for one thread, arena included: what hr_session_init asks for */
  uint64_t macs;          /* multiply-accumulate operations of one run */
} hr_requirements;

#define HR_REQUIREMENTS_BYTES 4096 /* enough of a file's beginning for hr_model_requirements */

/* Reads what a model needs from the first bytes of its file: min(file size, 4,096) are enough.
   Checks the header only; hr_model_open checks everything. */
hr_status hr_model_requirements(const void *first_bytes, size_t byte_count,
                                hr_requirements *out, hr_error *error);

/* A verified model over bytes that the caller keeps alive and unchanged. Treat as opaque; copy
   freely. Any number of sessions may share one model. */
typedef struct hr_model {
  uint64_t opaque[16];
} hr_model;

/* Verifies everything, once, in linear time: bounds, alignment, shapes, operator arguments, arena
   extents, graph order and checksum. bytes must be 64-byte aligned (mmap and aligned_alloc are) and
   outlive the model. After HR_OK no run can touch memory outside the session's. */
hr_status hr_model_open(hr_model *out, const void *bytes, size_t byte_count, hr_error *error);

/* Operators that a program links. A model opened with a set runs on that set's code alone, and a linker
   that collects garbage (-Wl,--gc-sections) drops the rest of the library. */
typedef struct hr_operators hr_operators;

/* Everything: what hr_model_open uses. */
const hr_operators *hr_operators_all(void);

/* int8 networks of convolutions: conv2d, depthwise_conv2d, dense, pool2d, arithmetic of two tensors,
   lookup, reduce, softmax, concat, reshape and requantize, on int8 tensors alone. */
const hr_operators *hr_operators_int8_convolution(void);

/* hr_model_open with some operators only. HR_UNSUPPORTED_OPERATOR if the model needs another one, or
   one of them on another type; hr_error names which. */
hr_status hr_model_open_with(hr_model *out, const void *bytes, size_t byte_count,
                             const hr_operators *operators, hr_error *error);

hr_status hr_model_get_requirements(const hr_model *model, hr_requirements *out);

/* Text stored in the model: "name", "labels" (one a line), "licence", ... The value is not
   NUL-terminated and lives in the model's bytes. HR_NOT_FOUND if there is no such key. */
hr_status hr_model_metadata(const hr_model *model, const char *key, const char **value,
                            size_t *value_bytes);

/* Line number `index` of the metadata "labels", not NUL-terminated. */
hr_status hr_model_label(const hr_model *model, uint32_t index, const char **label,
                         size_t *label_bytes);

/* ---- Tensor ----------------------------------------------------------------------------- */

typedef enum hr_type {
  HR_FLOAT32 = 1,
  HR_INT8 = 2,
  HR_INT16 = 3,
  HR_INT32 = 4,
  HR_INT64 = 5
} hr_type;

#define HR_MAX_RANK 6

/* A view of a tensor. Pictures are N x H x W x C, sequences N x 1 x T x C: the channel runs
   fastest. Integer elements stand for real numbers: real = scale * (element - zero_point). */
typedef struct hr_tensor {
  uint32_t struct_size;
  hr_type type;
  uint32_t rank;
  uint32_t dims[HR_MAX_RANK]; /* unused ones are 1 */
  /* 1 if the network that was compiled had this tensor with channels before the spatial axes
     (N x C x H x W, or N x C x T for rank 3 given here as rank 4 with H = 1): a program that exchanges
     arrays with that network transposes. */
  uint32_t channels_first_source;
  uint32_t source_rank; /* the rank it had there */
  float scale;          /* 0 for float32 */
  int32_t zero_point;
  void *data;           /* 64-byte aligned */
  size_t bytes;
  const char *name;     /* NUL-terminated, in the model's bytes */
} hr_tensor;

/* Inputs and outputs as the model describes them; data is NULL. */
hr_status hr_model_input(const hr_model *model, uint32_t index, hr_tensor *out);
hr_status hr_model_output(const hr_model *model, uint32_t index, hr_tensor *out);

/* Converts between real numbers and a tensor's elements, rounding to nearest, saturating; NaN becomes
   the integer that stands for 0. count must be the tensor's number of elements, in the tensor's own order. */
hr_status hr_tensor_read_float(const hr_tensor *tensor, float *out, size_t count);
hr_status hr_tensor_write_float(const hr_tensor *tensor, const float *values, size_t count);

/* ---- Session ---------------------------------------------------------------------------- */

/* Calls body(context, i) once for every i in 0 ..< count, in any order, on any threads, and returns
   when all are done. Results never depend on how the parts are spread. If it returns earlier,
   hr_session_run or hr_enhance says so and fails; what body still does then stays inside the session's memory, and
   of an enhancer inside its own and that of the frame and of out, which have to stay until then. The next run fails
   while a body is at work; one that begins later does nothing. */
typedef void (*hr_parallel_body)(void *context, uint32_t index);
typedef void (*hr_parallel_for)(void *parallel_context, uint32_t count, hr_parallel_body body,
                                void *context);

/* A monotonic clock in nanoseconds. */
typedef uint64_t (*hr_clock)(void *clock_context);

/* Called after each operator with its first output, still in the arena: for measurement and
   debugging. Nothing may be written. */
typedef void (*hr_observer)(void *observer_context, uint32_t operator_index,
                            const hr_tensor *output);

/* CPU features a session may use; 0 is always right. headrace_io.h has hr_cpu_detect(). */
enum {
  HR_CPU_DOTPROD = 1u << 0, /* aarch64: sdot */
  HR_CPU_I8MM = 1u << 1,    /* aarch64: smmla; no kernel uses it */
  HR_CPU_AVX2 = 1u << 2,    /* x86-64-v3 */
  HR_CPU_VNNI = 1u << 3     /* x86-64: AVX-512 VNNI and VL */
};

typedef struct hr_session_config {
  uint32_t struct_size;
  uint32_t cpu_features;  /* HR_CPU_*; must be features that the CPU has */
  uint32_t threads;       /* how many threads parallel uses, 1 ... 64; 1 if parallel is NULL */
  uint32_t reserved;
  hr_parallel_for parallel; /* NULL: everything runs in the calling thread */
  void *parallel_context;
  hr_clock clock;           /* NULL: no profile */
  void *clock_context;
  hr_observer observer;     /* NULL: none */
  void *observer_context;
} hr_session_config;

/* One thread, no clock, no CPU features beyond the baseline. */
void hr_session_config_init(hr_session_config *config);

typedef struct hr_session hr_session; /* lives in the caller's memory; nothing to close */

/* Bytes that hr_session_init needs with this configuration; 0 on an invalid argument. */
size_t hr_session_bytes(const hr_model *model, const hr_session_config *config);

/* Sets a session up inside memory (64-byte aligned), which belongs to it until the caller reuses
   it. The model's bytes must stay alive. A session serves one thread at a time. */
hr_status hr_session_init(hr_session **out, void *memory, size_t memory_bytes,
                          const hr_model *model, const hr_session_config *config,
                          hr_error *error);

/* Inputs may be written, and outputs read, between runs. A run may use an input's memory for other
   tensors once it has read it: write every input before each run. Outputs may lie where inputs do:
   read, pack or share what a run made before writing the next input, or setting the next frame. */
hr_status hr_session_input(hr_session *session, uint32_t index, hr_tensor *out);
hr_status hr_session_output(hr_session *session, uint32_t index, hr_tensor *out);

hr_status hr_session_run(hr_session *session, hr_error *error);

/* The time that each operator took in the last run; needs a clock. A convolution may do the sum behind it as well, which
   then takes none. */
typedef struct hr_operator_profile {
  uint32_t struct_size;
  uint32_t operator_index;
  const char *operator_name; /* "conv2d", "add", ...; static */
  const char *output_name;   /* NUL-terminated, in the model's bytes */
  uint64_t nanoseconds;
  uint64_t macs;
} hr_operator_profile;
hr_status hr_session_profile(const hr_session *session, uint32_t operator_index,
                             hr_operator_profile *out);

/* The name of the kernels chosen, for instance "baseline" or "dotprod". */
const char *hr_session_kernels(const hr_session *session);

/* ---- Frame ------------------------------------------------------------------------------ */

typedef enum hr_pixel_format {
  HR_RGB24 = 1,  /* R G B */
  HR_BGR24 = 2,  /* B G R */
  HR_RGBA32 = 3, /* R G B A, A ignored */
  HR_GRAY8 = 4,
  HR_YUYV = 5,   /* Y0 U Y1 V, even width */
  HR_NV12 = 6,   /* plane 0: Y; plane 1: U V at half size each way */
  HR_NV21 = 7,   /* plane 0: Y; plane 1: V U */
  HR_I420 = 8    /* planes Y, U, V */
} hr_pixel_format;

#define HR_MAX_FRAME_SIDE 16384

/* A picture in memory. strides are in bytes, positive, at least a row's bytes. Planes that a
   format does not have are not looked at. YUV is BT.601, of limited range if full_range is 0, else of full range (JPEG
   and most webcams' MJPEG). Odd sizes of NV12, NV21 and I420 round the chroma planes up. */
typedef struct hr_frame {
  uint32_t struct_size;
  hr_pixel_format format;
  uint32_t width;
  uint32_t height;
  uint32_t full_range;
  uint32_t reserved;
  const uint8_t *planes[3];
  size_t strides[3];
  size_t plane_bytes[3]; /* bytes readable from each plane: checked against size and stride */
} hr_frame;

void hr_frame_init(hr_frame *frame);

/* Describes a tightly packed frame in one buffer: sets planes, strides and plane_bytes. */
hr_status hr_frame_wrap(hr_frame *frame, hr_pixel_format format, uint32_t width, uint32_t height,
                        const uint8_t *bytes, size_t byte_count, hr_error *error);

typedef enum hr_fit {
  HR_FIT_MODEL = 0,     /* what a model's metadata says, as hr_session_set_frame fits; no value for hr_frame_to_rgb */
  HR_FIT_STRETCH = 1,   /* to the target's size, whatever the aspect */
  HR_FIT_CROP = 2,      /* scale until the shorter side fits, keep the centre */
  HR_FIT_LETTERBOX = 3  /* scale until the longer side fits, pad with gray 114 */
} hr_fit;

typedef enum hr_filter {
  HR_FILTER_AUTO = 0,     /* area when shrinking, bilinear when enlarging */
  HR_FILTER_BILINEAR = 1, /* half-pixel centres, no antialiasing */
  HR_FILTER_AREA = 2      /* the mean of the pixels covered */
} hr_filter;

/* Converts, scales and fits a frame into width x height RGB24 at out (stride in bytes). All in
   integers: the same bytes on every CPU. Formats of R, G and B, and gray, are exact to rounding. Y, U and V are
   scaled as they are, each sample of U and V standing for all of its pixels, in units of 1/32; the colour matrix
   comes after that, once for each pixel of the result. That is within 0.6 of exact arithmetic, in which colours
   that RGB does not have are cut off after scaling, as they are here. */
hr_status hr_frame_to_rgb(const hr_frame *frame, hr_fit fit, hr_filter filter, uint8_t *out,
                          size_t out_stride, uint32_t width, uint32_t height, hr_error *error);

/* Converts, scales, fits and normalises a frame into a picture input (N x H x W x 1 or 3), as the
   model's own metadata says: colour order, mean, standard deviation, fit. Integer inputs are filled
   without floating point. */
hr_status hr_session_set_frame(hr_session *session, uint32_t input_index, const hr_frame *frame,
                               hr_error *error);

/* The smallest frame that loses nothing for this input: a decoder may scale down to this. */
hr_status hr_model_frame_size(const hr_model *model, uint32_t input_index, uint32_t *width,
                              uint32_t *height);

/* ---- Split computing --------------------------------------------------------------------- */

/* A packet is 24 bytes of header, its CRC-32C among them, and a body: a latent in layers, the answer to one, or a
   refusal. The head's latent is sent in layers of channels, of each element perhaps without its lowest bits, and a
   packet may be cut to fewer layers on its way. The head's file says for each rate how many layers and bits that is;
   rate 0 is the smallest. Where it does not, rate r sends layers 0 to r and all bits; where it says nothing of layers
   either there is one, and rates drop bits: 6 at rate 0, none at rate 6. */
#define HR_PACKET_HEADER_BYTES 24
#define HR_MAX_PACKET_BYTES (HR_PACKET_HEADER_BYTES + 65535)
#define HR_MAX_LAYERS 15
#define HR_MAX_RATES 15
#define HR_MAX_CLASSES 8

typedef enum hr_packet_kind {
  HR_PACKET_LATENT = 1,
  HR_PACKET_ANSWER = 2,
  HR_PACKET_REFUSAL = 3 /* instead of an answer: the tail says why */
} hr_packet_kind;

typedef struct hr_packet_info {
  uint32_t struct_size;
  hr_packet_kind kind;
  uint32_t model_id; /* of the head: the CRC-32C that its file's header holds */
  uint32_t sequence; /* of the frame; an answer has its packet's */
  uint64_t capture_us; /* when the frame was captured, by the sender's clock, modulo 2^48 */
  uint32_t layers;    /* of a latent: how many are there */
  uint32_t precision; /* of a latent: how many of the lowest bits were dropped */
  uint32_t body_bytes;
} hr_packet_info;

/* Reads and checks a packet: length, version, kind and checksum. Needs no model. HR_BAD_PAYLOAD says what is wrong. */
hr_status hr_packet_inspect(const uint8_t *packet, size_t packet_bytes, hr_packet_info *out, hr_error *error);

/* How many bytes the packet at the beginning of a stream has, from its first HR_PACKET_HEADER_BYTES; only magic,
   version and kind are checked, so that a reader knows that it is in step. */
hr_status hr_packet_length(const uint8_t *first_bytes, size_t *out_bytes, hr_error *error);

/* Leaves out a latent's layers from `layers` on, in place, and seals it anew. Needs no model. */
hr_status hr_packet_cut(uint8_t *packet, size_t *packet_bytes, uint32_t layers, hr_error *error);

/* A head's or a tail's end of the link: it lives in the caller's memory; nothing to close. */
typedef struct hr_split hr_split;

/* Bytes that hr_split_head_init and hr_split_tail_init need for this head: with a learned prior some 30 KiB for a latent
   of 8 KiB, else some 320 bytes. 0 if it has no int8 or int16 output, or describes its latent wrongly. */
size_t hr_split_bytes(const hr_model *head);

/* Sends output 0 of a head's session. memory is 64-byte aligned; the session must live as long. */
hr_status hr_split_head_init(hr_split **out, void *memory, size_t memory_bytes, hr_session *head, hr_error *error);

/* Fills input 0 of a tail's session from packets of `head`, whose file a tail may have brought with it: with head
   NULL the tail's own model says which head it belongs to (headrace compile --head), and its model is what
   hr_split_bytes wants. The model must live as long. */
hr_status hr_split_tail_init(hr_split **out, void *memory, size_t memory_bytes, hr_session *tail,
                             const hr_model *head, hr_error *error);

/* How many rates there are, at least one: rates are 0 to one less. */
uint32_t hr_split_rates(const hr_split *split);
/* The head's identity, as packets have it. */
uint32_t hr_split_model_id(const hr_split *split);

typedef struct hr_split_request {
  uint32_t struct_size;
  uint32_t rate;
  uint32_t sequence;
  uint32_t max_bytes;  /* of the packet with its header, at least 24; 0: as much as a packet can have */
  uint64_t capture_us;
} hr_split_request;

/* What was packed. Above max_bytes there are as many of the rate's layers as fit, of the precision of the highest lower
   rate that goes with so many; where the first one alone is too long, it drops the lowest bits; where nothing helps,
   there are no layers. */
typedef struct hr_split_result {
  uint32_t struct_size;
  uint32_t packet_bytes;
  uint32_t layers;    /* sent */
  uint32_t precision; /* how many of the lowest bits were dropped */
  uint32_t lost_permille; /* of the latent's energy about its zero point; 0 is lossless, 1000 all */
  uint32_t layer_ends[HR_MAX_LAYERS]; /* what hr_packet_cut leaves of the packet with 1, 2, ... layers, in bytes */
} hr_split_result;

/* Packs the latent of the session's last run, zeros before the first. Never writes more than max_bytes or capacity.
   result may be NULL. */
hr_status hr_split_pack(hr_split *head, const hr_split_request *request, uint8_t *out, size_t capacity,
                        size_t *out_bytes, hr_split_result *result, hr_error *error);

/* Fills the tail's input from a packet; elements of layers that are not there become zero. The tail does not run.
   HR_BAD_PAYLOAD: damaged, of another head, or no latent; the input is then without meaning. info may be NULL. */
hr_status hr_split_unpack(hr_split *tail, const uint8_t *packet, size_t packet_bytes, hr_packet_info *info,
                          hr_error *error);

/* Fills input `input_index` of another session on the same board, an early exit's or a whole tail's, with the head's
   latent as a packet of this rate would bring it. */
hr_status hr_split_share(hr_split *head, uint32_t rate, hr_session *other, uint32_t input_index, hr_error *error);

typedef struct hr_class {
  uint32_t index; /* up to 65,535 */
  float probability;
} hr_class;

/* What a tail says of a frame. */
typedef struct hr_answer {
  uint32_t struct_size;
  hr_status status;   /* HR_OK; else why the tail refused the packet, and there are no classes */
  uint32_t model_id;
  uint32_t sequence;
  uint64_t capture_us; /* the packet's own */
  uint32_t tail_us;   /* what the tail spent on it, waiting included, in microseconds */
  uint32_t class_count;
  hr_class classes[HR_MAX_CLASSES]; /* the likeliest first */
} hr_answer;

/* The likeliest classes of a session's last run, whose output 0 holds a number for each class: sets class_count (at
   most `most`, which is 1 ... HR_MAX_CLASSES) and classes alone. */
hr_status hr_answer_from_session(hr_answer *answer, hr_session *session, uint32_t most, hr_error *error);

#define HR_MAX_ANSWER_BYTES (HR_PACKET_HEADER_BYTES + 4 + 4 * HR_MAX_CLASSES)
/* Writes an answer or, where status is not HR_OK, a refusal: at most HR_MAX_ANSWER_BYTES. */
hr_status hr_answer_pack(const hr_answer *answer, uint8_t *out, size_t capacity, size_t *out_bytes, hr_error *error);
/* Reads either. */
hr_status hr_answer_unpack(const uint8_t *packet, size_t packet_bytes, hr_answer *out, hr_error *error);

/* ---- Sound localization ------------------------------------------------------------------ */

#define HR_MAX_MICROPHONES 16
#define HR_MAX_DIRECTIONS 4
#define HR_MAX_TRACKS 8

/* A microphone array. Coordinates are in metres, within a kilometre of the origin; azimuth is the angle from x
   towards y, elevation that from the plane towards z. Microphones in a line tell no side from its mirror image. */
typedef struct hr_array {
  uint32_t struct_size;
  uint32_t microphone_count;               /* 2 ... HR_MAX_MICROPHONES */
  float positions[HR_MAX_MICROPHONES][3];
  uint32_t channels[HR_MAX_MICROPHONES];   /* which channel each microphone is, from 0 */
  uint32_t channel_count;                  /* of the device; 1 ... 64 */
  uint32_t sample_rate;                    /* 8,000 ... 192,000 Hz */
} hr_array;

/* A known array, as its device delivers it; of a recording, set channel_count and sample_rate, and channels if it
   holds the microphones alone: "respeaker-4", "respeaker-usb", "respeaker-6", "matrix-voice", "matrix-creator",
   "uma-8". HR_NOT_FOUND lists them. */
hr_status hr_array_named(hr_array *out, const char *name, hr_error *error);
/* The names, by index; NULL behind the last. */
const char *hr_array_name(uint32_t index);

typedef enum hr_locate_method {
  HR_LOCATE_MUSIC = 1,    /* normalised MUSIC on what the direct sound dominates */
  HR_LOCATE_SRP_PHAT = 2, /* steered response power with phase transform */
  HR_LOCATE_NETWORK = 3,  /* a network reads what both say in bands of frequencies */
  HR_LOCATE_WIDEBAND_MUSIC = 4, /* MUSIC of every frequency alike, its spectra added as they are */
  HR_LOCATE_SAMPLES = 5   /* a network made for one array reads samples, and counts with MUSIC's votes */
} hr_locate_method;

typedef enum hr_arithmetic {
  HR_ARITHMETIC_FLOAT = 1,
  HR_ARITHMETIC_FIXED = 2 /* the same results on every CPU, to the bit */
} hr_arithmetic;

typedef enum hr_sample_format { HR_S16 = 1, HR_S32 = 2, HR_F32 = 3 } hr_sample_format;

typedef struct hr_direction {
  float azimuth;   /* degrees, 0 ... 360 */
  float elevation; /* degrees, -90 ... 90 */
  float x, y, z;   /* the same as a unit vector */
  float energy;    /* 0 ... 1: how far the direction stands out, or how likely the network finds a talker near it
                      (HR_LOCATE_NETWORK: 0 ... 0.85); near 0 in silence, small in noise from all around */
} hr_direction;

typedef struct hr_track {
  uint32_t id; /* 1, 2, ...: kept as long as the source is followed */
  hr_direction direction;
  float activity; /* 0 ... 1: how much was heard of it lately */
} hr_track;

typedef struct hr_delay {
  float microseconds; /* by how much later than the first microphone this one hears the strongest sound */
  float agreement;    /* 0 ... 1: of all frequencies */
} hr_delay;

typedef struct hr_location {
  uint32_t struct_size;
  uint32_t direction_count;
  uint64_t sample; /* how many samples of each channel had been taken in */
  hr_direction directions[HR_MAX_DIRECTIONS]; /* potential sources, the strongest first */
  uint32_t track_count;
  hr_track tracks[HR_MAX_TRACKS];
  float level_db; /* power between low_hz and high_hz in the last tenth of a second, in dB of full scale squared */
  float noise_db; /* the noise floor: its least in two seconds, which lies below the mean, and 1.8 dB */
  uint32_t is_active; /* 1: the level is at least 4 dB above the floor */
  hr_delay delays[HR_MAX_MICROPHONES]; /* by GCC-PHAT, where the configuration asks for them; else 0 */
} hr_location;

/* Called from hr_locator_process; must not touch the locator or its memory. */
typedef void (*hr_location_handler)(void *handler_context, const hr_location *location);

typedef struct hr_locator_config {
  uint32_t struct_size;
  hr_locate_method method;
  hr_arithmetic arithmetic;
  uint32_t azimuths;   /* directions around, 24 ... 360 */
  uint32_t elevations; /* rows of them, evenly from 0 up to below 90 degrees; 1 ... 18 */
  float low_hz, high_hz; /* 0 ... 96,000, and 500 Hz between low_hz and the lesser of high_hz and half the rate */
  uint32_t window_ms;  /* how long sound counts, at most 60,000; 0: since the beginning */
  uint32_t period_ms;  /* from one location to the next, 8 ... 10,000 */
  uint32_t max_directions; /* 1 ... HR_MAX_DIRECTIONS */
  uint32_t delays;     /* 1: tell the delays between microphones too */
  hr_location_handler handler; /* called from hr_locator_process */
  void *handler_context;
  hr_session *network; /* of HR_LOCATE_NETWORK, of a model made for it; the locator runs it while it lives. Fixed
                          arithmetic takes models in fixed point alone, here and below.
                          Azimuths and frequencies are then the model's, and elevations 1. */
  /* Of HR_LOCATE_SAMPLES: of models NAME and NAME.judge, for microphones where the metadata "microphones" of the
     first has them, in any order, 0.78 to 1.28 times as far apart, and for a sampling rate of n times 16 kHz. Whole
     degrees around are then told apart, and elevations are 1. */
  hr_session *samples, *judge;
} hr_locator_config;

/* MUSIC in float, 180 azimuths, one row, 300 ... 7,000 Hz, 250 ms, every 64 ms, two directions. */
void hr_locator_config_init(hr_locator_config *config);

typedef struct hr_locator hr_locator; /* lives in the caller's memory; nothing to close */

/* Bytes that hr_locator_init needs; 0 on an invalid argument. */
size_t hr_locator_bytes(const hr_array *array, const hr_locator_config *config);

hr_status hr_locator_init(hr_locator **out, void *memory, size_t memory_bytes, const hr_array *array,
                          const hr_locator_config *config, hr_error *error);

/* Takes in `frames` samples of each of the array's channels, interleaved; any number of them. samples are aligned for
   their type; of HR_F32 full scale is -1 ... 1. A number that is none, or beyond 2^25, is refused with nothing taken in.
   Where a network fails the call ends there: what came before counts, and the rest of the samples is lost. */
hr_status hr_locator_process(hr_locator *locator, const void *samples, hr_sample_format format,
                             size_t frames, hr_error *error);

/* ---- Low light --------------------------------------------------------------------------- */

/* Makes dark frames bright: a network looks at a small copy and says which gamma, colour matrix and offset the
   full frame gets; a second one may clean the result, tile by tile without a seam. Light frames come back as they
   were. */
typedef struct hr_enhancer_config {
  uint32_t struct_size;
  uint32_t max_width, max_height; /* of frames; up to HR_MAX_FRAME_SIDE */
  uint32_t cpu_features;          /* HR_CPU_*; must be features that the CPU has */
  hr_session *tone;               /* of a tier's tone model; the enhancer runs it while it lives */
  hr_session *clean;              /* of its clean model, likewise; NULL: tones are all that is changed */
  float response_ms; /* 0 ... 10,000; how quickly a video follows a change of light: two thirds of it in so long */
  uint32_t threads;               /* how many threads parallel uses, 1 ... 64; 1 if parallel is NULL */
  hr_parallel_for parallel;       /* NULL: all but the networks runs in the calling thread; they have their own */
  void *parallel_context;
  hr_clock clock;                 /* NULL: nothing is timed */
  void *clock_context;
} hr_enhancer_config;

/* One thread, 120 ms; sizes and tone have to be set, and clean where the tones are of a tier that has one. */
void hr_enhancer_config_init(hr_enhancer_config *config);

typedef struct hr_enhancer hr_enhancer; /* lives in the caller's memory; nothing to close */

/* Bytes that hr_enhancer_init needs: about 250 KiB and for each thread some 21 for each column; with clean 3 more for
   each pixel of a frame, and for each thread 12 for each column of the model's tile if that is more. 0 on an invalid
   argument. */
size_t hr_enhancer_bytes(const hr_enhancer_config *config);

hr_status hr_enhancer_init(hr_enhancer **out, void *memory, size_t memory_bytes, const hr_enhancer_config *config,
                           hr_error *error);

/* What was done to a frame. */
typedef struct hr_enhancement {
  uint32_t struct_size;
  float mean_root; /* 0.01 ... 1: how light it was, as the mean of the roots of its small copy */
  float gamma;     /* 0.2 ... 0.8 */
  float strength;  /* 1: all of the change, 0: none, for it was light */
  /* Nanoseconds by the configuration's clock, 0 without one: of making what the networks read (the small copy, tiles
     with tones mapped), of the networks, and of making the result of what they say. */
  uint64_t prepare_ns, network_ns, finish_ns;
} hr_enhancement;

/* Enhances a frame into height rows of RGB24 at out, out_stride bytes apart. out may be an RGB24 frame's own plane
   with its stride. elapsed_us is the time since the frame before, whose light it then follows without flicker; 0 for
   a picture of its own. done may be NULL. */
hr_status hr_enhance(hr_enhancer *enhancer, const hr_frame *frame, uint64_t elapsed_us, uint8_t *out,
                     size_t out_stride, hr_enhancement *done, hr_error *error);

/* ---- Known blur -------------------------------------------------------------------------- */

/* Takes a known blur out of frames by Wiener deconvolution, by Fourier transform in float: of the picture and, with
   networks, of features of it, each with the noise that a median filter tells; then the second network cleans what
   comes out. */
typedef struct hr_deblur_config {
  uint32_t struct_size;
  uint32_t max_width, max_height;   /* of frames; up to 8192 */
  uint32_t cpu_features;            /* HR_CPU_*; must be features that the CPU has */
  uint32_t kernel_width, kernel_height; /* odd, 1 ... 63 */
  const float *kernel; /* [kernel_height][kernel_width]: where light of the middle went; 0 ... 10^6, of any sum.
                          hr_deblur_init copies it */
  hr_session *features; /* of the features model of deblurring, and */
  hr_session *clean;    /* of its clean model; both NULL: the picture alone is deconvolved */
} hr_deblur_config;

/* Everything but struct_size is zero; sizes and the kernel have to be set. */
void hr_deblur_config_init(hr_deblur_config *config);

typedef struct hr_deblur hr_deblur; /* lives in the caller's memory; nothing to close */

/* Bytes that hr_deblur_init needs, about 55 (with networks; 31 without) for each pixel of a frame that is 64 pixels
   wider and higher; 0 on an invalid argument. */
size_t hr_deblur_bytes(const hr_deblur_config *config);

hr_status hr_deblur_init(hr_deblur **out, void *memory, size_t memory_bytes, const hr_deblur_config *config,
                         hr_error *error);

/* Writes a frame without the blur into height rows of RGB24 at out, out_stride bytes apart. out may be an RGB24
   frame's own plane with its stride. noise_to_signal may be NULL; it becomes the mean over the picture's channels of
   what a median filter takes, as a share of the variance. */
hr_status hr_deblur_run(hr_deblur *deblur, const hr_frame *frame, uint8_t *out, size_t out_stride,
                        float *noise_to_signal, hr_error *error);

/* CRC-32C (Castagnoli, reflected, as in iSCSI): hr_crc32c("123456789", 9) is 0xe3069283. */
uint32_t hr_crc32c(const void *bytes, size_t byte_count);

#ifdef __cplusplus
}
#endif

#endif /* HEADRACE_H */
