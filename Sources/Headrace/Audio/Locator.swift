import CHeadrace

/// Finds where sounds come from, frame by frame. Lies at the beginning of the caller's memory.
///
/// Each frame and frequency bin where one direct sound dominates votes for directions with the normalised
/// spectrum of MUSIC (Schmidt, 1986), weighed by how far it dominates; votes of a window add up. For SRP-PHAT
/// (DiBiase, 2000) every bin votes alike with the power of a beam of unit phasors. A network instead reads what
/// bands of frequencies say, and its probabilities of a window are averaged.
struct Locator {
  typealias Value = Complex<Float>

  private let mark: UInt
  let array: MicrophoneArray
  let configuration: LocatorConfiguration
  let layout: LocatorLayout
  private let fourier: RealFourier<Float>
  private let base: UnsafeMutableRawPointer
  /// How much older votes keep of their weight from frame to frame; 1: all.
  private let decay: Float
  /// The same of evidence.
  private let evidenceFade: Float
  /// Samples between locations.
  private let period: Int
  private var tracker = Tracker()

  /// Samples of the hop that have come.
  private var filled = 0
  private var samples: UInt64 = 0
  private var nextLocation: UInt64
  private var frames = 0
  private var votes: DirectionVotes
  private var evidence: DirectionEvidence?
  /// How much the logarithms of probabilities weigh.
  private var weight: Float = 0

  /// Seconds for which evidence lasts before a network reads it.
  private static var evidenceTime: Float { 0.1 }
  /// Keeps a moment in which a direction seemed impossible from ruling it out.
  private static var leastProbability: Float { 0.003 }

  /// How far a talker stands out of what a single source in silence would: reverberation and sensors' noise
  /// leave 0.1 to 0.3 of MUSIC's sharp peaks, half as much of a beam's.
  private var full: Float { configuration.method == HR_LOCATE_SRP_PHAT ? 0.125 : 0.25 }

  /// Weaker dominance than this does not vote.
  private static var leastDominance: Float { 0.3 }

  static func initialize(
    _ memory: UnsafeMutableRawPointer, byteCount: Int, _ array: MicrophoneArray,
    _ configuration: LocatorConfiguration
  ) throws(Failure) -> UnsafeMutablePointer<Locator> {
    let layout = LocatorLayout(array, configuration)
    guard UInt(bitPattern: memory) % 64 == 0 else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the locator's memory is not 64-byte aligned",
        remedy: "use aligned_alloc(64, ...)")
    }
    guard byteCount >= layout.byteCount else {
      throw Failure(
        HR_OUT_OF_MEMORY, "the locator's memory is too small",
        remedy: "hand over as much as hr_locator_bytes says", needed: UInt64(layout.byteCount),
        available: UInt64(byteCount))
    }
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: layout.byteCount)
    let locator = memory.assumingMemoryBound(to: Locator.self)
    locator.initialize(to: Locator(memory, array, configuration, layout))
    locator.pointee.prepare()
    return locator
  }

  private init(
    _ memory: UnsafeMutableRawPointer, _ array: MicrophoneArray,
    _ configuration: LocatorConfiguration, _ layout: LocatorLayout
  ) {
    mark = Self.mark(memory)
    self.array = array
    self.configuration = configuration
    self.layout = layout
    votes = DirectionVotes(
      DirectionGrid(azimuths: configuration.azimuths, elevations: configuration.elevations), layout,
      memory)
    fourier = RealFourier(layout.frame, in: memory + layout.fourier)
    base = memory
    let hopSeconds = Float(layout.hop) / Float(array.sampleRate)
    decay =
      configuration.windowMilliseconds == 0
      ? 1 : expf(-hopSeconds * 1000 / Float(configuration.windowMilliseconds))
    evidence = configuration.network.map {
      DirectionEvidence(
        bands: $0.bands, directions: $0.directions, in: memory + layout.evidence)
    }
    evidenceFade = expf(-hopSeconds / Self.evidenceTime)
    period = max(configuration.periodMilliseconds * array.sampleRate / 1000, 1)
    nextLocation = UInt64(period)
  }

  /// The locator behind a handle that hr_locator_init returned.
  static func at(_ handle: OpaquePointer?) throws(Failure) -> UnsafeMutablePointer<Locator> {
    guard let handle else { throw .invalidArgument("the locator is NULL") }
    let memory = UnsafeMutableRawPointer(handle)
    guard UInt(bitPattern: memory) % 64 == 0,
      case let locator = memory.assumingMemoryBound(to: Locator.self),
      locator.pointee.mark == mark(memory)
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "this is no locator",
        remedy: "pass what hr_locator_init returned, at the place where it was set up")
    }
    return locator
  }

  private static func mark(_ memory: UnsafeMutableRawPointer) -> UInt {
    ~UInt(bitPattern: memory) ^ 0x4c4f_4341
  }

  private func floats(_ offset: Int) -> UnsafeMutablePointer<Float> {
    (base + offset).assumingMemoryBound(to: Float.self)
  }
  private func values(_ offset: Int) -> UnsafeMutablePointer<Value> {
    (base + offset).assumingMemoryBound(to: Value.self)
  }

  private var binWidth: Float { Float(array.sampleRate) / Float(layout.frame) }
  private func frequency(_ bin: Int) -> Float { Float(layout.firstBin + bin) * binWidth }

  /// Fills window, steering vectors and the first guess of each bin's vector.
  private func prepare() {
    let window = floats(layout.window)
    for index in 0..<layout.frame {
      let turn = UInt32(truncatingIfNeeded: (UInt64(index) << 32) / UInt64(layout.frame))
      window[index] = 0.5 - 0.5 * Float(SineQ31.cosine(turn)) * 0x1p-31  // Hann, periodic
    }
    let vectors = values(layout.vectors)
    for index in 0..<layout.bins * layout.microphones { vectors[index] = Value(re: 1, im: 0) }
    votes.steer(array, firstBin: layout.firstBin, binWidth: binWidth)
    for bin in 0..<layout.bins { evidence?.place(bin: bin, at: frequency(bin)) }
  }

  /// Takes in samples of all channels, interleaved.
  mutating func process<Element: AudioSample>(
    _ interleaved: UnsafePointer<Element>, _ count: Int
  ) throws(Failure) {
    guard Element.areUsable(interleaved, count &* array.channelCount) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "a sample is not a number, or far beyond full scale",
        remedy: "check the sample format and what produces the sound")
    }
    for index in 0..<count {
      let frame = interleaved + index &* array.channelCount
      let newest = layout.frame &- layout.hop &+ filled
      for microphone in 0..<layout.microphones {
        floats(layout.history)[microphone &* layout.frame &+ newest] =
          frame[array.channel(microphone)].float
      }
      filled &+= 1
      samples &+= 1
      if filled == layout.hop {
        step()
        filled = 0
        if samples >= nextLocation {
          nextLocation = samples &+ UInt64(period)
          try report()
        }
      }
    }
  }

  /// Evaluates the frame that the newest hop completes.
  private mutating func step() {
    let spectra = values(layout.spectra)
    let bins = fourier.bins
    let (window, windowed) = (floats(layout.window), floats(layout.windowed))
    for microphone in 0..<layout.microphones {
      let history = floats(layout.history) + microphone &* layout.frame
      for index in 0..<layout.frame { windowed[index] = history[index] * window[index] }
      fourier.transform(windowed, to: spectra + microphone &* bins)
      history.update(from: history + layout.hop, count: layout.frame &- layout.hop)
    }
    // Up to what the first vote waits for: the first frames' matrices have rank one whatever is heard.
    frames = min(frames + 1, 3)
    let hasVotes = frames > 2
    votes.fade(to: decay)
    evidence?.fade(to: evidenceFade, hasVotes: hasVotes)
    for bin in 0..<layout.bins {
      let frame = spectra + (layout.firstBin &+ bin)
      if configuration.method != HR_LOCATE_MUSIC { addPower(frame, bin) }
      if configuration.method != HR_LOCATE_SRP_PHAT { addSubspace(frame, bin, hasVotes) }
    }
  }

  private mutating func addPower(_ frame: UnsafePointer<Value>, _ bin: Int) {
    var phases = InlineArray<16, Value>(repeating: .zero)
    guard Self.phases(frame, step: fourier.bins, layout.microphones, to: &phases) else { return }
    withUnsafePointer(to: &phases) { pointer in
      let phases = UnsafeRawPointer(pointer).assumingMemoryBound(to: Value.self)
      if let evidence {
        evidence.add(power: votes.power(phases, bin: bin), bin: bin)
      } else {
        votes.add(beamOf: phases, bin: bin)
      }
    }
  }

  private mutating func addSubspace(_ frame: UnsafePointer<Value>, _ bin: Int, _ hasVotes: Bool) {
    let vector = values(layout.vectors) + bin &* layout.microphones
    let covariance = SpatialCovariance(
      matrix: values(layout.covariances) + bin &* layout.microphones &* layout.microphones,
      vector: vector, microphones: layout.microphones)
    covariance.add(frame, step: fourier.bins)
    guard hasVotes else { return }
    let least = 1 / Float(layout.microphones)
    let dominance = (covariance.dominance() - least) / (1 - least)
    guard dominance > Self.leastDominance else { return }
    let weight = dominance * dominance
    if evidence != nil {
      let spectrum = votes.spectrum(vector, bin: bin, weight: weight)
      evidence?.add(votes: spectrum.values, factor: spectrum.factor, bin: bin)
    } else {
      votes.add(subspaceOf: vector, bin: bin, weight: weight)
    }
  }

  /// The phases of a bin alone, as a vector of length 1; false if a microphone is silent there.
  private static func phases(
    _ frame: UnsafePointer<Value>, step: Int, _ microphones: Int,
    to vector: inout InlineArray<16, Value>
  ) -> Bool {
    let share = 1 / sqrtf(Float(microphones))
    for microphone in 0..<microphones {
      let value = frame[microphone &* step]
      let magnitude = sqrtf(value.re * value.re + value.im * value.im)
      guard magnitude > 1e-9 else { return false }
      vector[microphone] = value.scaled(by: share / magnitude)
    }
    return true
  }

  /// Tells the handler what stands out, and what the tracker makes of it.
  private mutating func report() throws(Failure) {
    var location = hr_location()
    location.struct_size = UInt32(MemoryLayout<hr_location>.size)
    location.sample = samples
    let peaks = try peaks()
    location.direction_count = UInt32(peaks.count)
    for index in 0..<peaks.count { location.set(direction: index, peaks[index]) }
    tracker.update(peaks, elapsed: Float(period) / Float(array.sampleRate))
    tracker.fill(&location)
    if let handler = configuration.handler {
      handler(configuration.handlerContext, &location)
    }
  }

  private mutating func peaks() throws(Failure) -> Peaks {
    guard let network = configuration.network, let evidence else {
      return Peaks(votes, full: full, most: configuration.maxDirections)
    }
    let logarithms = floats(layout.logarithms)
    if evidence.presence > 0 {
      // The geometric mean over the window.
      let found = try network.run(evidence)
      let share =
        configuration.windowMilliseconds == 0
        ? 1
        : expf(-Float(period) * 1000 / Float(array.sampleRate * configuration.windowMilliseconds))
      // The first guesses rest on little.
      let completeness = evidence.completeness(fade: evidenceFade)
      let newest = completeness * completeness
      weight = weight * share + newest
      for index in 0..<network.directions {
        logarithms[index] =
          logarithms[index] * share + newest * logf(found[index] + Self.leastProbability)
      }
    }
    guard weight > 0 else { return Peaks() }
    let probabilities = votes.scores
    var sum: Float = 0
    for index in 0..<network.directions {
      probabilities[index] = expf(logarithms[index] / weight)
      sum += probabilities[index]
    }
    for index in 0..<network.directions { probabilities[index] /= sum }
    return Peaks(
      votes.grid, probabilities: probabilities, presence: evidence.presence,
      most: configuration.maxDirections)
  }
}
