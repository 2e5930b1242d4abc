"""directions.py OUT [SECONDS] - a recording of known directions: noise from 60 degrees, a pause, and noise from
200 degrees, as four microphones on a square hear it, 16 bits at 16 kHz. Writes OUT.wav, the same samples as
OUT.raw, and the microphones as OUT.txt."""
import array
import math
import random
import sys
import wave

RATE, SOUND, TAPS = 16000, 343.0, 15
MICROPHONES = [(0.029, 0.029), (-0.029, 0.029), (-0.029, -0.029), (0.029, -0.029)]


def delayed(signal, delay):
    """The signal later by a fraction of a sample, by a windowed sinc."""
    weights = []
    for tap in range(-TAPS, TAPS + 1):
        x = tap - delay
        sinc = 1.0 if x == 0 else math.sin(math.pi * x) / (math.pi * x)
        weights.append((tap, sinc * (0.5 + 0.5 * math.cos(math.pi * x / (TAPS + 2)))))
    count = len(signal)
    return [
        sum(weight * signal[i - tap] for tap, weight in weights if 0 <= i - tap < count)
        for i in range(count)]


def heard(azimuth, count, generator):
    """Noise from far away: a microphone nearer to it hears it earlier."""
    noise = [generator.gauss(0, 3000) for _ in range(count)]
    x, y = math.cos(math.radians(azimuth)), math.sin(math.radians(azimuth))
    return [delayed(noise, -(a * x + b * y) / SOUND * RATE) for a, b in MICROPHONES]


def main(out, seconds=1.5):
    generator = random.Random(7)
    count = int(float(seconds) * RATE)
    pause = [[generator.gauss(0, 2) for _ in range(RATE // 2)] for _ in MICROPHONES]
    parts = [heard(60, count, generator), pause, heard(200, count, generator), pause]
    channels = [sum((part[i] for part in parts), []) for i in range(len(MICROPHONES))]
    samples = array.array("h", (
        max(-32768, min(32767, round(value))) for frame in zip(*channels) for value in frame))
    with wave.open(out + ".wav", "wb") as file:
        file.setnchannels(len(MICROPHONES))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    with open(out + ".raw", "wb") as file:
        file.write(samples.tobytes())
    with open(out + ".txt", "w") as file:
        for channel, (x, y) in enumerate(MICROPHONES):
            file.write(f"{channel} {x} {y}\n")


main(*sys.argv[1:])
