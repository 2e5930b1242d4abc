import CHeadrace

/// A network that makes features of a frame of samples, and the one that judges the average of many frames', in
/// sessions of the caller's.
struct SampleNetwork {
  /// Samples a second, of frames.
  static var rate: Int { 16_000 }

  private let frame: BorrowedSession
  private let judge: BorrowedSession
  let microphones: Int
  /// Samples of each microphone in a frame.
  let length: Int
  /// Whether samples of one moment follow one another, and not those of one microphone.
  let isInterleaved: Bool
  let features: Int
  let directions: Int
  /// How the logarithm of a frame's weight grows with that of its strength.
  let loudness: Float
  /// Which of the array's microphones each of the network's is.
  let order: InlineArray<16, UInt8>

  /// Throws `HR_INVALID_ARGUMENT` with what does not fit what.
  init(
    _ samples: OpaquePointer?, _ judge: OpaquePointer?, _ array: MicrophoneArray, isFixed: Bool
  ) throws(Failure) {
    guard let judge = BorrowedSession(judge), let frame = BorrowedSession(samples) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the locator's samples or its judge is no session",
        remedy: "open NAME.hrm and NAME.judge.hrm of a network that reads samples")
    }
    guard judge.hasOneInput, judge.input.isOfNumbers, judge.output.isOfNumbers,
      (24...360).contains(judge.output.elements)
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the judge's model does not tell directions",
        remedy: "use NAME.judge.hrm, where NAME.hrm reads samples")
    }
    guard let (first, second) = frame.input.lastAxes, min(first, second) <= 16,
      (128...16_384).contains(max(first, second)), frame.hasOneInput, frame.input.isOfNumbers,
      let trained = frame.text("microphones").flatMap({ TrainedMicrophones($0) }),
      trained.count == min(first, second), let loudness = Self.loudness(frame)
    else {
      throw Failure(
        HR_INVALID_ARGUMENT,
        "the samples' model reads no frames of samples, or does not say of which array",
        remedy: "use a network with the metadata microphones and loudness")
    }
    guard let features = Self.output(of: frame, with: judge.input.elements) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the judge does not read what the samples' model makes",
        remedy: "use NAME.judge.hrm with NAME.hrm")
    }
    guard !isFixed || frame.isFixed && judge.isFixed else { throw .floatingPointNetwork }
    guard array.count == trained.count else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the network was trained for another number of microphones",
        remedy: "use one for this array, or the method network, which takes any")
    }
    guard frame.text("name").isLike(judge.text("name")) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the judge is another network's than what makes the features",
        remedy: "use NAME.judge.hrm with NAME.hrm")
    }
    guard array.sampleRate % Self.rate == 0 else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the sampling rate is no multiple of the network's 16 kHz",
        remedy: "record at 16, 32, 48 or 96 kHz")
    }
    guard let order = trained.order(in: array) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the microphones do not stand where those of the network do",
        remedy: "use one for this array, or the method network; its metadata lists the places")
    }
    (self.frame, self.judge) = (features, judge)
    (microphones, length) = (trained.count, max(first, second))
    isInterleaved = second < first
    (self.features, directions) = (judge.input.elements, judge.output.elements)
    (self.loudness, self.order) = (loudness, order)
  }

  private static func loudness(_ frame: BorrowedSession) -> Float? {
    guard let text = frame.text("loudness") else { return nil }
    var numbers = TextScanner(text)
    guard let value = numbers.fraction(), numbers.isAtEnd(), value >= 0, value <= 2 else {
      return nil
    }
    return value
  }

  /// The session with the output that holds so many numbers; the last of them, for directions come first.
  private static func output(of frame: BorrowedSession, with elements: Int) -> BorrowedSession? {
    var (index, found) = (UInt32(0), BorrowedSession?.none)
    while let output = BorrowedSession(frame.handle, output: index, alone: true) {
      if output.output.isOfNumbers, output.output.elements == elements { found = output }
      index &+= 1
    }
    return found
  }

  /// What a frame of unit power, in the network's order, holds.
  func read(
    _ frame: UnsafePointer<Float>, to features: UnsafeMutablePointer<Float>
  ) throws(Failure) {
    try run(self.frame, frame, microphones &* length, features, self.features)
  }

  /// Logits of directions around, of averaged features.
  func judge(
    _ features: UnsafePointer<Float>, to logits: UnsafeMutablePointer<Float>
  ) throws(Failure) {
    try run(judge, features, self.features, logits, directions)
  }

  private func run(
    _ session: BorrowedSession, _ input: UnsafePointer<Float>, _ inputCount: Int,
    _ output: UnsafeMutablePointer<Float>, _ outputCount: Int
  ) throws(Failure) {
    guard session.runToNumbers(input, inputCount, to: output, outputCount) else {
      throw .networkFailed
    }
  }
}

extension Text? {
  /// Whether both say the same, or one says nothing.
  fileprivate func isLike(_ other: Text?) -> Bool {
    guard let self, let other else { return true }
    guard self.count == other.count else { return false }
    for index in 0..<self.count where self.start[index] != other.start[index] { return false }
    return true
  }
}
