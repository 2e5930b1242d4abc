import CHeadrace

/// Finds where sounds come from, frame by frame. Lies at the beginning of the caller's memory.
///
/// Each frame and frequency bin where one direct sound dominates votes for directions with the normalised
/// spectrum of MUSIC (Schmidt, 1986), weighed by how far it dominates; votes of a window add up. For SRP-PHAT
/// (DiBiase, 2000) every bin votes alike with the power of a beam of unit phasors.
struct Locator {
  typealias Value = Complex<Float>

  private let mark: UInt
  let array: MicrophoneArray
  let configuration: LocatorConfiguration
  let layout: LocatorLayout
  let grid: DirectionGrid
  private let fourier: RealFourier<Float>
  private let base: UnsafeMutableRawPointer
  /// How much older votes keep of their weight from frame to frame; 1: all.
  private let decay: Float
  /// Samples between locations.
  private let period: Int
  private var tracker = Tracker()

  /// Samples of the hop that have come.
  private var filled = 0
  private var samples: UInt64 = 0
  private var nextLocation: UInt64
  private var frames = 0
  /// What the direction straight above a single row of azimuths scores.
  private var overheadScore: Float = 0
  /// The weight of all votes in the window.
  private var votes: Float = 0

  /// How far a talker stands out of what a single source in silence would: reverberation and sensors' noise
  /// leave 0.1 to 0.3 of MUSIC's sharp peaks, half as much of a beam's.
  private var full: Float { configuration.method == HR_LOCATE_SRP_PHAT ? 0.125 : 0.25 }

  /// Directions that score less than this part of what straight above does are not told: low frequencies do
  /// not tell it from a talker far away, all frequencies together do.
  private static var overheadShare: Float { 0.5 }
  /// Weaker dominance than this does not vote.
  private static var leastDominance: Float { 0.3 }
  /// Keeps a single vote from outweighing a window: how near to perfect an agreement counts.
  private static var floor: Float { 0.05 }

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
    grid = DirectionGrid(azimuths: configuration.azimuths, elevations: configuration.elevations)
    fourier = RealFourier(layout.frame, in: memory + layout.fourier)
    base = memory
    let hopSeconds = Float(layout.hop) / Float(array.sampleRate)
    decay =
      configuration.windowMilliseconds == 0
      ? 1 : expf(-hopSeconds * 1000 / Float(configuration.windowMilliseconds))
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

  /// Fills window, steering vectors and the first guess of each bin's vector.
  private func prepare() {
    let window = floats(layout.window)
    for index in 0..<layout.frame {
      let turn = UInt32(truncatingIfNeeded: (UInt64(index) << 32) / UInt64(layout.frame))
      window[index] = 0.5 - 0.5 * Float(SineQ31.cosine(turn)) * 0x1p-31  // Hann, periodic
    }
    let vectors = values(layout.vectors)
    for index in 0..<layout.bins * layout.microphones { vectors[index] = Value(re: 1, im: 0) }
    for microphone in 0..<layout.microphones {
      let place = array.position(microphone)
      for direction in 0..<layout.directions {
        // Turns of phase for a hertz: sound reaches microphones on its side earlier.
        let delay = 0 - place.dot(grid.vector(direction)) / MicrophoneArray.speedOfSound
        for bin in 0..<layout.bins {
          let hertz =
            Float(layout.firstBin + bin) * Float(array.sampleRate) / Float(layout.frame)
          let angle = -2 * Float.pi * hertz * delay
          let steering = floats(layout.steering) + steeringOffset(bin, microphone) + direction
          steering[0] = cosf(angle)
          steering[layout.paddedDirections] = sinf(angle)
        }
      }
    }
  }

  /// Where the real parts of a bin's steering begin; the imaginary ones follow.
  private func steeringOffset(_ bin: Int, _ microphone: Int) -> Int {
    (bin &* layout.microphones &+ microphone) &* 2 &* layout.paddedDirections
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
          report()
        }
      }
    }
  }

  /// Evaluates the frame that the newest hop completes.
  private mutating func step() {
    let spectra = values(layout.spectra)
    let bins = fourier.bins
    let work = floats(layout.work)
    withUnsafeTemporaryWindow { windowed in
      for microphone in 0..<layout.microphones {
        let history = floats(layout.history) + microphone &* layout.frame
        let window = floats(layout.window)
        for index in 0..<layout.frame { windowed[index] = history[index] * window[index] }
        fourier.transform(windowed, to: spectra + microphone &* bins)
        (history).update(from: history + layout.hop, count: layout.frame &- layout.hop)
      }
    }
    let scores = floats(layout.scores)
    if decay < 1 {
      for index in 0..<layout.directions { scores[index] *= decay }
      votes *= decay
      overheadScore *= decay
    }
    frames &+= 1
    for bin in 0..<layout.bins {
      let frame = spectra + (layout.firstBin &+ bin)
      let vector = values(layout.vectors) + bin &* layout.microphones
      if configuration.method == HR_LOCATE_SRP_PHAT {
        guard Self.phases(frame, step: bins, layout.microphones, to: vector) else { continue }
        vote(bin, vector, weight: 1, isMusic: false, work, scores)
      } else {
        let covariance = SpatialCovariance(
          matrix: values(layout.covariances) + bin &* layout.microphones &* layout.microphones,
          vector: vector, microphones: layout.microphones)
        covariance.add(frame, step: bins)
        // The first frames' matrices have rank one whatever is heard.
        guard frames > 2 else { continue }
        let least = 1 / Float(layout.microphones)
        let dominance = (covariance.dominance() - least) / (1 - least)
        guard dominance > Self.leastDominance else { continue }
        vote(bin, vector, weight: dominance * dominance, isMusic: true, work, scores)
      }
    }
  }

  private func withUnsafeTemporaryWindow(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    // Frames have at most 4096 samples (192 kHz).
    var storage = InlineArray<4096, Float>(repeating: 0)
    withUnsafeMutablePointer(to: &storage) {
      body(UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self))
    }
  }

  /// The phases of a bin alone, as a vector of length 1; false if a microphone is silent there.
  private static func phases(
    _ frame: UnsafePointer<Value>, step: Int, _ microphones: Int,
    to vector: UnsafeMutablePointer<Value>
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

  /// Adds what a bin says about every direction.
  private mutating func vote(
    _ bin: Int, _ vector: UnsafePointer<Value>, weight: Float, isMusic: Bool,
    _ work: UnsafeMutablePointer<Float>, _ scores: UnsafeMutablePointer<Float>
  ) {
    let lanes = layout.paddedDirections / 8
    let scale = 1 / Float(layout.microphones)
    var greatest = SIMD8<Float>(repeating: 0)
    for lane in 0..<lanes {
      var re = SIMD8<Float>(repeating: 0)
      var im = SIMD8<Float>(repeating: 0)
      for microphone in 0..<layout.microphones {
        let steering = floats(layout.steering) + steeringOffset(bin, microphone) + lane &* 8
        let a = UnsafeRawPointer(steering).loadUnaligned(as: SIMD8<Float>.self)
        let b = UnsafeRawPointer(steering + layout.paddedDirections)
          .loadUnaligned(as: SIMD8<Float>.self)
        let v = vector[microphone]
        // conj(v) times the steering
        re += a * v.re + b * v.im
        im += b * v.re - a * v.im
      }
      let agreement = (re * re + im * im) * scale
      var value = agreement
      if isMusic {
        let distance = 1 - agreement
        value = 1 / distance.replacing(with: Self.floor, where: distance .< Self.floor)
      }
      greatest = greatest.replacing(with: value, where: value .> greatest)
      UnsafeMutableRawPointer(work + lane &* 8).storeBytes(of: value, as: SIMD8<Float>.self)
    }
    var factor = weight
    if isMusic {
      let overhead = grid.elevations == 1 ? overhead(vector) : 0
      factor /= max(greatest.max(), overhead)
      overheadScore += overhead * factor
    }
    votes += weight
    for lane in 0..<lanes {
      let place = UnsafeMutableRawPointer(scores + lane &* 8)
      let value = UnsafeRawPointer(work + lane &* 8).loadUnaligned(as: SIMD8<Float>.self)
      place.storeBytes(
        of: place.loadUnaligned(as: SIMD8<Float>.self) + value * factor, as: SIMD8<Float>.self)
    }
  }

  /// MUSIC's value for sound that reaches all microphones of a flat array at once: from straight above, or
  /// because channels are the same. What it explains better than any direction does not vote in full.
  private func overhead(_ vector: UnsafePointer<Value>) -> Float {
    var (re, im): (Float, Float) = (0, 0)
    for microphone in 0..<layout.microphones {
      re += vector[microphone].re
      im += vector[microphone].im
    }
    return 1 / max(1 - (re * re + im * im) / Float(layout.microphones), Self.floor)
  }

  /// Tells the handler what stands out, and what the tracker makes of it.
  private mutating func report() {
    var location = hr_location()
    location.struct_size = UInt32(MemoryLayout<hr_location>.size)
    location.sample = samples
    let peaks = Peaks(
      grid, floats(layout.scores), votes: votes, full: full,
      least: Self.overheadShare * overheadScore,
      most: configuration.maxDirections)
    location.direction_count = UInt32(peaks.count)
    for index in 0..<peaks.count { location.set(direction: index, peaks[index]) }
    tracker.update(
      peaks, elapsed: Float(period) / Float(array.sampleRate))
    tracker.fill(&location)
    if let handler = configuration.handler {
      handler(configuration.handlerContext, &location)
    }
  }
}
