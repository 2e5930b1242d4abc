/* play.c DEVICE FILE - runs on the emulated board: plays raw sound of four channels, 16 bits at 16 kHz, over and
   over until its device is gone. */
#include <alsa/asoundlib.h>
#include <stdio.h>

enum { FRAMES = 256, CHANNELS = 4, RATE = 16000, LATENCY_US = 100000, PATIENCE_MS = 1000 };

int main(int count, char **arguments) {
  static short samples[FRAMES * CHANNELS];
  snd_pcm_t *pcm;
  FILE *file = count == 3 ? fopen(arguments[2], "rb") : NULL;
  if (!file || snd_pcm_open(&pcm, arguments[1], SND_PCM_STREAM_PLAYBACK, 0) < 0 ||
      snd_pcm_set_params(pcm, SND_PCM_FORMAT_S16_LE, SND_PCM_ACCESS_RW_INTERLEAVED, CHANNELS, RATE, 0,
                         LATENCY_US) < 0) {
    fprintf(stderr, "play: cannot play\n");
    return 1;
  }
  for (;;) {
    /* On an emulated CPU the card stands still at times, from its start on; it is started again. */
    if (snd_pcm_state(pcm) == SND_PCM_STATE_RUNNING && snd_pcm_wait(pcm, PATIENCE_MS) == 0) {
      snd_pcm_drop(pcm);
      snd_pcm_prepare(pcm);
    }
    const size_t frames = fread(samples, 2 * CHANNELS, FRAMES, file);
    if (frames < FRAMES) rewind(file);
    const snd_pcm_sframes_t played = frames ? snd_pcm_writei(pcm, samples, frames) : 0;
    if (played < 0 && snd_pcm_recover(pcm, (int)played, 1) < 0) {
      fprintf(stderr, "play: %s\n", snd_strerror((int)played));
      return 1;
    }
  }
}
