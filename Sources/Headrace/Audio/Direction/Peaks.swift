import CHeadrace

/// The directions that stand out, the strongest first.
struct Peaks {
  private(set) var count = 0
  /// Which part of the energy of what stands out is told.
  private var confidence: Float = 1
  private var all = InlineArray<4, hr_direction>(repeating: hr_direction())

  subscript(_ index: Int) -> hr_direction { all[index] }

  /// Sources nearer to one another than this are one, in degrees.
  static var leastAngle: Float { 20 }
  /// Directions that stand out less are not told.
  private static var leastEnergy: Float { 0.06 }

  /// How far votes agree where talkers are told with full energy, and the least part of it that is told.
  private static var talkersAgreement: Float { 0.15 }
  private static var leastConfidence: Float { 0.2 }

  /// Directions that score less than this part of what straight above does are not told: low frequencies do
  /// not tell it from a talker far away, all frequencies together do.
  static func leastScore(beside overhead: Float) -> Float { 0.5 * overhead }

  init() {}

  /// - Parameters:
  ///   - full: how far a direction stands out, of what it would if all votes agreed, to be told with full energy.
  ///   - presence: which part of that energy there is.
  ///   - confidence: which part of it is told.
  init(_ votes: some DirectionVoting, full: Float, presence: Float, confidence: Float, most: Int) {
    guard votes.total > 0 else {
      self.init()
      return
    }
    self.init(
      votes.grid, votes.scores(), all: votes.total * full, presence: presence,
      confidence: confidence, least: Self.leastScore(beside: votes.overheadScore), most: most)
  }

  /// - Parameter all: what a direction scores more than the mean if all votes agree.
  @inline(never)
  private init(
    _ grid: DirectionGrid, _ scores: UnsafePointer<Float>, all: Float, presence: Float,
    confidence: Float, least: Float, most: Int
  ) {
    self.confidence = confidence
    var mean: Float = 0
    for index in 0..<grid.count { mean += scores[index] }
    mean /= Float(grid.count)
    while count < most, let best = nextPeak(grid, scores, least: least) {
      // 0 where all directions are alike.
      let energy = max(0, scores[best] - mean) / all * presence
      guard tell(energy, at: grid.refine(best, scores)) else { return }
    }
  }

  /// Of probabilities of directions around.
  /// - Parameters:
  ///   - presence: how much of the time anything was heard.
  ///   - confidence: which part of the energy is told.
  init(
    _ grid: DirectionGrid, probabilities: UnsafePointer<Float>, presence: Float, confidence: Float,
    most: Int
  ) {
    self.confidence = confidence
    while count < most, let best = nextPeak(grid, probabilities, least: 0) {
      let energy = Self.nearness(best, probabilities, grid.azimuths) * presence
      guard tell(energy, at: grid.refine(best, probabilities)) else { return }
    }
  }

  /// The same of whole degrees, each direction where the expected distance is least from talkers near a peak; or from
  /// all, if one direction is asked for of little sound: then it is nearer on average.
  /// - Parameter agreement: how far votes agree. Networks of samples find talkers in noise from all around, where they
  ///   do not: then energy is less.
  init(
    _ distribution: AzimuthDistribution, presence: Float, agreement: Float, most: Int,
    ofLittle: Bool
  ) {
    confidence = min(max(agreement / Self.talkersAgreement, Self.leastConfidence), 1)
    let (values, degrees) = (UnsafePointer(distribution.values), AzimuthDistribution.count)
    if most == 1, ofLittle {
      let place = distribution.median(around: 0, reach: degrees / 2)
      if tell(Self.nearness(place.degree, values, degrees) * presence, at: Self.place(place)) {
        return
      }
      // Between two peaks nothing stands out, but one of them may.
    }
    let grid = DirectionGrid(azimuths: degrees, elevations: 1)
    while count < most, let best = nextPeak(grid, values, least: 0) {
      let place = distribution.median(around: best, reach: Int(Self.leastAngle / 2))
      guard tell(Self.nearness(best, values, degrees) * presence, at: Self.place(place)) else {
        return
      }
    }
  }

  private static func place(
    _ median: (degree: Int, fraction: Float)
  ) -> (azimuth: Float, elevation: Float) {
    let azimuth = Float(median.degree) + median.fraction
    return (azimuth < 0 ? azimuth + 360 : azimuth, 0)
  }

  /// How much of the probability lies near a direction, beyond what does where all directions are alike: 0 ... 1.
  private static func nearness(
    _ best: Int, _ probabilities: UnsafePointer<Float>, _ azimuths: Int
  ) -> Float {
    let reach = Int(leastAngle / 2 * Float(azimuths) / 360)
    let even = Float(2 * reach + 1) / Float(azimuths)
    var mass: Float = 0
    for offset in -reach...reach { mass += probabilities[(best + offset + azimuths) % azimuths] }
    return max(0, mass - even) / (1 - even)
  }

  /// The best peak far from those that are told already, if it scores more than `least`.
  @inline(never)  // it is long, and called once for each location
  private func nextPeak(
    _ grid: DirectionGrid, _ scores: UnsafePointer<Float>, least: Float
  ) -> Int? {
    var best = -1
    for index in 0..<grid.count
    where grid.isPeak(index, scores) && (best < 0 || scores[index] > scores[best])
      && isFarFromAll(grid.vector(index))
    { best = index }
    return best >= 0 && scores[best] > least ? best : nil
  }

  /// False if the energy is too little.
  @inline(never)
  private mutating func tell(_ energy: Float, at place: (azimuth: Float, elevation: Float)) -> Bool
  {
    guard energy >= Self.leastEnergy else { return false }
    let vector = Vector3(azimuth: place.azimuth, elevation: place.elevation)
    add(
      hr_direction(
        azimuth: place.azimuth, elevation: place.elevation, x: vector.x, y: vector.y,
        z: vector.z, energy: min(energy * confidence, 1)))
    return true
  }

  /// Of at most four.
  mutating func add(_ direction: hr_direction) {
    all[count] = direction
    count += 1
  }

  private func isFarFromAll(_ vector: Vector3) -> Bool {
    let limit = Vector3(azimuth: Self.leastAngle, elevation: 0).x
    for index in 0..<count where all[index].vector.dot(vector) > limit { return false }
    return true
  }
}

extension hr_direction {
  var vector: Vector3 { Vector3(x: x, y: y, z: z) }
}

extension hr_location {
  mutating func set(direction index: Int, _ direction: hr_direction) {
    withUnsafeMutableBytes(of: &directions) {
      $0.storeBytes(
        of: direction, toByteOffset: index * MemoryLayout<hr_direction>.stride,
        as: hr_direction.self)
    }
  }
  mutating func set(track index: Int, _ track: hr_track) {
    withUnsafeMutableBytes(of: &tracks) {
      $0.storeBytes(
        of: track, toByteOffset: index * MemoryLayout<hr_track>.stride, as: hr_track.self)
    }
  }
}
