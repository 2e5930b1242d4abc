import CHeadrace

/// Follows sources from location to location.
///
/// A direction that no track explains founds a candidate; one that is heard again often enough within a
/// second becomes a track with a number of its own. A track survives pauses, in which its direction keeps
/// still, and ends when it was not heard for seconds.
struct Tracker {
  private struct Source: BitwiseCopyable {
    var id: UInt32 = 0  // 0: a candidate
    var isUsed = false
    var direction = hr_direction()
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
  /// Seconds in which activity follows what is heard, and seconds in which the direction does.
  private static var activityTime: Float { 0.4 }
  private static var directionTime: Float { 0.15 }

  /// - Parameter elapsed: seconds since the last update.
  mutating func update(_ peaks: Peaks, elapsed: Float) {
    var heard = InlineArray<16, Bool>(repeating: false)
    for index in 0..<peaks.count {
      let peak = peaks[index]
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
    let rate = min(1, elapsed / Self.directionTime)
    let old = sources[index].direction
    var x = old.x + rate * (peak.x - old.x)
    var y = old.y + rate * (peak.y - old.y)
    var z = old.z + rate * (peak.z - old.z)
    let length = max((x * x + y * y + z * z).squareRoot(), 1e-6)
    (x, y, z) = (x / length, y / length, z / length)
    var azimuth = Elementary.atan2(y, x) * (180 / .pi)
    if azimuth < 0 { azimuth += 360 }
    sources[index].direction = hr_direction(
      azimuth: azimuth, elevation: Elementary.asin(z) * (180 / .pi), x: x, y: y, z: z,
      energy: peak.energy)
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
