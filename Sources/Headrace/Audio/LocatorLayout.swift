import CHeadrace

/// Sizes of a locator, and where its parts lie in the caller's memory, each 64-byte aligned.
struct LocatorLayout {
  let microphones: Int
  /// Samples of a frame, a power of two or three times one: about 16 ms.
  let frame: Int
  /// From one frame to the next: half of it.
  let hop: Int
  /// Bins of the spectrum that count.
  let firstBin: Int
  let bins: Int
  let directions: Int
  /// A multiple of eight.
  let paddedDirections: Int

  let window: Int
  let history: Int
  let windowed: Int
  let fourier: Int
  let spectra: Int
  let covariances: Int
  let vectors: Int
  let steering: Int
  let scores: Int
  let work: Int
  /// With a network: its evidence, and the logarithms of what it found.
  let evidence: Int
  let logarithms: Int
  let byteCount: Int

  init(_ array: MicrophoneArray, _ config: LocatorConfiguration) {
    microphones = array.count
    frame = Self.frameLength(array.sampleRate)
    hop = frame / 2
    let binWidth = Float(array.sampleRate) / Float(frame)
    let first = max(1, Int(ceilf(config.low / binWidth)))
    let last = min(frame / 2 - 1, Int(floorf(config.high / binWidth)))
    firstBin = first
    bins = max(0, last - first + 1)
    directions = config.azimuths * config.elevations
    paddedDirections = (directions + 7) & ~7

    var end = 0
    func take(_ bytes: Int) -> Int {
      defer { end = (end + bytes + 63) & ~63 }
      return end
    }
    _ = take(MemoryLayout<Locator>.size)
    window = take(4 * frame)
    history = take(4 * frame * microphones)
    windowed = take(4 * frame)
    fourier = take(RealFourier<Float>.byteCount(frame))
    spectra = take(8 * (frame / 2 + 1) * microphones)
    covariances = take(8 * microphones * microphones * bins)
    vectors = take(8 * microphones * bins)
    steering = take(8 * paddedDirections * microphones * bins)
    scores = take(4 * paddedDirections)
    work = take(4 * paddedDirections)
    evidence = take(
      config.network.map { [bins] in
        DirectionEvidence.byteCount(bands: $0.bands, directions: $0.directions, bins: bins)
      } ?? 0)
    logarithms = take(config.network == nil ? 0 : 4 * paddedDirections)
    byteCount = end
  }

  private static func frameLength(_ rate: Int) -> Int {
    var length = 128
    // 256 at 16 kHz, 768 at 48 kHz: 16 ms; between 12 and 24 ms at other rates.
    while length * 1000 < rate * 12 { length *= 2 }
    return rate % 3000 == 0 && length * 3 / 4 * 1000 >= rate * 12 ? length * 3 / 4 : length
  }
}
