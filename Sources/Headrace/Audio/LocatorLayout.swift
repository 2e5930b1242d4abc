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
  /// A multiple of eight: directions for which steering vectors lie there, all or, where each has an opposite one,
  /// half of them.
  let steeredDirections: Int
  /// Those, or twice as many: room for all directions.
  let paddedDirections: Int

  let window: Int
  let history: Int
  let windowed: Int
  let fourier: Int
  let spectra: Int
  /// Of each bin; where MUSIC's votes count, others behind them that are slower.
  let covariances: Int
  let covarianceStride: Int
  /// Of all microphones.
  let powers: Int
  let onsets: Int
  let votes: Int
  /// Where delays are asked for.
  let delays: Int
  /// With a network: its evidence, that as the network reads it, what it found, and the logarithms of that.
  let evidence: Int
  let maps: Int
  let probabilities: Int
  let logarithms: Int
  /// With a network that reads samples: their average, and what is likely around.
  let average: Int
  let distribution: Int
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
    let grid = DirectionGrid(azimuths: config.azimuths, elevations: config.elevations)
    steeredDirections = ((grid.half > 0 ? grid.half : grid.count) + 7) & ~7
    paddedDirections = grid.half > 0 ? 2 * steeredDirections : steeredDirections

    var end = 0
    func take(_ bytes: Int) -> Int {
      defer { end = (end + bytes + 63) & ~63 }
      return end
    }
    _ = take(max(MemoryLayout<Locator<Float>>.size, MemoryLayout<Locator<Q31>>.size))
    window = take(4 * frame)
    history = take(4 * frame * microphones)
    windowed = take(4 * frame)
    fourier = take(RealFourier<Float>.byteCount(frame))
    spectra = take(8 * (frame / 2 + 1) * microphones)
    covarianceStride =
      config.arithmetic == HR_ARITHMETIC_FIXED
      ? FixedCovariance.byteCount(microphones) : SpatialCovariance.byteCount(microphones)
    covariances = take(covarianceStride * bins * (config.votesSlowly ? 2 : 1))
    powers = take(4 * bins)
    onsets = take(config.weighsOnsets ? OnsetWeights.byteCount(bins: bins) : 0)
    votes = take(
      config.arithmetic == HR_ARITHMETIC_FIXED
        ? FixedVotes.byteCount(padded: paddedDirections, microphones: microphones, bins: bins)
        : DirectionVotes.byteCount(
          padded: paddedDirections, steering: steeredDirections * microphones * bins,
          products: config.network == nil
            ? 0 : PairProducts.byteCount(microphones: microphones, bins: bins)))
    delays = take(
      config.tellsDelays ? PairDelays.byteCount(microphones: microphones, bins: bins) : 0)
    evidence = take(
      config.network.map { [bins] in
        EvidenceShape.byteCount(bands: $0.bands, directions: $0.directions, bins: bins)
      } ?? 0)
    maps = take(4 * (config.network?.inputCount ?? 0))
    probabilities = take(config.network == nil ? 0 : 4 * paddedDirections)
    logarithms = take(config.network == nil ? 0 : 4 * paddedDirections)
    average = take(config.samples.map { SampleAverage.byteCount($0, array) } ?? 0)
    distribution = take(config.samples == nil ? 0 : 4 * AzimuthDistribution.count)
    byteCount = end
  }

  private static func frameLength(_ rate: Int) -> Int {
    var length = 128
    // 256 at 16 kHz, 768 at 48 kHz: 16 ms; between 12 and 24 ms at other rates.
    while length * 1000 < rate * 12 { length *= 2 }
    return rate % 3000 == 0 && length * 3 / 4 * 1000 >= rate * 12 ? length * 3 / 4 : length
  }
}
