import CHeadrace

/// Follows sources from location to location.
///
/// A direction that no track explains founds a candidate; one that is heard again often enough within a
/// second becomes a track with a number of its own. A track survives pauses, in which its direction keeps
/// still or, if it was moving, moves on for a moment, and ends when it was not heard for seconds. So two that cross
/// keep their numbers, though they are one direction while they meet.
struct Tracker {
  private struct Source: BitwiseCopyable {
    var id: UInt32 = 0  // 0: a candidate
    var isUsed = false
    var direction = hr_direction()
    /// By how much the unit vector changes in a second.
    var velocity = Vector3(x: 0, y: 0, z: 0)
    /// Seconds for which it has been with another, in one direction; 0 where it is alone.
    var meeting: Float = 0
    var meets: Bool { meeting > 0 }
    /// 0 ... 1: how much of it was heard lately.
    var activity: Float = 0
    var silence: Float = 0
  }

  private var sources = InlineArray<16, Source>(repeating: Source())
  private var lastID: UInt32 = 0

  /// Degrees within which a direction may belong to a track.
  private static var gate: Float { 22 }
  /// Activity that makes a candidate a track, and seconds of silence that end either.
  private static var birth: Float { 0.35 }
  private static var candidateSilence: Float { 0.5 }
  private static var trackSilence: Float { 2.5 }
  /// How much of what a prediction misses, of a second, changes the velocity; and seconds in which it is forgotten
  /// while heard and while not.
  private static var velocityGain: Float { 0.8 }
  private static var velocityTime: Float { 2 }
  private static var coastingTime: Float { 0.7 }
  /// Seconds since a track was heard for it to be one of several that meet.
  private static var meetingSilence: Float { 0.3 }
  /// Seconds after which those that meet are one.
  private static var longestMeeting: Float { 3 }
  /// Slower sources, in radians a second, are still: it is the measurement that moves.
  private static var leastSpeed: Float { 0.17 }
  /// Seconds in which activity follows what is heard, and seconds in which the direction does.
  private static var activityTime: Float { 0.4 }
  private static var directionTime: Float { 0.15 }

  /// - Parameter elapsed: seconds since the last update.
  mutating func update(_ peaks: Peaks, elapsed: Float) {
    var heard = InlineArray<16, Bool>(repeating: false)
    for index in 0..<16 where sources[index].isUsed { predict(index, elapsed) }
    for index in 0..<peaks.count {
      let peak = peaks[index]
      if shares(peak, index, peaks, &heard, elapsed) { continue }
      if let source = nearest(peak, heard) {
        heard[source] = true
        follow(source, peak, elapsed)
      } else if let free = freePlace() {
        sources[free] = Source(isUsed: true, direction: peak)
        heard[free] = true
        raise(free, peak, elapsed)
      }
    }
    for index in 0..<16 where sources[index].isUsed && !heard[index] {
      sources[index].silence += elapsed
      slow(index, max(0, 1 - elapsed / Self.coastingTime))
      sources[index].activity *= max(0, 1 - elapsed / Self.activityTime)
      let limit = sources[index].id == 0 ? Self.candidateSilence : Self.trackSilence
      if sources[index].silence > limit { sources[index].isUsed = false }
    }
    for index in 0..<16
    where sources[index].isUsed && sources[index].id == 0 && sources[index].activity >= Self.birth {
      lastID &+= 1
      sources[index].id = lastID
    }
  }

  /// Where several tracks that were just heard meet, one direction stands for all of them, and tells of none where
  /// it is: they move on as they did. False if there are no two.
  private mutating func shares(
    _ peak: hr_direction, _ index: Int, _ peaks: Peaks, _ heard: inout InlineArray<16, Bool>,
    _ elapsed: Float
  ) -> Bool {
    var meeting = InlineArray<16, Bool>(repeating: false)
    var count = 0
    for source in 0..<16
    where sources[source].isUsed && sources[source].id != 0
      && sources[source].silence < Self.meetingSilence && nearestPeak(to: source, peaks) == index
    {
      meeting[source] = true
      count += 1
    }
    guard count > 1 else { return false }
    for source in 0..<16 where meeting[source] {
      heard[source] = true
      sources[source].meeting += elapsed
      raise(source, peak, elapsed)
      if sources[source].meeting > Self.longestMeeting, isYounger(source, meeting) {
        sources[source].isUsed = false
      }
    }
    return true
  }

  /// Whether one of those that meet was there before.
  private func isYounger(_ source: Int, _ meeting: InlineArray<16, Bool>) -> Bool {
    for other in 0..<16
    where meeting[other] && sources[other].isUsed && sources[other].id < sources[source].id {
      return true
    }
    return false
  }

  private func nearestPeak(to source: Int, _ peaks: Peaks) -> Int? {
    var best: Int?
    var greatest = Vector3(azimuth: Peaks.leastAngle, elevation: 0).x
    for index in 0..<peaks.count {
      let cosine = sources[source].direction.vector.dot(peaks[index].vector)
      if cosine > greatest { (best, greatest) = (index, cosine) }
    }
    return best
  }

  /// The track nearest to a direction, or else the candidate.
  private func nearest(_ peak: hr_direction, _ heard: InlineArray<16, Bool>) -> Int? {
    nearest(peak, heard, amongTracks: true) ?? nearest(peak, heard, amongTracks: false)
  }

  private func nearest(
    _ peak: hr_direction, _ heard: InlineArray<16, Bool>, amongTracks: Bool
  ) -> Int? {
    var best: Int?
    var greatest = Vector3(azimuth: Self.gate, elevation: 0).x
    for index in 0..<16
    where sources[index].isUsed && !heard[index] && (sources[index].id != 0) == amongTracks {
      let cosine = sources[index].direction.vector.dot(peak.vector)
      if cosine > greatest { (best, greatest) = (index, cosine) }
    }
    return best
  }

  private func freePlace() -> Int? {
    for index in 0..<16 where !sources[index].isUsed { return index }
    return nil
  }

  private mutating func raise(_ index: Int, _ peak: hr_direction, _ elapsed: Float) {
    let rate = min(1, elapsed / Self.activityTime)
    // A direction that stands out half as far as one can is fully there.
    sources[index].activity += rate * (min(1, 2 * peak.energy) - sources[index].activity)
    sources[index].silence = 0
  }

  private mutating func follow(_ index: Int, _ peak: hr_direction, _ elapsed: Float) {
    raise(index, peak, elapsed)
    sources[index].meeting = 0
    let missed = peak.vector - sources[index].direction.vector
    slow(index, max(0, 1 - elapsed / Self.velocityTime))
    sources[index].velocity = sources[index].velocity + missed.scaled(by: Self.velocityGain)
    move(index, by: missed.scaled(by: min(1, elapsed / Self.directionTime)))
    sources[index].direction.energy = peak.energy
  }

  /// Moves a source to where it should be now.
  private mutating func predict(_ index: Int, _ elapsed: Float) {
    guard sources[index].meets || sources[index].velocity.length > Self.leastSpeed else { return }
    move(index, by: sources[index].velocity.scaled(by: elapsed))
  }

  private mutating func slow(_ index: Int, _ share: Float) {
    sources[index].velocity = sources[index].velocity.scaled(by: share)
  }

  private mutating func move(_ index: Int, by step: Vector3) {
    let place = sources[index].direction.vector + step
    let unit = place.scaled(by: 1 / max(place.length, 1e-6))
    var azimuth = Elementary.atan2(unit.y, unit.x) * (180 / .pi)
    if azimuth < 0 { azimuth += 360 }
    sources[index].direction = hr_direction(
      azimuth: azimuth, elevation: Elementary.asin(unit.z) * (180 / .pi), x: unit.x, y: unit.y,
      z: unit.z, energy: sources[index].direction.energy)
  }

  func fill(_ location: inout hr_location) {
    var count = 0
    for index in 0..<16
    where sources[index].isUsed && sources[index].id != 0 && count < Int(HR_MAX_TRACKS) {
      location.set(
        track: count,
        hr_track(
          id: sources[index].id, direction: sources[index].direction,
          activity: sources[index].activity))
      count += 1
    }
    location.track_count = UInt32(count)
  }
}
