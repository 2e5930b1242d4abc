import CHeadrace

/// Finds where sounds come from, frame by frame. Lies at the beginning of the caller's memory.
///
/// Each frame and frequency bin where one direct sound dominates votes for directions with the normalised
/// spectrum of MUSIC (Schmidt, 1986), weighed by how far it dominates, how loud it is and how sudden; votes of a window
/// add up. For SRP-PHAT (DiBiase, 2000) every bin votes with the power of a beam of unit phasors, weighed by how loud
/// it is. A network instead reads what bands of frequencies say of both, and its probabilities of a window are averaged;
/// one that reads samples gives features of frames, whose average is judged, and counts with MUSIC's votes.
struct Locator<Scalar: LocatorScalar>: CallerObject {
  typealias Value = Complex<Scalar>
  typealias Evidence = DirectionEvidence<Scalar.Votes.Element>

  static var typeMark: UInt { Scalar.locatorMark }

  let mark: UInt
  let array: MicrophoneArray
  let configuration: LocatorConfiguration
  let layout: LocatorLayout
  private let fourier: RealFourier<Scalar>
  private let base: UnsafeMutableRawPointer
  /// How much older votes keep of their weight from frame to frame; 1: all.
  private let decay: Float
  /// The same of evidence.
  private let evidenceFade: Float
  /// Samples between locations.
  private let period: Int
  private var tracker = Tracker()
  private var activity = SoundActivity()
  private var delays: PairDelays?

  /// Samples of the hop that have come.
  private var filled = 0
  private var samples: UInt64 = 0
  private var nextLocation: UInt64
  /// Since there was silence, up to six; then from three on again.
  private var frames = 0
  private var votes: Scalar.Votes
  private var evidence: Evidence?
  private var average: SampleAverage?
  private var onsets: OnsetWeights?
  /// Frames of the window, and those of them that had any vote.
  private var windowFrames: (all: Float, heard: Float) = (0, 0)
  /// How much the logarithms of probabilities weigh.
  private var weight: Float = 0

  /// Seconds for which evidence lasts before a network reads it. Shorter ones were no nearer at 64 ms, and farther off
  /// at 250.
  private static var evidenceTime: Float { 0.2 }
  /// How much the best of MUSIC's directions counts beside what samples say, as a logarithm: they err differently.
  private static var voteShare: Float { 2.5 }

  /// Of a window in which less than this part was heard, directions are told with less energy.
  private static var leastPresence: Float { 0.1 }

  /// Of power, -27 dB: what microphones hear in different places differs by more, however loud each is.
  private static var leastDifference: Float { 0.002 }

  /// Of a constant's power, -90 dB: what a transform leaves of it elsewhere is less.
  private static var leastChange: Float { 1e-9 }

  /// How much the newest frame counts in a covariance.
  private static var newest: Float { 0.4 }
  private static var newestOfSlow: Float { 0.2 }
  /// How much the slower ones count, each being of four frames.
  private static var slowShare: Float { 0.4 }

  /// What is less direct than this does not vote.
  private static var leastDirectness: Scalar { Scalar(factor: 0.3) }

  static func initialize(
    _ memory: CallerMemory, _ array: MicrophoneArray, _ configuration: LocatorConfiguration
  ) throws(Failure) -> UnsafeMutablePointer<Locator> {
    let layout = LocatorLayout(array, configuration)
    let memory = try memory.checked(needed: layout.byteCount)
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
    votes = Scalar.Votes(
      DirectionGrid(azimuths: configuration.azimuths, elevations: configuration.elevations), layout,
      memory)
    fourier = RealFourier(layout.frame, in: memory + layout.fourier)
    base = memory
    let hopSeconds = Float(layout.hop) / Float(array.sampleRate)
    decay =
      configuration.windowMilliseconds == 0
      ? 1 : Elementary.exp(-hopSeconds * 1000 / Float(configuration.windowMilliseconds))
    evidence = configuration.network.map {
      Evidence(
        bands: $0.bands, directions: $0.directions, in: memory + layout.evidence)
    }
    average = configuration.samples.map {
      SampleAverage(
        $0, array, windowMilliseconds: configuration.windowMilliseconds,
        in: memory + layout.average)
    }
    onsets =
      configuration.weighsOnsets
      ? OnsetWeights(bins: layout.bins, hop: hopSeconds, in: memory + layout.onsets) : nil
    delays = configuration.tellsDelays ? PairDelays(layout, memory) : nil
    evidenceFade = Elementary.exp(-hopSeconds / Self.evidenceTime)
    period = max(configuration.periodMilliseconds * array.sampleRate / 1000, 1)
    nextLocation = UInt64(period)
  }

  private func floats(_ offset: Int) -> UnsafeMutablePointer<Float> {
    (base + offset).assumingMemoryBound(to: Float.self)
  }
  private func scalars(_ offset: Int) -> UnsafeMutablePointer<Scalar> {
    (base + offset).assumingMemoryBound(to: Scalar.self)
  }
  private func values(_ offset: Int) -> UnsafeMutablePointer<Value> {
    (base + offset).assumingMemoryBound(to: Value.self)
  }

  private var binWidth: Float { Float(array.sampleRate) / Float(layout.frame) }
  private func frequency(_ bin: Int) -> Float { Float(layout.firstBin + bin) * binWidth }

  /// Of a bin; the slow ones come behind all others.
  private func covariance(_ index: Int) -> Scalar.Covariance {
    Scalar.Covariance(
      layout.microphones, in: base + layout.covariances + index &* layout.covarianceStride)
  }

  /// Fills window, steering vectors and the first guess of each bin's vector.
  private func prepare() {
    let window = scalars(layout.window)
    for index in 0..<layout.frame {
      let turn = UInt32(truncatingIfNeeded: (UInt64(index) << 32) / UInt64(layout.frame))
      // Hann, periodic
      window[index] = .fraction(1 << 30) - .fraction(SineQ31.cosine(turn) / 2)
    }
    votes.steer(array, firstBin: layout.firstBin, binWidth: binWidth)
    for bin in 0..<layout.bins { evidence?.place(bin: bin, at: frequency(bin)) }
    for index in 0..<layout.bins &* (configuration.votesSlowly ? 2 : 1) {
      covariance(index).begin()
    }
  }

  /// Takes in samples of all channels, interleaved.
  mutating func process(_ interleaved: AudioSamples, _ count: Int) throws(Failure) {
    guard interleaved.areUsable(count &* array.channelCount) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "a sample is not a number, or far beyond full scale",
        remedy: "check the sample format and what produces the sound")
    }
    let array = array
    for index in 0..<count {
      let first = index &* array.channelCount
      let newest = layout.frame &- layout.hop &+ filled
      for microphone in 0..<layout.microphones {
        let history = scalars(layout.history) + microphone &* layout.frame
        history[newest] = Scalar(sample: first &+ array.channel(microphone), of: interleaved)
        // As if the first sample had been there forever: constants would begin with a click.
        if samples == 0 { history.update(repeating: history[newest], count: layout.frame) }
      }
      filled &+= 1
      samples &+= 1
      if filled == layout.hop {
        step()
        filled = 0
      }
      // Where a network fails, all that came so far has been taken in.
      try average?.take(interleaved, from: first, array)
      if samples >= nextLocation {
        nextLocation = samples &+ UInt64(period)
        try report()
      }
    }
  }

  /// Evaluates the frame that the newest hop completes.
  @inline(never)
  private mutating func step() {
    let spectra = values(layout.spectra)
    let bins = fourier.bins
    let (window, windowed) = (scalars(layout.window), scalars(layout.windowed))
    let digits = Scalar.headroom(scalars(layout.history), layout.frame &* layout.microphones)
    for microphone in 0..<layout.microphones {
      let history = scalars(layout.history) + microphone &* layout.frame
      for index in 0..<layout.frame {
        windowed[index] = .product(history[index].raised(by: digits), window[index])
      }
      fourier.transform(windowed, to: spectra + microphone &* bins)
      history.update(from: history + layout.hop, count: layout.frame &- layout.hop)
    }
    let decay = decay
    votes.fade(to: Scalar(factor: decay))
    let before = votes.total
    delays?.fade(to: decay)
    let (isHeard, isApart) = listen(spectra, raisedBy: digits)
    // The first vote waits for the third: after silence, the first frames' matrices have rank one whatever is heard.
    // Every fourth frame, slower matrices vote.
    frames = isHeard ? frames < 6 ? frames + 1 : 3 : 0
    let hasVotes = frames > 2
    onsets?.advance()
    let evidenceFade = evidenceFade
    if evidence != nil { votes.fadeBeams(to: evidenceFade) }
    evidence?.fade(to: evidenceFade, hasVotes: hasVotes || !isHeard)
    for bin in 0..<layout.bins {
      let frame = spectra + (layout.firstBin &+ bin)
      let weights = isApart ? onsets?.weigh(floats(layout.powers)[bin], bin: bin) : nil
      if let weights {
        evidence?.weigh(.power, weights.steady, bin: bin)
        if hasVotes { evidence?.weigh(.votes, weights.onset, bin: bin) }
        if votesOfSlow { evidence?.weigh(.slowVotes, weights.loudness, bin: bin) }
      }
      if votesWithPower && isApart || delays != nil { addPhases(frame, bin, weights) }
      if votesWithSubspace, isApart { addSubspace(frame, bin, digits, weights, hasVotes) }
    }
    windowFrames.all = windowFrames.all * decay + 1
    windowFrames.heard = windowFrames.heard * decay + (votes.total > before ? 1 : 0)
  }

  private var votesWithPower: Bool {
    configuration.method == HR_LOCATE_SRP_PHAT || evidence != nil
  }
  /// This frame those of slower covariances count.
  private var votesOfSlow: Bool { configuration.votesSlowly && frames == 4 }
  private var votesWithSubspace: Bool {
    configuration.method != HR_LOCATE_SRP_PHAT
  }

  private mutating func addPhases(
    _ frame: UnsafePointer<Value>, _ bin: Int, _ weights: OnsetWeights.Weights?
  ) {
    var phases = InlineArray<16, Value>(repeating: .zero)
    let step = fourier.bins
    withUnsafeMutablePointer(to: &phases) { pointer in
      let phases = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Value.self)
      guard Scalar.phases(frame, step: step, layout.microphones, to: phases) else { return }
      delays?.add(phases, bin: bin)
      guard votesWithPower, let weights else { return }
      if let evidence {
        votes.add(beamOf: phases, bin: bin, weight: weights.steady, to: evidence)
      } else {
        votes.add(beamOf: phases, bin: bin, weight: Scalar(factor: weights.steady))
      }
    }
  }

  /// Notes the power of the bins that count: whether it is more than silence, and whether microphones hear more than
  /// constants, and not all the same but for how loud it is, copies of one channel, which come from no azimuth.
  private mutating func listen(
    _ spectra: UnsafePointer<Value>, raisedBy digits: Int
  ) -> (isHeard: Bool, isApart: Bool) {
    var (sum, apart, constant): (Float, Float, Float) = (0, 0, 0)
    let unit = Scalar.unit(raisedBy: digits, length: layout.frame)
    for bin in 0..<layout.bins {
      let first = spectra + (layout.firstBin &+ bin)
      let firstPower = first[0].power
      var power: Float = 0
      for microphone in 0..<layout.microphones {
        let value = first[microphone &* fourier.bins]
        let own = value.power
        power += own
        // 0 where phases are the same.
        apart += (own * firstPower).squareRoot() - first[0].product(value)
      }
      floats(layout.powers)[bin] = power * unit * unit
      sum += power
    }
    for microphone in 0..<layout.microphones {
      let mean = spectra[microphone &* fourier.bins].re.number
      constant += mean * mean
    }
    // Both halves of the spectrum; the squares of the window add up to 3/8 of its length.
    let scale = 2 / (0.375 * Float(layout.frame) * Float(layout.frame) * Float(layout.microphones))
    let power = sum * unit * unit * scale
    activity.add(power: power, seconds: Float(layout.hop) / Float(array.sampleRate))
    let isChange = constant == 0 || sum > Self.leastChange * constant
    let differs =
      configuration.elevations > 1 || sum == 0 || apart > Self.leastDifference * sum
    return (power > SoundActivity.leastPower, isChange && differs)
  }

  private mutating func addSubspace(
    _ frame: UnsafePointer<Value>, _ bin: Int, _ digits: Int,
    _ weights: OnsetWeights.Weights?, _ hasVotes: Bool
  ) {
    let covariance = covariance(bin)
    covariance.add(
      frame, step: fourier.bins, raisedBy: digits, newest: Scalar(factor: Self.newest))
    if configuration.votesSlowly, let weights {
      addSlowly(frame, bin, digits, weight: weights.loudness)
    }
    guard hasVotes else { return }
    let directness = covariance.directness()
    if configuration.method == HR_LOCATE_WIDEBAND_MUSIC {
      if directness > .zero { votes.add(plainSubspaceOf: covariance.vector, bin: bin) }
      return
    }
    guard directness > Self.leastDirectness, let weights else { return }
    let weight = Scalar.product(.product(directness, directness), Scalar(factor: weights.onset))
    vote(covariance.vector, bin, weight, floor: .ofFew, as: .votes)
  }

  @inline(never)
  private mutating func vote(
    _ vector: UnsafePointer<Value>, _ bin: Int, _ weight: Scalar, floor: SpectrumFloor,
    as kind: EvidenceKind
  ) {
    guard evidence != nil else {
      votes.add(subspaceOf: vector, bin: bin, weight: weight, floor: floor)
      return
    }
    let spectrum = votes.spectrum(vector, bin: bin, weight: weight, floor: floor)
    evidence?.add(kind, spectrum.values, factor: spectrum.factor, bin: bin)
    evidence?.hear()
  }

  /// Where little was heard, what is the same for longer says most.
  @inline(never)
  private mutating func addSlowly(
    _ frame: UnsafePointer<Value>, _ bin: Int, _ digits: Int, weight: Float
  ) {
    let covariance = covariance(layout.bins &+ bin)
    covariance.add(
      frame, step: fourier.bins, raisedBy: digits, newest: Scalar(factor: Self.newestOfSlow))
    guard votesOfSlow else { return }
    let directness = covariance.directness()
    guard directness > Self.leastDirectness else { return }
    let share = evidence == nil ? Self.slowShare : 1
    vote(
      covariance.vector, bin, .product(directness, Scalar(factor: share * weight)),
      floor: .ofMany, as: .slowVotes)
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
    location.level_db = activity.level
    location.noise_db = activity.noise
    location.is_active = activity.isActive ? 1 : 0
    delays?.find(array, layout, to: &location)
    if let handler = configuration.handler {
      handler(configuration.handlerContext, &location)
    }
  }

  private mutating func peaks() throws(Failure) -> Peaks {
    if average != nil { return try samplePeaks() }
    guard let network = configuration.network, let evidence else {
      let presence = windowFrames.heard / max(windowFrames.all, 1)
      return Peaks(
        votes, full: configuration.full, presence: min(presence / Self.leastPresence, 1),
        confidence: configuration.confidence,
        most: configuration.maxDirections)
    }
    try readEvidence(evidence, network)
    guard weight > 0 else { return Peaks() }
    let (logarithms, probabilities) = (floats(layout.logarithms), floats(layout.probabilities))
    for index in 0..<network.directions { probabilities[index] = logarithms[index] / weight }
    softmax(probabilities, network.directions)
    return Peaks(
      votes.grid, probabilities: probabilities, presence: evidence.presence,
      confidence: configuration.confidence, most: configuration.maxDirections)
  }

  /// Asks the network that reads evidence, if there is any of late. What it says counts as the geometric mean over
  /// the window.
  private mutating func readEvidence(
    _ evidence: Evidence, _ network: DirectionNetwork
  ) throws(Failure) {
    guard evidence.presence > 0 else { return }
    let (logarithms, found) = (floats(layout.logarithms), floats(layout.probabilities))
    votes.complete(evidence)
    evidence.write(to: floats(layout.maps), width: network.width)
    try network.run(floats(layout.maps), to: found)
    let share =
      configuration.windowMilliseconds == 0
      ? 1
      : Elementary.exp(
        -Float(period) * 1000 / Float(array.sampleRate * configuration.windowMilliseconds))
    // The first guesses rest on little.
    let completeness = evidence.completeness(fade: evidenceFade)
    let newest = completeness * completeness
    weight = weight * share + newest
    addLogarithms(found, network.directions, share: newest, to: logarithms, keeping: share)
  }

  /// What the network that reads samples says, and with it votes.
  private mutating func samplePeaks() throws(Failure) -> Peaks {
    let distribution = AzimuthDistribution(in: floats(layout.distribution))
    guard try average?.judge(to: distribution) ?? false, let average else { return Peaks() }
    let agreement = distribution.add(
      votes: votes.scores(), votes.grid.count, total: votes.total, share: Self.voteShare,
      least: Peaks.leastScore(beside: votes.overheadScore))
    distribution.normalize()
    return Peaks(
      distribution, presence: average.presence, agreement: agreement,
      most: configuration.maxDirections, ofLittle: average.isOfOneFrame)
  }
}
